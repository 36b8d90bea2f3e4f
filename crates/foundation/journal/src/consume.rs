//! Projections and reactors: they read the journal by position, and their cursor moves with their effect.

use std::sync::Arc;

use kernel::Result;
use store::{Statement, Store, Tx, params, sql};

use crate::{FactId, Recorded, fact::FACT_COLUMNS, sequence::sequence};

/// Facts that a consumer gets at once: as many as the sequencer gives positions to, or under a load that fills its batches it would run away from
/// all who follow.
const BATCH: usize = crate::sequence::BATCH;

/// Something that follows the journal.
///
/// A *projection* keeps a view that can be dropped and rebuilt (`rebuild` empties it). A *reactor* makes results once:
/// it writes facts of its own, made with [`Fact::derived`](crate::Fact::derived), and is never rebuilt.
pub trait Consumer: Send + Sync {
    /// Stable name, the key of its cursor.
    fn name(&self) -> &'static str;

    /// Takes facts in the order of their positions; effect and cursor are one transaction.
    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()>;

    /// Empties the view of a projection; `false` for a reactor, which cannot be rebuilt.
    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        let _ = tx;
        Ok(false)
    }
}

/// Facts after a position, at most `limit`.
pub fn facts_after(tx: &mut Tx, pos: i64, limit: usize) -> Result<Vec<Recorded>> {
    // The limit stands inside: a planner that does not know yet how large the tables have grown would otherwise join all of
    // both and sort them, for each batch anew (75 ms instead of 1 on the demonstration city).
    let text = format!(
        "SELECT p.pos, {FACT_COLUMNS} FROM (SELECT pos, home, fact_id FROM fact_pos WHERE pos > $1 ORDER BY pos LIMIT {limit}) p \
         JOIN fact f ON f.home = p.home AND f.id = p.fact_id ORDER BY p.pos"
    );
    tx.all(Statement::dynamic(text), params![pos])
}

/// One fact; `pos` is 0 while it has none.
pub fn fact_by_id(tx: &mut Tx, home: &str, id: FactId) -> Result<Option<Recorded>> {
    let text = format!(
        "SELECT coalesce(p.pos, 0), {FACT_COLUMNS} FROM fact f \
         LEFT JOIN fact_pos p ON p.home = f.home AND p.fact_id = f.id WHERE f.home = $1 AND f.id = $2"
    );
    tx.opt(Statement::dynamic(text), params![home, id])
}

/// All facts whose home is this record, in the order of their identifiers, which is that of time; `pos` is 0 for one that has none yet. For a
/// home with as many facts as a person has.
///
/// # Errors
/// Those of the store.
pub fn facts_of(tx: &mut Tx, home: &str) -> Result<Vec<Recorded>> {
    let text = format!(
        "SELECT coalesce(p.pos, 0), {FACT_COLUMNS} FROM fact f \
         LEFT JOIN fact_pos p ON p.home = f.home AND p.fact_id = f.id WHERE f.home = $1 ORDER BY f.id"
    );
    tx.all(Statement::dynamic(text), params![home])
}

/// The fact that made this version of a record; `pos` is 0 while it has none.
pub fn fact_about(tx: &mut Tx, home: &str, subject: &str, version: i64) -> Result<Option<Recorded>> {
    let text = format!(
        "SELECT coalesce(p.pos, 0), {FACT_COLUMNS} FROM fact f \
         LEFT JOIN fact_pos p ON p.home = f.home AND p.fact_id = f.id \
         WHERE f.home = $1 AND f.subject = $2 AND f.version = $3"
    );
    tx.opt(Statement::dynamic(text), params![home, subject, version])
}

/// The last position given out.
pub fn head_pos(tx: &mut Tx) -> Result<i64> {
    position_of(tx, "sequencer")
}

/// How far a consumer has come.
pub fn position_of(tx: &mut Tx, consumer: &str) -> Result<i64> {
    let row: Option<(i64,)> = tx.opt(sql!("SELECT pos FROM consumer WHERE name = $1"), params![consumer])?;
    Ok(row.map_or(0, |(pos,)| pos))
}

/// Lets a consumer take its next facts; returns how many there were. The lock on its cursor row keeps two processes
/// from doing the same work.
pub fn step(tx: &mut Tx, consumer: &dyn Consumer) -> Result<usize> {
    let name = consumer.name();
    tx.exec_later(
        sql!("INSERT INTO consumer (name, pos) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING"),
        params![name],
    )?;
    tx.lock("consumer", "name", name)?;
    let pos = position_of(tx, name)?;
    let facts = facts_after(tx, pos, BATCH)?;
    let Some(last) = facts.last() else { return Ok(0) };
    consumer.apply(tx, &facts)?;
    tx.exec_later(sql!("UPDATE consumer SET pos = $2 WHERE name = $1"), params![name, last.pos])?;
    Ok(facts.len())
}

/// Sequences and feeds all consumers until nothing is left to do; returns the number of facts sequenced. For tests, tools and
/// the first start; a server has a [`Runner`](crate::Runner).
pub fn drain(store: &Store, consumers: &[Arc<dyn Consumer>]) -> Result<usize> {
    let mut total = 0;
    loop {
        let mut moved = 0;
        loop {
            let sequenced = store.write_blocking("journal.sequence", sequence)?;
            if sequenced == 0 {
                break;
            }
            moved += sequenced;
        }
        total += moved;
        for consumer in consumers {
            loop {
                let consumer = consumer.clone();
                let taken = store.write_blocking(consumer.name(), move |tx| step(tx, consumer.as_ref()))?;
                if taken == 0 {
                    break;
                }
                moved += taken;
            }
        }
        if moved == 0 {
            return Ok(total);
        }
    }
}
