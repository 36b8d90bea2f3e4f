//! `/calendar`: what a place or a division offers, or what a search found, by month, week or day. What is chosen stands in the address.

use std::collections::BTreeMap;

use ::search::Query;
use activities::{Meeting, SessionId, Wanted, Within, meetings, meetings_by_day};
use askama::Template;
use catalog::{OfferId, OfferKind};
use kernel::{Day, Error, Id, Org, RegionCode, Result as Outcome, Timestamp, uri_part};
use network::{org, top_region, valid_region};
use store::Tx;
use web::Cx;

use crate::{Finder, asked::Asked, pages::search::with_free_seats};

/// Sessions on a page.
const PAGE: usize = 100;
/// Days that may be looked back and ahead: dates further off are taken for the nearest of these.
const DAYS_MAX: i32 = 800;

/// How much is seen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Month,
    Week,
    Day,
}

impl View {
    const ALL: [View; 3] = [View::Month, View::Week, View::Day];

    const fn as_str(self) -> &'static str {
        match self {
            View::Month => "month",
            View::Week => "week",
            View::Day => "day",
        }
    }

    /// The days that are seen when this day is: from the first to before the second.
    fn days(self, day: Day) -> (Day, Day) {
        match self {
            View::Day => (day, day.plus(1)),
            View::Week => {
                let monday = day.plus(1 - i32::from(day.weekday()));
                (monday, monday.plus(7))
            }
            View::Month => {
                let (year, month, date) = day.date();
                let first = day.plus(1 - i32::from(date));
                let next = if month == 12 { Day::of(year + 1, 1, 1) } else { Day::of(year, month + 1, 1) };
                (first, next.unwrap_or_else(|| first.plus(31)))
            }
        }
    }
}

/// Offers of a search that are looked through.
const OFFERS_MAX: usize = 200;

/// What a search found first.
pub(super) struct Found {
    pub offers: Vec<OfferId>,
    /// Whether there is more.
    cut: bool,
}

/// Finds what a search asks for, whatever the time.
pub(super) async fn find(cx: &Cx, asked: &Asked) -> Outcome<Found> {
    let mut query = Query { limit: OFFERS_MAX, ..asked.query(cx.now) };
    if asked.seats {
        query.ids = Some(cx.store.read(with_free_seats).await?);
    }
    let finder = cx.get::<Finder>()?;
    // Reading an index is work for a thread that may wait, not for the one that answers everybody.
    let hits = tokio::task::spawn_blocking(move || finder.search(&query))
        .await
        .map_err(|error| Error::bug("the search was broken off").caused_by(error))??;
    Ok(Found {
        offers: hits.hits.iter().filter_map(|hit| hit.id.parse().ok()).collect(),
        cut: hits.total > OFFERS_MAX as u64,
    })
}

/// The page of all places.
const PLACES: (&str, &str) = ("/places", "place-places");

/// Where is looked, with its name and address.
#[derive(Clone)]
pub(super) struct Scope {
    pub within: Within,
    pub name: String,
    pub address: String,
    /// The page above it, and the words for it.
    above: (&'static str, &'static str),
    /// Parameters that say where is looked: `org=…`, `region=…`, or those of a search.
    key: Vec<(&'static str, String)>,
    /// Address of the file that calendars subscribe to.
    pub file: String,
    /// A search found more offers than are looked through.
    cut: bool,
}

impl Scope {
    pub(super) fn of_region(tx: &mut Tx, code: &RegionCode) -> Outcome<Self> {
        // Calendars that people subscribed to go on when their division is followed by another one.
        let found = valid_region(tx, code)?.ok_or_else(Error::missing)?;
        let code = &found.code;
        Ok(Self {
            within: Within::Region(code.clone()),
            name: found.name.clone(),
            address: format!("/places/{code}"),
            above: PLACES,
            key: vec![("region", code.to_string())],
            file: format!("/calendar/regions/{code}.ics"),
            cut: false,
        })
    }

    pub(super) fn of_org(tx: &mut Tx, id: Id<Org>) -> Outcome<Self> {
        let found = org(tx, id)?.ok_or_else(Error::missing)?;
        Ok(Self {
            within: Within::Below(id),
            name: found.name,
            address: format!("/orgs/{id}"),
            above: PLACES,
            key: vec![("org", id.to_string())],
            file: format!("/calendar/orgs/{id}.ics"),
            cut: false,
        })
    }

    fn of_search(asked: &Asked, found: Found) -> Self {
        // Kind and cost are the calendar's own choices, and its days are another way to say when.
        let place = Asked { kind: None, free: false, ..asked.clone() };
        Self {
            within: Within::Offers(found.offers),
            name: asked.q.trim().to_owned(),
            address: asked.at("/search"),
            above: ("/search", "portal-search"),
            key: place.pairs().into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
            file: place.at("/calendar/search.ics"),
            cut: found.cut,
        }
    }
}

/// What is wanted of it, as the address says.
pub(super) fn wanted(cx: &Cx) -> Wanted {
    Wanted { kind: cx.param_as("kind"), free: cx.param("free") == "1" }
}

struct Loaded {
    scope: Scope,
    meetings: Vec<Meeting>,
    counts: BTreeMap<Day, i64>,
}

/// A day of the list.
struct DayLine<'a> {
    day: Day,
    meetings: Vec<&'a Meeting>,
}

/// A cell of the month: nothing before its first and after its last day.
type MonthCell = Option<(Day, i64)>;

#[derive(Template)]
#[template(path = "place_calendar.html")]
struct Page<'a> {
    cx: &'a Cx,
    scope: &'a Scope,
    view: View,
    from: Day,
    until: Day,
    /// The last day that is seen.
    last: Day,
    /// The first day of the stretch before.
    before: Day,
    today: Day,
    days: Vec<DayLine<'a>>,
    weeks: Vec<Vec<MonthCell>>,
    total: i64,
    next_page: Option<String>,
    wanted: Wanted,
    kinds: Vec<OfferKind>,
    file: String,
    subscribe: String,
}

impl Page<'_> {
    fn title(&self) -> String {
        match self.scope.name.as_str() {
            "" => self.cx.t("place-calendar-found"),
            name => self.cx.t1("place-calendar-of", "name", name),
        }
    }

    /// This calendar in another view or at another day.
    fn url(&self, view: &View, day: &Day) -> String {
        let key: Vec<String> =
            self.scope.key.iter().map(|(name, value)| format!("{name}={}", uri_part(value))).collect();
        let (key, view) = (key.join("&"), view.as_str());
        format!("/calendar?{key}&view={view}&from={day}{}", filters(self.wanted))
    }

    fn day_url(&self, day: &Day) -> String {
        self.url(&View::Day, day)
    }

    fn is_kind(&self, kind: &OfferKind) -> bool {
        self.wanted.kind == Some(*kind)
    }

    fn date(&self, day: &Day) -> i8 {
        day.date().2
    }

    fn month_name(&self) -> String {
        let (year, month, _) = self.from.date();
        self.cx.t2("place-calendar-month-of", "year", year.to_string(), "month", i64::from(month))
    }
}

fn filters(wanted: Wanted) -> String {
    let kind = wanted.kind.map(|kind| format!("&kind={kind}")).unwrap_or_default();
    format!("{kind}{}", if wanted.free { "&free=1" } else { "" })
}

/// Shows it: `?org=ID`, `?region=CODE` or the words and filters of a search, `&view=month|week|day&from=DATE&kind=…&free=1`.
pub(super) async fn show(cx: Cx) -> web::Result {
    let today = cx.now.day();
    let view = View::ALL.into_iter().find(|view| view.as_str() == cx.param("view")).unwrap_or(View::Week);
    let day: Day = cx.param_as("from").unwrap_or(today);
    let day = day.clamp(today.plus(-DAYS_MAX), today.plus(DAYS_MAX));
    let (from, until) = view.days(day);
    let wanted = wanted(&cx);
    let id: Option<Id<Org>> = match cx.param("org") {
        "" => None,
        text => Some(text.parse().map_err(|_| Error::missing())?),
    };
    let code: Option<RegionCode> = match cx.param("region") {
        "" => cx.near.clone(),
        text => Some(text.parse().map_err(|_| Error::missing())?),
    };
    let after = read_key(cx.param("after"));
    let asked = Asked { when: String::new(), ..Asked::read(|name| cx.param(name)) };
    let elsewhere = Asked { kind: None, free: false, ..asked.clone() }.is_empty();
    let search = if id.is_some() || !cx.param("region").is_empty() || elsewhere {
        None
    } else {
        Some(Scope::of_search(&asked, find(&cx, &asked).await?))
    };
    let loaded = cx
        .store
        .read(move |tx| {
            let scope = match (&search, id, &code) {
                (Some(search), ..) => search.clone(),
                (None, Some(id), _) => Scope::of_org(tx, id)?,
                (None, None, Some(code)) => Scope::of_region(tx, code)?,
                (None, None, None) => {
                    let city = top_region(tx)?.ok_or_else(Error::missing)?;
                    Scope::of_region(tx, &city.code)?
                }
            };
            let counts = meetings_by_day(tx, &scope.within, wanted, (from, until))?;
            let moments = (from.start(), until.start());
            let meetings = match view {
                View::Month => Vec::new(),
                _ => meetings(tx, &scope.within, wanted, moments, false, after, PAGE + 1)?,
            };
            Ok(Loaded { scope, meetings, counts })
        })
        .await?;
    let more = loaded.meetings.len() > PAGE;
    let shown = &loaded.meetings[..loaded.meetings.len().min(PAGE)];
    let next_page = shown.last().filter(|_| more).map(|last| {
        cx.url_with("after", format!("{}.{}", last.session.starts_at.millis(), last.session.session_id))
    });
    let mut days: Vec<DayLine> = Vec::new();
    for meeting in shown {
        let day = meeting.session.starts_at.day();
        match days.last_mut().filter(|line| line.day == day) {
            Some(line) => line.meetings.push(meeting),
            None => days.push(DayLine { day, meetings: vec![meeting] }),
        }
    }
    let mut file = format!("{}{}", loaded.scope.file, filters(wanted));
    if !file.contains('?') {
        file = file.replacen('&', "?", 1);
    }
    cx.page(&Page {
        cx: &cx,
        view,
        from,
        until,
        last: until.plus(-1),
        before: view.days(from.plus(-1)).0,
        today,
        days,
        weeks: if view == View::Month { weeks(from, until, &loaded.counts) } else { Vec::new() },
        total: loaded.counts.values().sum(),
        next_page,
        wanted,
        kinds: OfferKind::ALL.iter().copied().filter(|kind| kind.has_classes()).collect(),
        subscribe: subscribe(&cx, &file),
        file,
        scope: &loaded.scope,
    })
}

/// The same file under the scheme that makes telephones subscribe instead of reading it once.
pub(super) fn subscribe(cx: &Cx, file: &str) -> String {
    let url = cx.absolute(file);
    match url.split_once("://") {
        Some((_, rest)) => format!("webcal://{rest}"),
        None => url,
    }
}

fn read_key(key: &str) -> Option<(Timestamp, SessionId)> {
    let (at, id) = key.split_once('.')?;
    Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
}

/// The days of a month in weeks from Monday to Sunday.
fn weeks(from: Day, until: Day, counts: &BTreeMap<Day, i64>) -> Vec<Vec<MonthCell>> {
    let mut cells: Vec<MonthCell> = vec![None; usize::from(from.weekday()) - 1];
    let mut day = from;
    while day < until {
        cells.push(Some((day, counts.get(&day).copied().unwrap_or(0))));
        day = day.plus(1);
    }
    cells.resize(cells.len().next_multiple_of(7), None);
    cells.chunks(7).map(<[MonthCell]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_whole_weeks() {
        let day = Day::of(2026, 11, 26).unwrap();
        let (from, until) = View::Month.days(day);
        assert_eq!((from, until), (Day::of(2026, 11, 1).unwrap(), Day::of(2026, 12, 1).unwrap()));
        let weeks = weeks(from, until, &BTreeMap::from([(day, 7)]));
        assert!(weeks.iter().all(|week| week.len() == 7));
        assert_eq!(weeks.iter().flatten().flatten().count(), 30);
        assert_eq!(weeks[0][6], Some((from, 0)), "1 November 2026 is a Sunday");
        assert!(weeks.iter().flatten().any(|cell| *cell == Some((day, 7))));
        assert_eq!(View::Month.days(Day::of(2026, 12, 31).unwrap()).1, Day::of(2027, 1, 1).unwrap());
        let (monday, next) = View::Week.days(day);
        assert_eq!((monday.weekday(), next), (1, monday.plus(7)));
    }
}
