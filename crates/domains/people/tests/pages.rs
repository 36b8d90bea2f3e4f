//! The pages of people, as a browser without scripts sees them, on both engines.

use std::sync::{Arc, Mutex};

use kernel::{Actor, Chance, Id, Org, Person, Role};
use notify::{Failure, Gateway, Message, deliver_next};
use people::{
    CardNumber, FactorPolicy, Register, RoleAt, Vault, WebSessions, grant_role, issue_card, issue_link,
    register, routes,
};
use store::{both_engines, testing::TestStore};
#[path = "pages/second_door.rs"]
mod second_door;

use web::{
    Shell,
    testing::{Client, site},
};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    a_newcomer_joins_by_phone_and_comes_back,
    wrong_input_is_told_and_kept,
    a_wrong_code_counts_down_to_the_end,
    tickets_that_are_not_ours_lead_to_the_beginning,
    limits_count_in_all_processes_together,
    a_link_signs_in_once_and_a_preview_does_not_use_it,
    my_account_shows_and_ends_sessions,
    every_page_says_who_may_see_it,
    the_pages_speak_english_and_elder,
}

fn vault() -> Arc<Vault> {
    Arc::new(Vault::new([9; 32]))
}

/// The service with real sessions, as the program puts it together.
struct Town<'s> {
    store: &'s TestStore,
    router: axum::Router,
}

impl<'s> Town<'s> {
    fn new(store: &'s TestStore) -> Self {
        Self::obliging(store, FactorPolicy::off())
    }

    /// With a rule about second factors.
    fn obliging(store: &'s TestStore, policy: FactorPolicy) -> Self {
        Self { store, router: Self::serve((**store).clone(), 7, policy) }
    }

    fn serve(store: store::Store, seed: u64, policy: FactorPolicy) -> axum::Router {
        let sessions = Arc::new(WebSessions::new(vault(), policy));
        let shell = Shell::new(store, site(), sessions, [7; 32], Chance::seeded(seed));
        routes().build(shell.with(vault()).with(Arc::new(policy)))
    }

    /// The same town, served by another process.
    fn another(store: &'s TestStore) -> Self {
        Self { store, router: Self::serve(store.another_process(), 8, FactorPolicy::off()) }
    }

    fn browser(&self) -> Client {
        let mut client = Client::new(self.router.clone());
        client
            .headers
            .push(("user-agent", "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36".into()));
        client
    }

    /// The code in the last message that was sent.
    fn code(&self) -> String {
        let phones = Phones::default();
        while deliver_next(self.store, vault().outbox(), &phones, "test").unwrap() {}
        let texts = phones.0.lock().unwrap();
        texts.last().unwrap().chars().filter(char::is_ascii_digit).take(6).collect()
    }

    fn person(&self, name: &'static str, phone: Option<&'static str>) -> Id<Person> {
        let new = move |tx: &mut store::Tx| {
            let cmd = Register { name: name.into(), phone: phone.map(Into::into), ..Register::default() };
            register(tx, &vault(), &Actor::System("test"), &cmd)
        };
        self.store.write_blocking("test", new).unwrap()
    }

    fn link(&self, person: Id<Person>) -> String {
        let token = self.store.write_blocking("test", move |tx| issue_link(tx, person, 60)).unwrap();
        format!("/sign-in/link/{token}")
    }

    /// A browser in which this person is signed in.
    fn signed_in(&self, person: Id<Person>) -> Client {
        let mut client = self.browser();
        client.get(&self.link(person)).expect(303);
        client
    }
}

#[derive(Default)]
struct Phones(Mutex<Vec<String>>);

impl Gateway for Phones {
    fn send(&self, _: kernel::Timestamp, message: &Message) -> Result<(), Failure> {
        self.0.lock().unwrap().push(message.text.clone());
        Ok(())
    }
}

/// The parameter `t` of an address.
fn ticket(location: &str) -> String {
    location.split(['?', '&']).find_map(|part| part.strip_prefix("t=")).unwrap().to_owned()
}

fn a_newcomer_joins_by_phone_and_comes_back(store: &TestStore) {
    let town = Town::new(store);
    let mut browser = town.browser();
    browser.get("/sign-in?next=/offers/1").expect(200).has("value=\"/offers/1\"");
    let sent = browser.post("/sign-in", &[("phone", "199 0000 0001"), ("next", "/offers/1")]).expect(303);
    assert!(!sent.location().contains("1990000"), "no phone in an address: {}", sent.location());
    let t = ticket(sent.location());
    let page = browser.follow(sent).expect(200).has("199****0001");
    assert!(!page.text.contains("19900000001"));
    let next = [("t", t.as_str()), ("next", "/offers/1")];
    let right = browser.post("/sign-in/code", &[next[0], next[1], ("code", &town.code())]).expect(303);
    assert!(right.location().starts_with("/sign-in/new?t="), "{}", right.location());
    let t = ticket(right.location());
    browser.follow(right).expect(200).has("建立账户");
    let fields = [("t", t.as_str()), ("next", "/offers/1"), ("name", "王秀英")];
    browser.post("/sign-in/new", &fields).expect(422).has("王秀英").has("需要您同意");
    let done = browser.post("/sign-in/new", &[fields[0], fields[1], fields[2], ("consent", "1")]).expect(303);
    assert_eq!(done.location(), "/offers/1");
    browser.get("/me").expect(200).has("王秀英").has("199****0001").has("Android · Chrome").has("账户已建立");
    let (consents,): (i64,) = store
        .read_blocking(|tx| {
            tx.one(
                store::sql!("SELECT count(*) FROM consent WHERE notice = $1"),
                store::params![people::PRIVACY_NOTICE],
            )
        })
        .unwrap();
    assert_eq!(consents, 1);

    browser.post("/sign-out", &[]).expect(303);
    browser.get("/me").expect(303);
    store.clock.set(store.clock().now().plus_minutes(2));
    browser.get("/sign-in").expect(200);
    let sent = browser.post("/sign-in", &[("phone", "19900000001")]).expect(303);
    let t = ticket(sent.location());
    browser.follow(sent).expect(200);
    let back = browser.post("/sign-in/code", &[("t", &t), ("code", &town.code())]).expect(303);
    assert_eq!(back.location(), "/passport", "known at once");
    let already = browser.get("/sign-in?next=//evil.example").expect(303);
    assert_eq!(already.location(), "/", "never out of the house");
}

fn limits_count_in_all_processes_together(store: &TestStore) {
    let towns = [Town::new(store), Town::another(store)];
    let mut browsers = towns.each_ref().map(Town::browser);
    // A code that one process sent keeps the other one from sending another.
    for browser in &mut browsers {
        browser.get("/sign-in").expect(200);
    }
    let sent = browsers[0].post("/sign-in", &[("phone", "19900000001")]).expect(303);
    let refused = browsers[1].post("/sign-in", &[("phone", "19900000001")]).expect(429).has("秒后再试");
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let mut program = towns[1].browser();
    program.get("/sign-in").expect(200);
    program.headers.push(("accept", "application/json".to_owned()));
    let problem = program.post("/sign-in", &[("phone", "19900000001")]).expect(429).has("\"web.too_many\"");
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    // Five tries are five tries, wherever they are made.
    let (t, code) = (ticket(sent.location()), towns[0].code());
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for n in 0..5 {
        browsers[n % 2].post("/sign-in/code", &[("t", &t), ("code", wrong)]).expect(422);
    }
    browsers[1].post("/sign-in/code", &[("t", &t), ("code", &code)]).expect(422).has("已失效");
    // Links that are none, from one address; the right one waits too, and another address does not.
    let person = towns[0].person("王秀英", None);
    let max = web::limit::LINK_ADDRESS.max;
    for n in 0..max {
        let link = format!("/sign-in/link/{n:043}");
        browsers[usize::try_from(n % 2).unwrap()].get(&link).expect(410);
    }
    let link = towns[0].link(person);
    for browser in &mut browsers {
        let refused = browser.get(&link).expect(429);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=web::limit::LINK_ADDRESS.seconds).contains(&wait), "{wait}");
    }
    let mut elsewhere = towns[1].browser();
    elsewhere.address = ([192, 0, 2, 7], 50_000).into();
    elsewhere.get(&link).expect(303);
    // No address stands in the database.
    let keys: Vec<(String,)> =
        store.read_blocking(|tx| tx.all(store::sql!("SELECT key FROM rate"), &[])).unwrap();
    assert!(keys.len() >= 5 && !keys.iter().any(|(key,)| key.contains("127.0.0.1")), "{keys:?}");
}

fn wrong_input_is_told_and_kept(store: &TestStore) {
    let town = Town::new(store);
    let mut browser = town.browser();
    browser.get("/sign-in?next=/a").expect(200);
    browser
        .post("/sign-in", &[("phone", ""), ("next", "/a")])
        .expect(422)
        .has("必须填写")
        .has("value=\"/a\"");
    browser
        .post("/sign-in", &[("phone", "12345")])
        .expect(422)
        .has("value=\"12345\"")
        .has("11位")
        .has("aria-invalid");
    browser.post("/sign-in", &[("phone", "19900000001")]).expect(303);
    browser
        .post("/sign-in", &[("phone", "19900000001")])
        .expect(429)
        .has("秒后再试")
        .has("value=\"19900000001\"");
    browser.forget_hidden();
    browser.post("/sign-in", &[("phone", "19900000002")]).expect(403);
}

fn a_wrong_code_counts_down_to_the_end(store: &TestStore) {
    let town = Town::new(store);
    let mut browser = town.browser();
    browser.get("/sign-in").expect(200);
    let sent = browser.post("/sign-in", &[("phone", "19900000001")]).expect(303);
    let t = ticket(sent.location());
    browser.follow(sent).expect(200);
    let code = town.code();
    let wrong = if code.starts_with('0') { "100000" } else { "000000" };
    browser.post("/sign-in/code", &[("t", &t), ("code", "")]).expect(422).has("必须填写");
    for left in ["4次", "3次", "2次", "1次"] {
        browser.post("/sign-in/code", &[("t", &t), ("code", wrong)]).expect(422).has(left).has("199****0001");
    }
    browser.post("/sign-in/code", &[("t", &t), ("code", wrong)]).expect(422).has("已失效");
    browser.post("/sign-in/code", &[("t", &t), ("code", &code)]).expect(422).has("已失效");
    browser.post("/sign-in/again", &[("t", &t)]).expect(429).has("秒后再试");
    store.clock.set(store.clock().now().plus_minutes(1));
    let again = browser.post("/sign-in/again", &[("t", &t)]).expect(303);
    let t = ticket(again.location());
    browser.follow(again).expect(200).has("新的验证码已发送");
    let full_width: String =
        town.code().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    browser.post("/sign-in/code", &[("t", &t), ("code", &full_width)]).expect(303);
}

fn tickets_that_are_not_ours_lead_to_the_beginning(store: &TestStore) {
    let town = Town::new(store);
    let mut browser = town.browser();
    for path in ["/sign-in/code", "/sign-in/new", "/sign-in/code?t=AAAA", "/sign-in/new?t=%E4%B9%A6"] {
        let answer = browser.get(path).expect(303);
        assert_eq!(answer.location(), "/sign-in");
        browser.follow(answer).expect(200).has("重新开始");
    }
    browser.get("/sign-in").expect(200);
    // A ticket for entering a code opens no account.
    let sent = browser.post("/sign-in", &[("phone", "19900000001")]).expect(303);
    let t = ticket(sent.location());
    let refused = browser.post("/sign-in/new", &[("t", &t), ("name", "王五"), ("consent", "1")]).expect(303);
    assert_eq!(refused.location(), "/sign-in");
    browser.get("/me").expect(303);
}

fn a_link_signs_in_once_and_a_preview_does_not_use_it(store: &TestStore) {
    let town = Town::new(store);
    let teacher = town.person("教师", None);
    let org: Id<Org> = Id::derived(b"centre");
    let cmd = RoleAt { person: teacher, role: Role::Teacher, org };
    store.write_blocking("test", move |tx| grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    let link = town.link(teacher);
    let mut browser = town.browser();
    browser.send(axum::http::Method::HEAD, &link, None, String::new()).expect(200);
    let begun = browser.get(&link).expect(303);
    assert_eq!(begun.location(), "/desk");
    browser.get("/me").expect(200).has("教师");
    let mut late = town.browser();
    late.get(&link).expect(410).has("只能用一次");
    late.get("/me").expect(303);
    late.get("/sign-in/link/nonsense").expect(410);
    let other = town.person("居民", None);
    let with_next = format!("{}?next=/classes/1", town.link(other));
    assert_eq!(late.get(&with_next).expect(303).location(), "/classes/1");
}

fn my_account_shows_and_ends_sessions(store: &TestStore) {
    let town = Town::new(store);
    let id = town.person("王秀英", Some("19900000001"));
    let card = CardNumber::of_serial(500_100_042);
    let number = card.digits().to_owned();
    store
        .write_blocking("test", move |tx| issue_card(tx, &vault(), &Actor::System("test"), id, &number))
        .unwrap();
    let (mut phone, mut desk, mut third) = (town.signed_in(id), town.signed_in(id), town.signed_in(id));
    let page = phone.get("/me").expect(200).has("当前设备");
    page.clone().has(&format!("{} {} {}", &card.digits()[..4], &card.digits()[4..8], &card.digits()[8..]));
    let ends: Vec<&str> =
        page.text.split("action=\"").filter_map(|part| part.split_once('"')).map(|(to, _)| to).collect();
    let ends: Vec<&str> = ends.into_iter().filter(|to| to.ends_with("/end")).collect();
    assert_eq!(ends.len(), 2, "every session but this one");

    let mut stranger = town.signed_in(town.person("别人", None));
    stranger.get("/me").expect(200).has("别人");
    stranger.post(ends[0], &[]).expect(404);
    phone.post(ends[0], &[]).expect(303);
    let gone = [desk.get("/me").status.as_u16(), third.get("/me").status.as_u16()];
    assert_eq!(gone.iter().filter(|status| **status == 303).count(), 1);
    phone.get("/me").expect(200).has("已让那台设备退出");
    phone.post("/me/sessions/end-others", &[]).expect(303);
    assert_eq!([desk.get("/me").status.as_u16(), third.get("/me").status.as_u16()], [303, 303]);
    phone.get("/me").expect(200);
    stranger.get("/me").expect(200);
}

fn every_page_says_who_may_see_it(store: &TestStore) {
    let town = Town::new(store);
    let mut nobody = town.browser();
    for path in ["/sign-in", "/about/privacy"] {
        nobody.get(path).expect(200);
    }
    assert_eq!(nobody.get("/me").expect(303).location(), "/sign-in?next=%2Fme");
    nobody.get("/sign-in").expect(200);
    for path in ["/me/sessions/00000000000000000000000000000000/end", "/me/sessions/end-others"] {
        nobody.post(path, &[]).expect(401);
    }
    let table = routes().table();
    let open: Vec<_> = table.iter().filter(|route| route.path.starts_with("/me")).collect();
    assert!(open.len() == 15 && open.iter().all(|route| route.access == web::Access::SignedIn));
}

fn the_pages_speak_english_and_elder(store: &TestStore) {
    let town = Town::new(store);
    let mut browser = town.browser();
    browser.get("/sign-in?lang=en&scale=elder");
    browser
        .get("/sign-in")
        .expect(200)
        .has("Mobile number")
        .has("data-scale=\"elder\"")
        .has("lang=\"en\"")
        .has("023-12345678");
    browser.get("/about/privacy").expect(200).has("Your rights");
    browser.get("/sign-in").expect(200);
    let sent = browser.post("/sign-in", &[("phone", "19900000001")]).expect(303);
    browser.follow(sent).expect(200).has("199****0001").has("one-time-code");
    let mut codes: Vec<String> = kernel::all_codes().iter().map(|code| code.message_key()).collect();
    codes.retain(|key| key.starts_with("error-people"));
    assert!(codes.len() >= 11, "{codes:?}");
    let keys: Vec<&str> = codes.iter().map(String::as_str).collect();
    web::i18n::check(&keys);
}

/// Every key that code or template names has words, and all words are used.
#[test]
fn no_word_is_missing_and_none_is_idle() {
    let sources = [
        include_str!("../src/web/sign_in.rs"),
        include_str!("../src/web/me.rs"),
        include_str!("../src/web/factor.rs"),
        include_str!("../src/web/helpers.rs"),
        include_str!("../src/web/helping.rs"),
        include_str!("../src/web/own.rs"),
        include_str!("../src/web/phone.rs"),
        include_str!("../src/change_phone.rs"),
        include_str!("../src/correct.rs"),
        include_str!("../src/leave.rs"),
        include_str!("../src/helper/agree.rs"),
        include_str!("../src/code.rs"),
        include_str!("../src/pin.rs"),
        include_str!("../src/enrol_factor.rs"),
        include_str!("../src/mend_factor.rs"),
        include_str!("../templates/people_factor.html"),
        include_str!("../templates/people_factor_codes.html"),
        include_str!("../templates/people_factor_new.html"),
        include_str!("../templates/people_sign_in.html"),
        include_str!("../templates/people_code.html"),
        include_str!("../templates/people_card.html"),
        include_str!("../templates/people_new.html"),
        include_str!("../templates/people_link_spent.html"),
        include_str!("../templates/people_me.html"),
        include_str!("../templates/people_correct.html"),
        include_str!("../templates/people_leave.html"),
        include_str!("../templates/people_phone.html"),
        include_str!("../templates/people_phone_code.html"),
        include_str!("../templates/people_helpers.html"),
        include_str!("../templates/people_helping.html"),
        include_str!("../templates/people_help_code.html"),
        include_str!("../templates/people_privacy.html"),
    ];
    let named = |key: &str| sources.iter().any(|text| text.contains(&format!("\"{key}\"")));
    let words: Vec<&str> = web::i18n::keys_of(include_str!("../i18n/zh-CN.ftl")).collect();
    let idle: Vec<_> = words
        .iter()
        .filter(|key| {
            let listed = ["error-", "people-privacy-", "people-help-may-", "people-help-relation-"];
            !listed.iter().any(|start| key.starts_with(start)) && !named(key)
        })
        .collect();
    assert_eq!(idle, Vec::<&&str>::new());
    for text in sources {
        let parts = text.split('"').filter(|part| {
            part.starts_with("people-") && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        });
        for key in parts {
            assert!(words.contains(&key), "{key}");
        }
    }
}
