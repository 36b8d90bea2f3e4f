//! The pages that every installation has: health, the list of error codes, the design.

use askama::Template;
use axum::{Extension, http::StatusCode, response::IntoResponse};

use crate::{Access, Choice, Cx, Form, FormState, Max, Rank, Routes, assets, codes, error};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/assets/{name}", Access::Public, assets::serve)
        .get("/healthz", Access::Public, || async { "ok\n" })
        .get("/readyz", Access::Public, ready)
        .ranked(Rank::Always)
        .get("/about/errors", Access::Public, errors)
        .get("/about/design", Access::Public, design)
        .post("/about/design", Access::Public, try_design)
}

async fn ready(cx: Cx) -> impl IntoResponse {
    match cx.shell.ready() {
        Ok(()) => (StatusCode::OK, Extension(crate::Verbatim), "ready\n"),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Extension(crate::Verbatim), "not ready\n")
        }
    }
}

struct CodeLine {
    name: &'static str,
    anchor: String,
    status: u16,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "errors.html")]
struct Errors<'a> {
    cx: &'a Cx,
    codes: Vec<CodeLine>,
}

async fn errors(cx: Cx) -> crate::Result {
    let codes = kernel::all_codes()
        .into_iter()
        .map(|code| CodeLine {
            name: code.name,
            anchor: error::anchor(code.name),
            status: error::status(code).as_u16(),
            title: cx.t(error::title_key(code.kind)),
            text: error::sample(cx.lang, code),
        })
        .collect();
    cx.page(&Errors { cx: &cx, codes })
}

#[derive(Template)]
#[template(path = "design.html")]
struct Design<'a> {
    cx: &'a Cx,
    form: FormState,
    places: Vec<Choice>,
    kinds: Vec<Choice>,
}

fn show<'a>(cx: &'a Cx, form: FormState) -> Design<'a> {
    let choices = |keys: &[&str]| {
        keys.iter().map(|key| Choice::new(key, cx.t(&format!("web-design-choice-{key}")))).collect::<Vec<_>>()
    };
    let fields = ["title", "seats", "day", "place", "kind", "about", "agree"]
        .map(|name| (name, format!("web-design-field-{name}")));
    let form = form.labels(cx, &fields.each_ref().map(|(name, key)| (*name, key.as_str())));
    Design { cx, form, places: choices(&["near", "far", "online"]), kinds: choices(&["course", "lecture"]) }
}

async fn design(cx: Cx) -> crate::Result {
    let form = FormState::new(&cx)
        .with("title", cx.t("web-design-sample-title"))
        .with("seats", 30)
        .with("kind", "course");
    cx.page(&show(&cx, form))
}

/// Reads the sample form as a real page would; nothing is stored.
async fn try_design(cx: Cx, mut form: Form) -> crate::Result {
    // In the order of the fields, as the summary lists the mistakes in the order of reading.
    let title = form.required_text("title", Max(20));
    if title.chars().count() == 1 {
        form.wrong_with("title", &codes::TOO_SHORT, vec![("min", "2".to_owned())]);
    }
    form.int("seats", 1..=500);
    form.date("day");
    let offered = ["near", "far", "online"];
    if !offered.contains(&form.raw("place")) {
        form.wrong(
            "place",
            if form.raw("place").is_empty() { &kernel::REQUIRED } else { &kernel::BAD_CHOICE },
        );
    }
    form.text("about", Max(200));
    if !form.checkbox("agree") {
        form.wrong("agree", &kernel::REQUIRED);
    }
    match form.finish() {
        Ok(()) => Ok(cx.done("/about/design", &cx.t("web-design-form-ok"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            cx.invalid(&show(&cx, state))
        }
    }
}
