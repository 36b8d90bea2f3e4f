//! What works behind the pages, and what a person decides about a job that failed.
//!
//! A job is tried ten times with growing pauses and then waits for somebody. Looking is for auditors and for the system administrator;
//! deciding is for the latter alone, and leaves a fact: a job may be a message that somebody waits for.

use journal::Fact;
use kernel::{Actor, Error, Id, PageRequest, Paged, Result, Right, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    jobs::{self, JobMark},
    params, sql,
};

kernel::codes! {
    /// The job is not in a state in which this can be done: somebody was faster, or it runs.
    pub JOB_CHANGED = Conflict "portal.job_changed";
}

/// Kind of the fact.
pub const JOB_DECIDED: &str = "portal.job_decided.v1";
/// Days for which messages that failed are counted.
const FAILED_DAYS: i32 = 7;
/// Longest reason shown, in characters.
const REASON_CHARS: usize = 300;

/// Marker for identifiers of decisions.
#[derive(Debug)]
pub enum OrderMark {}

journal::table! {
    /// Decisions about jobs.
    pub JOB_ORDER = "job_order" (order_id) [job_id, kind, decision, decided_at];
}

/// Payload of [`JOB_DECIDED`].
#[derive(Debug, Serialize, Deserialize)]
pub struct JobDecided {
    /// The job.
    pub job_id: Id<JobMark>,
    /// What kind of work it is.
    pub kind: String,
    /// `retry` or `give_up`.
    pub decision: String,
}

/// What somebody decides about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A failed job is tried again, from now and with all its attempts.
    Retry,
    /// A job that failed or has not begun is not done any more.
    GiveUp,
}

impl Decision {
    const fn as_str(self) -> &'static str {
        match self {
            Decision::Retry => "retry",
            Decision::GiveUp => "give_up",
        }
    }
}

/// Whether the actor may look: an auditor of the whole city, or its system administrator.
pub fn may_see(tx: &mut Tx, actor: &Actor) -> Result<bool> {
    Ok(at_the_top(tx, actor, Right::Audit)? || may_decide(tx, actor)?)
}

/// Whether the actor may decide about jobs: the system administrator of the whole city.
pub fn may_decide(tx: &mut Tx, actor: &Actor) -> Result<bool> {
    at_the_top(tx, actor, Right::ManageSystem)
}

fn at_the_top(tx: &mut Tx, actor: &Actor, right: Right) -> Result<bool> {
    match network::top_org(tx)? {
        Some(top) => network::access::may(tx, actor, right, top.org_id),
        None => Ok(matches!(actor, Actor::System(_))),
    }
}

/// Decides about a job and leaves `portal.job_decided.v1`.
///
/// # Errors
/// `kernel.denied`; `kernel.missing`; `portal.job_changed` when the job is not in a state that allows it.
pub fn decide_job(tx: &mut Tx, actor: &Actor, job: Id<JobMark>, decision: Decision) -> Result<()> {
    if !may_decide(tx, actor)? {
        return Err(Error::denied());
    }
    let known: Option<(String,)> = tx.opt(sql!("SELECT kind FROM job WHERE id = $1"), params![job])?;
    let (kind,) = known.ok_or_else(Error::missing)?;
    let done = match decision {
        Decision::Retry => jobs::retry(tx, job)?,
        Decision::GiveUp => jobs::give_up(tx, job)?,
    };
    if !done {
        return Err(Error::new(&JOB_CHANGED));
    }
    let order: Id<OrderMark> = tx.new_id();
    let payload = JobDecided { job_id: job, kind: kind.clone(), decision: decision.as_str().to_owned() };
    let mut fact = Fact::new(JOB_DECIDED, order).payload(&payload);
    let row = params![order, job, kind, decision.as_str(), tx.now()].to_vec();
    fact.insert(tx, &JOB_ORDER, row)?;
    fact.emit(tx, actor)?;
    Ok(())
}

store::row! {
    /// A job as the page shows it. What it works on is not shown: it may concern somebody.
    pub struct JobLine {
        /// Its identifier.
        pub id: Id<JobMark>,
        /// What kind of work.
        pub kind: String,
        /// `ready`, `running`, `done`, `failed`.
        pub state: String,
        /// How often it was tried.
        pub attempts: i64,
        /// When it runs, or ran, next.
        pub run_at: Timestamp,
        /// When it ended.
        pub finished_at: Option<Timestamp>,
        /// Why it failed last.
        pub last_error: Option<String>,
    }
}

impl JobLine {
    /// The reason, cut to what a page can show.
    pub fn reason(&self) -> String {
        self.last_error.as_deref().unwrap_or("").chars().take(REASON_CHARS).collect()
    }

    /// Whether it waits for a person.
    pub fn is_failed(&self) -> bool {
        self.state == "failed"
    }

    /// Whether it has not begun.
    pub fn is_ready(&self) -> bool {
        self.state == "ready"
    }
}

/// Which jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Those that wait or run.
    #[default]
    Open,
    /// Those that wait for a person.
    Failed,
    /// Those that ended.
    Done,
}

/// Jobs, the newest first.
pub fn list_jobs(tx: &mut Tx, which: Which, page: &PageRequest) -> Result<Paged<JobLine>> {
    let (first, second) = match which {
        Which::Open => ("ready", "running"),
        Which::Failed => ("failed", "failed"),
        Which::Done => ("done", "done"),
    };
    let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
    // Identifiers are hexadecimal, so all of them come before this one.
    let before = page.after.clone().unwrap_or_else(|| "g".to_owned());
    let mut rows: Vec<JobLine> = tx.all(
        sql!(
            "SELECT id, kind, state, attempts, run_at, finished_at, last_error FROM job \
             WHERE state IN ($1, $2) AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        params![first, second, before, limit],
    )?;
    let more = rows.len() > page.size;
    rows.truncate(page.size);
    let next = if more { rows.last().map(|row| row.id.to_string()) } else { None };
    Ok(Paged { rows, next })
}

/// What the page says above the list.
#[derive(Debug, Clone, Default)]
pub struct Backstage {
    /// Position of the newest fact.
    pub head: i64,
    /// Facts under a signed head.
    pub sealed: i64,
    /// When that head was signed.
    pub sealed_at: Option<Timestamp>,
    /// Committed facts without a position.
    pub waiting: i64,
    /// Consumers, and how many facts each has still to take.
    pub consumers: Vec<(String, i64)>,
    /// Messages that wait or are being sent.
    pub messages: i64,
    /// Messages of the last seven days that failed.
    pub messages_failed: i64,
    /// Jobs that wait or run.
    pub open: i64,
    /// Jobs that wait for a person.
    pub failed: i64,
}

/// Reads it.
pub fn backstage(tx: &mut Tx) -> Result<Backstage> {
    let head = journal::head_pos(tx)?;
    let newest = journal::heads(tx, 1)?.pop();
    let (waiting,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), &[])?;
    let positions: Vec<(String, i64)> =
        tx.all(sql!("SELECT name, pos FROM consumer WHERE name <> 'sequencer' ORDER BY name"), &[])?;
    let recent = tx.now().day().plus(-FAILED_DAYS).start();
    let (messages, messages_failed): (i64, i64) = tx.one(
        sql!(
            "SELECT count(*) FILTER (WHERE state <> 'failed'), count(*) FILTER (WHERE state = 'failed' AND created_at > $1) \
             FROM outbox WHERE state IN ('waiting', 'sending', 'failed')"
        ),
        params![recent],
    )?;
    let (open, failed): (i64, i64) = tx.one(
        sql!(
            "SELECT count(*) FILTER (WHERE state <> 'failed'), count(*) FILTER (WHERE state = 'failed') \
             FROM job WHERE state IN ('ready', 'running', 'failed')"
        ),
        &[],
    )?;
    Ok(Backstage {
        head,
        sealed: newest.as_ref().map_or(0, |head| head.size),
        sealed_at: newest.map(|head| head.at),
        waiting,
        consumers: positions.into_iter().map(|(name, pos)| (name, head - pos)).collect(),
        messages,
        messages_failed,
        open,
        failed,
    })
}
