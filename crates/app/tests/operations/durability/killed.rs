//! The whole program is killed under load again and again: each promise is kept, nothing is half done, and it goes on by itself.

#![expect(clippy::disallowed_methods, reason = "./test says by the environment whether it may take hours")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, thread,
    time::{Duration, Instant},
};

use activities::{ClassId, SessionId};
use catalog::OfferId;
use kernel::{Chance, Id, Person};
use store::{Store, Tx, params, sql};

use crate::{
    durability::town::{Act, Crowd, Promise, Town},
    kit::{On, Serving, said},
};

/// Seeds the moments of the kills; a failure is repeated as far as the machine's own timing allows.
const SEED: u64 = 20_261_126;
/// Seconds for which a restarted program may need to catch up before the test gives up.
const PATIENCE: u64 = 60;

/// Waits until something holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed().as_secs() < PATIENCE, "in {PATIENCE} seconds it did not come to: {what}");
        thread::sleep(Duration::from_millis(30));
    }
}

/// Waits until everything that follows the journal has followed, and everything is sealed.
pub fn caught_up(store: &Store) {
    until("consumers and seals at the head of the journal", || {
        store
            .read_blocking(|tx| {
                let (new,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), &[])?;
                let head = journal::head_pos(tx)?;
                let (behind,): (i64,) =
                    tx.one(sql!("SELECT count(*) FROM consumer WHERE pos < $1"), params![head])?;
                let sealed = journal::heads(tx, 1)?.first().map_or(0, |newest| newest.size);
                Ok(new == 0 && behind == 0 && sealed == head)
            })
            .unwrap()
    });
}

fn none(
    tx: &mut Tx,
    statement: store::Statement,
    what: &'static str,
    wrong: &mut Vec<String>,
) -> kernel::Result<()> {
    let rows: Vec<(String,)> = tx.all(statement, &[])?;
    wrong.extend(rows.into_iter().map(|(row,)| format!("{what}: {row}")));
    Ok(())
}

/// Whatever is half done.
pub fn half_done(store: &Store) -> Vec<String> {
    let looked = store.read_blocking(|tx| {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        none(
            tx,
            sql!(
                "SELECT c.class_id FROM class c LEFT JOIN (SELECT class_id, count(*) AS seated FROM enrolment \
                 WHERE status = 'seated' GROUP BY class_id) e ON e.class_id = c.class_id \
                 WHERE c.taken > c.capacity OR c.taken <> coalesce(e.seated, 0)"
            )
,
            "seats are counted wrongly",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT a.attendance_id FROM attendance a LEFT JOIN (SELECT class_id, person_id, 1 AS seated \
                 FROM enrolment WHERE status = 'seated' GROUP BY class_id, person_id) e \
                 ON e.class_id = a.class_id AND e.person_id = a.person_id WHERE e.seated IS NULL"
            )
,
            "attended without a seat",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT a.attendance_id FROM attendance a LEFT JOIN (SELECT attendance_id, count(*) AS times \
                 FROM my_attendance GROUP BY attendance_id) m ON m.attendance_id = a.attendance_id \
                 WHERE coalesce(m.times, 0) <> 1"
            )
,
            "not in the passport",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT a.attendance_id FROM attendance a LEFT JOIN (SELECT entry.record_id, \
                 sum(CASE entry.kind WHEN 'deposit' THEN 1 ELSE -1 END) AS times FROM entry \
                 JOIN account ON account.account_id = entry.account_id WHERE account.owner_kind = 'person' \
                 GROUP BY entry.record_id) e ON e.record_id = a.attendance_id WHERE coalesce(e.times, 0) <> 1"
            )
,
            "not credited exactly once",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT c.completion_id FROM completion c LEFT JOIN (SELECT completion_id, count(*) AS times \
                 FROM credential GROUP BY completion_id) d ON d.completion_id = c.completion_id \
                 WHERE coalesce(d.times, 0) <> 1"
            )
,
            "not certified exactly once",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT d.credential_id FROM credential d LEFT JOIN (SELECT completion_id, count(*) AS times \
                 FROM completion GROUP BY completion_id) c ON c.completion_id = d.completion_id \
                 WHERE c.times IS NULL"
            )
,
            "certified without a completion",
            w,
        )?;
        none(
            tx,
            sql!(
                "SELECT c.class_id FROM class c JOIN (SELECT class_id FROM completion GROUP BY class_id) d \
                 ON d.class_id = c.class_id WHERE c.status = 'open'"
            )
,
            "completed in an open class",
            w,
        )?;
        Ok(wrong)
    });
    looked.unwrap()
}

/// Promises of the database that were not kept.
pub fn broken(store: &Store, promises: &[Promise]) -> Vec<String> {
    // Of seats the last word counts.
    let mut seats: BTreeMap<(ClassId, Id<Person>), &Promise> = BTreeMap::new();
    for promise in promises {
        if let Promise::Seat { class, person }
        | Promise::Leaving { class, person }
        | Promise::NoSeat { class, person } = promise
        {
            seats.insert((*class, *person), promise);
        }
    }
    let others = promises.iter().filter(|promise| {
        !matches!(promise, Promise::Seat { .. } | Promise::Leaving { .. } | Promise::NoSeat { .. })
    });
    let found = store.read_blocking(Found::read).unwrap();
    let broken = seats.into_values().chain(others).filter(|promise| !found.keeps(promise));
    broken.map(|promise| format!("{promise:?}")).collect()
}

/// What the database holds of everything that is ever promised: read once, since a look for each of 100,000 promises takes minutes.
struct Found {
    /// How often somebody is enrolled in a class with this status.
    seats: BTreeMap<(ClassId, Id<Person>, String), i64>,
    /// Validity and minutes of everybody's attendances at a session.
    attended: BTreeMap<(SessionId, Id<Person>), Vec<(String, i64)>>,
    visitors: BTreeMap<(SessionId, String), i64>,
    /// Completions of each closed class.
    closed: BTreeMap<ClassId, i64>,
    published: BTreeSet<OfferId>,
}

impl Found {
    fn read(tx: &mut Tx) -> kernel::Result<Self> {
        let seats: Vec<(ClassId, Id<Person>, String, i64)> = tx.all(
            sql!("SELECT class_id, person_id, status, count(*) FROM enrolment GROUP BY class_id, person_id, status"),
            &[],
        )?;
        let attendances: Vec<(SessionId, Id<Person>, String, i64)> =
            tx.all(sql!("SELECT session_id, person_id, status, minutes FROM attendance"), &[])?;
        let mut attended = BTreeMap::<_, Vec<_>>::new();
        for (session, person, status, minutes) in attendances {
            attended.entry((session, person)).or_default().push((status, minutes));
        }
        let visitors: Vec<(SessionId, String, i64)> = tx.all(
            sql!("SELECT session_id, evidence, count(*) FROM headcount GROUP BY session_id, evidence"),
            &[],
        )?;
        let closed: Vec<(ClassId, i64)> = tx.all(
            sql!(
                "SELECT c.class_id, count(d.completion_id) FROM class c \
                 LEFT JOIN completion d ON d.class_id = c.class_id WHERE c.status = 'closed' GROUP BY c.class_id"
            ),
            &[],
        )?;
        let published: Vec<(OfferId,)> =
            tx.all(sql!("SELECT offer_id FROM offer WHERE status = 'published'"), &[])?;
        Ok(Self {
            seats: seats
                .into_iter()
                .map(|(class, person, status, times)| ((class, person, status), times))
                .collect(),
            attended,
            visitors: visitors
                .into_iter()
                .map(|(session, evidence, times)| ((session, evidence), times))
                .collect(),
            closed: closed.into_iter().collect(),
            published: published.into_iter().map(|(offer,)| offer).collect(),
        })
    }

    fn keeps(&self, promise: &Promise) -> bool {
        let seat = |class: &ClassId, person: &Id<Person>, status: &str| {
            self.seats.get(&(*class, *person, status.to_owned())).copied().unwrap_or(0)
        };
        let once = |session: &SessionId, person: &Id<Person>, fits: &dyn Fn(&(String, i64)) -> bool| {
            let attended = self.attended.get(&(*session, *person)).map_or(&[][..], Vec::as_slice);
            attended.iter().filter(|attendance| fits(attendance)).count() == 1
        };
        match promise {
            Promise::Seat { class, person } => seat(class, person, "seated") == 1,
            Promise::NoSeat { class, person } => seat(class, person, "cancelled") == 1,
            Promise::Leaving { class, person } => {
                seat(class, person, "seated") + seat(class, person, "cancelled") == 1
            }
            Promise::Attended { session, person } => once(session, person, &|(status, _)| status == "valid"),
            Promise::Minutes { session, person, minutes } => {
                once(session, person, &|(_, kept)| kept == minutes)
            }
            Promise::Visitors { session, evidence } => {
                self.visitors.get(&(*session, evidence.clone())) == Some(&1)
            }
            Promise::Closed { class, complete } => self.closed.get(class) == Some(complete),
            Promise::Published { offer } => self.published.contains(offer),
            Promise::Message { .. } => true,
        }
    }
}

/// `verify`, as the operator runs it.
#[track_caller]
pub fn verified(town: &Town) {
    let verify = town.ground.run(&["verify", "--json"]);
    assert!(verify.status.success(), "{}", said(&verify));
    assert!(said(&verify).contains("\"ok\":true"), "{}", said(&verify));
}

/// Every published offer of these is found by its own word, and every message promised was sent.
fn found_and_sent(town: &Town, serving: &Serving, act: &Act, promises: &[Promise]) {
    for promise in promises {
        match promise {
            Promise::Published { offer } => {
                let (_, title) = act.drafts.iter().find(|(id, _)| id == offer).unwrap();
                let (mut browser, link) = (serving.browser(), format!("/offers/{offer}"));
                until(&format!("the search finds {title}"), || {
                    browser.get(&format!("/search?q={title}")).text.contains(&link)
                });
            }
            Promise::Message { phone } => until(&format!("a message is sent to {phone}"), || {
                fs::read_to_string(town.ground.data().join("outbox/sms.jsonl"))
                    .is_ok_and(|text| text.contains(phone))
            }),
            _ => {}
        }
    }
}

/// Everything that must hold after a restart.
pub fn check(town: &Town, store: &Store, serving: &Serving, act: &Act, all: &[Promise], new: &[Promise]) {
    caught_up(store);
    assert_eq!(broken(store, all), Vec::<String>::new(), "promises that were not kept");
    assert_eq!(half_done(store), Vec::<String>::new());
    found_and_sent(town, serving, act, new);
    verified(town);
}

fn promises_outlive_kills(on: On) {
    let town = Town::founded(on);
    let rounds = if std::env::var_os("XUECHENG_TEST_LONG").is_some() { 200 } else { 8 };
    let mut chance = Chance::seeded(SEED);
    let mut all = Vec::new();
    for round in 1..=rounds {
        let act = town.act(&town.ground.store(), round);
        let [late, early, kind, pause] = chance.bytes::<4>();
        let mut serving = town.ground.serve(&[]);
        let crowd = Crowd::starts(&serving, &town, &act, true);
        // The moment is random, but not before anything was promised.
        until("a first promise", || !crowd.promises.lock().unwrap().is_empty());
        thread::sleep(Duration::from_millis(u64::from(late) * 4));
        serving.child.kill().unwrap();
        assert!(!serving.ended(20).success());
        let counts = crowd.counts.lock().unwrap().clone();
        let new = crowd.ends();
        all.extend(new.iter().cloned());
        if kind % 3 == 0 {
            // One dies again while it opens what the first one left.
            let mut again =
                town.ground.command(&["serve"]).env("XUECHENG_LISTEN", "127.0.0.1:0").spawn().unwrap();
            thread::sleep(Duration::from_millis(u64::from(early)));
            let _ = again.kill();
            again.wait().unwrap();
        }
        // Nobody but the program itself has touched the place since.
        let mut serving = town.ground.serve(&[]);
        let store = town.ground.store();
        check(&town, &store, &serving, &act, &all, &new);
        println!("{on:?} round {round}: {} promised, {} in all, answers {counts:?}", new.len(), all.len());
        drop(store);
        thread::sleep(Duration::from_millis(u64::from(pause)));
        serving.child.kill().unwrap();
        serving.ended(20);
    }
    let kinds: BTreeSet<String> =
        all.iter().map(|p| format!("{p:?}").split(' ').next().unwrap_or("").to_owned()).collect();
    println!("{on:?}: {} promises of {} kinds outlived {rounds} kills", all.len(), kinds.len());
    assert!(kinds.len() >= 8, "the kills met only {kinds:?}");
}

#[test]
fn promises_outlive_kills_on_sqlite() {
    promises_outlive_kills(On::Sqlite);
}

#[test]
fn promises_outlive_kills_on_postgres() {
    promises_outlive_kills(On::Postgres);
}
