//! The tree follows from the parents: a right could be forged in `org_tree`, which no fact vouches for, so `verify`
//! compares it with the parents in `org`, which facts do vouch for.

use std::collections::{BTreeSet, HashMap};

use journal::{Check, Problem};
use kernel::{Id, Org, Result};
use store::{Tx, sql};

journal::inventory::submit! { Check { name: "network.tree", run: check } }

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
