//! `/desk/orgs`: the organisations whose work somebody sees.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use kernel::{Id, Lang, Org, RegionCode, RegionLevel, Result, Right};
use network::{LEVELS, ORGS, OrgKind, Organisation, count_orgs, org_lines, place_choices};
use store::Tx;
use web::{
    Choice, Cx, i18n,
    list::{
        Action, Cell, Count, List, Query, Reader, Row, Slice, Spec,
        view::{Filter, View, load},
    },
};

/// The list of the organisations whose work the reader sees.
#[derive(Debug, Clone, Copy)]
pub struct OrgList;

impl List for OrgList {
    fn spec(&self) -> &'static Spec {
        &ORGS
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> Result<Slice<Row>> {
        let slice = org_lines(tx, reader.actor, Right::SeeDesk, query)?;
        let ids: Vec<Id<Org>> = slice.rows.iter().map(|org| org.org_id).collect();
        let offers =
            if query.shows("offers") { catalog::published_counts(tx, &ids)? } else { HashMap::new() };
        let regions: BTreeSet<RegionCode> = slice.rows.iter().map(|org| org.region_code.clone()).collect();
        let regions: Vec<RegionCode> = regions.into_iter().collect();
        let regions = network::regions_by_codes(tx, &regions)?;
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let offers_seen = !network::access::held_at(reader.actor, Right::ManageOffers).is_empty();
        let cell = |org: &Organisation, column: &str| match column {
            "name" => Cell::Link { text: org.name.clone(), href: format!("/orgs/{}", org.org_id) },
            "region" => Cell::of(regions.get(&org.region_code), |region| Cell::Text(region.name.clone())),
            "level" => Cell::Text(level(reader.lang, &org.region_code)),
            "kind" => Cell::Text(say(&org.kind.message_key())),
            "status" if org.is_open() => Cell::Tag { text: say("network-status-open"), class: "ok" },
            "status" => Cell::Tag { text: say("network-status-closed"), class: "" },
            "offers" => Cell::Number(offers.get(&org.org_id).copied().unwrap_or(0)),
            "phone" => Cell::of(Some(&org.phone).filter(|phone| !phone.is_empty()), |phone| {
                Cell::Text(phone.clone())
            }),
            "address" => Cell::Text(org.address.clone()),
            "hours" => Cell::Text(org.hours_text(reader.lang)),
            "founded" => Cell::Day(org.opened_on),
            "closed" => Cell::of(org.closed_on, Cell::Day),
            "links" if !reader.file => Cell::Actions(links(org, offers_seen, &say)),
            _ => Cell::Empty,
        };
        Ok(slice.lines(query, |org| org.org_id.to_string(), cell))
    }

    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> Result<Count> {
        count_orgs(tx, reader.actor, Right::SeeDesk, query, most)
    }
}

fn links(org: &Organisation, offers: bool, say: &impl Fn(&str) -> String) -> Vec<Action> {
    let link =
        |list: &str, key: &str| Action { href: format!("/desk/{list}?org={}", org.org_id), label: say(key) };
    let keep = offers
        .then(|| Action { href: format!("/desk/orgs/{}/place", org.org_id), label: say("network-place") });
    let offers = offers.then(|| link("offers", "portal-offers"));
    offers.into_iter().chain([link("attendances", "portal-attendances")]).chain(keep).collect()
}

fn level(lang: Lang, code: &RegionCode) -> String {
    let level = match code.level() {
        RegionLevel::Prefecture => RegionLevel::Province,
        level => level,
    };
    let word = LEVELS.iter().find(|(_, known)| *known == level).map_or("city", |(word, _)| word);
    i18n::say(lang, &format!("network-level-{word}"), &[])
}

/// `/desk/orgs?q=…&level=…&kind=…&sort=…&cols=…&after=…`
pub async fn page(cx: Cx) -> web::Result {
    let query = Query::read(&ORGS, cx.params());
    let (actor, asked) = (cx.actor.clone(), query.clone());
    let more = move |tx: &mut Tx| place_choices(tx, &actor, Right::SeeDesk, &asked);
    let (slice, count, places) = load(&cx, Arc::new(OrgList), &query, more).await?;
    let levels = LEVELS.map(|(word, _)| Choice::new(word, cx.tk("network-level", word)));
    let kinds = OrgKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key())));
    let status = ["open", "closed"].map(|word| Choice::new(word, cx.tk("network-status", word)));
    let view = View {
        cx: &cx,
        query: &query,
        path: "/desk/orgs".to_owned(),
        title: cx.t("portal-orgs"),
        lead: cx.t("portal-orgs-lead"),
        crumbs: Vec::new(),
        actions: Vec::new(),
        filters: vec![
            Filter::choice("level", cx.t("network-list-level"), levels.to_vec()),
            Filter::choice("kind", cx.t("network-list-kind"), kinds.collect()),
            Filter::choice("status", cx.t("network-list-status"), status.to_vec()),
            Filter::choice("region", cx.t("network-list-region"), places.regions),
            Filter::choice("org", cx.t("portal-orgs-under"), places.orgs),
        ],
        search: cx.t("network-list-name"),
        slice,
        count,
        counted: ["portal-orgs-count", "portal-orgs-count-more"],
        nothing: cx.t("portal-orgs-nothing"),
        beginning: &["org"],
        pick: None,
        export: Some("/desk/orgs/export".to_owned()),
    };
    view.page()
}
