//! `/`: what a resident wants first: a search, and what can be joined this week.

use askama::Template;
use kernel::RegionCode;
use statistics::Summary;
use web::Cx;

use super::found::{Found, soonest};
use crate::lists::districts;

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    cx: &'a Cx,
    districts: &'a [(RegionCode, String)],
    week: &'a [Found],
    summary: &'a Summary,
}

/// Shows the home page.
pub async fn show(cx: Cx) -> web::Result {
    let (districts, week, summary) =
        cx.store.read(|tx| Ok((districts(tx)?, soonest(tx, 6)?, statistics::city_summary(tx)?))).await?;
    activities::keep_while_unchanged(&cx, week.iter().filter_map(|found| found.next.as_ref()));
    cx.page(&Page { cx: &cx, districts: &districts, week: &week, summary: &summary })
}
