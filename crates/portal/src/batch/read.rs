//! What is shown of batches, and to whom.

use catalog::OfferId;
use kernel::{Actor, Error, Id, Org, Person, Result, Right};
use network::access;
use store::{Statement, Tx, Value, params, sql};

use super::{Batch, BatchId, Stage};

/// A batch, whoever asks.
pub(super) fn batch(tx: &mut Tx, id: BatchId) -> Result<Option<Batch>> {
    tx.opt(
        sql!(
            "SELECT batch_id, person_id, action, value, state, made_at, ended_at, undone_by FROM offer_batch WHERE batch_id = $1"
        ),
        params![id],
    )
}

/// A batch for who made it, and once it was ordered for who manages the offers of all its organisations.
///
/// # Errors
/// `kernel.missing` to everybody else: that there is one is nobody else's business.
pub(crate) fn see_batch(tx: &mut Tx, actor: &Actor, id: BatchId) -> Result<Batch> {
    let known = batch(tx, id)?.ok_or_else(Error::missing)?;
    if actor.person() == Some(known.person_id) {
        return Ok(known);
    }
    if matches!(known.state, Stage::Making | Stage::Preview) {
        return Err(Error::missing());
    }
    let orgs: Vec<(Id<Org>,)> =
        tx.all(sql!("SELECT org_id FROM offer_batch_org WHERE batch_id = $1 ORDER BY org_id"), params![id])?;
    if orgs.is_empty() {
        return Err(Error::missing());
    }
    for (org,) in orgs {
        if !access::may(tx, actor, Right::ManageOffers, org)? {
            return Err(Error::missing());
        }
    }
    Ok(known)
}

store::row! {
    /// A batch in the list.
    pub(crate) struct BatchLine {
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
        pub made_at: kernel::Timestamp,
        /// Offers in it.
        pub offers: i64,
    }
}

/// Batches that the actor sees, the newest first, before an identifier.
pub(crate) fn batches(tx: &mut Tx, actor: &Actor, before: &str, limit: usize) -> Result<Vec<BatchLine>> {
    let Some(person) = actor.person() else { return Ok(Vec::new()) };
    let held = access::held_at(actor, Right::ManageOffers);
    let today = tx.now().day();
    let mut args: Vec<Value> = params![person, before, today].to_vec();
    let marks: Vec<String> = held
        .iter()
        .map(|org| {
            args.push(org.into());
            format!("${}", args.len())
        })
        .collect();
    let theirs = if marks.is_empty() {
        String::new()
    } else {
        format!(
            "OR (b.state NOT IN ('making', 'preview') \
             AND EXISTS (SELECT 1 FROM offer_batch_org o WHERE o.batch_id = b.batch_id) \
             AND NOT EXISTS (SELECT 1 FROM offer_batch_org o WHERE o.batch_id = b.batch_id AND NOT EXISTS \
             (SELECT 1 FROM org_tree t WHERE t.org_id = o.org_id AND t.ancestor_id IN ({}) AND t.from_day <= $3 \
             AND (t.to_day IS NULL OR t.to_day > $3))))",
            marks.join(", ")
        )
    };
    let text = format!(
        "SELECT b.batch_id, b.person_id, b.action, b.value, b.state, b.made_at, \
         (SELECT count(*) FROM offer_batch_item i WHERE i.batch_id = b.batch_id) AS offers \
         FROM offer_batch b WHERE b.batch_id < $2 AND b.state <> 'making' AND CAST($3 AS bigint) IS NOT NULL AND (b.person_id = $1 {theirs}) \
         ORDER BY b.batch_id DESC LIMIT {limit}"
    );
    tx.all(Statement::dynamic(text), &args)
}

/// Offers of a batch that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    /// `unfit`, `planned`, `done`, `refused`, `undone`, `kept`.
    pub state: String,
    /// Why they were not changed, or not put back.
    pub reason: Option<String>,
    /// How many.
    pub offers: i64,
}

/// How many offers of a batch stand how, and why.
pub(crate) fn counts(tx: &mut Tx, id: BatchId) -> Result<Vec<Count>> {
    let rows: Vec<(String, Option<String>, i64)> = tx.all(
        sql!(
            "SELECT state, reason, count(*) FROM offer_batch_item WHERE batch_id = $1 GROUP BY state, reason ORDER BY 3 DESC, 1, 2"
        ),
        params![id],
    )?;
    Ok(rows.into_iter().map(|(state, reason, offers)| Count { state, reason, offers }).collect())
}

/// Which offers of a batch a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    /// All.
    #[default]
    All,
    /// Those that would be, or were, changed.
    Changed,
    /// Those that would not be, or were not, changed.
    Refused,
    /// Those that were put back.
    Undone,
    /// Those that were changed and not put back.
    Kept,
}

impl Tab {
    /// The word in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tab::All => "",
            Tab::Changed => "changed",
            Tab::Refused => "refused",
            Tab::Undone => "undone",
            Tab::Kept => "kept",
        }
    }

    /// Reads the word.
    pub fn read(word: &str) -> Self {
        [Tab::Changed, Tab::Refused, Tab::Undone, Tab::Kept]
            .into_iter()
            .find(|tab| tab.as_str() == word)
            .unwrap_or_default()
    }

    /// The states of the offers that it shows.
    pub const fn states(self) -> &'static [&'static str] {
        match self {
            Tab::All => &["unfit", "planned", "done", "refused", "undone", "kept"],
            Tab::Changed => &["planned", "done"],
            Tab::Refused => &["unfit", "refused"],
            Tab::Undone => &["undone"],
            Tab::Kept => &["kept"],
        }
    }
}

store::row! {
    /// An offer of a batch.
    pub(crate) struct Item {
        /// Its place in the batch.
        pub n: i64,
        /// The offer.
        pub offer_id: OfferId,
        /// Its organisation; `None` if who made the batch has no right there.
        pub org_id: Option<Id<Org>>,
        /// Where it stands in the batch.
        pub state: String,
        /// Why it was not changed, or not put back.
        pub reason: Option<String>,
        /// What it was, as JSON.
        pub was: Option<String>,
    }
}

/// Offers of a batch after a place in it.
pub(crate) fn items(tx: &mut Tx, id: BatchId, tab: Tab, after: i64, limit: usize) -> Result<Vec<Item>> {
    let states: Vec<String> = tab.states().iter().map(|state| format!("'{state}'")).collect();
    let text = format!(
        "SELECT n, offer_id, org_id, state, reason, was FROM offer_batch_item \
         WHERE batch_id = $1 AND n > $2 AND state IN ({}) ORDER BY n LIMIT {limit}",
        states.join(", ")
    );
    tx.all(Statement::dynamic(text), params![id, after])
}
