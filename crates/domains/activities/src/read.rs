//! Queries.

use std::collections::{HashMap, hash_map::Entry};

use catalog::OfferId;
use kernel::{Id, Org, Person, Result, Timestamp};
use store::{Statement, Tx, Value, params, sql};

use crate::model::{CLASS, Class, ClassId, Enrolment, Session, SessionId};

/// A class.
pub fn class(tx: &mut Tx, class_id: ClassId) -> Result<Option<Class>> {
    let text = format!(
        "SELECT {} FROM class WHERE org_id = (SELECT org_id FROM class_directory WHERE class_id = $1) AND class_id = $1",
        CLASS.all_columns()
    );
    tx.opt(Statement::dynamic(text), params![class_id])
}

/// The titles of some classes, each named with its organisation.
pub fn titles(tx: &mut Tx, classes: &[(Id<Org>, ClassId)]) -> Result<HashMap<ClassId, String>> {
    let mut found = HashMap::with_capacity(classes.len());
    for part in classes.chunks(100) {
        let marks: Vec<String> =
            (0..part.len()).map(|n| format!("(${}, ${})", 2 * n + 1, 2 * n + 2)).collect();
        let text = format!(
            "SELECT class_id, title FROM class WHERE (org_id, class_id) IN (VALUES {})",
            marks.join(", ")
        );
        let args: Vec<Value> = part.iter().flat_map(|(org, class)| [org.into(), class.into()]).collect();
        let rows: Vec<(ClassId, String)> = tx.all(Statement::dynamic(text), &args)?;
        found.extend(rows);
    }
    Ok(found)
}

/// A session.
pub fn session(tx: &mut Tx, session_id: SessionId) -> Result<Option<Session>> {
    tx.opt(
        sql!(
            "SELECT org_id, session_id, class_id, number, starts_at, ends_at, teacher_id FROM class_session \
             WHERE org_id = (SELECT org_id FROM session_directory WHERE session_id = $1) AND session_id = $1"
        ),
        params![session_id],
    )
}

/// The sessions of a class in order of time.
pub fn sessions_of_class(tx: &mut Tx, org_id: Id<Org>, class_id: ClassId) -> Result<Vec<Session>> {
    tx.all(
        sql!(
            "SELECT org_id, session_id, class_id, number, starts_at, ends_at, teacher_id FROM class_session \
             WHERE org_id = $1 AND class_id = $2 ORDER BY starts_at"
        ),
        params![org_id, class_id],
    )
}

/// The classes of an offer that end after `from`, soonest first; cancelled ones are left out.
pub fn classes_of_offer(
    tx: &mut Tx,
    org_id: Id<Org>,
    offer_id: OfferId,
    from: Timestamp,
) -> Result<Vec<Class>> {
    let text = format!(
        "SELECT {} FROM class WHERE org_id = $1 AND offer_id = $2 AND ends_at > $3 AND status <> 'cancelled' \
         ORDER BY starts_at, class_id LIMIT 50",
        CLASS.all_columns()
    );
    tx.all(Statement::dynamic(text), params![org_id, offer_id, from])
}

/// The class of each of these offers that a resident would take: of those that end after `from` and are not cancelled, the soonest one with
/// free seats, else the soonest; offers without any are left out.
pub fn classes_to_take(tx: &mut Tx, offers: &[OfferId], from: Timestamp) -> Result<HashMap<OfferId, Class>> {
    let mut found: HashMap<OfferId, Class> = HashMap::with_capacity(offers.len());
    for chunk in offers.chunks(100) {
        let marks: Vec<String> = (2..=chunk.len() + 1).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT {} FROM class WHERE offer_id IN ({}) AND ends_at > $1 AND status <> 'cancelled' \
             ORDER BY starts_at, class_id",
            CLASS.all_columns(),
            marks.join(", ")
        );
        let mut args: Vec<Value> = vec![from.into()];
        args.extend(chunk.iter().map(Value::from));
        let classes: Vec<Class> = tx.all(Statement::dynamic(text), &args)?;
        for class in classes {
            match found.entry(class.offer_id) {
                Entry::Vacant(place) => {
                    place.insert(class);
                }
                Entry::Occupied(mut place) => {
                    if place.get().free() == 0 && class.free() > 0 {
                        place.insert(class);
                    }
                }
            }
        }
    }
    Ok(found)
}

/// The sessions of these classes that go on or come next, one of each class that still has any.
pub fn next_sessions(tx: &mut Tx, classes: &[ClassId], now: Timestamp) -> Result<HashMap<ClassId, Session>> {
    let mut found: HashMap<ClassId, Session> = HashMap::with_capacity(classes.len());
    for chunk in classes.chunks(100) {
        let marks: Vec<String> = (2..=chunk.len() + 1).map(|n| format!("${n}")).collect();
        // From the few classes to their sessions, in this order.
        let text = format!(
            "SELECT s.org_id, s.session_id, s.class_id, s.number, s.starts_at, s.ends_at, s.teacher_id \
             FROM class_directory d CROSS JOIN class_session s \
             WHERE d.class_id IN ({}) AND s.org_id = d.org_id AND s.class_id = d.class_id AND s.ends_at > $1 \
             ORDER BY s.starts_at, s.session_id",
            marks.join(", ")
        );
        let mut args: Vec<Value> = vec![now.into()];
        args.extend(chunk.iter().map(Value::from));
        let sessions: Vec<Session> = tx.all(Statement::dynamic(text), &args)?;
        for session in sessions {
            found.entry(session.class_id).or_insert(session);
        }
    }
    Ok(found)
}

/// A class as it was read: its organisation, itself, its number of changes.
pub type AsRead = (Id<Org>, ClassId, i64);

/// Whether these classes are still as they were read: no seat was taken or given back, and nothing else changed.
pub fn unchanged(tx: &mut Tx, classes: &[AsRead]) -> Result<bool> {
    if classes.is_empty() {
        return Ok(true);
    }
    let mut params: Vec<Value> = Vec::with_capacity(3 * classes.len());
    let mut same = Vec::with_capacity(classes.len());
    for (org_id, class_id, rev) in classes {
        let first = params.len() + 1;
        same.push(format!("(org_id = ${first} AND class_id = ${} AND rev = ${})", first + 1, first + 2));
        params.extend(params![org_id, class_id, *rev].to_vec());
    }
    let text = format!("SELECT count(*) FROM class WHERE {}", same.join(" OR "));
    let (count,): (i64,) = tx.one(Statement::dynamic(text), &params)?;
    Ok(usize::try_from(count).is_ok_and(|count| count == classes.len()))
}

/// The seat of a person in a class, whatever its status.
pub fn enrolment(tx: &mut Tx, class: &Class, person_id: Id<Person>) -> Result<Option<Enrolment>> {
    tx.opt(
        sql!(
            "SELECT org_id, enrolment_id, class_id, person_id, status, enrolled_at FROM enrolment \
             WHERE org_id = $1 AND class_id = $2 AND person_id = $3"
        ),
        params![class.org_id, class.class_id, person_id],
    )
}

/// Who sits in a class, in the order of signing up.
pub fn roster(tx: &mut Tx, class: &Class) -> Result<Vec<Enrolment>> {
    tx.all(
        sql!(
            "SELECT org_id, enrolment_id, class_id, person_id, status, enrolled_at FROM enrolment \
             WHERE org_id = $1 AND class_id = $2 AND status = 'seated' ORDER BY enrolled_at, enrolment_id"
        ),
        params![class.org_id, class.class_id],
    )
}

/// The sessions that a person teaches between two moments.
pub fn sessions_of_teacher(
    tx: &mut Tx,
    teacher: Id<Person>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Session, Class)>> {
    let rows: Vec<Session> = tx.all(
        sql!(
            "SELECT org_id, session_id, class_id, number, starts_at, ends_at, teacher_id FROM class_session \
             WHERE teacher_id = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at LIMIT 200"
        ),
        params![teacher, from, to],
    )?;
    with_classes(tx, rows)
}

/// The sessions of an organisation between two moments, soonest first, at most `limit`.
pub fn sessions_of_org(
    tx: &mut Tx,
    org_id: Id<Org>,
    from: Timestamp,
    to: Timestamp,
    limit: i64,
) -> Result<Vec<(Session, Class)>> {
    let rows: Vec<Session> = tx.all(
        sql!(
            "SELECT org_id, session_id, class_id, number, starts_at, ends_at, teacher_id FROM class_session \
             WHERE org_id = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at LIMIT $4"
        ),
        params![org_id, from, to, limit],
    )?;
    with_classes(tx, rows)
}

fn with_classes(tx: &mut Tx, sessions: Vec<Session>) -> Result<Vec<(Session, Class)>> {
    let mut pairs = Vec::with_capacity(sessions.len());
    for session in sessions {
        if let Some(class) = class(tx, session.class_id)? {
            pairs.push((session, class));
        }
    }
    Ok(pairs)
}

store::row! {
    /// A line of a person's own list of classes.
    pub struct MyClass {
        /// The class.
        pub class_id: ClassId,
        /// The organisation that runs it.
        pub org_id: Id<Org>,
        /// `seated` or `cancelled`.
        pub status: String,
        /// Start of the first session.
        pub starts_at: Timestamp,
        /// End of the last session.
        pub ends_at: Timestamp,
    }
}

/// Everything that a person ever took a seat in, seats that she gave back among it, the latest class first.
///
/// # Errors
/// Those of the store.
pub fn classes_of_person(tx: &mut Tx, person_id: Id<Person>) -> Result<Vec<MyClass>> {
    tx.all(
        sql!(
            "SELECT class_id, org_id, status, starts_at, ends_at FROM my_class WHERE person_id = $1 \
             ORDER BY starts_at DESC, class_id"
        ),
        params![person_id],
    )
}

/// The classes in which a person has a seat and that end after `from`, soonest first.
pub fn upcoming_of_person(tx: &mut Tx, person_id: Id<Person>, from: Timestamp) -> Result<Vec<Class>> {
    let rows: Vec<MyClass> = tx.all(
        sql!(
            "SELECT class_id, org_id, status, starts_at, ends_at FROM my_class \
             WHERE person_id = $1 AND status = 'seated' AND ends_at > $2 ORDER BY starts_at LIMIT 100"
        ),
        params![person_id, from],
    )?;
    rows.into_iter().filter_map(|row| class(tx, row.class_id).transpose()).collect()
}
