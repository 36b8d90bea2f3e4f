//! Serving: the web behind its layers, the journal's runner, messages, the search index.

mod connections;
mod every;
pub mod housekeeping;
pub mod leaving;
mod reorganisations;
mod stop;

use std::{fs::File, net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use journal::Runner;
use kernel::Chance;
use notify::{ConsoleGateway, Worker};
use people::WebSessions;
use store::{Engine, Presence};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use web::{Keeping, Limits, Shell, Site};

use crate::{
    city::{City, consumers, routes},
    cli::Place,
    config::{self, Config},
    data_dir::DataDir,
    init, log, metrics, settings,
    witness::{self, Post},
};
use connections::Allowed;
use every::Every;
use stop::{Readiness, Signals};

/// Processes that may share one data directory, each with an index of its own.
const INDEXES_MAX: usize = 16;

/// `xuecheng serve`: serves what `init` made.
///
/// # Errors
/// If there is no installation, or something in its configuration is wrong.
pub fn installation(
    file: Option<&Path>,
    place: &Place,
    listen: Option<SocketAddr>,
    base_url: Option<String>,
) -> Result<ExitCode> {
    let found = config::find(file, place.data.as_deref(), place.database.as_deref())?;
    let mut config = found.config;
    if let Some(listen) = listen {
        config.place.listen = listen.to_string();
    }
    if let Some(base_url) = base_url {
        config.place.base_url = base_url;
    }
    config.validate()?;
    config.validate_city()?;
    DataDir::existing(&found.data)?;
    log::for_service(&config.log, &found.data)?;
    let city = City::open(&found.data, config.database(), false)?;
    if settings::get(&city.store, init::FOUNDED)?.is_none() {
        bail!(
            "{} was not founded; run `xuecheng init` (again), or `xuecheng demo` for a demonstration",
            found.data.display()
        );
    }
    run(city, &config, false, |_, address| {
        println!("ready http://{address}");
        Ok(())
    })
}

/// Serves until it is told to stop. `ready` runs when the address answers.
pub fn run(
    city: City,
    config: &Config,
    demo: bool,
    ready: impl FnOnce(&City, SocketAddr) -> Result<()>,
) -> Result<ExitCode> {
    crate::backup::refuse_moved(&city.store)?;
    let listen = config.listen()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime
        .block_on(TcpListener::bind(listen))
        .with_context(|| format!("{listen} cannot be listened on; give another address with --listen"))?;
    let address = listener.local_addr()?;
    let _only = alone(&city)?;
    let (folder, _index_lock) = index_folder(&city)?;
    let finder =
        Arc::new(portal::Finder::open(&folder, city.store.clone()).map_err(|e| anyhow::anyhow!("{e:?}"))?);
    metrics::keep_up(&runtime);
    let readiness = Readiness::new(&city.store);
    let asked = readiness.clone();
    let shell = shell(&city, config, demo)?.with(finder.clone()).ready_when(move || asked.check());
    let pages = routes().build(shell);
    let consumers = consumers();
    let names: Vec<&'static str> = consumers.iter().map(|consumer| consumer.name()).collect();
    let journal = Runner::start(city.store.clone(), consumers, city.sealer.clone())?;
    let gateway = Arc::new(ConsoleGateway::with_data(city.dir.root()));
    // Jobs are marked with their worker's name, so no two processes may have the same.
    let worker = format!("serve-{}", seal::hex(&Chance::from_system().bytes::<6>()));
    let watcher = portal::Watcher::new(
        city.store.clone(),
        city.vault.clone(),
        finder.clone(),
        &config.base_url(),
        &worker,
    );
    let batches = portal::BatchWorker::start(city.store.clone(), worker.clone())?;
    let means = notices::Means { vault: city.vault.clone(), base_url: config.base_url() };
    let reminders = notices::Reminder::start(city.store.clone(), means, worker.clone())?;
    let presence = Presence::hold(&city.store, &worker).map_err(|error| anyhow!("{error:?}"))?;
    let messages = Worker::start(city.store.clone(), city.vault.outbox().clone(), gateway, worker.clone())?;
    // A folder of this process alone, as the index beside it.
    let scratch = folder.with_extension("exports");
    let exports = portal::exports::Exports::new(portal::lists(&city.vault), city.vault.clone(), scratch);
    let exporter = portal::exports::Exporter::start(city.store.clone(), exports, worker.clone())?;
    let indexing = finder.follow()?;
    let heads = Post::new(config, city.dir.clone(), city.store.clone(), city.sealer.clone());
    let witnesses = Every::start("witnesses", witness::PAUSE, move || heads.round())?;
    let searches = Every::start("searches", portal::WATCH_PAUSE, move || watcher.work())?;
    let store = city.store.clone();
    let reorganisations =
        Every::start("reorganisations", reorganisations::PAUSE, move || reorganisations::work(&store))?;
    let store = city.store.clone();
    let housekeeping = Every::start("housekeeping", housekeeping::PAUSE, move || housekeeping::work(&store))?;
    let (store, vault) = (city.store.clone(), city.vault.clone());
    let leaving = Every::start("leaving", leaving::PAUSE, move || leaving::work(&store, &vault))?;
    let (told, word) = watch::channel(false);
    let (close, closed) = watch::channel(false);
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    runtime.spawn(signals.tell(told));
    runtime.spawn(readiness.clone().follow(city.store.clone()));
    let allowed = Allowed {
        at_once: config.web.connections,
        head: Duration::from_secs(config.web.head_seconds.into()),
    };
    let server = runtime.spawn(connections::serve(listener, pages, allowed, closed));
    ready(&city, address)?;
    let served = runtime.block_on(until_stopped(server, word, close, &readiness, config));
    // What was enqueued is worked off, what was committed is followed and sealed before the program ends.
    drop((messages, exporter, batches, reminders));
    drop(presence);
    if !stop::drained(&city.store, &names, Duration::from_secs(config.web.drain_seconds.into())) {
        tracing::warn!("consumers are behind; they go on at the next start");
    }
    drop((indexing, journal, witnesses, searches, reorganisations, housekeeping, leaving));
    if let Err(error) = city.sealer.seal(&city.store) {
        tracing::warn!(?error, "the last facts are sealed at the next start");
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    // The last handle: its threads end when their queues are empty.
    drop(city);
    tracing::info!("stopped");
    served.map(|()| ExitCode::SUCCESS)
}

/// Serves until the first signal, turns away politely, and waits for the requests that run.
async fn until_stopped(
    mut server: JoinHandle<()>,
    word: watch::Receiver<bool>,
    close: watch::Sender<bool>,
    readiness: &Readiness,
    config: &Config,
) -> Result<()> {
    tokio::select! {
        ended = &mut server => return ended.context("serving ended"),
        () = stop::given(word) => {}
    }
    readiness.stop();
    tracing::info!("told to stop: requests that run may end");
    tokio::time::sleep(Duration::from_secs(config.web.notice_seconds.into())).await;
    let _ = close.send(true);
    let patience = Duration::from_secs(config.web.drain_seconds.into());
    match tokio::time::timeout(patience, &mut server).await {
        Ok(ended) => ended.context("serving ended"),
        Err(_) => {
            tracing::warn!(seconds = patience.as_secs(), "requests that still ran were cut off");
            server.abort();
            Ok(())
        }
    }
}

/// Everything that pages share.
fn shell(city: &City, config: &Config, demo: bool) -> Result<Shell> {
    let site = Site {
        base_url: config.base_url(),
        city_zh: config.city.name_zh.clone(),
        city_en: config.city.name_en.clone(),
        demo,
        phone: config.city.phone.clone(),
        filing: config.city.filing.clone(),
        source_url: config.city.source_url.clone(),
    };
    let top = city.store.read_blocking(network::top_org).map_err(|error| anyhow!("{error:?}"))?;
    let issuer = credentials::Issuer {
        key: city.signing.clone(),
        name: match config.city.issuer.as_str() {
            "" => top
                .as_ref()
                .map(|org| org.name.clone())
                .context("the installation has no organisation at the top")?,
            name => name.to_owned(),
        },
        base_url: site.base_url.clone(),
        origin: city.sealer.origin().to_owned(),
    };
    let policy = config.access.policy(top.map(|org| org.org_id));
    let sessions = Arc::new(WebSessions::new(city.vault.clone(), policy));
    let mut shell = Shell::new(city.store.clone(), site, sessions, city.web_secret, Chance::from_system())
        .with(city.vault.clone())
        .with(Arc::new(policy))
        .with(city.sealer.clone())
        .with(Arc::new(issuer))
        .with(Arc::new(catalog::NextClass(activities::next_beginnings)))
        .limited(Limits {
            first: config.web.first_at_once as usize,
            usual: config.web.usual_at_once as usize,
            heavy: config.web.heavy_at_once as usize,
        })
        .keeping(Keeping {
            life_ms: config.web.kept_ms.into(),
            bytes: config.web.kept_mib as usize * 1024 * 1024,
        })
        .trusting(config.web.proxies())
        .operated_with(config.metrics.token.clone());
    if let Some(text) = outlines(&config.city.map)? {
        let map = portal::CityMap::from_geojson(&text)
            .map_err(|error| anyhow!("city.map is {:?}, which is not right: {error}", config.city.map))?;
        shell = shell.with(Arc::new(map));
    }
    Ok(shell)
}

fn outlines(map: &str) -> Result<Option<String>> {
    match map {
        "" => Ok(None),
        "chongqing" => Ok(Some(include_str!("../../../../data/chongqing/cq_districts.geojson").to_owned())),
        path => std::fs::read_to_string(path).map(Some).with_context(|| {
            format!(
                "city.map is {path:?}, which cannot be read; name a GeoJSON file, \"chongqing\", or nothing"
            )
        }),
    }
}

/// A SQLite file belongs to one serving process. The lock ends with the process, however it ends.
pub(crate) fn alone(city: &City) -> Result<Option<File>> {
    if city.store.engine() != Engine::Sqlite {
        return Ok(None);
    }
    let path = city.dir.root().join("serve.lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    if file.try_lock().is_err() {
        bail!(
            "another process serves {} already; stop it, or use PostgreSQL (--database), which many processes may share",
            city.dir.root().display()
        );
    }
    Ok(Some(file))
}

/// Deletes the search indexes of a data directory: they are built anew, from a city that may not be the one they were made of.
///
/// # Errors
/// If a process uses one.
pub(crate) fn forget_indexes(dir: &DataDir) -> Result<()> {
    for number in 1..=INDEXES_MAX {
        let (folder, lock) = index_and_lock(dir, number);
        if !folder.exists() {
            continue;
        }
        if File::create(&lock)?.try_lock().is_err() {
            bail!("a process serves {} at present; stop it first", dir.root().display());
        }
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be deleted", folder.display()))?;
    }
    Ok(())
}

fn index_and_lock(dir: &DataDir, number: usize) -> (std::path::PathBuf, std::path::PathBuf) {
    let folder = if number == 1 { dir.index() } else { dir.root().join(format!("index-{number}")) };
    (folder, dir.root().join(format!("index-{number}.lock")))
}

/// The search index of this process: the first folder of the data directory that no living process holds.
fn index_folder(city: &City) -> Result<(std::path::PathBuf, File)> {
    for number in 1..=INDEXES_MAX {
        let (folder, lock) = index_and_lock(&city.dir, number);
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let file = File::create(lock)?;
        if file.try_lock().is_ok() {
            return Ok((folder, file));
        }
    }
    bail!(
        "{INDEXES_MAX} processes share {} already; give this one a data directory of its own",
        city.dir.root().display()
    )
}
