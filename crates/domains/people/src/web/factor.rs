//! The second door: setting a second factor up, showing it, and printing recovery codes.
//!
//! Here somebody comes who is signed in, or half signed in: her first factor was right, and she has no rights yet. Nothing of these pages
//! may stay in a cache.

use ::web::{Access, Cx, Form, FormState, Max, Routes};
use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use kernel::{Error, Id, Person, Result, uri_part};
use store::Tx;

use crate::{
    CONFIRMED_MINUTES, EnrolFactor, FactorAttempt, FactorState, OfferedFactor, Vault, enrol_factor, factor,
    note_proof, offer_again, offer_factor, prove_factor, renew_recovery,
};

pub(super) fn routes() -> Routes {
    // Who is half signed in is nobody yet, so the handlers ask who it is.
    Routes::new()
        .get("/second-factor", Access::Public, ask)
        .post("/second-factor", Access::Public, show)
        .get("/second-factor/new", Access::Public, offer)
        .post("/second-factor/new", Access::Public, enrol)
        .post("/second-factor/codes", Access::SignedIn, renew)
}

/// Minutes in which a form that is sent twice leads on, because the first one was right.
const TWICE_MINUTES: i64 = 1;

#[derive(Template)]
#[template(path = "people_factor.html")]
struct Ask<'a> {
    cx: &'a Cx,
    form: FormState,
    locked: Option<String>,
}

#[derive(Template)]
#[template(path = "people_factor_new.html")]
struct Offer<'a> {
    cx: &'a Cx,
    form: FormState,
    typed: String,
    qr: String,
}

#[derive(Template)]
#[template(path = "people_factor_codes.html")]
struct Codes<'a> {
    cx: &'a Cx,
    codes: Vec<String>,
    next: String,
}

/// Who stands at the second door.
fn who(cx: &Cx) -> Result<Id<Person>> {
    match cx.half {
        Some(person) => Ok(person),
        None => cx.signed_in(),
    }
}

/// Where to go afterwards; it becomes a link, so only a path of this site will do.
fn next(text: &str) -> String {
    let here =
        text.starts_with('/') && !text[1..].starts_with(['/', '\\']) && !text.contains(char::is_control);
    if here { text.to_owned() } else { "/desk".to_owned() }
}

/// For what must not stay in a cache: secrets and codes.
fn unkept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn state_of(cx: &Cx, person: Id<Person>) -> Result<Option<FactorState>> {
    Ok(cx.store.read(move |tx| factor(tx, person)).await?.filter(|state| state.active))
}

async fn ask(cx: Cx) -> ::web::Result {
    let person = who(&cx)?;
    let next = next(cx.param("next"));
    let Some(state) = state_of(&cx, person).await? else {
        return Ok(cx.redirect(&format!("/second-factor/new?next={}", uri_part(&next))));
    };
    let form = FormState::new(&cx).with("next", next);
    let locked = state.locked(cx.now).map(|until| cx.datetime(&until));
    cx.page(&Ask { cx: &cx, form, locked })
}

async fn show(cx: Cx, mut form: Form) -> ::web::Result {
    let person = who(&cx)?;
    let next = next(form.raw("next"));
    if cx.half.is_none() && cx.shown_within(TWICE_MINUTES) {
        return Ok(cx.redirect(&next));
    }
    let typed = form.required_text("code", Max(40));
    let token = cx.session_token().unwrap_or("").to_owned();
    let tried = match form.finish() {
        Ok(()) => {
            let vault = cx.get::<Vault>()?;
            let work = move |tx: &mut Tx| {
                let attempt = prove_factor(tx, &vault, person, &typed)?;
                if matches!(attempt, FactorAttempt::Right { .. }) {
                    note_proof(tx, person, &token)?;
                }
                Ok(attempt)
            };
            cx.store.write("people.prove_factor", work).await
        }
        Err(error) => Err(error),
    };
    let refusal = match tried {
        Ok(FactorAttempt::Right { codes_left: Some(left) }) => {
            return Ok(cx.done(&next, &cx.t1("people-recovery-used", "n", left)));
        }
        Ok(attempt) => match attempt.refusal(cx.now) {
            None => return Ok(cx.redirect(&next)),
            Some(refusal) => refusal,
        },
        Err(error) => error,
    };
    let state = form.state(&cx, refusal)?;
    // What was typed was a secret, if only for half a minute.
    cx.invalid(&Ask { cx: &cx, form: state.with("code", "").with("next", next), locked: None })
}

fn issuer(cx: &Cx) -> String {
    format!("{} {}", cx.t("web-brand"), cx.pick(&cx.site.city_zh, &cx.site.city_en))
}

/// Only who has a desk needs a second factor; others are led on.
fn may_enrol(cx: &Cx) -> bool {
    cx.half.is_some() || cx.is_staff()
}

async fn offer(cx: Cx) -> ::web::Result {
    let person = who(&cx)?;
    let next = next(cx.param("next"));
    if !may_enrol(&cx) {
        return Ok(cx.redirect("/me"));
    }
    if state_of(&cx, person).await?.is_some() {
        return Ok(cx.redirect(&format!("/second-factor?next={}", uri_part(&next))));
    }
    let (vault, issuer) = (cx.get::<Vault>()?, issuer(&cx));
    let offered = cx.store.read(move |tx| offer_factor(tx, &vault, person, &issuer)).await?;
    let form = FormState::new(&cx).with("next", next).with("t", &offered.ticket);
    offer_page(&cx, form, &offered, false)
}

fn offer_page(cx: &Cx, form: FormState, offered: &OfferedFactor, wrong: bool) -> ::web::Result {
    let qr = render::qr::qr_svg(&offered.uri, &cx.t("people-factor-qr"))
        .map_err(|error| Error::bug("a QR code cannot be drawn").caused_by(error))?;
    let page = Offer { cx, form, typed: offered.typed.clone(), qr };
    Ok(unkept(if wrong { cx.invalid(&page)? } else { cx.page(&page)? }))
}

async fn enrol(cx: Cx, mut form: Form) -> ::web::Result {
    let person = who(&cx)?;
    if !may_enrol(&cx) {
        return Err(Error::denied().into());
    }
    let ticket = form.raw("t").to_owned();
    let code = form.required_text("code", Max(20));
    let next = next(form.raw("next"));
    let done = match form.finish() {
        Ok(()) => {
            let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
            let (vault, cmd) = (cx.get::<Vault>()?, EnrolFactor { person, ticket: ticket.clone(), code });
            let token = cx.session_token().unwrap_or("").to_owned();
            let work = move |tx: &mut Tx| {
                let codes = enrol_factor(tx, &vault, &cmd)?;
                note_proof(tx, person, &token)?;
                Ok(codes)
            };
            cx.store.write("people.enrol_factor", work).await
        }
        Err(error) => Err(error),
    };
    let refusal = match done {
        Ok(codes) => return Ok(unkept(cx.page(&Codes { cx: &cx, codes, next })?)),
        Err(error) => error,
    };
    // The page stays as it is, with the same secret; if it was open too long, it begins anew.
    let (vault, issuer) = (cx.get::<Vault>()?, issuer(&cx));
    let again = cx.store.read(move |tx| offer_again(tx, &vault, person, &issuer, &ticket)).await;
    match again {
        Ok(offered) => {
            let state = form.state(&cx, refusal)?.with("next", next).with("t", &offered.ticket);
            offer_page(&cx, state, &offered, true)
        }
        Err(_) => {
            cx.flash(::web::Level::Warn, &cx.t("people-factor-anew"));
            Ok(cx.redirect(&format!("/second-factor/new?next={}", uri_part(&next))))
        }
    }
}

async fn renew(cx: Cx, _form: Form) -> ::web::Result {
    let person = cx.signed_in()?;
    if !cx.shown_within(CONFIRMED_MINUTES) {
        return Ok(cx.redirect("/second-factor?next=/me"));
    }
    let vault = cx.get::<Vault>()?;
    let codes = cx.store.write("people.renew_recovery", move |tx| renew_recovery(tx, &vault, person)).await?;
    Ok(unkept(cx.page(&Codes { cx: &cx, codes, next: "/me".to_owned() })?))
}
