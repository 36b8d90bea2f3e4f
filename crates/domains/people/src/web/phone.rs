//! `/me/phone`: the telephone by which somebody signs in, changed by herself.

use ::web::{Access, Cx, Form, FormState, Max, Routes, limit::CODE_ADDRESS, limit::TRY_ADDRESS};
use askama::Template;
use kernel::{Error, uri_part};
use store::Tx;

use crate::{
    CODE_MINUTES, CONFIRMED_FORM_MINUTES, CONFIRMED_MINUTES, PHONE_HELD, PHONE_OF_STAFF, Phone, PhoneAttempt,
    PhoneCodes, TICKET_SPENT, Vault, change_own_phone, mask_phone, own_new_phone, own_phone_ticket, phone_of,
    request_own_phone, typed_code, typed_phone,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/phone", Access::SignedIn, ask)
        .post("/me/phone", Access::SignedIn, send)
        .get("/me/phone/code", Access::SignedIn, ask_codes)
        .post("/me/phone/code", Access::SignedIn, try_codes)
}

#[derive(Template)]
#[template(path = "people_phone.html")]
struct AskPhone<'a> {
    cx: &'a Cx,
    form: FormState,
    /// The one that she has, masked.
    old: Option<String>,
}

#[derive(Template)]
#[template(path = "people_phone_code.html")]
struct AskCodes<'a> {
    cx: &'a Cx,
    form: FormState,
    old: Option<String>,
    new: String,
    minutes: i64,
    /// The number belongs to an account: she is asked whether it is to be taken from there.
    taken: bool,
}

/// Her number. Who holds a role shows her second factor first.
async fn old(cx: &Cx, minutes: i64) -> kernel::Result<Option<String>> {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    cx.confirmed_within(minutes)?;
    cx.store.read(move |tx| phone_of(tx, &vault, person)).await
}

fn phone_page<'a>(cx: &'a Cx, form: FormState, old: Option<String>) -> AskPhone<'a> {
    let old = old.map(|old| mask_phone(&old));
    AskPhone { cx, form: form.labels(cx, &[("phone", "people-phone-new")]), old }
}

async fn ask(cx: Cx) -> ::web::Result {
    let old = old(&cx, CONFIRMED_MINUTES).await?;
    cx.page(&phone_page(&cx, FormState::new(&cx), old))
}

async fn send(cx: Cx, mut form: Form) -> ::web::Result {
    let old = old(&cx, CONFIRMED_FORM_MINUTES).await?;
    let typed = form.required_text("phone", Max(30));
    let sent = match form.finish().and_then(|()| typed_phone(&typed)) {
        Ok(new) => {
            let (vault, actor, lang, address) =
                (cx.get::<Vault>()?, cx.actor.clone(), cx.lang, cx.address_key());
            let (key, digest) = (form.key().to_owned(), vault.secret_digest(&[new.digits()]));
            let work = move |tx: &mut Tx| {
                // Of a form that was pressed twice, one sends codes.
                journal::once(tx, &actor, &key, &digest, |tx| {
                    CODE_ADDRESS.count(tx, &address)?;
                    request_own_phone(tx, &vault, &actor, &new, lang)
                })?;
                own_phone_ticket(tx, &vault, &actor, &new)
            };
            cx.store.write("people.request_own_phone", work).await
        }
        Err(error) => Err(error),
    };
    match sent {
        Ok(ticket) => Ok(cx.redirect(&format!("/me/phone/code?t={}", uri_part(&ticket)))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&phone_page(&cx, form, old))
        }
    }
}

fn codes_page<'a>(
    cx: &'a Cx,
    form: FormState,
    (old, new): (Option<String>, &Phone),
    taken: bool,
) -> AskCodes<'a> {
    let labels = [
        ("code", "people-phone-code-new"),
        ("old_code", "people-phone-code-old"),
        ("take", "people-phone-take"),
    ];
    let old = old.map(|old| mask_phone(&old));
    AskCodes { cx, form: form.labels(cx, &labels), old, new: new.masked(), minutes: CODE_MINUTES, taken }
}

fn begin_anew(cx: &Cx) -> ::web::Result {
    cx.flash(::web::Level::Warn, &cx.code(&TICKET_SPENT, &[]));
    Ok(cx.redirect("/me/phone"))
}

async fn ask_codes(cx: Cx) -> ::web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let Ok(new) = own_new_phone(&vault, cx.now, person, cx.param("t")) else { return begin_anew(&cx) };
    let old = old(&cx, CONFIRMED_FORM_MINUTES).await?;
    let form = FormState::new(&cx).with("t", cx.param("t"));
    cx.page(&codes_page(&cx, form, (old, &new), false))
}

async fn try_codes(cx: Cx, mut form: Form) -> ::web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let Ok(new) = own_new_phone(&vault, cx.now, person, form.raw("t")) else { return begin_anew(&cx) };
    let old = old(&cx, CONFIRMED_FORM_MINUTES).await?;
    // Who has the new number already sent the form twice, and is asked for no second code.
    let wants_old = old.as_ref().is_some_and(|old| old != new.digits());
    let codes = PhoneCodes {
        new: typed_code(&form.required_text("code", Max(20))),
        old: if wants_old { typed_code(&form.required_text("old_code", Max(20))) } else { String::new() },
        take: form.checkbox("take"),
    };
    let tried = match form.finish() {
        Ok(()) => {
            let (actor, address, phone) = (cx.actor.clone(), cx.address_key(), new.clone());
            let session = cx.session_token().unwrap_or("").to_owned();
            let work = move |tx: &mut Tx| {
                TRY_ADDRESS.count(tx, &address)?;
                change_own_phone(tx, &vault, &actor, &phone, &codes, &session)
            };
            cx.store.write("people.change_own_phone", work).await
        }
        Err(error) => Err(error),
    };
    let refusal = match tried.map(PhoneAttempt::refusal) {
        Ok(None) => return Ok(cx.done("/me", &cx.t1("people-phone-changed", "phone", new.masked()))),
        Ok(Some(refusal)) => refusal,
        Err(error) => error,
    };
    let taken = form.checkbox("take") || is_taken(&refusal);
    let form = form.state(&cx, refusal)?;
    cx.invalid(&codes_page(&cx, form, (old, &new), taken))
}

fn is_taken(error: &Error) -> bool {
    error.is(&PHONE_HELD) || error.is(&PHONE_OF_STAFF)
}
