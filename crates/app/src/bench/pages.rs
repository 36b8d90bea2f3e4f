//! The most used pages of the demonstration city: under an open load as a busy city makes it, then each as often as it can be answered,
//! beside a page of one word that the same machine, runtime and HTTP library serve in the same run.

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, ensure};
use kernel::{Chance, Id, Org, Person, RegionCode, uri_part};
use store::{Tx, params, sql};

use super::{
    city::{Ground, city, index},
    load::{Ask, Times, arrivals, ask, below, open},
    search::tenths,
    server::Server,
    signups::fail,
};
use crate::cli::OpenLoad;

/// Requests a second where nothing else is said, of all pages together.
const RATE: f64 = 300.0;
/// The longest time that one of a hundred may take.
const LIMIT_MS: f64 = 5.0;
/// The part of the one-word page's rate that a page for everybody has to reach.
const RATIO_MIN: f64 = 0.25;
/// Different addresses of a page that has many, as people look at many.
const ADDRESSES: usize = 200;
/// Visitors who are signed in.
const VISITORS: usize = 50;
/// What is searched for.
const SOUGHT: [&str; 12] = [
    "书法",
    "太极 沙坪坝",
    "手机",
    "合唱",
    "周末 亲子",
    "剪纸",
    "急救",
    "渝中区",
    "智能手机 入门",
    "养老护理",
    "川剧",
    "英语",
];

/// A page with its addresses.
struct Page {
    name: &'static str,
    /// How often it is asked for, beside the others.
    weight: usize,
    /// Whether everybody sees the same.
    public: bool,
    asks: Vec<Ask>,
}

/// What was measured of a page.
struct Row {
    name: &'static str,
    public: bool,
    times: Times,
    per_second: f64,
    cost_us: Option<f64>,
    bytes: f64,
    failed: usize,
}

/// Runs the bench.
pub fn run(json: bool, load: OpenLoad) -> Result<ExitCode> {
    let rate = load.rate.unwrap_or(RATE);
    let ground = Ground::new(load.data.clone());
    let m = measure(&ground, &load, rate)?;
    let slowest =
        m.rows.iter().filter(|row| row.public).map(|row| row.per_second).fold(f64::INFINITY, f64::min);
    let failed: usize = m.failed + m.rows.iter().map(|row| row.failed).sum::<usize>();
    let ratio = slowest / m.hello;
    let ok = m.all.p99 < LIMIT_MS && failed == 0 && ratio >= RATIO_MIN;
    if json {
        let pages: Vec<serde_json::Value> = m
            .rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "page": row.name,
                    "public": row.public,
                    "p50_ms": tenths(row.times.p50),
                    "p99_ms": tenths(row.times.p99),
                    "most_per_second": row.per_second.round(),
                    "of_hello": (row.per_second / m.hello * 1000.0).round() / 1000.0,
                    "processor_us": row.cost_us.map(f64::round),
                    "bytes": row.bytes.round(),
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "figure": slowest.round(),
                "unit": "answers per second of the slowest page for everybody, asked as often as it can answer",
                "bound": m.hello.round(),
                "ratio": (ratio * 1000.0).round() / 1000.0,
                "ok": ok,
                "inputs": {
                    "engine": if load.database.is_some() { "postgres" } else { "sqlite" },
                    "requests_per_second": rate,
                    "seconds": load.seconds,
                    "limit_ms": LIMIT_MS,
                    "requests": m.requests,
                    "failed": failed,
                    "p50_ms": tenths(m.all.p50),
                    "p99_ms": tenths(m.all.p99),
                    "hello_p99_ms": tenths(m.hello_times.p99),
                    "hello_processor_us": m.hello_cost.map(|us| (us * 10.0).round() / 10.0),
                    "memory_pss_bytes": m.memory.0,
                    "memory_rss_bytes": m.memory.1,
                    "pages": pages,
                    "bound_is": "a page of one word by the same HTTP library, in the same run",
                },
            })
        );
    } else {
        println!(
            "{:>8.2} ms p50, {:.2} ms p99 of {} requests, {failed} failed",
            m.all.p50, m.all.p99, m.requests
        );
        println!(
            "{:<22} {:>8} {:>8} {:>9} {:>9} {:>8} {:>8}",
            "page", "p50 ms", "p99 ms", "most/s", "of hello", "cpu us", "bytes"
        );
        let hello = ("(one word)", m.hello_times, m.hello, m.hello_cost, 6.0);
        let pages = m.rows.iter().map(|row| (row.name, row.times, row.per_second, row.cost_us, row.bytes));
        for (name, times, per_second, cost, bytes) in std::iter::once(hello).chain(pages) {
            println!(
                "{name:<22} {:>8.2} {:>8.2} {per_second:>9.0} {:>9.3} {:>8.0} {bytes:>8.0}",
                times.p50,
                times.p99,
                per_second / m.hello,
                cost.unwrap_or(0.0)
            );
        }
        println!("server: {:.1} MiB (PSS)", m.memory.0.unwrap_or(0) as f64 / 1_048_576.0);
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Measured {
    rows: Vec<Row>,
    all: Times,
    requests: usize,
    failed: usize,
    hello: f64,
    hello_cost: Option<f64>,
    hello_times: Times,
    memory: (Option<u64>, Option<u64>),
}

fn measure(ground: &Ground, load: &OpenLoad, rate: f64) -> Result<Measured> {
    let city = city(&ground.root, load.database.as_deref(), 0)?;
    drop(index(&city)?);
    let seen = city.store.write_blocking("bench.visitors", look).map_err(fail)?;
    drop(city);
    let pages = pages(&seen)?;
    let server = Server::serve(&ground.root)?;
    let bare = Server::hello()?;
    let word = [ask("/", None)?];

    // Every address with its page's weight: a page is drawn, then one of its addresses.
    let asks: Vec<Ask> = pages.iter().flat_map(|page| page.asks.iter().cloned()).collect();
    let mut first = 0;
    let places: Vec<(usize, usize)> = pages
        .iter()
        .map(|page| {
            let place = (first, page.asks.len());
            first += place.1;
            place
        })
        .collect();
    let lots: Vec<usize> =
        pages.iter().zip(0..).flat_map(|(page, number)| std::iter::repeat_n(number, page.weight)).collect();
    let mut chance = Chance::seeded(12);
    let mut plan = |seconds: u64| {
        arrivals(&mut chance, rate, Duration::from_secs(seconds), |chance| {
            let (from, count) = places[lots[below(chance, lots.len())]];
            from + below(chance, count)
        })
    };
    open(server.address, &asks, &plan(5))?;
    let answers = open(server.address, &asks, &plan(load.seconds))?;
    let memory = server.memory();
    let same: Vec<(Duration, usize)> =
        plan(load.seconds.min(10)).into_iter().map(|(at, _)| (at, 0)).collect();
    let hello_times = Times::of(open(bare.address, &word, &same)?.iter().map(|answer| answer.took));

    let time = Duration::from_secs(load.most_seconds);
    // The bare page before and after the others: what else runs on the machine changes.
    let (before, hello_cost) = bare.most(&word, time)?;
    let mut rows = Vec::new();
    for (page, (from, count)) in pages.iter().zip(&places) {
        let (most, cost_us) = server.most(&page.asks, time)?;
        let own = answers.iter().filter(|answer| (*from..from + count).contains(&answer.which));
        rows.push(Row {
            name: page.name,
            public: page.public,
            times: Times::of(own.map(|answer| answer.took)),
            per_second: most.per_second,
            cost_us,
            bytes: most.bytes,
            failed: most.failed,
        });
    }
    let (after, _) = bare.most(&word, time)?;
    Ok(Measured {
        rows,
        all: Times::of(answers.iter().map(|answer| answer.took)),
        requests: answers.len(),
        failed: answers.iter().filter(|answer| !answer.good).count(),
        hello: (before.per_second + after.per_second) / 2.0,
        hello_cost,
        hello_times,
        memory,
    })
}

/// Addresses of the city, and visitors who are signed in.
struct Seen {
    offers: Vec<String>,
    orgs: Vec<Id<Org>>,
    regions: Vec<RegionCode>,
    credentials: Vec<String>,
    /// Cookies of residents who have learned something.
    visitors: Vec<String>,
}

fn look(tx: &mut Tx) -> kernel::Result<Seen> {
    // Every third, so that they lie all over the city.
    let offers = catalog::published_after(tx, None, 3 * ADDRESSES)?;
    let offers: Vec<catalog::Offer> = offers.into_iter().step_by(3).collect();
    let mut orgs: Vec<Id<Org>> = offers.iter().map(|offer| offer.org_id).collect();
    orgs.sort_unstable();
    orgs.dedup();
    let city = network::top_region(tx)?.ok_or_else(kernel::Error::missing)?;
    let mut regions = Vec::new();
    for district in network::region_children(tx, &city.code)? {
        let towns = network::region_children(tx, &district.code)?;
        regions.push(district.code);
        regions.extend(towns.into_iter().take(4).map(|town| town.code));
    }
    let credentials: Vec<(String, Id<Person>)> = tx.all(
        sql!("SELECT credential_id, person_id FROM credential_directory ORDER BY credential_id LIMIT $1"),
        params![ADDRESSES as i64],
    )?;
    let mut people: Vec<Id<Person>> = credentials.iter().map(|(_, person)| *person).collect();
    people.sort_unstable();
    people.dedup();
    let visitors = people
        .into_iter()
        .take(VISITORS)
        .map(|person| Ok(format!("session={}", people::open_session(tx, person, "bench")?.token)))
        .collect::<kernel::Result<_>>()?;
    Ok(Seen {
        offers: offers.into_iter().map(|offer| offer.offer_id.to_string()).collect(),
        orgs,
        regions,
        credentials: credentials.into_iter().map(|(id, _)| id).collect(),
        visitors,
    })
}

fn pages(seen: &Seen) -> Result<Vec<Page>> {
    ensure!(!seen.credentials.is_empty() && !seen.visitors.is_empty(), "the city has no certificates");
    let page = |name, weight, paths: Vec<String>| {
        let asks = paths.iter().map(|path| ask(path, None)).collect::<Result<_>>()?;
        anyhow::Ok(Page { name, weight, public: true, asks })
    };
    let each = |stem: &str, names: &mut dyn Iterator<Item = String>| -> Vec<String> {
        names.map(|name| format!("{stem}{name}")).collect()
    };
    let of = |path: &str| vec![path.to_owned()];
    let own = |name, weight, path: &str| {
        let asks = seen.visitors.iter().map(|cookie| ask(path, Some(cookie))).collect::<Result<_>>()?;
        anyhow::Ok(Page { name, weight, public: false, asks })
    };
    Ok(vec![
        page("home", 20, of("/"))?,
        page("search", 20, each("/search?q=", &mut SOUGHT.iter().map(|q| uri_part(q))))?,
        page("offer", 20, each("/offers/", &mut seen.offers.iter().cloned()))?,
        page("organisation", 8, each("/orgs/", &mut seen.orgs.iter().map(ToString::to_string)))?,
        page("region", 8, each("/places/", &mut seen.regions.iter().map(ToString::to_string)))?,
        page("places", 4, of("/places"))?,
        page("figures", 4, of("/figures"))?,
        page("sign-in", 6, of("/sign-in"))?,
        page("credential", 4, each("/credentials/", &mut seen.credentials.iter().cloned()))?,
        own("passport, signed in", 6, "/passport")?,
    ])
}
