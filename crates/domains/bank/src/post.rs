//! Posting: the only place where accounts and entries are written.
//!
//! A transfer moves credit of one class from an issuer's account to a learner's: two entries that add up to zero, two
//! balances, one fact, one transaction. Its id follows from the fact that caused it and the step of the reactor, so a
//! repeated delivery meets the unique key and never posts twice. Entries are never changed; a correction is a transfer
//! of the opposite amount that names the one it reverses, and a unique key lets a transfer be reversed only once.

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

/// Deposits what the evidence is worth by the rule of its day; with `held` nothing of it.
pub(crate) fn deposit(tx: &mut Tx, cause: &Recorded, step: &str, evidence: &Evidence, held: bool) -> Result<()> {
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
    transfer.post(tx, cause, step, evidence)
}

/// Takes a deposit back under the rule by which it was made.
pub(crate) fn reverse(
    tx: &mut Tx,
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
    let evidence =
        Evidence { home: cause.home.clone(), fact: cause.id, approver: cause.actor.clone(), ..Evidence::of(person, original) };
    transfer.post(tx, cause, step, &evidence)
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
    fn post(self, tx: &mut Tx, cause: &Recorded, step: &str, evidence: &Evidence) -> Result<()> {
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
        for (account, other, amount, note) in [(to, from, self.amount.0, note), (from, to, -self.amount.0, String::new())] {
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
        move_balance(tx, &mut fact, to, learner, self.amount.0)?;
        move_balance(tx, &mut fact, from, issuer, -self.amount.0)?;
        fact.emit(tx, &Actor::System(REACTOR)).map(|_| ())
    }
}

fn move_balance(tx: &mut Tx, fact: &mut Fact, account: Id<Account>, owner: Owner, amount: i64) -> Result<()> {
    let moved = fact.update(tx, &ACCOUNT, &[account.into()], "balance = balance + $1", "", params![amount])?;
    if moved.is_none() {
        let row = params![account, owner.kind(), owner.id_text(), CLASS, amount, tx.now()];
        fact.insert(tx, &ACCOUNT, row.to_vec())?;
    }
    Ok(())
}
