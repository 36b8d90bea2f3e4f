//! Comparing what is new with all saved searches.
//!
//! The usual index answers one question about all offers. Here many questions are asked about few offers, so what is new gets a small index
//! of its own, and equal searches are asked once. A round reads the saved searches in pages, writes what came up for each page, and moves the
//! mark last: a round that breaks off is done again, and what it wrote already meets its own key.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use activities::ClassId;
use catalog::OfferId;
use journal::{facts_after, head_pos};
use kernel::{Error, Id, Person, Result, Timestamp};
use people::{Vault, person_keys};
use search::{Index, MAX_LIMIT, Query};
use store::{
    Store, Tx, Value,
    lease::{self, FENCED},
    params, sql,
};

use super::{HIT_DAYS, SEALED, SavedSearchId, read};
use crate::{
    Finder,
    asked::Asked,
    finder::{News, news_documents},
};

/// Pause between two rounds at least.
pub const WATCH_PAUSE: Duration = Duration::from_secs(60);
/// A round rests so many times as long as it worked: however many searches are saved, this takes a twentieth of one processor at most.
const REST: u32 = 20;
/// Facts that are read at once.
const FACTS: usize = 500;
/// Offers and classes that are compared in one round at most.
const NEWS: usize = 2_000;
/// Saved searches that are read at once.
const PAGE: i64 = 1_000;
/// Name of the lease.
pub(super) const LEASE: &str = "portal.saved_searches";
/// Seconds for which it is held without a sign of life.
const LEASE_SECONDS: i64 = 60;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Offers and classes that were new.
    pub news: usize,
    /// Saved searches that they were compared with.
    pub searches: usize,
    /// Different ones among these, each asked once.
    pub asked: usize,
    /// What came up, for each search by itself.
    pub hits: usize,
    /// Messages that were left in the outbox.
    pub messages: usize,
}

/// Watches for what is new.
pub struct Watcher {
    pub(super) store: Store,
    pub(super) vault: Arc<Vault>,
    pub(super) base_url: String,
    finder: Arc<Finder>,
    holder: String,
    rest_until: Mutex<Option<Instant>>,
}

/// A page's line: whose search, which, sealed, and after which position something is new to it.
type Line = (Id<Person>, SavedSearchId, Vec<u8>, i64);

impl Watcher {
    /// For a city with this address. `holder` is the worker's own name among all processes.
    pub fn new(store: Store, vault: Arc<Vault>, finder: Arc<Finder>, base_url: &str, holder: &str) -> Self {
        Self {
            store,
            vault,
            base_url: base_url.trim_end_matches('/').to_owned(),
            finder,
            holder: holder.to_owned(),
            rest_until: Mutex::new(None),
        }
    }

    /// A round, unless the last one worked so long that it is still to rest; failures are logged, the next round tries again.
    pub fn work(&self) {
        let mut rest = self.rest_until.lock().unwrap_or_else(PoisonError::into_inner);
        if rest.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let begun = Instant::now();
        match self.round() {
            Ok(round) if round == Round::default() => {}
            Ok(round) => tracing::info!(?round, "saved searches were looked after"),
            Err(error) if error.is(&FENCED) => {}
            Err(error) => tracing::error!(?error, "saved searches will be looked after again"),
        }
        *rest = Some(Instant::now() + begun.elapsed() * REST);
    }

    /// Compares what is new, tells who is to be told, and forgets what is old. Does nothing while another process does it.
    ///
    /// # Errors
    /// Those of the store and the index; `store.fenced` when another process has taken over meanwhile.
    pub fn round(&self) -> Result<Round> {
        // Looking costs a read; only where somebody saved something the lease is taken.
        if self.store.read_blocking(first_position)?.is_none() {
            return Ok(Round::default());
        }
        let holder = self.holder.clone();
        let held = self
            .store
            .write_blocking("portal.watch", move |tx| lease::acquire(tx, LEASE, &holder, LEASE_SECONDS))?;
        let Some(held) = held else { return Ok(Round::default()) };
        let mut round = Round::default();
        self.compare(held.fence, &mut round)?;
        round.messages = self.tell_everybody(held.fence)?;
        self.sweep(held.fence)?;
        Ok(round)
    }

    /// Keeps the lease for this transaction and the next seconds.
    pub(super) fn hold(tx: &mut Tx, holder: &str, fence: i64) -> Result<()> {
        match lease::acquire(tx, LEASE, holder, LEASE_SECONDS)? {
            Some(held) if held.fence == fence => Ok(()),
            _ => Err(Error::new(&FENCED)),
        }
    }

    pub(super) fn holder(&self) -> String {
        self.holder.clone()
    }

    fn compare(&self, fence: i64, round: &mut Round) -> Result<()> {
        let (begin, head) = self.store.read_blocking(|tx| {
            let first = first_position(tx)?.unwrap_or_default();
            Ok((mark(tx)?.unwrap_or_default().max(first), head_pos(tx)?))
        })?;
        let (mut upto, mut news) = (begin, Vec::new());
        while upto < head && news.len() < NEWS {
            let facts = self.store.read_blocking(move |tx| facts_after(tx, upto, FACTS))?;
            let Some(last) = facts.last() else { break };
            upto = last.pos;
            for fact in &facts {
                news.extend(News::of(fact)?);
            }
        }
        if upto == begin {
            return Ok(());
        }
        round.news = news.len();
        if !news.is_empty() {
            self.compare_news(fence, news, round)?;
        }
        let holder = self.holder.clone();
        self.store.write_blocking("portal.watch", move |tx| {
            Self::hold(tx, &holder, fence)?;
            tx.exec_later(
                sql!(
                    "INSERT INTO saved_search_mark (name, pos) VALUES ('journal', $1) \
                     ON CONFLICT (name) DO UPDATE SET pos = $1 WHERE saved_search_mark.pos < $1"
                ),
                params![upto],
            )
        })
    }

    fn compare_news(&self, fence: i64, news: Vec<News>, round: &mut Round) -> Result<()> {
        let news = Arc::new(news);
        let known = news.clone();
        let (documents, free) =
            self.store.read_blocking(move |tx| Ok((news_documents(tx, &known)?, with_seats(tx, &known)?)))?;
        if documents.is_empty() {
            return Ok(());
        }
        let mut oracle = Oracle {
            index: self.finder.apart(&documents)?,
            news: news.iter().map(|new| (new.what.clone(), new.clone())).collect(),
            free,
            now: self.store.clock().now(),
            answers: HashMap::new(),
        };
        let mut after = (String::new(), String::new());
        loop {
            let (person, search) = after.clone();
            let vault = self.vault.clone();
            let (lines, keys) = self.store.read_blocking(move |tx| {
                let lines = page(tx, &person, &search)?;
                let mut people: Vec<Id<Person>> = lines.iter().map(|line| line.0).collect();
                people.dedup();
                let keys = person_keys(tx, &vault, &people)?;
                Ok((lines, keys))
            })?;
            let Some(last) = lines.last() else { break };
            after = (last.0.to_string(), last.1.to_string());
            let mut hits: Vec<(Id<Person>, SavedSearchId, News)> = Vec::new();
            for (person, search, sealed, since) in &lines {
                // Somebody erased between two reads has no key.
                let Some(key) = keys.get(person) else { continue };
                let found = oracle.ask(&key.open(SEALED, sealed)?)?;
                let new = found.iter().filter(|new| new.pos > *since);
                hits.extend(new.map(|new| (*person, *search, new.clone())));
            }
            round.searches += lines.len();
            round.hits += hits.len();
            self.write_hits(fence, hits)?;
        }
        round.asked = oracle.answers.len();
        Ok(())
    }

    fn write_hits(&self, fence: i64, hits: Vec<(Id<Person>, SavedSearchId, News)>) -> Result<()> {
        for some in hits.chunks(200) {
            let (some, holder) = (some.to_vec(), self.holder.clone());
            self.store.write_blocking("portal.watch", move |tx| {
                Self::hold(tx, &holder, fence)?;
                let mut locked = None;
                for (person, search, new) in &some {
                    // Who gives a search up, or is erased, holds this lock: nothing comes after it.
                    if locked != Some(*person) {
                        tx.lock("saved_search_notice", "person_id", *person)?;
                        locked = Some(*person);
                    }
                    insert(tx, *person, *search, new)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn sweep(&self, fence: i64) -> Result<()> {
        let before = self.store.clock().now().day().plus(-HIT_DAYS).start();
        let old: Option<(i64,)> = self.store.read_blocking(move |tx| {
            tx.opt(sql!("SELECT 1 FROM saved_search_hit WHERE found_at < $1 LIMIT 1"), params![before])
        })?;
        if old.is_none() {
            return Ok(());
        }
        let holder = self.holder.clone();
        self.store.write_blocking("portal.watch", move |tx| {
            Self::hold(tx, &holder, fence)?;
            tx.exec_later(sql!("DELETE FROM saved_search_hit WHERE found_at < $1"), params![before])
        })
    }
}

/// Answers searches about what is new, equal ones once.
struct Oracle {
    index: Index,
    news: HashMap<String, News>,
    /// Offers and classes of the news with a free seat, as the database says.
    free: Vec<String>,
    now: Timestamp,
    answers: HashMap<String, Arc<Vec<News>>>,
}

impl Oracle {
    fn ask(&mut self, written: &str) -> Result<Arc<Vec<News>>> {
        if let Some(known) = self.answers.get(written) {
            return Ok(known.clone());
        }
        let asked = read(written)?;
        let found = Arc::new(self.search(&asked)?);
        self.answers.insert(written.to_owned(), found.clone());
        Ok(found)
    }

    fn search(&self, asked: &Asked) -> Result<Vec<News>> {
        let mut query = Query { strict: true, limit: MAX_LIMIT, ..asked.query(self.now) };
        if asked.seats {
            query.ids = Some(self.free.clone());
        }
        let mut found = Vec::new();
        loop {
            let hits = self.index.search(&query)?;
            found.extend(hits.hits.iter().filter_map(|hit| self.news.get(&hit.id)).cloned());
            query.offset += MAX_LIMIT;
            if query.offset as u64 >= hits.total {
                return Ok(found);
            }
        }
    }
}

/// The first position after which something is new to anybody; `None` while nobody has saved a search.
fn first_position(tx: &mut Tx) -> Result<Option<i64>> {
    let (first,): (Option<i64>,) = tx.one(sql!("SELECT min(since_pos) FROM saved_search"), &[])?;
    Ok(first)
}

fn mark(tx: &mut Tx) -> Result<Option<i64>> {
    let row: Option<(i64,)> =
        tx.opt(sql!("SELECT pos FROM saved_search_mark WHERE name = 'journal'"), &[])?;
    Ok(row.map(|(pos,)| pos))
}

fn page(tx: &mut Tx, person: &str, search: &str) -> Result<Vec<Line>> {
    tx.all(
        sql!(
            "SELECT person_id, search_id, sealed, since_pos FROM saved_search WHERE (person_id, search_id) > ($1, $2) \
             ORDER BY person_id, search_id LIMIT $3"
        ),
        params![person, search, PAGE],
    )
}

/// What of the news has a free seat now: an offer by any class of it, a class by itself.
fn with_seats(tx: &mut Tx, news: &[News]) -> Result<Vec<String>> {
    let mut free = Vec::new();
    for new in news {
        if has_seat(tx, new.offer_id, new.class_id)? {
            free.push(new.what.clone());
        }
    }
    Ok(free)
}

/// Whether a class of the offer, or this very class, can be joined now.
pub(super) fn has_seat(tx: &mut Tx, offer: OfferId, class: Option<ClassId>) -> Result<bool> {
    let Some(offer) = catalog::offer(tx, offer)? else { return Ok(false) };
    let now = tx.now();
    let classes = activities::classes_of_offer(tx, offer.org_id, offer.offer_id, now)?;
    Ok(classes.iter().any(|open| open.free() > 0 && class.is_none_or(|class| class == open.class_id)))
}

/// Notes what came up, unless the search was given up meanwhile or has it already.
fn insert(tx: &mut Tx, person: Id<Person>, search: SavedSearchId, new: &News) -> Result<()> {
    let values: [Value; 6] = [
        person.into(),
        search.into(),
        new.what.as_str().into(),
        new.offer_id.into(),
        new.class_id.map_or(Value::Null, Value::from),
        tx.now().into(),
    ];
    tx.exec_later(
        sql!(
            "INSERT INTO saved_search_hit (person_id, search_id, what, offer_id, class_id, found_at) \
             SELECT person_id, search_id, $3, $4, $5, $6 FROM saved_search WHERE person_id = $1 AND search_id = $2 \
             ON CONFLICT (person_id, search_id, what) DO NOTHING"
        ),
        &values,
    )
}
