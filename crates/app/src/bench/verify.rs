//! Facts that `verify` checks in a second, against what reading and hashing alone allow.
//!
//! The bound has two parts that may go on side by side, as they do in `verify`: reading the same rows by the same statements and dropping
//! them; and, over bytes of the same lengths in memory, one SHA-256 and two tree nodes for each fact and one HMAC for each row. The slower of
//! the two is as fast as any verification on this machine can be.

use std::{
    fs,
    hint::black_box,
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use activities::SignUp;
use anyhow::{Result, ensure};
use journal::{Sealer, Table, tables};
use kernel::{Actor, Chance, Id, SystemClock};
use seal::{Frontier, SigningKey, keyed_digest, leaf_hash};
use store::{Location, Row, Statement, Store, Value, params};

use super::signups::{fail, open_class};
use crate::city::{consumers, migrations};

/// Sign-ups that one transaction of the preparation makes.
const AT_ONCE: usize = 500;
/// Sign-ups for one class.
const PER_CLASS: usize = 2_000;
/// Rows read at once, as in `verify`.
const BATCH: usize = 2_000;
/// Times that each measurement is repeated. The best counts, for all three alike: what else runs on the machine can only add time.
const ROUNDS: usize = 3;
/// The part of the bound that has to be reached.
const RATIO_MIN: f64 = 0.5;

/// Runs the bench with about this many facts.
pub fn run(json: bool, database: Option<&str>, facts: usize) -> Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("xuecheng-bench-verify-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = measure(database, &folder.join("bench.db"), facts);
    fs::remove_dir_all(&folder)?;
    let m = outcome?;
    let per_second = |seconds: f64| m.facts as f64 / seconds;
    let bound = per_second(m.read.max(m.hash));
    let (figure, ratio) = (per_second(m.verify), per_second(m.verify) / bound);
    let ok = m.green && ratio >= RATIO_MIN;
    if json {
        println!(
            "{}",
            serde_json::json!({
                "figure": figure.round(),
                "unit": "facts verified per second, with the rows that they wrote",
                "bound": bound.round(),
                "ratio": (ratio * 1000.0).round() / 1000.0,
                "ok": ok,
                "inputs": {
                    "engine": if database.is_some() { "postgres" } else { "sqlite" },
                    "facts": m.facts,
                    "records": m.rows,
                    "green": m.green,
                    "rounds": ROUNDS,
                    "verify_seconds": m.verify,
                    "read_seconds": m.read,
                    "hash_seconds": m.hash,
                    "memory_bytes": m.memory,
                    "bound_is": "the slower of reading the same rows and hashing as many bytes, alone, in the same run",
                },
            })
        );
    } else {
        println!("{figure:>10.0} facts per second verified ({} facts, {} records)", m.facts, m.rows);
        println!("{bound:>10.0} per second for reading or hashing alone (ratio {ratio:.2})");
        println!("read {:.2} s, hash {:.2} s, verify {:.2} s; green: {}", m.read, m.hash, m.verify, m.green);
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Measured {
    facts: i64,
    rows: i64,
    green: bool,
    verify: f64,
    read: f64,
    hash: f64,
    /// By how much the process grew while it verified, where the system tells.
    memory: Option<i64>,
}

fn measure(database: Option<&str>, file: &Path, facts: usize) -> Result<Measured> {
    let location = database.map_or_else(|| Location::File(file.to_owned()), Location::parse);
    let store = Store::open(&location, Arc::new(SystemClock), Chance::from_system()).map_err(fail)?;
    store::migrate(&store, &migrations()).map_err(fail)?;
    let sealer = Arc::new(Sealer::new(SigningKey::from_seed(&[1; 32]), "bench"));
    prepare(&store, &sealer, facts)?;
    // Once before the clock runs, to warm the caches; by what the process grows the second time is what a verification keeps.
    let report = verified(&store, &sealer)?;
    let before = forget_peak().and_then(|()| status("VmRSS"));
    verified(&store, &sealer)?;
    let memory = before.zip(status("VmHWM")).map(|(before, peak)| (peak - before).max(0));
    let (mut verify, mut read, mut hash) = (Vec::new(), Vec::new(), Vec::new());
    let mut sizes = Sizes::default();
    for _ in 0..ROUNDS {
        verify.push(timed(|| verified(&store, &sealer).map(|_| ()))?);
        read.push(timed(|| {
            sizes = reading(&store)?;
            Ok(())
        })?);
        hash.push(timed(|| {
            hashing(&sizes);
            Ok(())
        })?);
    }
    ensure!(sizes.facts.len() as i64 == report.facts, "the bound reads other facts than verify");
    ensure!(sizes.rows.len() as i64 == report.rows, "the bound reads other rows than verify");
    Ok(Measured {
        facts: report.facts,
        rows: report.rows,
        green: report.problems.is_empty(),
        verify: best(&verify),
        read: best(&read),
        hash: best(&hash),
        memory,
    })
}

fn best(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().max(Duration::from_micros(1)).as_secs_f64())
}

/// A city's worth of sign-ups, each with its fact, made by the command itself, then sequenced and sealed.
fn prepare(store: &Store, sealer: &Sealer, facts: usize) -> Result<()> {
    for _ in 0..facts.div_ceil(PER_CLASS) {
        let class_id = open_class(store, activities::CAPACITY_MAX)?;
        for _ in 0..PER_CLASS / AT_ONCE {
            store
                .write_blocking("bench.sign_up", move |tx| {
                    for _ in 0..AT_ONCE {
                        let id = Id::random(tx.chance());
                        let actor = Actor::Person { id, grants: Vec::new() };
                        activities::sign_up(tx, &actor, &SignUp { class_id, person_id: id })?;
                    }
                    Ok(())
                })
                .map_err(fail)?;
        }
    }
    journal::drain(store, &consumers()).map_err(fail)?;
    sealer.seal(store).map_err(fail)?;
    Ok(())
}

fn verified(store: &Store, sealer: &Arc<Sealer>) -> Result<journal::Report> {
    let sealer = sealer.clone();
    store
        .read_blocking(move |tx| journal::verify(tx, &sealer.verifying_key(), sealer.origin(), &|_| {}))
        .map_err(fail)
}

/// Bytes of each fact and of each row.
#[derive(Default)]
struct Sizes {
    facts: Vec<usize>,
    rows: Vec<usize>,
}

fn size(row: &Row) -> usize {
    let mut bytes = Vec::with_capacity(512);
    row.values().iter().for_each(|value| value.canonical(&mut bytes));
    bytes.len()
}

fn reading(store: &Store) -> Result<Sizes> {
    store
        .read_blocking(|tx| {
            let mut sizes = Sizes::default();
            let text = format!(
                "SELECT p.pos, f.home, f.id, f.origin, f.subject, f.version, f.actor, f.org_id, f.kind, f.occurred_at, \
                 f.recorded_at, f.payload, f.digests, f.salt, p.leaf, p.fact_id FROM fact_pos p \
                 LEFT JOIN fact f ON f.home = p.home AND f.id = p.fact_id WHERE p.pos > $1 ORDER BY p.pos LIMIT {BATCH}"
            );
            let mut pos = 0;
            loop {
                let rows: Vec<Row> = tx.all(Statement::dynamic(text.clone()), params![pos])?;
                let Some(last) = rows.last() else { break };
                pos = last.get(0)?;
                sizes.facts.extend(rows.iter().map(size));
            }
            for table in tables() {
                read_table(tx, table, &mut sizes)?;
            }
            Ok(sizes)
        })
        .map_err(fail)
}

fn read_table(tx: &mut store::Tx, table: &Table, sizes: &mut Sizes) -> kernel::Result<()> {
    let (keys, width) = (table.key.join(", "), table.key.len());
    let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    let select = format!("SELECT {} FROM {}", table.all_columns(), table.name);
    let order = format!("ORDER BY {keys} LIMIT {BATCH}");
    let mut rows: Vec<Row> = tx.all(Statement::dynamic(format!("{select} {order}")), &[])?;
    let next = format!("{select} WHERE ({keys}) > ({}) {order}", marks.join(", "));
    while let Some(last) = rows.last() {
        let after: Vec<Value> = last.values()[..width].to_vec();
        sizes.rows.extend(rows.iter().map(size));
        rows = tx.all(Statement::dynamic(next.clone()), &after)?;
    }
    Ok(())
}

fn hashing(sizes: &Sizes) {
    let longest = sizes.facts.iter().chain(&sizes.rows).copied().max().unwrap_or(0);
    let bytes = vec![7; longest];
    let mut frontier = Frontier::new();
    for size in &sizes.facts {
        frontier.push(leaf_hash(&bytes[..*size]));
    }
    black_box(frontier.root());
    for size in &sizes.rows {
        black_box(keyed_digest(&[7; 16], &bytes[..*size]));
    }
}

/// A figure of `/proc/self/status`, in bytes.
fn status(name: &str) -> Option<i64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':').trim().strip_suffix(" kB")?.trim().parse::<i64>().ok().map(|kb| kb * 1024)
}

/// Lets the system's note of the largest size of this process begin anew.
fn forget_peak() -> Option<()> {
    fs::write("/proc/self/clear_refs", "5").ok()
}
