//! The second door, as a browser sees it: who must pass it gets nothing before, and what she set up she is asked for.

use kernel::{Actor, Id, Org, Person, Role};
use people::{AskedOf, FACTOR_TRIES, FactorPolicy, RoleAt, grant_role};
use seal::{TOTP_SECONDS, totp_code};
use store::{both_engines, testing::TestStore};
use web::testing::{Answer, Client};

use super::Town;

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    an_obliged_person_sets_a_factor_up_before_anything_opens,
    what_was_set_up_is_asked_for_until_it_is_shown,
    wrong_codes_end_in_a_lock_that_says_how_long_and_whom_to_ask,
    who_holds_no_role_is_not_asked,
}

trait Lacks {
    /// Fails if it contains this text.
    fn lacks(self, text: &str) -> Self;
}

impl Lacks for Answer {
    #[track_caller]
    fn lacks(self, text: &str) -> Self {
        assert!(!self.text.contains(text), "{}", self.text);
        self
    }
}

fn rule(asked_of: AskedOf) -> FactorPolicy {
    FactorPolicy { asked_of, grace_days: 0, top: Some(top()) }
}

fn top() -> Id<Org> {
    Id::derived(b"top")
}

fn appoint(town: &Town, name: &'static str, role: Role) -> Id<Person> {
    let person = town.person(name, None);
    let cmd = RoleAt { person, role, org: top() };
    town.store.write_blocking("test", move |tx| grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    person
}

/// What the page says to type by hand, as bytes (RFC 4648 section 6).
fn secret(page: &Answer) -> Vec<u8> {
    let text = page.text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.chars().filter(|c| *c != ' ') {
        bits = (bits << 5) | u32::try_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 255).unwrap());
        }
    }
    bytes
}

fn code(town: &Town, secret: &[u8], plus: i64) -> String {
    let step = town.store.clock().now().millis() / 1_000 / TOTP_SECONDS + plus;
    totp_code(secret, u64::try_from(step).unwrap())
}

fn wait(town: &Town, minutes: i64) {
    town.store.clock.set(town.store.clock().now().plus_minutes(minutes));
}

/// Goes through the set-up and gives the secret and the recovery codes.
fn set_up(town: &Town, browser: &mut Client) -> (Vec<u8>, Vec<String>) {
    let page = browser.get("/second-factor/new?next=/me").expect(200).has("<svg").has("第二步");
    assert_eq!(page.headers["cache-control"], "no-store");
    let secret = secret(&page);
    let t = page.field("t").unwrap();
    // A wrong code keeps the same secret on the page.
    let wrong = browser
        .post("/second-factor/new", &[("t", &t), ("next", "/me"), ("code", "000000")])
        .expect(422)
        .has("验证码与二维码不符");
    assert_eq!(self::secret(&wrong), secret);
    let fields = [("t", t.as_str()), ("next", "/me"), ("code", &code(town, &secret, 0))];
    let done = browser.post("/second-factor/new", &fields).expect(200).has("备用码").has("href=\"/me\"");
    assert_eq!(done.headers["cache-control"], "no-store");
    let codes: Vec<String> = done
        .text
        .split("<li><code>")
        .skip(1)
        .map(|part| part.split("</code>").next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), people::RECOVERY_CODES);
    (secret, codes)
}

fn an_obliged_person_sets_a_factor_up_before_anything_opens(store: &TestStore) {
    let town = Town::obliging(store, rule(AskedOf::Administrators));
    let admin = appoint(&town, "安保员", Role::SecurityAdministrator);
    let mut browser = town.browser();
    let signed = browser.get(&town.link(admin)).expect(303);
    assert_eq!(signed.location(), "/second-factor?next=%2Fdesk");
    // Neither what staff do nor what residents do, nor her name.
    let me = browser.get("/me").expect(303);
    assert_eq!(me.location(), "/second-factor?next=%2Fme");
    browser.get("/about/privacy").expect(200).has("完成两步验证").lacks("安保员");
    assert_eq!(browser.post("/me/sessions/end-others", &[]).status.as_u16(), 401);
    assert_eq!(browser.post("/second-factor/codes", &[]).status.as_u16(), 401);
    let asked = browser.get("/second-factor?next=/me").expect(303);
    assert_eq!(asked.location(), "/second-factor/new?next=%2Fme");
    let (_, codes) = set_up(&town, &mut browser);
    browser.get("/me").expect(200).has("安保员").has("还剩10个备用码").lacks(&codes[0]);
    let again = browser.get("/second-factor/new").expect(303);
    assert_eq!(again.location(), "/second-factor?next=%2Fdesk");
    // A link that leads elsewhere is no place to go on.
    let mut other = town.browser();
    other.get(&town.link(admin)).expect(303);
    for bad in ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"] {
        other.get(&format!("/second-factor?next={bad}")).expect(200).has("name=\"next\" value=\"/desk\"");
    }
    other.post("/sign-out", &[]).expect(303);
    assert_eq!(other.get("/second-factor").expect(303).location(), "/sign-in?next=%2Fsecond-factor");
}

fn what_was_set_up_is_asked_for_until_it_is_shown(store: &TestStore) {
    // Even where the city obliges nobody.
    let town = Town::obliging(store, FactorPolicy::off());
    let staff = appoint(&town, "工作员", Role::Staff);
    let mut browser = town.signed_in(staff);
    browser.get("/me").expect(200).has("没有开启");
    let (secret, codes) = set_up(&town, &mut browser);
    wait(&town, 1);
    let mut second = town.browser();
    let signed = second.get(&town.link(staff)).expect(303);
    assert_eq!(signed.location(), "/second-factor?next=%2Fdesk");
    second.get("/second-factor?next=/me").expect(200).has("两步验证");
    let now = code(&town, &secret, 0);
    assert_eq!(
        second.post("/second-factor", &[("code", &now), ("next", "/me")]).expect(303).location(),
        "/me"
    );
    second.get("/me").expect(200).has("工作员");
    // The same form again leads on; the same code in another browser does not.
    assert_eq!(
        second.post("/second-factor", &[("code", &now), ("next", "/me")]).expect(303).location(),
        "/me"
    );
    let mut third = town.browser();
    third.get(&town.link(staff)).expect(303);
    third.get("/second-factor").expect(200);
    let used = third.post("/second-factor", &[("code", &now), ("next", "/me")]).expect(422).has("已经用过");
    assert!(!used.text.contains(&now), "a code is not shown again");
    third.post("/second-factor", &[("code", &codes[0]), ("next", "/me")]).expect(303);
    third.get("/me").expect(200).has("还剩9个").has("备用码已使用");
    // New recovery codes want it to have been shown lately.
    third.post("/second-factor/codes", &[]).expect(200).has("之前的备用码已作废");
    wait(&town, 11);
    let late = third.post("/second-factor/codes", &[]).expect(303);
    assert_eq!(late.location(), "/second-factor?next=/me");
}

fn wrong_codes_end_in_a_lock_that_says_how_long_and_whom_to_ask(store: &TestStore) {
    let town = Town::obliging(store, rule(AskedOf::Staff));
    let staff = appoint(&town, "工作员", Role::Staff);
    let mut browser = town.browser();
    browser.get(&town.link(staff)).expect(303);
    let (secret, _) = set_up(&town, &mut browser);
    wait(&town, 1);
    let mut thief = town.browser();
    thief.get(&town.link(staff)).expect(303);
    thief.get("/second-factor").expect(200);
    let wrong = if code(&town, &secret, 0) == "111111" { "222222" } else { "111111" };
    for left in (1..FACTOR_TRIES).rev() {
        thief.post("/second-factor", &[("code", wrong)]).expect(422).has(&format!("还可以试{left}次"));
    }
    let locked =
        thief.post("/second-factor", &[("code", wrong)]).expect(429).has("已锁定").has("安全保密管理员");
    let seconds: i64 = locked.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((840..=901).contains(&seconds), "{seconds}");
    thief.post("/second-factor", &[("code", &code(&town, &secret, 0))]).expect(429);
    thief.get("/second-factor").expect(200).has("已锁定到");
    thief.get("/me").expect(303);
    wait(&town, 16);
    thief.post("/second-factor", &[("code", &code(&town, &secret, 0)), ("next", "/me")]).expect(303);
    thief.get("/me").expect(200);
}

fn who_holds_no_role_is_not_asked(store: &TestStore) {
    let town = Town::obliging(store, rule(AskedOf::Staff));
    let resident = town.person("居民", None);
    let mut browser = town.signed_in(resident);
    browser.get("/me").expect(200).lacks("两步验证");
    assert_eq!(browser.get("/second-factor/new").expect(303).location(), "/me");
    assert_eq!(browser.post("/second-factor/new", &[]).status.as_u16(), 403);
}
