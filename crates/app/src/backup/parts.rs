//! Which table goes into which part.
//!
//! Whoever has the keys part can read names and find people by telephone; who has the records alone cannot. Erasing a person destroys her
//! rows in the keys part of the running city, so an erasure is complete as soon as the older keys parts are gone: they are kept for a
//! short time, records for as long as one likes.

use anyhow::{Context, Result};
use kernel::Error;
use seal::hex;
use sha2::{Digest, Sha256};
use store::{
    Tx, Value,
    bulk::{Shape, shapes},
};

use super::frames::{self, TableHead, TableSum};

/// The facts.
pub const FACT: &str = "fact";
/// In the keys part: the salts of those facts that an erasure would take them from, because they vouch for nothing but personal rows.
pub const SALTS: &str = "fact.salt";
/// Tables of the keys part: keys of people, ways to find them, messages to them, whom open invitations are for, which PIN a card has, and what second factors are
/// checked against, without which neither who has a card nor staff could come in after a restore.
pub const OF_KEYS: [&str; 8] = [
    "card",
    "card_pin",
    "factor_secret",
    "invitation_contact",
    "outbox",
    "person_key",
    "phone_directory",
    "recovery_code",
];
/// In no backup: what lets somebody in, because what was ended or revoked after the backup must not come back with it; the secrets behind
/// check-in codes, of which a fresh one is made when a room next shows a code; counters of attempts, who held a lease,
/// lists that somebody has as a file for some days, and rows of files that are looked through before they are taken over.
pub const LEFT_OUT: [&str; 12] = [
    "api_token",
    "checkin_secret",
    "export",
    "export_piece",
    "helper_code",
    "invitation_draft",
    "lease",
    "login_code",
    "login_link",
    "org_import",
    "rate",
    "web_session",
];

/// A part of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What happened.
    Records,
    /// What makes it personal.
    Keys,
}

impl Part {
    /// Its word in headers.
    pub fn word(self) -> &'static str {
        match self {
            Part::Records => "records",
            Part::Keys => "keys",
        }
    }
}

/// Takes tables and rows.
pub trait Sink {
    /// A table begins.
    fn table(&mut self, part: Part, head: TableHead) -> Result<()>;
    /// A row of the table that this part is at.
    fn row(&mut self, part: Part, values: &[Value]) -> Result<()>;
    /// The table ends.
    fn end(&mut self, part: Part) -> Result<()>;
}

/// The tables that a backup has, facts first, because their salts stand at the front of the keys part.
pub fn backed_up(tx: &mut Tx) -> Result<Vec<Shape>> {
    let mut all = shapes(tx)?;
    all.retain(|shape| !LEFT_OUT.contains(&shape.name.as_str()));
    all.sort_by_key(|shape| (shape.name != FACT, shape.name.clone()));
    Ok(all)
}

/// Pours all tables into the two parts.
pub fn pour(tx: &mut Tx, tables: &[Shape], sink: &mut dyn Sink, tick: &dyn Fn()) -> Result<()> {
    for shape in tables {
        let part = if OF_KEYS.contains(&shape.name.as_str()) { Part::Keys } else { Part::Records };
        let salt =
            (shape.name == FACT).then(|| shape.columns.iter().position(|(name, _)| name == "salt")).flatten();
        let digests = shape.columns.iter().position(|(name, _)| name == "digests").unwrap_or(usize::MAX);
        sink.table(part, head(shape))?;
        if salt.is_some() {
            let columns = shape.key.iter().cloned().chain(["salt".to_owned()]).collect();
            sink.table(Part::Keys, TableHead { name: SALTS.to_owned(), columns })?;
        }
        each(shape, tx, |row| {
            tick();
            let Some(salt) = salt else { return sink.row(part, row) };
            if row[salt] == Value::Null || !is_personal(row.get(digests)) {
                return sink.row(part, row);
            }
            // The key of facts is their first two columns.
            sink.row(Part::Keys, &[row[0].clone(), row[1].clone(), row[salt].clone()])?;
            let mut bare = row.to_vec();
            bare[salt] = Value::Null;
            sink.row(part, &bare)
        })?;
        sink.end(part)?;
        if salt.is_some() {
            sink.end(Part::Keys)?;
        }
    }
    Ok(())
}

/// Whether these digests are of personal rows alone.
fn is_personal(digests: Option<&Value>) -> bool {
    let Some(Value::Text(text)) = digests else { return false };
    let Ok(digests) = serde_json::from_str::<Vec<(String, i64, String)>>(text) else { return false };
    let erased =
        |table: &str| journal::inventory::iter::<journal::Erasure>().any(|e| e.tables.contains(&table));
    !digests.is_empty()
        && digests.iter().all(|(record, ..)| record.split_once(':').is_some_and(|(t, _)| erased(t)))
}

/// The head of a table with all of its columns.
pub fn head(shape: &Shape) -> TableHead {
    TableHead {
        name: shape.name.clone(),
        columns: shape.columns.iter().map(|(name, _)| name.clone()).collect(),
    }
}

/// All rows of a table, with any kind of error.
pub fn each(shape: &Shape, tx: &mut Tx, mut f: impl FnMut(&[Value]) -> Result<()>) -> Result<()> {
    let mut stopped = None;
    let read = shape.each_row(tx, &mut |row| {
        f(row).map_err(|error| {
            stopped = Some(error);
            Error::bug("stopped")
        })
    });
    stopped.map_or(Ok(()), Err)?;
    Ok(read?)
}

/// The sum of a table on the way.
pub struct Summing {
    name: String,
    rows: i64,
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Summing {
    /// Of this table.
    pub fn new(head: &TableHead) -> Self {
        let mut hash = Sha256::new();
        hash.update(head.columns.join(",").as_bytes());
        Self { name: head.name.clone(), rows: 0, hash, buffer: Vec::new() }
    }

    /// One more row; gives its bytes.
    pub fn row(&mut self, values: &[Value]) -> &[u8] {
        frames::row_bytes(values, &mut self.buffer);
        self.hash.update(&self.buffer);
        self.rows += 1;
        &self.buffer
    }

    /// The table is complete.
    pub fn end(self) -> TableSum {
        TableSum { name: self.name, rows: self.rows, digest: hex(&self.hash.finalize()) }
    }
}

/// Only adds up: what is in a city, table by table.
#[derive(Default)]
pub struct Sums {
    now: [Option<Summing>; 2],
    /// Of the records, of the keys.
    pub done: [Vec<TableSum>; 2],
}

impl Sink for Sums {
    fn table(&mut self, part: Part, head: TableHead) -> Result<()> {
        self.now[part as usize] = Some(Summing::new(&head));
        Ok(())
    }

    fn row(&mut self, part: Part, values: &[Value]) -> Result<()> {
        self.now[part as usize].as_mut().context("no table has begun")?.row(values);
        Ok(())
    }

    fn end(&mut self, part: Part) -> Result<()> {
        let sum = self.now[part as usize].take().context("no table has begun")?.end();
        self.done[part as usize].push(sum);
        Ok(())
    }
}
