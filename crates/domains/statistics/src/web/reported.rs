//! `/figures/reported/{id}`: one reported figure with its document, and what contradicts it.

use askama::Template;
use kernel::Error;
use web::{Cx, Path};

use crate::reported::{ReportedFigure, reported_figure};

#[derive(Template)]
#[template(path = "reported.html")]
struct Page<'a> {
    cx: &'a Cx,
    figure: &'a ReportedFigure,
    others: &'a [ReportedFigure],
}

/// Shows it.
pub async fn show(cx: Cx, Path(id): Path<String>) -> web::Result {
    let (figure, others) =
        cx.store.read(move |tx| reported_figure(tx, &id)?.ok_or_else(Error::missing)).await?;
    cx.page(&Page { cx: &cx, figure: &figure, others: &others })
}
