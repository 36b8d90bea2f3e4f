//! What is known while facts pass by: the growing tree, and the newest digest of every record.

use std::{collections::HashMap, sync::atomic::AtomicBool};

use seal::{Frontier, Hash, VerifyingKey};
use store::{Row, Tx};

use super::{
    Problem, Report,
    claim::{Claim, Digest, Entry, RecordKey},
};
use crate::{FactId, Head, nodes::Expected};

/// What the newest fact says of a row.
pub(super) struct Vouched {
    pub rev: i64,
    /// The first half of the digest: 128 bits are more than anybody can forge.
    pub digest: [u8; 16],
    /// `None` after an erasure.
    pub salt: Option<[u8; 16]>,
    /// Position of the fact.
    pub pos: i64,
    /// Whether its row was met.
    pub seen: AtomicBool,
}

/// A fact without salt, until it is known whether an erasure covers it.
struct Unsalted {
    id: FactId,
    home: String,
    /// Which versions of which records it vouches for; `None` if one of them is of a kind that no erasure covers.
    versions: Option<Vec<(RecordKey, i64)>>,
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
    /// By home, which versions of which records the facts that tell of erasures vouch for.
    erasures: HashMap<String, HashMap<RecordKey, i64>>,
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

    pub fn wrong_nodes(&self, tx: &mut Tx) -> kernel::Result<Vec<String>> {
        self.nodes.differences(tx)
    }

    /// Takes facts in the order of their positions, and the heads among them.
    pub fn take(&mut self, entries: Vec<Entry>, heads: Vec<Head>) {
        let mut heads = heads.into_iter().peekable();
        for entry in entries {
            if entry.pos != self.pos + 1 {
                let record = format!("position:{}", self.pos + 1);
                self.report.problem("position", record, "positions are not dense");
            }
            self.pos = entry.pos;
            self.nodes.push(&mut self.frontier, entry.leaf);
            self.report.facts += 1;
            self.fact(entry.claim);
            self.report.unsealed += 1;
            while let Some(head) = heads.next_if(|head| head.size <= self.pos) {
                self.head(&head);
            }
        }
    }

    /// Takes facts that are committed and wait for their position: their rows are there already.
    pub fn take_waiting(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.fact(Claim::waiting(row, self.names.is_some()));
            self.report.unsealed += 1;
        }
    }

    fn fact(&mut self, claim: Result<Claim, Problem>) {
        let claim = match claim {
            Ok(claim) => claim,
            Err(problem) => return self.report.problems.push(problem),
        };
        self.report.problems.extend(claim.problems);
        let versions = || claim.digests.iter().map(|digest| (digest.key, digest.rev));
        if claim.erases {
            self.report.erasures += 1;
            let anew = self.erasures.entry(claim.home.clone()).or_default();
            for (record, rev) in versions() {
                let known = anew.entry(record).or_insert(rev);
                *known = rev.max(*known);
            }
        }
        if claim.unsalted {
            let versions = claim.covered.then(|| versions().collect());
            self.unsalted.push(Unsalted { id: claim.id, home: claim.home.clone(), versions });
        }
        for Digest { key, record, rev, digest } in claim.digests {
            if self.vouched.get(&key).is_some_and(|known| known.rev >= rev) {
                continue;
            }
            let vouched =
                Vouched { rev, digest, salt: claim.salt, pos: self.pos, seen: AtomicBool::new(false) };
            self.vouched.insert(key, vouched);
            if let (Some(names), Some(record)) = (&mut self.names, record) {
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

    /// A missing salt is right only where a fact in the log tells of the erasure, and only for what was there before it: that fact
    /// vouches for a later version of each record. Moments tell nothing of before and after, because clocks differ.
    pub fn settle_erasures(&mut self) {
        for fact in std::mem::take(&mut self.unsalted) {
            let anew = self.erasures.get(&fact.home);
            let before = |(record, rev): &(RecordKey, i64)| {
                anew.and_then(|anew| anew.get(record)).is_some_and(|later| rev < later)
            };
            match fact.versions {
                Some(versions) if versions.iter().all(before) => self.report.erased += versions.len() as i64,
                _ => {
                    let detail =
                        "its salt is gone, and no erasure covers it: what it vouches for cannot be checked";
                    self.report.problem("fact", format!("fact:{}", fact.id), detail);
                }
            }
        }
    }
}
