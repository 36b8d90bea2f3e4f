//! The handle: queues in front, threads that own their connections behind.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use kernel::{Chance, Clock, Error, Result, Timestamp};
use tokio::sync::oneshot;

use crate::{
    error::{UNAVAILABLE, UNKNOWN_OUTCOME},
    faults::{Broken, Fault, Faults},
    pg_server::PgServer,
    pg_worker::PgWorker,
    sqlite::SqliteConnection,
    tx::{Connection, DriverError, Failure, Tx},
};

/// Requests that may wait before a full queue answers `store.unavailable`.
const QUEUE_LENGTH: usize = 4_096;
/// Closures that one SQLite commit may hold.
const GROUP_SIZE: usize = 256;

/// How many connections a [`Store`] keeps, each with a thread of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Those that read, at least 1.
    pub readers: usize,
    /// Those that write to PostgreSQL, at least 1; SQLite has one writer.
    pub writers: usize,
}

impl Default for Pool {
    fn default() -> Self {
        Self { readers: 2, writers: 8 }
    }
}

/// Which database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, inside the process.
    Sqlite,
    /// A server, shared by several processes.
    Postgres,
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file (made when it is not there).
    File(PathBuf),
    /// A PostgreSQL URL. `sslmode=require` makes the server prove who it is, by a certificate that the system trusts or that `sslrootcert` names;
    /// `readers` and `writers` say how many connections a process keeps. Without `sslmode=require` nothing is encrypted.
    Server(String),
}

impl Location {
    /// `postgres://…` is a server, everything else a file.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Location::Server(text.to_owned())
        } else {
            Location::File(PathBuf::from(text))
        }
    }
}

/// A database behind bounded queues. Cheap to clone; the threads end when the last handle is dropped.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    location: Location,
    clock: Arc<dyn Clock>,
    readers: Option<Sender<Box<dyn Work>>>,
    writers: Option<Sender<Box<dyn Work>>>,
    commits: Arc<Commits>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.readers = None;
        self.writers = None;
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by one of the threads themselves (in a reply that nobody awaits).
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// Those who want to hear that something was committed.
#[derive(Default)]
struct Commits(Mutex<Vec<Sender<()>>>);

impl Commits {
    fn announce(&self) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| !matches!(listener.try_send(()), Err(TrySendError::Disconnected(()))));
    }
}

impl Store {
    /// Opens the database and starts its threads. `chance` seeds each thread's own randomness. A server's URL may say how many connections
    /// of it are kept.
    pub fn open(location: &Location, clock: Arc<dyn Clock>, chance: Chance) -> Result<Self> {
        Self::start(location, clock, chance, None, None)
    }

    /// As [`Store::open`], with this number of connections.
    pub fn open_with(location: &Location, clock: Arc<dyn Clock>, chance: Chance, pool: Pool) -> Result<Self> {
        Self::start(location, clock, chance, Some(pool), None)
    }

    /// As [`Store::open_with`], with transactions that fail on purpose: for simulations.
    pub fn open_faulty(
        location: &Location,
        clock: Arc<dyn Clock>,
        chance: Chance,
        pool: Pool,
        faults: Option<Arc<dyn Faults>>,
    ) -> Result<Self> {
        Self::start(location, clock, chance, Some(pool), faults)
    }

    fn start(
        location: &Location,
        clock: Arc<dyn Clock>,
        mut chance: Chance,
        pool: Option<Pool>,
        faults: Option<Arc<dyn Faults>>,
    ) -> Result<Self> {
        let (read_in, read_out) = bounded::<Box<dyn Work>>(QUEUE_LENGTH);
        let (write_in, write_out) = bounded::<Box<dyn Work>>(QUEUE_LENGTH);
        let commits = Arc::new(Commits::default());
        let mut threads = Vec::new();
        let mut start = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let started = thread::Builder::new().name(name.to_owned()).spawn(run);
            started.map(|thread| threads.push(thread)).map_err(|e| Error::new(&UNAVAILABLE).caused_by(e))
        };
        let engine = match location {
            Location::File(path) => {
                let writer = SqliteConnection::open(path, false)?;
                let hands = Hands::new(&clock, &mut chance, &commits, &faults);
                start("store-write", Box::new(move || sqlite_writer(writer, write_out, hands)))?;
                for _ in 0..pool.unwrap_or_default().readers.max(1) {
                    let reader = SqliteConnection::open(path, true)?;
                    let hands = Hands::new(&clock, &mut chance, &commits, &faults);
                    let queue = read_out.clone();
                    start("store-read", Box::new(move || sqlite_reader(reader, queue, hands)))?;
                }
                Engine::Sqlite
            }
            Location::Server(url) => {
                let server = PgServer::parse(url)?;
                let pool = pool.unwrap_or(server.pool);
                // Fail at once and clearly when the server cannot be reached at the start.
                PgWorker::try_server(&server)?;
                for (queue, count, read_only) in
                    [(&read_out, pool.readers, true), (&write_out, pool.writers, false)]
                {
                    for _ in 0..count.max(1) {
                        let hands = Hands::new(&clock, &mut chance, &commits, &faults);
                        let (server, queue) = (server.clone(), queue.clone());
                        let run = move || PgWorker::new(server, read_only, hands).run(&queue);
                        start(if read_only { "store-read" } else { "store-write" }, Box::new(run))?;
                    }
                }
                Engine::Postgres
            }
        };
        let inner = Inner {
            engine,
            location: location.clone(),
            clock,
            readers: Some(read_in),
            writers: Some(write_in),
            commits,
            threads,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Removes from SQLite's write-ahead log the pages of before, which hold what was deleted since; the file itself is overwritten where
    /// something is deleted. A server keeps its log by its own settings, and nothing is done. It waits up to ten seconds for others who read:
    /// not for a thread of the runtime.
    ///
    /// # Errors
    /// `store.unavailable` if others still read the pages of before.
    pub fn scrub_blocking(&self) -> Result<()> {
        let Location::File(path) = &self.inner.location else { return Ok(()) };
        match SqliteConnection::open(path, false)?.empty_log() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::new(&UNAVAILABLE).arg("database", path.display())),
            Err(error) => {
                Err(Error::new(&UNAVAILABLE).arg("database", path.display()).caused_by(error.cause))
            }
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Where the database is.
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// The clock that transactions see.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// How many closures wait to read and to write.
    pub fn waiting(&self) -> (usize, usize) {
        let length = |queue: &Option<Sender<Box<dyn Work>>>| queue.as_ref().map_or(0, Sender::len);
        (length(&self.inner.readers), length(&self.inner.writers))
    }

    /// A channel on which a word arrives after commits (one word may stand for many).
    pub fn subscribe(&self) -> Receiver<()> {
        let (sender, receiver) = bounded(1);
        self.inner.commits.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Runs a closure on one consistent view of the database.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        received(self.submit(false, "read", f)?.await)
    }

    /// Runs a closure in a transaction; when this returns `Ok`, what it wrote is on disk.
    ///
    /// The closure must be repeatable (it may run several times), quick (about 20 ms) and free of effects other than
    /// through `tx`. An `Err` rolls back its own work only; it is answered after the commit of what it saw.
    pub async fn write<T, F>(&self, name: &'static str, f: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        received(self.submit(true, name, f)?.await)
    }

    /// As [`Store::read`], for threads outside of the runtime.
    pub fn read_blocking<T, F>(&self, f: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        received(self.submit(false, "read", f)?.blocking_recv())
    }

    /// As [`Store::write`], for threads outside of the runtime.
    pub fn write_blocking<T, F>(&self, name: &'static str, f: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        received(self.submit(true, name, f)?.blocking_recv())
    }

    fn submit<T, F>(&self, write: bool, name: &'static str, f: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Closure {
            name,
            f,
            reply: Some(reply),
            result: None,
            since: Some(Instant::now()),
            write,
        });
        let queue = if write { &self.inner.writers } else { &self.inner.readers };
        let queue = queue.as_ref().ok_or_else(|| Error::new(&UNAVAILABLE))?;
        match queue.try_send(work) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => {
                tracing::warn!(name, "the database queue is full");
                Err(Error::new(&UNAVAILABLE))
            }
            Err(TrySendError::Disconnected(_)) => Err(Error::new(&UNAVAILABLE)),
        }
    }
}

fn received<T>(answer: Result<Result<T>, oneshot::error::RecvError>) -> Result<T> {
    answer.unwrap_or_else(|_| Err(Error::new(&UNAVAILABLE)))
}

/// A closure waiting for its turn, whatever it returns.
pub(crate) trait Work: Send {
    fn name(&self) -> &'static str;
    /// Nobody waits any more.
    fn abandoned(&self) -> bool;
    /// Runs the closure, keeps its answer, and says whether its writes shall stay.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the answer, or the failure that overtook it.
    fn finish(&mut self, failure: Option<Error>);
}

struct Closure<T, F> {
    name: &'static str,
    f: F,
    reply: Option<oneshot::Sender<Result<T>>>,
    result: Option<Result<T>>,
    /// Since when it waits for its first run.
    since: Option<Instant>,
    write: bool,
}

impl<T: Send, F: Fn(&mut Tx) -> Result<T> + Send> Work for Closure<T, F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn abandoned(&self) -> bool {
        self.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        if let Some(since) = self.since.take() {
            let queue = if self.write { "write" } else { "read" };
            metrics::histogram!("xuecheng_store_wait_seconds", "queue" => queue)
                .record(since.elapsed().as_secs_f64());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.f)(tx)));
        let result =
            outcome.unwrap_or_else(|_| Err(Error::bug(format!("the closure {} panicked", self.name))));
        let stays = result.is_ok() && tx.failed.is_none();
        self.result = Some(match result {
            Ok(_) if !stays => Err(Error::bug("a command hid the failure of its statement")),
            other => other,
        });
        stays
    }

    fn finish(&mut self, failure: Option<Error>) {
        let result = match failure {
            Some(failure) => Err(failure),
            None => self.result.take().unwrap_or_else(|| Err(Error::new(&UNAVAILABLE))),
        };
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(result);
        }
    }
}

/// What each thread brings along.
pub(crate) struct Hands {
    clock: Arc<dyn Clock>,
    pub chance: Chance,
    commits: Arc<Commits>,
    last_id: (Timestamp, u32),
    faults: Option<Arc<dyn Faults>>,
}

impl Hands {
    fn new(
        clock: &Arc<dyn Clock>,
        chance: &mut Chance,
        commits: &Arc<Commits>,
        faults: &Option<Arc<dyn Faults>>,
    ) -> Self {
        let last_id = (Timestamp::default(), 0);
        let (clock, commits, faults) = (clock.clone(), commits.clone(), faults.clone());
        Self { clock, chance: chance.fork(), commits, last_id, faults }
    }

    /// What goes wrong with a transaction that writes; usually nothing.
    pub fn plan(&self, name: &'static str) -> Option<Fault> {
        self.faults.as_ref().and_then(|faults| faults.plan(name))
    }

    /// Tells those who wait for news that something was committed.
    pub fn announce(&self) {
        self.commits.announce();
    }

    pub fn tx<'a>(&'a mut self, connection: Connection<'a>, fault: Option<Fault>) -> Tx<'a> {
        Tx {
            connection,
            now: self.clock.now(),
            chance: &mut self.chance,
            last_id: &mut self.last_id,
            failed: None,
            broken: Broken::new(self.faults.as_deref(), fault),
        }
    }
}

/// The failure of a whole group or of a reader's beginning.
fn unavailable(failure: DriverError) -> Error {
    let code = if failure.failure == Failure::NoSpace { &crate::error::NO_SPACE } else { &UNAVAILABLE };
    Error::new(code).caused_by(failure.cause)
}

/// Takes all waiting closures, runs each in a savepoint, commits once, and only then answers them all.
#[expect(clippy::needless_pass_by_value, reason = "the thread owns its queue and hands")]
fn sqlite_writer(mut connection: SqliteConnection, queue: Receiver<Box<dyn Work>>, mut hands: Hands) {
    while let Ok(first) = queue.recv() {
        let mut group = Vec::with_capacity(16);
        let begun = connection.control("BEGIN IMMEDIATE");
        let mut broken = begun.err();
        let mut next = Some(first);
        let mut clean = true;
        let mut fault = None;
        while let Some(mut work) = next.take() {
            if broken.is_none() && !work.abandoned() {
                let planned = hands.plan(work.name());
                let outcome = if clean {
                    in_clean_transaction(&mut connection, &mut hands, work.as_mut(), planned)
                } else {
                    in_savepoint(&mut connection, &mut hands, work.as_mut(), planned).map(|()| true)
                };
                fault = fault.or(planned);
                match outcome {
                    Ok(stays) => clean &= !stays,
                    Err(failure) => broken = Some(failure),
                }
            }
            group.push(work);
            if broken.is_none() && group.len() < GROUP_SIZE {
                next = queue.try_recv().ok();
            }
        }
        if broken.is_none() {
            let begun = Instant::now();
            let end = if fault == Some(Fault::BeforeCommit) { "ROLLBACK" } else { "COMMIT" };
            broken = connection.control(end).err();
            metrics::histogram!("xuecheng_store_commit_seconds").record(begun.elapsed().as_secs_f64());
            metrics::histogram!("xuecheng_store_group_size").record(group.len() as f64);
        }
        if let Some(failure) = broken {
            if connection.in_transaction() {
                let _ = connection.control("ROLLBACK");
            }
            tracing::error!(error = %failure.cause, "a group of {} was not committed", group.len());
            let text = failure.cause.to_string();
            let no_space = failure.failure == Failure::NoSpace;
            for work in &mut group {
                let code = if no_space { &crate::error::NO_SPACE } else { &UNAVAILABLE };
                work.finish(Some(Error::new(code).caused_by(text.clone())));
            }
            continue;
        }
        let unanswered = matches!(fault, Some(Fault::BeforeCommit | Fault::AfterCommit));
        for work in &mut group {
            work.finish(unanswered.then(|| Error::new(&UNKNOWN_OUTCOME)));
        }
        hands.commits.announce();
    }
}

/// Runs a closure before which the transaction is empty; tells whether its work stays. It needs no savepoint, because what
/// it undoes is all there is; and under a savepoint SQLite keeps the old pages of the whole closure in one list in memory,
/// which every `UPDATE … RETURNING` walks from its beginning: a closure of thousands of writes would take twice as long.
fn in_clean_transaction(
    connection: &mut SqliteConnection,
    hands: &mut Hands,
    work: &mut dyn Work,
    fault: Option<Fault>,
) -> Result<bool, DriverError> {
    let stays = work.run(&mut hands.tx(Connection::Sqlite(connection), fault));
    if !stays {
        // A full disk may have ended the transaction already; then this fails and so does the group.
        connection.control("ROLLBACK")?;
        connection.control("BEGIN IMMEDIATE")?;
    }
    Ok(stays)
}

/// An `Err` means that the whole group is lost, not only this closure.
fn in_savepoint(
    connection: &mut SqliteConnection,
    hands: &mut Hands,
    work: &mut dyn Work,
    fault: Option<Fault>,
) -> Result<(), DriverError> {
    connection.control("SAVEPOINT closure")?;
    let stays = work.run(&mut hands.tx(Connection::Sqlite(connection), fault));
    if !stays {
        // A full disk may have ended the transaction already; then this fails and so does the group.
        connection.control("ROLLBACK TO closure")?;
    }
    connection.control("RELEASE closure")
}

#[expect(clippy::needless_pass_by_value, reason = "the thread owns its queue and hands")]
fn sqlite_reader(mut connection: SqliteConnection, queue: Receiver<Box<dyn Work>>, mut hands: Hands) {
    while let Ok(mut work) = queue.recv() {
        if work.abandoned() {
            continue;
        }
        let begun = connection.control("BEGIN DEFERRED");
        if begun.is_ok() {
            work.run(&mut hands.tx(Connection::Sqlite(&mut connection), None));
            let _ = connection.control("COMMIT");
        }
        work.finish(begun.err().map(unavailable));
    }
}
