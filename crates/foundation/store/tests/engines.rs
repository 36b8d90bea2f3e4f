//! What both engines promise, tried on both.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use kernel::{Chance, Error, Id, Kind, Org, Timestamp};
use store::{
    Fault, Faults, Pool, Row, Store, both_engines, jobs, lease, migrate, params, sql, testing::TestStore,
};

const TABLES: &[store::Migration] = &[store::Migration {
    domain: "test",
    number: 1,
    name: "0001_test",
    sql: "CREATE TABLE test_seat (id text NOT NULL PRIMARY KEY, taken bigint NOT NULL, capacity bigint NOT NULL);\n\
          CREATE TABLE test_kind (n bigint, t text, b boolean, y bytes, d double);",
}];

both_engines!(&[TABLES];
    values_come_back_as_they_went,
    a_refusal_takes_only_its_own_work_with_it,
    whoever_is_first_in_a_group_may_be_refused,
    a_panic_is_an_error_and_harms_nobody,
    many_clients_never_oversell,
    readers_cannot_write,
    a_lease_has_one_holder_and_a_growing_fence,
    jobs_are_claimed_once_and_come_back_when_the_worker_falls_silent,
    a_changed_migration_is_refused,
    every_statement_of_the_store_is_accepted,
    nothing_goes_on_after_a_failed_statement,
    text_is_ordered_by_bytes,
    what_is_broken_on_purpose_breaks_there,
    what_nobody_waits_for_is_there_and_its_failure_is_told,
    two_that_meet_in_a_key_answer_one_after_the_other,
);

fn values_come_back_as_they_went(store: &TestStore) {
    let row: (i64, String, bool, Vec<u8>, f64, Option<i64>) = store
        .write_blocking("test", |tx| {
            tx.exec(
                sql!("INSERT INTO test_kind (n, t, b, y, d) VALUES ($1, $2, $3, $4, $5)"),
                params![i64::MAX, "仫佬 𠮷", true, vec![0_u8, 255], 0.1],
            )?;
            tx.one(
                sql!("SELECT n, t, b, y, d, NULL FROM test_kind WHERE t = $2 AND n = $1"),
                params![i64::MAX, "仫佬 𠮷"],
            )
        })
        .unwrap();
    assert_eq!(row, (i64::MAX, "仫佬 𠮷".to_owned(), true, vec![0, 255], 0.1, None));
}

fn a_refusal_takes_only_its_own_work_with_it(store: &TestStore) {
    let insert = |id: &'static str, refuse: bool| {
        let store = (**store).clone();
        std::thread::spawn(move || {
            store.write_blocking("test", move |tx| {
                tx.exec(sql!("INSERT INTO test_seat (id, taken, capacity) VALUES ($1, 0, 1)"), params![id])?;
                if refuse { Err(Error::denied()) } else { Ok(()) }
            })
        })
    };
    let threads: Vec<_> =
        [("a", false), ("b", true), ("c", false), ("d", true)].map(|(id, no)| insert(id, no)).into();
    let refused =
        threads.into_iter().filter(|_| true).map(|t| t.join().unwrap()).filter(Result::is_err).count();
    let kept: Vec<(String,)> =
        store.read_blocking(|tx| tx.all(sql!("SELECT id FROM test_seat ORDER BY id"), &[])).unwrap();
    assert_eq!((refused, kept), (2, vec![("a".to_owned(),), ("c".to_owned(),)]));
}

/// The first closure of a group waits until the others stand behind it, so that all share one commit.
fn whoever_is_first_in_a_group_may_be_refused(store: &TestStore) {
    for (round, fates) in [[false, false, true, false], [true, false, true, true], [false, true, false, true]]
        .iter()
        .enumerate()
    {
        let (queued, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(std::sync::Mutex::new(Some(wait)));
        let start = |place: usize, stays: bool| {
            let (store, wait) = ((**store).clone(), wait.clone());
            std::thread::spawn(move || {
                store.write_blocking("test", move |tx| {
                    let id = format!("{round}-{place}");
                    tx.exec(
                        sql!("INSERT INTO test_seat (id, taken, capacity) VALUES ($1, 0, 1)"),
                        params![id],
                    )?;
                    if place == 0
                        && let Some(wait) = wait.lock().unwrap().take()
                    {
                        wait.recv().unwrap();
                    }
                    if stays { Ok(()) } else { Err(Error::denied()) }
                })
            })
        };
        let mut threads = vec![start(0, fates[0])];
        threads.extend((1..4).map(|place| start(place, fates[place])));
        std::thread::sleep(std::time::Duration::from_millis(100));
        queued.send(()).unwrap();
        for (thread, stays) in threads.into_iter().zip(fates) {
            assert_eq!(thread.join().unwrap().is_ok(), *stays);
        }
        let kept: Vec<(String,)> = store
            .read_blocking(move |tx| {
                tx.all(
                    sql!("SELECT id FROM test_seat WHERE id LIKE $1 ORDER BY id"),
                    params![format!("{round}-%")],
                )
            })
            .unwrap();
        let stayed: Vec<(String,)> =
            (0..4).filter(|place| fates[*place]).map(|place| (format!("{round}-{place}"),)).collect();
        assert_eq!(kept, stayed);
    }
}

fn a_panic_is_an_error_and_harms_nobody(store: &TestStore) {
    let error = store.write_blocking("test", |_| -> kernel::Result<()> { panic!("on purpose") }).unwrap_err();
    assert_eq!(error.kind(), Kind::Bug);
    let one: (i64,) =
        store.write_blocking("test", |tx| tx.one(sql!("SELECT 1"), &[]).or_else(|_| Ok((1,)))).unwrap();
    assert_eq!(one, (1,));
}

fn many_clients_never_oversell(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            tx.exec(sql!("INSERT INTO test_seat (id, taken, capacity) VALUES ('rush', 0, 20)"), &[])
        })
        .unwrap();
    let sold = Arc::new(AtomicI64::new(0));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (store, sold) = ((**store).clone(), sold.clone());
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let got = store.write_blocking("test", |tx| {
                        tx.exec(sql!("UPDATE test_seat SET taken = taken + 1 WHERE id = 'rush' AND taken < capacity"), &[])
                    });
                    sold.fetch_add(i64::try_from(got.unwrap()).unwrap(), Ordering::SeqCst);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    let (taken,): (i64,) =
        store.read_blocking(|tx| tx.one(sql!("SELECT taken FROM test_seat WHERE id = 'rush'"), &[])).unwrap();
    assert_eq!((taken, sold.load(Ordering::SeqCst)), (20, 20));
}

fn readers_cannot_write(store: &TestStore) {
    let outcome = store.read_blocking(|tx| tx.exec(sql!("DELETE FROM test_seat"), &[]));
    assert!(outcome.is_err());
}

fn a_lease_has_one_holder_and_a_growing_fence(store: &TestStore) {
    let take = |holder: &'static str| {
        store.write_blocking("test", move |tx| lease::acquire(tx, "sequencer", holder, 10)).unwrap()
    };
    let start = store.clock_now();
    assert_eq!(take("a").unwrap().fence, 1);
    assert_eq!(take("b"), None);
    assert_eq!(take("a").unwrap().fence, 1);
    store.clock.set(start.plus_seconds(60));
    assert_eq!(take("b").unwrap().fence, 2);
    let check = |fence| store.write_blocking("test", move |tx| lease::check(tx, "sequencer", fence));
    assert!(check(1).unwrap_err().is(&lease::FENCED));
    check(2).unwrap();
}

fn jobs_are_claimed_once_and_come_back_when_the_worker_falls_silent(store: &TestStore) {
    let start = store.clock_now();
    store
        .write_blocking("test", |tx| {
            let now = tx.now();
            jobs::enqueue(tx, "pdf", "{}", now)
        })
        .unwrap();
    let claim = |worker: &'static str| {
        store.write_blocking("test", move |tx| jobs::claim(tx, "pdf", worker)).unwrap()
    };
    let job = claim("a").unwrap();
    assert!(claim("b").is_none());
    store.clock.set(start.plus_seconds(600));
    let again = claim("b").unwrap();
    assert_eq!((again.id, again.attempts), (job.id, 2));
    assert!(!store.write_blocking("test", move |tx| jobs::complete(tx, job.id, "a")).unwrap());
    assert!(store.write_blocking("test", move |tx| jobs::complete(tx, again.id, "b")).unwrap());
    assert!(claim("c").is_none());
}

fn a_changed_migration_is_refused(store: &TestStore) {
    migrate(store, &[TABLES]).unwrap();
    let changed = &[store::Migration { sql: "CREATE TABLE other (a bigint)", ..TABLES[0] }];
    assert!(migrate(store, &[changed]).is_err());
}

fn every_statement_of_the_store_is_accepted(store: &TestStore) {
    assert!(store::registered().count() > 10);
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn nothing_goes_on_after_a_failed_statement(store: &TestStore) {
    let went_on = Arc::new(AtomicBool::new(false));
    let seen = went_on.clone();
    let outcome = store.write_blocking("test", move |tx| {
        for _ in 0..2 {
            let _ = tx.exec(sql!("INSERT INTO test_seat (id, taken, capacity) VALUES ('twice', 0, 1)"), &[]);
        }
        seen.store(tx.one::<Row>(sql!("SELECT count(*) FROM test_seat"), &[]).is_ok(), Ordering::SeqCst);
        Ok(())
    });
    assert!(outcome.is_err() && !went_on.load(Ordering::SeqCst));
    let (left,): (i64,) =
        store.read_blocking(|tx| tx.one(sql!("SELECT count(*) FROM test_seat"), &[])).unwrap();
    assert_eq!(left, 0);
}

fn text_is_ordered_by_bytes(store: &TestStore) {
    let rows: Vec<(String,)> = store
        .write_blocking("test", |tx| {
            tx.insert_many(
                "INSERT INTO test_kind (t) VALUES",
                &["b", "B", "a", "_", "重"].map(|t| vec![t.into()]),
            )?;
            tx.all(sql!("SELECT t FROM test_kind ORDER BY t"), &[])
        })
        .unwrap();
    assert_eq!(rows.into_iter().map(|r| r.0).collect::<String>(), "B_ab重");
    let _: Id<Org> = store.write_blocking("test", |tx| Ok(tx.new_id())).unwrap();
}

fn later(tx: &mut store::Tx, id: &str) -> kernel::Result<()> {
    tx.exec_later(sql!("INSERT INTO test_seat (id, taken, capacity) VALUES ($1, 0, 1)"), params![id])
}

fn seats(store: &TestStore) -> Vec<String> {
    let rows: Vec<(String,)> =
        store.read_blocking(|tx| tx.all(sql!("SELECT id FROM test_seat ORDER BY id"), &[])).unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

fn what_nobody_waits_for_is_there_and_its_failure_is_told(store: &TestStore) {
    // Seen by the same transaction, in the order in which it was said.
    let seen: (i64,) = store
        .write_blocking("test", |tx| {
            later(tx, "a")?;
            tx.exec_later(sql!("UPDATE test_seat SET taken = 1 WHERE id = 'a'"), &[])?;
            tx.one(sql!("SELECT taken FROM test_seat WHERE id = 'a'"), &[])
        })
        .unwrap();
    assert_eq!(seen, (1,));
    // More than the line takes.
    let many =
        store.write_blocking("test", |tx| (0..3_000).try_for_each(|n| later(tx, &format!("many-{n}"))));
    many.unwrap();
    assert_eq!(seats(store).len(), 3_001);
    // A key that is there already: told by the end, by the next answer, instead of a refusal, or by a view.
    let at_the_end = store.write_blocking("test", |tx| later(tx, "b").and_then(|()| later(tx, "a")));
    assert!(at_the_end.unwrap_err().is(&store::DUPLICATE));
    let by_the_next = store.write_blocking("test", |tx| {
        let _ = later(tx, "b").and_then(|()| later(tx, "a"));
        tx.exec(sql!("UPDATE test_seat SET taken = 1"), &[])
    });
    assert!(by_the_next.is_err());
    let refused = store.write_blocking("test", |tx| {
        later(tx, "a")?;
        Err::<(), _>(Error::denied())
    });
    assert!(refused.unwrap_err().is(&store::DUPLICATE));
    assert!(store.read_blocking(|tx| later(tx, "view")).is_err());
    // Nothing of all that stayed, and the connections go on.
    assert_eq!(seats(store).len(), 3_001);
    for n in 0..20 {
        store.write_blocking("test", move |tx| later(tx, &format!("on-{n}"))).unwrap();
    }
}

fn two_that_meet_in_a_key_answer_one_after_the_other(store: &TestStore) {
    for round in 0..20 {
        let together = Arc::new(std::sync::Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (store, together) = ((**store).clone(), together.clone());
                std::thread::spawn(move || {
                    together.wait();
                    store.write_blocking("test", move |tx| {
                        let id = format!("met-{round}");
                        let known: Option<Row> =
                            tx.opt(sql!("SELECT 1 FROM test_seat WHERE id = $1"), params![&id])?;
                        if known.is_none() {
                            later(tx, &id)?;
                        }
                        Ok(known.is_none())
                    })
                })
            })
            .collect();
        let made = threads.into_iter().filter(|_| true).map(|t| t.join().unwrap().unwrap());
        assert_eq!(made.filter(|new| *new).count(), 1);
    }
}

trait ClockNow {
    fn clock_now(&self) -> Timestamp;
}

impl ClockNow for TestStore {
    fn clock_now(&self) -> Timestamp {
        self.clock().now()
    }
}

/// Breaks the next transaction that writes, and tells the database another story where it is told `'lie'`.
#[derive(Default)]
struct Next(std::sync::Mutex<Option<Fault>>);

impl Faults for Next {
    fn plan(&self, _: &'static str) -> Option<Fault> {
        self.0.lock().unwrap().take()
    }

    fn instead(&self, statement: &str) -> Option<String> {
        statement.contains("'lie'").then(|| statement.replace("'lie'", "'truth'"))
    }
}

fn what_is_broken_on_purpose_breaks_there(store: &TestStore) {
    let next = Arc::new(Next::default());
    let (clock, pool) = (store.clock().clone(), Pool { readers: 1, writers: 1 });
    let faults: Arc<dyn Faults> = next.clone();
    let broken = Store::open_faulty(store.location(), clock, Chance::seeded(1), pool, Some(faults)).unwrap();
    let add = |fault: Option<Fault>, n: i64| {
        *next.0.lock().unwrap() = fault;
        broken.write_blocking("test.add", move |tx| {
            tx.exec(sql!("INSERT INTO test_kind (n) VALUES ($1)"), params![n])?;
            tx.exec(sql!("INSERT INTO test_kind (n) VALUES ($1)"), params![n]).map(|_| ())
        })
    };
    let there = |n: i64| {
        let count = move |tx: &mut store::Tx| {
            tx.one::<(i64,)>(sql!("SELECT count(*) FROM test_kind WHERE n = $1"), params![n])
        };
        store.read_blocking(count).unwrap().0
    };
    add(None, 1).unwrap();
    assert_eq!(there(1), 2);
    assert!(add(Some(Fault::BeforeCommit), 2).unwrap_err().is(&store::UNKNOWN_OUTCOME));
    assert_eq!(there(2), 0);
    assert!(add(Some(Fault::AfterCommit), 3).unwrap_err().is(&store::UNKNOWN_OUTCOME));
    assert_eq!(there(3), 2);
    // PostgreSQL's threads run the closure again on another connection.
    let lost = add(Some(Fault::AtStatement(1)), 4);
    match store.engine() {
        store::Engine::Sqlite => assert!(lost.unwrap_err().is(&store::UNAVAILABLE)),
        store::Engine::Postgres => lost.unwrap(),
    }
    assert_eq!(there(4), if store.engine() == store::Engine::Sqlite { 0 } else { 2 });
    add(None, 5).unwrap();
    assert_eq!(there(5), 2);
    broken
        .write_blocking("test.lie", |tx| tx.exec(sql!("INSERT INTO test_kind (t) VALUES ('lie')"), &[]))
        .unwrap();
    let told = store
        .read_blocking(|tx| tx.one::<(String,)>(sql!("SELECT t FROM test_kind WHERE t IS NOT NULL"), &[]));
    assert_eq!(told.unwrap().0, "truth");
}
