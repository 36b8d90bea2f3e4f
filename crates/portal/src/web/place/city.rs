//! `/places`: the city, its districts and the way to what is near.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use network::{OrgKind, Region, counts_by_county, region_children, top_region};
use web::{Choice, Cx};

use super::{counts, kinds, map};

#[derive(Template)]
#[template(path = "place_city.html")]
struct Page {
    cx: Cx,
    city: Option<Region>,
    districts: Vec<(Region, i64)>,
    counts: Vec<(String, String)>,
    kinds: Vec<Choice>,
    map: Option<Arc<str>>,
}

/// Shows the city.
pub(super) async fn show(cx: Cx) -> web::Result {
    let found = cx.store.read(|tx| {
        let Some(city) = top_region(tx)? else { return Ok(None) };
        let by_county = counts_by_county(tx)?;
        let districts: Vec<(Region, i64)> = region_children(tx, &city.code)?
            .into_iter()
            .map(|district| {
                let count = by_county.get(&district.code).into_iter().flatten().map(|(_, count)| count).sum();
                (district, count)
            })
            .collect();
        let mut counts: BTreeMap<OrgKind, i64> = BTreeMap::new();
        for (kind, count) in by_county.into_values().flatten() {
            *counts.entry(kind).or_default() += count;
        }
        Ok(Some((city, districts, counts)))
    });
    let (city, districts, by_kind) = match found.await? {
        Some((city, districts, counts)) => (Some(city), districts, counts.into_iter().collect()),
        None => (None, Vec::new(), Vec::new()),
    };
    cx.page(&Page {
        map: map::city(&cx, &districts),
        counts: counts(&cx, &by_kind),
        kinds: kinds(&cx),
        cx: cx.clone(),
        city,
        districts,
    })
}
