//! Backup, restore and move as an operator runs them: real files, a real process, killed in the middle.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use activities::{ClassId, testing::class_at};
use catalog::OfferId;
use kernel::{Actor, Id, Person};
use people::{Register, Vault};
use store::{Statement, Store};

use crate::kit::{Ground, On, form, said};

const TEST: Actor = Actor::System("test");
/// People who click at the same time.
const PEOPLE: usize = 12;
/// Seats that each of them takes.
const CLASSES: usize = 20;

fn copy_keys(from: &Ground, to: &Ground) {
    fs::create_dir_all(to.data().join("keys")).unwrap();
    for key in ["signing.key", "master.key"] {
        fs::copy(from.data().join("keys").join(key), to.data().join("keys").join(key)).unwrap();
    }
}

fn with_place<'a>(flags: &[&'a str], ground: &'a Ground) -> Vec<&'a str> {
    let mut all = flags.to_vec();
    if let Some(url) = ground.database() {
        all.extend(["--database", url]);
    }
    all
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a command again and again, and kills it (SIGKILL) later each time, until it comes to its end. Whether it succeeded then.
fn killed_until_it_ends(ground: &Ground, flags: &[&str], mut after_kill: impl FnMut()) -> bool {
    let mut wait = Duration::from_millis(3);
    let mut kills = 0;
    loop {
        let begun = Instant::now();
        let mut command = ground.command(flags);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while begun.elapsed() < wait && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(status) = child.try_wait().unwrap() {
            let told = child.wait_with_output().unwrap();
            println!("{} lived through {kills} kills, the last after {wait:?}: {}", flags[0], said(&told));
            return status.success();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        after_kill();
        wait = wait * 6 / 5;
    }
}

/// How many records `verify` counts. It must be green, but an empty city is that too.
fn records(ground: &Ground, flags: &[&str]) -> String {
    let verified = ground.run(flags);
    let text = said(&verified);
    assert!(verified.status.success() && text.contains("green"), "{text}");
    let counted = text.split_once(" facts, ").and_then(|(_, rest)| rest.split_once(" records"));
    counted.expect(&text).0.to_owned()
}

/// `serve` must end by itself, and say where the city is.
fn refuses_to_serve(ground: &Ground) {
    let mut command = ground.command(&["serve"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let serves = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    assert!(!serves && said(&output).contains("was moved to"), "{}", said(&output));
}

/// So many people more, so that it takes a while to copy them.
fn peopled(ground: &Ground, people: usize) {
    let text = fs::read_to_string(ground.data().join("keys/master.key")).unwrap();
    let vault = Vault::new(seal::KeyFile::parse(&text).unwrap().master_key().unwrap());
    let register = move |tx: &mut store::Tx| {
        for _ in 0..people {
            let cmd = Register { name: "王秀英".to_owned(), ..Register::default() };
            people::register(tx, &vault, &TEST, &cmd)?;
        }
        Ok(())
    };
    ground.store().write_blocking("test.people", register).unwrap();
}

fn kept_and_brought_back(on: On, into: On) {
    let source = Ground::founded(on);
    peopled(&source, 8_000);
    let (file, key) = (source.root.join("city.backup"), source.root.join("backup.key"));
    let (file, key) = (text(&file), text(&key));
    let inside = source.run(&["backup", file, "--key", text(&source.data().join("backup.key"))]);
    assert!(
        !inside.status.success() && said(&inside).contains("lies in the data directory"),
        "{}",
        said(&inside)
    );
    let flags = with_place(&["backup", file, "--key", key], &source);
    let made = killed_until_it_ends(&source, &flags, || {
        // The records have their name last, and whoever has it is whole.
        if Path::new(file).exists() {
            let checked = source.run(&["restore", file, "--key", key, "--check"]);
            assert!(checked.status.success(), "{}", said(&checked));
        }
    });
    assert!(made || Path::new(file).exists());
    let again = source.run(&flags);
    assert!(!again.status.success() && said(&again).contains("is there already"), "{}", said(&again));
    let checked = source.run(&["restore", file, "--key", key, "--check"]);
    assert!(checked.status.success() && said(&checked).starts_with("whole:"), "{}", said(&checked));
    let target = Ground::empty(into);
    let bare = target.run(&with_place(&["restore", file, "--key", key], &target));
    assert!(!bare.status.success() && said(&bare).contains("put its folder keys"), "{}", said(&bare));
    copy_keys(&source, &target);
    // Killed at growing moments, each time something else is half done; nothing of it is ever seen.
    let whole = killed_until_it_ends(&target, &with_place(&["restore", file, "--key", key], &target), || {
        let file = target.data().join("xuecheng.db");
        if into == On::Sqlite && !file.exists() && target.data().join("xuecheng.db.restoring").exists() {
            let refused = target.run(&["link"]);
            assert!(said(&refused).contains("was broken off"), "{}", said(&refused));
            assert!(!file.exists());
        }
    });
    // The last run ended by itself: with a city, or because the kill before it came after the end.
    let there = records(&target, &with_place(&["verify"], &target));
    assert_eq!(there, records(&source, &with_place(&["verify"], &source)), "ended well: {whole}");
    let full = target.run(&with_place(&["restore", file, "--key", key], &target));
    assert!(!full.status.success(), "{}", said(&full));
}

#[test]
fn from_sqlite_to_postgres() {
    kept_and_brought_back(On::Sqlite, On::Postgres);
}

#[test]
fn from_postgres_to_sqlite() {
    kept_and_brought_back(On::Postgres, On::Sqlite);
}

#[test]
fn from_sqlite_to_sqlite() {
    kept_and_brought_back(On::Sqlite, On::Sqlite);
}

#[test]
fn a_city_that_was_moved_is_not_served_twice() {
    let (source, target) = (Ground::founded(On::Sqlite), Ground::empty(On::Postgres));
    let url = target.database().unwrap();
    peopled(&source, 8_000);
    let moved = killed_until_it_ends(&source, &["move", "--to", url], || {
        // From the first moment on at which the other place may be whole, this one is not served.
        let there = target.store().read_blocking(|tx| store::has_table(tx, "fact")).unwrap();
        if there {
            refuses_to_serve(&source);
        }
    });
    assert!(moved, "a move that was killed is begun anew, or confirmed");
    let served = source.run(&["serve"]);
    assert!(!served.status.success() && said(&served).contains("was moved to"), "{}", said(&served));
    assert_eq!(records(&source, &["verify", "--database", url]), records(&source, &["verify"]));
    // And back, into another file.
    let back = source.data().join("back.db");
    let home = source.run(&["move", "--database", url, "--to", text(&back)]);
    assert!(home.status.success() && said(&home).contains("all equal"), "{}", said(&home));
    let undone = source.run(&["move", "--undo"]);
    assert!(undone.status.success(), "{}", said(&undone));
    let serving = source.serve(&[]);
    drop(serving);
}

struct World {
    classes: Vec<(OfferId, ClassId)>,
    /// Who, and the token of her session.
    people: Vec<(Id<Person>, String)>,
}

fn world(ground: &Ground, store: &Store) -> World {
    let text = fs::read_to_string(ground.data().join("keys/master.key")).unwrap();
    let vault = Vault::new(seal::KeyFile::parse(&text).unwrap().master_key().unwrap());
    let made = store.write_blocking("test.world", move |tx| {
        let top = network::top_org(tx)?.unwrap().org_id;
        let mut world = World { classes: Vec::new(), people: Vec::new() };
        for _ in 0..CLASSES {
            let class_id = class_at(tx, top, None, 200, 1, 3_000)?.class_id;
            let class = activities::class(tx, class_id)?.ok_or_else(kernel::Error::missing)?;
            world.classes.push((class.offer_id, class_id));
        }
        for n in 0..PEOPLE {
            let phone = Some(format!("199000{n:05}"));
            let cmd = Register { name: "王秀英".to_owned(), phone, ..Register::default() };
            let person = people::register(tx, &vault, &TEST, &cmd)?;
            people::consent(tx, &TEST, person, people::PRIVACY_NOTICE)?;
            world.people.push((person, people::open_session(tx, person, "test")?.token));
        }
        Ok(world)
    });
    made.unwrap()
}

fn seats(store: &Store) -> BTreeSet<(String, String)> {
    let text =
        "SELECT person_id, class_id FROM enrolment WHERE status = 'seated' ORDER BY person_id, class_id";
    let rows = store.read_blocking(move |tx| tx.all(Statement::fixed(text), &[]));
    rows.unwrap().into_iter().collect()
}

/// Backups by a process of its own, while another one serves and people sign up without a pause.
fn all_that_was_confirmed_comes_back(on: On) {
    let source = Ground::founded(on);
    let serving = source.serve(&[]);
    let world = world(&source, &source.store());
    let (confirmed, key) = (Mutex::new(BTreeSet::new()), source.root.join("backup.key"));
    let done = AtomicUsize::new(0);
    let kept: Vec<_> = std::thread::scope(|scope| {
        for (person, token) in &world.people {
            let (world, confirmed, done) = (&world, &confirmed, &done);
            let mut browser = serving.browser();
            browser.cookies.insert("session".to_owned(), token.clone());
            scope.spawn(move || {
                for (offer, class) in &world.classes {
                    let page = browser.get(&format!("/offers/{offer}"));
                    let answer =
                        browser.send("POST", &format!("/classes/{class}/sign-up"), &form(&page, &[]));
                    assert_eq!(answer.status, 303, "{}", answer.text);
                    confirmed.lock().unwrap().insert((person.to_string(), class.to_string()));
                }
                done.fetch_add(1, Ordering::SeqCst);
            });
        }
        let mut kept = Vec::new();
        for n in 1.. {
            while confirmed.lock().unwrap().len() < 20 * n && done.load(Ordering::SeqCst) < PEOPLE {
                std::thread::sleep(Duration::from_millis(1));
            }
            if done.load(Ordering::SeqCst) > 0 {
                break;
            }
            let before = confirmed.lock().unwrap().clone();
            let file = source.root.join(format!("{n}.backup"));
            let made = source.run(&with_place(&["backup", text(&file), "--key", text(&key)], &source));
            assert!(made.status.success(), "{}", said(&made));
            let after = confirmed.lock().unwrap().len();
            kept.push((file, before, after));
        }
        kept
    });
    println!(
        "{on:?}: confirmed before and after each backup: {:?}",
        kept.iter().map(|k| (k.1.len(), k.2)).collect::<Vec<_>>()
    );
    assert!(kept.iter().any(|(_, before, after)| *after > before.len()), "people signed up all the time");
    assert_eq!(seats(&source.store()).len(), PEOPLE * CLASSES);
    for (n, (file, before, _)) in kept.iter().enumerate() {
        let target = Ground::empty(if n % 2 == 0 { On::Sqlite } else { On::Postgres });
        copy_keys(&source, &target);
        let restored = target.run(&with_place(&["restore", text(file), "--key", text(&key)], &target));
        assert!(restored.status.success(), "{}", said(&restored));
        records(&target, &with_place(&["verify"], &target));
        let there = seats(&target.store());
        assert!(there.is_superset(before), "{} of {} are there", there.len(), before.len());
    }
}

#[test]
fn beside_a_process_that_serves_sqlite() {
    all_that_was_confirmed_comes_back(On::Sqlite);
}

#[test]
fn beside_a_process_that_serves_postgres() {
    all_that_was_confirmed_comes_back(On::Postgres);
}
