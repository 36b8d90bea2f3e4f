//! Two processes over one PostgreSQL, behind a balancer, killed in turn while people sign up and check in over HTTP.
//!
//! Whoever gets no answer sends the same form again, as a browser does on "reload", until it is confirmed. In the end everybody
//! has exactly the seats and attendances that were confirmed, each is credited once, and `verify` is green.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use activities::{ClassId, SessionId, SignUp, testing::class_at};
use catalog::OfferId;
use kernel::Actor;
use people::{Register, Vault};
use store::{Statement, Store};

use crate::kit::{Answer, Browser, Ground, On, Serving, form, said};

const TEST: Actor = Actor::System("test");
/// People who click at the same time.
const PEOPLE: usize = 48;
/// Seats that each of them takes.
const CLASSES: usize = 5;
/// When the sessions begin at which they check in, in minutes from now. They do not overlap, so that each is credited, and there are few,
/// because a person may try ten codes in five minutes, and a code that is sent again counts again.
const SESSIONS: [i64; 2] = [-80, 15];

/// Classes to sign up for, sessions that are on and in which everybody has a seat, and the session tokens of the people.
struct World {
    classes: Vec<(OfferId, ClassId)>,
    sessions: Vec<SessionId>,
    tokens: Vec<String>,
}

fn world(ground: &Ground, store: &Store) -> World {
    let text = std::fs::read_to_string(ground.data().join("keys/master.key")).unwrap();
    let vault = Vault::new(seal::KeyFile::parse(&text).unwrap().master_key().unwrap());
    store
        .write_blocking("test.world", move |tx| {
            let top = network::top_org(tx)?.unwrap().org_id;
            let (mut classes, mut sessions, mut on, mut tokens) = (vec![], vec![], vec![], vec![]);
            for _ in 0..CLASSES {
                let class_id = class_at(tx, top, None, 200, 1, 3_000)?.class_id;
                let class = activities::class(tx, class_id)?.ok_or_else(kernel::Error::missing)?;
                classes.push((class.offer_id, class_id));
            }
            for begins in SESSIONS {
                let class = class_at(tx, top, None, 200, 1, begins)?;
                on.push(class.class_id);
                sessions.push(class.sessions[0]);
            }
            for n in 0..PEOPLE {
                let phone = Some(format!("199000{n:05}"));
                let cmd = Register { name: "王秀英".to_owned(), phone, ..Register::default() };
                let person_id = people::register(tx, &vault, &TEST, &cmd)?;
                people::consent(tx, &TEST, person_id, people::PRIVACY_NOTICE)?;
                for class_id in &on {
                    activities::sign_up(tx, &TEST, &SignUp { class_id: *class_id, person_id })?;
                }
                tokens.push(people::open_session(tx, person_id, "test")?.token);
            }
            Ok(World { classes, sessions, tokens })
        })
        .unwrap()
}

/// Passes each connection to the next process that takes it.
struct Balancer {
    address: SocketAddr,
    behind: Arc<Mutex<[SocketAddr; 2]>>,
}

impl Balancer {
    fn start(behind: [SocketAddr; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let behind = Arc::new(Mutex::new(behind));
        let all = behind.clone();
        thread::spawn(move || {
            for (turn, client) in listener.incoming().flatten().enumerate() {
                let all = *all.lock().unwrap();
                thread::spawn(move || {
                    let taken = (0..2).find_map(|n| TcpStream::connect(all[(turn + n) % 2]).ok());
                    if let Some(server) = taken {
                        let _ = pass(client, server);
                    }
                });
            }
        });
        Self { address, behind }
    }
}

fn pass(mut client: TcpStream, mut server: TcpStream) -> std::io::Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let mut bytes = [0; 16_384];
        while let Ok(count @ 1..) = from_client.read(&mut bytes) {
            if to_server.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, &mut client);
    client.shutdown(Shutdown::Both)
}

/// Sends until there is an answer that tells.
fn surely(browser: &mut Browser, method: &str, path: &str, body: &str, lost: &AtomicUsize) -> Answer {
    for _ in 0..600 {
        match browser.try_send(method, path, body) {
            // A torn page is no answer either.
            Ok(answer)
                if answer.status == 303 || (answer.status == 200 && answer.text.contains("</html>")) =>
            {
                return answer;
            }
            Ok(answer) if answer.status != 503 && answer.status != 200 => {
                panic!("{method} {path} answered {} {}", answer.status, answer.text)
            }
            _ => {}
        }
        lost.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{method} {path} was not answered within a minute");
}

fn count(store: &Store, text: &'static str) -> i64 {
    let one = store.read_blocking(move |tx| tx.one::<(i64,)>(Statement::dynamic(text.to_owned()), &[]));
    one.unwrap().0
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment how long they may take")]
fn two_processes_killed_in_turn_lose_nothing_and_repeat_nothing() {
    let long = std::env::var("XUECHENG_TEST_LONG").is_ok();
    let ground = Ground::founded(On::Postgres);
    let store = ground.store();
    let world = world(&ground, &store);
    let seated = count(&store, "SELECT count(*) FROM enrolment");
    let mut processes: Vec<Serving> = (0..2).map(|_| ground.serve(&[])).collect();
    let balancer = Balancer::start([processes[0].address, processes[1].address]);
    let (lost, confirmed, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let mut kills = 0;
    thread::scope(|scope| {
        let mut people = Vec::new();
        for token in &world.tokens {
            let (store, world, lost, confirmed) = (&store, &world, &lost, &confirmed);
            let mut browser = processes[0].browser();
            browser.address = balancer.address;
            browser.cookies.insert("session".to_owned(), token.clone());
            people.push(scope.spawn(move || {
                for n in 0..CLASSES {
                    let (offer, class) = world.classes[n];
                    let page = surely(&mut browser, "GET", &format!("/offers/{offer}"), "", lost);
                    let path = format!("/classes/{class}/sign-up");
                    let done = surely(&mut browser, "POST", &path, &form(&page, &[]), lost);
                    assert_eq!(done.status, 303, "{}", done.text);
                    confirmed.fetch_add(1, Ordering::SeqCst);

                    if let Some(session) = world.sessions.get(n).copied() {
                        let path = format!("/check-in/{session}");
                        let page = surely(&mut browser, "GET", &path, "", lost);
                        let code = store
                            .write_blocking("test.code", move |tx| learning::show_code(tx, &TEST, session));
                        let sent = form(&page, &[("code", &code.unwrap().code)]);
                        let done = surely(&mut browser, "POST", &path, &sent, lost);
                        assert_eq!(done.status, 303, "{}", done.text);
                        confirmed.fetch_add(1, Ordering::SeqCst);
                    }
                    // People do not click at once: the load lasts as long as there are kills to live through.
                    thread::sleep(Duration::from_millis(if long { 12_000 } else { 800 }));
                }
            }));
        }
        let over = &over;
        scope.spawn(move || {
            people.into_iter().for_each(|person| drop(person.join()));
            over.store(true, Ordering::SeqCst);
        });
        while !over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(400));
            let turn = kills % 2;
            processes[turn].child.kill().unwrap();
            processes[turn].child.wait().unwrap();
            kills += 1;
            thread::sleep(Duration::from_millis(200));
            processes[turn] = ground.serve(&[]);
            balancer.behind.lock().unwrap()[turn] = processes[turn].address;
        }
    });
    let (seats, learned) = (PEOPLE * CLASSES, PEOPLE * SESSIONS.len());
    println!(
        "{kills} kills, {} answers lost, {} confirmed",
        lost.load(Ordering::SeqCst),
        confirmed.load(Ordering::SeqCst)
    );
    assert!(kills >= 4, "only {kills} kills: they prove little");
    assert_eq!(confirmed.load(Ordering::SeqCst), seats + learned);
    // Those who follow the journal catch up by themselves, whoever was killed in their middle.
    let behind = "SELECT (SELECT count(*) FROM fact_new) + (SELECT count(*) FROM consumer c WHERE c.pos < \
                  (SELECT max(pos) FROM fact_pos) AND c.name <> 'sequencer')";
    store::testing::server::wait_for("everything that follows the journal", || count(&store, behind) == 0);
    drop(processes);
    let taken = count(&store, "SELECT count(*) FROM enrolment WHERE status = 'seated'");
    assert_eq!(taken, seated + seats as i64);
    assert_eq!(count(&store, "SELECT count(*) FROM attendance WHERE status = 'valid'"), learned as i64);
    // One entry for the person and one for the issuer.
    assert_eq!(
        count(&store, "SELECT count(*) FROM entry"),
        2 * learned as i64,
        "something was credited twice"
    );
    assert_eq!(count(&store, "SELECT count(DISTINCT record_id) FROM entry"), learned as i64);
    let verified = ground.run(&["verify", "--database", ground.database().unwrap()]);
    assert!(verified.status.success(), "{}", said(&verified));
}
