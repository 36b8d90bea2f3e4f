//! The desk of a class: opening one, and its roster.

use askama::Template;
use catalog::{Offer, OfferId};
use kernel::{Actor, Error, Id, Person, Result as Outcome, Right, Timestamp};
use network::Organisation;
use people::Vault;
use store::Tx;
use web::{Cx, Form, FormState, Max, Path};

use crate::{
    close_class::teacher_or,
    model::{Class, ClassId, Session},
    open_class::{CAPACITY_MAX, OpenClass, SESSIONS_MAX},
    read,
};

#[derive(Template)]
#[template(path = "class_new.html")]
struct NewPage<'a> {
    cx: &'a Cx,
    offer: &'a Offer,
    form: &'a FormState,
}

/// The fields' names and the keys of their words, for the summary of mistakes.
const LABELS: [(&str, &str); 9] = [
    ("title", "activities-f-title"),
    ("first", "activities-f-first"),
    ("minutes", "activities-f-minutes"),
    ("sessions", "activities-f-sessions"),
    ("every_days", "activities-f-every"),
    ("capacity", "activities-f-capacity"),
    ("venue", "activities-f-venue"),
    ("room", "activities-f-room"),
    ("teacher", "activities-f-teacher"),
];

/// The empty form, filled with what is known.
pub async fn new(cx: Cx, Path(offer_id): Path<OfferId>) -> web::Result {
    let actor = cx.actor.clone();
    let (offer, org) = cx.store.read(move |tx| manageable(tx, &actor, offer_id)).await?;
    let form = FormState::new(&cx)
        .labels(&cx, &LABELS)
        .with("title", &offer.title)
        .with("venue", &org.name)
        .with("capacity", 30)
        .with("sessions", 1)
        .with("every_days", 7)
        .with("minutes", 90);
    cx.page(&NewPage { cx: &cx, offer: &offer, form: &form })
}

fn manageable(tx: &mut Tx, actor: &Actor, offer_id: OfferId) -> Outcome<(Offer, Organisation)> {
    let offer = catalog::managed_offer(tx, actor, offer_id)?;
    let org = network::org(tx, offer.org_id)?.ok_or_else(Error::missing)?;
    Ok((offer, org))
}

/// What page and program say of a class that is to be opened.
pub(super) struct Plan {
    title: String,
    venue: String,
    room: String,
    capacity: i64,
    first: Timestamp,
    minutes: i64,
    count: i64,
    every: i64,
    teacher: String,
}

impl Plan {
    /// Reads all but the first moment, which pages and programs write differently.
    pub(super) fn read(form: &mut Form, first: Timestamp) -> Self {
        Self {
            title: form.required_text("title", Max(120)),
            venue: form.required_text("venue", Max(120)),
            room: form.text("room", Max(60)),
            capacity: form.int("capacity", 1..=CAPACITY_MAX),
            first,
            minutes: form.int("minutes", 10..=720),
            count: form.int("sessions", 1..=SESSIONS_MAX as i64),
            every: form.int("every_days", 1..=365),
            teacher: form.text("teacher", Max(20)),
        }
    }
}

/// Opens a class whose sessions repeat every so many days; done once for each key.
pub(super) async fn open(cx: &Cx, offer_id: OfferId, key: String, plan: Plan) -> Outcome<ClassId> {
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let sessions: Vec<(Timestamp, Timestamp)> = (0..plan.count)
        .map(|n| plan.first.plus_minutes(n * plan.every * 24 * 60))
        .map(|from| (from, from.plus_minutes(plan.minutes)))
        .collect();
    let write = cx.store.write("activities.open_class", move |tx| {
        let (offer, _) = manageable(tx, &actor, offer_id)?;
        let cmd = OpenClass {
            org_id: offer.org_id,
            offer_id,
            title: plan.title.clone(),
            teacher_id: teacher(tx, &vault, &plan.teacher)?,
            capacity: plan.capacity,
            venue: plan.venue.clone(),
            room: plan.room.clone(),
            sessions: sessions.clone(),
            demo: false,
        };
        let times = (plan.minutes, plan.count, plan.every);
        let words = (&cmd.title, &cmd.venue, &cmd.room);
        let body = (offer_id, cmd.teacher_id, words, plan.capacity, plan.first, times);
        journal::once(tx, &actor, &key, &body, |tx| {
            crate::open_class(tx, &actor, &cmd).map(|opened| opened.class_id)
        })
    });
    write.await
}

/// Takes the form.
pub async fn create(cx: Cx, Path(offer_id): Path<OfferId>, mut form: Form) -> web::Result {
    let actor = cx.actor.clone();
    let (offer, _) = cx.store.read(move |tx| manageable(tx, &actor, offer_id)).await?;
    let first = form.datetime_local("first");
    let plan = Plan::read(&mut form, first);
    let outcome = match form.finish() {
        Ok(()) => open(&cx, offer_id, form.key().to_owned(), plan).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(class_id) => Ok(cx.done(&format!("/desk/classes/{class_id}"), &cx.t("activities-class-opened"))),
        Err(error) => {
            let state = form.state(&cx, error)?.labels(&cx, &LABELS);
            cx.invalid(&NewPage { cx: &cx, offer: &offer, form: &state })
        }
    }
}

kernel::codes! {
    /// Nobody with this telephone number is registered.
    pub NO_TEACHER = Invalid "activities.no_teacher";
}

fn teacher(tx: &mut Tx, vault: &Vault, phone: &str) -> Outcome<Option<Id<Person>>> {
    if phone.is_empty() {
        return Ok(None);
    }
    let phone = phone.parse().map_err(|_| Error::field("teacher", &NO_TEACHER))?;
    people::person_by_phone(tx, vault, &phone)?.map(Some).ok_or_else(|| Error::field("teacher", &NO_TEACHER))
}

/// A line of the roster.
struct Seat {
    name: String,
    at: Timestamp,
}

#[derive(Template)]
#[template(path = "class_desk.html")]
struct ClassPage<'a> {
    cx: &'a Cx,
    class: &'a Class,
    org: &'a Organisation,
    sessions: &'a [Session],
    seats: &'a [Seat],
}

/// The class with its sessions and names, for its teacher and for who may see names there.
pub async fn show(cx: Cx, Path(class_id): Path<ClassId>) -> web::Result {
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let (class, org, sessions, seats) = cx
        .store
        .write("activities.class_list", move |tx| {
            let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
            teacher_or(tx, &actor, &class, Right::SeeNames)?;
            let org = network::org(tx, class.org_id)?.ok_or_else(Error::missing)?;
            let sessions = read::sessions_of_class(tx, class.org_id, class_id)?;
            let roster = read::roster(tx, &class)?;
            let ids: Vec<_> = roster.iter().map(|seat| seat.person_id).collect();
            let names = people::names(tx, &vault, &ids)?;
            let subject = format!("class:{}/{class_id}", class.org_id);
            people::note_reading(tx, &actor, people::ReadAs::ClassList, class.org_id, &subject, ids.len())?;
            let seats: Vec<Seat> = roster
                .into_iter()
                .map(|seat| Seat {
                    name: names.get(&seat.person_id).cloned().unwrap_or_default(),
                    at: seat.enrolled_at,
                })
                .collect();
            Ok((class, org, sessions, seats))
        })
        .await?;
    cx.page(&ClassPage { cx: &cx, class: &class, org: &org, sessions: &sessions, seats: &seats })
}
