//! What is known while facts pass by: the growing tree, and the newest digest of every record.

use std::collections::HashMap;

use kernel::{Result, Timestamp};
use seal::{Frontier, Hash, VerifyingKey, from_base64url_exact, sha256};
use store::{FromRow, Row, Tx, Value};

use super::Report;
use crate::{FactId, Head, Recorded, erase::erasure, nodes::Expected};

/// The first half of a record name's SHA-256: short to keep, and nobody finds two names with the same one.
pub(super) type RecordKey = [u8; 16];

pub(super) fn record_key(record: &str) -> RecordKey {
    let digest = sha256(record.as_bytes());
    std::array::from_fn(|n| digest[n])
}

/// What the newest fact says of a row.
pub(super) struct Vouched {
    pub rev: i64,
    /// The first half of the digest: 128 bits are more than anybody can forge.
    pub digest: [u8; 16],
    /// `None` after an erasure.
    pub salt: Option<[u8; 16]>,
    /// Position of the fact.
    pub pos: i64,
    pub seen: bool,
}

/// A fact without salt, until it is known whether an erasure covers it.
struct Unsalted {
    id: FactId,
    home: String,
    recorded_at: Timestamp,
    /// Digests; `None` if the fact vouches for something that no erasure covers.
    digests: Option<i64>,
}

pub(super) struct Ledger<'a> {
    key: &'a VerifyingKey,
    origin: &'a str,
    pub report: Report,
    pub vouched: HashMap<RecordKey, Vouched>,
    /// Names of the records, kept only where few are expected: in a run that begins after a head.
    pub names: Option<HashMap<RecordKey, String>>,
    frontier: Frontier,
    nodes: Expected,
    previous_root: Hash,
    pos: i64,
    erasures: HashMap<String, Timestamp>,
    unsalted: Vec<Unsalted>,
}

impl<'a> Ledger<'a> {
    pub fn new(key: &'a VerifyingKey, origin: &'a str, named: bool) -> Self {
        let frontier = Frontier::new();
        Self {
            key,
            origin,
            report: Report::default(),
            vouched: HashMap::new(),
            names: named.then(HashMap::new),
            previous_root: frontier.root(),
            frontier,
            nodes: Expected::default(),
            pos: 0,
            erasures: HashMap::new(),
            unsalted: Vec::new(),
        }
    }

    /// Goes on from this tree.
    pub fn begin(&mut self, frontier: Frontier) {
        self.pos = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
        (self.report.since, self.report.sealed) = (self.pos, self.pos);
        self.previous_root = frontier.root();
        self.frontier = frontier;
    }

    /// The last position that was taken.
    pub fn pos(&self) -> i64 {
        self.pos
    }

    pub fn wrong_nodes(&self, tx: &mut Tx) -> Result<Vec<String>> {
        self.nodes.differences(tx)
    }

    /// Takes facts in the order of their positions, and the heads among them.
    pub fn take(&mut self, rows: Vec<Row>, heads: Vec<Head>) {
        let mut heads = heads.into_iter().peekable();
        for row in rows {
            let found = row.get(0).unwrap_or(i64::MAX);
            if found != self.pos + 1 {
                let record = format!("position:{}", self.pos + 1);
                self.report.problem("position", record, "positions are not dense");
            }
            self.pos = found;
            let leaf = row.get::<Vec<u8>>(14).ok().and_then(|leaf| leaf.try_into().ok()).unwrap_or_default();
            self.nodes.push(&mut self.frontier, leaf);
            self.report.facts += 1;
            self.fact(row, Some(leaf));
            self.report.unsealed += 1;
            while let Some(head) = heads.next_if(|head| head.size <= self.pos) {
                self.head(&head);
            }
        }
    }

    /// Takes facts that are committed and wait for their position: their rows are there already.
    pub fn take_waiting(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.fact(row, None);
            self.report.unsealed += 1;
        }
    }

    /// `leaf` is what stands at the fact's position, if it has one.
    fn fact(&mut self, row: Row, leaf: Option<Hash>) {
        let name = match row.values().get(15) {
            Some(Value::Text(id)) => format!("fact:{id}"),
            _ => format!("fact:at {}", self.pos),
        };
        if row.values().get(1) == Some(&Value::Null) {
            self.report.problem("fact", name, "the fact is gone, its position is left");
            return;
        }
        let Ok(fact) = Recorded::from_row(row) else {
            self.report.problem("fact", name, "the fact cannot be read");
            return;
        };
        let true_leaf = fact.leaf().is_ok_and(|computed| leaf.is_none_or(|leaf| computed == leaf));
        if !true_leaf {
            self.report.problem("fact", &name, format!("the fact about {} was changed", fact.subject));
        }
        if true_leaf && erasure(&fact.kind).is_some() {
            self.report.erasures += 1;
            self.erasures.insert(fact.home.clone(), fact.recorded_at);
        }
        let Ok(digests) = fact.digest_list() else {
            self.report.problem("fact", name, "its list of digests cannot be read");
            return;
        };
        let salt: Option<[u8; 16]> = match &fact.salt {
            None => {
                let covered = inventory::iter::<crate::Erasure>()
                    .any(|erasure| erasure.covers(digests.iter().map(|(record, ..)| record.as_str())));
                let (id, home, recorded_at) = (fact.id, fact.home.clone(), fact.recorded_at);
                let digests = covered.then_some(digests.len() as i64);
                self.unsalted.push(Unsalted { id, home, recorded_at, digests });
                None
            }
            Some(bytes) => {
                let salt = bytes.as_slice().try_into().ok();
                if salt.is_none() {
                    self.report.problem("fact", &name, "its salt is damaged");
                }
                salt
            }
        };
        for (record, rev, digest) in digests {
            let key = record_key(&record);
            if self.vouched.get(&key).is_some_and(|known| known.rev >= rev) {
                continue;
            }
            let Some(digest) = from_base64url_exact::<32>(&digest) else {
                self.report.problem("fact", &name, format!("its digest of {record} cannot be read"));
                continue;
            };
            let digest = std::array::from_fn(|n| digest[n]);
            self.vouched.insert(key, Vouched { rev, digest, salt, pos: self.pos, seen: false });
            if let Some(names) = &mut self.names {
                names.insert(key, record);
            }
        }
    }

    fn head(&mut self, head: &Head) {
        let record = format!("head:{}", head.size);
        self.report.heads += 1;
        if head.size != self.pos {
            self.report.problem("seal", record, "the head covers a position that is gone");
            return;
        }
        if head.root != self.frontier.root() {
            self.report.problem("seal", &record, "the signed root is not the root of the positions");
        }
        if head.prev_root != self.previous_root {
            self.report.problem("seal", &record, "the head does not follow the head before it");
        }
        // From these bytes the tree goes on growing, and a later run may begin.
        if head.frontier != self.frontier.to_bytes() {
            self.report.problem("seal", &record, "the right edge of the tree is not that of the positions");
        }
        let signature = head.signature.clone().try_into().ok();
        let signed = head.tree_head(self.origin).zip(signature).is_some_and(|(t, s)| t.verify(self.key, &s));
        if !signed {
            self.report.problem("seal", &record, "the signature does not fit");
        }
        self.previous_root = self.frontier.root();
        (self.report.unsealed, self.report.sealed) = (0, head.size);
    }

    /// A missing salt is right only where a fact in the log tells of the erasure, and only for what was there before it.
    pub fn settle_erasures(&mut self) {
        for fact in std::mem::take(&mut self.unsalted) {
            let erased = self.erasures.get(&fact.home).is_some_and(|at| fact.recorded_at <= *at);
            match fact.digests {
                Some(digests) if erased => self.report.erased += digests,
                _ => {
                    let detail =
                        "its salt is gone, and no erasure covers it: what it vouches for cannot be checked";
                    self.report.problem("fact", format!("fact:{}", fact.id), detail);
                }
            }
        }
    }
}
