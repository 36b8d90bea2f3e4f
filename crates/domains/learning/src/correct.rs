//! Correcting minutes and taking records back. Nothing is deleted: a correction names its reason and is a fact of its own.

use activities::SessionId;
use journal::Fact;
use kernel::{Actor, Error, Id, Minutes, Person, Result, Right};
use store::{FromRow, Tx, params};

use crate::{
    check_in::session_and_class,
    facts::{
        ATTENDANCE_REVERSED, Attended, HEADCOUNT_NOTED, HEADCOUNT_REVERSED, HeadcountNoted, MINUTES_CORRECTED,
    },
    model::{ATTENDANCE, Attendance, HEADCOUNT, Headcount, HeadcountId},
    read,
};

/// Visitors that one headcount may have.
pub const VISITORS_MAX: i64 = 10_000;
/// Characters of an evidence or reason.
pub const WORDS_MAX: usize = 300;

kernel::codes! {
    /// Minutes lie between 0 and the length of the session.
    pub BAD_MINUTES = Invalid "learning.bad_minutes";
    /// A headcount has 1 to 10,000 visitors.
    pub BAD_VISITORS = Invalid "learning.bad_visitors";
    /// The record was taken back already.
    pub REVERSED = Conflict "learning.reversed";
}

/// Sets the minutes of an attendance that was shorter than the session. Sent again, it changes nothing and leaves no second fact.
pub fn correct_minutes(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    person: Id<Person>,
    minutes: Minutes,
    reason: &str,
) -> Result<()> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    if !(0..=session.minutes().0).contains(&minutes.0) {
        return Err(Error::fields(vec![kernel::FieldError {
            field: "minutes".to_owned(),
            code: &BAD_MINUTES,
            args: vec![("max", session.minutes().0.to_string())],
        }]));
    }
    let reason = words("reason", reason)?;
    let known = read::attendance_of(tx, &session, person)?;
    if known
        .is_some_and(|known| known.status == "valid" && known.minutes == minutes && known.reason == reason)
    {
        return Ok(());
    }
    change(
        tx,
        actor,
        &session,
        person,
        MINUTES_CORRECTED,
        "minutes = $1, reason = $2",
        params![minutes, reason],
    )
}

/// Takes an attendance back.
pub fn reverse_attendance(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    person: Id<Person>,
    reason: &str,
) -> Result<()> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    let reason = words("reason", reason)?;
    change(
        tx,
        actor,
        &session,
        person,
        ATTENDANCE_REVERSED,
        "status = 'reversed', reason = $1",
        params![reason],
    )
}

fn change(
    tx: &mut Tx,
    actor: &Actor,
    session: &activities::Session,
    person: Id<Person>,
    kind: &'static str,
    set: &str,
    args: &[store::Value],
) -> Result<()> {
    let known = read::attendance_of(tx, session, person)?.ok_or_else(Error::missing)?;
    let mut fact = Fact::new(kind, session.org_id).at(session.org_id).occurred(session.starts_at);
    let key = [known.org_id.into(), known.attendance_id.into()];
    let row = fact
        .update(tx, &ATTENDANCE, &key, set, "status = 'valid'", args)?
        .ok_or_else(|| Error::new(&REVERSED))?;
    let now = Attendance::from_row(row)?;
    let payload = Attended {
        attendance_id: now.attendance_id,
        org_id: now.org_id,
        session_id: now.session_id,
        class_id: now.class_id,
        offer_id: now.offer_id,
        person_id: now.person_id,
        grade: now.grade,
        minutes: now.minutes,
        method: now.method,
        learned_at: now.occurred_at,
    };
    fact.payload(&payload).emit(tx, actor).map(|_| ())
}

/// Counts visitors without accounts, with what proves it.
pub fn note_headcount(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    visitors: i64,
    evidence: &str,
) -> Result<HeadcountId> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    if !(1..=VISITORS_MAX).contains(&visitors) {
        return Err(Error::field("visitors", &BAD_VISITORS));
    }
    let evidence = words("evidence", evidence)?;
    if tx.now() < session.starts_at.plus_minutes(-crate::EARLY_MINUTES) {
        return Err(Error::new(&crate::NOT_BEGUN));
    }
    let headcount_id: HeadcountId = tx.new_id();
    let payload = HeadcountNoted {
        headcount_id,
        org_id: session.org_id,
        session_id,
        class_id: class.class_id,
        visitors,
        learned_at: session.starts_at,
    };
    let mut fact = Fact::new(HEADCOUNT_NOTED, session.org_id)
        .at(session.org_id)
        .occurred(session.starts_at)
        .payload(&payload);
    let row = params![
        session.org_id,
        headcount_id,
        session_id,
        class.class_id,
        visitors,
        evidence,
        actor.label(),
        session.starts_at,
        "valid",
        ""
    ];
    fact.insert(tx, &HEADCOUNT, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(headcount_id)
}

/// Takes a headcount back.
pub fn reverse_headcount(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    id: HeadcountId,
    reason: &str,
) -> Result<()> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    let reason = words("reason", reason)?;
    let mut fact =
        Fact::new(HEADCOUNT_REVERSED, session.org_id).at(session.org_id).occurred(session.starts_at);
    let key = [session.org_id.into(), id.into()];
    let set = "status = 'reversed', reason = $1";
    let row = fact
        .update(
            tx,
            &HEADCOUNT,
            &key,
            set,
            "status = 'valid' AND session_id = $2",
            params![reason, session_id],
        )?
        .ok_or_else(|| Error::new(&REVERSED))?;
    let taken_back = Headcount::from_row(row)?;
    let payload = HeadcountNoted {
        headcount_id: id,
        org_id: session.org_id,
        session_id,
        class_id: class.class_id,
        visitors: taken_back.visitors,
        learned_at: taken_back.occurred_at,
    };
    fact.payload(&payload).emit(tx, actor).map(|_| ())
}

/// A required text of at most 300 characters.
fn words<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::field(field, &kernel::REQUIRED)),
        length if length > WORDS_MAX => Err(Error::field(field, &kernel::TOO_LONG)),
        _ => Ok(text),
    }
}
