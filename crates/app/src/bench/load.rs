//! A load of requests over loopback sockets.
//!
//! An **open** load is like a city: people come when they come, however slow the answers are. Arrivals are fixed beforehand, and an answer's
//! time counts from the planned moment, so that a server that halts is charged for everybody who came meanwhile. A **closed** load keeps
//! so many connections busy and tells how much a server can do at most.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use kernel::Chance;
use tokio::{net::TcpStream, runtime::Runtime};

/// Connections of the open load, each with a thread that sleeps until its next arrival: a runtime's timer is a millisecond coarse.
const OPEN_CONNECTIONS: usize = 64;
/// Connections of the closed load: more than run at once, fewer than the gate turns away.
const CLOSED_CONNECTIONS: usize = 32;

type Sender = SendRequest<Empty<Bytes>>;

/// A request that is sent again and again.
pub type Ask = Request<Empty<Bytes>>;

/// GET of a path as a browser asks, with a cookie if one is given.
pub fn ask(path: &str, cookie: Option<&str>) -> Result<Ask> {
    let mut request = Request::get(path)
        .header(header::HOST, "127.0.0.1")
        .header(header::USER_AGENT, "Mozilla/5.0 (Linux; Android 14) xuecheng-bench")
        .header(
            header::ACCEPT,
            if path.starts_with("/api/") { "application/json" } else { "text/html,*/*;q=0.8" },
        )
        .header(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.8")
        .header(header::ACCEPT_ENCODING, "gzip, deflate, br");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    request.body(Empty::new()).with_context(|| format!("{path:?} is no address"))
}

/// Arrivals at so many a second for a time, independent of each other (exponential gaps): the moment and which request.
pub fn arrivals(
    chance: &mut Chance,
    per_second: f64,
    time: Duration,
    mut which: impl FnMut(&mut Chance) -> usize,
) -> Vec<(Duration, usize)> {
    let mut plan = Vec::new();
    let mut at = 0.0;
    loop {
        at -= (1.0 - unit(chance)).ln() / per_second;
        if at >= time.as_secs_f64() {
            return plan;
        }
        plan.push((Duration::from_secs_f64(at), which(chance)));
    }
}

/// From 0 up to but not including 1.
pub fn unit(chance: &mut Chance) -> f64 {
    (u64::from_le_bytes(chance.bytes()) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number below `n`.
pub fn below(chance: &mut Chance, n: usize) -> usize {
    ((unit(chance) * n as f64) as usize).min(n.saturating_sub(1))
}

/// One answer of an open load.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// Which request.
    pub which: usize,
    /// From the planned moment to the last byte.
    pub took: Duration,
    /// Whether it was 200.
    pub good: bool,
}

/// Sends what is planned.
pub fn open(address: SocketAddr, asks: &[Ask], plan: &[(Duration, usize)]) -> Result<Vec<Answered>> {
    let next = AtomicUsize::new(0);
    // The connections are there before the first arrival.
    let lines: Vec<Line> = (0..OPEN_CONNECTIONS).map(|_| Line::to(address)).collect::<Result<_>>()?;
    let begun = Instant::now() + Duration::from_millis(20);
    thread::scope(|scope| {
        let threads: Vec<_> = lines
            .into_iter()
            .map(|mut line| {
                let next = &next;
                scope.spawn(move || {
                    let mut answers = Vec::new();
                    while let Some((at, which)) = plan.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                        let due = begun + at;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let good = line.get(&asks[which]);
                        answers.push(Answered { which, took: due.elapsed(), good });
                    }
                    answers
                })
            })
            .collect();
        let mut all = Vec::with_capacity(plan.len());
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a client panicked"))?);
        }
        Ok(all)
    })
}

/// A connection with a runtime of its own.
struct Line {
    runtime: Runtime,
    address: SocketAddr,
    sender: Sender,
}

impl Line {
    fn to(address: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let sender = runtime.block_on(connect(address))?;
        Ok(Self { runtime, address, sender })
    }

    fn get(&mut self, ask: &Ask) -> bool {
        let (sender, address) = (&mut self.sender, self.address);
        self.runtime.block_on(async {
            match fetch(sender, ask).await {
                Ok((status, _)) => status == StatusCode::OK,
                Err(_) => {
                    if let Ok(fresh) = connect(address).await {
                        *sender = fresh;
                    }
                    false
                }
            }
        })
    }
}

/// What a server did under a closed load.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Answers with 200 in a second.
    pub per_second: f64,
    /// Bytes of a body in the middle, as they travelled.
    pub bytes: f64,
    /// Answers that were none or others.
    pub failed: usize,
}

/// Keeps the connections busy for a time, asking in turn.
pub fn closed(address: SocketAddr, asks: &[Ask], time: Duration) -> Result<Rate> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let asks: Arc<[Ask]> = asks.into();
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let sums = runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..CLOSED_CONNECTIONS {
            let (asks, next) = (asks.clone(), next.clone());
            tasks.push(tokio::spawn(async move {
                let mut sender = connect(address).await?;
                let (mut good, mut bytes, mut failed) = (0_usize, 0_usize, 0_usize);
                while begun.elapsed() < time {
                    let which = next.fetch_add(1, Ordering::Relaxed) % asks.len();
                    match fetch(&mut sender, &asks[which]).await {
                        Ok((StatusCode::OK, length)) => (good, bytes) = (good + 1, bytes + length),
                        Ok(_) => failed += 1,
                        Err(_) => {
                            failed += 1;
                            sender = connect(address).await?;
                        }
                    }
                }
                anyhow::Ok((good, bytes, failed))
            }));
        }
        let mut sums = (0, 0, 0);
        for task in tasks {
            let (good, bytes, failed) = task.await??;
            sums = (sums.0 + good, sums.1 + bytes, sums.2 + failed);
        }
        anyhow::Ok(sums)
    })?;
    let (good, bytes, failed) = sums;
    ensure!(good > 0, "nothing was answered with 200");
    Ok(Rate {
        per_second: good as f64 / begun.elapsed().as_secs_f64(),
        bytes: bytes as f64 / good as f64,
        failed,
    })
}

async fn connect(address: SocketAddr) -> Result<Sender> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn fetch(sender: &mut Sender, ask: &Ask) -> Result<(StatusCode, usize)> {
    sender.ready().await?;
    let response = sender.send_request(ask.clone()).await?;
    let status = response.status();
    let mut body: Incoming = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, Bytes::len);
    }
    Ok((status, bytes))
}

/// Middle and tail of some times, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Half took no longer.
    pub p50: f64,
    /// Ninety-nine of a hundred took no longer.
    pub p99: f64,
}

impl Times {
    /// Of these; zero if there are none.
    pub fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut all: Vec<Duration> = times.collect();
        all.sort_unstable();
        // The smallest time that is not below so many of a hundred (nearest rank).
        let rank = |percent: usize| (all.len() * percent).div_ceil(100).saturating_sub(1);
        let at = |percent: usize| all.get(rank(percent)).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        Self { p50: at(50), p99: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = |n: u64| (1..=n).map(Duration::from_millis);
        assert_eq!(Times::of(times(100)), Times { p50: 50.0, p99: 99.0 });
        assert_eq!(Times::of(times(1)), Times { p50: 1.0, p99: 1.0 });
        assert_eq!(Times::of(times(0)), Times { p50: 0.0, p99: 0.0 });
    }

    #[test]
    fn arrivals_come_in_order_and_about_as_often_as_asked() {
        let plan =
            arrivals(&mut Chance::seeded(1), 100.0, Duration::from_secs(20), |chance| below(chance, 3));
        assert!(plan.is_sorted_by_key(|(at, _)| *at));
        assert!((1_800..2_200).contains(&plan.len()), "{}", plan.len());
        assert!(plan.iter().all(|(_, which)| *which < 3));
        assert!(plan.iter().any(|(_, which)| *which == 2));
    }
}
