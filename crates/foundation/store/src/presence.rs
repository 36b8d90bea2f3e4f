//! Who lives: a worker shows that it is there, so that what a dead one had taken need not wait for the end of its lease.
//!
//! On PostgreSQL each worker holds an advisory lock in a session of its own; the server frees it when the process is gone, or
//! when the network has told no word of it for a minute. Others give a worker's jobs back when its lock is free **and** longer ago than
//! [`jobs::GRACE_SECONDS`] it took them: a living worker that lost its session for a moment is still at work on what it took.
//! A SQLite file belongs to one process, so at its start nobody else can be at work.

use std::{thread, time::Duration};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use kernel::{Error, Result};

use crate::{
    Engine, Location, Store, Value, error::UNAVAILABLE, jobs, pg_server::PgServer, postgres::PgConnection,
};

/// Pause between two looks at the own session, and at others' jobs.
const BEAT: Duration = Duration::from_secs(2);

/// Shows until it is dropped that a worker lives. It is dropped after the worker.
#[derive(Debug)]
pub struct Presence {
    stop: Option<Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Presence {
    /// Shows that `worker` (the name under which it claims jobs, its own among all processes) lives, and gives back what dead ones had
    /// taken: on SQLite once and all of it, on PostgreSQL again and again. Call it before the worker starts; on SQLite only who
    /// has the file for itself may call it.
    ///
    /// # Errors
    /// If the database cannot be reached or written.
    pub fn hold(store: &Store, worker: &str) -> Result<Self> {
        let Location::Server(url) = store.location() else {
            debug_assert_eq!(store.engine(), Engine::Sqlite);
            let freed = store.write_blocking("jobs.release", |tx| jobs::release(tx, None))?;
            if freed > 0 {
                tracing::info!(jobs = freed, "jobs that the process before had taken are taken up again");
            }
            return Ok(Self { stop: None, thread: None });
        };
        let server = PgServer::parse(url)?;
        let session = shown(&server, worker).ok_or_else(|| Error::new(&UNAVAILABLE))?;
        let (stop, stopped) = bounded::<()>(1);
        let (store, worker) = (store.clone(), worker.to_owned());
        let run = move || {
            let mut session = Some(session);
            while matches!(stopped.recv_timeout(BEAT), Err(RecvTimeoutError::Timeout)) {
                session = session.take().and_then(alive).or_else(|| shown(&server, &worker));
                // Who cannot show itself does not judge others either.
                if session.is_some()
                    && let Err(error) = jobs::release_of_the_dead(&store, &worker)
                {
                    tracing::warn!(?error, "whether others' jobs are left behind was not seen");
                }
            }
        };
        let thread = thread::Builder::new().name("presence".to_owned()).spawn(run);
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread.map_err(|e| Error::new(&UNAVAILABLE).caused_by(e))?),
        })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A session that holds the lock of this worker; nothing if the server is away, or has not noticed yet that an earlier one ended.
fn shown(server: &PgServer, worker: &str) -> Option<PgConnection> {
    let mut session = PgConnection::connect(server, false).ok()?;
    let taken =
        session.rows("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", &[worker.into()]).ok()?;
    matches!(taken.first().map(|row| row.0.as_slice()), Some([Value::Bool(true)])).then_some(session)
}

/// The same session, if the server still answers in it.
fn alive(mut session: PgConnection) -> Option<PgConnection> {
    session.script("SELECT 1").is_ok().then_some(session)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::Presence;
    use crate::{Engine, Store, jobs, testing::TestStore};

    fn claim(store: &Store, worker: &str) -> Option<jobs::Job> {
        let worker = worker.to_owned();
        store.write_blocking("test", move |tx| jobs::claim(tx, "pdf", &worker)).unwrap()
    }

    fn enqueued(store: &Store) {
        store.write_blocking("test", |tx| jobs::enqueue(tx, "pdf", "{}", tx.now()).map(drop)).unwrap();
    }

    #[test]
    fn on_sqlite_a_start_frees_what_the_process_before_had_taken() {
        let store = TestStore::new(Engine::Sqlite, &[]);
        enqueued(&store);
        let job = claim(&store, "old").unwrap();
        assert!(claim(&store, "new").is_none());
        let _here = Presence::hold(&store, "new").unwrap();
        let again = claim(&store, "new").unwrap();
        assert_eq!((again.id, again.attempts), (job.id, 2));
        assert!(!store.write_blocking("test", move |tx| jobs::complete(tx, job.id, "old")).unwrap());
        assert!(store.write_blocking("test", move |tx| jobs::complete(tx, job.id, "new")).unwrap());
    }

    #[test]
    fn on_postgres_only_the_jobs_of_the_dead_are_freed_and_only_after_a_while() {
        let store = TestStore::new(Engine::Postgres, &[]);
        // The locks are those of the whole server, the names those of one test.
        let [old, new] = ["old", "new"].map(|name| format!("{name}-{:?}", store.location()));
        let start = store.clock().now();
        let other = store.another_process();
        let lives = Presence::hold(&other, &old).unwrap();
        enqueued(&store);
        let job = claim(&other, &old).unwrap();
        let judged = || jobs::release_of_the_dead(&store, &new).unwrap();
        // It lives, and is slow.
        store.clock.set(start.plus_seconds(60));
        judged();
        assert!(claim(&store, &new).is_none());
        // It is gone, and took the job just now, as far as the clock tells.
        store.clock.set(start.plus_seconds(5));
        drop(lives);
        judged();
        assert!(claim(&store, &new).is_none());
        // A while later, well within the lease. A dropped session ends a moment after it was told to.
        store.clock.set(start.plus_seconds(jobs::GRACE_SECONDS + 1));
        let begun = Instant::now();
        let again = loop {
            judged();
            match claim(&store, &new) {
                Some(again) => break again,
                None => assert!(begun.elapsed().as_secs() < 30, "the job of a dead worker stays taken"),
            }
        };
        assert_eq!((again.id, again.attempts), (job.id, 2));
        let owned = old.clone();
        assert!(!store.write_blocking("test", move |tx| jobs::complete(tx, job.id, &owned)).unwrap());
        // A lease from a future that the clock was set back from is none.
        store.clock.set(start.plus_seconds(-3_600));
        jobs::release_of_the_dead(&store, "third").unwrap();
        let state = |store: &Store| {
            store
                .read_blocking(|tx| tx.one::<(String,)>(crate::sql!("SELECT state FROM job"), &[]))
                .unwrap()
                .0
        };
        assert_eq!(state(&store), "ready");
    }

    #[test]
    fn on_postgres_a_session_that_was_cut_is_shown_again() {
        let store = TestStore::new(Engine::Postgres, &[]);
        let name = format!("cut-{:?}", store.location());
        let _here = Presence::hold(&store, &name).unwrap();
        let free = |name: &str| {
            let name = name.to_owned();
            let text = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";
            store
                .write_blocking("test", move |tx| {
                    tx.one::<(bool,)>(
                        crate::Statement::dynamic(text.to_owned()),
                        crate::params![name.as_str()],
                    )
                })
                .unwrap()
                .0
        };
        assert!(!free(&name));
        // Whoever holds this very lock is thrown out.
        let cut = name.clone();
        store
            .write_blocking("test", move |tx| {
                let text = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND \
                            (CAST(classid AS bigint) << 32 | CAST(objid AS bigint)) = hashtextextended($1, 0)";
                tx.one::<(bool,)>(crate::Statement::dynamic(text.to_owned()), crate::params![cut.as_str()])
            })
            .unwrap();
        let begun = Instant::now();
        let mut was_free = false;
        loop {
            let free = free(&name);
            was_free |= free;
            if was_free && !free {
                break;
            }
            assert!(begun.elapsed().as_secs() < 30, "the worker does not show itself again");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}
