//! Getting in: by a code sent to the phone, or by a link; and out again.

use std::sync::Arc;

use ::web::{
    Access, Cx, Form, FormState, Keep, Level, Max, Path, Routes, WebError,
    limit::{CODE_ADDRESS, LINK_ADDRESS, TRY_ADDRESS},
};
use askama::Template;
use axum::{
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use kernel::{Actor, Error, Id, Person, Result, uri_part};
use store::Tx;

use super::device::device;
use crate::{
    Attempt, CODE_MINUTES, FactorPolicy, LINK_SPENT, NAME_CHARS_MAX, Opened, PRIVACY_NOTICE, Phone, Register,
    TICKET_SPENT, Vault, asked_phone, close_session, consent, invited_name, open_session, person_by_phone,
    pin_refused, proved_phone, read::grants_since, redeem_code, redeem_link, redeem_pin, register,
    request_code, session::proof, typed_code,
};

kernel::codes! {
    /// An account needs consent to the privacy notice.
    pub CONSENT_NEEDED = Invalid "people.consent_needed";
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Access::Public, ask_phone)
        .kept(Keep::Briefly)
        .post("/sign-in", Access::Public, send_code)
        .get("/sign-in/code", Access::Public, ask_code)
        .post("/sign-in/code", Access::Public, try_code)
        .post("/sign-in/again", Access::Public, send_again)
        .get("/sign-in/card", Access::Public, ask_card)
        .post("/sign-in/card", Access::Public, try_card)
        .get("/sign-in/new", Access::Public, ask_name)
        .post("/sign-in/new", Access::Public, open_account)
        .get("/sign-in/link/{token}", Access::Public, use_link)
        .post("/sign-out", Access::Public, sign_out)
}

#[derive(Template)]
#[template(path = "people_sign_in.html")]
struct AskPhone<'a> {
    cx: &'a Cx,
    form: FormState,
}

#[derive(Template)]
#[template(path = "people_code.html")]
struct AskCode<'a> {
    cx: &'a Cx,
    form: FormState,
    phone: String,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "people_card.html")]
struct AskCard<'a> {
    cx: &'a Cx,
    form: FormState,
}

#[derive(Template)]
#[template(path = "people_new.html")]
struct AskName<'a> {
    cx: &'a Cx,
    form: FormState,
    phone: String,
}

#[derive(Template)]
#[template(path = "people_link_spent.html")]
struct LinkSpent<'a> {
    cx: &'a Cx,
}

async fn ask_phone(cx: Cx) -> ::web::Result {
    if cx.is_signed_in() || cx.half.is_some() {
        let next = cx.param("next").to_owned();
        return Ok(onward(&cx, &next, cx.is_staff(), cx.half.is_some()));
    }
    let form = FormState::new(&cx).with("next", cx.param("next"));
    cx.page(&AskPhone { cx: &cx, form })
}

async fn send_code(cx: Cx, mut form: Form) -> ::web::Result {
    let typed = form.required_text("phone", Max(30));
    let sent = match form.finish() {
        Ok(()) => match typed.parse::<Phone>() {
            Ok(phone) => send(&cx, phone).await,
            Err(error) => Err(Error::field("phone", error.code())),
        },
        Err(error) => Err(error),
    };
    match sent {
        Ok(ticket) => Ok(cx.redirect(&address("/sign-in/code", &ticket, form.raw("next")))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&AskPhone { cx: &cx, form })
        }
    }
}

async fn send(cx: &Cx, phone: Phone) -> Result<String> {
    let (vault, lang, address) = (cx.get::<Vault>()?, cx.lang, cx.address_key());
    let work = move |tx: &mut Tx| {
        CODE_ADDRESS.count(tx, &address)?;
        request_code(tx, &vault, &phone, lang)
    };
    cx.store.write("people.request_code", work).await
}

async fn send_again(cx: Cx, form: Form) -> ::web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(phone) = asked_phone(&vault, cx.now, form.raw("t")) else { return Ok(begin_anew(&cx)) };
    match send(&cx, phone.clone()).await {
        Ok(ticket) => {
            cx.flash(Level::Ok, &cx.t("people-code-sent-again"));
            Ok(cx.redirect(&address("/sign-in/code", &ticket, form.raw("next"))))
        }
        Err(error) => {
            let state = form.state(&cx, error)?;
            code_page(&cx, &phone, state, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

fn code_page(cx: &Cx, phone: &Phone, form: FormState, status: StatusCode) -> ::web::Result {
    cx.page_with(status, &AskCode { cx, form, phone: phone.masked(), minutes: CODE_MINUTES })
}

async fn ask_code(cx: Cx) -> ::web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(phone) = asked_phone(&vault, cx.now, cx.param("t")) else { return Ok(begin_anew(&cx)) };
    let form = FormState::new(&cx).with("t", cx.param("t")).with("next", cx.param("next"));
    code_page(&cx, &phone, form, StatusCode::OK)
}

async fn try_code(cx: Cx, headers: HeaderMap, mut form: Form) -> ::web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(phone) = asked_phone(&vault, cx.now, form.raw("t")) else { return Ok(begin_anew(&cx)) };
    let code = typed_code(&form.required_text("code", Max(20)));
    let tried = match form.finish() {
        Ok(()) => {
            let (phone, device, address) = (phone.clone(), device(&headers), cx.address_key());
            let policy = cx.get::<FactorPolicy>()?;
            let work = move |tx: &mut Tx| {
                TRY_ADDRESS.count(tx, &address)?;
                let attempt = redeem_code(tx, &vault, &phone, &code)?;
                let begun = match attempt {
                    Attempt::Known(person) => Some(begin(tx, &policy, person, &device)?),
                    _ => None,
                };
                Ok((attempt, begun))
            };
            cx.store.write("people.redeem_code", work).await
        }
        Err(error) => Err(error),
    };
    let refusal = match tried {
        Ok((_, Some(begun))) => return Ok(admitted(&cx, &begun, form.raw("next"))),
        Ok((Attempt::New { ticket }, None)) => {
            return Ok(cx.redirect(&address("/sign-in/new", &ticket, form.raw("next"))));
        }
        Ok((attempt, None)) => {
            attempt.refusal().unwrap_or_else(|| Error::bug("a right code began no session"))
        }
        Err(error) => error,
    };
    let state = form.state(&cx, refusal)?;
    code_page(&cx, &phone, state, StatusCode::UNPROCESSABLE_ENTITY)
}

fn card_page(cx: &Cx, form: FormState) -> AskCard<'_> {
    AskCard { cx, form: form.labels(cx, &[("card", "people-card-number"), ("pin", "people-pin")]) }
}

async fn ask_card(cx: Cx) -> ::web::Result {
    if cx.is_signed_in() || cx.half.is_some() {
        let next = cx.param("next").to_owned();
        return Ok(onward(&cx, &next, cx.is_staff(), cx.half.is_some()));
    }
    let form = FormState::new(&cx).with("next", cx.param("next"));
    cx.page(&card_page(&cx, form))
}

async fn try_card(cx: Cx, headers: HeaderMap, mut form: Form) -> ::web::Result {
    let card = form.required_text("card", Max(30));
    let pin = typed_code(&form.required_text("pin", Max(20)));
    let tried = match form.finish() {
        Ok(()) => {
            let (vault, policy) = (cx.get::<Vault>()?, cx.get::<FactorPolicy>()?);
            let (device, address) = (device(&headers), cx.address_key());
            let work = move |tx: &mut Tx| {
                TRY_ADDRESS.count(tx, &address)?;
                match redeem_pin(tx, &vault, &card, &pin)? {
                    Some(person) => begin(tx, &policy, person, &device).map(Some),
                    None => Ok(None),
                }
            };
            cx.store.write("people.redeem_pin", work).await
        }
        Err(error) => Err(error),
    };
    let refusal = match tried {
        Ok(Some(begun)) => return Ok(admitted(&cx, &begun, form.raw("next"))),
        Ok(None) => pin_refused(),
        Err(error) => error,
    };
    // A PIN is typed anew; it never comes back in a page.
    let state = form.state(&cx, refusal)?.with("pin", "");
    cx.invalid(&card_page(&cx, state))
}

async fn ask_name(cx: Cx) -> ::web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(phone) = proved_phone(&vault, cx.now, cx.param("t")) else { return Ok(begin_anew(&cx)) };
    let invited = phone.clone();
    let name = cx.store.read(move |tx| invited_name(tx, &vault, &invited)).await?.unwrap_or_default();
    let form = FormState::new(&cx).with("t", cx.param("t")).with("next", cx.param("next")).with("name", name);
    cx.page(&AskName { cx: &cx, form, phone: phone.masked() })
}

async fn open_account(cx: Cx, headers: HeaderMap, mut form: Form) -> ::web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(phone) = proved_phone(&vault, cx.now, form.raw("t")) else { return Ok(begin_anew(&cx)) };
    let name = form.required_text("name", Max(NAME_CHARS_MAX));
    if !form.checkbox("consent") {
        form.wrong("consent", &CONSENT_NEEDED);
    }
    let done = match form.finish() {
        Ok(()) => {
            let (phone, device, policy) = (phone.clone(), device(&headers), cx.get::<FactorPolicy>()?);
            let work = move |tx: &mut Tx| {
                let person = open_or_find(tx, &vault, &phone, &name)?;
                begin(tx, &policy, person, &device)
            };
            cx.store.write("people.open_account", work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(begun) => {
            cx.flash(Level::Ok, &cx.t("people-welcome"));
            Ok(admitted(&cx, &begun, form.raw("next")))
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&AskName { cx: &cx, form, phone: phone.masked() })
        }
    }
}

/// The holder of the ticket has proved the phone. If the form was sent twice, the second finds the account of the first.
fn open_or_find(tx: &mut Tx, vault: &Arc<Vault>, phone: &Phone, name: &str) -> Result<Id<Person>> {
    if let Some(person) = person_by_phone(tx, vault, phone)? {
        return Ok(person);
    }
    let cmd =
        Register { name: name.to_owned(), phone: Some(phone.digits().to_owned()), ..Register::default() };
    let person = register(tx, vault, &Actor::Nobody, &cmd)?;
    consent(tx, &Actor::Person { id: person, grants: Vec::new() }, person, PRIVACY_NOTICE)?;
    Ok(person)
}

async fn use_link(cx: Cx, method: Method, headers: HeaderMap, Path(token): Path<String>) -> ::web::Result {
    // Programs that look at addresses before people do ask for the head only; that must not use the link up.
    if method == Method::HEAD {
        return Ok(Response::default());
    }
    let (device, address, policy) = (device(&headers), cx.address_key(), cx.get::<FactorPolicy>()?);
    let failed = address.clone();
    let begun = cx.store.write("people.redeem_link", move |tx| {
        LINK_ADDRESS.refuse_if_reached(tx, &address)?;
        let person = redeem_link(tx, &token)?;
        begin(tx, &policy, person, &device)
    });
    match begun.await {
        Ok(begun) => Ok(admitted(&cx, &begun, cx.param("next"))),
        Err(error) if error.is(&LINK_SPENT) => {
            // The refusal rolled its write back, so the failure is counted in one of its own.
            cx.store.write("people.link_failed", move |tx| LINK_ADDRESS.count(tx, &failed)).await?;
            cx.page_with(StatusCode::GONE, &LinkSpent { cx: &cx })
        }
        Err(error) => Err(error.into()),
    }
}

async fn sign_out(cx: Cx) -> Result<Response, WebError> {
    if let Some(token) = cx.session_token().map(str::to_owned) {
        cx.store.write("people.close_session", move |tx| close_session(tx, &token)).await?;
    }
    cx.clear_session();
    Ok(cx.done("/", &cx.t("people-signed-out")))
}

struct Begun {
    session: Opened,
    staff: bool,
    /// Her second factor is still to be shown.
    half: bool,
}

fn begin(tx: &mut Tx, policy: &FactorPolicy, person: Id<Person>, device: &str) -> Result<Begun> {
    let today = tx.now().day();
    let held = grants_since(tx, person, today)?;
    let half = proof(tx, policy, person, &held, None)?.pending;
    Ok(Begun { staff: !held.is_empty(), half, session: open_session(tx, person, device)? })
}

fn admitted(cx: &Cx, begun: &Begun, next: &str) -> Response {
    cx.set_session(&begun.session.token, begun.session.seconds);
    onward(cx, next, begun.staff, begun.half)
}

/// To where somebody wanted to go, or to the page where her day begins.
fn onward(cx: &Cx, next: &str, staff: bool, half: bool) -> Response {
    let start = if staff || half { "/desk" } else { "/passport" };
    let next = if next.is_empty() { start } else { next };
    if half { cx.redirect(&format!("/second-factor?next={}", uri_part(next))) } else { cx.redirect(next) }
}

fn begin_anew(cx: &Cx) -> Response {
    cx.flash(Level::Warn, &cx.code(&TICKET_SPENT, &[]));
    cx.redirect("/sign-in")
}

fn address(path: &str, ticket: &str, next: &str) -> String {
    if next.is_empty() {
        format!("{path}?t={ticket}")
    } else {
        format!("{path}?t={ticket}&next={}", uri_part(next))
    }
}
