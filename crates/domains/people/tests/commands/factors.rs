//! Second factors: set up, shown, used up, locked, unlocked and reset, on both engines and in several processes.

use journal::{drain, facts_after, verify};
use kernel::{Actor, Error, Id, Org, Person, Right};
use people::{
    EnrolFactor, FACTOR_LOCK_MINUTES, FACTOR_TRIES, FactorAttempt, MendFactor, RECOVERY_CODES, enrol_factor,
    erase, factor, facts, locked_factors, offer_factor, prove_factor, renew_recovery, reset_factor,
    unlock_factor,
};
use seal::{TOTP_SECONDS, totp_code};
use store::{Row, Statement, Store, Tx, Value, both_engines, params, sql, testing::TestStore};

use super::{OPERATOR, code_of, person, vault, write};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    a_factor_is_set_up_with_the_first_code_and_shown_once_each,
    clocks_may_differ_by_one_step,
    a_recovery_code_works_once,
    wrong_codes_lock_however_many_processes_are_asked,
    only_another_administrator_unlocks_and_resets,
    no_secret_stands_in_clear,
    a_factor_that_is_half_gone_is_seen,
}

const RIGHT: FactorAttempt = FactorAttempt::Right { codes_left: None };

/// Somebody with a factor, and what her app holds.
struct Staff {
    person: Id<Person>,
    secret: Vec<u8>,
    codes: Vec<String>,
}

/// The 20 bytes behind what is typed by hand (RFC 4648 section 6), read back without the library that wrote it.
fn typed(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.chars().filter(|c| *c != ' ') {
        bits = (bits << 5) | u32::try_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 255).unwrap());
        }
    }
    bytes
}

fn step(store: &Store, plus: i64) -> u64 {
    u64::try_from(store.clock().now().millis() / 1_000 / TOTP_SECONDS + plus).unwrap()
}

impl Staff {
    fn new(store: &TestStore, phone: Option<&'static str>) -> Self {
        let person = person(store, "员工", phone);
        let mut new = Self { person, secret: Vec::new(), codes: Vec::new() };
        new.enrol(store);
        new
    }

    fn enrol(&mut self, store: &TestStore) {
        let person = self.person;
        let offered = store.read_blocking(move |tx| offer_factor(tx, &vault(), person, "学城 重庆")).unwrap();
        self.secret = typed(&offered.typed);
        assert!(offered.uri.starts_with("otpauth://totp/"), "{}", offered.uri);
        assert_eq!(self.secret.len(), 20);
        let wrong = EnrolFactor { person, ticket: offered.ticket.clone(), code: self.code(store, 5) };
        let refused = write(store, move |tx| enrol_factor(tx, &vault(), &wrong)).unwrap_err();
        assert_eq!(refused.field_errors()[0].code.name, "people.factor_mismatch");
        let cmd = EnrolFactor { person, ticket: offered.ticket, code: self.code(store, 0) };
        let again = cmd.clone();
        self.codes = write(store, move |tx| enrol_factor(tx, &vault(), &cmd)).unwrap();
        assert_eq!(
            code_of(write(store, move |tx| enrol_factor(tx, &vault(), &again).map(drop))),
            "people.factor_known"
        );
    }

    fn code(&self, store: &Store, plus: i64) -> String {
        totp_code(&self.secret, step(store, plus))
    }

    fn show(&self, store: &Store, code: &str) -> FactorAttempt {
        let (person, code) = (self.person, code.to_owned());
        store.write_blocking("test", move |tx| prove_factor(tx, &vault(), person, &code)).unwrap()
    }

    /// Six digits that are no code of now.
    fn wrong_code(&self, store: &Store) -> String {
        let near: Vec<String> = (-2..=2).map(|plus| self.code(store, plus)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

fn wait(store: &TestStore, minutes: i64) {
    store.clock.set(store.clock().now().plus_minutes(minutes));
}

fn kinds(store: &TestStore) -> Vec<String> {
    drain(store, &[]).unwrap();
    let all = store.read_blocking(|tx| facts_after(tx, 0, 1_000)).unwrap();
    all.into_iter()
        .map(|fact| fact.kind)
        .filter(|kind| kind.contains("factor") || kind.contains("recovery"))
        .collect()
}

fn green(store: &TestStore) {
    drain(store, &[]).unwrap();
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let report = store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap();
    assert_eq!(report.problems, vec![]);
}

fn a_factor_is_set_up_with_the_first_code_and_shown_once_each(store: &TestStore) {
    let staff = Staff::new(store, Some("19912341234"));
    assert_eq!(staff.codes.len(), RECOVERY_CODES);
    // The code with which it was set up is used up too.
    assert_eq!(staff.show(store, &staff.code(store, 0)), FactorAttempt::Used);
    wait(store, 1);
    let code = staff.code(store, 0);
    assert_eq!(staff.show(store, &code), RIGHT);
    assert_eq!(staff.show(store, &code), FactorAttempt::Used, "a code is taken once");
    assert_eq!(staff.show(&store.another_process(), &code), FactorAttempt::Used, "in all processes");
    wait(store, 1);
    let code = staff.code(store, 0);
    assert_eq!(staff.show(store, &format!(" {} {}", &code[..3], &code[3..])), RIGHT);
    let nobody = person(store, "没有", None);
    let missing = write(store, move |tx| prove_factor(tx, &vault(), nobody, "123456").map(drop));
    assert_eq!(code_of(missing), "people.factor_missing");
    let who = staff.person;
    assert_eq!(
        code_of(store.read_blocking(move |tx| offer_factor(tx, &vault(), who, "x").map(drop))),
        "people.factor_known"
    );
    // A page that was open too long, and another's ticket, set nothing up.
    let other = person(store, "别人", None);
    let offered = store.read_blocking(move |tx| offer_factor(tx, &vault(), other, "x")).unwrap();
    let code = totp_code(&typed(&offered.typed), step(store, 0));
    for (whose, minutes) in [(nobody, 0), (other, 20)] {
        wait(store, minutes);
        let cmd = EnrolFactor { person: whose, ticket: offered.ticket.clone(), code: code.clone() };
        assert_eq!(
            code_of(write(store, move |tx| enrol_factor(tx, &vault(), &cmd).map(drop))),
            "people.ticket_spent"
        );
    }
    assert_eq!(kinds(store), [facts::FACTOR_ENROLLED]);
    green(store);
}

fn clocks_may_differ_by_one_step(store: &TestStore) {
    let staff = Staff::new(store, None);
    for (plus, taken) in [(-2, false), (-1, true), (1, true), (2, false)] {
        wait(store, 10);
        let code = staff.code(store, plus);
        assert_eq!(staff.show(store, &code) == RIGHT, taken, "{plus} steps");
    }
    // After a clock that is ahead was believed, an earlier code is old.
    wait(store, 10);
    assert_eq!(staff.show(store, &staff.code(store, 1)), RIGHT);
    assert_eq!(staff.show(store, &staff.code(store, 0)), FactorAttempt::Used);
}

fn a_recovery_code_works_once(store: &TestStore) {
    let staff = Staff::new(store, None);
    let first = staff.codes[0].clone();
    assert_eq!(staff.show(store, &first.to_lowercase()), FactorAttempt::Right { codes_left: Some(9) });
    assert_eq!(staff.show(store, &first), FactorAttempt::Wrong { left: FACTOR_TRIES - 1 });
    assert_eq!(
        staff.show(store, &staff.codes[1].replace('-', " ")),
        FactorAttempt::Right { codes_left: Some(8) }
    );
    let other = Staff::new(store, None);
    assert_eq!(
        staff.show(store, &other.codes[0]),
        FactorAttempt::Wrong { left: FACTOR_TRIES - 1 },
        "another's"
    );
    let who = staff.person;
    let renewed = write(store, move |tx| renew_recovery(tx, &vault(), who)).unwrap();
    assert_eq!(
        staff.show(store, &staff.codes[2]),
        FactorAttempt::Wrong { left: FACTOR_TRIES - 2 },
        "an old list"
    );
    assert_eq!(staff.show(store, &renewed[0]), FactorAttempt::Right { codes_left: Some(9) });
    let mut kinds = kinds(store);
    kinds.sort();
    let expected = [(2, facts::FACTOR_ENROLLED), (1, facts::RECOVERY_RENEWED), (3, facts::RECOVERY_USED)];
    assert_eq!(kinds, expected.map(|(n, kind)| vec![kind; n]).concat());
    green(store);
}

/// Forty tries at once through two processes: no more than five are compared before the lock, and the right code does not open it then.
fn wrong_codes_lock_however_many_processes_are_asked(store: &TestStore) {
    let staff = Staff::new(store, None);
    wait(store, 1);
    let wrong = staff.wrong_code(store);
    let mut threads = Vec::new();
    for n in 0..40 {
        let process = if n % 2 == 0 { (**store).clone() } else { store.another_process() };
        let (person, code) = (staff.person, wrong.clone());
        threads.push(std::thread::spawn(move || {
            process.write_blocking("test", move |tx| prove_factor(tx, &vault(), person, &code)).unwrap()
        }));
    }
    let answers: Vec<FactorAttempt> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let compared = answers.iter().filter(|answer| matches!(answer, FactorAttempt::Wrong { .. })).count();
    let locked = answers.iter().filter(|answer| matches!(answer, FactorAttempt::Locked { .. })).count();
    assert_eq!((compared, locked), (4, 36), "{answers:?}");
    let now = store.clock().now();
    let until = now.plus_minutes(FACTOR_LOCK_MINUTES);
    assert_eq!(staff.show(store, &staff.code(store, 0)), FactorAttempt::Locked { until });
    assert_eq!(staff.show(store, &staff.codes[0]), FactorAttempt::Locked { until }, "nor a recovery code");
    let refusal = FactorAttempt::Locked { until }.refusal(now).unwrap();
    let told = web::i18n::say_code(kernel::Lang::Zh, refusal.code(), refusal.args());
    assert!(told.contains("15分钟") || told.contains("16分钟"), "{told}");
    assert!(told.contains("安全保密管理员"), "{told}");
    // A lock ends by itself; the next one is longer, and only a right code makes the first one short again.
    let lock = |store: &TestStore| {
        let wrong = staff.wrong_code(store);
        for _ in 1..FACTOR_TRIES {
            assert!(matches!(staff.show(store, &wrong), FactorAttempt::Wrong { .. }));
        }
        let FactorAttempt::Locked { until } = staff.show(store, &wrong) else { panic!("it locks") };
        (until.millis() - store.clock().now().millis()) / 60_000
    };
    wait(store, FACTOR_LOCK_MINUTES);
    assert_eq!(lock(store), 4 * FACTOR_LOCK_MINUTES);
    wait(store, 4 * FACTOR_LOCK_MINUTES);
    assert_eq!(staff.show(store, &staff.code(store, 0)), RIGHT);
    wait(store, 1);
    assert_eq!(lock(store), FACTOR_LOCK_MINUTES);
    assert_eq!(kinds(store)[1..], [facts::FACTOR_LOCKED, facts::FACTOR_LOCKED, facts::FACTOR_LOCKED]);
    green(store);
}

fn only_another_administrator_unlocks_and_resets(store: &TestStore) {
    let org: Id<Org> = Id::derived(b"top");
    let mut staff = Staff::new(store, Some("19912341234"));
    let admin = person(store, "安全保密管理员", None);
    let by = |id| Actor::Person { id, grants: Vec::new() };
    let passes = move |_: &mut Tx, _: &Actor, right: Right, at: Id<Org>| {
        assert_eq!((right, at), (Right::ManageSecurity, org));
        Ok(())
    };
    let denies = |_: &mut Tx, _: &Actor, _: Right, _: Id<Org>| Err(Error::denied());
    let cmd = MendFactor { person: staff.person, org };
    let unlock = |actor: Actor, pass: bool| {
        code_of(write(store, move |tx| {
            if pass {
                unlock_factor(tx, &actor, &cmd, &passes)
            } else {
                unlock_factor(tx, &actor, &cmd, &denies)
            }
            .map(drop)
        }))
    };
    let reset = |actor: Actor, pass: bool| {
        code_of(write(store, move |tx| {
            if pass {
                reset_factor(tx, &vault(), &actor, &cmd, &passes)
            } else {
                reset_factor(tx, &vault(), &actor, &cmd, &denies)
            }
        }))
    };
    wait(store, 1);
    for _ in 0..FACTOR_TRIES {
        staff.show(store, &staff.wrong_code(store));
    }
    assert_eq!(store.read_blocking(locked_factors).unwrap().len(), 1);
    assert_eq!(
        (unlock(by(staff.person), true), reset(by(staff.person), true)),
        ("people.own_factor", "people.own_factor")
    );
    assert_eq!((unlock(by(admin), false), reset(by(admin), false)), ("kernel.denied", "kernel.denied"));
    assert_eq!(
        (unlock(Actor::Nobody, false), reset(Actor::Nobody, false)),
        ("kernel.denied", "kernel.denied")
    );
    assert_eq!(unlock(by(admin), true), "done");
    assert_eq!(staff.show(store, &staff.code(store, 0)), RIGHT);
    let who = staff.person;
    let open = move |tx: &mut Tx| people::open_session(tx, who, "").map(drop);
    write(store, open).unwrap();
    assert_eq!(reset(by(admin), true), "done");
    assert_eq!(reset(by(admin), true), "people.factor_missing");
    let left: (i64, i64, i64) = store
        .read_blocking(|tx| {
            tx.one(
                sql!("SELECT (SELECT count(*) FROM factor_secret), (SELECT count(*) FROM recovery_code), (SELECT count(*) FROM web_session)"),
                &[],
            )
        })
        .unwrap();
    assert_eq!(left, (0, 0, 0), "secret, codes and sessions are gone");
    let (messages,): (i64,) =
        store.read_blocking(|tx| tx.one(sql!("SELECT count(*) FROM outbox"), &[])).unwrap();
    assert_eq!(messages, 2, "she was told that it was set up, and that it was reset");
    let old = staff.codes[0].clone();
    staff.enrol(store);
    wait(store, 1);
    assert!(matches!(staff.show(store, &old), FactorAttempt::Wrong { .. }));
    assert_eq!(staff.show(store, &staff.code(store, 0)), RIGHT);
    assert_eq!(
        kinds(store),
        [
            facts::FACTOR_ENROLLED,
            facts::FACTOR_LOCKED,
            facts::FACTOR_UNLOCKED,
            facts::FACTOR_RESET,
            facts::FACTOR_ENROLLED
        ]
    );
    green(store);
    write(store, move |tx| erase(tx, &vault(), &OPERATOR, who)).unwrap();
    assert!(!store.read_blocking(move |tx| factor(tx, who)).unwrap().unwrap().active);
    green(store);
}

/// Every value of every table, as bytes.
fn everything(store: &TestStore) -> Vec<Vec<u8>> {
    let names = match store.engine() {
        store::Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        store::Engine::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let read = move |tx: &mut Tx| {
        let tables: Vec<(String,)> = tx.all(Statement::dynamic(names.to_owned()), &[])?;
        let mut values = Vec::new();
        for (table,) in tables {
            let rows: Vec<Row> = tx.all(Statement::dynamic(format!("SELECT * FROM {table}")), &[])?;
            values.extend(rows.iter().flat_map(Row::values).filter_map(|value| match value {
                Value::Text(text) => Some(text.clone().into_bytes()),
                Value::Bytes(bytes) => Some(bytes.clone()),
                _ => None,
            }));
        }
        Ok(values)
    };
    store.read_blocking(read).unwrap()
}

fn no_secret_stands_in_clear(store: &TestStore) {
    let staff = Staff::new(store, None);
    let mut secrets = vec![
        staff.secret.clone(),
        seal::hex(&staff.secret).into_bytes(),
        seal::base32(&staff.secret).into_bytes(),
        seal::base64url(&staff.secret).into_bytes(),
    ];
    for code in &staff.codes {
        secrets.push(code.clone().into_bytes());
        secrets.push(code.replace('-', "").into_bytes());
    }
    let values = everything(store);
    assert!(values.len() > 20, "{}", values.len());
    for secret in secrets {
        let found = values.iter().any(|value| value.windows(secret.len()).any(|window| window == secret));
        assert!(!found, "{}", String::from_utf8_lossy(&secret));
    }
}

fn a_factor_that_is_half_gone_is_seen(store: &TestStore) {
    let staff = Staff::new(store, None);
    let who = staff.person;
    green(store);
    // Who takes the secret away by SQL does not make her set up a new one: she is refused, and `verify` names her.
    write(store, move |tx| tx.exec(sql!("DELETE FROM factor_secret WHERE person_id = $1"), params![who]))
        .unwrap();
    let shown = write(store, move |tx| prove_factor(tx, &vault(), who, "123456").map(drop));
    assert_eq!(code_of(shown), "people.factor_missing");
    assert_eq!(
        code_of(store.read_blocking(move |tx| offer_factor(tx, &vault(), who, "x").map(drop))),
        "people.factor_known"
    );
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let report = store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap();
    assert!(report.problems.iter().any(|problem| problem.check == "people.factors"), "{:?}", report.problems);
}
