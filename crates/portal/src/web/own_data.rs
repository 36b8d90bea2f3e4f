//! `/me/data`: what is kept of me, and all of it as a file.

use std::sync::Arc;

use askama::Template;
use axum::http::{HeaderValue, header};
use people::Vault;
use web::{Access, Cx, Form, Rank, Routes, attachment, limit::OWN_DATA_PERSON};

use crate::own_data::{Section, archive, sections};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/data", Access::SignedIn, show)
        .post("/me/data/archive", Access::SignedIn, file)
        .ranked(Rank::Heavy)
}

#[derive(Template)]
#[template(path = "own_data.html")]
struct Page<'a> {
    cx: &'a Cx,
    sections: Vec<Section>,
}

async fn show(cx: Cx) -> web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let words = cx.clone();
    let sections = cx.store.read(move |tx| sections(&words, tx, &vault, person)).await?;
    cx.page(&Page { cx: &cx, sections })
}

async fn file(cx: Cx, _form: Form) -> web::Result {
    let (person, vault): (_, Arc<Vault>) = (cx.signed_in()?, cx.get::<Vault>()?);
    cx.store.write("portal.own_data", move |tx| OWN_DATA_PERSON.count(tx, &person.to_string())).await?;
    let words = cx.clone();
    let bytes = cx.store.read(move |tx| archive(&words, tx, &vault, person)).await?;
    let mut answer = attachment(&format!("xuecheng-{}.zip", cx.now.day()), bytes);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
