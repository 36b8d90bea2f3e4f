//! Giving and ending roles by pages, and what the security administrator does for others: who may, who may not, what stays on record.

use kernel::{Actor, Id, Person, Role};
use people::{AskedOf, FACTOR_TRIES, FactorPolicy, RoleAt};
use store::{Statement, testing::TestStore};
use web::testing::Client;

use super::scene::{OPERATOR, Scene, factor_code, set_up_factor, verified};

struct Desk<'s> {
    scene: Scene,
    store: &'s TestStore,
    router: axum::Router,
}

impl<'s> Desk<'s> {
    fn new(store: &'s TestStore, policy: FactorPolicy) -> Self {
        let scene = Scene::new(store);
        let router = scene.serve_obliging(store, policy);
        Self { scene, store, router }
    }

    fn browser(&self, visitor: &str) -> Client {
        self.signed_in(self.scene.person(visitor).unwrap())
    }

    fn signed_in(&self, person: Id<Person>) -> Client {
        let mut client = Client::new(self.router.clone());
        let open = move |tx: &mut store::Tx| people::open_session(tx, person, "test");
        client.cookie("session", &self.store.write_blocking("test.session", open).unwrap().token);
        client.get("/about/design").expect(200);
        client
    }

    fn roles(&self, person: Id<Person>) -> Vec<Role> {
        let today = self.store.clock().now().day();
        let grants = self.store.read_blocking(move |tx| people::grants(tx, person, today)).unwrap();
        grants.into_iter().map(|grant| grant.role).collect()
    }

    /// Actors of the facts of a kind.
    fn actors(&self, kind: &str) -> Vec<String> {
        let text =
            format!("SELECT actor FROM fact WHERE kind = '{kind}' AND actor LIKE 'person:%' ORDER BY id");
        let read = move |tx: &mut store::Tx| tx.all(Statement::dynamic(text.clone()), &[]);
        let rows: Vec<(String,)> = self.store.read_blocking(read).unwrap();
        rows.into_iter().map(|(actor,)| actor).collect()
    }

    fn label(&self, visitor: &str) -> String {
        format!("person:{}", self.scene.person(visitor).unwrap())
    }
}

const RESIDENT: &str = "19900000001";

fn a_head_staffs_her_organisation_and_those_below(store: &TestStore) {
    let desk = Desk::new(store, FactorPolicy::off());
    let (city, resident) = (&desk.scene.city, desk.scene.person("resident").unwrap());
    let page = format!("/desk/orgs/{}/people", city.centre);
    let give = format!("{page}/give");
    let mut head = desk.browser("school");
    assert_eq!(head.get("/desk/people").expect(303).location(), format!("/desk/orgs/{}/people", city.school));
    head.get("/desk").expect(200).has(&format!("/desk/orgs/{}/people", city.school));
    head.get(&page).expect(200).has("教师").has("工作人员").has("系统程序（test）");
    // She is offered what she may give, and nothing else is taken from her.
    let form = head.get(&give).expect(200).has("value=\"head\"");
    assert!(!form.text.contains("value=\"auditor\""), "{}", form.text);
    for role in ["auditor", "system-administrator", "security-administrator"] {
        head.post(&give, &[("person", RESIDENT), ("role", role)]).expect(403);
    }
    assert_eq!(desk.roles(resident), []);
    let wrong = [("person", "19999999999"), ("role", "teacher"), ("until", "2026-11-22")];
    head.post(&give, &wrong).expect(422).has("没有找到这个人").has("value=\"19999999999\"");
    let wrong = [("person", RESIDENT), ("role", "teacher"), ("until", "2026-11-22")];
    head.post(&give, &wrong).expect(422).has("id=\"f-until-error\"").has("要在今天之后");
    head.post(&give, &[("person", "19900000005"), ("role", "teacher")]).expect(422).has("不能给自己");
    let right = [("person", RESIDENT), ("role", "teacher"), ("until", "2026-11-23")];
    let told = head.post(&give, &right).expect(303);
    head.follow(told).expect(200).has("已授予").has("到2026年11月23日").has("由 王秀英 授予");
    assert_eq!(desk.roles(resident), [Role::Teacher]);
    // The last day counts, the next one does not.
    let today = store.clock().now();
    store.clock.set(today.plus_minutes(24 * 60));
    assert_eq!(desk.roles(resident), []);
    store.clock.set(today);
    let end = format!("{page}/{resident}/end");
    head.get(&page).expect(200).has(&end);
    let told = head.post(&end, &[("role", "teacher")]).expect(303);
    head.follow(told).expect(200).has("已收回");
    assert_eq!(desk.roles(resident), []);
    head.post(&end, &[("role", "owner")]).expect(422);
    // Neither above herself, nor elsewhere, nor her own.
    let school = desk.scene.person("school").unwrap();
    for other in [city.college, city.top, city.other_school] {
        let page = format!("/desk/orgs/{other}/people");
        head.get(&page).expect(403);
        head.get(&format!("{page}/give")).expect(403);
        head.post(&format!("{page}/give"), &[("person", RESIDENT), ("role", "head")]).expect(403);
        head.post(&format!("{page}/{school}/end"), &[("role", "head")]).expect(403);
    }
    head.post(&format!("/desk/orgs/{}/people/{school}/end", city.school), &[("role", "head")]).expect(403);
    assert_eq!(desk.roles(school), [Role::Head]);
    // Nor does she learn of anybody who holds no role in her places.
    let stranger = desk.scene.person("stranger").unwrap();
    head.get(&format!("/desk/people/{stranger}")).expect(404);
    head.get("/desk/people?q=19900000003").expect(404);
    let staff = desk.scene.person("staff").unwrap();
    assert_eq!(
        head.get("/desk/people?q=19900000004").expect(303).location(),
        format!("/desk/people/{staff}")
    );
    let one = head.get(&format!("/desk/people/{staff}")).expect(200).has("工作人员").has("在任");
    assert!(!one.text.contains("两步验证"), "{}", one.text);
    head.post(&format!("/desk/people/{staff}/reset"), &[]).expect(403);
    head.get(&format!("{page}?q=秀英")).expect(200).has("工作人员");
    head.get(&format!("{page}?q=没有此人")).expect(200).has("没有姓名包含这些字的人");
    let own = desk.label("school");
    assert_eq!(desk.actors("people.role_granted.v1"), std::slice::from_ref(&own));
    assert_eq!(desk.actors("people.role_revoked.v1"), std::slice::from_ref(&own));
    assert!(desk.actors("people.names_read.v1").iter().all(|actor| *actor == own));
    assert_eq!(verified(store), []);
}

fn the_security_administrator_appoints_but_not_herself(store: &TestStore) {
    let desk = Desk::new(store, FactorPolicy::off());
    let (top, resident) = (desk.scene.city.top, desk.scene.person("resident").unwrap());
    let give = format!("/desk/orgs/{top}/people/give");
    let mut security = desk.browser("security");
    security.get("/desk").expect(200).has("/desk/security");
    security.get("/audit").expect(403);
    security.get("/desk/jobs").expect(403);
    security.get(&give).expect(200).has("value=\"auditor\"").has("value=\"system-administrator\"");
    // One of the three holds nothing else; the refusal names what is in the way, and what was typed stays.
    let told = security.post(&give, &[("person", "19900000004"), ("role", "auditor")]).expect(422);
    told.has("此人已是工作人员，不能再担任安全审计员").has("value=\"19900000004\"");
    security.post(&give, &[("person", "19900000010"), ("role", "auditor")]).expect(422).has("不能给自己");
    security.post(&give, &[("person", RESIDENT), ("role", "auditor")]).expect(303);
    assert_eq!(desk.roles(resident), [Role::Auditor]);
    let end = format!("/desk/orgs/{top}/people/{resident}/end");
    security.post(&end, &[("role", "auditor")]).expect(303);
    assert_eq!(desk.roles(resident), []);
    for (other, page) in
        [("city", "/desk/security"), ("system", "/desk/security"), ("auditor", "/desk/people")]
    {
        desk.browser(other).get(page).expect(403);
    }
    let system = format!("/desk/orgs/{top}/people");
    desk.browser("system").get(&system).expect(403);
    // Neither of the two sees people who learn.
    for administrator in ["system", "security"] {
        let mut client = desk.browser(administrator);
        client.get(&format!("/desk/classes/{}", desk.scene.class.class_id)).expect(403);
        client.get(&format!("/teach/sessions/{}", desk.scene.class.sessions[0])).expect(403);
    }
    assert_eq!(verified(store), []);
}

fn locks_are_ended_and_lost_factors_reset_by_another(store: &TestStore) {
    let desk = Desk::new(store, FactorPolicy::off());
    let staff = desk.scene.person("staff").unwrap();
    let secret = set_up_factor(store, &desk.scene.vault, staff);
    store.clock.set(store.clock().now().plus_minutes(1));
    let mut locked = desk.signed_in(staff);
    let wrong = if factor_code(store, &secret) == "111111" { "222222" } else { "111111" };
    for _ in 0..FACTOR_TRIES {
        locked.post("/second-factor", &[("code", wrong)]);
    }
    locked.post("/second-factor", &[("code", &factor_code(store, &secret))]).expect(429);
    let mut security = desk.browser("security");
    security.get("/desk/security").expect(200).has("王秀英").has(&format!("/desk/people/{staff}/unlock"));
    let told = security.post(&format!("/desk/people/{staff}/unlock"), &[]).expect(303);
    security.follow(told).expect(200).has("已解锁").has("已开启");
    security.get("/desk/security").expect(200).has("现在没有被锁定的账户");
    locked.post("/second-factor", &[("code", &factor_code(store, &secret))]).expect(303);
    locked.get("/desk").expect(200);
    let told = security.post(&format!("/desk/people/{staff}/reset"), &[]).expect(303);
    security.follow(told).expect(200).has("已重置").has("没有开启");
    locked.get("/desk").expect(303);
    // Her own she neither unlocks nor resets.
    let own = desk.scene.person("security").unwrap();
    security.post(&format!("/desk/people/{own}/reset"), &[]).expect(403);
    security.post(&format!("/desk/people/{own}/unlock"), &[]).expect(403);
    let label = desk.label("security");
    assert_eq!(desk.actors("people.factor_unlocked.v1"), std::slice::from_ref(&label));
    assert_eq!(desk.actors("people.factor_reset.v1"), std::slice::from_ref(&label));
    // The auditor reads all of it, in words.
    let trail = desk.browser("auditor");
    journal::drain(store, &crate::city::consumers()).unwrap();
    let mut auditor = trail;
    auditor
        .get("/audit?kind=security")
        .expect(200)
        .has("重置两步验证")
        .has("解锁两步验证")
        .has("多次输错被锁定");
    // A token is ended by the page, at once, with a fact.
    let (vault, resident) = (desk.scene.vault.clone(), desk.scene.person("resident").unwrap());
    let cmd = people::NewToken { person: resident, scopes: vec![web::api::Scope::MeRead], days: 9 };
    let made = store
        .write_blocking("test.token", move |tx| people::issue_token(tx, &vault, &OPERATOR, &cmd))
        .unwrap();
    let page = security.get("/desk/security").expect(200).has("me:read");
    assert!(!page.text.contains(&made.secret));
    security.post(&format!("/desk/security/tokens/{}/end", made.id), &[]).expect(303);
    security.post(&format!("/desk/security/tokens/{}/end", made.id), &[]).expect(404);
    security.get("/desk/security").expect(200).has("没有有效的令牌");
    assert_eq!(desk.actors("people.token_ended.v1"), [label]);
    assert_eq!(verified(store), []);
}

/// Where the city asks administrators for a second factor, nothing opens before it, and what is grave wants it again after ten minutes.
fn what_is_grave_wants_the_factor_again(store: &TestStore) {
    let scene_top = |scene: &Scene| scene.city.top;
    let scene = Scene::new(store);
    let policy =
        FactorPolicy { asked_of: AskedOf::Administrators, grace_days: 0, top: Some(scene_top(&scene)) };
    let router = scene.serve_obliging(store, policy);
    let desk = Desk { scene, store, router };
    let give = format!("/desk/orgs/{}/people/give", desk.scene.city.top);
    for visitor in ["city", "auditor", "system", "security"] {
        let mut half = desk.browser(visitor);
        for page in ["/desk", "/audit", "/desk/jobs", "/desk/security", "/passport", "/me", give.as_str()] {
            let sent = half.get(page).expect(303);
            assert!(
                sent.location().starts_with("/second-factor?next="),
                "{visitor} {page}: {}",
                sent.location()
            );
        }
        half.post(&give, &[("person", RESIDENT), ("role", "teacher")]).expect(401);
    }
    desk.browser("school").get("/desk").expect(200);
    let security = desk.scene.person("security").unwrap();
    let secret = set_up_factor(store, &desk.scene.vault, security);
    store.clock.set(store.clock().now().plus_minutes(1));
    let mut browser = desk.signed_in(security);
    browser.post("/second-factor", &[("code", &factor_code(store, &secret)), ("next", "/desk")]).expect(303);
    browser.get(&give).expect(200);
    store.clock.set(store.clock().now().plus_minutes(11));
    browser.get("/desk/security").expect(200);
    let again = browser.get(&give).expect(303);
    assert!(again.location().starts_with("/second-factor?next=%2Fdesk%2Forgs%2F"), "{}", again.location());
    // A form that was opened in time may be sent for twenty minutes more; then it is refused and nothing happens.
    store.clock.set(store.clock().now().plus_minutes(20));
    let form = [("person", RESIDENT), ("role", "auditor")];
    browser.post(&give, &form).expect(403).has("再做一次两步验证");
    assert_eq!(desk.roles(desk.scene.person("resident").unwrap()), []);
    browser.post("/second-factor", &[("code", &factor_code(store, &secret)), ("next", &give)]).expect(303);
    browser.post(&give, &form).expect(303);
    // A head below is not obliged, but gives no role without a factor where the city asks for factors at all.
    let below = format!("/desk/orgs/{}/people/give", desk.scene.city.centre);
    let mut head = desk.browser("school");
    let asked = head.get(&below).expect(303);
    assert!(asked.location().starts_with("/second-factor?next="), "{}", asked.location());
    head.post(&below, &[("person", RESIDENT), ("role", "teacher")]).expect(403);
    // Who becomes an administrator while she is signed in loses what she had until she has shown a factor.
    let new = desk.scene.person("resident").unwrap();
    let mut hers = desk.signed_in(new);
    hers.get("/me").expect(303);
    let cmd = RoleAt { person: new, role: Role::Auditor, org: desk.scene.city.top };
    store.write_blocking("test", move |tx| people::revoke_role(tx, &Actor::System("test"), &cmd)).unwrap();
    hers.get("/me").expect(200);
    assert_eq!(verified(store), []);
}

on_both! {
    a_head_staffs_her_organisation_and_those_below staffing_on_sqlite staffing_on_postgres,
    the_security_administrator_appoints_but_not_herself appointing_on_sqlite appointing_on_postgres,
    locks_are_ended_and_lost_factors_reset_by_another mending_on_sqlite mending_on_postgres,
    what_is_grave_wants_the_factor_again stepping_up_on_sqlite stepping_up_on_postgres,
}
