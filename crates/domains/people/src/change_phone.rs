//! Changing the telephone by which somebody signs in.
//!
//! She does it herself with a code sent to the new number and, if she had one, a code sent to the old: a borrowed session alone takes no account
//! away. Who no longer has the old number, or gives the telephone up, goes to a counter 柜台 with her document. There the clerk types the name of the
//! document, which must be the one that is kept (it is not shown), and the code that was sent to the new number.
//!
//! Whoever proves a number may have it, though an account has it already: she could have signed in to that account as well. Operators give numbers
//! out again 二次放号, so the new holder must be able to make hers what was somebody else's; the former account keeps everything but this way in.

use journal::Fact;
use kernel::{Actor, Error, FieldError, Id, Lang, Org, Person, Result};
use seal::token_hash;
use store::{Tx, params, sql};

use crate::{
    BAD_PHONE, Phone, STAFF_BY_PHONE, TICKET_SPENT, Vault,
    card::card_of,
    code::{For, TICKET_MINUTES, end_code, send_code, try_code},
    factor::hold,
    facts::{PERSON, PHONE_CHANGED, PhoneChanged},
    model::clean_name,
    read::{grants, key_of, name, person_by_phone, phone_of},
    tell::tell_words,
    vault::{Field, Step, seal},
};

kernel::codes! {
    /// It is the telephone that she has.
    pub SAME_PHONE = Invalid "people.same_phone";
    /// The name of the document is not the one that is kept.
    pub NAME_MISMATCH = Invalid "people.name_mismatch";
    /// Who gives the telephone up needs a card first, or she could not get in any more.
    pub CARD_FIRST = Invalid "people.card_first";
    /// An account has the number.
    pub PHONE_HELD = Conflict "people.phone_held";
    /// The account that has the number holds a role: it keeps it until its holder or the security administrator changes it.
    pub PHONE_OF_STAFF = Conflict "people.phone_of_staff";
}

/// What came out of entering the codes. Wrong ones are counted, so they are an answer that commits.
#[derive(Debug, Clone, PartialEq)]
pub enum PhoneAttempt {
    /// The telephone is hers.
    Changed,
    /// Wrong codes, by field: `code` is that of the new number, `old_code` that of the old.
    Wrong(Vec<FieldError>),
}

impl PhoneAttempt {
    /// The failure to show, if it was one.
    pub fn refusal(self) -> Option<Error> {
        match self {
            PhoneAttempt::Changed => None,
            PhoneAttempt::Wrong(fields) => Some(Error::fields(fields)),
        }
    }
}

/// The codes as they were typed.
#[derive(Debug, Clone, Default)]
pub struct PhoneCodes {
    /// Sent to the new number.
    pub new: String,
    /// Sent to the old number, if she has one.
    pub old: String,
    /// Whether the number is to be taken from the account that has it.
    pub take: bool,
}

/// Sends the codes to the new number and to the old one, if there is one. They are entered with [`own_phone_ticket`].
///
/// # Errors
/// The wrong field `phone` (`people.same_phone`); `web.too_many`; `kernel.denied` unless the actor acts for herself.
pub fn request_own_phone(tx: &mut Tx, vault: &Vault, actor: &Actor, new: &Phone, lang: Lang) -> Result<()> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    let old = known_phone(tx, vault, person)?;
    if old.as_ref() == Some(new) {
        return Err(Error::field("phone", &SAME_PHONE));
    }
    let masked = new.masked();
    if let Some(old) = &old {
        send_code(tx, vault, old, For::PhoneOf(person), |code| {
            web::i18n::say(lang, "people-sms-old-phone", &[("code", &code), ("phone", &masked.as_str())])
        })?;
    }
    send_new(tx, vault, person, new, lang)
}

/// The ticket for entering the codes that were sent.
///
/// # Errors
/// `kernel.denied` unless the actor acts for herself.
pub fn own_phone_ticket(tx: &mut Tx, vault: &Vault, actor: &Actor, new: &Phone) -> Result<String> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    let expires = tx.now().plus_minutes(TICKET_MINUTES);
    Ok(vault.ticket(tx.chance(), Step::OwnPhone(person), new, expires))
}

/// The number to which a person's ticket belongs.
///
/// # Errors
/// `people.ticket_spent`
pub fn own_new_phone(
    vault: &Vault,
    now: kernel::Timestamp,
    person: Id<Person>,
    ticket: &str,
) -> Result<Phone> {
    vault.read_ticket(now, Step::OwnPhone(person), ticket).ok_or_else(|| Error::new(&TICKET_SPENT))
}

/// Makes the number hers, tells the old one, and ends her other sessions; `session` is the token of the one that stays. If she has the number already,
/// because the form was sent twice, nothing happens. Call it in a write of its own.
///
/// # Errors
/// `people.phone_held` if an account has it and `take` is not set; `people.phone_of_staff`; `kernel.denied` unless the actor acts for herself.
pub fn change_own_phone(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    new: &Phone,
    codes: &PhoneCodes,
    session: &str,
) -> Result<PhoneAttempt> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    if !hold(tx, person)? {
        return Err(Error::missing());
    }
    let old = known_phone(tx, vault, person)?;
    if old.as_ref() == Some(new) {
        return Ok(PhoneAttempt::Changed);
    }
    let what = For::PhoneOf(person);
    let mut wrong: Vec<FieldError> = Vec::new();
    wrong.extend(try_code(tx, vault, new, what, &codes.new)?.refusal("code"));
    if let Some(old) = &old {
        wrong.extend(try_code(tx, vault, old, what, &codes.old)?.refusal("old_code"));
    }
    if !wrong.is_empty() {
        return Ok(PhoneAttempt::Wrong(wrong));
    }
    if let Some(old) = &old {
        end_code(tx, vault, old)?;
    }
    end_code(tx, vault, new)?;
    take_number(tx, vault, actor, person, new, codes.take)?;
    tell_old(tx, vault, person, Some(new))?;
    set_phone(tx, vault, actor, (person, old.as_ref(), Some(new)), None)?;
    tx.exec_later(
        sql!("DELETE FROM web_session WHERE person_id = $1 AND token_hash <> $2"),
        params![person, token_hash(session)],
    )?;
    Ok(PhoneAttempt::Changed)
}

/// Whose telephone is changed at which counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtCounter {
    /// Whose.
    pub person: Id<Person>,
    /// Where.
    pub org: Id<Org>,
    /// Whether the actor may do it for who holds a role.
    pub staff: bool,
}

/// Sends a code to the new number of somebody who stands at a counter with her document; this clerk enters it with [`counter_phone_ticket`]. `document` is
/// the name that stands there; nobody types it who sees the kept one. The caller has asked whether the actor may.
///
/// # Errors
/// Wrong fields `name` (`people.name_mismatch`), `phone` (`people.same_phone`); `people.staff_by_phone`; `web.too_many`; `kernel.missing` if there is no
/// such person; `kernel.denied` if it is the clerk herself.
pub fn request_counter_phone(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    at: AtCounter,
    document: Option<&str>,
    new: &Phone,
) -> Result<()> {
    seen(tx, vault, actor, at, document)?;
    if known_phone(tx, vault, at.person)?.as_ref() == Some(new) {
        return Err(Error::field("phone", &SAME_PHONE));
    }
    send_new(tx, vault, at.person, new, Lang::Zh)
}

/// The ticket with which this clerk enters the code that was sent.
///
/// # Errors
/// `kernel.denied` unless the actor acts for herself.
pub fn counter_phone_ticket(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    at: AtCounter,
    new: &Phone,
) -> Result<String> {
    let clerk = actor.oneself().ok_or_else(Error::denied)?;
    let expires = tx.now().plus_minutes(TICKET_MINUTES);
    Ok(vault.ticket(tx.chance(), Step::CounterPhone(at.person, at.org, clerk), new, expires))
}

/// The number to which the clerk's ticket belongs.
///
/// # Errors
/// `people.ticket_spent`; `kernel.denied` unless the actor acts for herself.
pub fn counter_new_phone(
    vault: &Vault,
    now: kernel::Timestamp,
    actor: &Actor,
    at: AtCounter,
    ticket: &str,
) -> Result<Phone> {
    let clerk = actor.oneself().ok_or_else(Error::denied)?;
    let step = Step::CounterPhone(at.person, at.org, clerk);
    vault.read_ticket(now, step, ticket).ok_or_else(|| Error::new(&TICKET_SPENT))
}

/// Makes the number that of the person at the counter. Both numbers are told, and her sessions end. Call it in a write of its own.
///
/// # Errors
/// As [`change_own_phone`], and `people.staff_by_phone`.
pub fn change_counter_phone(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    at: AtCounter,
    new: &Phone,
    codes: &PhoneCodes,
) -> Result<PhoneAttempt> {
    allowed(tx, actor, at)?;
    let old = known_phone(tx, vault, at.person)?;
    if old.as_ref() == Some(new) {
        return Ok(PhoneAttempt::Changed);
    }
    if let Some(wrong) = try_code(tx, vault, new, For::PhoneOf(at.person), &codes.new)?.refusal("code") {
        return Ok(PhoneAttempt::Wrong(vec![wrong]));
    }
    end_code(tx, vault, new)?;
    take_number(tx, vault, actor, at.person, new, codes.take)?;
    tell_old(tx, vault, at.person, Some(new))?;
    set_phone(tx, vault, actor, (at.person, old.as_ref(), Some(new)), Some(at.org))?;
    tell_words(tx, vault, at.person, web::i18n::say(Lang::Zh, "people-sms-phone-yours", &[]))?;
    end_sessions(tx, at.person)?;
    Ok(PhoneAttempt::Changed)
}

/// Takes the telephone out of the account of somebody at the counter who gives it up, or lost it; she gets in by card and PIN. The old number is told, and
/// her sessions end. If there is none, nothing happens.
///
/// # Errors
/// As [`request_counter_phone`], and the wrong field `phone` (`people.card_first`) if she has no card.
pub fn drop_counter_phone(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    at: AtCounter,
    document: Option<&str>,
) -> Result<()> {
    seen(tx, vault, actor, at, document)?;
    let Some(old) = known_phone(tx, vault, at.person)? else { return Ok(()) };
    if card_of(tx, vault, at.person)?.is_none() {
        return Err(Error::field("phone", &CARD_FIRST));
    }
    tell_old(tx, vault, at.person, None)?;
    set_phone(tx, vault, actor, (at.person, Some(&old), None), Some(at.org))?;
    end_sessions(tx, at.person)
}

/// The clerk has seen the document of somebody for whom she may do it.
fn seen(tx: &mut Tx, vault: &Vault, actor: &Actor, at: AtCounter, document: Option<&str>) -> Result<()> {
    allowed(tx, actor, at)?;
    let kept = name(tx, vault, at.person)?.ok_or_else(Error::missing)?;
    let Some(document) = document else { return Ok(()) };
    let typed = clean_name(document).map_err(|wrong| Error::fields(vec![wrong]))?;
    if spaceless(&typed) != spaceless(&kept) {
        return Err(Error::field("name", &NAME_MISMATCH));
    }
    Ok(())
}

/// Whether the clerk may do it for this person; her row is held.
fn allowed(tx: &mut Tx, actor: &Actor, at: AtCounter) -> Result<()> {
    let clerk = actor.oneself().ok_or_else(Error::denied)?;
    if clerk == at.person {
        return Err(Error::denied());
    }
    if !hold(tx, at.person)? {
        return Err(Error::missing());
    }
    if !at.staff && !grants(tx, at.person, tx.now().day())?.is_empty() {
        return Err(Error::new(&STAFF_BY_PHONE));
    }
    Ok(())
}

/// Spaces between the parts of a name are written by some and not by others.
fn spaceless(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

fn known_phone(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<Phone>> {
    let kept = phone_of(tx, vault, person)?;
    kept.map(|digits| digits.parse().map_err(|_| Error::bug("a kept telephone is none"))).transpose()
}

fn send_new(tx: &mut Tx, vault: &Vault, person: Id<Person>, new: &Phone, lang: Lang) -> Result<()> {
    send_code(tx, vault, new, For::PhoneOf(person), |code| {
        web::i18n::say(lang, "people-sms-new-phone", &[("code", &code)])
    })
}

/// Takes a proved number from the account that has it.
fn take_number(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    person: Id<Person>,
    new: &Phone,
    take: bool,
) -> Result<()> {
    let Some(holder) = person_by_phone(tx, vault, new)?.filter(|holder| *holder != person) else {
        return Ok(());
    };
    if !hold(tx, holder)? || !take {
        return Err(Error::new(&PHONE_HELD));
    }
    if !grants(tx, holder, tx.now().day())?.is_empty() {
        return Err(Error::new(&PHONE_OF_STAFF));
    }
    set_phone(tx, vault, actor, (holder, Some(new), None), None)?;
    end_sessions(tx, holder)
}

/// Tells the number that is about to be replaced.
fn tell_old(tx: &mut Tx, vault: &Vault, person: Id<Person>, new: Option<&Phone>) -> Result<()> {
    let words = match new {
        Some(new) => web::i18n::say(Lang::Zh, "people-sms-phone-moved", &[("phone", &new.masked().as_str())]),
        None => web::i18n::say(Lang::Zh, "people-sms-phone-dropped", &[]),
    };
    tell_words(tx, vault, person, words).map(drop)
}

/// Writes it down: the sealed number, the directory by which it is found, and `people.phone_changed.v1`.
fn set_phone(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    (person, old, new): (Id<Person>, Option<&Phone>, Option<&Phone>),
    org: Option<Id<Org>>,
) -> Result<()> {
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    if let Some(old) = old {
        tx.exec_later(
            sql!("DELETE FROM phone_directory WHERE phone_index = $1 AND person_id = $2"),
            params![vault.phone_index(old), person],
        )?;
        end_code(tx, vault, old)?;
    }
    if let Some(new) = new {
        // The directory's key decides between two who want the same number at once.
        let entered = tx.exec(
            sql!("INSERT INTO phone_directory (phone_index, person_id) VALUES ($1, $2) ON CONFLICT (phone_index) DO NOTHING"),
            params![vault.phone_index(new), person],
        )?;
        if entered == 0 {
            return Err(Error::new(&PHONE_HELD));
        }
    }
    let sealed = new.map(|new| seal(tx.chance(), &key, Field::Phone, person, new.digits()));
    let payload = PhoneChanged { person_id: person, had: old.is_some(), has: new.is_some() };
    let mut fact = Fact::new(PHONE_CHANGED, person).payload(&payload);
    if let Some(org) = org {
        fact = fact.at(org);
    }
    fact.update(tx, &PERSON, params![person], "phone_sealed = $1", "", params![sealed])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(())
}

fn end_sessions(tx: &mut Tx, person: Id<Person>) -> Result<()> {
    tx.exec_later(sql!("DELETE FROM web_session WHERE person_id = $1"), params![person])
}

/// A number as a form gives it.
///
/// # Errors
/// The wrong field `phone`: `people.bad_phone`.
pub fn typed_phone(text: &str) -> Result<Phone> {
    text.parse().map_err(|_| Error::field("phone", &BAD_PHONE))
}

journal::inventory::submit! {
    journal::Check { name: "people.phones", run: phones_are_found }
}

/// Everybody who has a telephone is found by exactly one number, and nobody else is.
fn phones_are_found(tx: &mut Tx) -> Result<Vec<journal::Problem>> {
    let lost: Vec<(String,)> = tx.all(
        sql!(
            "SELECT p.person_id FROM person p \
             LEFT JOIN (SELECT person_id, count(*) AS n FROM phone_directory GROUP BY person_id) d \
             ON d.person_id = p.person_id \
             WHERE COALESCE(d.n, 0) <> CASE WHEN p.phone_sealed IS NULL THEN 0 ELSE 1 END \
             UNION SELECT d.person_id FROM phone_directory d LEFT JOIN person p ON p.person_id = d.person_id \
             WHERE p.person_id IS NULL"
        ),
        &[],
    )?;
    let told = |(person,): (String,)| journal::Problem {
        check: "people.phones".to_owned(),
        record: format!("person:{person}"),
        detail: "her telephone and the directory of numbers do not agree".to_owned(),
    };
    Ok(lost.into_iter().map(told).collect())
}
