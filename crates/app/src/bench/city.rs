//! The city that is measured: the demonstration's, with more offers where more are wanted.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use activities::OpenClass;
use anyhow::{Context, Result, anyhow};
use catalog::{DraftOffer, OfferWords};
use kernel::{Actor, Chance, Id, Org};
use network::Organisation;
use store::Tx;

use super::{
    load::{below, unit},
    server::configure,
    signups::fail,
};
use crate::{
    city::{City, consumers},
    demo::{self, plan::Words},
    init, settings,
};

/// Offers that one transaction makes.
const AT_ONCE: usize = 250;
/// Days ahead in which the classes of the added offers begin.
const DAYS: usize = 60;
/// Times at which sessions begin, in minutes after midnight.
const BEGINNINGS: [i64; 6] = [8 * 60 + 30, 9 * 60, 10 * 60, 14 * 60, 15 * 60 + 30, 19 * 60];
/// Where it is remembered how many offers the city has.
const OFFERS: &str = "bench.offers";
const BENCH: Actor = Actor::System("bench");

/// A place for the city: a folder that is named and kept, or one that goes with this.
pub struct Ground {
    /// The data directory.
    pub root: PathBuf,
    temporary: bool,
}

impl Ground {
    /// The folder that is named, or a temporary one.
    pub fn new(data: Option<PathBuf>) -> Self {
        let temporary = data.is_none();
        let root = data.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("xuecheng-bench-city-{}", std::process::id()))
        });
        Self { root, temporary }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if self.temporary {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// Founds the city if it is not there, adds offers until there are so many, and makes it an installation that `serve` takes.
pub fn city(root: &Path, database: Option<&str>, offers: usize) -> Result<City> {
    let city = demo::founded(root, database)?;
    demo::stage::today(&city)?;
    let known: usize = match settings::get(&city.store, OFFERS)? {
        Some(text) => text.parse()?,
        None => city.store.read_blocking(count).map_err(fail)?,
    };
    if known < offers {
        add(&city, known, offers)?;
    }
    settings::set(&city.store, OFFERS, &known.max(offers).to_string())?;
    settings::set(&city.store, init::FOUNDED, "bench")?;
    journal::drain(&city.store, &consumers()).map_err(fail)?;
    city.sealer.seal(&city.store).map_err(fail)?;
    configure(root)?;
    Ok(city)
}

fn count(tx: &mut Tx) -> kernel::Result<usize> {
    let (mut after, mut sum) = (None, 0);
    loop {
        let offers = catalog::published_after(tx, after, 1_000)?;
        let Some(last) = offers.last() else { return Ok(sum) };
        after = Some(last.offer_id);
        sum += offers.len();
    }
}

/// Every open organisation below the top.
fn organisations(tx: &mut Tx) -> kernel::Result<Vec<Organisation>> {
    let top = network::top_org(tx)?.ok_or_else(kernel::Error::missing)?;
    let mut ids: Vec<Id<Org>> = network::descendant_ids(tx, top.org_id)?;
    ids.retain(|id| *id != top.org_id);
    ids.sort_unstable();
    let mut all = Vec::with_capacity(ids.len());
    for part in ids.chunks(500) {
        let mut part: Vec<Organisation> = network::orgs_by_ids(tx, part)?.into_values().collect();
        part.sort_unstable_by_key(|org| org.org_id);
        all.extend(part.into_iter().filter(Organisation::is_open));
    }
    Ok(all)
}

fn add(city: &City, known: usize, wanted: usize) -> Result<()> {
    let words: Arc<Vec<Words>> = Arc::new(demo::plan::library_words());
    let orgs = Arc::new(city.store.read_blocking(organisations).map_err(fail)?);
    let begun = Instant::now();
    for from in (known..wanted).step_by(AT_ONCE) {
        let (words, orgs, to) = (words.clone(), orgs.clone(), (from + AT_ONCE).min(wanted));
        city.store
            .write_blocking("bench.offers", move |tx| {
                let mut chance = Chance::seeded(from as u64);
                (from..to).try_for_each(|_| offer(tx, &mut chance, &words, &orgs))
            })
            .map_err(|error| anyhow!("offers cannot be added: {error:?}"))?;
        // What follows the journal follows along, so that no queue of millions of facts is left for the end.
        if (from - known).is_multiple_of(AT_ONCE * 100) {
            journal::drain(&city.store, &consumers()).map_err(fail)?;
            eprintln!("{to} offers after {:.0} s", begun.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

/// An offer of the library at some organisation, with a class that can be joined.
fn offer(tx: &mut Tx, chance: &mut Chance, words: &[Words], orgs: &[Organisation]) -> kernel::Result<()> {
    let (words, org) = (&words[below(chance, words.len())], &orgs[below(chance, orgs.len())]);
    let base = words.titles[below(chance, words.titles.len())];
    // As organisers write: alone, with the place, with the term.
    let mut title = match below(chance, 4) {
        0 => base.to_owned(),
        1 => format!("{}：{base}", org.name),
        2 => format!("{base}（第{}期）", 1 + below(chance, 12)),
        _ => format!("{base}（{}班）", ["周二上午", "周三晚间", "周末", "暑期"][below(chance, 4)]),
    };
    if title.chars().count() > catalog::TITLE_MAX {
        title = base.to_owned();
    }
    let cmd = DraftOffer {
        org_id: org.org_id,
        words: OfferWords {
            kind: words.kind.parse()?,
            title: title.clone(),
            summary: words.summary.to_owned(),
            body: words.description.to_owned(),
            subject_code: words.subject.to_owned(),
            audience: words.audience.parse()?,
            cost_fen: i64::from(words.fee_fen),
            bring: words.bring.to_owned(),
        },
        demo: true,
    };
    let offer_id = catalog::draft_offer(tx, &BENCH, &cmd)?;
    catalog::publish_offer(tx, &BENCH, offer_id)?;
    let first = tx.now().day().plus(1 + i32::try_from(below(chance, DAYS)).unwrap_or(0));
    let minute = BEGINNINGS[below(chance, BEGINNINGS.len())];
    let sessions = if unit(chance) < 0.5 { 1 } else { 2 };
    let session = |week: i32| {
        let from = first.plus(7 * week).at(minute);
        (from, from.plus_minutes(i64::from(words.minutes)))
    };
    let class = OpenClass {
        org_id: org.org_id,
        offer_id,
        title,
        teacher_id: None,
        capacity: i64::from(words.capacity),
        venue: org.name.clone(),
        room: String::new(),
        sessions: (0..sessions).map(session).collect(),
        demo: true,
    };
    activities::open_class(tx, &BENCH, &class).map(|_| ())
}

/// Fills the search index of the data directory; the time that it took and the bytes that it has.
pub fn index(city: &City) -> Result<(portal::Finder, Duration, u64)> {
    let folder = city.dir.index();
    // What an earlier run left would make the time a lie.
    crate::serve::forget_indexes(&city.dir)?;
    let begun = Instant::now();
    let finder = portal::Finder::open(&folder, city.store.clone()).map_err(fail)?;
    while finder.catch_up().map_err(fail)? {}
    Ok((finder, begun.elapsed(), size(&folder)?))
}

fn size(path: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}
