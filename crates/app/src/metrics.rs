//! Figures of the running program for Prometheus.
//!
//! All names stand in [`ALL`]; docs/operations.md and the dashboard are compared with a real scrape by a test. No label says
//! anything about a person.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use journal::head_pos;
use kernel::Result;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use store::{Store, Tx, sql};
use web::Rank;

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often which size came.
    Histogram,
}

/// Every figure: name, kind, meaning.
pub const ALL: &[(&str, Kind, &str)] = &[
    ("xuecheng_build_info", Kind::Gauge, "Always 1; the label `version` tells the version."),
    ("xuecheng_uptime_seconds", Kind::Gauge, "Seconds since the process began to serve."),
    ("xuecheng_process_resident_bytes", Kind::Gauge, "Memory that the process holds."),
    ("xuecheng_process_open_files", Kind::Gauge, "Open files and connections of the process."),
    ("xuecheng_requests_total", Kind::Counter, "Answers by `method`, `route` (its pattern) and `status`."),
    ("xuecheng_request_seconds", Kind::Histogram, "Seconds from request to answer, by `route`."),
    ("xuecheng_requests_running", Kind::Gauge, "Requests that run now, by `rank`."),
    ("xuecheng_requests_waiting", Kind::Gauge, "Requests that wait for their turn now, by `rank`."),
    ("xuecheng_requests_shed_total", Kind::Counter, "Requests turned away in a rush, by `rank`."),
    (
        "xuecheng_refusals_total",
        Kind::Counter,
        "Failures told to users, by `code` (the list is at /about/errors).",
    ),
    ("xuecheng_rate_limited_total", Kind::Counter, "Attempts refused because there were too many."),
    ("xuecheng_sign_ins_total", Kind::Counter, "Sessions begun."),
    ("xuecheng_search_seconds", Kind::Histogram, "Seconds that the search index took for a query."),
    (
        "xuecheng_search_position",
        Kind::Gauge,
        "Fact up to which this process's search index holds everything.",
    ),
    (
        "xuecheng_store_queue_length",
        Kind::Gauge,
        "Closures that wait for the database, by `queue` (read, write).",
    ),
    (
        "xuecheng_store_wait_seconds",
        Kind::Histogram,
        "Seconds that a closure waited for the database, by `queue`.",
    ),
    ("xuecheng_store_commit_seconds", Kind::Histogram, "Seconds that a commit took until it was on disk."),
    ("xuecheng_store_group_size", Kind::Histogram, "Commands that one commit held (SQLite)."),
    (
        "xuecheng_store_retries_total",
        Kind::Counter,
        "Transactions run again after a conflict or a lost connection (PostgreSQL).",
    ),
    ("xuecheng_store_connections_opened_total", Kind::Counter, "Connections opened to the database server."),
    (
        "xuecheng_store_connections_lost_total",
        Kind::Counter,
        "Connections to the database server that broke.",
    ),
    ("xuecheng_store_outcomes_unknown_total", Kind::Counter, "Commits whose answer was lost."),
    ("xuecheng_journal_head", Kind::Gauge, "Position of the newest fact."),
    ("xuecheng_journal_sealed", Kind::Gauge, "Number of facts under a signed head."),
    ("xuecheng_journal_waiting", Kind::Gauge, "Committed facts without a position."),
    ("xuecheng_consumer_lag", Kind::Gauge, "Facts that a `consumer` has still to take."),
    (
        "xuecheng_messages",
        Kind::Gauge,
        "Messages by `state` (waiting, sending, failed; failed ones of the last seven days).",
    ),
    ("xuecheng_jobs", Kind::Gauge, "Jobs by `state` (ready, running, failed)."),
];

/// Bounds of the histograms of seconds.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Bounds of the histogram of group sizes.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// Days for which a message that failed is counted as one to look at.
const FAILED_DAYS: i32 = 7;

struct Recording {
    handle: PrometheusHandle,
    begun: Instant,
}

/// Begins to record, once in a process; later calls give the same.
fn recording() -> &'static Recording {
    static RECORDING: OnceLock<Recording> = OnceLock::new();
    RECORDING.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_group_size".to_owned()), &SIZES)
            })
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("figures are recorded by somebody else");
        }
        for (name, kind, help) in ALL {
            match kind {
                Kind::Counter => describe_counter!(*name, *help),
                Kind::Gauge => describe_gauge!(*name, *help),
                Kind::Histogram => describe_histogram!(*name, *help),
            }
        }
        // Those without labels exist from the beginning, so that an alarm can tell none from not known.
        for name in [
            "xuecheng_rate_limited_total",
            "xuecheng_sign_ins_total",
            "xuecheng_store_retries_total",
            "xuecheng_store_connections_opened_total",
            "xuecheng_store_connections_lost_total",
            "xuecheng_store_outcomes_unknown_total",
        ] {
            counter!(name).increment(0);
        }
        for rank in [Rank::First, Rank::Usual, Rank::Heavy] {
            counter!("xuecheng_requests_shed_total", "rank" => rank.as_str()).increment(0);
        }
        gauge!("xuecheng_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Recording { handle, begun: Instant::now() }
    })
}

/// Begins to record.
pub fn start() {
    recording();
}

/// Sums up what came in, every few seconds, so that nobody who never asks fills the memory.
pub fn upkeep() {
    recording().handle.run_upkeep();
}

/// The pause between two calls of [`upkeep`].
pub const UPKEEP: Duration = Duration::from_secs(5);

/// Looks at everything that is looked at only when somebody asks, and writes all figures.
///
/// # Errors
/// The database cannot be read.
pub async fn scrape(
    store: &Store,
    load: impl Fn(Rank) -> (usize, usize),
    search: Option<i64>,
) -> Result<String> {
    let recording = recording();
    gauge!("xuecheng_uptime_seconds").set(recording.begun.elapsed().as_secs_f64());
    let (resident, files) = process();
    gauge!("xuecheng_process_resident_bytes").set(resident as f64);
    gauge!("xuecheng_process_open_files").set(files as f64);
    for rank in [Rank::First, Rank::Usual, Rank::Heavy] {
        let (running, waiting) = load(rank);
        gauge!("xuecheng_requests_running", "rank" => rank.as_str()).set(running as f64);
        gauge!("xuecheng_requests_waiting", "rank" => rank.as_str()).set(waiting as f64);
    }
    let (readers, writers) = store.waiting();
    gauge!("xuecheng_store_queue_length", "queue" => "read").set(readers as f64);
    gauge!("xuecheng_store_queue_length", "queue" => "write").set(writers as f64);
    if let Some(position) = search {
        gauge!("xuecheng_search_position").set(position as f64);
    }
    let seen = store.read(Seen::read).await?;
    seen.show();
    Ok(recording.handle.render())
}

/// What the database tells.
pub struct Seen {
    /// Position of the newest fact.
    pub head: i64,
    /// Facts under a signed head.
    pub sealed: i64,
    /// Facts without a position.
    pub waiting: i64,
    /// Consumers and their positions.
    pub consumers: Vec<(String, i64)>,
    /// Messages by state.
    pub messages: Vec<(String, i64)>,
    /// Jobs by state.
    pub jobs: Vec<(String, i64)>,
}

impl Seen {
    /// Reads it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn read(tx: &mut Tx) -> Result<Self> {
        let recent = tx.now().day().plus(-FAILED_DAYS).start();
        Ok(Self {
            head: head_pos(tx)?,
            sealed: journal::heads(tx, 1)?.first().map_or(0, |newest| newest.size),
            waiting: tx.one::<(i64,)>(sql!("SELECT count(*) FROM fact_new"), &[])?.0,
            consumers: tx.all(sql!("SELECT name, pos FROM consumer ORDER BY name"), &[])?,
            messages: tx.all(
                sql!(
                    "SELECT state, count(*) FROM outbox WHERE state IN ('waiting', 'sending') \
                     OR (state = 'failed' AND created_at > $1) GROUP BY state"
                ),
                store::params![recent],
            )?,
            jobs: tx.all(
                sql!("SELECT state, count(*) FROM job WHERE state IN ('ready', 'running', 'failed') GROUP BY state"),
                &[],
            )?,
        })
    }

    fn show(&self) {
        gauge!("xuecheng_journal_head").set(self.head as f64);
        gauge!("xuecheng_journal_sealed").set(self.sealed as f64);
        gauge!("xuecheng_journal_waiting").set(self.waiting as f64);
        for (name, pos) in &self.consumers {
            gauge!("xuecheng_consumer_lag", "consumer" => name.clone()).set((self.head - pos) as f64);
        }
        let of = |list: &[(String, i64)], state: &str| {
            list.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count) as f64
        };
        for state in ["waiting", "sending", "failed"] {
            gauge!("xuecheng_messages", "state" => state).set(of(&self.messages, state));
        }
        for state in ["ready", "running", "failed"] {
            gauge!("xuecheng_jobs", "state" => state).set(of(&self.jobs, state));
        }
    }
}

/// Bytes that the process holds and files that it has open, as Linux tells; 0 elsewhere.
fn process() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    let kib: u64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    (kib * 1_024, files as u64)
}

/// Keeps [`upkeep`] going for the life of a runtime.
pub fn keep_up(runtime: &tokio::runtime::Runtime) {
    start();
    runtime.spawn(async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep();
        }
    });
}
