//! Taking a seat, the page that says so, and giving it back.

use askama::Template;
use kernel::Error;
use network::Organisation;
use web::{Cx, Form, Level, Path, limit::SEAT_PERSON};

use crate::{
    FULL,
    model::{Class, ClassId, Session},
    read,
    sign_up::{SignUp, alternatives},
};

#[derive(Template)]
#[template(path = "seat.html")]
struct SeatPage<'a> {
    cx: &'a Cx,
    class: &'a Class,
    org: &'a Organisation,
    sessions: &'a [Session],
    seated: bool,
    begun: bool,
    csrf: &'a str,
}

#[derive(Template)]
#[template(path = "full.html")]
struct FullPage<'a> {
    cx: &'a Cx,
    class: &'a Class,
    others: &'a [Class],
}

/// Takes a seat for who is signed in. Sent twice it is done once.
pub async fn sign_up(cx: Cx, Path(class_id): Path<ClassId>, form: Form) -> web::Result {
    let person_id = cx.signed_in()?;
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let outcome = cx
        .store
        .write("activities.sign_up", move |tx| {
            let cmd = SignUp { class_id, person_id };
            SEAT_PERSON.count(tx, &person_id.to_string())?;
            journal::once(tx, &actor, &key, &cmd, |tx| crate::sign_up(tx, &actor, &cmd))
        })
        .await;
    match outcome {
        Ok(seated) => {
            let words = if seated.new { "activities-seat-taken" } else { "activities-seat-already" };
            Ok(cx.done(&format!("/classes/{class_id}/seat"), &cx.t(words)))
        }
        Err(error) if error.is(&FULL) => full(&cx, class_id).await,
        Err(error) => Err(error.into()),
    }
}

async fn full(cx: &Cx, class_id: ClassId) -> web::Result {
    let (class, others) = cx
        .store
        .read(move |tx| {
            let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
            let others = alternatives(tx, &class)?;
            Ok((class, others))
        })
        .await?;
    cx.page_with(axum::http::StatusCode::CONFLICT, &FullPage { cx, class: &class, others: &others })
}

/// The reader's own seat: when, where, what next.
pub async fn show(cx: Cx, Path(class_id): Path<ClassId>) -> web::Result {
    let person = cx.signed_in()?;
    let (class, org, sessions, seat) = cx
        .store
        .read(move |tx| {
            let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
            let org = network::org(tx, class.org_id)?.ok_or_else(Error::missing)?;
            let sessions = read::sessions_of_class(tx, class.org_id, class_id)?;
            let seat = read::enrolment(tx, &class, person)?.ok_or_else(Error::missing)?;
            Ok((class, org, sessions, seat))
        })
        .await?;
    cx.page(&SeatPage {
        cx: &cx,
        class: &class,
        org: &org,
        sessions: &sessions,
        seated: seat.status == "seated",
        begun: class.starts_at <= cx.now,
        csrf: cx.csrf().as_ref(),
    })
}

/// Gives the seat back.
pub async fn cancel(cx: Cx, Path(class_id): Path<ClassId>, _form: Form) -> web::Result {
    let person_id = cx.signed_in()?;
    let actor = cx.actor.clone();
    cx.store
        .write("activities.cancel", move |tx| {
            crate::cancel_sign_up(tx, &actor, &SignUp { class_id, person_id })
        })
        .await?;
    cx.flash(Level::Ok, &cx.t("activities-seat-cancelled"));
    Ok(cx.redirect(&format!("/classes/{class_id}/seat")))
}
