//! Whole tables: what tables there are, all rows of one in the order of its key, and filling an empty place in one stroke.
//! For backups, moves and comparisons; commands never come here.

use std::path::{Path, PathBuf};

use kernel::{Error, Result};

use crate::{
    Engine, Location, Migration, Row, Statement, Tx, Value, bulk_postgres::PgLoader,
    bulk_sqlite::SqliteLoader, error::UNAVAILABLE, migrate::translate, params,
};

/// Rows read at once.
const BATCH: usize = 1_000;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `bigint`, and on SQLite also `boolean`.
    Int,
    /// `boolean` on PostgreSQL.
    Bool,
    /// `double`.
    Real,
    /// `text`.
    Text,
    /// `bytes`.
    Bytes,
}

/// A table as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<(String, Kind)>,
    /// The columns of its primary key in their order.
    pub key: Vec<String>,
}

/// Name of the table, name and type of the column, place in the primary key from 1 (0: not in it).
pub(crate) type Found = (String, String, String, i64);

/// All columns of all tables of a SQLite file.
pub(crate) const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid";
/// All columns of all tables of the schema in use.
pub(crate) const POSTGRES_COLUMNS: &str = "SELECT c.relname::text, a.attname::text, t.typname::text, \
     coalesce(array_position(k.conkey, a.attnum), 0)::bigint \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum";

/// All tables, by name.
///
/// # Errors
/// If the database cannot be read, or has a table that this program cannot have made.
pub fn shapes(tx: &mut Tx) -> Result<Vec<Shape>> {
    let text = match tx.engine() {
        Engine::Sqlite => SQLITE_COLUMNS,
        Engine::Postgres => POSTGRES_COLUMNS,
    };
    shaped(tx.all(Statement::fixed(text), &[])?)
}

pub(crate) fn shaped(columns: Vec<Found>) -> Result<Vec<Shape>> {
    let mut all: Vec<(Shape, Vec<(i64, String)>)> = Vec::new();
    for (table, column, ty, place) in columns {
        let plain =
            |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain(&table) || !plain(&column) {
            return Err(Error::bug(format!("the table {table}.{column} was not made by this program")));
        }
        let kind = match ty.to_ascii_lowercase().as_str() {
            "integer" | "int8" | "bigint" => Kind::Int,
            "bool" => Kind::Bool,
            "real" | "float8" => Kind::Real,
            "text" => Kind::Text,
            "blob" | "bytea" => Kind::Bytes,
            other => return Err(Error::bug(format!("{table}.{column} has the unknown type {other}"))),
        };
        if all.last().is_none_or(|(shape, _)| shape.name != table) {
            all.push((Shape { name: table, columns: Vec::new(), key: Vec::new() }, Vec::new()));
        }
        if let Some((shape, key)) = all.last_mut() {
            if place > 0 {
                key.push((place, column.clone()));
            }
            shape.columns.push((column, kind));
        }
    }
    let mut shapes = Vec::new();
    for (mut shape, mut key) in all {
        key.sort();
        shape.key = key.into_iter().map(|(_, column)| column).collect();
        if shape.key.is_empty() {
            return Err(Error::bug(format!("the table {} has no primary key", shape.name)));
        }
        shapes.push(shape);
    }
    shapes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(shapes)
}

impl Shape {
    /// The names of the columns, with commas.
    pub fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn count(&self, tx: &mut Tx) -> Result<i64> {
        let (count,): (i64,) =
            tx.one(Statement::dynamic(format!("SELECT count(*) FROM {}", self.name)), &[])?;
        Ok(count)
    }

    /// Gives all rows in the order of the key, which is the same on both engines. Few of them are in memory at a time.
    ///
    /// # Errors
    /// If the database cannot be read, or `each` wants no more.
    pub fn each_row(&self, tx: &mut Tx, each: &mut dyn FnMut(&[Value]) -> Result<()>) -> Result<()> {
        let keys = self.key.join(", ");
        let marks: Vec<String> = (1..=self.key.len()).map(|n| format!("${n}")).collect();
        let (columns, name) = (self.column_list(), &self.name);
        let first = format!("SELECT {columns} FROM {name} ORDER BY {keys} LIMIT {BATCH}");
        let next = format!(
            "SELECT {columns} FROM {name} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT {BATCH}",
            marks.join(", ")
        );
        let places: Vec<usize> = self
            .key
            .iter()
            .filter_map(|key| self.columns.iter().position(|(column, _)| column == key))
            .collect();
        let mut rows: Vec<Row> = tx.all(Statement::dynamic(first), params![])?;
        while let Some(last) = rows.last() {
            let after: Vec<Value> = places.iter().map(|place| last.values()[*place].clone()).collect();
            for row in &rows {
                each(row.values())?;
            }
            if rows.len() < BATCH {
                break;
            }
            rows = tx.all(Statement::dynamic(next.clone()), &after)?;
        }
        Ok(())
    }
}

/// Fills an empty place. Until [`Loader::finish`] nothing of it is there: PostgreSQL has it in one transaction, SQLite in a file
/// with another name ([`staging_of`]). One that is dropped before leaves nothing.
pub struct Loader(Inner);

enum Inner {
    Sqlite(SqliteLoader),
    Postgres(Box<PgLoader>),
}

/// The name of a SQLite file while it is being filled.
pub fn staging_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".restoring");
    name.into()
}

impl Loader {
    /// Begins at a place. What an earlier, interrupted filling left in the staging file is thrown away.
    ///
    /// # Errors
    /// If the place cannot be reached or written.
    pub fn begin(location: &Location) -> Result<Self> {
        Ok(Self(match location {
            Location::File(path) => Inner::Sqlite(SqliteLoader::begin(path)?),
            Location::Server(url) => Inner::Postgres(Box::new(PgLoader::begin(url)?)),
        }))
    }

    /// The tables that are there.
    ///
    /// # Errors
    /// If the place cannot be read.
    pub fn shapes(&mut self) -> Result<Vec<Shape>> {
        match &mut self.0 {
            Inner::Sqlite(loader) => shaped(loader.columns()?),
            Inner::Postgres(loader) => shaped(loader.columns()?),
        }
    }

    /// Makes the tables of these steps, and the table in which steps are remembered, empty.
    ///
    /// # Errors
    /// If a step fails.
    pub fn schema(&mut self, steps: &[Migration]) -> Result<()> {
        self.script(crate::migrate::BOOKKEEPING)?;
        steps.iter().try_for_each(|step| self.script(step.sql))
    }

    /// Runs portable statements.
    ///
    /// # Errors
    /// If one fails.
    pub fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(loader) => loader.script(&translate(sql, Engine::Sqlite)),
            Inner::Postgres(loader) => loader.script(&translate(sql, Engine::Postgres)),
        }
    }

    /// The next rows go into this table.
    ///
    /// # Errors
    /// If the table cannot be written.
    pub fn table(&mut self, shape: &Shape) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(loader) => loader.table(shape),
            Inner::Postgres(loader) => loader.table(shape),
        }
    }

    /// One row, with a value for each column of the shape.
    ///
    /// # Errors
    /// If the database refuses it.
    pub fn row(&mut self, values: Vec<Value>) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(loader) => loader.row(&values),
            Inner::Postgres(loader) => loader.row(values),
        }
    }

    /// The table is complete.
    ///
    /// # Errors
    /// If the database refuses it.
    pub fn end(&mut self) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(loader) => loader.end(),
            Inner::Postgres(loader) => loader.end(),
        }
    }

    /// Makes everything appear, on disk, at once.
    ///
    /// # Errors
    /// If it could not be written; then nothing is there.
    pub fn finish(self) -> Result<()> {
        match self.0 {
            Inner::Sqlite(loader) => loader.finish(),
            Inner::Postgres(loader) => loader.finish(),
        }
    }
}

pub(crate) fn unreachable_place(place: impl std::fmt::Display) -> Error {
    Error::new(&UNAVAILABLE).arg("database", place)
}
