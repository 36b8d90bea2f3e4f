//! The thread that keeps everything behind the journal up to date.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use kernel::Result;
use store::{Store, sql};

use crate::{Consumer, Sealer, consume::step, sequence::sequence};

/// Longest pause between two looks at the journal; other processes' commits are seen within it.
const PAUSE: Duration = Duration::from_millis(200);
/// Rounds between two seals at most; with the pause above a seal is at most a second behind.
const ROUNDS_PER_SEAL: u32 = 4;

/// Sequences, feeds the consumers and seals, until it is dropped.
pub struct Runner {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Runner {
    /// Starts the thread.
    pub fn start(
        store: Store,
        consumers: Vec<Arc<dyn Consumer>>,
        sealer: Arc<Sealer>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let news = store.subscribe();
            let mut rounds = 0;
            while !stopped.load(Ordering::SeqCst) {
                let moved = round(&store, &consumers);
                rounds += 1;
                if rounds >= ROUNDS_PER_SEAL {
                    rounds = 0;
                    log("seal", sealer.seal(&store));
                }
                if moved == 0 {
                    let _ = news.recv_timeout(PAUSE);
                    // Our own commits announce themselves too; take the word away and gather a little.
                    thread::sleep(Duration::from_millis(2));
                    let _ = news.try_recv();
                }
            }
        };
        let thread = thread::Builder::new().name("journal".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn round(store: &Store, consumers: &[Arc<dyn Consumer>]) -> usize {
    // A look costs a read; a transaction that writes nothing would still announce itself, and wake this thread again.
    let waiting = store.read_blocking(|tx| {
        let first: Option<(i64,)> = tx.opt(sql!("SELECT 1 FROM fact_new LIMIT 1"), &[])?;
        Ok(usize::from(first.is_some()))
    });
    let mut moved = 0;
    if log("look", waiting) > 0 {
        moved += log("sequence", store.write_blocking("journal.sequence", sequence));
    }
    for consumer in consumers {
        let name = consumer.name();
        // Looking costs a read; only those who are behind open a transaction that writes.
        let behind = store.read_blocking(move |tx| {
            Ok(crate::consume::position_of(tx, name)? < crate::consume::head_pos(tx)?)
        });
        if log("look", behind.map(usize::from)) > 0 {
            let consumer = consumer.clone();
            moved += log(name, store.write_blocking(name, move |tx| step(tx, consumer.as_ref())));
        }
    }
    moved
}

/// A failure here is tried again in the next round, so it is logged and not passed on.
fn log<T: Default>(what: &str, outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| {
        tracing::error!(what, ?error, "the journal's work failed and will be tried again");
        thread::sleep(Duration::from_millis(100));
        T::default()
    })
}
