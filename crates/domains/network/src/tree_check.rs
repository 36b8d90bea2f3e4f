//! The tree follows from the parents: a right could be forged in `org_tree`, which no fact vouches for, so `verify`
//! compares it with the parents in `org`, which facts do vouch for.

use std::collections::{BTreeSet, HashMap, HashSet};

use journal::{Check, Problem};
use kernel::{Day, Id, Org, Result};
use store::{Statement, Tx, sql};

use crate::{
    ORG_CHANGE,
    standing::{ChangeRow, OrgChange},
};

journal::inventory::submit! { Check { name: "network.tree", run: check } }
journal::inventory::submit! { Check { name: "network.tree_before", run: check_before } }

fn check(tx: &mut Tx) -> Result<Vec<Problem>> {
    let orgs: Vec<(Id<Org>, Option<Id<Org>>)> = tx.all(sql!("SELECT org_id, parent_id FROM org"), &[])?;
    let parent: HashMap<Id<Org>, Option<Id<Org>>> = orgs.iter().copied().collect();
    let mut expected = BTreeSet::new();
    for (org, _) in &orgs {
        let mut above = Some(*org);
        let mut depth = 0;
        // A ring of parents would never end; no tree is deeper than it has organisations.
        while let Some(ancestor) = above.filter(|_| depth <= orgs.len() as i64) {
            expected.insert((*org, ancestor, depth));
            above = parent.get(&ancestor).copied().flatten();
            depth += 1;
        }
    }
    let stored: BTreeSet<(Id<Org>, Id<Org>, i64)> = tx
        .all::<(Id<Org>, Id<Org>, i64)>(
            sql!("SELECT org_id, ancestor_id, depth FROM org_tree WHERE to_day IS NULL"),
            &[],
        )?
        .into_iter()
        .collect();
    let problem = |(org, ancestor, depth): &(Id<Org>, Id<Org>, i64), detail: &str| Problem {
        check: "network.tree".to_owned(),
        record: format!("org_tree:{org}/{ancestor}"),
        detail: format!("{detail} (depth {depth})"),
    };
    let forged = stored
        .difference(&expected)
        .map(|edge| problem(edge, "no parent of the organisation makes it stand below"));
    let lost = expected
        .difference(&stored)
        .map(|edge| problem(edge, "the organisation stands below, but the tree does not say so"));
    Ok(forged.chain(lost).collect())
}

/// Who stood directly above each organisation, by the changes that facts vouch for.
struct Parents {
    now: HashMap<Id<Org>, Option<Id<Org>>>,
    /// From when which parent, and which one at first; only of those that ever had another.
    before: HashMap<Id<Org>, (Option<Id<Org>>, Vec<(Day, Option<Id<Org>>)>)>,
}

impl Parents {
    fn at(&self, org: Id<Org>, day: Day) -> Option<Id<Org>> {
        let Some((first, since)) = self.before.get(&org) else {
            return self.now.get(&org).copied().flatten();
        };
        since.iter().rev().find(|(from, _)| *from <= day).map_or(*first, |(_, parent)| *parent)
    }

    /// The organisation so many steps above another one on a day.
    fn above(&self, org: Id<Org>, depth: i64, day: Day) -> Option<Id<Org>> {
        (0..depth.min(64)).try_fold(org, |org, _| self.at(org, day))
    }
}

/// The tree of days gone by follows from the changes: figures of before could be forged in it.
fn check_before(tx: &mut Tx) -> Result<Vec<Problem>> {
    let text = format!(
        "SELECT {} FROM org_change WHERE before <> '' ORDER BY org_id, seq",
        ORG_CHANGE.all_columns()
    );
    let rows: Vec<ChangeRow> = tx.all(Statement::dynamic(text), &[])?;
    let orgs: Vec<(Id<Org>, Option<Id<Org>>)> = tx.all(sql!("SELECT org_id, parent_id FROM org"), &[])?;
    let mut parents = Parents { now: orgs.into_iter().collect(), before: HashMap::new() };
    let mut moves = Vec::new();
    for row in rows {
        // A row that cannot be read differs from what its fact vouches for, and that is told elsewhere.
        let Ok(change) = OrgChange::read(row) else { continue };
        let Some(before) = change.before.filter(|before| before.parent_id != change.after.parent_id) else {
            continue;
        };
        let (_, since) = parents.before.entry(change.org_id).or_insert((before.parent_id, Vec::new()));
        // What is decided for a day holds instead of what was to begin on it or later.
        since.retain(|(from, _)| *from < change.effective_on);
        since.push((change.effective_on, change.after.parent_id));
        moves.push((change.org_id, change.effective_on.plus(-1)));
    }
    let ended: Vec<(Id<Org>, Id<Org>, i64, Day, Day)> = tx.all(
        sql!("SELECT org_id, ancestor_id, depth, from_day, to_day FROM org_tree WHERE to_day IS NOT NULL"),
        &[],
    )?;
    let problem = |org: Id<Org>, ancestor: Id<Org>, detail: String| Problem {
        check: "network.tree_before".to_owned(),
        record: format!("org_tree:{org}/{ancestor}"),
        detail,
    };
    let mut problems = Vec::new();
    let mut told: HashSet<(Id<Org>, Day)> = HashSet::new();
    for (org, ancestor, depth, from, to) in &ended {
        for day in [*from, to.plus(-1)] {
            if parents.above(*org, *depth, day) != Some(*ancestor) {
                let detail =
                    format!("on {day} no parent of the organisation made it stand below (depth {depth})");
                problems.push(problem(*org, *ancestor, detail));
                break;
            }
        }
        if *depth == 1 {
            told.insert((*org, to.plus(-1)));
        }
    }
    for (org, day) in moves {
        let Some(parent) = parents.at(org, day) else { continue };
        // A move that was taken back, or decided again for the same day, has its row from the first time.
        let opened: Option<(Day,)> = tx.opt(
            sql!("SELECT from_day FROM org_tree WHERE org_id = $1 AND depth = 0"),
            store::params![org],
        )?;
        if opened.is_some_and(|(opened,)| opened <= day) && !told.contains(&(org, day)) {
            let detail = format!("until {day} the organisation stood there, but the tree does not say so");
            problems.push(problem(org, parent, detail));
        }
    }
    Ok(problems)
}
