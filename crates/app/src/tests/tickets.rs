//! Tickets of forms on which a code is entered that was sent to a telephone.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use kernel::Timestamp;
use notify::{Failure, Gateway, Message, deliver_next};

use super::routes::Site;

/// A number that nobody has and to which no code was sent.
pub fn fresh_number() -> people::Phone {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("199123{:05}", LAST.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
}

/// The ticket of the resident who wants another telephone. The code to the old one was sent a while ago.
pub fn own_ticket(site: &Site) -> String {
    let (vault, by, phone) = (site.scene.vault.clone(), site.scene.actor("resident"), fresh_number());
    let now = site.store.clock().now();
    site.store.clock.set(now.plus_minutes(-2));
    let ask = move |tx: &mut store::Tx| {
        people::request_own_phone(tx, &vault, &by, &phone, kernel::Lang::Zh)?;
        people::own_phone_ticket(tx, &vault, &by, &phone)
    };
    let ticket = site.store.write_blocking("test.code", ask).unwrap();
    site.store.clock.set(now);
    ticket
}

/// The ticket of who changes the telephone of somebody else.
pub fn counter_ticket(site: &Site, by: &str, whose: &str) -> String {
    let (vault, actor, phone) = (site.scene.vault.clone(), site.scene.actor(by), fresh_number());
    let security = by == "security";
    let org = if security { site.scene.city.top } else { site.scene.city.centre };
    let at = people::AtCounter { person: site.scene.person(whose).unwrap(), org, staff: security };
    let ask = move |tx: &mut store::Tx| {
        people::request_counter_phone(tx, &vault, &actor, at, None, &phone)?;
        people::counter_phone_ticket(tx, &vault, &actor, at, &phone)
    };
    site.store.write_blocking("test.code", ask).unwrap()
}

/// Catches the codes that are sent.
#[derive(Default)]
struct Caught(Mutex<String>);

impl Gateway for Caught {
    fn send(&self, _: Timestamp, message: &Message) -> Result<(), Failure> {
        self.0.lock().unwrap().clone_from(&message.text);
        Ok(())
    }
}

/// The ticket of somebody who asked for a code.
pub fn ticket(site: &Site) -> String {
    let (vault, phone) = (site.scene.vault.clone(), "19911110000".parse().unwrap());
    let ask = move |tx: &mut store::Tx| people::request_code(tx, &vault, &phone, kernel::Lang::Zh);
    site.store.write_blocking("test.code", ask).unwrap()
}

/// The ticket of somebody who entered the right code and has no account yet.
pub fn proved(site: &Site) -> String {
    ticket(site);
    let caught = Caught::default();
    while deliver_next(&site.store, site.scene.vault.outbox(), &caught, "test").unwrap() {}
    let code: String = caught.0.lock().unwrap().chars().filter(char::is_ascii_digit).take(6).collect();
    let (vault, phone) = (site.scene.vault.clone(), "19911110000".parse().unwrap());
    let redeem = move |tx: &mut store::Tx| people::redeem_code(tx, &vault, &phone, &code);
    match site.store.write_blocking("test.redeem", redeem).unwrap() {
        people::Attempt::New { ticket } => ticket,
        other => panic!("{other:?}"),
    }
}
