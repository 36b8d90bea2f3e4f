//! Acting for somebody else, as browsers see it: what a helper may, whose form it is, how it ends, and who can read what was done.

use activities::{Class, testing::class_at};
use kernel::{Actor, Help, Id, Person};
use store::{Engine, Tx};
use web::{Access, testing::Client};

use super::{
    routes::{Site, table},
    scene::verified,
};

/// Somebody who may act for the resident, and her browser, which does not yet.
struct Daughter {
    id: Id<Person>,
    browser: Client,
}

impl Daughter {
    fn new(site: &Site, may: Help) -> Self {
        let (id, resident) = (site.newcomer(), site.scene.person("resident").unwrap());
        let (code, vault) = (site.code_of(resident, may), site.scene.vault.clone());
        let work = move |tx: &mut Tx| {
            let actor = Actor::Person { id, grants: Vec::new() };
            people::become_helper_by_code(tx, &vault, &actor, &code)?;
            people::open_session(tx, id, "test")
        };
        let mut browser = Client::new(site.service());
        browser.cookie("session", &site.store.write_blocking("test.daughter", work).unwrap().token);
        Self { id, browser }
    }

    fn begin(&mut self, site: &Site) {
        let resident = site.scene.person("resident").unwrap();
        self.browser.get("/helping").expect(200).has("王秀英");
        let answer = self.browser.post(&format!("/helping/{resident}/begin"), &[]).expect(303);
        assert_eq!(answer.location(), "/passport");
    }
}

/// A class that begins tomorrow, in which nobody sits yet.
fn class(site: &Site) -> Class {
    let (centre, teacher) = (site.scene.city.centre, site.scene.person("teacher"));
    let open = move |tx: &mut Tx| {
        let opened = class_at(tx, centre, teacher, 10, 1, 24 * 60)?;
        Ok(activities::class(tx, opened.class_id)?.unwrap())
    };
    site.store.write_blocking("test.class", open).unwrap()
}

fn sits(site: &Site, class: &Class, person: Id<Person>) -> bool {
    let class = class.clone();
    site.store.read_blocking(move |tx| activities::enrolment(tx, &class, person)).unwrap().is_some()
}

/// The token of the first form in a piece of a page.
fn token_in(piece: &str) -> Option<String> {
    Some(piece.split("name=\"_csrf\" value=\"").nth(1)?.split('"').next()?.to_owned())
}

const BANNER: &str = "您正在替王秀英办理";

fn who_only_looks_changes_nothing(engine: Engine) {
    let site = Site::new(engine);
    let mut daughter = Daughter::new(&site, Help::Look);
    daughter.begin(&site);
    let mut tried = 0;
    for route in table() {
        let address = site.address(&route.path, "resident");
        match route.access {
            Access::Helped(Help::Act) => {
                let answer = daughter.browser.post(&address, &[]).expect(403);
                answer.has("对方只同意您查看");
                tried += 1;
            }
            Access::Helped(Help::Look)
                if route.path != "/helping/stop" && !route.path.ends_with("/begin") =>
            {
                daughter.browser.get(&address).expect(200).has(BANNER);
            }
            _ => {}
        }
    }
    assert!(tried >= 2, "{tried}");
}

fn a_form_is_sent_for_whom_it_was_opened(engine: Engine) {
    let site = Site::new(engine);
    let mut daughter = Daughter::new(&site, Help::Act);
    let (class, resident) = (class(&site), site.scene.person("resident").unwrap());
    let (offer, sign_up) = (class.offer_id, format!("/classes/{}/sign-up", class.class_id));
    daughter.begin(&site);
    let opened = daughter.browser.get(&format!("/offers/{offer}")).expect(200).has(BANNER);
    let token = opened.text.split(&format!("action=\"{sign_up}\"")).nth(1).and_then(token_in).unwrap();
    // In another tab she has stopped; pressing it twice is no error.
    let banner = opened.text.split("action=\"/helping/stop\"").nth(1).and_then(token_in).unwrap();
    for _ in 0..2 {
        daughter.browser.post("/helping/stop", &[("_csrf", &banner)]).expect(303);
    }
    let key = "0123456789abcdef0123456789abcdef";
    daughter.browser.post(&sign_up, &[("_csrf", &token), ("_key", key)]).expect(403);
    assert!(!sits(&site, &class, daughter.id) && !sits(&site, &class, resident));
    // For the right one it is done, and only for her.
    daughter.begin(&site);
    daughter.browser.post(&format!("/helping/{resident}/begin"), &[]).expect(303);
    daughter.browser.get(&format!("/offers/{offer}")).expect(200);
    daughter.browser.post(&sign_up, &[("_key", key)]).expect(303);
    assert!(!sits(&site, &class, daughter.id) && sits(&site, &class, resident));
    // What only she herself can do says so.
    for page in ["/me", "/me/helpers", "/helping"] {
        daughter.browser.get(page).expect(403).has("只能本人办");
    }
    assert_eq!(verified(&site.store), []);
}

fn who_is_helped_reads_it_and_ends_it(engine: Engine) {
    let site = Site::new(engine);
    let mut daughter = Daughter::new(&site, Help::Act);
    let class = class(&site);
    daughter.begin(&site);
    daughter.browser.get("/passport").expect(200).has(BANNER);
    daughter.browser.post(&format!("/classes/{}/sign-up", class.class_id), &[]).expect(303);
    journal::drain(&site.store, &crate::city::consumers()).unwrap();
    let mut resident = site.browser("resident");
    let page = resident.get("/me/helpers").expect(200);
    page.has("替您报名了一门课").has("田小红");
    // Who looks after the records sees both names.
    let by = format!("/audit?person={}", daughter.id);
    site.browser("auditor").get(&by).expect(200).has("田小红（代办）").has("报名");
    // One tap, and the other session is its own again at the next page.
    resident.post(&format!("/me/helpers/{}/end", daughter.id), &[]).expect(303);
    daughter.browser.post(&format!("/classes/{}/cancel", class.class_id), &[]).expect(403);
    let after = daughter.browser.get("/passport").expect(200);
    assert!(!after.text.contains(BANNER), "{}", after.text);
    let person = site.scene.person("resident").unwrap();
    assert!(sits(&site, &class, person));
    daughter.browser.get("/helping").expect(200);
    daughter.browser.post(&format!("/helping/{person}/begin"), &[]).expect(404);
    assert_eq!(verified(&site.store), []);
}

#[test]
fn who_only_looks_changes_nothing_on_sqlite() {
    who_only_looks_changes_nothing(Engine::Sqlite);
}

#[test]
fn who_only_looks_changes_nothing_on_postgres() {
    who_only_looks_changes_nothing(Engine::Postgres);
}

#[test]
fn a_form_is_sent_for_whom_it_was_opened_on_sqlite() {
    a_form_is_sent_for_whom_it_was_opened(Engine::Sqlite);
}

#[test]
fn a_form_is_sent_for_whom_it_was_opened_on_postgres() {
    a_form_is_sent_for_whom_it_was_opened(Engine::Postgres);
}

#[test]
fn who_is_helped_reads_it_and_ends_it_on_sqlite() {
    who_is_helped_reads_it_and_ends_it(Engine::Sqlite);
}

#[test]
fn who_is_helped_reads_it_and_ends_it_on_postgres() {
    who_is_helped_reads_it_and_ends_it(Engine::Postgres);
}
