#![doc = include_str!("../README.md")]

mod cells;
mod check;
#[path = "web/mod.rs"]
mod pages;
mod read;
mod reported;

use std::sync::Arc;

use kernel::{Day, Month, Timestamp};

pub use cells::{Cell, Cells};
pub use pages::routes;
pub use read::{
    Counts, Months, PublicFigures, Summary, Tree, by_child, by_class, by_month, by_session, city_summary,
    lately_of_place, years,
};
#[doc(hidden)]
pub use reported::count_rows;
pub use reported::{
    Contradiction, FIGURES_REPORTED, REPORTED_FIGURE, ReportedFigure, contradiction, import_packaged_figures,
    reported_figure, reported_figures,
};

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("statistics"; 1 "0001_statistics");

/// What follows the journal for this domain.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    vec![Arc::new(Cells)]
}

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));

/// Numbers of people below this are not told to the public.
pub const SMALL: i64 = 5;

/// First moment of a month in the city.
fn month_start(month: Month) -> Timestamp {
    let year = i16::try_from(month.year()).unwrap_or(i16::MAX);
    let number = i8::try_from(month.number()).unwrap_or(1);
    Day::of(year, number, 1).map_or(Timestamp::default(), Day::start)
}

/// First moment of the months, and first moment after them.
pub(crate) fn moments(months: Months) -> (Timestamp, Timestamp) {
    (month_start(months.0), month_start(months.1))
}
