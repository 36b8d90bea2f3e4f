//! The network of the article, founded by rule on the real divisions.

use std::collections::{HashMap, HashSet};

use super::{
    dice::Dice,
    map::Area,
    model::{Division, Hours, Org, OrgKey, OrgKind},
};

const BASES: &str = include_str!("../../../../../data/demo/bases.csv");

/// Community schools: "700多所" in the article.
const SCHOOLS: usize = 740;
/// Learning centres in each town without a school, directly under the college.
const CENTRES_WITHOUT_SCHOOL: usize = 2;
/// Universities for older people: "50余所".
const SENIOR_UNIVERSITIES: usize = 52;
/// Remote schools for older people.
const REMOTE_SCHOOLS: usize = 385;
/// Remote teaching points for older people.
const REMOTE_POINTS: usize = 987;

/// The organisations and ways to find them.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub orgs: Vec<Org>,
    /// School by code of the town.
    pub school_of: HashMap<String, OrgKey>,
    /// Centres by code of the town.
    pub centres_of: HashMap<String, Vec<OrgKey>>,
    /// College by code of the district.
    pub college_of: HashMap<String, OrgKey>,
    /// Universities for older people by code of the district (the city's under the city's code).
    pub universities_of: HashMap<String, Vec<OrgKey>>,
    /// Bases with the subjects that they show.
    pub bases: Vec<(OrgKey, Vec<&'static str>)>,
}

/// Daily hours, the same on all seven days.
pub(super) const fn daily(open: u16, close: u16) -> Hours {
    [Some((open, close)); 7]
}

/// Hours on working days and at the weekend.
const fn weekly(work: (u16, u16), weekend: Option<(u16, u16)>) -> Hours {
    let w = Some(work);
    [w, w, w, w, w, weekend, weekend]
}

const OFFICE: (u16, u16) = (9 * 60, 17 * 60 + 30);

impl Network {
    /// Founds an organisation.
    pub fn add(&mut self, org: Org) -> OrgKey {
        let key = OrgKey(u32::try_from(self.orgs.len()).expect("the city has fewer than 2^32 organisations"));
        self.orgs.push(org);
        key
    }

    /// Founds the whole network.
    pub fn found(divisions: &[Division], areas: &HashMap<String, Area>, dice: &mut Dice) -> Self {
        let mut net = Self::default();
        let city = &divisions[0];
        let districts: Vec<&Division> = divisions.iter().filter(|d| d.level == 3).collect();
        let mut villages: HashMap<&str, Vec<&Division>> = HashMap::new();
        for village in divisions.iter().filter(|d| d.level == 5) {
            villages.entry(&village.parent).or_default().push(village);
        }
        let top = net.add(Org {
            name: "重庆市社区教育服务指导中心".to_owned(),
            address: "重庆市渝中区（示意地址）".to_owned(),
            demo: false,
            ..draft(OrgKind::GuidanceCentre, city, None, city.place, weekly((9 * 60, 18 * 60), None))
        });
        for district in &districts {
            let org = Org {
                name: format!("{}社区教育学院", district.name),
                address: format!("{}学府路{}号（示意地址）", district.name, dice.between(1, 180)),
                ..draft(OrgKind::College, district, Some(top), district.place, daily(8 * 60 + 30, 21 * 60))
            };
            let key = net.add(org);
            net.college_of.insert(district.code.clone(), key);
        }
        net.found_universities(city, &districts, top, dice);
        net.found_schools_and_centres(divisions, &villages, dice);
        net.found_remote(divisions, &villages);
        net.found_bases(divisions, areas, dice);
        net
    }

    /// Gives everybody a telephone number.
    pub fn give_phones(&mut self) {
        for (number, org) in self.orgs.iter_mut().enumerate() {
            org.phone = format!("023-000{number:05}");
        }
    }

    fn found_universities(&mut self, city: &Division, districts: &[&Division], top: OrgKey, dice: &mut Dice) {
        let mut by_size = districts.to_vec();
        by_size.sort_by_key(|d| std::cmp::Reverse(d.population));
        let hours = weekly((8 * 60 + 30, 17 * 60 + 30), Some((9 * 60, 12 * 60)));
        let sites = [(city, "重庆市老年大学".to_owned(), top)]
            .into_iter()
            .chain(districts.iter().map(|d| (*d, format!("{}老年大学", d.name), self.college_of[&d.code])))
            .chain(
                by_size[..SENIOR_UNIVERSITIES - 1 - districts.len()]
                    .iter()
                    .map(|d| (*d, format!("{}第二老年大学", d.name), self.college_of[&d.code])),
            )
            .collect::<Vec<_>>();
        for (division, name, parent) in sites {
            let number = self.universities_of.get(&division.code).map_or(1, |list| list.len() + 1);
            let mut org = Org {
                address: format!("{}长青路{}号（示意地址）", division.name, dice.between(1, 120)),
                name,
                ..draft(OrgKind::SeniorUniversity, division, Some(parent), division.place, hours)
            };
            if number > 1 {
                org.slug = format!("{}-{number}", org.slug);
            }
            let key = self.add(org);
            self.universities_of.entry(division.code.clone()).or_default().push(key);
        }
    }

    /// Every street has a school, and of the towns those with the most villages, until the number is reached.
    fn found_schools_and_centres(
        &mut self,
        divisions: &[Division],
        villages: &HashMap<&str, Vec<&Division>>,
        dice: &mut Dice,
    ) {
        let count = |town: &Division| villages.get(town.code.as_str()).map_or(0, Vec::len);
        let mut towns: Vec<&Division> = divisions.iter().filter(|d| d.level == 4).collect();
        towns.sort_by_key(|t| (t.kind != "街道", std::cmp::Reverse(count(t)), t.code.clone()));
        let with_school: HashSet<&str> = towns[..SCHOOLS].iter().map(|t| t.code.as_str()).collect();
        towns.sort_by(|a, b| a.code.cmp(&b.code));
        let district_name: HashMap<&str, &str> =
            divisions.iter().filter(|d| d.level == 3).map(|d| (d.code.as_str(), d.name.as_str())).collect();
        for town in towns {
            let district = district_name[town.parent.as_str()];
            let college = self.college_of[&town.parent];
            let school = with_school.contains(town.code.as_str()).then(|| {
                let street = town.kind == "街道";
                let hours = if street {
                    daily(8 * 60 + 30, 21 * 60)
                } else {
                    weekly((8 * 60 + 30, 18 * 60), Some((9 * 60, 17 * 60)))
                };
                let house = if street { "社区文化活动中心" } else { "综合文化服务中心" };
                let org = Org {
                    name: format!("{}社区教育学校", town.name),
                    address: format!("{district}{}{house}（示意地址）", town.name),
                    ..draft(OrgKind::School, town, Some(college), town.place, hours)
                };
                self.add(org)
            });
            if let Some(key) = school {
                self.school_of.insert(town.code.clone(), key);
            }
            let list = villages.get(town.code.as_str()).map(Vec::as_slice).unwrap_or_default();
            let wanted = if school.is_some() { list.len() } else { CENTRES_WITHOUT_SCHOOL.min(list.len()) };
            for village in &list[..wanted] {
                let urban = village.kind != "村委会";
                let hours = match (urban, dice.below(3)) {
                    (true, 0) => weekly((9 * 60, 20 * 60 + 30), Some((9 * 60, 17 * 60))),
                    (true, _) => weekly((9 * 60, 18 * 60), Some((9 * 60, 17 * 60))),
                    (false, _) => weekly(OFFICE, Some((9 * 60, 12 * 60))),
                };
                let floor = *dice.pick(&["一楼", "二楼", "负一楼", "三楼"]);
                let org = Org {
                    name: format!("{}学习中心", called(village)),
                    address: format!(
                        "{district}{}{}便民服务中心{floor}（示意地址）",
                        town.name,
                        called(village)
                    ),
                    ..draft(OrgKind::Centre, village, Some(school.unwrap_or(college)), village.place, hours)
                };
                let key = self.add(org);
                self.centres_of.entry(town.code.clone()).or_default().push(key);
            }
        }
    }

    /// Remote schools in towns spread evenly over the list, remote points in villages likewise.
    fn found_remote(&mut self, divisions: &[Division], villages: &HashMap<&str, Vec<&Division>>) {
        let with_school: Vec<&Division> =
            divisions.iter().filter(|d| d.level == 4 && self.school_of.contains_key(&d.code)).collect();
        let mut remote = Vec::new();
        for number in 0..REMOTE_SCHOOLS {
            let town = with_school[number * with_school.len() / REMOTE_SCHOOLS];
            let org = Org {
                name: format!("{}老年远程学校", town.name),
                address: self.org(self.school_of[&town.code]).address.clone(),
                ..draft(
                    OrgKind::RemoteSchool,
                    town,
                    Some(self.universities_of[&town.parent][0]),
                    town.place,
                    weekly(OFFICE, None),
                )
            };
            let key = self.add(org);
            remote.push((key, villages.get(town.code.as_str()).map(Vec::as_slice).unwrap_or_default()));
        }
        // Round after round, each school takes its next village, until the number is reached.
        let rounds = remote.iter().map(|(_, list)| list.len()).max().unwrap_or(0);
        let sites: Vec<(OrgKey, &Division)> = (0..rounds)
            .flat_map(|round| remote.iter().filter_map(move |(key, list)| Some((*key, *list.get(round)?))))
            .take(REMOTE_POINTS)
            .collect();
        for (parent, village) in sites {
            let school = self.org(parent).address.replace("（示意地址）", "");
            let town = school.split("社区文化活动中心").next().unwrap_or(&school);
            let town = town.split("综合文化服务中心").next().unwrap_or(town).to_owned();
            let org = Org {
                name: format!("{}远程老年教育教学点", called(village)),
                address: format!("{town}{}便民服务中心（示意地址）", called(village)),
                ..draft(OrgKind::RemotePoint, village, Some(parent), village.place, weekly(OFFICE, None))
            };
            self.add(org);
        }
    }

    fn found_bases(&mut self, divisions: &[Division], areas: &HashMap<String, Area>, dice: &mut Dice) {
        // Closed on Mondays, as museums are.
        let mut hours = daily(9 * 60, 17 * 60);
        hours[0] = None;
        for (number, line) in BASES.lines().skip(1).enumerate() {
            let fields: Vec<&'static str> = line.split(',').collect();
            let [name, code, subjects] = fields[..] else { panic!("bases.csv: {line}") };
            let district =
                divisions.iter().find(|d| d.code == code).unwrap_or_else(|| panic!("bases.csv: {code}"));
            let place = areas[code].near(district.place, areas[code].size * 0.3, dice);
            let parent = self.college_of[code];
            let mut org = Org {
                name: name.to_owned(),
                address: format!("{}文化路{}号（示意地址）", district.name, dice.between(1, 99)),
                ..draft(OrgKind::Base, district, Some(parent), place, hours)
            };
            org.slug = format!("base-{:02}", number + 1);
            let key = self.add(org);
            self.bases.push((key, subjects.split(' ').collect()));
        }
    }

    /// The organisation.
    pub fn org(&self, key: OrgKey) -> &Org {
        &self.orgs[key.0 as usize]
    }
}

/// An organisation whose name, address and telephone are still to be filled in.
pub(super) fn draft(
    kind: OrgKind,
    division: &Division,
    parent: Option<OrgKey>,
    place: (f64, f64),
    hours: Hours,
) -> Org {
    Org {
        slug: format!("{}-{}", kind.as_str(), division.code),
        name: String::new(),
        kind,
        division: division.code.clone(),
        parent,
        place,
        address: String::new(),
        phone: String::new(),
        hours,
        demo: true,
    }
}

/// How a village or community is called in a name: some short names in the source have lost their 村.
pub(super) fn called(village: &Division) -> String {
    let name = &village.short_name;
    match village.kind.as_str() {
        "村委会" if !name.ends_with('村') => format!("{name}村"),
        "居委会" if !name.ends_with("社区") => format!("{name}社区"),
        _ => name.clone(),
    }
}
