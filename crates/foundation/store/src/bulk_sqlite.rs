//! Filling a SQLite file under another name, which becomes its own when it is complete.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kernel::{Error, Result};
use rusqlite::Connection;

use crate::{
    Value,
    bulk::{Found, SQLITE_COLUMNS, Shape, staging_of, unreachable_place},
    error::NO_SPACE,
};

pub(crate) struct SqliteLoader {
    connection: Option<Connection>,
    path: PathBuf,
    insert: String,
    /// The folder, locked: two that fill the same place take turns, and the second finds it full.
    _turn: fs::File,
}

/// What is not finished leaves nothing.
impl Drop for SqliteLoader {
    fn drop(&mut self) {
        // After `finish` the name is free already; until the lock of the folder goes it is nobody else's.
        let _ = fs::remove_file(staging_of(&self.path));
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl SqliteLoader {
    pub fn begin(path: &Path) -> Result<Self> {
        let staging = staging_of(path);
        let turn = fs::File::open(folder_of(path)).and_then(|folder| folder.lock().map(|()| folder));
        let turn = turn.map_err(|error| unreachable_place(staging.display()).caused_by(error))?;
        for ending in ["", "-journal", "-wal", "-shm"] {
            let mut old = staging.clone().into_os_string();
            old.push(ending);
            match fs::remove_file(&old) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(unreachable_place(staging.display()).caused_by(error));
                }
                _ => {}
            }
        }
        let connection =
            Connection::open(&staging).map_err(|e| unreachable_place(staging.display()).caused_by(e))?;
        // A file that nobody uses yet needs no journal: it is either finished and flushed, or thrown away.
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; \
                 PRAGMA cache_size = -65536; BEGIN",
            )
            .map_err(refused)?;
        Ok(Self { connection: Some(connection), path: path.to_owned(), insert: String::new(), _turn: turn })
    }

    fn connection(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(|| Error::bug("the file is finished already"))
    }

    pub fn columns(&mut self) -> Result<Vec<Found>> {
        let mut statement = self.connection()?.prepare(SQLITE_COLUMNS).map_err(refused)?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .map_err(refused)?;
        rows.collect::<rusqlite::Result<_>>().map_err(refused)
    }

    pub fn script(&mut self, sql: &str) -> Result<()> {
        self.connection()?.execute_batch(sql).map_err(refused)
    }

    #[expect(clippy::unnecessary_wraps, reason = "both engines have one face")]
    pub fn table(&mut self, shape: &Shape) -> Result<()> {
        let marks: Vec<String> = (1..=shape.columns.len()).map(|n| format!("?{n}")).collect();
        self.insert =
            format!("INSERT INTO {} ({}) VALUES ({})", shape.name, shape.column_list(), marks.join(", "));
        Ok(())
    }

    pub fn row(&mut self, values: &[Value]) -> Result<()> {
        let mut statement = self.connection()?.prepare_cached(&self.insert).map_err(refused)?;
        statement.execute(rusqlite::params_from_iter(values)).map(|_| ()).map_err(refused)
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "both engines have one face")]
    pub fn end(&mut self) -> Result<()> {
        Ok(())
    }

    pub fn finish(mut self) -> Result<()> {
        self.connection()?.execute_batch("COMMIT").map_err(refused)?;
        if let Some(connection) = self.connection.take() {
            connection.close().map_err(|(_, error)| refused(error))?;
        }
        let staging = staging_of(&self.path);
        let named = || -> std::io::Result<()> {
            // Its pages are flushed before it has its name.
            fs::File::open(&staging)?.sync_all()?;
            // A link refuses a file that has come into being meanwhile; a rename would overwrite it.
            fs::hard_link(&staging, &self.path)?;
            fs::remove_file(&staging)?;
            fs::File::open(folder_of(&self.path))?.sync_all()
        };
        named().map_err(|error| unreachable_place(self.path.display()).caused_by(error))
    }
}

fn refused(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure) => {
            Error::new(&NO_SPACE).caused_by(error)
        }
        _ => Error::bug("the file was not filled").caused_by(error),
    }
}
