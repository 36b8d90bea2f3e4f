//! Verification: facts against positions, positions against signed roots, rows against facts, and each domain's own sums.
//!
//! One thread reads, some hash what stands by itself, one puts it together. Of each record that a fact vouches for, the newest digest is kept in memory in some 70 bytes;
//! everything else passes by.

mod claim;
mod ledger;
mod rows;

use std::{sync::mpsc, thread};

use kernel::{Error, Kind, Result};
use seal::{Frontier, TreeHead, VerifyingKey};
use store::{Row, Statement, Tx, params, sql};

use crate::{Head, fact::FACT_COLUMNS, head_of, head_pos, tables};
use claim::Entry;
use ledger::Ledger;

/// Rows read at once.
const BATCH: usize = 2_000;
/// Batches that may wait before and behind each helper.
const WAITING: usize = 2;
/// Threads at most that work out what each fact says; reading is slower than four of them.
const HELPERS_MAX: usize = 4;

/// Something that is not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which check found it: `row`, `fact`, `position`, `seal`, `node`, or a domain's check.
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
    /// Old versions of rows whose digests mean nothing any more, because a person was erased. What is left of the rows is checked.
    pub erased: i64,
    /// People erased.
    pub erasures: i64,
    /// Signed heads checked.
    pub heads: i64,
    /// Facts that no head covers yet.
    pub unsealed: i64,
    /// Size of the head after which the check began; 0 for a full one.
    pub since: i64,
    /// Size of the newest head that was checked.
    pub sealed: i64,
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

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {}: {}", self.check, self.record, self.detail)
    }
}

/// Checks everything on one consistent view. `progress` hears how many facts and rows are done.
///
/// # Errors
/// `store.unavailable` if the records cannot be read to the end: that says nothing about whether they are true.
pub fn verify(tx: &mut Tx, key: &VerifyingKey, origin: &str, progress: &dyn Fn(i64)) -> Result<Report> {
    verify_since(tx, key, origin, None, &|done, _| progress(done))
}

/// As [`verify`], with `progress` hearing how many are done of how many. With a head that was found true before, only what came after it
/// is looked at: the facts and heads after it, and the rows that these facts wrote. Not looked at are then older facts, rows that
/// nothing wrote since, rows without facts, stored nodes, and the sums of the domains.
///
/// # Errors
/// As [`verify`].
pub fn verify_since(
    tx: &mut Tx,
    key: &VerifyingKey,
    origin: &str,
    since: Option<&TreeHead>,
    progress: &dyn Fn(i64, i64),
) -> Result<Report> {
    looked(tx, key, origin, since, progress).map_err(|error| {
        // What the database refused to read was not found false; it was not found at all.
        if error.kind() == Kind::Unavailable {
            Error::new(&store::UNAVAILABLE).caused_by(error)
        } else {
            error
        }
    })
}

fn looked(
    tx: &mut Tx,
    key: &VerifyingKey,
    origin: &str,
    since: Option<&TreeHead>,
    progress: &dyn Fn(i64, i64),
) -> Result<Report> {
    let mut ledger = Ledger::new(key, origin, since.is_some());
    if let Some(kept) = since
        && !begin_after(tx, kept, &mut ledger)?
    {
        return Ok(ledger.report);
    }
    let from = ledger.pos();
    let mut rows = 0;
    if since.is_none() {
        for table in tables() {
            let count = Statement::dynamic(format!("SELECT count(*) FROM {}", table.name));
            rows += tx.one::<(i64,)>(count, &[])?.0;
        }
        // If all is true there are as many digests as rows, and their table is made once instead of growing again and again.
        ledger.vouched.reserve(usize::try_from(rows).unwrap_or_default());
    }
    let total = head_pos(tx)? - from + rows;
    facts(tx, from, &mut ledger, &|done| progress(done, total))?;
    if since.is_some() {
        rows::written(tx, &mut ledger, progress)?;
        return Ok(ledger.report);
    }
    for node in ledger.wrong_nodes(tx)? {
        let detail = "a stored node of the tree is not what the positions give; proofs from it are false";
        ledger.report.problem("node", node, detail);
    }
    for table in tables() {
        rows::table(tx, table, &mut ledger, &|done| progress(done, total))?;
    }
    rows::gone(tx, &mut ledger)?;
    let mut report = ledger.report;
    for check in checks() {
        match (check.run)(tx) {
            Ok(problems) => report.problems.extend(problems),
            // Nothing more can be read, and what was not read cannot be said to be false.
            Err(error) if tx.is_broken() => return Err(Error::new(&store::UNAVAILABLE).caused_by(error)),
            // A record that cannot even be read is a finding; the comparison of rows above has named it.
            Err(error) => {
                report.problem(check.name, "records", format!("the check cannot read them: {error}"))
            }
        }
    }
    Ok(report)
}

/// Takes up where an earlier run ended; `false` if the head that it found true is not ours any more.
fn begin_after(tx: &mut Tx, kept: &TreeHead, ledger: &mut Ledger) -> Result<bool> {
    let size = i64::try_from(kept.size).unwrap_or(i64::MAX);
    let frontier = head_of(tx, size)?
        .filter(|head| head.root == kept.root)
        .and_then(|head| Frontier::from_bytes(&head.frontier).ok())
        .filter(|frontier| frontier.root() == kept.root && frontier.size() == kept.size);
    let Some(frontier) = frontier else {
        let detail = "a head that was found true before is gone or has another root: history was rewritten";
        ledger.report.problem("seal", format!("head:{size}"), detail);
        return Ok(false);
    };
    ledger.begin(frontier);
    Ok(true)
}

/// Reads on this thread while several prepare what was read and one works with it, in the order of the reading.
fn piped<T: Send, P: Send>(
    mut read: impl FnMut() -> Result<Option<T>>,
    prepare: impl Fn(T) -> P + Sync,
    mut work: impl FnMut(P) + Send,
) -> Result<()> {
    let helpers = thread::available_parallelism().map_or(1, usize::from).min(HELPERS_MAX);
    thread::scope(|scope| {
        let (mut inputs, mut outputs, mut threads) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..helpers {
            let (input, given) = mpsc::sync_channel(WAITING);
            let (done, output) = mpsc::sync_channel(WAITING);
            let prepare = &prepare;
            // Who does not take the result any more has panicked; joining tells.
            threads.push(scope.spawn(move || {
                let _ = given.into_iter().map(prepare).try_for_each(|prepared| done.send(prepared));
            }));
            inputs.push(input);
            outputs.push(output);
        }
        // Batches go to the helpers in turn and are fetched from them in turn: the order keeps itself, and the first that has none
        // is the end.
        threads.push(scope.spawn(move || {
            outputs.iter().cycle().map_while(|output| output.recv().ok()).for_each(&mut work);
        }));
        let mut turns = inputs.iter().cycle();
        let outcome = loop {
            match read() {
                Ok(Some(batch)) => {
                    if turns.next().is_none_or(|input| input.send(batch).is_err()) {
                        break Ok(());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        drop(inputs);
        for thread in threads {
            thread.join().map_err(|_| Error::bug("a thread of the verification panicked"))?;
        }
        outcome
    })
}

fn facts(tx: &mut Tx, from: i64, ledger: &mut Ledger, progress: &dyn Fn(i64)) -> Result<()> {
    let text = format!(
        "SELECT p.pos, {FACT_COLUMNS}, p.leaf, p.fact_id \
         FROM (SELECT pos, home, fact_id, leaf FROM fact_pos WHERE pos > $1 ORDER BY pos LIMIT {BATCH}) p \
         LEFT JOIN fact f ON f.home = p.home AND f.id = p.fact_id ORDER BY p.pos"
    );
    let (mut at, mut done) = (from, 0);
    let read = || {
        let rows: Vec<Row> = tx.all(Statement::dynamic(text.clone()), params![at])?;
        let Some(last) = rows.last() else { return Ok(None) };
        let last: i64 = last.get(0)?;
        let heads: Vec<Head> = tx.all(
            sql!(
                "SELECT size, root, prev_root, at, key_id, signature, frontier FROM seal_head \
                 WHERE size > $1 AND size <= $2 ORDER BY size"
            ),
            params![at, last],
        )?;
        at = last;
        done += rows.len() as i64;
        progress(done);
        Ok(Some((rows, heads)))
    };
    let named = ledger.names.is_some();
    let prepare = |(rows, heads): (Vec<Row>, Vec<Head>)| {
        (rows.into_iter().map(|row| Entry::read(row, named)).collect::<Vec<_>>(), heads)
    };
    piped(read, prepare, |(entries, heads)| ledger.take(entries, heads))?;
    waiting(tx, ledger)?;
    ledger.settle_erasures();
    let beyond: Vec<(i64,)> =
        tx.all(sql!("SELECT size FROM seal_head WHERE size > $1 ORDER BY size LIMIT 1000"), params![at])?;
    for (size,) in beyond {
        ledger.report.problem("seal", format!("head:{size}"), "the head covers facts that are gone");
    }
    let (lost,): (i64,) = tx.one(
        sql!(
            "SELECT count(*) FROM fact f WHERE NOT EXISTS (SELECT 1 FROM fact_pos p WHERE p.home = f.home AND p.fact_id = f.id) \
             AND NOT EXISTS (SELECT 1 FROM fact_new n WHERE n.home = f.home AND n.fact_id = f.id)"
        ),
        &[],
    )?;
    if lost > 0 {
        ledger.report.problem("position", "fact", format!("{lost} facts have no position and wait for none"));
    }
    Ok(())
}

/// Beside a program that serves, and after one that was killed, some facts have no position yet.
fn waiting(tx: &mut Tx, ledger: &mut Ledger) -> Result<()> {
    let text = format!(
        "SELECT 0, {FACT_COLUMNS}, NULL, n.fact_id \
         FROM (SELECT home, fact_id FROM fact_new WHERE (home, fact_id) > ($1, $2) ORDER BY home, fact_id LIMIT {BATCH}) n \
         JOIN fact f ON f.home = n.home AND f.id = n.fact_id ORDER BY n.home, n.fact_id"
    );
    let mut after = (String::new(), String::new());
    loop {
        let rows: Vec<Row> = tx.all(Statement::dynamic(text.clone()), params![&after.0, &after.1])?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.get(1)?, last.get(15)?);
        ledger.take_waiting(rows);
    }
}
