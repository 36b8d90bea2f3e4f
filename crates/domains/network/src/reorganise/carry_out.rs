//! Carrying a decision out: everything that was thought through, in one transaction.

use journal::Fact;
use kernel::{Actor, Error, RegionCode, Result};
use people::RoleAt;
use store::{Tx, Value, params};

use super::{Plan, Reorganisation, Status, set};
use crate::{
    FoundOrg, Opening, REGION, REGION_CHANGE, Region, facts,
    found_org::found_as,
    import_regions::values,
    standing::{move_in_tree, restand},
};

/// Rows of divisions that one fact vouches for.
const BATCH: usize = 200;
/// Who gives the roles that go over with the places.
pub(super) const CARRIER: Actor = Actor::System("network.reorganisation");

pub(super) fn carry_out(tx: &mut Tx, actor: &Actor, found: &Reorganisation, plan: &Plan) -> Result<()> {
    divisions(tx, actor, found, plan)?;
    let by = Some(found.reorganisation_id);
    for founding in &plan.founded {
        let above = match founding.after.parent_id {
            Some(parent) => crate::org(tx, parent)?,
            None => None,
        };
        let cmd = FoundOrg {
            kind: founding.kind,
            name: founding.after.name.clone(),
            region_code: founding.after.region_code.clone(),
            parent_id: founding.after.parent_id,
            address: String::new(),
            phone: String::new(),
            hours: String::new(),
            opening: Opening::default(),
            place: None,
            place_note: String::new(),
            opened_on: found.effective_on,
            // What is founded in a city made up for demonstration says so.
            demo: above.is_some_and(|org| org.demo),
        };
        found_as(tx, actor, founding.org_id, &cmd, by)?;
    }
    for change in &plan.changed {
        let both = (&change.before, &change.after);
        restand(tx, actor, (change.org_id, change.rev), both, found.effective_on, by)?;
        if let Some(parent) =
            change.after.parent_id.filter(|_| change.before.parent_id != change.after.parent_id)
        {
            move_in_tree(tx, change.org_id, parent, found.effective_on)?;
        }
    }
    for carried in &plan.carried {
        let cmd = RoleAt { person: carried.person, role: carried.role()?, org: carried.to };
        people::grant_role_within(tx, &CARRIER, &cmd, carried.until, &|_, _, _, _| Ok(()))?;
    }
    let text = serde_json::to_string(&plan.carried).map_err(|e| Error::bug("roles").caused_by(e))?;
    let now = tx.now();
    set(tx, actor, found, Status::Applied, "carried = $2, applied_at = $3", params![text, now])
}

/// Ends, begins and follows divisions.
fn divisions(tx: &mut Tx, actor: &Actor, found: &Reorganisation, plan: &Plan) -> Result<()> {
    for batch in plan.ended.chunks(BATCH) {
        let mut fact = imported(batch.iter().map(|region| region.code.clone()).collect());
        for region in batch {
            end_region(tx, &mut fact, &region.code, Some(found.effective_on))?;
        }
        fact.emit(tx, actor)?;
    }
    for batch in plan.begun.chunks(BATCH) {
        let mut fact = imported(batch.iter().map(|(region, _)| region.code.clone()).collect());
        for (region, was_there) in batch {
            begin_region(tx, &mut fact, region, *was_there)?;
        }
        fact.emit(tx, actor)?;
    }
    for batch in plan.followed.chunks(BATCH) {
        let mut fact = imported(batch.iter().map(|(_, to)| to.clone()).collect());
        for (from, to) in batch {
            let args = params![found.effective_on, found.reorganisation_id, false];
            let set = "effective_on = $1, reorganisation_id = $2, undone = $3";
            // The same may have been decided and taken back before.
            if fact.update(tx, &REGION_CHANGE, params![from, to], set, "undone", args)?.is_none() {
                let row = params![from, to, found.effective_on, found.reorganisation_id, false];
                fact.insert(tx, &REGION_CHANGE, row.to_vec())?;
            }
        }
        fact.emit(tx, actor)?;
    }
    Ok(())
}

pub(super) fn imported(codes: Vec<RegionCode>) -> Fact {
    Fact::new(facts::REGIONS_IMPORTED, "regions").payload(&facts::RegionsImported { codes })
}

pub(super) fn end_region(
    tx: &mut Tx,
    fact: &mut Fact,
    code: &RegionCode,
    on: Option<kernel::Day>,
) -> Result<()> {
    fact.update(tx, &REGION, params![code], "valid_to = $1", "", params![on])?
        .map(|_| ())
        .ok_or_else(Error::missing)
}

fn begin_region(tx: &mut Tx, fact: &mut Fact, region: &Region, was_there: bool) -> Result<()> {
    let mut row = values(region);
    if !was_there {
        row.insert(0, Value::from(&region.code));
        return fact.insert(tx, &REGION, row);
    }
    let set: Vec<String> =
        REGION.columns.iter().zip(1..).map(|(column, number)| format!("{column} = ${number}")).collect();
    fact.update(tx, &REGION, params![&region.code], &set.join(", "), "", &row)?
        .map(|_| ())
        .ok_or_else(Error::missing)
}
