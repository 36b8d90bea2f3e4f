//! The thread that reminds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use kernel::{Error, Result};
use people::Vault;
use store::{Store, jobs, params, sql};

use crate::remind::{PROMPT, TELL, prompt, tell_some};

/// Longest pause between two looks at the queue.
const PAUSE: Duration = Duration::from_secs(1);
/// Steps of one job. The rest is the next job's, so that none outlives its lease.
const STEPS: usize = 40;

/// What the worker needs beside the database.
#[derive(Clone)]
pub struct Means {
    /// Opens the telephone numbers of staff, and seals messages to them.
    pub vault: Arc<Vault>,
    /// Address of the site, for the link in a message.
    pub base_url: String,
}

/// Reminds until it is dropped.
pub struct Reminder {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Reminder {
    /// Starts the thread. `name` is the worker's own among all processes.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(store: Store, means: Means, name: String) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let news = store.subscribe();
            while !stopped.load(Ordering::SeqCst) {
                match work_next(&store, &means, &name) {
                    Ok(true) => {}
                    Ok(false) => {
                        let _ = news.recv_timeout(PAUSE);
                    }
                    Err(error) => {
                        tracing::error!(?error, "a reminder could not be worked on and will be tried again");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("notices".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Reminder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Takes the next job that is due and works on it; `false` when there is none. The worker's step, and a test's.
///
/// # Errors
/// When the database fails; the job is tried again.
pub fn work_next(store: &Store, means: &Means, worker: &str) -> Result<bool> {
    // Looking costs a read; only if something is due a transaction that writes is opened.
    let due: Option<(String,)> = store.read_blocking(|tx| {
        tx.opt(
            sql!(
                "SELECT kind FROM job WHERE kind IN ($1, $2) AND ((state = 'ready' AND run_at <= $3) \
                 OR (state = 'running' AND leased_until < $3)) LIMIT 1"
            ),
            params![PROMPT, TELL, tx.now()],
        )
    })?;
    let Some((kind,)) = due else { return Ok(false) };
    let kind = if kind == PROMPT { PROMPT } else { TELL };
    let name = worker.to_owned();
    let job = store.write_blocking("notices.take", move |tx| jobs::claim(tx, kind, &name))?;
    let Some(job) = job else { return Ok(false) };
    let mut outcome = Ok(true);
    for _ in 0..STEPS {
        let (means, payload) = (means.clone(), job.payload.clone());
        outcome = store.write_blocking("notices.remind", move |tx| {
            if kind == PROMPT {
                return prompt(tx, &payload).map(|()| false);
            }
            tell_some(tx, &means.vault, &means.base_url, &payload)
        });
        if !matches!(outcome, Ok(true)) {
            break;
        }
    }
    let name = worker.to_owned();
    let more = outcome.as_ref().is_ok_and(|more| *more);
    let failed = outcome.as_ref().err().map(|error: &Error| error.code().name);
    store.write_blocking("notices.end", move |tx| {
        if let Some(why) = failed {
            return jobs::fail(tx, &job, &name, why);
        }
        if jobs::complete(tx, job.id, &name)? && more {
            jobs::enqueue(tx, &job.kind, &job.payload, tx.now())?;
        }
        Ok(())
    })?;
    outcome.map(|_| true)
}
