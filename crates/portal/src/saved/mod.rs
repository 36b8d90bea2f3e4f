//! Saved searches 新课提醒: a resident is told when something new comes up for a search of hers.
//!
//! She saves words and filters ([`save_search`]). The [`Watcher`] compares what was published or opened since with all saved searches, and
//! tells each person once a day at most, in one message. Both are done once, however many processes do it and wherever they die: whoever
//! works holds a lease whose fence every transaction checks, hits have a key, and the mark moves after them.
//!
//! What somebody looks for may say more of her than her name. So it is sealed under her own key, stands in no fact and no log, and is deleted
//! when she gives it up or is erased.

mod keep;
mod notice;
#[cfg(test)]
mod tests;
mod watch;

use kernel::{Id, Person, Result, Timestamp};
use store::{Tx, params, sql};

use crate::asked::Asked;

pub(crate) use keep::{
    mine, open_saved, remove_search, save_search, saved_as, set_messages, stop_messages, stopping,
};
pub use notice::{NOTICE_FROM, NOTICE_UNTIL};
pub use watch::{Round, WATCH_PAUSE, Watcher};

/// Searches that one person may save.
pub const SAVED_SEARCHES_MAX: usize = 20;
/// Days after which what came up is forgotten: by then it was seen, or is no news any more.
const HIT_DAYS: i32 = 60;
/// Where the sealed words stand; part of what they are bound to.
const SEALED: &str = "saved_search.sealed";

kernel::codes! {
    /// A person has as many saved searches as she may have.
    pub SEARCHES_FULL = Conflict "portal.searches_full";
    /// A search without words and filters finds everything and cannot be saved.
    pub NOTHING_ASKED = Invalid "portal.nothing_asked";
}

journal::inventory::submit! {
    people::Parting { forget }
}

journal::inventory::submit! {
    journal::Check { name: "portal.saved_searches", run: erased_has_none }
}

/// Marker for identifiers of saved searches.
#[derive(Debug)]
pub enum SavedSearchMark {}
/// Identifier of a saved search.
pub type SavedSearchId = Id<SavedSearchMark>;

/// A saved search, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedSearch {
    /// Its identifier.
    pub search_id: SavedSearchId,
    /// Words and filters.
    pub asked: Asked,
    /// When it was saved.
    pub created_at: Timestamp,
}

/// Words and filters as they are sealed.
fn written(asked: &Asked) -> String {
    serde_json::to_string(&asked.pairs()).unwrap_or_default()
}

/// Reads what [`written`] wrote.
fn read(text: &str) -> Result<Asked> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text)
        .map_err(|error| kernel::Error::bug("a saved search cannot be read").caused_by(error))?;
    Ok(Asked::read(|name| pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)))
}

/// All that is kept of a person here goes with her.
fn forget(tx: &mut Tx, person: Id<Person>) -> Result<()> {
    tx.lock("saved_search_notice", "person_id", person)?;
    tx.exec_later(sql!("DELETE FROM saved_search_hit WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM saved_search WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM saved_search_notice WHERE person_id = $1"), params![person])
}

/// Who was erased has no saved search any more.
fn erased_has_none(tx: &mut Tx) -> Result<Vec<journal::Problem>> {
    let left: Vec<(String,)> = tx.all(
        sql!(
            "SELECT DISTINCT s.person_id FROM saved_search s LEFT JOIN person_key k ON k.person_id = s.person_id \
             WHERE k.person_id IS NULL"
        ),
        &[],
    )?;
    let told = |(person,): (String,)| journal::Problem {
        check: "portal.saved_searches".to_owned(),
        record: format!("person:{person}"),
        detail: "a saved search is left of somebody who has no key any more".to_owned(),
    };
    Ok(left.into_iter().map(told).collect())
}
