//! The Merkle tree of RFC 9162 section 2.1.1 (the same as RFC 6962 section 2.1) with SHA-256.

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// Hash of a record: `SHA-256(0x00 ‖ record)`. The prefix keeps a record from posing as an inner node.
pub fn leaf_hash(record: &[u8]) -> Hash {
    Sha256::new().chain_update([LEAF]).chain_update(record).finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [NODE; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// Root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Root of the tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// Why a serialised frontier was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a Merkle frontier: their length does not fit the size that they state")]
pub struct FrontierError;

/// A tree to which leaves can only be appended, kept as the roots of its largest full subtrees.
///
/// Pushing costs two hashes on average; the whole thing takes at most 64 hashes of memory, however large the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// One root for each one-bit of `size`, the largest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_seen(leaf, |_, _, _| ());
    }

    /// Appends a leaf hash and shows each full subtree that it closes, from below: height (a subtree of height `h` has `2^h`
    /// leaves), number among those of its height, root.
    pub fn push_seen(&mut self, leaf: Hash, mut seen: impl FnMut(u32, u64, &Hash)) {
        let mut top = leaf;
        // Each trailing one-bit of the size is a full subtree as large as the one that is being closed.
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                top = node_hash(&left, &top);
                seen(height, self.size >> height, &top);
            }
        }
        self.peaks.push(top);
        self.size += 1;
    }

    /// Root of the tree as it is now.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => empty_root(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }

    /// Eight bytes of size (big-endian), then the subtree roots, the largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.peaks.len());
        bytes.extend_from_slice(&self.size.to_be_bytes());
        bytes.extend(self.peaks.iter().flatten());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. Whether the hashes are right shows only against a known root.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(FrontierError)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, left_over) = rest.as_chunks::<32>();
        if !left_over.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(FrontierError);
        }
        Ok(Self { size, peaks: peaks.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Frontier, FrontierError, leaf_hash, root};

    #[test]
    fn closed_subtrees_are_shown_once_with_their_roots() {
        let leaves: Vec<_> = (0..13_u8).map(|number| leaf_hash(&[number])).collect();
        let (mut frontier, mut seen) = (Frontier::new(), Vec::new());
        for leaf in &leaves {
            frontier.push_seen(*leaf, |height, number, root| seen.push((height, number, *root)));
        }
        let mut expected = Vec::new();
        for height in 1..=3_u32 {
            for (number, part) in (0..).zip(leaves.chunks_exact(1 << height)) {
                expected.push((height, number, root(part)));
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, expected);
    }

    #[test]
    fn frontiers_of_wrong_length_are_refused() {
        let mut frontier = Frontier::new();
        for number in 0..7_u8 {
            frontier.push(leaf_hash(&[number]));
        }
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(&bytes), Ok(frontier));
        for wrong in [
            &bytes[..bytes.len() - 1],
            &bytes[..bytes.len() - 32],
            &bytes[..7],
            &[bytes.as_slice(), &[0; 32]].concat(),
        ] {
            assert_eq!(Frontier::from_bytes(wrong), Err(FrontierError));
        }
    }
}
