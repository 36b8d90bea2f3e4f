//! The log as outsiders see it: heads, and proofs that something is in it and that it only grew (RFC 9162).
//!
//! A proof is for any size that a signed head covers, whether or not a head was made at that size. Nothing here shows a payload or a
//! salt: a leaf is given as its hash, and digests under random salts stand in what is hashed, so that no hash can be guessed back.

use kernel::{Error, Result, codes};
use seal::{Hash, consistency_ranges, inclusion_ranges};
use store::{Tx, params, sql};

use crate::{FactId, Head, nodes::Tree, sealing::sealed};

codes! {
    /// A proof was asked for a tree larger than the newest signed head, or one that would have to shrink.
    pub NO_SUCH_SIZE = Invalid "journal.no_such_size";
    /// The fact is written down, but no signed head covers it yet (about a second).
    pub NOT_SEALED_YET = Unavailable "journal.not_sealed_yet";
}

/// That a leaf is in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Number of the leaf, from 0.
    pub index: u64,
    /// Leaves of the tree.
    pub size: u64,
    /// Hash of the leaf.
    pub leaf: Hash,
    /// The proof, from the leaf up.
    pub proof: Vec<Hash>,
    /// Root of the tree of this size.
    pub root: Hash,
}

/// That a tree only grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// Leaves of the earlier tree.
    pub from: u64,
    /// Leaves of the later tree.
    pub to: u64,
    /// The proof.
    pub proof: Vec<Hash>,
    /// Root of the earlier tree.
    pub from_root: Hash,
    /// Root of the later tree.
    pub to_root: Hash,
}

/// The head of exactly this size.
pub fn head_of(tx: &mut Tx, size: i64) -> Result<Option<Head>> {
    tx.opt(
        sql!("SELECT size, root, prev_root, at, key_id, signature, frontier FROM seal_head WHERE size = $1"),
        params![size],
    )
}

/// Heads smaller than `before`, the largest first.
pub fn heads_before(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<Head>> {
    tx.all(
        sql!(
            "SELECT size, root, prev_root, at, key_id, signature, frontier FROM seal_head WHERE size < $1 \
             ORDER BY size DESC LIMIT $2"
        ),
        params![before, limit],
    )
}

/// Number of a fact's leaf, from 0; `None` if there is no such fact or it waits for its position.
pub fn fact_index(tx: &mut Tx, fact: FactId) -> Result<Option<u64>> {
    let row: Option<(i64,)> = tx.opt(sql!("SELECT pos FROM fact_pos WHERE fact_id = $1"), params![fact])?;
    Ok(row.map(|(pos,)| pos.unsigned_abs().saturating_sub(1)))
}

/// Proof that leaf `index` is in the tree of `size` leaves; without a size in the newest signed one.
///
/// # Errors
/// [`NO_SUCH_SIZE`] if no head covers the size or the leaf is not below it; [`NOT_SEALED_YET`] if the leaf is newer than the newest head
/// and no size was asked for.
pub fn inclusion(tx: &mut Tx, index: u64, size: Option<u64>) -> Result<Inclusion> {
    let newest = sealed(tx)?;
    let refused = || Error::new(&NO_SUCH_SIZE).arg("size", size.unwrap_or(newest)).arg("newest", newest);
    let size = match size {
        Some(size) if size > newest || index >= size => return Err(refused()),
        Some(size) => size,
        None if index >= newest => return Err(Error::new(&NOT_SEALED_YET)),
        None => newest,
    };
    let ranges = inclusion_ranges(index, size).ok_or_else(refused)?;
    let mut tree = Tree::new(size);
    let mut root = |range| tree.root(tx, range)?.ok_or_else(|| Error::new(&NOT_SEALED_YET));
    let leaf = root(index..index + 1)?;
    let proof = ranges.into_iter().map(&mut root).collect::<Result<_>>()?;
    Ok(Inclusion { index, size, leaf, proof, root: root(0..size)? })
}

/// Proof that the tree of `to` leaves begins with that of `from` leaves; without `to` the newest signed one.
///
/// # Errors
/// [`NO_SUCH_SIZE`] if no head covers `to`, or `from` is larger.
pub fn consistency(tx: &mut Tx, from: u64, to: Option<u64>) -> Result<Consistency> {
    let newest = sealed(tx)?;
    let to = to.unwrap_or(newest);
    let refused = |size| Error::new(&NO_SUCH_SIZE).arg("size", size).arg("newest", newest);
    if to > newest {
        return Err(refused(to));
    }
    let ranges = consistency_ranges(from, to).ok_or_else(|| refused(from))?;
    let mut tree = Tree::new(to);
    let mut root = |range| tree.root(tx, range)?.ok_or_else(|| Error::new(&NOT_SEALED_YET));
    let proof = ranges.into_iter().map(&mut root).collect::<Result<_>>()?;
    Ok(Consistency { from, to, proof, from_root: root(0..from)?, to_root: root(0..to)? })
}
