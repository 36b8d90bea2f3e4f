//! `/search`: the right class near me, this week.

use std::collections::HashMap;

use ::search::{FacetCount, Hits, Order, Query, TermKind, without};
use askama::Template;
use catalog::OfferId;
use kernel::{RegionCode, Result as Outcome};
use network::{Region, valid_region};
use store::{Tx, params, sql};
use web::Cx;

use super::{
    found::{Found, load},
    saved::Bell,
};
use crate::{
    Finder,
    asked::{Asked, CHOICES, SLOTS, WHENS},
    near::{Point, point_of},
};

/// Hits on a page.
const PAGE: usize = 20;

/// What is asked for, and how it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filters {
    asked: Asked,
    order: Order,
    explain: bool,
}

impl std::ops::Deref for Filters {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.asked
    }
}

/// From where distances are measured.
struct Origin {
    /// The division that was chosen; without one it is where the reader is.
    region: Option<Region>,
    point: Point,
}

/// A choice beside the hits: its name and what can be chosen.
struct Choice {
    name: &'static str,
    values: Vec<Value>,
}

/// A value that can be chosen, or given up if it is chosen.
struct Value {
    label: String,
    count: u64,
    url: String,
    chosen: bool,
}

/// A part of the query as it was understood.
struct Understood {
    list: &'static str,
    text: String,
    /// The page without it.
    without: String,
}

/// Values of a choice that are shown.
const VALUES: usize = 11;
/// Words that are offered while somebody types.
const SUGGESTIONS: usize = 8;
/// Offers with free seats that are looked through; no city has so many.
const MAX_OPEN: i64 = 20_000;

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    cx: &'a Cx,
    q: &'a str,
    filters: &'a Filters,
    bell: Option<Bell>,
    districts: &'a [(RegionCode, String)],
    found: &'a [Found],
    total: i64,
    relaxed: bool,
    understood: Vec<Understood>,
    guesses: Vec<(String, Vec<(String, String)>)>,
    choices: Vec<Choice>,
    orders: [(&'static str, String, bool); 3],
    origin: &'a Option<Origin>,
    /// Parameters that the choice of a place keeps.
    others: Vec<(&'static str, &'a str)>,
    narrowing: Vec<(&'static str, &'a str)>,
    seats: (String, bool),
    why: (String, bool),
    /// The same as a calendar, which has its own choice of days; what is open without classes has none.
    calendar: Option<String>,
    ways_out: Vec<(String, String)>,
    previous: Option<String>,
    next: Option<String>,
    page: i64,
    asked: bool,
}

/// What may come first, by the names in the address.
const ORDERS: [(&str, Order); 3] = [("", Order::Fit), ("time", Order::Time), ("near", Order::Near)];

/// Shows what was found.
pub async fn show(cx: Cx) -> web::Result {
    let filters = filters(&cx);
    let finder = cx.get::<Finder>()?;
    if let Some(next) = finder.follower(&filters.district) {
        return Ok(cx.redirect(&cx.url_with("district", next)));
    }
    let q = filters.q.clone();
    let number = cx.param_as::<usize>("page").unwrap_or(1).clamp(1, 500);
    let mut query = Query { offset: (number - 1) * PAGE, limit: PAGE, ..query(&cx, &filters) };
    let origin = origin(&cx).await?;
    query.near = origin.as_ref().map(|origin| (origin.point.lon, origin.point.lat));
    if filters.seats {
        query.ids = Some(cx.store.read(with_free_seats).await?);
    }
    let names = finder.clone();
    // Reading an index is work for a thread that may wait, not for the one that answers everybody.
    let hits = tokio::task::spawn_blocking(move || finder.search(&query))
        .await
        .map_err(|error| kernel::Error::bug("the search was broken off").caused_by(error))??;
    let (total, relaxed) = (hits.total, hits.relaxed);
    let understood = understood(&cx, &q, &hits);
    let guesses = hits
        .guesses
        .iter()
        .map(|guess| {
            let words = guess.taken.iter();
            let link =
                |word: &String| (word.clone(), first_page(&cx, "q", &replaced(&q, &guess.typed, word)));
            (guess.typed.clone(), words.map(link).collect())
        })
        .collect();
    let ways_out = if total == 0 { ways_out(&cx, &filters) } else { Vec::new() };
    let bell = Bell::of(&cx, &filters, &hits).await?;
    let counted = hits.facets.clone();
    let (mut found, lists) = cx.store.read(move |tx| Ok((load(tx, &hits)?, names.lists(tx)?))).await?;
    if let Some(origin) = &origin {
        found.iter_mut().for_each(|found| found.measure(origin.point));
    }
    // Which offers have free seats at all cannot be checked by looking at those that are shown.
    if !filters.seats {
        activities::keep_while_unchanged(&cx, found.iter().filter_map(|found| found.next.as_ref()));
    }
    let last = total.div_ceil(PAGE as u64).max(1);
    let toggled = |name: &str, on: bool| (first_page(&cx, name, if on { "" } else { "1" }), on);
    cx.page(&Page {
        cx: &cx,
        q: &q,
        asked: filters != Filters::default(),
        bell,
        choices: choices(&cx, &filters, &counted, &lists.subjects),
        orders: ORDERS.map(|(name, order)| {
            (
                if name.is_empty() { "fit" } else { name },
                first_page(&cx, "order", name),
                filters.order == order,
            )
        }),
        origin: &origin,
        others: asked_for(&filters),
        narrowing: narrowing(&filters),
        seats: toggled("seats", filters.seats),
        why: toggled("explain", filters.explain),
        calendar: filters
            .kind
            .is_none_or(catalog::OfferKind::has_classes)
            .then(|| Asked { when: String::new(), ..filters.asked.clone() }.at("/calendar")),
        filters: &filters,
        districts: &lists.districts,
        found: &found,
        total: i64::try_from(total).unwrap_or(i64::MAX),
        relaxed,
        understood,
        guesses,
        ways_out,
        previous: (number > 1).then(|| cx.url_with("page", number - 1)),
        next: ((number as u64) < last).then(|| cx.url_with("page", number + 1)),
        page: number as i64,
    })
}

/// Words that begin with what was typed so far, for the search box.
pub async fn suggest(cx: Cx) -> web::Result {
    let typed = cx.param("q").to_owned();
    // Only the last word is completed; those before it stay.
    let (before, last) = typed.rsplit_once(char::is_whitespace).unwrap_or(("", &typed));
    let finder = cx.get::<Finder>()?;
    let word = last.to_owned();
    let words = tokio::task::spawn_blocking(move || finder.suggest(&word, SUGGESTIONS))
        .await
        .map_err(|error| kernel::Error::bug("the suggestion was broken off").caused_by(error))?;
    let whole: Vec<String> =
        words.into_iter().map(|word| format!("{before} {word}").trim().to_owned()).collect();
    cx.json(axum::http::StatusCode::OK, &whole)
}

fn filters(cx: &Cx) -> Filters {
    Filters {
        asked: Asked::read(|name| cx.param(name)),
        order: ORDERS
            .iter()
            .find(|(name, _)| *name == cx.param("order"))
            .map_or(Order::Fit, |(_, order)| *order),
        explain: cx.param("explain") == "1",
    }
}

/// Where the reader measures from: a position in the address, else a division in the address, else the one that her browser remembers.
async fn origin(cx: &Cx) -> Outcome<Option<Origin>> {
    if let Some(point) = Point::read(cx.param("at")) {
        return Ok(Some(Origin { region: None, point }));
    }
    let Some(code) = cx.param_as::<RegionCode>("near").or_else(|| cx.near.clone()) else { return Ok(None) };
    let read = cx.store.read(move |tx| {
        let Some(region) = valid_region(tx, &code)? else { return Ok(None) };
        Ok(point_of(tx, &region.code)?.map(|point| Origin { region: Some(region), point }))
    });
    read.await
}

/// What was asked for, as parameters of the address, but for the order and from where it is measured.
fn asked_for(filters: &Filters) -> Vec<(&'static str, &str)> {
    let mut all = filters.asked.pairs();
    all.extend(filters.explain.then_some(("explain", "1")));
    all
}

/// What is chosen by a click beside the hits, as parameters of the address: all but the fields of the form itself.
fn narrowing(filters: &Filters) -> Vec<(&'static str, &str)> {
    let mut all = filters.asked.pairs();
    all.retain(|(name, _)| !["q", "district", "when"].contains(name));
    all
}

/// This page's address with a parameter set, back on its first page.
fn first_page(cx: &Cx, name: &str, value: &str) -> String {
    cx.url_with_all(&[(name, value), ("page", "")])
}

fn understood(cx: &Cx, q: &str, hits: &Hits) -> Vec<Understood> {
    let list = |kind| match kind {
        TermKind::Place => Some("place"),
        TermKind::Time => Some("time"),
        TermKind::Word => Some("word"),
        TermKind::Wish => Some("wish"),
        TermKind::Optional => None,
    };
    let term = |term: &::search::Term| {
        let rest = without(q, &term.text);
        Some(Understood {
            list: list(term.kind)?,
            text: term.text.clone(),
            without: first_page(cx, "q", &rest),
        })
    };
    hits.terms.iter().filter_map(term).collect()
}

/// The text with another word in place of one.
pub(super) fn replaced(q: &str, typed: &str, word: &str) -> String {
    format!("{} {word}", without(q, typed)).trim().to_owned()
}

fn choices(
    cx: &Cx,
    filters: &Filters,
    counted: &[FacetCount],
    subjects: &HashMap<String, String>,
) -> Vec<Choice> {
    let label = |name: &str, value: &str| match name {
        "subject" => subjects.get(value).cloned(),
        "kind" => value.parse::<catalog::OfferKind>().ok().map(|kind| cx.t(&kind.message_key())),
        "audience" => value.parse::<catalog::Audience>().ok().map(|audience| cx.t(&audience.message_key())),
        "cost" => ["free", "paid"].contains(&value).then(|| cx.tk("portal", value)),
        _ => SLOTS.contains(&value).then(|| cx.tk("portal-slot", value)),
    };
    let choice = |name: &'static str| {
        let chosen = |value: &str| match name {
            "kind" => filters.kind.is_some_and(|kind| kind.as_str() == value),
            _ => filters.chosen.iter().any(|(chosen, known)| *chosen == name && known == value),
        };
        let values: Vec<Value> = counted
            .iter()
            .filter(|facet| facet.name == name)
            .filter_map(|facet| {
                let chosen = chosen(&facet.value);
                let url = first_page(cx, name, if chosen { "" } else { &facet.value });
                Some(Value { label: label(name, &facet.value)?, count: facet.count, url, chosen })
            })
            .take(VALUES)
            .collect();
        Choice { name, values }
    };
    CHOICES.into_iter().map(choice).filter(|choice| !choice.values.is_empty()).collect()
}

/// What to give up when nothing was found: each filter by itself.
fn ways_out(cx: &Cx, filters: &Filters) -> Vec<(String, String)> {
    let mut ways = Vec::new();
    let mut offer = |set: bool, name: &str| {
        if set {
            ways.push((cx.tk("portal-without", name), first_page(cx, name, "")));
        }
    };
    offer(!filters.district.is_empty(), "district");
    offer(!filters.when.is_empty(), "when");
    offer(filters.kind.is_some(), "kind");
    offer(filters.free, "free");
    offer(filters.seats, "seats");
    for (name, _) in &filters.chosen {
        offer(true, name);
    }
    ways
}

/// Offers with a class that can still be joined; free seats are the database's.
pub(super) fn with_free_seats(tx: &mut Tx) -> Outcome<Vec<String>> {
    let now = tx.now();
    let rows: Vec<(OfferId,)> = tx.all(
        sql!(
            "SELECT DISTINCT offer_id FROM class WHERE status = 'open' AND ends_at > $1 AND taken < capacity LIMIT $2"
        ),
        params![now, MAX_OPEN],
    )?;
    Ok(rows.into_iter().map(|(id,)| id.to_string()).collect())
}

fn query(cx: &Cx, filters: &Filters) -> Query {
    Query { count_facets: true, order: filters.order, explain: filters.explain, ..filters.query(cx.now) }
}
