//! The people of the guided demonstration and what surrounds them in 天星桥街道.

use kernel::Day;

use super::{
    dice::Dice,
    library::Template,
    model::{Cast, Duty, OrgKey, Person, PersonKey, RunKey, Session},
    network::Network,
    offers::{Catalogue, Staged},
    people::People,
    timetable::{Phase, Timetable},
};

/// 天星桥街道 of 沙坪坝区, where the article begins.
pub(super) const STAGE: &str = "500106012000";
/// 小正街社区 of that street: home of the resident and her neighbour.
const HOME: &str = "500106012002";
/// The district of the stage.
const DISTRICT: &str = "500106000000";
/// Length of the calligraphy class of today, in minutes.
const MINUTES: u16 = 90;
/// Subjects of further offers that the street holds whatever the dice say.
const ON_STAGE: [&str; 12] =
    ["0301", "0301", "0302", "0303", "0403", "0601", "0603", "0701", "0702", "0701", "0705", "1103"];

/// The cast before it has a class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Players {
    resident: PersonKey,
    neighbour: PersonKey,
    teacher: PersonKey,
    centre: PersonKey,
    school: PersonKey,
    college: PersonKey,
    city: PersonKey,
    auditor: PersonKey,
}

impl Players {
    /// Appoints the cast before everybody else, so that they come first in their organisations.
    pub fn appoint(people: &mut People, net: &Network) -> Self {
        let school = net.school_of[STAGE];
        let centre = home_centre(net);
        let college = net.college_of[DISTRICT];
        let top = OrgKey(0);
        let mut person = |name: &str, birth_year, woman, home: &str, duties: Vec<(Duty, OrgKey)>| {
            let phone = people.next_phone();
            people.add(Person {
                name: name.to_owned(),
                birth_year,
                woman: Some(woman),
                home: home.to_owned(),
                phone,
                card: None,
                guardian: None,
                duties,
            })
        };
        let resident = person("陈桂芳", 1952, true, HOME, Vec::new());
        let neighbour = person("冉光碧", 1948, true, HOME, Vec::new());
        let teacher = person("罗墨林", 1963, false, DISTRICT, vec![(Duty::Teacher, school)]);
        let centre = person("田小红", 1988, true, DISTRICT, vec![(Duty::Staff, centre)]);
        let school = person("蒋春梅", 1979, true, DISTRICT, vec![(Duty::Head, school)]);
        let college = person("向志远", 1974, false, DISTRICT, vec![(Duty::Head, college)]);
        let city = person("何静宜", 1971, true, "500000000000", vec![(Duty::Head, top)]);
        let auditor = person("秦守正", 1969, false, "500000000000", vec![(Duty::Auditor, top)]);
        let card = people.next_card();
        let old = &mut people.list[neighbour.0 as usize];
        (old.phone, old.card) = (None, card);
        Self { resident, neighbour, teacher, centre, school, college, city, auditor }
    }

    /// Lays today's class and the other offers of the street. Comes before all other offers.
    pub fn enter(self, catalogue: &mut Catalogue, start: u16, dice: &mut Dice) -> Cast {
        let school = catalogue.net.school_of[STAGE];
        let today = catalogue.timetable.today;
        let single = named(catalogue.templates, "书法体验班：写好自己的名字");
        let session =
            |day, start| Session { day, start, minutes: MINUTES, attendances: Vec::new(), headcount: None };
        let open = catalogue.net.org(school).hours[usize::from(today.weekday()) - 1].unwrap_or((0, 1440));
        let start = start.clamp(open.0, open.1 - MINUTES);
        let staged = Staged {
            title: "书法体验班：一个半小时写好自己的名字",
            host: school,
            teacher: self.teacher,
            sessions: vec![session(today, start)],
        };
        let key = catalogue.stage(single, staged, dice);
        let run = RunKey(catalogue.offers[key.0 as usize].runs.start);
        let class = &mut catalogue.runs[run.0 as usize];
        class.enrolments.truncate(9);
        catalogue.crowd.seat(class, self.neighbour, dice);

        let university = catalogue.net.universities_of[DISTRICT][0];
        for (title, library, host, first) in [
            ("天星桥楷书班：从一横一竖学起", "楷书入门", school, 1),
            ("小正街隶书小组：曹全碑临习", "隶书曹全碑", home_centre(catalogue.net), 2),
            ("行书入门：兰亭序临习", "行书基础：兰亭序选临", university, 3),
        ] {
            let term = named(catalogue.templates, library);
            let days = weekly(
                catalogue.timetable,
                today.plus(first),
                usize::from(term.sessions),
                catalogue.net,
                host,
            );
            let sessions: Vec<Session> = days.into_iter().map(|day| session(day, 9 * 60 + 30)).collect();
            let teacher = if host == school {
                self.teacher
            } else {
                substitute(catalogue, &sessions).unwrap_or(self.teacher)
            };
            catalogue.stage(term, Staged { title, host, teacher, sessions }, dice);
        }
        let centres = &catalogue.net.centres_of[STAGE];
        for (number, subject) in ON_STAGE.iter().enumerate() {
            let host = if number % 3 == 0 { school } else { centres[number % centres.len()] };
            let kind = catalogue.net.org(host).kind;
            let fitting: Vec<&Template> = catalogue
                .templates
                .iter()
                .filter(|t| t.subject == *subject && t.hosts.contains(&kind) && t.districts.is_empty())
                .collect();
            if !fitting.is_empty() {
                let template = *dice.pick(&fitting);
                let phase =
                    if template.sessions > 1 && number % 2 == 0 { Phase::Running } else { Phase::Upcoming };
                catalogue.hold(template, host, Some(phase), dice);
            }
        }
        Cast {
            resident: self.resident,
            neighbour: self.neighbour,
            teacher: self.teacher,
            centre: self.centre,
            school: self.school,
            college: self.college,
            city: self.city,
            auditor: self.auditor,
            run,
        }
    }
}

/// Days on which the host is open in the morning, a week apart, from the first one that fits.
fn weekly(timetable: &Timetable, from: Day, count: usize, net: &Network, host: OrgKey) -> Vec<Day> {
    let opens = |day: Day| {
        net.org(host).hours[usize::from(day.weekday()) - 1]
            .is_some_and(|(open, close)| open <= 570 && close >= 660)
            && !timetable.holidays.contains(day)
    };
    let first = (0..14).map(|n| from.plus(n)).find(|day| opens(*day)).unwrap_or(from);
    (0..60).map(|week| first.plus(7 * week)).filter(|day| opens(*day)).take(count).collect()
}

fn home_centre(net: &Network) -> OrgKey {
    let centres = &net.centres_of[STAGE];
    *centres.iter().find(|key| net.org(**key).division == HOME).unwrap_or(&centres[0])
}

/// The offer of the library whose first title this is.
fn named<'a>(templates: &'a [Template], title: &str) -> &'a Template {
    templates.iter().find(|t| t.titles[0] == title).unwrap_or_else(|| panic!("the library has no {title}"))
}

/// Another teacher of the arts in the district who is free.
fn substitute(catalogue: &Catalogue, sessions: &[Session]) -> Option<PersonKey> {
    let teachers = catalogue.people.teachers.get(&(DISTRICT.to_owned(), "03"))?;
    teachers.iter().copied().find(|teacher| catalogue.teachers.is_free(teacher, sessions))
}
