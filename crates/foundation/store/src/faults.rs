//! What goes wrong on purpose: the seam through which a simulation breaks transactions.
//!
//! A store that is opened by [`Store::open`](crate::Store::open) has none. The simulation opens its stores with faults, so
//! that each way in which a client can lose its answer is met by the real code of both engines.

use std::borrow::Cow;

/// A fault of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is lost at this statement, counted from 0; the work is rolled back. PostgreSQL's threads then run the
    /// closure again on a new connection, SQLite's writer answers `store.unavailable`.
    AtStatement(u32),
    /// The process dies after its last statement and before the commit: nothing has happened, and the client hears
    /// `store.unknown_outcome`.
    BeforeCommit,
    /// The commit happens and its answer is lost: the client hears `store.unknown_outcome`.
    AfterCommit,
}

/// Decides what goes wrong. Both questions are asked by the threads of the store.
pub trait Faults: Send + Sync {
    /// Asked once for each transaction that writes, before its first statement.
    fn plan(&self, name: &'static str) -> Option<Fault>;

    /// What the database is told instead of a statement; `None`, as here, leaves it alone. Only tests say anything else: they plant bugs,
    /// to see that a check finds them.
    fn instead(&self, statement: &str) -> Option<String> {
        let _ = statement;
        None
    }
}

/// The faults of one open transaction.
#[derive(Default)]
pub(crate) struct Broken<'a> {
    pub faults: Option<&'a dyn Faults>,
    /// Statements that still succeed.
    pub left: Option<u32>,
}

impl<'a> Broken<'a> {
    pub fn new(faults: Option<&'a dyn Faults>, fault: Option<Fault>) -> Self {
        let left = match fault {
            Some(Fault::AtStatement(left)) => Some(left),
            _ => None,
        };
        Self { faults, left }
    }

    /// Whether the connection is lost at this statement.
    pub fn strikes(&mut self) -> bool {
        match &mut self.left {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// As [`Broken::text`], for a statement that may wait before it is sent.
    pub fn statement(&self, statement: Cow<'static, str>) -> Cow<'static, str> {
        let other = self.faults.and_then(|faults| faults.instead(&statement));
        other.map_or(statement, Cow::Owned)
    }

    /// The statement that goes to the database.
    pub fn text<'t>(&self, statement: &'t str) -> Cow<'t, str> {
        let other = self.faults.and_then(|faults| faults.instead(statement));
        other.map_or(Cow::Borrowed(statement), Cow::Owned)
    }
}
