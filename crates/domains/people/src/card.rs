//! Giving out a learner's card, for people without a phone or without the wish to use one.
//!
//! A card shown to staff proves presence as well as a rotating code does. A person has one card: a new one ends the old, which may
//! be lost and in other hands.

use kernel::{Actor, Error, Id, Person, Result, Right};
use store::{Tx, params, sql};

use crate::{
    model::CardNumber,
    read::key_of,
    vault::{Field, Vault, seal},
};

kernel::codes! {
    /// The card was given to somebody else already.
    pub CARD_TAKEN = Conflict "people.card_taken";
}

/// Gives a person the card with this printed number (ten digits, the last by Luhn's rule).
///
/// # Errors
/// The wrong field `card` (`people.bad_card`); `people.card_taken`; `kernel.missing` if there is no such person; `kernel.denied` unless the actor
/// is the program or staff who take attendance.
pub fn issue_card(tx: &mut Tx, vault: &Vault, actor: &Actor, person: Id<Person>, number: &str) -> Result<()> {
    let staff = actor.grants().iter().any(|grant| grant.role.rights().contains(&Right::TakeAttendance));
    if !staff && !matches!(actor, Actor::System(_)) {
        return Err(Error::denied());
    }
    let card: CardNumber = number.parse().map_err(|error: Error| Error::field("card", error.code()))?;
    if give_card(tx, vault, person, &card)? { Ok(()) } else { Err(Error::new(&CARD_TAKEN)) }
}

/// Gives a person this card; `false` if somebody else has it, and then she keeps the one that she had.
pub(crate) fn give_card(tx: &mut Tx, vault: &Vault, person: Id<Person>, card: &CardNumber) -> Result<bool> {
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    let sealed = seal(tx.chance(), &key, Field::Card, person, card.digits());
    let index = vault.card_index(card);
    let entered = tx.exec(
        sql!(
            "INSERT INTO card (card_index, person_id, number_sealed, issued_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (card_index) DO NOTHING"
        ),
        params![index, person, sealed, tx.now()],
    )?;
    if entered == 0 && holder(tx, &index)? != Some(person) {
        return Ok(false);
    }
    tx.exec_later(
        sql!("DELETE FROM card WHERE person_id = $1 AND card_index <> $2"),
        params![person, index],
    )?;
    Ok(true)
}

fn holder(tx: &mut Tx, index: &[u8; 16]) -> Result<Option<Id<Person>>> {
    let row: Option<(Id<Person>,)> =
        tx.opt(sql!("SELECT person_id FROM card WHERE card_index = $1"), params![index])?;
    Ok(row.map(|(person,)| person))
}

/// Who holds the card with this number, as typed or scanned. A number that no card can have belongs to nobody.
pub fn person_by_card(tx: &mut Tx, vault: &Vault, number: &str) -> Result<Option<Id<Person>>> {
    match number.parse::<CardNumber>() {
        Ok(card) => holder(tx, &vault.card_index(&card)),
        Err(_) => Ok(None),
    }
}

/// The number of a person's card, for her own page.
pub fn card_of(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<String>> {
    let row: Option<(Vec<u8>,)> =
        tx.opt(sql!("SELECT number_sealed FROM card WHERE person_id = $1"), params![person])?;
    let Some((sealed,)) = row else { return Ok(None) };
    let Some(key) = key_of(tx, vault, person)? else { return Ok(None) };
    vault.open(&key, Field::Card, person, &sealed).map(Some)
}
