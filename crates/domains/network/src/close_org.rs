//! Closing an organisation.
//!
//! It is decided above: whoever manages the network of the parent closes it, and only when nothing below is open. Its
//! records stay and those above still answer for them, so it keeps its place in the tree.

use kernel::{Actor, Error, Id, Org, Result, Right};
use store::{Tx, params, sql};

use crate::{Standing, access, standing::restand};

kernel::codes! {
    /// Organisations below are still open.
    pub HAS_CHILDREN = Conflict "network.has_children";
    /// The organisation closed before.
    pub ALREADY_CLOSED = Conflict "network.already_closed";
}

/// Closes an organisation as of today.
pub fn close_org(tx: &mut Tx, actor: &Actor, org_id: Id<Org>) -> Result<()> {
    let org = crate::org(tx, org_id)?.ok_or_else(Error::missing)?;
    match (org.parent_id, actor) {
        (Some(parent), _) => access::require(tx, actor, Right::ManageNetwork, parent)?,
        (None, Actor::System(_)) => {}
        (None, _) => return Err(Error::denied()),
    }
    tx.lock("org", "org_id", org_id)?;
    let (open,): (i64,) =
        tx.one(sql!("SELECT count(*) FROM org WHERE parent_id = $1 AND closed_on IS NULL"), params![org_id])?;
    if open > 0 {
        return Err(Error::new(&HAS_CHILDREN).arg("n", open));
    }
    let org = crate::org(tx, org_id)?.ok_or_else(Error::missing)?;
    if !org.is_open() {
        return Err(Error::new(&ALREADY_CLOSED));
    }
    let today = tx.now().day();
    let before = Standing::from(&org);
    let after = Standing { closed_on: Some(today), ..before.clone() };
    restand(tx, actor, (org_id, org.rev), (&before, &after), today, None)
}
