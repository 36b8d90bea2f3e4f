//! Inclusion and consistency proofs of RFC 9162 sections 2.1.3 and 2.1.4.
//!
//! A proof is a list of subtree roots. Which subtrees they are depends on the numbers alone, so the `…_ranges` functions name them as
//! ranges of leaves: who stores subtree roots answers from storage, who has the leaves hashes them.

use std::ops::Range;

use crate::merkle::{Hash, empty_root, node_hash, root};

/// The largest power of two smaller than `size`, where a tree of `size` leaves divides. `size` is at least 2.
const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The subtrees (ranges of leaves) whose roots are the inclusion proof of leaf `index` in a tree of `size` leaves, in the order of the
/// proof. `None` if there is no such leaf.
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The subtrees whose roots are the proof that the tree of `new_size` leaves extends that of `old_size`, in the order of the proof.
/// Empty if the sizes are equal or `old_size` is 0; `None` if the tree would shrink.
pub fn consistency_ranges(old_size: u64, new_size: u64) -> Option<Vec<Range<u64>>> {
    if old_size > new_size {
        return None;
    }
    if old_size == 0 || old_size == new_size {
        return Some(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, new_size);
    // SUBPROOF of section 2.1.4.1, from the top: descend to the subtree that ends where the old tree ended.
    while end != old_size {
        let middle = start + split(end - start);
        if old_size <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    // The root of the old tree itself is known to the verifier and left out.
    if start != 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    Some(ranges)
}

fn roots_of(leaves: &[Hash], ranges: Vec<Range<u64>>) -> Option<Vec<Hash>> {
    let of = |range: Range<u64>| {
        Some(root(leaves.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?))
    };
    ranges.into_iter().map(of).collect()
}

/// Proof that leaf `index` is among `leaves`; `None` if there is no such leaf. Hashes all leaves once.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    roots_of(leaves, inclusion_ranges(index, leaves.len() as u64)?)
}

/// Proof that the tree over `leaves` extends the tree over the first `old_size` of them; `None` if there are not so many.
pub fn consistency_proof(leaves: &[Hash], old_size: u64) -> Option<Vec<Hash>> {
    roots_of(leaves, consistency_ranges(old_size, leaves.len() as u64)?)
}

/// Whether `leaf` is number `index` (from 0) of the tree with this size and root (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], expected_root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // On the right edge a level without sibling is skipped.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *expected_root
}

/// Whether the tree of `new_size` leaves and `new_root` only appended to that of `old_size` and `old_root` (RFC 9162 section 2.1.4.2).
///
/// The RFC leaves out two cases: equal trees are consistent by an empty proof, and so is every tree with the empty one.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    // A full old tree is a subtree of the new one; its root then begins the path.
    let (first, path) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        match proof.split_first() {
            Some((first, path)) => (*first, path),
            None => return false,
        }
    };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
