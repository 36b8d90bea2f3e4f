//! The pages of figures, for all who might come.

use std::sync::Arc;

use activities::{SignUp, testing::class_at};
use kernel::{Actor, Id, Org, Person, Role};
use network::testing::{SmallCity, small_city};
use people::{Register, Vault};
use statistics::import_packaged_figures;
use store::{both_engines, testing::TestStore};
use web::testing::{Client, TestSessions, shell};

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS,
        credentials::MIGRATIONS, statistics::MIGRATIONS,
    ];
    an_empty_city_says_so,
    figures_lead_down_to_records_and_names_stay_inside,
    the_public_is_not_told_of_few_people,
    documents_stand_apart_and_disputes_are_shown,
    long_lists_come_in_pages,
);

const OPERATOR: Actor = Actor::System("test");

fn vault() -> Vault {
    Vault::new([3; 32])
}

/// A browser for nobody, or for somebody with a role at an organisation.
fn browser(store: &TestStore, who: Option<(Role, Id<Org>)>) -> Client {
    let sessions = Arc::new(TestSessions::default());
    let person: Id<Person> = Id::derived(&[77; 16]);
    let token = who.map(|grant| sessions.open(person, &[grant]));
    let mut client = Client::new(statistics::routes().build(shell(store, sessions).with(Arc::new(vault()))));
    if let Some(token) = token {
        client.cookie("session", &token);
    }
    client
}

struct Scene {
    city: SmallCity,
    class: String,
    session: String,
}

/// A city whose centre held one session with these people and, if any, visitors.
fn scene(store: &TestStore, names: &'static [&'static str], visitors: i64) -> Scene {
    let (city, opened) = store
        .write_blocking("test", move |tx| {
            let city = small_city(tx)?;
            catalog::testing::some_subjects(tx)?;
            let opened = class_at(tx, city.centre, None, 20, 2, -5)?;
            for name in names {
                let cmd = Register { name: (*name).to_owned(), demo: true, ..Register::default() };
                let person_id = people::register(tx, &vault(), &OPERATOR, &cmd)?;
                activities::sign_up(tx, &OPERATOR, &SignUp { class_id: opened.class_id, person_id })?;
                learning::roll_call(tx, &OPERATOR, opened.sessions[0], person_id)?;
            }
            if visitors > 0 {
                learning::note_headcount(tx, &OPERATOR, opened.sessions[0], visitors, "纸质签到表")?;
            }
            Ok((city, opened))
        })
        .unwrap();
    let consumers = [credentials::testing::consumers(), statistics::consumers()].concat();
    journal::drain(store, &consumers).unwrap();
    Scene { city, class: opened.class_id.to_string(), session: opened.sessions[0].to_string() }
}

fn an_empty_city_says_so(store: &TestStore) {
    let mut nobody = browser(store, None);
    nobody.get("/figures").expect(200).has("这段时间没有记录").has("还没有填报数据");
    nobody.get("/figures/attendances").expect(404);
    store.write_blocking("test", small_city).unwrap();
    for figure in ["attendances", "learners", "minutes", "classes", "certificates"] {
        nobody.get(&format!("/figures/{figure}")).expect(200).has("这段时间没有记录");
    }
    nobody.get("/figures?lang=en").expect(200).has("There are no records for this time");
    nobody.get("/figures").expect(200).has("There are no records for this time");
    nobody.get("/figures/money").expect(404);
    nobody.get("/figures?year=1999").expect(200);
    nobody.get("/figures?year=2019").expect(404);
    nobody.get("/figures/attendances?org=nonsense").expect(404);
    nobody.get(&format!("/figures/attendances?org={}", "0".repeat(32))).expect(404);
    nobody.get(&format!("/figures/attendances?class={}", "0".repeat(32))).expect(404);
    nobody.get(&format!("/figures/attendances?session={}", "0".repeat(32))).expect(404);
    nobody.get("/figures/reported/F001").expect(404);
}

const SIX: &[&str] = &["钱一", "孙二", "李三", "周四", "吴五", "郑六"];

fn figures_lead_down_to_records_and_names_stay_inside(store: &TestStore) {
    let scene = scene(store, SIX, 30);
    let city = &scene.city;
    let (top, centre, other) = (city.top, city.centre, city.other_college);
    let mut nobody = browser(store, None);
    let page = nobody.get("/figures").expect(200);
    let page = page.has("/figures/attendances?year=2026").has(">36</a>").has(">6</a>").has(">9</a>");
    page.has("沙坪坝区社区教育学院").has("这个数字怎么算的").has("<svg");

    // From the city down to the session, by the links of the pages.
    let mut at = "/figures/attendances?year=2026".to_owned();
    for step in [
        format!("/figures/attendances?org={}&amp;year=2026", city.college),
        format!("/figures/attendances?org={}&amp;year=2026", city.school),
        format!("/figures/attendances?org={centre}&amp;year=2026"),
        format!("/figures/attendances?org={centre}&amp;year=2026&amp;class={}", scene.class),
        format!("/figures/attendances?org={centre}&amp;year=2026&amp;session={}", scene.session),
    ] {
        let page = nobody.get(&at).expect(200).has(">36<");
        let text = page.text.replace("&#38;", "&amp;");
        assert!(text.contains(&step), "{at} does not lead to {step}: {text}");
        at = step.replace("&amp;", "&");
    }
    let page = nobody.get(&at).expect(200).has("姓名和逐条记录只有").has("磁器口社区学习中心");
    assert!(!page.text.contains("钱一") && !page.text.contains("纸质签到表"), "{}", page.text);
    // A stranger's role opens nothing; the role at the place or above it does.
    let page = browser(store, Some((Role::Head, other))).get(&at).expect(200);
    assert!(!page.text.contains("钱一"));
    let page = browser(store, Some((Role::Teacher, centre))).get(&at).expect(200);
    assert!(!page.text.contains("钱一"));
    for inside in [(Role::Staff, centre), (Role::Head, top), (Role::Auditor, top)] {
        browser(store, Some(inside)).get(&at).expect(200).has("钱一").has("郑六").has("纸质签到表");
    }

    // Files hold what the page shows.
    let file = nobody.get("/figures/attendances?year=2026&format=csv").expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.text.contains("沙坪坝区社区教育学院,6,30,36\r\n"), "{}", file.text);
    let file = nobody.get(&format!("{at}&format=csv")).expect(200);
    assert!(file.text.contains(",6,30,36\r\n") && !file.text.contains("钱一"), "{}", file.text);
    let file = browser(store, Some((Role::Staff, centre))).get(&format!("{at}&format=csv")).expect(200);
    assert!(file.text.contains("钱一,,90,") && file.text.contains("纸质签到表"), "{}", file.text);

    // A class or session is found at its own organisation only.
    nobody.get(&format!("/figures/attendances?org={other}&session={}", scene.session)).expect(404);
    nobody.get(&format!("/figures/attendances?org={other}&class={}", scene.class)).expect(404);
    nobody.get(&format!("/figures/learners?org={centre}&year=last12")).expect(200).has(">6<");
    nobody.get(&format!("/figures/learners?org={centre}&year=2025")).expect(200).has("这段时间没有记录");
    nobody.get(&format!("/figures/minutes?org={centre}")).expect(200).has(">540<");
}

fn the_public_is_not_told_of_few_people(store: &TestStore) {
    let scene = scene(store, &["钱一", "孙二", "李三"], 0);
    let centre = scene.city.centre;
    let mut nobody = browser(store, None);
    nobody.get("/figures").expect(200).has("少于 5");
    let learners = format!("/figures/learners?org={centre}");
    nobody.get(&learners).expect(200).has("少于 5");
    let file = nobody.get(&format!("{learners}&format=csv")).expect(200);
    assert!(file.text.contains("书法入门,少于 5\r\n"), "{}", file.text);
    let session = format!("/figures/attendances?session={}", scene.session);
    let page = nobody.get(&session).expect(200).has("少于 5").has("人少，不公开");
    assert!(!page.text.contains(">3<"), "{}", page.text);
    let minutes = nobody.get(&format!("/figures/minutes?session={}", scene.session)).expect(200);
    assert!(!minutes.text.contains(">270<"), "{}", minutes.text);
    let mut staff = browser(store, Some((Role::Staff, centre)));
    let page = staff.get(&learners).expect(200).has(">3<");
    assert!(!page.text.contains("少于 5"), "{}", page.text);
    staff.get(&session).expect(200).has("李三");
}

fn documents_stand_apart_and_disputes_are_shown(store: &TestStore) {
    store.write_blocking("test", small_city).unwrap();
    store.write_blocking("test", |tx| import_packaged_figures(tx, &OPERATOR)).unwrap();
    let mut nobody = browser(store, None);
    let page = nobody.get("/figures").expect(200).has("填报数据").has("建设学习型城市").has("有争议");
    assert_eq!(page.text.matches("class=\"tag warn\"").count(), 2);
    let first = page.text.find("/figures/reported/F040").unwrap();
    let second = page.text.find("/figures/reported/F041").unwrap();
    assert!(
        first < second && !page.text[first..second].contains("F001"),
        "the disputed pair stands together"
    );
    nobody
        .get("/figures/reported/F040")
        .expect(200)
        .has("有争议")
        .has("全国示范街道（镇）26个")
        .has(">36 个</a>");
    nobody
        .get("/figures/reported/F020")
        .expect(200)
        .has("与其他数字对照")
        .has("300 万")
        .has("累计至 2020 年")
        .has("市级");
    nobody.get("/figures/reported/F008?lang=en").expect(200);
    nobody
        .get("/figures/reported/F008")
        .expect(200)
        .has("exactly")
        .has("National award")
        .has("As documented");
    // Each word of the documents has words of ours: a key without them would show itself.
    for n in 1..=63 {
        let page = nobody.get(&format!("/figures/reported/F{n:03}")).expect(200);
        assert!(!page.text.contains('⟦'), "F{n:03}: {}", page.text);
    }
    web::i18n::check(&["statistics-title", "statistics-month-12", "statistics-tab-certificates"]);
}

fn long_lists_come_in_pages(store: &TestStore) {
    let city = store
        .write_blocking("test", |tx| {
            let city = small_city(tx)?;
            catalog::testing::some_subjects(tx)?;
            for _ in 0..103 {
                let opened = class_at(tx, city.centre, None, 2, 1, -5)?;
                learning::note_headcount(tx, &OPERATOR, opened.sessions[0], 7, "签到表")?;
            }
            Ok(city)
        })
        .unwrap();
    journal::drain(store, &statistics::consumers()).unwrap();
    let mut nobody = browser(store, None);
    let page = nobody.get(&format!("/figures/attendances?org={}", city.centre)).expect(200).has(">721<");
    let rows = |text: &str| text.matches("&#38;class=").count() + text.matches("&amp;class=").count();
    assert_eq!(rows(&page.text), 100);
    let key = page.text.split("after=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let rest = nobody.get(&format!("/figures/attendances?org={}&after={key}", city.centre)).expect(200);
    assert_eq!(rows(&rest.text), 3);
    let file = nobody.get(&format!("/figures/attendances?org={}&format=csv", city.centre)).expect(200);
    assert_eq!(file.text.lines().count(), 104);
}
