//! Batches 批量操作: one thing done to many offers, looked at before and undone after.
//!
//! A batch is drawn up first ([`draw_up`]): each offer is judged, nothing is changed. Who made it orders it ([`order_batch`]); then each
//! offer goes through the very command that its own page uses, with the rights of who ordered it **at that moment**, some in one transaction
//! that also notes what became of them ([`step`]). So a death in the middle is made up for, and each offer is done once. For some days it
//! can be undone ([`undo_batch`]): what nobody changed since is put back.

mod draw_up;
mod read;
mod run;
#[cfg(test)]
mod tests;
mod worker;

use catalog::{Audience, Offer, OfferId, OfferStatus, OfferWas};
use kernel::{Error, Id, Org, Person, Result, Timestamp};
use serde::{Deserialize, Serialize};

pub use draw_up::{draw_up, sweep_batches};
pub(crate) use read::{BatchLine, Count, Item, Tab, batches, counts, items, see_batch};
pub use run::{order_batch, step, undo_batch};
pub use worker::{BatchWorker, run_batch, work_next};

/// Offers of one batch at most.
pub const BATCH_OFFERS_MAX: usize = 5_000;
/// Days for which a batch can be undone.
pub const BATCH_UNDO_DAYS: i32 = 7;
/// Offers that are done while somebody waits; more go through the queue of jobs.
pub const BATCH_AT_ONCE: i64 = 20;

/// Kind of the fact that a batch was ordered: [`BatchTold`].
pub const BATCH_ORDERED: &str = "portal.batch_ordered.v1";
/// Kind of the fact that a batch was undone: [`BatchTold`].
pub const BATCH_UNDONE: &str = "portal.batch_undone.v1";

kernel::codes! {
    /// No offer was chosen.
    pub NOTHING_CHOSEN = Invalid "portal.nothing_chosen";
    /// More offers than one batch takes.
    pub BATCH_TOO_LARGE = Invalid "portal.batch_too_large";
    /// None of the offers would be changed.
    pub BATCH_IDLE = Conflict "portal.batch_idle";
    /// The batch is not at a stage at which this can be done.
    pub BATCH_STAGE = Conflict "portal.batch_stage";
    /// The days for undoing are over.
    pub BATCH_OLD = Conflict "portal.batch_old";
    /// The offer is so already.
    pub SAME_ALREADY = Conflict "portal.same_already";
    /// Classes were opened since: the offer cannot become a draft again.
    pub HAS_CLASSES = Conflict "portal.has_classes";
}

/// Marker for identifiers of batches.
#[derive(Debug)]
pub enum BatchMark {}
/// Identifier of a batch.
pub type BatchId = Id<BatchMark>;

journal::table! {
    /// That batches were ordered and undone.
    pub BATCH_ORDER = "batch_order" (batch_id) [person_id, action, value, offers, ordered_at, undone_by, undone_at];
}

/// Payload of [`BATCH_ORDERED`] and [`BATCH_UNDONE`].
#[derive(Debug, Serialize, Deserialize)]
pub struct BatchTold {
    /// The batch.
    pub batch_id: BatchId,
    /// What is done: `publish`, `withdraw`, `audience`, `cost`, `subject`.
    pub action: String,
    /// Offers that would be changed.
    pub offers: i64,
}

/// What is done to each offer of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchAction {
    /// It is published.
    Publish,
    /// It is withdrawn.
    Withdraw,
    /// It is made for others.
    Audience(Audience),
    /// It costs so many fen.
    Cost(i64),
    /// It belongs to this subject.
    Subject(String),
}

impl BatchAction {
    /// The words of all actions, in the order of the page.
    pub const WORDS: [&'static str; 5] = ["publish", "withdraw", "audience", "cost", "subject"];

    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            BatchAction::Publish => "publish",
            BatchAction::Withdraw => "withdraw",
            BatchAction::Audience(_) => "audience",
            BatchAction::Cost(_) => "cost",
            BatchAction::Subject(_) => "subject",
        }
    }

    /// What it sets, as text; empty if nothing.
    pub fn value(&self) -> String {
        match self {
            BatchAction::Publish | BatchAction::Withdraw => String::new(),
            BatchAction::Audience(audience) => audience.as_str().to_owned(),
            BatchAction::Cost(fen) => fen.to_string(),
            BatchAction::Subject(code) => code.clone(),
        }
    }

    /// Reads word and value.
    pub(crate) fn read(word: &str, value: &str) -> Result<Self> {
        let bug = || Error::bug(format!("a batch cannot {word} {value:?}"));
        Ok(match word {
            "publish" => BatchAction::Publish,
            "withdraw" => BatchAction::Withdraw,
            "audience" => BatchAction::Audience(value.parse().map_err(|_| bug())?),
            "cost" => BatchAction::Cost(value.parse().map_err(|_| bug())?),
            "subject" => BatchAction::Subject(value.to_owned()),
            _ => return Err(bug()),
        })
    }

    /// What the offer would be afterwards.
    pub(crate) fn applied(&self, offer: &OfferWas) -> OfferWas {
        let mut after = offer.clone();
        match self {
            BatchAction::Publish => after.status = OfferStatus::Published,
            BatchAction::Withdraw => after.status = OfferStatus::Withdrawn,
            BatchAction::Audience(audience) => after.words.audience = *audience,
            BatchAction::Cost(fen) => after.words.cost_fen = *fen,
            BatchAction::Subject(code) => after.words.subject_code.clone_from(code),
        }
        after
    }
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its offers are still being looked at.
    Making,
    /// Nothing was changed yet.
    Preview,
    /// Offers are being changed.
    Running,
    /// All were gone through.
    Done,
    /// Offers are being put back.
    Undoing,
    /// All were gone through again.
    Undone,
}

impl Stage {
    const ALL: [(Stage, &'static str); 6] = [
        (Stage::Making, "making"),
        (Stage::Preview, "preview"),
        (Stage::Running, "running"),
        (Stage::Done, "done"),
        (Stage::Undoing, "undoing"),
        (Stage::Undone, "undone"),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(stage, _)| *stage == self).map_or("", |(_, word)| word)
    }
}

impl store::FromValue for Stage {
    fn from_value(value: &store::Value) -> Option<Self> {
        let word = <String as store::FromValue>::from_value(value)?;
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(stage, _)| *stage)
    }
}

store::row! {
    /// A batch.
    pub struct Batch {
        /// Its identifier.
        pub batch_id: BatchId,
        /// Who made it.
        pub person_id: Id<Person>,
        /// What is done.
        pub action: String,
        /// What is set.
        pub value: String,
        /// Where it stands.
        pub state: Stage,
        /// When it was drawn up.
        pub made_at: Timestamp,
        /// When the last offer was changed.
        pub ended_at: Option<Timestamp>,
        /// Who undid it.
        pub undone_by: Option<Id<Person>>,
    }
}

impl Batch {
    /// What is done.
    pub fn doing(&self) -> Result<BatchAction> {
        BatchAction::read(&self.action, &self.value)
    }

    /// Until when it can be undone; `None` before it was done, and after it was undone.
    pub fn undo_until(&self) -> Option<Timestamp> {
        let ended = self.ended_at.filter(|_| self.state == Stage::Done)?;
        Some(ended.plus_minutes(i64::from(BATCH_UNDO_DAYS) * 24 * 60))
    }
}

/// Why an offer is not changed: the code of a refusal, with the field if it is about one (`kernel.required:summary`).
pub(crate) fn reason(error: &Error) -> String {
    match error.field_errors().first() {
        Some(wrong) => format!("{}:{}", wrong.code.name, wrong.field),
        None => error.code().name.to_owned(),
    }
}

/// An offer of a batch, judged.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub offer_id: OfferId,
    /// Its organisation, if the actor may know of it.
    pub org_id: Option<Id<Org>>,
    /// The version that was looked at.
    pub rev: i64,
    /// Why it would not be changed.
    pub unfit: Option<String>,
}

/// Why an offer would not be changed, as its command would refuse it.
fn unfit(action: &BatchAction, offer: &Offer) -> Option<String> {
    let code = |code: &'static kernel::Code| Some(code.name.to_owned());
    match action {
        BatchAction::Publish => {
            let lacks = |text: &str, field: &str| {
                text.trim().is_empty().then(|| format!("{}:{field}", kernel::REQUIRED.name))
            };
            lacks(&offer.summary, "summary").or_else(|| lacks(&offer.body, "body")).or_else(|| {
                if offer.status == OfferStatus::Published { code(&catalog::ALREADY_PUBLISHED) } else { None }
            })
        }
        BatchAction::Withdraw if offer.status != OfferStatus::Published => code(&catalog::NOT_PUBLISHED),
        BatchAction::Withdraw => None,
        _ => {
            let was = OfferWas::from(offer);
            if action.applied(&was) == was { code(&SAME_ALREADY) } else { None }
        }
    }
}
