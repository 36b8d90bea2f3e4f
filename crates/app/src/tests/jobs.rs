//! The page of jobs: who sees it, who decides, what stays on record.

use kernel::Right;
use store::{Engine, testing::TestStore};
use web::testing::Client;

use super::scene::{Scene, failed_job, verified, whole};

fn browser(scene: &Scene, store: &TestStore, router: &axum::Router, visitor: &str) -> Client {
    let mut client = Client::new(router.clone());
    if let Some(person) = scene.person(visitor) {
        let open = move |tx: &mut store::Tx| people::open_session(tx, person, "test");
        client.cookie("session", &store.write_blocking("test.session", open).unwrap().token);
    }
    client
}

fn jobs_are_seen_and_decided(store: &TestStore) {
    let scene = Scene::new(store);
    journal::drain(store, &crate::city::consumers()).unwrap();
    let router = scene.serve(store);
    let first = store.write_blocking("test.job", failed_job).unwrap();
    let second = store.write_blocking("test.job", failed_job).unwrap();

    let mut auditor = browser(&scene, store, &router, "auditor");
    assert!(scene.actor("auditor").grants()[0].role.rights().contains(&Right::Audit));
    let page =
        auditor.get("/desk/jobs").expect(200).has("test.work").has("打印机没有纸").has("statistics.figures");
    assert!(!page.text.contains("/retry"), "an auditor changes nothing");
    auditor.get("/desk").expect(200).has("/desk/jobs");
    auditor.get("/about/design").expect(200);
    auditor.post(&format!("/desk/jobs/{first}/retry"), &[]).expect(403);
    // Who runs a place, or the whole city's learning, does not run the program.
    for other in ["college", "city", "security"] {
        let mut staff = browser(&scene, store, &router, other);
        staff.get("/desk/jobs").expect(403);
        staff.get("/about/design").expect(200);
        staff.post(&format!("/desk/jobs/{first}/retry"), &[]).expect(403);
    }

    let mut system = browser(&scene, store, &router, "system");
    system.get("/desk/jobs").expect(200).has(&format!("/desk/jobs/{first}/retry"));
    let told = system.post(&format!("/desk/jobs/{first}/retry"), &[]).expect(303);
    system.follow(told).expect(200).has("已重新排队");
    system
        .get("/desk/jobs?state=open")
        .expect(200)
        .has("已尝试0次")
        .has(&format!("/desk/jobs/{first}/give-up"));
    // Done twice it is refused, and says why.
    system.post(&format!("/desk/jobs/{first}/retry"), &[]).expect(409).has("portal.job_changed");
    system.post(&format!("/desk/jobs/{second}/give-up"), &[]).expect(303);
    system.get("/desk/jobs?state=failed").expect(200).has("没有需要处理的任务");
    system.get("/desk/jobs?state=done").expect(200).has("test.work");
    system.get("/desk/jobs?lang=en").expect(200).has("Jobs that wait for a person");

    let decided: Vec<(String, String)> = store
        .read_blocking(|tx| {
            tx.all(
                store::Statement::dynamic(
                    "SELECT actor, payload FROM fact WHERE kind = 'portal.job_decided.v1' ORDER BY recorded_at, id"
                        .to_owned(),
                ),
                &[],
            )
        })
        .unwrap();
    let person = scene.person("system").unwrap();
    assert_eq!(decided.len(), 2, "{decided:?}");
    assert!(decided.iter().all(|(actor, _)| *actor == format!("person:{person}")), "{decided:?}");
    // Two connections wrote them at one moment of the test's clock, so their order is open.
    let each = |word: &str| decided.iter().filter(|(_, payload)| payload.contains(word)).count();
    assert_eq!((each("retry"), each("give_up")), (1, 1), "{decided:?}");
    assert_eq!(verified(store), []);
}

fn long_lists_have_pages(store: &TestStore) {
    let scene = Scene::new(store);
    let router = scene.serve(store);
    for _ in 0..65 {
        store.write_blocking("test.job", failed_job).unwrap();
    }
    let mut system = browser(&scene, store, &router, "system");
    let (mut address, mut seen, mut pages) = ("/desk/jobs".to_owned(), 0, 0);
    loop {
        let page = system.get(&address).expect(200);
        seen += page.text.matches("/retry\"").count();
        pages += 1;
        let Some(next) =
            page.text.split("rel=\"next\"").next().filter(|_| page.text.contains("rel=\"next\""))
        else {
            break;
        };
        address = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!((seen, pages), (65, 3));
}

#[test]
fn jobs_are_seen_and_decided_on_sqlite() {
    jobs_are_seen_and_decided(&whole(Engine::Sqlite));
}

#[test]
fn jobs_are_seen_and_decided_on_postgres() {
    jobs_are_seen_and_decided(&whole(Engine::Postgres));
}

#[test]
fn long_lists_have_pages_on_sqlite() {
    long_lists_have_pages(&whole(Engine::Sqlite));
}

#[test]
fn long_lists_have_pages_on_postgres() {
    long_lists_have_pages(&whole(Engine::Postgres));
}
