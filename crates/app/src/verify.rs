//! `xuecheng verify`: is everything true?

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use journal::Report;
use seal::TreeHead;
use store::Location;

use crate::{
    city::City,
    cli::Place,
    data_dir::DataDir,
    whole_file::{self, Readers},
};

/// Problems printed one by one; more are only counted.
const PRINTED: usize = 50;
/// The signed head up to which a run found everything true. It lies beside the keys and not in the database, so that who can write
/// into the database cannot set it forward or back.
const KEPT: &str = "verified-head";

/// Checks an installation and prints what was found; with `since_head` only what came after the head that an earlier run found true.
pub fn run(place: &Place, json: bool, since_head: bool) -> Result<ExitCode> {
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-demo"));
    DataDir::existing(&root)?;
    let named = crate::config::database_of(&root)?.or_else(|| place.database.clone());
    if named.is_none() && !root.join("xuecheng.db").is_file() {
        bail!("{} has no database; name one with --database", root.display());
    }
    let city = City::open(&root, place.database.as_deref(), false)?;
    let kept = if since_head { Some(kept_head(&city)?) } else { None };
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{bar:32} {human_pos} of {human_len} facts and records, {per_sec}, {eta} left",
    )?);
    let shown = bar.clone();
    let (key, origin) = (city.sealer.verifying_key(), city.sealer.origin().to_owned());
    let progress: Arc<dyn Fn(i64, i64) + Send + Sync> = Arc::new(move |done, total| {
        shown.set_length(total.max(done).unsigned_abs());
        shown.set_position(done.unsigned_abs());
    });
    let report = city
        .store
        .read_blocking(move |tx| journal::verify_since(tx, &key, &origin, kept.as_ref(), progress.as_ref()))
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("the records cannot be read to the end, which says nothing about whether they are true")?;
    bar.finish_and_clear();
    if report.problems.is_empty() && report.sealed > 0 {
        keep_head(&city, report.sealed)?;
    }
    if json {
        println!("{}", as_json(&report, city.store.location()));
    } else {
        print(&report);
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn kept_head(city: &City) -> Result<TreeHead> {
    let path = city.dir.root().join(KEPT);
    let note = fs::read_to_string(&path).with_context(|| {
        format!("{} cannot be read; run `xuecheng verify` once without --since-head", path.display())
    })?;
    let head = TreeHead::from_note(&note, &city.sealer.verifying_key())
        .with_context(|| format!("{} is no head that this installation signed", path.display()))?;
    if head.origin != city.sealer.origin() {
        bail!("{} is a head of another log, {}", path.display(), head.origin);
    }
    Ok(head)
}

fn keep_head(city: &City, size: i64) -> Result<()> {
    let head = city
        .store
        .read_blocking(move |tx| journal::head_of(tx, size))
        .map_err(|error| anyhow::anyhow!("{error:?}"))?
        .context("the newest head is gone")?;
    let note = city.sealer.note(&head).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    whole_file::replace(&city.dir.root().join(KEPT), &note, Readers::Owner)
}

fn print(report: &Report) {
    println!(
        "{} facts, {} records, {} signed heads; {} facts not sealed yet; {} people erased, with {} old versions of records",
        report.facts, report.rows, report.heads, report.unsealed, report.erasures, report.erased
    );
    for problem in report.problems.iter().take(PRINTED) {
        println!("FALSE {problem}");
    }
    if report.since > 0 {
        println!(
            "Only what came after the first {} facts was checked. Not checked: those facts, records that nothing wrote since, \
             records without a fact, and the sums of the domains. A run without --since-head checks all.",
            report.since
        );
    }
    match report.problems.len() {
        0 if report.since > 0 => println!("green: what was checked is true"),
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
        "full": report.since == 0,
        "since": report.since,
        "facts": report.facts,
        "records": report.rows,
        "heads": report.heads,
        "unsealed": report.unsealed,
        "erasures": report.erasures,
        "erased": report.erased,
        "problems": problems,
    })
    .to_string()
}
