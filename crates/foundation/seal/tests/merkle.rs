//! The Merkle tree against the definition of RFC 9162 written down naively, and against the published vectors.

use proptest::prelude::*;
use seal::{
    Frontier, Hash, consistency_proof, consistency_ranges, empty_root, from_hex, from_hex_exact, hex,
    inclusion_proof, inclusion_ranges, leaf_hash, node_hash, root, sha256, verify_consistency,
    verify_inclusion,
};

/// The eight records of the test vectors of the Certificate Transparency log software.
const RECORDS: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Root of the tree over the first 1, 2, … 8 records.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn vector_leaves() -> Vec<Hash> {
    RECORDS.iter().map(|record| leaf_hash(&from_hex(record).expect("hex"))).collect()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| from_hex_exact(text).expect("hex of a hash")).collect()
}

#[test]
fn published_roots() {
    assert_eq!(empty_root(), sha256(b""));
    assert_eq!(hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let leaves = vector_leaves();
    for (size, expected) in (1..).zip(ROOTS) {
        assert_eq!(hex(&root(&leaves[..size])), expected, "{size} leaves");
    }
}

#[test]
fn published_proofs() {
    let leaves = vector_leaves();
    let first = hashes(&[
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    let sixth = hashes(&[
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    assert_eq!(inclusion_proof(&leaves, 0), Some(first));
    assert_eq!(inclusion_proof(&leaves, 5), Some(sixth));
    let six_to_eight = hashes(&[
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    assert_eq!(consistency_proof(&leaves, 6), Some(six_to_eight));
}

/// MTH of section 2.1.1.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// PATH of section 2.1.3.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let middle = naive_split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut path, sibling) = if index < middle {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - middle, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of section 2.1.4.1.
fn naive_subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let middle = naive_split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut proof, sibling) = if old <= middle {
        (naive_subproof(old, left, whole), naive_root(right))
    } else {
        (naive_subproof(old - middle, right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn naive_split(size: usize) -> usize {
    let mut power = 1;
    while power * 2 < size {
        power *= 2;
    }
    power
}

fn leaves_of(size: usize) -> Vec<Hash> {
    (0..size).map(|number| leaf_hash(&number.to_le_bytes())).collect()
}

#[test]
fn all_small_trees_equal_the_definition() {
    let leaves = leaves_of(40);
    let mut frontier = Frontier::new();
    for new in 0..=leaves.len() {
        let tree = &leaves[..new];
        let new_root = naive_root(tree);
        assert_eq!((frontier.size(), frontier.root()), (new as u64, new_root));
        for (index, leaf) in tree.iter().enumerate() {
            let proof = inclusion_proof(tree, index as u64).expect("the leaf is there");
            assert_eq!(proof, naive_path(index, tree));
            assert!(verify_inclusion(leaf, index as u64, new as u64, &proof, &new_root));
        }
        for old in 1..=new {
            let proof = consistency_proof(tree, old as u64).expect("the tree grew");
            assert_eq!(proof, naive_subproof(old, tree, true));
            assert!(verify_consistency(
                old as u64,
                new as u64,
                &naive_root(&leaves[..old]),
                &new_root,
                &proof
            ));
        }
        assert!(verify_consistency(0, new as u64, &empty_root(), &new_root, &[]));
        if let Some(leaf) = leaves.get(new) {
            frontier.push(*leaf);
        }
    }
}

#[test]
fn impossible_requests() {
    let leaves = leaves_of(5);
    assert_eq!(inclusion_proof(&leaves, 5), None);
    assert_eq!(inclusion_proof(&[], 0), None);
    assert_eq!(consistency_proof(&leaves, 6), None);
    let (four, five) = (root(&leaves[..4]), root(&leaves));
    assert!(!verify_consistency(5, 4, &five, &four, &[]));
    assert!(!verify_consistency(0, 5, &four, &five, &[]));
    assert!(!verify_consistency(5, 5, &four, &five, &[]));
    assert!(!verify_consistency(3, 5, &four, &five, &[]));
    assert!(!verify_inclusion(&leaves[0], 0, 0, &[], &empty_root()));
}

#[test]
fn ranges_of_the_largest_trees() {
    let ranges = inclusion_ranges(u64::MAX - 1, u64::MAX).expect("the leaf is there");
    assert_eq!(ranges.iter().map(|range| range.end - range.start).sum::<u64>(), u64::MAX - 1);
    let ranges = consistency_ranges((1 << 63) + 1, u64::MAX).expect("the tree grew");
    assert_eq!(ranges.iter().map(|range| range.end - range.start).sum::<u64>(), u64::MAX);
    assert!(!verify_inclusion(&[0; 32], u64::MAX - 1, u64::MAX, &[[0; 32]; 64], &[0; 32]));
}

/// Where a proof is damaged: a byte of one hash, a hash lost, or one added.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, prop::sample::Index),
    Drop(prop::sample::Index),
    Add(prop::sample::Index, Hash),
}

fn damage() -> impl Strategy<Value = Damage> {
    use prop::sample::Index;
    prop_oneof![
        any::<(Index, Index)>().prop_map(|(hash, byte)| Damage::Flip(hash, byte)),
        any::<Index>().prop_map(Damage::Drop),
        any::<(Index, Hash)>().prop_map(|(at, hash)| Damage::Add(at, hash)),
    ]
}

/// `None` if there is nothing to damage in this way.
fn damaged(proof: &[Hash], damage: &Damage) -> Option<Vec<Hash>> {
    let mut proof = proof.to_vec();
    match damage {
        Damage::Flip(_, _) | Damage::Drop(_) if proof.is_empty() => return None,
        Damage::Flip(hash, byte) => {
            let hash = hash.index(proof.len());
            proof[hash][byte.index(32)] ^= 1;
        }
        Damage::Drop(at) => drop(proof.remove(at.index(proof.len()))),
        Damage::Add(at, hash) => proof.insert(at.index(proof.len() + 1), *hash),
    }
    Some(proof)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn frontier_equals_the_definition_after_any_interruption(size in 0_usize..600, stored_at in 0_usize..600) {
        let leaves = leaves_of(size);
        let mut frontier = Frontier::new();
        for (number, leaf) in leaves.iter().enumerate() {
            if number == stored_at {
                frontier = Frontier::from_bytes(&frontier.to_bytes()).expect("its own bytes");
            }
            frontier.push(*leaf);
        }
        prop_assert_eq!(frontier.root(), naive_root(&leaves));
        prop_assert_eq!(frontier.size(), size as u64);
        prop_assert_eq!(frontier.to_bytes().len(), 8 + 32 * size.count_ones() as usize);
    }

    #[test]
    fn inclusion_is_proved_and_nothing_else(
        size in 1_usize..500, at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), damage in damage(),
    ) {
        let leaves = leaves_of(size);
        let (index, tree_root) = (at.index(size), naive_root(&leaves));
        let proof = inclusion_proof(&leaves, index as u64).expect("the leaf is there");
        prop_assert_eq!(&proof, &naive_path(index, &leaves));
        prop_assert!(verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &tree_root));

        let other = other.index(size);
        if other != index {
            prop_assert!(!verify_inclusion(&leaves[other], index as u64, size as u64, &proof, &tree_root));
            prop_assert!(!verify_inclusion(&leaves[index], other as u64, size as u64, &proof, &tree_root));
        }
        if let Some(wrong) = damaged(&proof, &damage) {
            prop_assert!(!verify_inclusion(&leaves[index], index as u64, size as u64, &wrong, &tree_root));
        }
    }

    #[test]
    fn growth_is_proved_and_nothing_else(
        new in 1_usize..500, at in any::<prop::sample::Index>(), changed in any::<prop::sample::Index>(), damage in damage(),
    ) {
        let leaves = leaves_of(new);
        let old = at.index(new) + 1;
        let (old_root, new_root) = (naive_root(&leaves[..old]), naive_root(&leaves));
        let proof = consistency_proof(&leaves, old as u64).expect("the tree grew");
        prop_assert_eq!(&proof, &naive_subproof(old, &leaves, true));
        prop_assert!(verify_consistency(old as u64, new as u64, &old_root, &new_root, &proof));

        if let Some(wrong) = damaged(&proof, &damage) {
            prop_assert!(!verify_consistency(old as u64, new as u64, &old_root, &new_root, &wrong));
        }
        // History rewritten: a record of the old tree replaced, everything else computed honestly.
        let mut rewritten = leaves;
        rewritten[changed.index(old)] = leaf_hash(b"another record");
        let forged = consistency_proof(&rewritten, old as u64).expect("the tree grew");
        prop_assert!(!verify_consistency(old as u64, new as u64, &old_root, &naive_root(&rewritten), &forged));
    }
}
