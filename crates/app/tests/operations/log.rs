//! What stands in the log, and what must not.

use crate::kit::{Ground, On, last_code, said, set_up_factor};

/// Lines of the day's files.
fn lines(ground: &Ground) -> Vec<serde_json::Value> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(ground.data().join("log")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        lines.extend(text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()));
    }
    lines
}

#[test]
fn a_whole_visit_leaves_no_personal_word_in_the_log() {
    let ground = Ground::empty(On::Sqlite);
    let made = ground.init(&["--base-url", "http://learn.example.cn"]);
    let link = said(&made);
    let token = link.split("/sign-in/link/").nth(1).unwrap().trim().to_owned();
    // Every event there is, of every part.
    let mut serving = ground.serve(&[("XUECHENG_LOG_FILTER", "trace")]);
    let mut staff = serving.browser();
    assert_eq!(staff.get(&format!("/sign-in/link/{token}")).status, 303);
    let session = staff.cookies["session"].clone();
    let factor = set_up_factor(&mut staff);
    staff.get("/desk");
    let (phone, name, query) = ("19900001234", "欧阳秀英", "秘密的书法课");
    let mut resident = serving.browser();
    let asked = resident.fill("/sign-in", "/sign-in", &[("phone", phone)]);
    assert_eq!(asked.status, 303, "{}", asked.text);
    let code = last_code(&ground.data(), phone);
    let page = asked.header("location").unwrap().to_owned();
    let ticket = page.split("t=").nth(1).unwrap().to_owned();
    let wrong = resident.fill(&page, "/sign-in/code", &[("t", &ticket), ("code", "000000")]);
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let proved = resident.fill(&page, "/sign-in/code", &[("t", &ticket), ("code", &code)]);
    assert_eq!(proved.status, 303, "{}", proved.text);
    let page = proved.header("location").unwrap().to_owned();
    let proof = page.split("t=").nth(1).unwrap().to_owned();
    let fields = [("t", proof.as_str()), ("name", name), ("consent", "on")];
    let registered = resident.fill(&page, "/sign-in/new", &fields);
    assert_eq!(registered.status, 303, "{}", registered.text);
    let own = resident.cookies["session"].clone();
    assert!(resident.get("/me").text.contains(name));
    resident.get("/search?q=%E7%A7%98%E5%AF%86%E7%9A%84%E4%B9%A6%E6%B3%95%E8%AF%BE");
    staff.fill("/teach", "/teach/sessions/00000000000000000000000000000000/card", &[("card", "1000000008")]);
    resident.get("/credentials/nonsense-1000000008");
    serving.signal("TERM");
    assert_eq!(serving.ended(20).code(), Some(0));
    let lines = lines(&ground);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let csrf = resident.cookies.get("visitor").cloned().unwrap_or_else(|| own.clone());
    let encoded = "%E7%A7%98%E5%AF%86";
    for secret in [
        factor.typed.as_str(),
        &factor.typed.replace(' ', ""),
        &seal::hex(&factor.secret),
        &format!("\"{}\"", factor.first),
        &factor.recovery[0],
        &factor.recovery[9],
        phone,
        &code,
        &ticket,
        &proof,
        name,
        query,
        encoded,
        "秘密",
        "1000000008",
        &token,
        &session,
        &own,
        &csrf,
        "张敏",
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} stands in the log: {line:?}");
    }
    // What has to be there is: each request once, with the pattern of its route and who acted, by kind.
    let requests: Vec<_> = lines.iter().filter(|line| line["target"] == "request").collect();
    let of = |route: &str, actor: &str| {
        requests.iter().filter(|line| line["route"] == route && line["actor"] == actor).count()
    };
    assert_eq!(of("/sign-in/link/{token}", "nobody"), 1, "{text}");
    assert_eq!((of("/desk", "staff"), of("/me", "resident"), of("/search", "resident")), (1, 1, 1));
    for line in &requests {
        assert!(line["status"].as_u64().is_some() && line["micros"].as_u64().is_some(), "{line}");
        assert_eq!(line["request_id"].as_str().map(str::len), Some(16), "{line}");
        assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{line}");
    }
}

#[test]
fn a_request_keeps_the_id_that_a_trusted_proxy_gave_it() {
    let ground = Ground::founded(On::Sqlite);
    let ask = |trusted: &str, id: &str| {
        let serving = ground.serve(&[("XUECHENG_WEB_TRUSTED_PROXIES", trusted)]);
        let mut browser = serving.browser();
        browser.headers.push(("x-request-id".to_owned(), id.to_owned()));
        let answer = browser.get("/no-such-page");
        assert_eq!(answer.status, 404);
        let told = answer.header("x-request-id").unwrap().to_owned();
        // The page of the failure says it, so that somebody can read it out on the telephone.
        assert!(answer.text.contains(&told), "{}", answer.text);
        told
    };
    assert_eq!(ask("127.0.0.1", "edge-7.42"), "edge-7.42");
    assert_eq!(ask("127.0.0.1", "a<script>").len(), 16);
    assert_eq!(ask("192.0.2.1", "edge-7.42").len(), 16);
    let text: String = lines(&ground).iter().map(|line| format!("{line}\n")).collect();
    assert!(text.contains("\"request_id\":\"edge-7.42\"") && !text.contains("script"), "{text}");
}
