//! Threads that run closures on PostgreSQL, each with a connection that it renews when it breaks.

use std::{
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use kernel::{Error, Result};

use crate::{
    error::{UNAVAILABLE, UNKNOWN_OUTCOME},
    faults::Fault,
    pg_server::PgServer,
    postgres::{Ended, PgConnection},
    store::{Hands, Work},
    tx::{Connection, Failure},
};

/// Times that a closure is run again after a serialisation failure, a deadlock or a lost connection.
const RETRIES: u32 = 8;
/// Pause before a server that could not be reached is tried again; requests within it are answered at once.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) struct PgWorker {
    server: PgServer,
    read_only: bool,
    hands: Hands,
    connection: Option<PgConnection>,
    /// When the server could not be reached last.
    unreachable: Option<Instant>,
}

/// What an attempt came to, unless it is an answer.
enum Attempt {
    Done,
    /// Nothing was done; it may be tried again.
    Again,
    /// A unique key was there already: nothing was done.
    Duplicate(Option<Error>),
}

impl PgWorker {
    pub fn new(server: PgServer, read_only: bool, hands: Hands) -> Self {
        Self { server, read_only, hands, connection: None, unreachable: None }
    }

    /// Whether a server answers.
    pub fn try_server(server: &PgServer) -> Result<()> {
        PgConnection::connect(server, true)
            .map(|_| ())
            .map_err(|e| Error::new(&UNAVAILABLE).arg("database", "postgres").caused_by(e.cause))
    }

    pub fn run(mut self, queue: &Receiver<Box<dyn Work>>) {
        while let Ok(mut work) = queue.recv() {
            if !work.abandoned() {
                let failure = self.attempt_all(work.as_mut()).err();
                work.finish(failure);
            }
        }
    }

    fn attempt_all(&mut self, work: &mut dyn Work) -> Result<()> {
        let mut met = false;
        let mut fault = if self.read_only { None } else { self.hands.plan(work.name()) };
        for attempt in 0..RETRIES {
            if attempt > 0 {
                let jitter = u64::from(self.hands.chance.bytes::<1>()[0]);
                thread::sleep(Duration::from_millis((jitter % 8 + 1) << attempt.min(5)));
            }
            match self.attempt(work, fault.take())? {
                Attempt::Done => return Ok(()),
                // Two that do the same at once meet in a key, and the second fails after the first one's commit. Run
                // again, it sees what the first one did and answers as if it had come later. A key that is met twice is
                // there for good.
                Attempt::Duplicate(failure) if met => return failure.map_or(Ok(()), Err),
                Attempt::Duplicate(_) => met = true,
                Attempt::Again => {}
            }
            metrics::counter!("xuecheng_store_retries_total").increment(1);
            tracing::debug!(name = work.name(), attempt, "running the transaction again");
        }
        Err(Error::new(&UNAVAILABLE))
    }

    /// The connection, or a new one; soon after a failure the answer is no without a try.
    fn connected(&mut self) -> Result<PgConnection> {
        if let Some(connection) = self.connection.take().filter(|c| !c.is_closed()) {
            return Ok(connection);
        }
        if self.unreachable.is_some_and(|last| last.elapsed() < PAUSE) {
            return Err(Error::new(&UNAVAILABLE));
        }
        metrics::counter!("xuecheng_store_connections_opened_total").increment(1);
        let made = PgConnection::connect(&self.server, self.read_only);
        self.unreachable = made.is_err().then(Instant::now);
        made.map_err(|failure| {
            tracing::warn!(error = %failure.cause, "the database cannot be reached");
            Error::new(&UNAVAILABLE).caused_by(failure.cause)
        })
    }

    fn attempt(&mut self, work: &mut dyn Work, fault: Option<Fault>) -> Result<Attempt> {
        let mut connection = self.connected()?;
        let begin = if self.read_only { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
        // It is sent with the first statement. Should the connection have died while it was idle, nothing has happened yet.
        connection.begin(begin);
        let mut tx = self.hands.tx(Connection::Postgres(&mut connection), fault);
        let stays = work.run(&mut tx);
        let failed = tx.failed;
        if failed == Some(Failure::Lost) {
            metrics::counter!("xuecheng_store_connections_lost_total").increment(1);
            return Ok(Attempt::Again);
        }
        if fault == Some(Fault::BeforeCommit) {
            // The connection is dropped with its open transaction, as a dying process does it.
            return Err(Error::new(&UNKNOWN_OUTCOME));
        }
        // Nobody waits for the end of a view; only who was not told yet may be run again.
        let told = self.read_only && stays && connection.is_settled();
        if told {
            work.finish(None);
        }
        let ending = Instant::now();
        let ended = connection.end(stays);
        if stays && !self.read_only {
            metrics::histogram!("xuecheng_store_commit_seconds").record(ending.elapsed().as_secs_f64());
        }
        if matches!(ended, Ended::Lost(_)) {
            metrics::counter!("xuecheng_store_connections_lost_total").increment(1);
        }
        match ended {
            Ended::Well => {
                self.connection = Some(connection);
                match failed {
                    Some(Failure::Retry) => return Ok(Attempt::Again),
                    Some(Failure::Duplicate) => return Ok(Attempt::Duplicate(None)),
                    _ => {}
                }
                if stays && !self.read_only {
                    self.hands.announce();
                }
                if fault == Some(Fault::AfterCommit) {
                    self.connection = None;
                    return Err(Error::new(&UNKNOWN_OUTCOME));
                }
                Ok(Attempt::Done)
            }
            // A statement whose answer nobody had waited for, or the commit itself.
            Ended::Refused(failure) => {
                self.connection = Some(connection);
                match failure.failure {
                    Failure::Retry => Ok(Attempt::Again),
                    Failure::Duplicate => Ok(Attempt::Duplicate(Some(failure.into_error("COMMIT")))),
                    _ => Err(failure.into_error("COMMIT")),
                }
            }
            Ended::Lost(failure) if stays && !self.read_only => {
                metrics::counter!("xuecheng_store_outcomes_unknown_total").increment(1);
                tracing::error!(name = work.name(), error = %failure.cause, "the outcome of a commit is unknown");
                Err(Error::new(&UNKNOWN_OUTCOME).caused_by(failure.cause))
            }
            Ended::Lost(_) if told => Ok(Attempt::Done),
            Ended::Lost(_) if failed.is_some() || stays => Ok(Attempt::Again),
            // A refusal whose rollback was lost: the server rolls back by itself.
            Ended::Lost(_) => Ok(Attempt::Done),
        }
    }
}
