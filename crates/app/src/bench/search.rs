//! Search over HTTP in a city of many offers.
//!
//! Half of the requests ask for the page, half for the API's answer, with the mix of words that people type. The bound is the index alone,
//! asked the same in the same run: what is left of the difference is HTTP, the page, and the free seats from the database.

use std::{
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use ::search::{Query, TermKind};
use anyhow::{Result, ensure};
use kernel::{Chance, uri_part};
use portal::Finder;
use store::Tx;

use super::{
    city::{Ground, city, index},
    load::{Ask, Times, arrivals, ask, below, open},
    server::Server,
    signups::fail,
};
use crate::cli::OpenLoad;

/// Requests a second where nothing else is said.
const RATE: f64 = 100.0;
/// Different queries; more than any cache of answers would keep.
const QUERIES: usize = 4_000;
/// The index alone is asked so often before its times count.
const WARM: usize = 300;

/// Two-character words that people look for.
const SHORT: &str = "书法 国画 太极 合唱 剪纸 手机 舞蹈 瑜伽 摄影 烹饪 茶艺 插花 刺绣 古筝 二胡 葫芦 川剧 红歌 朗诵 诗词 英语 电脑 急救 养生 中医 心理 育儿 亲子 \
    阅读 写作 编程 科普 法律 普法 反诈 消防 理财 电商 直播 种植 养殖 柑橘 花椒 榨菜 辣椒 养蜂 月嫂 家政 护理 电工 焊工 美容 面点 火锅 泡菜 围棋 象棋 乒乓 气功 健身 \
    旅游 红岩 三峡 竹编 陶艺 春联 硬笔 楷书 行书 隶书 水彩 油画 素描 视频 短信 医保 社保 讲座 体验 培训";
/// Longer ones.
const LONG: &str = "智能手机 太极拳 八段锦 广场舞 民族舞 毛笔字 心肺复苏 高血压 糖尿病 家庭教育 垃圾分类 民法典 电信诈骗 手机摄影 短视频 人工智能 老年大学 志愿服务 \
    传统文化 非物质文化遗产 红色故事 巴渝文化 大足石刻 川江号子 蜀绣 夏布 葡萄栽培 农村电商 直播带货 家政服务 养老护理 育婴师 创业培训 就业指导 亲子阅读 少儿编程 \
    硬笔书法 写意花鸟 合唱团 葫芦丝 中式面点 家常菜 应急救护 消防安全 手机支付 预约挂号 普通话 诗词朗诵 读书会 手工编织";
/// Words of time.
const TIMES: [&str; 8] = ["周末", "晚上", "本周", "下周", "周六", "今天", "明天", "周日"];

/// Runs the bench.
pub fn run(json: bool, offers: usize, load: OpenLoad) -> Result<ExitCode> {
    let rate = load.rate.unwrap_or(RATE);
    let ground = Ground::new(load.data.clone());
    let m = measure(&ground, &load, offers, rate)?;
    let limit_ms = if offers < 1_000_000 { 5.0 } else { 30.0 };
    let ok = m.all.p99 < limit_ms && m.failed == 0;
    let ratio = m.alone.p99 / m.all.p99;
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    if json {
        println!(
            "{}",
            serde_json::json!({
                "figure": tenths(m.all.p99),
                "unit": "ms, 99th percentile of a search over HTTP from its planned moment",
                "bound": tenths(m.alone.p99),
                "ratio": (ratio * 1000.0).round() / 1000.0,
                "ok": ok,
                "inputs": {
                    "engine": if load.database.is_some() { "postgres" } else { "sqlite" },
                    "offers": offers,
                    "requests_per_second": rate,
                    "seconds": load.seconds,
                    "limit_ms": limit_ms,
                    "requests": m.requests,
                    "failed": m.failed,
                    "p50_ms": tenths(m.all.p50),
                    "page_p50_ms": tenths(m.page.p50),
                    "page_p99_ms": tenths(m.page.p99),
                    "api_p50_ms": tenths(m.api.p50),
                    "api_p99_ms": tenths(m.api.p99),
                    "index_p50_ms": tenths(m.alone.p50),
                    "index_p99_ms": tenths(m.alone.p99),
                    "queries_with_hits": m.found,
                    "memory_pss_bytes": m.memory.0,
                    "memory_rss_bytes": m.memory.1,
                    "index_bytes": m.index_bytes,
                    "index_seconds": m.index_time.as_secs_f64(),
                    "most_pages_per_second": m.most_pages.round(),
                    "most_api_per_second": m.most_api.round(),
                    "page_processor_us": m.page_cost.map(f64::round),
                    "api_processor_us": m.api_cost.map(f64::round),
                    "bound_is": "the same queries answered by the index alone, one after the other, in the same run",
                },
            })
        );
    } else {
        println!(
            "{:>8.2} ms p50, {:.2} ms p99 of {} searches, {} failed",
            m.all.p50, m.all.p99, m.requests, m.failed
        );
        println!("{:>8.2} ms p50, {:.2} ms p99 for the page", m.page.p50, m.page.p99);
        println!("{:>8.2} ms p50, {:.2} ms p99 for the API", m.api.p50, m.api.p99);
        println!(
            "{:>8.2} ms p50, {:.2} ms p99 for the index alone (ratio {ratio:.2})",
            m.alone.p50, m.alone.p99
        );
        println!("most: {:.0} pages a second, {:.0} answers of the API", m.most_pages, m.most_api);
        println!(
            "index of {offers} offers: {:.1} MiB, made in {:.1} s; server: {:.1} MiB (PSS)",
            mib(m.index_bytes),
            m.index_time.as_secs_f64(),
            mib(m.memory.0.unwrap_or(0))
        );
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn tenths(ms: f64) -> f64 {
    (ms * 100.0).round() / 100.0
}

struct Measured {
    all: Times,
    page: Times,
    api: Times,
    alone: Times,
    requests: usize,
    failed: usize,
    /// Queries of the index alone that found something.
    found: usize,
    memory: (Option<u64>, Option<u64>),
    index_bytes: u64,
    index_time: Duration,
    most_pages: f64,
    most_api: f64,
    page_cost: Option<f64>,
    api_cost: Option<f64>,
}

fn measure(ground: &Ground, load: &OpenLoad, offers: usize, rate: f64) -> Result<Measured> {
    let city = city(&ground.root, load.database.as_deref(), offers)?;
    let (finder, index_time, index_bytes) = index(&city)?;
    let mut chance = Chance::seeded(11);
    let places = city.store.read_blocking(places).map_err(fail)?;
    let queries = queries(&mut chance, &places);
    let (alone, found) = alone(finder, &queries)?;
    drop(city);

    let server = Server::serve(&ground.root)?;
    let page: Vec<Ask> =
        queries.iter().map(|q| ask(&format!("/search?q={}", uri_part(q)), None)).collect::<Result<_>>()?;
    let api: Vec<Ask> = queries
        .iter()
        .map(|q| ask(&format!("/api/v1/search?q={}", uri_part(q)), None))
        .collect::<Result<_>>()?;
    let pages = page.len();
    let asks: Vec<Ask> = page.iter().chain(&api).cloned().collect();
    let plan = |chance: &mut Chance, seconds: u64| {
        arrivals(chance, rate, Duration::from_secs(seconds), |chance| below(chance, asks.len()))
    };
    // Files and caches are warm before it counts.
    open(server.address, &asks, &plan(&mut chance, 5))?;
    let answers = open(server.address, &asks, &plan(&mut chance, load.seconds))?;
    let memory = server.memory();
    let of = |wanted: &dyn Fn(usize) -> bool| {
        Times::of(answers.iter().filter(|answer| wanted(answer.which)).map(|answer| answer.took))
    };
    let time = Duration::from_secs(load.most_seconds);
    let (most_pages, page_cost) = server.most(&page, time)?;
    let (most_api, api_cost) = server.most(&api, time)?;
    Ok(Measured {
        all: of(&|_| true),
        page: of(&|which| which < pages),
        api: of(&|which| which >= pages),
        alone,
        requests: answers.len(),
        failed: answers.iter().filter(|answer| !answer.good).count(),
        found,
        memory,
        index_bytes,
        index_time,
        most_pages: most_pages.per_second,
        most_api: most_api.per_second,
        page_cost,
        api_cost,
    })
}

/// Names of the districts, then of streets and towns.
fn places(tx: &mut Tx) -> kernel::Result<Vec<String>> {
    let city = network::top_region(tx)?.ok_or_else(kernel::Error::missing)?;
    let districts = network::region_children(tx, &city.code)?;
    let mut names: Vec<String> = districts.iter().map(|region| region.name.clone()).collect();
    for district in &districts {
        names.extend(network::region_children(tx, &district.code)?.into_iter().map(|region| region.name));
    }
    Ok(names)
}

/// What people type: 40 % a two-character word, 20 % a longer one, 15 % two words, 17 % a subject and a place, 8 % a subject and a time.
fn queries(chance: &mut Chance, places: &[String]) -> Vec<String> {
    let (short, long): (Vec<&str>, Vec<&str>) =
        (SHORT.split_whitespace().collect(), LONG.split_whitespace().collect());
    let pick = |chance: &mut Chance, words: &[&str]| words[below(chance, words.len())].to_owned();
    (0..QUERIES)
        .map(|_| match below(chance, 100) {
            0..40 => pick(chance, &short),
            40..60 => pick(chance, &long),
            60..75 => format!("{} {}", pick(chance, &short), pick(chance, &short)),
            75..92 => format!("{} {}", pick(chance, &short), places[below(chance, places.len())]),
            _ => format!("{} {}", pick(chance, &TIMES), pick(chance, &short)),
        })
        .collect()
}

/// The index alone: how long the queries take, and how many find something.
fn alone(finder: Finder, queries: &[String]) -> Result<(Times, usize)> {
    let finder = Arc::new(finder);
    let _following = finder.follow()?;
    // The names of places are learned behind; without them the queries would be other ones.
    let begun = Instant::now();
    while !finder
        .search(&Query::text("沙坪坝区"))
        .map_err(fail)?
        .terms
        .iter()
        .any(|term| term.kind == TermKind::Place)
    {
        ensure!(begun.elapsed() < Duration::from_secs(30), "the search does not learn the places");
        thread::sleep(Duration::from_millis(10));
    }
    let (mut times, mut found) = (Vec::with_capacity(queries.len()), 0);
    for (query, number) in queries.iter().zip(0..) {
        let query = Query { limit: 20, ..Query::text(query) };
        let begun = Instant::now();
        let hits = finder.search(&query).map_err(fail)?;
        if number >= WARM {
            times.push(begun.elapsed());
            found += usize::from(hits.total > 0);
        }
    }
    Ok((Times::of(times.into_iter()), found))
}
