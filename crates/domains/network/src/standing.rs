//! How organisations stand in the network, and that it differs from a day on.

use journal::Fact;
use kernel::{Actor, Day, Error, Id, Org, RegionCode, Result};
use serde::{Deserialize, Serialize};
use store::{FromRow, Statement, Tx, params, sql};

use crate::{ORG, ORG_CHANGE, Organisation, ReorganisationId, change_org::changed, facts};

/// How an organisation stands in the network at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// The division that it serves.
    pub region_code: RegionCode,
    /// The organisation above it.
    pub parent_id: Option<Id<Org>>,
    /// The day from which it is closed.
    pub closed_on: Option<Day>,
    /// The organisation that took it in.
    pub successor: Option<Id<Org>>,
}

impl From<&Organisation> for Standing {
    fn from(org: &Organisation) -> Self {
        Self {
            name: org.name.clone(),
            region_code: org.region_code.clone(),
            parent_id: org.parent_id,
            closed_on: org.closed_on,
            successor: org.successor(),
        }
    }
}

/// Changes how an organisation of this `rev` stands, from the first to the second, with effect from a day; nothing is recorded when nothing
/// differs. The tree is not touched.
///
/// # Errors
/// `kernel.changed` if the row has another `rev` by now.
pub(crate) fn restand(
    tx: &mut Tx,
    actor: &Actor,
    (org_id, rev): (Id<Org>, i64),
    (before, after): (&Standing, &Standing),
    on: Day,
    by: Option<ReorganisationId>,
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    let mut fact = match after.closed_on.filter(|_| before.closed_on.is_none()) {
        Some(closed_on) => {
            let payload = facts::OrgClosed { org_id, closed_on };
            Fact::new(facts::ORG_CLOSED, org_id).at(org_id).payload(&payload)
        }
        None => changed(org_id),
    };
    let successor = after.successor.map(|id| id.to_string()).unwrap_or_default();
    let row = fact.update(
        tx,
        &ORG,
        params![org_id],
        "name = $1, region_code = $2, parent_id = $3, closed_on = $4, successor = $5",
        "rev = $6",
        params![&after.name, &after.region_code, after.parent_id, after.closed_on, successor, rev],
    )?;
    let row = Organisation::from_row(row.ok_or_else(|| Error::new(&kernel::CHANGED))?)?;
    note_change(tx, &mut fact, org_id, row.rev, (Some(before), after), on, by)?;
    fact.emit(tx, actor).map(|_| ())
}

/// Writes a line of an organisation's history.
pub(crate) fn note_change(
    tx: &mut Tx,
    fact: &mut Fact,
    org_id: Id<Org>,
    seq: i64,
    (before, after): (Option<&Standing>, &Standing),
    on: Day,
    by: Option<ReorganisationId>,
) -> Result<()> {
    let before = before.map(written).transpose()?.unwrap_or_default();
    let row = params![org_id, seq, by, on, before, written(after)?, tx.now()];
    fact.insert(tx, &ORG_CHANGE, row.to_vec())
}

fn written(standing: &Standing) -> Result<String> {
    serde_json::to_string(standing).map_err(|e| Error::bug("standing").caused_by(e))
}

store::row! {
    /// A line of the history of an organisation as it is stored.
    pub(crate) struct ChangeRow {
        pub(crate) org_id: Id<Org>,
        pub(crate) seq: i64,
        pub(crate) reorganisation_id: Option<ReorganisationId>,
        pub(crate) effective_on: Day,
        pub(crate) before: String,
        pub(crate) after: String,
        pub(crate) changed_at: kernel::Timestamp,
        pub(crate) rev: i64,
    }
}

/// A line of the history of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgChange {
    /// Which.
    pub org_id: Id<Org>,
    /// The decision that it belongs to.
    pub reorganisation_id: Option<ReorganisationId>,
    /// From when it holds.
    pub effective_on: Day,
    /// How it stood before; `None` if it began.
    pub before: Option<Standing>,
    /// How it stands since.
    pub after: Standing,
    /// When it was written down.
    pub changed_at: kernel::Timestamp,
}

impl OrgChange {
    pub(crate) fn read(row: ChangeRow) -> Result<Self> {
        let standing = |text: &str| -> Result<Standing> {
            serde_json::from_str(text).map_err(|e| Error::bug("a standing cannot be read").caused_by(e))
        };
        Ok(Self {
            org_id: row.org_id,
            reorganisation_id: row.reorganisation_id,
            effective_on: row.effective_on,
            before: if row.before.is_empty() { None } else { Some(standing(&row.before)?) },
            after: standing(&row.after)?,
            changed_at: row.changed_at,
        })
    }
}

/// What changed about an organisation, the newest first, at most so many lines.
///
/// # Errors
/// Those of the store.
pub fn org_history(tx: &mut Tx, org_id: Id<Org>, limit: usize) -> Result<Vec<OrgChange>> {
    let text = format!(
        "SELECT {} FROM org_change WHERE org_id = $1 ORDER BY seq DESC LIMIT {limit}",
        ORG_CHANGE.all_columns()
    );
    let rows: Vec<ChangeRow> = tx.all(Statement::dynamic(text), params![org_id])?;
    rows.into_iter().map(OrgChange::read).collect()
}

/// Puts an organisation and all below it under another one from a day on. The tree keeps who was above whom until then.
pub(crate) fn move_in_tree(tx: &mut Tx, org: Id<Org>, under: Id<Org>, on: Day) -> Result<()> {
    let above: Vec<(Id<Org>,)> = tx.all(
        sql!("SELECT ancestor_id FROM org_tree WHERE org_id = $1 AND depth > 0 AND to_day IS NULL"),
        params![org],
    )?;
    for (ancestor,) in above {
        // What would have begun on that day or later never was.
        tx.exec(
            sql!(
                "DELETE FROM org_tree WHERE ancestor_id = $1 AND to_day IS NULL AND from_day >= $2 AND org_id IN \
                 (SELECT org_id FROM org_tree WHERE ancestor_id = $3 AND to_day IS NULL)"
            ),
            params![ancestor, on, org],
        )?;
        tx.exec(
            sql!(
                "UPDATE org_tree SET to_day = $2 WHERE ancestor_id = $1 AND to_day IS NULL AND org_id IN \
                 (SELECT org_id FROM org_tree WHERE ancestor_id = $3 AND to_day IS NULL)"
            ),
            params![ancestor, on, org],
        )?;
    }
    tx.exec(
        sql!(
            "INSERT INTO org_tree (org_id, ancestor_id, from_day, depth) \
             SELECT s.org_id, p.ancestor_id, CASE WHEN s.from_day > p.from_day AND s.from_day > $3 THEN s.from_day \
             WHEN p.from_day > $3 THEN p.from_day ELSE CAST($3 AS bigint) END, s.depth + p.depth + 1 \
             FROM org_tree s JOIN org_tree p ON p.org_id = $2 AND p.to_day IS NULL WHERE s.ancestor_id = $1 AND s.to_day IS NULL"
        ),
        params![org, under, on],
    )?;
    Ok(())
}
