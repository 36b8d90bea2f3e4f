//! `/desk/offers`: the offers of all organisations that somebody manages; and those of one.

use std::{collections::HashMap, sync::Arc};

use kernel::{Error, Id, Org, Right, Timestamp};
use network::{PlaceChoices, access, place_choices};
use store::Tx;
use web::{
    Choice, Cx, Path, i18n,
    list::{
        Action, Cell, Count, List, Query, Reader, Row, Slice, Spec,
        view::{Filter, Pick, View, load},
    },
};

use crate::{
    OFFERS, OfferId, OfferKind, OfferLine, OfferListFilter, OfferStatus, Subject, count_offers, offer_lines,
    subjects,
};

/// When the next class of each of some offers begins. Classes belong to a later domain, so the program says how they are found
/// (`Shell::with`); where it does not, the column stays empty.
#[derive(Debug, Clone, Copy)]
pub struct NextClass(pub fn(&mut Tx, &[OfferId]) -> kernel::Result<HashMap<OfferId, Timestamp>>);

/// The list of the offers that the reader manages.
#[derive(Debug, Clone, Default)]
pub struct OfferList {
    /// How the next class of an offer is found.
    pub next: Option<Arc<NextClass>>,
}

impl List for OfferList {
    fn spec(&self) -> &'static Spec {
        &OFFERS
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> kernel::Result<Slice<Row>> {
        let slice = offer_lines(tx, reader.actor, query)?;
        let ids: Vec<OfferId> = slice.rows.iter().map(|line| line.offer_id).collect();
        let next = match &self.next {
            Some(next) if query.shows("next") => (next.0)(tx, &ids)?,
            _ => HashMap::new(),
        };
        let orgs = match query.shows("org") {
            true => {
                let mut ids: Vec<Id<Org>> = slice.rows.iter().map(|line| line.org_id).collect();
                ids.sort_unstable();
                ids.dedup();
                network::orgs_by_ids(tx, &ids)?
            }
            false => HashMap::new(),
        };
        let subjects: HashMap<String, String> = match query.shows("subject") {
            true => subjects(tx)?.into_iter().map(|subject| (subject.code, subject.name)).collect(),
            false => HashMap::new(),
        };
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let cell = |line: &OfferLine, column: &str| match column {
            "title" => {
                Cell::Link { text: line.title.clone(), href: format!("/desk/offers/{}/edit", line.offer_id) }
            }
            "org" => Cell::of(orgs.get(&line.org_id), |org| Cell::Link {
                text: org.name.clone(),
                href: format!("/desk/offers?org={}", org.org_id),
            }),
            "kind" => Cell::Text(say(&line.kind.message_key())),
            "subject" => Cell::of(subjects.get(&line.subject_code), |name| Cell::Text(name.clone())),
            "audience" => Cell::Text(say(&line.audience.message_key())),
            "status" => Cell::Tag {
                text: say(&line.status.message_key()),
                class: if line.status == OfferStatus::Published { "ok" } else { "" },
            },
            "cost" => Cell::Fen(line.cost_fen),
            "next" => Cell::of(next.get(&line.offer_id), |at| Cell::Moment(*at)),
            "changed" => Cell::of(line.changed_at, Cell::Moment),
            "published" => Cell::of(line.published_at, |at| Cell::Day(at.day())),
            "actions" if !reader.file => Cell::Actions(actions(line, &say)),
            _ => Cell::Empty,
        };
        Ok(slice.lines(query, |line| line.offer_id.to_string(), cell))
    }

    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> kernel::Result<Count> {
        count_offers(tx, reader.actor, &OfferListFilter::from(query), most)
    }
}

fn actions(line: &OfferLine, say: &impl Fn(&str) -> String) -> Vec<Action> {
    let id = line.offer_id;
    let action =
        |what: &str, key: &str| Action { href: format!("/desk/offers/{id}/{what}"), label: say(key) };
    if line.status == OfferStatus::Published {
        vec![action("classes/new", "catalog-open-class"), action("withdraw", "catalog-withdraw")]
    } else {
        vec![action("publish", "catalog-publish")]
    }
}

/// `/desk/offers?q=…&status=…&sort=…&cols=…&after=…`
pub(super) async fn page(cx: Cx) -> web::Result {
    let query = Query::read(&OFFERS, cx.params());
    show(cx, query).await
}

/// `/desk/orgs/{org}/offers`: the same list, begun at one organisation alone.
pub(super) async fn of_org(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        access::require(tx, &actor, Right::ManageOffers, org_id)?;
        network::org(tx, org_id)?.ok_or_else(Error::missing)
    });
    read.await?;
    let asked = Query::read(&OFFERS, cx.params());
    let edge = asked.edge.clone();
    let query = asked.with("org", &org_id.to_string()).with("own", "1").at(edge);
    show(cx, query).await
}

async fn show(cx: Cx, query: Query) -> web::Result {
    let list = Arc::new(OfferList { next: cx.get::<NextClass>().ok() });
    let (actor, asked) = (cx.actor.clone(), query.clone());
    let more =
        move |tx: &mut Tx| Ok((place_choices(tx, &actor, Right::ManageOffers, &asked)?, subjects(tx)?));
    let (slice, count, (places, subjects)) = load(&cx, list, &query, more).await?;
    let new = places.org.as_ref().filter(|org| org.is_open()).map(|org| Action {
        href: format!("/desk/orgs/{}/offers/new", org.org_id),
        label: cx.t("catalog-new"),
    });
    let view = View {
        cx: &cx,
        query: &query,
        path: "/desk/offers".to_owned(),
        title: cx.t("catalog-offers"),
        lead: places.org.as_ref().map_or_else(|| cx.t("catalog-list-lead"), |org| org.name.clone()),
        crumbs: Vec::new(),
        actions: new.into_iter().collect(),
        filters: filters(&cx, &places, &subjects),
        search: cx.t("catalog-search-title"),
        slice,
        count,
        counted: ["catalog-list-count", "catalog-list-count-more"],
        nothing: cx.t("catalog-none"),
        beginning: &["org", "own"],
        pick: Some(Pick { action: "/desk/offers/bulk".to_owned(), label: cx.t("catalog-list-pick") }),
        export: Some("/desk/offers/export".to_owned()),
    };
    view.page()
}

fn filters(cx: &Cx, places: &PlaceChoices, subjects: &[Subject]) -> Vec<Filter> {
    let status = OfferStatus::ALL.iter().map(|each| Choice::new(each, cx.t(&each.message_key())));
    let kind = OfferKind::ALL.iter().map(|each| Choice::new(each, cx.t(&each.message_key())));
    let subject = subjects.iter().map(|subject| {
        let name =
            if subject.parent.is_none() { subject.name.clone() } else { format!("　{}", subject.name) };
        Choice::new(&subject.code, name)
    });
    let mut filters = vec![
        Filter::choice("status", cx.t("catalog-status"), status.collect()),
        Filter::choice("kind", cx.t("catalog-field-kind"), kind.collect()),
        Filter::choice("subject", cx.t("catalog-field-subject"), subject.collect()),
        Filter::choice("region", cx.t("catalog-list-region"), places.regions.clone()),
        Filter::choice("org", cx.t("catalog-by"), places.orgs.clone()),
    ];
    if places.org.is_some() {
        let own = vec![Choice::new(1, cx.t("catalog-list-own"))];
        filters.push(Filter::choice("own", cx.t("catalog-list-reach"), own));
    }
    filters
}
