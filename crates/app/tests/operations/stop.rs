//! Told to stop: what runs ends, what was enqueued is worked off, the last fact is sealed.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use store::sql;

use crate::kit::{Ground, On, last_code, said};

fn the_first_signal_lets_everything_end(on: On) {
    let ground = Ground::founded(on);
    let mut serving = ground.serve(&[("XUECHENG_WEB_NOTICE_SECONDS", "2")]);
    // A request that is under way: its body comes slowly.
    let mut browser = serving.browser();
    let page = browser.get("/sign-in");
    let body = format!("_csrf={}&_key={}&phone=19900000001", page.field("_csrf"), page.field("_key"));
    let mut slow = TcpStream::connect(serving.address).unwrap();
    let cookie =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    write!(
        slow,
        "POST /sign-in HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    let (head, tail) = body.split_at(20);
    slow.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    serving.signal("TERM");
    thread::sleep(Duration::from_millis(300));
    // Within the notice it is no longer ready, but answers.
    assert_eq!(serving.browser().get("/readyz").status, 503);
    assert_eq!(serving.browser().get("/healthz").status, 200);
    thread::sleep(Duration::from_millis(2_200));
    // After it nobody new gets in, and who was inside gets her answer.
    assert!(serving.browser().try_send("GET", "/healthz", "").is_err());
    slow.write_all(tail.as_bytes()).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(serving.ended(30).code(), Some(0));
    let verified = ground.run(&["verify", "--json"]);
    let told = said(&verified);
    assert!(verified.status.success() && told.contains("\"unsealed\":0"), "{told}");
}

#[test]
fn the_first_signal_lets_everything_end_on_sqlite() {
    the_first_signal_lets_everything_end(On::Sqlite);
}

#[test]
fn the_first_signal_lets_everything_end_on_postgres() {
    the_first_signal_lets_everything_end(On::Postgres);
}

#[test]
fn requests_that_never_end_are_cut_off() {
    let ground = Ground::founded(On::Sqlite);
    let mut serving = ground.serve(&[("XUECHENG_WEB_DRAIN_SECONDS", "1")]);
    let mut stuck = TcpStream::connect(serving.address).unwrap();
    stuck.write_all(b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n").unwrap();
    thread::sleep(Duration::from_millis(200));
    serving.signal("TERM");
    assert_eq!(serving.ended(15).code(), Some(0));
}

#[test]
fn the_second_signal_ends_at_once() {
    let ground = Ground::founded(On::Sqlite);
    let mut serving = ground.serve(&[("XUECHENG_WEB_NOTICE_SECONDS", "60")]);
    serving.signal("TERM");
    thread::sleep(Duration::from_millis(300));
    serving.signal("INT");
    assert_eq!(serving.ended(5).code(), Some(1));
    assert!(ground.run(&["verify"]).status.success());
}

#[test]
fn a_message_that_was_enqueued_is_sent_before_the_end_or_after_the_next_start() {
    let ground = Ground::founded(On::Sqlite);
    let mut serving = ground.serve(&[]);
    let sent = serving.browser().fill("/sign-in", "/sign-in", &[("phone", "19900000002")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    serving.signal("TERM");
    assert_eq!(serving.ended(15).code(), Some(0));
    let _again = ground.serve(&[]);
    assert_eq!(last_code(&ground.data(), "19900000002").len(), 6);
}

/// What a killed process had taken goes out with the next one, and does not wait for the end of a lease.
fn a_message_that_a_killed_process_had_taken_goes_out_at_once(on: On) {
    let ground = Ground::founded(on);
    // The outbox is no folder yet, so that the message stays where it is.
    let outbox = ground.data().join("outbox");
    let _ = std::fs::remove_dir_all(&outbox);
    std::fs::write(&outbox, "").unwrap();
    let mut serving = ground.serve(&[]);
    let sent = serving.browser().fill("/sign-in", "/sign-in", &[("phone", "19900000003")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let store = ground.store();
    let tried = || {
        let row: Option<(i64,)> = store
            .read_blocking(|tx| {
                tx.opt(sql!("SELECT attempts FROM job WHERE state = 'ready' AND attempts > 0"), &[])
            })
            .unwrap();
        row.is_some()
    };
    while !tried() {
        thread::sleep(Duration::from_millis(20));
    }
    serving.child.kill().unwrap();
    serving.ended(20);
    // As if it had died between taking the message and the gateway's answer, half a minute ago.
    store
        .write_blocking("test.taken", |tx| {
            let (since, until) = (tx.now().plus_seconds(-30), tx.now().plus_seconds(90));
            tx.exec(
                sql!(
                    "UPDATE job SET state = 'running', worker = 'serve-dead', run_at = $1, leased_until = $2"
                ),
                store::params![since, until],
            )
        })
        .unwrap();
    drop(store);
    std::fs::remove_file(&outbox).unwrap();
    let _serving = ground.serve(&[]);
    assert_eq!(last_code(&ground.data(), "19900000003").len(), 6);
}

#[test]
fn a_message_that_a_killed_process_had_taken_goes_out_at_once_on_sqlite() {
    a_message_that_a_killed_process_had_taken_goes_out_at_once(On::Sqlite);
}

#[test]
fn a_message_that_a_killed_process_had_taken_goes_out_at_once_on_postgres() {
    a_message_that_a_killed_process_had_taken_goes_out_at_once(On::Postgres);
}
