//! Verification: facts against positions, positions against signed roots, rows against facts, and each domain's own sums.

use std::collections::HashMap;

use kernel::Result;
use seal::{Frontier, VerifyingKey, base64url};
use store::{Row, Statement, Tx, Value, params, sql};

use crate::{
    FactId, Table,
    fact::FACT_COLUMNS,
    nodes::Expected,
    sealing::{Head, heads},
    tables,
};

/// Rows read at once.
const BATCH: usize = 2_000;

/// Something that is not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which check found it: `row`, `fact`, `position`, `seal`, or a domain's check.
    pub check: String,
    /// The record that differs: `table:key`, `fact:id`, `head:size`.
    pub record: String,
    /// What is wrong with it.
    pub detail: String,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Facts whose leaf was recomputed.
    pub facts: i64,
    /// Rows compared with their facts.
    pub rows: i64,
    /// Rows whose facts' salts were destroyed on purpose (a person was erased).
    pub erased: i64,
    /// Signed heads checked.
    pub heads: i64,
    /// Facts that no head covers yet.
    pub unsealed: i64,
    /// Everything that is not true. Empty means that all is.
    pub problems: Vec<Problem>,
}

/// A domain's own check: books balance, figures equal records.
pub struct Check {
    /// Its name in reports.
    pub name: &'static str,
    /// Returns what is not true.
    pub run: fn(&mut Tx) -> Result<Vec<Problem>>,
}
inventory::collect!(Check);

/// All checks that domains have listed by `inventory::submit!`.
pub fn checks() -> Vec<&'static Check> {
    let mut checks: Vec<_> = inventory::iter::<Check>().collect();
    checks.sort_by_key(|check| check.name);
    checks
}

impl Report {
    fn problem(&mut self, check: &str, record: impl Into<String>, detail: impl Into<String>) {
        self.problems.push(Problem { check: check.to_owned(), record: record.into(), detail: detail.into() });
    }
}

/// What the newest fact says of a row.
struct Vouched {
    rev: i64,
    digest: String,
    salt: Option<Vec<u8>>,
    fact: FactId,
    seen: bool,
}

/// Checks everything on one consistent view. `progress` hears how many facts and rows are done.
pub fn verify(tx: &mut Tx, key: &VerifyingKey, origin: &str, progress: &dyn Fn(i64)) -> Result<Report> {
    let mut report = Report::default();
    let mut vouched = HashMap::new();
    check_facts(tx, key, origin, &mut report, &mut vouched, progress)?;
    for table in tables() {
        check_rows(tx, table, &mut report, &mut vouched, progress)?;
    }
    for (record, row) in vouched.iter().filter(|(_, row)| !row.seen) {
        let detail = format!("a fact ({}) vouches for this record, but it is gone", row.fact);
        report.problem("row", record, detail);
    }
    for check in checks() {
        match (check.run)(tx) {
            Ok(problems) => report.problems.extend(problems),
            // A record that cannot even be read is a finding; the comparison of rows above has named it.
            Err(error) => {
                report.problem(check.name, "records", format!("the check cannot read them: {error}"))
            }
        }
    }
    Ok(report)
}

fn check_facts(
    tx: &mut Tx,
    key: &VerifyingKey,
    origin: &str,
    report: &mut Report,
    vouched: &mut HashMap<String, Vouched>,
    progress: &dyn Fn(i64),
) -> Result<()> {
    let mut heads: Vec<Head> = heads(tx, i64::MAX)?;
    report.heads = heads.len() as i64;
    let mut frontier = Frontier::new();
    let mut nodes = Expected::default();
    let mut previous_root = frontier.root();
    let mut pos = 0;
    let text = format!(
        "SELECT p.pos, {FACT_COLUMNS}, p.leaf, p.fact_id \
         FROM (SELECT pos, home, fact_id, leaf FROM fact_pos WHERE pos > $1 ORDER BY pos LIMIT {BATCH}) p \
         LEFT JOIN fact f ON f.home = p.home AND f.id = p.fact_id ORDER BY p.pos"
    );
    loop {
        let rows: Vec<Row> = tx.all(Statement::dynamic(text.clone()), params![pos])?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let found: i64 = row.get(0)?;
            let leaf: Vec<u8> = row.get(14)?;
            let id: FactId = row.get(15)?;
            if found != pos + 1 {
                report.problem("position", format!("position:{}", pos + 1), "positions are not dense");
            }
            pos = found;
            let leaf: [u8; 32] = leaf.try_into().unwrap_or_default();
            nodes.push(&mut frontier, leaf);
            report.facts += 1;
            check_fact(row, leaf, id, report, vouched)?;
            if heads.last().is_some_and(|head| head.size == pos)
                && let Some(head) = heads.pop()
            {
                check_head(&head, &frontier, previous_root, key, origin, report);
                previous_root = frontier.root();
                report.unsealed = 0;
            } else {
                report.unsealed += 1;
            }
        }
        progress(report.facts);
    }
    for head in heads {
        report.problem("seal", format!("head:{}", head.size), "the head covers facts that are gone");
    }
    for node in nodes.differences(tx)? {
        report.problem(
            "node",
            node,
            "a stored node of the tree is not what the positions give; proofs from it are false",
        );
    }
    let (lost,): (i64,) = tx.one(
        sql!(
            "SELECT count(*) FROM fact f WHERE NOT EXISTS (SELECT 1 FROM fact_pos p WHERE p.home = f.home AND p.fact_id = f.id) \
             AND NOT EXISTS (SELECT 1 FROM fact_new n WHERE n.home = f.home AND n.fact_id = f.id)"
        ),
        &[],
    )?;
    if lost > 0 {
        report.problem("position", "fact", format!("{lost} facts have no position and wait for none"));
    }
    Ok(())
}

fn check_fact(
    row: Row,
    leaf: [u8; 32],
    id: FactId,
    report: &mut Report,
    vouched: &mut HashMap<String, Vouched>,
) -> Result<()> {
    if row.values()[1] == Value::Null {
        report.problem("fact", format!("fact:{id}"), "the fact is gone, its position is left");
        return Ok(());
    }
    let Ok(fact) = <crate::Recorded as store::FromRow>::from_row(row) else {
        report.problem("fact", format!("fact:{id}"), "the fact cannot be read");
        return Ok(());
    };
    if fact.leaf()? != leaf {
        report.problem("fact", format!("fact:{id}"), format!("the fact about {} was changed", fact.subject));
    }
    let Ok(digests) = fact.digest_list() else {
        report.problem("fact", format!("fact:{id}"), "its list of digests cannot be read");
        return Ok(());
    };
    for (record, rev, digest) in digests {
        let newer = vouched.get(&record).is_none_or(|known| known.rev < rev);
        if newer {
            let row = Vouched { rev, digest, salt: fact.salt.clone(), fact: fact.id, seen: false };
            vouched.insert(record, row);
        }
    }
    Ok(())
}

fn check_head(
    head: &Head,
    frontier: &Frontier,
    previous_root: [u8; 32],
    key: &VerifyingKey,
    origin: &str,
    report: &mut Report,
) {
    let record = format!("head:{}", head.size);
    if head.root != frontier.root() {
        report.problem("seal", &record, "the signed root is not the root of the positions");
    }
    if head.prev_root != previous_root {
        report.problem("seal", &record, "the head does not follow the head before it");
    }
    let signature = head.signature.clone().try_into().ok();
    let signed = head.tree_head(origin).zip(signature).is_some_and(|(text, s)| text.verify(key, &s));
    if !signed {
        report.problem("seal", &record, "the signature does not fit");
    }
}

fn check_rows(
    tx: &mut Tx,
    table: &Table,
    report: &mut Report,
    vouched: &mut HashMap<String, Vouched>,
    progress: &dyn Fn(i64),
) -> Result<()> {
    let keys = table.key.join(", ");
    let width = table.key.len();
    let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    let first = format!("SELECT {} FROM {} ORDER BY {keys} LIMIT {BATCH}", table.all_columns(), table.name);
    let next = format!(
        "SELECT {} FROM {} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT {BATCH}",
        table.all_columns(),
        table.name,
        marks.join(", ")
    );
    let mut rows: Vec<Row> = tx.all(Statement::dynamic(first), &[])?;
    while let Some(last) = rows.last() {
        let after: Vec<Value> = last.values()[..width].to_vec();
        for row in &rows {
            report.rows += 1;
            check_row(table, row, report, vouched);
        }
        progress(report.facts + report.rows);
        rows = tx.all(Statement::dynamic(next.clone()), &after)?;
    }
    Ok(())
}

fn check_row(table: &Table, row: &Row, report: &mut Report, vouched: &mut HashMap<String, Vouched>) {
    let record = table.record_name(row.values());
    let Some(known) = vouched.get_mut(&record) else {
        report.problem("row", record, "no fact vouches for this record");
        return;
    };
    known.seen = true;
    match &known.salt {
        None => report.erased += 1,
        Some(salt) => {
            let fits = base64url(&table.digest(salt, row.values())) == known.digest;
            if !fits {
                let detail = format!("the record differs from what fact {} wrote", known.fact);
                report.problem("row", record, detail);
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}: {}", self.check, self.record, self.detail)
    }
}
