//! Credentials as they are kept.

use activities::ClassId;
use catalog::OfferId;
use kernel::{Id, Minutes, Org, Person, Timestamp};
use learning::CompletionId;
use store::row;

use crate::Serial;

/// Marker for identifiers of credentials.
#[derive(Debug)]
pub enum CredentialMark {}
/// Identifier of a credential: random, because who knows it may see the credential.
pub type CredentialId = Id<CredentialMark>;

network::worded! {
    /// What a credential certifies.
    pub enum Kind {
        /// 结业: a class was completed.
        Completion = "completion",
    }
}

network::worded! {
    /// Whether a credential counts.
    pub enum Status {
        /// 有效
        Valid = "valid",
        /// 已撤销
        Revoked = "revoked",
    }
}

journal::table! {
    /// Credentials, by holder.
    pub CREDENTIAL = "credential" (person_id, credential_id) [
        kind, org_id, org_name, class_id, offer_id, completion_id, title, minutes, attended, planned, serial, issued_at,
        status, revoked_reason, revoked_at,
    ];
}

row! {
    /// A credential. What it says is what was true on the day of issue; only its status changes.
    #[derive(PartialEq)]
    pub struct Credential {
        /// The holder.
        pub person_id: Id<Person>,
        /// Its identifier.
        pub credential_id: CredentialId,
        /// What it certifies.
        pub kind: Kind,
        /// Who held the class.
        pub org_id: Id<Org>,
        /// That organisation's name on the day of issue.
        pub org_name: String,
        /// The class.
        pub class_id: ClassId,
        /// What it was a class of.
        pub offer_id: OfferId,
        /// The completion that it certifies.
        pub completion_id: CompletionId,
        /// Title of the class.
        pub title: String,
        /// Minutes attended.
        pub minutes: Minutes,
        /// Sessions attended.
        pub attended: i64,
        /// Sessions held.
        pub planned: i64,
        /// The printed number.
        pub serial: Serial,
        /// When the completion was written down.
        pub issued_at: Timestamp,
        /// Whether it counts.
        pub status: Status,
        /// Why it was revoked.
        pub revoked_reason: Option<String>,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
        /// Counts the changes.
        pub rev: i64,
    }
}

impl Credential {
    /// Whether it counts.
    pub fn is_valid(&self) -> bool {
        self.status == Status::Valid
    }
}
