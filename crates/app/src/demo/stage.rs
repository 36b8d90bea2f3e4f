//! Today's class of the guided demonstration: whenever the demonstration starts, there is one to join.

use anyhow::{Context, Result, anyhow};
use catalog::OfferId;
use kernel::{Actor, Id, Person, Role, Timestamp};

use crate::{
    city::City,
    demo::{CastList, plan, set, setting},
    settings,
};

/// Roles of the contract and the settings under which their people are remembered.
const ROLES: [(&str, &str); 7] = [
    ("resident", "demo.cast.resident"),
    ("teacher", "demo.cast.teacher"),
    ("centre", "demo.cast.centre"),
    ("school", "demo.cast.school"),
    ("college", "demo.cast.college"),
    ("city", "demo.cast.city"),
    ("auditor", "demo.cast.auditor"),
];
/// Administrators who are appointed beside the cast of the plan, so that cities of before get them too.
const ADMINISTRATORS: [(&str, &str, &str, Role); 2] = [
    ("system", "demo.cast.system", "熊维安", Role::SystemAdministrator),
    ("security", "demo.cast.security", "简慎言", Role::SecurityAdministrator),
];
const NEIGHBOUR: &str = "demo.cast.neighbour";
const OFFER: &str = "demo.cast.offer";
/// The class began so many minutes ago, so that everybody can check in at once.
const BEGAN_MINUTES_AGO: i64 = 5;
/// Its length.
const MINUTES: i64 = 90;
/// Its seats.
const SEATS: i64 = 24;

/// Remembers who plays whom.
pub fn remember(city: &City, cast: &plan::Cast, people: &[Id<Person>], offer: OfferId) -> Result<()> {
    let players =
        [cast.resident, cast.teacher, cast.centre, cast.school, cast.college, cast.city, cast.auditor];
    for ((_, key), player) in ROLES.into_iter().zip(players) {
        set(city, key, &people[player.0 as usize].to_string())?;
    }
    set(city, NEIGHBOUR, &people[cast.neighbour.0 as usize].to_string())?;
    set(city, OFFER, &offer.to_string())
}

/// Who plays whom.
pub fn cast(city: &City) -> Result<CastList> {
    let others = ADMINISTRATORS.map(|(role, key, ..)| (role, key));
    ROLES.into_iter().chain(others).map(|(role, key)| Ok((role, person(city, key)?))).collect()
}

/// Appoints the administrators that are not there yet.
pub fn administrators(city: &City) -> Result<()> {
    for (_, key, name, role) in ADMINISTRATORS {
        if setting(city, key)?.is_some() {
            continue;
        }
        let vault = city.vault.clone();
        let appoint = move |tx: &mut store::Tx| {
            let org = network::top_org(tx)?.ok_or_else(kernel::Error::missing)?.org_id;
            let cmd = people::Register { name: name.to_owned(), demo: true, ..people::Register::default() };
            let person = people::register(tx, &vault, &Actor::System("demo"), &cmd)?;
            people::consent(tx, &Actor::System("demo"), person, people::PRIVACY_NOTICE)?;
            people::grant_role(tx, &Actor::System("demo"), &people::RoleAt { person, role, org })?;
            settings::set_in(tx, key, &person.to_string())
        };
        city.store
            .write_blocking("demo.administrators", appoint)
            .map_err(|error| anyhow!("an administrator cannot be appointed: {error:?}"))?;
    }
    Ok(())
}

fn person(city: &City, key: &'static str) -> Result<Id<Person>> {
    let text = setting(city, key)?.with_context(|| format!("the demonstration does not know its {key}"))?;
    text.parse().map_err(|error| anyhow!("{error:?}"))
}

/// Opens the class of the day unless one is running.
pub fn today(city: &City) -> Result<()> {
    let teacher = person(city, "demo.cast.teacher")?;
    let neighbour = person(city, NEIGHBOUR)?;
    let offer_id: OfferId = setting(city, OFFER)?
        .context("the demonstration has no offer")?
        .parse()
        .map_err(|e| anyhow!("{e:?}"))?;
    city.store
        .write_blocking("demo.stage", move |tx| {
            let now = tx.now();
            let near = activities::sessions_of_teacher(
                tx,
                teacher,
                now.plus_minutes(-MINUTES),
                now.plus_minutes(MINUTES),
            )?;
            let running = near.iter().any(|(session, class)| {
                class.is_open()
                    && session.ends_at > now.plus_minutes(30)
                    && session.starts_at <= now.plus_minutes(30)
            });
            if running {
                return Ok(());
            }
            let offer = catalog::offer(tx, offer_id)?.ok_or_else(kernel::Error::missing)?;
            let org = network::org(tx, offer.org_id)?.ok_or_else(kernel::Error::missing)?;
            // Whole minutes, after whatever the teacher holds now.
            let from =
                Timestamp::from_millis(now.millis() / 60_000 * 60_000).plus_minutes(-BEGAN_MINUTES_AGO);
            let from =
                near.iter().map(|(session, _)| session.ends_at).max().map_or(from, |end| end.max(from));
            let cmd = activities::OpenClass {
                org_id: offer.org_id,
                offer_id,
                title: offer.title.clone(),
                teacher_id: Some(teacher),
                capacity: SEATS,
                venue: org.name.clone(),
                room: "书画室".to_owned(),
                sessions: vec![(from, from.plus_minutes(MINUTES))],
                demo: true,
            };
            let opened = activities::open_class(tx, &Actor::System("demo"), &cmd)?;
            let seat = activities::SignUp { class_id: opened.class_id, person_id: neighbour };
            activities::sign_up(tx, &Actor::System("demo"), &seat)?;
            Ok(())
        })
        .map_err(|error| anyhow!("today's class cannot be opened: {error:?}"))
}
