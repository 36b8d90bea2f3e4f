//! More comes than can be done: who stands at the door gets in, who searches is asked to come again.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use activities::{SessionId, SignUp, testing::class_at};
use kernel::{Actor, Id, Person};
use people::{Register, Vault};
use store::Store;

use crate::kit::{Browser, Ground, On, Serving};

const TEST: Actor = Actor::System("test");
/// People at the door.
const RESIDENTS: usize = 24;
/// Browsers that ask without a pause.
const CROWD: usize = 96;

/// A class that is on now, and people with a seat in it: their session tokens.
fn a_class_that_is_on(ground: &Ground, store: &Store) -> (SessionId, Vec<String>) {
    let text = std::fs::read_to_string(ground.data().join("keys/master.key")).unwrap();
    let vault = Vault::new(seal::KeyFile::parse(&text).unwrap().master_key().unwrap());
    store
        .write_blocking("test.class", move |tx| {
            let top = network::top_org(tx)?.unwrap();
            let class = class_at(tx, top.org_id, None, 200, 1, -5)?;
            let mut tokens = Vec::new();
            for n in 0..RESIDENTS {
                let cmd = Register {
                    name: "王秀英".to_owned(),
                    phone: Some(format!("199000{n:05}")),
                    ..Register::default()
                };
                let person: Id<Person> = people::register(tx, &vault, &TEST, &cmd)?;
                people::consent(tx, &TEST, person, people::PRIVACY_NOTICE)?;
                activities::sign_up(tx, &TEST, &SignUp { class_id: class.class_id, person_id: person })?;
                tokens.push(people::open_session(tx, person, "test")?.token);
            }
            Ok((class.sessions[0], tokens))
        })
        .unwrap()
}

/// Statuses that the crowd got, with the answers to requests that were turned away looked at.
fn crowd(serving: &Serving, stop: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<BTreeMap<u16, usize>>> {
    (0..CROWD)
        .map(|n| {
            let (mut browser, stop) = (serving.browser(), stop.clone());
            thread::spawn(move || {
                let mut statuses = BTreeMap::new();
                let mut round = 0;
                while !stop.load(Ordering::Relaxed) {
                    round += 1;
                    // Half of them search, the others open the first page again and again.
                    let (path, again) = match n % 2 {
                        0 => (format!("/search?q=%E4%B9%A6%E6%B3%95+{n}+{round}"), "10"),
                        _ => ("/".to_owned(), "5"),
                    };
                    let answer = browser.get(&path);
                    *statuses.entry(answer.status).or_insert(0) += 1;
                    if answer.status == 503 {
                        assert_eq!(answer.header("retry-after"), Some(again));
                        assert!(
                            answer.text.contains("web.busy") && answer.text.contains("签到"),
                            "{}",
                            answer.text
                        );
                    }
                }
                statuses
            })
        })
        .collect()
}

fn resident(serving: &Serving, token: &str) -> Browser {
    let mut browser = serving.browser();
    browser.cookies.insert("session".to_owned(), token.to_owned());
    browser
}

fn resident_bytes(serving: &Serving) -> u64 {
    let text = serving.browser().get("/metrics").text;
    let line = text.lines().find(|line| line.starts_with("xuecheng_process_resident_bytes ")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

fn the_door_stays_open_while_the_search_is_shed(on: On) {
    let ground = Ground::founded(on);
    // Kept pages pass by the gate, which is what is looked at here.
    let serving = ground.serve(&[
        ("XUECHENG_WEB_HEAVY_AT_ONCE", "2"),
        ("XUECHENG_WEB_USUAL_AT_ONCE", "2"),
        ("XUECHENG_WEB_KEPT_MS", "0"),
    ]);
    let store = ground.store();
    let (session, tokens) = a_class_that_is_on(&ground, &store);
    let stop = Arc::new(AtomicBool::new(false));
    let crowd = crowd(&serving, &stop);
    let peak = Arc::new(Mutex::new(0));
    let watching = {
        let (stop, peak, address) = (stop.clone(), peak.clone(), serving.address);
        let mut browser = Browser { address, cookies: BTreeMap::new(), headers: Vec::new() };
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                // The operator sees it all the while.
                let text = browser.get("/metrics").text;
                let line = text.lines().find(|line| line.starts_with("xuecheng_process_resident_bytes "));
                let bytes: u64 = line.and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
                let mut peak = peak.lock().unwrap();
                *peak = bytes.max(*peak);
                thread::sleep(std::time::Duration::from_millis(200));
            }
        })
    };
    // Two thirds check in and one third signs in, one after the other, while the crowd searches.
    for (n, token) in tokens.iter().enumerate() {
        if n % 3 == 2 {
            let phone = format!("198000{n:05}");
            let sent = serving.browser().fill("/sign-in", "/sign-in", &[("phone", &phone)]);
            assert_eq!(sent.status, 303, "{}", sent.text);
            continue;
        }
        let code =
            store.write_blocking("test.code", move |tx| learning::show_code(tx, &TEST, session)).unwrap();
        let mut browser = resident(&serving, token);
        let page = format!("/check-in/{session}");
        let done = browser.fill(&page, &page, &[("code", &code.code)]);
        assert_eq!(done.status, 303, "{}", done.text);
    }
    stop.store(true, Ordering::Relaxed);
    watching.join().unwrap();
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for browser in crowd {
        for (status, count) in browser.join().unwrap() {
            *statuses.entry(status).or_insert(0) += count;
        }
    }
    let peak = *peak.lock().unwrap();
    eprintln!("{on:?}: the crowd got {statuses:?}; {} MiB at most", peak / 1_048_576);
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.get(&200).is_some_and(|count| *count > 0), "{statuses:?}");
    assert!(statuses.get(&503).is_some_and(|count| *count > 0), "{statuses:?}");
    // A search index and a database cache take some; requests that wait must not pile up beside them.
    assert!(peak < 512 * 1_048_576, "{peak} bytes");
    let seen = serving.browser().get("/metrics").text;
    assert!(seen.contains("xuecheng_requests_shed_total{rank=\"first\"} 0"), "{seen}");
    for rank in ["usual", "heavy"] {
        assert!(!seen.contains(&format!("xuecheng_requests_shed_total{{rank=\"{rank}\"}} 0")), "{seen}");
    }
    assert!(resident_bytes(&serving) > 0);
    // When the rush is over everything answers again.
    assert_eq!(serving.browser().get("/search?q=a").status, 200);
    let counted: Vec<(i64,)> = store
        .read_blocking(|tx| {
            tx.all(store::Statement::dynamic("SELECT count(*) FROM attendance".to_owned()), &[])
        })
        .unwrap();
    assert_eq!(counted[0].0, (RESIDENTS - RESIDENTS / 3) as i64);
}

#[test]
fn the_door_stays_open_while_the_search_is_shed_on_sqlite() {
    the_door_stays_open_while_the_search_is_shed(On::Sqlite);
}

#[test]
fn the_door_stays_open_while_the_search_is_shed_on_postgres() {
    the_door_stays_open_while_the_search_is_shed(On::Postgres);
}

#[test]
fn open_connections_are_bounded() {
    let ground = Ground::founded(On::Sqlite);
    let serving = ground.serve(&[("XUECHENG_WEB_CONNECTIONS", "16")]);
    let held: Vec<_> = (0..16).map(|_| std::net::TcpStream::connect(serving.address).unwrap()).collect();
    thread::sleep(std::time::Duration::from_millis(200));
    // The seventeenth waits until one leaves, and is served then.
    let (mut browser, waiting) = (serving.browser(), Arc::new(AtomicBool::new(true)));
    let served = {
        let waiting = waiting.clone();
        thread::spawn(move || {
            let answer = browser.get("/healthz");
            (answer.status, waiting.load(Ordering::SeqCst))
        })
    };
    thread::sleep(std::time::Duration::from_millis(500));
    waiting.store(false, Ordering::SeqCst);
    drop(held);
    assert_eq!(served.join().unwrap(), (200, false));
}

/// Whether the other end closes, within half a minute, a connection on which this is sent, a byte every so often.
fn is_closed(address: std::net::SocketAddr, text: &[u8]) -> bool {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let pause = std::time::Duration::from_millis(300);
    stream.set_read_timeout(Some(pause)).unwrap();
    let begun = std::time::Instant::now();
    let mut rest = text.iter();
    let mut answer = [0; 4_096];
    while begun.elapsed() < std::time::Duration::from_secs(30) {
        if let Some(byte) = rest.next()
            && stream.write_all(&[*byte]).is_err()
        {
            return true;
        }
        match stream.read(&mut answer) {
            Ok(0) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return true,
            _ => {}
        }
    }
    false
}

#[test]
fn who_does_not_say_what_he_wants_is_shown_out() {
    let ground = Ground::founded(On::Sqlite);
    let serving = ground.serve(&[("XUECHENG_WEB_HEAD_SECONDS", "1")]);
    let address = serving.address;
    let drip = b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-endless: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let silent = thread::spawn(move || is_closed(address, b""));
    let dripping = thread::spawn(move || is_closed(address, drip));
    // Answered first, and then silent.
    let kept = thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
    });
    // Whose head came in time may take longer for the body.
    let slow = thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let body = "q=abcdefghijkl";
        let head = format!(
            "POST /sign-in HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        for byte in body.as_bytes() {
            thread::sleep(std::time::Duration::from_millis(200));
            stream.write_all(&[*byte]).unwrap();
        }
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 4")
    });
    assert!(silent.join().unwrap(), "a connection that says nothing is closed");
    assert!(dripping.join().unwrap(), "a head that never ends is closed");
    assert!(kept.join().unwrap(), "a connection that asks nothing more is closed");
    assert!(slow.join().unwrap(), "a slow body is waited for");
}
