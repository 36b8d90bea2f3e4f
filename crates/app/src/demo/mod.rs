//! `xuecheng demo`: a city stood up on real divisions, through the program's own commands.

mod found;
pub mod plan;
mod stage;

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, anyhow};
use kernel::{Id, Person};
use store::{Tx, params, sql};

use crate::{city::City, cli::Place, serve};

/// The seed from which the demonstration city grows.
const SEED: u64 = 20_201_101;
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
    let city = open(&root, place.database.as_deref())?;
    if setting(&city, "demo.founded")?.is_none() {
        found::found(&city, SEED)?;
        set(&city, "demo.founded", "1")?;
    }
    if found_only {
        return Ok(ExitCode::SUCCESS);
    }
    stage::today(&city)?;
    let base = base_url.unwrap_or_else(|| format!("http://{listen}"));
    let cast = stage::cast(&city)?;
    let links = base.clone();
    serve::run(city, listen, &base, true, move |city, address| {
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
        Ok(())
    })
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
    let row: Option<(String,)> = city
        .store
        .read_blocking(move |tx| tx.opt(sql!("SELECT value FROM setting WHERE key = $1"), params![key]))
        .map_err(|error| anyhow!("{error:?}"))?;
    Ok(row.map(|(value,)| value))
}

fn set(city: &City, key: &'static str, value: &str) -> Result<()> {
    let value = value.to_owned();
    city.store
        .write_blocking("setting", move |tx| set_in(tx, key, &value))
        .map_err(|error| anyhow!("{error:?}"))
}

fn set_in(tx: &mut Tx, key: &str, value: &str) -> kernel::Result<()> {
    let now = tx.now();
    tx.exec(
        sql!(
            "INSERT INTO setting (key, value, set_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET value = $2, set_at = $3"
        ),
        params![key, value, now],
    )
    .map(|_| ())
}

/// The people of the guided demonstration, by the word of the contract.
type CastList = Vec<(&'static str, Id<Person>)>;
