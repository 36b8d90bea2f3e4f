//! Jobs: enqueued in the transaction of the change that wants them, leased by workers, repeated with growing pauses.

use kernel::{Id, Result, Timestamp};

use crate::{Statement, Store, Tx, params, sql};

/// Marker for identifiers of jobs.
#[derive(Debug)]
pub enum JobMark {}

/// Seconds after which a job whose worker fell silent may be taken by another.
const LEASE_SECONDS: i64 = 120;
/// Seconds for which a worker that shows no life may still be at work on what it took. A gateway answers or gives up in less.
pub const GRACE_SECONDS: i64 = 20;
/// Attempts after which a job counts as failed and waits for a person.
const ATTEMPTS: i64 = 10;

crate::row! {
    /// A job that a worker has taken.
    pub struct Job {
        /// Its identifier.
        pub id: Id<JobMark>,
        /// What kind of work.
        pub kind: String,
        /// What to work on, as the kind defines it (usually JSON).
        pub payload: String,
        /// How often it was tried, this time included.
        pub attempts: i64,
    }
}

/// Puts a job into the queue, to run at `run_at` or later.
pub fn enqueue(tx: &mut Tx, kind: &str, payload: &str, run_at: Timestamp) -> Result<Id<JobMark>> {
    let id = tx.new_id();
    tx.exec_later(
        sql!(
            "INSERT INTO job (id, kind, payload, state, run_at, created_at) VALUES ($1, $2, $3, 'ready', $4, $5)"
        ),
        params![id, kind, payload, run_at, tx.now()],
    )?;
    Ok(id)
}

/// Takes the next job of a kind that is due, or whose worker fell silent.
pub fn claim(tx: &mut Tx, kind: &str, worker: &str) -> Result<Option<Job>> {
    let now = tx.now();
    let due: Option<(Id<JobMark>,)> = tx.opt(
        sql!(
            "SELECT id FROM job WHERE kind = $1 AND ((state = 'ready' AND run_at <= $2) \
             OR (state = 'running' AND leased_until < $2)) ORDER BY run_at, id LIMIT 1"
        ),
        params![kind, now],
    )?;
    let Some((id,)) = due else { return Ok(None) };
    // Guarded: of two workers that saw the same job, one finds it changed.
    tx.opt(
        sql!(
            "UPDATE job SET state = 'running', worker = $2, leased_until = $3, attempts = attempts + 1 \
             WHERE id = $1 AND (state = 'ready' OR (state = 'running' AND leased_until < $4)) \
             RETURNING id, kind, payload, attempts"
        ),
        params![id, worker, now.plus_seconds(LEASE_SECONDS), now],
    )
}

/// Marks a job as done. False when another worker has taken it over meanwhile.
pub fn complete(tx: &mut Tx, id: Id<JobMark>, worker: &str) -> Result<bool> {
    let changed = tx.exec(
        sql!("UPDATE job SET state = 'done', finished_at = $3 WHERE id = $1 AND worker = $2 AND state = 'running'"),
        params![id, worker, tx.now()],
    )?;
    Ok(changed == 1)
}

/// Holds a job on for as long as if it had just been taken: for work that takes longer. False when another worker has taken it over.
pub fn hold(tx: &mut Tx, id: Id<JobMark>, worker: &str) -> Result<bool> {
    let until = tx.now().plus_seconds(LEASE_SECONDS);
    let changed = tx.exec(
        sql!("UPDATE job SET leased_until = $3 WHERE id = $1 AND worker = $2 AND state = 'running'"),
        params![id, worker, until],
    )?;
    Ok(changed == 1)
}

/// Puts a job back, undone, for whoever comes next: the worker has to stop.
pub fn give_back(tx: &mut Tx, id: Id<JobMark>, worker: &str) -> Result<()> {
    tx.exec_later(
        sql!(
            "UPDATE job SET state = 'ready', worker = NULL, leased_until = NULL \
             WHERE id = $1 AND worker = $2 AND state = 'running'"
        ),
        params![id, worker],
    )
}

/// Puts a job back with a growing pause, or marks it failed after ten attempts.
pub fn fail(tx: &mut Tx, job: &Job, worker: &str, reason: &str) -> Result<()> {
    let pause_seconds = 5_i64 << job.attempts.clamp(0, 10);
    let state = if job.attempts >= ATTEMPTS { "failed" } else { "ready" };
    tx.exec_later(
        sql!(
            "UPDATE job SET state = $3, run_at = $4, last_error = $5, leased_until = NULL \
             WHERE id = $1 AND worker = $2 AND state = 'running'"
        ),
        params![job.id, worker, state, tx.now().plus_seconds(pause_seconds), reason],
    )?;
    Ok(())
}

/// Puts jobs back that a worker had taken, or that any worker had; gives their number. A worker that is not dead after all finds
/// that they are no longer its own.
pub(crate) fn release(tx: &mut Tx, worker: Option<&str>) -> Result<u64> {
    tx.exec(
        sql!(
            "UPDATE job SET state = 'ready', worker = NULL, leased_until = NULL \
             WHERE state = 'running' AND worker = coalesce($1, worker)"
        ),
        params![worker.map(str::to_owned)],
    )
}

/// Puts back what workers had taken whose sessions have ended, in PostgreSQL. `own` is never judged.
pub(crate) fn release_of_the_dead(store: &Store, own: &str) -> Result<()> {
    let own = own.to_owned();
    let suspects: Vec<(String,)> = store.read_blocking(move |tx| {
        let now = tx.now();
        // Those that were taken a while ago, and those from a future that a clock set back has left behind.
        tx.all(
            sql!(
                "SELECT DISTINCT worker FROM job WHERE state = 'running' AND worker <> $1 \
                 AND (leased_until <= $2 OR leased_until > $3) ORDER BY worker"
            ),
            params![
                own.as_str(),
                now.plus_seconds(LEASE_SECONDS - GRACE_SECONDS),
                now.plus_seconds(LEASE_SECONDS)
            ],
        )
    })?;
    for (worker,) in suspects {
        let freed = store.write_blocking("jobs.release", move |tx| {
            // SQLite has no such function, so the text stands in no list of statements for both engines.
            let free = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";
            let (gone,): (bool,) = tx.one(Statement::dynamic(free.to_owned()), params![worker.as_str()])?;
            if gone { release(tx, Some(&worker)) } else { Ok(0) }
        })?;
        if freed > 0 {
            tracing::info!(jobs = freed, "jobs of a process that is gone are taken up again");
        }
    }
    Ok(())
}

/// Puts a failed job back, to run now and with all its attempts. False if it has not failed.
pub fn retry(tx: &mut Tx, id: Id<JobMark>) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE job SET state = 'ready', attempts = 0, run_at = $2, worker = NULL, leased_until = NULL \
             WHERE id = $1 AND state = 'failed'"
        ),
        params![id, tx.now()],
    )?;
    Ok(changed == 1)
}

/// Ends a job that failed or has not begun, undone. False if it runs or has ended.
pub fn give_up(tx: &mut Tx, id: Id<JobMark>) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE job SET state = 'done', finished_at = $2 WHERE id = $1 AND state IN ('failed', 'ready')"
        ),
        params![id, tx.now()],
    )?;
    Ok(changed == 1)
}
