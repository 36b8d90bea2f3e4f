//! The simulated city: one database, several processes on it with clocks of their own, and everything that can break.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use journal::{Consumer, Recorded, Sealer};
use kernel::{Actor, Chance, Clock, Error, Result, Timestamp};
use people::Vault;
use store::{Engine, Fault, Faults, Location, Pool, Store, Tx};

use super::{
    check,
    model::{Cmd, Doer, Expected, Model},
    named::Named,
};

/// Programs that serve the city at the same time where the database lets more than one do it.
const PROCESSES: usize = 3;

/// What a code is called that was right without having been shown.
const BY_CHANCE: &str = "code right by chance";

/// The machine's time, and how far one process is off it.
pub struct SkewedClock {
    pub time: Arc<AtomicI64>,
    pub skew_ms: AtomicI64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time.load(Ordering::SeqCst) + self.skew_ms.load(Ordering::SeqCst))
    }
}

/// A statement that replaces another one. Only the tests know it: no program that is built to run has a way to say it.
#[cfg(test)]
pub type Plant = fn(&str) -> Option<String>;

/// What one of the next transactions of a process suffers.
#[derive(Default)]
pub struct Next {
    /// How many that write pass before it, and what it is.
    fault: Mutex<Option<(u32, Fault)>>,
    #[cfg(test)]
    plant: Option<Plant>,
}

impl Next {
    /// The very next one.
    pub fn set(&self, fault: Option<Fault>) {
        self.set_after(0, fault);
    }

    pub fn set_after(&self, others: u32, fault: Option<Fault>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault.map(|fault| (others, fault));
    }
}

impl Faults for Next {
    fn plan(&self, _: &'static str) -> Option<Fault> {
        let mut next = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *next {
            Some((0, _)) => next.take().map(|(_, fault)| fault),
            Some((others, _)) => {
                *others -= 1;
                None
            }
            None => None,
        }
    }

    #[cfg(test)]
    fn instead(&self, statement: &str) -> Option<String> {
        self.plant.and_then(|plant| plant(statement))
    }
}

/// One running program.
pub struct Process {
    pub store: Store,
    pub clock: Arc<SkewedClock>,
    pub next: Arc<Next>,
}

/// What may happen beyond people's doings.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Clocks jump.
    pub clocks: bool,
    /// Processes die, connections break.
    pub deaths: bool,
    /// On PostgreSQL transactions commit after others that began later.
    pub late: bool,
}

impl Weather {
    pub const ALL: Self = Self { clocks: true, deaths: true, late: true };
}

/// How a run begins.
pub struct Setting {
    pub location: Location,
    pub seed: u64,
    pub weather: Weather,
    #[cfg(test)]
    pub plant: Option<Plant>,
    /// Everything that follows the journal; tests put faulty ones among them.
    pub consumers: Vec<Arc<dyn Consumer>>,
}

/// Kinds and payloads of facts.
pub type Given = Arc<Mutex<Vec<(String, String)>>>;

/// A consumer that tells what it was given.
struct Watched {
    inner: Arc<dyn Consumer>,
    given: Given,
}

impl Consumer for Watched {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        let facts_given = facts.iter().map(|fact| (fact.kind.clone(), fact.payload_text.clone()));
        *self.given.lock().unwrap_or_else(PoisonError::into_inner) = facts_given.collect();
        self.inner.apply(tx, facts)
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        self.inner.clear(tx)
    }
}

/// The simulated city.
pub struct World {
    /// Where the database is; a machine that died on SQLite comes up on a copy of what its disk held.
    pub location: Location,
    deaths: u32,
    pub seed: u64,
    /// Who decides what happens in this step.
    pub chance: Chance,
    /// From it each process has the chance of its own.
    births: Chance,
    pub weather: Weather,
    pub agenda: super::day::Agenda,
    pub time: Arc<AtomicI64>,
    pub processes: Vec<Process>,
    pub vault: Arc<Vault>,
    pub sealer: Arc<Sealer>,
    pub consumers: Vec<Arc<dyn Consumer>>,
    #[cfg(test)]
    plant: Option<Plant>,
    pub model: Model,
    pub ledger: super::ledger::Ledger,
    pub post: super::post::Post,
    /// Signed heads that somebody outside keeps.
    pub kept_heads: Vec<String>,
    /// Position up to which the order of versions was looked at.
    pub ordered: i64,
    /// What the reactor of the bank was given last: kinds and payloads.
    pub given: Given,
    pub facts: i64,
    pub keys: u64,
    pub counts: BTreeMap<&'static str, u64>,
    /// How often commands were refused, by the code of the refusal.
    pub refusals: BTreeMap<&'static str, u64>,
}

/// Something that must hold does not.
#[derive(Debug)]
pub struct Broken {
    /// Name of what must hold, one of [`super::check`].
    pub rule: &'static str,
    pub what: String,
}

impl Broken {
    pub fn new(rule: &'static str, what: impl Into<String>) -> Self {
        Self { rule, what: what.into() }
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::new(check::RUNS, format!("the program failed: {error:?}"))
    }
}

/// What came of a command.
pub type Outcome<T = ()> = std::result::Result<T, Broken>;

/// A command on its way to a process.
#[derive(Clone)]
pub struct Sent {
    pub doer: Doer,
    pub cmd: Cmd,
    pub key: String,
}

impl World {
    pub fn open(setting: Setting, start: Timestamp) -> Result<Self> {
        let given = Given::default();
        let watched = setting.consumers.into_iter().map(|inner| {
            let given = given.clone();
            if inner.name() == "bank.credit" { Arc::new(Watched { inner, given }) } else { inner }
        });
        let consumers = watched.collect();
        let vault = Arc::new(Vault::new([9; 32]));
        let processes = match setting.location {
            Location::File(_) => 1,
            Location::Server(_) => PROCESSES,
        };
        let mut world = Self {
            location: setting.location,
            deaths: 0,
            seed: setting.seed,
            chance: Chance::seeded(setting.seed),
            births: Chance::seeded(!setting.seed),
            weather: setting.weather,
            agenda: super::day::Agenda::default(),
            time: Arc::new(AtomicI64::new(start.millis())),
            processes: Vec::new(),
            post: super::post::Post::new(vault.outbox().clone()),
            vault,
            sealer: Arc::new(Sealer::new(seal::SigningKey::from_seed(&[17; 32]), "simulation")),
            consumers,
            #[cfg(test)]
            plant: setting.plant,
            model: Model::default(),
            ledger: super::ledger::Ledger::default(),
            kept_heads: Vec::new(),
            ordered: 0,
            given,
            facts: 0,
            keys: 0,
            counts: BTreeMap::new(),
            refusals: BTreeMap::new(),
        };
        for _ in 0..processes {
            let process = world.start(0)?;
            world.processes.push(process);
        }
        Ok(world)
    }

    fn start(&mut self, skew_ms: i64) -> Result<Process> {
        let clock = Arc::new(SkewedClock { time: self.time.clone(), skew_ms: AtomicI64::new(skew_ms) });
        let next = Arc::new(Next {
            #[cfg(test)]
            plant: self.plant,
            ..Next::default()
        });
        // One writer, so that the identifiers that it makes follow from the seed.
        let pool = Pool { readers: 1, writers: 1 };
        let faults: Arc<dyn Faults> = next.clone();
        let chance = self.births.fork();
        let store = Store::open_faulty(&self.location, clock.clone(), chance, pool, Some(faults))?;
        Ok(Process { store, clock, next })
    }

    /// A process dies and another one takes its place, with the clock of the machine.
    pub fn crash(&mut self, process: usize) -> Result<()> {
        let skew = self.processes[process].clock.skew_ms.load(Ordering::SeqCst);
        if self.processes[process].store.engine() == Engine::Sqlite {
            self.location = self.what_the_disk_holds()?;
        }
        let fresh = self.start(skew)?;
        self.processes[process] = fresh;
        self.count("process died");
        Ok(())
    }

    /// SQLite's files as they are while the process lives, which it could not tidy up, with the torn beginning of a write that it
    /// was about to make behind its write-ahead log.
    fn what_the_disk_holds(&mut self) -> Result<Location> {
        let Location::File(old) = &self.location else { return Ok(self.location.clone()) };
        self.deaths += 1;
        let fresh = old.with_file_name(format!("after-{}.db", self.deaths));
        let beside = |path: &Path, ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
        let failed = |error: std::io::Error| Error::bug("the files cannot be copied").caused_by(error);
        std::fs::copy(old, &fresh).map_err(failed)?;
        let log = beside(old, "-wal");
        if log.exists() {
            let mut text = std::fs::read(&log).map_err(failed)?;
            let torn: Vec<u8> = (0..self.deaths as usize % 5 * 1_100).map(|n| (n * 31 % 251) as u8).collect();
            text.extend(torn);
            std::fs::write(beside(&fresh, "-wal"), text).map_err(failed)?;
        }
        if self.deaths > 1 {
            // The one before has been closed since then.
            let before = old.with_file_name(format!("after-{}.db", self.deaths - 2));
            for ending in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(beside(&before, ending));
            }
        }
        Ok(Location::File(fresh))
    }

    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A number from 0 to below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        let wide = u64::from_be_bytes(self.chance.bytes());
        usize::try_from(wide % n.max(1) as u64).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn now(&self, process: usize) -> Timestamp {
        self.processes[process].clock.now()
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("form-{}", self.keys)
    }

    /// Sends a command to a process, with this fault, and compares what comes back with what must come. Tells whether it happened.
    pub fn send(
        &mut self,
        process: usize,
        sent: &Sent,
        repeat: Option<&str>,
        fault: Option<Fault>,
    ) -> Outcome<Option<String>> {
        let now = self.now(process);
        // A form that was done before is answered as it was then, whatever has changed since.
        let expected = match repeat {
            Some(_) => Ok(0),
            None => self.model.expect(sent.doer, &sent.cmd, now),
        };
        self.processes[process].next.set(fault);
        let store = self.processes[process].store.clone();
        let work = self.work(sent);
        let got = store.write_blocking("simulate.command", work);
        self.processes[process].next.set(None);
        self.settle(sent, expected, got, fault, now, repeat)
    }

    /// Compares an answer with what had to come, and lets the model follow.
    pub fn settle(
        &mut self,
        sent: &Sent,
        expected: Expected,
        got: Result<String>,
        fault: Option<Fault>,
        now: Timestamp,
        repeat: Option<&str>,
    ) -> Outcome<Option<String>> {
        let wrong =
            |rule, what: String| Err(Broken::new(rule, format!("{:?} by {:?}: {what}", sent.cmd, sent.doer)));
        match (&expected, &got) {
            (Ok(facts), Ok(answer)) => {
                if let Some(first) = repeat
                    && first != answer
                {
                    return wrong(
                        check::REPEAT,
                        format!("sent again it answered {answer}, at first {first}"),
                    );
                }
                if repeat.is_none() {
                    self.done(sent, *facts);
                    self.facts += facts;
                    self.model.apply(sent.doer, &sent.cmd, now, answer)?;
                }
                Ok(Some(answer.clone()))
            }
            // A code that was shown for another moment may be that of this one by chance. The model knows no secrets: it bears that
            // once in a run.
            (Err("kernel.bad_fields"), Ok(answer))
                if repeat.is_none() && !self.counts.contains_key(BY_CHANCE) =>
            {
                let (Cmd::Code { session, .. }, Doer::Person(person)) = (&sent.cmd, sent.doer) else {
                    return wrong(check::ANSWER, format!("the model refuses it, the program says {answer}"));
                };
                let facts = i64::from(!self.model.attended.contains_key(&(*session, person)));
                self.count(BY_CHANCE);
                self.done(sent, facts);
                self.facts += facts;
                self.model.apply(sent.doer, &sent.cmd, now, answer)?;
                Ok(Some(answer.clone()))
            }
            (Err(code), Err(error)) if error.code().name == *code => {
                self.refused(error);
                Ok(None)
            }
            (Ok(_), Err(error)) if matches!(sent.cmd, Cmd::AskCode { .. }) && error.is(&web::TOO_MANY) => {
                self.refused(error);
                Ok(None)
            }
            (_, Err(error)) if fault.is_some() && error.code().name.starts_with("store.un") => {
                self.count("answer lost");
                if fault != Some(Fault::AfterCommit) || repeat.is_some() {
                    return Ok(None);
                }
                let Ok(facts) = expected else { return Ok(None) };
                // It happened, and only the database knows what it was called.
                self.done(sent, facts);
                self.facts += facts;
                let Some(answer) = self.lost_answer(sent)? else {
                    return wrong(check::KEPT, "it was committed, and nothing is there".to_owned());
                };
                self.model.apply(sent.doer, &sent.cmd, now, &answer)?;
                Ok(Some(answer))
            }
            _ => {
                let rule = if repeat.is_some() { check::REPEAT } else { check::ANSWER };
                wrong(rule, format!("the model expects {expected:?}, the program says {got:?}"))
            }
        }
    }

    /// Somebody was told no, as she had to be.
    pub fn refused(&mut self, error: &Error) {
        self.count("refused");
        *self.refusals.entry(error.code().name).or_default() += 1;
    }

    fn done(&mut self, sent: &Sent, facts: i64) {
        if let Cmd::AskCode { .. } = sent.cmd {
            self.post.asked += 1;
        }
        let happened = facts > 0 || matches!(sent.cmd, Cmd::AskCode { .. } | Cmd::ShowCode { .. });
        self.count(if happened { sent.cmd.name() } else { "nothing to do" });
        self.agenda.did(sent.cmd.name());
    }

    /// The answer that a client did not hear.
    fn lost_answer(&mut self, sent: &Sent) -> Outcome<Option<String>> {
        if !sent.cmd.keyed() {
            return Ok(Some(String::new()));
        }
        let (label, key) = (self.label(sent.doer), sent.key.clone());
        let store = self.processes[0].store.clone();
        let found: Option<(String,)> = store.read_blocking(move |tx| {
            let text = "SELECT answer AS said FROM command WHERE actor = $1 AND key = $2";
            tx.opt(store::Statement::dynamic(text.to_owned()), store::params![&label, &key])
        })?;
        Ok(found.map(|(text,)| serde_json::from_str(&text).unwrap_or_default()))
    }

    fn label(&self, doer: Doer) -> String {
        match doer {
            Doer::Program => Actor::System("simulation").label(),
            Doer::Person(person) => {
                Actor::Person { id: self.model.people[person].id, grants: Vec::new() }.label()
            }
        }
    }

    /// The transaction of a command, as the pages run it.
    pub fn work(&self, sent: &Sent) -> impl Fn(&mut Tx) -> Result<String> + Send + 'static + use<> {
        let person = match sent.doer {
            Doer::Program => None,
            Doer::Person(person) => Some(self.model.people[person].id),
        };
        let (cmd, key, vault) = (Named::of(&self.model, &sent.cmd), sent.key.clone(), self.vault.clone());
        let (keyed, body) = (sent.cmd.keyed(), format!("{:?}", sent.cmd));
        move |tx| {
            let actor = match person {
                None => Actor::System("simulation"),
                Some(id) => {
                    let today = tx.now().day();
                    Actor::Person { id, grants: people::grants(tx, id, today)? }
                }
            };
            if keyed {
                journal::once(tx, &actor, &key, &body, |tx| cmd.run(tx, &actor, &vault))
            } else {
                cmd.run(tx, &actor, &vault)
            }
        }
    }

    /// The day by the machine's time.
    pub fn today(&self) -> kernel::Day {
        Timestamp::from_millis(self.time.load(Ordering::SeqCst)).day()
    }
}
