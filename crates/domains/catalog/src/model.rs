//! Subjects and offers.

use kernel::{Id, Org, Timestamp};
use network::worded;
use store::row;

/// Marker for identifiers of offers.
#[derive(Debug)]
pub enum OfferMark {}
/// Identifier of an offer.
pub type OfferId = Id<OfferMark>;

worded! {
    /// What an offer is.
    pub enum OfferKind {
        /// 课程: several lessons on one subject
        Course = "course",
        /// 讲座
        Lecture = "lecture",
        /// 班: a class over a term
        Class = "class",
        /// 微课: a short lesson
        MicroCourse = "micro_course",
        /// 游学、现场体验
        Tour = "tour",
        /// 培训: for work
        Training = "training",
        /// 场馆开放: what a library, museum or sports hall lets everybody use while it is open. It has no classes and no seats.
        OpenVenue = "open_venue",
    }
}

worded! {
    /// Whom an offer is made for. Nobody is turned away by it.
    pub enum Audience {
        /// 所有居民
        Everyone = "everyone",
        /// 老年人
        Older = "older",
        /// 成年人
        Adults = "adults",
        /// 家庭
        Family = "family",
        /// 儿童、青少年
        Children = "children",
        /// 农民、乡村居民
        Farmers = "farmers",
        /// 求职者
        Jobseekers = "jobseekers",
        /// 工作人员、志愿者
        Staff = "staff",
    }
}

worded! {
    /// Where an offer stands: it begins as a draft, is published, may be withdrawn and published again.
    pub enum OfferStatus {
        /// Seen by the staff only.
        Draft = "draft",
        /// Seen by everybody; classes can be opened.
        Published = "published",
        /// No longer offered; what was learned in it stays.
        Withdrawn = "withdrawn",
    }
}

macro_rules! named {
    ($($name:ident $prefix:literal),+) => {$(
        impl $name {
            /// Key of its name in the pages' words.
            pub fn message_key(self) -> String {
                format!(concat!("catalog-", $prefix, "-{}"), self.as_str().replace('_', "-"))
            }
        }
    )+};
}

impl OfferKind {
    /// Whether classes with seats and sessions are held of it; what is merely open has none.
    pub fn has_classes(self) -> bool {
        self != OfferKind::OpenVenue
    }
}

named!(OfferKind "kind", Audience "audience", OfferStatus "status");

journal::table! {
    /// The tree of subjects.
    pub SUBJECT = "subject" (code) [name, parent, isced_f, examples];
    /// Offers.
    pub OFFER = "offer" (org_id, offer_id) [
        kind, title, summary, body, subject_code, audience, cost_fen, bring, status, published_at, demo,
    ];
}

row! {
    /// A subject: two digits for a field, four for a subject in it.
    #[derive(PartialEq)]
    pub struct Subject {
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The field that it belongs to.
        pub parent: Option<String>,
        /// Field of education in ISCED-F 2013 (UNESCO), for reports to others.
        pub isced_f: Option<String>,
        /// Words that belong to it, for searching; may be empty.
        pub examples: String,
        /// Counts the changes.
        pub rev: i64,
    }
}

row! {
    /// An offer 学习项目: what an organisation offers to learn.
    #[derive(PartialEq)]
    pub struct Offer {
        /// Who offers it.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub offer_id: OfferId,
        /// What it is.
        pub kind: OfferKind,
        /// Title.
        pub title: String,
        /// One sentence for lists.
        pub summary: String,
        /// What is learned, in some sentences; paragraphs are parted by line breaks.
        pub body: String,
        /// Code of its subject.
        pub subject_code: String,
        /// Whom it is made for.
        pub audience: Audience,
        /// What it costs in fen (1/100 yuan); 0 is free.
        pub cost_fen: i64,
        /// What to bring; empty if nothing.
        pub bring: String,
        /// Where it stands.
        pub status: OfferStatus,
        /// When it was first published.
        pub published_at: Option<Timestamp>,
        /// Made for demonstration.
        pub demo: bool,
        /// Counts the changes; an edit names the one that it was made from.
        pub rev: i64,
    }
}
