//! What the security administrator does for others' second factors: ending a lock, and taking away what was lost.
//!
//! Never for herself: another security administrator does it, or the operator on the machine. After a reset the person sets a new one up
//! when she signs in next, so a reset lets in whoever holds her phone: she is told by a message, and the fact is on the trail.

use kernel::{Actor, Error, Id, Lang, Org, Person, Result, Right};
use store::{Tx, params, sql};

use crate::{
    Vault,
    factor::{FACTOR_MISSING, OWN_FACTOR, changed, destroy, factor, hold},
    facts::{FACTOR_RESET, FACTOR_UNLOCKED, SECOND_FACTOR},
    roles::Require,
    tell::tell,
};

/// Whose factor, and where the actor has the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MendFactor {
    /// Whose.
    pub person: Id<Person>,
    /// The organisation at which the actor holds [`Right::ManageSecurity`]; a second factor is of the whole city, so it is the top.
    pub org: Id<Org>,
}

/// Ends a lock and leaves `people.factor_unlocked.v1`; false if nothing was locked.
///
/// # Errors
/// `people.own_factor`; `kernel.denied` unless the actor is the program or `require` lets her.
pub fn unlock_factor(tx: &mut Tx, actor: &Actor, cmd: &MendFactor, require: Require) -> Result<bool> {
    allowed(tx, actor, cmd, require)?;
    hold(tx, cmd.person)?;
    let now = tx.now();
    let Some(state) = factor(tx, cmd.person)?.filter(|state| state.locked(now).is_some()) else {
        return Ok(false);
    };
    tx.exec_later(
        sql!("UPDATE factor_secret SET fails = 0, locks = 0 WHERE person_id = $1"),
        params![cmd.person],
    )?;
    let mut fact = changed(FACTOR_UNLOCKED, cmd.person, None, state.codes_left).at(cmd.org);
    let set = "changed_at = $1, locked_until = NULL";
    fact.update(tx, &SECOND_FACTOR, params![cmd.person], set, "", params![now])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(true)
}

/// Takes a lost second factor away, ends all sessions of the person, tells her, and leaves `people.factor_reset.v1`.
///
/// # Errors
/// As [`unlock_factor`]; `people.factor_missing` if there is none.
pub fn reset_factor(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    cmd: &MendFactor,
    require: Require,
) -> Result<()> {
    allowed(tx, actor, cmd, require)?;
    hold(tx, cmd.person)?;
    destroy(tx, cmd.person)?;
    tx.exec_later(sql!("DELETE FROM web_session WHERE person_id = $1"), params![cmd.person])?;
    let mut fact = changed(FACTOR_RESET, cmd.person, None, 0).at(cmd.org);
    let set = "active = FALSE, changed_at = $1, locked_until = NULL, codes_left = 0";
    fact.update(tx, &SECOND_FACTOR, params![cmd.person], set, "active", params![tx.now()])?
        .ok_or_else(|| Error::new(&FACTOR_MISSING))?;
    fact.emit(tx, actor)?;
    tell(tx, vault, cmd.person, Lang::Zh, "people-sms-factor-reset")
}

fn allowed(tx: &mut Tx, actor: &Actor, cmd: &MendFactor, require: Require) -> Result<()> {
    if actor.person() == Some(cmd.person) {
        return Err(Error::new(&OWN_FACTOR));
    }
    if matches!(actor, Actor::System(_)) {
        return Ok(());
    }
    require(tx, actor, Right::ManageSecurity, cmd.org)
}
