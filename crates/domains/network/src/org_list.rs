//! The organisations of a subtree as a list: searched, filtered and sorted.
//!
//! A city has some ten thousand of them. The fitting ones are gathered and sorted for each page: that takes less than keeping an index for
//! each sort would be worth.

use kernel::{Actor, Id, Org, RegionCode, RegionLevel, Result, Right};
use store::{Statement, Tx};
use web::list::{Column, Count, Key, Query, Segment, Slice, Sort, Spec, Where, slice};

use crate::{
    ORG, OrgKind, Organisation,
    access::{self, Scope},
    code_bounds, contains,
};

/// The list of organisations.
pub static ORGS: Spec = Spec {
    name: "orgs",
    columns: &[
        Column::new("name", "network-list-name").by_text(),
        Column::new("region", "network-list-region").by_text(),
        Column::new("level", "network-list-level"),
        Column::new("kind", "network-list-kind").by_text(),
        Column::new("status", "network-list-status"),
        Column::new("offers", "network-list-offers").figures(),
        Column::new("phone", "network-list-phone"),
        Column::new("address", "network-list-address").extra(),
        Column::new("hours", "network-list-hours").extra(),
        Column::new("founded", "network-list-founded").by_number(),
        Column::new("closed", "network-list-closed").by_number().extra(),
        Column::new("links", "network-list-links"),
    ],
    filters: &["level", "kind", "status", "region", "org"],
    sort: "region",
};

/// Words of the filter by level, and what they mean.
pub const LEVELS: [(&str, RegionLevel); 4] = [
    ("city", RegionLevel::Province),
    ("county", RegionLevel::County),
    ("township", RegionLevel::Township),
    ("village", RegionLevel::Village),
];

/// The page of organisations that a query asks for, of those where the actor has the right and below.
///
/// # Errors
/// Those of the store.
pub fn org_lines(tx: &mut Tx, actor: &Actor, right: Right, query: &Query) -> Result<Slice<Organisation>> {
    let scope = access::scope(tx, actor, right, query.filter_as("org"))?;
    let column = match query.sort().key {
        "name" => "name",
        "kind" => "kind",
        "founded" => "opened_on",
        "closed" => "closed_on",
        _ => "region_code",
    };
    let key = |org: &Organisation| match column {
        "name" => Key::text(&org.name, org.org_id),
        "kind" => Key::text(org.kind.as_str(), org.org_id),
        "opened_on" => Key::number(i64::from(org.opened_on.0), org.org_id),
        "closed_on" => Key::number(org.closed_on.map(|day| i64::from(day.0)), org.org_id),
        _ => Key::text(org.region_code.as_str(), org.org_id),
    };
    let gathered =
        if query.sort().sort == Sort::Text { format!("({column} || '')") } else { format!("({column} + 0)") };
    slice(&query.edge, query.descending, column == "closed_on", query.size, key, |segment: Segment| {
        let mut sql = Where::default();
        segment.narrow(&mut sql, &gathered, "org_id");
        narrow(tx, query, &scope, &mut sql);
        let text = format!(
            "SELECT {} FROM org WHERE {} ORDER BY {} LIMIT {}",
            ORG.all_columns(),
            sql.text(),
            segment.order(&gathered, "org_id"),
            segment.limit
        );
        tx.all(Statement::dynamic(text), &sql.args)
    })
}

/// How many organisations a query's filters leave, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_orgs(tx: &mut Tx, actor: &Actor, right: Right, query: &Query, most: i64) -> Result<Count> {
    let scope = access::scope(tx, actor, right, query.filter_as("org"))?;
    let mut sql = Where::default();
    narrow(tx, query, &scope, &mut sql);
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM org WHERE {} LIMIT {}) counted",
        sql.text(),
        most + 1
    );
    let (counted,): (i64,) = tx.one(Statement::dynamic(text), &sql.args)?;
    Ok(Count::bounded(counted, most))
}

fn narrow(tx: &Tx, query: &Query, scope: &Scope, to: &mut Where) {
    scope.narrow(to, "org_id", tx.now().day());
    if let Some(code) = query.filter_as::<RegionCode>("region") {
        let (low, high) = code_bounds(&code);
        to.add("region_code BETWEEN ? AND ?", [low.into(), high.into()]);
    }
    if let Some(kind) = query.filter_as::<OrgKind>("kind") {
        to.add("kind = ?", [kind.into()]);
    }
    match query.filter("status") {
        "open" => to.add("closed_on IS NULL", []),
        "closed" => to.add("closed_on IS NOT NULL", []),
        _ => {}
    }
    // As `RegionCode::level` reads a code: by its trailing zeros.
    match query.filter("level") {
        "city" => to.add("substr(region_code, 5) = '00000000'", []),
        "county" => to.add("substr(region_code, 7) = '000000' AND substr(region_code, 5, 2) <> '00'", []),
        "township" => to.add("substr(region_code, 10) = '000' AND substr(region_code, 7, 3) <> '000'", []),
        "village" => to.add("substr(region_code, 10) <> '000'", []),
        _ => {}
    }
    if !query.q.is_empty() {
        to.add("name LIKE ? ESCAPE '!'", [contains(&query.q).into()]);
    }
}

/// The identifiers of those of some organisations that lie within a scope today.
///
/// # Errors
/// Those of the store.
pub fn within(tx: &mut Tx, scope: &Scope, orgs: &[Id<Org>]) -> Result<Vec<Id<Org>>> {
    if matches!(scope, Scope::Everything) || orgs.is_empty() {
        return Ok(orgs.to_vec());
    }
    let mut sql = Where::default();
    let marks = vec!["?"; orgs.len()].join(", ");
    sql.add(&format!("org_id IN ({marks})"), orgs.iter().map(Into::into));
    scope.narrow(&mut sql, "org_id", tx.now().day());
    let text = format!("SELECT org_id FROM org WHERE {}", sql.text());
    let found: Vec<(Id<Org>,)> = tx.all(Statement::dynamic(text), &sql.args)?;
    Ok(found.into_iter().map(|(org,)| org).collect())
}
