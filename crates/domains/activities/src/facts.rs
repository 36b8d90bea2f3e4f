//! What later domains may rely on.

use catalog::OfferId;
use kernel::{Id, Org, Person, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{ClassId, EnrolmentId};

/// A class was opened: [`ClassOpened`].
pub const CLASS_OPENED: &str = "activities.class_opened.v1";
/// A class was closed: [`ClassClosed`].
pub const CLASS_CLOSED: &str = "activities.class_closed.v1";
/// A seat was taken: [`Enrolled`].
pub const ENROLLED: &str = "activities.enrolled.v1";
/// A seat was given back: [`Enrolled`].
pub const ENROLMENT_CANCELLED: &str = "activities.enrolment_cancelled.v1";

/// Payload of [`CLASS_OPENED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassOpened {
    /// The organisation that runs it.
    pub org_id: Id<Org>,
    /// The class.
    pub class_id: ClassId,
    /// Its offer.
    pub offer_id: OfferId,
    /// Start of the first session.
    pub starts_at: Timestamp,
    /// End of the last session.
    pub ends_at: Timestamp,
}

/// Payload of [`CLASS_CLOSED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassClosed {
    /// The organisation that ran it.
    pub org_id: Id<Org>,
    /// The class.
    pub class_id: ClassId,
    /// Its offer.
    pub offer_id: OfferId,
}

/// Payload of [`ENROLLED`] and [`ENROLMENT_CANCELLED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolled {
    /// The seat.
    pub enrolment_id: EnrolmentId,
    /// The organisation that runs the class.
    pub org_id: Id<Org>,
    /// The class.
    pub class_id: ClassId,
    /// Its offer.
    pub offer_id: OfferId,
    /// Who.
    pub person_id: Id<Person>,
    /// Start of the class's first session.
    pub starts_at: Timestamp,
    /// End of its last session.
    pub ends_at: Timestamp,
}
