//! Messages on their way to people, and the provider who carries them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::Timestamp;
use notify::{Failure, Gateway, Message, Outbox, deliver_next};
use store::{Fault, Statement};

use super::{
    check,
    world::{Broken, Outcome, World},
};

/// Number and text; a code is drawn anew for each message.
type Name = (String, String);

/// What the provider says to the next message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Takes,
    Later,
    Never,
}

#[derive(Default)]
struct Provider(Mutex<State>);

#[derive(Default)]
struct State {
    mood: Mood,
    /// How often each message was taken.
    taken: BTreeMap<Name, u32>,
    last: Option<Name>,
}

impl Provider {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway for Provider {
    fn send(&self, _: Timestamp, message: &Message) -> Result<(), Failure> {
        let mut state = self.state();
        match state.mood {
            Mood::Takes => {
                let name = (message.phone.clone(), message.text.clone());
                *state.taken.entry(name.clone()).or_default() += 1;
                state.last = Some(name);
                Ok(())
            }
            Mood::Later => Err(Failure::Later("the provider is busy".to_owned())),
            Mood::Never => Err(Failure::Never("the provider refuses the number".to_owned())),
        }
    }
}

/// The city's outgoing post.
pub struct Post {
    outbox: Outbox,
    provider: Arc<Provider>,
    /// Messages that commands have left.
    pub asked: i64,
    /// Messages that were sent by a process which died before it could note so: they may be sent once more for each time.
    excused: BTreeMap<Name, u32>,
}

impl Post {
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, provider: Arc::default(), asked: 0, excused: BTreeMap::new() }
    }

    /// No message is carried more often than once and once for each death between sending and noting.
    pub fn once(&self) -> Outcome {
        for (name, times) in &self.provider.state().taken {
            let allowed = 1 + self.excused.get(name).copied().unwrap_or(0);
            if *times > allowed {
                let what = format!("a message to {} was sent {times} times, not {allowed}", name.0);
                return Err(Broken::new(check::MESSAGES, what));
            }
        }
        Ok(())
    }
}

/// A worker of this process carries the next message, if one is due; tells whether one was.
pub fn carry(world: &mut World, process: usize, fault: Option<Fault>, log: &mut String) -> Outcome<bool> {
    let mood = [Mood::Takes, Mood::Takes, Mood::Takes, Mood::Later, Mood::Later, Mood::Never][world.below(6)];
    let others = world.below(2) as u32;
    *log += &format!("; the provider: {mood:?}");
    let (outbox, provider) = (world.post.outbox.clone(), world.post.provider.clone());
    {
        let mut state = provider.state();
        (state.mood, state.last) = (mood, None);
    }
    let machine = &world.processes[process];
    machine.next.set_after(others, fault);
    let got = deliver_next(&machine.store, &outbox, provider.as_ref(), &format!("process-{process}"));
    machine.next.set(None);
    let sent = provider.state().last.take();
    match got {
        Ok(done) => {
            if sent.is_some() {
                world.count("message sent");
                world.agenda.did("message sent");
            }
            Ok(done)
        }
        Err(error) if fault.is_some() && error.code().name.starts_with("store.un") => {
            if let Some(name) = sent {
                *world.post.excused.entry(name).or_default() += 1;
                world.count("message sent and not noted");
            }
            Ok(true)
        }
        Err(error) => Err(Broken::new(check::RUNS, format!("a message cannot be carried: {error:?}"))),
    }
}

/// Lets time pass until no message waits, and looks at how they ended.
pub fn finish(world: &mut World) -> Outcome {
    // A lease that was written by a clock which was two days ahead ends two days later.
    for _ in 0..600 {
        while carry(world, 0, None, &mut String::new())? {}
        let open = count(world, "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')")?
            + count(world, "SELECT count(*) FROM job WHERE state <> 'done'")?;
        if open == 0 {
            break;
        }
        world.time.fetch_add(10 * 60_000, std::sync::atomic::Ordering::SeqCst);
    }
    let told = [
        ("messages that a command left", count(world, "SELECT count(*) FROM outbox")?, world.post.asked),
        ("jobs without an end", count(world, "SELECT count(*) FROM job WHERE state <> 'done'")?, 0),
        ("texts that were kept", count(world, "SELECT count(*) FROM outbox WHERE sealed IS NOT NULL")?, 0),
    ];
    for (what, real, due) in told {
        if real != due {
            return Err(Broken::new(check::MESSAGES, format!("{what}: {real}, not {due}")));
        }
    }
    let noted = count(world, "SELECT count(*) FROM outbox WHERE state = 'sent'")?;
    let taken = world.post.provider.state().taken.len() as i64;
    if noted > taken {
        let what = format!("{noted} messages count as sent, the provider had {taken}");
        return Err(Broken::new(check::MESSAGES, what));
    }
    world.post.once()
}

fn count(world: &World, text: &'static str) -> Outcome<i64> {
    let statement = move || Statement::dynamic(text.to_owned());
    let (n,): (i64,) = world.processes[0].store.read_blocking(move |tx| tx.one(statement(), &[]))?;
    Ok(n)
}
