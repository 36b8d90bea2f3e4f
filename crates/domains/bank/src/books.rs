//! What `verify` asks of the ledger: the books balance, and every entry is what its rule and its evidence say.

use journal::{Check, Problem, inventory};
use kernel::{Credit, Result};
use store::{Row, Statement, Tx, Value, params, sql};

use crate::{Calculation, Entry, EntryKind, Note, Refusal, Used, model::ENTRY, pack};

/// Entries read at once.
const BATCH: usize = 2_000;
/// Records of one kind that a report names at most; the first of them lead to the cause.
const NAMED: usize = 100;

inventory::submit! { Check { name: "books", run: books } }
inventory::submit! { Check { name: "credit", run: credit } }

/// Sums: each transfer is zero, each balance is the sum of its entries, everything together is zero, and no transfer joins
/// classes, reverses something else than a deposit of its own account, or reverses another amount.
fn books(tx: &mut Tx) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut find =
        |tx: &mut Tx, statement: Statement, table: &str, detail: &dyn Fn(&Row) -> String| -> Result<()> {
            let rows: Vec<Row> = tx.all(statement, &[])?;
            for row in rows.iter().take(NAMED) {
                let key = match (&row.values()[0], table) {
                    (Value::Text(key), table) => format!("{table}:{key}"),
                    (other, table) => format!("{table}:{other:?}"),
                };
                problems.push(Problem { check: "books".to_owned(), record: key, detail: detail(row) });
            }
            Ok(())
        };
    let int = |row: &Row, column: usize| row.get::<i64>(column).unwrap_or_default();
    find(
        tx,
        sql!(
            "SELECT transfer_id, CAST(sum(amount) AS bigint), count(*) FROM entry GROUP BY transfer_id \
             HAVING sum(amount) <> 0 OR count(*) <> 2 ORDER BY transfer_id LIMIT 100"
        ),
        "transfer",
        &|row| format!("{} entries add up to {} and not to 0", int(row, 2), Credit(int(row, 1))),
    )?;
    find(
        tx,
        sql!(
            "SELECT a.account_id, a.balance, CAST(coalesce(e.total, 0) AS bigint) FROM account a \
             LEFT JOIN (SELECT account_id, sum(amount) AS total FROM entry GROUP BY account_id) e \
             ON e.account_id = a.account_id WHERE a.balance <> coalesce(e.total, 0) ORDER BY a.account_id LIMIT 100"
        ),
        "account",
        &|row| {
            format!(
                "the balance {} is not the sum of its entries, {}",
                Credit(int(row, 1)),
                Credit(int(row, 2))
            )
        },
    )?;
    find(
        tx,
        sql!(
            "SELECT e.account_id || '/' || e.entry_id FROM entry e LEFT JOIN account a ON a.account_id = e.account_id \
             AND a.credit_class = e.credit_class WHERE a.account_id IS NULL ORDER BY e.account_id, e.entry_id LIMIT 100"
        ),
        "entry",
        &|_| "it has no account of its class of credit".to_owned(),
    )?;
    find(
        tx,
        sql!(
            "SELECT r.account_id || '/' || r.entry_id FROM entry r LEFT JOIN entry d ON d.account_id = r.account_id \
             AND d.transfer_id = r.reverses AND d.kind = 'deposit' AND d.amount = -r.amount \
             AND d.learned_on = r.learned_on AND d.record_id = r.record_id \
             WHERE (r.kind = 'reversal' AND d.account_id IS NULL) OR (r.kind = 'deposit' AND r.reverses IS NOT NULL) \
             ORDER BY r.account_id, r.entry_id LIMIT 100"
        ),
        "entry",
        &|_| "it does not take back a deposit of its account with the opposite amount".to_owned(),
    )?;
    find(
        tx,
        sql!(
            "SELECT e.account_id || '/' || e.entry_id FROM entry e WHERE NOT EXISTS \
             (SELECT 1 FROM fact f WHERE f.home = e.evidence_home AND f.id = e.evidence_fact) \
             ORDER BY e.account_id, e.entry_id LIMIT 100"
        ),
        "entry",
        &|_| "the fact that is its evidence is gone".to_owned(),
    )?;
    let (all,): (i64,) =
        tx.one(sql!("SELECT CAST(coalesce(sum(balance), 0) AS bigint) FROM account"), &[])?;
    if all != 0 {
        problems.push(Problem {
            check: "books".to_owned(),
            record: "account".to_owned(),
            detail: format!("all balances add up to {} and not to 0", Credit(all)),
        });
    }
    Ok(problems)
}

/// Every deposit is computed again by the rule version that it names.
fn credit(tx: &mut Tx) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    each_learners_entry(tx, &mut |entry| {
        if problems.len() < NAMED
            && let Some(detail) = wrong(entry)?
        {
            let record = format!("entry:{}/{}", entry.account_id, entry.entry_id);
            problems.push(Problem { check: "credit".to_owned(), record, detail });
        }
        Ok(())
    })?;
    Ok(problems)
}

fn wrong(entry: &Entry) -> Result<Option<String>> {
    let text = match (entry.kind, entry.note()) {
        (EntryKind::Reversal, Some(Note::Reversal { .. })) => return Ok(None),
        (EntryKind::Deposit, Some(Note::Deposit(stated))) => {
            let used = Used { day: stated.used_day, year: stated.used_year };
            let computed = match pack::rule_version(&entry.rule_id, entry.rule_version)? {
                Some(rule) if rule.covers(entry.learned_on) && rule.class == entry.credit_class => {
                    rule.apply(entry.grade, entry.minutes, used)
                }
                None if entry.rule_id.is_empty() => Some(Calculation::without_rule(used)),
                _ => {
                    return Ok(Some(format!(
                        "no rule {} {} is in force on its day",
                        entry.rule_id, entry.rule_version
                    )));
                }
            };
            let computed = computed.map(|c| if entry.held { c.all_refused(Refusal::Overlap) } else { c });
            match computed {
                Some(computed) if computed == stated && computed.credit == entry.amount => return Ok(None),
                Some(computed) => format!("it posts {}, its rule gives {}", entry.amount, computed.credit),
                None => "its minutes are out of range".to_owned(),
            }
        }
        _ => "its explanation cannot be read".to_owned(),
    };
    Ok(Some(text))
}

/// Walks over the learners' entries, account by account, in the order of posting.
pub(crate) fn each_learners_entry(tx: &mut Tx, visit: &mut dyn FnMut(&Entry) -> Result<()>) -> Result<()> {
    let (mut account, mut last) = (String::new(), String::new());
    loop {
        let text = format!(
            "SELECT {} FROM entry WHERE note <> '' AND (account_id, entry_id) > ($1, $2) \
             ORDER BY account_id, entry_id LIMIT {BATCH}",
            ENTRY.all_columns()
        );
        let rows: Vec<Entry> = tx.all(Statement::dynamic(text), params![&account, &last])?;
        let Some(end) = rows.last() else { return Ok(()) };
        (account, last) = (end.account_id.to_string(), end.entry_id.to_string());
        for entry in &rows {
            visit(entry)?;
        }
    }
}
