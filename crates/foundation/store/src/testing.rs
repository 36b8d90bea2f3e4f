//! Stores for tests: each test gets a private SQLite file or a private PostgreSQL schema.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use kernel::{Chance, Clock, Day, ManualClock};

use crate::{Engine, Location, Migration, Store, migrate};

pub mod server;

/// Environment variable with the URL of a PostgreSQL server on which tests may make schemas; `./test` sets it.
pub const POSTGRES_VARIABLE: &str = "XUECHENG_TEST_POSTGRES";

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A store that vanishes with the test, with a clock that the test moves.
pub struct TestStore {
    store: Option<Store>,
    /// Stands at 2026-11-23 09:00 in the city until it is moved.
    pub clock: Arc<ManualClock>,
    location: Location,
    directory: Option<PathBuf>,
    schema: Option<(Store, String)>,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store.as_ref().unwrap_or_else(|| unreachable!("the store is only taken on drop"))
    }
}

impl TestStore {
    /// A new, migrated store of this engine.
    ///
    /// # Panics
    /// When no PostgreSQL server is named in [`POSTGRES_VARIABLE`]: a test of an engine does not pass without it.
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their server is")]
    pub fn new(engine: Engine, sets: &[&[Migration]]) -> Self {
        let morning = Day::of(2026, 11, 23).expect("the date exists").at(9 * 60);
        let clock = Arc::new(ManualClock::at(morning));
        let name = format!("t{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let (location, directory, schema) = match engine {
            Engine::Sqlite => {
                let directory = std::env::temp_dir().join(format!("xuecheng-{name}"));
                std::fs::create_dir_all(&directory).expect("the temporary directory can be written");
                (Location::File(directory.join("xuecheng.db")), Some(directory), None)
            }
            Engine::Postgres => {
                let url = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
                    panic!("set {POSTGRES_VARIABLE} to a server for tests, or run ./test")
                });
                let admin = open(&Location::Server(url.clone()), clock.clone());
                let create = format!("CREATE SCHEMA {name}");
                admin
                    .write_blocking("test.schema", move |tx| tx.script(&create))
                    .expect("a schema can be made");
                let separator = if url.contains('?') { '&' } else { '?' };
                let url = format!("{url}{separator}options=-csearch_path%3D{name}");
                (Location::Server(url), None, Some((admin, name)))
            }
        };
        let store = open(&location, clock.clone());
        let mut all = vec![crate::MIGRATIONS];
        all.extend_from_slice(sets);
        migrate(&store, &all).expect("the migrations apply");
        Self { store: Some(store), clock, location, directory, schema }
    }

    /// The same database as another process would open it, with the same clock.
    pub fn another_process(&self) -> Store {
        open(&self.location, self.clock.clone())
    }

    /// Prepares every registered statement and returns those that the engine refuses.
    pub fn refused_statements(&self) -> Vec<String> {
        let mut refused = Vec::new();
        for registered in crate::registered() {
            let outcome = self.write_blocking("test.prepare", |tx| tx.prepare_only(registered.text));
            if let Err(error) = outcome {
                refused.push(format!("{}:{}: {error:?}", registered.file, registered.line));
            }
        }
        refused
    }
}

fn open(location: &Location, clock: Arc<dyn Clock>) -> Store {
    Store::open(location, clock, Chance::seeded(COUNTER.fetch_add(1, Ordering::Relaxed)))
        .expect("the test database opens")
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.store = None;
        if let Some(directory) = self.directory.take() {
            let _ = std::fs::remove_dir_all(directory);
        }
        if let Some((admin, name)) = self.schema.take() {
            let drop = format!("DROP SCHEMA {name} CASCADE");
            let _ = admin.write_blocking("test.schema", move |tx| tx.script(&drop));
        }
    }
}

/// Says past the capture of the test runner that a test could not be made on this machine; `./test` shows the line and does not count the
/// test as passed.
pub fn skipped(why: &str) {
    use std::io::Write;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = std::io::stderr().write_all(format!("\nSKIPPED {test}: {why}\n").as_bytes());
}

/// Runs each test function on both engines: `both_engines!(&[&[crate::MIGRATIONS]]; a_test, another_test);` where
/// `fn a_test(store: &TestStore)`.
#[macro_export]
macro_rules! both_engines {
    ($sets:expr; $($test:ident),* $(,)?) => {
        const MIGRATION_SETS: &[&[$crate::Migration]] = $sets;
        mod on_sqlite {
            $(#[test] fn $test() {
                super::$test(&$crate::testing::TestStore::new($crate::Engine::Sqlite, super::MIGRATION_SETS));
            })*
        }
        mod on_postgres {
            $(#[test] fn $test() {
                super::$test(&$crate::testing::TestStore::new($crate::Engine::Postgres, super::MIGRATION_SETS));
            })*
        }
    };
}
