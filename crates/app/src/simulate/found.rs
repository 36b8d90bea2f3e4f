//! The city before the first step.

use std::sync::atomic::Ordering;

use kernel::{Day, Role};
use store::Statement;

use super::{
    model::{Cmd, Doer, Ix},
    steps::newcomer,
    wishes::{STAFF, open_class},
    world::{Outcome, Sent, World},
};

/// The city as it is on the first morning.
pub fn found(world: &mut World) -> Outcome {
    let store = world.processes[0].store.clone();
    store::migrate(&store, &crate::city::migrations())?;
    let city = store.write_blocking("simulate.found", |tx| {
        catalog::testing::some_subjects(tx)?;
        network::testing::small_city(tx)
    })?;
    let since = Day(18_500);
    let tree: [(_, &[Ix]); 6] = [
        (city.top, &[0]),
        (city.college, &[1, 0]),
        (city.school, &[2, 1, 0]),
        (city.centre, &[3, 2, 1, 0]),
        (city.other_college, &[4, 0]),
        (city.other_school, &[5, 4, 0]),
    ];
    for (id, above) in tree {
        let above = above.iter().map(|ix| (*ix, since)).collect();
        world.model.orgs.push(super::model::OrgNode { id, above });
    }
    let (facts,): (i64,) =
        store.read_blocking(|tx| tx.one(Statement::dynamic("SELECT count(*) FROM fact".to_owned()), &[]))?;
    world.facts = facts;
    let send = |world: &mut World, doer: Doer, cmd: Cmd| {
        let key = world.key();
        world.send(0, &Sent { doer, cmd, key }, None, None)
    };
    for _ in 0..STAFF + 12 {
        newcomer(world, 0)?;
    }
    let posts = [
        (0, Role::Head, 0),
        (1, Role::Head, 1),
        (2, Role::SecurityAdministrator, 0),
        (3, Role::Staff, 5),
        (4, Role::Teacher, 3),
        (5, Role::Teacher, 2),
        (6, Role::Teacher, 5),
    ];
    for (person, role, org) in posts {
        send(world, Doer::Program, Cmd::Grant { person, role, org })?;
    }
    for org in [1, 2, 3, 3, 5] {
        send(world, Doer::Person(0), Cmd::Draft { org })?;
        let offer = world.model.offers.len() - 1;
        send(world, Doer::Person(0), Cmd::Publish { offer })?;
        let cmd = open_class(world, offer, world.now(0).day());
        send(world, Doer::Person(0), cmd)?;
        world.time.fetch_add(1_000, Ordering::SeqCst);
    }
    Ok(())
}
