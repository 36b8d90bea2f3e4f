//! What has run out is thrown away: sessions, links, codes, counters of limits, answers to old commands, files of lists, files with
//! organisations.
//!
//! None of it is a record. Several processes may do it at once: each row goes once.

use std::time::Duration;

use kernel::Result;
use store::Store;

/// Pause between two rounds.
pub const PAUSE: Duration = Duration::from_secs(3_600);
/// Days for which the answer to a command is kept: a form or a device that sends it again later is not recognised any more.
pub const ANSWER_DAYS: i32 = 90;

/// Rows that a round threw away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions, links and codes.
    pub access: u64,
    /// Counters of limits.
    pub counters: u64,
    /// Answers to commands.
    pub answers: u64,
    /// Files of lists.
    pub exports: u64,
    /// Batches that were drawn up and never ordered.
    pub batches: u64,
    /// Files with organisations that were looked through.
    pub imports: u64,
}

/// One round.
///
/// # Errors
/// Those of the store; what was thrown away before stays so.
pub fn round(store: &Store) -> Result<Swept> {
    let access = store.write_blocking("people.sweep", people::sweep)?;
    let counters = store.write_blocking("web.sweep", web::limit::sweep)?;
    let before = store.clock().now().day().plus(-ANSWER_DAYS).start();
    let answers = journal::forget_answers(store, before)?;
    let exports = store.write_blocking("portal.sweep", portal::exports::sweep)?;
    mend_lines(store)?;
    let batches = portal::sweep_batches(store)?;
    let imports = network::sweep_imports(store)?;
    Ok(Swept { access, counters, answers, exports, batches, imports })
}

/// Lists of offers are made whole: a program of before may have written offers beside this one.
fn mend_lines(store: &Store) -> Result<()> {
    loop {
        let behind = store.read_blocking(catalog::lines_behind)?;
        if behind.is_empty() {
            return Ok(());
        }
        tracing::info!(offers = behind.len(), "offers are entered in the lists");
        store.write_blocking("catalog.mend_lines", move |tx| catalog::mend_lines(tx, &behind))?;
    }
}

/// One round, told in the log.
pub fn work(store: &Store) {
    match round(store) {
        Ok(swept) if swept == Swept::default() => {}
        Ok(Swept { access, counters, answers, exports, batches, imports }) => {
            tracing::info!(
                access,
                counters,
                answers,
                exports,
                batches,
                imports,
                "what has run out was thrown away"
            )
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:?}"), "what has run out could not be thrown away")
        }
    }
}
