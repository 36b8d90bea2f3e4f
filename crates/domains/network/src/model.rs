//! Regions and organisations.

use kernel::{Day, Id, Org, RegionCode};
use store::row;

use crate::Opening;

crate::worded! {
    /// What an organisation is. It says what the place is for, not how deep it lies: the tree has any depth.
    pub enum OrgKind {
        /// 社区教育服务指导中心, of the city
        GuidanceCentre = "guidance_centre",
        /// 社区教育学院, of a district
        College = "college",
        /// 社区教育学校, of a street or town
        School = "school",
        /// 社区学习中心, of a village or neighbourhood
        Centre = "centre",
        /// 老年大学
        SeniorUniversity = "senior_university",
        /// 老年远程学校
        RemoteSchool = "remote_school",
        /// 远程老年教育教学点
        RemotePoint = "remote_point",
        /// 体验基地、非遗工作室
        Base = "base",
        /// 图书馆
        Library = "library",
        /// 博物馆、科技馆、纪念馆
        Museum = "museum",
        /// 文化馆
        CultureCentre = "culture_centre",
        /// 体育场馆
        SportsVenue = "sports_venue",
    }
}

impl OrgKind {
    /// Public venues that everybody may use while they are open 公共文化体育场馆; the others are the network of learning places.
    pub const VENUES: [OrgKind; 4] =
        [OrgKind::Library, OrgKind::Museum, OrgKind::CultureCentre, OrgKind::SportsVenue];

    /// Whether it is one of [`OrgKind::VENUES`].
    pub fn is_venue(self) -> bool {
        Self::VENUES.contains(&self)
    }

    /// Key of its name in the pages' words: `network-kind-remote-school`.
    pub fn message_key(self) -> String {
        format!("network-kind-{}", self.as_str().replace('_', "-"))
    }
}

journal::table! {
    /// Administrative divisions.
    pub REGION = "region" (code) [
        name, short_name, kind, level, parent, region_group, valid_from, valid_to, population, population_on, population_source,
        lon, lat,
    ];
    /// Organisations.
    pub ORG = "org" (org_id) [
        kind, name, region_code, parent_id, address, phone, hours, opening = "", lon, lat, place_note, demo, opened_on, closed_on, successor = "",
    ];
    /// Decisions that change the network.
    pub REORGANISATION = "reorganisation" (reorganisation_id) [
        org_id, title, document, effective_on, lines, status, carried, prepared_at, applied_at, undone_at,
    ];
    /// What changed about organisations.
    pub ORG_CHANGE = "org_change" (org_id, seq) [reorganisation_id, effective_on, before, after, changed_at];
    /// Which division followed which.
    pub REGION_CHANGE = "region_change" (from_code, to_code) [effective_on, reorganisation_id, undone];
}

row! {
    /// An administrative division 行政区划.
    #[derive(PartialEq)]
    pub struct Region {
        /// Official code.
        pub code: RegionCode,
        /// Full name: 渝中区.
        pub name: String,
        /// Short name: 渝中.
        pub short_name: String,
        /// Kind as the source says: 区, 街道, 居委会.
        pub kind: String,
        /// 1 province to 5 village.
        pub level: i64,
        /// The division around it.
        pub parent: Option<RegionCode>,
        /// Part of the province that the source groups it in: 中心城区.
        pub region_group: Option<String>,
        /// First day on which the code is valid.
        pub valid_from: Day,
        /// First day on which it is no longer.
        pub valid_to: Option<Day>,
        /// Residents; `None` means that no source states it, never zero.
        pub population: Option<i64>,
        /// The day for which the population is stated.
        pub population_on: Option<Day>,
        /// Where the population comes from.
        pub population_source: Option<String>,
        /// Longitude of a point inside, WGS 84.
        pub lon: Option<f64>,
        /// Latitude of that point.
        pub lat: Option<f64>,
        /// Counts the changes.
        pub rev: i64,
    }
}

row! {
    /// An organisation 机构: a place of learning, or one that guides others.
    #[derive(PartialEq)]
    pub struct Organisation {
        /// Its identifier.
        pub org_id: Id<Org>,
        /// What it is.
        pub kind: OrgKind,
        /// Its name.
        pub name: String,
        /// The division that it serves.
        pub region_code: RegionCode,
        /// The organisation above it.
        pub parent_id: Option<Id<Org>>,
        /// Street address; may be empty.
        pub address: String,
        /// Telephone; may be empty.
        pub phone: String,
        /// What is to be said of the opening hours in words, such as 团体请预约; may be empty.
        pub hours: String,
        /// When it is open.
        pub opening: Opening,
        /// Longitude, WGS 84.
        pub lon: Option<f64>,
        /// Latitude.
        pub lat: Option<f64>,
        /// What to know of the position, such as 示意 (schematic); empty if it was measured.
        pub place_note: String,
        /// Made for demonstration.
        pub demo: bool,
        /// First day.
        pub opened_on: Day,
        /// Day on which it closed.
        pub closed_on: Option<Day>,
        /// Identifier of the organisation that took it in; empty for most.
        pub successor: String,
        /// Counts the changes.
        pub rev: i64,
    }
}

impl Organisation {
    /// Whether it works: it has not closed.
    pub fn is_open(&self) -> bool {
        self.closed_on.is_none()
    }

    /// The organisation that took it in.
    pub fn successor(&self) -> Option<Id<Org>> {
        self.successor.parse().ok()
    }
}
