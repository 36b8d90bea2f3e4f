//! What others may rely on. No personal field stands here: a person is a random id.

use kernel::{Day, Id, Org, Person, RegionCode, Role, Timestamp};
use serde::{Deserialize, Serialize};

journal::table! {
    /// People; name and phone sealed.
    pub PERSON = "person" (person_id) [name_sealed, phone_sealed, birth_year, home_region, created_at, demo];
    /// Consents to the privacy notice.
    pub CONSENT = "consent" (person_id, notice) [given_at];
    /// Roles at organisations.
    pub ROLE_GRANT = "role_grant" (person_id, org_id, role) [from_day, to_day, granted_by];
    /// Second factors: whether somebody has one, until when it is locked, and how many recovery codes are left.
    pub SECOND_FACTOR = "second_factor" (person_id) [active, changed_at, locked_until, codes_left];
    /// Tokens of programs, without their secrets.
    pub TOKEN_RECORD = "token_record" (person_id, token_id) [scopes, issued_at, expires_at, ended_at];
    /// Cards and PINs given out at counters.
    pub CARD_ISSUE = "card_issue" (person_id, seq) [org_id, what, issued_at];
    /// Who may act for whom.
    pub HELPER = "helper" (person_id, helper_id) [may, relation, org_id, since, ends_at, ended_at, begun_at];
    /// Who asked that her account be closed.
    pub LEAVING = "leaving" (person_id) [ordered_at, due_at, withdrawn_at];
    /// Invitations to roles; whom they were for stands elsewhere, and not for long.
    pub INVITATION = "invitation" (org_id, invitation_id) [role, to_day, invited_by, invited_at, ended_at, how];
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

/// Kind of [`InvitedTo`].
pub const INVITED: &str = "people.invited.v1";
/// Kind of [`InvitationEnded`].
pub const INVITATION_ENDED: &str = "people.invitation_ended.v1";

/// Kind of [`NamesRead`].
pub const NAMES_READ: &str = "people.names_read.v1";

/// Kind of [`FactorChanged`]: a second factor was set up.
pub const FACTOR_ENROLLED: &str = "people.factor_enrolled.v1";
/// Kind of [`FactorChanged`]: too many wrong codes.
pub const FACTOR_LOCKED: &str = "people.factor_locked.v1";
/// Kind of [`FactorChanged`]: an administrator ended a lock.
pub const FACTOR_UNLOCKED: &str = "people.factor_unlocked.v1";
/// Kind of [`FactorChanged`]: an administrator took a lost factor away.
pub const FACTOR_RESET: &str = "people.factor_reset.v1";
/// Kind of [`FactorChanged`]: a recovery code was used up.
pub const RECOVERY_USED: &str = "people.recovery_used.v1";
/// Kind of [`FactorChanged`]: new recovery codes were printed, the former ones ended.
pub const RECOVERY_RENEWED: &str = "people.recovery_renewed.v1";

/// Kind of [`TokenChanged`]: a token was made.
pub const TOKEN_ISSUED: &str = "people.token_issued.v1";
/// Kind of [`TokenChanged`]: a token was ended before its time.
pub const TOKEN_ENDED: &str = "people.token_ended.v1";

/// Kind of [`CardIssued`].
pub const CARD_ISSUED: &str = "people.card_issued.v1";

/// Kind of [`HelperNamed`].
pub const HELPER_NAMED: &str = "people.helper_named.v1";
/// Kind of [`HelpedBy`]: somebody may no longer act for somebody.
pub const HELPER_ENDED: &str = "people.helper_ended.v1";
/// Kind of [`HelpedBy`]: a helper began to act.
pub const HELPING_BEGUN: &str = "people.helping_begun.v1";

/// Kind of [`Corrected`].
pub const CORRECTED: &str = "people.corrected.v1";

/// Kind of [`PhoneChanged`].
pub const PHONE_CHANGED: &str = "people.phone_changed.v1";

/// Kind of [`Leave`]: somebody asked that her account be closed.
pub const LEAVING_ORDERED: &str = "people.leaving_ordered.v1";
/// Kind of [`Leave`]: she stays after all.
pub const LEAVING_WITHDRAWN: &str = "people.leaving_withdrawn.v1";

/// Kind of [`Erased`].
pub const ERASED: &str = "people.erased.v1";

/// Somebody may act for somebody from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperNamed {
    /// Who is helped.
    pub person_id: Id<Person>,
    /// Who helps.
    pub helper_id: Id<Person>,
    /// What she may do, as [`kernel::Help::as_str`] writes it.
    pub may: String,
    /// What she is to the person, as `Relation::as_str` writes it.
    pub relation: String,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Something happened between a person and her helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpedBy {
    /// Who is helped.
    pub person_id: Id<Person>,
    /// Who helps.
    pub helper_id: Id<Person>,
}

/// Somebody got a card or a PIN at a counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardIssued {
    /// Who.
    pub person_id: Id<Person>,
    /// Where.
    pub org_id: Id<Org>,
    /// `card` (with a PIN) or `pin`.
    pub what: String,
}

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

/// What is kept of somebody was put right. Neither the old nor the new value stands here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// Whose.
    pub person_id: Id<Person>,
    /// What: `name`, `birth_year`.
    pub fields: Vec<String>,
}

/// The telephone by which somebody signs in was changed. Neither number stands here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneChanged {
    /// Whose.
    pub person_id: Id<Person>,
    /// Whether she had one before.
    pub had: bool,
    /// Whether she has one now.
    pub has: bool,
}

/// Somebody wants to leave, or stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Who.
    pub person_id: Id<Person>,
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

/// Something happened to somebody's second factor. No secret and no code stands here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorChanged {
    /// Whose.
    pub person_id: Id<Person>,
    /// Until when it is locked, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Timestamp>,
    /// Recovery codes that are left.
    pub codes_left: i64,
}

/// A token of the API was made or ended. Its secret stands nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenChanged {
    /// Which.
    pub token_id: String,
    /// For whom it acts.
    pub person_id: Id<Person>,
    /// What it may be used for, with blanks between.
    pub scopes: String,
}

/// Somebody was invited to a role. Who, is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedTo {
    /// The invitation.
    pub invitation_id: String,
    /// Where.
    pub org_id: Id<Org>,
    /// To which role, as [`Role::as_str`] writes it.
    pub role: String,
    /// First day without the role, if it is to end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_day: Option<Day>,
}

/// An invitation was answered or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationEnded {
    /// The invitation.
    pub invitation_id: String,
    /// Where.
    pub org_id: Id<Org>,
    /// `accepted`, `declined` or `withdrawn`.
    pub how: String,
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
    /// First day without the role that was given, if it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_day: Option<Day>,
}

impl RoleChanged {
    /// The role, if this program knows it.
    pub fn role(&self) -> Option<Role> {
        self.role.parse().ok()
    }
}
