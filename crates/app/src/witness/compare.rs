//! Comparing what witnesses keep with the log of today.

use std::{fmt, fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use journal::Sealer;
use kernel::Kind;
use seal::{TreeHead, verify_consistency};
use serde_json::json;
use store::Tx;

use super::{fail, reach};
use crate::{city::City, cli::Place, data_dir::DataDir};

/// What a kept head says about the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The log of today continues it.
    Continued(TreeHead),
    /// It does not: the sentence says what happened.
    Rewritten(TreeHead, String),
    /// The note is not one that this log signed.
    Foreign(String),
}

/// Compares a head that somebody kept with the log.
///
/// # Errors
/// Those of the store.
pub fn judge(tx: &mut Tx, sealer: &Sealer, note: &str) -> kernel::Result<Verdict> {
    let head = match TreeHead::from_note(note, &sealer.verifying_key()) {
        Ok(head) if head.origin == sealer.origin() => head,
        Ok(head) => return Ok(Verdict::Foreign(format!("it is a head of the log {}", head.origin))),
        Err(error) => return Ok(Verdict::Foreign(error.to_string())),
    };
    let proof = match journal::consistency(tx, head.size, None) {
        Ok(proof) => proof,
        Err(error) if error.kind() == Kind::Invalid => {
            let size = head.size;
            let said = format!("we signed {size} records, and the log has fewer: records were taken away");
            return Ok(Verdict::Rewritten(head, said));
        }
        Err(error) => return Err(error),
    };
    if proof.from_root != head.root {
        let said =
            "the records of then have another root today: history was rewritten, or two histories are shown";
        return Ok(Verdict::Rewritten(head, said.to_owned()));
    }
    let newest = journal::heads(tx, 1)?.pop().ok_or_else(kernel::Error::missing)?;
    let root = newest.root.as_slice().try_into().unwrap_or_default();
    if !verify_consistency(head.size, proof.to, &head.root, &root, &proof.proof) {
        let said = "no proof leads from it to the newest head: the stored tree is not the signed one";
        return Ok(Verdict::Rewritten(head, said.to_owned()));
    }
    Ok(Verdict::Continued(head))
}

/// `xuecheng witness compare`: red if the log of today does not continue every head in these files, folders and addresses.
///
/// # Errors
/// If a file or the records cannot be read.
pub fn compare(place: &Place, kept: &[String], json: bool) -> Result<ExitCode> {
    let city = opened(place)?;
    let mut red = 0;
    let mut told = Vec::new();
    let places = listed(kept)?;
    if places.is_empty() {
        bail!("there is no file in these folders; name the notes that your witnesses keep");
    }
    for place in places {
        let note = place.note()?;
        let sealer = city.sealer.clone();
        let verdict = city.store.read_blocking(move |tx| judge(tx, &sealer, &note)).map_err(fail)?;
        let (word, size, why) = match &verdict {
            Verdict::Continued(head) => ("continued", Some(head.size), String::new()),
            Verdict::Rewritten(head, why) => ("rewritten", Some(head.size), why.clone()),
            Verdict::Foreign(why) => ("foreign", None, why.clone()),
        };
        red += usize::from(word != "continued");
        if json {
            told.push(json!({ "kept": place.to_string(), "verdict": word, "size": size, "detail": why }));
        } else if word == "continued" {
            println!("continued {place} ({} records)", size.unwrap_or_default());
        } else {
            println!("FALSE {word} {place}: {why}");
        }
    }
    if json {
        println!("{}", json!({ "ok": red == 0, "heads": told }));
    } else if red == 0 {
        println!("green: the log continues every head that was kept");
    } else {
        println!("red: {red} heads do not belong to this log as it is today");
    }
    Ok(if red == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where a head is kept.
enum Kept {
    File(PathBuf),
    Url(String),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl Kept {
    fn note(&self) -> Result<String> {
        match self {
            Self::File(path) => fs::read_to_string(path).with_context(|| format!("{self} cannot be read")),
            Self::Url(url) => reach::fetch(url),
        }
    }
}

fn listed(kept: &[String]) -> Result<Vec<Kept>> {
    let mut found = Vec::new();
    for place in kept {
        if reach::is_url(place) {
            found.push(Kept::Url(place.clone()));
            continue;
        }
        let path = PathBuf::from(place);
        if path.is_dir() {
            let mut files = Vec::new();
            for entry in fs::read_dir(&path).with_context(|| format!("{place} cannot be read"))? {
                let path = entry?.path();
                if path.extension().is_some_and(|ending| ending == "note") {
                    files.push(path);
                }
            }
            files.sort();
            found.extend(files.into_iter().map(Kept::File));
        } else {
            found.push(Kept::File(path));
        }
    }
    Ok(found)
}

fn opened(place: &Place) -> Result<City> {
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-data"));
    DataDir::existing(&root)?;
    City::open(&root, place.database.as_deref(), false)
}
