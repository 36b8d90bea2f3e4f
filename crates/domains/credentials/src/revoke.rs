//! Revoking a credential that was issued wrongly.
//!
//! A credential is never deleted or changed: whoever holds a copy has to learn that it no longer counts, and why. Who may close
//! classes at the organisation may revoke, as both decide what is certified there. It is not undone; who was wronged completes anew.

use journal::Fact;
use kernel::{Actor, Error, Result, Right};
use network::access;
use store::{Tx, params};

use crate::{
    CREDENTIAL, CredentialId, credential,
    facts::{REVOKED, Revoked},
    model::Status,
};

kernel::codes! {
    /// It was revoked before.
    pub ALREADY_REVOKED = Conflict "credentials.already_revoked";
    /// A revoked credential is not handed out as a document.
    pub IS_REVOKED = Conflict "credentials.is_revoked";
}

/// Longest reason, in characters.
pub const REASON_MAX: usize = 200;

/// Revokes a credential. The reason, 1 to 200 characters, is shown to everybody who sees the credential.
///
/// # Errors
/// `kernel.missing`, `kernel.denied`, a wrong field `reason`, `credentials.already_revoked`.
pub fn revoke(tx: &mut Tx, actor: &Actor, id: CredentialId, reason: &str) -> Result<()> {
    let held = credential(tx, id)?.ok_or_else(Error::missing)?;
    access::require(tx, actor, Right::CloseClass, held.org_id)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", &kernel::REQUIRED));
    }
    let length = reason.chars().count();
    if length > REASON_MAX {
        let args = vec![("max", REASON_MAX.to_string()), ("length", length.to_string())];
        let wrong = kernel::FieldError { field: "reason".to_owned(), code: &kernel::TOO_LONG, args };
        return Err(Error::fields(vec![wrong]));
    }
    let payload = Revoked {
        credential_id: id,
        person_id: held.person_id,
        org_id: held.org_id,
        class_id: held.class_id,
        offer_id: held.offer_id,
    };
    let mut fact = Fact::new(REVOKED, held.person_id).at(held.org_id).payload(&payload);
    let changed = fact.update(
        tx,
        &CREDENTIAL,
        params![held.person_id, id],
        "status = $1, revoked_reason = $2, revoked_at = $3",
        "status = $4",
        params![Status::Revoked, reason, tx.now(), Status::Valid],
    )?;
    if changed.is_none() {
        return Err(Error::new(&ALREADY_REVOKED));
    }
    fact.emit(tx, actor).map(|_| ())
}
