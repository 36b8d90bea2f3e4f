//! Who may do what, where: a role reaches to the organisation at which it is held and to all that are below it **today**.
//!
//! Here and nowhere else. The program itself may do everything: what a reactor or an operator's import does was allowed before.

use kernel::{Actor, Error, Id, Org, Result, Right};
use store::{Tx, params, sql};

/// Whether the actor may. An organisation that does not exist lies below nothing.
pub fn may(tx: &mut Tx, actor: &Actor, right: Right, org: Id<Org>) -> Result<bool> {
    if matches!(actor, Actor::System(_)) {
        return Ok(true);
    }
    let held = held_at(actor, right);
    // Most are asked about the very place where they work.
    if held.is_empty() || held.contains(&org) {
        return Ok(!held.is_empty());
    }
    let today = tx.now().day();
    let above: Vec<(Id<Org>,)> = tx.all(
        sql!(
            "SELECT ancestor_id FROM org_tree WHERE org_id = $1 AND from_day <= $2 AND (to_day IS NULL OR to_day > $2) \
             ORDER BY depth"
        ),
        params![org, today],
    )?;
    Ok(above.iter().any(|(ancestor,)| held.contains(ancestor)))
}

/// Refuses what the actor may not do: `kernel.sign_in` to nobody, `kernel.missing` if there is no such organisation, else
/// `kernel.denied` (organisations are public, so that their existence is no secret).
pub fn require(tx: &mut Tx, actor: &Actor, right: Right, org: Id<Org>) -> Result<()> {
    if may(tx, actor, right, org)? {
        return Ok(());
    }
    if matches!(actor, Actor::Nobody) {
        return Err(Error::new(&kernel::SIGN_IN));
    }
    let known: Option<(i64,)> = tx.opt(sql!("SELECT 1 FROM org WHERE org_id = $1"), params![org])?;
    Err(known.map_or_else(Error::missing, |_| Error::denied()))
}

/// The organisations at which the actor's roles give the right, without those below them.
pub fn held_at(actor: &Actor, right: Right) -> Vec<Id<Org>> {
    actor
        .grants()
        .iter()
        .filter(|grant| grant.role.rights().contains(&right))
        .map(|grant| grant.org)
        .collect()
}
