//! Queries.

use activities::{Class, Session};
use kernel::{Id, Org, Person, Result, Timestamp};
use store::{Statement, Tx, params, sql};

use crate::model::{ATTENDANCE, Attendance, AttendanceId, HEADCOUNT, Headcount};

/// The attendance of a person at a session, valid or reversed.
pub fn attendance_of(tx: &mut Tx, session: &Session, person: Id<Person>) -> Result<Option<Attendance>> {
    let text = format!(
        "SELECT {} FROM attendance WHERE org_id = $1 AND session_id = $2 AND person_id = $3",
        ATTENDANCE.all_columns()
    );
    tx.opt(Statement::dynamic(text), params![session.org_id, session.session_id, person])
}

/// One attendance.
pub fn attendance(tx: &mut Tx, org_id: Id<Org>, id: AttendanceId) -> Result<Option<Attendance>> {
    let text = format!(
        "SELECT {} FROM attendance WHERE org_id = $1 AND attendance_id = $2",
        ATTENDANCE.all_columns()
    );
    tx.opt(Statement::dynamic(text), params![org_id, id])
}

/// All attendances at a session, in the order of recording.
pub fn attendances_of_session(tx: &mut Tx, session: &Session) -> Result<Vec<Attendance>> {
    let text = format!(
        "SELECT {} FROM attendance WHERE org_id = $1 AND session_id = $2 ORDER BY attendance_id",
        ATTENDANCE.all_columns()
    );
    tx.all(Statement::dynamic(text), params![session.org_id, session.session_id])
}

/// All headcounts of a session, in the order of recording.
pub fn headcounts_of_session(tx: &mut Tx, session: &Session) -> Result<Vec<Headcount>> {
    let text = format!(
        "SELECT {} FROM headcount WHERE org_id = $1 AND session_id = $2 ORDER BY headcount_id",
        HEADCOUNT.all_columns()
    );
    tx.all(Statement::dynamic(text), params![session.org_id, session.session_id])
}

/// Valid attendances of a class.
pub fn attendance_count(tx: &mut Tx, class: &Class) -> Result<i64> {
    let (count,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM attendance WHERE org_id = $1 AND class_id = $2 AND status = 'valid'"),
        params![class.org_id, class.class_id],
    )?;
    Ok(count)
}

store::row! {
    /// A line of a person's own list of attendances.
    pub struct MyAttendance {
        /// Its identifier.
        pub attendance_id: AttendanceId,
        /// Where.
        pub org_id: Id<Org>,
        /// Of which class.
        pub class_id: activities::ClassId,
        /// How sure.
        pub grade: crate::EvidenceGrade,
        /// For how long.
        pub minutes: kernel::Minutes,
        /// By which way.
        pub method: crate::Method,
        /// Start of the session.
        pub occurred_at: Timestamp,
        /// `valid` or `reversed`.
        pub status: String,
    }
}

/// A person's attendances before a moment, newest first.
pub fn attendances_of_person(
    tx: &mut Tx,
    person: Id<Person>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<MyAttendance>> {
    tx.all(
        sql!(
            "SELECT attendance_id, org_id, class_id, grade, minutes, method, occurred_at, status FROM my_attendance \
             WHERE person_id = $1 AND occurred_at < $2 ORDER BY occurred_at DESC, attendance_id DESC LIMIT $3"
        ),
        params![person, before, limit],
    )
}

/// Sessions and minutes of a person's valid attendances in all.
pub fn sums_of_person(tx: &mut Tx, person: Id<Person>) -> Result<(i64, kernel::Minutes)> {
    tx.one(
        sql!(
            "SELECT count(*), CAST(coalesce(sum(minutes), 0) AS bigint) FROM my_attendance \
             WHERE person_id = $1 AND status = 'valid'"
        ),
        params![person],
    )
}
