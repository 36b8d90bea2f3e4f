//! A list of people that was read from a file, between the page that shows it and the button that invites them.

use kernel::{Actor, Day, Error, Id, Org, Result};
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

use crate::Vault;

/// Minutes for which a list waits for the button.
pub const DRAFT_MINUTES: i64 = 60;

/// Marker for identifiers of such lists.
#[derive(Debug)]
pub enum DraftMark {}
/// Identifier of such a list.
pub type DraftId = Id<DraftMark>;

/// Somebody on the list; everything was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Name.
    pub name: String,
    /// Eleven digits.
    pub phone: String,
    /// The role, as [`kernel::Role::as_str`] writes it.
    pub role: String,
    /// Where.
    pub org: Id<Org>,
    /// First day without the role, if it is to end by itself.
    pub to_day: Option<Day>,
}

fn context(id: DraftId) -> Vec<u8> {
    [b"invitation-draft:".as_slice(), id.as_bytes()].concat()
}

/// Keeps a list, sealed, for who made it.
///
/// # Errors
/// Those of the store.
pub fn keep_draft(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    rows: &[Draft],
) -> Result<DraftId> {
    let id: DraftId = tx.random_id();
    let plain = serde_json::to_vec(rows).map_err(|e| Error::bug("a list of people").caused_by(e))?;
    let sealed = vault.seal_file(tx.chance(), &context(id), &plain);
    let expires = tx.now().plus_minutes(DRAFT_MINUTES);
    tx.exec_later(
        sql!(
            "INSERT INTO invitation_draft (draft_id, org_id, made_by, rows_sealed, expires_at) VALUES ($1, $2, $3, $4, $5)"
        ),
        params![id, org, actor.label(), sealed, expires],
    )?;
    Ok(id)
}

/// The list, for who made it; `None` if it was used, dropped, or has run out.
///
/// # Errors
/// Those of the store.
pub fn draft_of(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    id: DraftId,
) -> Result<Option<Vec<Draft>>> {
    let row: Option<(Vec<u8>,)> = tx.opt(
        sql!(
            "SELECT rows_sealed FROM invitation_draft WHERE draft_id = $1 AND org_id = $2 AND made_by = $3 AND expires_at > $4"
        ),
        params![id, org, actor.label(), tx.now()],
    )?;
    row.map(|(sealed,)| opened(vault, id, &sealed)).transpose()
}

fn opened(vault: &Vault, id: DraftId, sealed: &[u8]) -> Result<Vec<Draft>> {
    let plain = vault.open_file(&context(id), sealed)?;
    serde_json::from_slice(&plain).map_err(|e| Error::bug("a list of people").caused_by(e))
}

/// Takes the list to invite its people: of two presses of the button one gets it.
///
/// # Errors
/// Those of the store.
pub fn take_draft(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    id: DraftId,
) -> Result<Option<Vec<Draft>>> {
    let row: Option<(Vec<u8>,)> = tx.opt(
        sql!(
            "DELETE FROM invitation_draft WHERE draft_id = $1 AND org_id = $2 AND made_by = $3 AND expires_at > $4 \
             RETURNING rows_sealed"
        ),
        params![id, org, actor.label(), tx.now()],
    )?;
    row.map(|(sealed,)| opened(vault, id, &sealed)).transpose()
}

/// Throws a list away.
///
/// # Errors
/// Those of the store.
pub fn drop_draft(tx: &mut Tx, actor: &Actor, org: Id<Org>, id: DraftId) -> Result<()> {
    tx.exec_later(
        sql!("DELETE FROM invitation_draft WHERE draft_id = $1 AND org_id = $2 AND made_by = $3"),
        params![id, org, actor.label()],
    )
}
