//! A session that acts for somebody else, for a while.

use journal::Fact;
use kernel::{Actor, Error, Help, Id, Org, Person, Result};
use seal::token_hash;
use store::{Tx, params, sql};

use super::{
    Relation,
    agree::{Named, name_helper},
    allowed,
};
use crate::{
    BAD_CARD, Vault,
    card::person_by_card,
    facts::{HELPER, HELPING_BEGUN, HelpedBy},
    pin::STAFF_BY_PHONE,
    read::grants,
};

/// Minutes for which a session acts for somebody else without being asked again.
pub const HELPING_MINUTES: i64 = 60;
/// Minutes that a clerk has for who stands at the counter.
pub const COUNTER_MINUTES: i64 = 30;

/// From now on the session with this token acts for a person whom the actor helps.
///
/// # Errors
/// `kernel.missing` if she does not help this person, or the session is not hers.
pub fn begin_helping(tx: &mut Tx, actor: &Actor, token: &str, person: Id<Person>) -> Result<()> {
    let helper = actor.oneself().ok_or_else(Error::denied)?;
    allowed(tx, person, helper)?.ok_or_else(Error::missing)?;
    let now = tx.now();
    let begun = tx.exec(
        sql!(
            "UPDATE web_session SET helped_id = $3, helped_until = $4 WHERE token_hash = $1 AND person_id = $2"
        ),
        params![token_hash(token), helper, person, now.plus_minutes(HELPING_MINUTES)],
    )?;
    if begun == 0 {
        return Err(Error::missing());
    }
    let mut fact =
        Fact::new(HELPING_BEGUN, person).payload(&HelpedBy { person_id: person, helper_id: helper });
    fact.update(tx, &HELPER, params![person, helper], "begun_at = $1", "", params![now])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(())
}

/// The session with this token acts for its own person again.
///
/// # Errors
/// Those of the store.
pub fn stop_helping(tx: &mut Tx, token: &str) -> Result<()> {
    tx.exec_later(
        sql!("UPDATE web_session SET helped_id = NULL, helped_until = NULL WHERE token_hash = $1"),
        params![token_hash(token)],
    )
}

/// A clerk may act for half an hour for somebody who stands at the counter of an organisation and shows her card; she is told, if she has a telephone.
/// The caller has asked whether the actor may.
///
/// # Errors
/// The wrong field `card` (`people.bad_card`, `people.staff_by_phone` if she holds a role); `people.own_helper`; `kernel.denied` unless the actor acts
/// for herself.
pub fn help_at_counter(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    card: &str,
) -> Result<Id<Person>> {
    let helper = actor.oneself().ok_or_else(Error::denied)?;
    let person = person_by_card(tx, vault, card)?.ok_or_else(|| Error::field("card", &BAD_CARD))?;
    let now = tx.now();
    if !grants(tx, person, now.day())?.is_empty() {
        return Err(Error::field("card", &STAFF_BY_PHONE));
    }
    let (may, relation) = (Help::Act, Relation::Counter);
    let ends_at = Some(now.plus_minutes(COUNTER_MINUTES));
    name_helper(tx, vault, actor, &Named { person, helper, may, relation, org: Some(org), ends_at })?;
    Ok(person)
}
