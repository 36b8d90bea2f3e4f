//! `xuecheng backup`, `restore` and `move`: a city kept, brought back, and carried to another database. `docs/backup.md` is for operators.

mod files;
mod frames;
mod parts;
mod relocate;
mod restore;
mod stream;
mod take;
mod upgrade;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::Chance;
use seal::{KeyFile, KeyKind};
use store::{Location, Store};

#[cfg(test)]
pub use parts::{LEFT_OUT, OF_KEYS};
#[cfg(test)]
pub use relocate::{all_sums, fence};
pub use relocate::{in_words, moved_to, relocate, unfence};
pub use restore::Backup;
#[cfg(test)]
pub use take::Taken;
pub use take::{Identity, Lock, keys_beside, take};
pub use upgrade::backup_before_upgrade;

use crate::{
    city::City,
    cli::Place,
    config,
    data_dir::DataDir,
    serve,
    whole_file::{self, Readers},
};

/// Where an installation is when nothing says so.
const DATA: &str = "xuecheng-data";

/// What `backup` has to know.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// File for the records; the keys of people go beside it, into FILE.keys.
    pub file: PathBuf,
    /// File with the key that closes backups. It is made if it is not there; keep it apart from the data and from the backups.
    #[arg(long, env = "XUECHENG_BACKUP_KEY")]
    pub key: PathBuf,
    /// Where the records are (default `./xuecheng-data`).
    #[command(flatten)]
    pub place: Place,
}

/// What `restore` has to know.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// File of the records.
    pub file: PathBuf,
    /// File with the key that closed them.
    #[arg(long, env = "XUECHENG_BACKUP_KEY")]
    pub key: PathBuf,
    /// File of the keys, of this backup or a newer one of the same city (default FILE.keys).
    #[arg(long)]
    pub keys: Option<PathBuf>,
    /// Restore records only: nobody's name can be read, and records cannot be compared with their facts.
    #[arg(long, conflicts_with = "keys")]
    pub without_keys: bool,
    /// Read everything to the last byte, and restore nothing.
    #[arg(long)]
    pub check: bool,
    /// The empty place: a data directory with the installation's `keys` and no database, or an empty database.
    #[command(flatten)]
    pub place: Place,
}

/// What `move` has to know.
#[derive(Debug, Clone, Args)]
pub struct MoveArgs {
    /// The empty database: `postgres://…`, or a folder or file for SQLite.
    #[arg(long, required_unless_present = "undo")]
    pub to: Option<String>,
    /// Let a city that was moved away, or whose move was broken off, go on where it was.
    #[arg(long, conflicts_with = "to")]
    pub undo: bool,
    /// Where the records are (default `./xuecheng-data`).
    #[command(flatten)]
    pub place: Place,
}

/// A bar in a terminal, nothing elsewhere.
fn bar(what: &'static str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{prefix} {wide_bar} {pos}/{len} rows, {per_sec}, {eta} left {msg}",
    )?);
    bar.set_prefix(what);
    Ok(bar)
}

fn root_of(place: &Place) -> PathBuf {
    place.data.clone().unwrap_or_else(|| PathBuf::from(DATA))
}

/// Opens what must be an installation already.
fn open(place: &Place) -> Result<City> {
    let root = root_of(place);
    DataDir::existing(&root)?;
    let named = place.database.clone().map_or_else(|| config::database_of(&root), |url| Ok(Some(url)))?;
    if named.is_none() && !root.join("xuecheng.db").is_file() {
        bail!("{} has no database; name one with --database", root.display());
    }
    City::open(&root, named.as_deref(), false)
}

/// `xuecheng backup`.
///
/// # Errors
/// If there is no installation, or the files cannot be written.
pub fn backup(args: &BackupArgs) -> Result<ExitCode> {
    let root = root_of(&args.place);
    let inside = |path: &Path| match (fs::canonicalize(whole_file::folder_of(path)), fs::canonicalize(&root))
    {
        (Ok(folder), Ok(root)) => folder.starts_with(root),
        _ => false,
    };
    if inside(&args.key) {
        bail!(
            "{} lies in the data directory; a key that is lost with the data is of no use: name another place",
            args.key.display()
        );
    }
    let city = open(&args.place)?;
    let lock = Lock::of(&backup_key(&args.key)?)?;
    let bar = bar("backup")?;
    let taken = take(&city.store, city.identity(), lock, &args.file, &bar)?;
    bar.finish_and_clear();
    let rows = |part: usize| taken.sums[part].iter().map(|table| table.rows).sum::<i64>();
    println!("{}: {} rows of records, {} bytes", args.file.display(), rows(0), taken.bytes[0]);
    println!(
        "{}: {} rows of keys, {} bytes; keep it shortly, and apart",
        keys_beside(&args.file).display(),
        rows(1),
        taken.bytes[1]
    );
    if let Some((size, root)) = &taken.manifest.head {
        println!("position {}, signed head {size} {root}", taken.manifest.position);
    }
    Ok(ExitCode::SUCCESS)
}

/// The key of this file, made if it is not there.
fn backup_key(path: &Path) -> Result<KeyFile> {
    if path.exists() {
        return take::key_file(path);
    }
    let file = KeyFile::new(KeyKind::Backup, Chance::from_system().bytes());
    whole_file::make(path, &file.format(), Readers::Owner)?;
    println!(
        "a new key for backups lies in {}; without it no backup can be opened: keep copies apart",
        path.display()
    );
    Ok(file)
}

/// `xuecheng restore`.
///
/// # Errors
/// If the backup cannot be opened, is damaged, or the place is not empty.
pub fn restore(args: &RestoreArgs) -> Result<ExitCode> {
    let lock = Lock::of(&take::key_file(&args.key)?)?;
    let keys = args.keys.clone().unwrap_or_else(|| keys_beside(&args.file));
    if !args.without_keys && !keys.exists() {
        bail!(
            "{} is not there; name it or a newer one with --keys, or say --without-keys: then nobody's name can be read any more",
            keys.display()
        );
    }
    let backup = Backup::open(&args.file, (!args.without_keys).then_some(keys.as_path()), &lock)?;
    let bar = bar("restore")?;
    if args.check {
        let found = backup.check(&bar)?;
        bar.finish_and_clear();
        println!(
            "whole: {} rows, taken {} at position {}",
            found.rows, found.made_at, found.manifest.position
        );
        return Ok(ExitCode::SUCCESS);
    }
    let root = root_of(&args.place);
    let dir = DataDir::open(&root)?;
    let mut chance = Chance::from_system();
    for (kind, wanted) in
        [(KeyKind::Signing, &backup.manifest().signing_key), (KeyKind::Master, &backup.manifest().master_key)]
    {
        let key = dir.key(kind, false, &mut chance).with_context(|| {
            format!(
                "a backup holds no keys of the installation; put its folder keys into {} first",
                root.display()
            )
        })?;
        if key.id() != *wanted {
            bail!(
                "{} holds the key {}, the backup is of a city with the key {wanted}",
                root.join("keys").display(),
                key.id()
            );
        }
    }
    let named =
        args.place.database.clone().map_or_else(|| config::database_of(&root), |url| Ok(Some(url)))?;
    let location = dir.database(named.as_deref());
    let found = backup.restore(&location, || serve::forget_indexes(&dir), &bar)?;
    bar.finish_and_clear();
    println!("restored into {}: {} rows, taken {}", in_words(&location), found.rows, found.made_at);
    println!("check it: xuecheng verify --data {}", root.display());
    Ok(ExitCode::SUCCESS)
}

/// `xuecheng move`.
///
/// # Errors
/// If the other place is not empty or cannot be written; then the city goes on where it was.
pub fn relocation(args: &MoveArgs) -> Result<ExitCode> {
    let city = open(&args.place)?;
    let _only = serve::alone(&city)?;
    let Some(to) = &args.to else {
        unfence(&city.store)?;
        println!("{} may be served again; see to it that no copy is", in_words(city.store.location()));
        return Ok(ExitCode::SUCCESS);
    };
    let to = match Location::parse(to) {
        Location::File(path) if path.is_dir() => Location::File(path.join("xuecheng.db")),
        other => other,
    };
    let bar = bar("move")?;
    let sums = relocate(&city.store, &to, &bar)?;
    bar.finish_and_clear();
    let rows: i64 = sums.iter().map(|table| table.rows).sum();
    println!("moved to {}: {} tables, {rows} rows, all equal", in_words(&to), sums.len());
    println!("{} is left as it was and takes no more facts", in_words(city.store.location()));
    println!(
        "say where the city is now: `database` in {}, or --database",
        root_of(&args.place).join(config::FILE).display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Refuses a city that was moved away, or is being moved.
///
/// # Errors
/// If it was.
pub fn refuse_moved(store: &Store) -> Result<()> {
    if let Some(place) = store.read_blocking(moved_to)? {
        bail!(
            "this city was moved to {place}, so this copy is not served; if that move was broken off or shall not count, \
             `xuecheng move --undo` lets this copy go on, and the other one must never be served"
        );
    }
    Ok(())
}
