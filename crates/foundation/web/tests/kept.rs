//! Kept pages: never old, never somebody else's, never more than there is room for. On both engines.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use kernel::{Id, Role};
use store::{Store, sql, testing::TestStore};
use web::{
    Access, Cx, Keep, Keeping, Level, Routes,
    testing::{Client, TestSessions, shell},
};

/// Pages that tell how often they were made.
#[derive(Default)]
struct Made(AtomicU64);

impl Made {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

async fn plain(cx: Cx) -> web::Result<String> {
    let made = cx.get::<Made>()?.next();
    let name = cx.display_name.clone().unwrap_or_else(|| "nobody".to_owned());
    let flash = cx.take_flash().map(|(_, text)| text).unwrap_or_default();
    Ok(format!("made {made} {} {} {name} {flash} {}", cx.lang.tag(), cx.scale, cx.param("q")))
}

async fn form(cx: Cx) -> web::Result<String> {
    let made = cx.get::<Made>()?.next();
    Ok(format!(
        "made {made} <input name=\"_csrf\" value=\"{}\"> <input name=\"_key\" value=\"{}\"> {}",
        cx.csrf(),
        cx.fresh_key(),
        "学".repeat(2_000)
    ))
}

async fn doubled(cx: Cx) -> web::Result<String> {
    let made = cx.get::<Made>()?.next();
    let token = cx.csrf();
    Ok(format!("made {made} <input name=\"_csrf\" value=\"{token}\"> {token}"))
}

async fn sent(cx: Cx, form: web::Form) -> web::Result<String> {
    Ok(format!("took {} {}", form.key(), cx.path))
}

async fn big(cx: Cx) -> web::Result<String> {
    let made = cx.get::<Made>()?.next();
    Ok(format!("made {made} {}", "学".repeat(20_000)))
}

async fn refused(cx: Cx) -> web::Result<String> {
    cx.get::<Made>()?.next();
    Err(kernel::Error::missing().into())
}

async fn greet(cx: Cx) -> web::Result {
    cx.flash(Level::Ok, "谢谢");
    Ok(cx.redirect("/plain"))
}

fn count(tx: &mut store::Tx) -> kernel::Result<i64> {
    Ok(tx.one::<(i64,)>(sql!("SELECT count(*) FROM rate"), &[])?.0)
}

/// Shows a number of the database that must be true.
async fn seats(cx: Cx) -> web::Result<String> {
    let made = cx.get::<Made>()?.next();
    let seen = cx.store.read(count).await?;
    cx.keep_while(move |tx| Ok(count(tx)? == seen));
    Ok(format!("made {made} seats {seen}"))
}

async fn unchecked(cx: Cx) -> web::Result<String> {
    Ok(format!("made {}", cx.get::<Made>()?.next()))
}

fn routes() -> Routes {
    Routes::new()
        .get("/plain", Access::Public, plain)
        .get("/form", Access::Public, form)
        .get("/doubled", Access::Public, doubled)
        .get("/big", Access::Public, big)
        .get("/refused", Access::Public, refused)
        .get("/greet", Access::Public, greet)
        .kept(Keep::Briefly)
        .merge(
            Routes::new()
                .get("/seats", Access::Public, seats)
                .get("/unchecked", Access::Public, unchecked)
                .kept(Keep::Checked),
        )
        .merge(Routes::new().get("/other", Access::Public, unchecked).post("/form", Access::Public, sent))
}

const KEEPING: Keeping = Keeping { life_ms: 1_000, bytes: 256 * 1024 };

struct Town {
    router: axum::Router,
    sessions: Arc<TestSessions>,
}

/// A process that serves these pages.
fn town(store: &Store, keeping: Keeping) -> Town {
    let sessions = Arc::new(TestSessions::default());
    let shell = shell(store, sessions.clone()).with(Arc::new(Made::default())).keeping(keeping);
    Town { router: routes().build(shell), sessions }
}

impl Town {
    fn nobody(&self) -> Client {
        Client::new(self.router.clone())
    }

    fn made(&self, path: &str) -> u64 {
        made(&self.nobody().get(path).expect(200).text)
    }
}

fn made(text: &str) -> u64 {
    text.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{text}"))
}

/// Another process takes a seat.
fn change(store: &Store, key: &'static str) {
    store.write_blocking("test.rate", move |tx| web::limit(tx, key, 9, 60)).unwrap();
}

fn a_page_is_made_once_in_its_life(store: &TestStore) {
    let town = town(store, KEEPING);
    assert_eq!((town.made("/plain"), town.made("/plain")), (1, 1));
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 999));
    assert_eq!(town.made("/plain"), 1);
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 1));
    assert_eq!(town.made("/plain"), 2, "a page was given a second after its making began");
    // A clock that is set back makes nothing live longer.
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() - 60_000));
    assert_eq!(town.made("/plain"), 3);
    assert_eq!((town.made("/other"), town.made("/other")), (4, 5), "what says nothing is not kept");
}

fn who_asks_late_in_its_life_has_the_next_one_made(store: &TestStore) {
    let town = town(store, KEEPING);
    let later = |ms: i64| {
        store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + ms));
    };
    assert_eq!(town.made("/plain"), 1);
    later(499);
    assert_eq!((town.made("/plain"), town.made("/plain")), (1, 1));
    later(1);
    let mut visitor = town.nobody();
    visitor.get("/plain").expect(200).has("made 1");
    let begun = std::time::Instant::now();
    while made(&visitor.get("/plain").text) == 1 {
        assert!(begun.elapsed().as_secs() < 20, "nobody made the next one");
        visitor.wait(std::time::Duration::from_millis(5));
    }
    later(499);
    assert_eq!(town.made("/plain"), 2, "it lives from when it was made");
}

fn nothing_is_kept_where_it_is_switched_off(store: &TestStore) {
    let off = town(store, Keeping { life_ms: 0, ..KEEPING });
    assert_eq!((off.made("/plain"), off.made("/plain")), (1, 2));
    let answer = off.nobody().get("/plain");
    assert!(!answer.headers.contains_key("etag"));
}

fn visitors_languages_and_scales_do_not_mix(store: &TestStore) {
    let town = town(store, KEEPING);
    town.nobody().get("/plain").expect(200).has("zh-CN normal nobody");
    let person: Id<kernel::Person> = Id::random(&mut kernel::Chance::seeded(1));
    let mut signed_in = town.nobody();
    signed_in.cookie(
        "session",
        &town.sessions.open(person, &[(Role::Staff, Id::random(&mut kernel::Chance::seeded(2)))]),
    );
    signed_in.get("/plain").expect(200).has("made 2").has("王小明");
    signed_in.get("/plain").expect(200).has("made 3").has("王小明");
    town.nobody().get("/plain").expect(200).has("made 1").has("nobody");
    let mut english = town.nobody();
    english.headers.push(("accept-language", "en".to_owned()));
    english.get("/plain").expect(200).has("made 4 en normal nobody");
    let mut elder = town.nobody();
    // The choice itself is answered apart, and sets a cookie; from then on it counts.
    let chosen = elder.get("/plain?scale=elder").expect(200).has("zh-CN elder");
    assert!(chosen.headers.contains_key("set-cookie"));
    elder.get("/plain").expect(200).has("zh-CN elder");
    town.nobody().get("/plain").expect(200).has("made 1 zh-CN normal");
    // Whatever a cookie may come to mean, its bearer is answered apart.
    let mut unknown = town.nobody();
    unknown.cookie("near", "500106000000");
    unknown.get("/plain").expect(200).has("made 7");
    unknown.get("/plain").expect(200).has("made 8");
    let mut visitor = town.nobody();
    visitor.cookie("visitor", &"a".repeat(43));
    visitor.get("/plain").expect(200).has("made 1 zh-CN normal");
    town.nobody().get("/plain?q=x").expect(200).has("nobody  x");
    town.nobody().get("/plain?q=y").expect(200).has("nobody  y");
}

fn a_message_is_shown_to_its_reader_alone(store: &TestStore) {
    let town = town(store, KEEPING);
    let mut greeted = town.nobody();
    greeted.get("/greet").expect(303);
    greeted.get("/plain").expect(200).has("谢谢");
    assert!(!town.nobody().get("/plain").text.contains("谢谢"));
    assert!(!greeted.get("/plain").text.contains("谢谢"), "it is shown once");
}

fn tokens_and_keys_are_each_visitors_own(store: &TestStore) {
    let town = town(store, KEEPING);
    let mut packed = town.nobody();
    packed.headers.push(("accept-encoding", "gzip".to_owned()));
    assert_eq!(packed.get("/form").expect(200).headers["content-encoding"], "gzip");
    for zipped in [false, true] {
        let (mut one, mut two) = (town.nobody(), town.nobody());
        if zipped {
            one.headers.push(("accept-encoding", "gzip".to_owned()));
            two.headers.push(("accept-encoding", "gzip".to_owned()));
        }
        let (first, second) = (one.get("/form").expect(200), two.get("/form").expect(200));
        assert_eq!(made(&first.text), made(&second.text), "it was made once");
        assert_ne!(first.field("_csrf"), second.field("_csrf"));
        assert_ne!(first.field("_key"), second.field("_key"));
        assert!(first.headers.contains_key("set-cookie") && second.headers.contains_key("set-cookie"));
        assert!(!first.headers.contains_key("etag"));
        // Each sends her own form; another's token opens nothing.
        let (token, key) = (first.field("_csrf").unwrap(), first.field("_key").unwrap());
        one.post("/form", &[]).expect(200).has(&key);
        assert!(two.post("/form", &[("_csrf", &token)]).status.is_client_error());
        // Who has a cookie keeps it, and each showing is masked anew.
        let again = one.get("/form").expect(200);
        assert!(!again.headers.contains_key("set-cookie"));
        assert_ne!(again.field("_csrf").unwrap(), token);
        one.post("/form", &[("_csrf", &token)]).expect(200);
    }
    // What cannot be cut is made for each, and says so by its cookie.
    let (one, two) = (town.nobody().get("/doubled").expect(200), town.nobody().get("/doubled").expect(200));
    assert_eq!(made(&two.text), made(&one.text) + 1);
    assert!(two.headers.contains_key("set-cookie"));
    assert!(town.nobody().get("/refused").status.is_client_error());
    assert!(town.nobody().get("/refused").status.is_client_error());
}

fn what_must_be_true_is_asked_of_the_database(store: &TestStore) {
    // Two processes over one database: each keeps for itself, both hear of a seat at once.
    let (here, there) = (town(store, KEEPING), town(&store.another_process(), KEEPING));
    for town in [&here, &there] {
        town.nobody().get("/seats").expect(200).has("made 1 seats 0");
        town.nobody().get("/seats").expect(200).has("made 1 seats 0");
    }
    change(store, "one");
    for town in [&here, &there] {
        town.nobody().get("/seats").expect(200).has("made 2 seats 1");
        town.nobody().get("/seats").expect(200).has("made 2 seats 1");
    }
    // Without a check nothing says that it is true.
    assert_eq!((here.made("/unchecked"), here.made("/unchecked")), (3, 4));
}

fn memory_is_bounded(store: &TestStore) {
    // Room for three of these pages.
    let town = town(store, Keeping { bytes: 3 * 64 * 1024, ..KEEPING });
    let first: Vec<u64> = (0..5).map(|n| town.made(&format!("/big?q={n}"))).collect();
    let again: Vec<u64> = (0..5).map(|n| town.made(&format!("/big?q={n}"))).collect();
    assert_eq!(first, [1, 2, 3, 4, 5]);
    let kept = first.iter().zip(&again).filter(|(first, again)| first == again).count();
    assert_eq!(kept, 3, "{first:?} {again:?}");
    // What has lived makes room.
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 2_000));
    let third: Vec<u64> = (10..13).map(|n| town.made(&format!("/big?q={n}"))).collect();
    let fourth: Vec<u64> = (10..13).map(|n| town.made(&format!("/big?q={n}"))).collect();
    assert_eq!(third, fourth);
}

fn who_has_the_page_is_told_so(store: &TestStore) {
    let town = town(store, KEEPING);
    let answer = town.nobody().get("/plain").expect(200);
    let tag = answer.headers["etag"].to_str().unwrap().to_owned();
    let mut known = town.nobody();
    known.headers.push(("if-none-match", format!("\"other\", W/{tag}")));
    let unchanged = known.get("/plain").expect(304);
    assert!(unchanged.text.is_empty() && unchanged.headers["etag"] == tag.as_str());
    assert!(unchanged.headers.contains_key("content-security-policy"));
    assert_ne!(unchanged.headers["x-request-id"], answer.headers["x-request-id"]);
    store.clock.set(kernel::Timestamp::from_millis(store.clock().now().millis() + 5_000));
    // Made anew it is another page.
    known.get("/plain").expect(200).has("made 2");
    // Encodings are apart.
    let mut packed = town.nobody();
    packed.headers.push(("accept-encoding", "gzip".to_owned()));
    let zipped = packed.get("/big").expect(200);
    assert_eq!(zipped.headers["content-encoding"], "gzip");
    assert!(!town.nobody().get("/big").headers.contains_key("content-encoding"));
}

fn many_who_ask_at_once_have_it_made_once(store: &TestStore) {
    let town = town(store, KEEPING);
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| town.made("/plain"))).collect();
        assert!(asked.into_iter().all(|thread| thread.join().unwrap() == 1));
    });
}

#[test]
fn what_is_not_for_everybody_cannot_be_kept() {
    let mounted = || Routes::new().get("/me", Access::SignedIn, plain).kept(Keep::Briefly);
    assert!(std::panic::catch_unwind(mounted).is_err());
}

store::both_engines!(&[web::MIGRATIONS];
    a_page_is_made_once_in_its_life,
    who_asks_late_in_its_life_has_the_next_one_made,
    nothing_is_kept_where_it_is_switched_off,
    visitors_languages_and_scales_do_not_mix,
    a_message_is_shown_to_its_reader_alone,
    tokens_and_keys_are_each_visitors_own,
    what_must_be_true_is_asked_of_the_database,
    memory_is_bounded,
    who_has_the_page_is_told_so,
    many_who_ask_at_once_have_it_made_once,
);
