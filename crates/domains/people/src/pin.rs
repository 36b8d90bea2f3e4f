//! Getting in with a card and a PIN, for who has no telephone or does not wish to use it.
//!
//! Card and PIN are given out at a counter 柜台, to somebody who stands there. The PIN follows from the master key, the person and how often she got
//! one, so that it can be printed and is stored nowhere.

use journal::Fact;
use kernel::{Actor, Error, FieldError, Id, Org, Person, Result, Timestamp};
use store::{Tx, params, sql};

use crate::{
    Register,
    card::{card_of, give_card, person_by_card},
    consent,
    factor::hold,
    facts::{CARD_ISSUE, CARD_ISSUED, CardIssued},
    model::CardNumber,
    read::grants,
    register,
    tell::tell,
    vault::Vault,
};

kernel::codes! {
    /// Card or PIN is wrong, or the card is locked for a while: which of them is not told.
    pub CARD_OR_PIN_WRONG = Invalid "people.card_or_pin_wrong";
    /// Who holds a role signs in by telephone, and is helped by the security administrator.
    pub STAFF_BY_PHONE = Conflict "people.staff_by_phone";
    /// The slip can be printed for half an hour, by who gave it out.
    pub SLIP_GONE = Missing "people.slip_gone";
}

/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;
/// Wrong tries that a card bears before it is locked.
pub const PIN_TRIES: i64 = 5;
/// Minutes of the first lock, the second, and so on; the last one holds for all that follow.
const LOCK_MINUTES: [i64; 4] = [5, 30, 240, 1_440];
/// Minutes for which a slip with the PIN can be printed.
pub const SLIP_MINUTES: i64 = 30;
/// Cards that are drawn until a number is free.
const DRAWS: usize = 20;

/// What is given out at a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// A new card, which ends the old one, and a PIN.
    Card,
    /// A new PIN for the card that she has.
    Pin,
}

impl Gives {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Gives::Card => "card",
            Gives::Pin => "pin",
        }
    }
}

/// Opens an account for somebody at the counter of an organisation who has read, or was read, the privacy notice and agreed to it; she gets a card
/// and a PIN. The caller has asked whether the actor may.
///
/// # Errors
/// As [`register`].
pub fn register_at_counter(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    cmd: &Register,
) -> Result<Id<Person>> {
    let person = register(tx, vault, actor, cmd)?;
    consent(tx, actor, person, crate::PRIVACY_NOTICE)?;
    hand_over(tx, vault, actor, (org, person), Gives::Card)?;
    Ok(person)
}

/// Gives somebody at the counter a new card, or a new PIN, and leaves `people.card_issued.v1`. If she has a telephone, she is told by a message:
/// it may be somebody else who stands there. The caller has asked whether the actor may.
///
/// # Errors
/// `kernel.missing` if there is no such person; `people.staff_by_phone` if she holds a role.
pub fn give_out(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    person: Id<Person>,
    what: Gives,
) -> Result<()> {
    // Two counters at once must see each other.
    if !hold(tx, person)? {
        return Err(Error::missing());
    }
    if !grants(tx, person, tx.now().day())?.is_empty() {
        return Err(Error::new(&STAFF_BY_PHONE));
    }
    hand_over(tx, vault, actor, (org, person), what)?;
    tell(tx, vault, person, kernel::Lang::Zh, "people-sms-card")
}

fn hand_over(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    (org, person): (Id<Org>, Id<Person>),
    what: Gives,
) -> Result<()> {
    let now = tx.now();
    let before = issued(tx, person)?;
    let gives = if card_of(tx, vault, person)?.is_none() { Gives::Card } else { what };
    if gives == Gives::Card {
        draw_card(tx, vault, person)?;
    }
    let mut seq = before.map_or(1, |known| known.seq + 1);
    while is_weak(&vault.pin(person, seq)) {
        seq += 1;
    }
    let payload = CardIssued { person_id: person, org_id: org, what: gives.as_str().to_owned() };
    let mut fact = Fact::new(CARD_ISSUED, person).at(org).payload(&payload);
    fact.insert(tx, &CARD_ISSUE, params![person, seq, org, gives.as_str(), now].to_vec())?;
    fact.emit(tx, actor)?;
    tx.exec_later(
        sql!(
            "INSERT INTO card_pin (person_id, seq, given_by, fails, locks, locked_until) VALUES ($1, $2, $3, 0, 0, NULL) \
             ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq, given_by = excluded.given_by, fails = 0, locks = 0, \
             locked_until = NULL"
        ),
        params![person, seq, actor.label()],
    )?;
    Ok(())
}

/// A number that nobody has; it ends the card that she had.
fn draw_card(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<()> {
    for _ in 0..DRAWS {
        let card = CardNumber::of_serial(u64::from_be_bytes(tx.chance().bytes::<8>()));
        if give_card(tx, vault, person, &card)? {
            return Ok(());
        }
    }
    Err(Error::bug("no free number of a card was drawn"))
}

/// A PIN that everybody tries first.
fn is_weak(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps: Vec<i16> = digits.windows(2).map(|two| i16::from(two[1]) - i16::from(two[0])).collect();
    steps.iter().all(|step| *step == steps[0]) && matches!(steps[0], -1..=1)
}

store::row! {
    struct Issued {
        seq: i64,
        issued_at: Timestamp,
        given_by: String,
    }
}

fn issued(tx: &mut Tx, person: Id<Person>) -> Result<Option<Issued>> {
    tx.opt(
        sql!(
            "SELECT p.seq, i.issued_at, p.given_by FROM card_pin p JOIN card_issue i ON i.person_id = p.person_id \
             AND i.seq = p.seq WHERE p.person_id = $1"
        ),
        params![person],
    )
}

/// What stands on the slip that she takes home.
#[derive(Clone, PartialEq, Eq)]
pub struct Slip {
    /// Her name.
    pub name: String,
    /// Number of her card.
    pub card: String,
    /// Her PIN.
    pub pin: String,
    /// When it was given out.
    pub issued_at: Timestamp,
}

/// The slip of somebody who just got card or PIN, for half an hour and for who gave it out.
///
/// # Errors
/// `people.slip_gone`
pub fn slip(tx: &mut Tx, vault: &Vault, actor: &Actor, person: Id<Person>) -> Result<Slip> {
    let gone = || Error::new(&SLIP_GONE);
    let known = issued(tx, person)?.ok_or_else(gone)?;
    if known.given_by != actor.label() || known.issued_at.plus_minutes(SLIP_MINUTES) <= tx.now() {
        return Err(gone());
    }
    let card = card_of(tx, vault, person)?.ok_or_else(gone)?;
    let name = crate::name(tx, vault, person)?.ok_or_else(gone)?;
    Ok(Slip { name, card, pin: vault.pin(person, known.seq), issued_at: known.issued_at })
}

/// Tries a card with a PIN; `None` if one of them is wrong or the card is locked. Call it in a write of its own: the try is counted whatever comes of
/// it.
///
/// # Errors
/// Those of the store.
pub fn redeem_pin(tx: &mut Tx, vault: &Vault, card: &str, pin: &str) -> Result<Option<Id<Person>>> {
    let Some(person) = person_by_card(tx, vault, card)? else { return Ok(None) };
    let now = tx.now();
    // One guarded statement counts and reads: of many tries at once, no more than five are compared.
    let row: Option<(i64, i64, i64)> = tx.opt(
        sql!(
            "UPDATE card_pin SET fails = fails + 1 WHERE person_id = $1 AND fails < $2 \
             AND (locked_until IS NULL OR locked_until <= $3) RETURNING seq, fails, locks"
        ),
        params![person, PIN_TRIES, now],
    )?;
    let Some((seq, fails, locks)) = row else { return Ok(None) };
    // Who has become staff since gets in by telephone and second factor.
    if !grants(tx, person, now.day())?.is_empty() {
        return Ok(None);
    }
    // Both are digests under a secret key, so the time of the comparison tells nothing about the PIN.
    if vault.pin_digest(person, pin) == vault.pin_digest(person, &vault.pin(person, seq)) {
        tx.exec_later(
            sql!("UPDATE card_pin SET fails = 0, locks = 0, locked_until = NULL WHERE person_id = $1"),
            params![person],
        )?;
        return Ok(Some(person));
    }
    if fails >= PIN_TRIES {
        let last = LOCK_MINUTES.len() - 1;
        let minutes = LOCK_MINUTES[usize::try_from(locks).unwrap_or(last).min(last)];
        tx.exec_later(
            sql!("UPDATE card_pin SET fails = 0, locks = locks + 1, locked_until = $2 WHERE person_id = $1"),
            params![person, now.plus_minutes(minutes)],
        )?;
    }
    Ok(None)
}

/// The failure to show with the field `pin`.
pub fn pin_refused() -> Error {
    let (field, args) = ("pin".to_owned(), vec![("tries", PIN_TRIES.to_string())]);
    Error::fields(vec![FieldError { field, code: &CARD_OR_PIN_WRONG, args }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_everybody_tries_first_are_not_given_out() {
        for weak in ["000000", "777777", "123456", "654321"] {
            assert!(is_weak(weak), "{weak}");
        }
        for fine in ["135790", "123457", "908172", "112233"] {
            assert!(!is_weak(fine), "{fine}");
        }
    }
}
