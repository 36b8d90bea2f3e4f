//! `/figures/{figure}`: the way down, from the city to the records that a figure is made of.

use std::collections::HashMap;

use activities::{Class, ClassId, Session, SessionId};
use askama::Template;
use axum::{http::header, response::IntoResponse};
use kernel::{Actor, Error, Id, Org, Result as Outcome, Right};
use learning::{Attendance, Headcount};
use network::Organisation;
use people::{ReadAs, Vault, note_reading};
use render::{
    chart::{Bar, BarChart},
    table::{Bom, Cell as CsvCell, csv},
};
use store::Tx;
use web::{Cx, Path};

use super::figure::{Figure, Period, Reach, Shown, asked_tree, month_text, tree_part};
use crate::read::{Counts, Tree, by_child, by_class, by_month, by_session, years};

/// Lines on a page.
const PAGE: usize = 100;

/// A line of the table on the way down.
struct Line {
    /// Place in the list, for paging: an identifier.
    key: String,
    name: String,
    url: String,
    /// A class of the organisation itself, among its child organisations.
    class: bool,
    counts: Counts,
    reach: Reach,
}

/// One month of an organisation.
struct MonthLine {
    name: String,
    columns: Vec<Shown>,
}

/// How far down the reader stands.
enum Below {
    /// Organisations and classes.
    Org(Vec<Line>, Vec<(kernel::Month, Counts)>),
    /// A class with its sessions.
    Class(Class, Vec<Line>),
    /// A session with its records.
    Session(Class, Session, Vec<(String, Attendance)>, Vec<Headcount>),
}

struct Loaded {
    org: Organisation,
    path: Vec<Organisation>,
    total: Counts,
    reach: Reach,
    below: Below,
    names: bool,
    years: Vec<i32>,
    /// Whether the tree was ever another one.
    reorganised: bool,
}

/// What an address asks for.
struct Asked {
    figure: Figure,
    period: Period,
    org: Option<Id<Org>>,
    class: Option<ClassId>,
    session: Option<SessionId>,
    tree: Tree,
}

impl Asked {
    fn url(&self, org: Id<Org>) -> String {
        let (figure, period, tree) = (self.figure.as_str(), self.period.word(), tree_part(self.tree));
        format!("/figures/{figure}?org={org}&year={period}{tree}")
    }

    /// Which columns the lines have. Certificates and classes have no sessions: there, the way on shows the check-ins.
    fn columns(&self, below: &Below) -> Figure {
        match (self.figure, below) {
            (Figure::Classes | Figure::Certificates, Below::Class(..) | Below::Session(..)) => {
                Figure::Attendances
            }
            (figure, _) => figure,
        }
    }
}

#[derive(Template)]
#[template(path = "drill.html")]
struct Page<'a> {
    cx: &'a Cx,
    asked: &'a Asked,
    loaded: &'a Loaded,
    columns: Figure,
    headline: String,
    lines: &'a [Line],
    months: Vec<MonthLine>,
    chart: String,
    next: Option<&'a str>,
}

impl Page<'_> {
    fn org_url(&self, org: &Id<Org>) -> String {
        self.asked.url(*org)
    }

    fn class_url(&self, class: &Class) -> String {
        format!("{}&class={}", self.asked.url(class.org_id), class.class_id)
    }

    fn shown(&self, counts: &Counts, reach: &Reach) -> Vec<Shown> {
        self.columns.columns(counts, *reach)
    }

    fn is_year(&self, year: &i32) -> bool {
        self.asked.period == Period::Year(*year)
    }

    /// The same place in another figure.
    fn figure_url(&self, figure: &Figure) -> String {
        self.cx.url_with("after", "").replacen(self.asked.figure.as_str(), figure.as_str(), 1)
    }

    fn year_url(&self, year: impl std::fmt::Display) -> String {
        let figure = self.asked.figure.as_str();
        let tree = tree_part(self.asked.tree);
        format!("/figures/{figure}?org={}&year={year}{tree}", self.loaded.org.org_id)
    }

    fn is_then(&self) -> bool {
        self.asked.tree == Tree::Then
    }

    fn tree_url(&self, tree: &str) -> String {
        self.cx.url_with_all(&[("tree", tree), ("after", "")])
    }
}

/// Shows a figure of an organisation, class or session and what it is made of.
pub async fn show(cx: Cx, Path(figure): Path<String>) -> web::Result {
    let asked = Asked {
        figure: figure.parse().map_err(|()| Error::missing())?,
        period: Period::read(cx.param("year"), cx.now.day()),
        org: asked_id(&cx, "org")?,
        class: asked_id(&cx, "class")?,
        session: asked_id(&cx, "session")?,
        tree: asked_tree(&cx),
    };
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let (asked, loaded) = {
        let asked = std::sync::Arc::new(asked);
        let reading = asked.clone();
        let file = cx.param("format") == "csv";
        let work = move |tx: &mut Tx| {
            let loaded = load(tx, &actor, &vault, &reading)?;
            if let (true, Below::Session(_, session, records, _)) = (loaded.names, &loaded.below) {
                let what = if file { ReadAs::DrillDownFile } else { ReadAs::DrillDown };
                let org = session.org_id;
                let subject = format!("class_session:{org}/{}", session.session_id);
                note_reading(tx, &actor, what, org, &subject, records.len())?;
            }
            Ok(loaded)
        };
        // Only the last step down shows names, and only to some; nobody else's look is worth a commit.
        let named = asked.session.is_some() && cx.may_somewhere(Right::SeeNames);
        let loaded = if named {
            cx.store.write("statistics.records", work).await?
        } else {
            cx.store.read(work).await?
        };
        (asked, loaded)
    };
    let columns = asked.columns(&loaded.below);
    if cx.param("format") == "csv" {
        return export(&cx, columns, &loaded);
    }
    let all: &[Line] = match &loaded.below {
        Below::Org(lines, _) | Below::Class(_, lines) => lines,
        Below::Session(..) => &[],
    };
    let after = cx.param("after");
    let start = all.iter().position(|line| line.key == after).map_or(0, |at| at + 1);
    let lines = &all[start..all.len().min(start + PAGE)];
    let next = (start + PAGE < all.len()).then(|| lines.last().map(|line| line.key.as_str())).flatten();
    let (months, chart) = months(&cx, &asked, &loaded);
    cx.page(&Page {
        cx: &cx,
        asked: &asked,
        loaded: &loaded,
        columns,
        headline: asked.figure.headline(&loaded.total, loaded.reach).text(&cx),
        lines,
        months,
        chart,
        next,
    })
}

/// A parameter of the address; one that cannot be read names nothing that exists.
fn asked_id<T>(cx: &Cx, name: &str) -> Outcome<Option<Id<T>>> {
    match cx.param(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::missing()),
    }
}

fn load(tx: &mut Tx, actor: &Actor, vault: &Vault, asked: &Asked) -> Outcome<Loaded> {
    let session =
        asked.session.map(|id| activities::session(tx, id)?.ok_or_else(Error::missing)).transpose()?;
    let class_id = session.as_ref().map(|session| session.class_id).or(asked.class);
    let class = class_id.map(|id| activities::class(tx, id)?.ok_or_else(Error::missing)).transpose()?;
    let org_id = class.as_ref().map(|class| class.org_id).or(asked.org);
    let org = match org_id {
        Some(id) => network::org(tx, id)?,
        None => network::top_org(tx)?,
    }
    .ok_or_else(Error::missing)?;
    if asked.org.is_some_and(|id| id != org.org_id) || asked.class.is_some_and(|id| Some(id) != class_id) {
        return Err(Error::missing());
    }
    let inside = network::access::may(tx, actor, Right::SeeDesk, org.org_id)?;
    let names = network::access::may(tx, actor, Right::SeeNames, org.org_id)?;
    let close = if inside { Reach::Inside } else { Reach::Close };
    let months = asked.period.months();
    let (total, reach, below) = match (class, session) {
        (Some(class), Some(session)) => {
            let (_, lines) = by_session(tx, &class, whole(&session))?;
            let found = lines.into_iter().find(|(other, _)| other.session_id == session.session_id);
            let total = found.map(|(_, counts)| counts).unwrap_or_default();
            (total, close, records(tx, vault, class, session, names)?)
        }
        (Some(class), None) => {
            let (total, sessions) = by_session(tx, &class, months)?;
            let base = format!("{}&session=", asked.url(org.org_id));
            let lines = sessions.into_iter().map(|(session, counts)| Line {
                key: session.session_id.to_string(),
                name: session.starts_at.minute_text(),
                url: format!("{base}{}", session.session_id),
                class: false,
                counts,
                reach: close,
            });
            let lines = lines.collect();
            (total, close, Below::Class(class, lines))
        }
        _ => {
            let reach = if inside { Reach::Inside } else { Reach::Place };
            let cells = by_month(tx, org.org_id, months, asked.tree)?;
            let mut total = crate::Cell::default();
            cells.values().for_each(|cell| total.unite(cell));
            let by_month = months
                .each()
                .map(|month| (month, cells.get(&month).map(Counts::from).unwrap_or_default()))
                .collect();
            (Counts::from(&total), reach, Below::Org(lines(tx, asked, &org, inside)?, by_month))
        }
    };
    let path = network::ancestors(tx, org.org_id)?;
    Ok(Loaded {
        org,
        path,
        total,
        reach,
        below,
        names,
        years: years(tx)?,
        reorganised: network::was_reorganised(tx)?,
    })
}

/// The month of a session: a session is shown whole, whatever period led to it.
fn whole(session: &Session) -> crate::Months {
    let month = session.starts_at.day().month();
    crate::Months(month, kernel::Month(month.0 + 1))
}

/// What an organisation's figure is made of: those below it, and the classes that it runs itself; the largest first.
fn lines(tx: &mut Tx, asked: &Asked, org: &Organisation, inside: bool) -> Outcome<Vec<Line>> {
    let months = asked.period.months();
    let mut cells = by_child(tx, org.org_id, months, asked.tree)?;
    cells.remove(&org.org_id);
    let ids: Vec<Id<Org>> = cells.keys().copied().collect();
    let orgs = network::orgs_by_ids(tx, &ids)?;
    let mut lines: Vec<Line> = cells
        .iter()
        .filter_map(|(id, cell)| {
            Some(Line {
                key: id.to_string(),
                name: orgs.get(id)?.name.clone(),
                url: asked.url(*id),
                class: false,
                counts: Counts::from(cell),
                reach: if inside { Reach::Inside } else { Reach::Place },
            })
        })
        .collect();
    for (class, counts) in by_class(tx, org.org_id, months)? {
        lines.push(Line {
            key: class.class_id.to_string(),
            name: class.title,
            url: format!("{}&class={}", asked.url(org.org_id), class.class_id),
            class: true,
            counts,
            reach: if inside { Reach::Inside } else { Reach::Close },
        });
    }
    lines.retain(|line| asked.figure.of(&line.counts) > 0);
    lines.sort_by(|a, b| {
        let (first, second) = (asked.figure.of(&a.counts), asked.figure.of(&b.counts));
        second.cmp(&first).then_with(|| a.key.cmp(&b.key))
    });
    Ok(lines)
}

fn records(tx: &mut Tx, vault: &Vault, class: Class, session: Session, names: bool) -> Outcome<Below> {
    if !names {
        return Ok(Below::Session(class, session, Vec::new(), Vec::new()));
    }
    let attendances = learning::attendances_of_session(tx, &session)?;
    let ids: Vec<_> = attendances.iter().map(|attendance| attendance.person_id).collect();
    let known: HashMap<_, _> = people::names(tx, vault, &ids)?;
    let attendances = attendances
        .into_iter()
        .map(|attendance| (known.get(&attendance.person_id).cloned().unwrap_or_default(), attendance))
        .collect();
    let headcounts = learning::headcounts_of_session(tx, &session)?;
    Ok(Below::Session(class, session, attendances, headcounts))
}

/// The months of an organisation as lines and as a chart; empty where nothing happened at all.
fn months(cx: &Cx, asked: &Asked, loaded: &Loaded) -> (Vec<MonthLine>, String) {
    let Below::Org(_, months) = &loaded.below else { return (Vec::new(), String::new()) };
    if asked.figure.of(&loaded.total) == 0 {
        return (Vec::new(), String::new());
    }
    let figure = asked.figure;
    let bars = months.iter().map(|(month, counts)| {
        let shown = figure.headline(counts, loaded.reach);
        Bar {
            label: month_text(cx, *month),
            value: matches!(shown, Shown::Number(_)).then(|| figure.of(counts) as f64),
            value_text: shown.text(cx),
            class: String::new(),
            href: None,
        }
    });
    let chart = BarChart {
        id: "by-month".to_owned(),
        title: cx.t("statistics-by-month"),
        description: format!("{} · {}", loaded.org.name, asked.period.text(cx)),
        width: 640,
        bars: bars.collect(),
    };
    let lines = months
        .iter()
        .map(|(month, counts)| MonthLine {
            name: month_text(cx, *month),
            columns: figure.columns(counts, loaded.reach),
        })
        .collect();
    (lines, chart.svg())
}

/// The table that is shown, whole, as a file.
fn export(cx: &Cx, columns: Figure, loaded: &Loaded) -> web::Result {
    let (heads, rows) = match &loaded.below {
        Below::Org(lines, _) | Below::Class(_, lines) => {
            let first = if matches!(loaded.below, Below::Class(..)) {
                "statistics-session"
            } else {
                "statistics-place"
            };
            let heads: Vec<&str> = [first].into_iter().chain(columns.heads().iter().copied()).collect();
            let row = |line: &Line| {
                let name = CsvCell::from(line.name.clone());
                let columns = columns.columns(&line.counts, line.reach);
                [name].into_iter().chain(columns.into_iter().map(|shown| shown.csv(cx))).collect()
            };
            (heads, lines.iter().map(row).collect())
        }
        Below::Session(_, session, ..) if !loaded.names => {
            let heads: Vec<&str> =
                ["statistics-session"].into_iter().chain(columns.heads().iter().copied()).collect();
            let shown = columns.columns(&loaded.total, loaded.reach).into_iter().map(|shown| shown.csv(cx));
            (heads, vec![[CsvCell::from(session.starts_at.minute_text())].into_iter().chain(shown).collect()])
        }
        Below::Session(_, _, attendances, headcounts) => {
            let heads = vec![
                "statistics-record",
                "statistics-visitors",
                "statistics-minutes",
                "statistics-evidence",
                "statistics-status",
            ];
            (heads, record_rows(cx, attendances, headcounts))
        }
    };
    let heads: Vec<String> = heads.into_iter().map(|key| cx.t(key)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let bytes =
        csv(&heads, &rows, Bom::With).map_err(|e| Error::bug("a table cannot be written").caused_by(e))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"figures.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

fn record_rows(cx: &Cx, attendances: &[(String, Attendance)], headcounts: &[Headcount]) -> Vec<Vec<CsvCell>> {
    let status = |status: &str| CsvCell::from(cx.tk("statistics-record", status));
    let mut rows: Vec<Vec<CsvCell>> = attendances
        .iter()
        .map(|(name, a)| {
            let grade = cx.tk("learning-grade", a.grade.as_str());
            vec![name.clone().into(), CsvCell::Empty, a.minutes.0.into(), grade.into(), status(&a.status)]
        })
        .collect();
    rows.extend(headcounts.iter().map(|h| {
        let name = cx.t("statistics-headcount");
        vec![name.into(), h.visitors.into(), CsvCell::Empty, h.evidence.clone().into(), status(&h.status)]
    }));
    rows
}
