//! A person is erased: nothing that names her is left, everything that was proved still is, and `verify` is green.

use std::{fs, path::Path, sync::Arc};

use kernel::{Chance, SystemClock};
use store::{Engine, Location, Row, Statement, Store, Value, params, sql, testing::TestStore};

use super::scene::{OPERATOR, Scene, sealer, verified, whole};
use crate::city::{consumers, migrations};

/// What the scene registers its people with.
const NAME: &str = "王秀英";
const PHONE: &str = "19900000001";
const CARD: &str = "1000000008";

/// The sealed name and the wrapped key of a person: worth nothing without the master key, and worth the name with it.
fn secrets(store: &Store, scene: &Scene) -> Vec<Vec<u8>> {
    let person = scene.person("resident").unwrap();
    let (name, phone, key): (Vec<u8>, Vec<u8>, Vec<u8>) = store
        .read_blocking(move |tx| {
            tx.one(
                sql!(
                    "SELECT p.name_sealed, p.phone_sealed, k.wrapped FROM person p \
                     JOIN person_key k ON k.person_id = p.person_id WHERE p.person_id = $1"
                ),
                params![person],
            )
        })
        .unwrap();
    assert!(name.len() > 16 && phone.len() > 16 && key.len() > 16);
    vec![name, phone, key]
}

fn salts(store: &Store, scene: &Scene) -> Vec<Vec<u8>> {
    let person = scene.person("resident").unwrap();
    let rows: Vec<(Vec<u8>,)> = store
        .read_blocking(move |tx| {
            tx.all(
                sql!(
                    "SELECT salt FROM fact WHERE home = $1 AND salt IS NOT NULL AND kind LIKE 'people.%' \
                     AND kind <> 'people.erased.v1'"
                ),
                params![person],
            )
        })
        .unwrap();
    rows.into_iter().map(|(salt,)| salt).collect()
}

fn erase(store: &Store, scene: &Scene) {
    let (vault, person) = (scene.vault.clone(), scene.person("resident").unwrap());
    store.write_blocking("test.erase", move |tx| people::erase(tx, &vault, &OPERATOR, person)).unwrap();
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

/// Every value of every table, as bytes.
fn everything(store: &Store) -> Vec<Vec<u8>> {
    let names = match store.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Engine::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    store
        .read_blocking(move |tx| {
            let tables: Vec<(String,)> = tx.all(Statement::dynamic(names.to_owned()), &[])?;
            assert!(tables.len() > 30, "{tables:?}");
            let mut values = Vec::new();
            for (table,) in tables {
                let rows: Vec<Row> = tx.all(Statement::dynamic(format!("SELECT * FROM {table}")), &[])?;
                values.extend(rows.iter().flat_map(Row::values).filter_map(|value| match value {
                    Value::Text(text) => Some(text.clone().into_bytes()),
                    Value::Bytes(bytes) => Some(bytes.clone()),
                    _ => None,
                }));
            }
            Ok(values)
        })
        .unwrap()
}

fn found(values: &[Vec<u8>], part: &[u8]) -> bool {
    values.iter().any(|value| contains(value, part))
}

/// Nothing of a person is left in any table, and what is proved stays proved.
fn nothing_is_left(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    let (secrets, salts_before) = (secrets(store, &scene), salts(store, &scene));
    assert!(salts_before.len() >= 2);
    let before = everything(store);
    for clear in [NAME, PHONE, CARD] {
        assert!(!found(&before, clear.as_bytes()), "{clear} stands in the database in clear");
    }
    assert!(secrets.iter().chain(&salts_before).all(|secret| found(&before, secret)));
    let (head, proofs) = proofs(store, None);

    erase(store, &scene);
    assert_eq!(verified(store), []);
    let report =
        store.read_blocking(|tx| journal::verify(tx, &sealer().verifying_key(), "city", &|_| {})).unwrap();
    assert_eq!(report.erasures, 1);
    assert!(report.erased >= 2, "{report:?}");
    let after = everything(store);
    for secret in secrets.iter().chain(&salts_before) {
        assert!(!found(&after, secret), "a secret of the erased person is left");
    }
    assert_eq!(salts(store, &scene), Vec::<Vec<u8>>::new());
    assert_eq!(self::proofs(store, Some(head)).1, proofs, "a proof changed");
}

/// Proofs for all leaves of the tree of this size, by default the newest.
fn proofs(store: &Store, size: Option<u64>) -> (u64, Vec<journal::Inclusion>) {
    store
        .read_blocking(move |tx| {
            let size = size.unwrap_or(journal::heads(tx, 1)?[0].size.unsigned_abs());
            let all = (0..size).map(|index| journal::inclusion(tx, index, Some(size)));
            Ok((size, all.collect::<kernel::Result<_>>()?))
        })
        .unwrap()
}

/// An erased person's rows are vouched for by the fact of her erasure: nobody can write into them, or pass another record off as erased.
fn nothing_hides_behind_it(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    erase(store, &scene);
    assert_eq!(verified(store), []);
    let (erased, other) = (scene.person("resident").unwrap(), scene.person("teacher").unwrap());
    let tamper = |text: &'static str, person: kernel::Id<kernel::Person>| {
        let run = move |tx: &mut store::Tx| tx.exec(Statement::dynamic(text.to_owned()), params![person]);
        assert!(store.write_blocking("tamper", run).unwrap() > 0, "{text}");
        super::scene::problems(store)
    };
    let red = tamper("UPDATE consent SET given_at = given_at + 1 WHERE person_id = $1", erased);
    assert!(red.iter().any(|p| p.record.starts_with(&format!("consent:{erased}"))), "{red:?}");
    tamper("UPDATE consent SET given_at = given_at - 1 WHERE person_id = $1", erased);
    let red = tamper("UPDATE person SET birth_year = 1999 WHERE person_id = $1", erased);
    assert!(red.iter().any(|p| p.record == format!("person:{erased}")), "{red:?}");
    tamper("UPDATE person SET birth_year = NULL WHERE person_id = $1", erased);
    // A role that a living person gave herself, with the salts of all her facts taken away.
    tamper("UPDATE role_grant SET role = 'head' WHERE person_id = $1", other);
    let red = tamper("UPDATE fact SET salt = NULL WHERE home = $1", other);
    assert!(red.iter().any(|p| p.record.starts_with(&format!("role_grant:{other}"))), "{red:?}");
    assert!(red.iter().filter(|p| p.detail.contains("no erasure covers it")).count() >= 2, "{red:?}");
}

/// A key that was kept, or put back from an old copy, is told.
fn a_key_that_came_back_is_found(store: &TestStore) {
    let scene = Scene::new(store);
    let (person, wrapped) = (scene.person("resident").unwrap(), secrets(store, &scene).remove(2));
    erase(store, &scene);
    assert_eq!(verified(store), []);
    store
        .write_blocking("tamper", move |tx| {
            tx.exec(
                sql!("INSERT INTO person_key (person_id, wrapped) VALUES ($1, $2)"),
                params![person, wrapped.clone()],
            )
        })
        .unwrap();
    let red = super::scene::problems(store);
    assert!(red.iter().any(|p| p.check == "people.erased" && p.record == format!("person:{person}")));
}

mod on_sqlite {
    use super::*;
    #[test]
    fn nothing_is_left() {
        super::nothing_is_left(&whole(Engine::Sqlite));
    }
    #[test]
    fn nothing_hides_behind_it() {
        super::nothing_hides_behind_it(&whole(Engine::Sqlite));
    }
    #[test]
    fn a_key_that_came_back_is_found() {
        super::a_key_that_came_back_is_found(&whole(Engine::Sqlite));
    }
}

mod on_postgres {
    use super::*;
    #[test]
    fn nothing_is_left() {
        super::nothing_is_left(&whole(Engine::Postgres));
    }
    #[test]
    fn nothing_hides_behind_it() {
        super::nothing_hides_behind_it(&whole(Engine::Postgres));
    }
    #[test]
    fn a_key_that_came_back_is_found() {
        super::a_key_that_came_back_is_found(&whole(Engine::Postgres));
    }
}

/// All bytes of all files under a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(fs::read(path).unwrap()) }
    }
    all
}

/// SQLite leaves deleted bytes in its file unless it is told to overwrite them: the key must be gone from the file itself, and no
/// name may stand in the search index.
#[test]
fn the_file_and_the_index_keep_nothing() {
    let folder = std::env::temp_dir().join(format!("xuecheng-erasure-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let open = || {
        let location = Location::File(folder.join("xuecheng.db"));
        Store::open(&location, Arc::new(SystemClock), Chance::seeded(5)).unwrap()
    };
    let store = open();
    store::migrate(&store, &migrations()).unwrap();
    let scene = Scene::new_in(&store);
    journal::drain(&store, &consumers()).unwrap();
    let (mut secrets, salts) = (secrets(&store, &scene), salts(&store, &scene));
    secrets.extend(salts);
    let index = folder.join("index");
    fs::create_dir_all(&index).unwrap();
    let finder = portal::Finder::open(&index, store.clone()).unwrap();
    finder.catch_up().unwrap();
    // The last handle writes the log back into the file, but it may be one of the store's own threads that lets go last.
    store.scrub_blocking().unwrap();
    drop((finder, store));
    let before = files(&folder);
    assert!(secrets.iter().all(|secret| found(&before, secret)), "the secrets are in the file at first");

    let store = open();
    erase(&store, &scene);
    journal::drain(&store, &consumers()).unwrap();
    let finder = portal::Finder::open(&index, store.clone()).unwrap();
    finder.catch_up().unwrap();
    // Also in the log, beside a store that goes on.
    store.scrub_blocking().unwrap();
    let after = files(&folder);
    drop((finder, store));
    fs::remove_dir_all(&folder).unwrap();
    for secret in &secrets {
        assert!(!found(&after, secret), "a secret of the erased person is left in a file");
    }
    for clear in [NAME, PHONE, CARD] {
        assert!(!found(&before, clear.as_bytes()) && !found(&after, clear.as_bytes()), "{clear} in clear");
    }
}
