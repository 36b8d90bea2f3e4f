//! Backups: taken while people write, brought back on both engines, refused when anything is wrong with them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use indicatif::ProgressBar;
use journal::{Report, drain};
use kernel::{Chance, Id, Person, SystemClock};
use people::Register;
use seal::{KeyFile, KeyKind, hex};
use store::{Engine, Location, Store, testing::TestStore};

use super::scene::{OPERATOR, Scene, sealer, verified, whole};
use crate::{
    backup::{
        Backup, Identity, LEFT_OUT, Lock, OF_KEYS, all_sums, fence, keys_beside, moved_to, relocate, take,
        unfence,
    },
    city::consumers,
};

pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A folder, and on PostgreSQL an empty schema; both vanish with the test.
pub struct Empty {
    pub folder: PathBuf,
    pub location: Location,
    schema: Option<(Store, String)>,
}

impl Empty {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their server is")]
    pub fn new(engine: Engine) -> Self {
        let name = format!("backup{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("xuecheng-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        if engine == Engine::Sqlite {
            return Self { location: Location::File(folder.join("xuecheng.db")), folder, schema: None };
        }
        let url = std::env::var(store::testing::POSTGRES_VARIABLE).expect("a server for tests; run ./test");
        let admin = open(&Location::Server(url.clone()));
        let make = format!("CREATE SCHEMA {name}");
        admin.write_blocking("test.schema", move |tx| tx.script(&make)).unwrap();
        let separator = if url.contains('?') { '&' } else { '?' };
        let location = Location::Server(format!("{url}{separator}options=-csearch_path%3D{name}"));
        Self { folder, location, schema: Some((admin, name)) }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        if let Some((admin, name)) = self.schema.take() {
            let drop = format!("DROP SCHEMA {name} CASCADE");
            let _ = admin.write_blocking("test.schema", move |tx| tx.script(&drop));
        }
    }
}

pub fn open(location: &Location) -> Store {
    Store::open(location, Arc::new(SystemClock), Chance::from_system()).unwrap()
}

pub fn lock(seed: u8) -> Lock {
    Lock::of(&KeyFile::new(KeyKind::Backup, [seed; 32])).unwrap()
}

pub fn identity() -> Identity {
    let signing_key = sealer().verifying_key().id();
    Identity { origin: "city".to_owned(), signing_key, master_key: "m".to_owned() }
}

pub fn taken(store: &Store, file: &Path) -> crate::backup::Taken {
    take(store, identity(), lock(1), file, &ProgressBar::hidden()).unwrap()
}

pub fn restored(file: &Path, keys: Option<&Path>, place: &Empty) -> anyhow::Result<Store> {
    Backup::open(file, keys, &lock(1))?.restore(&place.location, || Ok(()), &ProgressBar::hidden())?;
    Ok(open(&place.location))
}

/// Everything that `verify` counts.
pub fn report(store: &Store) -> Report {
    let key = sealer().verifying_key();
    store.read_blocking(move |tx| journal::verify(tx, &key, "city", &|_| {})).unwrap()
}

pub fn counted(report: &Report) -> (i64, i64, i64, i64, i64) {
    (report.facts, report.rows, report.heads, report.unsealed, report.erased)
}

fn newest_root(store: &Store) -> Option<(i64, String)> {
    let head = store.read_blocking(|tx| journal::heads(tx, 1)).unwrap().into_iter().next();
    head.map(|head| (head.size, hex(&head.root)))
}

macro_rules! both {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $test() { super::$test(&super::whole(super::Engine::Sqlite)); })*
        }
        mod on_postgres {
            $(#[test] fn $test() { super::$test(&super::whole(super::Engine::Postgres)); })*
        }
    };
}
both!(
    a_backup_under_load_has_all_that_was_confirmed_before,
    a_quiet_city_comes_back_the_same,
    what_is_wrong_is_refused_and_named,
    erased_people_stay_erased_with_newer_keys,
    a_move_there_and_back_changes_nothing,
);

/// Plain tables that are in the records part. They hold neither a secret nor what is personal in clear, and are still true when a city
/// comes back: the journal itself, the schema and the settings; who sends a form again gets the first answer (`command`); work
/// that was promised is done (`job`); what residents want to be told of, sealed under their keys, comes back with what they were told
/// (`saved_search…`); numbers that were given out stay so. The last eleven could be built anew from the others; brought back,
/// they agree with the place in the journal (`consumer`) up to which they were built.
const TAKEN_ALONG: [&str; 31] = [
    "fact",
    "fact_new",
    "fact_pos",
    "seal_head",
    "seal_node",
    "schema_migration",
    "setting",
    "command",
    "job",
    "offer_batch",
    "offer_batch_item",
    "offer_batch_org",
    "saved_search",
    "saved_search_hit",
    "saved_search_mark",
    "saved_search_notice",
    "credential_serial",
    "person_number",
    "certificate_here",
    "class_directory",
    "consumer",
    "credential_directory",
    "figure_cell",
    "figure_city",
    "helper_deed",
    "my_attendance",
    "my_class",
    "offer_directory",
    "offer_line",
    "org_tree",
    "session_directory",
];

#[test]
fn every_table_is_judged() {
    let tables = whole(Engine::Sqlite).read_blocking(store::bulk::shapes).unwrap();
    let names: Vec<&str> = tables.iter().map(|shape| shape.name.as_str()).collect();
    let judged = |name: &str| {
        journal::tables().iter().any(|table| table.name == name)
            || OF_KEYS.contains(&name)
            || LEFT_OUT.contains(&name)
            || TAKEN_ALONG.contains(&name)
    };
    let open: Vec<&&str> = names.iter().filter(|name| !judged(name)).collect();
    assert!(open.is_empty(), "say in backup/parts.rs or here what becomes of {open:?} in a backup");
    let known = OF_KEYS.iter().chain(&LEFT_OUT).chain(&TAKEN_ALONG);
    known.for_each(|name| assert!(names.contains(name), "{name} is no table"));
}

fn register(store: &Store, scene: &Scene, year: i32) -> kernel::Result<Id<Person>> {
    let vault = scene.vault.clone();
    store.write_blocking("test.register", move |tx| {
        let cmd = Register { name: "李建国".to_owned(), birth_year: Some(year), ..Register::default() };
        people::register(tx, &vault, &OPERATOR, &cmd)
    })
}

/// Tells the threads to stop when it goes.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn a_backup_under_load_has_all_that_was_confirmed_before(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    let ground = Empty::new(Engine::Sqlite);
    let file = ground.file("city.backup");
    let (stop, confirmed) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let (before, taken, after) = std::thread::scope(|scope| {
        for thread in 0..8 {
            let (scene, stop, confirmed) = (&scene, &stop, &confirmed);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let person = register(store, scene, 1_940 + thread).unwrap();
                    confirmed.lock().unwrap().push(person);
                }
            });
        }
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                drain(store, &consumers()).unwrap();
                sealer().seal(store).unwrap();
            }
        });
        // Should anything here fail, the threads end too.
        let ending = Ending(&stop);
        while confirmed.lock().unwrap().len() < 100 {
            std::thread::yield_now();
        }
        let before = confirmed.lock().unwrap().clone();
        let taken = taken(store, &file);
        let reached = confirmed.lock().unwrap().len() + 8;
        while confirmed.lock().unwrap().len() < reached {
            std::thread::yield_now();
        }
        drop(ending);
        (before, taken, confirmed.lock().unwrap().len())
    });
    assert!(after > before.len(), "people wrote all the time");
    for engine in ENGINES {
        let place = Empty::new(engine);
        let copy = restored(&file, Some(&keys_beside(&file)), &place).unwrap();
        let wanted = before.clone();
        let vault = scene.vault.clone();
        let readable = copy.read_blocking(move |tx| {
            let mut readable = 0;
            for person in &wanted {
                readable += usize::from(people::name(tx, &vault, *person)?.is_some());
            }
            Ok(readable)
        });
        assert_eq!(
            readable.unwrap(),
            before.len(),
            "all confirmed before the backup are there, with their keys"
        );
        let found = report(&copy);
        assert_eq!(found.problems, []);
        assert_eq!(found.facts, taken.manifest.position + taken.manifest.waiting);
        assert_eq!(newest_root(&copy), taken.manifest.head);
        // The copy goes on.
        register(&copy, &scene, 1_950).unwrap();
        drain(&copy, &consumers()).unwrap();
        sealer().seal(&copy).unwrap();
        assert_eq!(report(&copy).problems, []);
    }
}

fn a_quiet_city_comes_back_the_same(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    let ground = Empty::new(Engine::Sqlite);
    let file = ground.file("city.backup");
    taken(store, &file);
    let mut there = all_sums(store).unwrap();
    there.retain(|table| !LEFT_OUT.contains(&table.name.as_str()));
    for engine in ENGINES {
        let place = Empty::new(engine);
        let copy = restored(&file, Some(&keys_beside(&file)), &place).unwrap();
        let mut here = all_sums(&copy).unwrap();
        here.retain(|table| there.iter().any(|other| other.name == table.name));
        assert_eq!(here, there);
        assert_eq!(counted(&report(&copy)), counted(&report(store)));
        assert_eq!(newest_root(&copy), newest_root(store));
        drop(copy);
        let again = restored(&file, Some(&keys_beside(&file)), &place).err().expect("the place is full");
        let again = format!("{again:#}");
        assert!(again.contains("has tables already"), "{again}");
    }
}

fn what_is_wrong_is_refused_and_named(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    let ground = Empty::new(Engine::Sqlite);
    let file = ground.file("city.backup");
    taken(store, &file);
    let (records, keys) = (fs::read(&file).unwrap(), fs::read(keys_beside(&file)).unwrap());
    // Both files name nobody and hold no key: they are closed.
    for bytes in [&records, &keys] {
        assert!(!bytes.windows(6).any(|window| window == "person".as_bytes()));
    }
    let refused = |records: &[u8], keys: &[u8]| {
        let place = Empty::new(Engine::Sqlite);
        let file = place.file("damaged.backup");
        fs::write(&file, records).unwrap();
        fs::write(keys_beside(&file), keys).unwrap();
        let error = restored(&file, Some(&keys_beside(&file)), &place).err().expect("it is damaged");
        assert!(format!("{error:#}").contains("damaged.backup"), "{error:#}");
        let Location::File(path) = &place.location else { panic!("a file") };
        assert!(!path.exists() && !store::bulk::staging_of(path).exists(), "nothing is left of it");
    };
    for part in 0..40 {
        for (whole, other, first) in [(&records, &keys, true), (&keys, &records, false)] {
            let at = (whole.len() - 1) * part / 39;
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            let cut = &whole[..at];
            for bad in [&changed[..], cut] {
                if first { refused(bad, other) } else { refused(other, bad) }
            }
        }
    }
    let place = Empty::new(Engine::Sqlite);
    let keys = keys_beside(&file);
    let other = Backup::open(&file, Some(&keys), &lock(2)).err().expect("another key").to_string();
    assert!(other.contains("was closed with the key"), "{other}");
    let swapped = Backup::open(&keys, Some(&file), &lock(1)).err().expect("the wrong part").to_string();
    assert!(swapped.contains("is the part"), "{swapped}");
    let again = take(store, identity(), lock(1), &file, &ProgressBar::hidden()).expect_err("it is there");
    assert!(again.to_string().contains("is there already"), "{again}");
    // Without the keys everything that happened is there, and nobody is known any more.
    let copy = restored(&file, None, &place).unwrap();
    // What is left without its salt is told, and it is nothing but what is personal.
    let found = report(&copy).problems;
    let personal = |p: &journal::Problem| {
        [
            "fact:",
            "person:",
            "consent:",
            "role_grant:",
            "second_factor:",
            "token_record:",
            "card_issue:",
            "helper:",
            "leaving:",
        ]
        .iter()
        .any(|start| p.record.starts_with(start))
    };
    assert!(!found.is_empty() && found.iter().all(personal), "{found:?}");
    let (vault, person) = (scene.vault.clone(), scene.person("resident").unwrap());
    let name = copy.read_blocking(move |tx| people::name(tx, &vault, person)).unwrap();
    assert_eq!(name, None);
}

fn erased_people_stay_erased_with_newer_keys(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    let ground = Empty::new(Engine::Sqlite);
    let (old, new) = (ground.file("old.backup"), ground.file("new.backup"));
    taken(store, &old);
    let (vault, resident) = (scene.vault.clone(), scene.person("resident").unwrap());
    store.write_blocking("test.erase", move |tx| people::erase(tx, &vault, &OPERATOR, resident)).unwrap();
    register(store, &scene, 1_970).unwrap();
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 60_000));
    taken(store, &new);
    let older = Backup::open(&new, Some(&keys_beside(&old)), &lock(1)).err().expect("older keys").to_string();
    assert!(older.contains("keys of the same backup or a newer one"), "{older}");
    for engine in ENGINES {
        let place = Empty::new(engine);
        let copy = restored(&old, Some(&keys_beside(&new)), &place).unwrap();
        // Nobody but the erased person has lost anything.
        let (resident, found) = (resident.to_string(), report(&copy).problems);
        let hers =
            |p: &journal::Problem| p.record.contains(&resident) || p.detail.contains("its salt is gone");
        assert!(found.iter().all(hers), "{found:?}");
        for (visitor, known) in [("resident", false), ("teacher", true)] {
            let (vault, person) = (scene.vault.clone(), scene.person(visitor).unwrap());
            let name = copy.read_blocking(move |tx| people::name(tx, &vault, person)).unwrap();
            assert_eq!(name.is_some(), known, "{visitor}");
        }
    }
}

fn a_move_there_and_back_changes_nothing(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    let before = all_sums(store).unwrap();
    for engine in ENGINES {
        let (there, back) = (Empty::new(engine), Empty::new(store.engine()));
        let moved = relocate(store, &there.location, &ProgressBar::hidden()).unwrap();
        assert_eq!(moved, before);
        assert_eq!(all_sums(store).unwrap(), before, "the source is as it was");
        let fenced = store.read_blocking(moved_to).unwrap().expect("the source is fenced");
        assert!(!fenced.is_empty());
        register(store, &scene, 1_960).expect_err("the source takes no more facts");
        let again = relocate(store, &there.location, &ProgressBar::hidden()).unwrap();
        assert_eq!(again, before, "one that was killed after its end is confirmed");
        let copy = open(&there.location);
        assert_eq!(copy.read_blocking(moved_to).unwrap(), None);
        assert_eq!(counted(&report(&copy)), counted(&report(store)));
        relocate(&copy, &back.location, &ProgressBar::hidden()).unwrap();
        let home = open(&back.location);
        assert_eq!(all_sums(&home).unwrap(), before);
        register(&home, &scene, 1_960).unwrap();
        // A fact that waits for its position has it when it arrives.
        let last = Empty::new(engine);
        relocate(&home, &last.location, &ProgressBar::hidden()).unwrap();
        let found = report(&open(&last.location));
        assert_eq!((found.problems, found.facts), (vec![], report(store).facts + 1));
        // A full place is refused before anything is fenced.
        unfence(store).unwrap();
        relocate(store, &there.location, &ProgressBar::hidden()).expect_err("the place is full");
        assert_eq!(store.read_blocking(moved_to).unwrap(), None);
        fence(store, "elsewhere").unwrap();
        assert_eq!(store.read_blocking(moved_to).unwrap().as_deref(), Some("elsewhere"));
        unfence(store).unwrap();
        assert_eq!(all_sums(store).unwrap(), before);
    }
}
