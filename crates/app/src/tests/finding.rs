//! What residents type, over the offers of the demonstration city and over real titles: the wanted hit stands on the first page.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs::File,
    io::Read,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use catalog::{Offer, OfferId};
use kernel::{Day, Id, Org};
use search::{Doc, Hits, Index, Query};
use store::{Engine, sql};

use super::scene::{OPERATOR, Scene, whole};
use crate::demo;

/// Hits on a page.
const PAGE: usize = 20;
/// A Monday, so that words such as 周末 mean the same on every day on which the tests run.
const TODAY: (i16, i8, i8) = (2026, 11, 23);

/// What a condition of the lists may ask of.
#[derive(Debug, Default)]
struct Facts {
    fields: HashMap<&'static str, String>,
}

impl Facts {
    /// `field~a|b`: one of them occurs. `field=a|b`: is one of them. Several, parted by `;`, hold together.
    fn satisfy(&self, wanted: &str) -> bool {
        wanted.split(';').all(|condition| {
            let at = condition.find(['~', '=']).unwrap_or_else(|| panic!("no condition: {condition}"));
            let (field, rest) = condition.split_at(at);
            let value = self.fields.get(field).unwrap_or_else(|| panic!("no such field: {condition}"));
            let mut choices = rest[1..].split('|');
            if rest.starts_with('~') {
                choices.any(|word| value.contains(word))
            } else {
                choices.any(|word| value.split(' ').any(|one| one == word))
            }
        })
    }
}

/// Runs a list; prints what it measures. Answers the mean precision at 5 and the queries without a wanted hit.
///
/// Precision at 5: of the first five hits, or of as many as there are wanted ones in all, how many are wanted.
fn run(
    name: &str,
    list: &str,
    facts: &HashMap<String, Facts>,
    search: impl Fn(&str) -> Hits,
) -> (f64, Vec<String>) {
    let mut sum = 0.0;
    let mut missed = Vec::new();
    let mut rows = 0;
    for row in csv::Reader::from_reader(list.as_bytes()).records() {
        let row = row.unwrap();
        let (query, covers, wanted) = (&row[0], &row[1], &row[2]);
        let all = facts.values().filter(|facts| facts.satisfy(wanted)).count();
        assert!(all > 0, "{query}: nothing in the whole city is wanted");
        let hits = search(query);
        let good: Vec<bool> = hits.hits.iter().map(|hit| facts[&hit.id].satisfy(wanted)).collect();
        let first = all.min(5);
        let precision = good.iter().take(first).filter(|good| **good).count() as f64 / first as f64;
        let titles: Vec<&str> = hits.hits.iter().take(5).map(|hit| hit.title.as_str()).collect();
        if precision < 1.0 {
            println!(
                "{name} {precision:.2} {query} ({covers}), {all} wanted, {} found: {titles:?}",
                hits.total
            );
        }
        if !good.contains(&true) {
            missed.push(query.to_owned());
        }
        sum += precision;
        rows += 1;
    }
    println!("{name}: {rows} queries, precision at 5 {:.3}, missed {missed:?}", sum / f64::from(rows));
    (sum / f64::from(rows), missed)
}

/// What is known of all offers, by id.
fn offers(store: &store::Store) -> HashMap<String, Facts> {
    let (offers, orgs, slots) = store
        .read_blocking(|tx| {
            let mut offers: Vec<Offer> = Vec::new();
            loop {
                let page = catalog::published_after(tx, offers.last().map(|offer| offer.offer_id), 500)?;
                if page.is_empty() {
                    break;
                }
                offers.extend(page);
            }
            let mut orgs: HashMap<Id<Org>, String> = HashMap::new();
            for offer in &offers {
                if let Entry::Vacant(unknown) = orgs.entry(offer.org_id) {
                    let org = network::org(tx, offer.org_id)?.ok_or_else(kernel::Error::missing)?;
                    let mut path = network::region_path(tx, &org.region_code)?;
                    path.extend(network::region(tx, &org.region_code)?);
                    let regions: Vec<String> = path.into_iter().map(|region| region.name).collect();
                    unknown.insert(format!("{} {}", org.name, regions.join(" ")));
                }
            }
            let starts: Vec<(OfferId, kernel::Timestamp)> = tx.all(
                sql!(
                    "SELECT c.offer_id, s.starts_at FROM class c JOIN class_session s ON s.org_id = c.org_id \
                     AND s.class_id = c.class_id"
                ),
                &[],
            )?;
            let mut slots: HashMap<OfferId, String> = HashMap::new();
            for (offer, at) in starts {
                let hour = (at.millis() - at.day().start().millis()) / 3_600_000;
                let slots = slots.entry(offer).or_default();
                slots.push_str(if hour < 12 {
                    "am "
                } else if hour < 18 {
                    "pm "
                } else {
                    "eve "
                });
            }
            Ok((offers, orgs, slots))
        })
        .unwrap();
    let facts = |offer: &Offer| {
        let text = [&offer.title, &offer.summary, &offer.body, &offer.bring].map(String::as_str).join(" ");
        Facts {
            fields: HashMap::from([
                ("title", offer.title.clone()),
                ("text", text),
                ("place", orgs[&offer.org_id].clone()),
                ("kind", offer.kind.as_str().to_owned()),
                ("audience", offer.audience.as_str().to_owned()),
                ("subject", offer.subject_code.clone()),
                ("cost", if offer.cost_fen == 0 { "free" } else { "paid" }.to_owned()),
                ("slot", slots.get(&offer.offer_id).cloned().unwrap_or_default()),
            ]),
        }
    };
    offers.iter().map(|offer| (offer.offer_id.to_string(), facts(offer))).collect()
}

#[test]
fn the_packaged_list_is_found_over_the_offers_of_the_city() {
    let store = whole(Engine::Sqlite);
    let (year, month, day) = TODAY;
    let today = Day::of(year, month, day).unwrap();
    demo::found_catalogue(&store, demo::SEED, today).unwrap();
    let now = today.at(9 * 60);
    store.clock.set(now);
    journal::drain(&store, &[]).unwrap();
    let finder = portal::Finder::in_memory((*store).clone()).unwrap();
    while finder.catch_up().unwrap() {}
    finder.learn().unwrap();
    let facts = offers(&store);
    each_offer_is_found_in_its_district(&store, &finder, facts.len());
    assert!(facts.len() > 2_000, "{} offers", facts.len());
    let (precision, missed) = run("packaged", include_str!("queries/packaged.csv"), &facts, |text| {
        finder.search(&Query { now: Some(now.millis()), limit: PAGE, ..Query::text(text) }).unwrap()
    });
    assert_eq!(missed, [""; 0]);
    assert!(precision >= 0.85, "{precision}");
}

/// The districts have all offers among them, those of the city itself aside.
fn each_offer_is_found_in_its_district(store: &store::Store, finder: &portal::Finder, all: usize) {
    let (districts, of_the_city) = store
        .read_blocking(|tx| {
            let districts: Vec<(String,)> = tx.all(sql!("SELECT code FROM region WHERE level = 3"), &[])?;
            let own = "SELECT count(*) FROM offer f JOIN org o ON o.org_id = f.org_id WHERE o.region_code = '500000000000'";
            let (own,): (i64,) = tx.one(store::Statement::dynamic(own.to_owned()), &[])?;
            Ok((districts, own))
        })
        .unwrap();
    let total = |(code,): &(String,)| {
        finder.search(&Query { place_code: Some(code.clone()), ..Query::default() }).unwrap().total
    };
    let found: u64 = districts.iter().map(total).sum();
    assert_eq!(found + of_the_city as u64, all as u64);
}

/// A table of the reference data: the columns by name.
fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let mut text = String::new();
    let file = File::open(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        { file }.read_to_string(&mut text).unwrap();
    }
    if path.to_string_lossy().contains(".jsonl") {
        let line = |line: &str| {
            let values: HashMap<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            values.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        };
        return text.lines().map(line).collect();
    }
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_reference_list_is_found_over_real_titles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/reference");
    if !folder.is_dir() {
        println!("SKIPPED the_reference_list_is_found_over_real_titles: {} is not there", folder.display());
        return;
    }
    let files = [
        ("resources_courses.csv.gz", "title", "description"),
        ("resources_moocs_2017.csv", "title", "category"),
        ("resources_laws.csv", "title", "category"),
        ("cq_venues.csv", "name", "kind"),
        ("content_recipes.jsonl.gz", "title", "intro"),
    ];
    let index = Index::in_memory().unwrap();
    index.set_synonyms(include_str!("../../../../data/chongqing/search_synonyms_domain.csv")).unwrap();
    let mut facts = HashMap::new();
    for (file, title, body) in files {
        let docs: Vec<Doc> = table(&folder.join(file))
            .into_iter()
            .map(|row| Doc {
                id: format!("{file} {}", row["id"]),
                title: row[title].clone(),
                body: row[body].clone(),
                ..Doc::default()
            })
            .collect();
        for doc in &docs {
            let fields = HashMap::from([("title", doc.title.clone())]);
            facts.insert(doc.id.clone(), Facts { fields });
        }
        index.apply(1, &docs, &[]).unwrap();
    }
    index.commit().unwrap();
    index.learn_words().unwrap();
    let (precision, missed) = run("reference", include_str!("queries/reference.csv"), &facts, |text| {
        index.search(&Query { limit: PAGE, ..Query::text(text) }).unwrap()
    });
    // 黄焖鸡 is no word of the dictionary, so neither its sound nor its initials are known; the last one is a sentence of which only the
    // name of a law is in the titles, and cooking has more of its other words.
    assert_eq!(missed, ["huangmenji", "hmj", "家里有人坐飞机带行李 民用航空"]);
    assert!(precision >= 0.82, "{precision}");
}

#[test]
fn what_is_published_is_found_within_two_seconds_and_what_is_withdrawn_no_longer() {
    let store = whole(Engine::Sqlite);
    let scene = Scene::new(&store);
    journal::drain(&store, &[]).unwrap();
    let finder = Arc::new(portal::Finder::in_memory((*store).clone()).unwrap());
    let following = finder.follow().unwrap();
    let org_id = scene.city.centre;
    let total = || finder.search(&Query::text("太极剑")).unwrap().total;
    let soon = |wanted: u64| {
        let begun = Instant::now();
        journal::drain(&store, &[]).unwrap();
        while total() != wanted {
            assert!(begun.elapsed() < Duration::from_secs(2), "{} instead of {wanted}", total());
            thread::sleep(Duration::from_millis(10));
        }
    };
    let draft = catalog::DraftOffer { org_id, words: catalog::testing::words("太极剑入门"), demo: true };
    let offer =
        store.write_blocking("test.draft", move |tx| catalog::draft_offer(tx, &OPERATOR, &draft)).unwrap();
    soon(0);
    store.write_blocking("test.publish", move |tx| catalog::publish_offer(tx, &OPERATOR, offer)).unwrap();
    soon(1);
    store.write_blocking("test.withdraw", move |tx| catalog::withdraw_offer(tx, &OPERATOR, offer)).unwrap();
    soon(0);
    drop(following);
}

#[test]
fn the_next_session_of_an_offer_is_the_next_one_also_when_time_has_passed() {
    let store = whole(Engine::Sqlite);
    let scene = Scene::new(&store);
    journal::drain(&store, &[]).unwrap();
    let finder = portal::Finder::in_memory((*store).clone()).unwrap();
    while finder.catch_up().unwrap() {}
    let second = scene.class.sessions[1];
    let second = store.read_blocking(move |tx| activities::session(tx, second)).unwrap().unwrap().starts_at;
    let from = |moment: kernel::Timestamp| {
        let query = Query { starts_from: Some(moment.millis()), ..Query::default() };
        finder.search(&query).unwrap().total
    };
    assert_eq!(from(second), 0, "the first session is the next one");
    store.clock.set(second.plus_minutes(-60));
    assert_eq!(finder.pass_time(store.clock().now()).unwrap(), 1);
    assert_eq!(from(second), 1);
    store.clock.set(second.plus_minutes(10));
    assert_eq!(finder.pass_time(store.clock().now()).unwrap(), 0, "what goes on is not over");
    store.clock.set(second.plus_minutes(100));
    assert_eq!(finder.pass_time(store.clock().now()).unwrap(), 1);
    assert_eq!(from(second.plus_minutes(60)), 1, "the third one");
}
