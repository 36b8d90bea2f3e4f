//! A small city in which somebody has learned something, made through the commands.

use std::sync::Arc;

use activities::{ClassId, OpenedClass, SessionId, SignUp, testing::class_at};
use axum::Router;
use journal::{Problem, Sealer, drain};
use kernel::{Actor, Grant, Help, Id, Org, Person, Result, Role};
use network::testing::{SmallCity, small_city};
use notices::{
    Audience, NoticeId, NoticeWords,
    testing::{activities_table, row, sent_notice},
};
use people::{FactorPolicy, PRIVACY_NOTICE, Register, RoleAt, Vault, WebSessions};
use seal::SigningKey;
use store::{
    Engine, Store, Tx,
    jobs::{self, JobMark},
    testing::TestStore,
};

use crate::city::{consumers, migrations, routes};

/// The printed card of the resident.
const CARD: &str = "1000000008";
/// The program, as which tests prepare what nobody clicks.
pub const OPERATOR: Actor = Actor::System("test");

/// Everybody who comes to a page: name, role and where it is held.
pub const VISITORS: [&str; 12] = [
    "nobody", "resident", "teacher", "stranger", "staff", "school", "college", "city", "auditor", "system",
    "security", "helper",
];

/// The role of a visitor; `None` for nobody, the resident, and the helper, who leaves hers at home.
fn role_of(city: &SmallCity, visitor: &str) -> Option<(Role, Id<Org>)> {
    match visitor {
        "teacher" => Some((Role::Teacher, city.centre)),
        "stranger" => Some((Role::Staff, city.other_school)),
        "staff" => Some((Role::Staff, city.centre)),
        "school" => Some((Role::Head, city.school)),
        "college" => Some((Role::Head, city.college)),
        "city" => Some((Role::Head, city.top)),
        "auditor" => Some((Role::Auditor, city.top)),
        "system" => Some((Role::SystemAdministrator, city.top)),
        "security" => Some((Role::SecurityAdministrator, city.top)),
        _ => None,
    }
}

/// The city, and a class of three sessions for which nobody has signed up yet.
pub struct Scene {
    /// The places.
    pub city: SmallCity,
    /// Opens and closes what is personal.
    pub vault: Arc<Vault>,
    /// Those of [`VISITORS`] who have an account, in that order.
    people: Vec<(&'static str, Id<Person>)>,
    /// A class at the centre, held by the teacher.
    pub class: OpenedClass,
}

/// A store with all tables of the program.
pub fn whole(engine: Engine) -> TestStore {
    TestStore::new(engine, &migrations())
}

pub fn sealer() -> Sealer {
    Sealer::new(SigningKey::from_seed(&[17; 32]), "city")
}

/// Lets everything that follows the journal catch up, seals, and gives what is not true.
pub fn verified(store: &TestStore) -> Vec<Problem> {
    drain(store, &consumers()).unwrap();
    sealer().seal(store).unwrap();
    problems(store)
}

/// What is not true.
pub fn problems(store: &TestStore) -> Vec<Problem> {
    let key = sealer().verifying_key();
    store.read_blocking(move |tx| journal::verify(tx, &key, "city", &|_| {})).unwrap().problems
}

impl Scene {
    /// Founds the city.
    pub fn new(store: &TestStore) -> Self {
        Self::new_in(store)
    }

    /// Founds the city in a store that the caller opened.
    pub fn new_in(store: &store::Store) -> Self {
        let vault = Arc::new(Vault::new([9; 32]));
        let made = vault.clone();
        let founded = store.write_blocking("test.found", move |tx| found(tx, &made));
        let (city, people, class) = founded.unwrap();
        Self { city, vault, people, class }
    }

    /// Who this visitor is.
    pub fn person(&self, visitor: &str) -> Option<Id<Person>> {
        self.people.iter().find(|(name, _)| *name == visitor).map(|(_, id)| *id)
    }

    /// This visitor, acting with her role.
    pub fn actor(&self, visitor: &str) -> Actor {
        let grants = role_of(&self.city, visitor).map(|(role, org)| Grant { role, org });
        self.person(visitor)
            .map_or(Actor::Nobody, |id| Actor::Person { id, grants: grants.into_iter().collect() })
    }

    /// A notice of the district's college to its school and to the centre, with a table whose first column is a text.
    pub fn notice(&self, store: &TestStore) -> NoticeId {
        let (college, places) = (self.city.college, vec![self.city.school, self.city.centre]);
        let words = NoticeWords {
            audience: Audience::Chosen(places),
            ..activities_table(Some(store.clock().now().day().plus(30)))
        };
        let by = self.actor("college");
        store.write_blocking("test.notice", move |tx| sent_notice(tx, &by, college, &words)).unwrap()
    }

    /// A notice that the school answers.
    fn answered_notice(&self, store: &TestStore) {
        let (id, school, by) = (self.notice(store), self.city.school, self.actor("school"));
        let rows = vec![row("读书会", "30")];
        store
            .write_blocking("test.answer", move |tx| {
                notices::answer_notice(tx, &by, id, school, &rows, false)
            })
            .unwrap();
    }

    /// The resident learns in both ways, visitors are counted, the class is closed: everything that one class leaves.
    pub fn learn(&self, store: &TestStore) {
        let (resident, teacher, class_id) =
            (self.actor("resident"), self.actor("teacher"), self.class.class_id);
        let [first, second, third] = self.class.sessions[..] else { panic!("three sessions") };
        let (actor, by) = (resident.clone(), self.sign_up_of("resident", class_id));
        store.write_blocking("test.seat", move |tx| activities::sign_up(tx, &actor, &by)).unwrap();

        self.begin(store, first);
        let shown = teacher.clone();
        let code =
            store.write_blocking("test.code", move |tx| learning::show_code(tx, &shown, first)).unwrap();
        store
            .write_blocking("test.check_in", move |tx| {
                learning::check_in_by_code(tx, &resident, first, &code.code)
            })
            .unwrap();

        self.begin(store, second);
        let (by, vault) = (teacher.clone(), self.vault.clone());
        store
            .write_blocking("test.card", move |tx| learning::check_in_by_card(tx, &vault, &by, second, CARD))
            .unwrap();

        self.begin(store, third);
        store
            .write_blocking("test.close", move |tx| {
                learning::note_headcount(tx, &teacher, third, 12, "签到纸一张")?;
                learning::close_class(tx, &teacher, class_id)
            })
            .unwrap();
        store
            .write_blocking("test.decide", |tx| {
                let job = failed_job(tx)?;
                portal::decide_job(tx, &OPERATOR, job, portal::Decision::GiveUp)
            })
            .unwrap();
        let (vault, resident) = (self.vault.clone(), self.person("resident").unwrap());
        store
            .write_blocking("test.token", move |tx| {
                let cmd =
                    people::NewToken { person: resident, scopes: vec![web::api::Scope::MeRead], days: 1 };
                people::issue_token(tx, &vault, &OPERATOR, &cmd)
            })
            .unwrap();
        // She holds no role, so that nothing asks her for it.
        set_up_factor(store, &self.vault, resident);
        let (auditor, org) = (self.actor("auditor"), self.city.centre);
        store
            .write_blocking("test.reading", move |tx| {
                people::note_reading(tx, &auditor, people::ReadAs::ClassList, org, "class:test", 1)
            })
            .unwrap();
        self.answered_notice(store);
        drain(store, &consumers()).unwrap();
    }

    /// A seat for a visitor.
    pub fn sign_up_of(&self, visitor: &str, class_id: ClassId) -> SignUp {
        SignUp { class_id, person_id: self.person(visitor).unwrap() }
    }

    /// Sets the clock to the beginning of a session.
    fn begin(&self, store: &TestStore, session: SessionId) {
        let session = store.read_blocking(move |tx| activities::session(tx, session)).unwrap().unwrap();
        store.clock.set(session.starts_at);
    }

    /// The whole service, as the program serves it where nobody must have a second factor.
    pub fn serve(&self, store: &TestStore) -> Router {
        self.serve_obliging(store, FactorPolicy::off())
    }

    /// The whole service under a rule about second factors.
    pub fn serve_obliging(&self, store: &TestStore, policy: FactorPolicy) -> Router {
        let map = include_str!("../../../../data/chongqing/cq_districts.geojson");
        let finder = portal::Finder::in_memory((*store).clone()).unwrap();
        finder.catch_up().unwrap();
        let shell = web::testing::shell(store, Arc::new(WebSessions::new(self.vault.clone(), policy)))
            .with(self.vault.clone())
            // The clock of the tests stands still, so what is kept is kept for ever: nobody may get what another one saw.
            .keeping(web::Keeping { life_ms: 1_000, bytes: 1 << 24 })
            .with(Arc::new(policy))
            .with(Arc::new(sealer()))
            .with(Arc::new(credentials::testing::issuer()))
            .with(Arc::new(catalog::NextClass(activities::next_beginnings)))
            .with(Arc::new(portal::CityMap::from_geojson(map).unwrap()))
            .with(Arc::new(finder));
        routes().build(shell)
    }
}

type Founded = (SmallCity, Vec<(&'static str, Id<Person>)>, OpenedClass);

fn found(tx: &mut Tx, vault: &Vault) -> Result<Founded> {
    let city = small_city(tx)?;
    statistics::import_packaged_figures(tx, &OPERATOR)?;
    let mut people = Vec::new();
    for (n, visitor) in VISITORS.into_iter().enumerate().skip(1) {
        let cmd = Register {
            name: "王秀英".to_owned(),
            phone: Some(format!("199000000{n:02}")),
            birth_year: Some(1958),
            demo: true,
            ..Register::default()
        };
        let person = people::register(tx, vault, &OPERATOR, &cmd)?;
        people::consent(tx, &OPERATOR, person, PRIVACY_NOTICE)?;
        if let Some((role, org)) = role_of(&city, visitor) {
            people::grant_role(tx, &OPERATOR, &RoleAt { person, role, org })?;
        }
        people.push((visitor, person));
    }
    let of = |name| people.iter().find(|(visitor, _)| *visitor == name).map(|(_, person)| *person);
    let resident = of("resident").ok_or_else(kernel::Error::missing)?;
    people::issue_card(tx, vault, &OPERATOR, resident, CARD)?;
    // Who helps the resident is the head of the city, so that it shows whether a helper brings her role with her.
    let helper = of("helper").ok_or_else(kernel::Error::missing)?;
    people::grant_role(tx, &OPERATOR, &RoleAt { person: helper, role: Role::Head, org: city.top })?;
    let alone = |id| Actor::Person { id, grants: Vec::new() };
    let code = people::help_code(tx, vault, &alone(resident), Help::Act, people::Relation::Family)?;
    people::become_helper_by_code(tx, vault, &alone(helper), &code)?;
    let class = class_at(tx, city.centre, of("teacher"), 10, 3, 60)?;
    Ok((city, people, class))
}

/// A job that was tried as often as any, and failed.
pub fn failed_job(tx: &mut Tx) -> Result<Id<JobMark>> {
    let now = tx.now();
    let id = jobs::enqueue(tx, "test.work", "{}", now)?;
    let Some(mut job) = jobs::claim(tx, "test.work", "test")? else { return Err(kernel::Error::missing()) };
    job.attempts = 10;
    jobs::fail(tx, &job, "test", "打印机没有纸")?;
    Ok(id)
}

/// Sets up a second factor and gives its secret.
pub fn set_up_factor(store: &Store, vault: &Arc<Vault>, person: Id<Person>) -> Vec<u8> {
    let opened = vault.clone();
    let offered = store.read_blocking(move |tx| people::offer_factor(tx, &opened, person, "学城")).unwrap();
    let (mut bits, mut count, mut secret) = (0_u32, 0, Vec::new());
    for c in offered.typed.chars().filter(|c| *c != ' ') {
        bits = (bits << 5) | u32::try_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            secret.push(u8::try_from((bits >> count) & 255).unwrap());
        }
    }
    let (vault, code) = (vault.clone(), factor_code(store, &secret));
    store
        .write_blocking("test.factor", move |tx| {
            let cmd = people::EnrolFactor { person, ticket: offered.ticket.clone(), code: code.clone() };
            people::enrol_factor(tx, &vault, &cmd)
        })
        .unwrap();
    secret
}

/// What an authenticator with this secret shows now.
pub fn factor_code(store: &Store, secret: &[u8]) -> String {
    let step = store.clock().now().millis() / 1_000 / seal::TOTP_SECONDS;
    seal::totp_code(secret, u64::try_from(step).unwrap())
}
