//! Telling a person what came up, once a day at most, in one message.
//!
//! Messages leave between [`NOTICE_FROM`] and [`NOTICE_UNTIL`], so that nobody is woken. Whether something can still be found, and whether
//! it still has a seat where only free seats were asked for, is asked of the database in the very transaction that leaves the message; what was
//! told is marked in it too.

use std::collections::HashMap;

use catalog::{OfferId, OfferStatus};
use kernel::{Day, Id, Lang, Person, Result, Timestamp};
use people::{Vault, person_keys, tell_words};
use store::{Tx, params, sql};

use super::{SEALED, SavedSearchId, Watcher, read, watch::has_seat};
use activities::ClassId;

/// Minutes after midnight from which messages leave: nine o'clock.
pub const NOTICE_FROM: i64 = 9 * 60;
/// Minutes after midnight until which they leave: nine in the evening.
pub const NOTICE_UNTIL: i64 = 21 * 60;
/// People that are told in one transaction.
const AT_ONCE: usize = 8;
/// People that are read at once.
const PAGE: i64 = 200;
/// Hits of a person that are read; a message counts no more.
const HITS_READ: i64 = 500;
/// Titles in a message.
const TITLES: usize = 3;
/// Longest title in a message, in characters: the whole stays below what a provider carries.
const TITLE_CHARS: usize = 24;

/// A hit that waits to be told: search, offer, class.
type Waiting = (SavedSearchId, OfferId, Option<ClassId>);

impl Watcher {
    /// Tells everybody for whom something waits, if this is an hour at which people are told; gives the number of messages.
    pub(super) fn tell_everybody(&self, fence: i64) -> Result<usize> {
        let now = self.store.clock().now();
        let minute = (now.millis() - now.day().start().millis()) / 60_000;
        if !(NOTICE_FROM..NOTICE_UNTIL).contains(&minute) {
            return Ok(0);
        }
        let (today, mut after, mut messages) = (now.day(), String::new(), 0);
        loop {
            let from = after.clone();
            let people = self.store.read_blocking(move |tx| waiting(tx, today, &from))?;
            let Some(last) = people.last() else { return Ok(messages) };
            after = last.to_string();
            for some in people.chunks(AT_ONCE) {
                let (some, holder, vault, base) =
                    (some.to_vec(), self.holder(), self.vault.clone(), self.base_url.clone());
                messages += self.store.write_blocking("portal.tell", move |tx| {
                    Self::hold(tx, &holder, fence)?;
                    let mut told = 0;
                    for person in &some {
                        told += usize::from(tell_one(tx, &vault, &base, *person, today)?);
                    }
                    Ok(told)
                })?;
            }
        }
    }
}

/// People after an identifier for whom something waits and who were not told today.
fn waiting(tx: &mut Tx, today: Day, after: &str) -> Result<Vec<Id<Person>>> {
    let rows: Vec<(Id<Person>,)> = tx.all(
        sql!(
            "SELECT DISTINCT h.person_id FROM saved_search_hit h JOIN saved_search_notice n ON n.person_id = h.person_id \
             WHERE h.told_at IS NULL AND h.seen_at IS NULL AND n.muted = FALSE AND n.told_day < $1 AND h.person_id > $2 \
             ORDER BY h.person_id LIMIT $3"
        ),
        params![today, after, PAGE],
    )?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// Leaves the message of one person with the marks that say so. `false` if there was nothing to say, or no telephone to say it to.
fn tell_one(tx: &mut Tx, vault: &Vault, base: &str, person: Id<Person>, today: Day) -> Result<bool> {
    // Whoever ends messages changes this row: nothing is sent after she was told that they have ended.
    let known: Option<(Lang, String)> = tx.opt(
        sql!(
            "UPDATE saved_search_notice SET told_day = told_day WHERE person_id = $1 AND muted = FALSE AND told_day < $2 \
             RETURNING lang, stop_key"
        ),
        params![person, today],
    )?;
    let Some((lang, stop)) = known else { return Ok(false) };
    let hits: Vec<Waiting> = tx.all(
        sql!(
            "SELECT search_id, offer_id, class_id FROM saved_search_hit WHERE person_id = $1 AND told_at IS NULL \
             AND seen_at IS NULL ORDER BY found_at DESC, what DESC LIMIT $2"
        ),
        params![person, HITS_READ],
    )?;
    let titles = still_there(tx, vault, person, &hits)?;
    let now: Timestamp = tx.now();
    tx.exec_later(
        sql!("UPDATE saved_search_hit SET told_at = $2 WHERE person_id = $1 AND told_at IS NULL"),
        params![person, now],
    )?;
    if titles.is_empty() {
        return Ok(false);
    }
    tx.exec_later(
        sql!("UPDATE saved_search_notice SET told_day = $2 WHERE person_id = $1"),
        params![person, today],
    )?;
    tell_words(tx, vault, person, words(lang, &titles, base, &stop))
}

/// Titles of the offers that can still be found, and have a seat where the search asks for one; each once, the newest first.
fn still_there(tx: &mut Tx, vault: &Vault, person: Id<Person>, hits: &[Waiting]) -> Result<Vec<String>> {
    let sealed: Vec<(SavedSearchId, Vec<u8>)> =
        tx.all(sql!("SELECT search_id, sealed FROM saved_search WHERE person_id = $1"), params![person])?;
    let keys = person_keys(tx, vault, &[person])?;
    let Some(key) = keys.get(&person) else { return Ok(Vec::new()) };
    let mut wants_seats: HashMap<SavedSearchId, bool> = HashMap::new();
    for (search, sealed) in &sealed {
        wants_seats.insert(*search, read(&key.open(SEALED, sealed)?)?.seats);
    }
    let ids: Vec<OfferId> = hits.iter().map(|hit| hit.1).collect();
    let offers = catalog::offers_by_ids(tx, &ids)?;
    let (mut taken, mut titles): (Vec<OfferId>, Vec<String>) = (Vec::new(), Vec::new());
    for (search, id, class) in hits {
        let Some(seats) = wants_seats.get(search) else { continue };
        let Some(offer) = offers.get(id).filter(|offer| offer.status == OfferStatus::Published) else {
            continue;
        };
        let open = match class {
            _ if taken.contains(id) => false,
            _ if *seats => has_seat(tx, *id, *class)?,
            Some(class) => activities::class(tx, *class)?.is_some_and(|class| class.is_open()),
            None => true,
        };
        if open {
            taken.push(*id);
            titles.push(offer.title.clone());
        }
    }
    Ok(titles)
}

/// The message: some titles, how many there are, where they stand, and how it ends.
fn words(lang: Lang, titles: &[String], base: &str, stop: &str) -> String {
    let short = |title: &String| {
        let cut: String = title.chars().take(TITLE_CHARS).collect();
        let cut = if cut.len() < title.len() { format!("{cut}…") } else { cut };
        web::i18n::say(lang, "portal-sms-title", &[("title", &cut)])
    };
    let shown: Vec<String> = titles.iter().take(TITLES).map(short).collect();
    let list = shown.join(&web::i18n::say(lang, "portal-sms-comma", &[]));
    let page = format!("{base}/me/searches");
    let end = format!("{base}/me/searches/stop/{stop}");
    web::i18n::say(
        lang,
        "portal-sms-news",
        &[("n", &titles.len()), ("titles", &list), ("page", &page), ("stop", &end)],
    )
}
