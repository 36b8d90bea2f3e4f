//! `/places`: the city, its districts and the way to what is near.

use std::sync::Arc;

use askama::Template;
use network::{Region, counts_by_county, counts_by_kind, region_children, top_region};
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
                let count = by_county.get(&district.code).copied().unwrap_or(0);
                (district, count)
            })
            .collect();
        let counts = counts_by_kind(tx, &city.code)?;
        Ok(Some((city, districts, counts)))
    });
    let (city, districts, by_kind) = match found.await? {
        Some((city, districts, counts)) => (Some(city), districts, counts),
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
