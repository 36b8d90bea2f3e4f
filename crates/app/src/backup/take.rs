//! Taking a backup while the city goes on: one view of the database, two files.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, anyhow, bail};
use indicatif::ProgressBar;
use kernel::{Chance, Error};
use seal::{KeyFile, KeyKind, hex};
use store::{Engine, Store, Tx, Value, params, sql};

use super::{
    files::PartWriter,
    frames::{Manifest, TableHead, TableSum},
    parts::{Part, Sink, backed_up, pour},
    stream::Header,
};

/// The key that closes and opens a backup.
#[derive(Clone)]
pub struct Lock {
    /// The secret.
    pub secret: [u8; 32],
    /// Its public name.
    pub id: String,
}

impl Lock {
    /// From a backup key. A master key opens and closes the backups that are made before upgrades.
    ///
    /// # Errors
    /// If the key signs.
    pub fn of(file: &KeyFile) -> Result<Self> {
        match file.kind() {
            KeyKind::Backup => Ok(Self { secret: *file.secret(), id: file.id() }),
            KeyKind::Master => {
                Ok(Self { secret: seal::derive(file.secret(), "backup before upgrade"), id: file.id() })
            }
            KeyKind::Signing => bail!("a signing key closes no backup"),
        }
    }
}

/// Whose backup it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name under which the log is signed.
    pub origin: String,
    /// Id of the signing key.
    pub signing_key: String,
    /// Id of the master key.
    pub master_key: String,
}

/// A backup that is on disk.
#[derive(Debug)]
pub struct Taken {
    /// What it is of.
    pub manifest: Manifest,
    /// Tables of the records, and of the keys.
    pub sums: [Vec<TableSum>; 2],
    /// Bytes of the records, and of the keys.
    pub bytes: [u64; 2],
}

/// The file of the keys beside a file of records.
pub fn keys_beside(records: &Path) -> PathBuf {
    let mut name = records.as_os_str().to_owned();
    name.push(".keys");
    name.into()
}

/// Runs a closure once on one consistent view, with any kind of error.
pub fn viewed<T, F>(store: &Store, f: F) -> Result<T>
where
    F: FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    let once = Mutex::new(Some(f));
    let told = std::sync::Arc::new(Mutex::new(None));
    let tell = told.clone();
    let read = store.read_blocking(move |tx| {
        let Some(f) = once.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            // The connection was lost on the way; half a file cannot be gone on with.
            return Err(Error::bug("the connection to the database was lost; start again"));
        };
        f(tx).map_err(|error| {
            *tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            Error::bug("stopped")
        })
    });
    let told = told.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (read, told) {
        (Ok(value), _) => Ok(value),
        (Err(_), Some(told)) => Err(told),
        (Err(error), None) => Err(error.into()),
    }
}

/// Takes a backup of one moment into `records` and the file beside it. Commands go on meanwhile, on both engines.
///
/// # Errors
/// If one of the files is there already or cannot be written.
pub fn take(
    store: &Store,
    identity: Identity,
    lock: Lock,
    records: &Path,
    bar: &ProgressBar,
) -> Result<Taken> {
    let paths = [records.to_owned(), keys_beside(records)];
    for path in &paths {
        if path.exists() {
            bail!("{} is there already, and no backup is overwritten; name another file", path.display());
        }
    }
    let shown = bar.clone();
    viewed(store, move |tx| {
        let tables = backed_up(tx)?;
        let mut rows = 0;
        for table in &tables {
            rows += table.count(tx)?;
        }
        shown.set_length(rows.unsigned_abs());
        let manifest = manifest(tx, identity, rows)?;
        let mut chance = Chance::from_system();
        let backup = hex(&chance.bytes::<8>());
        let mut begin = |part: Part| {
            let header = Header {
                part: part.word().to_owned(),
                backup: backup.clone(),
                at: tx.now().millis(),
                made_at: tx.now().rfc3339(),
                program: env!("CARGO_PKG_VERSION").to_owned(),
                key_id: lock.id.clone(),
            };
            PartWriter::begin(&paths[part as usize], &lock.secret, chance.fork(), &header, &manifest)
        };
        let mut files = Files([begin(Part::Records)?, begin(Part::Keys)?]);
        pour(tx, &tables, &mut files, &|| shown.inc(1))
            .with_context(|| format!("the backup {} was not completed", paths[0].display()))?;
        let Files([records, keys]) = files;
        let (mut records, mut keys) = (records.finish()?, keys.finish()?);
        // The records last: who sees them can rely on the keys.
        keys.name()?;
        records.name()?;
        Ok(Taken { manifest, sums: [records.sums, keys.sums], bytes: [records.bytes, keys.bytes] })
    })
}

struct Files([PartWriter; 2]);

impl Sink for Files {
    fn table(&mut self, part: Part, head: TableHead) -> Result<()> {
        self.0[part as usize].table(&head)
    }

    fn row(&mut self, part: Part, values: &[Value]) -> Result<()> {
        self.0[part as usize].row(values)
    }

    fn end(&mut self, part: Part) -> Result<()> {
        self.0[part as usize].end()
    }
}

/// What the database holds now.
///
/// # Errors
/// If it cannot be read.
pub fn manifest(tx: &mut Tx, identity: Identity, rows: i64) -> kernel::Result<Manifest> {
    let steps = sql!("SELECT domain, number, checksum FROM schema_migration ORDER BY domain, number");
    let (waiting,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), params![])?;
    let head = journal::heads(tx, 1)?.into_iter().next();
    Ok(Manifest {
        engine: match tx.engine() {
            Engine::Sqlite => "sqlite".to_owned(),
            Engine::Postgres => "postgres".to_owned(),
        },
        origin: identity.origin,
        signing_key: identity.signing_key,
        master_key: identity.master_key,
        migrations: tx.all(steps, params![])?,
        position: journal::head_pos(tx)?,
        waiting,
        head: head.map(|head| (head.size, hex(&head.root))),
        rows,
    })
}

/// Reads a key file.
///
/// # Errors
/// If it cannot be read, or is none.
pub fn key_file(path: &Path) -> Result<KeyFile> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the key {} cannot be read", path.display()))?;
    KeyFile::parse(&text).map_err(|error| anyhow!("{} is no key of this program: {error}", path.display()))
}
