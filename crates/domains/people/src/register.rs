//! Opening an account.
//!
//! An account is opened by the person herself (the phone was proved by a code), or with her by a member of staff; never for a
//! population in advance. A phone belongs to one account; who has none gets in by card and desk.

use journal::Fact;
use kernel::{Actor, BAD_NUMBER, Error, FieldError, Id, Person, RegionCode, Result, Right};
use store::{Tx, params, sql};

use crate::{
    facts::{PERSON, REGISTERED, Registered},
    model::{Phone, clean_name},
    vault::{Field, Vault, seal},
};

kernel::codes! {
    /// The phone number belongs to an account already.
    pub PHONE_TAKEN = Conflict "people.phone_taken";
}

/// Earliest year of birth that is believed.
const BIRTH_YEAR_MIN: i32 = 1900;

/// A new account.
#[derive(Debug, Clone, Default)]
pub struct Register {
    /// 1 to 40 characters.
    pub name: String,
    /// Mobile number of the mainland, as typed. The caller has seen that the person holds it.
    pub phone: Option<String>,
    /// Year of birth, 1900 to the present one.
    pub birth_year: Option<i32>,
    /// Where she lives.
    pub home_region: Option<RegionCode>,
    /// Made up for a demo.
    pub demo: bool,
}

/// Opens an account and leaves `people.registered.v1`.
///
/// # Errors
/// Wrong fields `name`, `phone`, `birth_year`; `people.phone_taken`; `kernel.denied` when a signed-in person who is no staff opens one for
/// somebody else.
pub fn register(tx: &mut Tx, vault: &Vault, actor: &Actor, cmd: &Register) -> Result<Id<Person>> {
    let staff = actor.grants().iter().any(|grant| grant.role.rights().contains(&Right::TakeAttendance));
    if actor.person().is_some() && !staff {
        return Err(Error::denied());
    }
    open(tx, vault, actor, cmd)
}

/// The same; whether the actor may is asked by the caller.
pub(crate) fn open(tx: &mut Tx, vault: &Vault, actor: &Actor, cmd: &Register) -> Result<Id<Person>> {
    let (name, phone) = checked(tx, cmd)?;
    let person: Id<Person> = tx.random_id();
    let (key, wrapped) = vault.new_key(tx.chance(), person);
    let name_sealed = seal(tx.chance(), &key, Field::Name, person, &name);
    let phone_sealed =
        phone.as_ref().map(|phone| seal(tx.chance(), &key, Field::Phone, person, phone.digits()));
    if let Some(phone) = &phone {
        // The directory's key decides between two who register the same phone at once.
        let entered = tx.exec(
            sql!("INSERT INTO phone_directory (phone_index, person_id) VALUES ($1, $2) ON CONFLICT (phone_index) DO NOTHING"),
            params![vault.phone_index(phone), person],
        )?;
        if entered == 0 {
            return Err(Error::new(&PHONE_TAKEN));
        }
    }
    tx.exec_later(
        sql!("INSERT INTO person_key (person_id, wrapped) VALUES ($1, $2)"),
        params![person, wrapped],
    )?;
    let payload = Registered { person_id: person, home_region: cmd.home_region.clone(), demo: cmd.demo };
    let mut fact = Fact::new(REGISTERED, person).payload(&payload);
    let now = tx.now();
    let row =
        params![person, name_sealed, phone_sealed, cmd.birth_year, cmd.home_region.clone(), now, cmd.demo];
    fact.insert(tx, &PERSON, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(person)
}

pub(crate) fn checked(tx: &Tx, cmd: &Register) -> Result<(String, Option<Phone>)> {
    let mut wrong = Vec::new();
    let name = clean_name(&cmd.name).map_err(|error| wrong.push(error)).unwrap_or_default();
    let phone = cmd.phone.as_ref().and_then(|typed| {
        let read = typed.parse::<Phone>();
        read.map_err(|error| {
            wrong.push(FieldError { field: "phone".to_owned(), code: error.code(), args: Vec::new() })
        })
        .ok()
    });
    let this_year = tx.now().day().month().year();
    if cmd.birth_year.is_some_and(|year| !(BIRTH_YEAR_MIN..=this_year).contains(&year)) {
        let args = vec![("min", BIRTH_YEAR_MIN.to_string()), ("max", this_year.to_string())];
        wrong.push(FieldError { field: "birth_year".to_owned(), code: &BAD_NUMBER, args });
    }
    if wrong.is_empty() { Ok((name, phone)) } else { Err(Error::fields(wrong)) }
}
