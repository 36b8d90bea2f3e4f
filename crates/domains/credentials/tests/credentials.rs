//! Certificates from the completion to the check, on both engines.

use std::sync::Arc;

use axum::http::Method;
use credentials::{
    Answer, Credential, Found, Issuer, Shown, Verdict, answer, badge, by_serial, count, count_of_person,
    credential, credentials_of_person, holder, jwt, pdf, read_file, read_text, revoke,
    testing::{Certified, certified, consumers, issuer, vault},
    token,
};
use journal::Consumer as _;
use kernel::{Lang, PageRequest, Role};
use network::testing::{refusal, somebody};
use seal::SigningKey;
use serde_json::Value;
use store::{Tx, both_engines, sql, testing::TestStore};
use web::testing::{Client, TestSessions, shell};

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, credentials::MIGRATIONS,
    ];
    a_completion_gets_one_credential,
    a_tampered_table_is_found,
    the_token_is_ours_and_agrees_with_the_record,
    what_is_not_true_is_told,
    revoking_needs_the_right_and_a_reason,
    the_page_and_its_files,
    anybody_can_check,
    a_strange_character_is_told_and_not_dropped,
    every_statement_is_accepted,
);

fn made(store: &TestStore) -> Certified {
    certified(store, "王秀英").expect("the class is completed")
}

fn problems(store: &TestStore) -> Vec<journal::Problem> {
    let key = SigningKey::from_seed(&[1; 32]).verifying_key();
    store
        .read_blocking(move |tx| journal::verify(tx, &key, "test", &|_| {}))
        .expect("it can be read")
        .problems
}

fn a_completion_gets_one_credential(store: &TestStore) {
    let Certified { city, holder: person, other, credential: c, .. } = made(store);
    assert_eq!((c.title.as_str(), c.attended, c.planned, c.minutes.0), ("书法入门", 2, 3, 180));
    assert_eq!((c.org_id, c.org_name.as_str(), c.is_valid()), (city.centre, "磁器口社区学习中心", true));
    // A week before the third session the class could not be closed; it was closed when that began.
    assert_eq!(c.issued_at, kernel::Clock::now(store.clock.as_ref()));
    assert_eq!(problems(store), []);

    // The reactor is given the same facts once more, as after a lost cursor.
    let again = move |tx: &mut Tx| {
        let facts = journal::facts_after(tx, 0, 1_000)?;
        assert!(facts.iter().any(|fact| fact.kind == learning::facts::COMPLETED));
        credentials::Certificate.apply(tx, &facts)
    };
    store.write_blocking("test", again).expect("nothing to do");
    journal::drain(store, &consumers()).expect("nothing new");
    let (id, serial) = (c.credential_id, c.serial.clone());
    let (held, none, all, by_number, by_id) = store
        .read_blocking(move |tx| {
            let page = PageRequest::first(1);
            let held = credentials_of_person(tx, person, &page)?;
            Ok((held, count_of_person(tx, other)?, count(tx)?, by_serial(tx, &serial)?, credential(tx, id)?))
        })
        .expect("they are read");
    assert_eq!((held.rows.len(), held.next, none, all), (1, None, 0, 1));
    assert_eq!((by_number.as_ref(), by_id.as_ref()), (Some(&c), Some(&c)));
    assert_eq!(problems(store), []);

    let issued: Vec<(String, String)> = store
        .read_blocking(|tx| {
            tx.all(sql!("SELECT payload, actor FROM fact WHERE kind = 'credentials.issued.v1'"), &[])
        })
        .expect("it is read");
    let [(payload, actor)] = &issued[..] else { panic!("{issued:?}") };
    assert_eq!(actor, "system:credentials.certificate");
    let payload: credentials::Issued = serde_json::from_str(payload).expect("the payload is readable");
    assert_eq!((payload.credential_id, payload.person_id, payload.minutes), (id, person, c.minutes));
}

fn a_tampered_table_is_found(store: &TestStore) {
    let Certified { credential: c, .. } = made(store);
    let found =
        |store: &TestStore| problems(store).into_iter().map(|p| (p.check, p.record)).collect::<Vec<_>>();
    let record = format!("credential:{}", c.credential_id);
    store
        .write_blocking("test", |tx| tx.exec(sql!("UPDATE credential SET minutes = 600"), &[]))
        .expect("somebody with the password can do it");
    let row = format!("credential:{}/{}", c.person_id, c.credential_id);
    assert_eq!(found(store), [("row".to_owned(), row), ("credentials".to_owned(), record)]);
    store.write_blocking("test", |tx| tx.exec(sql!("DELETE FROM credential"), &[])).expect("or even this");
    let missing = found(store);
    assert!(
        missing.iter().any(|(check, record)| check == "credentials" && record.starts_with("completion:")),
        "{missing:?}"
    );
}

fn asked(store: &TestStore, issuer: &Issuer, shown: &Shown) -> Answer {
    let (issuer, shown) = (issuer.clone(), shown.clone());
    store.read_blocking(move |tx| answer(tx, &issuer, &vault(), &shown)).expect("it is answered")
}

fn verdict(store: &TestStore, text: &str) -> Verdict {
    let now = kernel::Clock::now(store.clock.as_ref());
    asked(store, &issuer(), &read_text(&issuer(), text, now)).verdict
}

fn signed(c: &Credential, name: &str) -> String {
    token(&issuer(), &badge(&issuer(), c, Some(name)).expect("a badge")).expect("a token")
}

fn the_token_is_ours_and_agrees_with_the_record(store: &TestStore) {
    let Certified { credential: c, .. } = made(store);
    let now = kernel::Clock::now(store.clock.as_ref());
    let text = signed(&c, "王秀英");
    assert_eq!(text, signed(&c, "王秀英"), "the same bytes each time");
    let read = jwt::verify(&text, &issuer().public(), now).expect("our own");
    assert_eq!(read.recipient_name(), Some("王秀英"));
    assert!(read.belongs_to(&c.person_id.to_string()));
    assert_eq!(read.id(), format!("http://xuecheng.test/credentials/{}", c.credential_id));
    assert!(!text.contains(&c.person_id.to_string()) && !seal_text(&text).contains(&c.person_id.to_string()));

    let all = asked(store, &issuer(), &read_text(&issuer(), &text, now));
    assert_eq!((all.verdict, all.holder.as_deref(), all.differs.len()), (Verdict::True, Some("王秀英"), 0));
    assert!(all.steps.iter().all(|step| step.found == Found::Good), "{:?}", all.steps);
    assert_eq!(all.steps.len(), 5);
    // Broken into lines by a mail program.
    let lines: String =
        text.as_bytes().chunks(64).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
    assert_eq!(verdict(store, &lines), Verdict::True);
    // Under another address of the same site, such as after a move to another domain.
    let moved = Issuer { base_url: "https://new.example.cn".to_owned(), ..issuer() };
    assert_eq!(asked(store, &moved, &read_text(&moved, &text, now)).verdict, Verdict::True);
    // The name was corrected in the record since.
    let older = asked(store, &issuer(), &read_text(&issuer(), &signed(&c, "王秀"), now));
    assert_eq!((older.verdict, older.differs), (Verdict::Outdated, vec!["holder"]));
}

/// The payload of a token.
fn seal_text(token: &str) -> String {
    let payload = token.split('.').nth(1).and_then(seal::from_base64url).expect("base64url");
    String::from_utf8(payload).expect("text")
}

fn what_is_not_true_is_told(store: &TestStore) {
    let Certified { credential: c, .. } = made(store);
    let now = kernel::Clock::now(store.clock.as_ref());
    let text = signed(&c, "王秀英");
    let parts: Vec<&str> = text.split('.').collect();
    let altered = seal_text(&text).replace("王秀英", "王大明");
    let altered = format!("{}.{}.{}", parts[0], seal::base64url(altered.as_bytes()), parts[2]);
    assert_eq!(verdict(store, &altered), Verdict::Altered);

    // Somebody signs with a key of her own, which stands in the token, and names us as the issuer.
    let forger = Issuer { key: SigningKey::from_seed(&[66; 32]), ..issuer() };
    let forged = token(&forger, &badge(&forger, &c, Some("王大明")).expect("a badge")).expect("a token");
    assert_eq!(verdict(store, &forged), Verdict::Altered);
    let other = Issuer { base_url: "https://other.example".to_owned(), ..forger };
    let foreign = token(&other, &badge(&other, &c, Some("王大明")).expect("a badge")).expect("a token");
    let foreign = asked(store, &issuer(), &read_text(&issuer(), &foreign, now));
    assert_eq!((foreign.verdict, foreign.credential), (Verdict::Foreign, None));
    assert_eq!(foreign.claimed_issuer, "https://other.example/credentials/issuer");

    // Signed by us, but the record is gone.
    let mut nowhere = c.clone();
    nowhere.credential_id = "00000000000000000000000000000001".parse().expect("an id");
    assert_eq!(verdict(store, &signed(&nowhere, "王秀英")), Verdict::Unknown);
    // Before its time.
    store.clock.set(c.issued_at.plus_minutes(-60));
    assert_eq!(verdict(store, &text), Verdict::TooEarly);
    store.clock.set(c.issued_at);

    let plain = badge(&issuer(), &c, Some("王秀英")).expect("a badge");
    let mut plain = Value::Object(plain.document().clone());
    let unsigned = asked(store, &issuer(), &read_text(&issuer(), &plain.to_string(), now));
    assert_eq!((unsigned.verdict, unsigned.steps[0].found), (Verdict::True, Found::Nothing));
    plain["credentialSubject"]["result"][0]["value"] = "1800".into();
    plain["credentialSubject"]["more"] = "x".into();
    let changed = asked(store, &issuer(), &read_text(&issuer(), &plain.to_string(), now));
    assert_eq!((changed.verdict, changed.differs), (Verdict::Altered, vec!["minutes"]));

    assert_eq!(verdict(store, &c.credential_id.to_string()), Verdict::True);
    let by_number = asked(store, &issuer(), &read_text(&issuer(), c.serial.as_str(), now));
    assert_eq!(
        (by_number.verdict, by_number.holder.as_deref(), by_number.masked),
        (Verdict::True, Some("王＊＊"), true)
    );
    let none = "XC-2026-000-000-0";
    let wrong: Vec<Verdict> =
        "0123456789ABCDEFGHJKMNPQRSTVWXY".chars().map(|c| verdict(store, &format!("{none}{c}"))).collect();
    assert!(wrong.iter().all(|verdict| matches!(verdict, Verdict::Unreadable)), "too short: {wrong:?}");
    let wrong: Vec<Verdict> =
        "0123456789ABCDEFGHJKMNPQRSTVWXY".chars().map(|c| verdict(store, &format!("{none}0{c}"))).collect();
    assert_eq!(
        wrong.iter().filter(|verdict| **verdict == Verdict::Unknown).count(),
        1,
        "one check character fits"
    );
}

fn revoking_needs_the_right_and_a_reason(store: &TestStore) {
    let Certified { city, credential: c, .. } = made(store);
    let id = c.credential_id;
    let attempt = |actor: kernel::Actor, reason: &'static str| {
        store.write_blocking("test", move |tx| revoke(tx, &actor, id, reason))
    };
    assert_eq!(refusal(attempt(somebody(5, Role::Staff, city.other_school), "错")), "kernel.denied");
    assert_eq!(refusal(attempt(somebody(5, Role::Teacher, city.centre), "错")), "kernel.denied");
    assert_eq!(refusal(attempt(kernel::Actor::Nobody, "错")), "kernel.sign_in");
    let staff = somebody(6, Role::Head, city.college);
    assert_eq!(refusal(attempt(staff.clone(), " ")), "kernel.bad_fields");
    let before = signed(&c, "王秀英");
    attempt(staff.clone(), "出席登记有误").expect("the head of the college may");
    assert_eq!(refusal(attempt(staff, "再来")), "credentials.already_revoked");
    journal::drain(store, &consumers()).expect("consumers run");
    assert_eq!(problems(store), []);
    assert_eq!(verdict(store, &before), Verdict::Revoked);
    let now = store.read_blocking(move |tx| credential(tx, id)).expect("it is read").expect("it is kept");
    assert_eq!((now.is_valid(), now.revoked_reason.as_deref(), now.rev), (false, Some("出席登记有误"), 2));
    let printed = pdf(&issuer(), &now, Some("王秀英"), Lang::Zh, true);
    assert_eq!(refusal(printed.map(|_| ())), "credentials.is_revoked");
    assert_eq!(store.read_blocking(count).expect("it is read"), 0);
}

struct Site {
    router: axum::Router,
    sessions: Arc<TestSessions>,
}

impl Site {
    fn new(store: &TestStore) -> Self {
        let sessions = Arc::new(TestSessions::default());
        let shell = shell(store, sessions.clone()).with(Arc::new(issuer())).with(vault());
        Self { router: credentials::routes().build(shell), sessions }
    }

    fn nobody(&self) -> Client {
        Client::new(self.router.clone())
    }

    fn staff(&self, actor: &kernel::Actor) -> Client {
        let grants: Vec<_> = actor.grants().iter().map(|grant| (grant.role, grant.org)).collect();
        let mut client = self.nobody();
        client.cookie("session", &self.sessions.open(actor.person().expect("a person"), &grants));
        client
    }
}

fn header<'a>(answer: &'a web::testing::Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

fn the_page_and_its_files(store: &TestStore) {
    let Certified { city, credential: c, .. } = made(store);
    let site = Site::new(store);
    let mut nobody = site.nobody();
    let path = format!("/credentials/{}", c.credential_id);
    let page = nobody.get(&path).expect(200).has("王秀英").has("书法入门").has("磁器口社区学习中心");
    let page = page.has("3 小时").has(c.serial.as_str()).has("有效证书").has("<svg").has("noindex");
    assert_eq!(header(&page, "x-robots-tag"), "noindex, nofollow");
    assert!(
        !page.text.contains("/revoke")
            && !page.text.contains('⟦')
            && !page.text.contains(&c.person_id.to_string())
    );
    let english =
        nobody.get(&format!("{path}?lang=en")).expect(200).has("3 hours").has("A valid certificate");
    assert!(!english.text.contains('⟦'));
    nobody.cookie("lang", "zh-CN");

    let token = nobody.get(&format!("{path}.jwt")).expect(200);
    assert_eq!(
        (header(&token, "content-type"), header(&token, "access-control-allow-origin")),
        ("application/vc+jwt", "*")
    );
    let now = kernel::Clock::now(store.clock.as_ref());
    let keys = nobody.get("/.well-known/jwks.json").expect(200);
    let keys: Value = serde_json::from_str(&keys.text).expect("JSON");
    let key = seal::VerifyingKey::from_jwk(&keys["keys"][0]).expect("a key");
    assert!(jwt::verify(&token.text, &key, now).is_ok());
    let kid = keys["keys"][0]["kid"]
        .as_str()
        .and_then(|kid| kid.strip_prefix("http://xuecheng.test"))
        .expect("a kid");
    nobody.get(kid).expect(200).has("Ed25519");
    nobody.get("/credentials/keys/other").expect(404);

    let document = nobody.get(&format!("{path}.json")).expect(200);
    assert_eq!(header(&document, "content-type"), "application/vc+ld+json");
    let document: Value = serde_json::from_str(&document.text).expect("JSON");
    assert!(credentials::proof::verify(document.as_object().expect("an object"), &key));
    let profile: Value =
        serde_json::from_str(&nobody.get("/credentials/issuer").expect(200).text).expect("JSON");
    assert_eq!(profile["id"], document["issuer"]["id"]);
    assert_eq!(profile["verificationMethod"][0]["id"], document["proof"]["verificationMethod"]);

    let paper = nobody.get(&format!("{path}.pdf?lang=en")).expect(200);
    assert_eq!(header(&paper, "content-type"), "application/pdf");
    assert!(paper.text.starts_with("%PDF-1.7"));
    nobody.cookie("lang", "zh-CN");
    for wrong in
        [format!("{path}.docx"), "/credentials/abc".to_owned(), format!("/credentials/{}", "0".repeat(32))]
    {
        nobody.get(&wrong).expect(404);
    }

    let ask = format!("{path}/revoke");
    nobody.get(&ask).expect(303);
    site.staff(&network::testing::resident(9)).get(&ask).expect(403);
    site.staff(&somebody(5, Role::Staff, city.other_school)).get(&ask).expect(403);
    let mut staff = site.staff(&somebody(6, Role::Staff, city.school));
    staff.get(&path).expect(200).has("/revoke");
    staff.get(&ask).expect(200).has("王秀英");
    staff.post(&ask, &[("reason", "")]).expect(422).has("这一项必须填写");
    let done = staff.post(&ask, &[("reason", "登记有误")]).expect(303);
    staff.follow(done).expect(200).has("证书已撤销").has("登记有误").has("不再有效");
    staff.get(&ask).expect(409);
    nobody.get(&path).expect(200).has("登记有误");
    for ending in ["json", "jwt", "pdf"] {
        nobody.get(&format!("{path}.{ending}")).expect(409).has("已被撤销");
    }
}

/// A form with a file, as a browser sends it.
fn upload(client: &mut Client, csrf: &str, name: &str, content: &str) -> web::testing::Answer {
    let part = |name: &str, more: &str, content: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
    };
    let file = format!("; filename=\"{name}\"");
    let body = part("_csrf", "", csrf) + &part("c", "", "") + &part("file", &file, content) + "--b--\r\n";
    client.send(Method::POST, "/verify", Some("multipart/form-data; boundary=b"), body)
}

fn anybody_can_check(store: &TestStore) {
    let Certified { credential: c, .. } = made(store);
    let site = Site::new(store);
    let mut nobody = site.nobody();
    let csrf = nobody.get("/verify").expect(200).has("multipart/form-data").field("_csrf").expect("a token");
    nobody.post("/verify", &[("c", "")]).expect(422);
    let text = signed(&c, "王秀英");
    nobody.post("/verify", &[("c", &text)]).expect(200).has("真实有效").has("一字未改").has("王秀英");
    nobody.post("/verify", &[("c", "hello")]).expect(200).has("看不懂");
    nobody.post("/verify", &[("c", "https://other.example/badges/1")]).expect(200).has("不是本平台颁发的");
    let masked = nobody.get(&format!("/verify?c={}", c.serial)).expect(200).has("真实有效").has("王＊＊");
    assert!(
        !masked.text.contains("王秀英")
            && !masked.text.contains(&format!("href=\"/credentials/{}", c.credential_id))
    );
    nobody.get(&format!("/verify?c={}", c.credential_id)).expect(200).has("王秀英");
    let page =
        nobody.get(&format!("/verify?c={}&lang=en", c.credential_id)).expect(200).has("True and valid");
    assert!(!page.text.contains('⟦'));
    nobody.cookie("lang", "zh-CN");

    upload(&mut nobody, &csrf, "a.jwt", &text).expect(200).has("真实有效");
    let document = nobody.get(&format!("/credentials/{}.json", c.credential_id)).text;
    upload(&mut nobody, &csrf, "a.json", &document).expect(200).has("真实有效").has("一字未改");
    let altered = document.replace("书法入门", "高等数学");
    upload(&mut nobody, &csrf, "a.json", &altered).expect(200).has("被改动或伪造");
    upload(&mut nobody, "wrong", "a.jwt", &text).expect(403);

    // The test client sends texts only, so the reading of a PDF is tried without it.
    let printed = pdf(&issuer(), &c, Some("王秀英"), Lang::Zh, true).expect("printed");
    assert_eq!(printed, pdf(&issuer(), &c, Some("王秀英"), Lang::Zh, true).expect("printed"));
    let now = kernel::Clock::now(store.clock.as_ref());
    assert_eq!(read_file(&issuer(), &printed, now), Shown::Address(c.credential_id, true));
}

fn a_strange_character_is_told_and_not_dropped(store: &TestStore) {
    let Certified { credential: c, holder: person, .. } =
        certified(store, "王\u{1f600}").expect("the class is completed");
    let name = store.read_blocking(move |tx| holder(tx, &vault(), person)).expect("it is read");
    assert_eq!(name.as_deref(), Some("王\u{1f600}"));
    let site = Site::new(store);
    let path = format!("/credentials/{}", c.credential_id);
    site.nobody().get(&path).expect(200).has("王\u{1f600}");
    site.nobody().get(&format!("{path}.pdf")).expect(422).has("U+1F600").has("证书本身有效");
    let mut english = site.nobody();
    english.cookie("lang", "en");
    english.get(&format!("{path}.pdf")).expect(422).has("U+1F600").has("our font lacks");
    site.nobody().get(&format!("{path}.jwt")).expect(200);
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

#[test]
fn every_word_is_there() {
    let verdicts = [
        Verdict::True,
        Verdict::Outdated,
        Verdict::Altered,
        Verdict::Revoked,
        Verdict::Expired,
        Verdict::TooEarly,
        Verdict::Foreign,
        Verdict::Unknown,
        Verdict::Unreadable,
    ];
    let mut keys: Vec<String> = verdicts
        .iter()
        .flat_map(|verdict| ["", "-what"].map(|end| format!("credentials-verdict-{}{end}", verdict.as_str())))
        .collect();
    let codes = kernel::all_codes().into_iter().filter(|code| code.name.starts_with("credentials."));
    keys.extend(codes.map(kernel::Code::message_key));
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    web::i18n::check(&keys);
}
