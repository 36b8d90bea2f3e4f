//! Closing an account.
//!
//! Records of learning are never rewritten; what makes them personal is destroyed instead: the person's key, and with it name, phone and
//! card (个人信息保护法, article 47). What is left is a random id that means nobody.

use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result};
use store::{Tx, params, sql};

use crate::{
    facts::{ERASED, Erased, PERSON},
    read::key_of,
    vault::{Field, Vault},
};

/// Destroys a person's key and everything by which she could be found or let in, and leaves `people.erased.v1`. Cannot be undone.
///
/// # Errors
/// `kernel.denied` unless the actor is the person herself or the program; `kernel.missing` if there is no such person (any more).
pub fn erase(tx: &mut Tx, vault: &Vault, actor: &Actor, person: Id<Person>) -> Result<()> {
    if actor.person() != Some(person) && !matches!(actor, Actor::System(_)) {
        return Err(Error::denied());
    }
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    let (sealed,): (Option<Vec<u8>>,) =
        tx.one(sql!("SELECT phone_sealed FROM person WHERE person_id = $1"), params![person])?;
    if let Some(sealed) = sealed {
        let phone = vault.open(&key, Field::Phone, person, &sealed)?.parse()?;
        let index = vault.phone_index(&phone);
        tx.exec_later(sql!("DELETE FROM phone_directory WHERE phone_index = $1"), params![index])?;
        tx.exec_later(sql!("DELETE FROM login_code WHERE phone_index = $1"), params![index])?;
    }
    tx.exec_later(sql!("DELETE FROM card WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM web_session WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM login_link WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM person_key WHERE person_id = $1"), params![person])?;
    let mut fact = Fact::new(ERASED, person).payload(&Erased { person_id: person });
    let wipe = "name_sealed = $1, phone_sealed = NULL, birth_year = NULL, home_region = NULL";
    fact.update(tx, &PERSON, params![person], wipe, "", params![Vec::<u8>::new()])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(())
}
