//! What holds for the planned city, whatever the seed and the day.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::*;

static WORLD: LazyLock<World> = LazyLock::new(|| plan(1, Day::of(2026, 11, 24).unwrap()));

fn count(world: &World, kind: OrgKind) -> usize {
    world.orgs.iter().filter(|org| org.kind == kind).count()
}

fn attendances(world: &World) -> usize {
    world.runs.iter().flat_map(|run| &run.sessions).map(|session| session.attendances.len()).sum()
}

fn runs_of<'a>(world: &'a World, offer: &Offer) -> &'a [Run] {
    &world.runs[offer.runs.start as usize..offer.runs.end as usize]
}

#[test]
fn the_city_has_the_numbers_of_the_article() {
    let world = &*WORLD;
    let of_level = |level| world.divisions.iter().filter(|d| d.level == level).count();
    assert_eq!([1, 3, 4, 5].map(of_level), [1, 38, 1_031, 11_270]);
    assert_eq!(world.divisions[0].population, Some(32_054_159));
    assert!(world.divisions.iter().all(|d| d.population.is_some() == (d.level <= 3)));
    assert_eq!(world.subjects.len(), 72);
    let numbers = OrgKind::ALL.map(|kind| count(world, kind));
    assert!(numbers[3] >= 10_000, "{} centres", numbers[3]);
    assert_eq!([&numbers[..3], &numbers[4..8]].concat(), [1, 38, 740, 52, 385, 987, 26]);
    // Every district has a library and a culture centre, most have a museum and a sports hall.
    assert_eq!([numbers[8], numbers[10]], [38, 38]);
    assert!(numbers[9] >= 15 && numbers[11] >= 20, "{numbers:?}");
}

#[test]
fn the_catalogue_and_its_history_are_of_the_planned_size() {
    let world = &*WORLD;
    let residents = world.people.iter().filter(|p| p.duties.is_empty()).count();
    let teachers = world.people.iter().filter(|p| p.duties.iter().any(|d| d.0 == Duty::Teacher)).count();
    let titles: HashSet<&str> = world.offers.iter().map(|offer| offer.title.as_str()).collect();
    let without_certificate: usize = world
        .runs
        .iter()
        .filter(|run| !world.offer(run.offer).certificate)
        .flat_map(|run| &run.sessions)
        .map(|session| session.attendances.len())
        .sum();
    let sessions: usize = world.runs.iter().map(|run| run.sessions.len()).sum();
    let past = world.runs.iter().flat_map(|run| &run.sessions).filter(|s| s.day < world.today).count();
    let seats: usize = world.runs.iter().map(|run| run.enrolments.len()).sum();
    let total = attendances(world);
    let summary = format!(
        "{} offers, {} titles, {} runs, {sessions} sessions, {past} past, {seats} enrolments, {total} attendances, \
         {without_certificate} of them without certificate, {residents} residents, {teachers} teachers, {} people",
        world.offers.len(),
        titles.len(),
        world.runs.len(),
        world.people.len()
    );
    println!("{summary}");
    assert!(world.offers.len() >= 2_200, "{summary}");
    assert!(titles.len() >= 1_500, "{summary}");
    assert!((30_000..=40_000).contains(&total), "{summary}");
    assert!((15_000..=20_000).contains(&without_certificate), "{summary}");
    assert!((8_500..=10_500).contains(&residents), "{summary}");
    assert!((450..=550).contains(&teachers), "{summary}");
}

#[test]
fn notices_are_answered_by_some_and_not_by_others() {
    let world = &*WORLD;
    let [activities, safety, quarter] = &world.notices[..] else { panic!("{} notices", world.notices.len()) };
    let answered = |notice: &Notice| notice.replies.iter().filter(|reply| !reply.rows.is_empty()).count();
    let stage = world.person(world.cast.college).duties[0].1;
    assert!((15..=32).contains(&answered(activities)), "{} answered", answered(activities));
    assert!(activities.replies.len() > answered(activities) && activities.replies.len() < 37);
    assert!(activities.replies.iter().all(|reply| reply.place != stage), "the stage has still to answer");
    assert!(activities.replies.iter().any(|reply| reply.returned.is_some()));
    assert!((25..=38).contains(&safety.replies.len()) && answered(safety) == 0);
    assert!(quarter.sender == stage && answered(quarter) > 5);
    let school = world.person(world.cast.school).duties[0].1;
    assert!(quarter.replies.iter().all(|reply| reply.place != school), "the school of the stage is overdue");
    for notice in &world.notices {
        let mut places = HashSet::new();
        for reply in &notice.replies {
            assert!(places.insert(reply.place) && reply.day > notice.sent && reply.day < world.today);
            assert!(world.person(reply.person).duties.iter().any(|(_, org)| *org == reply.place));
        }
    }
}

#[test]
fn the_library_covers_the_subject_tree() {
    let templates = library::templates();
    assert!(templates.len() >= 330);
    let subjects = sources::subjects();
    for subject in subjects.iter().filter(|s| !s.parent.is_empty()) {
        assert!(templates.iter().filter(|t| t.subject == subject.code).count() >= 4, "{}", subject.name);
    }
    let divisions = sources::divisions();
    let mut titles = HashSet::new();
    for t in &templates {
        assert!(subjects.iter().any(|s| s.code == t.subject), "{}", t.subject);
        assert!((2..=4).contains(&t.titles.len()), "{:?}", t.titles);
        assert!(t.titles.iter().all(|title| titles.insert(*title)), "{:?}", t.titles);
        assert!(!t.summary.is_empty() && !t.hosts.is_empty() && !t.audience.is_empty(), "{:?}", t.titles);
        let sentences = t.description.matches(['。', '？', '！']).count();
        assert!((2..=4).contains(&sentences), "{:?}: {sentences} sentences", t.titles);
        for name in &t.districts {
            let hits = divisions.iter().filter(|d| d.level == 3 && d.name.starts_with(name)).count();
            assert_eq!(hits, 1, "{name}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_city() {
    let again = plan(1, WORLD.today);
    assert!(again == *WORLD);
    let other = plan(2, WORLD.today);
    assert!(other.people[100..] != WORLD.people[100..] && other.offers != WORLD.offers);
}

#[test]
fn parents_stand_before_their_children() {
    let world = &*WORLD;
    let mut codes = HashSet::new();
    for division in &world.divisions {
        assert!(division.parent.is_empty() || codes.contains(division.parent.as_str()), "{}", division.code);
        assert!(codes.insert(division.code.as_str()));
    }
    let mut slugs = HashSet::new();
    for (number, org) in world.orgs.iter().enumerate() {
        assert_eq!(org.parent.is_none(), number == 0);
        assert!(org.parent.is_none_or(|parent| (parent.0 as usize) < number), "{}", org.slug);
        assert!(slugs.insert(org.slug.as_str()), "{}", org.slug);
        assert!(codes.contains(org.division.as_str()));
        assert!(!org.name.is_empty() && !org.address.is_empty());
        assert_eq!(org.demo, number != 0);
    }
    for (number, offer) in world.offers.iter().enumerate() {
        assert_eq!(offer.runs.is_empty(), offer.kind == OfferKind::OpenVenue);
        assert!(runs_of(world, offer).iter().all(|run| run.offer.0 as usize == number));
    }
}

#[test]
fn every_place_lies_in_its_district() {
    let areas = map::areas();
    assert_eq!(areas.len(), 38);
    for org in WORLD.orgs.iter().filter(|org| org.division != "500000000000") {
        let area = &areas[&format!("{}000000", &org.division[..6])];
        // A seat may lie a few metres outside a simplified boundary; all else is drawn inside it.
        assert!(area.contains(org.place) || org.place == area.seat, "{} {:?}", org.name, org.place);
    }
    assert!(areas.values().filter(|area| !area.contains(area.seat)).count() <= 2);
}

#[test]
fn every_district_has_offers_now() {
    let world = &*WORLD;
    let until = world.today.plus(14 - i32::from(world.today.weekday()));
    let (mut offers, mut soon) = (HashMap::new(), HashMap::new());
    for offer in &world.offers {
        let district = world.org(offer.host).division[..6].to_owned();
        *offers.entry(district.clone()).or_insert(0) += 1;
        let now = runs_of(world, offer).iter().flat_map(|run| &run.sessions);
        if now.clone().any(|s| s.day >= world.today && s.day <= until) {
            *soon.entry(district).or_insert(0) += 1;
        }
    }
    for district in world.divisions.iter().filter(|d| d.level == 3) {
        let code = &district.code[..6];
        assert!(offers.get(code).copied().unwrap_or(0) >= 20, "{}: {:?}", district.name, offers.get(code));
        assert!(soon.get(code).copied().unwrap_or(0) >= 10, "{}: {:?}", district.name, soon.get(code));
    }
    let kinds: HashSet<OfferKind> = world.offers.iter().map(|offer| offer.kind).collect();
    let subjects: HashSet<&str> = world.offers.iter().map(|offer| offer.subject).collect();
    assert_eq!((kinds.len(), subjects.len()), (7, 61));
}

/// No two spans of the same key overlap.
fn no_overlap<K: std::hash::Hash + Eq + std::fmt::Debug>(spans: HashMap<K, Vec<(i32, i32)>>) {
    for (key, mut list) in spans {
        list.sort_unstable();
        assert!(list.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{key:?}");
    }
}

fn check_timetable(world: &World) {
    let holidays = sources::Holidays::read();
    let (mut teachers, mut rooms, mut residents) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (number, run) in world.runs.iter().enumerate() {
        let host = world.offer(run.offer).host;
        let staged = world.cast.run.0 as usize == number;
        assert!(run.sessions.windows(2).all(|pair| pair[0].span().1 <= pair[1].span().0));
        assert_eq!(run.closed, run.sessions.last().unwrap().day < world.today);
        for session in &run.sessions {
            let open = world.org(host).hours[usize::from(session.day.weekday()) - 1];
            let (from, to) = open.unwrap_or_else(|| panic!("{} is closed", world.org(host).name));
            assert!(
                from <= session.start && session.start + session.minutes <= to,
                "{}",
                world.org(host).name
            );
            assert!(staged || !holidays.contains(session.day));
            assert!(session.day >= world.today.plus(-timetable::HISTORY_DAYS));
            teachers.entry(run.teacher).or_insert_with(Vec::new).push(session.span());
            rooms.entry((host, run.room)).or_insert_with(Vec::new).push(session.span());
            for enrolment in &run.enrolments {
                residents.entry(enrolment.person).or_insert_with(Vec::new).push(session.span());
            }
        }
    }
    no_overlap(teachers);
    no_overlap(rooms);
    no_overlap(residents);
}

#[test]
fn nobody_is_in_two_places_at_once_and_doors_are_open() {
    check_timetable(&WORLD);
    // A Sunday, the eve of the Spring Festival, and a year beyond the table of holidays.
    for (seed, day) in [(7, Day::of(2026, 3, 1)), (8, Day::of(2026, 2, 14)), (9, Day::of(2028, 8, 20))] {
        let world = plan(seed, day.unwrap());
        assert!(world.offers.len() >= 2_200, "{} offers on {}", world.offers.len(), world.today);
        check_timetable(&world);
    }
}

#[test]
fn titles_keep_what_they_promise() {
    for offer in &WORLD.offers {
        let says = |words: &[&str]| words.iter().any(|word| offer.title.contains(word));
        for session in runs_of(&WORLD, offer).iter().flat_map(|run| &run.sessions) {
            let what = format!("{} on {} at {}", offer.title, session.day, session.start);
            assert!(!says(&["下班", "夜校", "夜拍", "晚间"]) || session.start >= 18 * 60, "{what}");
            assert!(!says(&["周末"]) || session.day.weekday() >= 6, "{what}");
            assert!(!says(&["晨练"]) || session.start < 12 * 60, "{what}");
        }
        if says(&["暑期", "暑假"]) {
            assert!(runs_of(&WORLD, offer).iter().all(|run| matches!(run.sessions[0].day.date().1, 6..=8)));
        }
    }
}

#[test]
fn attendance_follows_enrolment() {
    let world = &*WORLD;
    let (mut ways, mut absent, mut counted) = (HashMap::new(), 0, 0);
    for run in &world.runs {
        let seats: HashSet<PersonKey> = run.enrolments.iter().map(|e| e.person).collect();
        assert_eq!(seats.len(), run.enrolments.len());
        assert!(seats.len() <= usize::from(run.capacity));
        assert!(run.enrolments.iter().all(|e| e.day < world.today && e.day < run.sessions[0].day));
        assert!(seats.iter().all(|key| world.person(*key).duties.is_empty()));
        for session in &run.sessions {
            let past = session.day < world.today;
            assert!(past || (session.attendances.is_empty() && session.headcount.is_none()));
            absent += if past { seats.len() - session.attendances.len() } else { 0 };
            counted += session.headcount.map_or(0, |h| usize::from(h.visitors));
            for attendance in &session.attendances {
                assert!(seats.contains(&attendance.person));
                let person = world.person(attendance.person);
                match attendance.check_in {
                    CheckIn::RotatingCode => assert!(person.phone.is_some()),
                    CheckIn::CardScan => assert!(person.card.is_some()),
                    CheckIn::RollCall => {}
                }
                *ways.entry(attendance.check_in).or_insert(0) += 1;
            }
        }
    }
    println!("{ways:?}, {absent} absent, {counted} visitors counted");
    assert_eq!(ways.len(), 3);
    assert!(ways.values().all(|n| *n > 2_000) && absent > 2_000 && counted > 2_000);
}

#[test]
fn people_have_fictitious_numbers() {
    let mut seen = HashSet::new();
    for person in &WORLD.people {
        assert!((2..=5).contains(&person.name.chars().count()), "{}", person.name);
        assert!(person.phone.iter().all(|phone| phone.len() == 11 && phone.starts_with("199000")));
        assert!(person.phone.iter().chain(&person.card).all(|number| seen.insert(number.clone())));
        assert!(person.guardian.is_none_or(|adult| WORLD.person(adult).guardian.is_none()));
    }
    assert!(WORLD.orgs.iter().all(|org| org.phone.len() == 12 && org.phone.starts_with("023-000")));
}

#[test]
fn the_stage_is_set_at_any_hour() {
    for minute in [0, 14 * 60 + 30, 1_439] {
        let world = plan_at(3, Day::of(2026, 10, 1).unwrap(), minute);
        let cast = world.cast;
        let resident = world.person(cast.resident);
        assert!(
            resident.home.starts_with(&cast::STAGE[..9]) && world.today.date().0 - resident.birth_year >= 70
        );
        let neighbour = world.person(cast.neighbour);
        assert!(neighbour.phone.is_none() && neighbour.card.is_some());
        let run = &world.runs[cast.run.0 as usize];
        assert_eq!((run.teacher, run.sessions.len()), (cast.teacher, 1));
        assert_eq!((run.sessions[0].day, run.sessions[0].minutes), (world.today, 90));
        assert!(run.enrolments.iter().any(|e| e.person == cast.neighbour));
        assert!(world.runs.iter().all(|r| r.enrolments.iter().all(|e| e.person != cast.resident)));
        assert!(run.enrolments.len() + 5 < usize::from(run.capacity));
        let until = world.today.plus(14 - i32::from(world.today.weekday()));
        let near = world.offers.iter().filter(|offer| {
            offer.subject == "0301"
                && world.org(offer.host).division.starts_with("500106")
                && runs_of(&world, offer).iter().any(|run| {
                    run.enrolments.len() < usize::from(run.capacity)
                        && run.sessions.iter().any(|s| s.day >= world.today && s.day <= until)
                })
        });
        let count =
            near.clone().filter(|o| world.org(o.host).division.starts_with(&cast::STAGE[..9])).count();
        // In the first week of October only the second week is left.
        assert!(near.count() >= 3 && count >= 2);
    }
}
