//! Pages of places and organisations, open to everybody. The only part of the crate that knows HTTP.

mod api;
mod map;
mod org;
mod places;

pub use map::CityMap;

use web::{Access, Choice, Cx, Routes};

use crate::OrgKind;

/// Rows of a page of organisations.
const ORGS_A_PAGE: usize = 20;
/// Rows of a page of divisions.
const REGIONS_A_PAGE: usize = 60;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/places", Access::Public, places::city)
        .get("/places/{code}", Access::Public, places::place)
        .get("/orgs", Access::Public, org::search)
        .get("/orgs/{id}", Access::Public, org::page)
        .merge(api::routes())
}

/// The kinds of organisations for a select.
fn kinds(cx: &Cx) -> Vec<Choice> {
    OrgKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key()))).collect()
}

/// How many organisations of each kind, in words.
fn counts(cx: &Cx, counts: &[(OrgKind, i64)]) -> Vec<(String, String)> {
    counts.iter().map(|(kind, count)| (cx.t(&kind.message_key()), cx.number(*count))).collect()
}
