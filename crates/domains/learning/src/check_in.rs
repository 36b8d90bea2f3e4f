//! Checking in: by the code shown in the room, by card, or by roll call.
//!
//! The code changes every 30 seconds and proves that the person was in the room within the last minute; a card read by
//! staff in the room proves the same and gets the same grade, so that nobody is worth less for having no phone. Only who
//! has a seat is checked in; somebody who walks in takes a free seat first. A second check-in is answered with the first.

use activities::{Class, Session, SessionId};
use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result, Right, Timestamp};
use people::Vault;
use seal::{rotating_code, verify_rotating};
use store::{Tx, params, sql};

use crate::{
    facts::{ATTENDED, Attended},
    model::{ATTENDANCE, AttendanceId, Method},
    read,
};

/// Seconds for which one code is shown.
pub const CODE_SECONDS: i64 = 30;
/// Digits of the code.
const CODE_DIGITS: u32 = 6;
/// Codes before and after the present one that are accepted too: a slow hand, a slow network.
const CODE_TOLERANCE: u64 = 1;
/// Minutes before the start from which people can check in.
pub const EARLY_MINUTES: i64 = 30;

kernel::codes! {
    /// The code is not (or no longer) the one shown in the room.
    pub WRONG_CODE = Invalid "learning.wrong_code";
    /// Check-in opens 30 minutes before the session and ends with it.
    pub NOT_NOW = Conflict "learning.not_now";
    /// The person has no seat in the class.
    pub NO_SEAT = Conflict "learning.no_seat";
    /// No card has this number.
    pub UNKNOWN_CARD = Invalid "learning.unknown_card";
    /// The session has not begun.
    pub NOT_BEGUN = Conflict "learning.not_begun";
}

/// What the room shows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCode {
    /// Six digits.
    pub code: String,
    /// Seconds until the next one.
    pub seconds_left: i64,
}

/// The code to show for a session; makes the session's secret when it has none. For its teacher and staff.
pub fn show_code(tx: &mut Tx, actor: &Actor, session_id: SessionId) -> Result<ShownCode> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    let secret = match secret_of(tx, &session)? {
        Some(secret) => secret,
        None => {
            let fresh: [u8; 32] = tx.chance().bytes();
            tx.exec_later(
                sql!(
                    "INSERT INTO checkin_secret (org_id, session_id, secret) VALUES ($1, $2, $3) \
                     ON CONFLICT (org_id, session_id) DO NOTHING"
                ),
                params![session.org_id, session_id, fresh],
            )?;
            secret_of(tx, &session)?.ok_or_else(|| Error::bug("the secret was just written"))?
        }
    };
    let now = tx.now();
    let code = rotating_code(&secret, session_id.as_bytes(), window(now), CODE_DIGITS);
    Ok(ShownCode { code, seconds_left: CODE_SECONDS - now.millis() / 1_000 % CODE_SECONDS })
}

/// The signed-in person checks herself in by the code that the room shows.
pub fn check_in_by_code(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    code: &str,
) -> Result<AttendanceId> {
    let person = actor.person().ok_or_else(|| Error::new(&kernel::SIGN_IN))?;
    let (session, class) = session_and_class(tx, session_id)?;
    require_time(tx.now(), &session)?;
    require_seat(tx, &class, person)?;
    let secret = secret_of(tx, &session)?.ok_or_else(|| Error::field("code", &WRONG_CODE))?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    if !verify_rotating(&secret, session_id.as_bytes(), window(tx.now()), CODE_TOLERANCE, CODE_DIGITS, &code)
    {
        return Err(Error::field("code", &WRONG_CODE));
    }
    record(tx, actor, &session, &class, person, Method::Code)
}

/// Counts a try; run in a transaction of its own before [`check_in_by_code`], because a refusal rolls its own back.
pub fn count_try(tx: &mut Tx, person: Id<Person>) -> Result<()> {
    web::limit::CHECK_IN_PERSON.count(tx, &person.to_string())
}

/// Staff in the room check somebody in by her card. Who has no seat yet takes a free one.
pub fn check_in_by_card(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    session_id: SessionId,
    card: &str,
) -> Result<AttendanceId> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    require_time(tx.now(), &session)?;
    let person =
        people::person_by_card(tx, vault, card)?.ok_or_else(|| Error::field("card", &UNKNOWN_CARD))?;
    let seat = activities::enrolment(tx, &class, person)?.filter(|seat| seat.status == "seated");
    if seat.is_none() {
        let walk_in = activities::SignUp { class_id: class.class_id, person_id: person };
        activities::sign_up(tx, &Actor::System("walk-in"), &walk_in)?;
    }
    record(tx, actor, &session, &class, person, Method::Card)
}

/// The teacher or staff tick somebody off the roster; possible until the class is closed.
pub fn roll_call(
    tx: &mut Tx,
    actor: &Actor,
    session_id: SessionId,
    person: Id<Person>,
) -> Result<AttendanceId> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    if tx.now() < session.starts_at.plus_minutes(-EARLY_MINUTES) {
        return Err(Error::new(&NOT_BEGUN));
    }
    if !class.is_open() {
        return Err(Error::new(&activities::NOT_OPEN).arg("title", &class.title));
    }
    require_seat(tx, &class, person)?;
    record(tx, actor, &session, &class, person, Method::Roll)
}

fn record(
    tx: &mut Tx,
    actor: &Actor,
    session: &Session,
    class: &Class,
    person: Id<Person>,
    method: Method,
) -> Result<AttendanceId> {
    if let Some(known) = read::attendance_of(tx, session, person)? {
        return Ok(known.attendance_id);
    }
    let attendance_id: AttendanceId = tx.new_id();
    let payload = Attended {
        attendance_id,
        org_id: session.org_id,
        session_id: session.session_id,
        class_id: class.class_id,
        offer_id: class.offer_id,
        person_id: person,
        grade: method.grade(),
        minutes: session.minutes(),
        method,
        learned_at: session.starts_at,
    };
    let mut fact =
        Fact::new(ATTENDED, session.org_id).at(session.org_id).payload(&payload).occurred(session.starts_at);
    let row = params![
        session.org_id,
        attendance_id,
        session.session_id,
        class.class_id,
        class.offer_id,
        person,
        method.grade(),
        session.minutes(),
        method,
        actor.label(),
        session.starts_at,
        "valid",
        ""
    ];
    fact.insert(tx, &ATTENDANCE, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(attendance_id)
}

pub(crate) fn session_and_class(tx: &mut Tx, session_id: SessionId) -> Result<(Session, Class)> {
    let session = activities::session(tx, session_id)?.ok_or_else(Error::missing)?;
    let class = activities::class(tx, session.class_id)?.ok_or_else(Error::missing)?;
    Ok((session, class))
}

fn require_time(now: Timestamp, session: &Session) -> Result<()> {
    let opens = session.starts_at.plus_minutes(-EARLY_MINUTES);
    if (opens..=session.ends_at).contains(&now) {
        Ok(())
    } else {
        Err(Error::new(&NOT_NOW).arg("opens", opens.minute_text()).arg("ends", session.ends_at.minute_text()))
    }
}

fn require_seat(tx: &mut Tx, class: &Class, person: Id<Person>) -> Result<()> {
    let seat = activities::enrolment(tx, class, person)?;
    if seat.is_some_and(|seat| seat.status == "seated") {
        Ok(())
    } else {
        Err(Error::new(&NO_SEAT).arg("title", &class.title))
    }
}

fn secret_of(tx: &mut Tx, session: &Session) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> = tx.opt(
        sql!("SELECT secret FROM checkin_secret WHERE org_id = $1 AND session_id = $2"),
        params![session.org_id, session.session_id],
    )?;
    Ok(row.map(|(secret,)| secret))
}

fn window(now: Timestamp) -> u64 {
    u64::try_from(now.millis() / 1_000 / CODE_SECONDS).unwrap_or(0)
}
