//! Who may do what, where: a role reaches to the organisation at which it is held and to all that are below it **today**.
//!
//! Here and nowhere else. The program itself may do everything: what a reactor or an operator's import does was allowed before.

use kernel::{Actor, Day, Error, Id, Org, Result, Right};
use store::{Tx, Value, params, sql};
use web::list::Where;

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
    Ok(above(tx, org)?.iter().any(|ancestor| held.contains(ancestor)))
}

/// The organisation and those above it today, from itself upwards; none if it does not exist.
pub fn above(tx: &mut Tx, org: Id<Org>) -> Result<Vec<Id<Org>>> {
    let today = tx.now().day();
    let above: Vec<(Id<Org>,)> = tx.all(
        sql!(
            "SELECT ancestor_id FROM org_tree WHERE org_id = $1 AND from_day <= $2 AND (to_day IS NULL OR to_day > $2) \
             ORDER BY depth"
        ),
        params![org, today],
    )?;
    Ok(above.into_iter().map(|(ancestor,)| ancestor).collect())
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

/// The organisations that a list may tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All there are.
    Everything,
    /// These and those below them today.
    Under(Vec<Id<Org>>),
}

impl Scope {
    /// Adds the condition that a column holds an organisation of the scope on this day.
    pub fn narrow(&self, to: &mut Where, column: &str, today: Day) {
        let Scope::Under(orgs) = self else { return };
        let marks = vec!["?"; orgs.len().max(1)].join(", ");
        // An organisation that nobody has keeps the statement whole where the scope is empty.
        let orgs =
            if orgs.is_empty() { vec![Value::from("")] } else { orgs.iter().map(Value::from).collect() };
        to.add(
            &format!(
                "{column} IN (SELECT t.org_id FROM org_tree t WHERE t.ancestor_id IN ({marks}) \
                 AND t.from_day <= ? AND (t.to_day IS NULL OR t.to_day > ?))"
            ),
            orgs.into_iter().chain([today.into(), today.into()]),
        );
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Scope::Under(orgs) if orgs.is_empty())
    }
}

/// Where the actor has a right, or the part of it at and below one organisation. What lies outside of the right is never in it: where the
/// right reaches nowhere, or not to that organisation, the scope is empty.
///
/// # Errors
/// Those of the store.
pub fn scope(tx: &mut Tx, actor: &Actor, right: Right, within: Option<Id<Org>>) -> Result<Scope> {
    if let Some(org) = within {
        return Ok(Scope::Under(if may(tx, actor, right, org)? { vec![org] } else { Vec::new() }));
    }
    if matches!(actor, Actor::System(_)) {
        return Ok(Scope::Everything);
    }
    let mut held = held_at(actor, right);
    held.sort_unstable();
    held.dedup();
    let tops: Vec<(Id<Org>,)> = tx.all(sql!("SELECT org_id FROM org WHERE parent_id IS NULL"), &[])?;
    let all = !tops.is_empty() && tops.iter().all(|(top,)| held.contains(top));
    Ok(if all { Scope::Everything } else { Scope::Under(held) })
}
