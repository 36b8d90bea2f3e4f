//! Every acknowledgement follows the flush of its own bytes, as the system saw it.

#![expect(clippy::disallowed_methods, reason = "the program is started without the variables of the test")]

use std::{fs, path::Path, process::Command, thread, time::Duration};

use store::testing::server::Server;

use crate::{
    durability::{
        town::{Act, Door, Town, key},
        trace::{Sent, events, judge, judge_postgres},
    },
    kit::{Ground, On, Serving},
};

/// The calls by which requests come, records are written and flushed, and answers go.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync";

/// Whether this machine lets a process trace another; if not, says so.
fn may_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may {
        store::testing::skipped("no process may be traced here (strace), so no flush was seen");
    }
    may
}

/// Everything that was answered with success, and the whole trace of the processes that took part. `before` is a script that runs
/// first, traced too.
fn traced(
    town: &Town,
    act: &Act,
    program: &Path,
    server: Option<&Server>,
    before: &str,
) -> (Vec<Sent>, String) {
    let file = town.ground.root.join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-xx", "-s", "100000", "-e", CALLS, "-o"]).arg(&file);
    command.args(["sh", "-c", &format!("{before} exec \"$0\" serve")]).arg(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("XUECHENG_")) {
        command.env_remove(name);
    }
    command.env("XUECHENG_DATA", town.ground.data()).env("XUECHENG_LISTEN", "127.0.0.1:0");
    let on_sqlite = server.is_none();
    let mut serving = Serving::start(command);
    let mut sent = Vec::new();
    // Several at once, so that groups of commands are committed together.
    thread::scope(|scope| {
        let threads: Vec<_> = act
            .people
            .chunks(act.people.len().div_ceil(6))
            .enumerate()
            .map(|(group, players)| {
                let serving = &serving;
                scope.spawn(move || {
                    let mut sent = Vec::new();
                    let mut room = Door::open(serving, &town.staff).unwrap();
                    let mut acted =
                        |door: &mut Door, path: &str, key: &str, fields: &[(&str, &str)], kept: String| {
                            let answer = door.send(path, key, fields).unwrap();
                            if answer.status == 303 {
                                sent.push(Sent { request: format!("_key={key}"), kept });
                            }
                            answer.status
                        };
                    for (n, player) in players.iter().enumerate() {
                        let (who, n) = (600 + group as u64, 10 * n as u64);
                        let mut door = Door::open(serving, &player.token).unwrap();
                        let (class, session) = act.on;
                        let own = key(act.number, who, n);
                        let status =
                            acted(&mut door, &format!("/classes/{class}/sign-up"), &own, &[], own.clone());
                        // In rows of PostgreSQL a length stands between neighbours; the other two commands suffice there.
                        if status == 303 && on_sqlite {
                            let code = room.code(session).unwrap();
                            let own = key(act.number, who, n + 1);
                            // Neighbours in the row of the attendance, and nowhere before it.
                            let kept = format!("{class}{}{}", act.on_offer, player.person);
                            let path = format!("/check-in/{session}");
                            assert_eq!(acted(&mut door, &path, &own, &[("code", &code)], kept), 303);
                        }
                        let own = key(act.number, who, n + 2);
                        let fields = [("visitors", "2"), ("evidence", own.as_str())];
                        let path = format!("/teach/sessions/{session}/headcount");
                        assert_eq!(acted(&mut room, &path, &own, &fields, own.clone()), 303);
                    }
                    sent
                })
            })
            .collect();
        for thread in threads {
            sent.extend(thread.join().unwrap());
        }
    });
    // strace ends with the last of those that it traces.
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", serving.child.id())).unwrap();
    for child in children.split_whitespace() {
        assert!(Command::new("kill").args(["-s", "TERM", child]).status().unwrap().success());
    }
    if let Some(server) = server {
        // The program works its queues off first.
        thread::sleep(Duration::from_secs(3));
        server.stop("fast");
    }
    assert!(serving.ended(60).success());
    (sent, String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned())
}

#[test]
fn every_acknowledgement_follows_the_flush_of_its_own_bytes() {
    if !may_trace() {
        return;
    }
    let town = Town::founded(On::Sqlite);
    let act = town.act(&town.ground.store(), 1);
    let program = Path::new(env!("CARGO_BIN_EXE_xuecheng"));
    let (sent, trace) = traced(&town, &act, program, None, "");
    let events = events(&trace);
    assert!(sent.len() >= 55, "only {} commands were acknowledged", sent.len());
    println!("{} acknowledgements, {} calls", sent.len(), events.len());
    assert_eq!(judge(&events, &sent), Vec::<String>::new());
}

/// The proof is worth something only if it can fail: the same program with one word of its own text changed.
#[test]
fn without_flushes_every_acknowledgement_is_found_out() {
    if !may_trace() {
        return;
    }
    let town = Town::founded(On::Sqlite);
    let act = town.act(&town.ground.store(), 2);
    let mut text = fs::read(env!("CARGO_BIN_EXE_xuecheng")).unwrap();
    let (full, off) = (b"PRAGMA synchronous = FULL;", b"PRAGMA synchronous = OFF ;");
    let places: Vec<usize> = (0..text.len() - full.len()).filter(|n| text[*n..].starts_with(full)).collect();
    assert!(!places.is_empty(), "the program sets its durability in other words; change them here too");
    for place in places {
        text[place..place + off.len()].copy_from_slice(off);
    }
    let program = town.ground.root.join("careless");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (sent, trace) = traced(&town, &act, &program, None, "");
    assert!(sent.len() >= 55, "only {} commands were acknowledged", sent.len());
    let found = judge(&events(&trace), &sent);
    assert_eq!(found.len(), sent.len(), "{found:#?}");
    assert!(found.iter().all(|line| line.ends_with("before its bytes were flushed")), "{found:#?}");
}

/// Program and server in one trace, so that all is in one order; the server with this setting of `fsync`.
fn traced_postgres(fsync: &str, number: u64) -> (Vec<Sent>, String) {
    let server = Server::start();
    let town = Town::on(Ground::founded_at(server.url()));
    let act = town.act(&town.ground.store(), number);
    server.stop("fast");
    let before = format!("{} && ", server.start_command(&format!("-c fsync={fsync}")));
    traced(&town, &act, Path::new(env!("CARGO_BIN_EXE_xuecheng")), Some(&server), &before)
}

#[test]
fn every_acknowledgement_follows_the_flush_of_its_own_bytes_on_postgres() {
    if !may_trace() {
        return;
    }
    let (sent, trace) = traced_postgres("on", 3);
    let events = events(&trace);
    assert!(sent.len() >= 40, "only {} commands were acknowledged", sent.len());
    println!("{} acknowledgements, {} calls", sent.len(), events.len());
    assert_eq!(judge_postgres(&events, &sent), Vec::<String>::new());
}

#[test]
fn without_flushes_every_acknowledgement_is_found_out_on_postgres() {
    if !may_trace() {
        return;
    }
    let (sent, trace) = traced_postgres("off", 4);
    assert!(sent.len() >= 40, "only {} commands were acknowledged", sent.len());
    let found = judge_postgres(&events(&trace), &sent);
    assert_eq!(found.len(), sent.len(), "{found:#?}");
    assert!(found.iter().all(|line| line.ends_with("before its bytes were flushed")), "{found:#?}");
}
