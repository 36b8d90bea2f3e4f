//! `/orgs/{id}`: an organisation, from the city's guidance centre to a village's learning centre; `/orgs`: all by name.

use std::{collections::HashMap, sync::Arc};

use activities::{Coming, Wanted, Within, coming_classes, undated_offers};
use askama::Template;
use catalog::{Offer, OfferFilter, OfferKind, OfferStatus, offers_of_org};
use kernel::{Actor, Error, Id, Org, PageRequest, Paged, Result as Outcome, Right, Role, uri_part};
use network::{
    OpenNow, OrgFilter, OrgKind, OrgPlace, Organisation, Region, access, ancestors, counts_by_kind_below,
    find_children, open_now, org, region, region_path, search_orgs,
};
use store::Tx;
use web::{Choice, Cx, Path, api::json};

use super::{
    COMING_SHOWN, Figures, OPEN_SHOWN, ORGS_A_PAGE, UNDATED_SHOWN, counts, days_from, events, hosts, kinds,
    map,
};

/// Days that are looked ahead for classes of the place itself.
const DAYS: i64 = 90;
/// Days that are looked ahead at the places below, which are many.
const DAYS_BELOW: i64 = 7;

struct Loaded {
    org: Organisation,
    above: Vec<Organisation>,
    region: Option<Region>,
    path: Vec<Region>,
    below: Paged<Organisation>,
    by_kind: Vec<(OrgKind, i64)>,
    coming: Vec<Coming>,
    /// Whether what comes is at the places below.
    coming_below: bool,
    hosts: HashMap<Id<Org>, Organisation>,
    /// How it stands now.
    open_now: Option<OpenNow>,
    /// Whether the reader keeps its address and hours.
    keeps: bool,
    /// What may be used here without signing up.
    open: Vec<Offer>,
    undated: Vec<Offer>,
    /// Roles that are held here, and by how many. Who they are is told at the place, not here.
    staff: Vec<(&'static str, i64)>,
    figures: Option<Figures>,
    /// The organisation that took it in.
    successor: Option<Organisation>,
}

#[derive(Template)]
#[template(path = "place_org.html")]
struct OrgPage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    above: &'a [Organisation],
    region: &'a Option<Region>,
    region_path: &'a [Region],
    below: &'a Paged<Organisation>,
    counts: Vec<(String, String)>,
    has_below: bool,
    kinds: Vec<Choice>,
    filtered: bool,
    map: Option<Arc<str>>,
    coming: &'a [Coming],
    coming_below: bool,
    open: &'a [Offer],
    undated: &'a [Offer],
    staff: &'a [(&'static str, i64)],
    figures: &'a Option<Figures>,
    open_now: &'a Option<OpenNow>,
    keeps: bool,
    successor: &'a Option<Organisation>,
    /// Opens the place in the reader's own map.
    way: Option<String>,
    structured: String,
    address: String,
    summary: String,
}

/// Shows an organisation: `?q=…&kind=…&after=…`
pub(super) async fn show(cx: Cx, Path(id): Path<Id<Org>>) -> web::Result {
    let (filter, wanted) = asked(&cx);
    let filtered = filter.kind.is_some() || !filter.search.is_empty();
    let actor = cx.actor.clone();
    let loaded = cx.store.read(move |tx| load(tx, &actor, id, &filter, &wanted)).await?;
    activities::keep_while_unchanged(&cx, loaded.coming.iter().map(|line| &line.class));
    let org = &loaded.org;
    let title = cx.t1("place-map-org", "name", &org.name);
    let address = format!("/orgs/{}", org.org_id);
    let summary = summary(&cx, org);
    let drawn: Vec<OrgPlace> = place_of(org).into_iter().collect();
    cx.page(&OrgPage {
        cx: &cx,
        map: map::district(&cx, &org.region_code, &drawn, &title),
        counts: counts(&cx, &loaded.by_kind),
        has_below: !loaded.by_kind.is_empty(),
        kinds: kinds(&cx),
        filtered,
        above: &loaded.above,
        region: &loaded.region,
        region_path: &loaded.path,
        below: &loaded.below,
        coming: &loaded.coming,
        coming_below: loaded.coming_below,
        open: &loaded.open,
        undated: &loaded.undated,
        staff: &loaded.staff,
        figures: &loaded.figures,
        open_now: &loaded.open_now,
        keeps: loaded.keeps,
        successor: &loaded.successor,
        way: way(org),
        structured: structured(&cx, &loaded),
        org,
        address,
        summary,
    })
}

fn load(
    tx: &mut Tx,
    actor: &Actor,
    id: Id<Org>,
    filter: &OrgFilter,
    wanted: &PageRequest,
) -> Outcome<Loaded> {
    let found = org(tx, id)?.ok_or_else(Error::missing)?;
    let mut by_kind = counts_by_kind_below(tx, id)?;
    // The organisation itself is no organisation below it.
    if found.is_open()
        && let Some((_, count)) = by_kind.iter_mut().find(|(kind, _)| *kind == found.kind)
    {
        *count -= 1;
    }
    by_kind.retain(|(_, count)| *count > 0);
    let successor = match found.successor() {
        Some(into) => org(tx, into)?,
        None => None,
    };
    let now = tx.now();
    let own = (Within::Org(id), days_from(now, DAYS));
    let mut coming = coming_classes(tx, &own.0, Wanted::default(), own.1, None, COMING_SHOWN)?;
    let coming_below = coming.is_empty() && !by_kind.is_empty();
    if coming_below {
        let window = days_from(now, DAYS_BELOW);
        coming = coming_classes(tx, &Within::Below(id), Wanted::default(), window, None, COMING_SHOWN)?;
    }
    let mut held: HashMap<Role, i64> = HashMap::new();
    for (_, role) in people::staff_of(tx, id, now.day())? {
        *held.entry(role).or_default() += 1;
    }
    let open = OfferFilter {
        kind: Some(OfferKind::OpenVenue),
        status: Some(OfferStatus::Published),
        ..OfferFilter::default()
    };
    let public = [Role::Head, Role::Staff, Role::Teacher];
    let staff = public.iter().filter_map(|role| Some((role.as_str(), *held.get(role)?))).collect();
    Ok(Loaded {
        above: ancestors(tx, id)?,
        region: region(tx, &found.region_code)?,
        path: region_path(tx, &found.region_code)?,
        below: find_children(tx, id, filter, wanted)?,
        hosts: hosts(tx, &coming)?,
        open: offers_of_org(tx, id, &PageRequest { after: None, size: OPEN_SHOWN }, &open)?.rows,
        undated: undated_offers(tx, &Within::Org(id), UNDATED_SHOWN)?,
        figures: Figures::load(tx, &found)?,
        open_now: open_now(tx, &found)?,
        keeps: access::may(tx, actor, Right::ManageOffers, id)?,
        successor,
        org: found,
        by_kind,
        coming,
        coming_below,
        staff,
    })
}

fn place_of(org: &Organisation) -> Option<OrgPlace> {
    Some(OrgPlace {
        org_id: org.org_id,
        kind: org.kind,
        name: org.name.clone(),
        region_code: org.region_code.clone(),
        lon: org.lon?,
        lat: org.lat?,
        place_note: org.place_note.clone(),
    })
}

/// A `geo:` address (RFC 5870), which opens the reader's own map. To a position that was not measured nobody is led: there the map is
/// asked for the address instead.
fn way(org: &Organisation) -> Option<String> {
    match (org.lat, org.lon) {
        (Some(lat), Some(lon)) if org.place_note.is_empty() => {
            Some(format!("geo:{lat},{lon}?q={lat},{lon}({})", uri_part(&org.name)))
        }
        _ if !org.address.is_empty() => {
            Some(format!("geo:0,0?q={}", uri_part(&format!("{} {}", org.address, org.name))))
        }
        _ => None,
    }
}

fn summary(cx: &Cx, org: &Organisation) -> String {
    let kind = cx.t(&org.kind.message_key());
    let hours = org.hours_text(cx.lang);
    let parts = [kind.as_str(), org.address.as_str(), hours.as_str(), org.phone.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn structured(cx: &Cx, loaded: &Loaded) -> String {
    let org = &loaded.org;
    let mut place = activities::structured::place(cx, org);
    place["@type"] = json!(activities::structured::place_type(org.kind));
    if let Some(above) = loaded.above.last() {
        place["parentOrganization"] = json!({
            "@type": "EducationalOrganization",
            "name": above.name,
            "url": cx.absolute(&format!("/orgs/{}", above.org_id)),
        });
    }
    let graph = [vec![place], events(cx, &loaded.coming, &loaded.hosts)].concat();
    cx.json_ld(&json!({ "@context": "https://schema.org", "@graph": graph }))
}

#[derive(Template)]
#[template(path = "place_orgs.html")]
struct OrgsPage {
    cx: Cx,
    orgs: Paged<Organisation>,
    kinds: Vec<Choice>,
}

/// All organisations by name: `?q=…&kind=…&after=…`
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
