//! Putting an offer back to what it was: the undoing of work on many offers.
//!
//! Only the very version that the work left is put back: whoever changed the offer since then keeps what she wrote. It is a change like any
//! other, with a fact of its own. A draft may become one again only while nothing was built on its publishing; who knows classes asks for
//! that before.

use kernel::{Actor, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Tx, params};

use crate::{OFFER, Offer, OfferId, OfferStatus, OfferWords, draft_offer::told, facts};

/// What an offer was: its words, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferWas {
    /// Its words.
    pub words: OfferWords,
    /// Where it stood.
    pub status: OfferStatus,
    /// When it was first published, if it had been.
    pub published_at: Option<Timestamp>,
}

impl From<&Offer> for OfferWas {
    fn from(offer: &Offer) -> Self {
        Self { words: offer.words(), status: offer.status, published_at: offer.published_at }
    }
}

/// An offer to be put back.
#[derive(Debug, Clone)]
pub struct PutBack {
    /// Which.
    pub offer_id: OfferId,
    /// The version that it must have now.
    pub rev: i64,
    /// What it was.
    pub was: OfferWas,
}

/// Puts an offer back to what it was, unless it was changed since. The fact says what it means to everybody: that the offer can be found
/// again, that it cannot be found any more, or that it reads otherwise.
///
/// # Errors
/// As [`crate::managed_offer`]; `kernel.changed` if it has another version; as publishing, if it was published and would be incomplete.
pub fn put_back(tx: &mut Tx, actor: &Actor, cmd: &PutBack) -> Result<()> {
    let known = crate::read::managed_offer(tx, actor, cmd.offer_id)?;
    let (was, words) = (&cmd.was, &cmd.was.words);
    let found = |status: OfferStatus| status == OfferStatus::Published;
    if found(was.status) {
        crate::publish_offer::require_complete(&words.summary, &words.body)?;
    }
    let kind = match (found(known.status), found(was.status)) {
        (false, true) => facts::OFFER_PUBLISHED,
        (true, false) => facts::OFFER_WITHDRAWN,
        _ => facts::OFFER_CHANGED,
    };
    let mut fact = told(kind, known.org_id, cmd.offer_id, words.kind, &words.subject_code);
    fact.update(
        tx,
        &OFFER,
        params![known.org_id, cmd.offer_id],
        "kind = $1, title = $2, summary = $3, body = $4, subject_code = $5, audience = $6, cost_fen = $7, bring = $8, \
         status = $9, published_at = $10",
        "rev = $11",
        params![
            words.kind,
            &words.title,
            &words.summary,
            &words.body,
            &words.subject_code,
            words.audience,
            words.cost_fen,
            &words.bring,
            was.status,
            was.published_at,
            cmd.rev
        ],
    )?
    .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    crate::lines::write_line(tx, known.org_id, cmd.offer_id)?;
    fact.emit(tx, actor).map(|_| ())
}
