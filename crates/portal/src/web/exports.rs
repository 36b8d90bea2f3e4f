//! `/desk/exports`: lists as files. Asked for on the page of a list; only who asked sees that there is one.

use std::{io, sync::Arc};

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use catalog::OFFERS;
use futures_util::stream::{StreamExt as _, try_unfold};
use kernel::{Id, Person};
use learning::ATTENDANCES;
use network::ORGS;
use people::Vault;
use web::{
    Cx, Form, FormState, Path,
    list::{Query, Spec},
};

use crate::exports::{
    Export, ExportId, Format, KEPT_DAYS, State, ask_export, drop_export, export, exports_of, piece,
};

/// Seconds after which the page of a file that is being written asks again.
const AGAIN: &str = "2";

/// An export with what its list's address says.
struct Line {
    export: Export,
    title: String,
    /// Address of the list as it was seen.
    list: String,
}

impl Line {
    fn of(cx: &Cx, export: Export) -> Self {
        let list = Query::parse(spec(&export.list), &export.query).href(&format!("/desk/{}", export.list));
        Self { title: cx.tk("portal-exports-list", &export.list), list, export }
    }

    fn done(&self) -> bool {
        self.export.state == State::Done
    }

    fn failed(&self) -> bool {
        self.export.state == State::Failed
    }

    fn state(&self) -> &'static str {
        self.export.state.as_str()
    }

    /// The length in KiB, at least one.
    fn kib(&self) -> i64 {
        self.export.length.unwrap_or(0).div_euclid(1_024).max(1)
    }

    fn about(&self) -> i64 {
        self.export.rows_about.unwrap_or(0).max(self.export.rows_done).max(1)
    }
}

fn spec(name: &str) -> &'static Spec {
    match name {
        "orgs" => &ORGS,
        "attendances" => &ATTENDANCES,
        _ => &OFFERS,
    }
}

#[derive(Template)]
#[template(path = "exports.html")]
struct ListPage<'a> {
    cx: &'a Cx,
    form: FormState,
    lines: Vec<Line>,
    days: i64,
}

#[derive(Template)]
#[template(path = "export.html")]
struct OnePage<'a> {
    cx: &'a Cx,
    form: FormState,
    line: Line,
}

/// Asks for the organisations as a file.
pub async fn ask_orgs(cx: Cx, form: Form) -> web::Result {
    ask(cx, form, &ORGS).await
}

/// Asks for the offers as a file.
pub async fn ask_offers(cx: Cx, form: Form) -> web::Result {
    ask(cx, form, &OFFERS).await
}

/// Asks for the attendances as a file.
pub async fn ask_attendances(cx: Cx, form: Form) -> web::Result {
    ask(cx, form, &ATTENDANCES).await
}

async fn ask(cx: Cx, mut form: Form, spec: &'static Spec) -> web::Result {
    let person = cx.signed_in()?;
    let format = form.choice::<Format>("format");
    let query = Query::parse(spec, form.raw("list"));
    let key = form.key().to_owned();
    form.finish()?;
    let Some(format) = format else { return Err(kernel::Error::new(&kernel::BAD_CHOICE).into()) };
    let (actor, lang) = (cx.actor.clone(), cx.lang);
    let asked = (spec.name, query.text(), format.as_str());
    let write = cx.store.write("portal.ask_export", move |tx| {
        journal::once(tx, &actor, &key, &asked, |tx| ask_export(tx, person, &query, format, lang))
    });
    let id = write.await?;
    Ok(cx.redirect(&format!("/desk/exports/{id}")))
}

/// Shows the reader's own exports.
pub async fn list(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let found = cx.store.read(move |tx| exports_of(tx, person)).await?;
    let lines = found.into_iter().map(|export| Line::of(&cx, export)).collect();
    cx.page(&ListPage { cx: &cx, form: FormState::new(&cx), lines, days: KEPT_DAYS })
}

/// Shows how far one is, and then where to have it.
pub async fn show(cx: Cx, Path(id): Path<ExportId>) -> web::Result {
    let person = cx.signed_in()?;
    let found = cx.store.read(move |tx| export(tx, person, id)).await?;
    let waits = matches!(found.state, State::Waiting | State::Writing);
    let mut answer = cx.page(&OnePage { cx: &cx, form: FormState::new(&cx), line: Line::of(&cx, found) })?;
    if waits {
        // A page cannot ask again by itself without script; browsers do at this word of the answer's head.
        answer.headers_mut().insert(header::REFRESH, HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}

/// Deletes one.
pub async fn delete(cx: Cx, Path(id): Path<ExportId>, _form: Form) -> web::Result {
    let person = cx.signed_in()?;
    cx.store.write("portal.drop_export", move |tx| drop_export(tx, person, id)).await?;
    Ok(cx.done("/desk/exports", &cx.t("portal-exports-deleted")))
}

/// Gives the file, piece by piece.
pub async fn file(cx: Cx, Path(id): Path<ExportId>) -> web::Result {
    let person = cx.signed_in()?;
    let vault = cx.get::<Vault>()?;
    let found = cx.store.read(move |tx| export(tx, person, id)).await?;
    // The first piece comes before the head is sent: a file that cannot be given is a page that says so.
    let first = pieces(&cx, &vault, person, id, 0).await?;
    let next = (cx.clone(), vault, 0_i64, first);
    let stream = try_unfold(next, move |(cx, vault, number, piece)| async move {
        let Some(bytes) = piece else { return Ok::<_, io::Error>(None) };
        let number = number + 1;
        let next = pieces(&cx, &vault, person, id, number).await;
        // A file that ends too early must not look whole: the connection is broken off.
        let next = next.map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(Some((bytes, (cx, vault, number, next))))
    });
    let kind = match found.format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let name = format!("attachment; filename=\"{}-{}.{}\"", found.list, found.made_at.day(), found.format);
    let name = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let mut answer: Response = Body::from_stream(stream.boxed()).into_response();
    let heads = answer.headers_mut();
    heads.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    heads.insert(header::CONTENT_DISPOSITION, name);
    if let Ok(length) = HeaderValue::from_str(&found.length.unwrap_or(0).to_string()) {
        heads.insert(header::CONTENT_LENGTH, length);
    }
    Ok(answer)
}

async fn pieces(
    cx: &Cx,
    vault: &Arc<Vault>,
    person: Id<Person>,
    id: ExportId,
    number: i64,
) -> kernel::Result<Option<Vec<u8>>> {
    let vault = vault.clone();
    cx.store.read(move |tx| piece(tx, &vault, person, id, number)).await
}
