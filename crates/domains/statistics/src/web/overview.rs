//! `/figures`: derived figures of the city, and beside them, apart, what documents report.

use askama::Template;
use kernel::{Error, Month};
use render::chart::{Bar, BarChart};
use web::Cx;

use crate::{
    cells::Cell,
    read::{Months, by_month, years},
    reported::{ReportedFigure, reported_figures},
};

#[derive(Template)]
#[template(path = "figures.html")]
struct Page<'a> {
    cx: &'a Cx,
    year: i32,
    years: &'a [i32],
    total: &'a Cell,
    months: &'a [(Month, Cell)],
    chart: String,
    certificates: i64,
    places: i64,
    reported: &'a [ReportedFigure],
}

/// Shows the city's figures of a year.
pub async fn show(cx: Cx) -> web::Result {
    let asked = cx.param_as::<i32>("year");
    let this_year = cx.now.day().month().year();
    let (year, years, months, certificates, places, reported) = cx
        .store
        .read(move |tx| {
            let years = years(tx)?;
            let year = asked.filter(|year| years.contains(year)).unwrap_or(this_year);
            let top = network::top_org(tx)?;
            let months = match &top {
                Some(top) => by_month(tx, top.org_id, Months::year(year))?,
                None => std::collections::BTreeMap::new(),
            };
            let places = match &top {
                Some(top) => network::counts_by_kind_below(tx, top.org_id)?.into_iter().map(|(_, n)| n).sum(),
                None => 0,
            };
            Ok((year, years, months, credentials::count(tx)?, places, reported_figures(tx)?))
        })
        .await?;
    let mut total = Cell::default();
    months.values().for_each(|cell| total.unite(cell));
    let months: Vec<(Month, Cell)> = months.into_iter().collect();
    let bars = months
        .iter()
        .map(|(month, cell)| Bar {
            label: cx.t1("statistics-month", "n", i64::from(month.number())),
            value: Some((cell.attendances + cell.visitors) as f64),
            value_text: cx.number(cell.attendances + cell.visitors),
            class: String::new(),
            href: None,
        })
        .collect();
    let chart = BarChart {
        id: "by-month".to_owned(),
        title: cx.t("statistics-by-month"),
        description: cx.t("statistics-what-attendances"),
        width: 640,
        bars,
    };
    let chart = if months.is_empty() { String::new() } else { chart.svg() };
    if asked.is_some() && !years.contains(&year) && asked != Some(this_year) {
        return Err(Error::missing().into());
    }
    cx.page(&Page {
        cx: &cx,
        year,
        years: &years,
        total: &total,
        months: &months,
        chart,
        certificates,
        places,
        reported: &reported,
    })
}
