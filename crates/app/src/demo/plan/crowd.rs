//! Who takes a seat, who comes, and how it is recorded.

use kernel::Day;

use super::{
    dice::Dice,
    library::Template,
    model::{
        Attendance, Audience, CheckIn, Enrolment, Headcount, OfferKind, Org, OrgKind, Person, PersonKey, Run,
    },
    people::People,
    timetable::Calendar,
};

/// What proves a headcount.
const EVIDENCE: [&str; 4] = [
    "现场照片两张，工作人员点数",
    "入场计数器读数，现场照片一张",
    "纸质签名册一页，现场照片一张",
    "领队与志愿者两人分别点数，数目一致",
];

/// The residents and their appointments.
pub(super) struct Crowd<'a> {
    people: &'a People,
    today: Day,
    busy: Calendar<PersonKey>,
}

impl<'a> Crowd<'a> {
    pub fn new(people: &'a People, today: Day) -> Self {
        Self { people, today, busy: Calendar::new() }
    }

    /// Fills the seats of a run and the attendance of its past sessions.
    pub fn join(&mut self, run: &mut Run, template: &Template, host: &Org, dice: &mut Dice) {
        let seats = usize::from(run.capacity);
        let usual = match template.kind {
            OfferKind::Lecture => dice.between(12, 28),
            OfferKind::Tour => dice.between(9, 22),
            OfferKind::MicroCourse => dice.between(7, 15),
            OfferKind::Course | OfferKind::Class | OfferKind::Training => dice.between(5, 10),
            OfferKind::OpenVenue => 0,
        };
        // One run in twelve is in such demand that small rooms fill up.
        let wanted = if dice.percent(8) { seats.min(24) } else { (usual as usize).min(seats * 4 / 5) };
        // Before the first session seats are still being taken.
        let wanted = if run.sessions[0].day < self.today { wanted } else { wanted * 3 / 5 };
        self.enrol(run, template, host, wanted, dice);
        self.attend(run, template, host, dice);
    }

    fn enrol(&mut self, run: &mut Run, template: &Template, host: &Org, wanted: usize, dice: &mut Dice) {
        let town = self.people.of_town.get(&format!("{}000", &host.division[..9]));
        let district = format!("{}000000", &host.division[..6]);
        // Few residents are children: they are looked for among themselves.
        let (town, district) = if template.audience[0] == Audience::Children {
            (None, self.people.children_of.get(&district))
        } else {
            (town, self.people.of_district.get(&district))
        };
        let all = &self.people.list;
        for _ in 0..wanted * 12 {
            if run.enrolments.len() >= wanted {
                break;
            }
            let near = if dice.percent(60) { town.or(district) } else { district };
            let key = match near {
                Some(list) => *dice.pick(list),
                None => PersonKey(dice.below(all.len()) as u32),
            };
            let person = &all[key.0 as usize];
            let joins = person.duties.is_empty()
                && dice.percent(eagerness(key))
                && template.audience.iter().any(|a| belongs(person, *a, self.today))
                && !run.enrolments.iter().any(|e| e.person == key)
                && self.busy.is_free(&key, &run.sessions);
            if joins {
                self.busy.take(key, &run.sessions);
                let enrolment = self.enrolment(key, run, dice);
                run.enrolments.push(enrolment);
            }
        }
        run.enrolments.sort_by_key(|e| (e.day, e.minute, e.person));
    }

    /// A seat for a person of the cast.
    pub fn seat(&mut self, run: &mut Run, person: PersonKey, dice: &mut Dice) {
        self.busy.take(person, &run.sessions);
        let enrolment = self.enrolment(person, run, dice);
        run.enrolments.push(enrolment);
        run.enrolments.sort_by_key(|e| (e.day, e.minute, e.person));
    }

    /// Signing up lies one to fourteen days before the first session and before today.
    fn enrolment(&self, person: PersonKey, run: &Run, dice: &mut Dice) -> Enrolment {
        let day = run.sessions[0].day.min(self.today).plus(-dice.between(1, 14));
        Enrolment { person, day, minute: dice.between(8 * 60, 21 * 60) as u16 }
    }

    fn attend(&self, run: &mut Run, template: &Template, host: &Org, dice: &mut Dice) {
        let usual = match (host.kind, dice.below(100)) {
            (OrgKind::Centre, 0..34) => CheckIn::RollCall,
            (OrgKind::Centre, 34..78) => CheckIn::RotatingCode,
            (_, 0..14) => CheckIn::RollCall,
            (_, 14..76) => CheckIn::RotatingCode,
            _ => CheckIn::CardScan,
        };
        let open_door =
            matches!(template.kind, OfferKind::Lecture | OfferKind::Tour | OfferKind::MicroCourse);
        for session in run.sessions.iter_mut().filter(|s| s.day < self.today) {
            for enrolment in &run.enrolments {
                // Most miss a session now and then; a few hardly come.
                let reliable = if eagerness(enrolment.person) >= 55 { 91 } else { 80 };
                if dice.percent(reliable) {
                    let check_in = method(&self.people.list[enrolment.person.0 as usize], usual);
                    session.attendances.push(Attendance { person: enrolment.person, check_in });
                }
            }
            if dice.percent(if open_door { 30 } else { 3 }) {
                let visitors = dice.between(3, if open_door { 45 } else { 8 }) as u16;
                session.headcount = Some(Headcount { visitors, evidence: dice.pick::<&str>(&EVIDENCE) });
            }
        }
    }
}

/// How a person is checked in where `usual` is the custom: who lacks a phone shows the card or is called.
fn method(person: &Person, usual: CheckIn) -> CheckIn {
    match usual {
        CheckIn::RollCall => CheckIn::RollCall,
        _ if person.phone.is_none() && person.card.is_none() => CheckIn::RollCall,
        CheckIn::CardScan if person.card.is_some() => CheckIn::CardScan,
        _ if person.phone.is_none() => CheckIn::CardScan,
        _ => CheckIn::RotatingCode,
    }
}

/// How often in a hundred a person says yes: some come to everything, many once a year.
fn eagerness(person: PersonKey) -> usize {
    // Multiplicative hashing (Knuth) spreads neighbours in the list over the grades.
    match (person.0.wrapping_mul(2_654_435_761) >> 16) & 0xf {
        0..3 => 100,
        3..10 => 55,
        _ => 22,
    }
}

/// Whether the offer is meant for the person.
fn belongs(person: &Person, audience: Audience, today: Day) -> bool {
    let age = today.date().0 - person.birth_year;
    // The statistical bureau numbers villages from 200, communities from 001.
    let countryside = !person.home[9..].starts_with('0');
    match audience {
        Audience::Older => age >= 55,
        Audience::Adults => (18..=64).contains(&age),
        Audience::Children => (6..=15).contains(&age),
        Audience::Family => (28..=70).contains(&age),
        Audience::Farmers => (22..=68).contains(&age) && countryside,
        Audience::Jobseekers => (18..=55).contains(&age),
        Audience::Staff => (22..=62).contains(&age),
        Audience::Everyone => age >= 16,
    }
}
