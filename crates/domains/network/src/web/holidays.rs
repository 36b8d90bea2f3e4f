//! `/desk/holidays`: the public holidays by which places are open or closed.

use ::web::{Cx, Form, FormState, Max};
use askama::Template;
use kernel::{Error, Result as Outcome, Right};
use store::Tx;

use crate::{
    HolidayYear, SetHolidays, access,
    holidays::{holiday_years, set_holidays},
    top_org,
};

/// Longest text of a year, in characters.
const DAYS_CHARS_MAX: usize = 4_000;

#[derive(Template)]
#[template(path = "network_holidays.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    years: &'a [HolidayYear],
    /// Whether the reader sets them.
    sets: bool,
    /// A year that has begun or begins soon and of which nothing is known.
    missing: Option<i64>,
}

fn load(tx: &mut Tx, actor: &kernel::Actor) -> Outcome<(Vec<HolidayYear>, bool)> {
    let sets = match top_org(tx)? {
        Some(top) => access::may(tx, actor, Right::ManageNetwork, top.org_id)?,
        None => false,
    };
    Ok((holiday_years(tx)?, sets))
}

async fn known(cx: &Cx) -> Outcome<(Vec<HolidayYear>, bool)> {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| load(tx, &actor)).await
}

/// Shows the years, and for who manages the whole network the form: `?year=2027`.
pub(super) async fn show(cx: Cx) -> ::web::Result {
    let (years, sets) = known(&cx).await?;
    let this = i64::from(cx.now.day().date().0);
    let year = cx.param_as("year").unwrap_or_else(|| missing(&cx, &years).unwrap_or(this));
    let days = years.iter().find(|known| known.year == year).map_or("", |known| known.days.as_str());
    let form = FormState::new(&cx).with("year", year).with("days", days);
    cx.page(&page(&cx, &years, sets, form))
}

/// The State Council announces a year at the end of the one before.
fn missing(cx: &Cx, years: &[HolidayYear]) -> Option<i64> {
    let (year, month, _) = cx.now.day().date();
    let wanted = [Some(i64::from(year)), (month == 12).then_some(i64::from(year) + 1)];
    wanted.into_iter().flatten().find(|year| !years.iter().any(|known| known.year == *year))
}

fn page<'a>(cx: &'a Cx, years: &'a [HolidayYear], sets: bool, form: FormState) -> Page<'a> {
    let labels = [("year", "network-holiday-year"), ("days", "network-holiday-days")];
    Page { cx, form: form.labels(cx, &labels), years, sets, missing: missing(cx, years) }
}

impl Page<'_> {
    fn count(&self, year: &HolidayYear) -> String {
        let with = |sign: &str| year.days.lines().filter(|line| line.contains(sign)).count() as i64;
        let number = year.year.to_string();
        self.cx.ta(
            "network-holiday-count",
            &[("year", &number), ("off", &with(" 休")), ("worked", &with(" 班"))],
        )
    }
}

/// Sets a year.
pub(super) async fn set(cx: Cx, mut form: Form) -> ::web::Result {
    let (years, sets) = known(&cx).await?;
    if !sets {
        return Err(Error::denied().into());
    }
    let year = form.int("year", 1949..=2999);
    let days = form.text("days", Max(DAYS_CHARS_MAX));
    let done = match form.finish() {
        Ok(()) => {
            let (actor, cmd) = (cx.actor.clone(), SetHolidays { year, days });
            cx.store.write("network.set_holidays", move |tx| set_holidays(tx, &actor, &cmd)).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(count) => {
            let said = cx.t2("network-holiday-saved", "year", year.to_string(), "n", count as i64);
            Ok(cx.done(&format!("/desk/holidays?year={year}"), &said))
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, &years, sets, form))
        }
    }
}
