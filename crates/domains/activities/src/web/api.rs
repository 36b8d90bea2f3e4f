//! Classes and seats for programs. Free seats come from the database.

use axum::http::{Method, StatusCode};
use catalog::{OfferId, OfferStatus};
use kernel::{Error, Id, Org, Result as Outcome, Right};
use people::Vault;
use store::Tx;
use web::{
    Access, Cx, Path, Routes,
    api::{Body, Key, LINE, Operation, Part, Scope, TEXT},
    input, object,
};

use super::desk::{Plan, open};
use crate::{
    CAPACITY_MAX, SESSIONS_MAX, SignUp,
    close_class::teacher_or,
    model::{Class, ClassId, EnrolmentId, Session, SessionId},
    read,
};

object! {
    /// A meeting of a class.
    SessionOut {
        /// Identifier.
        id: SessionId,
        /// Its place in the order, from 1.
        number: i64 { "minimum": 1 },
        /// When it begins.
        starts_at: String { "format": "date-time" },
        /// When it ends.
        ends_at: String { "format": "date-time" },
    }

    /// A run of an offer, with its seats as they are now.
    ClassOut {
        /// Identifier.
        id: ClassId,
        /// The offer of which it is a run.
        offer: OfferId,
        /// Who runs it.
        organisation: Id<Org>,
        /// Title.
        title: String,
        /// `open`, `closed` or `cancelled`.
        status: String { "enum": ["open", "closed", "cancelled"] },
        /// Seats.
        capacity: i64 { "minimum": 0 },
        /// Seats that can still be taken.
        free: i64 { "minimum": 0 },
        /// Building or place.
        venue: String,
        /// Room.
        room: String,
        /// When the first session begins.
        starts_at: String { "format": "date-time" },
        /// When the last session ends.
        ends_at: String { "format": "date-time" },
        /// Minutes of all sessions.
        minutes: i64 { "minimum": 0 },
        /// Its sessions in order.
        sessions: Vec<SessionOut>,
    }

    /// A seat.
    SeatOut {
        /// Identifier of the enrolment.
        id: EnrolmentId,
        /// Whether it was taken just now; false if the holder had it already.
        new: bool,
    }

    /// A seat that was given back.
    GivenBack {
        /// The class.
        class: ClassId,
        /// Always `cancelled`.
        status: String { "enum": ["cancelled"] },
    }

    /// What was made.
    MadeClass {
        /// Its identifier.
        id: ClassId,
    }

    /// Who has a seat.
    RosterLine {
        /// Identifier of the enrolment.
        id: EnrolmentId,
        /// Name.
        name: String,
        /// When the seat was taken.
        enrolled_at: String { "format": "date-time" },
    }
}

input! {
    /// A class whose sessions repeat every so many days.
    ClassIn {
        /// Title, as on the certificate.
        title: String { "maxLength": 120, "pattern": LINE, "examples": ["书法入门 2026 秋"] },
        /// When the first session begins; years from 1000 to 2999.
        first: String { "format": "date-time", "examples": ["2026-12-01T01:30:00Z"] },
        /// Minutes of each session.
        minutes: i64 { "minimum": 10, "maximum": 720 },
        /// How many sessions.
        sessions: i64 { "minimum": 1, "maximum": SESSIONS_MAX },
        /// Days from one session to the next.
        every_days: i64 { "minimum": 1, "maximum": 365 },
        /// Seats.
        capacity: i64 { "minimum": 1, "maximum": CAPACITY_MAX },
        /// Building or place.
        venue: String { "maxLength": 120, "pattern": LINE },
        /// Room.
        room: Option<String> { "maxLength": 60, "pattern": TEXT },
        /// Telephone number of the teacher, who must have an account.
        teacher: Option<String> { "maxLength": 20, "pattern": TEXT },
    }
}

fn class_out(class: Class, sessions: Vec<Session>) -> ClassOut {
    let free = class.free();
    let sessions = sessions.into_iter().map(|session| SessionOut {
        id: session.session_id,
        number: session.number,
        starts_at: session.starts_at.rfc3339(),
        ends_at: session.ends_at.rfc3339(),
    });
    ClassOut {
        id: class.class_id,
        offer: class.offer_id,
        organisation: class.org_id,
        title: class.title,
        status: class.status,
        capacity: class.capacity,
        free,
        venue: class.venue,
        room: class.room,
        starts_at: class.starts_at.rfc3339(),
        ends_at: class.ends_at.rfc3339(),
        minutes: class.minutes_planned.0,
        sessions: sessions.collect(),
    }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/offers/{offer}/classes",
            Access::Public,
            Operation::new::<Part<ClassOut>>(
                "offers",
                "The classes of an offer that are not over, soonest first; at most 50",
            ),
            of_offer,
        )
        .api(
            Method::GET,
            "/api/v1/classes/{class}",
            Access::Public,
            Operation::new::<ClassOut>("offers", "A class with its sessions and free seats"),
            one,
        )
        .api(
            Method::POST,
            "/api/v1/classes/{class}/seat",
            Access::SignedIn,
            Operation::new::<SeatOut>("me", "Take a seat").scope(Scope::MeWrite).once(),
            take,
        )
        .api(
            Method::DELETE,
            "/api/v1/classes/{class}/seat",
            Access::SignedIn,
            Operation::new::<GivenBack>("me", "Give the seat back").scope(Scope::MeWrite),
            give_back,
        )
        .api(
            Method::POST,
            "/api/v1/offers/{offer}/classes",
            Access::Right(Right::ManageOffers),
            Operation::new::<MadeClass>("desk", "Open a class")
                .body::<ClassIn>()
                .scope(Scope::Desk)
                .creates()
                .once(),
            create,
        )
        .api(
            Method::GET,
            "/api/v1/classes/{class}/roster",
            Access::SignedIn,
            Operation::new::<Part<RosterLine>>(
                "desk",
                "Who has a seat, for the teacher and who may see names there",
            )
            .scope(Scope::Desk),
            roster,
        )
}

fn with_sessions(tx: &mut Tx, class: Class) -> Outcome<ClassOut> {
    let sessions = read::sessions_of_class(tx, class.org_id, class.class_id)?;
    Ok(class_out(class, sessions))
}

async fn of_offer(cx: Cx, Path(id): Path<OfferId>) -> web::Result {
    let read = cx.store.read(move |tx| {
        let offer = catalog::offer(tx, id)?.filter(|offer| offer.status == OfferStatus::Published);
        let offer = offer.ok_or_else(Error::missing)?;
        let now = tx.now();
        let classes = read::classes_of_offer(tx, offer.org_id, id, now)?;
        classes.into_iter().map(|class| with_sessions(tx, class)).collect::<Outcome<Vec<_>>>()
    });
    cx.json(StatusCode::OK, &Part { items: read.await?, next: None })
}

async fn one(cx: Cx, Path(id): Path<ClassId>) -> web::Result {
    let read = cx.store.read(move |tx| {
        let class = read::class(tx, id)?.ok_or_else(Error::missing)?;
        with_sessions(tx, class)
    });
    cx.json(StatusCode::OK, &read.await?)
}

async fn take(cx: Cx, Path(class_id): Path<ClassId>, Key(key): Key) -> web::Result {
    let (actor, person_id) = (cx.actor.clone(), cx.signed_in()?);
    let write = cx.store.write("activities.sign_up", move |tx| {
        let cmd = SignUp { class_id, person_id };
        journal::once(tx, &actor, &key, &cmd, |tx| crate::sign_up(tx, &actor, &cmd))
    });
    let seat = write.await?;
    cx.json(StatusCode::OK, &SeatOut { id: seat.enrolment_id, new: seat.new })
}

async fn give_back(cx: Cx, Path(class_id): Path<ClassId>) -> web::Result {
    let (actor, person_id) = (cx.actor.clone(), cx.signed_in()?);
    let write = cx.store.write("activities.cancel", move |tx| {
        crate::cancel_sign_up(tx, &actor, &SignUp { class_id, person_id })
    });
    write.await?;
    cx.json(StatusCode::OK, &GivenBack { class: class_id, status: "cancelled".to_owned() })
}

async fn create(cx: Cx, Path(offer_id): Path<OfferId>, Key(key): Key, body: Body) -> web::Result {
    let mut form = body.form(&key);
    let first = kernel::Timestamp::from_rfc3339(form.raw("first"));
    if let Err(error) = &first {
        form.wrong("first", error.code());
    }
    let plan = Plan::read(&mut form, first.unwrap_or_default());
    form.finish()?;
    let class_id = open(&cx, offer_id, key, plan).await?;
    cx.json(StatusCode::CREATED, &MadeClass { id: class_id })
}

async fn roster(cx: Cx, Path(class_id): Path<ClassId>) -> web::Result {
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let read = cx.store.write("activities.class_list", move |tx| {
        let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
        teacher_or(tx, &actor, &class, Right::SeeNames)?;
        let seats = read::roster(tx, &class)?;
        let ids: Vec<_> = seats.iter().map(|seat| seat.person_id).collect();
        let names = people::names(tx, &vault, &ids)?;
        let subject = format!("class:{}/{class_id}", class.org_id);
        people::note_reading(tx, &actor, people::ReadAs::ClassList, class.org_id, &subject, ids.len())?;
        Ok(seats
            .into_iter()
            .map(|seat| RosterLine {
                id: seat.enrolment_id,
                name: names.get(&seat.person_id).cloned().unwrap_or_default(),
                enrolled_at: seat.enrolled_at.rfc3339(),
            })
            .collect::<Vec<_>>())
    });
    cx.json(StatusCode::OK, &Part { items: read.await?, next: None })
}
