//! What lists of the desk can be narrowed to: organisations and divisions near to those where the reader works.

use kernel::{Actor, Id, Org, RegionCode, Result, Right};
use store::{Tx, params, sql};
use web::{Choice, list::Query};

use crate::{access, org, region, region_children};

/// Organisations of the reader that are gone through; who holds more roles narrows by address or by another list.
const HELD_MAX: usize = 10;
/// Choices of a filter.
const CHOICES_MAX: usize = 100;

/// Choices of the filters `org` and `region` of a list.
#[derive(Debug, Clone, Default)]
pub struct PlaceChoices {
    /// Organisations where the right is held, those directly below them, the chosen one and those directly below it.
    pub orgs: Vec<Choice>,
    /// Divisions directly inside those that these serve, and around the chosen one.
    pub regions: Vec<Choice>,
    /// The organisation that is chosen and within reach.
    pub org: Option<crate::Organisation>,
}

/// Reads them.
///
/// # Errors
/// Those of the store.
pub fn place_choices(tx: &mut Tx, actor: &Actor, right: Right, query: &Query) -> Result<PlaceChoices> {
    let mut found = PlaceChoices::default();
    let mut held = access::held_at(actor, right);
    held.sort_unstable();
    held.dedup();
    held.truncate(HELD_MAX);
    let chosen: Option<Id<Org>> = query.filter_as("org");
    let chosen = match chosen {
        Some(id) if access::may(tx, actor, right, id)? => org(tx, id)?,
        _ => None,
    };
    let mut places: Vec<RegionCode> = query.filter_as("region").into_iter().collect();
    if let Some(code) = places.first()
        && let Some(chosen) = region(tx, code)?
    {
        push(&mut found.regions, &chosen.code, &chosen.name);
    }
    for id in chosen.iter().map(|org| org.org_id).chain(held) {
        let Some(org) = org(tx, id)? else { continue };
        push(&mut found.orgs, org.org_id, &org.name);
        let below: Vec<(Id<Org>, String)> = tx.all(
            sql!(
                "SELECT org_id, name FROM org WHERE parent_id = $1 ORDER BY region_code, name, org_id LIMIT 100"
            ),
            params![id],
        )?;
        below.iter().for_each(|(id, name)| push(&mut found.orgs, id, name));
        places.push(org.region_code);
    }
    for code in &places {
        region_children(tx, code)?
            .iter()
            .for_each(|inside| push(&mut found.regions, &inside.code, &inside.name));
    }
    found.org = chosen;
    Ok(found)
}

fn push(choices: &mut Vec<Choice>, value: impl std::fmt::Display, label: &str) {
    let choice = Choice::new(value, label);
    if choices.len() < CHOICES_MAX && !choices.contains(&choice) {
        choices.push(choice);
    }
}
