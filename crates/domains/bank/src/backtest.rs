//! Back-test: whom would a new version of a rule have changed?
//!
//! All deposits that stand are computed again by the new rule, person by person in the order of learning, with its own
//! limits. Nothing is written.

use std::collections::{BTreeMap, HashSet};

use kernel::{Account, Credit, Day, Error, Id, Result};
use store::Tx;

use crate::{Entry, EntryKind, Rule, TransferId, Used, books::each_learners_entry};

/// What a new version would have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backtest {
    /// People with deposits on the days that the rule covers.
    pub people: i64,
    /// Deposits of those days that stand and are not held.
    pub deposits: i64,
    /// What they brought.
    pub credit: Credit,
    /// What they would have brought.
    pub credit_new: Credit,
    /// The accounts whose credit would have been another: account, credit, new credit; the greatest change first.
    pub changed: Vec<(Id<Account>, Credit, Credit)>,
}

/// Computes all deposits of the days that `rule` covers again by it.
pub fn backtest(tx: &mut Tx, rule: &Rule) -> Result<Backtest> {
    let mut report = Backtest::default();
    let mut account = Vec::new();
    each_learners_entry(tx, &mut |entry| {
        if account.first().is_some_and(|first: &Entry| first.account_id != entry.account_id) {
            add_account(rule, &std::mem::take(&mut account), &mut report)?;
        }
        if entry.credit_class == rule.class {
            account.push(entry.clone());
        }
        Ok(())
    })?;
    add_account(rule, &account, &mut report)?;
    report.changed.sort_by_key(|(account, old, new)| (-(new.0 - old.0).abs(), *account));
    Ok(report)
}

fn add_account(rule: &Rule, entries: &[Entry], report: &mut Backtest) -> Result<()> {
    let reversed: HashSet<TransferId> = entries.iter().filter_map(|entry| entry.reverses).collect();
    let stands = |entry: &&Entry| {
        entry.kind == EntryKind::Deposit
            && !entry.held
            && !reversed.contains(&entry.transfer_id)
            && rule.covers(entry.learned_on)
    };
    let mut standing: Vec<&Entry> = entries.iter().filter(stands).collect();
    let Some(first) = standing.first() else { return Ok(()) };
    let account = first.account_id;
    standing.sort_by_key(|entry| (entry.learned_at, entry.entry_id));
    let (mut old, mut new) = (0, 0);
    let mut days: BTreeMap<Day, i64> = BTreeMap::new();
    let mut years: BTreeMap<i16, i64> = BTreeMap::new();
    for entry in &standing {
        let day = days.entry(entry.learned_on).or_default();
        let year = years.entry(entry.learned_on.date().0).or_default();
        let used = Used { day: Credit(*day), year: Credit(*year) };
        let worth = rule
            .apply(entry.grade, entry.minutes, used)
            .ok_or_else(|| Error::bug("the calculation leaves 64 bits"))?;
        *day += worth.credit.0;
        *year += worth.credit.0;
        old += entry.amount.0;
        new += worth.credit.0;
    }
    report.people += 1;
    report.deposits += standing.len() as i64;
    report.credit.0 += old;
    report.credit_new.0 += new;
    if old != new {
        report.changed.push((account, Credit(old), Credit(new)));
    }
    Ok(())
}
