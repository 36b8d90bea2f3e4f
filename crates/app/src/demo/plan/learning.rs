//! What people learn and when they come: offers, runs, sessions, seats, attendance.

use std::ops::Range;

use kernel::Day;

use super::model::{OfferKey, OrgKey, PersonKey};

/// Kind of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferKind {
    /// 课程: several lessons on one subject
    Course,
    /// 讲座
    Lecture,
    /// 班: a class over a term
    Class,
    /// 微课: a short lesson
    MicroCourse,
    /// 游学、现场体验
    Tour,
    /// 培训: for work
    Training,
    /// 场馆开放: to be used while the venue is open, without classes
    OpenVenue,
}

impl OfferKind {
    /// All kinds.
    pub const ALL: [OfferKind; 7] = [
        OfferKind::Course,
        OfferKind::Lecture,
        OfferKind::Class,
        OfferKind::MicroCourse,
        OfferKind::Tour,
        OfferKind::Training,
        OfferKind::OpenVenue,
    ];

    /// A stable word for keys and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            OfferKind::Course => "course",
            OfferKind::Lecture => "lecture",
            OfferKind::Class => "class",
            OfferKind::MicroCourse => "micro_course",
            OfferKind::Tour => "tour",
            OfferKind::Training => "training",
            OfferKind::OpenVenue => "open_venue",
        }
    }
}

/// Whom an offer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// 老年人, from 55
    Older,
    /// 成年人
    Adults,
    /// 中小学生
    Children,
    /// 家长与孩子
    Family,
    /// 农民
    Farmers,
    /// 求职者
    Jobseekers,
    /// 社区教育工作者、志愿者
    Staff,
    /// 所有居民
    Everyone,
}

impl Audience {
    /// All audiences.
    pub const ALL: [Audience; 8] = [
        Audience::Older,
        Audience::Adults,
        Audience::Children,
        Audience::Family,
        Audience::Farmers,
        Audience::Jobseekers,
        Audience::Staff,
        Audience::Everyone,
    ];

    /// A stable word for keys and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Audience::Older => "older",
            Audience::Adults => "adults",
            Audience::Children => "children",
            Audience::Family => "family",
            Audience::Farmers => "farmers",
            Audience::Jobseekers => "jobseekers",
            Audience::Staff => "staff",
            Audience::Everyone => "everyone",
        }
    }
}

/// Something that a resident can join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Title.
    pub title: String,
    /// One sentence for lists.
    pub summary: &'static str,
    /// Two to five sentences.
    pub description: String,
    /// Four-digit subject code.
    pub subject: &'static str,
    /// Kind.
    pub kind: OfferKind,
    /// Whom it is for, the first one first.
    pub audience: &'static [Audience],
    /// Number of sessions of a run.
    pub sessions: u16,
    /// Minutes of a session.
    pub minutes: u16,
    /// Seats of a run.
    pub capacity: u16,
    /// Price in fen; 0 is free.
    pub fee_fen: u32,
    /// What to bring; empty if nothing.
    pub bring: &'static str,
    /// Whether a certificate follows on completion.
    pub certificate: bool,
    /// Who holds it.
    pub host: OrgKey,
    /// Its runs, none if it is merely open, as positions in [`World::runs`].
    pub runs: Range<u32>,
}

/// A class: one offer held once, with a teacher, a room and seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The offer.
    pub offer: OfferKey,
    /// What tells it from other runs of the offer: `2026年秋季班`.
    pub label: String,
    /// Who teaches.
    pub teacher: PersonKey,
    /// Room at the host.
    pub room: &'static str,
    /// Seats.
    pub capacity: u16,
    /// Sessions in the order of time; never empty.
    pub sessions: Vec<Session>,
    /// Residents who take a seat, in the order of signing up; never more than `capacity`.
    pub enrolments: Vec<Enrolment>,
    /// Whether the last session is before today and the teacher has closed the class.
    pub closed: bool,
}

/// A meeting of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Day.
    pub day: Day,
    /// Start, in minutes after midnight.
    pub start: u16,
    /// Length.
    pub minutes: u16,
    /// Who came. Empty for today and later. Enrolled residents who are missing here did not come.
    pub attendances: Vec<Attendance>,
    /// Visitors without account who were only counted.
    pub headcount: Option<Headcount>,
}

/// A seat taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolment {
    /// Who.
    pub person: PersonKey,
    /// Day of signing up, before today and before the first session.
    pub day: Day,
    /// Minutes after midnight of that day.
    pub minute: u16,
}

/// How somebody was checked in. The order is that of the strength of evidence; the last two are of one grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckIn {
    /// 点名: the teacher called the roll
    RollCall,
    /// 动态签到码: by the person with the rotating code
    RotatingCode,
    /// 刷卡: the staff scanned the card
    CardScan,
}

/// A person who came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendance {
    /// Who; enrolled in the run.
    pub person: PersonKey,
    /// How.
    pub check_in: CheckIn,
}

/// Visitors counted without names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headcount {
    /// How many came (人次).
    pub visitors: u16,
    /// What proves it, in words.
    pub evidence: &'static str,
}

impl Session {
    /// Start and end on one axis: minutes since the beginning of 1970-01-01 on the city's clock.
    pub fn span(&self) -> (i32, i32) {
        let start = self.day.0 * 1440 + i32::from(self.start);
        (start, start + i32::from(self.minutes))
    }
}
