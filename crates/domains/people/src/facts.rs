//! What others may rely on. No personal field stands here: a person is a random id.

use kernel::{Day, Id, Org, Person, RegionCode, Role};
use serde::{Deserialize, Serialize};

journal::table! {
    /// People; name and phone sealed.
    pub PERSON = "person" (person_id) [name_sealed, phone_sealed, birth_year, home_region, created_at, demo];
    /// Consents to the privacy notice.
    pub CONSENT = "consent" (person_id, notice) [given_at];
    /// Roles at organisations.
    pub ROLE_GRANT = "role_grant" (person_id, org_id, role) [from_day, to_day, granted_by];
    /// Readings of personal data of others.
    pub READING = "reading" (org_id, reading_id) [reader, what, subject, people, at];
}

/// Kind of [`Registered`].
pub const REGISTERED: &str = "people.registered.v1";
/// Kind of [`Consented`].
pub const CONSENTED: &str = "people.consented.v1";
/// Kind of [`RoleChanged`]: a role was given, or given again.
pub const ROLE_GRANTED: &str = "people.role_granted.v1";
/// Kind of [`RoleChanged`]: a role was taken.
pub const ROLE_REVOKED: &str = "people.role_revoked.v1";

/// Kind of [`NamesRead`].
pub const NAMES_READ: &str = "people.names_read.v1";

/// Kind of [`Erased`].
pub const ERASED: &str = "people.erased.v1";

/// Somebody has an account now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Who.
    pub person_id: Id<Person>,
    /// Where she lives, if she said so.
    pub home_region: Option<RegionCode>,
    /// Made up for a demo.
    pub demo: bool,
}

/// Somebody agreed to the privacy notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    /// Who.
    pub person_id: Id<Person>,
    /// Version of the notice.
    pub notice: String,
}

/// An account was closed; the id means nobody from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Whose it was.
    pub person_id: Id<Person>,
}

/// Somebody looked at a page or a file with personal data of others; the fact's actor is the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesRead {
    /// In which way, as `ReadAs::as_str` writes it.
    pub what: String,
    /// The record behind the page, such as `class:…`.
    pub subject: String,
    /// How many people were on it.
    pub people: i64,
}

/// A role was given or taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    /// Whose.
    pub person_id: Id<Person>,
    /// Where.
    pub org_id: Id<Org>,
    /// Which, as [`Role::as_str`] writes it.
    pub role: String,
    /// First day with the role, or first day without it.
    pub from_day: Day,
}

impl RoleChanged {
    /// The role, if this program knows it.
    pub fn role(&self) -> Option<Role> {
        self.role.parse().ok()
    }
}
