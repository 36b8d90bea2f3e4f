//! SQLite: one writer that commits in groups, a few readers.

use std::{collections::HashMap, path::Path, sync::Arc};

use kernel::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags, types::ToSqlOutput, types::ValueRef};

use crate::{
    Row, Value,
    error::UNAVAILABLE,
    statement::for_sqlite,
    tx::{DriverError, Failure},
};

/// Statements kept prepared per connection.
const STATEMENTS_KEPT: usize = 512;

pub(crate) struct SqliteConnection {
    inner: Connection,
    /// Texts with `?1` in place of `$1`.
    translated: HashMap<Box<str>, Arc<str>>,
}

impl SqliteConnection {
    /// Opens the file with full durability: write-ahead log, `synchronous=FULL` (each commit is flushed). What is deleted is overwritten
    /// (`secure_delete`): the key of an erased person must not be found in the free pages of the file.
    pub fn open(path: &Path, read_only: bool) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let failed =
            |e: rusqlite::Error| Error::new(&UNAVAILABLE).arg("database", path.display()).caused_by(e);
        let inner = Connection::open_with_flags(path, flags).map_err(failed)?;
        inner
            .execute_batch(
                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;
                 PRAGMA wal_autocheckpoint = 4000; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
            )
            .map_err(failed)?;
        if read_only {
            inner.execute_batch("PRAGMA query_only = ON").map_err(failed)?;
        }
        inner.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(Self { inner, translated: HashMap::new() })
    }

    fn translate(&mut self, text: &str) -> Arc<str> {
        if let Some(found) = self.translated.get(text) {
            return found.clone();
        }
        if self.translated.len() >= STATEMENTS_KEPT {
            self.translated.clear();
        }
        let translated: Arc<str> = for_sqlite(text).into();
        self.translated.insert(text.into(), translated.clone());
        translated
    }

    pub fn exec(&mut self, text: &str, params: &[Value]) -> Result<u64, DriverError> {
        let text = self.translate(text);
        let mut statement = self.inner.prepare_cached(&text).map_err(sorted)?;
        if statement.column_count() > 0 {
            // `RETURNING` without a reader: the rows must be stepped through.
            let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(sorted)?;
            let mut count = 0;
            while rows.next().map_err(sorted)?.is_some() {
                count += 1;
            }
            return Ok(count);
        }
        statement.execute(rusqlite::params_from_iter(params)).map(|n| n as u64).map_err(sorted)
    }

    pub fn rows(&mut self, text: &str, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let text = self.translate(text);
        let mut statement = self.inner.prepare_cached(&text).map_err(sorted)?;
        let width = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(sorted)?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(sorted)? {
            let mut values = Vec::with_capacity(width);
            for column in 0..width {
                values.push(match row.get_ref(column).map_err(sorted)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(value) => Value::Int(value),
                    ValueRef::Real(value) => Value::Real(value),
                    ValueRef::Text(bytes) => Value::Text(readable(bytes)),
                    ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                });
            }
            answer.push(Row(values));
        }
        Ok(answer)
    }

    pub fn script(&mut self, text: &str) -> Result<(), DriverError> {
        self.inner.execute_batch(text).map_err(sorted)
    }

    /// A short statement of transaction control.
    pub fn control(&mut self, text: &'static str) -> Result<(), DriverError> {
        self.inner.prepare_cached(text).and_then(|mut s| s.execute([])).map(|_| ()).map_err(sorted)
    }

    /// Writes the log back into the file and empties it; false if others who read it did not let go in ten seconds.
    pub fn empty_log(&mut self) -> Result<bool, DriverError> {
        let busy = |row: &rusqlite::Row| row.get::<_, i64>(0);
        self.inner
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], busy)
            .map(|busy| busy == 0)
            .map_err(sorted)
    }

    /// Whether a transaction is open (a full disk may have rolled it back).
    pub fn in_transaction(&self) -> bool {
        !self.inner.is_autocommit()
    }

    /// Checks a statement without running it.
    pub fn prepare_only(&mut self, text: &str) -> Result<(), DriverError> {
        self.inner.prepare(&for_sqlite(text)).map(|_| ()).map_err(sorted)
    }
}

/// What is no UTF-8 was put there by other hands; it reads with marks in the place of the wrong bytes. The usual case is many times faster
/// by the strict check.
fn readable(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_owned)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn sorted(error: rusqlite::Error) -> DriverError {
    let code = error.sqlite_error().copied();
    let extended = code.map_or(0, |c| c.extended_code);
    let failure = match (code.map(|c| c.code), extended) {
        (_, rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
            Failure::Duplicate
        }
        (
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen,
            ),
            _,
        ) => Failure::NoSpace,
        _ => Failure::Statement,
    };
    DriverError::new(failure, error)
}
