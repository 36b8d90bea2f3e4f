//! `/passport`: everything that I learned, on one page.

use std::collections::HashMap;

use activities::{Class, ClassId};
use askama::Template;
use credentials::Credential;
use kernel::{Credit, Id, Minutes, Org, PageRequest, Result as Outcome, Timestamp};
use learning::MyAttendance;
use network::Organisation;
use store::Tx;
use web::Cx;

/// Attendances on a page.
const PAGE: i64 = 30;

struct Loaded {
    coming: Vec<Class>,
    attendances: Vec<MyAttendance>,
    titles: HashMap<ClassId, String>,
    orgs: HashMap<Id<Org>, Organisation>,
    sessions: i64,
    minutes: Minutes,
    credit: Credit,
    certificates: Vec<Credential>,
}

/// A line of the list.
struct Line<'a> {
    attendance: &'a MyAttendance,
    title: &'a str,
    org: &'a str,
}

#[derive(Template)]
#[template(path = "passport.html")]
struct Page<'a> {
    cx: &'a Cx,
    name: &'a str,
    coming: &'a [Class],
    lines: Vec<Line<'a>>,
    sessions: i64,
    minutes: Minutes,
    credit: Credit,
    certificates: &'a [Credential],
    more: Option<String>,
    first: bool,
}

/// Shows the reader's own passport.
pub async fn show(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let before =
        cx.param_as::<i64>("before").map_or(Timestamp::from_millis(i64::MAX), Timestamp::from_millis);
    let loaded = cx.store.read(move |tx| load(tx, person, before)).await?;
    let more = (loaded.attendances.len() as i64 == PAGE)
        .then(|| loaded.attendances.last())
        .flatten()
        .map(|last| cx.url_with("before", last.occurred_at.millis()));
    let lines = loaded
        .attendances
        .iter()
        .map(|attendance| Line {
            attendance,
            title: loaded.titles.get(&attendance.class_id).map_or("", String::as_str),
            org: loaded.orgs.get(&attendance.org_id).map_or("", |org| org.name.as_str()),
        })
        .collect();
    cx.page(&Page {
        cx: &cx,
        name: cx.display_name.as_deref().unwrap_or_default(),
        coming: &loaded.coming,
        lines,
        sessions: loaded.sessions,
        minutes: loaded.minutes,
        credit: loaded.credit,
        certificates: &loaded.certificates,
        more,
        first: cx.param("before").is_empty(),
    })
}

fn load(tx: &mut Tx, person: Id<kernel::Person>, before: Timestamp) -> Outcome<Loaded> {
    let now = tx.now();
    let attendances = learning::attendances_of_person(tx, person, before, PAGE)?;
    let mut titles = HashMap::new();
    for attendance in &attendances {
        if !titles.contains_key(&attendance.class_id)
            && let Some(class) = activities::class(tx, attendance.class_id)?
        {
            titles.insert(attendance.class_id, class.title);
        }
    }
    let orgs: Vec<Id<Org>> = attendances.iter().map(|attendance| attendance.org_id).collect();
    let (sessions, minutes) = learning::sums_of_person(tx, person)?;
    Ok(Loaded {
        coming: activities::upcoming_of_person(tx, person, now)?,
        orgs: network::orgs_by_ids(tx, &orgs)?,
        titles,
        attendances,
        sessions,
        minutes,
        credit: bank::balance(tx, person)?,
        certificates: credentials::credentials_of_person(tx, person, &PageRequest::first(50))?.rows,
    })
}
