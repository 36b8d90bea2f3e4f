//! What somebody does with what is kept of her: correcting it, and leaving.

use kernel::{Actor, Error, Grant, Help, Id, Org, Person, Role};
use people::{Correction, RoleAt, Vault};
use store::{Tx, both_engines, params, sql, testing::TestStore};

use super::common::{own, person, vault, verified, write};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    she_corrects_her_name_for_a_while_and_a_clerk_later,
    who_leaves_may_come_back_for_a_week,
    who_holds_a_role_does_not_leave,
}

const DAY: i64 = 24 * 60;

fn name(store: &TestStore, person: Id<Person>) -> Option<String> {
    store.read_blocking(move |tx| people::name(tx, &vault(), person)).unwrap()
}

fn messages(store: &TestStore) -> i64 {
    store.read_blocking(|tx| tx.one::<(i64,)>(sql!("SELECT count(*) FROM outbox"), &[])).unwrap().0
}

fn field(error: &Error) -> (String, &'static kernel::Code) {
    let wrong = &error.field_errors()[0];
    (wrong.field.clone(), wrong.code)
}

fn she_corrects_her_name_for_a_while_and_a_clerk_later(store: &TestStore) {
    let org: Id<Org> = Id::derived(&[7; 16]);
    let clerk = Actor::Person {
        id: person(store, "李干事", None),
        grants: vec![Grant { role: Role::Staff, org }],
    };
    let her = person(store, "刘桂蓝", Some("19900000001"));
    let right = |name: &str, year| Correction { name: name.to_owned(), birth_year: year };
    let correct = |actor: Actor, right: Correction| {
        write(store, move |tx, vault| people::correct(tx, vault, &actor, &right))
    };
    let facts = || store.read_blocking(journal::head_pos).unwrap();
    assert!(correct(own(her), right("刘桂兰", Some(1951))).unwrap());
    assert_eq!(name(store, her).as_deref(), Some("刘桂兰"));
    // What is right already leaves no trace.
    journal::drain(store, &[]).unwrap();
    let before = facts();
    assert!(!correct(own(her), right("刘桂兰", Some(1951))).unwrap());
    journal::drain(store, &[]).unwrap();
    assert_eq!(facts(), before);
    for (wrong, at) in [(right("", None), "name"), (right("刘桂兰", Some(1850)), "birth_year")] {
        assert_eq!(field(&correct(own(her), wrong).unwrap_err()).0, at);
    }
    let helper = Actor::Helper { id: her, helper: person(store, "田小红", None), may: Help::Act };
    assert!(correct(helper, right("田小红", None)).unwrap_err().is(&kernel::DENIED));
    // A month later certificates may go by the name: the year of birth is still hers to say, the name is not.
    store.clock.set(store.clock().now().plus_minutes(people::OWN_NAME_DAYS * DAY));
    let late = correct(own(her), right("刘桂花", Some(1951))).unwrap_err();
    assert_eq!(field(&late), ("name".to_owned(), &people::NAME_AT_COUNTER));
    assert!(correct(own(her), right("刘桂兰", Some(1952))).unwrap());
    let by = clerk.clone();
    let card = write(store, move |tx, vault| {
        people::give_out(tx, vault, &by, org, her, people::Gives::Card)?;
        Ok(people::card_of(tx, vault, her)?.unwrap())
    })
    .unwrap();
    let told = messages(store);
    let (by, number) = (clerk.clone(), card.clone());
    let at = right("刘桂花", None);
    let done = write(store, move |tx, vault| people::correct_at_counter(tx, vault, &by, org, &number, &at));
    assert_eq!(done.unwrap(), her);
    assert_eq!(name(store, her).as_deref(), Some("刘桂花"));
    let year = store.read_blocking(move |tx| Ok(people::profile(tx, &vault(), her)?.birth_year)).unwrap();
    assert_eq!(year, Some(1952), "what the clerk leaves empty stays");
    assert_eq!(messages(store), told + 1, "she hears of it");
    let (by, at) = (clerk, right("别人", None));
    let wrong =
        write(store, move |tx, vault| people::correct_at_counter(tx, vault, &by, org, "1000000008", &at));
    assert_eq!(field(&wrong.unwrap_err()).0, "card");
    verified(store);
}

fn who_leaves_may_come_back_for_a_week(store: &TestStore) {
    let (ann, bob) = (person(store, "甲", Some("19900000001")), person(store, "乙", None));
    let order = |person| write(store, move |tx, vault| people::order_leaving(tx, vault, &own(person)));
    let withdraw = |person| write(store, move |tx, _| people::withdraw_leaving(tx, &own(person)));
    let round = || people::erase_due(store, &vault()).unwrap();
    assert!(withdraw(ann).unwrap_err().is(&kernel::MISSING));
    let asked = order(ann).unwrap();
    assert_eq!(messages(store), 1, "she hears of it");
    assert!(order(ann).unwrap_err().is(&people::LEAVES_ALREADY));
    order(bob).unwrap();
    store.clock.set(asked.due_at.plus_minutes(-1));
    assert_eq!(round(), 0);
    withdraw(ann).unwrap();
    store.clock.set(asked.due_at.plus_minutes(1));
    assert_eq!(round(), 1);
    assert_eq!((name(store, ann).as_deref(), name(store, bob)), (Some("甲"), None));
    assert_eq!(round(), 0, "once");
    // She may ask again, and a week begins anew.
    order(ann).unwrap();
    assert_eq!(round(), 0);
    store.clock.set(store.clock().now().plus_minutes(people::LEAVE_DAYS * DAY));
    assert_eq!(round(), 1);
    assert_eq!(name(store, ann), None);
    let left = store.read_blocking(move |tx| {
        tx.one::<(i64,)>(sql!("SELECT count(*) FROM phone_directory WHERE person_id = $1"), params![ann])
    });
    assert_eq!(left.unwrap().0, 0);
    verified(store);
}

fn who_holds_a_role_does_not_leave(store: &TestStore) {
    let org: Id<Org> = Id::derived(&[7; 16]);
    let her = person(store, "李干事", None);
    let order = || write(store, move |tx, vault| people::order_leaving(tx, vault, &own(her)));
    order().unwrap();
    let role = move |tx: &mut Tx, _: &Vault| {
        people::grant_role(tx, &Actor::System("test"), &RoleAt { person: her, role: Role::Staff, org })
    };
    write(store, role).unwrap();
    store.clock.set(store.clock().now().plus_minutes(people::LEAVE_DAYS * DAY));
    assert_eq!(people::erase_due(store, &vault()).unwrap(), 0);
    assert_eq!(name(store, her).as_deref(), Some("李干事"));
    write(store, move |tx, _| people::withdraw_leaving(tx, &own(her))).unwrap();
    assert!(order().unwrap_err().is(&people::LEAVES_WITH_ROLE));
    let helper = Actor::Helper { id: her, helper: person(store, "别人", None), may: Help::Act };
    let by = helper;
    assert!(
        write(store, move |tx, vault| people::order_leaving(tx, vault, &by)).unwrap_err().is(&kernel::DENIED)
    );
    verified(store);
}
