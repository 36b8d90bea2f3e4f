//! What the journal promises, on both engines.

#[path = "journal/after.rs"]
mod after;

use std::sync::{Arc, mpsc};

use journal::{Consumer, Fact, Recorded, Sealer, drain, facts_after, once, sequence, table, verify};
use kernel::{Actor, Clock, Id, Org, Result};
use seal::{Hash, SigningKey, leaf_hash, verify_consistency, verify_inclusion};
use store::{Engine, Migration, Statement, Tx, both_engines, params, sql, testing::TestStore};

const TABLES: &[Migration] = &[Migration {
    domain: "test",
    number: 1,
    name: "0001_test",
    sql: "CREATE TABLE test_seat (org_id text NOT NULL, seat_id text NOT NULL, taken bigint NOT NULL, rev bigint NOT NULL, \
          PRIMARY KEY (org_id, seat_id)); CREATE TABLE test_seen (pos bigint NOT NULL, subject text NOT NULL); \
          CREATE TABLE test_name (who text NOT NULL, year bigint NOT NULL, name text NOT NULL, rev bigint NOT NULL, \
          PRIMARY KEY (who, year))",
}];

table! {
    /// Seats of the test.
    SEAT = "test_seat" (org_id, seat_id) [taken];
}

both_engines!(&[journal::MIGRATIONS, TABLES];
    what_commits_late_is_still_delivered,
    a_clock_that_is_behind_turns_no_record_round,
    a_full_batch_leaves_no_earlier_version_behind,
    a_command_sent_twice_is_done_once,
    a_reactor_makes_its_result_once,
    verification_is_green_and_then_names_what_was_changed,
    every_statement_is_accepted,
    a_guard_that_fails_writes_nothing,
    proofs_hold_for_every_leaf_and_size,
    proofs_are_cheap_in_a_large_tree,
    two_sealers_make_one_chain,
);

fn org() -> Id<Org> {
    Id::derived(b"an organisation..")
}

fn take(tx: &mut Tx, seat: &str) -> Result<()> {
    let mut fact = Fact::new("test.seat_taken.v1", org()).at(org());
    let key = [org().into(), seat.into()];
    if fact.update(tx, &SEAT, &key, "taken = taken + 1", "taken < $1", params![100])?.is_none() {
        fact.insert(tx, &SEAT, vec![org().into(), seat.into(), 1.into()])?;
    }
    fact.emit(tx, &Actor::System("test")).map(|_| ())
}

fn positions(store: &TestStore) -> Vec<(i64, String, i64)> {
    let facts = store.read_blocking(|tx| facts_after(tx, 0, 1_000)).unwrap();
    facts.into_iter().map(|f| (f.pos, f.subject, f.version)).collect()
}

/// A opens, B commits, a consumer runs, A commits: A is delivered. SQLite has one writer, so there A and B are merely
/// interleaved with the consumer.
fn what_commits_late_is_still_delivered(store: &TestStore) {
    let (opened, wait_opened) = mpsc::channel::<()>();
    let (go, may_commit) = mpsc::channel::<()>();
    let channels = Arc::new(std::sync::Mutex::new((opened, may_commit)));
    let late = {
        let store = (**store).clone();
        let waits = store.engine() == Engine::Postgres;
        std::thread::spawn(move || {
            store.write_blocking("test.late", move |tx| {
                take(tx, "late")?;
                // The fact is with the server, and not yet committed: what needs no answer is sent with what does.
                let (inside,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), &[])?;
                assert_eq!(inside, 1);
                let channels = channels.lock().unwrap();
                channels.0.send(()).unwrap();
                if waits {
                    channels.1.recv().unwrap();
                }
                Ok(())
            })
        })
    };
    wait_opened.recv().unwrap();
    if store.engine() == Engine::Sqlite {
        go.send(()).unwrap();
        late.join().unwrap().unwrap();
        store.write_blocking("test.early", |tx| take(tx, "early")).unwrap();
        drain(store, &[]).unwrap();
        assert_eq!(positions(store).len(), 2);
        return;
    }
    store.write_blocking("test.early", |tx| take(tx, "early")).unwrap();
    drain(store, &[]).unwrap();
    assert_eq!(positions(store), [(1, format!("test_seat:{}/early", org()), 1)]);
    go.send(()).unwrap();
    late.join().unwrap().unwrap();
    drain(store, &[]).unwrap();
    let all = positions(store);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1], (2, format!("test_seat:{}/late", org()), 1));
}

/// Two processes change the same seat, and the clock of the second one is behind: the first version comes first all the same.
fn a_clock_that_is_behind_turns_no_record_round(store: &TestStore) {
    let morning = store.clock.now();
    store.write_blocking("test.take", |tx| take(tx, "a")).unwrap();
    store.clock.set(morning.plus_minutes(-10));
    store.write_blocking("test.take", |tx| take(tx, "a")).unwrap();
    store.write_blocking("test.take", |tx| take(tx, "b")).unwrap();
    drain(store, &[]).unwrap();
    let versions: Vec<(String, i64)> =
        positions(store).into_iter().map(|(_, subject, version)| (subject, version)).collect();
    let (a, b) = (format!("test_seat:{}/a", org()), format!("test_seat:{}/b", org()));
    assert_eq!(versions, [(b, 1), (a.clone(), 1), (a, 2)]);
}

/// The same with more facts than the sequencer takes at once: the third version is in the first batch, the two before it
/// would only be in the last.
fn a_full_batch_leaves_no_earlier_version_behind(store: &TestStore) {
    let morning = store.clock.now();
    store.write_blocking("test.take", |tx| take(tx, "a")).unwrap();
    store.clock.set(morning.plus_minutes(10));
    store.write_blocking("test.take", |tx| take(tx, "a")).unwrap();
    store.clock.set(morning.plus_minutes(-20));
    store.write_blocking("test.take", |tx| take(tx, "a")).unwrap();
    store.clock.set(morning.plus_minutes(-10));
    store.write_blocking("test.take", |tx| (0..1_200).try_for_each(|n| take(tx, &format!("b{n}")))).unwrap();
    let first = store.write_blocking("journal.sequence", sequence).unwrap();
    assert_eq!(first, 502);
    let a = format!("test_seat:{}/a", org());
    drain(store, &[]).unwrap();
    let facts = store.read_blocking(|tx| facts_after(tx, 0, 2_000)).unwrap();
    assert_eq!(facts.len(), 1_203);
    let versions: Vec<i64> = facts.iter().filter(|f| f.subject == a).map(|f| f.version).collect();
    assert_eq!(versions, [1, 2, 3]);
}

fn a_command_sent_twice_is_done_once(store: &TestStore) {
    let send = |key: &'static str, seat: &'static str| {
        store.write_blocking("test", move |tx| {
            once(tx, &Actor::System("test"), key, &seat, |tx| take(tx, seat).map(|()| seat.len() as i64))
        })
    };
    assert_eq!(send("k1", "a").unwrap(), 1);
    assert_eq!(send("k1", "a").unwrap(), 1);
    assert!(send("k1", "b").unwrap_err().is(&journal::KEY_REUSED));
    drain(store, &[]).unwrap();
    assert_eq!(positions(store).len(), 1);
}

struct Echo;

impl Consumer for Echo {
    fn name(&self) -> &'static str {
        "test.echo"
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        for cause in facts.iter().filter(|fact| fact.kind == "test.seat_taken.v1") {
            tx.exec(
                sql!("INSERT INTO test_seen (pos, subject) VALUES ($1, $2)"),
                params![cause.pos, &cause.subject],
            )?;
            let mut fact = Fact::new("test.echoed.v1", "echo").derived(self.name(), cause);
            let id: Id<Org> = cause.derived_id(self.name());
            fact.insert(tx, &SEAT, vec!["echo".into(), id.into(), 0.into()])?;
            fact.emit(tx, &Actor::System("echo"))?;
        }
        Ok(())
    }
}

fn a_reactor_makes_its_result_once(store: &TestStore) {
    for seat in ["a", "b", "a"] {
        store.write_blocking("test", move |tx| take(tx, seat)).unwrap();
    }
    let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::new(Echo)];
    drain(store, &consumers).unwrap();
    // Two processes feed the same consumer at once.
    store.write_blocking("test", |tx| take(tx, "c")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| drain(store, &consumers).unwrap());
        }
    });
    let (seen, echoed): (i64, i64) = store
        .read_blocking(|tx| {
            tx.one(sql!("SELECT (SELECT count(*) FROM test_seen), (SELECT count(*) FROM test_seat WHERE org_id = 'echo')"), &[])
        })
        .unwrap();
    assert_eq!((seen, echoed), (4, 4));
    // A cursor that is set back by mistake cannot make a result twice: the identifier exists.
    store
        .write_blocking("test", |tx| {
            tx.exec(sql!("UPDATE consumer SET pos = 0 WHERE name = 'test.echo'"), &[])
        })
        .unwrap();
    assert!(drain(store, &consumers).unwrap_err().is(&store::DUPLICATE));
}

fn report(store: &TestStore, sealer: &Sealer) -> journal::Report {
    let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
    store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap()
}

fn verification_is_green_and_then_names_what_was_changed(store: &TestStore) {
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    for round in 0..3 {
        for seat in ["a", "b", "c"] {
            store.write_blocking("test", move |tx| take(tx, seat)).unwrap();
        }
        drain(store, &[]).unwrap();
        if round < 2 {
            sealer.seal(store).unwrap();
        }
    }
    let green = report(store, &sealer);
    assert_eq!((green.facts, green.rows, green.heads, green.unsealed), (9, 3, 2, 3));
    assert_eq!(green.problems, []);

    let seat = format!("test_seat:{}/b", org());
    let tampered: [(&str, &str, &str); 8] = [
        (
            "UPDATE test_seat SET taken = 2 WHERE seat_id = 'b'",
            "UPDATE test_seat SET taken = 3 WHERE seat_id = 'b'",
            &seat,
        ),
        (
            "UPDATE test_seat SET rev = 2 WHERE seat_id = 'b'",
            "UPDATE test_seat SET rev = 3 WHERE seat_id = 'b'",
            &seat,
        ),
        (
            "UPDATE fact SET payload = '{ }' WHERE version = 3",
            "UPDATE fact SET payload = '{}' WHERE version = 3",
            "fact:",
        ),
        (
            "UPDATE fact SET actor = 'person:x' WHERE version = 1",
            "UPDATE fact SET actor = 'system:test' WHERE version = 1",
            "fact:",
        ),
        (
            "UPDATE fact_pos SET pos = 90 WHERE pos = 9",
            "UPDATE fact_pos SET pos = 9 WHERE pos = 90",
            "position:9",
        ),
        (
            "UPDATE seal_head SET at = at + 1 WHERE size = 6",
            "UPDATE seal_head SET at = at - 1 WHERE size = 6",
            "head:6",
        ),
        (
            "UPDATE test_seat SET seat_id = 'z' WHERE seat_id = 'b'",
            "UPDATE test_seat SET seat_id = 'b' WHERE seat_id = 'z'",
            &seat,
        ),
        (
            "INSERT INTO test_seat (org_id, seat_id, taken, rev) VALUES ('o', 'forged', 1, 1)",
            "DELETE FROM test_seat WHERE org_id = 'o'",
            "test_seat:o/forged",
        ),
    ];
    for (change, undo, named) in tampered {
        let run = |text: &'static str| {
            store
                .write_blocking("tamper", move |tx| tx.exec(Statement::dynamic(text.to_owned()), &[]))
                .unwrap()
        };
        assert!(run(change) > 0, "{change}");
        let red = report(store, &sealer);
        assert!(red.problems.iter().any(|p| p.record.starts_with(named)), "{change}: {:?}", red.problems);
        run(undo);
        assert_eq!(report(store, &sealer).problems, [], "{undo}");
    }
    let stranger = Sealer::new(SigningKey::from_seed(&[8; 32]), "test");
    assert!(!report(store, &stranger).problems.is_empty());
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn a_guard_that_fails_writes_nothing(store: &TestStore) {
    let written = store.write_blocking("test", |tx| {
        let mut fact = Fact::new("test.never.v1", org());
        let row = fact.update(tx, &SEAT, &[org().into(), "none".into()], "taken = 0", "", &[])?;
        assert!(row.is_none());
        fact.emit(tx, &Actor::System("test"))
    });
    assert!(written.is_err());
    assert_eq!(store.write_blocking("test", sequence).unwrap(), 0);
}

/// Leaves without facts: what proofs are made of, quicker to write than what it stands for.
fn bare_leaves(store: &TestStore, range: std::ops::Range<i64>) -> Vec<Hash> {
    let leaves: Vec<Hash> = range.clone().map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let rows: Vec<Vec<store::Value>> = range
        .zip(&leaves)
        .map(|(n, leaf)| vec![(n + 1).into(), "h".into(), format!("{n:032x}").into(), leaf.to_vec().into()])
        .collect();
    for chunk in rows.chunks(10_000) {
        let chunk = chunk.to_vec();
        store
            .write_blocking("test.leaves", move |tx| {
                tx.insert_many("INSERT INTO fact_pos (pos, home, fact_id, leaf) VALUES", &chunk)
            })
            .unwrap();
    }
    leaves
}

fn proofs_hold_for_every_leaf_and_size(store: &TestStore) {
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    let leaves = bare_leaves(store, 0..300);
    sealer.seal(store).unwrap();
    store
        .read_blocking(move |tx| {
            for size in [1_u64, 2, 3, 7, 8, 100, 255, 256, 257, 300] {
                let root = seal::root(&leaves[..size as usize]);
                for index in 0..size {
                    let found = journal::inclusion(tx, index, Some(size))?;
                    assert_eq!((found.root, found.leaf), (root, leaves[index as usize]));
                    assert!(
                        verify_inclusion(&found.leaf, index, size, &found.proof, &root),
                        "{index} of {size}"
                    );
                }
                for from in 0..=size {
                    let found = journal::consistency(tx, from, Some(size))?;
                    let old = seal::root(&leaves[..from as usize]);
                    assert_eq!((found.from_root, found.to_root), (old, root));
                    assert!(verify_consistency(from, size, &old, &root, &found.proof), "{from} to {size}");
                }
            }
            assert!(journal::inclusion(tx, 0, Some(301)).unwrap_err().is(&journal::NO_SUCH_SIZE));
            assert!(journal::inclusion(tx, 7, Some(7)).unwrap_err().is(&journal::NO_SUCH_SIZE));
            assert!(journal::inclusion(tx, 300, None).unwrap_err().is(&journal::NOT_SEALED_YET));
            assert!(journal::consistency(tx, 3, Some(2)).unwrap_err().is(&journal::NO_SUCH_SIZE));
            assert_eq!(journal::fact_index(tx, format!("{:032x}", 17).parse()?)?, Some(17));
            Ok(())
        })
        .unwrap();
}

/// 70,000 leaves have nodes on two stored levels; a node that is changed, or that a city lacked, is found or made.
fn proofs_are_cheap_in_a_large_tree(store: &TestStore) {
    const SIZE: u64 = 70_000;
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    let leaves = bare_leaves(store, 0..SIZE as i64);
    sealer.seal(store).unwrap();
    let check = move |store: &TestStore, leaves: Vec<Hash>| {
        store
            .read_blocking(move |tx| {
                let (stored,): (i64,) = tx.one(sql!("SELECT count(*) FROM seal_node"), &[])?;
                assert_eq!(stored as u64, SIZE / 256 + 1);
                let root = seal::root(&leaves);
                for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, SIZE - 1] {
                    let found = journal::inclusion(tx, index, None)?;
                    assert!(verify_inclusion(&leaves[index as usize], index, SIZE, &found.proof, &root));
                    let old = seal::root(&leaves[..index as usize]);
                    let found = journal::consistency(tx, index, None)?;
                    assert!(verify_consistency(index, SIZE, &old, &root, &found.proof));
                }
                Ok(())
            })
            .unwrap();
    };
    check(store, leaves.clone());
    // A city that was sealed before nodes were stored.
    let run = |text: &'static str| {
        store.write_blocking("test", move |tx| tx.exec(Statement::dynamic(text.to_owned()), &[])).unwrap()
    };
    run("DELETE FROM seal_node");
    sealer.seal(store).unwrap();
    check(store, leaves);
    let wrong = |store: &TestStore| -> Vec<String> {
        let of_nodes = |p: journal::Problem| (p.check == "node").then_some(p.record);
        report(store, &sealer).problems.into_iter().filter_map(of_nodes).collect()
    };
    assert_eq!(wrong(store), Vec::<String>::new());
    run("DELETE FROM seal_node WHERE level = 8 AND idx = 5");
    assert_eq!(wrong(store), ["node:8/5"]);
    run(
        "UPDATE seal_node SET hash = (SELECT n.hash FROM seal_node n WHERE n.level = 8 AND n.idx = 1) WHERE level = 16",
    );
    assert_eq!(wrong(store), ["node:8/5", "node:16/0"]);
}

/// Two processes that seal at the same time never make two heads that follow the same one.
fn two_sealers_make_one_chain(store: &TestStore) {
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    for round in 0..20 {
        bare_leaves(store, round * 30..round * 30 + 30);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| sealer.seal(store).unwrap());
            }
        });
    }
    let found: Vec<_> = report(store, &sealer).problems.into_iter().filter(|p| p.check == "seal").collect();
    assert_eq!(found, []);
}
