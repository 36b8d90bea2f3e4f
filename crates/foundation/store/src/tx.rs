//! What a closure sees of a transaction.

use std::borrow::Cow;

use kernel::{Chance, Error, Id, Result, Timestamp};

use crate::{
    Engine, FromRow, Row, Statement, Value,
    error::{self, DUPLICATE},
    faults::Broken,
    postgres::PgConnection,
    sqlite::SqliteConnection,
};

/// An open transaction on either engine, with the only clock and the only randomness that a command may use.
pub struct Tx<'a> {
    pub(crate) connection: Connection<'a>,
    pub(crate) now: Timestamp,
    pub(crate) chance: &'a mut Chance,
    /// Moment and number of this thread's last ordered identifier.
    pub(crate) last_id: &'a mut (Timestamp, u32),
    /// The first driver failure: everything after it fails too, on both engines alike.
    pub(crate) failed: Option<Failure>,
    /// What goes wrong on purpose; usually nothing.
    pub(crate) broken: Broken<'a>,
}

pub(crate) enum Connection<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// What kind of driver failure broke a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Serialisation failure or deadlock: run the closure again.
    Retry,
    /// The connection is gone.
    Lost,
    /// A unique key exists already.
    Duplicate,
    /// The disk is full, or cannot be written.
    NoSpace,
    /// The server gave the statement up for a limit of its own.
    Busy,
    /// Anything else.
    Statement,
}

impl Tx<'_> {
    /// The moment of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the moment of this transaction. Only who makes a past (demonstration, simulation, import of an archive)
    /// calls this; `clippy.toml` forbids it to everybody else.
    pub fn pretend_now(&mut self, moment: Timestamp) {
        self.now = moment;
    }

    /// The random source.
    pub fn chance(&mut self) -> &mut Chance {
        self.chance
    }

    /// A new time-ordered identifier; those of one thread are in the order of their making.
    pub fn new_id<T>(&mut self) -> Id<T> {
        let (moment, count) = *self.last_id;
        let count = if moment == self.now { count + 1 } else { 0 };
        *self.last_id = (self.now, count);
        Id::ordered_nth(self.now, count, self.chance)
    }

    /// A new random identifier, for people, credentials and shared links.
    pub fn random_id<T>(&mut self) -> Id<T> {
        Id::random(self.chance)
    }

    /// Which engine it is; only for tools and tests, never to write two kinds of SQL.
    pub fn engine(&self) -> Engine {
        match self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether a statement failed, so that nothing can be asked any more in this transaction.
    pub fn is_broken(&self) -> bool {
        self.failed.is_some()
    }

    /// Runs a statement and tells how many rows it changed.
    pub fn exec(&mut self, statement: impl Into<Statement>, params: &[Value]) -> Result<u64> {
        let statement = statement.into();
        self.usable()?;
        let text = self.broken.text(statement.text());
        let outcome = match &mut self.connection {
            Connection::Sqlite(connection) => connection.exec(&text, params),
            Connection::Postgres(connection) => connection.exec(&text, params),
        };
        self.noted(outcome, &statement)
    }

    /// Runs a statement of which the command needs no answer. On PostgreSQL it may wait, to be sent together with what
    /// follows: should it fail, the next call that needs an answer tells so, or the end of the closure; nothing of the
    /// transaction stays either way.
    pub fn exec_later(&mut self, statement: impl Into<Statement>, params: &[Value]) -> Result<()> {
        let statement = statement.into();
        self.usable()?;
        let statement = Statement(self.broken.statement(statement.0));
        let outcome = match &mut self.connection {
            Connection::Sqlite(connection) => connection.exec(statement.text(), params).map(|_| ()),
            Connection::Postgres(connection) => connection.later(statement.0.clone(), params),
        };
        self.noted(outcome, &statement)
    }

    /// All rows of the answer.
    pub fn all<R: FromRow>(&mut self, statement: impl Into<Statement>, params: &[Value]) -> Result<Vec<R>> {
        self.rows(&statement.into(), params)?.into_iter().map(R::from_row).collect()
    }

    /// The first row, if there is one.
    pub fn opt<R: FromRow>(
        &mut self,
        statement: impl Into<Statement>,
        params: &[Value],
    ) -> Result<Option<R>> {
        self.rows(&statement.into(), params)?.into_iter().next().map(R::from_row).transpose()
    }

    /// The first row; `kernel.missing` when there is none.
    pub fn one<R: FromRow>(&mut self, statement: impl Into<Statement>, params: &[Value]) -> Result<R> {
        self.opt(statement, params)?.ok_or_else(Error::missing)
    }

    /// Inserts rows of equal width in statements of many rows: `prefix` is `INSERT INTO t (a, b) VALUES`.
    pub fn insert_many(&mut self, prefix: &str, rows: &[Vec<Value>]) -> Result<()> {
        let Some(width) = rows.first().map(Vec::len) else { return Ok(()) };
        // Both engines accept 32,766 parameters or more; smaller statements are cached better.
        for chunk in rows.chunks((2_000 / width).max(1)) {
            let mut text = String::from(prefix);
            let mut next = 1;
            for (row, separator) in chunk.iter().zip(std::iter::once(" (").chain(std::iter::repeat(", ("))) {
                debug_assert_eq!(row.len(), width, "rows of one statement have one width");
                text.push_str(separator);
                for column in 0..width {
                    text.push_str(if column == 0 { "$" } else { ", $" });
                    text.push_str(&next.to_string());
                    next += 1;
                }
                text.push(')');
            }
            let params: Vec<Value> = chunk.iter().flatten().cloned().collect();
            self.exec_later(Statement::dynamic(text), &params)?;
        }
        Ok(())
    }

    /// Locks a row until the end of the transaction: `SELECT … FOR UPDATE` on PostgreSQL; SQLite has one writer anyway.
    /// Lock rows in one fixed order (by table, then key) so that no two commands wait for each other.
    pub fn lock(&mut self, table: &'static str, column: &'static str, key: impl Into<Value>) -> Result<()> {
        if self.engine() == Engine::Postgres {
            let text = format!("SELECT 1 FROM {table} WHERE {column} = $1 FOR UPDATE");
            self.all::<Row>(Statement::dynamic(text), &[key.into()])?;
        }
        Ok(())
    }

    /// Runs a script of several statements without parameters (migrations, tools).
    pub fn script(&mut self, text: &str) -> Result<()> {
        self.usable()?;
        let told = self.broken.text(text);
        let outcome = match &mut self.connection {
            Connection::Sqlite(connection) => connection.script(&told),
            Connection::Postgres(connection) => connection.script(&told),
        };
        self.noted(outcome, &Statement::dynamic(text.to_owned()))
    }

    /// Checks that the engine accepts a statement, without running it.
    pub fn prepare_only(&mut self, text: &str) -> Result<()> {
        self.usable()?;
        let outcome = match &mut self.connection {
            Connection::Sqlite(connection) => connection.prepare_only(text),
            Connection::Postgres(connection) => connection.prepare_only(text),
        };
        self.noted(outcome, &Statement::dynamic(text.to_owned()))
    }

    fn rows(&mut self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>> {
        self.usable()?;
        let text = self.broken.text(statement.text());
        let outcome = match &mut self.connection {
            Connection::Sqlite(connection) => connection.rows(&text, params),
            Connection::Postgres(connection) => connection.rows(&text, params),
        };
        self.noted(outcome, statement)
    }

    fn usable(&mut self) -> Result<()> {
        match self.failed {
            None if self.broken.strikes() => {
                self.failed = Some(Failure::Lost);
                Err(Error::new(&error::UNAVAILABLE).caused_by("the connection is broken on purpose"))
            }
            None => Ok(()),
            Some(_) => Err(Error::bug("a transaction went on after a failed statement")),
        }
    }

    fn noted<T>(&mut self, outcome: Result<T, DriverError>, statement: &Statement) -> Result<T> {
        outcome.map_err(|failure| {
            self.failed = Some(failure.failure);
            failure.into_error(statement.text())
        })
    }
}

/// A failure of a driver, sorted.
pub(crate) struct DriverError {
    pub failure: Failure,
    pub cause: Box<dyn std::error::Error + Send + Sync>,
    /// The statement that failed, when it is another one than the last.
    statement: Option<Cow<'static, str>>,
}

impl DriverError {
    pub fn new(failure: Failure, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { failure, cause: cause.into(), statement: None }
    }

    /// The failure of this statement.
    pub fn of(self, statement: Cow<'static, str>) -> Self {
        Self { statement: Some(statement), ..self }
    }

    /// What the closure hears of it, when `statement` was the last one.
    pub fn into_error(self, statement: &str) -> Error {
        let statement = self.statement.as_deref().unwrap_or(statement);
        let error = match self.failure {
            Failure::Lost | Failure::Busy => Error::new(&error::UNAVAILABLE),
            Failure::Duplicate => Error::new(&DUPLICATE),
            Failure::NoSpace => Error::new(&error::NO_SPACE),
            Failure::Retry | Failure::Statement => Error::bug(format!("statement failed: {statement}")),
        };
        error.caused_by(self.cause)
    }
}
