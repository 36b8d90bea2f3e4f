//! Stored roots of full subtrees: what makes a proof cheap.
//!
//! Only heights that are multiples of 8 are stored, in all about n/255 rows. Whatever lies between is hashed from at most 255 rows
//! below it, so that a proof reads for each eight levels one run of at most 256 neighbours on the path and one at the right edge:
//! six statements and 1,536 rows for ten million facts, whichever fact is asked for.

use std::{collections::HashMap, ops::Range};

use kernel::{Error, Result};
use seal::{Frontier, Hash, empty_root, node_hash};
use store::{Tx, Value, params, sql};

/// Levels between two stored ones.
pub(crate) const STEP: u32 = 8;
/// Nodes that one stored node is made of.
const WIDTH: u64 = 1 << STEP;
/// Nodes that one transaction of the sealer adds at most; only a city that is older than the table has so many to add.
pub(crate) const FILL_MAX: usize = 64;

/// Nodes `range` of this stored height; leaves at height 0.
fn nodes(tx: &mut Tx, height: u32, range: Range<u64>) -> Result<Vec<Hash>> {
    let [from, to] = [range.start, range.end].map(i64::try_from);
    let (Ok(from), Ok(to)) = (from, to) else { return Err(Error::bug("a tree beyond all numbers")) };
    let rows: Vec<(Vec<u8>,)> = if height == 0 {
        tx.all(
            sql!("SELECT leaf FROM fact_pos WHERE pos > $1 AND pos <= $2 ORDER BY pos"),
            params![from, to],
        )?
    } else {
        tx.all(
            sql!("SELECT hash FROM seal_node WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx"),
            params![i64::from(height), from, to],
        )?
    };
    rows.into_iter()
        .map(|(hash,)| {
            hash.try_into().map_err(|_| Error::bug(format!("a node of height {height} is no hash")))
        })
        .collect()
}

/// How many nodes of this height are stored.
fn stored(tx: &mut Tx, height: u32) -> Result<u64> {
    let last: Option<(i64,)> = tx.opt(
        sql!("SELECT idx FROM seal_node WHERE level = $1 ORDER BY idx DESC LIMIT 1"),
        params![i64::from(height)],
    )?;
    Ok(last.map_or(0, |(idx,)| idx.unsigned_abs() + 1))
}

/// Whether the nodes of a tree of this size are all there.
pub(crate) fn complete(tx: &mut Tx, size: u64) -> Result<bool> {
    let mut height = STEP;
    while size >> height > 0 {
        if stored(tx, height)? < size >> height {
            return Ok(false);
        }
        height += STEP;
    }
    Ok(true)
}

/// Adds the nodes that a tree of this size has and the table lacks, from below, at most [`FILL_MAX`]; returns whether all are there.
/// The caller holds the sealer's lock.
pub(crate) fn fill(tx: &mut Tx, size: u64) -> Result<bool> {
    let mut added = Vec::new();
    let mut height = STEP;
    while size >> height > 0 {
        for number in stored(tx, height)?..size >> height {
            if added.len() == FILL_MAX {
                return insert(tx, &added).map(|()| false);
            }
            let below = nodes(tx, height - STEP, number * WIDTH..(number + 1) * WIDTH)?;
            // A node above needs nodes that are still to be written: the next call finds them.
            if below.len() as u64 != WIDTH {
                return insert(tx, &added).map(|()| false);
            }
            let number = i64::try_from(number).map_err(|e| Error::bug("node").caused_by(e))?;
            let node: Vec<Value> = vec![i64::from(height).into(), number.into(), seal::root(&below).into()];
            added.push(node);
        }
        insert(tx, &added)?;
        added.clear();
        height += STEP;
    }
    Ok(true)
}

fn insert(tx: &mut Tx, rows: &[Vec<Value>]) -> Result<()> {
    tx.insert_many("INSERT INTO seal_node (level, idx, hash) VALUES", rows)
}

/// A tree of a sealed size, of which only the runs are read that a proof needs.
pub(crate) struct Tree {
    size: u64,
    runs: HashMap<(u32, u64), Vec<Hash>>,
}

impl Tree {
    pub fn new(size: u64) -> Self {
        Self { size, runs: HashMap::new() }
    }

    /// Root of the subtree over these leaves. It is one of those that proofs consist of: it begins at a multiple of the smallest power of
    /// two that is not smaller than itself. `None` while the sealer has not stored what is needed.
    pub fn root(&mut self, tx: &mut Tx, range: Range<u64>) -> Result<Option<Hash>> {
        let (mut start, mut roots) = (range.start, Vec::new());
        while start < range.end {
            let height = (range.end - start).ilog2();
            let Some(root) = self.full(tx, height, start >> height)? else { return Ok(None) };
            roots.push(root);
            start += 1 << height;
        }
        let folded = roots.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        Ok(Some(folded.unwrap_or_else(empty_root)))
    }

    /// Root number `number` of the full subtrees of this height.
    fn full(&mut self, tx: &mut Tx, height: u32, number: u64) -> Result<Option<Hash>> {
        let (base, rest) = (height / STEP * STEP, height % STEP);
        let (first, count) = (number << rest, 1_usize << rest);
        let run = self.run(tx, base, first / WIDTH)?;
        let at = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        Ok(run.get(at..).and_then(|run| run.get(..count)).map(seal::root))
    }

    fn run(&mut self, tx: &mut Tx, height: u32, number: u64) -> Result<&[Hash]> {
        if !self.runs.contains_key(&(height, number)) {
            let end = ((number + 1) * WIDTH).min(self.size >> height);
            let run = nodes(tx, height, number * WIDTH..end)?;
            self.runs.insert((height, number), run);
        }
        Ok(self.runs.get(&(height, number)).map_or(&[], Vec::as_slice))
    }
}

/// Gathers what `seal_node` should hold while leaves are pushed, for verification.
#[derive(Default)]
pub(crate) struct Expected(HashMap<(u32, u64), Hash>);

impl Expected {
    /// Pushes a leaf.
    pub fn push(&mut self, frontier: &mut Frontier, leaf: Hash) {
        frontier.push_seen(leaf, |height, number, root| {
            if height % STEP == 0 {
                self.0.insert((height, number), *root);
            }
        });
    }

    /// What is stored and differs, as `node:height/number`, and what is missing between stored ones. What is missing at the end is no
    /// finding: the sealer adds it.
    pub fn differences(&self, tx: &mut Tx) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let (mut level, mut idx) = (0_i64, -1_i64);
        loop {
            let rows: Vec<(i64, i64, Vec<u8>)> = tx.all(
                sql!("SELECT level, idx, hash FROM seal_node WHERE (level, idx) > ($1, $2) ORDER BY level, idx LIMIT 2000"),
                params![level, idx],
            )?;
            let Some(last) = rows.last() else { return Ok(wrong) };
            let end = (last.0, last.1);
            for (height, number, hash) in rows {
                let next = if height == level { idx + 1 } else { 0 };
                if number != next {
                    wrong.push(format!("node:{height}/{next}"));
                }
                (level, idx) = (height, number);
                let key = u32::try_from(height).ok().zip(u64::try_from(number).ok());
                let right = key.and_then(|key| self.0.get(&key)).is_some_and(|right| right[..] == hash[..]);
                if !right {
                    wrong.push(format!("node:{height}/{number}"));
                }
            }
            (level, idx) = end;
        }
    }
}
