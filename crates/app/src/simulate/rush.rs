//! Many people at the same moment for few seats: on PostgreSQL through all processes at once, on SQLite in one group commit.

use kernel::Result;
use store::Fault;

use super::{
    check,
    model::{Cmd, Doer, Ix},
    world::{Broken, Outcome, Sent, World},
};

/// People who come at once.
const CROWD: usize = 8;

/// A class that takes sign-ups, whatever clock is asked.
fn class(world: &mut World) -> Option<Ix> {
    let latest = (0..world.processes.len()).map(|process| world.now(process)).max()?;
    let model = &world.model;
    let open: Vec<Ix> = (0..model.classes.len())
        .filter(|class| model.classes[*class].open && model.ends(*class) > latest)
        .collect();
    let free: Vec<Ix> =
        open.iter().copied().filter(|class| model.taken(*class) < model.classes[*class].capacity).collect();
    let among = if free.is_empty() { open } else { free };
    if among.is_empty() { None } else { Some(among[world.below(among.len())]) }
}

/// They come. Exactly as many get a seat as there are.
pub fn rush(world: &mut World, log: &mut String) -> Outcome {
    let Some(class) = class(world) else {
        *log += "nobody rushes, there is no open class";
        return Ok(());
    };
    let mut living = world.model.living(super::wishes::STAFF);
    let mut crowd = Vec::new();
    while crowd.len() < CROWD && !living.is_empty() {
        crowd.push(living.remove(world.below(living.len().min(12))));
    }
    let free = world.model.classes[class].capacity - world.model.taken(class);
    *log += &format!("{crowd:?} rush for {free} seats of class {class}");
    let sent: Vec<Sent> = crowd
        .iter()
        .map(|person| Sent {
            doer: Doer::Person(*person),
            cmd: Cmd::SignUp { class, person: *person },
            key: world.key(),
        })
        .collect();
    let got = at_once(world, &sent)?;
    let seated: Vec<bool> = crowd.iter().map(|person| world.model.seated(class, *person)).collect();
    let (mut won, mut lost) = (0, 0);
    for ((sent, got), seated) in sent.iter().zip(got).zip(&seated) {
        if let Err(error) = &got
            && error.is(&activities::FULL)
            && !seated
        {
            lost += 1;
            world.refused(error);
            continue;
        }
        won += i64::from(!seated);
        let expected = Ok(i64::from(!seated));
        let now = world.now(0);
        world.settle(sent, expected, got, None::<Fault>, now, None)?;
    }
    world.count("rush for seats");
    world.agenda.did("rush for seats");
    let due = free.max(0).min(won + lost);
    if won > due {
        return Err(Broken::new(
            check::SEATS,
            format!("oversold in a rush: {won} seats were given, {due} were there"),
        ));
    }
    if won < due {
        return Err(Broken::new(check::ANSWER, format!("in a rush {won} got a seat, {due} were there")));
    }
    Ok(())
}

/// Sends each command to a process, without waiting for the one before; answers in the order of sending.
fn at_once(world: &World, sent: &[Sent]) -> Outcome<Vec<Result<String>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Broken::new(check::RUNS, error.to_string()))?;
    let works: Vec<_> = sent
        .iter()
        .enumerate()
        .map(|(n, sent)| (world.processes[n % world.processes.len()].store.clone(), world.work(sent)))
        .collect();
    runtime.block_on(async move {
        let tasks: Vec<_> = works
            .into_iter()
            .map(|(store, work)| tokio::spawn(async move { store.write("simulate.rush", work).await }))
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.map_err(|error| Broken::new(check::RUNS, error.to_string()))?);
        }
        Ok(answers)
    })
}
