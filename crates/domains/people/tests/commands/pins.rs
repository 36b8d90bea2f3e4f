//! Cards with PINs, given out at a counter.

use std::sync::Arc;

use kernel::{Actor, Grant, Id, Org, Role};
use people::{Register, RoleAt, Vault};
use store::{both_engines, testing::TestStore};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    a_card_with_a_pin_lets_in_and_locks,
}

fn a_card_with_a_pin_lets_in_and_locks(store: &TestStore) {
    let vault = Arc::new(Vault::new([3; 32]));
    let org: Id<Org> = Id::derived(&[7; 16]);
    let clerk = Actor::Person { id: Id::derived(&[8; 16]), grants: vec![Grant { role: Role::Staff, org }] };
    let (made, by) = (vault.clone(), clerk.clone());
    let person = store
        .write_blocking("test", move |tx| {
            let cmd =
                Register { name: "刘桂兰".to_owned(), birth_year: Some(1950), ..Register::default() };
            people::register_at_counter(tx, &made, &by, org, &cmd)
        })
        .unwrap();
    let slip_of = |who: &Actor| {
        let (vault, who) = (vault.clone(), who.clone());
        store.read_blocking(move |tx| people::slip(tx, &vault, &who, person))
    };
    let slip = slip_of(&clerk).unwrap();
    assert_eq!((slip.name.as_str(), slip.card.len(), slip.pin.len()), ("刘桂兰", 10, people::PIN_DIGITS));
    // Nobody else sees the slip, and after half an hour nobody at all.
    let other = Actor::Person { id: Id::derived(&[9; 16]), grants: vec![Grant { role: Role::Staff, org }] };
    assert!(slip_of(&other).err().unwrap().is(&people::SLIP_GONE));
    let tries = |card: &str, pin: &str| {
        let (vault, card, pin) = (vault.clone(), card.to_owned(), pin.to_owned());
        store.write_blocking("test", move |tx| people::redeem_pin(tx, &vault, &card, &pin)).unwrap()
    };
    assert_eq!(tries(&slip.card, &slip.pin), Some(person));
    let wrong = if slip.pin == "908172" { "908173" } else { "908172" };
    assert_eq!(tries("1000000008", wrong), None, "a card that nobody has");
    for _ in 0..people::PIN_TRIES {
        assert_eq!(tries(&slip.card, wrong), None);
    }
    assert_eq!(tries(&slip.card, &slip.pin), None, "locked, also for the right PIN");
    let begun = store.clock().now();
    store.clock.set(begun.plus_minutes(5));
    assert_eq!(tries(&slip.card, &slip.pin), Some(person));
    // A right try forgets the wrong ones; the second lock of a row is longer than the first.
    for minutes in [5, 30] {
        for _ in 0..people::PIN_TRIES {
            assert_eq!(tries(&slip.card, wrong), None);
        }
        store.clock.set(store.clock().now().plus_minutes(minutes - 1));
        assert_eq!(tries(&slip.card, &slip.pin), None, "{minutes}");
        store.clock.set(store.clock().now().plus_minutes(1));
    }
    assert_eq!(tries(&slip.card, &slip.pin), Some(person));
    assert!(slip_of(&clerk).err().unwrap().is(&people::SLIP_GONE));
    // A new PIN ends the old one and keeps the card; a new card ends both.
    let give = |what: people::Gives| {
        let (vault, by) = (vault.clone(), clerk.clone());
        store.write_blocking("test", move |tx| people::give_out(tx, &vault, &by, org, person, what)).unwrap();
        slip_of(&clerk).unwrap()
    };
    let second = give(people::Gives::Pin);
    assert!(second.card == slip.card && second.pin != slip.pin);
    assert_eq!((tries(&slip.card, &slip.pin), tries(&slip.card, &second.pin)), (None, Some(person)));
    let third = give(people::Gives::Card);
    assert!(third.card != slip.card);
    assert_eq!((tries(&slip.card, &third.pin), tries(&third.card, &third.pin)), (None, Some(person)));
    // Who has a telephone hears of everything that a counter gives out for her; of what she came for herself she need not hear.
    let waiting = || {
        let count = |tx: &mut store::Tx| tx.one::<(i64,)>(store::sql!("SELECT count(*) FROM outbox"), &[]);
        store.read_blocking(count).unwrap().0
    };
    let (made, by) = (vault.clone(), clerk.clone());
    let caller = store
        .write_blocking("test", move |tx| {
            let phone = Some("13812341234".to_owned());
            let cmd = Register { name: "王秀英".to_owned(), phone, ..Register::default() };
            people::register(tx, &made, &by, &cmd)
        })
        .unwrap();
    for (told, what) in [(1, people::Gives::Card), (2, people::Gives::Pin)] {
        let (vault, by) = (vault.clone(), clerk.clone());
        store.write_blocking("test", move |tx| people::give_out(tx, &vault, &by, org, caller, what)).unwrap();
        assert_eq!(waiting(), told);
    }
    // Who holds a role does not get in by card, and gets none at a counter.
    let refused = store.write_blocking("test", {
        let (vault, by) = (vault.clone(), clerk.clone());
        move |tx| {
            people::grant_role(tx, &Actor::System("test"), &RoleAt { person, role: Role::Teacher, org })?;
            people::give_out(tx, &vault, &by, org, person, people::Gives::Pin)
        }
    });
    assert!(refused.unwrap_err().is(&people::STAFF_BY_PHONE));
    store
        .write_blocking("test", move |tx| {
            people::grant_role(tx, &Actor::System("test"), &RoleAt { person, role: Role::Teacher, org })
        })
        .unwrap();
    assert_eq!(tries(&third.card, &third.pin), None);
    // Nothing of it is left of who goes.
    let gone = vault.clone();
    store.write_blocking("test", move |tx| people::erase(tx, &gone, &Actor::System("test"), person)).unwrap();
    assert_eq!(tries(&third.card, &third.pin), None);
    let left: (i64,) =
        store.read_blocking(|tx| tx.one(store::sql!("SELECT count(*) FROM card_pin"), &[])).unwrap();
    assert_eq!(left, (1,), "that of the other one");
}
