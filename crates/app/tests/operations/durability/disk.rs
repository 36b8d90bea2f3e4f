//! Disks that are full, or cannot be written, or lose the end of what was written last. All of it for real, as root.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::atomic::Ordering,
    thread,
    time::Duration,
};

use kernel::Chance;

use crate::{
    durability::{
        killed::{broken, caught_up, half_done, until, verified},
        town::{Act, Crowd, Door, Promise, Town, key},
    },
    kit::{Ground, On, Serving, said},
};

/// Mebibytes of the small disk.
const SMALL: u32 = 48;

/// A town on a small disk of its own, or a word that there can be none.
fn small_town() -> Option<Town> {
    let ground = Ground::founded_on_small_disk(SMALL);
    if ground.is_none() {
        store::testing::skipped("a small disk cannot be mounted here");
    }
    ground.map(Town::on)
}

/// Writes until nothing more fits.
fn fill(town: &Town) {
    let path = town.ground.data().join("filler");
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

fn free(town: &Town) {
    fs::remove_file(town.ground.data().join("filler")).unwrap();
}

fn headcount(door: &mut Door, act: &Act, n: u64) -> crate::kit::Answer {
    let key = key(act.number, 700, n);
    let path = format!("/teach/sessions/{}/headcount", act.on.1);
    door.send(&path, &key, &[("visitors", "2"), ("evidence", &key)]).unwrap()
}

/// Whoever is refused is told what happened and what to do, in words and by a code.
#[track_caller]
fn refused_with_words(answer: &crate::kit::Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.text.contains("store.no_space") && answer.text.contains("没有执行"), "{}", answer.text);
}

#[track_caller]
fn all_true(town: &Town, promises: &[Promise]) {
    let store = town.ground.store();
    caught_up(&store);
    assert_eq!(broken(&store, promises), Vec::<String>::new(), "promises that were not kept");
    assert_eq!(half_done(&store), Vec::<String>::new());
    verified(town);
}

/// What `doctor` says, which must find something bad.
#[track_caller]
fn doctor_finds(town: &Town, check: &str) -> String {
    let output = town.ground.run(&["doctor"]);
    let told = said(&output);
    assert!(!output.status.success() && told.contains(check), "{told}");
    told
}

fn refusals(crowd: &Crowd) {
    until("refusals", || crowd.counts.lock().unwrap().get(&503).is_some_and(|n| *n > 5));
}

/// Ends the crowd and gives what it was promised.
fn called_off(crowd: Crowd) -> Vec<Promise> {
    crowd.stop.store(true, Ordering::Relaxed);
    crowd.ends()
}

#[test]
fn a_full_disk_refuses_with_words_and_recovers_by_itself() {
    let Some(town) = small_town() else { return };
    let act = town.act(&town.ground.store(), 1);
    let mut serving = town.ground.serve(&[]);
    let mut door = Door::open(&serving, &town.staff).unwrap();
    let crowd = Crowd::starts(&serving, &town, &act, true);
    until("promises under load", || crowd.promises.lock().unwrap().len() > 20);
    fill(&town);
    refusals(&crowd);
    refused_with_words(&headcount(&mut door, &act, 1));
    // Who only reads does not notice.
    for page in ["/", "/search?q=a", "/figures"] {
        assert_eq!(door.browser.get(page).status, 200, "{page}");
    }
    // Names of others are shown to nobody of whom it could not be noted that she read them.
    refused_with_words(&door.browser.get(&format!("/teach/sessions/{}", act.on.1)));
    doctor_finds(&town, "No space left on device");
    // Full for a while: workers meet it too.
    thread::sleep(Duration::from_secs(3));
    refused_with_words(&headcount(&mut door, &act, 2));
    free(&town);
    until("success again, without a hand", || headcount(&mut door, &act, 3).status == 303);
    let counts = crowd.counts.lock().unwrap().clone();
    let mut promises = called_off(crowd);
    println!("{} promises around a full disk, answers {counts:?}", promises.len());
    all_true(&town, &promises);

    // Full again; this time the program is killed and started on the full disk.
    let act = town.act(&town.ground.store(), 2);
    let again = Crowd::starts(&serving, &town, &act, true);
    until("promises under load", || again.promises.lock().unwrap().len() > 20);
    fill(&town);
    refusals(&again);
    serving.child.kill().unwrap();
    serving.ended(20);
    promises.extend(again.ends());
    let mut command = town.ground.command(&["serve"]);
    let mut started = command
        .env("XUECHENG_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_secs(3));
    // Either it serves what can be read, or it says why not.
    if started.try_wait().unwrap().is_none() {
        started.kill().unwrap();
        println!("it serves on a full disk");
        started.wait().unwrap();
    } else {
        let told = said(&started.wait_with_output().unwrap());
        println!("{told}");
        assert!(told.contains("full") || told.contains("No space") || told.contains("no_space"), "{told}");
    }
    free(&town);
    let _serving = town.ground.serve(&[]);
    all_true(&town, &promises);
}

/// The files may no longer be written, whoever has them open: what a file system does that went read-only after an error.
#[test]
fn a_database_that_cannot_be_written_refuses_with_words_and_recovers_by_itself() {
    let town = Town::founded(On::Sqlite);
    let act = town.act(&town.ground.store(), 1);
    let serving = town.ground.serve(&[]);
    let mut door = Door::open(&serving, &town.staff).unwrap();
    let crowd = Crowd::starts(&serving, &town, &act, true);
    until("promises under load", || crowd.promises.lock().unwrap().len() > 20);
    let files = ["xuecheng.db", "xuecheng.db-wal"].map(|name| town.ground.data().join(name));
    let writable = |sign: &str| {
        Command::new("chattr").arg(format!("{sign}i")).args(&files).output().is_ok_and(|o| o.status.success())
    };
    if !writable("+") {
        writable("-");
        store::testing::skipped("files cannot be made immutable here");
        return;
    }
    let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        refusals(&crowd);
        (headcount(&mut door, &act, 1), door.browser.get("/figures").status)
    }));
    // Whatever came of it: nobody could remove the files.
    assert!(writable("-"));
    let (refused, read) = looked.unwrap();
    refused_with_words(&refused);
    assert_eq!(read, 200);
    until("success again, without a hand", || headcount(&mut door, &act, 2).status == 303);
    let promises = called_off(crowd);
    all_true(&town, &promises);
}

/// A start on a disk that is mounted read-only says so, leaves everything as it is, and is nothing to mend when it is writable again.
#[test]
fn a_start_on_a_read_only_disk_says_so() {
    let Some(town) = small_town() else { return };
    let act = town.act(&town.ground.store(), 1);
    let mut serving = town.ground.serve(&[]);
    let crowd = Crowd::starts(&serving, &town, &act, true);
    until("promises under load", || crowd.promises.lock().unwrap().len() > 20);
    serving.child.kill().unwrap();
    serving.ended(20);
    let promises = crowd.ends();
    let remount = |how: &str| {
        let data = town.ground.data();
        assert!(
            Command::new("mount")
                .args(["-o", &format!("remount,{how}")])
                .arg(data)
                .status()
                .unwrap()
                .success()
        );
    };
    remount("ro");
    let output = town.ground.command(&["serve"]).env("XUECHENG_LISTEN", "127.0.0.1:0").output().unwrap();
    let told = said(&output);
    let doctor = doctor_finds(&town, "data.directory");
    remount("rw");
    println!("{told}\n{doctor}");
    assert!(!output.status.success() && (told.contains("ead-only") || told.contains("readonly")), "{told}");
    let _serving = town.ground.serve(&[]);
    all_true(&town, &promises);
}

/// Bytes of a page in the log with what stands before it, and of what stands at the log's beginning (SQLite file format, section 4.1).
const FRAME: u64 = 4096 + 24;
const LOG_HEADER: u64 = 32;

/// What `verify` counts, if it is green.
#[track_caller]
fn facts(verify: &Output) -> u64 {
    assert!(verify.status.success(), "{}", said(verify));
    let json: serde_json::Value = serde_json::from_slice(&verify.stdout).unwrap();
    json["facts"].as_u64().unwrap()
}

/// A log that lost its end, or whose end is rubbish, gives the transactions before it, whole, and no other.
#[test]
fn a_torn_log_loses_its_torn_end_only() {
    let town = Town::founded(On::Sqlite);
    let act = town.act(&town.ground.store(), 1);
    let mut serving = town.ground.serve(&[]);
    let crowd = Crowd::starts(&serving, &town, &act, true);
    until("promises", || crowd.promises.lock().unwrap().len() > 60);
    serving.child.kill().unwrap();
    serving.ended(20);
    crowd.ends();
    let data = town.ground.data();
    let log = fs::read(data.join("xuecheng.db-wal")).unwrap();
    let database = fs::read(data.join("xuecheng.db")).unwrap();
    let frames = (log.len() as u64 - LOG_HEADER) / FRAME;
    assert!(frames > 100, "the log has only {frames} pages");
    // Each case starts from what the kill left.
    let opened = |log: &[u8]| {
        for name in ["xuecheng.db-shm", "serve.lock"] {
            let _ = fs::remove_file(data.join(name));
        }
        fs::write(data.join("xuecheng.db"), &database).unwrap();
        fs::write(data.join("xuecheng.db-wal"), log).unwrap();
        town.ground.run(&["verify", "--json"])
    };
    let whole = facts(&opened(&log));
    let mut chance = Chance::seeded(7);
    let mut by_length: BTreeMap<u64, u64> = BTreeMap::new();
    for _ in 0..16 {
        let [a, b] = chance.bytes::<2>();
        let frame = frames - frames * (u64::from(a) * 256 + u64::from(b)) / 65_536 / 2;
        let boundary = LOG_HEADER + frame * FRAME;
        for cut in [boundary - 1, boundary, boundary + 1, boundary + 24, boundary + 2_000] {
            let cut = cut.min(log.len() as u64);
            by_length.insert(cut, facts(&opened(&log[..cut as usize])));
        }
    }
    let counted: Vec<u64> = by_length.values().copied().collect();
    assert!(counted.is_sorted(), "a shorter log gave more: {by_length:?}");
    assert!(counted.iter().all(|n| *n <= whole) && counted.first() < counted.last(), "{by_length:?}");
    // Rubbish from somewhere on is as good as nothing from there on.
    for (cut, expected) in by_length.iter().step_by(8) {
        let mut rubbish = log.clone();
        for byte in &mut rubbish[*cut as usize..] {
            *byte = chance.bytes::<1>()[0];
        }
        assert_eq!(facts(&opened(&rubbish)), *expected, "rubbish from {cut}");
        // One bit is enough.
        if (*cut as usize) < log.len() {
            let mut bit = log.clone();
            bit[*cut as usize] ^= 1;
            assert!(facts(&opened(&bit)) <= whole);
        }
    }
    println!("{} torn logs of {frames} pages opened; {whole} facts when whole", by_length.len());
}

/// Without its index, or with a damaged one, the search is complete again by itself.
#[test]
fn a_lost_or_damaged_search_index_is_made_anew() {
    let town = Town::founded(On::Sqlite);
    let act = town.act(&town.ground.store(), 1);
    let mut serving = town.ground.serve(&[]);
    let mut door = Door::open(&serving, &town.staff).unwrap();
    for (n, (offer, _)) in act.drafts.iter().enumerate() {
        let answer =
            door.send(&format!("/desk/offers/{offer}/publish"), &key(1, 800, n as u64), &[]).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text);
    }
    let found = |serving: &Serving| {
        for (offer, title) in &act.drafts {
            let (mut browser, link) = (serving.browser(), format!("/offers/{offer}"));
            until(&format!("the search finds {title}"), || {
                browser.get(&format!("/search?q={title}")).text.contains(&link)
            });
        }
    };
    found(&serving);
    let index = town.ground.data().join("index");
    let files = || -> Vec<PathBuf> {
        let (mut folders, mut files) = (vec![index.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    };
    let mut chance = Chance::seeded(9);
    for case in 0..4 {
        serving.child.kill().unwrap();
        serving.ended(20);
        match case {
            0 => fs::remove_dir_all(&index).unwrap(),
            // Cut in the middle, filled with rubbish, or partly gone.
            _ => {
                for (n, file) in files().iter().enumerate() {
                    let mut bytes = fs::read(file).unwrap();
                    match case {
                        1 => bytes.truncate(bytes.len() / 2),
                        2 => bytes.iter_mut().for_each(|byte| *byte ^= chance.bytes::<1>()[0] | 1),
                        _ if n % 2 == 0 => {
                            fs::remove_file(file).unwrap();
                            continue;
                        }
                        _ => {}
                    }
                    fs::write(file, bytes).unwrap();
                }
            }
        }
        serving = town.ground.serve(&[]);
        found(&serving);
    }
}
