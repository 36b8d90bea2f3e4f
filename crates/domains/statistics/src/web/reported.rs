//! `/figures/reported/{id}`: one reported figure with its document, and what contradicts it.

use askama::Template;
use kernel::Error;
use web::{Cx, Path};

use super::wording;
use crate::reported::{Contradiction, ReportedFigure, contradiction, reported_figure};

#[derive(Template)]
#[template(path = "reported.html")]
struct Page<'a> {
    cx: &'a Cx,
    figure: &'a ReportedFigure,
    others: &'a [ReportedFigure],
    contradiction: Option<Contradiction>,
}

impl Page<'_> {
    /// A word of the documents as part of a key: `more than` is `more-than`.
    fn slug(&self, word: &str) -> String {
        word.replace(' ', "-")
    }
}

/// Shows it.
pub async fn show(cx: Cx, Path(id): Path<String>) -> web::Result {
    let (figure, others) =
        cx.store.read(move |tx| reported_figure(tx, &id)?.ok_or_else(Error::missing)).await?;
    let contradiction = figure.conflict_id.as_deref().map(contradiction).transpose()?.flatten();
    cx.page(&Page { cx: &cx, figure: &figure, others: &others, contradiction })
}
