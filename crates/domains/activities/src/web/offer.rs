//! `/offers/{id}`: everything that a resident wants to know before she goes there.

use askama::Template;
use catalog::{Offer, OfferId, OfferStatus};
use kernel::{Error, Result as Outcome};
use network::Organisation;
use store::Tx;
use web::{Cx, Path};

use super::structured;
use crate::{
    model::{Class, Session},
    read,
};

/// Sessions shown of each class; the rest is told as a number.
const SESSIONS_SHOWN: usize = 6;

/// A class with what its line on the page needs.
pub(crate) struct Line {
    pub class: Class,
    pub sessions: Vec<Session>,
    pub more: usize,
    /// Whether the reader has a seat.
    pub mine: bool,
}

struct Shown {
    offer: Offer,
    org: Organisation,
    subjects: Vec<String>,
    lines: Vec<Line>,
    manages: bool,
    open_now: Option<network::OpenNow>,
}

#[derive(Template)]
#[template(path = "offer.html")]
struct Page<'a> {
    cx: &'a Cx,
    offer: &'a Offer,
    org: &'a Organisation,
    subjects: String,
    lines: &'a [Line],
    manages: bool,
    /// How the place stands now, of an offer that is open without classes.
    open_now: Option<network::OpenNow>,
    paragraphs: Vec<&'a str>,
    /// What it costs, in yuan.
    cost: String,
    /// The same for search engines; a draft is none of theirs.
    structured: Option<String>,
    path: String,
}

/// Shows an offer with its classes and their free seats, which come from the database.
pub async fn show(cx: Cx, Path(id): Path<OfferId>) -> web::Result {
    let actor = cx.actor.clone();
    let shown = cx.store.read(move |tx| load(tx, &actor, id)).await?;
    super::keep_while_unchanged(&cx, shown.lines.iter().map(|line| &line.class));
    let paragraphs = shown.offer.body.lines().filter(|line| !line.trim().is_empty()).collect();
    let classes: Vec<&Class> = shown.lines.iter().map(|line| &line.class).collect();
    let structured = (shown.offer.status == OfferStatus::Published)
        .then(|| cx.json_ld(&structured::offer(&cx, &shown.offer, &classes, &shown.org)));
    cx.page(&Page {
        cx: &cx,
        structured,
        path: format!("/offers/{id}"),
        offer: &shown.offer,
        org: &shown.org,
        subjects: shown.subjects.join(" › "),
        lines: &shown.lines,
        manages: shown.manages,
        open_now: shown.open_now,
        paragraphs,
        cost: format!("{}.{:02}", shown.offer.cost_fen / 100, shown.offer.cost_fen % 100),
    })
}

fn load(tx: &mut Tx, actor: &kernel::Actor, id: OfferId) -> Outcome<Shown> {
    let offer = catalog::offer(tx, id)?.ok_or_else(Error::missing)?;
    let manages = network::access::may(tx, actor, kernel::Right::ManageOffers, offer.org_id)?;
    if offer.status != OfferStatus::Published && !manages {
        return Err(Error::missing());
    }
    let org = network::org(tx, offer.org_id)?.ok_or_else(Error::missing)?;
    let subjects = catalog::subject_path(tx, &offer.subject_code)?.into_iter().map(|s| s.name).collect();
    let now = tx.now();
    let mut lines = Vec::new();
    for class in read::classes_of_offer(tx, offer.org_id, id, now)? {
        lines.push(line(tx, actor, class)?);
    }
    let open_now = if offer.kind.has_classes() { None } else { network::open_now(tx, &org)? };
    Ok(Shown { offer, org, subjects, lines, manages, open_now })
}

fn line(tx: &mut Tx, actor: &kernel::Actor, class: Class) -> Outcome<Line> {
    let now = tx.now();
    let mut sessions = read::sessions_of_class(tx, class.org_id, class.class_id)?;
    sessions.retain(|session| session.ends_at > now);
    let more = sessions.len().saturating_sub(SESSIONS_SHOWN);
    sessions.truncate(SESSIONS_SHOWN);
    let mine = match actor.person() {
        Some(person) => read::enrolment(tx, &class, person)?.is_some_and(|seat| seat.status == "seated"),
        None => false,
    };
    Ok(Line { class, sessions, more, mine })
}
