//! Mixed load without a pause: memory, files and the journal grow with what is kept, and with nothing else.
//!
//! `./test` makes a few rounds; `./test long` goes on for 25 minutes and prints what it saw.

#![expect(clippy::disallowed_methods, reason = "./test says by the environment whether it may take hours")]

use std::{fs, path::Path, time::Instant};

use crate::{
    durability::{
        killed::{broken, caught_up, half_done, verified},
        town::{Crowd, Promise, Town},
    },
    kit::On,
};

/// Seconds of load under `./test long`, and otherwise.
const LONG: u64 = 25 * 60;
const SHORT: u64 = 12;
/// Bytes that the write-ahead log of SQLite stays below: it is written back at 4,000 pages, and grows beyond while somebody reads.
const LOG_MAX: u64 = 64 << 20;
/// Mebibytes of memory that are no growth: what a rush of requests takes for a while, and pages that a database of this size lets be kept
/// (SQLite keeps up to 64 MiB for each of three connections).
const SLACK_MIB: u64 = 128;

/// What a look at the process showed.
#[derive(Debug, Clone, Copy)]
struct Look {
    seconds: u64,
    acknowledged: usize,
    memory_mib: u64,
    open_files: usize,
    threads: u64,
    /// Kibibytes of the database, of its log, and of the search index.
    database: u64,
    log: u64,
    index: u64,
}

fn size(path: &Path) -> u64 {
    let Ok(meta) = fs::metadata(path) else { return 0 };
    if !meta.is_dir() {
        return meta.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

fn status(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn goes_on(on: On) {
    let town = Town::founded(on);
    let serving = town.ground.serve(&[]);
    let pid = serving.child.id();
    let seconds = if std::env::var_os("XUECHENG_TEST_LONG").is_some() { LONG } else { SHORT };
    let store = town.ground.store();
    let (mut all, mut looks): (Vec<Promise>, Vec<Look>) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    let mut round = 0;
    while begun.elapsed().as_secs() < seconds || round < 2 {
        round += 1;
        let act = town.act(&store, round);
        let crowd = Crowd::starts(&serving, &town, &act, false);
        all.extend(crowd.ends());
        let data = town.ground.data();
        let look = Look {
            seconds: begun.elapsed().as_secs(),
            acknowledged: all.len(),
            memory_mib: status(pid, "VmRSS") >> 10,
            open_files: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count(),
            threads: status(pid, "Threads"),
            database: size(&data.join("xuecheng.db")) >> 10,
            log: size(&data.join("xuecheng.db-wal")) >> 10,
            index: size(&data.join("index")) >> 10,
        };
        if looks.last().is_none_or(|last: &Look| look.seconds >= last.seconds + seconds / 25) {
            println!("{on:?} {look:?}");
            looks.push(look);
        }
    }
    caught_up(&store);
    assert_eq!(broken(&store, &all), Vec::<String>::new(), "promises that were not kept");
    assert_eq!(half_done(&store), Vec::<String>::new());
    verified(&town);
    println!("{on:?}: {round} rounds, {} promises in {} s", all.len(), begun.elapsed().as_secs());
    let (first, last) = (looks[looks.len() / 3], looks[looks.len() - 1]);
    assert!(last.memory_mib <= first.memory_mib + SLACK_MIB, "memory grows: {first:?} {last:?}");
    assert!(last.open_files <= first.open_files + 64, "open files grow: {first:?} {last:?}");
    assert!(last.threads <= first.threads + 16, "threads grow: {first:?} {last:?}");
    assert!(last.log << 10 <= LOG_MAX, "the log grows: {last:?}");
    // Each acknowledged command leaves some rows, facts and words; both engines keep the index in files.
    let each = (last.database + last.index) / last.acknowledged as u64;
    assert!(each < 64, "{each} KiB are kept for each command: {last:?}");
}

#[test]
fn under_load_without_a_pause_nothing_grows_but_the_record_on_sqlite() {
    goes_on(On::Sqlite);
}

#[test]
fn under_load_without_a_pause_nothing_grows_but_the_record_on_postgres() {
    goes_on(On::Postgres);
}
