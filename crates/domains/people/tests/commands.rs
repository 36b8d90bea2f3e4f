//! What the commands of people promise, on both engines.

use std::time::Instant;

use journal::{drain, facts_after, verify};
use kernel::{Actor, Error, Grant, Id, Lang, Org, Person, Result, Right, Role};
use notify::{Failure, Gateway, Message, deliver_next};
use people::{
    Attempt, CardNumber, Phone, Register, RoleAt, Vault, card_of, consent, erase, facts, grant_role,
    grant_role_within, grants, issue_card, issue_link, names, open_session, person_by_card, person_by_phone,
    profile, redeem_code, redeem_link, register, request_code, revoke_role, staff_of, sweep,
};
use store::{Tx, both_engines, params, sql, testing::TestStore};

#[path = "commands/common.rs"]
mod common;
#[path = "commands/factors.rs"]
mod factors;
#[path = "commands/helpers.rs"]
mod helpers;
#[path = "commands/invite.rs"]
mod invite;
#[path = "commands/own.rs"]
mod own;
#[path = "commands/phone.rs"]
mod phone;
#[path = "commands/pins.rs"]
mod pins;

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    every_statement_is_accepted,
    a_person_is_registered_and_read_back,
    wrong_fields_are_all_named,
    one_phone_one_account_however_many_try,
    nothing_personal_stands_in_clear,
    a_code_signs_in_once,
    a_code_bears_five_tries,
    a_code_runs_out_and_is_not_sent_too_often,
    a_new_phone_gets_a_ticket,
    a_link_signs_in_once,
    a_card_is_found_replaced_and_never_shared,
    roles_hold_from_day_to_day,
    roles_are_given_by_those_who_may,
    administrators_are_told_apart_in_days_to_come,
    one_person_is_not_made_two_administrators_at_once,
    a_role_ends_on_the_day_that_was_said,
    sessions_of_staff_are_short,
    a_token_acts_for_its_holder_until_it_ends,
    an_erased_person_is_nobody,
    facts_vouch_for_every_row,
    ten_thousand_people_take_seconds,
}

/// What a token may be used for ends with it, and its secret stands nowhere.
fn a_token_acts_for_its_holder_until_it_ends(store: &TestStore) {
    use people::{NewToken, WebSessions, issue_token, revoke_token, tokens};
    use web::{Sessions as _, api::Scope};

    let new = |tx: &mut Tx| {
        register(tx, &vault(), &OPERATOR, &Register { name: "王秀英".into(), ..Register::default() })
    };
    let person = store.write_blocking("test", new).unwrap();
    let issue = move |scopes: Vec<Scope>, days: i64| {
        let cmd = NewToken { person, scopes, days };
        store.write_blocking("test", move |tx| issue_token(tx, &vault(), &OPERATOR, &cmd))
    };
    for wrong in [issue(Vec::new(), 1), issue(vec![Scope::Desk], 0), issue(vec![Scope::Desk], 367)] {
        assert_eq!(wrong.unwrap_err().field_errors().len(), 1);
    }
    let token = issue(vec![Scope::MeRead, Scope::MeWrite], 30).unwrap();
    let load = |secret: &str| {
        let hash = seal::token_hash(secret);
        let sessions = WebSessions::new(std::sync::Arc::new(vault()), people::FactorPolicy::off());
        store.read_blocking(move |tx| sessions.load_token(tx, &hash)).unwrap()
    };
    let found = load(&token.secret).unwrap();
    assert_eq!(
        (found.person, found.display_name.as_str(), found.id),
        (person, "王秀英", token.id.to_string())
    );
    assert_eq!(found.scopes, [Scope::MeRead, Scope::MeWrite]);
    assert_eq!(load(&"A".repeat(43)), None);
    assert_eq!(store.read_blocking(tokens).unwrap().len(), 1);

    let other = issue(vec![Scope::Desk], 1).unwrap();
    assert!(store.write_blocking("test", move |tx| revoke_token(tx, &OPERATOR, other.id)).unwrap());
    assert!(!store.write_blocking("test", move |tx| revoke_token(tx, &OPERATOR, other.id)).unwrap());
    assert_eq!(load(&other.secret), None);

    store.clock.set(store.clock().now().plus_minutes(30 * 24 * 60));
    assert_eq!(load(&token.secret), None);
    assert_eq!(store.read_blocking(tokens).unwrap().len(), 0);
    assert_eq!(store.write_blocking("test", sweep).unwrap(), 2);
}

const OPERATOR: Actor = Actor::System("test");

fn vault() -> Vault {
    Vault::new([9; 32])
}

fn write<T: Send + 'static>(
    store: &TestStore,
    f: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
) -> Result<T> {
    store.write_blocking("test", f)
}

fn person(store: &TestStore, name: &'static str, phone: Option<&'static str>) -> Id<Person> {
    let new = move |tx: &mut Tx| {
        let cmd = Register { name: name.into(), phone: phone.map(Into::into), ..Register::default() };
        register(tx, &vault(), &OPERATOR, &cmd)
    };
    write(store, new).unwrap()
}

fn code_of<T>(outcome: Result<T>) -> &'static str {
    outcome.err().map_or("done", |error| error.code().name)
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn a_person_is_registered_and_read_back(store: &TestStore) {
    let cmd = Register {
        name: " 王秀英 ".into(),
        phone: Some("199 1234 1234".into()),
        birth_year: Some(1951),
        home_region: Some("500106000000".parse().unwrap()),
        demo: true,
    };
    let id = write(store, move |tx| register(tx, &vault(), &Actor::Nobody, &cmd)).unwrap();
    let other = person(store, "李雷", None);
    let read = move |tx: &mut Tx| {
        let phone: Phone = "19912341234".parse()?;
        let unknown = Id::derived(b"nobody");
        let found = names(tx, &vault(), &[other, id, unknown, id])?;
        Ok((profile(tx, &vault(), id)?, person_by_phone(tx, &vault(), &phone)?, found))
    };
    let (profile, by_phone, found) = store.read_blocking(read).unwrap();
    assert_eq!((profile.name.as_str(), profile.phone_masked.as_deref()), ("王秀英", Some("199****1234")));
    assert_eq!((profile.birth_year, profile.demo), (Some(1951), true));
    assert_eq!(profile.created_at, store.clock().now());
    assert_eq!(by_phone, Some(id));
    assert_eq!((found.len(), found[&id].as_str(), found[&other].as_str()), (2, "王秀英", "李雷"));
}

fn wrong_fields_are_all_named(store: &TestStore) {
    let cmd = Register {
        name: "王\u{202e}五".into(),
        phone: Some("12345".into()),
        birth_year: Some(2027),
        ..Register::default()
    };
    let error = write(store, move |tx| register(tx, &vault(), &OPERATOR, &cmd)).unwrap_err();
    let wrong: Vec<_> = error.field_errors().iter().map(|e| (e.field.as_str(), e.code.name)).collect();
    assert_eq!(
        wrong,
        [("name", "people.bad_name"), ("phone", "people.bad_phone"), ("birth_year", "kernel.bad_number")]
    );
    let resident = Actor::Person { id: person(store, "王五", None), grants: Vec::new() };
    let refused = write(store, move |tx| {
        register(tx, &vault(), &resident, &Register { name: "李四".into(), ..Register::default() })
    });
    assert_eq!(code_of(refused), "kernel.denied");
}

fn one_phone_one_account_however_many_try(store: &TestStore) {
    let tries: Vec<_> = (0..16)
        .map(|_| {
            let store = (**store).clone();
            std::thread::spawn(move || {
                store.write_blocking("test", |tx| {
                    let cmd = Register {
                        name: "王五".into(),
                        phone: Some("19900000001".into()),
                        ..Register::default()
                    };
                    register(tx, &vault(), &Actor::Nobody, &cmd)
                })
            })
        })
        .collect();
    let outcomes: Vec<_> = tries.into_iter().map(|thread| code_of(thread.join().unwrap())).collect();
    assert_eq!(outcomes.iter().filter(|code| **code == "done").count(), 1);
    assert_eq!(outcomes.iter().filter(|code| **code == "people.phone_taken").count(), 15);
    let (people,): (i64,) =
        store.read_blocking(|tx| tx.one(sql!("SELECT count(*) FROM person"), &[])).unwrap();
    assert_eq!(people, 1);
}

fn nothing_personal_stands_in_clear(store: &TestStore) {
    let id = person(store, "王秀英", Some("19912341234"));
    write(store, move |tx| issue_card(tx, &vault(), &OPERATOR, id, CardNumber::of_serial(42).digits()))
        .unwrap();
    write(store, |tx| request_code(tx, &vault(), &"19912341234".parse()?, Lang::Zh)).unwrap();
    let read = |tx: &mut Tx| {
        let mut bytes = Vec::new();
        for table in
            ["person", "person_key", "phone_directory", "card", "login_code", "fact", "outbox", "rate", "job"]
        {
            let rows: Vec<store::Row> =
                tx.all(store::Statement::dynamic(format!("SELECT * FROM {table}")), &[])?;
            assert!(!rows.is_empty(), "{table}");
            rows.iter().flat_map(store::Row::values).for_each(|value| value.canonical(&mut bytes));
        }
        Ok(bytes)
    };
    let bytes = store.read_blocking(read).unwrap();
    let card = CardNumber::of_serial(42);
    for secret in ["王秀英", "19912341234", card.digits()] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
}

/// Keeps the text of the last message.
#[derive(Default)]
struct Phones(std::sync::Mutex<Vec<String>>);

impl Gateway for Phones {
    fn send(&self, _: kernel::Timestamp, message: &Message) -> Result<(), Failure> {
        self.0.lock().unwrap().push(message.text.clone());
        Ok(())
    }
}

/// Asks for a code and reads it from the message.
fn ask(store: &TestStore, phone: &'static str) -> String {
    write(store, move |tx| request_code(tx, &vault(), &phone.parse()?, Lang::Zh)).unwrap();
    let phones = Phones::default();
    while deliver_next(store, vault().outbox(), &phones, "test").unwrap() {}
    let texts = phones.0.lock().unwrap();
    let code: String = texts.last().unwrap().chars().filter(char::is_ascii_digit).take(6).collect();
    assert!(texts.last().unwrap().contains(&code) && code.len() == 6);
    code
}

fn enter(store: &TestStore, phone: &'static str, code: &str) -> Attempt {
    let code = code.to_owned();
    write(store, move |tx| redeem_code(tx, &vault(), &phone.parse()?, &code)).unwrap()
}

/// A code that is surely another.
fn other(code: &str) -> String {
    let last = code.as_bytes()[5];
    format!("{}{}", &code[..5], if last == b'0' { '1' } else { '0' })
}

fn a_code_signs_in_once(store: &TestStore) {
    let id = person(store, "王五", Some("19900000001"));
    let code = ask(store, "19900000001");
    assert_eq!(enter(store, "19900000002", &code), Attempt::Spent, "a code holds for its phone only");
    assert_eq!(enter(store, "19900000001", &other(&code)), Attempt::Wrong { left: 4 });
    assert_eq!(enter(store, "19900000001", &code), Attempt::Known(id));
    assert_eq!(enter(store, "19900000001", &code), Attempt::Spent);
}

fn a_code_bears_five_tries(store: &TestStore) {
    let code = ask(store, "19900000001");
    for left in (1..=4).rev() {
        assert_eq!(enter(store, "19900000001", &other(&code)), Attempt::Wrong { left });
    }
    assert_eq!(enter(store, "19900000001", &other(&code)), Attempt::Spent);
    assert_eq!(enter(store, "19900000001", &code), Attempt::Spent, "the right one comes too late");
}

fn a_code_runs_out_and_is_not_sent_too_often(store: &TestStore) {
    let code = ask(store, "19900000001");
    let again = |store: &TestStore| {
        code_of(write(store, |tx| request_code(tx, &vault(), &"19900000001".parse()?, Lang::En)))
    };
    assert_eq!(again(store), "web.too_many");
    store.clock.set(store.clock().now().plus_minutes(5));
    assert_eq!(enter(store, "19900000001", &code), Attempt::Spent);
    for _ in 0..4 {
        assert_eq!(again(store), "done");
        store.clock.set(store.clock().now().plus_minutes(2));
    }
    assert_eq!(again(store), "web.too_many", "five in an hour");
    assert_eq!(write(store, sweep).unwrap(), 0, "the last code still holds");
    store.clock.set(store.clock().now().plus_minutes(60));
    assert_eq!(write(store, sweep).unwrap(), 1);
}

fn a_new_phone_gets_a_ticket(store: &TestStore) {
    let code = ask(store, "19900000003");
    let Attempt::New { ticket } = enter(store, "19900000003", &code) else {
        panic!("the phone has no account")
    };
    let now = store.clock().now();
    assert_eq!(people::proved_phone(&vault(), now, &ticket).unwrap().digits(), "19900000003");
    assert_eq!(code_of(people::asked_phone(&vault(), now, &ticket)), "people.ticket_spent");
    assert_eq!(code_of(people::proved_phone(&vault(), now.plus_minutes(20), &ticket)), "people.ticket_spent");
}

fn a_link_signs_in_once(store: &TestStore) {
    let id = person(store, "王五", None);
    let token = write(store, move |tx| issue_link(tx, id, 60)).unwrap();
    let late = write(store, move |tx| issue_link(tx, id, 60)).unwrap();
    let redeem = |store: &TestStore, token: &str| {
        let token = token.to_owned();
        write(store, move |tx| redeem_link(tx, &token))
    };
    assert_eq!(redeem(store, &token).unwrap(), id);
    assert_eq!(code_of(redeem(store, &token)), "people.link_spent");
    assert_eq!(code_of(redeem(store, "nonsense")), "people.link_spent");
    store.clock.set(store.clock().now().plus_minutes(60));
    assert_eq!(code_of(redeem(store, &late)), "people.link_spent");
}

fn a_card_is_found_replaced_and_never_shared(store: &TestStore) {
    let (ann, bob) = (person(store, "安安", None), person(store, "波波", None));
    let (first, second) = (CardNumber::of_serial(1), CardNumber::of_serial(2));
    let give = |store: &TestStore, to, card: &CardNumber| {
        let digits = card.digits().to_owned();
        write(store, move |tx| issue_card(tx, &vault(), &OPERATOR, to, &digits))
    };
    let holder = |store: &TestStore, typed: String| {
        store.read_blocking(move |tx| person_by_card(tx, &vault(), &typed)).unwrap()
    };
    give(store, ann, &first).unwrap();
    give(store, ann, &first).unwrap();
    let typed = format!("{} {}", &first.digits()[..5], &first.digits()[5..]);
    assert_eq!(holder(store, typed), Some(ann));
    assert_eq!(code_of(give(store, bob, &first)), "people.card_taken");
    give(store, ann, &second).unwrap();
    assert_eq!(holder(store, first.digits().into()), None, "the lost card opens nothing");
    assert_eq!(holder(store, second.digits().into()), Some(ann));
    assert_eq!(holder(store, "12345".into()), None);
    let shown = store.read_blocking(move |tx| card_of(tx, &vault(), ann)).unwrap();
    assert_eq!(shown.as_deref(), Some(second.digits()));
    let error = write(store, move |tx| issue_card(tx, &vault(), &OPERATOR, bob, "1234567890")).unwrap_err();
    assert_eq!(
        (error.field_errors()[0].field.as_str(), error.field_errors()[0].code.name),
        ("card", "people.bad_card")
    );
    let resident = Actor::Person { id: bob, grants: Vec::new() };
    let refused =
        write(store, move |tx| issue_card(tx, &vault(), &resident, bob, CardNumber::of_serial(3).digits()));
    assert_eq!(code_of(refused), "kernel.denied");
}

fn roles_hold_from_day_to_day(store: &TestStore) {
    let org: Id<Org> = Id::derived(b"centre");
    let cmd = RoleAt { person: person(store, "王五", None), role: Role::Teacher, org };
    drain(store, &[]).unwrap();
    let today = store.clock().now().day();
    let held = move |store: &TestStore, day| {
        store.read_blocking(move |tx| Ok((grants(tx, cmd.person, day)?, staff_of(tx, org, day)?))).unwrap()
    };
    write(store, move |tx| grant_role(tx, &OPERATOR, &cmd)).unwrap();
    write(store, move |tx| grant_role(tx, &OPERATOR, &cmd)).unwrap();
    assert_eq!(
        held(store, today),
        (vec![Grant { role: Role::Teacher, org }], vec![(cmd.person, Role::Teacher)])
    );
    assert_eq!(held(store, today.plus(-1)), (vec![], vec![]));
    store.clock.set(today.plus(10).at(600));
    write(store, move |tx| revoke_role(tx, &OPERATOR, &cmd)).unwrap();
    write(store, move |tx| revoke_role(tx, &OPERATOR, &cmd)).unwrap();
    assert_eq!(held(store, today.plus(9)).0.len(), 1);
    assert_eq!(held(store, today.plus(10)).0.len(), 0);
    store.clock.set(today.plus(20).at(600));
    write(store, move |tx| grant_role(tx, &OPERATOR, &cmd)).unwrap();
    assert_eq!((held(store, today.plus(15)).0.len(), held(store, today.plus(20)).0.len()), (0, 1));
    drain(store, &[]).unwrap();
    let kinds: Vec<_> = store.read_blocking(|tx| facts_after(tx, 0, 100)).unwrap();
    let kinds: Vec<_> = kinds.iter().map(|fact| (fact.kind.as_str(), fact.org)).collect();
    let at = Some(org);
    assert_eq!(
        kinds,
        [
            (facts::REGISTERED, None),
            (facts::ROLE_GRANTED, at),
            (facts::ROLE_REVOKED, at),
            (facts::ROLE_GRANTED, at)
        ]
    );
}

fn roles_are_given_by_those_who_may(store: &TestStore) {
    let (centre, college): (Id<Org>, Id<Org>) = (Id::derived(b"centre"), Id::derived(b"college"));
    let (head, new) = (person(store, "负责人", None), person(store, "新人", None));
    let at_centre = RoleAt { person: new, role: Role::Staff, org: centre };
    let actor = move |role, org| Actor::Person { id: head, grants: vec![Grant { role, org }] };
    let give = |store: &TestStore, actor: Actor, cmd: RoleAt| {
        code_of(write(store, move |tx| grant_role(tx, &actor, &cmd)))
    };
    assert_eq!(give(store, Actor::Nobody, at_centre), "kernel.denied");
    assert_eq!(give(store, actor(Role::Staff, centre), at_centre), "kernel.denied");
    assert_eq!(give(store, actor(Role::Head, college), at_centre), "kernel.denied");
    assert_eq!(
        give(store, actor(Role::Head, centre), RoleAt { person: head, ..at_centre }),
        "people.own_role"
    );
    let ghost = RoleAt { person: Id::derived(b"ghost"), ..at_centre };
    assert_eq!(give(store, actor(Role::Head, centre), ghost), "kernel.missing");
    assert_eq!(give(store, actor(Role::Head, centre), at_centre), "done");
    // The tree, where it is asked, decides.
    let above = move |_: &mut Tx, actor: &Actor, right: Right, org: Id<Org>| {
        assert_eq!((right, org), (Right::ManageStaff, centre));
        if actor.grants().iter().any(|grant| grant.org == college) { Ok(()) } else { Err(Error::denied()) }
    };
    let teacher = RoleAt { role: Role::Teacher, ..at_centre };
    let within = move |by: Actor| move |tx: &mut Tx| grant_role_within(tx, &by, &teacher, None, &above);
    assert_eq!(code_of(write(store, within(actor(Role::Head, centre)))), "kernel.denied");
    assert_eq!(code_of(write(store, within(actor(Role::Head, college)))), "done");
    // Whoever checks the others does none of their work, wherever the other role is held.
    let auditor = RoleAt { role: Role::Auditor, ..at_centre };
    let elsewhere = RoleAt { org: college, ..auditor };
    let security = |org| actor(Role::SecurityAdministrator, org);
    assert_eq!(
        give(store, actor(Role::Head, centre), auditor),
        "kernel.denied",
        "heads appoint no administrators"
    );
    assert_eq!(give(store, security(centre), auditor), "people.separate_duties");
    assert_eq!(give(store, security(college), elsewhere), "people.separate_duties");
    for role in [Role::Staff, Role::Teacher] {
        let operator = Actor::System("test");
        let taken = RoleAt { role, ..at_centre };
        write(store, move |tx| people::revoke_role(tx, &operator, &taken)).unwrap();
    }
    assert_eq!(give(store, security(centre), auditor), "done");
    for role in Role::ALL {
        let other = RoleAt { role, ..elsewhere };
        let expected = if role == Role::Auditor { "done" } else { "people.separate_duties" };
        assert_eq!(give(store, security(college), other), expected, "{role}");
    }
    // The refusal names what is in the way.
    let cmd = RoleAt { role: Role::SystemAdministrator, ..auditor };
    let refused = write(store, move |tx| grant_role(tx, &OPERATOR, &cmd)).unwrap_err();
    let told = |lang| web::i18n::say_code(lang, refused.code(), refused.args());
    assert!(
        told(kernel::Lang::Zh).contains("此人已是安全审计员，不能再担任系统管理员"),
        "{}",
        told(kernel::Lang::Zh)
    );
    assert!(told(kernel::Lang::En).contains("is auditor already and cannot become system administrator"));
    let own = RoleAt { person: head, role: Role::Auditor, org: centre };
    assert_eq!(give(store, security(centre), own), "people.own_role");
}

/// A process whose clock is ahead gives and ends roles in days to come; they count, too.
fn administrators_are_told_apart_in_days_to_come(store: &TestStore) {
    let org: Id<Org> = Id::derived(b"top");
    let give =
        |person, role| write(store, move |tx| grant_role(tx, &OPERATOR, &RoleAt { person, role, org }));
    let today = store.clock().now();
    let (begins, ends) = (person(store, "先行", None), person(store, "后止", None));
    store.clock.set(today.plus_minutes(2 * 24 * 60));
    give(begins, Role::Staff).unwrap();
    give(ends, Role::Staff).unwrap();
    write(store, move |tx| revoke_role(tx, &OPERATOR, &RoleAt { person: ends, role: Role::Staff, org }))
        .unwrap();
    store.clock.set(today);
    assert_eq!(code_of(give(begins, Role::Auditor)), "people.separate_duties");
    // She never held it: it ended on the day on which it began.
    give(ends, Role::Auditor).unwrap();
    drain(store, &[]).unwrap();
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let report = store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap();
    assert_eq!(report.problems, vec![]);
}

/// Two who appoint one person at the same moment see each other: she becomes one of both, never both.
fn one_person_is_not_made_two_administrators_at_once(store: &TestStore) {
    let org: Id<Org> = Id::derived(b"top");
    for round in 0..12 {
        let new = person(store, "新人", None);
        let give = |store: store::Store, role| {
            let cmd = RoleAt { person: new, role, org };
            std::thread::spawn(move || {
                store.write_blocking("test", move |tx| grant_role(tx, &OPERATOR, &cmd)).is_ok()
            })
        };
        let (one, other) = (
            give((**store).clone(), Role::Auditor),
            give(store.another_process(), Role::SystemAdministrator),
        );
        let given = [one.join().unwrap(), other.join().unwrap()];
        assert_eq!(given.iter().filter(|given| **given).count(), 1, "round {round}: {given:?}");
    }
    drain(store, &[]).unwrap();
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let report = |store: &TestStore| {
        store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap().problems
    };
    assert_eq!(report(store), vec![]);
    // Who makes herself both by SQL is named.
    let both = person(store, "两面人", None);
    write(store, move |tx| {
        for role in ["auditor", "security-administrator"] {
            tx.exec(
                sql!("INSERT INTO role_grant (person_id, org_id, role, from_day, granted_by, rev) VALUES ($1, $2, $3, 1, 'x', 1)"),
                params![both, org, role],
            )?;
        }
        Ok(())
    })
    .unwrap();
    assert!(report(store).iter().any(|problem| problem.check == "people.duties"));
}

fn a_role_ends_on_the_day_that_was_said(store: &TestStore) {
    let org: Id<Org> = Id::derived(b"centre");
    let who = person(store, "临时工", None);
    let today = store.clock().now().day();
    let cmd = RoleAt { person: who, role: Role::Staff, org };
    let give =
        |until| write(store, move |tx| grant_role_within(tx, &OPERATOR, &cmd, until, &|_, _, _, _| Ok(())));
    let wrong = give(Some(today)).unwrap_err();
    assert_eq!(wrong.field_errors()[0].code.name, "people.bad_end");
    give(Some(today.plus(3))).unwrap();
    let held = |day| store.read_blocking(move |tx| grants(tx, who, day)).unwrap().len();
    assert_eq!([0, 2, 3, 4].map(|n| held(today.plus(n))), [1, 1, 0, 0]);
    store.clock.set(today.plus(1).at(600));
    give(Some(today.plus(9))).unwrap();
    give(Some(today.plus(9))).unwrap();
    assert_eq!([0, 8, 9].map(|n| held(today.plus(n))), [1, 1, 0], "a new end, the same beginning");
    let roles = store.read_blocking(move |tx| people::roles_of(tx, who)).unwrap();
    assert_eq!((roles.len(), roles[0].from_day, roles[0].to_day), (1, today, Some(today.plus(9))));
    drain(store, &[]).unwrap();
    let facts = store.read_blocking(|tx| facts_after(tx, 0, 100)).unwrap();
    let ends: Vec<_> = facts
        .iter()
        .filter(|fact| fact.kind == facts::ROLE_GRANTED)
        .map(|fact| fact.payload::<facts::RoleChanged>().unwrap().to_day)
        .collect();
    assert_eq!(ends, [Some(today.plus(3)), Some(today.plus(9))], "the same again is no fact");
}

fn sessions_of_staff_are_short(store: &TestStore) {
    use web::Sessions as _;
    let sessions = std::sync::Arc::new(people::WebSessions::new(
        std::sync::Arc::new(vault()),
        people::FactorPolicy::off(),
    ));
    let load = move |store: &TestStore, token: &str| {
        let (sessions, hash) = (sessions.clone(), seal::token_hash(token));
        store.read_blocking(move |tx| sessions.load(tx, &hash)).unwrap()
    };
    let org: Id<Org> = Id::derived(b"centre");
    let (resident, staff) = (person(store, "居民", None), person(store, "员工", None));
    let later = person(store, "新员工", None);
    let cmd = RoleAt { person: staff, role: Role::Staff, org };
    write(store, move |tx| grant_role(tx, &OPERATOR, &cmd)).unwrap();
    let open = move |store: &TestStore, id| {
        write(store, move |tx| open_session(tx, id, "Android · Chrome")).unwrap()
    };
    let (a, b, c) = (open(store, resident), open(store, staff), open(store, later));
    assert_eq!((a.seconds, b.seconds), (30 * 86_400, 12 * 3_600));
    let info = load(store, &b.token).unwrap();
    assert_eq!((info.person, info.display_name.as_str(), info.grants.len()), (staff, "员工", 1));
    write(store, move |tx| grant_role(tx, &OPERATOR, &RoleAt { person: later, ..cmd })).unwrap();
    assert!(load(store, &c.token).is_some());
    store.clock.set(store.clock().now().plus_minutes(12 * 60));
    assert!(load(store, &a.token).is_some());
    assert_eq!(load(store, &b.token), None);
    assert_eq!(load(store, &c.token), None, "a role got later shortens the session too");
    store.clock.set(store.clock().now().plus_minutes(30 * 24 * 60));
    assert_eq!(load(store, &a.token), None);
    assert_eq!(load(store, "nonsense"), None);
}

fn an_erased_person_is_nobody(store: &TestStore) {
    let id = person(store, "王秀英", Some("19912341234"));
    let card = CardNumber::of_serial(7);
    write(store, move |tx| {
        issue_card(tx, &vault(), &OPERATOR, id, CardNumber::of_serial(7).digits())?;
        open_session(tx, id, "")
    })
    .unwrap();
    let stranger = Actor::Person { id: Id::derived(b"other"), grants: Vec::new() };
    assert_eq!(code_of(write(store, move |tx| erase(tx, &vault(), &stranger, id))), "kernel.denied");
    let herself = Actor::Person { id, grants: Vec::new() };
    write(store, move |tx| erase(tx, &vault(), &herself, id)).unwrap();
    let read = move |tx: &mut Tx| {
        let left: (i64, i64, i64) = tx.one(
            sql!(
                "SELECT (SELECT count(*) FROM person_key), (SELECT count(*) FROM web_session), (SELECT count(*) FROM phone_directory)"
            ),
            &[],
        )?;
        let profile = profile(tx, &vault(), id);
        Ok((
            names(tx, &vault(), &[id])?.len(),
            person_by_card(tx, &vault(), card.digits())?,
            left,
            profile.is_err(),
        ))
    };
    assert_eq!(store.read_blocking(read).unwrap(), (0, None, (0, 0, 0), true));
    drain(store, &[]).unwrap();
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let report = store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap();
    assert_eq!((report.erasures, report.problems), (1, vec![]));
    assert!(report.erased > 0);
    person(store, "新主人", Some("19912341234"));
}

fn facts_vouch_for_every_row(store: &TestStore) {
    let id = person(store, "王五", Some("19912341234"));
    let cmd = RoleAt { person: id, role: Role::Head, org: Id::derived(b"centre") };
    write(store, move |tx| {
        consent(tx, &OPERATOR, id, people::PRIVACY_NOTICE)?;
        consent(tx, &OPERATOR, id, people::PRIVACY_NOTICE)?;
        grant_role(tx, &OPERATOR, &cmd)
    })
    .unwrap();
    drain(store, &[]).unwrap();
    let report = |store: &TestStore| {
        let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
        store.read_blocking(move |tx| verify(tx, &key, "city", &|_| ())).unwrap()
    };
    let green = report(store);
    assert_eq!((green.facts, green.rows, green.problems.len()), (3, 3, 0), "{:?}", green.problems);
    // Somebody makes herself auditor of everything by SQL.
    write(store, move |tx| {
        tx.exec(sql!("UPDATE role_grant SET role = 'auditor' WHERE person_id = $1"), params![id])
    })
    .unwrap();
    let red = report(store);
    assert!(red.problems.iter().any(|problem| problem.record.ends_with("/auditor")), "{:?}", red.problems);
}

fn ten_thousand_people_take_seconds(store: &TestStore) {
    const PEOPLE: u64 = 10_000;
    const AT_ONCE: u64 = 500;
    let started = Instant::now();
    for batch in 0..PEOPLE / AT_ONCE {
        write(store, move |tx| {
            let vault = vault();
            for number in batch * AT_ONCE..(batch + 1) * AT_ONCE {
                let cmd = Register {
                    name: format!("居民{number}"),
                    phone: Some(format!("199{number:08}")),
                    demo: true,
                    ..Register::default()
                };
                let person = register(tx, &vault, &OPERATOR, &cmd)?;
                issue_card(tx, &vault, &OPERATOR, person, CardNumber::of_serial(number).digits())?;
                let org = Id::derived(&number.to_be_bytes());
                grant_role(tx, &OPERATOR, &RoleAt { person, role: Role::Staff, org })?;
            }
            Ok(())
        })
        .unwrap();
    }
    let (made, seconds) = (PEOPLE, started.elapsed().as_secs_f64());
    println!("{:?}: {made} people with card and role in {seconds:.2} s", store.engine());
    let read = |tx: &mut Tx| {
        let ids: Vec<(Id<Person>,)> =
            tx.all(sql!("SELECT person_id FROM person ORDER BY person_id LIMIT 5000"), &[])?;
        let ids: Vec<_> = ids.into_iter().map(|(id,)| id).collect();
        let started = Instant::now();
        let found = names(tx, &vault(), &ids)?.len();
        Ok((found, started.elapsed().as_secs_f64()))
    };
    let (found, names_seconds) = store.read_blocking(read).unwrap();
    println!("{:?}: {found} names in {names_seconds:.3} s", store.engine());
    assert_eq!(found, 5_000);
    // Far above what it takes on the slowest machine at hand; it catches a slow hash or a scan that grows with the number of people.
    assert!(seconds < 60.0, "{seconds}");
}
