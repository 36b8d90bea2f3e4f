//! `/places/{code}`: a district, street, town or village: its places, what begins there next, its figures, and what is near.

use std::{collections::HashMap, sync::Arc};

use activities::{Coming, Wanted, Within, coming_classes};
use askama::Template;
use catalog::OfferKind;
use kernel::{Day, Error, PageRequest, Paged, RegionCode, Result as Outcome};
use network::{
    OrgFilter, OrgKind, OrgPlace, Organisation, Region, counts_by_child, counts_by_kind, find_orgs_in_region,
    org_of_region, places_in_region, region, region_children_page, region_path, venues_in_region,
};
use store::Tx;
use web::{Choice, Cx, Path, api::json};

use super::{
    COMING_SHOWN, Figures, OPEN_SHOWN, ORGS_A_PAGE, REGIONS_A_PAGE, counts, days_from, distance, events,
    hosts, kinds, map,
};
use crate::near::{Near, nearest, point_of};

/// Days that are looked ahead for the next classes.
const DAYS: i64 = 14;
/// Places drawn on the map at most.
const PLACES_DRAWN: usize = 3_000;
/// Nearest places told where a division has none.
const NEAREST_SHOWN: usize = 5;

struct Loaded {
    region: Region,
    path: Vec<Region>,
    inside: Paged<Region>,
    by_child: HashMap<RegionCode, i64>,
    orgs: Paged<Organisation>,
    by_kind: Vec<(OrgKind, i64)>,
    places: Vec<OrgPlace>,
    coming: Vec<Coming>,
    hosts: HashMap<kernel::Id<kernel::Org>, Organisation>,
    figures: Option<Figures>,
    near: Vec<Near>,
    /// Public venues of the district, and its name.
    venues: Vec<Organisation>,
    district: Option<Region>,
    /// What followed it, and what it followed.
    followers: Vec<(Region, Day)>,
    forerunners: Vec<(Region, Day)>,
}

#[derive(Template)]
#[template(path = "place_region.html")]
struct Page<'a> {
    cx: &'a Cx,
    region: &'a Region,
    path: &'a [Region],
    inside: &'a Paged<Region>,
    by_child: &'a HashMap<RegionCode, i64>,
    orgs: &'a Paged<Organisation>,
    total: i64,
    counts: Vec<(String, String)>,
    kinds: Vec<Choice>,
    filtered: bool,
    map: Option<Arc<str>>,
    coming: &'a [Coming],
    figures: &'a Option<Figures>,
    near: &'a [Near],
    venues: &'a [Organisation],
    /// All that is open in the district, and its name.
    all_open: Option<(String, &'a str)>,
    followers: &'a [(Region, Day)],
    forerunners: &'a [(Region, Day)],
    structured: String,
    address: String,
    summary: String,
}

impl Page<'_> {
    fn children(&self, code: &RegionCode) -> i64 {
        self.by_child.get(code).copied().unwrap_or(0)
    }

    fn names_before(&self) -> String {
        let names: Vec<&str> = self.forerunners.iter().map(|(region, _)| region.name.as_str()).collect();
        names.join(&self.cx.t("place-list-comma"))
    }

    fn far(&self, near: &Near) -> String {
        distance(self.cx, near.metres)
    }
}

/// Shows a division: `?q=…&kind=…&after=…&inside=…`
pub(super) async fn show(cx: Cx, Path(code): Path<String>) -> web::Result {
    // An unreadable code is the code of no place.
    let code: RegionCode = code.parse().map_err(|_| Error::missing())?;
    let filter = OrgFilter { kind: cx.param_as("kind"), search: cx.param("q").to_owned(), closed: false };
    let filtered = filter.kind.is_some() || !filter.search.is_empty();
    let page = |name: &str, size| PageRequest {
        after: Some(cx.param(name).to_owned()).filter(|key| !key.is_empty()),
        size,
    };
    let (of_orgs, of_regions) = (page("after", ORGS_A_PAGE), page("inside", REGIONS_A_PAGE));
    let loaded = cx.store.read(move |tx| load(tx, &code, &filter, &of_orgs, &of_regions)).await?;
    activities::keep_while_unchanged(&cx, loaded.coming.iter().map(|line| &line.class));
    let region = &loaded.region;
    let total = loaded.by_kind.iter().map(|(_, count)| count).sum();
    let address = format!("/places/{}", region.code);
    let summary = cx.t2("place-region-summary", "name", region.name.as_str(), "n", total);
    let around = loaded.path.last().map(|around| {
        let url = cx.absolute(&format!("/places/{}", around.code));
        json!({ "@type": "AdministrativeArea", "name": around.name, "url": url })
    });
    let area = json!({
        "@type": "AdministrativeArea",
        "name": region.name,
        "url": cx.absolute(&address),
        "containedInPlace": around,
    });
    let graph = [vec![area], events(&cx, &loaded.coming, &loaded.hosts)].concat();
    let structured = json!({ "@context": "https://schema.org", "@graph": graph });
    let title = cx.t1("place-map-place", "name", &region.name);
    cx.page(&Page {
        cx: &cx,
        map: map::district(&cx, &region.code, &loaded.places, &title),
        counts: counts(&cx, &loaded.by_kind),
        kinds: kinds(&cx),
        region,
        path: &loaded.path,
        inside: &loaded.inside,
        by_child: &loaded.by_child,
        orgs: &loaded.orgs,
        total,
        filtered,
        coming: &loaded.coming,
        figures: &loaded.figures,
        near: &loaded.near,
        venues: &loaded.venues,
        all_open: loaded.district.as_ref().map(|district| {
            (
                format!("/search?district={}&kind={}", district.code, OfferKind::OpenVenue),
                district.name.as_str(),
            )
        }),
        followers: &loaded.followers,
        forerunners: &loaded.forerunners,
        structured: cx.json_ld(&structured),
        address,
        summary,
    })
}

fn load(
    tx: &mut Tx,
    code: &RegionCode,
    filter: &OrgFilter,
    of_orgs: &PageRequest,
    of_regions: &PageRequest,
) -> Outcome<Loaded> {
    let found = region(tx, code)?.ok_or_else(Error::missing)?;
    let within = Within::Region(code.clone());
    let window = days_from(tx.now(), DAYS);
    let coming = coming_classes(tx, &within, Wanted::default(), window, None, COMING_SHOWN)?;
    let by_kind = counts_by_kind(tx, code)?;
    let near = match point_of(tx, code)?.filter(|_| by_kind.is_empty()) {
        Some(point) => nearest(tx, point, NEAREST_SHOWN)?,
        None => Vec::new(),
    };
    let figures = match org_of_region(tx, code)? {
        Some(org) => Figures::load(tx, &org)?,
        None => None,
    };
    let path = region_path(tx, code)?;
    // Nobody lives without a district around her, but a street has no museum of its own.
    let district = path.iter().chain([&found]).find(|around| around.level == 3).cloned();
    let venues = match &district {
        Some(district) => venues_in_region(tx, &district.code, OPEN_SHOWN)?,
        None => Vec::new(),
    };
    Ok(Loaded {
        path,
        venues,
        district,
        inside: region_children_page(tx, code, of_regions)?,
        by_child: counts_by_child(tx, code)?,
        orgs: find_orgs_in_region(tx, code, filter, of_orgs)?,
        places: places_in_region(tx, code, PLACES_DRAWN)?,
        hosts: hosts(tx, &coming)?,
        followers: network::followers(tx, code)?,
        forerunners: network::forerunners(tx, code)?,
        region: found,
        by_kind,
        coming,
        figures,
        near,
    })
}
