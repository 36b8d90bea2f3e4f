//! Bringing a whole network in by one file: new organisations, and what people must know of those that are there.
//!
//! The file is judged as a whole before anything is written; what it would change is looked at first, and done by one button, in one transaction.
//! Its rows are kept meanwhile, for a day at most, and judged again whenever they are looked at: so what is done is what was seen, or nothing.

mod hours;
mod plan;
mod reading;
mod table;

use kernel::{Actor, Error, Id, Org, Result, Right, Timestamp};
use store::{Store, Tx, params, sql};

use plan::Above;
pub use plan::{
    IMPORT_DEPTH_MAX, IMPORT_FAULTS_MAX, ImportChange, ImportFault, ImportFounding, ImportPlan, ImportWords,
    plan_import,
};
pub use table::{
    IMPORT_BYTES_MAX, IMPORT_COLUMNS, IMPORT_COLUMNS_MAX, IMPORT_ROWS_MAX, IMPORT_UNPACKED_MAX, ImportTable,
    column_key, import_headings, orgs_table, read_import,
};

use crate::{
    FoundOrg, KeepPlace, Standing, access, found_org::found_as, keep_place::keep_as, standing::restand,
};

kernel::codes! {
    /// Something in the file is wrong by now; its page says what.
    pub IMPORT_FAULTY = Conflict "network.import_faulty";
    /// What the file would change is no longer what was looked at.
    pub IMPORT_MOVED = Conflict "network.import_moved";
    /// The file would change nothing.
    pub IMPORT_IDLE = Conflict "network.import_idle";
}

/// Hours for which a file is kept that was looked at, and what was told of one that was carried out.
pub const IMPORT_HOURS: i64 = 24;
/// Files of one organisation that are kept at a time; a newer one drives the oldest out.
pub const IMPORTS_KEPT: i64 = 5;

/// Marker for identifiers of imports.
#[derive(Debug)]
pub enum ImportMark {}
/// Identifier of an import.
pub type ImportId = Id<ImportMark>;

/// A file that is kept.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its identifier.
    pub import_id: ImportId,
    /// The organisation whose network it is about.
    pub org_id: Id<Org>,
    /// Its rows; `None` when it was carried out.
    pub table: Option<ImportTable>,
    /// What was done.
    pub done: ImportDone,
    /// Until when it is kept.
    pub until: Timestamp,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportDone {
    /// Organisations that were founded.
    pub founded: i64,
    /// Organisations that were changed.
    pub changed: i64,
    /// Rows that were as things were.
    pub same: i64,
}

/// Keeps a file to be looked at.
///
/// # Errors
/// Those of [`access::require`].
pub fn keep_import(tx: &mut Tx, actor: &Actor, org: Id<Org>, table: &ImportTable) -> Result<ImportId> {
    access::require(tx, actor, Right::ManageNetwork, org)?;
    let content = serde_json::to_string(table).map_err(|e| Error::bug("rows of a file").caused_by(e))?;
    let id: ImportId = tx.new_id();
    tx.exec(
        sql!(
            "INSERT INTO org_import (import_id, org_id, state, content, founded, changed, same, made_at) \
             VALUES ($1, $2, 'waiting', $3, 0, 0, 0, $4)"
        ),
        params![id, org, content, tx.now()],
    )?;
    tx.exec_later(
        sql!(
            "DELETE FROM org_import WHERE org_id = $1 AND import_id NOT IN (SELECT import_id FROM org_import \
             WHERE org_id = $1 ORDER BY made_at DESC, import_id DESC LIMIT $2)"
        ),
        params![org, IMPORTS_KEPT],
    )?;
    Ok(id)
}

/// A file that is kept, if the actor manages the network that it is about.
///
/// # Errors
/// Those of [`access::require`]; `kernel.missing` if there is none for this organisation, or its day is over.
pub fn import(tx: &mut Tx, actor: &Actor, org: Id<Org>, id: ImportId) -> Result<Import> {
    access::require(tx, actor, Right::ManageNetwork, org)?;
    let found: Option<(String, String, i64, i64, i64, Timestamp)> = tx.opt(
        sql!(
            "SELECT state, content, founded, changed, same, made_at FROM org_import WHERE import_id = $1 AND org_id = $2"
        ),
        params![id, org],
    )?;
    let (state, content, founded, changed, same, made_at) = found.ok_or_else(Error::missing)?;
    let until = made_at.plus_minutes(IMPORT_HOURS * 60);
    if until < tx.now() {
        return Err(Error::missing());
    }
    let table = match state.as_str() {
        "waiting" => Some(
            serde_json::from_str(&content)
                .map_err(|e| Error::bug("rows of a file cannot be read").caused_by(e))?,
        ),
        _ => None,
    };
    let done = ImportDone { founded, changed, same };
    Ok(Import { import_id: id, org_id: org, table, done, until })
}

/// Carries a file out, if what it changes is what was seen, of which this is the [`ImportPlan::digest`]. One that was carried out before is not
/// carried out again, and gives what was done.
///
/// # Errors
/// As [`import`]; `network.import_faulty`, `network.import_moved`, `network.import_idle`.
pub fn apply_import(
    tx: &mut Tx,
    actor: &Actor,
    org: Id<Org>,
    id: ImportId,
    seen: &str,
) -> Result<ImportDone> {
    // No other transaction changes the network meanwhile.
    if let Some(top) = crate::top_org(tx)? {
        tx.lock("org", "org_id", top.org_id)?;
    }
    tx.lock("org_import", "import_id", id)?;
    let kept = import(tx, actor, org, id)?;
    let Some(table) = kept.table else { return Ok(kept.done) };
    let plan = plan_import(tx, actor, org, &table)?;
    if plan.fault_count > 0 {
        return Err(Error::new(&IMPORT_FAULTY));
    }
    if plan.digest() != seen {
        return Err(Error::new(&IMPORT_MOVED));
    }
    if plan.founded.is_empty() && plan.changed.is_empty() {
        return Err(Error::new(&IMPORT_IDLE));
    }
    let count = |some: usize| i64::try_from(some).unwrap_or(i64::MAX);
    let done = ImportDone {
        founded: count(plan.founded.len()),
        changed: count(plan.changed.len()),
        same: count(plan.same),
    };
    carry_out(tx, actor, &plan)?;
    let taken = tx.exec(
        sql!(
            "UPDATE org_import SET state = 'applied', content = '', founded = $2, changed = $3, same = $4 \
             WHERE import_id = $1 AND state = 'waiting'"
        ),
        params![id, done.founded, done.changed, done.same],
    )?;
    if taken == 1 { Ok(done) } else { Err(Error::new(&kernel::CHANGED)) }
}

/// Founds and changes, as the forms of single places do.
fn carry_out(tx: &mut Tx, actor: &Actor, plan: &ImportPlan) -> Result<()> {
    let mut made = std::collections::HashMap::with_capacity(plan.founded.len());
    for founding in &plan.founded {
        let parent = match founding.under {
            Above::There(parent) => parent,
            Above::Row(row) => {
                *made.get(&row).ok_or_else(|| Error::bug("a row is founded before the one above it"))?
            }
        };
        let org_id: Id<Org> = tx.new_id();
        let cmd = FoundOrg { parent_id: Some(parent), ..founding.org.clone() };
        cmd.opening.check("opening")?;
        found_as(tx, actor, org_id, &cmd, None)?;
        made.insert(founding.row, org_id);
    }
    let today = tx.now().day();
    for change in &plan.changed {
        let (org_id, mut rev) = change.org;
        if change.before.name != change.after.name {
            let org = crate::org(tx, org_id)?.ok_or_else(Error::missing)?;
            let before = Standing::from(&org);
            let after = Standing { name: change.after.name.clone(), ..before.clone() };
            restand(tx, actor, (org_id, rev), (&before, &after), today, None)?;
            rev += 1;
        }
        if change.is_kept() {
            let after = &change.after;
            let cmd = KeepPlace {
                org_id,
                rev,
                address: after.address.clone(),
                phone: after.phone.clone(),
                hours: after.hours.clone(),
                opening: after.opening.clone(),
            };
            let moved = (change.before.place != after.place).then_some(after.place);
            keep_as(tx, actor, &cmd, moved)?;
        }
    }
    Ok(())
}

/// Throws away files whose day is over; gives their number.
///
/// # Errors
/// Those of the store.
pub fn sweep_imports(store: &Store) -> Result<u64> {
    store.write_blocking("network.sweep_imports", |tx| {
        let before = tx.now().plus_minutes(-IMPORT_HOURS * 60);
        tx.exec(sql!("DELETE FROM org_import WHERE made_at < $1"), params![before])
    })
}
