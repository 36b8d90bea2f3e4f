//! Posting: the only place where accounts and entries are written.
//!
//! A transfer moves credit of one class from an issuer's account to a learner's: two entries that add up to zero, two
//! balances, one fact, one transaction. Its id follows from the fact that caused it and the step of the reactor, so a
//! repeated delivery meets the unique key and never posts twice. Entries are never changed; a correction is a transfer
//! of the opposite amount that names the one it reverses, and a unique key lets a transfer be reversed only once.
//!
//! Entries are written at once, balances once at the end of a batch: a busy issuer's account changes with every transfer,
//! and its last fact in the batch vouches for it.

use std::collections::BTreeMap;

use journal::{Fact, FactId, Recorded};
use kernel::{Account, Actor, Credit, Error, Id, Minutes, Org, Person, Result, Timestamp};
use learning::{AttendanceId, EvidenceGrade};
use store::{Tx, params};

use crate::{
    Calculation, CreditClass, Entry, EntryId, EntryKind, Note, Refusal, ReversalReason, TransferId,
    facts::{CREDITED, Posted, REVERSED},
    model::{ACCOUNT, ENTRY, Owner},
    pack, read,
};

/// Who posts, in facts.
pub(crate) const REACTOR: &str = "bank.credit";

/// All learning recorded at community places is of this class; rules for the other classes come with their evidence.
pub(crate) const CLASS: CreditClass = CreditClass::CultureLeisure;

/// What a deposit rests on.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub person: Id<Person>,
    pub org: Id<Org>,
    pub record: AttendanceId,
    pub home: String,
    pub fact: FactId,
    pub grade: EvidenceGrade,
    pub minutes: Minutes,
    pub learned_at: Timestamp,
    pub approver: String,
}

impl Evidence {
    /// The evidence of a deposit that was made before.
    pub fn of(person: Id<Person>, entry: &Entry) -> Self {
        Self {
            person,
            org: entry.org_id,
            record: entry.record_id,
            home: entry.evidence_home.clone(),
            fact: entry.evidence_fact,
            grade: entry.grade,
            minutes: entry.minutes,
            learned_at: entry.learned_at,
            approver: entry.approver.clone(),
        }
    }
}

/// The transfers of one transaction.
#[derive(Default)]
pub(crate) struct Batch {
    facts: Vec<Fact>,
    moves: BTreeMap<Id<Account>, Move>,
}

/// What the transfers of a batch change in one account.
struct Move {
    owner: Owner,
    amount: i64,
    /// The last fact that concerns the account; it vouches for the new balance.
    fact: usize,
}

impl Batch {
    /// Moves the balances, in the order of the accounts' ids so that no two transactions wait for each other, and emits the
    /// facts. A batch that is not ended must not be committed.
    pub fn end(mut self, tx: &mut Tx) -> Result<()> {
        for (account, change) in self.moves {
            let fact = &mut self.facts[change.fact];
            let set = "balance = balance + $1";
            if fact.update(tx, &ACCOUNT, &[account.into()], set, "", params![change.amount])?.is_none() {
                let (kind, owner) = (change.owner.kind(), change.owner.id_text());
                fact.insert(
                    tx,
                    &ACCOUNT,
                    params![account, kind, owner, CLASS, change.amount, tx.now()].to_vec(),
                )?;
            }
        }
        let actor = Actor::System(REACTOR);
        self.facts.into_iter().try_for_each(|fact| fact.emit(tx, &actor).map(|_| ()))
    }

    fn moves(&mut self, account: Id<Account>, owner: Owner, amount: i64) {
        let fact = self.facts.len();
        let change = self.moves.entry(account).or_insert(Move { owner, amount: 0, fact });
        change.amount += amount;
        change.fact = fact;
    }
}

/// Deposits what the evidence is worth by the rule of its day; with `held` nothing of it.
pub(crate) fn deposit(
    tx: &mut Tx,
    batch: &mut Batch,
    cause: &Recorded,
    step: &str,
    evidence: &Evidence,
    held: bool,
) -> Result<()> {
    let day = evidence.learned_at.day();
    let account = Owner::Person(evidence.person).account(CLASS);
    let used = read::used(tx, account, day)?;
    let rule = pack::rule_for(CLASS, day)?;
    let worth = match rule {
        Some(rule) => rule
            .apply(evidence.grade, evidence.minutes, used)
            .ok_or_else(|| Error::bug("the calculation leaves 64 bits"))?,
        None => Calculation::without_rule(used),
    };
    let worth = if held { worth.all_refused(Refusal::Overlap) } else { worth };
    let (rule_id, rule_version) = rule.map_or(("", 0), |rule| (rule.id.as_str(), rule.version));
    let transfer = Transfer {
        kind: EntryKind::Deposit,
        amount: worth.credit,
        refused: worth.refused,
        rule_id,
        rule_version,
        held,
        note: Note::Deposit(worth),
        reverses: None,
    };
    transfer.post(tx, batch, cause, step, evidence)
}

/// Takes a deposit back under the rule by which it was made.
pub(crate) fn reverse(
    tx: &mut Tx,
    batch: &mut Batch,
    cause: &Recorded,
    step: &str,
    person: Id<Person>,
    original: &Entry,
    reason: ReversalReason,
) -> Result<()> {
    let transfer = Transfer {
        kind: EntryKind::Reversal,
        amount: Credit(-original.amount.0),
        refused: Credit(0),
        rule_id: &original.rule_id,
        rule_version: original.rule_version,
        held: false,
        note: Note::Reversal { reason },
        reverses: Some(original.transfer_id),
    };
    // The approver of a reversal is who caused it, not who recorded the attendance.
    let evidence = Evidence {
        home: cause.home.clone(),
        fact: cause.id,
        approver: cause.actor.clone(),
        ..Evidence::of(person, original)
    };
    transfer.post(tx, batch, cause, step, &evidence)
}

struct Transfer<'a> {
    kind: EntryKind,
    amount: Credit,
    refused: Credit,
    rule_id: &'a str,
    rule_version: i64,
    held: bool,
    note: Note,
    reverses: Option<TransferId>,
}

impl Transfer<'_> {
    fn post(
        self,
        tx: &mut Tx,
        batch: &mut Batch,
        cause: &Recorded,
        step: &str,
        evidence: &Evidence,
    ) -> Result<()> {
        let (learner, issuer) = (Owner::Person(evidence.person), Owner::Issuer(evidence.org));
        let (to, from) = (learner.account(CLASS), issuer.account(CLASS));
        let transfer_id: TransferId = cause.derived_id(step);
        let posted = Posted {
            person_id: evidence.person,
            transfer_id,
            amount: self.amount,
            refused: self.refused,
            credit_class: CLASS,
            rule_id: self.rule_id.to_owned(),
            rule_version: self.rule_version,
            org_id: evidence.org,
            attendance_id: evidence.record,
            attendance_fact: evidence.fact,
            learned_on: evidence.learned_at.day(),
            reverses: self.reverses,
        };
        let kind = match self.kind {
            EntryKind::Deposit => CREDITED,
            EntryKind::Reversal => REVERSED,
        };
        let mut fact = Fact::new(kind, to).derived(step, cause).at(evidence.org).payload(&posted);
        let note = serde_json::to_string(&self.note).map_err(|e| Error::bug("note").caused_by(e))?;
        let entry_id: EntryId = tx.new_id();
        // The learner's entry comes first: it is the subject of the fact, in whose home it lies.
        for (account, other, amount, note) in
            [(to, from, self.amount.0, note), (from, to, -self.amount.0, String::new())]
        {
            let row = params![
                account,
                entry_id,
                transfer_id,
                other,
                self.kind,
                amount,
                CLASS,
                self.rule_id,
                self.rule_version,
                &evidence.home,
                evidence.fact,
                evidence.record,
                evidence.org,
                evidence.grade,
                evidence.minutes,
                evidence.learned_at,
                evidence.learned_at.day(),
                &evidence.approver,
                tx.now(),
                self.held,
                note,
                self.reverses
            ];
            fact.insert(tx, &ENTRY, row.to_vec())?;
        }
        batch.moves(to, learner, self.amount.0);
        batch.moves(from, issuer, -self.amount.0);
        batch.facts.push(fact);
        Ok(())
    }
}
