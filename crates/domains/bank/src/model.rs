//! Accounts, entries, and the classes of credit.

use journal::FactId;
use kernel::{Account, Credit, Day, Id, Minutes, Org, Person, Timestamp};
use learning::{AttendanceId, EvidenceGrade};
use serde::{Deserialize, Serialize};
use store::{FromValue, Value};

use crate::Calculation;

/// Marker for identifiers of entries.
#[derive(Debug)]
pub enum EntryMark {}
/// Marker for identifiers of transfers.
#[derive(Debug)]
pub enum TransferMark {}

/// Identifier of an entry: one side of a transfer.
pub type EntryId = Id<EntryMark>;
/// Identifier of a transfer: two entries that add up to zero.
pub type TransferId = Id<TransferMark>;

journal::table! {
    /// An account of one class of credit.
    pub ACCOUNT = "account" (account_id) [owner_kind, owner_id, credit_class, balance, opened_at];
    /// One side of a transfer; rows are only ever added.
    pub ENTRY = "entry" (account_id, entry_id) [
        transfer_id, other_account, kind, amount, credit_class, rule_id, rule_version, evidence_home, evidence_fact,
        record_id, org_id, grade, minutes, learned_at, learned_on, approver, posted_at, held, note, reverses,
    ];
}

/// The three classes of a Chinese credit bank. Credit of one class never becomes credit of another: each class has
/// accounts of its own, and no transfer joins accounts of two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditClass {
    /// 文化休闲
    CultureLeisure,
    /// 职业培训
    Vocational,
    /// 学历
    Degree,
}

impl CreditClass {
    /// All classes.
    pub const ALL: [CreditClass; 3] =
        [CreditClass::CultureLeisure, CreditClass::Vocational, CreditClass::Degree];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            CreditClass::CultureLeisure => "culture_leisure",
            CreditClass::Vocational => "vocational",
            CreditClass::Degree => "degree",
        }
    }
}

impl From<CreditClass> for Value {
    fn from(class: CreditClass) -> Self {
        class.as_str().into()
    }
}

impl FromValue for CreditClass {
    fn from_value(value: &Value) -> Option<Self> {
        let text = String::from_value(value)?;
        CreditClass::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// Who holds an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A learner.
    Person(Id<Person>),
    /// An organisation that issues credit; its balance is negative by what it has issued.
    Issuer(Id<Org>),
}

impl Owner {
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Owner::Person(_) => "person",
            Owner::Issuer(_) => "issuer",
        }
    }

    pub(crate) fn id_text(self) -> String {
        match self {
            Owner::Person(id) => id.to_string(),
            Owner::Issuer(id) => id.to_string(),
        }
    }

    /// The owner's account of a class. A person's leisure account has the person's own id, so that it lies beside her
    /// other records; all other accounts' ids follow from owner and class.
    pub(crate) fn account(self, class: CreditClass) -> Id<Account> {
        match (self, class) {
            (Owner::Person(id), CreditClass::CultureLeisure) => id.cast(),
            (owner, class) => {
                let name = format!("account\n{}\n{}\n{}", owner.kind(), owner.id_text(), class.as_str());
                Id::derived(&seal::sha256(name.as_bytes()))
            }
        }
    }
}

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Learning became credit (none, if it was refused or is held).
    Deposit,
    /// A deposit is taken back.
    Reversal,
}

impl EntryKind {
    /// The word under which it is stored and translated.
    pub const fn as_str(self) -> &'static str {
        match self {
            EntryKind::Deposit => "deposit",
            EntryKind::Reversal => "reversal",
        }
    }
}

impl From<EntryKind> for Value {
    fn from(kind: EntryKind) -> Self {
        kind.as_str().into()
    }
}

impl FromValue for EntryKind {
    fn from_value(value: &Value) -> Option<Self> {
        let text = String::from_value(value)?;
        [EntryKind::Deposit, EntryKind::Reversal].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a deposit was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReversalReason {
    /// The minutes were corrected; a new deposit follows.
    MinutesCorrected,
    /// The attendance was taken back.
    AttendanceReversed,
    /// The person was recorded at two places at once; a held deposit follows.
    Held,
    /// The two places were cleared up; the deposit that was held follows with its credit.
    Released,
}

impl ReversalReason {
    /// The word under which it is translated.
    pub const fn as_str(self) -> &'static str {
        match self {
            ReversalReason::MinutesCorrected => "minutes-corrected",
            ReversalReason::AttendanceReversed => "attendance-reversed",
            ReversalReason::Held => "held",
            ReversalReason::Released => "released",
        }
    }
}

/// What explains an entry: JSON in the column `note` of the learner's side; the issuer's side is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// The calculation of a deposit.
    Deposit(Calculation),
    /// The reason of a reversal.
    Reversal {
        /// Why.
        reason: ReversalReason,
    },
}

store::row! {
    /// One side of a transfer.
    #[derive(PartialEq)]
    pub struct Entry {
        /// Whose side.
        pub account_id: Id<Account>,
        /// Its identifier; later entries have greater ones.
        pub entry_id: EntryId,
        /// The transfer; its other side has the same.
        pub transfer_id: TransferId,
        /// The account of the other side.
        pub other_account: Id<Account>,
        /// Deposit or reversal.
        pub kind: EntryKind,
        /// What the account gains; negative when it loses.
        pub amount: Credit,
        /// The class of credit.
        pub credit_class: CreditClass,
        /// The rule; empty if none was in force.
        pub rule_id: String,
        /// Its version; 0 if none was in force.
        pub rule_version: i64,
        /// Distribution key of the fact that is the evidence.
        pub evidence_home: String,
        /// The fact that is the evidence.
        pub evidence_fact: FactId,
        /// The issuer's own record: the attendance. It buys credit once.
        pub record_id: AttendanceId,
        /// The institution that recorded it.
        pub org_id: Id<Org>,
        /// How sure the minutes are.
        pub grade: EvidenceGrade,
        /// The minutes.
        pub minutes: Minutes,
        /// When the learning began.
        pub learned_at: Timestamp,
        /// The city's day of it, by which rules and limits apply.
        pub learned_on: Day,
        /// Who recorded or corrected the evidence, as [`kernel::Actor::label`] writes it.
        pub approver: String,
        /// When the entry was made.
        pub posted_at: Timestamp,
        /// Whether the credit is held back because the person was recorded at two places at once.
        pub held: bool,
        /// JSON of a [`Note`]; empty on the issuer's side.
        pub note: String,
        /// The transfer that this one takes back.
        pub reverses: Option<TransferId>,
        /// Always 1: entries never change.
        pub rev: i64,
    }
}

impl Entry {
    /// What explains the entry; `None` on the issuer's side.
    pub fn note(&self) -> Option<Note> {
        serde_json::from_str(&self.note).ok()
    }

    /// End of the learning.
    pub(crate) const fn learned_until(&self) -> Timestamp {
        self.learned_at.plus_minutes(self.minutes.0)
    }
}
