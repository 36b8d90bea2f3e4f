//! `/places/reach`: learning within fifteen minutes, and where it is missing. See [`crate::reach`] for what is counted.

use askama::Template;
use axum::{http::header, response::IntoResponse};
use kernel::{Error, RegionCode, Result as Outcome};
use network::{Region, region_children, top_region, valid_region};
use render::table::{Bom, Cell, csv};
use store::Tx;
use web::{Cx, api::json};

use crate::reach::{Coverage, Lack, People, Spot, is_town, spots};

/// Divisions on a page.
const PAGE: usize = 100;

/// A district with the divisions in it.
pub(super) struct Line {
    pub region: Region,
    pub towns: Coverage,
    pub villages: Coverage,
}

pub(super) struct Loaded {
    city: Region,
    pub lines: Vec<Line>,
    towns: Coverage,
    villages: Coverage,
}

#[derive(Template)]
#[template(path = "place_reach.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: Option<&'a Loaded>,
    structured: String,
    csv: String,
}

impl Page<'_> {
    fn people(&self, people: &People, all: &i64) -> String {
        people_text(self.cx, *people, *all)
    }

    fn list(&self, code: &RegionCode, lack: &str, level: &str) -> String {
        format!("/places/reach?in={code}&lack={lack}&level={level}")
    }
}

/// `12,340`, `未知`, or what is stated and for how many it is not.
fn people_text(cx: &Cx, people: People, all: i64) -> String {
    match (people.stated, people.unknown) {
        (stated, 0) => cx.number(stated),
        (_, unknown) if unknown == all => cx.t("place-unknown"),
        (stated, unknown) => cx.t2("place-reach-partly", "n", cx.number(stated), "unknown", unknown),
    }
}

#[derive(Template)]
#[template(path = "place_gaps.html")]
struct Gaps<'a> {
    cx: &'a Cx,
    region: &'a Region,
    lack: Lack,
    towns: bool,
    spots: &'a [&'a Spot],
    total: i64,
    next: Option<String>,
    csv: String,
}

impl Gaps<'_> {
    fn people(&self, spot: &Spot) -> String {
        spot.population.map_or_else(|| self.cx.t("place-unknown"), |count| self.cx.number(count))
    }
}

/// Shows coverage by district, or with `?in=CODE&lack=place|offer&level=town|village` the list behind a number; `&format=csv` as a file.
pub(super) async fn show(cx: Cx) -> web::Result {
    let file = cx.param("format") == "csv";
    if !cx.param("in").is_empty() {
        return gaps(&cx, file).await;
    }
    let loaded = cx.store.read(load).await?;
    if file {
        return districts_file(&cx, loaded.as_ref());
    }
    let structured = json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": cx.t("place-reach"),
        "description": cx.t("place-reach-what"),
        "url": cx.absolute("/places/reach"),
    });
    cx.page(&Page {
        cx: &cx,
        loaded: loaded.as_ref(),
        structured: cx.json_ld(&structured),
        csv: cx.url_with("format", "csv"),
    })
}

/// The coverage of the city and of each of its districts; `None` without divisions.
pub(super) fn load(tx: &mut Tx) -> Outcome<Option<Loaded>> {
    let Some(city) = top_region(tx)? else { return Ok(None) };
    let all = spots(tx, &city.code)?;
    let cover = |towns: bool, inside: &RegionCode| {
        Coverage::of(all.iter().filter(|spot| is_town(spot) == towns && inside.contains(&spot.code)))
    };
    let lines = region_children(tx, &city.code)?
        .into_iter()
        .map(|region| Line { towns: cover(true, &region.code), villages: cover(false, &region.code), region })
        .collect();
    Ok(Some(Loaded { lines, towns: cover(true, &city.code), villages: cover(false, &city.code), city }))
}

async fn gaps(cx: &Cx, file: bool) -> web::Result {
    let code: RegionCode = cx.param_as("in").ok_or_else(Error::missing)?;
    let lack = Lack::ALL.into_iter().find(|lack| lack.as_str() == cx.param("lack")).unwrap_or(Lack::Place);
    let towns = cx.param("level") != "village";
    let (region, all) = cx
        .store
        .read(move |tx| {
            let found = valid_region(tx, &code)?.ok_or_else(Error::missing)?;
            let spots = spots(tx, &found.code)?;
            Ok((found, spots))
        })
        .await?;
    let mut lacking: Vec<&Spot> = all.iter().filter(|spot| is_town(spot) == towns && lack.of(spot)).collect();
    // The next best place to open: where most people live, or, where that is unknown, with the most villages.
    lacking.sort_by(|a, b| {
        (b.population, b.villages).cmp(&(a.population, a.villages)).then_with(|| a.code.cmp(&b.code))
    });
    if file {
        return gaps_file(cx, &lacking);
    }
    let after = cx.param("after");
    let start = lacking.iter().position(|spot| spot.code.as_str() == after).map_or(0, |at| at + 1);
    let shown = &lacking[start..lacking.len().min(start + PAGE)];
    let more = start + PAGE < lacking.len();
    cx.page(&Gaps {
        cx,
        region: &region,
        lack,
        towns,
        spots: shown,
        total: lacking.len() as i64,
        next: shown.last().filter(|_| more).map(|spot| cx.url_with("after", &spot.code)),
        csv: cx.url_with("format", "csv"),
    })
}

fn districts_file(cx: &Cx, loaded: Option<&Loaded>) -> web::Result {
    let heads: Vec<String> = [
        "code",
        "name",
        "population",
        "towns",
        "towns-place",
        "towns-offer",
        "villages",
        "villages-place",
        "villages-offer",
        "people-place",
        "people-place-unknown",
        "people-offer",
        "people-offer-unknown",
    ]
    .iter()
    .map(|head| cx.tk("place-reach-head", head))
    .collect();
    let rows: Vec<Vec<Cell>> = loaded
        .into_iter()
        .flat_map(|loaded| &loaded.lines)
        .map(|line| {
            let people = |people: People| {
                let known = (people.unknown == 0 || people.stated > 0).then_some(people.stated);
                [Cell::from(known), Cell::from(people.unknown)]
            };
            let [with, unknown] = people(line.towns.people_without_place);
            let [offer, offer_unknown] = people(line.towns.people_without_offer);
            vec![
                line.region.code.to_string().into(),
                line.region.name.clone().into(),
                line.region.population.into(),
                line.towns.all.into(),
                line.towns.without_place.into(),
                line.towns.without_offer.into(),
                line.villages.all.into(),
                line.villages.without_place.into(),
                line.villages.without_offer.into(),
                with,
                unknown,
                offer,
                offer_unknown,
            ]
        })
        .collect();
    answer(&heads, &rows, "reach.csv")
}

fn gaps_file(cx: &Cx, spots: &[&Spot]) -> web::Result {
    let heads: Vec<String> = ["code", "name", "kind", "population", "villages"]
        .iter()
        .map(|head| cx.tk("place-reach-head", head))
        .collect();
    let rows: Vec<Vec<Cell>> = spots
        .iter()
        .map(|spot| {
            vec![
                spot.code.to_string().into(),
                spot.name.clone().into(),
                spot.kind.clone().into(),
                spot.population.into(),
                spot.villages.into(),
            ]
        })
        .collect();
    answer(&heads, &rows, "reach-list.csv")
}

fn answer(heads: &[String], rows: &[Vec<Cell>], name: &str) -> web::Result {
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let bytes = csv(&heads, rows, Bom::With)
        .map_err(|error| Error::bug("a table cannot be written").caused_by(error))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
