//! What the journal promises, on both engines.

use std::sync::{Arc, mpsc};

use journal::{Consumer, Fact, Recorded, Sealer, drain, facts_after, once, sequence, table, verify};
use kernel::{Actor, Id, Org, Result};
use seal::SigningKey;
use store::{Engine, Migration, Statement, Tx, both_engines, params, sql, testing::TestStore};

const TABLES: &[Migration] = &[Migration {
    domain: "test",
    number: 1,
    name: "0001_test",
    sql: "CREATE TABLE test_seat (org_id text NOT NULL, seat_id text NOT NULL, taken bigint NOT NULL, rev bigint NOT NULL, \
          PRIMARY KEY (org_id, seat_id)); CREATE TABLE test_seen (pos bigint NOT NULL, subject text NOT NULL);",
}];

table! {
    /// Seats of the test.
    SEAT = "test_seat" (org_id, seat_id) [taken];
}

both_engines!(&[journal::MIGRATIONS, TABLES];
    what_commits_late_is_still_delivered,
    a_command_sent_twice_is_done_once,
    a_reactor_makes_its_result_once,
    verification_is_green_and_then_names_what_was_changed,
    every_statement_is_accepted,
    a_guard_that_fails_writes_nothing,
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
