//! Who asked that her account be closed is erased when her days are over ([`people::erase_due`]).

use std::{sync::Arc, time::Duration};

use people::Vault;
use store::Store;

/// Pause between two looks.
pub const PAUSE: Duration = Duration::from_secs(600);

/// One look, told in the log; who it was is not told.
pub fn work(store: &Store, vault: &Arc<Vault>) {
    match people::erase_due(store, vault) {
        Ok(0) => {}
        Ok(erased) => {
            tracing::info!(erased, "accounts were erased as their owners asked");
            // What was hers would stand in the log of the database until it is next written back.
            if let Err(error) = store.scrub_blocking() {
                tracing::warn!(error = format!("{error:?}"), "the log of the database was not emptied");
            }
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:?}"), "accounts could not be erased, it is tried again")
        }
    }
}
