//! A small city for the tests of this and later domains.

use kernel::{Actor, Day, Error, Grant, Id, Org, Person, RegionCode, Result, Role};
use store::Tx;

use crate::{FoundOrg, Opening, OrgKind, RegionRow, found_org, import_regions};

/// One chain of divisions, and two districts with their organisations.
#[derive(Debug, Clone)]
pub struct SmallCity {
    /// 重庆市
    pub city: RegionCode,
    /// 沙坪坝区
    pub district: RegionCode,
    /// 磁器口街道
    pub town: RegionCode,
    /// 磁器口社区
    pub village: RegionCode,
    /// Guidance centre of the city.
    pub top: Id<Org>,
    /// College of the district, below `top`.
    pub college: Id<Org>,
    /// School of the town, below `college`.
    pub school: Id<Org>,
    /// Centre of the village, below `school`.
    pub centre: Id<Org>,
    /// College of another district (渝中区), below `top`.
    pub other_college: Id<Org>,
    /// School of a town there, below `other_college`.
    pub other_school: Id<Org>,
}

/// A division for tests.
pub fn region_row(line: usize, code: &str, name: &str, kind: &str, parent: &str) -> RegionRow {
    RegionRow {
        line,
        code: code.to_owned(),
        name: name.to_owned(),
        short_name: name.to_owned(),
        kind: kind.to_owned(),
        parent: parent.to_owned(),
        region_group: String::new(),
        valid_from: Day(18_000),
        population: None,
        place: None,
    }
}

/// An organisation for tests.
pub fn found(kind: OrgKind, name: &str, region: &RegionCode, parent: Option<Id<Org>>) -> FoundOrg {
    FoundOrg {
        kind,
        name: name.to_owned(),
        region_code: region.clone(),
        parent_id: parent,
        address: "学府路1号".to_owned(),
        phone: "023-00000001".to_owned(),
        hours: String::new(),
        opening: Opening::daily(9 * 60, 17 * 60),
        place: Some((106.45, 29.58)),
        place_note: "示意".to_owned(),
        opened_on: Day(18_500),
        demo: true,
    }
}

/// Makes the city, through the commands.
pub fn small_city(tx: &mut Tx) -> Result<SmallCity> {
    let operator = Actor::System("test");
    let rows = [
        region_row(2, "500000000000", "重庆市", "直辖市", ""),
        region_row(3, "500103000000", "渝中区", "区", "500000000000"),
        region_row(4, "500106000000", "沙坪坝区", "区", "500000000000"),
        region_row(5, "500103001000", "七星岗街道", "街道", "500103000000"),
        region_row(6, "500106004000", "磁器口街道", "街道", "500106000000"),
        region_row(7, "500106004001", "磁器口社区", "居委会", "500106004000"),
    ];
    import_regions(tx, &operator, &rows)?;
    let code = |index: usize| rows[index].code.parse::<RegionCode>();
    let [city, other_district, district, other_town, town, village] =
        [code(0)?, code(1)?, code(2)?, code(3)?, code(4)?, code(5)?];
    let mut make = |kind, name, region: &RegionCode, parent| {
        found_org(tx, &operator, &found(kind, name, region, parent))
    };
    let top = make(OrgKind::GuidanceCentre, "重庆市社区教育服务指导中心", &city, None)?;
    let college = make(OrgKind::College, "沙坪坝区社区教育学院", &district, Some(top))?;
    let school = make(OrgKind::School, "磁器口街道社区教育学校", &town, Some(college))?;
    let centre = make(OrgKind::Centre, "磁器口社区学习中心", &village, Some(school))?;
    let other_college = make(OrgKind::College, "渝中区社区教育学院", &other_district, Some(top))?;
    let other_school = make(OrgKind::School, "七星岗街道社区教育学校", &other_town, Some(other_college))?;
    Ok(SmallCity { city, district, town, village, top, college, school, centre, other_college, other_school })
}

/// Somebody who holds a role at an organisation. The same `who` is the same person.
pub fn somebody(who: u8, role: Role, org: Id<Org>) -> Actor {
    Actor::Person { id: Id::<Person>::derived(&[who; 16]), grants: vec![Grant { role, org }] }
}

/// Somebody without any role.
pub fn resident(who: u8) -> Actor {
    Actor::Person { id: Id::<Person>::derived(&[who; 16]), grants: Vec::new() }
}

/// The code of a refusal.
///
/// # Panics
/// When it was no refusal.
pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Ok(done) => panic!("not refused: {done:?}"),
        Err(error) => error.code().name,
    }
}
