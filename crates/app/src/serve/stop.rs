//! Stopping without hurting anybody: the first signal lets everything end, the second ends everything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kernel::{Clock, Error, Result};
use store::Store;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// Pause between two looks at the database.
const PULSE: Duration = Duration::from_secs(1);
/// The database counts as away when it has not answered for so many seconds.
const SILENCE_SECONDS: i64 = 10;

/// Whether the process takes requests, and whether its database answers: what `/readyz` tells.
pub struct Readiness {
    stopping: AtomicBool,
    /// Milliseconds of the last answer of the database.
    answered: AtomicI64,
    clock: Arc<dyn Clock>,
}

impl Readiness {
    /// Begins ready.
    pub fn new(store: &Store) -> Arc<Self> {
        let clock = store.clock().clone();
        let answered = AtomicI64::new(clock.now().millis());
        Arc::new(Self { stopping: AtomicBool::new(false), answered, clock })
    }

    /// From now on not ready.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// `Ok` while requests are welcome.
    ///
    /// # Errors
    /// `store.unavailable` while the process stops or the database is silent.
    pub fn check(&self) -> Result<()> {
        let silent = self.clock.now().millis() - self.answered.load(Ordering::Relaxed);
        if self.stopping.load(Ordering::SeqCst) {
            return Err(Error::new(&store::UNAVAILABLE).arg("process", "stopping"));
        }
        if silent > SILENCE_SECONDS * 1_000 {
            return Err(Error::new(&store::UNAVAILABLE).arg("silent_ms", silent));
        }
        Ok(())
    }

    /// Looks at the database again and again, until the program stops.
    pub async fn follow(self: Arc<Self>, store: Store) {
        while !self.stopping.load(Ordering::SeqCst) {
            if store.read(|tx| tx.one::<(i64,)>(store::sql!("SELECT 1"), &[])).await.is_ok() {
                self.answered.store(self.clock.now().millis(), Ordering::Relaxed);
            }
            tokio::time::sleep(PULSE).await;
        }
    }
}

/// The signals that end the program. From [`Signals::listen`] on none of them kills it.
pub struct Signals {
    term: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen; called inside the runtime, before anybody is told that the program serves.
    ///
    /// # Errors
    /// The system gives no signals.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Tells of the first signal (SIGTERM or Ctrl-C); the second ends the process at once.
    #[expect(clippy::disallowed_methods, reason = "who asks twice does not want to wait for anything")]
    pub async fn tell(mut self, first: watch::Sender<bool>) {
        for round in 0_u8.. {
            tokio::select! {
                _ = self.term.recv() => {}
                _ = self.interrupt.recv() => {}
            }
            if round > 0 {
                tracing::warn!("told to stop twice: ending at once");
                std::process::exit(1);
            }
            let _ = first.send(true);
        }
    }
}

/// Resolves when the word is given.
pub async fn given(mut word: watch::Receiver<bool>) {
    let _ = word.wait_for(|given| *given).await;
}

/// Waits until every consumer has taken every fact, or the time is over; tells whether they have.
pub fn drained(store: &Store, names: &[&'static str], within: Duration) -> bool {
    let begun = Instant::now();
    loop {
        let names = names.to_vec();
        let behind = store.read_blocking(move |tx| {
            let waiting: Option<(i64,)> = tx.opt(store::sql!("SELECT 1 FROM fact_new LIMIT 1"), &[])?;
            let head = journal::head_pos(tx)?;
            for name in &names {
                if journal::position_of(tx, name)? < head {
                    return Ok(true);
                }
            }
            Ok(waiting.is_some())
        });
        match behind {
            Ok(false) => return true,
            _ if begun.elapsed() > within => return false,
            _ => thread::sleep(Duration::from_millis(50)),
        }
    }
}
