//! The catalogue: which offer of the library is held where, under which title, by whom and when.

use std::collections::{HashMap, HashSet};

use super::{
    crowd::Crowd,
    dice::Dice,
    library::{Setting, Template},
    model::{Division, Offer, OfferKey, OfferKind, OrgKey, OrgKind, PersonKey, Run, Session},
    naming::{self, Place, certified, room, term},
    network::{Network, called},
    people::People,
    timetable::{Calendar, Phase, Timetable},
};

/// Offers of a district, whatever its size.
const OFFERS_EACH: u64 = 32;
/// Offers shared out by population.
const OFFERS_BY_POPULATION: u64 = 1_250;
/// Offers of a base at most.
const OFFERS_OF_A_BASE: usize = 4;
/// Throws of the dice before a run is given up.
const ATTEMPTS: usize = 60;

/// Subjects that every neighbourhood asks for: they come up several times as often.
const FAVOURITES: [&str; 14] = [
    "0301", "0302", "0303", "0305", "0403", "0601", "0603", "0102", "0307", "0501", "0901", "0702", "1102",
    "0405",
];

/// Everything that the catalogue is made from and what is already taken.
pub(super) struct Catalogue<'a> {
    pub net: &'a Network,
    pub divisions: &'a [Division],
    pub templates: &'a [Template],
    pub closings: &'a [(OfferKind, &'static str)],
    pub timetable: &'a Timetable,
    pub people: &'a People,
    pub teachers: Calendar<PersonKey>,
    pub rooms: Calendar<(OrgKey, &'static str)>,
    pub crowd: Crowd<'a>,
    pub offers: Vec<Offer>,
    pub runs: Vec<Run>,
    /// The titles that have been given.
    titles: HashSet<String>,
    places: HashMap<&'a str, &'a Division>,
}

/// What is wanted of a run that is laid out by hand.
pub(super) struct Staged {
    pub title: &'static str,
    pub host: OrgKey,
    pub teacher: PersonKey,
    pub sessions: Vec<Session>,
}

impl<'a> Catalogue<'a> {
    pub fn new(
        net: &'a Network,
        divisions: &'a [Division],
        templates: &'a [Template],
        closings: &'a [(OfferKind, &'static str)],
        timetable: &'a Timetable,
        people: &'a People,
    ) -> Self {
        Self {
            net,
            divisions,
            templates,
            closings,
            timetable,
            people,
            teachers: Calendar::new(),
            rooms: Calendar::new(),
            crowd: Crowd::new(people, timetable.today),
            offers: Vec::new(),
            runs: Vec::new(),
            titles: HashSet::new(),
            places: divisions.iter().map(|d| (d.code.as_str(), d)).collect(),
        }
    }

    /// The offers of all districts, bases and the city.
    pub fn fill(&mut self, dice: &mut Dice) {
        let districts: Vec<&Division> = self.divisions.iter().filter(|d| d.level == 3).collect();
        let city: u64 = districts.iter().filter_map(|d| d.population).sum();
        let top = OrgKey(0);
        for template in self.templates.iter().filter(|t| t.hosts.contains(&OrgKind::GuidanceCentre)) {
            self.hold(template, top, None, dice);
        }
        for (base, subjects) in &self.net.bases {
            let district = self.places[self.net.org(*base).division.as_str()];
            let mut fitting: Vec<&Template> = self
                .templates
                .iter()
                .filter(|t| t.hosts.contains(&OrgKind::Base) && t.fits_district(&district.name))
                .filter(|t| subjects.contains(&t.subject))
                .collect();
            dice.shuffle(&mut fitting);
            // Where the district has something of its own in a subject, its base shows that and nothing else.
            let own: Vec<&str> =
                fitting.iter().filter(|t| !t.districts.is_empty()).map(|t| t.subject).collect();
            fitting.retain(|t| !t.districts.is_empty() || !own.contains(&t.subject));
            for template in fitting.into_iter().take(OFFERS_OF_A_BASE) {
                self.hold(template, *base, None, dice);
            }
        }
        for district in districts {
            let wanted = OFFERS_EACH + OFFERS_BY_POPULATION * district.population.unwrap_or(0) / city;
            self.fill_district(district, wanted as usize, dice);
        }
    }

    fn fill_district(&mut self, district: &Division, wanted: usize, dice: &mut Dice) {
        let central = district.region_group == "中心城区";
        let mut order: Vec<(f64, &Template)> = Vec::new();
        for template in self.templates.iter().filter(|t| t.fits_district(&district.name)) {
            let mut weight = if FAVOURITES.contains(&template.subject) { 2.5 } else { 1.0 };
            if !template.districts.is_empty() {
                weight = 40.0;
            }
            if central && template.setting == Setting::Rural {
                weight *= 0.15;
            }
            // Sampling without replacement by weight (Efraimidis and Spirakis, 2006).
            order.push((dice.unit().powf(1.0 / weight), template));
        }
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut held = 0;
        for (_, template) in order.iter().cycle().take(order.len() * 3) {
            if held == wanted {
                break;
            }
            if let Some(host) = self.host(template, district, dice)
                && self.hold(template, host, None, dice)
            {
                held += 1;
            }
        }
    }

    /// An organisation of the district that may hold the offer.
    fn host(&self, template: &Template, district: &Division, dice: &mut Dice) -> Option<OrgKey> {
        let mut kinds: Vec<OrgKind> = Vec::new();
        for kind in &template.hosts {
            let times = match kind {
                OrgKind::Centre | OrgKind::School => 3,
                OrgKind::SeniorUniversity | OrgKind::College => 1,
                _ => 0,
            };
            kinds.extend(std::iter::repeat_n(*kind, times));
        }
        if kinds.is_empty() {
            return None;
        }
        let town = |dice: &mut Dice| {
            // Streets count three times where the offer suits both.
            let mut towns: Vec<&Division> = Vec::new();
            for town in self.towns_of(district) {
                let street = town.kind == "街道";
                let times = match (template.setting, street) {
                    (Setting::Any, true) => 3,
                    (Setting::Any, false) | (Setting::Urban, true) | (Setting::Rural, false) => 1,
                    (Setting::Urban, false) | (Setting::Rural, true) => 0,
                };
                towns.extend(std::iter::repeat_n(town, times));
            }
            (!towns.is_empty()).then(|| *dice.pick(&towns))
        };
        match dice.pick(&kinds) {
            OrgKind::College => self.net.college_of.get(&district.code).copied(),
            OrgKind::SeniorUniversity => Some(*dice.pick(&self.net.universities_of[&district.code])),
            OrgKind::School => self.net.school_of.get(&town(dice)?.code).copied(),
            _ => {
                let centres = self.net.centres_of.get(&town(dice)?.code)?;
                Some(*dice.pick(centres))
            }
        }
    }

    fn towns_of(&self, district: &Division) -> impl Iterator<Item = &'a Division> {
        let net = self.net;
        let code = district.code.clone();
        self.divisions
            .iter()
            .filter(move |d| d.level == 4 && d.parent == code && net.school_of.contains_key(&d.code))
    }

    /// Holds the offer there, if time, teacher and room can be found; `wish` says how its first run stands today.
    pub fn hold(
        &mut self,
        template: &'a Template,
        host: OrgKey,
        wish: Option<Phase>,
        dice: &mut Dice,
    ) -> bool {
        let first = if let Some(phase) = wish {
            phase
        } else if template.sessions == 1 {
            if dice.percent(50) { Phase::Upcoming } else { Phase::Past }
        } else {
            match dice.below(100) {
                0..52 => Phase::Running,
                52..90 => Phase::Upcoming,
                _ => Phase::Past,
            }
        };
        // What belongs to a season is held in the season, be it over.
        let mut runs: Vec<Run> = self
            .lay_run(template, host, first, dice)
            .or_else(|| self.lay_run(template, host, Phase::Past, dice))
            .into_iter()
            .collect();
        let again = if template.sessions == 1 { 55 } else { 5 };
        if !runs.is_empty() && (first != Phase::Past || template.sessions == 1) && dice.percent(again) {
            runs.extend(self.lay_run(template, host, Phase::Past, dice));
        }
        if runs.is_empty() {
            return false;
        }
        let base = *dice.pick(&template.titles);
        let title = naming::title(base, template, &self.place(host), &runs, &self.titles, dice);
        self.enter(template, host, title, runs, dice);
        true
    }

    /// An offer of the demonstration, with one run whose sessions are given.
    pub fn stage(&mut self, template: &'a Template, staged: Staged, dice: &mut Dice) -> OfferKey {
        let room = room(template, dice);
        let run = self.draft(staged.teacher, room, template, staged.sessions);
        self.teachers.take(run.teacher, &run.sessions);
        self.rooms.take((staged.host, run.room), &run.sessions);
        let key = self.enter(template, staged.host, staged.title.to_owned(), vec![run], dice);
        let offer = &mut self.offers[key.0 as usize];
        offer.sessions = self.runs[offer.runs.start as usize].sessions.len() as u16;
        key
    }

    fn enter(
        &mut self,
        template: &'a Template,
        host: OrgKey,
        title: String,
        mut runs: Vec<Run>,
        dice: &mut Dice,
    ) -> OfferKey {
        runs.sort_by_key(|run| run.sessions[0].span());
        let key = OfferKey(self.offers.len() as u32);
        let start = self.runs.len() as u32;
        let single = template.sessions == 1;
        let mut labels: HashSet<String> = HashSet::new();
        for (number, mut run) in runs.into_iter().enumerate() {
            run.offer = key;
            run.label = if single { format!("第{}场", number + 1) } else { term(run.sessions[0].day) };
            if !labels.insert(run.label.clone()) {
                run.label = format!("{}（{}）", run.label, number + 1);
            }
            self.crowd.join(&mut run, template, self.net.org(host), dice);
            self.runs.push(run);
        }
        self.titles.insert(title.clone());
        let sentences: Vec<&str> =
            self.closings.iter().filter(|(kind, _)| *kind == template.kind).map(|(_, s)| *s).collect();
        // The closing words speak of a term and of missed lessons; one afternoon has neither.
        let closing = match template.kind {
            OfferKind::Class | OfferKind::Course if single => String::new(),
            _ => dice.pick(&sentences).replace("{host}", &self.net.org(host).name),
        };
        self.offers.push(Offer {
            title,
            summary: template.summary,
            description: format!("{}{closing}", template.description),
            subject: template.subject,
            kind: template.kind,
            audience: template.audience,
            sessions: template.sessions,
            minutes: template.minutes,
            capacity: template.capacity,
            fee_fen: template.fee_fen,
            bring: template.bring,
            certificate: certified(template),
            host,
            runs: start..self.runs.len() as u32,
        });
        key
    }

    /// Finds time, room and teacher for a run.
    fn lay_run(&mut self, template: &Template, host: OrgKey, phase: Phase, dice: &mut Dice) -> Option<Run> {
        let hours = &self.net.org(host).hours;
        for _ in 0..ATTEMPTS {
            let Some(sessions) = self.timetable.lay(template, hours, phase, dice) else { continue };
            let room = room(template, dice);
            let Some(teacher) = self.teacher(template, host, &sessions, dice) else { continue };
            if self.rooms.is_free(&(host, room), &sessions) {
                self.teachers.take(teacher, &sessions);
                self.rooms.take((host, room), &sessions);
                return Some(self.draft(teacher, room, template, sessions));
            }
        }
        None
    }

    fn draft(
        &self,
        teacher: PersonKey,
        room: &'static str,
        template: &Template,
        sessions: Vec<Session>,
    ) -> Run {
        Run {
            offer: OfferKey(u32::MAX),
            label: String::new(),
            teacher,
            room,
            capacity: template.capacity,
            closed: sessions[sessions.len() - 1].day < self.timetable.today,
            sessions,
            enrolments: Vec::new(),
        }
    }

    /// A teacher of the subject group in the host's district who is free at all these times.
    fn teacher(
        &self,
        template: &Template,
        host: OrgKey,
        sessions: &[Session],
        dice: &mut Dice,
    ) -> Option<PersonKey> {
        let division = &self.net.org(host).division;
        // The city's own offers are taught by teachers of the central district.
        let district = if division.ends_with("0000000000") {
            "500103000000".to_owned()
        } else {
            format!("{}000000", &division[..6])
        };
        let list: Vec<PersonKey> = self
            .people
            .teachers
            .get(&(district, &template.subject[..2]))?
            .iter()
            .copied()
            .filter(|teacher| self.teachers.is_free(teacher, sessions))
            .collect();
        (!list.is_empty()).then(|| *dice.pick(&list))
    }

    /// What the host is called in a title.
    fn place(&self, host: OrgKey) -> Place {
        let org = self.net.org(host);
        let division = self.places[org.division.as_str()];
        let name = match org.kind {
            OrgKind::Centre => called(division),
            OrgKind::School => division.name.clone(),
            _ => org.name.clone(),
        };
        Place { name, base: org.kind == OrgKind::Base }
    }
}
