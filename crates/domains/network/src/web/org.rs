//! Organisations: one, and all by name.

use std::sync::Arc;

use askama::Template;
use kernel::{Error, Id, Org, PageRequest, Paged};
use web::{Choice, Cx, Path};

use super::{ORGS_A_PAGE, counts, kinds, map};
use crate::{
    OrgFilter, Organisation, Region, ancestors, counts_by_kind_below, find_children, org, region,
    region_path, search_orgs,
};

#[derive(Template)]
#[template(path = "org.html")]
struct OrgPage {
    cx: Cx,
    org: Organisation,
    above: Vec<Organisation>,
    region: Option<Region>,
    region_path: Vec<Region>,
    below: Paged<Organisation>,
    counts: Vec<(String, String)>,
    has_below: bool,
    kinds: Vec<Choice>,
    filtered: bool,
    map: Option<Arc<str>>,
}

/// `/orgs/{id}?q=…&kind=…&after=…`
pub(super) async fn page(cx: Cx, Path(id): Path<Id<Org>>) -> web::Result {
    let (filter, wanted) = asked(&cx);
    let filtered = filter.kind.is_some() || !filter.search.is_empty();
    let read = cx.store.read(move |tx| {
        let found = org(tx, id)?.ok_or_else(Error::missing)?;
        let above = ancestors(tx, id)?;
        let place = region(tx, &found.region_code)?;
        let path = region_path(tx, &found.region_code)?;
        let below = find_children(tx, id, &filter, &wanted)?;
        let counts = counts_by_kind_below(tx, id)?;
        Ok((found, above, place, path, below, counts))
    });
    let (org, above, region, region_path, below, mut by_kind) = read.await?;
    // The organisation itself is no organisation below it.
    if org.is_open()
        && let Some((_, count)) = by_kind.iter_mut().find(|(kind, _)| *kind == org.kind)
    {
        *count -= 1;
    }
    by_kind.retain(|(_, count)| *count > 0);
    let title = cx.t1("network-map-org", "name", &org.name);
    cx.page(&OrgPage {
        map: map::district(&cx, &org.region_code, std::slice::from_ref(&org), &title)
            .filter(|_| org.lon.is_some()),
        counts: counts(&cx, &by_kind),
        has_below: !by_kind.is_empty(),
        kinds: kinds(&cx),
        cx: cx.clone(),
        org,
        above,
        region,
        region_path,
        below,
        filtered,
    })
}

#[derive(Template)]
#[template(path = "orgs.html")]
struct OrgsPage {
    cx: Cx,
    orgs: Paged<Organisation>,
    kinds: Vec<Choice>,
}

/// `/orgs?q=…&kind=…&after=…`
pub(super) async fn search(cx: Cx) -> web::Result {
    let (filter, wanted) = asked(&cx);
    let orgs = cx.store.read(move |tx| search_orgs(tx, &filter, &wanted)).await?;
    cx.page(&OrgsPage { kinds: kinds(&cx), cx: cx.clone(), orgs })
}

fn asked(cx: &Cx) -> (OrgFilter, PageRequest) {
    let after = Some(cx.param("after").to_owned()).filter(|key| !key.is_empty());
    let filter = OrgFilter { kind: cx.param_as("kind"), search: cx.param("q").to_owned(), closed: false };
    (filter, PageRequest { after, size: ORGS_A_PAGE })
}
