//! What later domains may rely on.

use activities::{ClassId, SessionId};
use catalog::OfferId;
use kernel::{Id, Minutes, Org, Person, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{AttendanceId, CompletionId, EvidenceGrade, HeadcountId, Method};

/// Somebody was there: [`Attended`].
pub const ATTENDED: &str = "learning.attended.v1";
/// The minutes of an attendance were corrected: [`Attended`] with the new minutes.
pub const MINUTES_CORRECTED: &str = "learning.minutes_corrected.v1";
/// An attendance was taken back: [`Attended`] as it was.
pub const ATTENDANCE_REVERSED: &str = "learning.attendance_reversed.v1";
/// Visitors were counted: [`HeadcountNoted`].
pub const HEADCOUNT_NOTED: &str = "learning.headcount_noted.v1";
/// A headcount was taken back: [`HeadcountNoted`] as it was.
pub const HEADCOUNT_REVERSED: &str = "learning.headcount_reversed.v1";
/// A person completed a class: [`Completed`].
pub const COMPLETED: &str = "learning.completed.v1";

/// Payload of [`ATTENDED`], [`MINUTES_CORRECTED`] and [`ATTENDANCE_REVERSED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attended {
    /// The attendance.
    pub attendance_id: AttendanceId,
    /// Where.
    pub org_id: Id<Org>,
    /// At which session.
    pub session_id: SessionId,
    /// Of which class.
    pub class_id: ClassId,
    /// Of which offer.
    pub offer_id: OfferId,
    /// Who.
    pub person_id: Id<Person>,
    /// How sure.
    pub grade: EvidenceGrade,
    /// For how long.
    pub minutes: Minutes,
    /// By which way.
    pub method: Method,
    /// Start of the session: the date of learning.
    pub learned_at: Timestamp,
}

/// Payload of [`HEADCOUNT_NOTED`] and [`HEADCOUNT_REVERSED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeadcountNoted {
    /// The headcount.
    pub headcount_id: HeadcountId,
    /// Where.
    pub org_id: Id<Org>,
    /// At which session.
    pub session_id: SessionId,
    /// Of which class.
    pub class_id: ClassId,
    /// How many visitors (人次).
    pub visitors: i64,
    /// Start of the session.
    pub learned_at: Timestamp,
}

/// Payload of [`COMPLETED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Completed {
    /// The completion.
    pub completion_id: CompletionId,
    /// Where.
    pub org_id: Id<Org>,
    /// Which class.
    pub class_id: ClassId,
    /// Of which offer.
    pub offer_id: OfferId,
    /// Title of the class.
    pub title: String,
    /// Who.
    pub person_id: Id<Person>,
    /// Minutes attended.
    pub minutes: Minutes,
    /// Sessions attended.
    pub attended: i64,
    /// Sessions held.
    pub planned: i64,
}
