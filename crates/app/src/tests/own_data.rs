//! What is kept of somebody, as she gets it herself, and what is left when she has gone.

use std::io::{Cursor, Read as _};

use serde_json::Value;
use store::Engine;
use web::testing::Answer;

use super::{routes::Site, scene::verified};

fn part(answer: &Answer, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn everything_of_hers_and_nobody_elses(engine: Engine) {
    let site = Site::new(engine);
    let person = site.scene.person("resident").unwrap();
    let mut resident = site.browser("resident");
    let page = resident.get("/me/data").expect(200).has("王秀英").has("19900000001").has("1000000008");
    page.has("到场记录").has("下载我的信息");
    let file = resident.post("/me/data/archive", &[]).expect(200);
    assert_eq!(file.headers["content-type"], "application/zip");
    assert_eq!(file.headers["cache-control"], "no-store");
    let html = part(&file, "xuecheng.html");
    for words in ["王秀英", "19900000001", "1000000008", "学分"] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
    assert!(!html.contains('⟦'), "{html}");
    let all: Value = serde_json::from_str(&part(&file, "xuecheng.json")).unwrap();
    assert_eq!(all["opened"]["phone"], "19900000001");
    for (table, rows) in
        [("my_attendance", 2), ("credential", 1), ("entry", 2), ("consent", 1), ("helper", 1)]
    {
        assert_eq!(all["rows"][table].as_array().map(Vec::len), Some(rows), "{table}: {all}");
    }
    // Each fact has its place in the public log, and is about her.
    let facts = all["facts"].as_array().unwrap();
    assert!(facts.len() >= 6, "{facts:?}");
    for fact in facts {
        assert!(fact["position"].as_i64().unwrap() > 0, "{fact}");
    }
    // No other person's telephone, and no key of hers.
    let text = part(&file, "xuecheng.json");
    for other in ["19900000002", "wrapped", "token_hash", "stop_key"] {
        assert!(!text.contains(other), "{other} is in {text}");
    }
    assert!(text.contains(&person.to_string()));
    // It is for nobody else, and not for ever again.
    site.browser("helper").get("/me/data").expect(403);
    for _ in 1..web::limit::OWN_DATA_PERSON.max {
        resident.post("/me/data/archive", &[]).expect(200);
    }
    resident.post("/me/data/archive", &[]).expect(429);
}

fn she_leaves_and_nothing_of_her_is_read_any_more(engine: Engine) {
    let site = Site::new(engine);
    let mut resident = site.browser("resident");
    resident.get("/me/leave").expect(200).has("会被抹除的").has("会留下的");
    resident.post("/me/leave", &[]).expect(422).has("请勾选");
    resident.post("/me/leave", &[("understood", "1")]).expect(303);
    resident.get("/me").expect(200).has("您已申请注销");
    resident.get("/me/leave").expect(200).has("撤回注销申请");
    resident.post("/me/leave/withdraw", &[]).expect(303);
    resident.get("/me/leave").expect(200);
    resident.post("/me/leave", &[("understood", "1")]).expect(303);
    let minutes = people::LEAVE_DAYS * 24 * 60;
    site.store.clock.set(site.store.clock().now().plus_minutes(minutes));
    crate::serve::leaving::work(&site.store, &site.scene.vault);
    let (person, vault) = (site.scene.person("resident").unwrap(), site.scene.vault.clone());
    assert_eq!(site.store.read_blocking(move |tx| people::name(tx, &vault, person)).unwrap(), None);
    resident.get("/me").expect(303);
    assert_eq!(verified(&site.store), []);
}

#[test]
fn everything_of_hers_and_nobody_elses_on_sqlite() {
    everything_of_hers_and_nobody_elses(Engine::Sqlite);
}

#[test]
fn everything_of_hers_and_nobody_elses_on_postgres() {
    everything_of_hers_and_nobody_elses(Engine::Postgres);
}

#[test]
fn she_leaves_and_nothing_of_her_is_read_any_more_on_sqlite() {
    she_leaves_and_nothing_of_her_is_read_any_more(Engine::Sqlite);
}

#[test]
fn she_leaves_and_nothing_of_her_is_read_any_more_on_postgres() {
    she_leaves_and_nothing_of_her_is_read_any_more(Engine::Postgres);
}
