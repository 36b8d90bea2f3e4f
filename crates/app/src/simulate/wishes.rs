//! What people want, when they come to the program.

use std::sync::atomic::Ordering;

use kernel::{Day, Role, Timestamp};

use super::{
    model::{Cmd, Doer, Ix, window},
    world::{Sent, World},
};

/// The people who are given roles at the beginning; everybody after them is a resident.
pub const STAFF: usize = 7;
/// Residents who come all the time: only where few people are in many classes, limits of a day and two places at once are reached.
const KEEN: usize = 6;

pub fn register(world: &World) -> Cmd {
    let n = world.model.people.len() as u64 + 1;
    let card = people::CardNumber::of_serial(n).digits().to_owned();
    Cmd::Register { card, phone: format!("138{n:08}") }
}

/// A session that can be recorded about now.
pub fn near(world: &World, now: Timestamp) -> Option<Vec<Ix>> {
    let all: Vec<Ix> = (0..world.model.sessions.len())
        .filter(|ix| {
            let session = &world.model.sessions[*ix];
            let open = world.model.classes[session.class].open;
            open && session.from.plus_minutes(-40) <= now && now <= session.to.plus_minutes(20)
        })
        .collect();
    (!all.is_empty()).then_some(all)
}

fn resident(world: &mut World) -> Ix {
    let living = world.model.living(STAFF);
    let among = if world.once_in(4) { living.len() } else { living.len().min(KEEN) };
    living[world.below(among)]
}

/// Who may do something at a class, most of the time.
fn keeper(world: &mut World, class: Ix) -> Doer {
    match world.below(8) {
        0 => {
            let living = world.model.living(0);
            Doer::Person(living[world.below(living.len())])
        }
        1 => Doer::Person(world.below(STAFF)),
        _ => Doer::Person(world.model.classes[class].teacher),
    }
}

/// Somebody wants something.
pub fn somebody(world: &mut World, process: usize) -> Sent {
    let key = world.key();
    let (doer, cmd) = wish(world, process);
    Sent { doer, cmd, key }
}

fn wish(world: &mut World, process: usize) -> (Doer, Cmd) {
    let now = world.now(process);
    if world.once_in(3)
        && let Some(due) = agenda(world, now)
    {
        return due;
    }
    if let Some(sessions) = near(world, now)
        && !world.once_in(3)
    {
        let session = sessions[world.below(sessions.len())];
        return in_the_room(world, session);
    }
    match world.below(22) {
        0..=8 => seat(world),
        9..=12 => afterwards(world),
        13..=16 => offers(world, now),
        17 => roles(world),
        18 => (Doer::Program, register(world)),
        19 => ask_code(world),
        20 => revoke_certificate(world),
        _ if world.model.orgs.len() > 14 => seat(world),
        _ => {
            let parent = world.below(world.model.orgs.len());
            let doer = Doer::Person(world.below(3));
            (doer, Cmd::FoundOrg { parent, name: format!("第{}学习点", world.model.orgs.len()) })
        }
    }
}

/// Something that today has not seen, from somebody who may do it.
fn agenda(world: &mut World, now: Timestamp) -> Option<(Doer, Cmd)> {
    let left = world.agenda.left();
    if left.is_empty() {
        return None;
    }
    let head = Doer::Person(0);
    // The third one is the security administrator.
    let appointing = |role: Role| Doer::Person(if role.is_administrator() { 2 } else { 0 });
    let what = left[world.below(left.len())];
    let pick = world.below(usize::MAX);
    let one = |all: Vec<Ix>| if all.is_empty() { None } else { Some(all[pick % all.len()]) };
    let pair = |all: Vec<(Ix, Ix)>| if all.is_empty() { None } else { Some(all[pick % all.len()]) };
    let model = &world.model;
    let offers = |published: bool| {
        (0..model.offers.len()).filter(|ix| model.offers[*ix].published == published).collect()
    };
    let records = || {
        let valid = model.attended.iter().filter(|(_, seen)| seen.valid);
        valid.map(|(own, _)| *own).collect::<Vec<_>>()
    };
    let teacher = |session: Ix| Doer::Person(model.classes[model.sessions[session].class].teacher);
    Some(match what {
        "registered" => (Doer::Program, register(world)),
        "offer drafted" => (head, Cmd::Draft { org: pick % model.orgs.len().min(6) }),
        "offer published" => (head, Cmd::Publish { offer: one(offers(false))? }),
        "offer withdrawn" => {
            let published: Vec<Ix> = offers(true);
            if published.len() < 6 {
                return None;
            }
            (head, Cmd::Withdraw { offer: one(published)? })
        }
        "class opened" => {
            let offer = one(offers(true))?;
            (head, open_class(world, offer, now.day()))
        }
        "seat given back" => {
            let all = model.seats.iter().filter(|(own, seated)| **seated && model.starts(own.0) > now);
            let (class, person) = pair(all.map(|(own, _)| *own).collect())?;
            if model.people[person].erased {
                return None;
            }
            (Doer::Person(person), Cmd::Cancel { class, person })
        }
        "came too late" => {
            let over =
                |ix: &Ix| model.sessions[*ix].to < now && now < model.sessions[*ix].to.plus_minutes(24 * 60);
            let session = one((0..model.sessions.len()).filter(over).collect())?;
            let person = one(model.living(STAFF))?;
            world.agenda.did("came too late");
            world.count("came too late");
            return Some((Doer::Person(person), Cmd::Code { session, code: "000000".to_owned() }));
        }
        "code shown" => {
            let session = one((0..model.sessions.len())
                .filter(|ix| model.classes[model.sessions[*ix].class].open)
                .collect())?;
            (teacher(session), Cmd::ShowCode { session })
        }
        "ticked off" => {
            let begun =
                |ix: &Ix| model.sessions[*ix].from < now && model.classes[model.sessions[*ix].class].open;
            let all = (0..model.sessions.len()).filter(begun).flat_map(|session| {
                let class = model.sessions[session].class;
                let seats = model.seats.range((class, 0)..(class + 1, 0)).filter(|(_, seated)| **seated);
                seats.map(move |((_, person), _)| (session, *person))
            });
            let (session, person) = pair(all.filter(|own| !model.attended.contains_key(own)).collect())?;
            (teacher(session), Cmd::Roll { session, person })
        }
        "visitors counted" => {
            let begun = |ix: &Ix| model.sessions[*ix].from < now;
            let session = one((0..model.sessions.len()).filter(begun).collect())?;
            (teacher(session), Cmd::Visitors { session, count: 1 + pick as i64 % 30 })
        }
        "headcount reversed" => {
            let valid = (0..model.visitors.len()).filter(|ix| model.visitors[*ix].valid).collect();
            let headcount = one(valid)?;
            (teacher(model.visitors[headcount].session), Cmd::UnVisitors { headcount })
        }
        "minutes corrected" => {
            let (session, person) = pair(records())?;
            let minutes = pick as i64 % (model.sessions[session].minutes() + 1);
            (teacher(session), Cmd::Minutes { session, person, minutes })
        }
        "attendance reversed" => {
            let (session, person) = pair(records())?;
            (teacher(session), Cmd::Reverse { session, person })
        }
        "class closed" => {
            let over = |ix: &Ix| model.classes[*ix].open && model.ends(*ix) < now;
            let class = one((0..model.classes.len()).filter(over).collect())?;
            (Doer::Person(model.classes[class].teacher), Cmd::Close { class })
        }
        "certificate revoked" => {
            let valid = model.issued.iter().filter(|(_, issued)| issued.valid).map(|(own, _)| *own).collect();
            let (class, person) = pair(valid)?;
            (head, Cmd::RevokeCertificate { class, person })
        }
        "role given" => {
            let (person, org) = (2 + pick % 6, pick / 6 % model.orgs.len());
            let role = [Role::Teacher, Role::Staff, Role::Head, Role::Auditor][pick / 7 % 4];
            (appointing(role), Cmd::Grant { person, role, org })
        }
        "role taken" => {
            // The first three keep theirs: without them nothing would go on.
            let held = model.roles.iter().filter(|((person, _, _), (_, from, to))| {
                *person > 2 && *from <= now.day() && to.is_none_or(|to| to > now.day())
            });
            let held: Vec<_> = held.map(|((person, _, org), (role, _, _))| (*person, *role, *org)).collect();
            let (person, role, org) = if held.len() < 4 { return None } else { held[pick % held.len()] };
            (appointing(role), Cmd::Revoke { person, role, org })
        }
        "person erased" => {
            let living = model.living(STAFF);
            if living.len() < KEEN + 8 {
                return None;
            }
            // Sometimes one of those who have learned much.
            let person = if pick.is_multiple_of(4) {
                living[pick % KEEN]
            } else {
                living[KEEN + pick % (living.len() - KEEN)]
            };
            (if pick.is_multiple_of(3) { Doer::Program } else { Doer::Person(person) }, Cmd::Erase { person })
        }
        "code asked for" => ask_code(world),
        _ => return None,
    })
}

fn ask_code(world: &mut World) -> (Doer, Cmd) {
    let person = resident(world);
    (Doer::Program, Cmd::AskCode { phone: world.model.people[person].phone.clone() })
}

fn revoke_certificate(world: &mut World) -> (Doer, Cmd) {
    let all: Vec<(Ix, Ix)> = world.model.issued.keys().copied().collect();
    if all.is_empty() {
        return ask_code(world);
    }
    let (class, person) = all[world.below(all.len())];
    let doer = Doer::Person(world.below(STAFF + 2));
    (doer, Cmd::RevokeCertificate { class, person })
}

fn in_the_room(world: &mut World, session: Ix) -> (Doer, Cmd) {
    let class = world.model.sessions[session].class;
    let seated: Vec<Ix> =
        world.model.living(0).into_iter().filter(|who| world.model.seated(class, *who)).collect();
    let here = |who: &Ix| world.model.attended.contains_key(&(session, *who));
    let missing: Vec<Ix> = seated.iter().copied().filter(|who| !here(who)).collect();
    let person = match world.below(8) {
        0..=4 if !missing.is_empty() => missing[world.below(missing.len())],
        0..=5 if !seated.is_empty() => seated[world.below(seated.len())],
        _ => resident(world),
    };
    // Who sees the code on the wall enters it.
    if let Some((code, shown)) = world.model.sessions[session].shown.last().cloned()
        && (window(Timestamp::from_millis(world.time.load(Ordering::SeqCst))) - shown).abs() <= 1
        && !world.once_in(3)
    {
        return (Doer::Person(person), Cmd::Code { session, code });
    }
    match world.below(12) {
        0..=1 => (keeper(world, class), Cmd::ShowCode { session }),
        2..=5 => {
            // The newest code, an older one, one of another room, or an invented one.
            let own = world.model.sessions[session].shown.last().cloned();
            let all: Vec<String> =
                world.model.sessions.iter().flat_map(|s| &s.shown).map(|(code, _)| code.clone()).collect();
            let code = match (own, world.below(6)) {
                (Some((code, _)), 0..=3) => code,
                _ if !all.is_empty() => all[world.below(all.len())].clone(),
                _ => "000000".to_owned(),
            };
            (Doer::Person(person), Cmd::Code { session, code })
        }
        6..=7 => {
            let person = if world.once_in(6) { None } else { Some(person) };
            (keeper(world, class), Cmd::Card { session, person })
        }
        8..=9 => (keeper(world, class), Cmd::Roll { session, person }),
        10 => {
            let count = world.below(30) as i64;
            (keeper(world, class), Cmd::Visitors { session, count })
        }
        _ => (Doer::Person(person), Cmd::SignUp { class, person }),
    }
}

fn seat(world: &mut World) -> (Doer, Cmd) {
    let person = resident(world);
    let classes = world.model.classes.len();
    // Mostly the newest, where there are seats and people compete for them.
    let class =
        if world.once_in(4) { world.below(classes) } else { classes - 1 - world.below(classes.min(5)) };
    let doer = if world.once_in(6) { Doer::Person(world.below(STAFF)) } else { Doer::Person(person) };
    if world.once_in(5) {
        (doer, Cmd::Cancel { class, person })
    } else {
        (doer, Cmd::SignUp { class, person })
    }
}

/// Minutes are corrected, records taken back, classes closed.
fn afterwards(world: &mut World) -> (Doer, Cmd) {
    let known: Vec<(Ix, Ix)> = world.model.attended.keys().copied().collect();
    let which = world.below(8);
    if let Some((session, person)) = known.get(world.below(known.len())).copied()
        && which < 4
    {
        let class = world.model.sessions[session].class;
        let cmd = if which == 0 {
            Cmd::Reverse { session, person }
        } else {
            let most = world.model.sessions[session].minutes();
            Cmd::Minutes { session, person, minutes: world.below(most as usize + 3) as i64 }
        };
        return (keeper(world, class), cmd);
    }
    if which == 4 && !world.model.visitors.is_empty() {
        let headcount = world.below(world.model.visitors.len());
        let class = world.model.sessions[world.model.visitors[headcount].session].class;
        return (keeper(world, class), Cmd::UnVisitors { headcount });
    }
    let open: Vec<Ix> = (0..world.model.classes.len()).filter(|c| world.model.classes[*c].open).collect();
    let class = open.get(world.below(open.len())).copied().unwrap_or(0);
    (keeper(world, class), Cmd::Close { class })
}

fn offers(world: &mut World, now: Timestamp) -> (Doer, Cmd) {
    let doer = Doer::Person(world.below(STAFF));
    let offer = world.below(world.model.offers.len());
    match world.below(8) {
        0 => (doer, Cmd::Draft { org: world.below(world.model.orgs.len()) }),
        1 => (doer, Cmd::Publish { offer }),
        2 if world.once_in(3) => (doer, Cmd::Withdraw { offer }),
        _ => {
            let cmd = open_class(world, offer, now.day());
            (Doer::Person(world.below(2)), cmd)
        }
    }
}

/// A class of one to three meetings within the next days.
pub fn open_class(world: &mut World, offer: Ix, today: Day) -> Cmd {
    let mut sessions = Vec::new();
    let mut day = today;
    for _ in 0..=world.below(3) {
        day = day.plus(1 + world.below(2) as i32);
        let from = day.at([8, 9, 10, 13, 14, 15, 18][world.below(7)] * 60);
        sessions.push((from, from.plus_minutes([45, 90, 120, 240, 240, 240][world.below(6)])));
    }
    Cmd::OpenClass { offer, teacher: 3 + world.below(4), capacity: 1 + world.below(7) as i64, sessions }
}

fn roles(world: &mut World) -> (Doer, Cmd) {
    let doer = Doer::Person(world.below(3));
    let person = 2 + world.below(6);
    let org = world.below(world.model.orgs.len());
    let role = [Role::Teacher, Role::Staff, Role::Head, Role::Auditor][world.below(4)];
    if world.once_in(2) {
        (doer, Cmd::Revoke { person, role, org })
    } else {
        (doer, Cmd::Grant { person, role, org })
    }
}
