//! Upgrades and the way back: cities that earlier versions backed up are restored, brought up to date and verified.
//!
//! `releases/` has a small backup by each version. `XUECHENG_RENEW=1 cargo test --release -p xuecheng releases` adds that of the version in
//! Cargo.toml, if it has none yet; those that are there are never made anew.

use std::{fs, path::PathBuf, sync::Arc};

use indicatif::ProgressBar;
use journal::drain;
use kernel::{Chance, ManualClock};
use people::Vault;
use store::{Engine, Migration, Store, testing::TestStore};

use super::{
    backup::{ENGINES, Empty, identity, lock, report, restored, taken},
    scene::{OPERATOR, Scene, sealer, set_up_factor, verified, whole},
};
use crate::{
    backup::{Backup, LEFT_OUT, all_sums, backup_before_upgrade, keys_beside},
    city::{consumers, migrations},
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/releases")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the developer asks by the environment for a new one")]
fn every_stored_version_is_brought_up_to_date() {
    let this = folder().join(concat!(env!("CARGO_PKG_VERSION"), ".backup"));
    if std::env::var("XUECHENG_RENEW").is_ok() && !this.exists() {
        fs::create_dir_all(folder()).unwrap();
        let store = whole(Engine::Sqlite);
        Scene::new(&store).learn(&store);
        assert_eq!(verified(&store), []);
        taken(&store, &this);
    }
    assert!(this.exists(), "this version is not stored; see the head of this file");
    let mut versions = 0;
    for file in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension() != Some("backup".as_ref()) {
            continue;
        }
        versions += 1;
        for engine in ENGINES {
            let place = Empty::new(engine);
            let city = restored(&file, Some(&keys_beside(&file)), &place).unwrap();
            store::migrate(&city, &migrations()).unwrap();
            let found = report(&city);
            assert_eq!(found.problems, [], "{} on {engine:?}", file.display());
            let manifest = Backup::open(&file, None, &lock(1)).unwrap().manifest().clone();
            assert!(manifest.position > 20, "a city in which little happened proves little");
            assert_eq!((found.facts, found.erased, found.unsealed), (manifest.position, 0, 0));
            assert_eq!(manifest.head.map(|(size, _)| size), Some(found.facts));
            // Names can be read, and the city goes on.
            let vault = Arc::new(Vault::new([9; 32]));
            let made = vault.clone();
            city.write_blocking("test.register", move |tx| {
                let cmd = people::Register { name: "赵小兰".to_owned(), ..people::Register::default() };
                people::register(tx, &made, &OPERATOR, &cmd)
            })
            .unwrap();
            let named = city
                .read_blocking(move |tx| {
                    let people: Vec<(kernel::Id<kernel::Person>,)> = tx.all(
                        store::Statement::fixed("SELECT person_id FROM person ORDER BY person_id"),
                        &[],
                    )?;
                    let mut named = 0;
                    for (person,) in &people {
                        named += usize::from(people::name(tx, &vault, *person)?.is_some());
                    }
                    Ok((named, people.len()))
                })
                .unwrap();
            assert_eq!(named.0, named.1);
            drain(&city, &consumers()).unwrap();
            sealer().seal(&city).unwrap();
            assert_eq!(report(&city).problems, []);
        }
    }
    assert!(versions > 0);
}

/// Records of an old version take the keys of a newer backup of the same city, whose schema has tables that they do not know.
#[test]
fn old_records_take_newer_keys() {
    for file in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension() != Some("backup".as_ref()) {
            continue;
        }
        let place = Empty::new(Engine::Sqlite);
        drop(restored(&file, Some(&keys_beside(&file)), &place).unwrap());
        // The city lives a day after it was backed up, whenever that was.
        let made = Backup::open(&file, None, &lock(1)).unwrap().made_at().plus_minutes(24 * 60);
        let city = Store::open(&place.location, Arc::new(ManualClock::at(made)), Chance::seeded(3)).unwrap();
        store::migrate(&city, &migrations()).unwrap();
        let vault = Arc::new(Vault::new([9; 32]));
        let (newcomer, someone) = city
            .write_blocking("test.factor", move |tx| {
                let cmd = people::Register { name: "赵小兰".to_owned(), ..people::Register::default() };
                let newcomer = people::register(tx, &vault, &OPERATOR, &cmd)?;
                let (someone,): (kernel::Id<kernel::Person>,) = tx.one(
                    store::Statement::fixed("SELECT person_id FROM person ORDER BY person_id LIMIT 1"),
                    &[],
                )?;
                Ok((newcomer, someone))
            })
            .unwrap();
        for person in [newcomer, someone] {
            set_up_factor(&city, &Arc::new(Vault::new([9; 32])), person);
        }
        let ground = Empty::new(Engine::Sqlite);
        let later = ground.file("later.backup");
        taken(&city, &later);
        for engine in ENGINES {
            let place = Empty::new(engine);
            let back = restored(&file, Some(&keys_beside(&later)), &place).unwrap();
            store::migrate(&back, &migrations()).unwrap();
            assert_eq!(report(&back).problems, [], "{} on {engine:?}", file.display());
            let known = back
                .read_blocking(move |tx| {
                    let vault = Vault::new([9; 32]);
                    Ok((people::name(tx, &vault, newcomer)?, people::name(tx, &vault, someone)?))
                })
                .unwrap();
            assert!(known.0.is_none() && known.1.is_some(), "{known:?}");
        }
    }
}

/// A step that a later version might bring.
const LATER: &[Migration] = &[Migration {
    domain: "later",
    number: 1,
    name: "0001_later",
    sql: "ALTER TABLE org ADD COLUMN motto text NOT NULL DEFAULT '学而时习之'; CREATE TABLE later (k text NOT NULL PRIMARY KEY);",
}];

/// A step that fails in its middle.
const BROKEN: &[Migration] = &[Migration {
    domain: "later",
    number: 2,
    name: "0002_broken",
    sql: "CREATE TABLE half (k text NOT NULL PRIMARY KEY); INSERT INTO nowhere (k) VALUES ('k');",
}];

mod rollback {
    use super::*;

    #[test]
    fn on_sqlite() {
        an_upgrade_can_be_taken_back(&whole(Engine::Sqlite));
        a_failed_upgrade_changes_nothing_and_is_backed_up_once(&whole(Engine::Sqlite));
    }

    #[test]
    fn on_postgres() {
        an_upgrade_can_be_taken_back(&whole(Engine::Postgres));
        a_failed_upgrade_changes_nothing_and_is_backed_up_once(&whole(Engine::Postgres));
    }
}

fn a_failed_upgrade_changes_nothing_and_is_backed_up_once(store: &TestStore) {
    Scene::new(store).learn(store);
    assert_eq!(verified(store), []);
    let before = all_sums(store).unwrap();
    let ground = Empty::new(Engine::Sqlite);
    let mut sets = migrations().to_vec();
    sets.extend([LATER, BROKEN]);
    let mut files = Vec::new();
    for _ in 0..3 {
        let file =
            backup_before_upgrade(&ground.folder, store, &sets, &identity(), &lock(1)).unwrap().unwrap();
        files.push(file);
        store::migrate(store, &sets).expect_err("a step fails");
        assert_eq!(all_sums(store).unwrap(), before, "nothing of it stays, also not of the step before");
        store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 5_000));
    }
    assert!(files.iter().all(|file| *file == files[0]), "one is enough for one state: {files:?}");
    assert_eq!(verified(store), []);
    let place = Empty::new(store.engine());
    let back = restored(&files[0], Some(&keys_beside(&files[0])), &place).unwrap();
    assert_eq!(report(&back).problems, []);
}

fn an_upgrade_can_be_taken_back(store: &TestStore) {
    Scene::new(store).learn(store);
    assert_eq!(verified(store), []);
    let before = all_sums(store).unwrap();
    let ground = Empty::new(Engine::Sqlite);
    let upgrade = |sets: &[&[Migration]]| {
        backup_before_upgrade(&ground.folder, store, sets, &identity(), &lock(1)).unwrap()
    };
    assert_eq!(upgrade(&migrations()), None, "nothing waits, nothing is taken");
    let mut sets = migrations().to_vec();
    sets.push(LATER);
    let file = upgrade(&sets).expect("a backup before the step");
    store::migrate(store, &sets).unwrap();
    assert_eq!(upgrade(&sets), None);
    // What the later version backs up is nothing for this one, which says so.
    let later = ground.file("later.backup");
    taken(store, &later);
    let place = Empty::new(Engine::Sqlite);
    let refused = Backup::open(&later, None, &lock(1)).unwrap().check(&ProgressBar::hidden());
    let refused = refused.expect_err("made by a later version").to_string();
    assert!(refused.contains("later/1"), "{refused}");
    assert!(restored(&later, None, &place).is_err());
    // The way back, on either engine.
    for engine in ENGINES {
        let place = Empty::new(engine);
        let back = restored(&file, Some(&keys_beside(&file)), &place).unwrap();
        let mut there = before.clone();
        there.retain(|table| !LEFT_OUT.contains(&table.name.as_str()));
        let mut here = all_sums(&back).unwrap();
        here.retain(|table| there.iter().any(|other| other.name == table.name));
        assert_eq!(here, there);
        assert!(all_sums(&back).unwrap().iter().all(|table| table.name != "later"));
        assert_eq!(report(&back).problems, []);
    }
    // After a month it goes by itself, because it holds keys of people.
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 31 * 86_400_000));
    upgrade(&sets);
    assert!(!file.exists() && !keys_beside(&file).exists());
}
