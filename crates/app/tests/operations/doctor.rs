//! Each fault is made for real, found, mended as the doctor says, and gone.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use store::Store;

use crate::kit::{Ground, On, said};

/// Held while a setting of the whole server is changed or looked at.
static SERVER: Mutex<()> = Mutex::new(());

/// What the doctor said, by check: state and what was seen.
type Told = BTreeMap<String, (String, String)>;

fn told(mut command: Command) -> Told {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let findings = json["findings"].as_array().unwrap();
    let bad = findings.iter().any(|finding| finding["state"] == "bad");
    assert_eq!((output.status.success(), json["ok"].as_bool().unwrap()), (!bad, !bad), "{text}");
    let mut told = Told::new();
    for finding in findings {
        let word = |key: &str| finding[key].as_str().unwrap().to_owned();
        // A fault without a way out of it helps nobody.
        assert_eq!(word("state") == "good", word("mend").is_empty(), "{finding}");
        // The worst of several findings of one check.
        let worse = told.get(&word("check")).is_none_or(|(state, _): &(String, String)| state == "good");
        if worse {
            told.insert(word("check"), (word("state"), word("found")));
        }
    }
    told
}

fn look(ground: &Ground) -> Told {
    told(ground.command(&["doctor", "--json"]))
}

#[track_caller]
fn state(told: &Told, check: &str) -> String {
    told.get(check).unwrap_or_else(|| panic!("{check} was not looked at: {told:?}")).0.clone()
}

/// Makes a fault, sees it, mends it, sees it gone.
#[track_caller]
fn fault(ground: &Ground, check: &str, worst: &str, make: impl FnOnce(), mend: impl FnOnce()) {
    let before = look(ground);
    if before.contains_key(check) {
        assert_eq!(state(&before, check), "good", "before: {before:?}");
    }
    make();
    let with = look(ground);
    assert_eq!(state(&with, check), worst, "with the fault: {with:?}");
    mend();
    let after = look(ground);
    assert_eq!(state(&after, check), "good", "mended: {after:?}");
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn sql(store: &Store, text: &str) {
    let text = text.to_owned();
    store.write_blocking("test.fault", move |tx| tx.script(&text)).unwrap();
}

/// A founded installation that has been served once, so that everything is there.
fn lived(on: On) -> Ground {
    let ground = Ground::founded(on);
    let mut serving = ground.serve(&[]);
    assert_eq!(serving.browser().get("/search?q=a").status, 200);
    std::thread::sleep(Duration::from_millis(1_500));
    serving.signal("TERM");
    assert!(serving.ended(20).success());
    ground
}

fn serve_for(ground: &Ground, millis: u64) {
    let mut serving = ground.serve(&[]);
    std::thread::sleep(Duration::from_millis(millis));
    serving.signal("TERM");
    assert!(serving.ended(20).success());
}

fn nothing_is_wrong_with_a_new_installation(on: On) {
    let ground = lived(on);
    let _server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let told = look(&ground);
    assert!(told.len() >= 20, "{told:?}");
    for (check, (state, found)) in &told {
        // It is served by nobody now, and on the machine's own address.
        let expected = if check.starts_with("address.") { "warn" } else { "good" };
        assert_eq!(state, expected, "{check}: {found}");
    }
    assert!(said(&ground.run(&["doctor"])).contains("0 faults"));
}

#[test]
fn nothing_is_wrong_with_a_new_installation_on_sqlite() {
    nothing_is_wrong_with_a_new_installation(On::Sqlite);
}

#[test]
fn nothing_is_wrong_with_a_new_installation_on_postgres() {
    nothing_is_wrong_with_a_new_installation(On::Postgres);
}

#[test]
fn configuration_directory_and_keys() {
    let ground = lived(On::Sqlite);
    let data = ground.data();
    let file = data.join("xuecheng.toml");
    let right = fs::read_to_string(&file).unwrap();
    let write = |text: &str| fs::write(&file, text).unwrap();
    fault(&ground, "configuration", "bad", || write("[log]\nday = 3\n"), || write(&right));
    fault(&ground, "configuration", "bad", || write(""), || write(&right));
    fault(&ground, "data.directory", "bad", || mode(&data, 0o755), || mode(&data, 0o700));
    let moved = ground.root.join("moved");
    fault(
        &ground,
        "data.directory",
        "bad",
        || fs::rename(&data, &moved).unwrap(),
        || fs::rename(&moved, &data).unwrap(),
    );

    let (keys, signing, master) =
        (data.join("keys"), data.join("keys/signing.key"), data.join("keys/master.key"));
    let aside = ground.root.join("aside");
    fault(&ground, "keys.master", "bad", || mode(&master, 0o644), || mode(&master, 0o600));
    fault(
        &ground,
        "keys.signing",
        "bad",
        || fs::rename(&signing, &aside).unwrap(),
        || fs::rename(&aside, &signing).unwrap(),
    );
    let known = fs::read_to_string(&signing).unwrap();
    fault(
        &ground,
        "keys.signing",
        "bad",
        || fs::write(&signing, "xx").unwrap(),
        || fs::write(&signing, &known).unwrap(),
    );
    let other_kind = fs::read_to_string(&master).unwrap();
    fault(
        &ground,
        "keys.signing",
        "bad",
        || fs::write(&signing, &other_kind).unwrap(),
        || fs::write(&signing, &known).unwrap(),
    );
    // Keys of another city fit the lock but open nothing.
    let foreign = Ground::founded(On::Sqlite);
    for (check, path) in [("keys.match", &signing), ("keys.opens", &master)] {
        let own = fs::read_to_string(path).unwrap();
        let theirs = fs::read_to_string(foreign.data().join("keys").join(path.file_name().unwrap())).unwrap();
        fault(&ground, check, "bad", || fs::write(path, theirs).unwrap(), || fs::write(path, own).unwrap());
    }
    fs::rename(&keys, &aside).unwrap();
    assert_eq!(state(&look(&ground), "keys"), "bad");
    fs::rename(&aside, &keys).unwrap();
}

#[test]
fn a_directory_of_somebody_else_cannot_be_written() {
    let ground = lived(On::Sqlite);
    // Root may write anywhere, so the doctor is run as somebody else.
    let program = ground.root.join("xuecheng");
    fs::copy(env!("CARGO_BIN_EXE_xuecheng"), &program).unwrap();
    mode(&program, 0o755);
    mode(&ground.root, 0o755);
    mode(&ground.data(), 0o755);
    let mut command = Command::new(&program);
    command.args(["doctor", "--json", "--data"]).arg(ground.data()).current_dir("/");
    if is_root() {
        // nobody, on Debian and elsewhere
        command.uid(65_534).gid(65_534);
    } else {
        mode(&ground.data(), 0o500);
    }
    let told = told(command);
    // Not even the configuration can be read by whom it does not belong to.
    let found = told.get("data.directory").or_else(|| told.get("configuration")).unwrap();
    assert!(found.0 == "bad" && found.1.contains("cannot be"), "{told:?}");
    mode(&ground.data(), 0o700);
    assert_eq!(state(&look(&ground), "data.directory"), "good");
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

#[test]
fn a_disk_that_is_nearly_full() {
    let ground = lived(On::Sqlite);
    // A disk of its own for the doctor alone, in a namespace of mounts that ends with it.
    let program = env!("CARGO_BIN_EXE_xuecheng");
    let disk = ground.root.join("disk");
    fs::create_dir(&disk).unwrap();
    let on_disk_of = |size: &str| {
        let script = format!(
            "mount -t tmpfs -o size={size},mode=0700 none {disk} && cp -a {data}/. {disk} && exec {program} doctor --json --data {disk}",
            disk = disk.display(),
            data = ground.data().display()
        );
        let mut command = Command::new("unshare");
        if !is_root() {
            command.arg("--map-root-user");
        }
        command.args(["--mount", "sh", "-c", &script]);
        told(command)
    };
    assert_eq!(state(&on_disk_of("64m"), "disk.space"), "bad");
    assert_eq!(state(&on_disk_of("1g"), "disk.space"), "warn");
    assert_eq!(state(&on_disk_of("4g"), "disk.space"), "good");
}

#[test]
fn the_machine_and_the_way_to_it() {
    let ground = lived(On::Sqlite);
    let limited = |limit: u32| {
        let mut command = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_xuecheng");
        let data = ground.data();
        command.args([
            "-c",
            &format!("ulimit -n {limit} && exec {program} doctor --json --data {}", data.display()),
        ]);
        state(&told(command), "machine.open_files")
    };
    assert_eq!(limited(1_024), "bad");
    assert_eq!(limited(4_296), "good");
    let at = |url: &str| {
        let mut command = ground.command(&["doctor", "--json"]);
        command.env("XUECHENG_BASE_URL", url);
        let told = told(command);
        (state(&told, "address.https"), state(&told, "address.reach"))
    };
    let words = |https: &str, reach: &str| (https.to_owned(), reach.to_owned());
    assert_eq!(at("http://learn.example.invalid"), words("bad", "warn"));
    let serving = ground.serve(&[]);
    assert_eq!(at(&format!("http://{}", serving.address)), words("warn", "good"));
    assert_eq!(at(&format!("https://{}", serving.address)), words("good", "good"));
    drop(serving);
    // Somebody else at the same door.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::Write;
        for stream in other.incoming().take(1) {
            let _ = stream.unwrap().write_all(b"HTTP/1.1 200 OK\r\n\r\nhello\n");
        }
    });
    assert_eq!(at(&format!("http://{address}")), words("warn", "warn"));
}

#[test]
fn a_database_that_is_away_damaged_or_kept_from_its_log() {
    let ground = lived(On::Sqlite);
    let (file, aside) = (ground.data().join("xuecheng.db"), ground.root.join("aside.db"));
    fault(
        &ground,
        "database.reach",
        "bad",
        || fs::rename(&file, &aside).unwrap(),
        || fs::rename(&aside, &file).unwrap(),
    );
    // A page that no start of the program needs.
    let find = |tx: &mut store::Tx| {
        let text = "SELECT CAST(rootpage AS bigint) FROM sqlite_master WHERE name = 'org_tree'";
        tx.one::<(i64,)>(store::Statement::dynamic(text.to_owned()), &[])
    };
    let (page,) = ground.store().read_blocking(find).unwrap();
    fs::copy(&file, &aside).unwrap();
    let damage = || {
        let mut bytes = fs::read(&file).unwrap();
        let begin = usize::try_from(page - 1).unwrap() * 4_096;
        bytes[begin..begin + 4_096].fill(0x5A);
        fs::write(&file, bytes).unwrap();
    };
    fault(&ground, "database.pages", "bad", damage, || fs::rename(&aside, &file).unwrap());
    let wal = ground.data().join("xuecheng.db-wal");
    let grow = || fs::File::create(&wal).unwrap().set_len(2 << 30).unwrap();
    let shrink = || {
        let _ = fs::remove_file(&wal);
    };
    fault(&ground, "database.wal", "warn", grow, shrink);
}

#[test]
fn a_server_that_is_away_or_does_not_keep_its_word() {
    let ground = lived(On::Postgres);
    let with = |url: &str| {
        let mut command = ground.command(&["doctor", "--json"]);
        command.env("XUECHENG_DATABASE", url);
        told(command)
    };
    assert_eq!(state(&with("postgres://nobody@127.0.0.1:1/none"), "database.reach"), "bad");
    let url = ground.database().unwrap();
    let mut admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let name = format!("ascii_{}", std::process::id());
    admin
        .batch_execute(&format!(
            "CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        ))
        .unwrap();
    let (front, back) = url.split_once('?').unwrap();
    let (server, _) = front.rsplit_once('/').unwrap();
    let told = with(&format!("{server}/{name}?{back}"));
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    assert_eq!(state(&told, "database.encoding"), "bad");
    // An empty database is none of an installation.
    assert_eq!(state(&told, "database.schema"), "bad");
    let _server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut set = |value: &str| {
        admin.batch_execute(&format!("ALTER SYSTEM SET fsync = {value}")).unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").unwrap();
        std::thread::sleep(Duration::from_millis(500));
    };
    set("off");
    let without = look(&ground);
    set("on");
    assert_eq!(state(&without, "database.durable"), "bad", "{without:?}");
    assert_eq!(state(&look(&ground), "database.durable"), "good");
}

fn tables_of_another_version(on: On) {
    let ground = lived(on);
    let store = ground.store();
    let newer = || {
        sql(
            &store,
            "INSERT INTO schema_migration (domain, number, name, checksum, applied_at) VALUES ('future', 1, '0001_later', 'x', 0)",
        );
    };
    fault(&ground, "database.schema", "bad", newer, || {
        sql(&store, "DELETE FROM schema_migration WHERE domain = 'future'")
    });
    let older = || {
        sql(&store, "DROP INDEX outbox_open");
        sql(&store, "DROP INDEX job_open");
        sql(&store, "DELETE FROM schema_migration WHERE domain = 'xuecheng' AND number = 2");
    };
    fault(&ground, "database.schema", "warn", older, || serve_for(&ground, 100));
}

#[test]
fn tables_of_another_version_on_sqlite() {
    tables_of_another_version(On::Sqlite);
}

#[test]
fn tables_of_another_version_on_postgres() {
    tables_of_another_version(On::Postgres);
}

fn what_works_behind_the_pages(on: On) {
    let ground = lived(on);
    let store = ground.store();
    let now = store.clock().now().millis();
    let run = |text: String| sql(&store, &text);
    let newest = "id = (SELECT fact_id FROM fact_pos ORDER BY pos DESC LIMIT 1)";
    let second = "id = (SELECT fact_id FROM fact_pos ORDER BY pos LIMIT 1)";
    let shift =
        |which: &str, by: i64| run(format!("UPDATE fact SET recorded_at = recorded_at + {by} WHERE {which}"));
    fault(&ground, "clock", "bad", || shift(newest, 3_600_000), || shift(newest, -3_600_000));
    // All facts an hour ago but the first, which is half an hour later than the next.
    shift("1 = 1", -3_600_000);
    fault(&ground, "clock", "warn", || shift(second, 1_800_000), || shift(second, -1_800_000));

    let old = now - 60_000;
    fault(
        &ground,
        "journal.sequence",
        "bad",
        || {
            run(format!(
                "INSERT INTO fact_new (home, fact_id, recorded_at, version) VALUES ('x', 'x', {old}, 1)"
            ))
        },
        || run("DELETE FROM fact_new WHERE home = 'x'".to_owned()),
    );
    // Both are mended by a process that serves, as the doctor says.
    fault(
        &ground,
        "journal.consumers",
        "bad",
        || run("UPDATE consumer SET pos = pos - 3 WHERE name = 'bank.credit'".to_owned()),
        || serve_for(&ground, 1_500),
    );
    fault(
        &ground,
        "journal.seals",
        "bad",
        || run("DELETE FROM seal_head".to_owned()),
        || serve_for(&ground, 1_500),
    );

    // A witness that never got a head, mended as the doctor says.
    let file = ground.data().join("xuecheng.toml");
    let before = fs::read_to_string(&file).unwrap();
    let folder = ground.data().join("heads");
    let with = before.replace("#folders = []", &format!("folders = [{:?}]", folder.display().to_string()));
    fault(
        &ground,
        "witnesses",
        "bad",
        || fs::write(&file, &with).unwrap(),
        || assert!(ground.run(&["witness", "deliver"]).status.success()),
    );

    let later = now + 7_200_000;
    fault(
        &ground,
        "leases",
        "bad",
        || {
            run(format!(
                "INSERT INTO lease (name, holder, fence, until) VALUES ('report', 'gone-1', 1, {later})"
            ))
        },
        || run("DELETE FROM lease WHERE name = 'report'".to_owned()),
    );
    let job = |state: &str, leased: &str| {
        run(format!(
            "INSERT INTO job (id, kind, payload, state, run_at, attempts, worker, leased_until, last_error, created_at) \
             VALUES ('j1', 'report.print', 'p', '{state}', {old}, 10, 'gone-1', {leased}, 'no paper', {old})"
        ));
    };
    let away = || run("DELETE FROM job WHERE id = 'j1'".to_owned());
    fault(&ground, "leases", "bad", || job("running", &(now - 600_000).to_string()), away);
    fault(&ground, "jobs", "bad", || job("failed", "NULL"), away);

    let message = |state: &str, at: i64| {
        run(format!(
            "INSERT INTO outbox (message_id, channel, state, created_at, expires_at, attempts, last_error) \
             VALUES ('m1', 'sms', '{state}', {at}, {later}, 8, 'the provider is away')"
        ));
    };
    let away = || run("DELETE FROM outbox WHERE message_id = 'm1'".to_owned());
    fault(&ground, "messages", "bad", || message("waiting", now - 900_000), away);
    fault(&ground, "messages", "warn", || message("failed", now - 900_000), away);
}

#[test]
fn what_works_behind_the_pages_on_sqlite() {
    what_works_behind_the_pages(On::Sqlite);
}

#[test]
fn what_works_behind_the_pages_on_postgres() {
    what_works_behind_the_pages(On::Postgres);
}

fn the_search_index(on: On) {
    let ground = lived(on);
    let index = ground.data().join("index");
    let damage = || {
        let folder = fs::read_dir(&index).unwrap().next().unwrap().unwrap().path();
        fs::write(folder.join("meta.json"), "{").unwrap();
    };
    let rebuild = || {
        fs::remove_dir_all(&index).unwrap();
        serve_for(&ground, 1_500);
    };
    fault(&ground, "search.index", "bad", damage, rebuild);
    // A process that holds its index but does not follow the journal any more.
    let store = ground.store();
    let lock = fs::File::open(ground.data().join("index-1.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(state(&look(&ground), "search.index"), "good");
    store
        .write_blocking("test.fact", |tx| {
            let row = network::testing::region_row(2, "500103000000", "渝中区", "区", "500000000000");
            network::import_regions(tx, &kernel::Actor::System("test"), &[row])
        })
        .unwrap();
    while store.write_blocking("journal.sequence", journal::sequence).unwrap() > 0 {}
    assert_eq!(state(&look(&ground), "search.index"), "bad");
    drop(lock);
    serve_for(&ground, 1_500);
    assert_eq!(state(&look(&ground), "search.index"), "good");
}

#[test]
fn the_search_index_on_sqlite() {
    the_search_index(On::Sqlite);
}

#[test]
fn the_search_index_on_postgres() {
    the_search_index(On::Postgres);
}
