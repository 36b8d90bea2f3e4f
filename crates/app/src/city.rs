//! The composition root: the one place that knows every domain.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use journal::{Consumer, Sealer};
use kernel::{Chance, SystemClock};
use people::Vault;
use seal::KeyKind;
use store::{Location, Migration, Store};
use web::Routes;

use crate::{
    backup::{Identity, Lock, backup_before_upgrade},
    config,
    data_dir::DataDir,
    init, settings,
};

/// Name of the log in signed heads where `init` gave none: demonstrations, and cities of before.
const ORIGIN: &str = "xuecheng";

/// The application's own tables.
const MIGRATIONS: &[Migration] = store::migrations!("xuecheng"; 1 "0001_setting", 2 "0002_operations");

/// All tables, in the order in which domains may refer to each other.
pub fn migrations() -> [&'static [Migration]; 15] {
    [
        store::MIGRATIONS,
        journal::MIGRATIONS,
        web::MIGRATIONS,
        notify::MIGRATIONS,
        MIGRATIONS,
        people::MIGRATIONS,
        network::MIGRATIONS,
        notices::MIGRATIONS,
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
        .merge(notices::routes())
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
    let mut all = people::consumers();
    all.extend(activities::consumers());
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
    identity: Identity,
}

impl City {
    /// Opens an installation; with `make` its keys and database are made where they are not there. Without `database` it is the one that
    /// `xuecheng.toml` in the directory names, else the file there.
    pub fn open(root: &Path, database: Option<&str>, make: bool) -> Result<Self> {
        let dir = DataDir::open(root)?;
        let mut chance = Chance::from_system();
        let master_file = dir.key(KeyKind::Master, make, &mut chance)?;
        let master = master_file.master_key().context("the master key is of another kind")?;
        let signing = dir.key(KeyKind::Signing, make, &mut chance)?;
        let signing = signing.signing_key().context("the signing key is of another kind")?;
        let named = match database {
            Some(url) => Some(url.to_owned()),
            None => config::database_of(root)?,
        };
        let location = dir.database(named.as_deref());
        if let Location::File(path) = &location
            && !path.exists()
            && store::bulk::staging_of(path).exists()
        {
            bail!(
                "a restore or move into {} was broken off; run it again: it begins anew, and nothing is there before it has ended",
                path.display()
            );
        }
        let store = open_store(&location)?;
        let identity =
            Identity { origin: origin_of(&store)?, signing_key: signing.id(), master_key: master_file.id() };
        backup_before_upgrade(root, &store, &migrations(), &identity, &Lock::of(&master_file)?)?;
        store::migrate(&store, &migrations())
            .map_err(|error| anyhow::anyhow!("the database cannot be brought up to date: {error:?}"))?;
        Ok(Self {
            dir,
            store,
            vault: Arc::new(Vault::new(master)),
            sealer: Arc::new(Sealer::new(signing.clone(), identity.origin.clone())),
            web_secret: seal::derive(&master, "web"),
            signing,
            identity,
        })
    }

    /// Whose backups are taken.
    pub fn identity(&self) -> Identity {
        self.identity.clone()
    }
}

/// The name under which the log is signed; a database without tables has none yet.
fn origin_of(store: &Store) -> Result<String> {
    let known = store.read_blocking(|tx| {
        if store::has_table(tx, "setting")? { settings::get_in(tx, init::ORIGIN) } else { Ok(None) }
    })?;
    Ok(known.unwrap_or_else(|| ORIGIN.to_owned()))
}
