//! `/metrics`: figures for Prometheus. For callers on the machine itself, and for those who show the operator's token.

use axum::{http::header, response::IntoResponse};
use web::{Access, Cx, Rank, Routes};

use crate::metrics;

/// Routes of the operator.
pub fn routes() -> Routes {
    Routes::new().get("/metrics", Access::LocalOnly, show).ranked(Rank::Always)
}

async fn show(cx: Cx) -> web::Result {
    let position = cx.get::<portal::Finder>().ok().map(|finder| finder.position());
    let text = metrics::scrape(&cx.store, |rank| cx.load(rank), position).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
