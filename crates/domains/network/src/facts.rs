//! What others may rely on.

use kernel::{Day, Id, Org, RegionCode};
use serde::{Deserialize, Serialize};

use crate::{OrgKind, ReorganisationId, reorganise::Status};

/// Regions were added or changed; the payload is [`RegionsImported`].
pub const REGIONS_IMPORTED: &str = "network.regions_imported.v1";
/// An organisation began; the payload is [`OrgFounded`].
pub const ORG_FOUNDED: &str = "network.org_founded.v1";
/// An organisation has another name or other contact; the payload is [`OrgChanged`].
pub const ORG_CHANGED: &str = "network.org_changed.v1";
/// An organisation ended; the payload is [`OrgClosed`].
pub const ORG_CLOSED: &str = "network.org_closed.v1";
/// A reorganisation was prepared, planned, carried out, taken back or discarded; the payload is [`ReorganisationChanged`].
pub const REORGANISATION_CHANGED: &str = "network.reorganisation_changed.v1";
/// The public holidays of a year were set; the payload is [`HolidaysSet`].
pub const HOLIDAYS_SET: &str = "network.holidays_set.v1";

/// Payload of [`REGIONS_IMPORTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionsImported {
    /// The codes written by this fact, at most 400.
    pub codes: Vec<RegionCode>,
}

/// Payload of [`ORG_FOUNDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFounded {
    /// Which.
    pub org_id: Id<Org>,
    /// What it is.
    pub kind: OrgKind,
    /// The division that it serves.
    pub region_code: RegionCode,
    /// The organisation above it.
    pub parent_id: Option<Id<Org>>,
}

/// Payload of [`ORG_CHANGED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgChanged {
    /// Which.
    pub org_id: Id<Org>,
}

/// Payload of [`ORG_CLOSED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgClosed {
    /// Which.
    pub org_id: Id<Org>,
    /// Its last day.
    pub closed_on: Day,
}

/// Payload of [`REORGANISATION_CHANGED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorganisationChanged {
    /// Which.
    pub reorganisation_id: ReorganisationId,
    /// What it is now.
    pub status: Status,
}

/// Payload of [`HOLIDAYS_SET`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidaysSet {
    /// Which year.
    pub year: i64,
}
