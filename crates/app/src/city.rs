//! The composition root: the one place that knows every domain.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use journal::{Consumer, Sealer};
use kernel::{Chance, SystemClock};
use people::Vault;
use seal::KeyKind;
use store::{Migration, Store};
use web::Routes;

use crate::data_dir::DataDir;

/// Name of this city's log in signed heads, until several origins take part.
const ORIGIN: &str = "xuecheng";

/// The application's own tables.
const MIGRATIONS: &[Migration] = store::migrations!("xuecheng"; 1 "0001_setting");

/// All tables, in the order in which domains may refer to each other.
pub fn migrations() -> [&'static [Migration]; 13] {
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
    ]
}

/// All routes. Each states who may use it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(people::routes())
        .merge(network::routes())
        .merge(catalog::routes())
        .merge(activities::routes())
        .merge(learning::routes())
        .merge(bank::routes())
        .merge(credentials::routes())
        .merge(statistics::routes())
        .merge(portal::routes())
        .merge(crate::health::routes())
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
    /// Opens an installation; with `make` its keys and database are made where they are not there.
    pub fn open(root: &Path, database: Option<&str>, make: bool) -> Result<Self> {
        let dir = DataDir::open(root)?;
        let mut chance = Chance::from_system();
        let master = dir.key(KeyKind::Master, make, &mut chance)?;
        let master = master.master_key().context("the master key is of another kind")?;
        let signing = dir.key(KeyKind::Signing, make, &mut chance)?;
        let signing = signing.signing_key().context("the signing key is of another kind")?;
        let location = dir.database(database);
        let store = Store::open(&location, Arc::new(SystemClock), chance)
            .map_err(|error| anyhow::anyhow!("the database cannot be opened: {error:?}"))?;
        store::migrate(&store, &migrations())
            .map_err(|error| anyhow::anyhow!("the database cannot be brought up to date: {error:?}"))?;
        Ok(Self {
            dir,
            store,
            vault: Arc::new(Vault::new(master)),
            sealer: Arc::new(Sealer::new(signing.clone(), ORIGIN)),
            web_secret: seal::derive(&master, "web"),
            signing,
        })
    }
}
