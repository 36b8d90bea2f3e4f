//! `/figures/{figure}`: the way down, from the city to the records that a figure is made of.

use activities::{Class, ClassId, Session, SessionId};
use askama::Template;
use axum::{http::header, response::IntoResponse};
use kernel::{Actor, Error, Id, Org, Result as Outcome, Right};
use learning::{Attendance, Headcount};
use network::Organisation;
use people::Vault;
use render::table::{Bom, Cell as CsvCell, csv};
use store::Tx;
use web::{Cx, Path};

use crate::{
    cells::Cell,
    read::{Months, by_child, by_class, by_month, years},
};

/// Classes shown on a page.
const CLASSES: i64 = 200;
/// Numbers of people below this are not told to the public.
const SMALL: i64 = 5;

/// The figures that can be drilled into.
const FIGURES: [&str; 3] = ["attendances", "learners", "minutes"];

/// A line of a table on the way down.
struct Line {
    name: String,
    url: String,
    cell: Cell,
    learners: i64,
}

struct SessionLine {
    session: Session,
    attendances: i64,
    visitors: i64,
}

/// What is shown at the bottom.
enum Below {
    /// Organisations and classes.
    Org(Vec<Line>),
    /// A class with its sessions.
    Class(Class, Vec<SessionLine>),
    /// A session with its records; names only for who may see them.
    Session(Class, Session, Vec<(String, Attendance)>, Vec<Headcount>),
}

struct Loaded {
    org: Organisation,
    path: Vec<Organisation>,
    total: Cell,
    below: Below,
    names: bool,
    years: Vec<i32>,
}

#[derive(Template)]
#[template(path = "drill.html")]
struct Page<'a> {
    cx: &'a Cx,
    figure: &'a str,
    year: i32,
    loaded: &'a Loaded,
    learners: String,
}

/// Shows an organisation's figure and what it is made of.
pub async fn show(cx: Cx, Path(figure): Path<String>) -> web::Result {
    let figure = FIGURES.into_iter().find(|known| *known == figure).ok_or_else(Error::missing)?;
    let year = cx.param_as::<i32>("year").filter(|y| (2000..2200).contains(y));
    let year = year.unwrap_or_else(|| cx.now.day().month().year());
    let org = cx.param_as::<Id<Org>>("org");
    let (class, session) = (cx.param_as::<ClassId>("class"), cx.param_as::<SessionId>("session"));
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let loaded = cx.store.read(move |tx| load(tx, &actor, &vault, figure, year, org, class, session)).await?;
    if cx.param("format") == "csv" {
        return export(&cx, &loaded);
    }
    let learners = people(&cx, loaded.total.learners(), loaded.names);
    cx.page(&Page { cx: &cx, figure, year, loaded: &loaded, learners })
}

/// A number of people as the reader may know it.
fn people(cx: &Cx, count: i64, names: bool) -> String {
    if !names && (1..SMALL).contains(&count) {
        cx.t1("statistics-fewer", "n", SMALL)
    } else {
        cx.number(count)
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of an address, read once")]
fn load(
    tx: &mut Tx,
    actor: &Actor,
    vault: &Vault,
    figure: &str,
    year: i32,
    org: Option<Id<Org>>,
    class: Option<ClassId>,
    session: Option<SessionId>,
) -> Outcome<Loaded> {
    let months = Months::year(year);
    let org = match org {
        Some(id) => network::org(tx, id)?.ok_or_else(Error::missing)?,
        None => network::top_org(tx)?.ok_or_else(Error::missing)?,
    };
    let path = network::ancestors(tx, org.org_id)?;
    let names = network::access::may(tx, actor, Right::SeeNames, org.org_id)?;
    let mut total = Cell::default();
    by_month(tx, org.org_id, months)?.values().for_each(|cell| total.unite(cell));
    let below = match (class, session) {
        (_, Some(session)) => records(tx, vault, &org, session, names)?,
        (Some(class), None) => sessions(tx, &org, class)?,
        (None, None) => Below::Org(lines(tx, figure, year, &org, months)?),
    };
    Ok(Loaded { org, path, total, below, names, years: years(tx)? })
}

fn lines(tx: &mut Tx, figure: &str, year: i32, org: &Organisation, months: Months) -> Outcome<Vec<Line>> {
    let cells = by_child(tx, org.org_id, months)?;
    let ids: Vec<Id<Org>> = cells.keys().copied().filter(|id| *id != org.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &ids)?;
    let mut lines: Vec<Line> = cells
        .into_iter()
        .filter_map(|(id, cell)| {
            let child = orgs.get(&id)?;
            let url = format!("/figures/{figure}?org={id}&year={year}");
            Some(Line { name: child.name.clone(), url, learners: cell.learners(), cell })
        })
        .collect();
    for class in by_class(tx, org, months, CLASSES)? {
        let url = format!("/figures/{figure}?org={}&year={year}&class={}", org.org_id, class.class.class_id);
        let cell = Cell {
            attendances: class.attendances,
            visitors: class.visitors,
            minutes: class.minutes,
            ..Cell::default()
        };
        lines.push(Line { name: class.class.title, url, cell, learners: class.learners });
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.cell.attendances + line.cell.visitors));
    Ok(lines)
}

fn class_of(tx: &mut Tx, org: &Organisation, id: ClassId) -> Outcome<Class> {
    activities::class(tx, id)?.filter(|class| class.org_id == org.org_id).ok_or_else(Error::missing)
}

fn sessions(tx: &mut Tx, org: &Organisation, id: ClassId) -> Outcome<Below> {
    let class = class_of(tx, org, id)?;
    let mut lines = Vec::new();
    for session in activities::sessions_of_class(tx, class.org_id, id)? {
        let valid = |status: &str| status == "valid";
        let attendances =
            learning::attendances_of_session(tx, &session)?.iter().filter(|a| valid(&a.status)).count();
        let counted = learning::headcounts_of_session(tx, &session)?;
        let visitors = counted.iter().filter(|h| valid(&h.status)).map(|h| h.visitors).sum();
        lines.push(SessionLine { session, attendances: attendances as i64, visitors });
    }
    Ok(Below::Class(class, lines))
}

fn records(tx: &mut Tx, vault: &Vault, org: &Organisation, id: SessionId, names: bool) -> Outcome<Below> {
    let session = activities::session(tx, id)?.ok_or_else(Error::missing)?;
    let class = class_of(tx, org, session.class_id)?;
    let attendances = learning::attendances_of_session(tx, &session)?;
    let known = if names {
        let ids: Vec<_> = attendances.iter().map(|attendance| attendance.person_id).collect();
        people::names(tx, vault, &ids)?
    } else {
        std::collections::HashMap::new()
    };
    let attendances = attendances
        .into_iter()
        .map(|attendance| (known.get(&attendance.person_id).cloned().unwrap_or_default(), attendance))
        .collect();
    let headcounts = learning::headcounts_of_session(tx, &session)?;
    Ok(Below::Session(class, session, attendances, headcounts))
}

/// The table that is shown, as a file.
fn export(cx: &Cx, loaded: &Loaded) -> web::Result {
    let headers = [
        "statistics-place",
        "statistics-attendances",
        "statistics-visitors",
        "statistics-learners",
        "statistics-minutes",
    ]
    .map(|key| cx.t(key));
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let rows: Vec<Vec<CsvCell>> = match &loaded.below {
        Below::Org(lines) => lines
            .iter()
            .map(|line| {
                vec![
                    line.name.clone().into(),
                    line.cell.attendances.into(),
                    line.cell.visitors.into(),
                    people(cx, line.learners, loaded.names).into(),
                    line.cell.minutes.into(),
                ]
            })
            .collect(),
        Below::Class(_, lines) => lines
            .iter()
            .map(|line| {
                let minutes = line.session.minutes().0 * line.attendances;
                let learners = people(cx, line.attendances, loaded.names);
                vec![
                    cx.datetime(&line.session.starts_at).into(),
                    line.attendances.into(),
                    line.visitors.into(),
                    learners.into(),
                    minutes.into(),
                ]
            })
            .collect(),
        Below::Session(..) => return Err(Error::missing().into()),
    };
    let bytes =
        csv(&headers, &rows, Bom::With).map_err(|e| Error::bug("a table cannot be written").caused_by(e))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"figures.csv\""),
    ];
    Ok((headers, bytes).into_response())
}
