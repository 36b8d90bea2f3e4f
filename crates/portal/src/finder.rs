//! The search index over published offers, kept up with the journal.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use activities::{
    ClassId,
    facts::{CLASS_CLOSED, CLASS_OPENED, ClassClosed, ClassOpened},
};
use catalog::{
    Offer, OfferId, OfferStatus,
    facts::{OFFER_CHANGED, OFFER_PUBLISHED, OFFER_WITHDRAWN, OfferTold},
};
use journal::{Recorded, facts_after, head_pos};
use kernel::{Error, Id, Org, Result, Timestamp};
use network::{
    AHEAD_DAYS, Holidays, Opening,
    facts::{ORG_CHANGED, ORG_CLOSED, OrgChanged, REGIONS_IMPORTED},
    holidays_between,
};
use search::{Doc, Hits, Index, Query, Wish};
use store::{Store, Tx, params, sql};

use crate::lists::{Lists, Remembered};

/// Raised when what is indexed changes, so that an old index is built anew.
const VERSION: u32 = 4;
/// Facts or offers taken at once.
const BATCH: usize = 500;
/// Offers whose session has begun and that are read again at once.
const STALE: usize = 2_000;
/// Longest piece of the hours of a place, in minutes.
const PIECE_MINUTES: i64 = 120;
/// Pause between two looks for sessions that have begun, and between two readings of the words.
const ROUND: Duration = Duration::from_secs(60);
/// Longest pause between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(500);

/// Finds offers.
pub struct Finder {
    index: Index,
    store: Store,
    lists: Remembered,
    /// Divisions that ended, and the ones that followed them: links and saved searches of before lead on.
    followers: Mutex<HashMap<String, String>>,
}

/// The thread behind a finder; ends when it is dropped.
pub struct Following {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::bug("the search index failed").caused_by(error)
}

impl Finder {
    /// Opens the index in a folder; it is filled by [`Finder::follow`].
    pub fn open(folder: &Path, store: Store) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(failed)?;
        let index = Index::open(folder, VERSION).map_err(failed)?;
        teach(&index)?;
        // A city that was brought back from a backup lies behind the index of before, which would wait for facts that it has seen already.
        if index.position() > store.read_blocking(head_pos)? {
            index.clear().map_err(failed)?;
        }
        Ok(Self { index, store, lists: Remembered::default(), followers: Mutex::default() })
    }

    /// The position of the index in a folder, without opening it for writing; `None` where there is none.
    ///
    /// # Errors
    /// It is damaged.
    pub fn look(folder: &Path) -> Result<Option<i64>> {
        Index::look(folder, VERSION)
    }

    /// An index in memory, for tests.
    pub fn in_memory(store: Store) -> Result<Self> {
        let index = Index::in_memory().map_err(failed)?;
        teach(&index)?;
        Ok(Self { index, store, lists: Remembered::default(), followers: Mutex::default() })
    }

    /// Finds offers. Free seats are not in the answer: they come from the database. A division that ended is the one that followed it.
    pub fn search(&self, query: &Query) -> Result<Hits> {
        let begun = std::time::Instant::now();
        let next = query.place_code.as_deref().and_then(|code| self.follower(code));
        let hits = match next {
            Some(code) => self.index.search(&Query { place_code: Some(code), ..query.clone() }),
            None => self.index.search(query),
        };
        let hits = hits.map_err(failed);
        metrics::histogram!("xuecheng_search_seconds").record(begun.elapsed().as_secs_f64());
        hits
    }

    /// The code of the division that followed this one; `None` while it is valid itself.
    pub(crate) fn follower(&self, code: &str) -> Option<String> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner).get(code).cloned()
    }

    /// Names of districts and subjects, at most a second old.
    pub(crate) fn lists(&self, tx: &mut Tx) -> Result<Arc<Lists>> {
        self.lists.get(tx)
    }

    /// An index of these documents alone that reads questions as this one does.
    pub(crate) fn apart(&self, documents: &[Doc]) -> Result<Index> {
        let index = self.index.empty_like().map_err(failed)?;
        index.apply(1, documents, &[]).map_err(failed)?;
        index.commit().map_err(failed)?;
        Ok(index)
    }

    /// Words that begin with what was typed so far.
    pub fn suggest(&self, typed: &str, limit: usize) -> Vec<String> {
        self.index.suggest(typed, limit)
    }

    /// Reads the offers again whose next session, as the index says, has begun: it may be over. Returns how many changed.
    pub fn pass_time(&self, now: Timestamp) -> Result<usize> {
        let ids = self.index.started_before(now.millis(), STALE).map_err(failed)?;
        let ids: Vec<OfferId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let (mut documents, gone) = self.store.read_blocking(move |tx| documents(tx, &ids))?;
        // A session that goes on is still the next one.
        documents.retain(|doc| doc.times.first().is_none_or(|(from, _)| *from >= now.millis()));
        if documents.is_empty() && gone.is_empty() {
            return Ok(0);
        }
        self.index.apply(self.index.position(), &documents, &gone).map_err(failed)?;
        self.index.commit().map_err(failed)?;
        Ok(documents.len() + gone.len())
    }

    /// Learns the names of places and the words of titles.
    pub fn learn(&self) -> Result<()> {
        self.learn_places()?;
        self.index.learn_words().map_err(failed)
    }

    /// The position of the journal up to which the index holds everything.
    pub fn position(&self) -> i64 {
        self.index.position()
    }

    /// Takes in what is new; returns whether there was anything.
    pub fn catch_up(&self) -> Result<bool> {
        let position = self.index.position();
        if position == 0 {
            return self.fill();
        }
        let facts = self.store.read_blocking(move |tx| facts_after(tx, position, BATCH))?;
        let Some(last) = facts.last().map(|fact| fact.pos) else { return Ok(false) };
        let mut touched = BTreeSet::new();
        let mut places = BTreeSet::new();
        for fact in &facts {
            touched.extend(offer_of(fact)?);
            places.extend(place_of(fact)?);
        }
        for place in places {
            touched.extend(self.store.read_blocking(move |tx| catalog::published_of_org(tx, place))?);
        }
        if facts.iter().any(|fact| fact.kind == REGIONS_IMPORTED) {
            self.learn_places()?;
        }
        let ids: Vec<OfferId> = touched.into_iter().collect();
        let (documents, gone) = self.store.read_blocking(move |tx| documents(tx, &ids))?;
        self.index.apply(last, &documents, &gone).map_err(failed)?;
        self.index.commit().map_err(failed)?;
        Ok(true)
    }

    /// Builds the index from the records of one moment.
    fn fill(&self) -> Result<bool> {
        let head = self.store.read_blocking(head_pos)?;
        if head == 0 {
            return Ok(false);
        }
        let mut after: Option<OfferId> = None;
        loop {
            let (documents, last) = self.store.read_blocking(move |tx| {
                let offers = catalog::published_after(tx, after, BATCH)?;
                let last = offers.last().map(|offer| offer.offer_id);
                let mut places = Places::default();
                let documents: Result<Vec<Doc>> =
                    offers.iter().map(|offer| document(tx, offer, &mut places)).collect();
                Ok((documents?, last))
            })?;
            let Some(last) = last else { break };
            // The position is the one of before the first page: what changed meanwhile comes again.
            self.index.apply(head, &documents, &[]).map_err(failed)?;
            after = Some(last);
        }
        self.index.apply(head, &[], &[]).map_err(failed)?;
        self.index.commit().map_err(failed)?;
        Ok(true)
    }

    fn learn_places(&self) -> Result<()> {
        let names: Vec<(String,)> = self
            .store
            .read_blocking(|tx| tx.all(sql!("SELECT name FROM region WHERE level < 5 ORDER BY code"), &[]))?;
        self.index.set_places(names.iter().map(|(name,)| name.as_str()));
        let followers = self.store.read_blocking(network::all_followers)?;
        *self.followers.lock().unwrap_or_else(PoisonError::into_inner) =
            followers.into_iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        Ok(())
    }

    /// Starts the thread that keeps the index up with the journal.
    pub fn follow(self: &Arc<Self>) -> std::io::Result<Following> {
        let stop = Arc::new(AtomicBool::new(false));
        let (finder, stopped) = (self.clone(), stop.clone());
        let run = move || {
            let news = finder.store.subscribe();
            let mut round: Option<std::time::Instant> = None;
            let mut learned = -1;
            while !stopped.load(Ordering::SeqCst) {
                match finder.catch_up() {
                    Ok(true) => {}
                    Ok(false) => {
                        if round.is_none_or(|last| last.elapsed() >= ROUND) {
                            round = Some(std::time::Instant::now());
                            let now = finder.store.clock().now();
                            let passed = finder.pass_time(now);
                            let grown = finder.position() != learned;
                            let words = if grown { finder.learn() } else { Ok(()) };
                            learned = finder.position();
                            if let Err(error) = passed.and(words) {
                                tracing::error!(?error, "the search index is not brought up to the hour");
                            }
                        }
                        let _ = news.recv_timeout(PAUSE);
                    }
                    Err(error) => {
                        tracing::error!(?error, "the search index will be tried again");
                        thread::sleep(PAUSE);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("finder".to_owned()).spawn(run)?;
        Ok(Following { stop, thread: Some(thread) })
    }
}

/// The words of this city.
fn teach(index: &Index) -> Result<()> {
    index.set_synonyms(include_str!("../../../data/chongqing/search_synonyms_domain.csv")).map_err(failed)?;
    let rows = include_str!("../../../data/chongqing/search_wishes.csv").lines().skip(1);
    let wish = |row: &str| match row.split(',').collect::<Vec<_>>()[..] {
        [word, name, value, firm] => Ok(Wish {
            word: word.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            firm: firm == "1",
        }),
        _ => Err(Error::bug(format!("search_wishes.csv: four columns are needed: {row}"))),
    };
    index.set_wishes(rows.map(wish).collect::<Result<Vec<Wish>>>()?);
    Ok(())
}

fn offer_of(fact: &Recorded) -> Result<Option<OfferId>> {
    Ok(match fact.kind.as_str() {
        OFFER_PUBLISHED | OFFER_CHANGED | OFFER_WITHDRAWN => Some(fact.payload::<OfferTold>()?.offer_id),
        CLASS_OPENED => Some(fact.payload::<ClassOpened>()?.offer_id),
        CLASS_CLOSED => Some(fact.payload::<ClassClosed>()?.offer_id),
        _ => None,
    })
}

/// A place whose name, address or hours are no longer those of the index.
fn place_of(fact: &Recorded) -> Result<Option<Id<Org>>> {
    Ok(match fact.kind.as_str() {
        ORG_CHANGED | ORG_CLOSED => Some(fact.payload::<OrgChanged>()?.org_id),
        _ => None,
    })
}

/// Something that can be found since a fact: an offer that was published, or a class that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// Position of the fact.
    pub pos: i64,
    /// Identifier of the offer or class.
    pub what: String,
    /// The offer, or the class's.
    pub offer_id: OfferId,
    /// The class, if one was opened.
    pub class_id: Option<ClassId>,
}

impl News {
    /// What a fact brought that was not there before; changed words bring nothing new.
    pub fn of(fact: &Recorded) -> Result<Option<Self>> {
        let (what, offer_id, class_id) = match fact.kind.as_str() {
            OFFER_PUBLISHED => {
                let told = fact.payload::<OfferTold>()?;
                (told.offer_id.to_string(), told.offer_id, None)
            }
            CLASS_OPENED => {
                let told = fact.payload::<ClassOpened>()?;
                (told.class_id.to_string(), told.offer_id, Some(told.class_id))
            }
            _ => return Ok(None),
        };
        Ok(Some(Self { pos: fact.pos, what, offer_id, class_id }))
    }
}

/// Documents of what is new and can still be found. A class is found as its offer with the times of that class.
pub(crate) fn news_documents(tx: &mut Tx, news: &[News]) -> Result<Vec<Doc>> {
    let ids: Vec<OfferId> = news.iter().map(|new| new.offer_id).collect();
    let offers = catalog::offers_by_ids(tx, &ids)?;
    let mut places = Places::default();
    let mut documents = Vec::new();
    for new in news {
        let Some(offer) = offers.get(&new.offer_id).filter(|offer| offer.status == OfferStatus::Published)
        else {
            continue;
        };
        let doc = match new.class_id {
            None => document(tx, offer, &mut places)?,
            Some(class_id) => {
                let Some(starts) = next_session(tx, offer.org_id, class_id)? else { continue };
                document_at(tx, offer, &[(starts, starts)], &mut places)?
            }
        };
        documents.push(Doc { id: new.what.clone(), ..doc });
    }
    Ok(documents)
}

/// When the next session of an open class begins, or the one that goes on began.
fn next_session(tx: &mut Tx, org_id: Id<Org>, class_id: ClassId) -> Result<Option<Timestamp>> {
    let starts: Option<(Timestamp,)> = tx.opt(
        sql!(
            "SELECT s.starts_at FROM class c CROSS JOIN class_session s \
             WHERE s.org_id = c.org_id AND s.class_id = c.class_id AND c.org_id = $1 AND c.class_id = $2 AND c.status = 'open' AND s.ends_at > $3 ORDER BY s.starts_at LIMIT 1"
        ),
        params![org_id, class_id, tx.now()],
    )?;
    Ok(starts.map(|(at,)| at))
}

/// Documents of the offers that are published, and the ids of those that are not.
fn documents(tx: &mut Tx, ids: &[OfferId]) -> Result<(Vec<Doc>, Vec<String>)> {
    let (mut documents, mut gone) = (Vec::new(), Vec::new());
    let mut places = Places::default();
    for id in ids {
        match catalog::offer(tx, *id)?.filter(|offer| offer.status == OfferStatus::Published) {
            Some(offer) => documents.push(document(tx, &offer, &mut places)?),
            None => gone.push(id.to_string()),
        }
    }
    Ok((documents, gone))
}

/// What is known of a place, kept for the length of a batch.
struct Place {
    names: Vec<String>,
    codes: Vec<String>,
    district: Option<String>,
    location: Option<(f64, f64)>,
    opening: Opening,
}

#[derive(Default)]
struct Places {
    holidays: Option<Holidays>,
    orgs: HashMap<Id<Org>, Arc<Place>>,
    subjects: HashMap<String, Arc<Vec<(String, String)>>>,
}

impl Places {
    fn org(&mut self, tx: &mut Tx, id: Id<Org>) -> Result<Arc<Place>> {
        if let Some(known) = self.orgs.get(&id) {
            return Ok(known.clone());
        }
        let org = network::org(tx, id)?.ok_or_else(Error::missing)?;
        let mut path = network::region_path(tx, &org.region_code)?;
        path.extend(network::region(tx, &org.region_code)?);
        let mut names = vec![org.name.clone()];
        // The city's own name would match everything.
        names.extend(path.iter().filter(|region| region.level > 1).map(|region| region.name.clone()));
        // People go on to say the name of before: what was in 江北区 is found by that name also when it is in 两江新区.
        for before in network::served_before(tx, id)? {
            let mut around = network::region_path(tx, &before.code)?;
            around.push(before);
            for name in around.into_iter().filter(|region| region.level > 1).map(|region| region.name) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let codes = path.iter().map(|region| region.code.to_string()).collect();
        let district = path.iter().find(|region| region.level == 3).map(|region| region.code.to_string());
        let location = org.lon.zip(org.lat);
        let place = Arc::new(Place { names, codes, district, location, opening: org.opening });
        self.orgs.insert(id, place.clone());
        Ok(place)
    }

    /// When a place is open from now on, in pieces of two hours at most: who looks for something today also finds what has been open for long.
    fn hours(&mut self, tx: &mut Tx, id: Id<Org>) -> Result<Vec<(Timestamp, Timestamp)>> {
        let place = self.org(tx, id)?;
        if !place.opening.is_stated() {
            return Ok(Vec::new());
        }
        let (now, today) = (tx.now(), tx.now().day());
        let holidays = match self.holidays.take() {
            Some(known) => known,
            None => holidays_between(tx, today, today.plus(AHEAD_DAYS))?,
        };
        let hours = place.opening.hours(today, AHEAD_DAYS, &holidays).flat_map(|(from, to)| {
            let starts =
                (0..).map(move |n| from.plus_minutes(n * PIECE_MINUTES)).take_while(move |at| *at < to);
            starts.map(move |at| (at, to.min(at.plus_minutes(PIECE_MINUTES))))
        });
        let hours = hours.filter(|(_, to)| *to > now).collect();
        self.holidays = Some(holidays);
        Ok(hours)
    }

    fn subject(&mut self, tx: &mut Tx, code: &str) -> Result<Arc<Vec<(String, String)>>> {
        if let Some(known) = self.subjects.get(code) {
            return Ok(known.clone());
        }
        let path = catalog::subject_path(tx, code)?;
        let subjects =
            Arc::new(path.into_iter().map(|subject| (subject.code, subject.name)).collect::<Vec<_>>());
        self.subjects.insert(code.to_owned(), subjects.clone());
        Ok(subjects)
    }
}

fn document(tx: &mut Tx, offer: &Offer, places: &mut Places) -> Result<Doc> {
    if !offer.kind.has_classes() {
        let hours = places.hours(tx, offer.org_id)?;
        return document_at(tx, offer, &hours, places);
    }
    let starts: Option<(Timestamp,)> = tx.opt(
        sql!(
            // From the classes of the offer to their sessions, not through all sessions of the organisation.
            "SELECT s.starts_at FROM class c CROSS JOIN class_session s \
             WHERE s.org_id = c.org_id AND s.class_id = c.class_id AND c.org_id = $1 AND c.offer_id = $2 AND c.status = 'open' AND s.ends_at > $3 ORDER BY s.starts_at LIMIT 1"
        ),
        params![offer.org_id, offer.offer_id, tx.now()],
    )?;
    let times: Vec<_> = starts.iter().map(|(at,)| (*at, *at)).collect();
    document_at(tx, offer, &times, places)
}

/// The document of an offer that is next at these times.
fn document_at(
    tx: &mut Tx,
    offer: &Offer,
    times: &[(Timestamp, Timestamp)],
    places: &mut Places,
) -> Result<Doc> {
    let place = places.org(tx, offer.org_id)?;
    let subjects = places.subject(tx, &offer.subject_code)?;
    let words: Vec<&str> = subjects.iter().map(|(_, name)| name.as_str()).collect();
    let mut facets = vec![
        ("audience".to_owned(), offer.audience.as_str().to_owned()),
        ("cost".to_owned(), if offer.cost_fen == 0 { "free" } else { "paid" }.to_owned()),
    ];
    facets.extend(place.district.iter().map(|code| ("district".to_owned(), code.clone())));
    facets.extend(
        subjects.first().map(|(code, _)| ("subject".to_owned(), code[..code.len().min(2)].to_owned())),
    );
    let parts: BTreeSet<&str> = times.iter().flat_map(|(from, to)| day_parts(*from, *to)).collect();
    facets.extend(parts.into_iter().map(|part| ("slot".to_owned(), part.to_owned())));
    Ok(Doc {
        id: offer.offer_id.to_string(),
        kind: offer.kind.as_str().to_owned(),
        title: offer.title.clone(),
        body: format!("{}\n{}\n{}", offer.summary, offer.body, words.join(" ")),
        place_names: place.names.clone(),
        place_codes: place.codes.clone(),
        subjects: subjects.iter().map(|(code, _)| code.clone()).collect(),
        facets,
        times: times.iter().map(|(from, to)| (from.millis(), to.millis())).collect(),
        location: place.location,
        // What can be joined, or simply used, stands before what cannot.
        boost: match times {
            _ if !offer.kind.has_classes() => 1.15,
            [] => 1.0,
            _ => 1.25,
        },
        visible: "public".to_owned(),
    })
}

/// When a stretch of time is, in the words of the page's choice.
fn day_parts(from: Timestamp, to: Timestamp) -> Vec<&'static str> {
    let hour = |at: i64| (at - from.day().start().millis()) / 3_600_000;
    let (first, last) = (hour(from.millis()), hour((to.millis() - 1).max(from.millis())));
    let parts = [("am", 0, 12), ("pm", 12, 18), ("eve", 18, 25)];
    let mut found: Vec<&str> = parts
        .iter()
        .filter(|(_, begin, end)| first < *end && last >= *begin)
        .map(|(name, ..)| *name)
        .collect();
    if from.day().weekday() >= 6 {
        found.push("weekend");
    }
    found
}
