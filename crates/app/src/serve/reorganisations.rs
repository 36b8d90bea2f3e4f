//! Reorganisations that were planned for a day are carried out when it has come.
//!
//! Several processes may look at once: the status of each changes in the transaction that carries it out.

use std::time::Duration;

use store::Store;

/// Pause between two looks.
pub const PAUSE: Duration = Duration::from_secs(60);

/// Carries out what is due; a failure is tried again at the next look.
pub fn work(store: &Store) {
    loop {
        let due = store.read_blocking(network::is_due);
        let done = match due {
            Ok(false) => return,
            Ok(true) => store.write_blocking("network.apply_due", network::apply_due),
            Err(error) => Err(error),
        };
        match done {
            Ok(Some(id)) => tracing::info!(%id, "a planned reorganisation has taken effect"),
            Ok(None) => {
                tracing::warn!("a planned reorganisation cannot take effect; its page at the desk says why");
                return;
            }
            Err(error) => {
                tracing::error!(?error, "a planned reorganisation failed and will be tried again");
                return;
            }
        }
    }
}
