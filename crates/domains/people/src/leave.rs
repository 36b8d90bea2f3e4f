//! Leaving: somebody asks that her account be closed, and may think better of it for some days.
//!
//! What she asks is written down at once and told to her telephone (it may be somebody else who holds it); after [`LEAVE_DAYS`] her account is
//! erased ([`crate::erase`]). The law gives no days of grace and wants it done without delay (个人信息保护法, article 47; GB/T 35273-2020, 8.5,
//! allows fifteen working days); a week keeps a slip of the finger from taking a life's record.

use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result, Timestamp};
use store::{Store, Tx, params, sql};

use crate::{
    Vault, erase,
    factor::hold,
    facts::{LEAVING, LEAVING_ORDERED, LEAVING_WITHDRAWN, Leave},
    read::grants,
    tell::tell_words,
};

kernel::codes! {
    /// Who holds a role hands it over first.
    pub LEAVES_WITH_ROLE = Conflict "people.leaves_with_role";
    /// She asked for it already.
    pub LEAVES_ALREADY = Conflict "people.leaves_already";
}

/// Days between the request and the erasure.
pub const LEAVE_DAYS: i64 = 7;
/// Erased in one round.
const AT_ONCE: i64 = 200;
/// Who erases when the days are over.
const CLOCK: Actor = Actor::System("people.leave");

store::row! {
    /// That somebody asked for her account to be closed.
    pub struct Leaving {
        /// When she asked.
        pub ordered_at: Timestamp,
        /// From when on it is done.
        pub due_at: Timestamp,
    }
}

/// Whether a person has asked for her account to be closed.
///
/// # Errors
/// Those of the store.
pub fn leaving(tx: &mut Tx, person: Id<Person>) -> Result<Option<Leaving>> {
    tx.opt(
        sql!("SELECT ordered_at, due_at FROM leaving WHERE person_id = $1 AND withdrawn_at IS NULL"),
        params![person],
    )
}

/// The actor asks for her account to be closed; leaves `people.leaving_ordered.v1`.
///
/// # Errors
/// `kernel.denied` unless she acts for herself; `people.leaves_with_role`; `people.leaves_already`.
pub fn order_leaving(tx: &mut Tx, vault: &Vault, actor: &Actor) -> Result<Leaving> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    if !hold(tx, person)? {
        return Err(Error::missing());
    }
    let now = tx.now();
    if !grants(tx, person, now.day())?.is_empty() {
        return Err(Error::new(&LEAVES_WITH_ROLE));
    }
    if leaving(tx, person)?.is_some() {
        return Err(Error::new(&LEAVES_ALREADY));
    }
    let asked = Leaving { ordered_at: now, due_at: now.plus_minutes(LEAVE_DAYS * 24 * 60) };
    let mut fact = Fact::new(LEAVING_ORDERED, person).payload(&Leave { person_id: person });
    let set = "ordered_at = $1, due_at = $2, withdrawn_at = NULL";
    let values = params![asked.ordered_at, asked.due_at];
    if fact.update(tx, &LEAVING, params![person], set, "", values)?.is_none() {
        let none: Option<Timestamp> = None;
        fact.insert(tx, &LEAVING, params![person, asked.ordered_at, asked.due_at, none].to_vec())?;
    }
    fact.emit(tx, actor)?;
    let words = web::i18n::say(kernel::Lang::Zh, "people-sms-leaving", &[("days", &LEAVE_DAYS)]);
    tell_words(tx, vault, person, words)?;
    Ok(asked)
}

/// The actor stays after all; leaves `people.leaving_withdrawn.v1`.
///
/// # Errors
/// `kernel.denied` unless she acts for herself; `kernel.missing` if she did not ask to leave.
pub fn withdraw_leaving(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    let mut fact = Fact::new(LEAVING_WITHDRAWN, person).payload(&Leave { person_id: person });
    let now = tx.now();
    fact.update(tx, &LEAVING, params![person], "withdrawn_at = $1", "withdrawn_at IS NULL", params![now])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(())
}

/// Erases who asked for it and whose days are over; tells how many. Who has got a role since is left, and asked to hand it over.
///
/// # Errors
/// Those of the store; who was erased before stays so.
pub fn erase_due(store: &Store, vault: &std::sync::Arc<Vault>) -> Result<u64> {
    let due = store.read_blocking(|tx| {
        let rows: Vec<(Id<Person>,)> = tx.all(
            sql!(
                "SELECT l.person_id FROM leaving l JOIN person_key k ON k.person_id = l.person_id \
                 WHERE l.withdrawn_at IS NULL AND l.due_at <= $1 ORDER BY l.due_at, l.person_id LIMIT $2"
            ),
            params![tx.now(), AT_ONCE],
        )?;
        Ok(rows)
    })?;
    let mut erased = 0;
    for (person,) in due {
        let vault = vault.clone();
        let done = store.write_blocking("people.leave", move |tx| {
            // Another process may have been quicker, or she withdrew a moment ago.
            let now = tx.now();
            let still =
                hold(tx, person)? && leaving(tx, person)?.is_some_and(|leaving| leaving.due_at <= now);
            if !still || !grants(tx, person, now.day())?.is_empty() {
                return Ok(0);
            }
            erase(tx, &vault, &CLOCK, person).map(|()| 1)
        })?;
        erased += done;
    }
    Ok(erased)
}
