//! Opening a class: an offer gets a run with a place, times and seats.
//!
//! Only who may manage the offers of the organisation does it, and only for a published offer of that organisation. All
//! wrong fields are reported at once.

use catalog::OfferId;
use journal::Fact;
use kernel::{Actor, Code, Error, FieldError, Id, Minutes, Org, Person, Result, Right, Timestamp};
use store::{Tx, params, sql};

use crate::{
    facts::{CLASS_OPENED, ClassOpened},
    model::{CLASS, ClassId, SESSION, SessionId},
};

/// Sessions that one class may have.
pub const SESSIONS_MAX: usize = 200;
/// Seats that one class may have.
pub const CAPACITY_MAX: i64 = 100_000;
/// Longest session, in minutes.
const SESSION_MINUTES_MAX: i64 = 12 * 60;

kernel::codes! {
    /// The offer is not published, so that nobody could find its class.
    pub OFFER_NOT_PUBLISHED = Conflict "activities.offer_not_published";
    /// What is open to everybody has hours and no classes.
    pub OPEN_VENUE = Conflict "activities.open_venue";
    /// A class needs 1 to 200 sessions.
    pub BAD_SESSIONS = Invalid "activities.bad_sessions";
    /// A session ends before it starts, or is longer than twelve hours.
    pub BAD_SESSION_TIME = Invalid "activities.bad_session_time";
    /// Two sessions of the class overlap.
    pub SESSIONS_OVERLAP = Invalid "activities.sessions_overlap";
    /// A class has 1 to 100,000 seats.
    pub BAD_CAPACITY = Invalid "activities.bad_capacity";
    /// The teacher already has another session at that time.
    pub TEACHER_BUSY = Conflict "activities.teacher_busy";
}

/// A class to be opened.
#[derive(Debug, Clone)]
pub struct OpenClass {
    /// Who runs it.
    pub org_id: Id<Org>,
    /// The offer of which it is a run.
    pub offer_id: OfferId,
    /// Title as on the certificate, 1 to 120 characters.
    pub title: String,
    /// Who teaches it.
    pub teacher_id: Option<Id<Person>>,
    /// Seats, 1 to 100,000.
    pub capacity: i64,
    /// Building or place, 1 to 120 characters.
    pub venue: String,
    /// Room; may be empty, at most 60 characters.
    pub room: String,
    /// Start and end of each session.
    pub sessions: Vec<(Timestamp, Timestamp)>,
    /// Made for demonstration.
    pub demo: bool,
}

/// What was opened.
#[derive(Debug, Clone)]
pub struct OpenedClass {
    /// The class.
    pub class_id: ClassId,
    /// Its sessions in order of time.
    pub sessions: Vec<SessionId>,
}

/// Opens a class with all its sessions.
pub fn open_class(tx: &mut Tx, actor: &Actor, cmd: &OpenClass) -> Result<OpenedClass> {
    network::access::require(tx, actor, Right::ManageOffers, cmd.org_id)?;
    let offer = catalog::offer(tx, cmd.offer_id)?
        .filter(|offer| offer.org_id == cmd.org_id)
        .ok_or_else(Error::missing)?;
    if offer.status != catalog::OfferStatus::Published {
        return Err(Error::new(&OFFER_NOT_PUBLISHED));
    }
    if !offer.kind.has_classes() {
        return Err(Error::new(&OPEN_VENUE));
    }
    let sessions = checked(cmd)?;
    if let Some(teacher) = cmd.teacher_id {
        refuse_busy_teacher(tx, teacher, &sessions)?;
    }
    let class_id: ClassId = tx.new_id();
    let (starts_at, ends_at) = (sessions[0].0, sessions[sessions.len() - 1].1);
    let minutes: i64 = sessions.iter().map(|(from, to)| (to.millis() - from.millis()) / 60_000).sum();
    let payload = ClassOpened { org_id: cmd.org_id, class_id, offer_id: cmd.offer_id, starts_at, ends_at };
    let mut fact = Fact::new(CLASS_OPENED, cmd.org_id).at(cmd.org_id).payload(&payload);
    fact.insert(
        tx,
        &CLASS,
        params![
            cmd.org_id,
            class_id,
            cmd.offer_id,
            cmd.title.trim(),
            cmd.teacher_id,
            cmd.capacity,
            0,
            "open",
            cmd.venue.trim(),
            cmd.room.trim(),
            starts_at,
            ends_at,
            sessions.len() as i64,
            Minutes(minutes),
            cmd.demo
        ]
        .to_vec(),
    )?;
    tx.exec_later(
        sql!("INSERT INTO class_directory (class_id, org_id) VALUES ($1, $2)"),
        params![class_id, cmd.org_id],
    )?;
    let mut ids = Vec::with_capacity(sessions.len());
    for ((from, to), number) in sessions.into_iter().zip(1_i64..) {
        let session_id: SessionId = tx.new_id();
        let row = params![cmd.org_id, session_id, class_id, number, from, to, cmd.teacher_id];
        fact.insert(tx, &SESSION, row.to_vec())?;
        tx.exec_later(
            sql!("INSERT INTO session_directory (session_id, org_id, class_id) VALUES ($1, $2, $3)"),
            params![session_id, cmd.org_id, class_id],
        )?;
        ids.push(session_id);
    }
    fact.emit(tx, actor)?;
    Ok(OpenedClass { class_id, sessions: ids })
}

/// The sessions in order of time, or every wrong field.
fn checked(cmd: &OpenClass) -> Result<Vec<(Timestamp, Timestamp)>> {
    let mut wrong = Vec::new();
    let mut note =
        |field: String, code: &'static Code| wrong.push(FieldError { field, code, args: Vec::new() });
    for (field, text, max, required) in
        [("title", &cmd.title, 120, true), ("venue", &cmd.venue, 120, true), ("room", &cmd.room, 60, false)]
    {
        match text.trim().chars().count() {
            0 if required => note(field.to_owned(), &kernel::REQUIRED),
            length if length > max => note(field.to_owned(), &kernel::TOO_LONG),
            _ => {}
        }
    }
    if !(1..=CAPACITY_MAX).contains(&cmd.capacity) {
        note("capacity".to_owned(), &BAD_CAPACITY);
    }
    if cmd.sessions.is_empty() || cmd.sessions.len() > SESSIONS_MAX {
        note("sessions".to_owned(), &BAD_SESSIONS);
    }
    for ((from, to), number) in cmd.sessions.iter().zip(1..) {
        let minutes = (to.millis() - from.millis()) / 60_000;
        if !(1..=SESSION_MINUTES_MAX).contains(&minutes) {
            note(format!("session_{number}"), &BAD_SESSION_TIME);
        }
    }
    let mut sessions = cmd.sessions.clone();
    sessions.sort();
    if sessions.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        note("sessions".to_owned(), &SESSIONS_OVERLAP);
    }
    if wrong.is_empty() { Ok(sessions) } else { Err(Error::fields(wrong)) }
}

fn refuse_busy_teacher(tx: &mut Tx, teacher: Id<Person>, sessions: &[(Timestamp, Timestamp)]) -> Result<()> {
    for (from, to) in sessions {
        let busy: Option<(Timestamp,)> = tx.opt(
            sql!(
                "SELECT s.starts_at FROM class_session s JOIN class c ON c.org_id = s.org_id AND c.class_id = s.class_id \
                 WHERE s.teacher_id = $1 AND s.starts_at < $3 AND s.starts_at > $4 AND s.ends_at > $2 \
                 AND c.status <> 'cancelled' LIMIT 1"
            ),
            // No session is longer than twelve hours: the bound keeps the search inside the index.
            params![teacher, from, to, from.plus_minutes(-SESSION_MINUTES_MAX)],
        )?;
        if let Some((at,)) = busy {
            return Err(Error::new(&TEACHER_BUSY).arg("time", at.minute_text()));
        }
    }
    Ok(())
}
