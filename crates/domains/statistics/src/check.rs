//! `verify`: every cell equals its records, both ways, and the city's row of a year is the union of its cells.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Check, Problem};
use kernel::{Id, Month, Org, Result, Timestamp};
use store::{Row, Tx, params, sql};

use crate::cells::{CONSUMER, Cell, from_records, touched, unite_year};

inventory::submit! { Check { name: "figures", run } }

/// Facts read at once.
const BATCH: usize = 500;

type Key = (Id<Org>, Month);

fn problem(record: String, detail: String) -> Problem {
    Problem { check: "figures".to_owned(), record, detail }
}

/// What facts that the projection has not taken yet will change: their records are there already.
#[derive(Default)]
struct Pending {
    cells: BTreeSet<Key>,
    orgs: BTreeSet<Id<Org>>,
}

impl Pending {
    fn find(tx: &mut Tx) -> Result<Self> {
        let mut pending = Self::default();
        let mut pos = journal::position_of(tx, CONSUMER)?;
        loop {
            let facts = journal::facts_after(tx, pos, BATCH)?;
            let Some(last) = facts.last() else { break };
            pos = last.pos;
            for fact in &facts {
                pending.cells.extend(touched(tx, fact)?);
            }
        }
        let unplaced: Vec<(Id<Org>,)> = tx.all(
            sql!(
                "SELECT DISTINCT f.org_id FROM fact_new n JOIN fact f ON f.home = n.home AND f.id = n.fact_id \
                 WHERE f.org_id IS NOT NULL"
            ),
            &[],
        )?;
        pending.orgs = unplaced.into_iter().map(|(org,)| org).collect();
        Ok(pending)
    }

    fn waits(&self, key: &Key) -> bool {
        self.cells.contains(key) || self.orgs.contains(&key.0)
    }

    fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.orgs.is_empty()
    }
}

fn run(tx: &mut Tx) -> Result<Vec<Problem>> {
    let pending = Pending::find(tx)?;
    let certificates = certificates(tx)?;
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    let rows: Vec<Row> = tx.all(
        sql!(
            "SELECT org_id, month, attendances, visitors, minutes, classes, certificates, people FROM figure_cell \
             ORDER BY org_id, month"
        ),
        &[],
    )?;
    for row in rows {
        let key: Key = (row.get(0)?, row.get(1)?);
        known.insert(key);
        if pending.waits(&key) {
            continue;
        }
        let record = format!("figure_cell:{}/{}", key.0, key.1);
        let Ok(told) = Cell::read(&row, 2) else {
            problems.push(problem(record, "its set of people cannot be read".to_owned()));
            continue;
        };
        let (mut counted, unknown) = from_records(tx, key.0, key.1)?;
        counted.certificates = certificates.get(&key).copied().unwrap_or(0);
        if told.counts() != counted.counts() {
            let detail = format!(
                "(attendances, visitors, minutes, classes, certificates) are {:?}, those of the records {:?}",
                told.counts(),
                counted.counts()
            );
            problems.push(problem(record.clone(), detail));
        }
        if !unknown.is_empty() || told.people != counted.people {
            problems.push(problem(record, "its set of people is not that of its records".to_owned()));
        }
    }
    for key in needed(tx)?.into_iter().chain(certificates.into_keys()) {
        if known.insert(key) && !pending.waits(&key) {
            let record = format!("figure_cell:{}/{}", key.0, key.1);
            problems.push(problem(record, "there are records, but no cell".to_owned()));
        }
    }
    if pending.is_empty() {
        let years: BTreeSet<i32> = known.iter().map(|(_, month)| month.year()).collect();
        check_years(tx, years, &mut problems)?;
    }
    Ok(problems)
}

/// Cells that the records of learning ask for.
fn needed(tx: &mut Tx) -> Result<BTreeSet<Key>> {
    let records: Vec<(Id<Org>, Timestamp)> = tx.all(
        sql!(
            "SELECT org_id, occurred_at FROM attendance WHERE status = 'valid' UNION \
             SELECT org_id, occurred_at FROM headcount WHERE status = 'valid' UNION \
             SELECT org_id, ends_at FROM class WHERE status = 'closed'"
        ),
        &[],
    )?;
    Ok(records.into_iter().map(|(org, at)| (org, at.day().month())).collect())
}

/// Valid certificates by cell, from the certificates themselves.
fn certificates(tx: &mut Tx) -> Result<BTreeMap<Key, i64>> {
    let issued: Vec<(Id<Org>, Timestamp)> =
        tx.all(sql!("SELECT org_id, issued_at FROM credential WHERE status = 'valid'"), &[])?;
    let mut counts = BTreeMap::new();
    for (org, at) in issued {
        *counts.entry((org, at.day().month())).or_insert(0) += 1;
    }
    Ok(counts)
}

fn check_years(tx: &mut Tx, years: BTreeSet<i32>, problems: &mut Vec<Problem>) -> Result<()> {
    for year in years {
        let Ok(city) = unite_year(tx, year) else { continue };
        let told: Option<(i64, i64, i64, i64)> = tx.opt(
            sql!("SELECT attendances, visitors, minutes, learners FROM figure_city WHERE year = $1"),
            params![year],
        )?;
        if told != Some((city.attendances, city.visitors, city.minutes, city.learners())) {
            let detail = "the city's row is not the union of the cells of the year".to_owned();
            problems.push(problem(format!("figure_city:{year}"), detail));
        }
    }
    Ok(())
}
