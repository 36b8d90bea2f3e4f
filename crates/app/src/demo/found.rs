//! Founding: a plan becomes a city, command by command, in the order in which things happened.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use activities::{ClassId, OpenClass, SessionId, SignUp};
use anyhow::{Result, anyhow};
use catalog::{DraftOffer, OfferId, OfferWords};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Actor, Day, Id, Org, Person, Role, SystemClock, Timestamp};
use network::{FoundOrg, OnHolidays, Opening, Population, RegionRow, Span};
use people::{Register, RoleAt, Vault};
use store::{Store, Tx};

use crate::{
    city::{City, consumers},
    demo::{
        notices,
        plan::{self, CheckIn, Duty, World},
        stage,
    },
};

/// Commands that one transaction holds.
const BATCH: usize = 250;
/// Days before today on which the city is founded.
const FOUNDED_DAYS_AGO: i32 = 420;
/// The program acts for an operator who stands the city up.
const DEMO: Actor = Actor::System("demo");
/// Date of the census whose populations are packaged.
const CENSUS: (i16, i8, i8) = (2020, 11, 1);

/// Identifiers that commands gave, by position in the plan.
#[derive(Default)]
struct Made {
    orgs: Vec<Id<Org>>,
    people: Vec<Id<Person>>,
    offers: Vec<Option<OfferId>>,
    classes: Vec<Option<(ClassId, Vec<SessionId>)>>,
}

/// Something that happened.
#[derive(Clone, Copy)]
enum Event {
    Publish(u32),
    Open(u32),
    SignUp(u32, u32),
    Meet(u32, u32),
    Close(u32),
}

struct Founder {
    world: Arc<World>,
    vault: Arc<Vault>,
    made: Arc<Mutex<Made>>,
    bar: ProgressBar,
}

/// Founds the whole city; tells what it does.
pub fn found(city: &City, seed: u64) -> Result<()> {
    let today = kernel::Clock::now(&SystemClock).day();
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{msg:<44!} [{bar:40}] {pos}/{len}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    step(&bar, "planning the demonstration city", 1);
    let world = Arc::new(plan::plan(seed, today));
    let founder =
        Founder { world: world.clone(), vault: city.vault.clone(), made: Arc::default(), bar: bar.clone() };
    founder.divisions(&city.store)?;
    founder.organisations(&city.store)?;
    founder.people(&city.store, world.people.len())?;
    founder.history(&city.store, founder.events())?;
    founder.notices(&city.store)?;
    step(&bar, "reported figures of the article", 1);
    write(&city.store, |tx| statistics::import_packaged_figures(tx, &DEMO))?;
    let made = founder.made.lock().unwrap_or_else(PoisonError::into_inner);
    let offer = world.runs[world.cast.run.0 as usize].offer.0 as usize;
    let offer = made.offers[offer].ok_or_else(|| anyhow!("the cast's offer was not published"))?;
    stage::remember(city, &world.cast, &made.people, offer)?;
    step(&bar, "credits, certificates, figures", 1);
    journal::drain(&city.store, &consumers()).map_err(|error| anyhow!("{error:?}"))?;
    step(&bar, "sealing", 1);
    let sealed = city.sealer.seal(&city.store).map_err(|error| anyhow!("{error:?}"))?;
    bar.finish_and_clear();
    eprintln!(
        "founded: {} divisions, {} organisations, {} people, {} offers, {} classes, {sealed} facts",
        world.divisions.len(),
        world.orgs.len(),
        world.people.len(),
        world.offers.len(),
        world.runs.len()
    );
    Ok(())
}

/// Founds what can be searched for: places, all offers, and the classes that go on after this day; nobody learns.
#[cfg(test)]
pub fn found_catalogue(store: &Store, seed: u64, today: Day) -> Result<()> {
    let world = Arc::new(plan::plan(seed, today));
    let vault = Arc::new(Vault::new([9; 32]));
    let founder = Founder { world: world.clone(), vault, made: Arc::default(), bar: ProgressBar::hidden() };
    let goes_on = |run: &plan::Run| run.sessions.last().is_some_and(|session| session.day >= today);
    // Teachers are planned before all residents.
    let teachers = world.runs.iter().filter(|run| goes_on(run)).map(|run| run.teacher.0 as usize + 1).max();
    founder.divisions(store)?;
    founder.organisations(store)?;
    founder.people(store, teachers.unwrap_or(0))?;
    let mut events = founder.events();
    events.retain(|(_, event)| match event {
        Event::Publish(_) => true,
        Event::Open(number) => goes_on(&world.runs[*number as usize]),
        Event::SignUp(..) | Event::Meet(..) | Event::Close(_) => false,
    });
    founder.history(store, events)
}

fn step(bar: &ProgressBar, words: &'static str, length: usize) {
    bar.set_message(words);
    bar.set_length(length as u64);
    bar.set_position(0);
    if bar.is_hidden() {
        eprintln!("{words}");
    }
}

fn write<T: Send + 'static>(
    store: &Store,
    f: impl Fn(&mut Tx) -> kernel::Result<T> + Send + 'static,
) -> Result<T> {
    store.write_blocking("demo.found", f).map_err(|error| anyhow!("founding failed: {error:?}"))
}

/// Minutes after midnight of a day.
fn at(day: Day, minute: u16) -> Timestamp {
    day.at(i64::from(minute))
}

impl Founder {
    fn first_day(&self) -> Day {
        self.world.today.plus(-FOUNDED_DAYS_AGO)
    }

    #[expect(clippy::disallowed_methods, reason = "the demonstration makes a past")]
    fn divisions(&self, store: &Store) -> Result<()> {
        step(&self.bar, "divisions and subjects", self.world.divisions.len());
        let (world, first) = (self.world.clone(), self.first_day());
        write(store, move |tx| {
            tx.pretend_now(first.at(9 * 60));
            let (year, month, day) = CENSUS;
            let census = Day::of(year, month, day).unwrap_or(first);
            let rows: Vec<RegionRow> = world
                .divisions
                .iter()
                .zip(2..)
                .map(|(division, line)| RegionRow {
                    line,
                    code: division.code.clone(),
                    name: division.name.clone(),
                    short_name: division.short_name.clone(),
                    kind: division.kind.clone(),
                    parent: division.parent.clone(),
                    region_group: division.region_group.clone(),
                    valid_from: census,
                    population: division.population.and_then(|count| {
                        let source = "第七次全国人口普查 2020-11-01".to_owned();
                        Some(Population { count: i64::try_from(count).ok()?, on: census, source })
                    }),
                    place: Some(division.place),
                })
                .collect();
            network::import_regions(tx, &DEMO, &rows)?;
            let subjects =
                catalog::read_subjects(include_str!("../../../../data/chongqing/course_taxonomy_draft.csv"))?;
            catalog::import_subjects(tx, &DEMO, &subjects)?;
            Ok(())
        })?;
        self.bar.set_position(self.world.divisions.len() as u64);
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "the demonstration makes a past")]
    fn organisations(&self, store: &Store) -> Result<()> {
        step(&self.bar, "guidance centre, colleges, schools, centres", self.world.orgs.len());
        for from in (0..self.world.orgs.len()).step_by(BATCH) {
            let (world, made, first) = (self.world.clone(), self.made.clone(), self.first_day());
            write(store, move |tx| {
                tx.pretend_now(first.at(10 * 60));
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                made.orgs.truncate(from);
                for org in world.orgs.iter().skip(from).take(BATCH) {
                    let parent = org.parent.map(|key| made.orgs[key.0 as usize]);
                    let id = network::found_org(tx, &DEMO, &founding(org, parent, first)?)?;
                    made.orgs.push(id);
                }
                Ok(())
            })?;
            self.bar.set_position((from + BATCH) as u64);
        }
        let first = self.first_day();
        write(store, move |tx| {
            tx.pretend_now(first.at(11 * 60));
            let since = i64::from(first.date().0);
            for year in
                network::read_holidays(include_str!("../../../../data/chongqing/cn_holidays.csv"), since)?
            {
                network::set_holidays(tx, &DEMO, &year)?;
            }
            Ok(())
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the demonstration makes a past")]
    fn people(&self, store: &Store, count: usize) -> Result<()> {
        step(&self.bar, "residents, teachers, staff (synthetic)", count);
        for from in (0..count).step_by(BATCH) {
            let (world, made, first) = (self.world.clone(), self.made.clone(), self.first_day());
            let vault = self.vault.clone();
            write(store, move |tx| {
                tx.pretend_now(first.at(11 * 60));
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                made.people.truncate(from);
                for person in world.people[..count].iter().skip(from).take(BATCH) {
                    let id = register(tx, &vault, person, &made.orgs)?;
                    made.people.push(id);
                }
                Ok(())
            })?;
            self.bar.set_position((from + BATCH) as u64);
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "the demonstration makes a past")]
    fn history(&self, store: &Store, events: Vec<(Timestamp, Event)>) -> Result<()> {
        step(&self.bar, "a year of classes and attendances", events.len());
        {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.offers = vec![None; self.world.offers.len()];
            made.classes = vec![None; self.world.runs.len()];
        }
        let events = Arc::new(events);
        for from in (0..events.len()).step_by(BATCH) {
            let (world, made, vault, events) =
                (self.world.clone(), self.made.clone(), self.vault.clone(), events.clone());
            write(store, move |tx| {
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                for (moment, event) in events.iter().skip(from).take(BATCH) {
                    tx.pretend_now(*moment);
                    play(tx, &world, &vault, &mut made, *event)?;
                }
                Ok(())
            })?;
            self.bar.set_position((from + BATCH) as u64);
        }
        Ok(())
    }

    fn notices(&self, store: &Store) -> Result<()> {
        step(&self.bar, "notices and what came back", self.world.notices.len());
        for number in 0..self.world.notices.len() {
            let (world, made) = (self.world.clone(), self.made.clone());
            write(store, move |tx| {
                let made = made.lock().unwrap_or_else(PoisonError::into_inner);
                let known = notices::Known { orgs: &made.orgs, people: &made.people };
                notices::play(tx, &known, &world.notices[number])
            })?;
            self.bar.set_position(number as u64 + 1);
        }
        Ok(())
    }

    /// Everything that happened, in the order of time.
    fn events(&self) -> Vec<(Timestamp, Event)> {
        let world = &self.world;
        let mut events = Vec::new();
        let mut published = vec![None::<Timestamp>; world.offers.len()];
        for (run, number) in world.runs.iter().zip(0_u32..) {
            if number == world.cast.run.0 {
                // Today's class is opened when the demonstration starts, so that it is always running.
                let moment = at(world.today.plus(-30), 9 * 60);
                published[run.offer.0 as usize] = Some(moment);
                continue;
            }
            let first = run.sessions.first().map_or(world.today, |session| session.day);
            let earliest =
                run.enrolments.iter().map(|seat| seat.day).min().map_or(first, |day| day.min(first));
            let opened = at(earliest.plus(-2).min(world.today.plus(-1)), 9 * 60);
            events.push((opened, Event::Open(number)));
            let slot = &mut published[run.offer.0 as usize];
            let before = Timestamp::from_millis(opened.millis() - 86_400_000);
            *slot = Some(slot.map_or(before, |known| known.min(before)));
            for (seat, index) in run.enrolments.iter().zip(0_u32..) {
                events.push((at(seat.day, seat.minute), Event::SignUp(number, index)));
            }
            for (session, index) in run.sessions.iter().zip(0_u32..) {
                if !session.attendances.is_empty() || session.headcount.is_some() {
                    events.push((at(session.day, session.start).plus_minutes(5), Event::Meet(number, index)));
                }
            }
            if let (true, Some(last)) = (run.closed, run.sessions.last()) {
                let end = at(last.day, last.start + last.minutes).plus_minutes(20);
                events.push((end, Event::Close(number)));
            }
        }
        for (moment, number) in published.into_iter().zip(0_u32..) {
            let moment = moment.unwrap_or_else(|| at(world.today.plus(-60), 9 * 60));
            events.push((moment, Event::Publish(number)));
        }
        events.sort_by_key(|(moment, _)| *moment);
        events
    }
}

fn founding(org: &plan::Org, parent: Option<Id<Org>>, opened_on: Day) -> kernel::Result<FoundOrg> {
    Ok(FoundOrg {
        kind: org.kind.as_str().parse()?,
        name: org.name.clone(),
        region_code: org.division.parse()?,
        parent_id: parent,
        address: org.address.clone(),
        phone: org.phone.clone(),
        hours: String::new(),
        opening: opening_hours(&org.hours),
        place: Some(org.place),
        place_note: "示意".to_owned(),
        opened_on,
        demo: org.demo,
    })
}

/// Who keeps office hours is closed on public holidays.
fn opening_hours(week: &plan::Hours) -> Opening {
    let day = |open: Option<(u16, u16)>| open.map(|(from, to)| Span { from, to }).into_iter().collect();
    let rests = week[5] != week[0] && week[0].is_some();
    Opening {
        week: week.map(day),
        holidays: if rests { OnHolidays::Instead(Vec::new()) } else { OnHolidays::AsUsual },
        specials: Vec::new(),
    }
}

fn register(
    tx: &mut Tx,
    vault: &Vault,
    person: &plan::Person,
    orgs: &[Id<Org>],
) -> kernel::Result<Id<Person>> {
    let cmd = Register {
        name: person.name.clone(),
        phone: person.phone.clone(),
        birth_year: Some(i32::from(person.birth_year)),
        home_region: Some(person.home.parse()?),
        demo: true,
    };
    let id = people::register(tx, vault, &DEMO, &cmd)?;
    if let Some(card) = &person.card {
        people::issue_card(tx, vault, &DEMO, id, &card_number(card))?;
    }
    for (duty, key) in &person.duties {
        let role = match duty {
            Duty::Teacher => Role::Teacher,
            Duty::Staff => Role::Staff,
            Duty::Head => Role::Head,
            Duty::Auditor => Role::Auditor,
        };
        people::grant_role(tx, &DEMO, &RoleAt { person: id, role, org: orgs[key.0 as usize] })?;
    }
    Ok(id)
}

/// The plan's card with the check digit that cards have.
fn card_number(planned: &str) -> String {
    let serial: String = planned.chars().filter(char::is_ascii_digit).collect();
    people::CardNumber::of_serial(serial.parse().unwrap_or_default()).digits().to_owned()
}

fn play(tx: &mut Tx, world: &World, vault: &Vault, made: &mut Made, event: Event) -> kernel::Result<()> {
    match event {
        Event::Publish(number) => {
            let offer = &world.offers[number as usize];
            let id = catalog::draft_offer(tx, &DEMO, &draft(offer, &made.orgs)?)?;
            catalog::publish_offer(tx, &DEMO, id)?;
            made.offers[number as usize] = Some(id);
        }
        Event::Open(number) => {
            let cmd = opening(world, made, number)?;
            let opened = activities::open_class(tx, &DEMO, &cmd)?;
            made.classes[number as usize] = Some((opened.class_id, opened.sessions));
        }
        Event::SignUp(number, index) => {
            let person_id =
                made.people[world.runs[number as usize].enrolments[index as usize].person.0 as usize];
            let class_id = class_of(made, number)?.0;
            activities::sign_up(tx, &acting(person_id), &SignUp { class_id, person_id })?;
        }
        Event::Meet(number, index) => meet(tx, world, vault, made, number, index)?,
        Event::Close(number) => {
            let teacher = acting(made.people[world.runs[number as usize].teacher.0 as usize]);
            let class_id = class_of(made, number)?.0;
            learning::close_class(tx, &teacher, class_id)?;
        }
    }
    Ok(())
}

fn acting(id: Id<Person>) -> Actor {
    Actor::Person { id, grants: Vec::new() }
}

fn class_of(made: &Made, number: u32) -> kernel::Result<&(ClassId, Vec<SessionId>)> {
    made.classes[number as usize]
        .as_ref()
        .ok_or_else(|| kernel::Error::bug("a class is used before it is opened"))
}

fn draft(offer: &plan::Offer, orgs: &[Id<Org>]) -> kernel::Result<DraftOffer> {
    Ok(DraftOffer {
        org_id: orgs[offer.host.0 as usize],
        words: OfferWords {
            kind: offer.kind.as_str().parse()?,
            title: offer.title.clone(),
            summary: offer.summary.to_owned(),
            body: offer.description.clone(),
            subject_code: offer.subject.to_owned(),
            audience: offer.audience.first().map_or("everyone", |a| a.as_str()).parse()?,
            cost_fen: i64::from(offer.fee_fen),
            bring: offer.bring.to_owned(),
        },
        demo: true,
    })
}

fn opening(world: &World, made: &Made, number: u32) -> kernel::Result<OpenClass> {
    let run = &world.runs[number as usize];
    let offer = world.offer(run.offer);
    let offer_id = made.offers[run.offer.0 as usize]
        .ok_or_else(|| kernel::Error::bug("an offer has a class before it is published"))?;
    Ok(OpenClass {
        org_id: made.orgs[offer.host.0 as usize],
        offer_id,
        title: offer.title.clone(),
        teacher_id: Some(made.people[run.teacher.0 as usize]),
        capacity: i64::from(run.capacity),
        venue: world.org(offer.host).name.clone(),
        room: run.room.to_owned(),
        sessions: run
            .sessions
            .iter()
            .map(|session| {
                let from = at(session.day, session.start);
                (from, from.plus_minutes(i64::from(session.minutes)))
            })
            .collect(),
        demo: true,
    })
}

/// A session is held: everybody checks in the way the plan says, visitors are counted.
fn meet(
    tx: &mut Tx,
    world: &World,
    vault: &Vault,
    made: &Made,
    number: u32,
    index: u32,
) -> kernel::Result<()> {
    let run = &world.runs[number as usize];
    let session = &run.sessions[index as usize];
    let session_id = class_of(made, number)?.1[index as usize];
    let teacher = acting(made.people[run.teacher.0 as usize]);
    let code = learning::show_code(tx, &teacher, session_id)?.code;
    for attendance in &session.attendances {
        let id = made.people[attendance.person.0 as usize];
        let card = world.person(attendance.person).card.as_deref();
        match (attendance.check_in, card) {
            (CheckIn::RotatingCode, _) => learning::check_in_by_code(tx, &acting(id), session_id, &code)?,
            (CheckIn::CardScan, Some(card)) => {
                learning::check_in_by_card(tx, vault, &teacher, session_id, &card_number(card))?
            }
            (CheckIn::RollCall, _) | (CheckIn::CardScan, None) => {
                learning::roll_call(tx, &teacher, session_id, id)?
            }
        };
    }
    if let Some(headcount) = &session.headcount {
        let visitors = i64::from(headcount.visitors);
        learning::note_headcount(tx, &teacher, session_id, visitors, headcount.evidence)?;
    }
    Ok(())
}
