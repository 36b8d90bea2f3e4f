//! Attendances, headcounts, completions, and how sure they are.

use activities::{ClassId, SessionId};
use catalog::OfferId;
use kernel::{Id, Minutes, Org, Person, Timestamp};
use store::{FromValue, Value};

/// Marker for identifiers of attendances.
#[derive(Debug)]
pub enum AttendanceMark {}
/// Marker for identifiers of headcounts.
#[derive(Debug)]
pub enum HeadcountMark {}
/// Marker for identifiers of completions.
#[derive(Debug)]
pub enum CompletionMark {}

/// Identifier of an attendance.
pub type AttendanceId = Id<AttendanceMark>;
/// Identifier of a headcount.
pub type HeadcountId = Id<HeadcountMark>;
/// Identifier of a completion.
pub type CompletionId = Id<CompletionMark>;

journal::table! {
    /// Somebody was there.
    pub ATTENDANCE = "attendance" (org_id, attendance_id) [
        session_id, class_id, offer_id, person_id, grade, minutes, method, recorded_by, occurred_at, status, reason,
    ];
    /// Visitors without accounts, counted.
    pub HEADCOUNT = "headcount" (org_id, headcount_id) [
        session_id, class_id, visitors, evidence, recorded_by, occurred_at, status, reason,
    ];
    /// A person completed a class.
    pub COMPLETION = "completion" (org_id, completion_id) [
        class_id, offer_id, person_id, minutes, attended, planned, completed_at,
    ];
}

/// How sure a recorded minute is, weakest first. Rules say which grade buys what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceGrade {
    /// 自报: the learner says so.
    Declared = 1,
    /// 点名: somebody responsible ticked her off.
    RollCall = 2,
    /// 到场: a rotating code shown in the room, or her card scanned by staff there.
    Presence = 3,
    /// 互证: two independent records agree.
    CrossChecked = 4,
    /// 考核: what was learned was assessed.
    Assessed = 5,
}

impl EvidenceGrade {
    /// All grades, weakest first.
    pub const ALL: [EvidenceGrade; 5] = [
        EvidenceGrade::Declared,
        EvidenceGrade::RollCall,
        EvidenceGrade::Presence,
        EvidenceGrade::CrossChecked,
        EvidenceGrade::Assessed,
    ];

    /// The word under which rules and translations know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            EvidenceGrade::Declared => "declared",
            EvidenceGrade::RollCall => "roll_call",
            EvidenceGrade::Presence => "presence",
            EvidenceGrade::CrossChecked => "cross_checked",
            EvidenceGrade::Assessed => "assessed",
        }
    }
}

impl From<EvidenceGrade> for Value {
    fn from(grade: EvidenceGrade) -> Self {
        Value::Int(grade as i64)
    }
}

impl FromValue for EvidenceGrade {
    fn from_value(value: &Value) -> Option<Self> {
        let number = i64::from_value(value)?;
        EvidenceGrade::ALL.into_iter().find(|grade| *grade as i64 == number)
    }
}

/// By which way an attendance was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// She entered the code shown in the room.
    Code,
    /// Her card was read or typed by staff in the room.
    Card,
    /// Her name was ticked on the roster.
    Roll,
}

impl Method {
    /// The word under which it is stored and translated.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Code => "code",
            Method::Card => "card",
            Method::Roll => "roll",
        }
    }

    /// The grade that this way gives: a code and a card prove presence alike.
    pub const fn grade(self) -> EvidenceGrade {
        match self {
            Method::Code | Method::Card => EvidenceGrade::Presence,
            Method::Roll => EvidenceGrade::RollCall,
        }
    }
}

impl From<Method> for Value {
    fn from(method: Method) -> Self {
        method.as_str().into()
    }
}

impl FromValue for Method {
    fn from_value(value: &Value) -> Option<Self> {
        let text = String::from_value(value)?;
        [Method::Code, Method::Card, Method::Roll].into_iter().find(|method| method.as_str() == text)
    }
}

store::row! {
    /// Somebody was there.
    #[derive(PartialEq)]
    pub struct Attendance {
        /// The organisation that ran the session.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub attendance_id: AttendanceId,
        /// The session.
        pub session_id: SessionId,
        /// Its class.
        pub class_id: ClassId,
        /// Its offer.
        pub offer_id: OfferId,
        /// Who.
        pub person_id: Id<Person>,
        /// How sure.
        pub grade: EvidenceGrade,
        /// For how long.
        pub minutes: Minutes,
        /// Recorded by which way.
        pub method: Method,
        /// Recorded by whom, as [`kernel::Actor::label`] writes it.
        pub recorded_by: String,
        /// Start of the session.
        pub occurred_at: Timestamp,
        /// `valid` or `reversed`.
        pub status: String,
        /// Why it was corrected or reversed; empty before.
        pub reason: String,
        /// Counts the changes.
        pub rev: i64,
    }
}

store::row! {
    /// Visitors without accounts, counted: attendances 人次, never people 人数.
    #[derive(PartialEq)]
    pub struct Headcount {
        /// The organisation that ran the session.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub headcount_id: HeadcountId,
        /// The session.
        pub session_id: SessionId,
        /// Its class.
        pub class_id: ClassId,
        /// How many, 1 to 10,000.
        pub visitors: i64,
        /// What proves it: a sign-in sheet, a photograph, two witnesses.
        pub evidence: String,
        /// Recorded by whom.
        pub recorded_by: String,
        /// Start of the session.
        pub occurred_at: Timestamp,
        /// `valid` or `reversed`.
        pub status: String,
        /// Why it was reversed; empty before.
        pub reason: String,
        /// Counts the changes.
        pub rev: i64,
    }
}
