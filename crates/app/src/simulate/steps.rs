//! One step of the simulation: somebody does something, or something happens to the machines.

use std::sync::{Mutex, PoisonError, atomic::Ordering, mpsc};

use journal::step;
use kernel::{Chance, Timestamp};
use learning::facts::Attended;
use store::{Engine, Fault, Statement, params};

use super::{
    check,
    model::{Cmd, Doer},
    post,
    rush::rush,
    wishes::{near, register, somebody},
    world::{Broken, Outcome, Sent, World},
};

const MINUTE: i64 = 60_000;
/// What a step is, before anything of it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jump,
    Death,
    Job,
    Post,
    Late,
    Rush,
    Command,
}

/// Does one step and says what it was. What was to be done is also told to `script`, without what came of it.
pub fn one(world: &mut World, number: u64, log: &mut String, script: &mut String) -> Outcome {
    // Each step draws from a source of its own: however a race ends, the next step is the same.
    let mut text = world.seed.to_be_bytes().to_vec();
    text.extend(number.to_be_bytes());
    let digest = seal::sha256(&text);
    world.chance = Chance::seeded(u64::from_be_bytes(digest[..8].try_into().unwrap_or_default()));
    let process = world.below(world.processes.len());
    let kind = match world.below(100) {
        0..=1 if world.weather.clocks => Kind::Jump,
        4..=6 if world.weather.deaths => Kind::Death,
        7..=24 => Kind::Job,
        25..=30 => Kind::Post,
        31..=35 if world.weather.late => Kind::Late,
        36..=37 => Kind::Rush,
        _ => Kind::Command,
    };
    *script += &format!("{number} {kind:?} {process}\n");
    world.agenda.begin(world.today());
    pass_time(world, log);
    let outcome = match kind {
        Kind::Jump => {
            jump(world, process, log);
            Ok(())
        }
        Kind::Death => {
            *log += &format!("process {process} dies");
            world.crash(process).map_err(Broken::from)
        }
        Kind::Job => job(world, process, log),
        Kind::Post => {
            *log += &format!("process {process} carries a message");
            let fault = fault(world);
            post::carry(world, process, fault, log).map(|_| ())
        }
        Kind::Late => late(world, log),
        Kind::Rush => rush(world, log),
        Kind::Command => deliver_one(world, process, log),
    };
    // What is broken in the records says more than the answer that told of it.
    let other = world.below(world.processes.len());
    check::cheap(world, other)?;
    outcome?;
    check::kept(world, other)
}

fn deliver_one(world: &mut World, process: usize, log: &mut String) -> Outcome {
    let sent = somebody(world, process);
    let asks = matches!(sent.cmd, Cmd::AskCode { .. });
    deliver(world, process, sent, log)?;
    if asks && !world.once_in(3) {
        post::carry(world, process, None, log)?;
    }
    Ok(())
}

/// Some milliseconds pass, or the time until something happens again; the night comes when the day has seen everything.
fn pass_time(world: &mut World, log: &mut String) {
    let now = world.time.load(Ordering::SeqCst);
    let running = near(world, Timestamp::from_millis(now)).is_some();
    let leap = if running { world.once_in(25) } else { world.once_in(5) };
    let (seconds, minutes, late) = (world.below(9_000) as i64, world.below(60) as i64, world.once_in(4));
    let hours = 1 + world.below(9 * 60) as i64;
    let mut then = now + 1 + seconds;
    if leap {
        let soon = world.model.sessions.iter().map(|s| s.from.millis()).filter(|from| *from > now).min();
        let wished = match soon {
            Some(from) if from < now + 20 * 60 * MINUTE && !late => {
                (from - 35 * MINUTE + minutes * MINUTE).max(then)
            }
            _ => now + hours * MINUTE,
        };
        let midnight = world.today().plus(1).at(0).millis();
        if wished < midnight || world.agenda.may_end() {
            then = wished;
            *log += &format!("it is {}; ", Timestamp::from_millis(then).minute_text());
        } else {
            then = then.min(midnight - 1).max(now + 1);
        }
    }
    world.time.store(then, Ordering::SeqCst);
    // Sooner or later a clock that is wrong is set right.
    for process in 0..world.processes.len() {
        let right = world.once_in(15);
        let skew = &world.processes[process].clock.skew_ms;
        if right && skew.swap(0, Ordering::SeqCst) != 0 {
            *log += &format!("the clock of process {process} is set right; ");
        }
    }
}

/// The clock of one machine jumps, or is set right.
fn jump(world: &mut World, process: usize, log: &mut String) {
    const JUMPS: [i64; 8] =
        [3_000, 3_000, 45_000, 45_000, 10 * MINUTE, 3 * 60 * MINUTE, 26 * 60 * MINUTE, 50 * 60 * MINUTE];
    let size = JUMPS[world.below(JUMPS.len())];
    let skew = if world.once_in(2) { size } else { -size };
    world.processes[process].clock.skew_ms.store(skew, Ordering::SeqCst);
    *log += &format!("the clock of process {process} is off by {skew} ms");
    world.count("clock jump");
}

fn fault(world: &mut World) -> Option<Fault> {
    let (which, statement) = (world.below(24), world.below(12) as u32);
    match which {
        _ if !world.weather.deaths => None,
        0 => Some(Fault::AtStatement(statement)),
        1 => Some(Fault::BeforeCommit),
        2 => Some(Fault::AfterCommit),
        _ => None,
    }
}

/// The sequencer, a consumer, or the sealer does its next piece of work on this process.
fn job(world: &mut World, process: usize, log: &mut String) -> Outcome {
    let which = world.below(world.consumers.len() + 4);
    let fault = fault(world);
    *log += &format!("job {which} on process {process} {fault:?}");
    world.count("job");
    match which {
        0 => seal(world, process),
        1..=3 => sequence(world, process, fault).map(|_| ()),
        n => consume(world, process, n - 4, fault).map(|_| ()),
    }
}

fn seal(world: &World, process: usize) -> Outcome {
    world.sealer.seal(&world.processes[process].store)?;
    Ok(())
}

/// What a job did; a lost answer counts as nothing, it is done again anyway.
fn done(got: kernel::Result<usize>, fault: Option<Fault>) -> Outcome<usize> {
    match got {
        Ok(moved) => Ok(moved),
        Err(error) if fault.is_some() && error.code().name.starts_with("store.un") => Ok(0),
        Err(error) => Err(Broken::new(check::RUNS, format!("a job failed: {error:?}"))),
    }
}

fn sequence(world: &World, process: usize, fault: Option<Fault>) -> Outcome<usize> {
    let process = &world.processes[process];
    process.next.set(fault);
    let got = process.store.write_blocking("journal.sequence", journal::sequence);
    process.next.set(None);
    done(got, fault)
}

fn consume(world: &mut World, process: usize, which: usize, fault: Option<Fault>) -> Outcome<usize> {
    let consumer = world.consumers[which].clone();
    let name = consumer.name();
    let before = position(world, process, name)?;
    let (now, machine) = (world.now(process), &world.processes[process]);
    machine.next.set(fault);
    let got = machine.store.write_blocking(name, move |tx| step(tx, consumer.as_ref()));
    machine.next.set(None);
    let moved = done(got, fault)?;
    // A cursor that has moved says that the work was done, whatever answer was lost.
    if name == "bank.credit" && position(world, process, name)? != before {
        follow(world, now);
    }
    Ok(moved)
}

fn position(world: &World, process: usize, name: &'static str) -> Outcome<i64> {
    Ok(world.processes[process].store.read_blocking(move |tx| journal::position_of(tx, name))?)
}

/// Lets the ledger of the model read what the reactor was given.
fn follow(world: &mut World, now: Timestamp) {
    let given = std::mem::take(&mut *world.given.lock().unwrap_or_else(PoisonError::into_inner));
    for (kind, payload) in given {
        if let Ok(told) = serde_json::from_str::<Attended>(&payload) {
            world.ledger.follow(&kind, &told, now);
        }
    }
}

/// Follows the journal to its end on one process, seals, and checks everything.
pub fn settle(world: &mut World) -> Outcome {
    let process = world.below(world.processes.len());
    catch_up(world, process)?;
    seal(world, process)?;
    check::full(world, process)
}

fn catch_up(world: &mut World, process: usize) -> Outcome {
    loop {
        let mut moved = 0;
        loop {
            let taken = sequence(world, process, None)?;
            moved += taken;
            if taken == 0 {
                break;
            }
        }
        for which in 0..world.consumers.len() {
            loop {
                let taken = consume(world, process, which, None)?;
                moved += taken;
                if taken == 0 {
                    break;
                }
            }
        }
        if moved == 0 {
            return Ok(());
        }
    }
}

/// Empties every projection, lets it read the journal from its beginning, and compares.
pub fn rebuild(world: &mut World) -> Outcome {
    let before = check::views(&world.processes[0].store)?;
    for consumer in world.consumers.clone() {
        world.processes[0].store.write_blocking("simulate.rebuild", move |tx| {
            if consumer.clear(tx)? {
                let text = "UPDATE consumer SET pos = 0 WHERE name = $1".to_owned();
                tx.exec(Statement::dynamic(text), params![consumer.name()])?;
            }
            Ok(())
        })?;
    }
    catch_up(world, 0)?;
    if check::views(&world.processes[0].store)? == before {
        return Ok(());
    }
    let what = "projections rebuilt from nothing differ from those that followed";
    Err(Broken::new(check::REBUILT, what))
}

/// On PostgreSQL: one process has its transaction open while another one works and consumers run; then it commits.
fn late(world: &mut World, log: &mut String) -> Outcome {
    let (slow, fast) = (0, 1);
    if world.processes[slow].store.engine() == Engine::Sqlite {
        return deliver_one(world, slow, log);
    }
    let mut sent = somebody(world, slow);
    for _ in 0..12 {
        let now = world.now(slow);
        if let Cmd::SignUp { .. } | Cmd::Visitors { .. } | Cmd::Roll { .. } | Cmd::Cancel { .. } = sent.cmd
            && world.model.expect(sent.doer, &sent.cmd, now).is_ok()
        {
            break;
        }
        sent = somebody(world, slow);
    }
    let (Cmd::SignUp { .. } | Cmd::Visitors { .. } | Cmd::Roll { .. } | Cmd::Cancel { .. }) = sent.cmd else {
        return deliver(world, slow, sent, log);
    };
    *log += &format!("{:?} by {:?} on process {slow}, commits late", sent.cmd, sent.doer);
    world.count("late commit");
    let now = world.now(slow);
    let expected = world.model.expect(sent.doer, &sent.cmd, now);
    let (opened, wait_opened) = mpsc::channel::<()>();
    let (go, may_commit) = mpsc::channel::<()>();
    let channels = Mutex::new((opened, may_commit));
    let (store, work) = (world.processes[slow].store.clone(), world.work(&sent));
    let late = std::thread::spawn(move || {
        store.write_blocking("simulate.late", move |tx| {
            let answer = work(tx);
            let channels = channels.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = channels.0.send(());
            let _ = channels.1.recv();
            answer
        })
    });
    let _ = wait_opened.recv();
    world.time.fetch_add(1_000, Ordering::SeqCst);
    let between = meanwhile(world, fast);
    let _ = go.send(());
    let got = late.join().map_err(|_| Broken::new(check::RUNS, "the late transaction panicked"))?;
    between?;
    world.settle(&sent, expected, got, None, now, None).map(|_| ())
}

/// A newcomer registers and everything that follows the journal runs, on rows that nobody holds.
fn meanwhile(world: &mut World, process: usize) -> Outcome {
    newcomer(world, process)?;
    sequence(world, process, None)?;
    for which in 0..world.consumers.len() {
        consume(world, process, which, None)?;
    }
    Ok(())
}

pub fn newcomer(world: &mut World, process: usize) -> Outcome {
    let sent = Sent { doer: Doer::Program, cmd: register(world), key: world.key() };
    world.send(process, &sent, None, None).map(|_| ())
}

/// Sends a command, sometimes with a fault; who gets no answer sends it again, to any process.
fn deliver(world: &mut World, process: usize, sent: Sent, log: &mut String) -> Outcome {
    // A code that was asked for too often is refused by a count that the model does not keep.
    let fault = fault(world).filter(|_| !matches!(sent.cmd, Cmd::AskCode { .. }));
    *log += &format!("{:?} by {:?} on process {process} {fault:?}", sent.cmd, sent.doer);
    world.count("command");
    let lost = world.counts.get("answer lost").copied();
    let mut answer = world.send(process, &sent, None, fault)?;
    if world.counts.get("answer lost").copied() != lost {
        if world.once_in(2) {
            world.crash(process)?;
        }
        let again = world.below(world.processes.len());
        let first = answer.clone().filter(|_| sent.cmd.keyed());
        let now_there = world.send(again, &sent, first.as_deref(), None)?;
        answer = answer.or(now_there);
    }
    // A hand that trembles sends the form twice.
    if let Some(first) = answer.filter(|_| sent.cmd.keyed() && !matches!(sent.cmd, Cmd::Register { .. }))
        && world.once_in(4)
    {
        let again = world.below(world.processes.len());
        world.count("sent twice");
        world.send(again, &sent, Some(&first), None)?;
    }
    Ok(())
}
