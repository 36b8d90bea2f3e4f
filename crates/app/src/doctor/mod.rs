//! `xuecheng doctor`: what is wrong with an installation, and how to mend it.
//!
//! It looks and changes nothing: no migration, no key, no index is made by it. Each check has a test that makes the fault for
//! real, sees it found, mends it as told, and sees it gone.

mod database;
mod journal;
mod machine;
mod place;

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use serde::Serialize;

use crate::{
    cli::Place,
    config::{self, Found},
};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// Works, but will not always.
    Warn,
    /// A fault.
    Bad,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Stable dotted name of the check.
    pub check: &'static str,
    /// How it ended.
    pub state: State,
    /// What was seen.
    pub found: String,
    /// How to mend it; empty if nothing is wrong.
    pub mend: String,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Report(Vec<Finding>);

impl Report {
    fn good(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(check, State::Good, found.into(), String::new());
    }

    fn warn(&mut self, check: &'static str, found: impl Into<String>, mend: impl Into<String>) {
        self.add(check, State::Warn, found.into(), mend.into());
    }

    fn bad(&mut self, check: &'static str, found: impl Into<String>, mend: impl Into<String>) {
        self.add(check, State::Bad, found.into(), mend.into());
    }

    fn add(&mut self, check: &'static str, state: State, found: String, mend: String) {
        self.0.push(Finding { check, state, found, mend });
    }

    fn is_well(&self) -> bool {
        self.0.iter().all(|finding| finding.state != State::Bad)
    }
}

/// Looks at everything and prints it.
///
/// # Errors
/// None: what cannot be looked at is a finding.
pub fn run(file: Option<&Path>, place: &Place, json: bool) -> Result<ExitCode> {
    let mut report = Report::default();
    match config::find(file, place.data.as_deref(), place.database.as_deref()) {
        Ok(found) => examine(&mut report, &found),
        Err(error) => {
            report.bad(
                "configuration",
                format!("{error:#}"),
                "change what is named, as `xuecheng config --print` explains it",
            );
        }
    }
    if json {
        println!("{}", serde_json::json!({ "ok": report.is_well(), "findings": report.0 }));
    } else {
        print(&report);
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn examine(report: &mut Report, found: &Found) {
    match (&found.file, found.config.validate_city()) {
        (None, _) => report.warn(
            "configuration",
            format!("there is no {} in {}", config::FILE, found.data.display()),
            "name the file with --config, or write one from `xuecheng config --print`",
        ),
        (Some(_), Err(error)) => report.bad("configuration", format!("{error:#}"), "set what is named"),
        (Some(file), Ok(())) => report.good("configuration", file.display().to_string()),
    }
    machine::examine(report, found);
    if !place::directory(report, &found.data) {
        return;
    }
    let keys = place::keys(report, &found.data);
    place::disk(report, found);
    let Some(store) = database::examine(report, found) else { return };
    if !database::schema(report, &store) {
        return;
    }
    if let Some(keys) = keys {
        journal::keys(report, &store, &keys);
    }
    journal::examine(report, &store);
    journal::witnesses(report, &store, found);
    journal::index(report, &store, &found.data);
}

fn print(report: &Report) {
    for finding in &report.0 {
        let state = match finding.state {
            State::Good => "good",
            State::Warn => "WARN",
            State::Bad => "BAD ",
        };
        println!("{state}  {:<22}  {}", finding.check, finding.found);
        if !finding.mend.is_empty() {
            println!("{:28}  mend: {}", "", finding.mend);
        }
    }
    let count = |state: State| report.0.iter().filter(|finding| finding.state == state).count();
    println!(
        "{} checks good, {} warnings, {} faults",
        count(State::Good),
        count(State::Warn),
        count(State::Bad)
    );
}
