//! What the audit trail tells: every kind of fact in words, and who read whose data.

use kernel::{Id, Org};
use store::{Engine, Statement};
use web::testing::Client;

use super::routes::Site;

/// Readings as they are stored: reader, way, record, people, place and moment.
type Reading = (String, String, String, i64, Id<Org>, i64);

fn readings(site: &Site) -> Vec<(String, Reading)> {
    let text = "SELECT reading_id, reader, what, subject, people, org_id, at FROM reading".to_owned();
    let read = move |tx: &mut store::Tx| tx.all(Statement::dynamic(text.clone()), &[]);
    let rows: Vec<(String, String, String, String, i64, Id<Org>, i64)> =
        site.store.read_blocking(read).unwrap();
    rows.into_iter().map(|(id, a, b, c, d, e, f)| (id, (a, b, c, d, e, f))).collect()
}

/// Opens a page and gives the readings that it left.
fn left_by(site: &Site, client: &mut Client, address: &str, status: u16) -> Vec<Reading> {
    let before = readings(site);
    client.get(address).expect(status);
    // What one thread makes within a millisecond has an order, what several make has none.
    let new = readings(site).into_iter().filter(|(id, _)| before.iter().all(|(known, _)| known != id));
    new.map(|(_, reading)| reading).collect()
}

fn one_look_leaves_one_reading(engine: Engine) {
    let site = Site::new(engine);
    let (centre, class) = (site.scene.city.centre, site.class_id());
    let address = |path: &str| site.address(path, "teacher");
    let session = address("/teach/sessions/{session}").rsplit('/').next().unwrap().to_owned();
    let now = site.store.clock().now().millis();
    let looks = [
        (
            "teacher",
            format!("/teach/sessions/{session}"),
            "roster",
            format!("class_session:{centre}/{session}"),
        ),
        ("staff", format!("/desk/classes/{class}"), "class-list", format!("class:{centre}/{class}")),
        ("college", format!("/teach/classes/{class}/close"), "standings", format!("class:{centre}/{class}")),
        ("staff", address("/credentials/{file}/revoke"), "holder", String::new()),
    ];
    for (who, page, way, subject) in &looks {
        let left = left_by(&site, &mut site.browser(who), page, 200);
        let [(reader, what, of, people, place, at)] = &left[..] else { panic!("{page}: {left:?}") };
        assert_eq!(*reader, format!("person:{}", site.scene.person(who).unwrap()), "{page}");
        assert_eq!((what.as_str(), *people, *place, *at), (*way, 1, centre, now), "{page}");
        assert!(of.starts_with(subject.as_str()) && !of.is_empty(), "{page}: {of}");
        // Whoever may not look leaves nothing.
        assert_eq!(left_by(&site, &mut site.browser("stranger"), page, 403), []);
    }
    // Behind a figure: those who see names are written down, with page and file apart; those who see none are not.
    let first = site.scene.class.sessions[0];
    let drill = format!("/figures/attendances?session={first}");
    for (page, way) in [(drill.clone(), "drill-down"), (format!("{drill}&format=csv"), "drill-down-file")] {
        let left = left_by(&site, &mut site.browser("auditor"), &page, 200);
        assert_eq!(
            left.iter().map(|reading| (reading.1.as_str(), reading.3)).collect::<Vec<_>>(),
            [(way, 1)]
        );
        assert_eq!(left_by(&site, &mut site.browser("nobody"), &page, 200), []);
        assert_eq!(left_by(&site, &mut site.browser("stranger"), &page, 200), []);
    }
    // One's own page is nobody else's data.
    assert_eq!(left_by(&site, &mut site.browser("resident"), "/me", 200), []);
    // The auditor finds all of it, in words, and is found herself.
    journal::drain(&site.store, &crate::city::consumers()).unwrap();
    let mut auditor = site.browser("auditor");
    let page = auditor.get("/audit?kind=readings").expect(200);
    for words in ["点名册", "班级名单", "结业名单", "证书持有人", "数据明细（导出）", "1 人"]
    {
        assert!(page.text.contains(words), "{words} is not in {}", page.text);
    }
    let left = left_by(&site, &mut auditor, "/audit/export", 200);
    assert_eq!(left.iter().map(|reading| reading.1.as_str()).collect::<Vec<_>>(), ["trail-file"]);
}

#[test]
fn one_look_leaves_one_reading_on_sqlite() {
    one_look_leaves_one_reading(Engine::Sqlite);
}

#[test]
fn one_look_leaves_one_reading_on_postgres() {
    one_look_leaves_one_reading(Engine::Postgres);
}

fn the_trail_is_searched_and_exported(engine: Engine) {
    let site = Site::new(engine);
    let mut auditor = site.browser("auditor");
    let total = site.store.read_blocking(journal::head_pos).unwrap();
    let teacher = site.scene.person("teacher").unwrap();
    // All pages together show each fact once.
    let (mut address, mut seen) = ("/audit".to_owned(), 0);
    loop {
        let page = auditor.get(&address).expect(200);
        seen += page.text.matches("class=\"list-title\"").count();
        let Some(rest) =
            page.text.split("rel=\"next\"").next().filter(|_| page.text.contains("rel=\"next\""))
        else {
            break;
        };
        address = rest.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(i64::try_from(seen).unwrap(), total);
    // The file holds the same, without a name, and says what each thing is.
    let file = auditor.get("/audit/export").expect(200);
    assert!(file.text.starts_with('\u{feff}') && !file.text.contains("王秀英"), "{}", file.text);
    let lines: Vec<&str> = file.text.lines().skip(1).collect();
    assert_eq!(i64::try_from(lines.len()).unwrap(), total);
    assert_eq!(file.text.matches("事项代码").count(), 1, "one head");
    assert!(lines[0].starts_with(&format!("{total},")), "{}", lines[0]);
    // By person: what she did, by her phone and by her id alike; what others did is not there.
    let by = |who: &str| format!("/audit/export?person={who}");
    let hers = auditor.get(&by(&teacher.to_string())).expect(200).text;
    assert_eq!(hers, auditor.get(&by("19900000002")).expect(200).text);
    assert!(hers.contains("登记来访人数") && !hers.contains("导入学科目录"), "{hers}");
    // By organisation, with all below; by kind; by period.
    let school = site.scene.city.other_school;
    let elsewhere = auditor.get(&format!("/audit/export?org={school}")).expect(200).text;
    assert!(!elsewhere.contains("到场") && elsewhere.contains("授予角色"), "{elsewhere}");
    let roles = auditor.get("/audit/export?kind=roles").expect(200).text;
    assert_eq!(roles.lines().count() - 1, 10, "{roles}");
    assert_eq!(auditor.get("/audit/export?from=2027-01-01").expect(200).text.lines().count(), 1);
    assert_eq!(auditor.get("/audit/export?to=2020-01-01").expect(200).text.lines().count(), 1);
    let whole = auditor.get("/audit/export?from=2026-11-01&to=2026-12-31").expect(200).text;
    assert_eq!(i64::try_from(whole.lines().count() - 1).unwrap(), total);
    // What is not there is said so, and nothing of it to others.
    auditor.get("/audit?person=19999999999").expect(404).has("没有找到这个人");
    auditor.get("/audit?org=没有的机构").expect(404).has("没有找到这个机构");
    for (who, status) in [("nobody", 303), ("resident", 403), ("staff", 403), ("city", 403)] {
        site.browser(who).get("/audit?person=19900000002").expect(status);
        site.browser(who).get("/audit/export").expect(status);
    }
    let english = auditor.get("/audit?lang=en").expect(200);
    assert!(
        english.text.contains("Certificate issued") && english.text.contains("Seat taken"),
        "{}",
        english.text
    );
}

#[test]
fn the_trail_is_searched_and_exported_on_sqlite() {
    the_trail_is_searched_and_exported(Engine::Sqlite);
}

#[test]
fn the_trail_is_searched_and_exported_on_postgres() {
    the_trail_is_searched_and_exported(Engine::Postgres);
}

/// A new kind of fact needs words for the auditor.
#[test]
fn every_kind_of_fact_has_words() {
    let mut found: Vec<String> = Vec::new();
    let domains = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../domains"));
    let mut folders: Vec<_> =
        std::fs::read_dir(domains).unwrap().map(|domain| domain.unwrap().path()).collect();
    folders.push(domains.join("../portal"));
    for folder in folders {
        for file in std::fs::read_dir(folder.join("src")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
            for line in text.lines().filter(|line| line.contains(": &str = \"")) {
                let kind = line.split('"').nth(1).unwrap_or_default();
                if kind.ends_with(".v1") || kind.ends_with(".v2") {
                    found.push(kind.to_owned());
                }
            }
        }
    }
    found.sort();
    assert_eq!(found, governance::KINDS);
    let key = |kind: &String| format!("governance-kind-{}", kind.replace(['.', '_'], "-"));
    let keys: Vec<String> = found.iter().map(key).collect();
    web::i18n::check(&keys.iter().map(String::as_str).collect::<Vec<_>>());
}
