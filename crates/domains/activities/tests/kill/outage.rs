//! The server is lost, and the clients live: connections cut in the middle of statements and of commits, a server that is
//! restarted, crashes, becomes read-only, or fills its disk, while many people sign up.
//!
//! Whoever gets no answer, or one that does not tell, sends the same command under the same key again until it is confirmed.
//! So in the end there are exactly the seats that were confirmed, each as the answer to a first time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use activities::{ClassId, FULL, SignUp, consumers};
use journal::Runner;
use kernel::{Chance, Id, Kind, Person, Timestamp};
use store::{
    Location, NO_SPACE, Store, UNAVAILABLE, UNKNOWN_OUTCOME, sql,
    testing::server::{Fault, Proxy, Server, wait_for},
};

use super::{SEED, THREADS, check, click, found_classes, open, sealer, variable};

/// What the people have got.
#[derive(Default)]
struct Crowd {
    /// Enrolment → person and class.
    acks: Mutex<HashMap<String, (String, String)>>,
    /// Answers of each kind that confirm nothing.
    unavailable: AtomicU64,
    unknown: AtomicU64,
    no_space: AtomicU64,
    enough: AtomicBool,
}

impl Crowd {
    fn confirmed(&self) -> usize {
        self.acks.lock().unwrap().len()
    }

    /// One of them signs one person after the other up, and never gives up on one.
    fn sign_up(&self, store: &Store, mut open: Vec<(ClassId,)>, thread: u8) {
        for n in 0_u32.. {
            if self.enough.load(Ordering::SeqCst) {
                return;
            }
            let mut class_id = open[n as usize % open.len()].0;
            let mut name = [thread; 16];
            name[..4].copy_from_slice(&n.to_be_bytes());
            let person_id: Id<Person> = Id::derived(&seal::sha256(&name));
            loop {
                let cmd = SignUp { class_id, person_id };
                let error = match store.write_blocking("test.click", move |tx| click(tx, &cmd)) {
                    Ok(seat) => {
                        assert!(seat.new, "{person_id} was seated before her command was done");
                        let who = (person_id.to_string(), class_id.to_string());
                        let before = self.acks.lock().unwrap().insert(seat.enrolment_id.to_string(), who);
                        assert_eq!(before, None, "one enrolment was confirmed to two");
                        break;
                    }
                    Err(error) => error,
                };
                let count = if error.is(&UNAVAILABLE) {
                    &self.unavailable
                } else if error.is(&UNKNOWN_OUTCOME) {
                    &self.unknown
                } else if error.is(&NO_SPACE) {
                    &self.no_space
                } else if error.is(&FULL) {
                    open.retain(|class| class.0 != class_id);
                    class_id = open[0].0;
                    continue;
                } else {
                    panic!("an outage was told as {error:?}");
                };
                // This kind is answered with 503 and `Retry-After`.
                assert_eq!(error.kind(), Kind::Unavailable);
                count.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Lets people sign up on `url` while `trouble` comes over the server at `direct`; then everything must be there, and true.
fn lived_through(url: &str, direct: &str, trouble: impl FnOnce(&Crowd)) -> Crowd {
    let start = Timestamp::from_millis(1_795_395_600_000);
    let store = open(&Location::Server(direct.to_owned()), start, SEED);
    found_classes(&store);
    drop(store);
    let store = open(&Location::Server(url.to_owned()), start, SEED + 1);
    let classes: Vec<(ClassId,)> =
        store.read_blocking(|tx| tx.all(sql!("SELECT class_id FROM class ORDER BY capacity"), &[])).unwrap();
    let runner = Runner::start(store.clone(), consumers(), sealer()).unwrap();
    let crowd = Arc::new(Crowd::default());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, crowd, classes) = (&store, &crowd, classes.clone());
            scope.spawn(move || crowd.sign_up(store, classes, thread));
        }
        // Whatever happens here, the others must hear that it is over.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| trouble(&crowd)));
        crowd.enough.store(true, Ordering::SeqCst);
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
    drop((runner, store));
    let store = open(&Location::Server(direct.to_owned()), start.plus_minutes(5), SEED + 2);
    let acks = crowd.acks.lock().unwrap();
    check(&store, &acks);
    let (seated,): (i64,) =
        store.read_blocking(|tx| tx.one(sql!("SELECT count(*) FROM enrolment"), &[])).unwrap();
    assert_eq!(seated as usize, acks.len(), "a seat was taken that nobody was told of");
    println!(
        "{} confirmed; unavailable {:?}, unknown {:?}, no space {:?}",
        acks.len(),
        crowd.unavailable,
        crowd.unknown,
        crowd.no_space
    );
    drop((acks, store));
    Arc::into_inner(crowd).unwrap()
}

/// Somebody new is confirmed: the pool has recovered, without a hand.
fn goes_on(crowd: &Crowd) {
    let before = crowd.confirmed();
    wait_for("another confirmation", || crowd.confirmed() > before + usize::from(THREADS));
}

fn rounds(short: usize, long: usize) -> usize {
    if variable("XUECHENG_TEST_LONG").is_some() { long } else { short }
}

#[test]
fn connections_that_are_cut_lose_nothing_and_repeat_nothing() {
    let server = Server::start();
    let proxy = Proxy::start(server.port());
    let mut chance = Chance::seeded(SEED);
    let crowd = lived_through(&server.url_by(proxy.port()), &server.url(), |crowd| {
        for round in 0..rounds(60, 1_000) as u64 {
            let faults = [Fault::Statement, Fault::BeforeCommit, Fault::AfterCommit];
            proxy.cut_next(faults[usize::from(chance.bytes::<1>()[0]) % faults.len()]);
            wait_for("a cut", || proxy.cuts() > round);
            if round % 10 == 9 {
                server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'psql'",
                );
                goes_on(crowd);
            }
        }
        goes_on(crowd);
    });
    assert!(crowd.unknown.into_inner() > 10, "too few commits were cut");
}

#[test]
fn a_server_that_restarts_or_crashes_loses_nothing_that_was_confirmed() {
    let server = Server::start();
    let crowd = lived_through(&server.url(), &server.url(), |crowd| {
        for round in 0..rounds(6, 60) {
            goes_on(crowd);
            server.stop(if round % 2 == 0 { "immediate" } else { "fast" });
            thread::sleep(Duration::from_millis(300));
            server.restart();
        }
        goes_on(crowd);
    });
    assert!(crowd.unavailable.into_inner() > 0, "nobody noticed that the server was away");
}

#[test]
fn a_read_only_server_says_so_and_goes_on_when_it_may_write_again() {
    let server = Server::start();
    let crowd = lived_through(&server.url(), &server.url(), |crowd| {
        goes_on(crowd);
        server.sql("ALTER SYSTEM SET default_transaction_read_only = on");
        server.sql("SELECT pg_reload_conf()");
        wait_for("a refusal to write", || crowd.no_space.load(Ordering::SeqCst) > 10);
        server.sql("ALTER SYSTEM RESET default_transaction_read_only");
        server.sql("SELECT pg_reload_conf()");
        goes_on(crowd);
    });
    assert_eq!(crowd.unknown.into_inner(), 0, "a refusal is an answer");
}

#[test]
fn a_full_disk_of_the_server_says_so_and_goes_on_when_there_is_space() {
    let Some(server) = Server::start_on_small_disk(128) else {
        store::testing::skipped("a small disk cannot be mounted here");
        return;
    };
    let ballast = server.folder().join("ballast");
    let crowd = lived_through(&server.url(), &server.url(), |crowd| {
        goes_on(crowd);
        // Fills the disk to the last page.
        let mut file = std::fs::File::create(&ballast).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4_096]).is_ok() {}
        drop(file);
        let failures = || {
            [&crowd.no_space, &crowd.unavailable, &crowd.unknown]
                .map(|n| n.load(Ordering::SeqCst))
                .iter()
                .sum::<u64>()
        };
        wait_for("a refusal for lack of space", || {
            crowd.no_space.load(Ordering::SeqCst) > 0 || failures() > 1_000
        });
        std::fs::remove_file(&ballast).unwrap();
        // Without space for its log the server itself stops; whoever looks after it starts it again.
        if !server.answers() {
            server.restart();
        }
        goes_on(crowd);
    });
    assert!(crowd.no_space.into_inner() > 0, "nobody was told that the disk is full");
}
