//! `/figures`: derived figures of the city, and beside them, apart, what documents report.

use std::collections::BTreeMap;

use askama::Template;
use kernel::{Error, Id, Month, Org, Result as Outcome};
use network::OrgKind;
use render::chart::{Bar, BarChart};
use store::Tx;
use web::Cx;

use super::{
    figure::{Figure, Period, Reach, Shown, asked_tree, month_text, tree_part},
    wording,
};
use crate::{
    cells::Cell,
    read::{Counts, Months, Tree, by_child_and_month, years},
    reported::{ReportedFigure, reported_figures},
};

/// A line of the tables: a month or a district.
struct Line {
    name: String,
    /// The organisation; empty for a month.
    org: String,
    counts: Counts,
}

struct Loaded {
    year: i32,
    years: Vec<i32>,
    total: Counts,
    /// Distinct people of the last twelve months.
    lately: i64,
    months: Vec<(Month, Counts)>,
    districts: Vec<Line>,
    places: Vec<(OrgKind, i64)>,
    reported: Vec<ReportedFigure>,
    /// By which tree districts are told.
    tree: Tree,
    /// Whether it was ever another one.
    reorganised: bool,
}

#[derive(Template)]
#[template(path = "figures.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: &'a Loaded,
    months: &'a [Line],
    chart: String,
    places: i64,
}

impl Page<'_> {
    fn tree_part(&self) -> &'static str {
        tree_part(self.loaded.tree)
    }

    fn is_then(&self) -> bool {
        self.loaded.tree == Tree::Then
    }

    fn tree_url(&self, tree: &str) -> String {
        self.cx.url_with("tree", tree)
    }

    /// A word of the documents as part of a key: `more than` is `more-than`.
    fn slug(&self, word: &str) -> String {
        word.replace(' ', "-")
    }

    /// A number of people, as everybody may know it.
    fn people(&self, counts: &Counts) -> String {
        Figure::Learners.headline(counts, Reach::Place).text(self.cx)
    }

    fn certificates(&self, counts: &Counts) -> String {
        Figure::Certificates.headline(counts, Reach::Place).text(self.cx)
    }

    fn lately(&self) -> String {
        self.people(&Counts { learners: self.loaded.lately, ..Counts::default() })
    }
}

fn load(tx: &mut Tx, asked: Period, tree: Tree) -> Outcome<Loaded> {
    let this = tx.now().day().month();
    let year = match asked {
        Period::Year(year) => year,
        Period::LastTwelve(last) => last.year(),
    };
    let mut loaded = Loaded {
        year,
        years: years(tx)?,
        total: Counts::default(),
        lately: 0,
        months: Vec::new(),
        districts: Vec::new(),
        places: Vec::new(),
        reported: reported_figures(tx)?,
        tree,
        reorganised: network::was_reorganised(tx)?,
    };
    let Some(top) = network::top_org(tx)? else { return Ok(loaded) };
    let whole = Months::year(year);
    let window = Months::twelve_to(this);
    // Both periods are read at once, with what lies between them: a second walk through the city costs more.
    let both = Months(whole.0.min(window.0), whole.1.max(window.1));
    let cells = by_child_and_month(tx, top.org_id, both, tree)?;
    let mut months: BTreeMap<Month, Cell> = BTreeMap::new();
    let mut children: BTreeMap<Id<Org>, Cell> = BTreeMap::new();
    let mut lately = Cell::default();
    for ((child, month), cell) in &cells {
        if window.contains(*month) {
            lately.unite(cell);
        }
        if !whole.contains(*month) {
            continue;
        }
        months.entry(*month).or_default().unite(cell);
        if *child != top.org_id {
            children.entry(*child).or_default().unite(cell);
        }
    }
    loaded.total = Counts::from(&united(months.values()));
    loaded.months = whole
        .each()
        .filter(|month| *month <= this)
        .map(|month| (month, months.get(&month).map(Counts::from).unwrap_or_default()))
        .collect();
    loaded.lately = lately.learners();
    let cells = children;
    let ids: Vec<_> = cells.keys().copied().collect();
    let orgs = network::orgs_by_ids(tx, &ids)?;
    let mut found: Vec<_> = cells.iter().filter_map(|(id, cell)| Some((orgs.get(id)?, cell))).collect();
    found.sort_by(|(a, _), (b, _)| (&a.region_code, &a.name).cmp(&(&b.region_code, &b.name)));
    loaded.districts = found
        .into_iter()
        .map(|(org, cell)| Line {
            name: org.name.clone(),
            org: org.org_id.to_string(),
            counts: Counts::from(cell),
        })
        .collect();
    loaded.places = network::counts_by_kind(tx, &top.region_code)?;
    Ok(loaded)
}

fn united<'a>(cells: impl Iterator<Item = &'a Cell>) -> Cell {
    let mut total = Cell::default();
    cells.for_each(|cell| total.unite(cell));
    total
}

/// Shows the city's figures of a year.
pub async fn show(cx: Cx) -> web::Result {
    let asked = Period::read(cx.param("year"), cx.now.day());
    let tree = asked_tree(&cx);
    let loaded = cx.store.read(move |tx| load(tx, asked, tree)).await?;
    if !cx.param("year").is_empty()
        && !loaded.years.contains(&loaded.year)
        && loaded.year != cx.now.day().month().year()
    {
        return Err(Error::missing().into());
    }
    let bars = loaded.months.iter().map(|(month, counts)| {
        let sum = Figure::Attendances.of(counts);
        Bar {
            label: month_text(&cx, *month),
            value: Some(sum as f64),
            value_text: Shown::Number(sum).text(&cx),
            class: String::new(),
            href: None,
        }
    });
    let chart = BarChart {
        id: "by-month".to_owned(),
        title: cx.t("statistics-by-month"),
        description: cx.t("statistics-what-attendances"),
        width: 640,
        bars: bars.collect(),
    };
    let empty = loaded.total == Counts::default();
    let months: Vec<Line> = loaded
        .months
        .iter()
        .map(|(month, counts)| Line { name: month_text(&cx, *month), org: String::new(), counts: *counts })
        .collect();
    cx.page(&Page {
        cx: &cx,
        chart: if empty { String::new() } else { chart.svg() },
        months: if empty { &[] } else { &months },
        places: loaded.places.iter().map(|(_, count)| count).sum(),
        loaded: &loaded,
    })
}
