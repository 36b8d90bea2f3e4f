//! Erasure, and verification after a head that was found true before.

use journal::{Erasure, Fact, Problem, Report, Sealer, destroy_salts, drain, table, verify, verify_since};
use kernel::{Actor, Result};
use seal::{SigningKey, TreeHead};
use store::{Migration, Statement, Tx, both_engines, params, testing::TestStore};

const TABLES: &[Migration] = &[Migration {
    domain: "test",
    number: 1,
    name: "0001_test",
    sql: "CREATE TABLE test_seat (org_id text NOT NULL, seat_id text NOT NULL, taken bigint NOT NULL, rev bigint NOT NULL, \
          PRIMARY KEY (org_id, seat_id)); \
          CREATE TABLE test_name (who text NOT NULL, year bigint NOT NULL, name text NOT NULL, rev bigint NOT NULL, \
          PRIMARY KEY (who, year))",
}];

table! {
    /// A personal field of the test, with a number in its key.
    NAME = "test_name" (who, year) [name];
}

journal::inventory::submit! {
    Erasure { kind: "test.erased.v1", tables: &["test_name"] }
}

both_engines!(&[journal::MIGRATIONS, TABLES];
    an_erasure_is_counted_and_hides_nothing,
    an_erasure_needs_no_clock,
    a_run_after_a_head_sees_what_came_later,
    a_store_that_cannot_be_read_is_no_finding,
    facts_without_a_position_vouch_too,
);

const TESTER: Actor = Actor::System("test");

fn name(tx: &mut Tx, who: &str, name: &str) -> Result<()> {
    let mut fact = Fact::new("test.named.v1", who);
    let key = params![who, 2026];
    if fact.update(tx, &NAME, key, "name = $1", "", params![name])?.is_none() {
        fact.insert(tx, &NAME, params![who, 2026, name].to_vec())?;
    }
    fact.emit(tx, &TESTER).map(|_| ())
}

fn erase(tx: &mut Tx, who: &str) -> Result<i64> {
    let mut fact = Fact::new("test.erased.v1", who);
    fact.update(tx, &NAME, params![who, 2026], "name = ''", "", &[])?;
    let destroyed = destroy_salts(tx, "test.erased.v1", who)?;
    fact.emit(tx, &TESTER)?;
    Ok(destroyed)
}

fn sealer() -> Sealer {
    Sealer::new(SigningKey::from_seed(&[7; 32]), "test")
}

fn sealed(store: &TestStore) -> Report {
    drain(store, &[]).unwrap();
    sealer().seal(store).unwrap();
    full(store)
}

fn full(store: &TestStore) -> Report {
    store.read_blocking(|tx| verify(tx, &sealer().verifying_key(), "test", &|_| {})).unwrap()
}

fn run(store: &TestStore, text: &str) {
    let text = text.to_owned();
    let changed =
        store.write_blocking("tamper", move |tx| tx.exec(Statement::dynamic(text.clone()), &[])).unwrap();
    assert!(changed > 0);
}

fn named(problems: &[Problem], record: &str) -> bool {
    problems.iter().any(|problem| problem.record.starts_with(record))
}

fn an_erasure_is_counted_and_hides_nothing(store: &TestStore) {
    for (who, word) in [("ann", "安"), ("ann", "安妮"), ("bob", "鲍勃")] {
        store.write_blocking("test", move |tx| name(tx, who, word)).unwrap();
    }
    let before = sealed(store);
    assert_eq!((before.facts, before.erased, before.problems), (3, 0, vec![]));
    let proof = store.read_blocking(|tx| journal::inclusion(tx, 0, Some(3))).unwrap();

    assert_eq!(store.write_blocking("test", |tx| erase(tx, "ann")).unwrap(), 2);
    let after = sealed(store);
    assert_eq!((after.facts, after.rows, after.erased, after.erasures), (4, 2, 2, 1));
    assert_eq!(after.problems, []);
    // Every proof of before is the same.
    assert_eq!(store.read_blocking(|tx| journal::inclusion(tx, 0, Some(3))).unwrap(), proof);

    // What is left of the erased row is still vouched for.
    run(store, "UPDATE test_name SET name = 'x' WHERE who = 'ann'");
    assert!(named(&full(store).problems, "test_name:ann/2026"));
    run(store, "UPDATE test_name SET name = '' WHERE who = 'ann'");
    // A record that was changed cannot be passed off as erased: no fact tells of bob's erasure.
    run(store, "UPDATE test_name SET name = 'forged' WHERE who = 'bob'");
    run(store, "UPDATE fact SET salt = NULL WHERE home = 'bob'");
    let red = full(store);
    assert_eq!(red.erased, 2);
    assert!(
        named(&red.problems, "test_name:bob/2026") && named(&red.problems, "fact:"),
        "{:?}",
        red.problems
    );
    // Nor can the fact that tells of an erasure lose its own salt, or stand at another home.
    run(store, "UPDATE test_name SET name = '鲍勃' WHERE who = 'bob'");
    run(store, "UPDATE fact SET salt = NULL WHERE kind = 'test.erased.v1'");
    assert!(named(&full(store).problems, "test_name:ann/2026"));
    run(store, "UPDATE fact SET home = 'bob' WHERE kind = 'test.erased.v1'");
    assert!(named(&full(store).problems, "fact:"));
}

/// Which facts were there before an erasure is told by the versions, whatever the clocks of the processes showed.
fn an_erasure_needs_no_clock(store: &TestStore) {
    let morning = store.clock().now();
    store.clock.set(morning.plus_minutes(26 * 60));
    store.write_blocking("test", |tx| name(tx, "ann", "安")).unwrap();
    store.clock.set(morning);
    assert_eq!(store.write_blocking("test", |tx| erase(tx, "ann")).unwrap(), 1);
    let green = sealed(store);
    assert_eq!((green.problems, green.erased, green.erasures), (vec![], 1, 1));
    // What is written afterwards is not erased, even if it claims to be older.
    store.clock.set(morning.plus_minutes(-60));
    store.write_blocking("test", |tx| name(tx, "ann", "again")).unwrap();
    assert_eq!(sealed(store).problems, []);
    run(store, "UPDATE fact SET salt = NULL WHERE home = 'ann' AND version = 3");
    assert!(named(&full(store).problems, "fact:"));
}

fn kept_head(store: &TestStore) -> TreeHead {
    let note = store
        .read_blocking(|tx| {
            let head = journal::heads(tx, 1)?.remove(0);
            sealer().note(&head)
        })
        .unwrap();
    TreeHead::from_note(&note, &sealer().verifying_key()).unwrap()
}

fn since(store: &TestStore, head: &TreeHead) -> Report {
    let head = head.clone();
    store
        .read_blocking(move |tx| verify_since(tx, &sealer().verifying_key(), "test", Some(&head), &|_, _| {}))
        .unwrap()
}

fn a_run_after_a_head_sees_what_came_later(store: &TestStore) {
    for who in ["ann", "bob", "cleo"] {
        store.write_blocking("test", move |tx| name(tx, who, who)).unwrap();
    }
    sealed(store);
    let kept = kept_head(store);
    assert_eq!(since(store, &kept).facts, 0);
    for who in ["bob", "dora"] {
        store.write_blocking("test", move |tx| name(tx, who, "new")).unwrap();
    }
    sealed(store);
    let green = since(store, &kept);
    assert_eq!((green.since, green.facts, green.rows, green.heads, green.sealed), (3, 2, 2, 1, 5));
    assert_eq!(green.problems, []);
    // What was written after the head is checked; what was not, is left to a full run.
    run(store, "UPDATE test_name SET name = 'forged' WHERE who = 'dora'");
    assert!(named(&since(store, &kept).problems, "test_name:dora/2026"));
    run(store, "UPDATE test_name SET name = 'new' WHERE who = 'dora'");
    run(store, "UPDATE fact SET payload = '{ }' WHERE home = 'bob' AND version = 2");
    assert!(named(&since(store, &kept).problems, "fact:"));
    run(store, "UPDATE fact SET payload = '{}' WHERE home = 'bob' AND version = 2");
    run(store, "UPDATE test_name SET name = 'forged' WHERE who = 'ann'");
    assert_eq!(since(store, &kept).problems, []);
    assert!(named(&full(store).problems, "test_name:ann/2026"));
    run(store, "UPDATE test_name SET name = 'ann' WHERE who = 'ann'");
    // Somebody with the right key rewrote what was found true before.
    let other = TreeHead { root: [9; 32], ..kept.clone() };
    assert!(named(&since(store, &other).problems, "head:3"));
    run(store, "DELETE FROM seal_head WHERE size = 3");
    assert!(named(&since(store, &kept).problems, "head:3"));
}

journal::inventory::submit! {
    journal::Check { name: "test.reads", run: reads }
}

/// A check whose table is there only in one test.
fn reads(tx: &mut Tx) -> Result<Vec<Problem>> {
    let (there,): (i64,) =
        tx.one(store::sql!("SELECT count(*) FROM test_name WHERE name = 'unreadable'"), &[])?;
    if there > 0 {
        tx.one::<(i64,)>(Statement::dynamic("SELECT count(*) FROM test_gone".to_owned()), &[])?;
    }
    Ok(Vec::new())
}

fn a_store_that_cannot_be_read_is_no_finding(store: &TestStore) {
    store.write_blocking("test", |tx| name(tx, "ann", "unreadable")).unwrap();
    drain(store, &[]).unwrap();
    let outcome = store.read_blocking(|tx| verify(tx, &sealer().verifying_key(), "test", &|_| {}));
    assert!(outcome.unwrap_err().is(&store::UNAVAILABLE));
}

/// As after a kill, or beside a program that serves: the rows are there, the sequencer was not.
fn facts_without_a_position_vouch_too(store: &TestStore) {
    store.write_blocking("test", |tx| name(tx, "a", "first")).unwrap();
    sealed(store);
    let kept = kept_head(store);
    store.write_blocking("test", |tx| name(tx, "a", "second")).unwrap();
    store.write_blocking("test", |tx| name(tx, "b", "new")).unwrap();
    let report = full(store);
    assert_eq!((report.problems, report.unsealed), (vec![], 2));
    let after_head = since(store, &kept);
    assert_eq!((after_head.problems, after_head.unsealed), (vec![], 2));
    for who in ["a", "b"] {
        let text = format!("UPDATE test_name SET name = name || '!' WHERE who = '{who}'");
        let undo = format!("UPDATE test_name SET name = replace(name, '!', '') WHERE who = '{who}'");
        store.write_blocking("test", move |tx| tx.script(&text)).unwrap();
        assert_eq!(full(store).problems.len(), 1, "{who}");
        store.write_blocking("test", move |tx| tx.script(&undo)).unwrap();
    }
    assert_eq!(sealed(store).problems, vec![]);
}
