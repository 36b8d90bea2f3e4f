//! The thread that writes lists to files.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kernel::{Actor, Error, Id, Lang, Person, Result};
use people::Vault;
use store::{
    Store, Tx,
    jobs::{self, Job},
    params, sql,
};
use web::{
    i18n,
    list::{Count, Edge, List, Query, Reader},
};

use super::{Export, ExportId, JOB, PIECE_BYTES, SHEET_ROWS_MAX, context, sheet::Sheet};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 2_000;
/// Rows up to which they are counted beforehand, for the progress.
const COUNTED: i64 = 10_000_000;
/// Pause between two looks at the queue: other processes' exports are seen within it.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the progress is told, and the hold on the job renewed.
const TOLD: Duration = Duration::from_secs(1);

/// What the writer needs: the lists, and where it may write meanwhile.
pub struct Exports {
    /// The lists that can be exported.
    pub lists: Vec<Arc<dyn List>>,
    /// Seals the files.
    pub vault: Arc<Vault>,
    /// Where files lie while they are written; what was left there by a process that was killed is deleted at the start.
    pub folder: PathBuf,
    /// Rows of a sheet.
    pub sheet_rows_max: u32,
}

impl Exports {
    /// With all lists of the program.
    pub fn new(lists: Vec<Arc<dyn List>>, vault: Arc<Vault>, folder: PathBuf) -> Self {
        Self { lists, vault, folder, sheet_rows_max: SHEET_ROWS_MAX }
    }
}

/// Writes lists to files until it is dropped.
pub struct Exporter {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Exporter {
    /// Starts the thread. `name` is the worker's own among all processes.
    ///
    /// # Errors
    /// If there is no folder to write to, or no thread.
    pub fn start(store: Store, exports: Exports, name: String) -> io::Result<Self> {
        // What lies there in clear is of no use to anybody: the job begins anew.
        match fs::remove_dir_all(&exports.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&exports.folder)?,
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let news = store.subscribe();
            while !stopped.load(Ordering::SeqCst) {
                match write_next(&store, &exports, &name, &|| stopped.load(Ordering::SeqCst)) {
                    Ok(true) => {}
                    Ok(false) => {
                        let _ = news.recv_timeout(PAUSE);
                    }
                    Err(error) => {
                        tracing::error!(?error, "an export could not be worked on and will be tried again");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("exports".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Why a file is not written on.
enum Broken {
    /// The job is no longer this worker's, or nobody wants the file any more, or the program ends.
    Left,
    /// It failed.
    Failed(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Broken::Failed(error)
    }
}

/// Takes the next export that is due and writes it; false when there is none. The worker's step, and a test's. `stopped` says whether to
/// leave off.
///
/// # Errors
/// When the database fails while a job is taken or ended.
pub fn write_next(
    store: &Store,
    exports: &Exports,
    worker: &str,
    stopped: &dyn Fn() -> bool,
) -> Result<bool> {
    if !store.read_blocking(due)? {
        return Ok(false);
    }
    let name = worker.to_owned();
    let taken = store.write_blocking("exports.take", move |tx| take(tx, &name))?;
    let Some((job, found)) = taken else { return Ok(false) };
    let Some((export, actor)) = found else { return Ok(true) };
    match write(store, exports, worker, stopped, &job, &export, &actor) {
        Ok(()) | Err(Broken::Left) => Ok(true),
        Err(Broken::Failed(error)) => {
            tracing::warn!(?error, export = %export.export_id, attempt = job.attempts, "an export failed");
            let name = worker.to_owned();
            store.write_blocking("exports.failed", move |tx| {
                failed(tx, &job, export.export_id, &name, &error)
            })?;
            Ok(true)
        }
    }
}

fn due(tx: &mut Tx) -> Result<bool> {
    let row: Option<(i64,)> = tx.opt(
        sql!(
            "SELECT 1 FROM job WHERE kind = $1 AND ((state = 'ready' AND run_at <= $2) \
             OR (state = 'running' AND leased_until < $2)) LIMIT 1"
        ),
        params![JOB, tx.now()],
    )?;
    Ok(row.is_some())
}

type Taken = Option<(Job, Option<(Export, Actor)>)>;

/// Takes a job with its export and who asked for it, with the roles that she holds now.
fn take(tx: &mut Tx, worker: &str) -> Result<Taken> {
    let Some(job) = jobs::claim(tx, JOB, worker)? else { return Ok(None) };
    let id: ExportId = job.payload.parse()?;
    let found: Option<Export> = tx.opt(
        sql!(
            "SELECT export_id, person_id, list, query, format, lang, state, rows_done, rows_about, length, run, made_at, expires_at \
             FROM export WHERE export_id = $1 AND expires_at > $2"
        ),
        params![id, tx.now()],
    )?;
    let Some(export) = found else {
        // Deleted meanwhile, or its days are over.
        jobs::complete(tx, job.id, worker)?;
        return Ok(Some((job, None)));
    };
    let actor = actor(tx, export.person_id)?;
    tx.exec_later(
        sql!("UPDATE export SET state = 'writing', rows_done = 0, run = $2 WHERE export_id = $1"),
        params![id, job.attempts],
    )?;
    tx.exec_later(
        sql!("DELETE FROM export_piece WHERE export_id = $1 AND run <> $2"),
        params![id, job.attempts],
    )?;
    Ok(Some((job, Some((export, actor)))))
}

fn actor(tx: &mut Tx, person: Id<Person>) -> Result<Actor> {
    Ok(Actor::Person {
        id: person,
        grants: {
            let today = tx.now().day();
            people::grants(tx, person, today)?
        },
    })
}

/// A file of the temporary folder that goes with this, whatever happens.
struct Scratch(PathBuf);

impl Scratch {
    fn make(folder: &Path, id: ExportId, run: i64) -> io::Result<(Self, File)> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{id}-{run}"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        // Names may stand in it: nobody else of the machine reads along.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok((Self(path), file))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn write(
    store: &Store,
    exports: &Exports,
    worker: &str,
    stopped: &dyn Fn() -> bool,
    job: &Job,
    export: &Export,
    actor: &Actor,
) -> std::result::Result<(), Broken> {
    let list = exports
        .lists
        .iter()
        .find(|list| list.spec().name == export.list)
        .ok_or_else(|| Error::bug(format!("there is no list {}", export.list)))?;
    let lang: Lang = export.lang.parse().unwrap_or_default();
    let mut query = Query::parse(list.spec(), &export.query);
    // What can be done with a row is nothing for a file.
    query.cols.retain(|column| !matches!(column.key, "actions" | "links"));
    query.size = ROWS_AT_ONCE;
    let (id, run) = (export.export_id, job.attempts);
    let progress = Progress { store, worker, job, id, run };

    let about = read(store, list, actor, lang, &query, |list, tx, reader, query| {
        list.count(tx, reader, query, COUNTED)
    })?;
    let about = match about {
        Count::Exactly(n) | Count::MoreThan(n) => n,
    };
    progress.tell(0, Some(about))?;
    let (scratch, file) = Scratch::make(&exports.folder, id, run)
        .map_err(|e| Error::bug("an export cannot be written to the temporary folder").caused_by(e))?;
    let headings = query.cols.iter().map(|column| i18n::say(lang, column.label, &[])).collect();
    let title = i18n::say(lang, &format!("portal-exports-list-{}", export.list), &[]);
    let rows_max = exports.sheet_rows_max;
    let mut sheet = Sheet::begin(export.format, &exports.folder, file, &title, headings, rows_max)?;
    let (mut rows, mut people, mut told) = (0_i64, HashSet::new(), Instant::now());
    loop {
        let part =
            read(store, list, actor, lang, &query, |list, tx, reader, query| list.read(tx, reader, query))?;
        for row in &part.rows {
            sheet.row(&row.cells)?;
            people.extend(row.about);
        }
        rows += part.rows.len() as i64;
        if stopped() {
            return progress.leave();
        }
        if told.elapsed() >= TOLD {
            progress.tell(rows, None)?;
            told = Instant::now();
        }
        match part.after {
            Some(key) => query.edge = Edge::After(key),
            None => break,
        }
    }
    let mut file = sheet.end()?;
    let bytes = keep(&progress, &exports.vault, &mut file)?;
    drop(scratch);

    // Whether she may still read all this, and that she did, is settled in the transaction that gives her the file.
    let (list, before, worker, job) = (list.clone(), actor.clone(), worker.to_owned(), job.clone());
    let person = export.person_id;
    let given = store.write_blocking("exports.done", move |tx| {
        let now = self::actor(tx, person)?;
        if now != before || !jobs::complete(tx, job.id, &worker)? {
            return Ok(false);
        }
        if list.is_noted(&query) && !people.is_empty() {
            let reader = Reader { actor: &now, lang, file: true };
            list.note(tx, &reader, &query, people.len())?;
        }
        let changed = tx.exec(
            sql!(
                "UPDATE export SET state = 'done', rows_done = $3, length = $4, finished_at = $5 \
                 WHERE export_id = $1 AND run = $2 AND state = 'writing'"
            ),
            params![id, run, rows, bytes, tx.now()],
        )?;
        Ok(changed == 1)
    })?;
    if given {
        return Ok(());
    }
    Err(Broken::Failed(Error::new(&kernel::CHANGED)))
}

fn read<T: Send + 'static>(
    store: &Store,
    list: &Arc<dyn List>,
    actor: &Actor,
    lang: Lang,
    query: &Query,
    work: impl Fn(&dyn List, &mut Tx, &Reader, &Query) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (list, actor, query) = (list.clone(), actor.clone(), query.clone());
    store.read_blocking(move |tx| {
        let reader = Reader { actor: &actor, lang, file: true };
        work(list.as_ref(), tx, &reader, &query)
    })
}

/// Puts the file into the database in sealed pieces; gives its length.
fn keep(progress: &Progress, vault: &Arc<Vault>, file: &mut File) -> std::result::Result<i64, Broken> {
    let (id, run) = (progress.id, progress.run);
    let (mut length, mut told) = (0_i64, Instant::now());
    for number in 0_i64.. {
        let mut bytes = Vec::with_capacity(PIECE_BYTES);
        file.take(PIECE_BYTES as u64)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::bug("an export cannot be read back").caused_by(e))?;
        if bytes.is_empty() {
            break;
        }
        length += bytes.len() as i64;
        let (vault, bytes) = (vault.clone(), Arc::new(bytes));
        progress.store.write_blocking("exports.piece", move |tx| {
            let sealed = vault.seal_file(tx.chance(), &context(id, run, number), &bytes);
            tx.exec_later(
                sql!("INSERT INTO export_piece (export_id, run, number, sealed) VALUES ($1, $2, $3, $4)"),
                params![id, run, number, sealed],
            )
        })?;
        if told.elapsed() >= TOLD {
            progress.hold()?;
            told = Instant::now();
        }
    }
    Ok(length)
}

/// How far it is, for the page that waits; and that this worker is still at it.
struct Progress<'a> {
    store: &'a Store,
    worker: &'a str,
    job: &'a Job,
    id: ExportId,
    run: i64,
}

impl Progress<'_> {
    fn tell(&self, rows: i64, about: Option<i64>) -> std::result::Result<(), Broken> {
        let (id, run) = (self.id, self.run);
        let told = self.store.write_blocking("exports.progress", move |tx| {
            tx.exec(
                sql!(
                    "UPDATE export SET rows_done = $3, rows_about = coalesce($4, rows_about) \
                     WHERE export_id = $1 AND run = $2 AND state = 'writing'"
                ),
                params![id, run, rows, about],
            )
        })?;
        if told == 0 {
            return Err(Broken::Left);
        }
        self.hold()
    }

    fn hold(&self) -> std::result::Result<(), Broken> {
        let (job, worker) = (self.job.id, self.worker.to_owned());
        if self.store.write_blocking("exports.hold", move |tx| jobs::hold(tx, job, &worker))? {
            Ok(())
        } else {
            Err(Broken::Left)
        }
    }

    /// Gives the job back at once: the program ends, and another process or the next start takes it up.
    fn leave(&self) -> std::result::Result<(), Broken> {
        let (job, worker) = (self.job.id, self.worker.to_owned());
        self.store.write_blocking("exports.leave", move |tx| jobs::give_back(tx, job, &worker))?;
        Err(Broken::Left)
    }
}

fn failed(tx: &mut Tx, job: &Job, id: ExportId, worker: &str, error: &Error) -> Result<()> {
    jobs::fail(tx, job, worker, error.code().name)?;
    let (state,): (String,) = tx.one(sql!("SELECT state FROM job WHERE id = $1"), params![job.id])?;
    let state = if state == "failed" { "failed" } else { "waiting" };
    tx.exec_later(
        sql!("UPDATE export SET state = $3 WHERE export_id = $1 AND run = $2 AND state = 'writing'"),
        params![id, job.attempts, state],
    )
}
