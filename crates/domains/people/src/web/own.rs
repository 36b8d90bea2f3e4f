//! `/me/correct` and `/me/leave`: what somebody does with what is kept of her.

use ::web::{Access, Cx, Form, FormState, Max, Routes};
use askama::Template;
use kernel::Timestamp;
use store::Tx;

use crate::{
    Correction, LEAVE_DAYS, Leaving, NAME_CHARS_MAX, OWN_NAME_DAYS, Profile, Vault, correct, leaving,
    order_leaving, own_name, profile, withdraw_leaving,
};

kernel::codes! {
    /// Who leaves says that she has read what is lost.
    pub LEAVE_UNDERSTOOD = Invalid "people.leave_understood";
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/correct", Access::SignedIn, ask)
        .post("/me/correct", Access::SignedIn, put_right)
        .get("/me/leave", Access::SignedIn, show)
        .post("/me/leave", Access::SignedIn, order)
        .post("/me/leave/withdraw", Access::SignedIn, withdraw)
}

#[derive(Template)]
#[template(path = "people_correct.html")]
struct Correct<'a> {
    cx: &'a Cx,
    form: FormState,
    /// Whether she still corrects her own name.
    name: bool,
    days: i64,
}

async fn known(cx: &Cx) -> kernel::Result<Profile> {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    cx.store.read(move |tx| profile(tx, &vault, person)).await
}

fn correct_page<'a>(cx: &'a Cx, form: FormState, opened: Timestamp) -> Correct<'a> {
    let labels = [("name", "people-name"), ("birth_year", "people-birth-year")];
    Correct { cx, form: form.labels(cx, &labels), name: own_name(opened, cx.now), days: OWN_NAME_DAYS }
}

async fn ask(cx: Cx) -> ::web::Result {
    let known = known(&cx).await?;
    let year = known.birth_year.map(|year| year.to_string()).unwrap_or_default();
    let form = FormState::new(&cx).with("name", known.name).with("birth_year", year);
    cx.page(&correct_page(&cx, form, known.created_at))
}

async fn put_right(cx: Cx, mut form: Form) -> ::web::Result {
    let known = known(&cx).await?;
    // Where the name is shown only, the form does not send it.
    let name = if own_name(known.created_at, cx.now) {
        form.required_text("name", Max(NAME_CHARS_MAX))
    } else {
        known.name
    };
    let year = form.optional_int("birth_year", 1900..=i64::from(cx.now.day().month().year()));
    let done = match form.finish() {
        Ok(()) => {
            let (actor, vault, key) = (cx.actor.clone(), cx.get::<Vault>()?, form.key().to_owned());
            let right = Correction { name, birth_year: year.and_then(|year| i32::try_from(year).ok()) };
            let digest = vault.secret_digest(&[&right.name, &format!("{year:?}")]);
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &digest, |tx| correct(tx, &vault, &actor, &right))
            };
            cx.store.write("people.correct", work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(cx.done("/me", &cx.t("people-corrected"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&correct_page(&cx, form, known.created_at))
        }
    }
}

#[derive(Template)]
#[template(path = "people_leave.html")]
struct Leave<'a> {
    cx: &'a Cx,
    form: FormState,
    leaving: Option<Leaving>,
    staff: bool,
    days: i64,
}

async fn leave_page(cx: &Cx, form: FormState, refused: bool) -> ::web::Result {
    let person = cx.signed_in()?;
    let leaving = cx.store.read(move |tx| leaving(tx, person)).await?;
    let form = form.labels(cx, &[("understood", "people-leave-understood")]);
    let page = Leave { cx, form, leaving, staff: cx.is_staff(), days: LEAVE_DAYS };
    if refused { cx.invalid(&page) } else { cx.page(&page) }
}

async fn show(cx: Cx) -> ::web::Result {
    leave_page(&cx, FormState::new(&cx), false).await
}

async fn order(cx: Cx, mut form: Form) -> ::web::Result {
    cx.signed_in()?;
    if !form.checkbox("understood") {
        form.wrong("understood", &LEAVE_UNDERSTOOD);
    }
    let done = match form.finish() {
        Ok(()) => {
            let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
            cx.store.write("people.order_leaving", move |tx| order_leaving(tx, &vault, &actor)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(asked) => {
            Ok(cx.done("/me/leave", &cx.t1("people-leave-ordered", "time", cx.datetime(&asked.due_at))))
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            leave_page(&cx, form, true).await
        }
    }
}

async fn withdraw(cx: Cx, _form: Form) -> ::web::Result {
    let actor = cx.actor.clone();
    cx.signed_in()?;
    cx.store.write("people.withdraw_leaving", move |tx| withdraw_leaving(tx, &actor)).await?;
    Ok(cx.done("/me", &cx.t("people-leave-withdrawn")))
}
