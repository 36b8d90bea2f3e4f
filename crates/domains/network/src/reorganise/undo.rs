//! Taking a decision back: every place stands as it stood before, if nothing was built upon it since.

use std::collections::HashMap;

use kernel::{Actor, Error, Id, Org, RegionCode, Result};
use people::RoleAt;
use store::{Statement, Tx, params, sql};

use super::{
    ReorganisationId, Status,
    carry_out::{CARRIER, end_region, imported},
    locked, set,
};
use crate::{
    HAS_CHILDREN, ORG_CHANGE, REGION_CHANGE, Standing,
    standing::{ChangeRow, OrgChange, move_in_tree, restand},
};

kernel::codes! {
    /// It was not carried out, or was taken back before.
    pub NOT_APPLIED = Conflict "network.not_applied";
    /// An organisation, `name`, was changed again since; that has to be taken back first.
    pub CHANGED_SINCE = Conflict "network.changed_since";
    /// A division that would end is served by an organisation, `name`, that came later.
    pub REGION_IN_USE = Conflict "network.region_in_use";
}

/// Takes a reorganisation back as a whole, with effect from its own day: it is as if it had never been. What was founded is closed; roles that went
/// over are taken, unless they ended before.
///
/// # Errors
/// As [`super::reorganisation`]; `network.not_applied`; `network.changed_since`, `network.has_children` and `network.region_in_use` where
/// something was built upon it.
pub fn undo(tx: &mut Tx, actor: &Actor, id: ReorganisationId) -> Result<()> {
    let found = locked(tx, actor, id)?;
    if found.status != Status::Applied {
        return Err(Error::new(&NOT_APPLIED));
    }
    let text = format!(
        "SELECT {} FROM org_change WHERE reorganisation_id = $1 ORDER BY org_id, seq",
        ORG_CHANGE.all_columns()
    );
    let rows: Vec<ChangeRow> = tx.all(Statement::dynamic(text), params![id])?;
    let changes = rows.into_iter().map(OrgChange::read).collect::<Result<Vec<_>>>()?;
    let mut parents: HashMap<Id<Org>, Option<Id<Org>>> = tx
        .all::<(Id<Org>, Option<Id<Org>>)>(sql!("SELECT org_id, parent_id FROM org"), &[])?
        .into_iter()
        .collect();
    for change in &changes {
        if let Some(before) = &change.before {
            parents.insert(change.org_id, before.parent_id);
        }
    }
    let (mut back, mut founded) = (Vec::new(), Vec::new());
    for change in changes {
        let org = crate::org(tx, change.org_id)?.ok_or_else(Error::missing)?;
        let now = Standing::from(&org);
        if now != change.after {
            return Err(Error::new(&CHANGED_SINCE).arg("name", &org.name));
        }
        match change.before {
            Some(before) => back.push((depth(&parents, before.parent_id), org.org_id, org.rev, now, before)),
            None => founded.push((org.org_id, org.rev, now)),
        }
    }
    // What will stand higher goes first, so that nothing is ever put below itself on the way.
    back.sort_by_key(|(depth, org, ..)| (*depth, *org));
    for (_, org, rev, now, before) in &back {
        restand(tx, actor, (*org, *rev), (now, before), found.effective_on, Some(id))?;
        if let Some(parent) = before.parent_id.filter(|_| before.parent_id != now.parent_id) {
            move_in_tree(tx, *org, parent, found.effective_on)?;
        }
    }
    // Several may have been founded, one below the other: the lowest is closed first.
    founded.sort_by_key(|(org, _, now)| (std::cmp::Reverse(depth(&parents, now.parent_id)), *org));
    for (org, rev, now) in &founded {
        let (open,): (i64,) = tx.one(
            sql!("SELECT count(*) FROM org WHERE parent_id = $1 AND closed_on IS NULL"),
            params![*org],
        )?;
        if open > 0 {
            return Err(Error::new(&HAS_CHILDREN).arg("n", open));
        }
        let after = Standing { closed_on: Some(found.effective_on), ..now.clone() };
        restand(tx, actor, (*org, *rev), (now, &after), found.effective_on, Some(id))?;
    }
    divisions(tx, actor, id, found.effective_on)?;
    let carried = found.carried()?;
    for one in carried {
        let cmd = RoleAt { person: one.person, role: one.role()?, org: one.to };
        people::revoke_role_within(tx, &CARRIER, &cmd, &|_, _, _, _| Ok(()))?;
    }
    let now = tx.now();
    set(tx, actor, &found, Status::Undone, "undone_at = $2", params![now])
}

fn depth(parents: &HashMap<Id<Org>, Option<Id<Org>>>, mut org: Option<Id<Org>>) -> usize {
    let mut depth = 0;
    while let Some(above) = org.filter(|_| depth < 64) {
        (org, depth) = (parents.get(&above).copied().flatten(), depth + 1);
    }
    depth
}

/// Divisions that began end on the day on which they began; those that ended go on.
fn divisions(tx: &mut Tx, actor: &Actor, id: ReorganisationId, on: kernel::Day) -> Result<()> {
    let followed: Vec<(RegionCode, RegionCode)> = tx.all(
        sql!("SELECT from_code, to_code FROM region_change WHERE reorganisation_id = $1 AND NOT undone ORDER BY from_code"),
        params![id],
    )?;
    for batch in followed.chunks(100) {
        let mut fact = imported(batch.iter().map(|(from, _)| from.clone()).collect());
        for (from, to) in batch {
            fact.update(tx, &REGION_CHANGE, params![from, to], "undone = $1", "", params![true])?;
            end_region(tx, &mut fact, from, None)?;
        }
        fact.emit(tx, actor)?;
    }
    let mut begun: Vec<RegionCode> = Vec::new();
    for (_, to) in &followed {
        // One that was there before goes on, and one that another decision leads to as well.
        let began: Option<(i64,)> = tx.opt(
            sql!(
                "SELECT 1 FROM region WHERE code = $1 AND valid_from = $2 AND valid_to IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM region_change WHERE to_code = $1 AND NOT undone)"
            ),
            params![to, on],
        )?;
        if began.is_some() && !begun.contains(to) {
            begun.push(to.clone());
        }
    }
    for batch in begun.chunks(100) {
        let mut fact = imported(batch.to_vec());
        for code in batch {
            let used: Option<(String,)> = tx.opt(
                sql!("SELECT name FROM org WHERE region_code = $1 AND closed_on IS NULL LIMIT 1"),
                params![code],
            )?;
            if let Some((name,)) = used {
                return Err(Error::new(&REGION_IN_USE).arg("name", name));
            }
            end_region(tx, &mut fact, code, Some(on))?;
        }
        fact.emit(tx, actor)?;
    }
    Ok(())
}
