//! Divisions that followed others: addresses and names of before lead on.

use std::collections::HashMap;

use kernel::{Day, Id, Org, RegionCode, Result};
use store::{Tx, params, sql};

use crate::{Region, org_history, read::region};

/// Changes of one organisation that are looked through.
const CHANGES: usize = 50;
/// Reorganisations of one division, one after the other: the bound keeps a damaged table from going round for ever.
const CHAIN: usize = 8;

/// The divisions that this one was followed by, and since when.
///
/// # Errors
/// Those of the store.
pub fn followers(tx: &mut Tx, code: &RegionCode) -> Result<Vec<(Region, Day)>> {
    let rows: Vec<(RegionCode, Day)> = tx.all(
        sql!("SELECT to_code, effective_on FROM region_change WHERE from_code = $1 AND NOT undone ORDER BY to_code"),
        params![code],
    )?;
    regions(tx, rows)
}

/// The divisions that this one followed, and since when.
///
/// # Errors
/// Those of the store.
pub fn forerunners(tx: &mut Tx, code: &RegionCode) -> Result<Vec<(Region, Day)>> {
    let rows: Vec<(RegionCode, Day)> = tx.all(
        sql!("SELECT from_code, effective_on FROM region_change WHERE to_code = $1 AND NOT undone ORDER BY from_code"),
        params![code],
    )?;
    regions(tx, rows)
}

fn regions(tx: &mut Tx, rows: Vec<(RegionCode, Day)>) -> Result<Vec<(Region, Day)>> {
    let mut found = Vec::with_capacity(rows.len());
    for (code, day) in rows {
        found.extend(region(tx, &code)?.map(|region| (region, day)));
    }
    Ok(found)
}

/// The division that a code stands for today: itself, or the one that followed it; `None` if the code never was one.
///
/// # Errors
/// Those of the store.
pub fn valid_region(tx: &mut Tx, code: &RegionCode) -> Result<Option<Region>> {
    let mut found = region(tx, code)?;
    for _ in 0..CHAIN {
        let Some(ended) = found.as_ref().filter(|region| region.valid_to.is_some()) else { break };
        let Some((next, _)) = followers(tx, &ended.code.clone())?.into_iter().next() else { break };
        found = Some(next);
    }
    Ok(found)
}

/// Every division that ended with the valid one that it leads to.
///
/// # Errors
/// Those of the store.
pub fn all_followers(tx: &mut Tx) -> Result<HashMap<RegionCode, RegionCode>> {
    let rows: Vec<(RegionCode, RegionCode)> = tx.all(
        sql!(
            "SELECT c.from_code, c.to_code FROM region_change c JOIN region r ON r.code = c.from_code \
             WHERE NOT c.undone AND r.valid_to IS NOT NULL ORDER BY c.from_code, c.to_code DESC"
        ),
        &[],
    )?;
    let next: HashMap<RegionCode, RegionCode> = rows.into_iter().collect();
    let last = |code: &RegionCode| {
        let mut last = code;
        for _ in 0..CHAIN {
            let Some(to) = next.get(last) else { break };
            last = to;
        }
        last.clone()
    };
    Ok(next.keys().map(|code| (code.clone(), last(code))).collect())
}

/// The divisions that an organisation served before the present one. What was decided and taken back again never was one.
///
/// # Errors
/// Those of the store.
pub fn served_before(tx: &mut Tx, org_id: Id<Org>) -> Result<Vec<Region>> {
    let mut codes: Vec<RegionCode> = org_history(tx, org_id, CHANGES)?
        .into_iter()
        .filter_map(|change| {
            let before = change.before?.region_code;
            (before != change.after.region_code).then_some(before)
        })
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let mut served = Vec::new();
    for code in codes {
        served.extend(region(tx, &code)?.filter(|region| region.valid_to != Some(region.valid_from)));
    }
    Ok(served)
}
