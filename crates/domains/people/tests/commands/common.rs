//! What several of the tests need.

use std::sync::Arc;

use kernel::{Actor, Error, Id, Person, Result};
use notify::deliver_next;
use people::{Register, Vault};
use store::{Tx, testing::TestStore};

use super::Phones;

pub fn vault() -> Arc<Vault> {
    Arc::new(Vault::new([3; 32]))
}

pub fn write<T: Send + 'static>(
    store: &TestStore,
    work: impl Fn(&mut Tx, &Vault) -> Result<T> + Send + 'static,
) -> Result<T> {
    store.write_blocking("test", move |tx| work(tx, &vault()))
}

pub fn person(store: &TestStore, name: &'static str, phone: Option<&'static str>) -> Id<Person> {
    let cmd = Register { name: name.to_owned(), phone: phone.map(str::to_owned), ..Register::default() };
    write(store, move |tx, vault| people::register(tx, vault, &Actor::System("test"), &cmd)).unwrap()
}

/// Somebody for herself, without a role.
pub fn own(id: Id<Person>) -> Actor {
    Actor::Person { id, grants: Vec::new() }
}

/// The first wrong field, and why.
pub fn field(error: &Error) -> String {
    let wrong = &error.field_errors()[0];
    format!("{} {}", wrong.field, wrong.code.name)
}

/// The texts that were sent since the last look.
pub fn texts(store: &TestStore) -> Vec<String> {
    let phones = Phones::default();
    while deliver_next(store, vault().outbox(), &phones, "test").unwrap() {}
    phones.0.into_inner().unwrap()
}

pub fn wait(store: &TestStore, minutes: i64) {
    store.clock.set(store.clock().now().plus_minutes(minutes));
}

/// Facts vouch for every row, and every check holds.
pub fn verified(store: &TestStore) {
    journal::drain(store, &people::consumers()).unwrap();
    let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
    let verify = move |tx: &mut Tx| journal::verify(tx, &key, "city", &|_| ());
    assert_eq!(store.read_blocking(verify).unwrap().problems, vec![]);
}
