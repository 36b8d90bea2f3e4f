//! How long a proof takes in a log of many facts: `cargo run --release -p journal --example proofs -- [LEAVES] [DATABASE URL]`.
//!
//! The leaves are bare: proofs read nothing else. Without a URL it uses a SQLite file in the temporary folder.

use std::{process::ExitCode, sync::Arc, time::Instant};

use journal::Sealer;
use kernel::{Chance, Result, SystemClock};
use seal::{SigningKey, leaf_hash, verify_consistency, verify_inclusion};
use store::{Location, Store, Value, sql};

/// Leaves that one transaction writes.
const AT_ONCE: i64 = 50_000;
/// Proofs of each kind.
const PROOFS: u64 = 2_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let leaves: i64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let file = std::env::temp_dir().join(format!("xuecheng-proofs-{}.db", std::process::id()));
    let location = arguments.next().map_or_else(|| Location::File(file.clone()), |url| Location::parse(&url));
    let outcome = measure(&location, leaves);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn measure(location: &Location, leaves: i64) -> Result<()> {
    let store = Store::open(location, Arc::new(SystemClock), Chance::from_system())?;
    store::migrate(&store, &[store::MIGRATIONS, journal::MIGRATIONS])?;
    let began = Instant::now();
    let mut at = 0;
    while at < leaves {
        let (from, to) = (at, leaves.min(at + AT_ONCE));
        store.write_blocking("leaves", move |tx| {
            let rows: Vec<Vec<Value>> = (from..to)
                .map(|n| {
                    let leaf = leaf_hash(&n.to_be_bytes()).to_vec();
                    vec![(n + 1).into(), "home".into(), format!("{n:032x}").into(), leaf.into()]
                })
                .collect();
            tx.insert_many("INSERT INTO fact_pos (pos, home, fact_id, leaf) VALUES", &rows)
        })?;
        at = to;
    }
    println!("{leaves} leaves written in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let size = Sealer::new(SigningKey::from_seed(&[1; 32]), "bench").seal(&store)?.unsigned_abs();
    println!("sealed in {:.1} s", began.elapsed().as_secs_f64());
    let (nodes,): (i64,) = store.read_blocking(|tx| tx.one(sql!("SELECT count(*) FROM seal_node"), &[]))?;
    println!("{nodes} nodes stored");

    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for n in 0..PROOFS {
        // Places far from each other, so that no run of rows serves twice.
        let index = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % size;
        let began = Instant::now();
        let found = store.read_blocking(move |tx| journal::inclusion(tx, index, Some(size)))?;
        inclusion.push(began.elapsed().as_secs_f64() * 1e3);
        let leaf = leaf_hash(&index.to_be_bytes());
        assert!(verify_inclusion(&leaf, index, size, &found.proof, &found.root), "leaf {index}");
        let began = Instant::now();
        let found = store.read_blocking(move |tx| journal::consistency(tx, index, Some(size)))?;
        consistency.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(
            verify_consistency(index, size, &found.from_root, &found.to_root, &found.proof),
            "size {index}"
        );
    }
    for (kind, mut times) in [("inclusion", inclusion), ("consistency", consistency)] {
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        println!("{kind}: median {:.2} ms, 99 % {:.2} ms, of {PROOFS}, each checked", at(0.5), at(0.99));
    }
    Ok(())
}
