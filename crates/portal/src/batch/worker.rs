//! The thread that goes on with batches.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use kernel::{Error, Result};
use store::{Store, jobs, params, sql};

use super::{BatchId, run::step};

/// Kind of the jobs; their payload is a batch's id.
pub(super) const JOB: &str = "portal.batch";
/// Longest pause between two looks at the queue.
const PAUSE: Duration = Duration::from_millis(500);
/// Steps of one job. The rest is the next job's, so that none outlives its lease.
const STEPS: usize = 40;

/// Goes on with batches until it is dropped.
pub struct BatchWorker {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl BatchWorker {
    /// Starts the thread. `name` is the worker's own among all processes.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(store: Store, name: String) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let news = store.subscribe();
            while !stopped.load(Ordering::SeqCst) {
                match work_next(&store, &name) {
                    Ok(true) => {}
                    Ok(false) => {
                        let _ = news.recv_timeout(PAUSE);
                    }
                    Err(error) => {
                        tracing::error!(?error, "a batch could not be worked on and will be tried again");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("batches".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for BatchWorker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Goes through a batch to its end.
///
/// # Errors
/// Those of the store; what was done stays done, and its job goes on with the rest.
pub fn run_batch(store: &Store, batch: BatchId) -> Result<()> {
    while store.write_blocking("portal.batch", move |tx| step(tx, batch))? {}
    Ok(())
}

/// Takes the next job that is due and goes on with its batch for some steps; `false` when there is none.
///
/// # Errors
/// When the database fails; the job is tried again.
pub fn work_next(store: &Store, worker: &str) -> Result<bool> {
    // Looking costs a read; only if something is due a transaction that writes is opened.
    let due: Option<(i64,)> = store.read_blocking(|tx| {
        tx.opt(
            sql!(
                "SELECT 1 FROM job WHERE kind = $1 AND ((state = 'ready' AND run_at <= $2) \
                 OR (state = 'running' AND leased_until < $2)) LIMIT 1"
            ),
            params![JOB, tx.now()],
        )
    })?;
    if due.is_none() {
        return Ok(false);
    }
    let name = worker.to_owned();
    let job = store.write_blocking("portal.batch", move |tx| jobs::claim(tx, JOB, &name))?;
    let Some(job) = job else { return Ok(false) };
    let batch: BatchId = job.payload.parse()?;
    let mut outcome = Ok(true);
    for _ in 0..STEPS {
        outcome = store.write_blocking("portal.batch", move |tx| step(tx, batch));
        if !matches!(outcome, Ok(true)) {
            break;
        }
    }
    let name = worker.to_owned();
    let more = outcome.as_ref().is_ok_and(|more| *more);
    let failed = outcome.as_ref().err().map(|error: &Error| error.code().name);
    store.write_blocking("portal.batch", move |tx| {
        if let Some(why) = failed {
            return jobs::fail(tx, &job, &name, why);
        }
        if jobs::complete(tx, job.id, &name)? && more {
            jobs::enqueue(tx, JOB, &job.payload, tx.now())?;
        }
        Ok(())
    })?;
    outcome.map(|_| true)
}
