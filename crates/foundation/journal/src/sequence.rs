//! The sequencer: committed facts get a dense position.
//!
//! On PostgreSQL a transaction that began earlier may commit later, so neither identifiers nor times tell what a reader
//! has already seen. Whoever holds the lock on the cursor row `sequencer` gives the next positions to all facts that are
//! visible now; a fact that becomes visible later gets a later position, and nobody can miss it.

use kernel::Result;
use store::{Statement, Tx, Value, params, sql};

use crate::{Recorded, fact::FACT_COLUMNS};

/// Facts that one transaction of the sequencer takes at most.
const BATCH: usize = 500;

/// Gives positions to a batch of new facts; returns how many there were.
pub fn sequence(tx: &mut Tx) -> Result<usize> {
    tx.exec_later(
        sql!("INSERT INTO consumer (name, pos) VALUES ('sequencer', 0) ON CONFLICT (name) DO NOTHING"),
        &[],
    )?;
    tx.lock("consumer", "name", "sequencer")?;
    let (mut pos,): (i64,) = tx.one(sql!("SELECT pos FROM consumer WHERE name = 'sequencer'"), &[])?;
    let text = format!(
        "SELECT 0, {FACT_COLUMNS} FROM (SELECT home, fact_id FROM fact_new ORDER BY recorded_at, version LIMIT {BATCH}) n \
         JOIN fact f ON f.home = n.home AND f.id = n.fact_id"
    );
    let mut facts: Vec<Recorded> = tx.all(Statement::dynamic(text), &[])?;
    // Any order of what is visible is a right one; this one reads as it happened, and never turns a record's versions round.
    facts.sort_by(|a, b| {
        let key = |f: &Recorded| (f.recorded_at, f.version);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    if facts.is_empty() {
        return Ok(0);
    }
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(facts.len());
    for fact in &facts {
        pos += 1;
        rows.push(vec![pos.into(), (&fact.home).into(), fact.id.into(), fact.leaf()?.into()]);
    }
    tx.insert_many("INSERT INTO fact_pos (pos, home, fact_id, leaf) VALUES", &rows)?;
    for fact in &facts {
        tx.exec_later(
            sql!("DELETE FROM fact_new WHERE home = $1 AND fact_id = $2"),
            params![&fact.home, fact.id],
        )?;
    }
    tx.exec_later(sql!("UPDATE consumer SET pos = $1 WHERE name = 'sequencer'"), params![pos])?;
    Ok(facts.len())
}
