//! The thread that carries messages from the outbox to the gateway.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use kernel::{Id, Result};
use store::{
    Store,
    jobs::{self, Job},
};

use crate::{
    Failure, Gateway, MessageMark, Outbox,
    outbox::{JOB, Taken, end, put_off},
};

/// Longest pause between two looks at the queue: other processes' messages and repeats are seen within it.
const PAUSE: Duration = Duration::from_millis(500);
/// Attempts after which a message counts as failed. Less than the store gives a job, so that the message's end is always noted.
const ATTEMPTS_MAX: i64 = 8;

/// Times that the end of a message is noted, with a pause between: some twenty seconds, in which nobody else takes it.
const NOTE_TRIES: u32 = 40;

/// Carries messages until it is dropped.
pub struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `name` is the worker's own among all processes (it marks the jobs that it has taken).
    pub fn start(
        store: Store,
        outbox: Outbox,
        gateway: Arc<dyn Gateway>,
        name: String,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let news = store.subscribe();
            while !stopped.load(Ordering::SeqCst) {
                match deliver_next(&store, &outbox, gateway.as_ref(), &name) {
                    Ok(true) => {}
                    Ok(false) => {
                        let _ = news.recv_timeout(PAUSE);
                    }
                    Err(error) => {
                        tracing::error!(?error, "a message could not be worked on and will be tried again");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("notify".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Takes the next message that is due and sends it; false when there is none. The worker's step, and a test's.
///
/// # Errors
/// When the database fails; a failure of the gateway is noted with the message and is no error here.
pub fn deliver_next(store: &Store, outbox: &Outbox, gateway: &dyn Gateway, worker: &str) -> Result<bool> {
    // Looking costs a read; only if something is due a transaction that writes is opened.
    if !store.read_blocking(due)? {
        return Ok(false);
    }
    let (name, sealed) = (worker.to_owned(), outbox.clone());
    let taken = store.write_blocking("notify.take", move |tx| {
        let Some(job) = jobs::claim(tx, JOB, &name)? else { return Ok(None) };
        let id: Id<MessageMark> = job.payload.parse()?;
        let taken = sealed.take(tx, id)?;
        if matches!(taken, Taken::Over) {
            end(tx, id, "expired", None)?;
            jobs::complete(tx, job.id, &name)?;
        }
        Ok(Some((job, id, taken)))
    })?;
    match taken {
        None => Ok(false),
        Some((_, _, Taken::Over)) => Ok(true),
        Some((job, id, Taken::Send(message))) => {
            let outcome = gateway.send(store.clock().now(), &message);
            // The provider has it. Were that forgotten because the database is away for a moment, it would be sent again.
            let mut tries = 1;
            loop {
                match note(store, job.clone(), id, outcome.clone(), worker) {
                    Err(error) if tries < NOTE_TRIES => {
                        tracing::warn!(?error, "what became of a message could not be noted yet");
                        tries += 1;
                        thread::sleep(PAUSE);
                    }
                    noted => return noted.map(|()| true),
                }
            }
        }
    }
}

fn due(tx: &mut store::Tx) -> Result<bool> {
    let row: Option<(i64,)> = tx.opt(
        store::sql!(
            "SELECT 1 FROM job WHERE kind = $1 AND ((state = 'ready' AND run_at <= $2) \
             OR (state = 'running' AND leased_until < $2)) LIMIT 1"
        ),
        store::params![JOB, tx.now()],
    )?;
    Ok(row.is_some())
}

fn note(
    store: &Store,
    job: Job,
    id: Id<MessageMark>,
    outcome: Result<(), Failure>,
    worker: &str,
) -> Result<()> {
    let worker = worker.to_owned();
    store.write_blocking("notify.note", move |tx| {
        match &outcome {
            Ok(()) => end(tx, id, "sent", None)?,
            Err(Failure::Later(reason)) if job.attempts < ATTEMPTS_MAX => {
                tracing::warn!(message = %id, attempt = job.attempts, reason, "a message was not taken, it will be tried again");
                put_off(tx, id, reason)?;
                return jobs::fail(tx, &job, &worker, reason);
            }
            Err(Failure::Later(reason) | Failure::Never(reason)) => {
                tracing::error!(message = %id, reason, "a message was given up");
                end(tx, id, "failed", Some(reason))?;
            }
        }
        jobs::complete(tx, job.id, &worker).map(drop)
    })
}
