//! The machine's clock is set back and forward by hours while the program serves.
//!
//! A library between the program and the system (Debian's `faketime`) gives the program another time; nothing else of it changes.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use store::sql;

use crate::{
    durability::{
        killed::{broken, caught_up, half_done, until, verified},
        town::{Door, Promise, Town, key},
    },
    kit::{On, Serving, last_code},
};

fn library() -> PathBuf {
    let name = "faketime/libfaketimeMT.so.1";
    let folders = fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
    folders
        .chain([PathBuf::from("/usr/lib")])
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .expect("Debian's package faketime is lacking; ./test installs it")
}

/// Sets the program's clock this far from the machine's.
fn set(file: &Path, offset: &str) {
    fs::write(file.with_extension("new"), offset).unwrap();
    fs::rename(file.with_extension("new"), file).unwrap();
    thread::sleep(Duration::from_millis(100));
}

fn jumps(on: On) {
    let town = Town::founded(on);
    let act = town.act(&town.ground.store(), 1);
    let file = town.ground.root.join("clock");
    set(&file, "+0");
    let library = library();
    let serving = town.ground.serve(&[
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", file.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]);
    let (class, session) = act.on;
    let mut staff = Door::open(&serving, &town.staff).unwrap();
    let mut doors: Vec<Door> =
        act.people.iter().map(|player| Door::open(&serving, &player.token).unwrap()).collect();
    let mut promises = Vec::new();
    let check_in = format!("/check-in/{session}");
    let mut n = 0;
    let mut next = || {
        n += 1;
        key(1, 900, n)
    };
    // Everybody has a seat; the first one checks in while the clock is right.
    for (door, player) in doors.iter_mut().zip(&act.people).take(12) {
        assert_eq!(door.send(&format!("/classes/{class}/sign-up"), &next(), &[]).unwrap().status, 303);
        promises.push(Promise::Seat { class, person: player.person });
    }
    let code = staff.code(session).unwrap();
    assert_eq!(doors[0].send(&check_in, &next(), &[("code", &code)]).unwrap().status, 303);
    promises.push(Promise::Attended { session, person: act.people[0].person });

    // What one may do at each time, and whether the class is on then.
    let times = [("-3h", false), ("+0", true), ("+5h", false), ("-26h", false), ("+20m", true), ("+0", true)];
    for (n, (offset, is_on)) in times.into_iter().enumerate() {
        set(&file, offset);
        let who = n + 1;
        let person = act.people[who].person;
        // A seat for next week, visitors counted, a message: at any time.
        let later = act.later;
        let seat = doors[who].send(&format!("/classes/{later}/sign-up"), &next(), &[]).unwrap();
        assert_eq!(seat.status, 303, "{offset}: {}", seat.text);
        promises.push(Promise::Seat { class: later, person });
        let phone = format!("1370000000{n}");
        let mut stranger = serving.browser();
        let sent = stranger.fill("/sign-in", "/sign-in", &[("phone", &phone)]);
        assert_eq!(sent.status, 303, "{offset}: {}", sent.text);
        let code = last_code(&town.ground.data(), &phone);
        // The code of this time signs in at this time.
        let page = sent.header("location").unwrap().to_owned();
        let shown = stranger.get(&page);
        let ticket = shown.field("t");
        let tried = stranger.post(&shown, "/sign-in/code", &[("t", &ticket), ("code", &code)]);
        assert!(
            tried.header("location").is_some_and(|to| to.starts_with("/sign-in/new")),
            "{offset}: {}",
            tried.text
        );

        // The door of the room: open while the class is on, with words while it is not, and never twice for one person.
        let code = staff.code(session).unwrap_or_else(|| "000000".to_owned());
        let checked = doors[who].send(&check_in, &next(), &[("code", &code)]).unwrap();
        if is_on {
            assert_eq!(checked.status, 303, "{offset}: {}", checked.text);
            promises.push(Promise::Attended { session, person });
            let again = doors[who].send(&check_in, &next(), &[("code", &code)]).unwrap();
            assert_eq!(again.status, 303, "{offset}: {}", again.text);
        } else {
            assert_eq!(checked.status, 422, "{offset}: {}", checked.text);
            // It says from when to when the class can be checked in to.
            assert!(checked.text.contains("签到"), "{offset}: {}", checked.text);
        }
        let store = town.ground.store();
        caught_up(&store);
        assert_eq!(broken(&store, &promises), Vec::<String>::new(), "{offset}");
        assert_eq!(half_done(&store), Vec::<String>::new(), "{offset}");
        verified(&town);
        println!("{on:?} {offset}: on {is_on}, all true");
    }
    // A code from a moment that is gone opens nothing.
    set(&file, "+20m");
    let old = staff.code(session).unwrap();
    set(&file, "+0");
    let checked = doors[8].send(&check_in, &next(), &[("code", &old)]).unwrap();
    assert_eq!(checked.status, 422, "{}", checked.text);
    // A desk that was left alone for half a day by the clock is asked to sign in, and loses nothing.
    set(&file, "+13h");
    let evidence = next();
    let path = format!("/teach/sessions/{session}/headcount");
    let out = staff.send(&path, &evidence, &[("visitors", "2"), ("evidence", &evidence)]).unwrap();
    assert_ne!(out.status, 500, "{}", out.text);
    let noted = |store: &store::Store| {
        let evidence = evidence.clone();
        store
            .read_blocking(move |tx| {
                tx.one::<(i64,)>(
                    sql!("SELECT count(*) FROM headcount WHERE evidence = $1"),
                    store::params![evidence.as_str()],
                )
            })
            .unwrap()
            .0
    };
    assert_eq!(noted(&town.ground.store()), 0);
    set(&file, "+0");
    until("the desk works again", || {
        staff.send(&path, &evidence, &[("visitors", "2"), ("evidence", &evidence)]).unwrap().status == 303
    });
    let store = town.ground.store();
    assert_eq!(noted(&store), 1);
    caught_up(&store);
    verified(&town);
    let _: &Serving = &serving;
}

#[test]
fn a_clock_that_jumps_by_hours_on_sqlite() {
    jumps(On::Sqlite);
}

#[test]
fn a_clock_that_jumps_by_hours_on_postgres() {
    jumps(On::Postgres);
}
