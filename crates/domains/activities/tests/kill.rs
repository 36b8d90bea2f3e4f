//! A process that sells seats is killed at any moment, again and again on the same database: what it had confirmed is
//! there, no seat is sold twice, and everything that the journal vouches for is true.
//!
//! The killed process is this test binary itself, started anew for the test `child` with the database in its environment.

#[path = "kill/outage.rs"]
mod outage;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use activities::{ClassId, FULL, Seated, SignUp, consumers, sign_up, testing::class_at};
use journal::{Runner, Sealer};
use kernel::{Actor, Chance, Id, ManualClock, Person, Result, Timestamp};
use network::testing::small_city;
use seal::SigningKey;
use store::{Location, Migration, Store, Tx, both_engines, sql, testing::TestStore};

both_engines!(&[
        store::MIGRATIONS, journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS,
        network::MIGRATIONS, catalog::MIGRATIONS, activities::MIGRATIONS,
    ];
    what_was_confirmed_survives_every_kill,
);

/// Names the database to the child; without it the child does nothing.
const DATABASE: &str = "XUECHENG_KILL_DATABASE";
/// Number of the round, which seeds the child's identifiers.
const ROUND: &str = "XUECHENG_KILL_ROUND";
/// The moment at which the child's clock stands, in milliseconds.
const MOMENT: &str = "XUECHENG_KILL_MOMENT";
/// Threads that sign people up at once.
const THREADS: u8 = 8;
/// Seats of the classes: some are full after a moment, one never.
const SEATS: [i64; 4] = [7, 60, 500, 100_000];
/// Seeds the moments of the kills; a failure is repeated as far as the machine's own timing allows.
const SEED: u64 = 20_261_123;

#[expect(
    clippy::disallowed_methods,
    reason = "a test and the process that it kills talk through the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn open(location: &Location, moment: Timestamp, seed: u64) -> Store {
    let store = Store::open(location, Arc::new(ManualClock::at(moment)), Chance::seeded(seed)).unwrap();
    let sets: &[&[Migration]] = MIGRATION_SETS;
    store::migrate(&store, sets).unwrap();
    store
}

fn sealer() -> Arc<Sealer> {
    Arc::new(Sealer::new(SigningKey::from_seed(&[1; 32]), "kill"))
}

/// What one click sends: the command under its key.
fn click(tx: &mut Tx, cmd: &SignUp) -> Result<Seated> {
    let actor = Actor::Person { id: cmd.person_id, grants: Vec::new() };
    journal::once(tx, &actor, &format!("seat-{}", cmd.class_id), cmd, |tx| sign_up(tx, &actor, cmd))
}

/// Sells seats until it is killed. As a test of its own it has nothing to do.
#[test]
fn child() {
    let Some(database) = variable(DATABASE) else {
        println!("nothing to do: only the parent starts the child with a database");
        return;
    };
    let number = |name| variable(name).and_then(|text| text.parse::<i64>().ok()).unwrap();
    let (round, moment) = (number(ROUND), Timestamp::from_millis(number(MOMENT)));
    let store = open(&Location::parse(&database), moment, SEED + round.unsigned_abs());
    // As in a server, the journal is sequenced, followed and sealed meanwhile, so that kills meet these too.
    let _runner = Runner::start(store.clone(), consumers(), sealer()).unwrap();
    let classes: Vec<(ClassId,)> =
        store.read_blocking(|tx| tx.all(sql!("SELECT class_id FROM class ORDER BY capacity"), &[])).unwrap();
    println!();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, classes) = (&store, &classes);
            scope.spawn(move || {
                let mut open = classes.clone();
                for n in 0_u32.. {
                    let class_id = open[n as usize % open.len()].0;
                    let mut name = [thread; 16];
                    name[..8].copy_from_slice(&round.to_be_bytes());
                    name[8..12].copy_from_slice(&n.to_be_bytes());
                    let person_id: Id<Person> = Id::derived(&seal::sha256(&name));
                    let cmd = SignUp { class_id, person_id };
                    match store.write_blocking("test.click", move |tx| click(tx, &cmd)) {
                        // One write of one line: the lines of threads do not mix.
                        Ok(seat) => {
                            let line = format!("ack {} {person_id} {class_id}\n", seat.enrolment_id);
                            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                        }
                        Err(error) if error.is(&FULL) => open.retain(|class| class.0 != class_id),
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
    });
}

/// Starts the child, lets it live for a random time, kills it, and gives the lines that it had finished.
fn killed(database: &str, round: u64, moment: Timestamp, chance: &mut Chance) -> Vec<String> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads", "1"])
        .env(DATABASE, database)
        .env(ROUND, round.to_string())
        .env(MOMENT, moment.millis().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let (first, begun) = mpsc::channel();
    let reader = thread::spawn(move || {
        let (mut acks, mut line) = (Vec::new(), Vec::new());
        // The last line may be torn; only those with an end were told.
        while output.read_until(b'\n', &mut line).unwrap() > 0 {
            let text = String::from_utf8_lossy(&line);
            if let Some(ack) = text.strip_prefix("ack ").and_then(|rest| rest.strip_suffix('\n')) {
                acks.push(ack.to_owned());
                let _ = first.send(());
            }
            line.clear();
        }
        acks
    });
    let [kind, early, late] = chance.bytes::<3>();
    if kind % 5 == 0 {
        // Some die while they open the database.
        thread::sleep(Duration::from_millis(u64::from(early) / 4));
    } else {
        begun.recv_timeout(Duration::from_secs(60)).expect("the child confirms its first seat");
        thread::sleep(Duration::from_millis(u64::from(late)));
    }
    process.kill().unwrap();
    let status = process.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "the child ended by itself: {status}");
    reader.join().unwrap()
}

/// Everything that must be true of the database, whatever happened.
fn check(store: &Store, acks: &HashMap<String, (String, String)>) {
    let (seats, classes) = store
        .read_blocking(|tx| {
            let seats: Vec<(String, String, String)> = tx.all(
                sql!("SELECT enrolment_id, person_id, class_id FROM enrolment WHERE status = 'seated'"),
                &[],
            )?;
            let classes: Vec<(String, i64, i64)> =
                tx.all(sql!("SELECT class_id, capacity, taken FROM class"), &[])?;
            Ok((seats, classes))
        })
        .unwrap();
    for (class, capacity, taken) in &classes {
        let seated = seats.iter().filter(|seat| seat.2 == *class).count() as i64;
        assert_eq!(*taken, seated, "class {class} counts its seats wrongly");
        assert!(taken <= capacity, "class {class} is oversold");
    }
    let seats: HashMap<String, (String, String)> =
        seats.into_iter().map(|(enrolment, person, class)| (enrolment, (person, class))).collect();
    for (enrolment, who) in acks {
        assert_eq!(seats.get(enrolment), Some(who), "the confirmed enrolment {enrolment} is lost");
    }

    journal::drain(store, &consumers()).unwrap();
    sealer().seal(store).unwrap();
    let (waiting, mine, seated) = store
        .read_blocking(|tx| {
            let (waiting,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), &[])?;
            let (mine,): (i64,) = tx.one(sql!("SELECT count(*) FROM my_class"), &[])?;
            let (seated,): (i64,) = tx.one(sql!("SELECT count(*) FROM enrolment"), &[])?;
            Ok((waiting, mine, seated))
        })
        .unwrap();
    assert_eq!((waiting, mine), (0, seated), "the journal or the passport is behind");
    let key = sealer().verifying_key();
    let report = store.read_blocking(move |tx| journal::verify(tx, &key, "kill", &|_| {})).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!(report.unsealed, 0);
}

fn found_classes(store: &Store) {
    store
        .write_blocking("test", |tx| {
            let city = small_city(tx)?;
            for seats in SEATS {
                // They begin in thirty days, after the last round.
                class_at(tx, city.centre, None, seats, 1, 30 * 24 * 60)?;
            }
            Ok(())
        })
        .unwrap();
}

fn what_was_confirmed_survives_every_kill(scratch: &TestStore) {
    // The scratch store stays open. A file of its own is opened by nobody when the child dies, so that the next one
    // recovers it; the server outlives its clients anyway.
    let (location, database) = match scratch.location() {
        Location::File(path) => {
            let path = path.with_file_name("killed.db");
            (Location::File(path.clone()), path.display().to_string())
        }
        Location::Server(url) => (scratch.location().clone(), url.clone()),
    };
    let start = scratch.clock().now();
    let store = open(&location, start, SEED);
    found_classes(&store);
    drop(store);

    let rounds = if variable("XUECHENG_TEST_LONG").is_some() { 200 } else { 12 };
    let mut chance = Chance::seeded(SEED);
    let mut acks = HashMap::new();
    for round in 1..=rounds {
        let moment = start.plus_minutes(10 * i64::try_from(round).unwrap());
        let lines = killed(&database, round, moment, &mut chance);
        let store = open(&location, moment.plus_minutes(5), SEED ^ (round << 32));
        let mut again = None;
        for line in &lines {
            let [enrolment, person, class] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("no confirmation: {line}")
            };
            let before = acks.insert(enrolment.to_owned(), (person.to_owned(), class.to_owned()));
            assert_eq!(before, None, "one enrolment was confirmed to two");
            again = Some((enrolment, person, class));
        }
        // Whoever lost the answer clicks again and gets the same one.
        if let Some((enrolment, person, class)) = again {
            let cmd = SignUp { class_id: class.parse().unwrap(), person_id: person.parse().unwrap() };
            let seat = store.write_blocking("test.click", move |tx| click(tx, &cmd)).unwrap();
            assert_eq!((seat.enrolment_id.to_string().as_str(), seat.new), (enrolment, true));
        }
        check(&store, &acks);
        println!("round {round}: {} confirmed, {} in all", lines.len(), acks.len());
    }
    assert!(acks.len() > 100, "only {} seats were confirmed: the kills prove little", acks.len());
}
