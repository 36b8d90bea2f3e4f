//! Taking a role to which somebody was invited, or not taking it.

use kernel::{Actor, Error, Id, Org, Person, Result};
use store::{Tx, params, sql};

use super::{
    open::{InvitationId, own_index},
    send::end,
};
use crate::{
    BAD_END, OWN_ROLE, Require, RoleAt, Vault, grant_role_within,
    read::{grants, key_of},
};

kernel::codes! {
    /// The invitation was taken back, has run out, was answered, or is not for the number of who asks: which of them, nobody learns.
    pub INVITATION_GONE = Missing "people.invitation_gone";
    /// Who invited may no longer give this role, or its last day is over: somebody has to invite anew.
    pub INVITATION_VOID = Conflict "people.invitation_void";
}

store::row! {
    struct Offered {
        org: Id<Org>,
        role: String,
        to_day: Option<kernel::Day>,
        invited_by: String,
    }
}

/// The invitation, if it is for the actor's number.
fn offered(tx: &mut Tx, vault: &Vault, actor: &Actor, id: InvitationId) -> Result<(Id<Person>, Offered)> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    let gone = || Error::new(&INVITATION_GONE);
    let index = own_index(tx, vault, person)?.ok_or_else(gone)?;
    let row: Option<Offered> = tx.opt(
        sql!(
            "SELECT i.org_id, i.role, i.to_day, i.invited_by FROM invitation_contact c JOIN invitation i \
             ON i.org_id = c.org_id AND i.invitation_id = c.invitation_id \
             WHERE c.phone_index = $1 AND c.invitation_id = $2 AND c.expires_at > $3"
        ),
        params![index, id, tx.now()],
    )?;
    Ok((person, row.ok_or_else(gone)?))
}

/// The actor takes the role to which she was invited: `people.invitation_ended.v1` by her, `people.role_granted.v1` by who invited.
///
/// # Errors
/// `people.invitation_gone` unless it is open and for her number; `people.invitation_void`; `people.separate_duties`; `kernel.denied` unless she acts for
/// herself.
pub fn accept_invitation(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    id: InvitationId,
    require: Require,
) -> Result<RoleAt> {
    let (person, row) = offered(tx, vault, actor, id)?;
    let cmd = RoleAt { person, role: row.role.parse()?, org: row.org };
    let giver = giver(tx, vault, &row.invited_by)?;
    match grant_role_within(tx, &giver, &cmd, row.to_day, require) {
        Err(error) if error.is(&kernel::DENIED) || error.is(&OWN_ROLE) => {
            return Err(Error::new(&INVITATION_VOID));
        }
        Err(error) if error.field_errors().iter().any(|wrong| wrong.code.name == BAD_END.name) => {
            return Err(Error::new(&INVITATION_VOID));
        }
        done => done?,
    }
    if !end(tx, actor, (row.org, id), "accepted")? {
        return Err(Error::new(&INVITATION_GONE));
    }
    Ok(cmd)
}

/// Who invited, with the roles that she holds today; who was erased holds none.
fn giver(tx: &mut Tx, vault: &Vault, label: &str) -> Result<Actor> {
    let void = || Error::new(&INVITATION_VOID);
    let id: Id<Person> = label.strip_prefix("person:").and_then(|id| id.parse().ok()).ok_or_else(void)?;
    if key_of(tx, vault, id)?.is_none() {
        return Err(void());
    }
    let today = tx.now().day();
    Ok(Actor::Person { id, grants: grants(tx, id, today)? })
}

/// The actor does not want the role.
///
/// # Errors
/// `people.invitation_gone` unless it is open and for her number; `kernel.denied` unless she acts for herself.
pub fn decline_invitation(tx: &mut Tx, vault: &Vault, actor: &Actor, id: InvitationId) -> Result<()> {
    let (_, row) = offered(tx, vault, actor, id)?;
    if end(tx, actor, (row.org, id), "declined")? { Ok(()) } else { Err(Error::new(&INVITATION_GONE)) }
}
