//! `xuecheng simulate`: a small city lives some days within seconds, on a database and through commands that are the real
//! ones, with clocks and chance that follow from a seed. Machines die, answers are lost, clocks jump; after each step it is
//! checked that what must hold holds. docs/reliability.md tells what is driven, broken and checked.

pub mod check;
mod day;
mod found;
mod ground;
mod ledger;
mod model;
mod named;
mod post;
mod rush;
mod steps;
mod wishes;
mod world;

use std::{collections::BTreeMap, collections::VecDeque, process::ExitCode, time::Duration};

#[cfg(test)]
pub use day::DAILY;
pub use ground::Ground;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Chance, Day};
#[cfg(test)]
pub use world::Plant;
use world::{Broken, World};
pub use world::{Setting, Weather};

/// Steps after which the journal is followed to its end and everything is compared.
const STEPS_PER_CHECK: u64 = 40;
/// Steps that are told when something does not hold.
const TOLD: usize = 12;
/// Steps at most, whatever the days.
const STEPS_MAX: u64 = 1_000_000;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lived {
    /// Steps taken.
    pub steps: u64,
    /// Facts that commands have left.
    pub facts: i64,
    /// SHA-256 over the leaves of the journal in the order of their positions.
    pub journal: String,
    /// SHA-256 over what each step did, and what had come of it by then.
    pub trace: String,
    /// SHA-256 over what kind each step was, on which process.
    pub script: String,
    /// Days that were lived to their end, and those of them that saw everything that a day must see.
    pub days: (u64, u64),
    /// How often what happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// How often a command was refused, as it had to be, by the code of the refusal.
    pub refusals: BTreeMap<&'static str, u64>,
    /// How many days did not see what most days see.
    pub missed: BTreeMap<&'static str, u64>,
}

/// Something did not hold.
#[derive(Debug)]
pub struct Failed {
    /// After which step, counted from 1; 0 while the city was founded.
    pub step: u64,
    /// Name of what must hold.
    pub rule: &'static str,
    /// What did not.
    pub what: String,
    /// The last steps, the failed one at the end.
    pub trail: Vec<String>,
}

/// The turn of a year comes soon, because counts and limits begin anew there.
fn first_day() -> Day {
    Day::of(2026, 12, 14).unwrap_or(Day(20_801))
}

/// Lives so many days, at most so many steps.
pub fn live(
    setting: Setting,
    days: u32,
    steps: u64,
    progress: &dyn Fn(u64, Day),
) -> Result<Lived, Box<Failed>> {
    let first = first_day();
    let failed = |step, broken: Broken, trail: &VecDeque<String>| {
        let Broken { rule, what } = broken;
        Box::new(Failed { step, rule, what, trail: trail.iter().cloned().collect() })
    };
    let mut trail = VecDeque::new();
    let opened = World::open(setting, first.at(8 * 60)).map_err(Broken::from);
    let mut world = opened.map_err(|broken| failed(0, broken, &trail))?;
    found::found(&mut world).map_err(|broken| failed(0, broken, &trail))?;
    let last = first.plus(i32::try_from(days).unwrap_or(i32::MAX / 2));
    let (mut step, mut trace, mut script) = (0, [0; 32], String::new());
    while step < steps && world.today() < last {
        step += 1;
        let mut log = String::new();
        let mut outcome = steps::one(&mut world, step, &mut log, &mut script);
        if outcome.is_ok() && step % STEPS_PER_CHECK == 0 {
            log += "; everything is followed and compared";
            outcome = steps::settle(&mut world);
        }
        let after = format!("{log}\n{} {} {:?}", world.facts, world.today(), world.counts);
        trace = seal::sha256(&[&trace, after.as_bytes()].concat());
        trail.push_back(log);
        if trail.len() > TOLD {
            trail.pop_front();
        }
        outcome.map_err(|broken| failed(step, broken, &trail))?;
        progress(step, world.today());
    }
    let end = steps::settle(&mut world).and_then(|()| post::finish(&mut world));
    let end = end.and_then(|()| steps::rebuild(&mut world)).and_then(|()| steps::settle(&mut world));
    let journal = end.and_then(|()| Ok(check::digest(&world.processes[0].store)?));
    let journal = journal.map_err(|broken| failed(step, broken, &trail))?;
    Ok(Lived {
        steps: step,
        facts: world.facts,
        journal,
        trace: seal::hex(&trace),
        script: seal::hex(&seal::sha256(script.as_bytes())),
        days: world.agenda.days,
        counts: world.counts.clone(),
        refusals: world.refusals.clone(),
        missed: world.agenda.missed.clone(),
    })
}

/// Runs the simulation and prints what came of it.
pub fn run(
    seed: u64,
    days: u32,
    steps: Option<u64>,
    database: Option<&str>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let unique: [u8; 4] = Chance::from_system().bytes();
    let name = format!("simulate_{seed}_{}", seal::hex(&unique));
    let ground = Ground::new(database, &name).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let bar = ProgressBar::new(u64::from(days));
    bar.set_style(ProgressStyle::with_template("{bar:30} day {pos} of {len}, {msg} steps, {elapsed}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let begin = first_day();
    let progress = |step: u64, today: Day| {
        bar.set_position(u64::try_from(today.0 - begin.0).unwrap_or(0));
        bar.set_message(step.to_string());
    };
    let setting = Setting {
        location: ground.location.clone(),
        seed,
        weather: Weather::ALL,
        #[cfg(test)]
        plant: None,
        consumers: crate::city::consumers(),
    };
    let lived = live(setting, days, steps.unwrap_or(STEPS_MAX), &progress);
    let elapsed = bar.elapsed();
    bar.finish_and_clear();
    match lived {
        Ok(lived) => {
            let per_second = lived.steps as f64 / elapsed.as_secs_f64().max(0.001);
            if json {
                let told = serde_json::json!({
                    "ok": true, "seed": seed, "days": days, "steps": lived.steps, "facts": lived.facts,
                    "journal": lived.journal, "trace": lived.trace, "script": lived.script, "whole_days": lived.days.1,
                    "steps_per_second": per_second.round(), "counts": lived.counts, "refusals": lived.refusals,
                });
                println!("{told}");
            } else {
                println!(
                    "seed {seed}: {} steps in {:.1} s ({per_second:.0} a second), {} facts of commands",
                    lived.steps,
                    elapsed.as_secs_f64(),
                    lived.facts,
                );
                println!("days {}, of which saw everything {}", lived.days.0, lived.days.1);
                for (what, times) in &lived.counts {
                    println!("{times:>8} {what}");
                }
                println!("refused {:?}\ndays without {:?}", lived.refusals, lived.missed);
                println!("journal {}\ntrace   {}\nscript  {}", lived.journal, lived.trace, lived.script);
                println!("green: everything held");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failed) => {
            if json {
                let told = serde_json::json!({
                    "ok": false, "seed": seed, "step": failed.step, "rule": failed.rule, "what": failed.what, "trail": failed.trail,
                });
                println!("{told}");
            } else {
                for line in &failed.trail {
                    println!("  {line}");
                }
                println!("FALSE {}: {}", failed.rule, failed.what);
                println!("red: seed {seed}, step {}", failed.step);
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
