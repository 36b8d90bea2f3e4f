//! A certificate for tests and samples, come about as a real one does: by sign-up, attendance, closing and the reactor.

use std::sync::Arc;

use activities::{ClassId, SignUp, sessions_of_class, testing::class_at};
use kernel::{Actor, Id, PageRequest, Person, Result};
use network::testing::{SmallCity, small_city};
use people::{Register, Vault};
use seal::SigningKey;
use store::testing::TestStore;

use crate::{Credential, Issuer, credentials_of_person};

/// The vault of these tests.
pub fn vault() -> Arc<Vault> {
    Arc::new(Vault::new([9; 32]))
}

/// The issuer of these tests. Its key is no secret.
pub fn issuer() -> Issuer {
    Issuer {
        key: SigningKey::from_seed(&[17; 32]),
        name: "重庆终身学习服务".to_owned(),
        base_url: "http://xuecheng.test".to_owned(),
        origin: "city".to_owned(),
    }
}

/// What [`certified`] made.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The city.
    pub city: SmallCity,
    /// Who completed the class, at two of three sessions.
    pub holder: Id<Person>,
    /// Who signed up too and came once.
    pub other: Id<Person>,
    /// The class, at the centre.
    pub class_id: ClassId,
    /// The certificate.
    pub credential: Credential,
}

/// All consumers that a credential needs.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    [activities::consumers(), learning::consumers(), crate::consumers()].concat()
}

/// Lets somebody of this name complete a class at the centre of a small city. Moves the clock by two weeks.
///
/// # Errors
/// Those of the commands.
pub fn certified(store: &TestStore, name: &str) -> Result<Certified> {
    let operator = Actor::System("test");
    let (actor, name) = (operator.clone(), name.to_owned());
    let (city, holder, other, class_id) = store.write_blocking("test", move |tx| {
        let city = small_city(tx)?;
        let mut join = |name: &str| {
            let cmd = Register { name: name.to_owned(), demo: true, ..Register::default() };
            people::register(tx, &vault(), &actor, &cmd)
        };
        let (holder, other) = (join(&name)?, join("李四")?);
        let opened = class_at(tx, city.centre, None, 10, 3, 60)?;
        for person_id in [holder, other] {
            activities::sign_up(tx, &actor, &SignUp { class_id: opened.class_id, person_id })?;
        }
        Ok((city, holder, other, opened.class_id))
    })?;
    let centre = city.centre;
    let sessions = store.read_blocking(move |tx| sessions_of_class(tx, centre, class_id))?;
    for (number, session) in sessions.iter().enumerate() {
        store.clock.set(session.starts_at);
        let (actor, session_id) = (operator.clone(), session.session_id);
        store.write_blocking("test", move |tx| {
            if number < 2 {
                learning::roll_call(tx, &actor, session_id, holder)?;
            }
            if number == 0 {
                learning::roll_call(tx, &actor, session_id, other)?;
            }
            Ok(())
        })?;
    }
    let actor = operator.clone();
    store.write_blocking("test", move |tx| learning::close_class(tx, &actor, class_id))?;
    journal::drain(store, &consumers())?;
    let held = store.read_blocking(move |tx| credentials_of_person(tx, holder, &PageRequest::first(10)))?;
    let credential = held.rows.into_iter().next().ok_or_else(kernel::Error::missing)?;
    Ok(Certified { city, holder, other, class_id, credential })
}
