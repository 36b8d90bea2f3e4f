//! Classes, sessions, seats.

use kernel::{Id, Minutes, Org, Person, Timestamp};

/// Marker for identifiers of classes.
#[derive(Debug)]
pub enum ClassMark {}
/// Marker for identifiers of sessions.
#[derive(Debug)]
pub enum SessionMark {}
/// Marker for identifiers of enrolments.
#[derive(Debug)]
pub enum EnrolmentMark {}

/// Identifier of a class.
pub type ClassId = Id<ClassMark>;
/// Identifier of a session.
pub type SessionId = Id<SessionMark>;
/// Identifier of an enrolment.
pub type EnrolmentId = Id<EnrolmentMark>;

journal::table! {
    /// Classes with their seats.
    pub CLASS = "class" (org_id, class_id) [
        offer_id, title, teacher_id, capacity, taken, status, venue, room, starts_at, ends_at, sessions, minutes_planned, demo,
    ];
    /// Meetings of classes.
    pub SESSION = "class_session" (org_id, session_id) [class_id, number, starts_at, ends_at, teacher_id];
    /// Seats taken and given back.
    pub ENROLMENT = "enrolment" (org_id, enrolment_id) [class_id, person_id, status, enrolled_at];
}

store::row! {
    /// A class 班次: one run of an offer, with seats.
    #[derive(PartialEq)]
    pub struct Class {
        /// The organisation that runs it.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub class_id: ClassId,
        /// The offer of which it is a run.
        pub offer_id: catalog::OfferId,
        /// Title, as on the certificate.
        pub title: String,
        /// Who teaches it, if a person with an account does.
        pub teacher_id: Option<Id<Person>>,
        /// Seats, 1 to 100,000.
        pub capacity: i64,
        /// Seats taken, never more than `capacity`.
        pub taken: i64,
        /// `open`, `closed` or `cancelled`.
        pub status: String,
        /// Building or place.
        pub venue: String,
        /// Room in it; may be empty.
        pub room: String,
        /// Start of the first session.
        pub starts_at: Timestamp,
        /// End of the last session.
        pub ends_at: Timestamp,
        /// Number of sessions.
        pub sessions: i64,
        /// Sum of the sessions' lengths.
        pub minutes_planned: Minutes,
        /// Made for demonstration.
        pub demo: bool,
        /// Counts the changes.
        pub rev: i64,
    }
}

impl Class {
    /// Seats that can still be taken.
    pub fn free(&self) -> i64 {
        if self.is_open() { self.capacity - self.taken } else { 0 }
    }

    /// Whether seats are given out and sessions are held.
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }
}

store::row! {
    /// A session 课次: one meeting of a class.
    #[derive(PartialEq)]
    pub struct Session {
        /// The organisation that runs it.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub session_id: SessionId,
        /// The class.
        pub class_id: ClassId,
        /// Place in the class, from 1.
        pub number: i64,
        /// Start.
        pub starts_at: Timestamp,
        /// End.
        pub ends_at: Timestamp,
        /// Who teaches it.
        pub teacher_id: Option<Id<Person>>,
    }
}

impl Session {
    /// Its length.
    pub fn minutes(&self) -> Minutes {
        Minutes((self.ends_at.millis() - self.starts_at.millis()) / 60_000)
    }
}

store::row! {
    /// A seat.
    #[derive(PartialEq)]
    pub struct Enrolment {
        /// The organisation that runs the class.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub enrolment_id: EnrolmentId,
        /// The class.
        pub class_id: ClassId,
        /// Who sits there.
        pub person_id: Id<Person>,
        /// `seated` or `cancelled`.
        pub status: String,
        /// When the seat was (last) taken.
        pub enrolled_at: Timestamp,
    }
}
