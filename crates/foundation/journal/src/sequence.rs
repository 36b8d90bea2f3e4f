//! The sequencer: committed facts get a dense position.
//!
//! On PostgreSQL a transaction that began earlier may commit later, so neither identifiers nor times tell what a reader
//! has already seen. Whoever holds the lock on the cursor row `sequencer` gives the next positions to all facts that are
//! visible now; a fact that becomes visible later gets a later position, and nobody can miss it.

use std::collections::BTreeMap;

use kernel::{Result, Timestamp};
use store::{Statement, Tx, Value, params, sql};

use crate::{Recorded, fact::FACT_COLUMNS};

/// Facts that one transaction of the sequencer takes at most.
pub(crate) const BATCH: usize = 500;

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
    if facts.len() == BATCH {
        add_earlier(tx, &mut facts)?;
    }
    in_order(&mut facts);
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

/// A full batch may hold a change of a record and leave out the one before it, which a process wrote whose clock is ahead.
/// Whoever sees a version sees those before it too: the row was locked until they were committed. So they can be taken along.
fn add_earlier(tx: &mut Tx, facts: &mut Vec<Recorded>) -> Result<()> {
    let mut lowest: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for fact in facts.iter() {
        let version = lowest.entry((&fact.home, &fact.subject)).or_insert(fact.version);
        *version = fact.version.min(*version);
    }
    let owned =
        |((home, subject), version): ((&str, &str), i64)| (home.to_owned(), subject.to_owned(), version);
    let mut asked: Vec<_> = lowest.into_iter().filter(|(_, version)| *version > 1).map(owned).collect();
    while !asked.is_empty() {
        let mark = |n: usize| {
            format!("(CAST(${} AS text), CAST(${} AS text), CAST(${} AS bigint))", n, n + 1, n + 2)
        };
        let marks: Vec<String> = (0..asked.len()).map(|record| mark(record * 3 + 1)).collect();
        // A record's versions have gaps: other facts may have written it on the way.
        let text = format!(
            "SELECT 0, {FACT_COLUMNS} FROM (VALUES {}) r JOIN fact f ON f.home = r.column1 AND f.subject = r.column2 \
             AND f.version = (SELECT max(p.version) FROM fact p WHERE p.home = r.column1 AND p.subject = r.column2 \
             AND p.version < r.column3) JOIN fact_new n ON n.home = f.home AND n.fact_id = f.id",
            marks.join(", ")
        );
        let params: Vec<Value> = asked
            .iter()
            .flat_map(|(home, subject, version)| params![home, subject, *version].to_vec())
            .collect();
        let earlier: Vec<Recorded> = tx.all(Statement::dynamic(text), &params)?;
        asked = earlier.iter().map(|f| (f.home.clone(), f.subject.clone(), f.version)).collect();
        facts.extend(earlier);
    }
    Ok(())
}

/// Any order of what is visible is a right one; this one reads as it happened, but never turns the versions of a record
/// round. Processes have clocks of their own: what was changed second may carry the earlier moment.
fn in_order(facts: &mut Vec<Recorded>) {
    facts.sort_by(|a, b| (&a.home, &a.subject, a.version).cmp(&(&b.home, &b.subject, b.version)));
    let mut keyed: Vec<(Timestamp, Recorded)> = Vec::with_capacity(facts.len());
    for fact in facts.drain(..) {
        let before = keyed.last().filter(|(_, last)| last.home == fact.home && last.subject == fact.subject);
        let moment = before.map_or(fact.recorded_at, |(moment, _)| fact.recorded_at.max(*moment));
        keyed.push((moment, fact));
    }
    keyed.sort_by(|(at, a), (bt, b)| (at, a.version, a.id).cmp(&(bt, b.version, b.id)));
    facts.extend(keyed.into_iter().map(|(_, fact)| fact));
}
