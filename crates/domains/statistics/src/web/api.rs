//! The city's figures for programs: derived ones with definition and period, reported ones with their document. Small numbers of people are
//! held back as on the pages.

use axum::http::{Method, StatusCode};
use kernel::{Error, Id, Org, Paged};
use web::{
    Access, Cx, Routes,
    api::{Operation, Part, id_schema, json, page},
    object,
};

use super::figure::{Figure, Reach, Shown};
use crate::{
    cells::Cell,
    read::{Counts, Months, Tree, by_month},
    reported::{ReportedFigure, reported_figures},
};

object! {
    /// A figure that is computed from records.
    FigureOut {
        /// Its word.
        figure: String { "enum": ["attendances", "learners", "minutes", "classes", "certificates"] },
        /// What it counts, in the reader's language.
        definition: String,
        /// The number; null if it is held back.
        value: Option<i64> { "minimum": 0 },
        /// Whether it is held back because it would tell about fewer than five people.
        held_back: bool,
        /// Whether numbers of several places or times may be added up.
        adds_up: bool,
        /// The organisation of which it is, with all below it as the tree stands today.
        organisation: Id<Org>,
        /// The year.
        year: i64,
        /// Where it leads down to records.
        drill_down: String,
    }

    /// A figure that comes from a document.
    ReportedOut {
        /// Identifier.
        id: String { "examples": ["F001"] },
        /// What it counts, in Chinese.
        subject_zh: String,
        /// What it counts, in English.
        subject_en: String,
        /// The number as the document has it.
        value: String,
        /// `exact`, `more than`, …
        qualifier: String,
        /// Unit.
        unit: String { "examples": ["人次"] },
        /// Of which day or period.
        as_of: String,
        /// Of which place.
        place: String,
        /// The words of the document.
        phrase: String,
        /// The document.
        document: String,
        /// Whether another one states a different value for the same.
        disputed: bool,
    }
}

pub(super) fn routes() -> Routes {
    let figures = Operation::new::<Part<FigureOut>>("figures", "Figures computed from records, of a year")
        .query(
            "year",
            "The year; without it the present one.",
            json!({ "type": "integer", "minimum": 1900, "maximum": 2999 }),
        )
        .query("organisation", "Of which organisation; without it the whole city.", id_schema());
    Routes::new().api(Method::GET, "/api/v1/figures", Access::Public, figures, derived).api(
        Method::GET,
        "/api/v1/figures/reported",
        Access::Public,
        Operation::new::<Part<ReportedOut>>("figures", "Figures from documents").paged(),
        reported,
    )
}

async fn derived(cx: Cx) -> web::Result {
    let year = cx.param_as::<i32>("year").unwrap_or_else(|| cx.now.day().month().year());
    let asked = match cx.param("organisation") {
        "" => None,
        text => Some(text.parse::<Id<Org>>()?),
    };
    let read = cx.store.read(move |tx| {
        let org = match asked {
            Some(id) => network::org(tx, id)?,
            None => network::top_org(tx)?,
        };
        let org = org.ok_or_else(Error::missing)?.org_id;
        let mut whole = Cell::default();
        by_month(tx, org, Months::year(year), Tree::Now)?.values().for_each(|cell| whole.unite(cell));
        Ok((org, Counts::from(&whole)))
    });
    let (org, counts) = read.await?;
    let items = Figure::ALL.iter().map(|figure| {
        let value = match figure.headline(&counts, Reach::Place) {
            Shown::Number(number) => Some(number),
            Shown::Few | Shown::Hidden => None,
        };
        FigureOut {
            figure: figure.as_str().to_owned(),
            definition: cx.t(&format!("statistics-what-{}", figure.as_str())),
            value,
            held_back: value.is_none(),
            adds_up: *figure != Figure::Learners,
            organisation: org,
            year: year.into(),
            drill_down: cx.absolute(&format!("/figures/{}?year={year}&org={org}", figure.as_str())),
        }
    });
    cx.json(StatusCode::OK, &Part { items: items.collect(), next: None })
}

async fn reported(cx: Cx) -> web::Result {
    let wanted = page(&cx);
    let mut rows = cx.store.read(reported_figures).await?;
    rows.sort_by(|a, b| a.figure_id.cmp(&b.figure_id));
    rows.retain(|row| wanted.after.as_ref().is_none_or(|after| row.figure_id > *after));
    let part: Paged<ReportedFigure> = network::paged(rows, wanted.size, |row| row.figure_id.clone());
    let out = |row: ReportedFigure| ReportedOut {
        disputed: row.status == "disputed",
        id: row.figure_id,
        subject_zh: row.subject_zh,
        subject_en: row.subject_en,
        value: row.value,
        qualifier: row.qualifier,
        unit: row.unit,
        as_of: row.as_of,
        place: row.place,
        phrase: row.phrase,
        document: row.document,
    };
    cx.json(StatusCode::OK, &Part::of(part, out))
}
