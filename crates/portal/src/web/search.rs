//! `/search`: the right class near me, this week.

use std::collections::HashMap;

use ::search::{Hits, Query, TermKind};
use activities::Class;
use askama::Template;
use catalog::{Offer, OfferId};
use kernel::{Id, Org, RegionCode, Result as Outcome};
use network::Organisation;
use store::{Tx, params, sql};
use web::Cx;

use crate::{Finder, finder::districts};

/// Hits on a page.
const PAGE: usize = 20;

/// An offer found, with what its line shows.
pub(crate) struct Found {
    pub offer: Offer,
    pub org: Organisation,
    /// The next class that can be joined or that still meets; its free seats are the database's.
    pub next: Option<Class>,
    /// Title in pieces: (text, matched).
    pub pieces: Vec<(String, bool)>,
}

/// What is asked for besides the words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filters {
    district: String,
    when: String,
    kind: String,
    free: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    cx: &'a Cx,
    q: &'a str,
    filters: &'a Filters,
    districts: &'a [(RegionCode, String)],
    found: &'a [Found],
    total: i64,
    relaxed: bool,
    understood: Vec<(&'static str, String)>,
    previous: Option<String>,
    next: Option<String>,
    page: i64,
    asked: bool,
}

const KINDS: [&str; 6] = ["course", "lecture", "class", "micro_course", "tour", "training"];
const WHENS: [&str; 3] = ["week", "next_week", "month"];

/// Shows what was found.
pub async fn show(cx: Cx) -> web::Result {
    let q: String = cx.param("q").chars().take(100).collect();
    let filters = Filters {
        district: cx.param_as::<RegionCode>("district").map_or_else(String::new, |code| code.to_string()),
        when: WHENS.into_iter().find(|word| *word == cx.param("when")).unwrap_or_default().to_owned(),
        kind: KINDS.into_iter().find(|word| *word == cx.param("kind")).unwrap_or_default().to_owned(),
        free: cx.param("free") == "1",
    };
    let number = cx.param_as::<usize>("page").unwrap_or(1).clamp(1, 500);
    let query = Query { offset: (number - 1) * PAGE, limit: PAGE, ..query(&cx, &q, &filters) };
    let finder = cx.get::<Finder>()?;
    // Reading an index is work for a thread that may wait, not for the one that answers everybody.
    let hits = tokio::task::spawn_blocking(move || finder.search(&query))
        .await
        .map_err(|error| kernel::Error::bug("the search was broken off").caused_by(error))??;
    let understood = hits
        .terms
        .iter()
        .filter_map(|term| {
            let list = match term.kind {
                TermKind::Place => "place",
                TermKind::Time => "time",
                TermKind::Word => "word",
                TermKind::Optional => return None,
            };
            Some((list, term.text.clone()))
        })
        .collect();
    let (total, relaxed) = (hits.total, hits.relaxed);
    let (found, districts) = cx.store.read(move |tx| Ok((load(tx, &hits)?, districts(tx)?))).await?;
    let last = total.div_ceil(PAGE as u64).max(1);
    cx.page(&Page {
        cx: &cx,
        q: &q,
        asked: !q.is_empty() || filters != Filters::default(),
        filters: &filters,
        districts: &districts,
        found: &found,
        total: i64::try_from(total).unwrap_or(i64::MAX),
        relaxed,
        understood,
        previous: (number > 1).then(|| cx.url_with("page", number - 1)),
        next: ((number as u64) < last).then(|| cx.url_with("page", number + 1)),
        page: number as i64,
    })
}

fn query(cx: &Cx, q: &str, filters: &Filters) -> Query {
    let today = cx.now.day();
    let monday = today.plus(1 - i32::from(today.weekday()));
    let range = match filters.when.as_str() {
        "week" => Some((cx.now, monday.plus(7).start())),
        "next_week" => Some((monday.plus(7).start(), monday.plus(14).start())),
        "month" => Some((cx.now, today.plus(30).start())),
        _ => None,
    };
    Query {
        place_code: (!filters.district.is_empty()).then(|| filters.district.clone()),
        kind: (!filters.kind.is_empty()).then(|| filters.kind.clone()),
        facets: if filters.free { vec![("cost".to_owned(), "free".to_owned())] } else { Vec::new() },
        // A session that has begun is still one of this week.
        starts_from: range.map(|(from, _)| from.plus_minutes(-180).millis()),
        starts_to: range.map(|(_, to)| to.millis()),
        now: Some(cx.now.millis()),
        ..Query::text(q)
    }
}

pub(super) fn load(tx: &mut Tx, hits: &Hits) -> Outcome<Vec<Found>> {
    let ids: Vec<OfferId> = hits.hits.iter().filter_map(|hit| hit.id.parse().ok()).collect();
    let mut offers = catalog::offers_by_ids(tx, &ids)?;
    let orgs: Vec<Id<Org>> = offers.values().map(|offer| offer.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &orgs)?;
    let mut found = Vec::new();
    for hit in &hits.hits {
        let Some(offer) = hit.id.parse().ok().and_then(|id: OfferId| offers.remove(&id)) else { continue };
        let Some(org) = orgs.get(&offer.org_id).cloned() else { continue };
        let next = next_class(tx, &offer)?;
        let pieces = pieces(&offer.title, if hit.title == offer.title { &hit.highlights } else { &[] });
        found.push(Found { offer, org, next, pieces });
    }
    Ok(found)
}

/// The class that a resident would take: with free seats if there is one, else the soonest.
pub(crate) fn next_class(tx: &mut Tx, offer: &Offer) -> Outcome<Option<Class>> {
    let now = tx.now();
    let classes = activities::classes_of_offer(tx, offer.org_id, offer.offer_id, now)?;
    let free = classes.iter().position(|class| class.free() > 0).unwrap_or(0);
    Ok(classes.into_iter().nth(free))
}

fn pieces(title: &str, marked: &[std::ops::Range<usize>]) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for range in marked {
        let (Some(before), Some(hit)) = (title.get(at..range.start), title.get(range.clone())) else {
            continue;
        };
        if !before.is_empty() {
            pieces.push((before.to_owned(), false));
        }
        pieces.push((hit.to_owned(), true));
        at = range.end;
    }
    if let Some(rest) = title.get(at..).filter(|rest| !rest.is_empty()) {
        pieces.push((rest.to_owned(), false));
    }
    pieces
}

/// Offers with a class that begins within a week and has free seats, soonest first, for the home page.
pub(crate) fn soonest(tx: &mut Tx, limit: i64) -> Outcome<Vec<Found>> {
    let now = tx.now();
    let rows: Vec<(OfferId,)> = tx.all(
        sql!(
            "SELECT offer_id FROM class WHERE status = 'open' AND ends_at > $1 AND starts_at > $1 AND starts_at < $2 \
             AND taken < capacity GROUP BY offer_id ORDER BY min(starts_at), offer_id LIMIT $3"
        ),
        params![now, now.plus_minutes(7 * 24 * 60), limit],
    )?;
    let ids: Vec<OfferId> = rows.into_iter().map(|(id,)| id).collect();
    let mut offers: HashMap<OfferId, Offer> = catalog::offers_by_ids(tx, &ids)?;
    let orgs: Vec<Id<Org>> = offers.values().map(|offer| offer.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &orgs)?;
    let mut found = Vec::new();
    for id in ids {
        let Some(offer) = offers.remove(&id) else { continue };
        let Some(org) = orgs.get(&offer.org_id).cloned() else { continue };
        let next = next_class(tx, &offer)?;
        let pieces = vec![(offer.title.clone(), false)];
        found.push(Found { offer, org, next, pieces });
    }
    found.sort_by_key(|found| found.next.as_ref().map(|class| class.starts_at));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_title_is_cut_at_its_marks() {
        let title = "书法入门班";
        let cut = pieces(title, std::slice::from_ref(&(0..6)));
        assert_eq!(cut, [("书法".to_owned(), true), ("入门班".to_owned(), false)]);
        assert_eq!(pieces(title, &[]), [(title.to_owned(), false)]);
    }
}
