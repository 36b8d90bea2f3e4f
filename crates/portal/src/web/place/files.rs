//! `/calendar/…ics`: calendars to subscribe to (RFC 5545), of a division, an organisation with all below it, or any search.

use activities::{Meeting, Within, ics::Calendar, meetings};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Error, Id, Org, RegionCode, Result as Outcome, Timestamp};
use store::Tx;
use web::{Cx, Path};

use super::calendar::{Scope, find, wanted};
use crate::asked::Asked;

/// Days back, so that what was cancelled lately is taken out of the reader's calendar, and days ahead.
const DAYS: (i64, i64) = (7, 90);
/// Sessions in a file.
const SESSIONS_MAX: usize = 1_000;

/// Of a division: `/calendar/regions/500106000000.ics?kind=…&free=1`
pub(super) async fn region(cx: Cx, Path(file): Path<String>) -> web::Result<Response> {
    let code: RegionCode = stem(&file)?.parse().map_err(|_| Error::missing())?;
    scoped(&cx, move |tx| Scope::of_region(tx, &code)).await
}

/// Of an organisation and all below it: `/calendar/orgs/….ics?kind=…&free=1`
pub(super) async fn org(cx: Cx, Path(file): Path<String>) -> web::Result<Response> {
    let id: Id<Org> = stem(&file)?.parse().map_err(|_| Error::missing())?;
    scoped(&cx, move |tx| Scope::of_org(tx, id)).await
}

fn stem(file: &str) -> Outcome<&str> {
    file.strip_suffix(".ics").ok_or_else(Error::missing)
}

fn window(now: Timestamp) -> (Timestamp, Timestamp) {
    (now.plus_minutes(-DAYS.0 * 24 * 60), now.plus_minutes(DAYS.1 * 24 * 60))
}

async fn scoped(
    cx: &Cx,
    scope: impl Fn(&mut Tx) -> Outcome<Scope> + Send + Sync + 'static,
) -> web::Result<Response> {
    let (wanted, window) = (wanted(cx), window(cx.now));
    let (name, found, hosts) = cx
        .store
        .read(move |tx| {
            let scope = scope(tx)?;
            let found = meetings(tx, &scope.within, wanted, window, true, None, SESSIONS_MAX)?;
            let hosts = hosts(tx, &found)?;
            Ok((scope.name, found, hosts))
        })
        .await?;
    Ok(answer(cx, &name, &found, &hosts))
}

/// Of a search, by the words and filters of its page: `/calendar/search.ics?q=书法&district=…&kind=…&free=1`: the sessions of the offers that it
/// finds first.
pub(super) async fn search(cx: Cx) -> web::Result<Response> {
    let asked = Asked::read(|name| cx.param(name));
    let (wanted, window) = (wanted(&cx), window(cx.now));
    let within = Within::Offers(find(&cx, &asked).await?.offers);
    let (found, hosts) = cx
        .store
        .read(move |tx| {
            let found = meetings(tx, &within, wanted, window, true, None, SESSIONS_MAX)?;
            let hosts = hosts(tx, &found)?;
            Ok((found, hosts))
        })
        .await?;
    let q = asked.q.trim();
    let name = if q.is_empty() { cx.t("web-brand") } else { format!("{} · {q}", cx.t("web-brand")) };
    Ok(answer(&cx, &name, &found, &hosts))
}

type Hosts = std::collections::HashMap<Id<Org>, network::Organisation>;

fn hosts(tx: &mut Tx, found: &[Meeting]) -> Outcome<Hosts> {
    let ids: std::collections::BTreeSet<Id<Org>> = found.iter().map(|meeting| meeting.class.org_id).collect();
    network::orgs_by_ids(tx, &ids.into_iter().collect::<Vec<_>>())
}

fn answer(cx: &Cx, name: &str, found: &[Meeting], hosts: &Hosts) -> Response {
    let mut calendar = Calendar::new(name, cx.now);
    for meeting in found {
        if let Some(host) = hosts.get(&meeting.class.org_id) {
            let url = cx.absolute(&format!("/offers/{}", meeting.class.offer_id));
            calendar.add(&meeting.class, &meeting.session, host, &url);
        }
    }
    ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], calendar.finish()).into_response()
}
