//! Who may do what with a notice, and whom it reaches.
//!
//! Sending, answering and reading what came back is the daily work of an organisation, and goes with the right to manage offers. By the tree it
//! reaches down: whoever holds it at the sender or above is an **officer** of the notice, and sees everything; whoever holds it below the sender
//! acts for her own place and for those below hers, and sees what came from there. For everybody else the notice does not exist.

use kernel::{Actor, Error, Id, Org, Result, Right};
use network::{Organisation, access};
use store::{Statement, Tx, Value, params, sql};

use crate::{
    model::RECIPIENTS_MAX,
    model::{Audience, Notice, NoticeId, Recipient, Status, notice, recipient},
};

/// The right that goes with notices, at the sender as at a place.
pub const RIGHT: Right = Right::ManageOffers;

/// What part of a notice somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// All of it: she works for the sender or above.
    Officer,
    /// What concerns these organisations and those below them, which are below the sender.
    Places(Vec<Id<Org>>),
}

/// A notice that the actor sees, and what part of it.
///
/// # Errors
/// `kernel.missing` if there is none, or she sees no part of it.
pub fn seen(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<(Notice, Sight)> {
    let found = notice(tx, id)?.ok_or_else(Error::missing)?;
    if access::may(tx, actor, RIGHT, found.org_id)? {
        return Ok((found, Sight::Officer));
    }
    if found.status == Status::Draft {
        return Err(Error::missing());
    }
    let mut held = Vec::new();
    for org in access::held_at(actor, RIGHT) {
        // Recipients strictly below: one's own place alone has a page of its own.
        let below: Option<(i64,)> = tx.opt(
            sql!(
                "SELECT 1 FROM org_tree t JOIN notice_recipient r ON r.org_id = t.org_id AND r.notice_id = $1 \
                 WHERE t.ancestor_id = $2 AND t.depth > 0 AND t.from_day <= $3 AND (t.to_day IS NULL OR t.to_day > $3) LIMIT 1"
            ),
            params![id, org, tx.now().day()],
        )?;
        if below.is_some() {
            held.push(org);
        }
    }
    if held.is_empty() { Err(Error::missing()) } else { Ok((found, Sight::Places(held))) }
}

/// A notice of whose sender the actor is an officer.
///
/// # Errors
/// `kernel.missing` if there is none, or she is not.
pub fn officered(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<Notice> {
    match seen(tx, actor, id)? {
        (found, Sight::Officer) => Ok(found),
        (_, Sight::Places(_)) => Err(Error::missing()),
    }
}

/// A notice and a place that it reached, for which the actor acts: she holds the right at the place, or above it and below the sender.
///
/// # Errors
/// `kernel.missing` if it did not reach the place, or she does not act for it.
pub fn addressed(tx: &mut Tx, actor: &Actor, id: NoticeId, org: Id<Org>) -> Result<(Notice, Recipient)> {
    let found = notice(tx, id)?.ok_or_else(Error::missing)?;
    let place = recipient(tx, id, org)?.ok_or_else(Error::missing)?;
    if !acts_for(tx, actor, found.org_id, org)? {
        return Err(Error::missing());
    }
    Ok((found, place))
}

fn acts_for(tx: &mut Tx, actor: &Actor, sender: Id<Org>, org: Id<Org>) -> Result<bool> {
    if matches!(actor, Actor::System(_)) {
        return Ok(true);
    }
    let held = access::held_at(actor, RIGHT);
    if held.contains(&org) {
        return Ok(true);
    }
    let above = access::above(tx, org)?;
    // A place that was moved out from under the sender is answered for by itself alone.
    let Some(at) = above.iter().position(|ancestor| *ancestor == sender) else { return Ok(false) };
    Ok(above[..at].iter().any(|ancestor| held.contains(ancestor)))
}

/// The open organisations that a notice of this sender would reach now, by division and name; at most one more than it may reach.
///
/// # Errors
/// Those of the store.
pub fn reached(tx: &mut Tx, sender: Id<Org>, audience: &Audience) -> Result<Vec<Organisation>> {
    let today = tx.now().day();
    let mut args: Vec<Value> = vec![sender.into(), today.into()];
    let condition = match audience {
        Audience::Children => "t.depth = 1".to_owned(),
        Audience::Kinds(kinds) => listed("o.kind", kinds.iter().map(|kind| Value::from(*kind)), &mut args),
        Audience::Chosen(orgs) => listed("o.org_id", orgs.iter().map(Value::from), &mut args),
    };
    let columns: Vec<String> =
        network::ORG.all_columns().split(", ").map(|column| format!("o.{column}")).collect();
    let text = format!(
        "SELECT {} FROM org_tree t JOIN org o ON o.org_id = t.org_id WHERE t.ancestor_id = $1 AND t.depth > 0 AND t.from_day <= $2 \
         AND (t.to_day IS NULL OR t.to_day > $2) AND o.closed_on IS NULL AND {condition} \
         ORDER BY o.region_code, o.name, o.org_id LIMIT {}",
        columns.join(", "),
        RECIPIENTS_MAX + 1
    );
    tx.all(Statement::dynamic(text), &args)
}

/// A condition that a column holds one of some values; none of them fits nothing.
fn listed(column: &str, values: impl Iterator<Item = Value>, args: &mut Vec<Value>) -> String {
    let before = args.len();
    args.extend(values);
    if args.len() == before {
        return "FALSE".to_owned();
    }
    let marks: Vec<String> = (before + 1..=args.len()).map(|n| format!("${n}")).collect();
    format!("{column} IN ({})", marks.join(", "))
}
