//! Acting for somebody else 代办: a daughter, a volunteer, the guardian of a child, a clerk at a counter.
//!
//! Who is helped agrees first: by a code that she hands on, by her card and PIN, or by showing her card at a counter. A helper looks, or acts;
//! she never does what only the person herself may do (her account, her consent, being present). Every deed stands in the journal under both
//! names ([`kernel::Actor::Helper`]), and each of the two can end it at once. A guardian answers for a child until the year in which it comes
//! of age (民法典, articles 17 to 27; 个人信息保护法, article 31).

mod act;
mod agree;
mod child;
mod deeds;
mod end;

use std::{fmt, str::FromStr};

use kernel::{BAD_CHOICE, Error, Help, Id, Person, Result, Timestamp};
use store::{Tx, params, sql};

pub use act::{COUNTER_MINUTES, HELPING_MINUTES, begin_helping, help_at_counter, stop_helping};
pub use agree::{
    HELP_CODE_HOURS, HELP_CODE_WRONG, HELPED_MAX, HELPERS_MAX, OWN_HELPER, TOO_MANY_HELPED, TOO_MANY_HELPERS,
    become_helper_by_card, become_helper_by_code, help_code,
};
pub use child::{AGE_OF_MAJORITY, CHILDREN_MAX, TOO_MANY_CHILDREN, register_child};
pub use deeds::{Deed, Deeds, deeds_for};
pub(crate) use end::end_all_by;
pub use end::{GUARDIAN_STAYS, end_helper};

/// What somebody is to the person whom she helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// A relative or a friend.
    Family,
    /// A volunteer.
    Volunteer,
    /// The guardian of a child.
    Guardian,
    /// A clerk, for the minutes at a counter.
    Counter,
}

impl Relation {
    /// All of them.
    pub const ALL: [Relation; 4] =
        [Relation::Family, Relation::Volunteer, Relation::Guardian, Relation::Counter];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Family => "family",
            Relation::Volunteer => "volunteer",
            Relation::Guardian => "guardian",
            Relation::Counter => "counter",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Relation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Relation::ALL
            .into_iter()
            .find(|relation| relation.as_str() == text)
            .ok_or_else(|| Error::new(&BAD_CHOICE))
    }
}

store::row! {
    /// That somebody may act for somebody.
    pub struct Helper {
        /// Who is helped.
        pub person: Id<Person>,
        /// Who helps.
        pub helper: Id<Person>,
        /// What she may do, as [`Help::as_str`] writes it.
        pub may: String,
        /// What she is to the person, as [`Relation::as_str`] writes it.
        pub relation: String,
        /// Since when.
        pub since: Timestamp,
        /// When it ends by itself.
        pub ends_at: Option<Timestamp>,
        /// When she last began to act.
        pub begun_at: Option<Timestamp>,
    }
}

impl Helper {
    /// Whether it is for longer than a visit at a counter.
    pub fn lasts(&self) -> bool {
        self.relation != Relation::Counter.as_str()
    }

    /// Whether she is the guardian of a child.
    pub fn is_guardian(&self) -> bool {
        self.relation == Relation::Guardian.as_str()
    }
}

/// Who may act for a person now, the longest first; at most 100.
///
/// # Errors
/// Those of the store.
pub fn helpers_of(tx: &mut Tx, person: Id<Person>) -> Result<Vec<Helper>> {
    let now = tx.now();
    tx.all(
        sql!(
            "SELECT person_id, helper_id, may, relation, since, ends_at, begun_at FROM helper WHERE person_id = $1 \
             AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > $2) ORDER BY since, helper_id LIMIT 100"
        ),
        params![person, now],
    )
}

/// For whom a person may act now, the longest first; at most 100.
///
/// # Errors
/// Those of the store.
pub fn helped_by(tx: &mut Tx, helper: Id<Person>) -> Result<Vec<Helper>> {
    let now = tx.now();
    tx.all(
        sql!(
            "SELECT person_id, helper_id, may, relation, since, ends_at, begun_at FROM helper WHERE helper_id = $1 \
             AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > $2) \
             ORDER BY since, person_id LIMIT 100"
        ),
        params![helper, now],
    )
}

/// What a helper may do for a person now; `None` if nothing (any more).
pub(crate) fn allowed(tx: &mut Tx, person: Id<Person>, helper: Id<Person>) -> Result<Option<Help>> {
    let row: Option<(String,)> = tx.opt(
        sql!(
            "SELECT may FROM helper WHERE person_id = $1 AND helper_id = $2 AND ended_at IS NULL \
             AND (ends_at IS NULL OR ends_at > $3)"
        ),
        params![person, helper, tx.now()],
    )?;
    row.map(|(may,)| may.parse()).transpose()
}
