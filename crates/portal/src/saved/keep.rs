//! Saving a search, giving it up, and saying whether messages are wanted.

use std::collections::HashMap;

use catalog::{Offer, OfferId, OfferStatus};
use kernel::{Error, Id, Lang, Person, Result, Timestamp};
use people::{PersonKey, Vault, person_keys};
use store::{Tx, params, sql};

use super::{
    NOTHING_ASKED, SAVED_SEARCHES_MAX, SEALED, SEARCHES_FULL, SavedSearch, SavedSearchId, read, written,
};
use crate::asked::Asked;

/// Hits that a page looks through.
const HITS_READ: i64 = 400;

/// Saves a search for a person. What comes up after position `since` of the journal is new to her: what she was shown was up to there. The
/// same search saved twice is there once; `false` if it was there.
///
/// # Errors
/// `portal.nothing_asked`; `portal.searches_full`.
pub(crate) fn save_search(
    tx: &mut Tx,
    vault: &Vault,
    person: Id<Person>,
    lang: Lang,
    asked: &Asked,
    since: i64,
) -> Result<bool> {
    if asked.is_empty() {
        return Err(Error::new(&NOTHING_ASKED));
    }
    let key = key_of(tx, vault, person)?;
    let stop: Id<Person> = tx.random_id();
    tx.exec(
        sql!(
            "INSERT INTO saved_search_notice (person_id, lang, stop_key, muted, told_day) VALUES ($1, $2, $3, FALSE, 0) \
             ON CONFLICT (person_id) DO UPDATE SET lang = $2"
        ),
        params![person, lang, stop],
    )?;
    // Of two tabs that save at once, the second one waits and counts what the first one saved.
    tx.lock("saved_search_notice", "person_id", person)?;
    let known = opened(tx, &key, person)?;
    if known.iter().any(|saved| saved.asked == *asked) {
        return Ok(false);
    }
    if known.len() >= SAVED_SEARCHES_MAX {
        return Err(Error::new(&SEARCHES_FULL).arg("max", SAVED_SEARCHES_MAX));
    }
    let id: SavedSearchId = tx.random_id();
    let sealed = key.seal(tx.chance(), SEALED, &written(asked));
    let head = journal::head_pos(tx)?;
    // An index that is being built has shown nothing yet: then only what comes from now on is new.
    let since = if since == 0 { head } else { since.min(head) };
    tx.exec_later(
        sql!(
            "INSERT INTO saved_search (person_id, search_id, sealed, created_at, since_pos) VALUES ($1, $2, $3, $4, $5)"
        ),
        params![person, id, sealed, tx.now(), since],
    )?;
    Ok(true)
}

fn key_of(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<PersonKey> {
    person_keys(tx, vault, &[person])?.remove(&person).ok_or_else(Error::missing)
}

fn opened(tx: &mut Tx, key: &PersonKey, person: Id<Person>) -> Result<Vec<SavedSearch>> {
    let rows: Vec<(SavedSearchId, Vec<u8>, Timestamp)> = tx.all(
        sql!(
            "SELECT search_id, sealed, created_at FROM saved_search WHERE person_id = $1 ORDER BY created_at DESC, search_id"
        ),
        params![person],
    )?;
    let open = |(search_id, sealed, created_at): (SavedSearchId, Vec<u8>, Timestamp)| {
        Ok(SavedSearch { search_id, asked: read(&key.open(SEALED, &sealed)?)?, created_at })
    };
    rows.into_iter().map(open).collect()
}

/// Whether the person has saved this very search.
pub(crate) fn saved_as(tx: &mut Tx, vault: &Vault, person: Id<Person>, asked: &Asked) -> Result<bool> {
    let key = key_of(tx, vault, person)?;
    Ok(opened(tx, &key, person)?.iter().any(|saved| saved.asked == *asked))
}

/// What a person sees of her saved searches.
pub(crate) struct Mine {
    /// Each with the offers that came up since she last looked, the newest first.
    pub searches: Vec<(SavedSearch, Vec<Offer>)>,
    /// Whether she gets messages.
    pub messages: bool,
}

/// The saved searches of a person, the newest first.
pub(crate) fn mine(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Mine> {
    let key = key_of(tx, vault, person)?;
    let searches = opened(tx, &key, person)?;
    let hits: Vec<(SavedSearchId, OfferId)> = tx.all(
        sql!(
            "SELECT search_id, offer_id FROM saved_search_hit WHERE person_id = $1 AND seen_at IS NULL \
             ORDER BY found_at DESC, what DESC LIMIT $2"
        ),
        params![person, HITS_READ],
    )?;
    let ids: Vec<OfferId> = hits.iter().map(|(_, offer)| *offer).collect();
    let offers = catalog::offers_by_ids(tx, &ids)?;
    let mut fresh: HashMap<SavedSearchId, Vec<Offer>> = HashMap::new();
    for (search, id) in hits {
        let list = fresh.entry(search).or_default();
        let known = list.iter().any(|offer| offer.offer_id == id);
        list.extend(
            offers.get(&id).filter(|offer| !known && offer.status == OfferStatus::Published).cloned(),
        );
    }
    let muted: Option<(bool,)> =
        tx.opt(sql!("SELECT muted FROM saved_search_notice WHERE person_id = $1"), params![person])?;
    let searches = searches
        .into_iter()
        .map(|saved| {
            let new = fresh.remove(&saved.search_id).unwrap_or_default();
            (saved, new)
        })
        .collect();
    Ok(Mine { searches, messages: muted != Some((true,)) })
}

/// Gives words and filters of a saved search, and notes that what came up for it was seen.
///
/// # Errors
/// `kernel.missing` if the person has no such search.
pub(crate) fn open_saved(tx: &mut Tx, vault: &Vault, person: Id<Person>, id: SavedSearchId) -> Result<Asked> {
    let key = key_of(tx, vault, person)?;
    let (sealed,): (Vec<u8>,) = tx.one(
        sql!("SELECT sealed FROM saved_search WHERE person_id = $1 AND search_id = $2"),
        params![person, id],
    )?;
    tx.exec_later(
        sql!(
            "UPDATE saved_search_hit SET seen_at = $3 WHERE person_id = $1 AND search_id = $2 AND seen_at IS NULL"
        ),
        params![person, id, tx.now()],
    )?;
    read(&key.open(SEALED, &sealed)?)
}

/// Gives a saved search up; nothing of it is left.
///
/// # Errors
/// `kernel.missing` if the person has no such search.
pub(crate) fn remove_search(tx: &mut Tx, person: Id<Person>, id: SavedSearchId) -> Result<()> {
    // Whoever writes hits holds the same lock, so that none comes after.
    tx.lock("saved_search_notice", "person_id", person)?;
    let gone = tx.exec(
        sql!("DELETE FROM saved_search WHERE person_id = $1 AND search_id = $2"),
        params![person, id],
    )?;
    if gone == 0 {
        return Err(Error::missing());
    }
    tx.exec_later(
        sql!("DELETE FROM saved_search_hit WHERE person_id = $1 AND search_id = $2"),
        params![person, id],
    )
}

/// Says whether messages are wanted. What came up while they were not is not sent afterwards.
pub(crate) fn set_messages(tx: &mut Tx, person: Id<Person>, on: bool) -> Result<()> {
    tx.exec_later(
        sql!("UPDATE saved_search_notice SET muted = $2 WHERE person_id = $1"),
        params![person, !on],
    )?;
    tx.exec_later(
        sql!("UPDATE saved_search_hit SET told_at = $2 WHERE person_id = $1 AND told_at IS NULL"),
        params![person, tx.now()],
    )
}

/// What the address that ends messages ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// Whose messages.
    pub person: Id<Person>,
    /// Whether they have ended already.
    pub muted: bool,
}

/// Whose messages this address ends.
///
/// # Errors
/// `kernel.missing` if there is no such address (any more).
pub(crate) fn stopping(tx: &mut Tx, key: &str) -> Result<Stopped> {
    let (person, muted): (Id<Person>, bool) =
        tx.one(sql!("SELECT person_id, muted FROM saved_search_notice WHERE stop_key = $1"), params![key])?;
    Ok(Stopped { person, muted })
}

/// Ends messages by the address that each of them carries; nobody has to sign in for that. The searches stay.
///
/// # Errors
/// `kernel.missing` if there is no such address (any more).
pub(crate) fn stop_messages(tx: &mut Tx, key: &str) -> Result<()> {
    let found = stopping(tx, key)?;
    set_messages(tx, found.person, false)
}
