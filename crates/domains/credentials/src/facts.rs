//! What others may rely on.

use activities::ClassId;
use catalog::OfferId;
use kernel::{Id, Minutes, Org, Person};
use serde::{Deserialize, Serialize};

use crate::CredentialId;

/// A credential was issued: [`Issued`].
pub const ISSUED: &str = "credentials.issued.v1";
/// A credential was revoked: [`Revoked`].
pub const REVOKED: &str = "credentials.revoked.v1";

/// Payload of [`ISSUED`]. The printed number is left out: it opens the credential to who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The credential.
    pub credential_id: CredentialId,
    /// Who holds it.
    pub person_id: Id<Person>,
    /// Who held the class.
    pub org_id: Id<Org>,
    /// The class.
    pub class_id: ClassId,
    /// Of which offer.
    pub offer_id: OfferId,
    /// Minutes attended.
    pub minutes: Minutes,
}

/// Payload of [`REVOKED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The credential.
    pub credential_id: CredentialId,
    /// Who held it.
    pub person_id: Id<Person>,
    /// Who held the class.
    pub org_id: Id<Org>,
    /// The class.
    pub class_id: ClassId,
    /// Of which offer.
    pub offer_id: OfferId,
}
