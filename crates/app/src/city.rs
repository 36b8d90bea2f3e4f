//! The composition root: the one place that knows every domain.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use journal::{Consumer, Sealer};
use kernel::{Chance, SystemClock};
use people::Vault;
use seal::KeyKind;
use store::{Location, Migration, Store};
use web::Routes;

use crate::{config, data_dir::DataDir, init, settings};

/// Name of the log in signed heads where `init` gave none: demonstrations, and cities of before.
const ORIGIN: &str = "xuecheng";

/// The application's own tables.
const MIGRATIONS: &[Migration] = store::migrations!("xuecheng"; 1 "0001_setting", 2 "0002_operations");

/// All tables, in the order in which domains may refer to each other.
pub fn migrations() -> [&'static [Migration]; 14] {
    [
        store::MIGRATIONS,
        journal::MIGRATIONS,
        web::MIGRATIONS,
        notify::MIGRATIONS,
        MIGRATIONS,
        people::MIGRATIONS,
        network::MIGRATIONS,
        catalog::MIGRATIONS,
        activities::MIGRATIONS,
        learning::MIGRATIONS,
        bank::MIGRATIONS,
        credentials::MIGRATIONS,
        statistics::MIGRATIONS,
        portal::MIGRATIONS,
    ]
}

/// All routes. Each states who may use it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(people::routes())
        .merge(network::routes())
        .merge(governance::routes())
        .merge(catalog::routes())
        .merge(activities::routes())
        .merge(learning::routes())
        .merge(bank::routes())
        .merge(credentials::routes())
        .merge(statistics::routes())
        .merge(portal::routes())
        .merge(crate::health::routes())
        .describe("/api/v1/openapi.json", "Xuecheng 学城")
}

/// Everything that follows the journal.
pub fn consumers() -> Vec<Arc<dyn Consumer>> {
    let mut all = activities::consumers();
    all.extend(learning::consumers());
    all.extend(bank::consumers());
    all.extend(credentials::consumers());
    all.extend(statistics::consumers());
    all
}

/// Opens a database as it is, without bringing it up to date.
pub fn open_store(location: &Location) -> Result<Store> {
    Store::open(location, Arc::new(SystemClock), Chance::from_system())
        .map_err(|error| anyhow::anyhow!("the database cannot be opened: {error:?}"))
}

/// An opened installation.
pub struct City {
    /// Its directory.
    pub dir: DataDir,
    /// Its database, brought up to date.
    pub store: Store,
    /// Opens and closes what is personal.
    pub vault: Arc<Vault>,
    /// Signs heads.
    pub sealer: Arc<Sealer>,
    /// The secret from which form tokens are made.
    pub web_secret: [u8; 32],
    /// The key that signs heads and credentials.
    pub signing: seal::SigningKey,
}

impl City {
    /// Opens an installation; with `make` its keys and database are made where they are not there. Without `database` it is the one that
    /// `xuecheng.toml` in the directory names, else the file there.
    pub fn open(root: &Path, database: Option<&str>, make: bool) -> Result<Self> {
        let dir = DataDir::open(root)?;
        let mut chance = Chance::from_system();
        let master = dir.key(KeyKind::Master, make, &mut chance)?;
        let master = master.master_key().context("the master key is of another kind")?;
        let signing = dir.key(KeyKind::Signing, make, &mut chance)?;
        let signing = signing.signing_key().context("the signing key is of another kind")?;
        let named = match database {
            Some(url) => Some(url.to_owned()),
            None => config::database_of(root)?,
        };
        let store = open_store(&dir.database(named.as_deref()))?;
        store::migrate(&store, &migrations())
            .map_err(|error| anyhow::anyhow!("the database cannot be brought up to date: {error:?}"))?;
        let origin = settings::get(&store, init::ORIGIN)?.unwrap_or_else(|| ORIGIN.to_owned());
        Ok(Self {
            dir,
            store,
            vault: Arc::new(Vault::new(master)),
            sealer: Arc::new(Sealer::new(signing.clone(), origin)),
            web_secret: seal::derive(&master, "web"),
            signing,
        })
    }
}
