//! Staff's lists in a city of many offers and attendances: the first page and a deep one, by sort and filter, for who sees the whole city, one
//! district, or one place; and the lists written to files.
//!
//! The demonstration city gets rows of offers, classes and attendances straight into the tables: what is measured is reading, and a million
//! check-ins through the commands would take an hour. Such a city cannot be verified. One district learned only in the first months, so that
//! nothing of it stands among the newest rows: the worst place for a list in the order of time.

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};
use catalog::OfferId;
use kernel::{Actor, Chance, Grant, Id, Lang, Org, Person, Role, Timestamp};
use network::{OrgKind, Organisation};
use people::{Register, RoleAt};
use portal::exports::{self, Exports, Format, State, ask_export, write_next};
use store::{Engine, Store, Tx, Value};
use web::list::{COUNTED_MAX, Count, Edge, List, Query, Reader};

use super::{city::Ground, load::below, search::tenths, signups::fail};
use crate::{city::City, demo, settings};

/// Where it is remembered how many rows the city has.
const ROWS: &str = "bench.lists";
/// Rows that one transaction writes.
const AT_ONCE: usize = 20_000;
/// Days over which the attendances are spread.
const DAYS: i64 = 400;
/// Pages to the deep one.
const DEEP: usize = 100;
/// How often a page is read; the middle time counts.
const ROUNDS: usize = 7;
/// Longest time of a page, in milliseconds, for it to be good.
const LIMIT_MS: f64 = 50.0;

/// What the bench is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// One JSON object.
    pub json: bool,
    /// Offers of the city.
    pub offers: usize,
    /// Attendances of the city.
    pub attendances: usize,
    /// Where the city is kept.
    pub data: Option<PathBuf>,
    /// Database URL.
    pub database: Option<String>,
}

/// One page that was measured.
struct Page {
    list: &'static str,
    reader: &'static str,
    query: String,
    /// Middle and longest time of the first page, its count included.
    first: (f64, f64),
    /// The same of the deep one, without a count, and how many pages it is in.
    deep: (f64, f64),
    pages: usize,
    rows: Count,
}

struct Written {
    list: &'static str,
    format: Format,
    rows: i64,
    bytes: i64,
    seconds: f64,
}

/// Runs the bench.
///
/// # Errors
/// If the city cannot be made or read.
pub fn run(asked: &Asked) -> Result<ExitCode> {
    let ground = Ground::new(asked.data.clone());
    let city = demo::founded(&ground.root, asked.database.as_deref())?;
    demo::stage::today(&city)?;
    let known = settings::get(&city.store, ROWS)?;
    let wanted = format!("{} {}", asked.offers, asked.attendances);
    match known {
        None => fill(&city, asked)?,
        Some(known) => ensure!(known == wanted, "the city there has {known} rows; name another folder"),
    }
    settings::set(&city.store, ROWS, &wanted)?;
    let places = city.store.read_blocking(places).map_err(fail)?;
    let lists = portal::lists(&city.vault);
    let mut pages = Vec::new();
    for list in &lists {
        for (reader, org) in places.readers() {
            let actor = head(org);
            for query in queries(list.spec().name, &places) {
                pages.push(page(&city.store, list, reader, &actor, &query)?);
            }
        }
    }
    let before = memory();
    let written = write(&city, &ground, &lists)?;
    let after = memory();
    let slowest = pages.iter().map(|page| page.first.0.max(page.deep.0)).fold(0.0, f64::max);
    let ok = slowest <= LIMIT_MS && written.iter().all(|file| file.rows > 0);
    if asked.json {
        let lines: Vec<_> = pages.iter().map(|page| {
            serde_json::json!({
                "list": page.list, "reader": page.reader, "query": page.query, "rows": counted(page.rows),
                "first_ms": tenths(page.first.0), "first_worst_ms": tenths(page.first.1),
                "deep_ms": tenths(page.deep.0), "deep_worst_ms": tenths(page.deep.1), "deep_page": page.pages,
            })
        }).collect();
        let files: Vec<_> = written.iter().map(|file| {
            serde_json::json!({
                "list": file.list, "format": file.format.as_str(), "rows": file.rows, "bytes": file.bytes,
                "seconds": tenths(file.seconds), "rows_per_second": (file.rows as f64 / file.seconds).round(),
            })
        }).collect();
        println!(
            "{}",
            serde_json::json!({
                "figure": tenths(slowest),
                "unit": "ms, middle time of the slowest page of any list, sort and filter",
                "ok": ok,
                "inputs": {
                    "engine": if city.store.engine() == Engine::Postgres { "postgres" } else { "sqlite" },
                    "offers": asked.offers,
                    "attendances": asked.attendances,
                    "rounds": ROUNDS,
                    "limit_ms": LIMIT_MS,
                    "memory_most_bytes_before_files": before,
                    "memory_most_bytes": after,
                    "pages": lines,
                    "files": files,
                },
            })
        );
    } else {
        for page in &pages {
            println!(
                "{:>11} {:<8} {:<44} first {:>6.1} ({:>6.1}) ms, page {:>3} {:>6.1} ({:>6.1}) ms, {} rows",
                page.list,
                page.reader,
                page.query,
                page.first.0,
                page.first.1,
                page.pages,
                page.deep.0,
                page.deep.1,
                counted(page.rows)
            );
        }
        for file in &written {
            println!(
                "{:>11} {:<4} {:>8} rows, {:>6.1} MB in {:>5.1} s",
                file.list,
                file.format,
                file.rows,
                file.bytes as f64 / 1e6,
                file.seconds
            );
        }
        println!(
            "slowest {slowest:.1} ms; most memory {:.0} MB before the files, {:.0} MB after",
            before as f64 / 1e6,
            after as f64 / 1e6
        );
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn counted(count: Count) -> String {
    match count {
        Count::Exactly(n) => n.to_string(),
        Count::MoreThan(n) => format!("over {n}"),
    }
}

/// Where the readers work.
struct Places {
    top: Id<Org>,
    district: Id<Org>,
    /// The district that learned only in the first months.
    early: Id<Org>,
    place: Id<Org>,
    region: String,
}

impl Places {
    fn readers(&self) -> [(&'static str, Id<Org>); 4] {
        [("city", self.top), ("district", self.district), ("early", self.early), ("place", self.place)]
    }
}

fn places(tx: &mut Tx) -> kernel::Result<Places> {
    let top = network::top_org(tx)?.ok_or_else(kernel::Error::missing)?;
    let mut page = kernel::PageRequest::first(200);
    page.size = 200;
    let colleges: Vec<Organisation> = network::children(tx, top.org_id, &page)?
        .rows
        .into_iter()
        .filter(|org| org.kind == OrgKind::College)
        .collect();
    let [early, district, ..] = &colleges[..] else { return Err(kernel::Error::missing()) };
    let school = network::children(tx, district.org_id, &page)?.rows.into_iter().next();
    let school = school.ok_or_else(kernel::Error::missing)?;
    let place = network::children(tx, school.org_id, &page)?.rows.into_iter().next().unwrap_or(school);
    Ok(Places {
        top: top.org_id,
        district: district.org_id,
        early: early.org_id,
        place: place.org_id,
        region: district.region_code.to_string(),
    })
}

fn head(org: Id<Org>) -> Actor {
    Actor::Person { id: Id::derived(&[77; 16]), grants: vec![Grant { role: Role::Head, org }] }
}

fn queries(list: &str, places: &Places) -> Vec<String> {
    let region = &places.region;
    let all: Vec<String> = match list {
        "orgs" => [
            "",
            "sort=name",
            "sort=-name",
            "sort=kind",
            "sort=-founded",
            "sort=closed",
            "kind=school",
            "level=village",
            "status=closed",
            "q=%E5%AD%A6%E4%B9%A0",
            "q=nothing",
        ]
        .map(str::to_owned)
        .into(),
        "offers" => [
            "",
            "sort=changed",
            "sort=title",
            "sort=-title",
            "sort=cost",
            "sort=-cost",
            "sort=-published",
            "status=draft",
            "status=withdrawn&sort=title",
            "kind=tour",
            "subject=0301",
            "q=%E4%B9%A6%E6%B3%95",
            "q=nothing",
        ]
        .map(str::to_owned)
        .into(),
        _ => [
            "",
            "sort=day",
            "method=card",
            "method=roll",
            "status=reversed",
            "status=valid",
            "from=2020-01-01&to=2020-01-02",
            "cols=day,person,class",
        ]
        .map(str::to_owned)
        .into(),
    };
    all.into_iter().chain([format!("region={region}")]).collect()
}

fn page(
    store: &Store,
    list: &Arc<dyn List>,
    reader: &'static str,
    actor: &Actor,
    text: &str,
) -> Result<Page> {
    let query = Query::parse(list.spec(), text);
    let (first, (slice, rows)) = times(|| {
        let slice = read(store, list, actor, &query)?;
        let (list, actor, query) = (list.clone(), actor.clone(), query.clone());
        let count = store.read_blocking(move |tx| {
            list.count(tx, &Reader { actor: &actor, lang: Lang::Zh, file: false }, &query, COUNTED_MAX)
        });
        Ok((slice, count.map_err(fail)?))
    })?;
    let (mut last, mut deep, mut pages) = (slice, query, 1);
    while let Some(key) = last.after.clone().filter(|_| pages < DEEP) {
        deep = deep.at(Edge::After(key));
        last = read(store, list, actor, &deep)?;
        pages += 1;
    }
    let (deep, _) = times(|| read(store, list, actor, &deep))?;
    Ok(Page { list: list.spec().name, reader, query: text.to_owned(), first, deep, pages, rows })
}

fn read(
    store: &Store,
    list: &Arc<dyn List>,
    actor: &Actor,
    query: &Query,
) -> Result<web::list::Slice<web::list::Row>> {
    let (list, actor, query) = (list.clone(), actor.clone(), query.clone());
    let read = store.read_blocking(move |tx| {
        list.read(tx, &Reader { actor: &actor, lang: Lang::Zh, file: false }, &query)
    });
    read.map_err(fail)
}

/// Middle and longest time in milliseconds, and the last answer. The first round warms up and does not count.
fn times<T>(work: impl Fn() -> Result<T>) -> Result<((f64, f64), T)> {
    let mut answer = work()?;
    let mut took: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        answer = work()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let ms = |at: usize| took.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
    Ok(((ms(ROUNDS / 2), ms(ROUNDS - 1)), answer))
}

/// Writes each list to a file of each kind, as the job does.
fn write(city: &City, ground: &Ground, lists: &[Arc<dyn List>]) -> Result<Vec<Written>> {
    let vault = city.vault.clone();
    let person: Id<Person> = city
        .store
        .write_blocking("bench.person", move |tx| {
            let operator = Actor::System("bench");
            let org = network::top_org(tx)?.ok_or_else(kernel::Error::missing)?.org_id;
            let cmd = Register { name: "测量员".to_owned(), demo: true, ..Register::default() };
            let person = people::register(tx, &vault, &operator, &cmd)?;
            people::grant_role(tx, &operator, &RoleAt { person, role: Role::Head, org })?;
            Ok(person)
        })
        .map_err(fail)?;
    let exports =
        Exports::new(portal::lists(&city.vault), city.vault.clone(), ground.root.join("bench-exports"));
    let mut written = Vec::new();
    for list in lists {
        for format in [Format::Csv, Format::Xlsx] {
            let query = Query::parse(list.spec(), "");
            let id = city
                .store
                .write_blocking("bench.ask", move |tx| ask_export(tx, person, &query, format, Lang::Zh))
                .map_err(fail)?;
            let begun = Instant::now();
            while write_next(&city.store, &exports, "bench", &|| false).map_err(fail)? {}
            let seconds = begun.elapsed().as_secs_f64();
            let done = city.store.read_blocking(move |tx| exports::export(tx, person, id)).map_err(fail)?;
            ensure!(done.state == State::Done, "the export of {} is {:?}", list.spec().name, done.state);
            written.push(Written {
                list: list.spec().name,
                format,
                rows: done.rows_done,
                bytes: done.length.unwrap_or(0),
                seconds,
            });
            city.store
                .write_blocking("bench.drop", move |tx| exports::drop_export(tx, person, id))
                .map_err(fail)?;
        }
    }
    Ok(written)
}

/// The most memory that this process held, in bytes; 0 where the system does not tell.
fn memory() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1_024
}

/// Everything that rows are made of.
struct Stock {
    orgs: Vec<Id<Org>>,
    early: std::collections::HashSet<Id<Org>>,
    people: Vec<Id<Person>>,
    titles: Vec<&'static str>,
    subjects: Vec<String>,
    now: Timestamp,
}

fn fill(city: &City, asked: &Asked) -> Result<()> {
    let stock = city.store.read_blocking(|tx| {
        let places = places(tx)?;
        let orgs = network::descendant_ids(tx, places.top)?;
        let early = network::descendant_ids(tx, places.early)?.into_iter().collect();
        let people: Vec<(Id<Person>,)> = tx.all(
            store::Statement::dynamic("SELECT person_id FROM person ORDER BY person_id".to_owned()),
            &[],
        )?;
        let subjects = catalog::subjects(tx)?.into_iter().filter(|subject| subject.parent.is_some());
        Ok(Stock {
            orgs,
            early,
            people: people.into_iter().map(|(id,)| id).collect(),
            titles: demo::plan::library_words().into_iter().flat_map(|words| words.titles).collect(),
            subjects: subjects.map(|subject| subject.code).collect(),
            now: tx.now(),
        })
    });
    let stock = Arc::new(stock.map_err(fail)?);
    let begun = Instant::now();
    for from in (0..asked.offers).step_by(AT_ONCE) {
        let (stock, to) = (stock.clone(), (from + AT_ONCE).min(asked.offers));
        city.store
            .write_blocking("bench.offers", move |tx| offers(tx, &stock, from, to))
            .map_err(|error| anyhow!("offers cannot be added: {error:?}"))?;
    }
    for from in (0..asked.attendances).step_by(AT_ONCE) {
        let (stock, to) = (stock.clone(), (from + AT_ONCE).min(asked.attendances));
        city.store
            .write_blocking("bench.attendances", move |tx| attendances(tx, &stock, from, to))
            .map_err(|error| anyhow!("attendances cannot be added: {error:?}"))?;
        if from.is_multiple_of(AT_ONCE * 10) {
            eprintln!("{to} attendances after {:.0} s", begun.elapsed().as_secs_f64());
        }
    }
    if city.store.engine() == Engine::Postgres {
        // As the server does by itself after a while.
        city.store.write_blocking("bench.analyze", |tx| tx.script("ANALYZE")).map_err(fail)?;
    }
    Ok(())
}

fn offers(tx: &mut Tx, stock: &Stock, from: usize, to: usize) -> kernel::Result<()> {
    let mut chance = Chance::seeded(from as u64 + 1);
    let chance = &mut chance;
    let (mut whole, mut lines, mut homes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in from..to {
        let id: OfferId = Id::random(chance);
        let org = stock.orgs[below(chance, stock.orgs.len())];
        let title = stock.titles[below(chance, stock.titles.len())];
        let title = format!("{title}（第{}期）", below(chance, 30) + 1);
        let kind =
            ["course", "course", "class", "lecture", "micro_course", "training", "tour"][below(chance, 7)];
        let status = match below(chance, 100) {
            0..90 => "published",
            90..97 => "withdrawn",
            _ => "draft",
        };
        let subject = stock.subjects[below(chance, stock.subjects.len())].clone();
        let cost = Value::Int([0, 0, 0, 5_000, 12_000][below(chance, 5)]);
        let changed = stock.now.millis() - below(chance, 400 * 86_400) as i64 * 1_000;
        let published = if status == "draft" { Value::Null } else { Value::Int(changed - 86_400_000) };
        let body = "从基础讲起，边学边练，最后一次课展示作品。".repeat(8);
        whole.push(vec![
            org.into(),
            id.into(),
            kind.into(),
            title.as_str().into(),
            "一句话介绍。".into(),
            body.into(),
            subject.as_str().into(),
            "everyone".into(),
            cost.clone(),
            "".into(),
            status.into(),
            published.clone(),
            Value::Bool(true),
            Value::Int(1),
        ]);
        lines.push(vec![
            org.into(),
            id.into(),
            title.into(),
            kind.into(),
            subject.into(),
            "everyone".into(),
            status.into(),
            cost,
            Value::Int(changed),
            published,
            Value::Int(1),
        ]);
        homes.push(vec![Value::from(id), org.into()]);
    }
    tx.insert_many(
        "INSERT INTO offer (org_id, offer_id, kind, title, summary, body, subject_code, audience, cost_fen, bring, status, published_at, demo, rev) VALUES",
        &whole,
    )?;
    tx.insert_many(
        "INSERT INTO offer_line (org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, changed_at, published_at, rev) VALUES",
        &lines,
    )?;
    tx.insert_many("INSERT INTO offer_directory (offer_id, org_id) VALUES", &homes)
}

fn attendances(tx: &mut Tx, stock: &Stock, from: usize, to: usize) -> kernel::Result<()> {
    let mut chance = Chance::seeded(from as u64 + 7);
    let chance = &mut chance;
    let mut rows = Vec::with_capacity(to - from);
    let mut session: Option<(Id<Org>, Id<Org>, Id<Org>, Timestamp, usize)> = None;
    for number in from..to {
        // Twenty people come to a session on the average; half of all learning happens at a tenth of the places.
        let fresh = session.as_ref().is_none_or(|(.., left)| *left == 0);
        if fresh {
            let many = stock.orgs.len() / if below(chance, 2) == 0 { 10 } else { 1 };
            let org = stock.orgs[below(chance, many)];
            let day = if stock.early.contains(&org) {
                DAYS - below(chance, 60) as i64
            } else {
                below(chance, DAYS as usize) as i64
            };
            let at = stock.now.day().start().millis() - day * 86_400_000
                + (8 + below(chance, 12) as i64) * 3_600_000;
            session = Some((
                org,
                Id::random(chance),
                Id::random(chance),
                Timestamp::from_millis(at),
                1 + below(chance, 40),
            ));
        }
        let Some((org, session_id, class, at, left)) = session.as_mut() else { continue };
        *left -= 1;
        let method = match below(chance, 200) {
            0 => "card",
            1..60 => "roll",
            _ => "code",
        };
        let status = if below(chance, 2_000) == 0 { "reversed" } else { "valid" };
        let person = stock.people[(number * 7_919) % stock.people.len()];
        let id: Id<Org> = Id::random(chance);
        rows.push(vec![
            Value::from(*org),
            id.into(),
            (*session_id).into(),
            (*class).into(),
            (*class).into(),
            person.into(),
            Value::Int(if method == "roll" { 2 } else { 3 }),
            Value::Int(90),
            method.into(),
            "system:bench".into(),
            (*at).into(),
            status.into(),
            "".into(),
            Value::Int(1),
        ]);
    }
    tx.insert_many(
        "INSERT INTO attendance (org_id, attendance_id, session_id, class_id, offer_id, person_id, grade, minutes, method, recorded_by, occurred_at, status, reason, rev) VALUES",
        &rows,
    )
}
