//! The city and its divisions.

use std::sync::Arc;

use askama::Template;
use kernel::{Error, PageRequest, Paged, RegionCode};
use web::{Choice, Cx, Path};

use super::{ORGS_A_PAGE, REGIONS_A_PAGE, counts, kinds, map};
use crate::{
    OrgFilter, Organisation, Region, counts_by_county, counts_by_kind, find_orgs_in_region, region,
    region_children, region_children_page, region_path, top_region,
};

#[derive(Template)]
#[template(path = "places.html")]
struct CityPage {
    cx: Cx,
    city: Option<Region>,
    districts: Vec<(Region, i64)>,
    counts: Vec<(String, String)>,
    kinds: Vec<Choice>,
    map: Option<Arc<str>>,
}

/// `/places`
pub(super) async fn city(cx: Cx) -> web::Result {
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
    cx.page(&CityPage {
        map: map::city(&cx, &districts),
        counts: counts(&cx, &by_kind),
        kinds: kinds(&cx),
        cx: cx.clone(),
        city,
        districts,
    })
}

#[derive(Template)]
#[template(path = "place.html")]
struct PlacePage {
    cx: Cx,
    region: Region,
    path: Vec<Region>,
    inside: Paged<Region>,
    orgs: Paged<Organisation>,
    counts: Vec<(String, String)>,
    kinds: Vec<Choice>,
    filtered: bool,
    map: Option<Arc<str>>,
}

/// `/places/{code}?q=…&kind=…&after=…&inside=…`
pub(super) async fn place(cx: Cx, Path(code): Path<String>) -> web::Result {
    // An unreadable code is the code of no place.
    let code: RegionCode = code.parse().map_err(|_| Error::missing())?;
    let filter = OrgFilter { kind: cx.param_as("kind"), search: cx.param("q").to_owned(), closed: false };
    let filtered = filter.kind.is_some() || !filter.search.is_empty();
    let page = |name: &str, size| PageRequest {
        after: Some(cx.param(name).to_owned()).filter(|key| !key.is_empty()),
        size,
    };
    let (of_orgs, of_regions) = (page("after", ORGS_A_PAGE), page("inside", REGIONS_A_PAGE));
    let read = cx.store.read(move |tx| {
        let found = region(tx, &code)?.ok_or_else(Error::missing)?;
        let path = region_path(tx, &code)?;
        let inside = region_children_page(tx, &code, &of_regions)?;
        let orgs = find_orgs_in_region(tx, &code, &filter, &of_orgs)?;
        let counts = counts_by_kind(tx, &code)?;
        Ok((found, path, inside, orgs, counts))
    });
    let (region, path, inside, orgs, by_kind) = read.await?;
    let title = cx.t1("network-map-place", "name", &region.name);
    cx.page(&PlacePage {
        map: map::district(&cx, &region.code, &orgs.rows, &title),
        counts: counts(&cx, &by_kind),
        kinds: kinds(&cx),
        cx: cx.clone(),
        region,
        path,
        inside,
        orgs,
        filtered,
    })
}
