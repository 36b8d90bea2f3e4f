//! The API as a program sees it: what it describes is what it does.

use axum::http::{Method, header};
use serde_json::{Value, json};
use store::Engine;
use web::testing::{Answer, Client};

use super::routes::{Site, table};

fn parsed(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("no JSON: {}", answer.text))
}

fn get(client: &mut Client, path: &str) -> Value {
    parsed(&client.get(path).expect(200))
}

fn send(client: &mut Client, method: Method, path: &str, body: &Value) -> Answer {
    client.send(method, path, Some("application/json"), body.to_string())
}

fn one_thread(engine: Engine) {
    let site = Site::new(engine);
    let mut nobody = site.program("nobody");
    let mut staff = site.program("staff");
    let org = site.scene.city.centre;

    // Written, published and opened by a program of the staff.
    let words = json!({ "kind": "course", "title": "国画入门", "summary": "零基础", "body": "带一支笔", "subject": site.subject(),
        "audience": "everyone", "cost_fen": 1_250 });
    let offers = format!("/api/v1/organisations/{org}/offers");
    let key = "0123456789abcdef0123456789abcdef";
    staff.headers.push(("idempotency-key", key.to_owned()));
    let made = parsed(&send(&mut staff, Method::POST, &offers, &words).expect(201));
    let again = parsed(&send(&mut staff, Method::POST, &offers, &words).expect(201));
    assert_eq!(made, again, "the same key is the same deed");
    let other = json!({ "kind": "course", "title": "别的", "subject": site.subject(), "audience": "everyone", "cost_fen": 0 });
    send(&mut staff, Method::POST, &offers, &other).expect(409).has("journal.key_reused");
    staff.headers.pop();
    let offer = format!("/api/v1/offers/{}", made["id"].as_str().unwrap());
    nobody.get(&offer).expect(404);
    assert_eq!(get(&mut staff, &offer)["status"], "draft");
    let published = send(&mut staff, Method::POST, &format!("{offer}/publish"), &json!({})).expect(200);
    assert_eq!(parsed(&published)["status"], "published");
    assert_eq!(get(&mut nobody, &offer)["cost_fen"], 1_250);
    let class = json!({ "title": "国画入门一班", "first": "2026-12-20T01:30:00Z", "minutes": 90, "sessions": 2, "every_days": 7,
        "capacity": 1, "venue": "学习中心" });
    let class = parsed(&send(&mut staff, Method::POST, &format!("{offer}/classes"), &class).expect(201));
    let class = format!("/api/v1/classes/{}", class["id"].as_str().unwrap());

    // A seat is taken, shown as taken, refused to the next, and given back.
    let (mut resident, mut other) = (site.program("resident"), site.program("stranger"));
    let seat = format!("{class}/seat");
    assert_eq!(parsed(&send(&mut resident, Method::POST, &seat, &json!({})).expect(200))["new"], true);
    assert_eq!(get(&mut nobody, &class)["free"], 0);
    send(&mut other, Method::POST, &seat, &json!({})).expect(409).has("activities.full").has("mend");
    assert_eq!(get(&mut staff, &format!("{class}/roster"))["items"].as_array().unwrap().len(), 1);
    resident.get(&format!("{class}/roster")).expect(403);
    send(&mut resident, Method::DELETE, &seat, &json!({})).expect(200);
    assert_eq!(get(&mut nobody, &class)["free"], 1);

    // What the resident learned.
    let me = get(&mut resident, "/api/v1/me");
    assert!(me["sessions"].as_i64() == Some(2) && me["certificates"].as_i64() == Some(1), "{me}");
    assert_eq!(get(&mut resident, "/api/v1/me/attendances?limit=1")["items"].as_array().unwrap().len(), 1);
    let certificates = get(&mut resident, "/api/v1/me/certificates");
    let serial = json!({ "credential": certificates["items"][0]["serial"] });
    let verdict = parsed(&send(&mut nobody, Method::POST, "/api/v1/credentials/verify", &serial).expect(200));
    assert!(verdict["verdict"] == "true" && verdict["credential"].is_null(), "{verdict}");
    assert_eq!(get(&mut resident, "/api/v1/me/balance")["thousandths"], me["credit_thousandths"]);
}

#[test]
fn a_program_goes_the_whole_way_on_sqlite() {
    one_thread(Engine::Sqlite);
}

#[test]
fn a_program_goes_the_whole_way_on_postgres() {
    one_thread(Engine::Postgres);
}

#[test]
fn keys_of_pages_lead_through_everything_once() {
    let site = Site::new(Engine::Sqlite);
    let mut nobody = site.program("nobody");
    for path in ["/api/v1/organisations", "/api/v1/figures/reported", "/api/v1/offers"] {
        let whole = get(&mut nobody, &format!("{path}?limit=100"));
        let whole: Vec<Value> = whole["items"].as_array().unwrap().clone();
        let (mut parts, mut after) = (Vec::new(), String::new());
        loop {
            let part = get(&mut nobody, &format!("{path}?limit=2{after}"));
            parts.extend(part["items"].as_array().unwrap().clone());
            let Some(next) = part["next"].as_str() else { break };
            after = format!("&after={}", web::fuzzing::encode(next));
            assert!(parts.len() <= 200, "{path} never ends");
        }
        assert_eq!(parts[..whole.len().min(100)], whole[..], "{path}");
    }
}

#[test]
fn a_token_opens_what_its_scopes_say_and_nothing_else() {
    let site = Site::new(Engine::Sqlite);
    let token = |scopes: Vec<web::api::Scope>| {
        let cmd = people::NewToken { person: site.scene.person("staff").unwrap(), scopes, days: 1 };
        let vault = site.scene.vault.clone();
        site.store
            .write_blocking("test", move |tx| people::issue_token(tx, &vault, &super::scene::OPERATOR, &cmd))
            .unwrap()
    };
    let with = |header: String| {
        let mut client = site.program("nobody");
        client.headers.push(("authorization", header));
        client
    };
    let desk = format!("/api/v1/organisations/{}/offers", site.scene.city.centre);
    let reading = token(vec![web::api::Scope::MeRead]);
    let mut client = with(format!("Bearer {}", reading.secret));
    client.get("/api/v1/me").expect(200);
    client.get(&desk).expect(403).has("web.scope");
    let desk_token = token(vec![web::api::Scope::Desk]);
    let mut client = with(format!("Bearer {}", desk_token.secret));
    client.get("/api/v1/me").expect(403).has("web.scope");
    client.get(&desk).expect(200);
    // As user and password too, but only under its own name.
    let basic = |user: String, secret: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{secret}")))
    };
    with(basic(reading.id.to_string(), &reading.secret)).get("/api/v1/me").expect(200);
    with(basic(desk_token.id.to_string(), &reading.secret)).get("/api/v1/me").expect(401);
    for wrong in ["Bearer x", "Basic x", "", &format!("Bearer {}", "A".repeat(43))] {
        let answer = with(wrong.to_owned()).get("/api/v1/offers").expect(401).has("web.bad_token");
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    // A cookie means nothing to the API, and a token nothing to the pages.
    let mut browser = site.browser("staff");
    browser.get("/api/v1/me").expect(401);
    with(format!("Bearer {}", reading.secret)).get("/passport").expect(303);
    // Ended at once.
    let id = reading.id;
    assert!(
        site.store
            .write_blocking("test", move |tx| people::revoke_token(tx, &super::scene::OPERATOR, id))
            .unwrap()
    );
    with(format!("Bearer {}", reading.secret)).get("/api/v1/me").expect(401);
}

#[test]
fn what_is_wrong_is_named_with_its_value_and_its_mend() {
    let site = Site::new(Engine::Sqlite);
    let mut nobody = site.program("nobody");
    let answer = parsed(&nobody.get("/api/v1/organisations?limit=0&kind=palace&x=1").expect(422));
    let named: Vec<(&str, &str, &str)> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["field"].as_str().unwrap(), e["code"].as_str().unwrap(), e["value"].as_str().unwrap()))
        .collect();
    let expected = [
        ("limit", "kernel.bad_number", "0"),
        ("kind", "kernel.bad_choice", "palace"),
        ("x", "web.unknown_field", "1"),
    ];
    assert_eq!(named, expected);
    assert!(
        answer["mend"].as_str().is_some_and(|mend| !mend.is_empty()) && answer["code"] == "kernel.bad_fields"
    );
    let path = "/api/v1/credentials/verify";
    for (body, status, code) in [
        (String::new(), 400, "web.bad_request"),
        ("{".to_owned(), 400, "web.bad_request"),
        ("[]".to_owned(), 400, "web.bad_request"),
        (format!("{{\"credential\":{}1", "[".repeat(100_000)), 413, "web.too_large"),
        (format!("{{\"credential\":{}", "[".repeat(10_000)), 400, "web.bad_request"),
        ("{\"credential\":\"a\",\"credential\":\"b\"}".to_owned(), 400, "web.bad_request"),
        ("{}".to_owned(), 422, "kernel.required"),
        ("{\"credential\":5}".to_owned(), 422, "web.bad_type"),
        ("{\"credential\":\"a\\u0000\"}".to_owned(), 422, "web.bad_characters"),
        ("{\"credential\":\"a\",\"b\":1}".to_owned(), 422, "web.unknown_field"),
    ] {
        nobody.send(Method::POST, path, Some("application/json"), body).expect(status).has(code);
    }
    nobody.send(Method::POST, path, Some("text/plain"), "{}".to_owned()).expect(415);
    nobody.send(Method::PUT, path, None, String::new()).expect(405).has("web.method");
}

/// Every pattern that the document shows is one that the program compares.
#[test]
fn the_document_names_every_operation_and_no_unknown_pattern() {
    let site = Site::new(Engine::Sqlite);
    let document = get(&mut site.program("nobody"), "/api/v1/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = 0;
    for route in
        table().iter().filter(|route| route.path.starts_with("/api/v1/") && route.operation.is_some())
    {
        let described = &document["paths"][&route.path][route.method.as_str().to_ascii_lowercase()];
        assert!(described["operationId"].is_string(), "{} {}", route.method, route.path);
        assert_eq!(described["security"].is_null(), route.access == web::Access::Public, "{}", route.path);
        operations += 1;
    }
    assert!(operations >= 25, "{operations}");
    let known =
        [web::api::LINE, web::api::TEXT, "^[0-9a-f]{32}$", "^[0-9]{12}$", "^[0-9]{10}$", "^[0-9]{4}$"];
    let mut patterns = Vec::new();
    collect(&document, &mut patterns);
    assert!(patterns.len() > 20 && patterns.iter().all(|p| known.contains(&p.as_str())), "{patterns:?}");
}

fn collect(value: &Value, patterns: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            patterns.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, patterns));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, patterns)),
        _ => {}
    }
}
