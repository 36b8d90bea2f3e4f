//! Messages reach the gateway once they are committed, are repeated, and leave nothing behind.

use std::sync::Mutex;

use kernel::{Error, Timestamp};
use notify::{ConsoleGateway, Failure, Gateway, Message, Outbox, Worker, deliver_next};
use store::{both_engines, params, sql, testing::TestStore};

const MASTER: [u8; 32] = [7; 32];

/// Answers with what it was told, in order, then with success; remembers what it was given.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<Failure>>,
    given: Mutex<Vec<String>>,
}

impl Gateway for Scripted {
    fn send(&self, _: Timestamp, message: &Message) -> Result<(), Failure> {
        self.given.lock().unwrap().push(message.text.clone());
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() { Ok(()) } else { Err(answers.remove(0)) }
    }
}

fn message(text: &str) -> Message {
    Message { phone: "19912341234".into(), text: text.into() }
}

fn enqueue(store: &TestStore, text: &'static str, minutes: i64) {
    let send = move |tx: &mut store::Tx| {
        let expires = tx.now().plus_minutes(minutes);
        Outbox::new(&MASTER).enqueue(tx, &message(text), expires)
    };
    store.write_blocking("test.enqueue", send).unwrap();
}

fn states(store: &TestStore) -> Vec<(String, i64, bool)> {
    let read = |tx: &mut store::Tx| {
        tx.all(sql!("SELECT state, attempts, sealed IS NULL FROM outbox ORDER BY message_id"), params![])
    };
    store.read_blocking(read).unwrap()
}

fn deliver(store: &TestStore, gateway: &dyn Gateway) -> bool {
    deliver_next(store, &Outbox::new(&MASTER), gateway, "test").unwrap()
}

fn a_message_is_sent_once_and_wiped(store: &TestStore) {
    let gateway = Scripted::default();
    enqueue(store, "一", 5);
    assert!(deliver(store, &gateway));
    assert!(!deliver(store, &gateway));
    assert_eq!(*gateway.given.lock().unwrap(), ["一"]);
    assert_eq!(states(store), [("sent".to_owned(), 1, true)]);
}

fn a_refused_change_sends_nothing(store: &TestStore) {
    let refused = store.write_blocking("test.refused", |tx| {
        let expires = tx.now().plus_minutes(5);
        Outbox::new(&MASTER).enqueue(tx, &message("不发"), expires)?;
        Err::<(), _>(Error::denied())
    });
    assert!(refused.is_err());
    let gateway = Scripted::default();
    assert!(!deliver(store, &gateway));
    assert!(gateway.given.lock().unwrap().is_empty());
}

fn a_failure_is_repeated_after_a_pause(store: &TestStore) {
    let gateway = Scripted::default();
    gateway.answers.lock().unwrap().push(Failure::Later("busy".into()));
    enqueue(store, "再", 5);
    assert!(deliver(store, &gateway));
    assert_eq!(states(store), [("waiting".to_owned(), 1, false)]);
    assert!(!deliver(store, &gateway), "not before the pause is over");
    store.clock.set(store.clock().now().plus_seconds(11));
    assert!(deliver(store, &gateway));
    assert_eq!(states(store), [("sent".to_owned(), 2, true)]);
    assert_eq!(gateway.given.lock().unwrap().len(), 2);
}

fn what_never_works_is_given_up(store: &TestStore) {
    let gateway = Scripted::default();
    gateway.answers.lock().unwrap().push(Failure::Never("no such number".into()));
    enqueue(store, "空号", 5);
    assert!(deliver(store, &gateway));
    assert_eq!(states(store), [("failed".to_owned(), 1, true)]);
    store.clock.set(store.clock().now().plus_minutes(60));
    assert!(!deliver(store, &gateway));
}

fn a_message_whose_life_is_over_is_not_sent(store: &TestStore) {
    let gateway = Scripted::default();
    enqueue(store, "过期", 5);
    store.clock.set(store.clock().now().plus_minutes(5));
    assert!(deliver(store, &gateway));
    assert!(gateway.given.lock().unwrap().is_empty());
    assert_eq!(states(store), [("expired".to_owned(), 0, true)]);
}

fn address_and_text_are_sealed_while_they_wait(store: &TestStore) {
    enqueue(store, "验证码 123456", 5);
    let read = |tx: &mut store::Tx| tx.one(sql!("SELECT sealed FROM outbox"), &[]);
    let (sealed,): (Vec<u8>,) = store.read_blocking(read).unwrap();
    let contains = |needle: &[u8]| sealed.windows(needle.len()).any(|part| part == needle);
    assert!(!contains(b"123456") && !contains(b"19912341234"));
}

fn the_worker_writes_what_a_test_can_read(store: &TestStore) {
    let data =
        std::env::temp_dir().join(format!("xuecheng-notify-{}-{:?}", std::process::id(), store.engine()));
    let _ = std::fs::remove_dir_all(&data);
    let gateway = std::sync::Arc::new(ConsoleGateway::with_data(&data));
    let worker = Worker::start((**store).clone(), Outbox::new(&MASTER), gateway, "test".into()).unwrap();
    enqueue(store, "验证码 654321", 5);
    let started = std::time::Instant::now();
    while states(store)[0].0 != "sent" && started.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    drop(worker);
    let text = std::fs::read_to_string(data.join("outbox/sms.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(
        line,
        serde_json::json!({"at": "2026-11-23T01:00:00Z", "phone": "19912341234", "text": "验证码 654321"})
    );
    std::fs::remove_dir_all(&data).unwrap();
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

both_engines! {
    &[notify::MIGRATIONS];
    a_message_is_sent_once_and_wiped, a_refused_change_sends_nothing, a_failure_is_repeated_after_a_pause,
    what_never_works_is_given_up, a_message_whose_life_is_over_is_not_sent,
    address_and_text_are_sealed_while_they_wait, the_worker_writes_what_a_test_can_read, every_statement_is_accepted,
}

/// Takes the message, and the server is away when that has to be noted.
struct ServerCrashes(std::sync::Arc<store::testing::server::Server>);

impl Gateway for ServerCrashes {
    fn send(&self, _: Timestamp, _: &Message) -> Result<(), Failure> {
        self.0.stop("immediate");
        let server = self.0.clone();
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_secs(1));
            server.restart();
        });
        Ok(())
    }
}

#[test]
fn a_message_that_was_sent_is_noted_as_soon_as_the_database_is_back() {
    let server = std::sync::Arc::new(store::testing::server::Server::start());
    let clock = std::sync::Arc::new(kernel::SystemClock);
    let location = store::Location::Server(server.url());
    let store = store::Store::open(&location, clock, kernel::Chance::seeded(1)).unwrap();
    store::migrate(&store, &[store::MIGRATIONS, notify::MIGRATIONS]).unwrap();
    store
        .write_blocking("test.enqueue", |tx| {
            let expires = tx.now().plus_minutes(5);
            Outbox::new(&MASTER).enqueue(tx, &message("一"), expires)
        })
        .unwrap();
    // The server stays until the end of the test.
    let gateway = ServerCrashes(server.clone());
    assert!(deliver_next(&store, &Outbox::new(&MASTER), &gateway, "test").unwrap());
    let (state, attempts): (String, i64) =
        store.read_blocking(|tx| tx.one(sql!("SELECT state, attempts FROM outbox"), &[])).unwrap();
    assert_eq!((state.as_str(), attempts), ("sent", 1));
}
