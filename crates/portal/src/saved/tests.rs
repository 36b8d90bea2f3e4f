//! What a resident who saved a search is told, and what she is not, on both engines.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use activities::{OpenClass, OpenedClass, open_class};
use catalog::{
    Audience, EditOffer, OfferId, OfferKind, OfferWords, edit_offer, publish_offer,
    testing::{some_subjects, words},
    withdraw_offer,
};
use kernel::{Actor, Chance, Id, Lang, Org, Person};
use network::testing::{SmallCity, refusal, small_city};
use notify::{Failure, Gateway, Message, deliver_next};
use people::{Register, Vault};
use store::{Fault, Faults, Pool, Statement, Store, Tx, both_engines, params, sql, testing::TestStore};
use web::testing::{Client, TestSessions, shell};

use super::{Round, SAVED_SEARCHES_MAX, Watcher, keep::save_search};
use crate::{Finder, asked::Asked};

both_engines!(&[
    store::MIGRATIONS, journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
    catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS, credentials::MIGRATIONS,
    statistics::MIGRATIONS, notices::MIGRATIONS, crate::MIGRATIONS,
];
    a_search_is_saved_opened_and_given_up,
    a_person_has_so_many_searches_and_no_more,
    what_is_new_and_matches_is_told_once_a_day,
    words_and_filters_must_match,
    free_seats_are_asked_of_the_database,
    a_new_class_of_a_known_offer_is_news,
    nobody_is_told_of_what_is_gone_or_was_seen,
    messages_end_without_signing_in,
    several_processes_tell_once,
    a_death_at_any_point_loses_nothing_and_tells_nothing_twice,
    nothing_is_left_of_who_was_erased,
    many_searches_are_compared_with_many_offers,
);

const OPERATOR: Actor = Actor::System("test");
const DAY: i64 = 24 * 60;

/// A city with residents who have telephones.
struct Town<'s> {
    store: &'s TestStore,
    city: SmallCity,
    vault: Arc<Vault>,
    finder: Arc<Finder>,
    sessions: Arc<TestSessions>,
    router: axum::Router,
}

/// Catches what is sent, by telephone number.
#[derive(Default)]
struct Post(Mutex<BTreeMap<String, Vec<String>>>);

impl Gateway for Post {
    fn send(&self, _: kernel::Timestamp, message: &Message) -> Result<(), Failure> {
        self.0.lock().unwrap().entry(message.phone.clone()).or_default().push(message.text.clone());
        Ok(())
    }
}

impl<'s> Town<'s> {
    fn new(store: &'s TestStore) -> Self {
        let city = store
            .write_blocking("test", |tx| {
                some_subjects(tx)?;
                small_city(tx)
            })
            .unwrap();
        let vault = Arc::new(Vault::new([5; 32]));
        let finder = Arc::new(Finder::in_memory((*store).clone()).unwrap());
        let sessions = Arc::new(TestSessions::default());
        let shell = shell(store, sessions.clone()).with(vault.clone()).with(finder.clone());
        let router = crate::routes().build(shell);
        let town = Self { store, city, vault, finder, sessions, router };
        town.settle();
        town.finder.learn().unwrap();
        town
    }

    /// The journal and the index take in what happened.
    fn settle(&self) {
        journal::drain(self.store, &[]).unwrap();
        while self.finder.catch_up().unwrap() {}
    }

    fn resident(&self, n: u32) -> Id<Person> {
        let vault = self.vault.clone();
        self.store
            .write_blocking("test.register", move |tx| {
                let phone = Some(format!("1991234{n:04}"));
                people::register(
                    tx,
                    &vault,
                    &OPERATOR,
                    &Register { name: "王秀英".into(), phone, ..Register::default() },
                )
            })
            .unwrap()
    }

    fn browser(&self, person: Id<Person>) -> Client {
        let mut client = Client::new(self.router.clone());
        client.cookie("session", &self.sessions.open(person, &[]));
        client.get("/me/searches").expect(200);
        client
    }

    fn save(&self, person: Id<Person>, pairs: &[(&str, &str)]) {
        self.settle();
        self.browser(person).post("/me/searches", pairs).expect(303);
    }

    fn publish(&self, org: Id<Org>, words: OfferWords) -> OfferId {
        self.store
            .write_blocking("test.publish", move |tx| {
                let cmd = catalog::DraftOffer { org_id: org, words: words.clone(), demo: true };
                let offer = catalog::draft_offer(tx, &OPERATOR, &cmd)?;
                publish_offer(tx, &OPERATOR, offer)?;
                Ok(offer)
            })
            .unwrap()
    }

    /// Opens a class that begins in so many days.
    fn open(&self, org: Id<Org>, offer: OfferId, days: i64, capacity: i64) -> OpenedClass {
        self.store
            .write_blocking("test.open", move |tx| {
                let from = tx.now().plus_minutes(days * DAY);
                let cmd = OpenClass {
                    org_id: org,
                    offer_id: offer,
                    title: "书法".to_owned(),
                    teacher_id: None,
                    capacity,
                    venue: "学习中心".to_owned(),
                    room: String::new(),
                    sessions: vec![(from, from.plus_minutes(90))],
                    demo: true,
                };
                open_class(tx, &OPERATOR, &cmd)
            })
            .unwrap()
    }

    fn watcher(&self, store: Store, name: &str) -> Watcher {
        Watcher::new(store, self.vault.clone(), self.finder.clone(), "http://xuecheng.test/", name)
    }

    fn round(&self) -> Round {
        self.settle();
        let round = self.watcher((*self.store).clone(), "one").round().unwrap();
        // The next process does not wait for the end of the lease.
        self.store.clock.set(self.store.clock().now().plus_minutes(2));
        round
    }

    fn next_day(&self) {
        self.store.clock.set(self.store.clock().now().plus_minutes(DAY));
    }

    /// What was sent to each number since the last call.
    fn post(&self) -> BTreeMap<String, Vec<String>> {
        let post = Post::default();
        while deliver_next(self.store, self.vault.outbox(), &post, "post").unwrap() {}
        post.0.into_inner().unwrap()
    }

    fn messages(&self, n: u32) -> Vec<String> {
        self.post().remove(&format!("1991234{n:04}")).unwrap_or_default()
    }

    fn rows(&self, table: &str) -> i64 {
        let text = format!("SELECT count(*) FROM {table}");
        let count = move |tx: &mut Tx| tx.one::<(i64,)>(Statement::dynamic(text.clone()), &[]).map(|(n,)| n);
        self.store.read_blocking(count).unwrap()
    }
}

fn painting(title: &str) -> OfferWords {
    OfferWords {
        subject_code: "0302".to_owned(),
        summary: "画花鸟。".to_owned(),
        body: "水墨。".to_owned(),
        ..words(title)
    }
}

fn a_search_is_saved_opened_and_given_up(store: &TestStore) {
    let town = Town::new(store);
    let (ann, bob) = (town.resident(1), town.resident(2));
    let search = "/search?q=%E4%B9%A6%E6%B3%95&kind=course&seats=1";
    // Who is not signed in is led through the sign-in and back to one button.
    let mut nobody = Client::new(town.router.clone());
    let page = nobody.get(search).expect(200).has("有新课提醒我");
    let door = "/me/searches/new?q=%E4%B9%A6%E6%B3%95&#38;kind=course&#38;seats=1";
    assert!(page.text.contains(door), "{}", page.text);
    let sent = nobody.get(&door.replace("&#38;", "&")).expect(303);
    assert!(
        sent.location().starts_with("/sign-in?next=%2Fme%2Fsearches%2Fnew%3Fq%3D"),
        "{}",
        sent.location()
    );
    let mut client = town.browser(ann);
    client.get(&door.replace("&#38;", "&")).expect(200).has("书法 · 课程 · 只看还有空位的");
    // A search for everything cannot be saved.
    assert!(!client.get("/search").expect(200).text.contains("有新课提醒我"));
    client.post("/me/searches", &[("q", "  ")]).expect(422).has("至少选一个条件");
    client.get(search).expect(200);
    let fields = [("q", "书法"), ("kind", "course"), ("seats", "1")];
    client.post("/me/searches", &fields).expect(303);
    client.get("/me/searches").expect(200).has("已订阅，有新课会告诉您").has("书法 · 课程 · 只看还有空位的");
    client.get(search).expect(200).has("有新课会提醒您");
    client.get("/search?q=%E4%B9%A6%E6%B3%95&lang=en").expect(200).has("Tell me of new ones");
    client.get("/search?lang=zh").expect(200);
    client.post("/me/searches", &fields).expect(303);
    let page = client.get("/me/searches").expect(200).has("已经订阅过了");
    let id =
        page.text.split("/me/searches/").find_map(|rest| rest.split_once("/remove\"")).unwrap().0.to_owned();
    assert_eq!(page.text.matches("/remove\"").count(), 1);
    assert_eq!(client.get(&format!("/me/searches/{id}")).expect(303).location(), search);
    // It is hers alone.
    let mut other = town.browser(bob);
    other.get(&format!("/me/searches/{id}")).expect(404);
    other.post(&format!("/me/searches/{id}/remove"), &[]).expect(404);
    // What she looks for stands nowhere in clear.
    let sealed: Vec<(Vec<u8>,)> =
        store.read_blocking(|tx| tx.all(sql!("SELECT sealed FROM saved_search"), &[])).unwrap();
    assert!(!String::from_utf8_lossy(&sealed[0].0).contains("书法"));
    client.post(&format!("/me/searches/{id}/remove"), &[]).expect(303);
    client.get("/me/searches").expect(200).has("已取消").has("还没有订阅");
    assert_eq!((town.rows("saved_search"), town.rows("saved_search_hit")), (0, 0));
    let page = client.get("/me/searches?lang=en").expect(200).has("Nothing is saved yet");
    assert!(!page.text.contains('⟦'));
}

fn a_person_has_so_many_searches_and_no_more(store: &TestStore) {
    let town = Town::new(store);
    let ann = town.resident(1);
    let mut client = town.browser(ann);
    for n in 0..SAVED_SEARCHES_MAX {
        client.post("/me/searches", &[("q", &format!("书法{n}"))]).expect(303);
    }
    client.get("/me/searches").expect(200).has("最多可以订阅 20 项");
    client.post("/me/searches", &[("q", "国画")]).expect(422).has("最多可以订阅 20 项").has("国画");
    assert_eq!(town.rows("saved_search"), SAVED_SEARCHES_MAX as i64);
    // Two tabs at once get no further either.
    let first: (String,) = store
        .read_blocking(|tx| {
            tx.one(sql!("SELECT search_id FROM saved_search ORDER BY search_id LIMIT 1"), &[])
        })
        .unwrap();
    client.post(&format!("/me/searches/{}/remove", first.0), &[]).expect(303);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (vault, store) = (town.vault.clone(), (*store).clone());
            scope.spawn(move || {
                let asked = Asked { q: format!("剪纸{n}"), ..Asked::default() };
                let save = move |tx: &mut Tx| save_search(tx, &vault, ann, Lang::Zh, &asked, 1);
                if let Err(error) = store.write_blocking("test.save", save) {
                    assert_eq!(error.code().name, "portal.searches_full");
                }
            });
        }
    });
    assert_eq!(town.rows("saved_search"), SAVED_SEARCHES_MAX as i64);
}

fn what_is_new_and_matches_is_told_once_a_day(store: &TestStore) {
    let town = Town::new(store);
    let ann = town.resident(1);
    town.publish(town.city.centre, words("书法旧班"));
    town.save(ann, &[("q", "书法")]);
    town.save(ann, &[("q", "国画")]);
    assert_eq!(town.round(), Round::default(), "what was there before is no news");
    town.publish(town.city.centre, words("书法入门"));
    town.publish(town.city.centre, painting("国画入门"));
    let round = town.round();
    assert_eq!((round.news, round.searches, round.asked, round.hits, round.messages), (2, 2, 2, 2, 1));
    let sent = town.messages(1);
    let [message] = &sent[..] else { panic!("one message: {sent:?}") };
    for part in [
        "【学城】",
        "《书法入门》",
        "《国画入门》",
        "http://xuecheng.test/me/searches ",
        "/me/searches/stop/",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(
        message.chars().count() < 400 && !message.contains('⟦') && !message.contains("旧班"),
        "{message}"
    );
    // The rest of the day is quiet, and so is the night.
    town.publish(town.city.centre, words("书法提高"));
    assert_eq!((town.round().hits, town.messages(1).len()), (1, 0));
    store.clock.set(store.clock().now().day().plus(1).at(6 * 60));
    assert_eq!((town.round().messages, town.messages(1).len()), (0, 0));
    store.clock.set(store.clock().now().day().at(9 * 60));
    town.round();
    let sent = town.messages(1);
    assert!(sent.len() == 1 && sent[0].contains("书法提高") && !sent[0].contains("入门"), "{sent:?}");
    town.next_day();
    assert_eq!((town.round(), town.messages(1).len()), (Round::default(), 0), "nothing twice");
    // Many at once are counted.
    for n in 1..=5 {
        town.publish(town.city.centre, words(&format!("书法第{n}期")));
    }
    town.round();
    let sent = town.messages(1);
    assert!(sent[0].contains("等 5 门") && sent[0].matches('《').count() == 3, "{sent:?}");
    // The page tells what is new since she looked, for each search.
    let mut client = town.browser(ann);
    let page = client.get("/me/searches").expect(200).has("7 门新的").has("国画入门").has("还有 2 门");
    let id = page.text.split("\">国画</a>").next().and_then(|before| before.rsplit('/').next()).unwrap();
    client.get(&format!("/me/searches/{id}")).expect(303);
    let page = client.get("/me/searches").expect(200);
    assert_eq!(page.text.matches("门新的").count(), 1, "{}", page.text);
}

fn words_and_filters_must_match(store: &TestStore) {
    let town = Town::new(store);
    let people: Vec<Id<Person>> = (0..8).map(|n| town.resident(n)).collect();
    let district = town.city.district.to_string();
    let searches: [&[(&str, &str)]; 8] = [
        &[("q", "书法")],
        &[("q", "书法"), ("district", "500103000000")],
        &[("q", "书法"), ("district", &district)],
        &[("q", "书法"), ("cost", "paid")],
        &[("q", "磁器口书法"), ("audience", "older")],
        &[("q", "书法 钢琴")],
        &[("kind", "lecture")],
        &[("q", "书法"), ("when", "next_week")],
    ];
    for (person, search) in people.iter().zip(searches) {
        town.save(*person, search);
    }
    let paid = OfferWords { cost_fen: 1_000, kind: OfferKind::Lecture, ..words("书法讲座") };
    let older = OfferWords { audience: Audience::Older, ..words("书法长者班") };
    town.publish(town.city.centre, words("书法入门"));
    town.publish(town.city.other_school, paid);
    town.publish(town.city.centre, older);
    let later = town.publish(town.city.centre, painting("国画"));
    town.open(town.city.centre, later, 8, 5);
    let offer = town.publish(town.city.other_school, words("书法周末班"));
    town.open(town.city.other_school, offer, 1, 5);
    town.open(town.city.other_school, offer, 8, 5);
    town.round();
    let post = town.post();
    let told = |n: u32| post.get(&format!("1991234{n:04}")).map_or("", |sent| sent[0].as_str());
    let expected: [&[&str]; 8] = [
        &["书法入门", "书法讲座", "书法长者班", "书法周末班"],
        &["书法讲座", "书法周末班"],
        &["书法入门", "书法长者班"],
        &["书法讲座"],
        &["书法长者班"],
        &[],
        &["书法讲座"],
        // Of the two classes the one of next week, not the one of tomorrow.
        &["书法周末班"],
    ];
    for (n, titles) in (0..).zip(expected) {
        let message = told(n);
        let shown = titles.iter().filter(|title| message.contains(**title)).count();
        assert_eq!(shown, titles.len().min(3), "{n}: {message}");
        assert_eq!(message.matches('《').count(), titles.len().min(3), "{n}: {message}");
    }
    let classes: Vec<(Option<String>,)> = store
        .read_blocking(move |tx| {
            tx.all(sql!("SELECT class_id FROM saved_search_hit WHERE person_id = $1"), params![people[7]])
        })
        .unwrap();
    assert_eq!(classes.iter().filter(|(class,)| class.is_some()).count(), 1);
}

fn free_seats_are_asked_of_the_database(store: &TestStore) {
    let town = Town::new(store);
    let (ann, bob) = (town.resident(1), town.resident(2));
    town.save(ann, &[("q", "书法"), ("seats", "1")]);
    town.publish(town.city.centre, words("书法没有班次"));
    let offer = town.publish(town.city.centre, words("书法小班"));
    let class = town.open(town.city.centre, offer, 3, 1);
    // Before she is told somebody takes the only seat; the index does not know.
    store.clock.set(store.clock().now().day().plus(1).at(7 * 60));
    assert_eq!(town.round().hits, 2, "the offer and its class");
    let seat = activities::SignUp { class_id: class.class_id, person_id: bob };
    let actor = Actor::Person { id: bob, grants: Vec::new() };
    let (taken, sitting) = (seat.clone(), actor.clone());
    store.write_blocking("test.seat", move |tx| activities::sign_up(tx, &sitting, &taken)).unwrap();
    store.clock.set(store.clock().now().day().at(10 * 60));
    town.round();
    assert_eq!(town.messages(1).len(), 0);
    let other = town.publish(town.city.centre, words("书法大班"));
    town.open(town.city.centre, other, 3, 2);
    town.round();
    let sent = town.messages(1);
    assert!(
        sent.len() == 1 && sent[0].contains("书法大班") && sent[0].matches('《').count() == 1,
        "{sent:?}"
    );
}

fn a_new_class_of_a_known_offer_is_news(store: &TestStore) {
    let town = Town::new(store);
    let ann = town.resident(1);
    town.save(ann, &[("q", "书法")]);
    let offer = town.publish(town.city.centre, words("书法入门"));
    town.round();
    assert_eq!(town.messages(1).len(), 1);
    town.next_day();
    // Other words, and coming back after it was withdrawn, are no news.
    store
        .write_blocking("test.edit", move |tx| {
            let rev = catalog::offer(tx, offer)?.unwrap().rev;
            edit_offer(tx, &OPERATOR, &EditOffer { offer_id: offer, rev, words: words("书法初级") })?;
            withdraw_offer(tx, &OPERATOR, offer)?;
            publish_offer(tx, &OPERATOR, offer)
        })
        .unwrap();
    town.round();
    assert_eq!(town.messages(1).len(), 0);
    town.open(town.city.centre, offer, 2, 5);
    town.open(town.city.centre, offer, 9, 5);
    town.round();
    let sent = town.messages(1);
    assert!(
        sent.len() == 1 && sent[0].matches('《').count() == 1 && sent[0].contains("书法初级"),
        "{sent:?}"
    );
}

fn nobody_is_told_of_what_is_gone_or_was_seen(store: &TestStore) {
    let town = Town::new(store);
    let ann = town.resident(1);
    town.save(ann, &[("q", "书法")]);
    store.clock.set(store.clock().now().day().plus(1).at(6 * 60));
    let (gone, seen) =
        (town.publish(town.city.centre, words("书法一")), town.publish(town.city.centre, words("书法二")));
    town.round();
    store.write_blocking("test", move |tx| withdraw_offer(tx, &OPERATOR, gone)).unwrap();
    let mut client = town.browser(ann);
    let page = client.get("/me/searches").expect(200).has("1 门新的").has("书法二");
    assert!(!page.text.contains("书法一") && page.text.contains(&format!("/offers/{seen}")));
    store.clock.set(store.clock().now().day().at(10 * 60));
    let id = page.text.split("/me/searches/").find_map(|rest| rest.split_once("/remove\"")).unwrap().0;
    client.get(&format!("/me/searches/{id}")).expect(303);
    assert_eq!((town.round().messages, town.messages(1).len()), (0, 0));
    // And what is old is forgotten.
    store.clock.set(store.clock().now().plus_minutes(70 * DAY));
    town.round();
    assert_eq!(town.rows("saved_search_hit"), 0);
}

fn messages_end_without_signing_in(store: &TestStore) {
    let town = Town::new(store);
    let ann = town.resident(1);
    town.save(ann, &[("q", "书法")]);
    town.publish(town.city.centre, words("书法一"));
    town.round();
    let message = town.messages(1).remove(0);
    let way_out = message.split("http://xuecheng.test").last().unwrap().trim().to_owned();
    assert!(way_out.starts_with("/me/searches/stop/"), "{message}");
    let mut nobody = Client::new(town.router.clone());
    nobody.get("/me/searches/stop/none").expect(404);
    let page = nobody.get(&way_out).expect(200).has("不再发短信");
    assert!(!page.text.contains("书法一") && !page.text.contains("王秀英"), "it says nothing of her");
    nobody.post(&way_out, &[]).expect(303);
    nobody.get(&way_out).expect(200).has("已停止");
    town.next_day();
    town.publish(town.city.centre, words("书法二"));
    town.round();
    assert_eq!(town.messages(1).len(), 0);
    let mut client = town.browser(ann);
    client.get("/me/searches").expect(200).has("书法二").has("不发短信");
    client.post("/me/searches/messages", &[("on", "1")]).expect(303);
    town.round();
    assert_eq!(town.messages(1).len(), 0, "what came up meanwhile is not sent afterwards");
    town.publish(town.city.centre, words("书法三"));
    town.round();
    let sent = town.messages(1);
    assert!(sent.len() == 1 && sent[0].contains("书法三") && sent[0].matches('《').count() == 1, "{sent:?}");
}

fn several_processes_tell_once(store: &TestStore) {
    let town = Town::new(store);
    for n in 0..30 {
        town.save(town.resident(n), &[("q", "书法")]);
    }
    town.publish(town.city.centre, words("书法入门"));
    town.settle();
    let (vault, finder) = (&town.vault, &town.finder);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (vault, finder) = (vault.clone(), finder.clone());
            // On SQLite there is one process, in which threads may meet all the same.
            let own = if store.engine() == store::Engine::Postgres {
                store.another_process()
            } else {
                (*store).clone()
            };
            scope.spawn(move || {
                let watcher =
                    Watcher::new(own, vault, finder, "http://xuecheng.test", &format!("process-{n}"));
                for _ in 0..3 {
                    match watcher.round() {
                        Ok(_) => {}
                        Err(error) => assert_eq!(error.code().name, "store.fenced"),
                    }
                }
            });
        }
    });
    town.round();
    let post = town.post();
    assert_eq!(post.len(), 30);
    assert!(post.values().all(|sent| sent.len() == 1), "{post:?}");
}

/// Breaks the n-th transaction that writes.
struct Nth {
    left: AtomicUsize,
    fault: Fault,
}

impl Faults for Nth {
    fn plan(&self, _: &'static str) -> Option<Fault> {
        (self.left.fetch_sub(1, Ordering::SeqCst) == 0).then_some(self.fault)
    }
}

fn a_death_at_any_point_loses_nothing_and_tells_nothing_twice(store: &TestStore) {
    let town = Town::new(store);
    let people: Vec<Id<Person>> = (0..10).map(|n| town.resident(n)).collect();
    for person in &people {
        town.save(*person, &[("q", "书法")]);
    }
    let mut broken = 0;
    for fault in [Fault::BeforeCommit, Fault::AfterCommit, Fault::AtStatement(2)] {
        for n in 0..6 {
            town.next_day();
            town.publish(town.city.centre, words("书法入门"));
            town.settle();
            let faults: Arc<dyn Faults> = Arc::new(Nth { left: AtomicUsize::new(n), fault });
            let (clock, pool) = (store.clock.clone(), Pool { readers: 1, writers: 1 });
            let opened =
                Store::open_faulty(store.location(), clock, Chance::seeded(n as u64), pool, Some(faults));
            broken += usize::from(town.watcher(opened.unwrap(), "dies").round().is_err());
            // Another process takes over when the lease has ended.
            store.clock.set(store.clock().now().plus_minutes(2));
            town.round();
            let post = town.post();
            assert_eq!(post.len(), people.len(), "{fault:?} {n}");
            assert!(post.values().all(|sent| sent.len() == 1), "{fault:?} {n}: {post:?}");
        }
    }
    assert!(broken >= 8, "{broken} rounds were broken off");
}

fn nothing_is_left_of_who_was_erased(store: &TestStore) {
    let town = Town::new(store);
    let (ann, bob) = (town.resident(1), town.resident(2));
    for person in [ann, bob] {
        town.save(person, &[("q", "书法")]);
    }
    town.publish(town.city.centre, words("书法入门"));
    town.round();
    let vault = town.vault.clone();
    store.write_blocking("test.erase", move |tx| people::erase(tx, &vault, &OPERATOR, ann)).unwrap();
    for table in ["saved_search", "saved_search_hit", "saved_search_notice"] {
        assert_eq!(town.rows(table), 1, "{table}");
    }
    let checks = journal::checks();
    let check = checks.iter().find(|check| check.name == "portal.saved_searches").unwrap();
    let run = check.run;
    assert_eq!(store.read_blocking(run).unwrap(), []);
    store
        .write_blocking("tamper", move |tx| {
            tx.exec(sql!("UPDATE saved_search SET person_id = $1 WHERE person_id = $2"), params![ann, bob])
        })
        .unwrap();
    assert_eq!(store.read_blocking(run).unwrap().len(), 1);
    assert_eq!(refusal(store.read_blocking(move |tx| super::keep::stopping(tx, "none"))), "kernel.missing");
}

/// 2,000 searches and 50 offers; with `XUECHENG_TEST_LONG` 100,000 searches and 500 offers. Prints what it took.
#[expect(clippy::disallowed_methods, reason = "who runs the test says whether it may take minutes")]
fn many_searches_are_compared_with_many_offers(store: &TestStore) {
    let long = std::env::var_os("XUECHENG_TEST_LONG").is_some();
    let (searches, offers) = if long { (100_000_u32, 500) } else { (2_000, 50) };
    let town = Town::new(store);
    let subjects = [
        "书法",
        "国画",
        "太极拳",
        "钢琴",
        "古筝",
        "剪纸",
        "手机",
        "英语",
        "摄影",
        "合唱",
        "插花",
        "急救",
        "法律",
    ];
    let places = ["", " 磁器口", " 沙坪坝", " 渝中"];
    let whens = ["", "week", "month"];
    let kinds = [None, Some(OfferKind::Course), Some(OfferKind::Lecture)];
    for begin in (0..searches).step_by(1_000) {
        let vault = town.vault.clone();
        store
            .write_blocking("test.save", move |tx| {
                for n in begin..(begin + 1_000).min(searches) {
                    let phone = Some(format!("180{n:08}"));
                    let cmd = Register { name: "王秀英".into(), phone, ..Register::default() };
                    let person = people::register(tx, &vault, &OPERATOR, &cmd)?;
                    let pick = |list: &[&str], by: u32| list[(n / by) as usize % list.len()].to_owned();
                    // Every fifth person asks for something that nobody else asks for.
                    let own = if n % 5 == 0 { format!(" 第{n}期") } else { String::new() };
                    let asked = Asked {
                        q: format!("{}{}{own}", pick(&subjects, 1), pick(&places, 13)),
                        when: pick(&whens, 52),
                        kind: kinds[n as usize / 156 % kinds.len()],
                        ..Asked::default()
                    };
                    save_search(tx, &vault, person, Lang::Zh, &asked, 1)?;
                }
                Ok(())
            })
            .unwrap();
    }
    town.settle();
    let orgs = [town.city.centre, town.city.school, town.city.other_school, town.city.other_college];
    for n in 0..offers {
        let subject = subjects[n % subjects.len()];
        town.publish(orgs[n % orgs.len()], painting(&format!("{subject}第{n}期")));
    }
    town.settle();
    let watcher = town.watcher((*store).clone(), "one");
    store.clock.set(store.clock().now().day().plus(1).at(6 * 60));
    let begun = std::time::Instant::now();
    let round = watcher.round().unwrap();
    let compared = begun.elapsed();
    store.clock.set(store.clock().now().day().at(10 * 60));
    let begun = std::time::Instant::now();
    let told = watcher.round().unwrap();
    println!(
        "{:?}: {} searches ({} different) x {} offers: {} hits in {compared:?}; {} messages in {:?}",
        store.engine(),
        round.searches,
        round.asked,
        round.news,
        round.hits,
        told.messages,
        begun.elapsed()
    );
    assert_eq!((round.searches, round.news), (searches as usize, offers));
    assert!(round.asked < round.searches && round.hits > 0 && told.messages > 0, "{round:?} {told:?}");
    assert_eq!(town.rows("outbox"), told.messages as i64);
}
