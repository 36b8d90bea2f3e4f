//! `xuecheng demo`: a city stood up on real divisions, through the program's own commands.

mod found;
mod notices;
#[cfg(test)]
pub use found::found_catalogue;
pub mod plan;
pub mod stage;

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, anyhow};
use kernel::{Id, Person};

use crate::{
    city::City,
    cli::Place,
    config::{self, Config},
    serve, settings,
};

/// The seed from which the demonstration city grows.
pub const SEED: u64 = 20_201_101;
/// Telephone shown for help; numbers that begin with 0 are not given out.
const DEMO_PHONE: &str = "023-00000000";
/// Minutes for which the printed links can be used: a day.
const LINK_MINUTES: i64 = 24 * 60;

/// Founds the city if it is not there, opens today's class, prints the lines of the contract and serves.
pub fn run(
    listen: SocketAddr,
    base_url: Option<String>,
    place: &Place,
    found_only: bool,
) -> Result<ExitCode> {
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-demo"));
    let city = founded(&root, place.database.as_deref())?;
    if found_only {
        return Ok(ExitCode::SUCCESS);
    }
    stage::administrators(&city)?;
    stage::today(&city)?;
    let config = configuration(listen, base_url);
    let cast = stage::cast(&city)?;
    let links = config.base_url();
    serve::run(city, &config, true, move |city, address| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "ready http://{address}")?;
        for (role, person) in cast {
            let token = city
                .store
                .write_blocking("demo.link", move |tx| people::issue_link(tx, person, LINK_MINUTES));
            let token = token.map_err(|error| anyhow!("{error:?}"))?;
            writeln!(out, "login {role} {links}/sign-in/link/{token}")?;
        }
        out.flush()?;
        eprintln!("this demonstration asks nobody for a second factor; set one up under /me to see it");
        Ok(())
    })
}

/// The demonstration city in this directory; founded if it is not there.
///
/// # Errors
/// There is a real installation, or the founding fails.
pub(crate) fn founded(root: &Path, database: Option<&str>) -> Result<City> {
    let city = open(root, database)?;
    if setting(&city, "demo.founded")?.is_none() {
        found::found(&city, SEED)?;
        set(&city, "demo.founded", "1")?;
    }
    Ok(city)
}

/// The demonstration is configured by its few flags alone.
pub(crate) fn configuration(listen: SocketAddr, base_url: Option<String>) -> Config {
    let mut config = Config::default();
    config.place.listen = listen.to_string();
    config.place.base_url = base_url.unwrap_or_default();
    // Its people have no phones on which an authenticator could be; who sets a second factor up is asked for it all the same.
    config.access.second_factor = "nobody".to_owned();
    config.city = config::City {
        name_zh: "重庆".to_owned(),
        name_en: "Chongqing".to_owned(),
        issuer: "重庆市社区教育服务指导中心".to_owned(),
        phone: DEMO_PHONE.to_owned(),
        map: "chongqing".to_owned(),
        ..config::City::default()
    };
    config
}

/// A founding that was broken off leaves a half city, which is thrown away: it holds nothing that anybody entered.
fn open(root: &Path, database: Option<&str>) -> Result<City> {
    let city = City::open(root, database, true)?;
    let begun = setting(&city, "demo.begun")?.is_some();
    let founded = setting(&city, "demo.founded")?.is_some();
    let foreign =
        !begun && city.store.read_blocking(network::top_org).map_err(|e| anyhow!("{e:?}"))?.is_some();
    if foreign {
        return Err(anyhow!(
            "{} holds a real installation, no demonstration; give another with --data",
            root.display()
        ));
    }
    if begun && !founded {
        if database.is_some() {
            return Err(anyhow!("the founding was broken off; empty the database and start again"));
        }
        eprintln!("an earlier founding was broken off; starting anew");
        drop(city);
        for file in ["xuecheng.db", "xuecheng.db-wal", "xuecheng.db-shm"] {
            let path = root.join(file);
            if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        let city = City::open(root, database, true)?;
        set(&city, "demo.begun", "1")?;
        return Ok(city);
    }
    set(&city, "demo.begun", "1")?;
    Ok(city)
}

fn setting(city: &City, key: &'static str) -> Result<Option<String>> {
    settings::get(&city.store, key)
}

fn set(city: &City, key: &'static str, value: &str) -> Result<()> {
    settings::set(&city.store, key, value)
}

/// The people of the guided demonstration, by the word of the contract.
type CastList = Vec<(&'static str, Id<Person>)>;
