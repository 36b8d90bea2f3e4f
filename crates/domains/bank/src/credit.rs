//! The reactor: what was learned becomes credit, once.
//!
//! An attendance buys credit once, whatever facts tell of it (the issuer's record id is the attendance's). Corrected
//! minutes and an attendance taken back post reversals. If a person was recorded at two places at the same time, **both**
//! deposits are held: neither gives credit until one of the records is corrected or taken back, which is how staff
//! settle it; the remaining deposit is then posted again with its credit. Limits apply by the day of learning in the order
//! of deposit; room that a reversal leaves is not filled by what was refused before.

use journal::{Consumer, Recorded};
use kernel::{Day, Id, Person, Result};
use learning::facts::{ATTENDANCE_REVERSED, ATTENDED, Attended, MINUTES_CORRECTED};
use store::Tx;

use crate::{
    Entry, ReversalReason,
    model::Owner,
    post::{Batch, CLASS, Evidence, REACTOR, deposit, reverse},
    read,
};

/// Posts credit for attendances.
pub struct Crediting;

impl Consumer for Crediting {
    fn name(&self) -> &'static str {
        REACTOR
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        let mut batch = Batch::default();
        for cause in facts {
            match cause.kind.as_str() {
                ATTENDED => attended(tx, &mut batch, cause)?,
                MINUTES_CORRECTED => corrected(tx, &mut batch, cause)?,
                ATTENDANCE_REVERSED => taken_back(tx, &mut batch, cause)?,
                _ => {}
            }
        }
        batch.end(tx)
    }
}

fn attended(tx: &mut Tx, batch: &mut Batch, cause: &Recorded) -> Result<()> {
    let a: Attended = cause.payload()?;
    let account = Owner::Person(a.person_id).account(CLASS);
    if read::was_deposited(tx, account, a.attendance_id)? {
        return Ok(());
    }
    let evidence = evidence(cause, &a);
    let standing = read::standing_of_day(tx, account, evidence.learned_at.day())?;
    let clashes = standing.iter().any(|other| overlaps(&evidence, other));
    deposit(tx, batch, cause, REACTOR, &evidence, clashes)?;
    if clashes { settle_day(tx, batch, cause, a.person_id, evidence.learned_at.day()) } else { Ok(()) }
}

fn corrected(tx: &mut Tx, batch: &mut Batch, cause: &Recorded) -> Result<()> {
    let a: Attended = cause.payload()?;
    let account = Owner::Person(a.person_id).account(CLASS);
    let Some(known) = read::standing_of_record(tx, account, a.attendance_id)? else { return Ok(()) };
    let step = format!("{REACTOR}/take-back");
    reverse(tx, batch, cause, &step, a.person_id, &known, ReversalReason::MinutesCorrected)?;
    let evidence = evidence(cause, &a);
    let standing = read::standing_of_day(tx, account, evidence.learned_at.day())?;
    let clashes = standing.iter().any(|other| overlaps(&evidence, other));
    deposit(tx, batch, cause, REACTOR, &evidence, clashes)?;
    settle_day(tx, batch, cause, a.person_id, evidence.learned_at.day())
}

fn taken_back(tx: &mut Tx, batch: &mut Batch, cause: &Recorded) -> Result<()> {
    let a: Attended = cause.payload()?;
    let account = Owner::Person(a.person_id).account(CLASS);
    let Some(known) = read::standing_of_record(tx, account, a.attendance_id)? else { return Ok(()) };
    reverse(tx, batch, cause, REACTOR, a.person_id, &known, ReversalReason::AttendanceReversed)?;
    settle_day(tx, batch, cause, a.person_id, known.learned_on)
}

/// Holds what clashes now, and releases what no longer does.
fn settle_day(tx: &mut Tx, batch: &mut Batch, cause: &Recorded, person: Id<Person>, day: Day) -> Result<()> {
    let standing = read::standing_of_day(tx, Owner::Person(person).account(CLASS), day)?;
    for entry in &standing {
        let evidence = Evidence::of(person, entry);
        let clashes = standing.iter().any(|other| overlaps(&evidence, other));
        if clashes == entry.held {
            continue;
        }
        let reason = if clashes { ReversalReason::Held } else { ReversalReason::Released };
        // The attendance and the word tell the steps of one cause apart.
        let step = |part: &str| format!("{REACTOR}/{}/{part}/{}", reason.as_str(), entry.record_id);
        reverse(tx, batch, cause, &step("take-back"), person, entry, reason)?;
        deposit(tx, batch, cause, &step("deposit"), &evidence, clashes)?;
    }
    Ok(())
}

fn overlaps(evidence: &Evidence, other: &Entry) -> bool {
    let until = evidence.learned_at.plus_minutes(evidence.minutes.0);
    evidence.record != other.record_id
        && evidence.learned_at < other.learned_until()
        && other.learned_at < until
}

fn evidence(cause: &Recorded, a: &Attended) -> Evidence {
    Evidence {
        person: a.person_id,
        org: a.org_id,
        record: a.attendance_id,
        home: cause.home.clone(),
        fact: cause.id,
        grade: a.grade,
        minutes: a.minutes,
        learned_at: a.learned_at,
        approver: cause.actor.clone(),
    }
}
