//! What a fact says, worked out by itself: its leaf, its digests, the keys of its records. No claim needs another one, so that several
//! threads work at once.

use seal::{Hash, from_base64url_exact, sha256};
use store::{FromRow, Row, Value};

use super::Problem;
use crate::{FactId, Recorded, erase::erasure};

/// The first half of a record name's SHA-256: short to keep, and nobody finds two names with the same one.
pub(super) type RecordKey = [u8; 16];

pub(super) fn record_key(record: &str) -> RecordKey {
    half(&sha256(record.as_bytes()))
}

fn half(digest: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|n| digest[n])
}

/// A position of the journal, and what stands at it.
pub(super) struct Entry {
    pub pos: i64,
    /// The leaf that is stored at the position.
    pub leaf: Hash,
    /// What is wrong if there is no fact that can be read.
    pub claim: Result<Claim, Problem>,
}

/// What a fact vouches for.
pub(super) struct Claim {
    pub id: FactId,
    pub home: String,
    /// Whether it tells of an erasure, truly.
    pub erases: bool,
    pub salt: Option<[u8; 16]>,
    /// Whether the salt is gone.
    pub unsalted: bool,
    /// Whether an erasure may take the salt of such a fact away.
    pub covered: bool,
    pub digests: Vec<Digest>,
    /// What is wrong with it already by itself.
    pub problems: Vec<Problem>,
}

/// A digest of a row.
pub(super) struct Digest {
    pub key: RecordKey,
    /// The record's name, where it is asked for: what one thread makes and another one frees is dear.
    pub record: Option<String>,
    pub rev: i64,
    /// Its first half: 128 bits are more than anybody can forge.
    pub digest: [u8; 16],
}

impl Entry {
    /// Reads position, the columns of a fact, leaf, and the fact's id once more (it stands even where the fact is gone).
    pub fn read(row: Row, named: bool) -> Self {
        let pos = row.get(0).unwrap_or(i64::MAX);
        let leaf = row.get::<Vec<u8>>(14).ok().and_then(|leaf| leaf.try_into().ok()).unwrap_or_default();
        Self { pos, leaf, claim: Claim::read(row, Some(leaf), named) }
    }
}

impl Claim {
    /// A fact that waits for its position.
    pub fn waiting(row: Row, named: bool) -> Result<Self, Problem> {
        Self::read(row, None, named)
    }

    /// `leaf` is what stands at the fact's position, if it has one.
    fn read(row: Row, leaf: Option<Hash>, named: bool) -> Result<Self, Problem> {
        let name = match row.values().get(15) {
            Some(Value::Text(id)) => format!("fact:{id}"),
            _ => format!("fact:at {}", row.get::<i64>(0).unwrap_or_default()),
        };
        let problem = |detail: &str| Problem {
            check: "fact".to_owned(),
            record: name.clone(),
            detail: detail.to_owned(),
        };
        if row.values().get(1) == Some(&Value::Null) {
            return Err(problem("the fact is gone, its position is left"));
        }
        let fact = Recorded::from_row(row).map_err(|_| problem("the fact cannot be read"))?;
        let mut problems = Vec::new();
        let true_leaf = fact.leaf().is_ok_and(|computed| leaf.is_none_or(|leaf| computed == leaf));
        if !true_leaf {
            problems.push(problem(&format!("the fact about {} was changed", fact.subject)));
        }
        let mut listed = fact.digest_list();
        if listed.is_err() {
            problems.push(problem("its list of digests cannot be read"));
        }
        let unsalted = fact.salt.is_none() && listed.is_ok();
        let covered = unsalted
            && listed.as_ref().is_ok_and(|list| {
                inventory::iter::<crate::Erasure>()
                    .any(|erasure| erasure.covers(list.iter().map(|(record, ..)| record.as_str())))
            });
        let salt = fact.salt.as_deref().and_then(|bytes| bytes.try_into().ok());
        if salt.is_none() && fact.salt.is_some() {
            problems.push(problem("its salt is damaged"));
        }
        let mut digests = Vec::new();
        for (record, rev, text) in listed.as_mut().map(std::mem::take).unwrap_or_default() {
            match from_base64url_exact::<32>(&text) {
                Some(digest) => {
                    let key = record_key(&record);
                    digests.push(Digest { key, record: named.then_some(record), rev, digest: half(&digest) });
                }
                None => problems.push(problem(&format!("its digest of {record} cannot be read"))),
            }
        }
        Ok(Self {
            erases: true_leaf && erasure(&fact.kind).is_some(),
            id: fact.id,
            home: fact.home,
            salt,
            unsalted,
            covered,
            digests,
            problems,
        })
    }
}
