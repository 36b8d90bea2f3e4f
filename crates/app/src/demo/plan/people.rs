//! Synthetic residents, teachers and staff.

use std::collections::HashMap;

use super::{
    dice::Dice,
    model::{Division, Duty, OrgKey, OrgKind, Person, PersonKey},
    network::Network,
    sources::Names,
};

/// Residents without the cast.
const RESIDENTS: usize = 9_000;
/// Share of the residents that is spread evenly over the districts, in per cent; the rest follows the population.
const EVEN_SHARE: usize = 40;
/// Residents of the street where the demonstration plays.
const RESIDENTS_OF_THE_STAGE: usize = 120;

/// Names that no invented person shall bear, because everybody would think of one real person.
const RESERVED: [&str; 24] = [
    "毛泽东",
    "周恩来",
    "刘少奇",
    "朱德",
    "邓小平",
    "陈云",
    "江泽民",
    "胡锦涛",
    "习近平",
    "温家宝",
    "李克强",
    "李强",
    "王毅",
    "陈敏尔",
    "袁家军",
    "李鹏",
    "宋庆龄",
    "江竹筠",
    "杨闇公",
    "赵世炎",
    "聂荣臻",
    "刘伯承",
    "罗中立",
    "叶浩",
];

/// The people and ways to find them.
#[derive(Debug, Default)]
pub(super) struct People {
    pub list: Vec<Person>,
    /// Residents by code of the town.
    pub of_town: HashMap<String, Vec<PersonKey>>,
    /// Residents by code of the district.
    pub of_district: HashMap<String, Vec<PersonKey>>,
    /// Children by code of the district.
    pub children_of: HashMap<String, Vec<PersonKey>>,
    /// Teachers by code of the district and two-digit subject group.
    pub teachers: HashMap<(String, &'static str), Vec<PersonKey>>,
    /// One member of staff or the head of each organisation that has any.
    pub staff_of: HashMap<OrgKey, PersonKey>,
    phones: u32,
    cards: u32,
}

/// The subject groups, each with teachers in every district.
pub(super) const GROUPS: [&str; 11] = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"];

/// Groups that keep more than one teacher busy.
const BUSY_GROUPS: [&str; 2] = ["03", "04"];

impl People {
    /// Adds a person.
    pub fn add(&mut self, person: Person) -> PersonKey {
        let key = PersonKey(u32::try_from(self.list.len()).expect("the plan has fewer than 2^32 people"));
        for (_, org) in &person.duties {
            self.staff_of.entry(*org).or_insert(key);
        }
        self.list.push(person);
        key
    }

    /// Adds a resident and files her under town and district.
    pub fn settle(&mut self, person: Person) -> PersonKey {
        let (town, district) = (format!("{}000", &person.home[..9]), format!("{}000000", &person.home[..6]));
        let child = person.guardian.is_some();
        let key = self.add(person);
        if child {
            self.children_of.entry(district.clone()).or_default().push(key);
        }
        self.of_town.entry(town).or_default().push(key);
        self.of_district.entry(district).or_default().push(key);
        key
    }

    /// The next number of a block in which no subscriber number is given out.
    pub fn next_phone(&mut self) -> Option<String> {
        self.phones += 1;
        Some(format!("199000{:05}", self.phones))
    }

    /// The next number of a learning card.
    pub fn next_card(&mut self) -> Option<String> {
        self.cards += 1;
        Some(format!("XC{:08}", 50_000_000 + self.cards))
    }

    /// All residents: their number follows the population, their ages those who come to community schools.
    pub fn settle_residents(
        &mut self,
        divisions: &[Division],
        net: &Network,
        names: &Names,
        year: i16,
        stage: &str,
        dice: &mut Dice,
    ) {
        let mut homes: HashMap<&str, Vec<&Division>> = HashMap::new();
        let mut kinds: HashMap<&str, bool> = HashMap::new();
        for town in divisions.iter().filter(|d| d.level == 4 && net.school_of.contains_key(&d.code)) {
            kinds.insert(&town.code, town.kind == "街道");
        }
        for village in divisions.iter().filter(|d| d.level == 5) {
            if let Some(street) = kinds.get(village.parent.as_str()) {
                // Streets count three times: that is where most who join live.
                let times = if *street { 3 } else { 1 };
                let list = homes.entry(&village.parent[..6]).or_default();
                list.extend(std::iter::repeat_n(village, times));
            }
        }
        let districts: Vec<&Division> = divisions.iter().filter(|d| d.level == 3).collect();
        let city: u64 = districts.iter().filter_map(|d| d.population).sum();
        for district in &districts {
            let even = RESIDENTS * EVEN_SHARE / 100 / districts.len();
            let rest =
                (RESIDENTS * (100 - EVEN_SHARE) / 100) as u64 * district.population.unwrap_or(0) / city;
            let villages = &homes[&district.code[..6]];
            for _ in 0..even + rest as usize {
                let home = dice.pick(villages).code.clone();
                self.settle_family(home, names, year, dice);
            }
        }
        let street: Vec<&Division> = divisions.iter().filter(|d| d.level == 5 && d.parent == stage).collect();
        for _ in 0..RESIDENTS_OF_THE_STAGE {
            let home = dice.pick(&street).code.clone();
            self.settle_family(home, names, year, dice);
        }
    }

    /// One resident; now and then an adult comes with a child.
    fn settle_family(&mut self, home: String, names: &Names, year: i16, dice: &mut Dice) {
        let age = match dice.below(100) {
            0..46 => dice.between(56, 82),
            46..82 => dice.between(33, 55),
            _ => dice.between(19, 32),
        };
        // Two of three who come to community schools are women.
        let woman = dice.percent(66);
        let phoneless = age >= 68 && dice.percent(14);
        let with_card = phoneless || dice.percent(if age >= 60 { 30 } else { 4 });
        let phone = if phoneless { None } else { self.next_phone() };
        let card = if with_card { self.next_card() } else { None };
        let adult = self.settle(Person {
            name: name(names, woman, None, dice),
            birth_year: year - age as i16,
            woman: (!dice.percent(6)).then_some(woman),
            home: home.clone(),
            phone,
            card,
            guardian: None,
            duties: Vec::new(),
        });
        if (30..=46).contains(&age) && dice.percent(38) {
            let girl = dice.percent(50);
            let surname = self.list[adult.0 as usize].name.chars().next().map(String::from);
            let card = self.next_card();
            self.settle(Person {
                name: name(names, girl, if woman { None } else { surname }, dice),
                birth_year: year - dice.between(7, 15) as i16,
                woman: Some(girl),
                home,
                phone: None,
                card,
                guardian: Some(adult),
                duties: Vec::new(),
            });
        }
    }

    /// Teachers for every district and subject group, and staff for all levels.
    pub fn appoint(&mut self, net: &Network, names: &Names, year: i16, dice: &mut Dice) {
        for number in 0..net.orgs.len() {
            let key = OrgKey(number as u32);
            let org = net.org(key);
            let posts: &[Duty] = match org.kind {
                OrgKind::GuidanceCentre => &[Duty::Head, Duty::Staff, Duty::Staff],
                OrgKind::College => &[Duty::Head, Duty::Staff],
                OrgKind::School | OrgKind::SeniorUniversity => &[Duty::Head],
                OrgKind::Base => &[Duty::Staff],
                OrgKind::Centre
                | OrgKind::RemoteSchool
                | OrgKind::RemotePoint
                | OrgKind::Library
                | OrgKind::Museum
                | OrgKind::CultureCentre
                | OrgKind::SportsVenue => &[],
            };
            for duty in posts {
                let person = self.worker(names, &org.division, year, dice);
                self.list[person.0 as usize].duties.push((*duty, key));
                self.staff_of.entry(key).or_insert(person);
            }
            if org.kind == OrgKind::College {
                for group in GROUPS {
                    for _ in 0..if BUSY_GROUPS.contains(&group) { 2 } else { 1 } {
                        let person = self.worker(names, &org.division, year, dice);
                        self.list[person.0 as usize].duties.push((Duty::Teacher, key));
                        self.teachers.entry((org.division.clone(), group)).or_default().push(person);
                    }
                }
            }
        }
    }

    fn worker(&mut self, names: &Names, home: &str, year: i16, dice: &mut Dice) -> PersonKey {
        let woman = dice.percent(58);
        let phone = self.next_phone();
        self.add(Person {
            name: name(names, woman, None, dice),
            birth_year: year - dice.between(26, 62) as i16,
            woman: Some(woman),
            home: home.to_owned(),
            phone,
            card: None,
            guardian: None,
            duties: Vec::new(),
        })
    }
}

/// A name from the tables, with the given surname if there is one.
fn name(names: &Names, woman: bool, surname: Option<String>, dice: &mut Dice) -> String {
    let sums = if woman { &names.woman_sums } else { &names.man_sums };
    loop {
        let mut text =
            surname.clone().unwrap_or_else(|| names.surnames[dice.weighted(&names.surname_sums)].clone());
        for _ in 0..if dice.percent(16) { 1 } else { 2 } {
            text.push_str(&names.chars[dice.weighted(sums)]);
        }
        if !RESERVED.contains(&text.as_str()) {
            return text;
        }
    }
}
