//! Publishing an offer, and withdrawing it.
//!
//! What everybody finds must say what it is: an offer without summary or description is not published. A withdrawn offer takes
//! no new classes; seats in its open classes and what was learned stay untouched.

use kernel::{Actor, Error, FieldError, Result};
use store::{Tx, params};

use crate::{OFFER, Offer, OfferId, OfferStatus, draft_offer::told, facts};

kernel::codes! {
    /// The offer is published already.
    pub ALREADY_PUBLISHED = Conflict "catalog.already_published";
    /// The offer is not published, so it cannot be withdrawn.
    pub NOT_PUBLISHED = Conflict "catalog.not_published";
}

/// Lets everybody find an offer. A withdrawn one may be published again; the day of its first publishing stays.
pub fn publish_offer(tx: &mut Tx, actor: &Actor, offer_id: OfferId) -> Result<()> {
    let known = managed(tx, actor, offer_id)?;
    require_complete(&known.summary, &known.body)?;
    let mut fact = told(facts::OFFER_PUBLISHED, known.org_id, offer_id, known.kind, &known.subject_code);
    let now = tx.now();
    // The words that were checked are the words that are published.
    fact.update(
        tx,
        &OFFER,
        params![known.org_id, offer_id],
        "status = 'published', published_at = coalesce(published_at, $1)",
        "status <> 'published' AND rev = $2",
        params![now, known.rev],
    )?
    .ok_or_else(|| {
        Error::new(if known.status == OfferStatus::Published { &ALREADY_PUBLISHED } else { &kernel::CHANGED })
    })?;
    crate::lines::write_line(tx, known.org_id, offer_id)?;
    fact.emit(tx, actor).map(|_| ())
}

/// Takes an offer out of what can be found.
pub fn withdraw_offer(tx: &mut Tx, actor: &Actor, offer_id: OfferId) -> Result<()> {
    let known = managed(tx, actor, offer_id)?;
    let mut fact = told(facts::OFFER_WITHDRAWN, known.org_id, offer_id, known.kind, &known.subject_code);
    let key = params![known.org_id, offer_id];
    fact.update(tx, &OFFER, key, "status = 'withdrawn'", "status = 'published'", &[])?
        .ok_or_else(|| Error::new(&NOT_PUBLISHED))?;
    crate::lines::write_line(tx, known.org_id, offer_id)?;
    fact.emit(tx, actor).map(|_| ())
}

fn managed(tx: &mut Tx, actor: &Actor, offer_id: OfferId) -> Result<Offer> {
    crate::read::managed_offer(tx, actor, offer_id)
}

/// What publishing asks for beyond a draft.
pub(crate) fn require_complete(summary: &str, body: &str) -> Result<()> {
    let wrong: Vec<FieldError> = [("summary", summary), ("body", body)]
        .into_iter()
        .filter(|(_, text)| text.trim().is_empty())
        .map(|(field, _)| FieldError { field: field.to_owned(), code: &kernel::REQUIRED, args: Vec::new() })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}
