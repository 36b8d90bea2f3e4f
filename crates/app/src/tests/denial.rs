//! What nobody gets who has no right to it: each route with an id in it, asked with **filled** forms by people of whom each would
//! be right somewhere else. Nothing may happen: the journal holds as many facts as before. A new route must be named here.

use axum::http::Method;
use kernel::{Id, Org, Person, Role};
use people::{Register, RoleAt};
use serde_json::{Value, json};
use store::{Engine, Tx, sql};
use web::{
    Access, RouteInfo,
    testing::{Answer, Client},
};

use super::{
    forms::{fields, good_fields, visitor},
    routes::{FORM_PAGE, Site, table},
    scene::OPERATOR,
};

/// What decides who may use a route with an id in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// A role at the organisation of the record.
    Role,
    /// A role there, or being the teacher of that very class.
    Teacher,
    /// The record belongs to one person; to others it does not exist.
    Owner,
    /// Whoever is signed in, for herself: the sender's own seat, her own check-in.
    Self_,
}

use Reach::{Owner, Role as ByRole, Self_, Teacher};

/// Each route with an id in its path that is not public.
fn reach(method: &Method, path: &str) -> Reach {
    let get = *method == Method::GET;
    match path {
        "/check-in/{session}" | "/classes/{class}/sign-up" | "/classes/{class}/cancel" => Self_,
        "/classes/{class}/seat" | "/passport/credits/{entry}" if get => Owner,
        "/me/sessions/{id}/end" | "/me/searches/{search}" | "/me/searches/{search}/remove" => Owner,
        "/invitations/{invitation}/accept" | "/invitations/{invitation}/decline" => Owner,
        "/me/helpers/{helper}/end" | "/helping/{person}/begin" | "/helping/{person}/end" => Owner,
        "/credentials/{file}/revoke"
        | "/desk/batches/{batch}"
        | "/desk/batches/{batch}/order"
        | "/desk/batches/{batch}/undo"
        // Exports are their owner's; who has no desk is told so at the door.
        | "/desk/exports/{id}"
        | "/desk/exports/{id}/delete"
        | "/desk/exports/{id}/file"
        | "/desk/jobs/{job}/give-up"
        | "/desk/jobs/{job}/retry"
        | "/desk/notices/for/{org}/{notice}"
        | "/desk/notices/for/{org}/{notice}/file"
        | "/desk/notices/for/{org}/{notice}/table"
        | "/desk/notices/sent/{notice}"
        | "/desk/notices/sent/{notice}/answers"
        | "/desk/notices/sent/{notice}/close"
        | "/desk/notices/sent/{notice}/edit"
        | "/desk/notices/sent/{notice}/extend"
        | "/desk/notices/sent/{notice}/file"
        | "/desk/notices/sent/{notice}/of/{org}"
        | "/desk/notices/sent/{notice}/of/{org}/return"
        | "/desk/notices/sent/{notice}/places"
        | "/desk/notices/sent/{notice}/remind"
        | "/desk/notices/sent/{notice}/send"
        | "/desk/notices/sent/{notice}/withdraw"
        | "/desk/offers/{id}/edit"
        | "/desk/offers/{id}/publish"
        | "/desk/offers/{id}/withdraw"
        | "/desk/offers/{offer}/classes/new"
        | "/desk/people/{person}"
        | "/desk/people/{person}/phone"
        | "/desk/people/{person}/phone/code"
        | "/desk/people/{person}/unlock"
        | "/desk/people/{person}/reset"
        | "/desk/orgs/{org}/people"
        | "/desk/orgs/{org}/people/give"
        | "/desk/orgs/{org}/people/import"
        | "/desk/orgs/{org}/people/import/table"
        | "/desk/orgs/{org}/people/import/{list}"
        | "/desk/orgs/{org}/people/import/{list}/drop"
        | "/desk/orgs/{org}/people/invite"
        | "/desk/orgs/{org}/people/invitations/{invitation}/remind"
        | "/desk/orgs/{org}/people/invitations/{invitation}/withdraw"
        | "/desk/orgs/{org}/people/{person}/end"
        | "/desk/security/tokens/{token}/end"
        | "/desk/orgs/{org}/place"
        | "/desk/orgs/{org}/name"
        | "/desk/orgs/{org}/found"
        | "/desk/orgs/{org}/import"
        | "/desk/orgs/{org}/import/table"
        | "/desk/orgs/{org}/import/{import}"
        | "/desk/orgs/{org}/import/{import}/faults"
        | "/desk/orgs/{org}/close"
        | "/desk/orgs/{org}/counter"
        | "/desk/orgs/{org}/counter/correct"
        | "/desk/orgs/{org}/counter/help"
        | "/desk/orgs/{org}/counter/phone"
        | "/desk/orgs/{org}/counter/phone/{person}"
        | "/desk/orgs/{org}/counter/renew"
        | "/desk/orgs/{org}/counter/{person}"
        | "/desk/orgs/{org}/move"
        | "/desk/reorganisations/{reorganisation}"
        | "/desk/reorganisations/{reorganisation}/confirm"
        | "/desk/reorganisations/{reorganisation}/discard"
        | "/desk/reorganisations/{reorganisation}/file"
        | "/desk/reorganisations/{reorganisation}/undo"
        | "/desk/orgs/{org}/offers"
        | "/desk/orgs/{org}/offers/new" => ByRole,
        "/desk/classes/{class}"
        | "/teach/classes/{class}/close"
        | "/teach/sessions/{session}"
        | "/teach/sessions/{session}/card"
        | "/teach/sessions/{session}/code"
        | "/teach/sessions/{session}/headcount"
        | "/teach/sessions/{session}/minutes"
        | "/teach/sessions/{session}/reverse"
        | "/teach/sessions/{session}/roll" => Teacher,
        _ => panic!("say in {} what decides who may use {method} {path}", file!()),
    }
}

/// All pages and forms, or all operations of the API, with an id whose use is not public.
fn guarded(api: bool) -> Vec<RouteInfo> {
    let closed =
        |route: &RouteInfo| matches!(route.access, Access::SignedIn | Access::Helped(_) | Access::Right(_));
    let asked = |route: &RouteInfo| route.path.contains('{') && route.operation.is_some() == api;
    table().into_iter().filter(|route| closed(route) && asked(route)).collect()
}

/// What decides about an operation of the API, who it is for, and a body that is right in every field.
fn operation(site: &Site, method: &Method, path: &str) -> (Reach, &'static str, Value) {
    let offer = || json!({ "kind": "course", "title": "国画入门", "summary": "零基础", "body": "带一支笔", "subject": site.subject(), "audience": "everyone", "cost_fen": 0 });
    let class = || {
        json!({ "title": "国画入门一班", "first": "2026-12-20T01:30:00Z", "minutes": 90, "sessions": 2, "every_days": 7,
            "capacity": 5, "venue": "学习中心" })
    };
    match (method.as_str(), path) {
        ("POST" | "DELETE", "/api/v1/classes/{class}/seat") => (Self_, "resident", json!({})),
        ("GET", "/api/v1/classes/{class}/roster") => (Teacher, "teacher", json!({})),
        ("POST", "/api/v1/sessions/{session}/card") => (Teacher, "teacher", json!({ "card": "1000000008" })),
        ("POST", "/api/v1/sessions/{session}/headcount") => {
            (Teacher, "teacher", json!({ "visitors": 3, "evidence": "签到纸一张" }))
        }
        ("GET", "/api/v1/organisations/{org}/offers") => (ByRole, "staff", json!({})),
        ("POST", "/api/v1/organisations/{org}/offers") => (ByRole, "staff", offer()),
        ("PUT", "/api/v1/offers/{offer}") => {
            let mut changed = offer();
            changed["revision"] = json!(1);
            (ByRole, "staff", changed)
        }
        ("POST", "/api/v1/offers/{offer}/classes") => (ByRole, "staff", class()),
        ("GET", "/api/v1/notices/{notice}/answers") => (ByRole, "college", json!({})),
        ("POST", "/api/v1/offers/{offer}/publish" | "/api/v1/offers/{offer}/withdraw") => {
            (ByRole, "staff", json!({}))
        }
        _ => panic!("say in {} what decides who may use {method} {path}", file!()),
    }
}

/// Everybody who comes to a door that is not hers.
const OUTSIDERS: [&str; 6] =
    ["elsewhere", "other-teacher", "other-resident", "revoked", "expired", "ended-session"];

/// A city with the outsiders in it, each with a browser that was signed in while it still had what it lost.
struct Doors {
    site: Site,
    browsers: Vec<(&'static str, Client)>,
    /// The same people by programs with tokens of theirs; the one of the ended session is ended too.
    programs: Vec<(&'static str, Client)>,
}

impl Doors {
    fn new(engine: Engine) -> Self {
        let site = Site::new(engine);
        let (centre, elsewhere) = (site.scene.city.centre, site.scene.city.other_school);
        let (mut browsers, mut programs) = (Vec::new(), Vec::new());
        for (n, outsider) in OUTSIDERS.into_iter().enumerate() {
            let held = match outsider {
                "elsewhere" => vec![(Role::Staff, elsewhere), (Role::Head, elsewhere)],
                "other-teacher" => vec![(Role::Teacher, centre)],
                "revoked" | "expired" | "ended-session" => vec![(Role::Staff, centre), (Role::Head, centre)],
                _ => Vec::new(),
            };
            let now = site.store.clock().now();
            if outsider == "expired" {
                site.store.clock.set(now.plus_minutes(-11 * 60));
            }
            let person = newcomer(&site, n, &held);
            let token = site
                .store
                .write_blocking("test.session", move |tx| people::open_session(tx, person, "test"))
                .unwrap()
                .token;
            let (mark, secret) = site.token_of(person);
            if ["revoked", "expired"].contains(&outsider) {
                take_away(&site, person, &held);
            }
            site.store.clock.set(now);
            if outsider == "ended-session" {
                let ended = token.clone();
                site.store.write_blocking("test.end", move |tx| people::close_session(tx, &ended)).unwrap();
                site.store
                    .write_blocking("test.end", move |tx| people::revoke_token(tx, &OPERATOR, mark))
                    .unwrap();
            }
            let mut program = site.program("nobody");
            program.headers.push(("authorization", format!("Bearer {secret}")));
            programs.push((outsider, program));
            let mut client = site.browser("nobody");
            client.cookie("session", &token);
            browsers.push((outsider, client));
        }
        Self { site, browsers, programs }
    }
}

fn newcomer(site: &Site, n: usize, held: &[(Role, Id<Org>)]) -> Id<Person> {
    let (vault, held) = (site.scene.vault.clone(), held.to_vec());
    site.store
        .write_blocking("test.newcomer", move |tx| {
            let phone = Some(format!("1987654320{n}"));
            let cmd = Register { name: "李外人".to_owned(), phone, demo: true, ..Register::default() };
            let person = people::register(tx, &vault, &OPERATOR, &cmd)?;
            for (role, org) in &held {
                people::grant_role(tx, &OPERATOR, &RoleAt { person, role: *role, org: *org })?;
            }
            Ok(person)
        })
        .unwrap()
}

fn take_away(site: &Site, person: Id<Person>, held: &[(Role, Id<Org>)]) {
    let held = held.to_vec();
    site.store
        .write_blocking("test.revoke", move |tx| {
            for (role, org) in &held {
                people::revoke_role(tx, &OPERATOR, &RoleAt { person, role: *role, org: *org })?;
            }
            Ok(())
        })
        .unwrap();
}

/// Facts that tell of a deed: what a page showed on the way is told by readings.
fn deeds(site: &Site) -> i64 {
    let count = |tx: &mut Tx| {
        tx.one::<(i64,)>(sql!("SELECT count(*) FROM fact WHERE kind <> 'people.names_read.v1'"), &[])
    };
    site.store.read_blocking(count).unwrap().0
}

/// Facts in the journal, with or without a position.
fn facts(site: &Site) -> i64 {
    let count = |tx: &mut Tx| tx.one::<(i64,)>(sql!("SELECT count(*) FROM fact"), &[]);
    site.store.read_blocking(count).unwrap().0
}

fn send(client: &mut Client, route: &RouteInfo, address: &str, body: &[(&str, &str)]) -> Answer {
    if route.method == Method::GET {
        return client.get(address);
    }
    client.get(FORM_PAGE).expect(200);
    client.post(address, body)
}

fn borrowed(body: &[(String, String)]) -> Vec<(&str, &str)> {
    body.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn outsiders_get_nothing(engine: Engine) {
    let mut doors = Doors::new(engine);
    let mut asked = 0;
    for route in guarded(false) {
        let reach = reach(&route.method, &route.path);
        let who = visitor(&route.path);
        let address = doors.site.address(&route.path, who);
        let body = good_fields(&doors.site, &route.path, route.method == Method::POST);
        let before = facts(&doors.site);
        for (outsider, client) in &mut doors.browsers {
            // What everybody does for herself, these may do too; only a session that ended does nothing.
            if reach == Self_ && *outsider != "ended-session" {
                continue;
            }
            let answer = send(client, &route, &address, &borrowed(&body));
            let told =
                format!("{} {} as {outsider}: {} {}", route.method, route.path, answer.status, answer.text);
            let status = answer.status.as_u16();
            let refused = match (*outsider, reach) {
                ("ended-session", _) => {
                    status == 401 || (status == 303 && answer.location().starts_with("/sign-in"))
                }
                (_, Owner) => status == 404,
                _ => status == 403 || status == 404,
            };
            assert!(refused, "{told}");
            assert!(!answer.text.contains("王秀英"), "a name is shown: {told}");
            asked += 1;
        }
        assert_eq!(facts(&doors.site), before, "something happened at {} {}", route.method, route.path);
    }
    assert!(asked > 100, "{asked}");
}

#[test]
fn outsiders_get_nothing_on_sqlite() {
    outsiders_get_nothing(Engine::Sqlite);
}

#[test]
fn outsiders_get_nothing_on_postgres() {
    outsiders_get_nothing(Engine::Postgres);
}

fn programs_of_outsiders_get_nothing(engine: Engine) {
    let mut doors = Doors::new(engine);
    let mut asked = 0;
    for route in guarded(true) {
        let (reach, who, body) = operation(&doors.site, &route.method, &route.path);
        let address = doors.site.address(&route.path, who);
        let call = |client: &mut Client| {
            let kind = (route.method != Method::GET).then_some("application/json");
            client.send(route.method.clone(), &address, kind, body.to_string())
        };
        let before = facts(&doors.site);
        for (outsider, program) in &mut doors.programs {
            if reach == Self_ && *outsider != "ended-session" {
                continue;
            }
            let answer = call(program);
            let told =
                format!("{} {} as {outsider}: {} {}", route.method, route.path, answer.status, answer.text);
            let status = answer.status.as_u16();
            let refused =
                if *outsider == "ended-session" { status == 401 } else { status == 403 || status == 404 };
            assert!(refused, "{told}");
            assert!(!answer.text.contains("王秀英"), "a name is shown: {told}");
            asked += 1;
        }
        assert_eq!(facts(&doors.site), before, "something happened at {} {}", route.method, route.path);
        // The same words from whom it is for are not refused for who says them, nor for how they are said.
        let answer = call(&mut doors.site.program(who));
        let taken = answer.status.is_success() || answer.status.as_u16() == 409;
        assert!(taken, "{} {} as {who}: {} {}", route.method, route.path, answer.status, answer.text);
    }
    assert!(asked > 40, "{asked}");
}

#[test]
fn programs_of_outsiders_get_nothing_on_sqlite() {
    programs_of_outsiders_get_nothing(Engine::Sqlite);
}

#[test]
fn programs_of_outsiders_get_nothing_on_postgres() {
    programs_of_outsiders_get_nothing(Engine::Postgres);
}

/// An answer without what is drawn anew for each: ids, tokens, numbers of requests.
fn plain(answer: &Answer) -> String {
    let (mut out, mut word) = (String::new(), String::new());
    let whole = format!("{} {}\n{}\n", answer.status, answer.location(), answer.text);
    for c in whole.chars() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            word.push(c);
            continue;
        }
        out.push_str(if word.len() >= 16 { "·" } else { &word });
        word.clear();
        out.push(c);
    }
    out
}

/// Where existence is a secret, the answer is that of an id which does not exist: drafts of others, others' seats, entries and sessions.
#[test]
fn what_is_secret_is_answered_as_what_does_not_exist() {
    let mut doors = Doors::new(Engine::Sqlite);
    let (centre, staff) = (doors.site.scene.city.centre, doors.site.scene.actor("staff"));
    let draft = doors
        .site
        .store
        .write_blocking("test.draft", move |tx| {
            let words = catalog::testing::words("草稿");
            catalog::draft_offer(tx, &staff, &catalog::DraftOffer { org_id: centre, words, demo: false })
        })
        .unwrap()
        .to_string();
    let unknown = "019aa000000070008000000000000000".to_owned();
    let mut compared = 0;
    for route in guarded(false) {
        let offers = route.path.starts_with("/desk/offers/");
        let exports = route.path.starts_with("/desk/exports/");
        let notices = route.path.starts_with("/desk/notices/");
        let reorganisations = route.path.starts_with("/desk/reorganisations/");
        if !offers && !exports && !notices && !reorganisations && reach(&route.method, &route.path) != Owner {
            continue;
        }
        let body = good_fields(&doors.site, &route.path, route.method == Method::POST);
        let known = doors.site.address(&route.path, visitor(&route.path));
        let id = known.split('/').find(|part| part.len() == unknown.len()).unwrap().to_owned();
        let real = if offers { known.replace(&id, &draft) } else { known.clone() };
        for (outsider, client) in &mut doors.browsers {
            let there = send(client, &route, &real, &borrowed(&body));
            let nowhere = send(client, &route, &known.replace(&id, &unknown), &borrowed(&body));
            let told = format!("{} {} as {outsider}", route.method, route.path);
            assert_eq!(plain(&there), plain(&nowhere), "{told}");
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared}");
    let mut staff = doors.site.browser("staff");
    staff.get(&format!("/desk/offers/{draft}/edit")).expect(200).has("草稿");
}

/// The same form twice is done once, and another one under the same key is not done.
fn replayed(engine: Engine) {
    for route in guarded(false).into_iter().filter(|route| route.method == Method::POST) {
        let site = Site::new(engine);
        let who = visitor(&route.path);
        // Elsewhere nobody takes a role, because she would be another visitor afterwards.
        let address = if route.path == "/invitations/{invitation}/accept" {
            format!("/invitations/{}/accept", site.invitation(true))
        } else {
            site.address(&route.path, who)
        };
        let body = good_fields(&site, &route.path, true);
        let mut client = site.browser(who);
        client.get(FORM_PAGE).expect(200);
        if route.path.ends_with("/minutes") || route.path.ends_with("/reverse") {
            let roll = address.replace("/minutes", "/roll").replace("/reverse", "/roll");
            client
                .post(&roll, &borrowed(&good_fields(&site, "/teach/sessions/{session}/roll", true)))
                .expect(303);
        }
        let key = "0123456789abcdef0123456789abcdef";
        let sent: Vec<(&str, &str)> = borrowed(&body).into_iter().chain([("_key", key)]).collect();
        let first = client.post(&address, &sent);
        // The very form that others are refused passes every question of right when it comes from whom it concerns.
        let status = first.status.as_u16();
        assert!(![401, 403, 404].contains(&status), "{} as {who}: {status} {}", route.path, first.text);
        let after_first = deeds(&site);
        let second = client.post(&address, &sent);
        let told = format!("{}: {} then {} {}", route.path, first.status, second.status, second.text);
        assert_eq!(deeds(&site), after_first, "done twice: {told}");
        // A ticket is sealed anew each time.
        let page = |answer: &Answer| answer.location().split("?t=").next().map(str::to_owned);
        let same = second.status == first.status && page(&second) == page(&first);
        // What says of itself that it was done already is an answer too.
        let done = [404, 409, 422].contains(&second.status.as_u16());
        // An old session does not carry a new role: who took it signs in again.
        let done = done || (route.path.ends_with("/accept") && second.status.as_u16() == 401);
        assert!(same || done, "{told}");
        if !remembered(&route.path) {
            continue;
        }
        assert!(first.status == 303 && same, "{told}");
        let changed: Vec<(&str, String)> = fields(&site, &route.path)
            .iter()
            .map(|field| (field.name, field.changed().unwrap_or_else(|| field.good.clone())))
            .collect();
        let mut other: Vec<(&str, &str)> =
            changed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        other.push(("_key", key));
        let elsewhere = if changed.is_empty() {
            address.replace(&site.class_id(), &site.scene.class.class_id.to_string())
        } else {
            address.clone()
        };
        let third = client.post(&elsewhere, &other);
        let told = format!("{}: {} {}", route.path, third.status, third.text);
        assert!([409, 422].contains(&third.status.as_u16()), "{told}");
        assert!(third.text.contains("用别的内容提交过"), "{told}");
        assert_eq!(deeds(&site), after_first, "{told}");
    }
}

/// Forms whose key is remembered with the answer; the others can happen only once by what they change.
fn remembered(path: &str) -> bool {
    matches!(
        path,
        "/classes/{class}/sign-up"
            | "/desk/offers/{offer}/classes/new"
            | "/desk/notices/for/{org}/{notice}"
            | "/desk/notices/sent/{notice}/edit"
            | "/desk/notices/sent/{notice}/of/{org}/return"
            | "/desk/notices/sent/{notice}/withdraw"
            | "/desk/orgs/{org}/offers/new"
            | "/desk/orgs/{org}/found"
            | "/desk/orgs/{org}/move"
            | "/desk/reorganisations/new"
            | "/helping/child"
            | "/teach/sessions/{session}/headcount"
    )
}

#[test]
fn a_form_sent_twice_is_done_once_on_sqlite() {
    replayed(Engine::Sqlite);
}

#[test]
fn a_form_sent_twice_is_done_once_on_postgres() {
    replayed(Engine::Postgres);
}

#[test]
fn a_filled_form_from_elsewhere_or_with_anothers_token_does_nothing() {
    let site = Site::new(Engine::Sqlite);
    let mut strange = site.browser("nobody");
    let token = strange.get(FORM_PAGE).expect(200).field("_csrf").unwrap();
    for route in guarded(false).into_iter().filter(|route| route.method == Method::POST) {
        let who = visitor(&route.path);
        let body = good_fields(&site, &route.path, true);
        let address = site.address(&route.path, who);
        let before = facts(&site);
        for trick in ["origin", "fetch-site", "anothers-token", "no-token"] {
            let mut client = site.browser(who);
            client.get(FORM_PAGE).expect(200);
            let mut sent = borrowed(&body);
            match trick {
                "origin" => client.headers.push(("origin", "https://elsewhere.example".to_owned())),
                "fetch-site" => client.headers.push(("sec-fetch-site", "cross-site".to_owned())),
                "anothers-token" => sent.push(("_csrf", &token)),
                _ => client.forget_hidden(),
            }
            let answer = client.post(&address, &sent);
            assert_eq!(answer.status.as_u16(), 403, "{} by {trick}: {}", route.path, answer.text);
        }
        assert_eq!(facts(&site), before, "{}", route.path);
    }
}
