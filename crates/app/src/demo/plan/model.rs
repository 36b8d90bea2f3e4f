//! What the plan consists of. Plain values, no behaviour beyond small look-ups.

use kernel::Day;

pub use super::learning::*;

/// Position of an [`Org`] in [`World::orgs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgKey(pub u32);

/// Position of a [`Person`] in [`World::people`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub u32);

/// Position of an [`Offer`] in [`World::offers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferKey(pub u32);

/// Position of a [`Run`] in [`World::runs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey(pub u32);

/// The whole demo city. Parents stand before their children in `orgs`.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The seed from which everything follows.
    pub seed: u64,
    /// The day around which the timetable is laid.
    pub today: Day,
    /// The 12,340 divisions, the city first, parents before children.
    pub divisions: Vec<Division>,
    /// The subject tree (11 groups and their subjects), in the order of the codes.
    pub subjects: Vec<Subject>,
    /// The network.
    pub orgs: Vec<Org>,
    /// Residents, teachers and staff. All synthetic.
    pub people: Vec<Person>,
    /// The catalogue.
    pub offers: Vec<Offer>,
    /// The classes of all offers, grouped by offer.
    pub runs: Vec<Run>,
    /// The people and the class of the guided demonstration.
    pub cast: Cast,
    /// What was asked down the tree, and what came back.
    pub notices: Vec<Notice>,
}

/// What a notice is about; its words stand where the commands are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matter {
    /// The city asks all colleges for what they plan for 全民终身学习活动周; some rows each.
    Activities,
    /// The city tells all colleges of safety in winter; a receipt is enough.
    Safety,
    /// The college of the stage asks its schools for the figures of a quarter; one row each, due yesterday.
    Quarter,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub matter: Matter,
    /// Who sends it.
    pub sender: OrgKey,
    /// Who acts for the sender.
    pub officer: PersonKey,
    /// When it is sent.
    pub sent: Day,
    /// The last day for an answer.
    pub due: Option<Day>,
    /// What places have done with it until yesterday, in no order. Who is not among them has not opened it.
    pub replies: Vec<Reply>,
}

/// What a place has done with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The place.
    pub place: OrgKey,
    /// Who acts for it.
    pub person: PersonKey,
    /// When.
    pub day: Day,
    /// The rows of its answer; without any it was opened and no more.
    pub rows: Vec<Vec<String>>,
    /// Why it was returned, if it was.
    pub returned: Option<&'static str>,
}

/// An administrative division of Chongqing as of 2022-10-31.
#[derive(Debug, Clone, PartialEq)]
pub struct Division {
    /// 12-digit statistical code.
    pub code: String,
    /// Official name, `天星桥街道`, `石碾盘社区居民委员会`.
    pub name: String,
    /// Name in daily use, `石碾盘社区`.
    pub short_name: String,
    /// 1 city, 3 district or county, 4 street or town, 5 village or community. A municipality has no level 2.
    pub level: u8,
    /// Code of the division above; empty for the city.
    pub parent: String,
    /// 区, 县, 街道, 镇, 村委会 …
    pub kind: String,
    /// One of the four areas of the city's plan (主城新区 …); only for districts.
    pub region_group: String,
    /// Permanent residents on 2020-11-01; `None` where it is not known (below districts).
    pub population: Option<u64>,
    /// Longitude and latitude in degrees (GCJ-02-like, as the boundaries are). The seat for districts; below them an
    /// **illustrative** point inside the district.
    pub place: (f64, f64),
}

/// An entry of the subject tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Two digits for a group, four for a subject.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Code of the group; empty for a group.
    pub parent: String,
    /// Words that explain the subject; may be empty.
    pub examples: String,
    /// Field of education, ISCED-F 2013.
    pub isced_f: String,
}

/// What an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrgKind {
    /// 社区教育服务指导中心
    GuidanceCentre,
    /// 社区教育学院, one a district
    College,
    /// 社区教育学校, of a street or town
    School,
    /// 社区学习中心, of a village or community
    Centre,
    /// 老年大学
    SeniorUniversity,
    /// 老年远程学校
    RemoteSchool,
    /// 远程老年教育教学点
    RemotePoint,
    /// 体验基地、非遗工作室
    Base,
    /// 图书馆
    Library,
    /// 博物馆
    Museum,
    /// 文化馆
    CultureCentre,
    /// 体育场馆
    SportsVenue,
}

impl OrgKind {
    /// All kinds.
    pub const ALL: [OrgKind; 12] = [
        OrgKind::GuidanceCentre,
        OrgKind::College,
        OrgKind::School,
        OrgKind::Centre,
        OrgKind::SeniorUniversity,
        OrgKind::RemoteSchool,
        OrgKind::RemotePoint,
        OrgKind::Base,
        OrgKind::Library,
        OrgKind::Museum,
        OrgKind::CultureCentre,
        OrgKind::SportsVenue,
    ];

    /// A stable word for keys and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            OrgKind::GuidanceCentre => "guidance_centre",
            OrgKind::College => "college",
            OrgKind::School => "school",
            OrgKind::Centre => "centre",
            OrgKind::SeniorUniversity => "senior_university",
            OrgKind::RemoteSchool => "remote_school",
            OrgKind::RemotePoint => "remote_point",
            OrgKind::Base => "base",
            OrgKind::Library => "library",
            OrgKind::Museum => "museum",
            OrgKind::CultureCentre => "culture_centre",
            OrgKind::SportsVenue => "sports_venue",
        }
    }
}

/// Opening hours by weekday: minutes after midnight of opening and closing, Monday first; `None` is closed.
pub type Hours = [Option<(u16, u16)>; 7];

/// A place of learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Org {
    /// Stable key: kind and division code, `school-500106012000`.
    pub slug: String,
    /// Name, made by rule.
    pub name: String,
    /// What it is.
    pub kind: OrgKind,
    /// Code of the division that it stands for.
    pub division: String,
    /// Whom it belongs to; `None` for the guidance centre.
    pub parent: Option<OrgKey>,
    /// Illustrative longitude and latitude inside the district.
    pub place: (f64, f64),
    /// Generated address.
    pub address: String,
    /// Fictitious telephone: no number in the city begins with 0.
    pub phone: String,
    /// When it is open.
    pub hours: Hours,
    /// Whether the organisation is made up by rule. False only for the guidance centre, whose name is real.
    pub demo: bool,
}

/// What somebody does in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// 教师
    Teacher,
    /// 工作人员
    Staff,
    /// 负责人
    Head,
    /// 审计员
    Auditor,
}

/// A synthetic person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Chinese name, surname first, drawn from frequency tables.
    pub name: String,
    /// Year of birth.
    pub birth_year: i16,
    /// `Some(true)` for a woman, `Some(false)` for a man, `None` if not told.
    pub woman: Option<bool>,
    /// Division where she lives (village level for residents, district for teachers and staff).
    pub home: String,
    /// Fictitious mobile number from a block that is not allotted; `None` for people without a phone and children.
    pub phone: Option<String>,
    /// Number of the learning card, for people without a phone and some others.
    pub card: Option<String>,
    /// The adult who answers for a child.
    pub guardian: Option<PersonKey>,
    /// What she does and where; empty for residents.
    pub duties: Vec<(Duty, OrgKey)>,
}

/// The people of the guided demonstration and the class in which they meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// A woman of more than 70 years in 天星桥街道, with a phone; takes no seat in the plan of today's class.
    pub resident: PersonKey,
    /// Her neighbour: no phone, only a card; enrolled in today's class.
    pub neighbour: PersonKey,
    /// The teacher of calligraphy at 天星桥.
    pub teacher: PersonKey,
    /// Staff of a learning centre in 天星桥街道.
    pub centre: PersonKey,
    /// Head of the community school of 天星桥街道.
    pub school: PersonKey,
    /// Head of the community college of 沙坪坝区.
    pub college: PersonKey,
    /// Head of the city's guidance centre.
    pub city: PersonKey,
    /// Auditor of the city.
    pub auditor: PersonKey,
    /// The calligraphy class of the teacher, with a session of 90 minutes today and free seats.
    pub run: RunKey,
}

impl World {
    /// The organisation.
    pub fn org(&self, key: OrgKey) -> &Org {
        &self.orgs[key.0 as usize]
    }

    /// The person.
    pub fn person(&self, key: PersonKey) -> &Person {
        &self.people[key.0 as usize]
    }

    /// The offer.
    pub fn offer(&self, key: OfferKey) -> &Offer {
        &self.offers[key.0 as usize]
    }
}
