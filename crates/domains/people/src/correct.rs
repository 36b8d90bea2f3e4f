//! Correcting what is kept of a person (个人信息保护法, article 46).
//!
//! She corrects her own name within [`OWN_NAME_DAYS`] of opening the account, a slip of a letter among it; later a clerk does it, who sees her document,
//! because certificates and rolls go by the name. A certificate shows the name that is kept today; a copy signed before is told to be outdated.

use journal::Fact;
use kernel::{Actor, Error, FieldError, Id, Org, Person, Result, Timestamp};
use store::{Tx, params};

use crate::{
    BAD_CARD, Profile, Register, Vault,
    card::person_by_card,
    facts::{CORRECTED, Corrected, PERSON},
    read::{key_of, profile},
    register::checked,
    tell::tell,
    vault::{Field, seal},
};

kernel::codes! {
    /// Too late for oneself: a clerk corrects the name.
    pub NAME_AT_COUNTER = Invalid "people.name_at_counter";
}

/// Days after the opening of her account in which a person corrects her own name.
pub const OWN_NAME_DAYS: i64 = 30;

/// How it is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// 1 to 40 characters.
    pub name: String,
    /// Year of birth; `None` if she does not say it.
    pub birth_year: Option<i32>,
}

/// Whether a person whose account was opened at this moment still corrects her own name.
pub fn own_name(opened: Timestamp, now: Timestamp) -> bool {
    now < opened.plus_minutes(OWN_NAME_DAYS * 24 * 60)
}

/// The actor corrects her own account and leaves `people.corrected.v1`; `false` if nothing was wrong.
///
/// # Errors
/// Wrong fields `name` (`people.name_at_counter` if it is too late), `birth_year`; `kernel.denied` unless she acts for herself.
pub fn correct(tx: &mut Tx, vault: &Vault, actor: &Actor, right: &Correction) -> Result<bool> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    let known = profile(tx, vault, person)?;
    put_right(tx, vault, actor, (person, &known, None), right)
}

/// A clerk who has seen her document corrects the account of somebody who shows her card at the counter of an organisation; she is told by a message,
/// if she has a telephone. The caller has asked whether the actor may.
///
/// # Errors
/// Wrong fields `card` (`people.bad_card`), `name`, `birth_year`; `kernel.denied` if it is the clerk's own.
pub fn correct_at_counter(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    card: &str,
    right: &Correction,
) -> Result<Id<Person>> {
    let clerk = actor.oneself().ok_or_else(Error::denied)?;
    let person = person_by_card(tx, vault, card)?.ok_or_else(|| Error::field("card", &BAD_CARD))?;
    if person == clerk {
        return Err(Error::denied());
    }
    let known = profile(tx, vault, person)?;
    // What the clerk leaves empty stays as it is.
    let right = Correction { name: right.name.clone(), birth_year: right.birth_year.or(known.birth_year) };
    if put_right(tx, vault, actor, (person, &known, Some(org)), &right)? {
        tell(tx, vault, person, kernel::Lang::Zh, "people-sms-corrected")?;
    }
    Ok(person)
}

/// At a counter if `org` says which.
fn put_right(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    (person, known, org): (Id<Person>, &Profile, Option<Id<Org>>),
    right: &Correction,
) -> Result<bool> {
    let as_new = Register { name: right.name.clone(), birth_year: right.birth_year, ..Register::default() };
    let (name, _) = checked(tx, &as_new)?;
    if name != known.name && org.is_none() && !own_name(known.created_at, tx.now()) {
        let args = vec![("days", OWN_NAME_DAYS.to_string())];
        return Err(Error::fields(vec![FieldError {
            field: "name".to_owned(),
            code: &NAME_AT_COUNTER,
            args,
        }]));
    }
    let mut fields = Vec::new();
    if name != known.name {
        fields.push("name".to_owned());
    }
    if right.birth_year != known.birth_year {
        fields.push("birth_year".to_owned());
    }
    if fields.is_empty() {
        return Ok(false);
    }
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    let sealed = seal(tx.chance(), &key, Field::Name, person, &name);
    let mut fact = Fact::new(CORRECTED, person).payload(&Corrected { person_id: person, fields });
    if let Some(org) = org {
        fact = fact.at(org);
    }
    let set = "name_sealed = $1, birth_year = $2";
    fact.update(tx, &PERSON, params![person], set, "", params![sealed, right.birth_year])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(true)
}
