//! What others may rely on.

use kernel::{Id, Org};
use serde::{Deserialize, Serialize};

use crate::{OfferId, OfferKind};

/// Subjects were added or changed; the payload is [`SubjectsImported`].
pub const SUBJECTS_IMPORTED: &str = "catalog.subjects_imported.v1";
/// An offer was written; the payload is [`OfferTold`].
pub const OFFER_DRAFTED: &str = "catalog.offer_drafted.v1";
/// An offer can be found by everybody; the payload is [`OfferTold`].
pub const OFFER_PUBLISHED: &str = "catalog.offer_published.v1";
/// The words of an offer changed; the payload is [`OfferTold`].
pub const OFFER_CHANGED: &str = "catalog.offer_changed.v1";
/// An offer is no longer offered; the payload is [`OfferTold`].
pub const OFFER_WITHDRAWN: &str = "catalog.offer_withdrawn.v1";

/// Payload of [`SUBJECTS_IMPORTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectsImported {
    /// The codes that were written.
    pub codes: Vec<String>,
}

/// Payload of the facts about an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferTold {
    /// Which.
    pub offer_id: OfferId,
    /// Who offers it.
    pub org_id: Id<Org>,
    /// What it is.
    pub kind: OfferKind,
    /// Code of its subject.
    pub subject_code: String,
}
