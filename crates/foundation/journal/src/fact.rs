//! Facts: made together with the rows that they vouch for.

use kernel::{Actor, Error, Id, Org, Result, Timestamp};
use seal::{base64url, leaf_hash, sha256};
use serde::{Serialize, de::DeserializeOwned};
use store::{Row, Statement, Tx, Value, params, sql};

use crate::Table;

/// Marker for identifiers of facts.
#[derive(Debug)]
pub enum FactMark {}
/// Identifier of a fact.
pub type FactId = Id<FactMark>;

/// The name of this city's records until other origins take part.
const ORIGIN: &str = "city";

/// A fact in the making. Rows are written through it, so that it carries their digests; `emit` ends it.
///
/// The first row written is the fact's subject, and that row's `rev` its version.
#[derive(Debug)]
pub struct Fact {
    kind: &'static str,
    home: String,
    id: Option<FactId>,
    org: Option<Id<Org>>,
    occurred_at: Option<Timestamp>,
    payload: String,
    subject: Option<(String, i64)>,
    salt: Option<[u8; 16]>,
    /// `[[record, rev, digest], …]`
    digests: Vec<(String, i64, String)>,
}

impl Fact {
    /// A fact of this kind (`activities.enrolled.v1`) whose rows live under this distribution key.
    pub fn new(kind: &'static str, home: impl std::fmt::Display) -> Self {
        Self {
            kind,
            home: home.to_string(),
            id: None,
            org: None,
            occurred_at: None,
            payload: "{}".to_owned(),
            subject: None,
            salt: None,
            digests: Vec::new(),
        }
    }

    /// The result of a reactor: its identifier follows from the reactor and the fact that it reacts to, so that it can be
    /// made only once.
    #[must_use]
    pub fn derived(mut self, reactor: &str, cause: &Recorded) -> Self {
        self.id = Some(cause.derived_id(reactor));
        self
    }

    /// At which organisation it happened; rights to see it follow from that.
    #[must_use]
    pub fn at(mut self, org: Id<Org>) -> Self {
        self.org = Some(org);
        self
    }

    /// When it happened, if that is not now (recorded later, synchronised, imported).
    #[must_use]
    pub fn occurred(mut self, moment: Timestamp) -> Self {
        self.occurred_at = Some(moment);
        self
    }

    /// What later domains may rely on. No personal field may stand in it in clear: people are named by their id only.
    #[must_use]
    pub fn payload(mut self, payload: &impl Serialize) -> Self {
        // Serialising our own plain structs cannot fail; an empty text would be refused on reading.
        self.payload = serde_json::to_string(payload).unwrap_or_default();
        self
    }

    /// Inserts a row: values in the order key columns, other columns (without `rev`, which becomes 1).
    pub fn insert(&mut self, tx: &mut Tx, table: &Table, mut row: Vec<Value>) -> Result<()> {
        let width = table.key.len() + table.columns.len();
        if row.len() != width {
            return Err(Error::bug(format!("{} takes {width} values, not {}", table.name, row.len())));
        }
        row.push(Value::Int(1));
        let marks: Vec<String> = (1..=row.len()).map(|n| format!("${n}")).collect();
        let text =
            format!("INSERT INTO {} ({}) VALUES ({})", table.name, table.all_columns(), marks.join(", "));
        tx.exec_later(Statement::dynamic(text), &row)?;
        self.vouch(tx, table, &row);
        Ok(())
    }

    /// Changes one row if it still satisfies `guard`; `None` when it does not (or is not there).
    ///
    /// `set` and `guard` are SQL in which `$1`, `$2`, … are `args`; the key follows them. `rev` is counted up.
    pub fn update(
        &mut self,
        tx: &mut Tx,
        table: &Table,
        key: &[Value],
        set: &str,
        guard: &str,
        args: &[Value],
    ) -> Result<Option<Row>> {
        let conditions: Vec<String> =
            table.key.iter().zip(args.len() + 1..).map(|(column, n)| format!("{column} = ${n}")).collect();
        // `IS TRUE` keeps the guard a check of the one row that the key names. Without it a planner that knows little of the
        // table may look for the row by an index of the guard's columns, and read all open classes to find one.
        let text = format!(
            "UPDATE {} SET {set}, rev = rev + 1 WHERE {} AND ({}) IS TRUE RETURNING {}",
            table.name,
            conditions.join(" AND "),
            if guard.is_empty() { "TRUE" } else { guard },
            table.all_columns(),
        );
        let params: Vec<Value> = args.iter().chain(key).cloned().collect();
        let row: Option<Row> = tx.opt(Statement::dynamic(text), &params)?;
        if let Some(row) = &row {
            self.vouch(tx, table, row.values());
        }
        Ok(row)
    }

    fn vouch(&mut self, tx: &mut Tx, table: &Table, row: &[Value]) {
        let salt = *self.salt.get_or_insert_with(|| tx.chance().bytes());
        let rev = match row.last() {
            Some(Value::Int(rev)) => *rev,
            _ => 1,
        };
        let record = table.record_name(row);
        if self.subject.is_none() {
            self.subject = Some((record.clone(), rev));
        }
        self.digests.push((record, rev, base64url(&table.digest(&salt, row))));
    }

    /// Writes the fact. It is part of the journal when the transaction commits.
    pub fn emit(self, tx: &mut Tx, actor: &Actor) -> Result<FactId> {
        let Some((subject, version)) = self.subject else {
            return Err(Error::bug(format!("the fact {} vouches for no row", self.kind)));
        };
        let id = self.id.unwrap_or_else(|| tx.new_id());
        let now = tx.now();
        let digests = serde_json::to_string(&self.digests).map_err(|e| Error::bug("digests").caused_by(e))?;
        tx.exec_later(
            sql!(
                "INSERT INTO fact (home, id, origin, subject, version, actor, org_id, kind, occurred_at, \
                 recorded_at, payload, digests, salt) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            ),
            params![
                &self.home,
                id,
                ORIGIN,
                subject,
                version,
                actor.label(),
                self.org,
                self.kind,
                self.occurred_at.unwrap_or(now),
                now,
                self.payload,
                digests,
                self.salt.map(Vec::from)
            ],
        )?;
        tx.exec_later(
            sql!("INSERT INTO fact_new (home, fact_id, recorded_at, version) VALUES ($1, $2, $3, $4)"),
            params![self.home, id, now, version],
        )?;
        Ok(id)
    }
}

/// A fact as the journal holds it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Position in the journal, from 1 without gaps.
    pub pos: i64,
    /// Distribution key of its rows.
    pub home: String,
    /// Identifier.
    pub id: FactId,
    /// Whose record it is.
    pub origin: String,
    /// The record that it is about, `table:key`.
    pub subject: String,
    /// Which change of that record.
    pub version: i64,
    /// Who did it, as [`Actor::label`] writes it.
    pub actor: String,
    /// At which organisation.
    pub org: Option<Id<Org>>,
    /// What kind of fact.
    pub kind: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// JSON that [`Recorded::payload`] reads.
    pub payload_text: String,
    /// JSON list of `[record, rev, digest]`.
    pub digests: String,
    /// Salt of the digests; gone after an erasure.
    pub salt: Option<Vec<u8>>,
}

/// The columns of `fact` in the order in which [`Recorded`] reads them, after the position.
pub(crate) const FACT_COLUMNS: &str = "f.home, f.id, f.origin, f.subject, f.version, f.actor, f.org_id, f.kind, \
     f.occurred_at, f.recorded_at, f.payload, f.digests, f.salt";

impl store::FromRow for Recorded {
    fn from_row(mut row: Row) -> Result<Self> {
        Ok(Self {
            pos: row.take(0)?,
            home: row.take(1)?,
            id: row.take(2)?,
            origin: row.take(3)?,
            subject: row.take(4)?,
            version: row.take(5)?,
            actor: row.take(6)?,
            org: row.take(7)?,
            kind: row.take(8)?,
            occurred_at: row.take(9)?,
            recorded_at: row.take(10)?,
            payload_text: row.take(11)?,
            digests: row.take(12)?,
            salt: row.take(13)?,
        })
    }
}

impl Recorded {
    /// The payload as the kind's struct.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload_text).map_err(|e| {
            Error::bug(format!("fact {} at {} cannot be read", self.kind, self.pos)).caused_by(e)
        })
    }

    /// The identifier of what a reactor makes of this fact.
    pub fn derived_id<T>(&self, reactor: &str) -> Id<T> {
        Id::derived(&sha256(format!("{reactor}\n{}", self.id).as_bytes()))
    }

    /// What the Merkle leaf is the hash of: JSON of everything but position and salt. It names people by their random ids, so it is
    /// shown only to who may see the record itself.
    pub fn leaf_input(&self) -> Result<String> {
        let fields = (
            (&self.home, self.id.to_string(), &self.origin, &self.subject, self.version, &self.actor),
            (self.org.map(|o| o.to_string()), &self.kind, self.occurred_at, self.recorded_at),
            (&self.payload_text, &self.digests),
        );
        serde_json::to_string(&fields).map_err(|e| Error::bug("leaf").caused_by(e))
    }

    /// The Merkle leaf: the hash of everything but position and salt.
    pub fn leaf(&self) -> Result<[u8; 32]> {
        Ok(leaf_hash(self.leaf_input()?.as_bytes()))
    }

    /// The digests as `(record, rev, digest)`.
    pub(crate) fn digest_list(&self) -> Result<Vec<(String, i64, String)>> {
        serde_json::from_str(&self.digests)
            .map_err(|e| Error::bug(format!("digests of fact {} cannot be read", self.id)).caused_by(e))
    }
}
