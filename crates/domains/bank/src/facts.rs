//! What later domains may rely on.

use journal::FactId;
use kernel::{Credit, Day, Id, Org, Person};
use learning::AttendanceId;
use serde::{Deserialize, Serialize};

use crate::{CreditClass, TransferId};

/// Learning was deposited: [`Posted`]. The amount is 0 when everything was refused or is held.
pub const CREDITED: &str = "bank.credited.v1";
/// A deposit was taken back: [`Posted`] with a negative amount and the transfer that it reverses.
pub const REVERSED: &str = "bank.reversed.v1";

/// Payload of [`CREDITED`] and [`REVERSED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Posted {
    /// Who learned.
    pub person_id: Id<Person>,
    /// The transfer.
    pub transfer_id: TransferId,
    /// What the person gains, in thousandths of a credit.
    pub amount: Credit,
    /// What was refused or is held.
    pub refused: Credit,
    /// The class of credit.
    pub credit_class: CreditClass,
    /// The rule.
    pub rule_id: String,
    /// Its version.
    pub rule_version: i64,
    /// The institution that recorded the learning.
    pub org_id: Id<Org>,
    /// The attendance.
    pub attendance_id: AttendanceId,
    /// The fact that is the evidence.
    pub attendance_fact: FactId,
    /// The day of learning.
    pub learned_on: Day,
    /// The transfer that is taken back.
    pub reverses: Option<TransferId>,
}
