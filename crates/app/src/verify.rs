//! `xuecheng verify`: is everything true?

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use journal::Report;
use store::Location;

use crate::{city::City, cli::Place};

/// Problems printed one by one; more are only counted.
const PRINTED: usize = 50;

/// Checks an installation and prints what was found.
pub fn run(place: &Place, json: bool) -> Result<ExitCode> {
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-demo"));
    if !root.join("keys").is_dir() {
        bail!("{} is no installation: it has no keys; name one with --data", root.display());
    }
    let named = crate::config::database_of(&root)?.or_else(|| place.database.clone());
    if named.is_none() && !root.join("xuecheng.db").is_file() {
        bail!("{} has no database; name one with --database", root.display());
    }
    let city = City::open(&root, place.database.as_deref(), false)?;
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {pos} facts and records checked, {per_sec}")?);
    let shown = bar.clone();
    let (key, origin) = (city.sealer.verifying_key(), city.sealer.origin().to_owned());
    let progress: Arc<dyn Fn(i64) + Send + Sync> = Arc::new(move |n| shown.set_position(n.unsigned_abs()));
    let report = city
        .store
        .read_blocking(move |tx| journal::verify(tx, &key, &origin, progress.as_ref()))
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("the records cannot be read")?;
    bar.finish_and_clear();
    if json {
        println!("{}", as_json(&report, city.store.location()));
    } else {
        print(&report);
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &Report) {
    println!(
        "{} facts, {} records, {} signed heads; {} facts not sealed yet; {} records erased",
        report.facts, report.rows, report.heads, report.unsealed, report.erased
    );
    for problem in report.problems.iter().take(PRINTED) {
        println!("FALSE {problem}");
    }
    match report.problems.len() {
        0 => println!("green: everything is true"),
        n => println!("red: {n} problems"),
    }
}

fn as_json(report: &Report, location: &Location) -> String {
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|p| serde_json::json!({ "check": p.check, "record": p.record, "detail": p.detail }))
        .collect();
    let engine = match location {
        Location::File(_) => "sqlite",
        Location::Server(_) => "postgres",
    };
    serde_json::json!({
        "ok": report.problems.is_empty(),
        "engine": engine,
        "facts": report.facts,
        "records": report.rows,
        "heads": report.heads,
        "unsealed": report.unsealed,
        "erased": report.erased,
        "problems": problems,
    })
    .to_string()
}
