//! Rows of state against the newest facts about them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::Ordering,
};

use kernel::Result;
use store::{Row, Statement, Tx, Value, params, sql};

use super::{
    BATCH, Problem,
    claim::{RecordKey, record_key},
    ledger::{Ledger, Vouched},
    piped,
};
use crate::{Table, tables};

/// Records that are named by reading their facts again; more are only counted.
const NAMED: usize = 1_000;

/// All rows of a table.
pub(super) fn table(tx: &mut Tx, table: &Table, ledger: &mut Ledger, progress: &dyn Fn(i64)) -> Result<()> {
    let keys = table.key.join(", ");
    let width = table.key.len();
    let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    let (columns, name) = (table.all_columns(), table.name);
    let first = format!("SELECT {columns} FROM {name} ORDER BY {keys} LIMIT {BATCH}");
    let next = format!(
        "SELECT {columns} FROM {name} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT {BATCH}",
        marks.join(", ")
    );
    let mut done = ledger.report.facts + ledger.report.rows;
    let mut after: Option<Vec<Value>> = None;
    let read = || {
        let rows: Vec<Row> = match &after {
            None => tx.all(Statement::dynamic(first.clone()), &[])?,
            Some(key) => tx.all(Statement::dynamic(next.clone()), key)?,
        };
        let Some(last) = rows.last() else { return Ok(None) };
        after = Some(last.values()[..width].to_vec());
        done += rows.len() as i64;
        progress(done);
        Ok(Some(rows))
    };
    let (vouched, report) = (&ledger.vouched, &mut ledger.report);
    let compared = |rows: Vec<Row>| {
        let problems: Vec<Problem> = rows.iter().filter_map(|row| compare(table, row, vouched)).collect();
        (rows.len() as i64, problems)
    };
    piped(read, compared, |(rows, problems)| {
        report.rows += rows;
        report.problems.extend(problems);
    })
}

/// What is wrong with a row.
fn compare(table: &Table, row: &Row, vouched: &HashMap<RecordKey, Vouched>) -> Option<Problem> {
    let record = table.record_name(row.values());
    let problem = |detail: String| Some(Problem { check: "row".to_owned(), record: record.clone(), detail });
    let Some(known) = vouched.get(&record_key(&record)) else {
        return problem("no fact vouches for this record".to_owned());
    };
    known.seen.store(true, Ordering::Relaxed);
    let pos = known.pos;
    match known.salt.map(|salt| table.digest(&salt, row.values())[..16] == known.digest) {
        Some(true) => None,
        Some(false) => problem(format!("the record differs from what the fact at position {pos} wrote")),
        // An erasure vouches anew for what it leaves; a row that nothing vouches for is not excused by one.
        None => {
            problem(format!("the fact at position {pos} has no salt, so nothing vouches for this record"))
        }
    }
}

/// Records of which the rows are gone.
pub(super) fn gone(tx: &mut Tx, ledger: &mut Ledger) -> Result<()> {
    let mut lost: Vec<(RecordKey, i64)> = ledger
        .vouched
        .iter()
        .filter(|(_, known)| !known.seen.load(Ordering::Relaxed))
        .map(|(key, known)| (*key, known.pos))
        .collect();
    lost.sort_by_key(|(_, pos)| *pos);
    let unnamed = lost.len().saturating_sub(NAMED);
    for (key, pos) in lost.into_iter().take(NAMED) {
        let record = named(tx, key, pos)?;
        let detail = format!("the fact at position {pos} vouches for this record, but it is gone");
        ledger.report.problem("row", record, detail);
    }
    if unnamed > 0 {
        ledger.report.problem("row", "records", format!("{unnamed} more records are gone"));
    }
    Ok(())
}

/// The name of a record, from the fact that vouches for it.
fn named(tx: &mut Tx, key: RecordKey, pos: i64) -> Result<String> {
    let digests: Option<(String,)> = tx.opt(
        sql!("SELECT f.digests FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id WHERE p.pos = $1"),
        params![pos],
    )?;
    let list: Vec<(String, i64, String)> =
        digests.and_then(|(text,)| serde_json::from_str(&text).ok()).unwrap_or_default();
    let found = list.into_iter().map(|(record, ..)| record).find(|record| record_key(record) == key);
    Ok(found.unwrap_or_else(|| format!("record:at {pos}")))
}

/// Only the rows that the facts of this run wrote.
pub(super) fn written(tx: &mut Tx, ledger: &mut Ledger, progress: &dyn Fn(i64, i64)) -> Result<()> {
    let names = ledger.names.take().unwrap_or_default();
    let total = ledger.report.facts + names.len() as i64;
    let mut by_table: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for record in names.values() {
        let (table, key) = record.split_once(':').unwrap_or((record, ""));
        by_table.entry(table).or_default().push(key);
    }
    for (name, keys) in by_table {
        let Some(table) = tables().into_iter().find(|table| table.name == name) else {
            ledger.report.problem("row", name, "facts vouch for a table that this program does not know");
            continue;
        };
        let conditions: Vec<String> =
            table.key.iter().enumerate().map(|(n, column)| format!("{column} = ${}", n + 1)).collect();
        let text = format!("SELECT {} FROM {name} WHERE {}", table.all_columns(), conditions.join(" AND "));
        let sample = format!("SELECT {} FROM {name} LIMIT 1", table.key.join(", "));
        let sample: Option<Row> = tx.opt(Statement::dynamic(sample), &[])?;
        for key in keys {
            let Some(values) = sample.as_ref().and_then(|sample| key_values(sample, key)) else { continue };
            if let Some(row) = tx.opt::<Row>(Statement::dynamic(text.clone()), &values)? {
                ledger.report.rows += 1;
                ledger.report.problems.extend(compare(table, &row, &ledger.vouched));
            }
            progress(ledger.report.facts + ledger.report.rows, total);
        }
    }
    gone(tx, ledger)
}

/// A key as its columns have it: names write numbers as text.
fn key_values(sample: &Row, key: &str) -> Option<Vec<Value>> {
    let parts = key.splitn(sample.values().len(), '/');
    sample
        .values()
        .iter()
        .zip(parts)
        .map(|(column, part)| match column {
            Value::Int(_) => part.parse().ok().map(Value::Int),
            _ => Some(Value::Text(part.to_owned())),
        })
        .collect()
}
