//! Founding an organisation.
//!
//! The tree has any depth: four levels in one city, five in another. So a kind prescribes no parent; only the first
//! organisation of a city has none, and the program alone founds it. Whoever manages the network of the parent founds
//! organisations below it.

use journal::Fact;
use kernel::{Actor, Code, Day, Error, FieldError, Id, Org, RegionCode, Result, Right};
use store::{Tx, params, sql};

use crate::{ORG, Opening, OrgKind, ReorganisationId, Standing, access, facts, standing::note_change};

kernel::codes! {
    /// There is no region with this code.
    pub NO_REGION = Invalid "network.no_region";
    /// There is no such organisation to stand above the new one.
    pub NO_PARENT = Invalid "network.no_parent";
    /// The organisation above is closed.
    pub PARENT_CLOSED = Conflict "network.parent_closed";
    /// A position lies outside of −180…180 and −90…90 degrees.
    pub BAD_PLACE = Invalid "network.bad_place";
}

/// An organisation to be founded.
#[derive(Debug, Clone)]
pub struct FoundOrg {
    /// What it is.
    pub kind: OrgKind,
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// The division that it serves.
    pub region_code: RegionCode,
    /// The organisation above it; only the program founds one without.
    pub parent_id: Option<Id<Org>>,
    /// Street address, at most 120 characters; may be empty.
    pub address: String,
    /// Telephone, at most 40 characters; may be empty.
    pub phone: String,
    /// What is to be said of the opening hours in words, at most 120 characters; may be empty.
    pub hours: String,
    /// When it is open.
    pub opening: Opening,
    /// Longitude and latitude, WGS 84.
    pub place: Option<(f64, f64)>,
    /// What to know of the position (示意 = schematic), at most 40 characters; empty if it was measured.
    pub place_note: String,
    /// First day; may lie in the past.
    pub opened_on: Day,
    /// Made for demonstration.
    pub demo: bool,
}

/// Founds an organisation and gives it its place in the tree.
pub fn found_org(tx: &mut Tx, actor: &Actor, cmd: &FoundOrg) -> Result<Id<Org>> {
    match (cmd.parent_id, actor) {
        (Some(parent), _) => access::require(tx, actor, Right::ManageNetwork, parent)?,
        (None, Actor::System(_)) => {}
        (None, Actor::Nobody) => return Err(Error::new(&kernel::SIGN_IN)),
        (None, Actor::Person { .. } | Actor::Helper { .. }) => return Err(Error::denied()),
    }
    check(tx, cmd)?;
    cmd.opening.check("opening")?;
    let org_id = tx.new_id();
    found_as(tx, actor, org_id, cmd, None)?;
    Ok(org_id)
}

/// Founds what was checked, under this identifier.
pub(crate) fn found_as(
    tx: &mut Tx,
    actor: &Actor,
    org_id: Id<Org>,
    cmd: &FoundOrg,
    by: Option<ReorganisationId>,
) -> Result<()> {
    let payload = facts::OrgFounded {
        org_id,
        kind: cmd.kind,
        region_code: cmd.region_code.clone(),
        parent_id: cmd.parent_id,
    };
    let mut fact =
        Fact::new(facts::ORG_FOUNDED, org_id).at(org_id).occurred(cmd.opened_on.start()).payload(&payload);
    let row = params![
        org_id,
        cmd.kind,
        cmd.name.trim(),
        &cmd.region_code,
        cmd.parent_id,
        cmd.address.trim(),
        cmd.phone.trim(),
        cmd.hours.trim(),
        &cmd.opening,
        cmd.place.map(|(lon, _)| lon),
        cmd.place.map(|(_, lat)| lat),
        cmd.place_note.trim(),
        cmd.demo,
        cmd.opened_on,
        None::<Day>,
        ""
    ];
    fact.insert(tx, &ORG, row.to_vec())?;
    if by.is_some() {
        let after = Standing {
            name: cmd.name.trim().to_owned(),
            region_code: cmd.region_code.clone(),
            parent_id: cmd.parent_id,
            closed_on: None,
            successor: None,
        };
        note_change(tx, &mut fact, org_id, 1, (None, &after), cmd.opened_on, by)?;
    }
    fact.emit(tx, actor)?;
    // What is prepared for a later opening is managed from today.
    let from = cmd.opened_on.min(tx.now().day());
    place_in_tree(tx, org_id, cmd.parent_id, from)
}

/// Everything above the parent is above the organisation, but not before it was above the parent.
fn place_in_tree(tx: &mut Tx, org: Id<Org>, parent: Option<Id<Org>>, from: Day) -> Result<()> {
    tx.exec_later(
        sql!(
            "INSERT INTO org_tree (org_id, ancestor_id, from_day, depth) \
             SELECT CAST($1 AS text), CAST($1 AS text), CAST($3 AS bigint), 0 UNION ALL \
             SELECT CAST($1 AS text), ancestor_id, CASE WHEN from_day > $3 THEN from_day ELSE $3 END, depth + 1 \
             FROM org_tree WHERE org_id = $2 AND to_day IS NULL"
        ),
        params![org, parent, from],
    )?;
    Ok(())
}

fn check(tx: &mut Tx, cmd: &FoundOrg) -> Result<()> {
    let mut wrong = Vec::new();
    check_texts(
        &mut wrong,
        &[
            ("name", &cmd.name, NAME_MAX, true),
            ("address", &cmd.address, 120, false),
            ("phone", &cmd.phone, 40, false),
            ("hours", &cmd.hours, 120, false),
            ("place_note", &cmd.place_note, 40, false),
        ],
    );
    let mut note = |field: &str, code: &'static Code| {
        wrong.push(FieldError { field: field.to_owned(), code, args: Vec::new() });
    };
    if cmd.place.is_some_and(|place| !is_on_earth(place)) {
        note("place", &BAD_PLACE);
    }
    let region: Option<(i64,)> =
        tx.opt(sql!("SELECT 1 FROM region WHERE code = $1"), params![&cmd.region_code])?;
    if region.is_none() {
        note("region_code", &NO_REGION);
    }
    if let Some(parent) = cmd.parent_id {
        let closed: Option<(Option<Day>,)> =
            tx.opt(sql!("SELECT closed_on FROM org WHERE org_id = $1"), params![parent])?;
        match closed {
            None => note("parent_id", &NO_PARENT),
            Some((Some(_),)) => return Err(Error::new(&PARENT_CLOSED)),
            Some((None,)) => {}
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Longest name of an organisation, in characters.
pub(crate) const NAME_MAX: usize = 60;

/// Notes texts that are longer than so many characters, and those that are empty but must not be:
/// `(field, text, max, required)`.
pub fn check_texts(wrong: &mut Vec<FieldError>, texts: &[(&str, &str, usize, bool)]) {
    for (field, text, max, required) in texts {
        let length = text.trim().chars().count();
        if length > *max {
            let args = vec![("max", max.to_string()), ("length", length.to_string())];
            wrong.push(FieldError { field: (*field).to_owned(), code: &kernel::TOO_LONG, args });
        } else if length == 0 && *required {
            wrong.push(FieldError { field: (*field).to_owned(), code: &kernel::REQUIRED, args: Vec::new() });
        }
    }
}

/// Whether it is a longitude and a latitude.
pub(crate) fn is_on_earth((lon, lat): (f64, f64)) -> bool {
    (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
}
