//! The shell through the eyes of a browser, on both engines.

use kernel::{Error, Id, Org, Right, Role};
use store::testing::TestStore;
use web::{
    Access, Cx, Form, Level, Max, Path, Routes,
    testing::{Client, World},
};

kernel::codes! {
    /// A refusal of this test.
    FULL = Conflict "test.full";
}

async fn show(cx: Cx) -> String {
    format!(
        "<p>{} {} {}</p><input name=\"_csrf\" value=\"{}\">",
        cx.lang.tag(),
        cx.scale,
        cx.here(),
        cx.csrf()
    )
}

async fn change(cx: Cx, mut form: Form) -> web::Result {
    let name = form.required_text("name", Max(5));
    form.int("seats", 1..=9);
    form.finish()?;
    cx.flash(Level::Ok, &format!("谢谢{name}"));
    Ok(cx.redirect("/flash"))
}

async fn flash(cx: Cx) -> String {
    cx.take_flash().map_or_else(|| "nothing".to_owned(), |(level, text)| format!("{} {text}", level.as_str()))
}

async fn thing(Path(id): Path<Id<Org>>) -> web::Result<String> {
    Ok(id.to_string())
}

async fn refused() -> web::Result<String> {
    Err(Error::missing().arg("what", "x").into())
}

async fn broken() -> web::Result<String> {
    Err(Error::bug("the secret cause").into())
}

async fn panicking() -> web::Result<String> {
    panic!("the secret panic, on purpose")
}

async fn limited(cx: Cx) -> web::Result<String> {
    cx.store.write("test.limit", |tx| web::limit(tx, "k", 2, 60)).await?;
    Ok("in".to_owned())
}

async fn uploaded(form: Form) -> web::Result<String> {
    let file = form.upload("photo").ok_or_else(|| Error::field("photo", &kernel::REQUIRED))?;
    Ok(format!("{} {} {}", file.file_name, file.content_type, file.bytes.len()))
}

async fn busy() -> web::Result<String> {
    Err(Error::new(&store::UNAVAILABLE).into())
}

async fn leave(cx: Cx) -> web::Result {
    cx.clear_session();
    Ok(cx.redirect("//evil.example"))
}

fn routes() -> Routes {
    Routes::new()
        .get("/page", Access::Public, show)
        .post("/page", Access::Public, change)
        .get("/flash", Access::Public, flash)
        .get("/mine", Access::SignedIn, show)
        .post("/mine", Access::SignedIn, change)
        .get("/desk", Access::Right(Right::ManageOffers), show)
        .get("/inside", Access::LocalOnly, show)
        .get("/things/{id}", Access::Public, thing)
        .get("/refused", Access::Public, refused)
        .get("/broken", Access::Public, broken)
        .get("/panicking", Access::Public, panicking)
        .get("/busy", Access::Public, busy)
        .post("/leave", Access::SignedIn, leave)
        .get("/limited", Access::Public, limited)
        .upload("/photo", Access::Public, 100_000, uploaded)
        .get("/api/v1/thing", Access::SignedIn, show)
        .post("/api/v1/thing", Access::Public, change)
}

fn person(store: &TestStore) -> Id<kernel::Person> {
    store.write_blocking("test.person", |tx| Ok(tx.random_id())).unwrap()
}

fn org(store: &TestStore) -> Id<Org> {
    store.write_blocking("test.org", |tx| Ok(tx.new_id())).unwrap()
}

fn each_route_is_held_to_its_access(store: &TestStore) {
    let world = World::new(store, routes());
    let mut nobody = world.nobody();
    assert_eq!(nobody.get("/mine?x=1").expect(303).location(), "/sign-in?next=%2Fmine%3Fx%3D1");
    nobody.get("/page").expect(200);
    nobody.post("/mine", &[("name", "a")]).expect(401).has("请先登录");
    nobody.get("/desk").expect(303);
    nobody.get("/api/v1/thing").expect(401).has("kernel.sign_in");
    nobody.get("/inside").expect(200);
    nobody.address.set_ip([10, 0, 0, 1].into());
    nobody.get("/inside").expect(404);
    nobody.address.set_ip([127, 0, 0, 1].into());
    nobody.headers.push(("x-forwarded-for", "1.2.3.4".to_owned()));
    nobody.get("/inside").expect(404);

    let mut resident = world.person(person(store), &[]);
    resident.get("/mine").expect(200);
    resident.get("/desk").expect(403).has("没有权限");
    let mut auditor = world.person(person(store), &[(Role::Auditor, org(store))]);
    auditor.get("/desk").expect(403);
    let mut staff = world.person(person(store), &[(Role::Staff, org(store))]);
    staff.get("/desk").expect(200);

    let mut stranger = world.nobody();
    stranger.cookie("session", &"x".repeat(43));
    stranger.get("/mine").expect(303);
}

fn forged_forms_are_refused(store: &TestStore) {
    let world = World::new(store, routes());
    let right: &[(&str, &str)] = &[("name", "小明"), ("seats", "3")];
    let mut browser = world.nobody();
    browser.post("/page", right).expect(403).has("web.form_expired");
    browser.get("/page").expect(200);
    browser.post("/page", right).expect(303);
    browser.headers = vec![("sec-fetch-site", "cross-site".to_owned())];
    browser.post("/page", right).expect(403).has("web.cross_origin");
    browser.headers = vec![("origin", "https://evil.example".to_owned())];
    browser.post("/page", right).expect(403).has("web.cross_origin");
    browser.headers = vec![("origin", "http://xuecheng.test".to_owned())];
    browser.post("/page", right).expect(303);
    browser.headers.clear();
    browser.forget_hidden();
    browser.post("/page", right).expect(403);
    let plain = "name=a&seats=1".to_owned();
    browser.send(axum::http::Method::POST, "/page", Some("text/plain"), plain).expect(403);

    // A token of one visit is worth nothing in another.
    let mut other = world.nobody();
    let stolen = other.get("/page").field("_csrf").unwrap();
    browser.get("/page");
    browser.post("/page", &[("name", "a"), ("seats", "1"), ("_csrf", &stolen)]).expect(403);
}

fn a_message_survives_one_redirect(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    browser.get("/page");
    let answer = browser.post("/page", &[("name", "小明"), ("seats", "3")]).expect(303);
    browser.follow(answer).expect(200).has("ok 谢谢小明");
    browser.get("/flash").has("nothing");
}

fn failures_are_told_in_the_readers_language(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    browser.get("/nowhere").expect(404).has("没有找到这个页面").has("lang=\"zh-CN\"").has("回到首页");
    browser.get("/refused").expect(404);
    browser.get("/things/NOT-AN-ID").expect(404);
    let posted = browser.post("/flash", &[]).expect(405);
    assert!(posted.headers.contains_key("allow"));
    let broken = browser.get("/broken").expect(500).has("不是您操作的问题");
    assert!(!broken.text.contains("secret"));
    let broken = browser.get("/panicking").expect(500);
    assert!(!broken.text.contains("secret") && !broken.text.contains("on purpose"));
    browser.get("/nowhere?lang=en").expect(404).has("There is no such page").has("lang=\"en\"");
    // The choice is remembered.
    browser.get("/refused").has("There is no such page");
    browser.get("/page?a=b&scale=elder").has("en elder /page?a=b");
    browser.get("/page").has("en elder");

    let mut english = World::new(store, routes()).nobody();
    english.headers.push(("accept-language", "en-GB,en;q=0.9".to_owned()));
    english.get("/nowhere").has("There is no such page");
}

fn programs_get_problem_json(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    browser.get("/page");
    let answer = browser.post("/api/v1/thing", &[("name", "一二三四五六"), ("seats", "10")]).expect(422);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(problem["code"], "kernel.bad_fields");
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["type"], "http://xuecheng.test/about/errors#kernel.bad_fields");
    let fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| (&e["field"], &e["code"])).collect();
    assert_eq!(fields.len(), 2);
    assert_eq!((fields[0].0.as_str(), fields[0].1.as_str()), (Some("name"), Some("kernel.too_long")));
    assert_eq!(problem["errors"][1]["detail"], "请填写1到9之间的整数。");
    assert_eq!(problem["request_id"].as_str(), answer.headers["x-request-id"].to_str().ok());
    browser.headers.push(("accept", "application/json".to_owned()));
    browser.get("/nowhere").expect(404).has("kernel.missing");
}

fn every_answer_carries_the_safety_headers(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    let css = browser
        .get("/about/design")
        .expect(200)
        .text
        .split('"')
        .find(|part| part.ends_with(".css"))
        .unwrap()
        .to_owned();
    for path in [
        "/page",
        "/nowhere",
        "/broken",
        "/mine",
        "/healthz",
        "/about/errors",
        css.as_str(),
        "/assets/app.css",
    ] {
        let answer = browser.get(path);
        let policy =
            answer.headers.get("content-security-policy").unwrap_or_else(|| panic!("none on {path}"));
        assert!(policy.to_str().unwrap().starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
    let sheet = browser.get(&css).expect(200);
    assert_eq!(sheet.headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(sheet.text.len() < 30_000, "{} bytes", sheet.text.len());
    browser.get("/assets/app.css").expect(404);
    browser.get("/readyz").expect(200);
    let page = browser.get("/about/design");
    for forbidden in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
}

fn a_refused_form_keeps_what_was_typed(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    let first = browser.get("/about/design").expect(200);
    let key = first.field("_key").unwrap();
    let answer = browser
        .post(
            "/about/design",
            &[("title", "<书> \"法\""), ("seats", "九百"), ("place", "mars"), ("kind", "lecture")],
        )
        .expect(422)
        .has("有几处需要改一下")
        .has("href=\"#f-seats\"")
        .has("aria-describedby=\"f-seats-error\"")
        .has("aria-invalid=\"true\"")
        .has("请填写1到500之间的整数。")
        .has("value=\"lecture\" checked");
    assert_eq!(answer.field("title").unwrap(), "<书> \"法\"");
    assert_eq!(answer.field("seats").unwrap(), "九百");
    assert!(!answer.text.contains("<书>"));
    assert_ne!(answer.field("_key").unwrap(), key);
    let right =
        [("title", "书法"), ("seats", "30"), ("day", "2026-12-01"), ("place", "near"), ("agree", "1")];
    let answer = browser.post("/about/design", &right).expect(303);
    browser.follow(answer).has("表单没有问题");
}

fn bodies_have_limits_and_files_are_read(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    let csrf = browser.get("/page").field("_csrf").unwrap();
    browser.post("/page", &[("name", &"长".repeat(30_000))]).expect(413).has("64");
    let body = format!(
        "--B\r\ncontent-disposition: form-data; name=\"_csrf\"\r\n\r\n{csrf}\r\n--B\r\ncontent-disposition: form-data; \
         name=\"photo\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n{}\r\n--B--\r\n",
        "p".repeat(70_000)
    );
    let send = |browser: &mut Client, body: String| {
        browser.send(axum::http::Method::POST, "/photo", Some("multipart/form-data; boundary=B"), body)
    };
    send(&mut browser, body.clone()).expect(200).has("a.png image/png 70000");
    send(&mut browser, body.replace(&csrf, "no")).expect(403);
    send(&mut browser, body.replace("--B--", "")).expect(400);
}

fn what_is_done_too_often_is_refused(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    browser.get("/limited").expect(200);
    browser.get("/limited").expect(200);
    let refused = browser.get("/limited").expect(429).has("60秒后再试");
    assert_eq!(refused.headers["retry-after"], "60");
    let later = store.clock_now().plus_seconds(61);
    store.clock.set(later);
    browser.get("/limited").expect(200);
}

fn a_full_queue_asks_to_come_again(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    let answer = browser.get("/busy").expect(503).has("服务暂时繁忙");
    assert_eq!(answer.headers["retry-after"], "5");
}

fn signing_out_leaves_nothing_behind(store: &TestStore) {
    let world = World::new(store, routes());
    let mut browser = world.person(person(store), &[]);
    browser.get("/mine").expect(200);
    let answer = browser.post("/leave", &[]).expect(303);
    assert_eq!(answer.location(), "/");
    assert_eq!(answer.headers["clear-site-data"], "\"cache\"");
    browser.get("/mine").expect(303);
}

fn tokens_are_masked_anew(store: &TestStore) {
    let mut browser = World::new(store, routes()).nobody();
    let first = browser.get("/page").field("_csrf").unwrap();
    let second = browser.get("/page").field("_csrf").unwrap();
    assert_ne!(first, second);
    for token in [first, second] {
        browser.post("/page", &[("name", "a"), ("seats", "1"), ("_csrf", &token)]).expect(303);
    }
}

/// The clock of the test's store.
trait Now {
    fn clock_now(&self) -> kernel::Timestamp;
}

impl Now for TestStore {
    fn clock_now(&self) -> kernel::Timestamp {
        kernel::Clock::now(self.clock.as_ref())
    }
}

fn statements_are_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

store::both_engines!(&[web::MIGRATIONS];
    each_route_is_held_to_its_access,
    forged_forms_are_refused,
    a_message_survives_one_redirect,
    failures_are_told_in_the_readers_language,
    programs_get_problem_json,
    every_answer_carries_the_safety_headers,
    a_refused_form_keeps_what_was_typed,
    bodies_have_limits_and_files_are_read,
    what_is_done_too_often_is_refused,
    a_full_queue_asks_to_come_again,
    signing_out_leaves_nothing_behind,
    tokens_are_masked_anew,
    statements_are_accepted,
);

#[test]
fn every_code_has_words_in_both_languages() {
    let keys: Vec<String> = kernel::all_codes()
        .into_iter()
        .filter(|code| *code != &FULL)
        .map(kernel::Code::message_key)
        .collect();
    assert!(keys.len() > 25);
    web::i18n::check(&keys.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn no_words_are_missing_or_idle() {
    web::testing::check_words(env!("CARGO_MANIFEST_DIR"), &["web-error-", "web-design-"]);
}

#[test]
fn the_table_lists_every_route() {
    let table = routes().table();
    let find = |path: &str, method: &str| {
        table.iter().find(|line| line.path == path && line.method.as_str() == method).map(|line| line.access)
    };
    assert_eq!(find("/desk", "GET"), Some(Access::Right(Right::ManageOffers)));
    assert_eq!(find("/mine", "POST"), Some(Access::SignedIn));
    assert_eq!(find("/about/errors", "GET"), Some(Access::Public));
    assert_eq!(find("/mine", "PUT"), None);
}
