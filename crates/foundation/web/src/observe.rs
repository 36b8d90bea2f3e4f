//! What is written down of each request: a line in the log and figures for the operator.
//!
//! Neither names anybody. A path may carry a one-time token and a query what somebody looks for, so both stand as the pattern of
//! their route.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request},
    http::{Method, StatusCode},
};
use kernel::{Actor, Kind};

use crate::{Cx, Rank};

/// Longest id of a request that is taken over from a proxy.
const ID_CHARS_MAX: usize = 64;

/// The pattern of a request's route; `-` where there is none.
pub(crate) fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned())
}

/// The id that a trusted proxy gave the request, if it is one that can stand in a log and a header.
pub(crate) fn given_id(request: &Request, proxies: &[IpAddr]) -> Option<String> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    if !proxies.contains(&peer) {
        return None;
    }
    let id = request.headers().get("x-request-id")?.to_str().ok()?;
    let plain = !id.is_empty()
        && id.len() <= ID_CHARS_MAX
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    plain.then(|| id.to_owned())
}

/// From where a request came: the peer, or whom the nearest trusted proxy saw. A proxy appends to `x-forwarded-for`, so the last entry
/// that is no proxy of ours is the only one that its sender did not choose.
pub(crate) fn client(request: &Request, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    if !proxies.contains(&peer) {
        return Some(peer);
    }
    let told: Vec<IpAddr> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|address| address.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .collect();
    Some(told.into_iter().rev().find(|address| !proxies.contains(address)).unwrap_or(peer))
}

/// A request on its way.
pub(crate) struct Observed {
    begun: Instant,
    method: Method,
    route: String,
    rank: Rank,
}

impl Observed {
    pub(crate) fn new(method: Method, route: String, rank: Rank) -> Self {
        Self { begun: Instant::now(), method, route, rank }
    }

    /// Counts and logs the answer.
    pub(crate) fn answered(self, request_id: &str, actor: &'static str, status: StatusCode) {
        let took = self.begun.elapsed();
        let method = known(&self.method);
        count(method, &self.route, status, took);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            target: "request",
            request_id,
            method,
            route = self.route,
            status = status.as_u16(),
            micros,
            actor,
            rank = self.rank.as_str(),
        );
    }
}

fn count(method: &'static str, route: &str, status: StatusCode, took: Duration) {
    let route = route.to_owned();
    metrics::counter!(
        "xuecheng_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string()
    )
    .increment(1);
    metrics::histogram!("xuecheng_request_seconds", "route" => route).record(took.as_secs_f64());
}

/// The kind of who acts.
pub(crate) fn actor(cx: &Cx) -> &'static str {
    match cx.actor {
        Actor::Nobody => "nobody",
        Actor::Person { .. } if cx.is_staff() => "staff",
        Actor::Person { .. } => "resident",
        Actor::Helper { .. } => "helper",
        Actor::System(_) => "system",
    }
}

/// Strangers may send any word as a method; labels take only those that mean something.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// Counts a refusal by its code.
pub(crate) fn refused(code: &'static kernel::Code) {
    metrics::counter!("xuecheng_refusals_total", "code" => code.name).increment(1);
    if code.kind == Kind::Limited {
        metrics::counter!("xuecheng_rate_limited_total").increment(1);
    }
}

/// Counts a request that was turned away.
pub(crate) fn shed(rank: Rank) {
    metrics::counter!("xuecheng_requests_shed_total", "rank" => rank.as_str()).increment(1);
}

/// Counts a session that begins.
pub(crate) fn signed_in() {
    metrics::counter!("xuecheng_sign_ins_total").increment(1);
}
