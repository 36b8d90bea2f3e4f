//! Lists as files: asked for on the page of a list, written by a job, kept for some days for who asked.
//!
//! A file is written whole before any of it can be had. It lies in the database in pieces, so that each process of a city can give it, and
//! sealed, because it may hold names. Nobody but who asked finds out that it exists. Pieces belong to a **run**: a job that was killed begins
//! anew under another number, and what it had left behind is thrown away.

mod book;
mod sheet;
mod write;

use kernel::{Error, Id, Lang, Person, Result, Timestamp};
use people::Vault;
use store::{
    FromValue, Tx, Value,
    jobs::{self, JobMark},
    params, row, sql,
};
use web::list::Query;

pub use sheet::SHEET_ROWS_MAX;
pub use write::{Exporter, Exports, write_next};

kernel::codes! {
    /// So many exports are kept or under way that no more can be asked for.
    pub TOO_MANY_EXPORTS = Conflict "portal.too_many_exports";
}

/// Kind of the job that writes a file.
pub const JOB: &str = "portal.export";
/// Days for which a file is kept.
pub const KEPT_DAYS: i64 = 3;
/// Files that one person may have kept or under way.
pub const EXPORTS_MAX: i64 = 20;
/// Bytes of a piece before it is sealed.
const PIECE_BYTES: usize = 256 * 1024;

/// Marker for identifiers of exports.
#[derive(Debug)]
pub enum ExportMark {}
/// Identifier of an export.
pub type ExportId = Id<ExportMark>;

network::worded! {
    /// As what kind of file a list is written.
    pub enum Format {
        /// Text with commas, for programs and every office.
        Csv = "csv",
        /// A workbook (ECMA-376), with cells that know what they hold.
        Xlsx = "xlsx",
    }
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its job has not begun.
    Waiting,
    /// It is being written.
    Writing,
    /// The file can be had.
    Done,
    /// It could not be written.
    Failed,
}

impl State {
    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Writing => "writing",
            State::Done => "done",
            State::Failed => "failed",
        }
    }
}

impl FromValue for State {
    fn from_value(value: &Value) -> Option<Self> {
        let all = [State::Waiting, State::Writing, State::Done, State::Failed];
        let text = String::from_value(value)?;
        all.into_iter().find(|state| state.as_str() == text)
    }
}

row! {
    /// An export.
    pub struct Export {
        /// Its identifier.
        pub export_id: ExportId,
        /// Who asked.
        pub person_id: Id<Person>,
        /// The list.
        pub list: String,
        /// What was shown, as the list's address has it.
        pub query: String,
        /// As what kind of file.
        pub format: Format,
        /// Language of its words.
        pub lang: String,
        /// How far it is.
        pub state: State,
        /// Rows written so far.
        pub rows_done: i64,
        /// Rows that there were when it began.
        pub rows_about: Option<i64>,
        /// Length of the file.
        pub length: Option<i64>,
        /// Which run wrote the file.
        pub run: i64,
        /// When it was asked for.
        pub made_at: Timestamp,
        /// Until when it is kept.
        pub expires_at: Timestamp,
    }
}

/// Asks for a list as a file.
///
/// # Errors
/// `portal.too_many_exports`.
pub fn ask_export(
    tx: &mut Tx,
    person: Id<Person>,
    query: &Query,
    format: Format,
    lang: Lang,
) -> Result<ExportId> {
    let now = tx.now();
    let (kept,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM export WHERE person_id = $1 AND expires_at > $2"),
        params![person, now],
    )?;
    if kept >= EXPORTS_MAX {
        return Err(Error::new(&TOO_MANY_EXPORTS).arg("max", EXPORTS_MAX));
    }
    let id: ExportId = tx.random_id();
    let job: Id<JobMark> = jobs::enqueue(tx, JOB, &id.to_string(), now)?;
    tx.exec_later(
        sql!(
            "INSERT INTO export (export_id, person_id, list, query, format, lang, state, rows_done, run, job_id, made_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, $7, $8, $9)"
        ),
        params![
            id,
            person,
            query.spec().name,
            query.text(),
            format,
            lang.tag(),
            job,
            now,
            now.plus_minutes(KEPT_DAYS * 24 * 60)
        ],
    )?;
    Ok(id)
}

/// An export of this person. Somebody else's is answered as one that does not exist, and so is one whose days are over.
///
/// # Errors
/// `kernel.missing`.
pub fn export(tx: &mut Tx, person: Id<Person>, id: ExportId) -> Result<Export> {
    let now = tx.now();
    tx.one(
        sql!(
            "SELECT export_id, person_id, list, query, format, lang, state, rows_done, rows_about, length, run, made_at, expires_at \
             FROM export WHERE export_id = $1 AND person_id = $2 AND expires_at > $3"
        ),
        params![id, person, now],
    )
}

/// The exports of a person that are kept, the newest first.
///
/// # Errors
/// Those of the store.
pub fn exports_of(tx: &mut Tx, person: Id<Person>) -> Result<Vec<Export>> {
    let now = tx.now();
    tx.all(
        sql!(
            "SELECT export_id, person_id, list, query, format, lang, state, rows_done, rows_about, length, run, made_at, expires_at \
             FROM export WHERE person_id = $1 AND expires_at > $2 ORDER BY made_at DESC, export_id LIMIT 100"
        ),
        params![person, now],
    )
}

/// A piece of a file that is done; `None` behind the last.
///
/// # Errors
/// `kernel.missing` if the file is not done or gone; `kernel.bug` if the piece does not open.
pub fn piece(
    tx: &mut Tx,
    vault: &Vault,
    person: Id<Person>,
    id: ExportId,
    number: i64,
) -> Result<Option<Vec<u8>>> {
    let found = export(tx, person, id)?;
    if found.state != State::Done {
        return Err(Error::missing());
    }
    let sealed: Option<(Vec<u8>,)> = tx.opt(
        sql!("SELECT sealed FROM export_piece WHERE export_id = $1 AND run = $2 AND number = $3"),
        params![id, found.run, number],
    )?;
    sealed.map(|(sealed,)| vault.open_file(&context(id, found.run, number), &sealed)).transpose()
}

/// Deletes an export of this person, with its file. A job that is still at it stops at its next step.
///
/// # Errors
/// `kernel.missing`.
pub fn drop_export(tx: &mut Tx, person: Id<Person>, id: ExportId) -> Result<()> {
    let gone =
        tx.exec(sql!("DELETE FROM export WHERE export_id = $1 AND person_id = $2"), params![id, person])?;
    if gone == 0 {
        return Err(Error::missing());
    }
    tx.exec_later(sql!("DELETE FROM export_piece WHERE export_id = $1"), params![id])
}

/// Throws away exports whose days are over, and pieces that belong to no file. Gives the number of exports.
///
/// # Errors
/// Those of the store.
pub fn sweep(tx: &mut Tx) -> Result<u64> {
    let gone = tx.exec(sql!("DELETE FROM export WHERE expires_at <= $1"), params![tx.now()])?;
    tx.exec_later(
        sql!(
            "DELETE FROM export_piece WHERE NOT EXISTS (SELECT 1 FROM export e WHERE e.export_id = export_piece.export_id \
             AND e.run = export_piece.run)"
        ),
        &[],
    )?;
    Ok(gone)
}

/// What a piece is sealed for: it opens nowhere else.
fn context(id: ExportId, run: i64, number: i64) -> Vec<u8> {
    format!("portal.export_piece:{id}/{run}/{number}").into_bytes()
}
