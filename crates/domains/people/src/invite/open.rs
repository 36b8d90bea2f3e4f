//! Invitations that are open, as who sent them and as whom they are for sees them.

use kernel::{Day, Error, Id, Org, Person, Result, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

use crate::{Phone, Vault, read::phone_of};

/// Marker for identifiers of invitations.
#[derive(Debug)]
pub enum InvitationMark {}
/// Identifier of an invitation.
pub type InvitationId = Id<InvitationMark>;

/// Name and number as they are sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) phone: String,
}

impl Contact {
    pub(super) fn seal(&self, tx: &mut Tx, vault: &Vault, id: InvitationId) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(self).map_err(|e| Error::bug("an invitation").caused_by(e))?;
        Ok(vault.seal_file(tx.chance(), &context(id), &plain))
    }

    pub(super) fn open(vault: &Vault, id: InvitationId, sealed: &[u8]) -> Result<Self> {
        let plain = vault.open_file(&context(id), sealed)?;
        serde_json::from_slice(&plain).map_err(|e| Error::bug("an invitation").caused_by(e))
    }
}

fn context(id: InvitationId) -> Vec<u8> {
    [b"invitation:".as_slice(), id.as_bytes()].concat()
}

store::row! {
    struct OpenRow {
        id: InvitationId,
        role: String,
        to_day: Option<Day>,
        invited_by: String,
        invited_at: Timestamp,
        expires_at: Timestamp,
        told_at: Timestamp,
        told: i64,
        contact_sealed: Vec<u8>,
    }
}

/// An open invitation, as who staffs the organisation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    /// Which.
    pub id: InvitationId,
    /// Name as it was written in the invitation.
    pub name: String,
    /// `138****1234`.
    pub phone_masked: String,
    /// The role, as [`kernel::Role::as_str`] writes it.
    pub role: String,
    /// First day without the role, if it is to end by itself.
    pub to_day: Option<Day>,
    /// Who invited, as [`kernel::Actor::label`] writes it.
    pub invited_by: String,
    /// When.
    pub invited_at: Timestamp,
    /// Until when it may be taken.
    pub expires_at: Timestamp,
    /// When she was told last.
    pub told_at: Timestamp,
    /// How often she was told, 1 or more.
    pub told: i64,
}

/// The open invitations of an organisation, the oldest first, from `after` on; at most `limit`.
///
/// # Errors
/// Those of the store.
pub fn invitations_of(
    tx: &mut Tx,
    vault: &Vault,
    org: Id<Org>,
    after: Option<InvitationId>,
    limit: usize,
) -> Result<Vec<OpenInvitation>> {
    let after = after.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<OpenRow> = tx.all(
        sql!(
            "SELECT i.invitation_id, i.role, i.to_day, i.invited_by, i.invited_at, c.expires_at, c.told_at, c.told, \
             c.contact_sealed FROM invitation_contact c JOIN invitation i ON i.org_id = c.org_id \
             AND i.invitation_id = c.invitation_id WHERE c.org_id = $1 AND c.invitation_id > $2 AND c.expires_at > $3 \
             ORDER BY c.invitation_id LIMIT $4"
        ),
        params![org, after, tx.now(), i64::try_from(limit).unwrap_or(i64::MAX)],
    )?;
    let opened = |row: OpenRow| {
        let contact = Contact::open(vault, row.id, &row.contact_sealed)?;
        Ok(OpenInvitation {
            id: row.id,
            name: contact.name,
            phone_masked: crate::mask_phone(&contact.phone),
            role: row.role,
            to_day: row.to_day,
            invited_by: row.invited_by,
            invited_at: row.invited_at,
            expires_at: row.expires_at,
            told_at: row.told_at,
            told: row.told,
        })
    };
    rows.into_iter().map(opened).collect()
}

store::row! {
    /// An open invitation, as whom it is for sees it.
    pub struct Invitation {
        /// Which.
        pub id: InvitationId,
        /// Where.
        pub org: Id<Org>,
        /// The role, as [`kernel::Role::as_str`] writes it.
        pub role: String,
        /// First day without the role, if it is to end by itself.
        pub to_day: Option<Day>,
        /// Who invited, as [`kernel::Actor::label`] writes it.
        pub invited_by: String,
        /// Until when it may be taken.
        pub expires_at: Timestamp,
    }
}

/// The open invitations for a person's telephone number, the oldest first; at most 100.
///
/// # Errors
/// Those of the store.
pub fn invitations_for(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Vec<Invitation>> {
    let Some(index) = own_index(tx, vault, person)? else { return Ok(Vec::new()) };
    tx.all(
        sql!(
            "SELECT i.invitation_id, i.org_id, i.role, i.to_day, i.invited_by, c.expires_at FROM invitation_contact c \
             JOIN invitation i ON i.org_id = c.org_id AND i.invitation_id = c.invitation_id \
             WHERE c.phone_index = $1 AND c.expires_at > $2 ORDER BY i.invitation_id LIMIT 100"
        ),
        params![index, tx.now()],
    )
}

/// By what the number of a person is found; `None` if she has none.
pub(super) fn own_index(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<[u8; 16]>> {
    let Some(digits) = phone_of(tx, vault, person)? else { return Ok(None) };
    let phone: Phone = digits.parse().map_err(|_| Error::bug("a kept telephone is none"))?;
    Ok(Some(vault.phone_index(&phone)))
}

/// The name under which the holder of a number was invited last, so that she need not type it when she opens her account.
///
/// # Errors
/// Those of the store.
pub fn invited_name(tx: &mut Tx, vault: &Vault, phone: &Phone) -> Result<Option<String>> {
    let row: Option<(InvitationId, Vec<u8>)> = tx.opt(
        sql!(
            "SELECT invitation_id, contact_sealed FROM invitation_contact WHERE phone_index = $1 AND expires_at > $2 \
             ORDER BY invitation_id DESC LIMIT 1"
        ),
        params![vault.phone_index(phone), tx.now()],
    )?;
    row.map(|(id, sealed)| Contact::open(vault, id, &sealed).map(|contact| contact.name)).transpose()
}
