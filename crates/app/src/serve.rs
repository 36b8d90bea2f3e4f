//! Serving: the web behind its layers, the journal's runner, messages, the search index.

use std::{net::SocketAddr, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use journal::Runner;
use kernel::Chance;
use notify::{ConsoleGateway, Worker};
use people::WebSessions;
use tokio::{net::TcpListener, signal};
use web::{Shell, Site};

use crate::city::{City, consumers, routes};

/// Telephone shown for help in the demonstration; numbers that begin with 0 are not given out.
const DEMO_PHONE: &str = "023-00000000";

/// Serves until it is told to stop. `ready` runs when the address answers.
pub fn run(
    city: City,
    listen: SocketAddr,
    base_url: &str,
    demo: bool,
    ready: impl FnOnce(&City, SocketAddr) -> Result<()>,
) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime
        .block_on(TcpListener::bind(listen))
        .with_context(|| format!("{listen} cannot be listened on; give another address with --listen"))?;
    let address = listener.local_addr()?;
    let finder = Arc::new(
        portal::Finder::open(&city.dir.index(), city.store.clone()).map_err(|e| anyhow::anyhow!("{e:?}"))?,
    );
    let site = Site {
        base_url: base_url.trim_end_matches('/').to_owned(),
        city_zh: "重庆".to_owned(),
        city_en: "Chongqing".to_owned(),
        demo,
        phone: if demo { DEMO_PHONE.to_owned() } else { String::new() },
        filing: String::new(),
        source_url: String::new(),
    };
    let issuer = credentials::Issuer {
        key: city.signing.clone(),
        name: "重庆市社区教育服务指导中心".to_owned(),
        base_url: site.base_url.clone(),
        origin: city.sealer.origin().to_owned(),
    };
    let sessions = Arc::new(WebSessions(city.vault.clone()));
    let map = network::CityMap::from_geojson(include_str!("../../../data/chongqing/cq_districts.geojson"))
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let shell = Shell::new(city.store.clone(), site, sessions, city.web_secret, Chance::from_system())
        .with(city.vault.clone())
        .with(Arc::new(issuer))
        .with(Arc::new(map))
        .with(finder.clone());
    let service = routes().build(shell).into_make_service_with_connect_info::<SocketAddr>();
    let journal = Runner::start(city.store.clone(), consumers(), city.sealer.clone())?;
    let gateway = Arc::new(ConsoleGateway::with_data(city.dir.root()));
    let messages =
        Worker::start(city.store.clone(), city.vault.outbox().clone(), gateway, "serve".to_owned())?;
    let indexing = finder.follow()?;
    let server =
        runtime.spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopped()).await });
    ready(&city, address)?;
    let served = runtime.block_on(server)?.context("serving ended");
    drop((indexing, messages, journal));
    // What was committed in the last moment is sealed before the program ends.
    if let Err(error) = city.sealer.seal(&city.store) {
        tracing::warn!(?error, "the last facts are sealed at the next start");
    }
    served.map(|()| ExitCode::SUCCESS)
}

/// Resolves on Ctrl-C or SIGTERM.
async fn stopped() {
    let term = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut term) => {
                term.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = term => {}
    }
}
