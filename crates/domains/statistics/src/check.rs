//! `verify`: every cell equals its records, both ways.

use std::collections::BTreeSet;

use journal::{Check, Problem};
use kernel::{Id, Month, Org, Result, Timestamp};
use store::{Tx, sql};

use crate::cells::{from_records, unpack};

inventory::submit! { Check { name: "figures", run } }

fn problem(org: Id<Org>, month: Month, detail: String) -> Problem {
    Problem { check: "figures".to_owned(), record: format!("figure_cell:{org}/{month}"), detail }
}

fn run(tx: &mut Tx) -> Result<Vec<Problem>> {
    // Facts that the projection has not taken yet are in the records already.
    if journal::position_of(tx, "statistics.figures")? < journal::head_pos(tx)? {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    let cells: Vec<(Id<Org>, Month, i64, i64, i64, Vec<u8>)> = tx.all(
        sql!("SELECT org_id, month, attendances, visitors, minutes, people FROM figure_cell ORDER BY org_id, month"),
        &[],
    )?;
    for (org, month, attendances, visitors, minutes, people) in cells {
        known.insert((org, month));
        let (cell, unknown) = from_records(tx, org, month)?;
        let told = (attendances, visitors, minutes);
        let counted = (cell.attendances, cell.visitors, cell.minutes);
        if told != counted {
            problems.push(problem(org, month, format!("the cell says {told:?}, its records {counted:?}")));
        }
        if !unknown.is_empty() || unpack(&people).ok().as_ref() != Some(&cell.people) {
            problems.push(problem(org, month, "its set of people is not that of its records".to_owned()));
        }
    }
    let records: Vec<(Id<Org>, Timestamp)> = tx.all(
        sql!(
            "SELECT org_id, occurred_at FROM attendance WHERE status = 'valid' UNION \
             SELECT org_id, occurred_at FROM headcount WHERE status = 'valid'"
        ),
        &[],
    )?;
    let needed: BTreeSet<_> = records.into_iter().map(|(org, at)| (org, at.day().month())).collect();
    for (org, month) in needed.difference(&known) {
        problems.push(problem(*org, *month, "there are records, but no cell".to_owned()));
    }
    Ok(problems)
}
