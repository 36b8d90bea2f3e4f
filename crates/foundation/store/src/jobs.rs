//! Jobs: enqueued in the transaction of the change that wants them, leased by workers, repeated with growing pauses.

use kernel::{Id, Result, Timestamp};

use crate::{Tx, params, sql};

/// Marker for identifiers of jobs.
#[derive(Debug)]
pub enum JobMark {}

/// Seconds after which a job whose worker fell silent may be taken by another.
const LEASE_SECONDS: i64 = 120;
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
