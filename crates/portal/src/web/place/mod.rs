//! Places: the city, its divisions, its organisations, what is near, what comes, and how all of it is passed on.

mod api;
mod calendar;
mod city;
mod files;
mod map;
mod near;
mod org;
mod reach;
mod region;
mod sitemap;

pub use map::CityMap;

use activities::Coming;
use kernel::Timestamp;
use network::OrgKind;
use web::{Access, Choice, Cx, Keep, Rank, Routes};

/// Rows of a page of organisations.
const ORGS_A_PAGE: usize = 20;
/// Rows of a page of divisions.
const REGIONS_A_PAGE: usize = 60;
/// Classes shown on the page of a place; the calendar has all.
const COMING_SHOWN: usize = 6;
/// Venues, and what is open at one, shown there.
const OPEN_SHOWN: usize = 12;
/// Offers without classes shown there.
const UNDATED_SHOWN: usize = 6;

pub(super) fn routes() -> Routes {
    let heavy = Routes::new()
        .get("/places/reach", Access::Public, reach::show)
        .get("/calendar", Access::Public, calendar::show)
        .get("/calendar/regions/{file}", Access::Public, files::region)
        .get("/calendar/orgs/{file}", Access::Public, files::org)
        .get("/calendar/search.ics", Access::Public, files::search)
        .get("/sitemap.xml", Access::Public, sitemap::index)
        .get("/sitemap/{file}", Access::Public, sitemap::part)
        .ranked(Rank::Heavy);
    let of_counts = Routes::new()
        .get("/places", Access::Public, city::show)
        .get("/orgs", Access::Public, org::search)
        .kept(Keep::Briefly);
    let of_seats = Routes::new()
        .get("/places/{code}", Access::Public, region::show)
        .get("/orgs/{id}", Access::Public, org::show)
        .kept(Keep::Checked);
    Routes::new()
        .merge(of_counts)
        .merge(of_seats)
        .get("/near", Access::Public, near::show)
        .get("/robots.txt", Access::Public, sitemap::robots)
        .merge(api::routes())
        .merge(heavy)
}

/// The kinds of organisations for a select.
fn kinds(cx: &Cx) -> Vec<Choice> {
    OrgKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key()))).collect()
}

/// How many organisations of each kind, in words.
fn counts(cx: &Cx, counts: &[(OrgKind, i64)]) -> Vec<(String, String)> {
    counts.iter().map(|(kind, count)| (cx.t(&kind.message_key()), cx.number(*count))).collect()
}

/// From now on, so many days.
fn days_from(now: Timestamp, days: i64) -> (Timestamp, Timestamp) {
    (now, now.plus_minutes(days * 24 * 60))
}

/// `约 350 米`, `1.2 公里`.
pub(super) fn distance(cx: &Cx, metres: i64) -> String {
    match metres {
        0..50 => cx.t1("place-metres", "n", 50),
        50..1_000 => cx.t1("place-metres", "n", (metres + 5) / 10 * 10),
        1_000..20_000 => {
            let tenths = (metres + 50) / 100;
            cx.t1("place-kilometres", "n", format!("{}.{}", tenths / 10, tenths % 10))
        }
        _ => cx.t1("place-kilometres", "n", ((metres + 500) / 1_000).to_string()),
    }
}

/// The figures of a place, as everybody may know them, and where each leads down to its records.
struct Figures {
    /// The organisation that they are of.
    org: network::Organisation,
    /// Of the current year instead of twelve months: the city's, which are kept ready.
    year: bool,
    numbers: statistics::PublicFigures,
}

impl Figures {
    /// Of an organisation and all below it; `None` if nothing was recorded.
    fn load(tx: &mut store::Tx, org: &network::Organisation) -> kernel::Result<Option<Self>> {
        let (year, numbers) = if org.parent_id.is_none() {
            let city = statistics::city_summary(tx)?;
            let learners = city.learners_this_year;
            let numbers = statistics::PublicFigures {
                attendances: city.attendances + city.visitors,
                learners: (!(1..statistics::SMALL).contains(&learners)).then_some(learners),
                minutes: city.minutes,
                classes: 0,
            };
            (true, numbers)
        } else {
            (false, statistics::lately_of_place(tx, org.org_id)?)
        };
        let any = numbers != statistics::PublicFigures { learners: Some(0), ..Default::default() };
        Ok(any.then(|| Self { org: org.clone(), year, numbers }))
    }

    fn url(&self, figure: &str) -> String {
        let period = if self.year { "" } else { "&year=last12" };
        format!("/figures/{figure}?org={}{period}", self.org.org_id)
    }
}

/// Classes for search engines, in the words of schema.org.
fn events(
    cx: &Cx,
    coming: &[Coming],
    orgs: &std::collections::HashMap<kernel::Id<kernel::Org>, network::Organisation>,
) -> Vec<web::api::Value> {
    coming
        .iter()
        .filter_map(|line| {
            Some(activities::structured::class(cx, &line.offer, &line.class, orgs.get(&line.class.org_id)?))
        })
        .collect()
}

/// The organisations that run these classes.
fn hosts(
    tx: &mut store::Tx,
    coming: &[Coming],
) -> kernel::Result<std::collections::HashMap<kernel::Id<kernel::Org>, network::Organisation>> {
    let ids: Vec<_> = coming.iter().map(|line| line.class.org_id).collect();
    network::orgs_by_ids(tx, &ids)
}
