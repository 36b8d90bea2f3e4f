//! Every route with every kind of visitor, against what each route states about itself and against the table in
//! `routes.txt`.

use std::fmt::Write as _;

use activities::{OpenedClass, testing::class_at};
use axum::{
    Router,
    http::{Method, header},
};
use kernel::{Actor, Help, Id, PageRequest, Person, Right};
use notices::NoticeId;
use people::SessionMark;
use store::{Engine, jobs::JobMark, testing::TestStore};
use web::{
    Access, RouteInfo,
    testing::{Answer, Client},
};

use super::scene::{OPERATOR, Scene, VISITORS, failed_job, whole};

/// A page that everybody may see and that has a form.
pub(super) const FORM_PAGE: &str = "/about/design";

/// A running service with something behind every address.
pub(super) struct Site {
    pub(super) scene: Scene,
    pub(super) store: TestStore,
    router: Router,
    /// A class that is on now; the resident sits in it.
    now: OpenedClass,
    offer: String,
    credential: String,
    entry: String,
    reported: String,
    asset: String,
    /// A job that failed.
    job: Id<JobMark>,
    /// A notice that the college sent and the centre has not answered; the school has.
    notice: NoticeId,
    sealed: i64,
}

impl Site {
    pub(super) fn new(engine: Engine) -> Self {
        let store = whole(engine);
        let scene = Scene::new(&store);
        scene.learn(&store);
        // The next day, so that nobody is busy.
        store.clock.set(store.clock().now().plus_minutes(24 * 60));
        let (centre, teacher, resident) =
            (scene.city.centre, scene.person("teacher"), scene.person("resident").unwrap());
        let now =
            store.write_blocking("test.now", move |tx| class_at(tx, centre, teacher, 10, 2, -5)).unwrap();
        let (class_id, actor) = (now.class_id, scene.actor("resident"));
        let cmd = scene.sign_up_of("resident", class_id);
        store.write_blocking("test.seat", move |tx| activities::sign_up(tx, &actor, &cmd)).unwrap();
        journal::drain(&store, &crate::city::consumers()).unwrap();
        let (offer, credential, entry, reported) = store
            .read_blocking(move |tx| {
                let page = PageRequest::first(1);
                Ok((
                    activities::class(tx, class_id)?.unwrap().offer_id.to_string(),
                    credentials::credentials_of_person(tx, resident, &page)?.rows[0]
                        .credential_id
                        .to_string(),
                    bank::entries(tx, resident, &page)?.rows[0].entry_id.to_string(),
                    statistics::reported_figures(tx)?[0].figure_id.to_string(),
                ))
            })
            .unwrap();
        let router = scene.serve(&store);
        let home = Client::new(router.clone()).get("/").expect(200);
        let asset = home.text.split("/assets/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let asset = asset.to_owned();
        let job = store.write_blocking("test.job", failed_job).unwrap();
        let notice = scene.notice(&store);
        let (by, school) = (scene.actor("school"), scene.city.school);
        let rows = vec![notices::testing::row("读书会", "30")];
        store
            .write_blocking("test.answer", move |tx| {
                notices::answer_notice(tx, &by, notice, school, &rows, false)
            })
            .unwrap();
        let sealed = super::scene::sealer().seal(&store).unwrap();
        Self { scene, store, router, now, offer, credential, entry, reported, asset, job, notice, sealed }
    }

    /// A browser of this visitor, with a session of its own: a route may end it.
    pub(super) fn browser(&self, visitor: &str) -> Client {
        let mut client = Client::new(self.router.clone());
        if let Some(person) = self.scene.person(visitor) {
            client.cookie("session", &self.session_of(visitor, person));
        }
        client
    }

    /// A new session of a visitor; the helper's acts for the resident.
    fn session_of(&self, visitor: &str, person: Id<Person>) -> String {
        let helped = (visitor == "helper").then(|| self.scene.person("resident").unwrap());
        let open = move |tx: &mut store::Tx| {
            let token = people::open_session(tx, person, "test")?.token;
            if let Some(helped) = helped {
                let actor = Actor::Person { id: person, grants: Vec::new() };
                people::begin_helping(tx, &actor, &token, helped)?;
            }
            Ok(token)
        };
        self.store.write_blocking("test.session", open).unwrap()
    }

    /// Another session of this visitor.
    fn other_session(&self, visitor: &str) -> Id<SessionMark> {
        let person = self.scene.person(visitor).or(self.scene.person("resident")).unwrap();
        let list = move |tx: &mut store::Tx| {
            people::open_session(tx, person, "test")?;
            people::sessions_of(tx, person, "")
        };
        self.store.write_blocking("test.session", list).unwrap()[0].id
    }

    /// Somebody who helps this visitor, or is helped by her.
    fn helper(&self, visitor: &str, of_hers: bool) -> Id<Person> {
        let own = self.scene.person(visitor).or(self.scene.person("resident")).unwrap();
        let other = self.newcomer();
        let (person, helper) = if of_hers { (own, other) } else { (other, own) };
        let (code, vault) = (self.code_of(person, Help::Act), self.scene.vault.clone());
        let actor = Actor::Person { id: helper, grants: Vec::new() };
        let agree = move |tx: &mut store::Tx| people::become_helper_by_code(tx, &vault, &actor, &code);
        self.store.write_blocking("test.helper", agree).unwrap();
        other
    }

    pub(super) fn newcomer(&self) -> Id<Person> {
        let vault = self.scene.vault.clone();
        let new = move |tx: &mut store::Tx| {
            let cmd = people::Register { name: "田小红".to_owned(), ..people::Register::default() };
            people::register(tx, &vault, &OPERATOR, &cmd)
        };
        self.store.write_blocking("test.register", new).unwrap()
    }

    pub(super) fn code_of(&self, person: Id<Person>, may: Help) -> String {
        let (actor, vault) = (Actor::Person { id: person, grants: Vec::new() }, self.scene.vault.clone());
        let make =
            move |tx: &mut store::Tx| people::help_code(tx, &vault, &actor, may, people::Relation::Family);
        self.store.write_blocking("test.help_code", make).unwrap()
    }

    /// The number by which somebody new lets another one help her.
    pub(super) fn help_code(&self) -> String {
        self.code_of(self.newcomer(), Help::Act)
    }

    /// A batch that the staff of the centre drew up.
    fn batch(&self) -> String {
        let (staff, offer) = (self.scene.actor("staff"), self.offer.parse().unwrap());
        portal::draw_up(&self.store, &staff, &portal::BatchAction::Cost(500), &[offer]).unwrap().to_string()
    }

    /// A saved search of this visitor, saved by its page, and the key of the address that ends messages about it.
    fn saved_search(&self, visitor: &str) -> (String, String) {
        let visitor = if self.scene.person(visitor).is_some() { visitor } else { "resident" };
        let person = self.scene.person(visitor).unwrap();
        let mut client = self.browser(visitor);
        client.get(FORM_PAGE).expect(200);
        client.post("/me/searches", &[("q", "书法"), ("kind", "course")]).expect(303);
        self.store
            .read_blocking(move |tx| {
                tx.one(
                    store::sql!(
                        "SELECT s.search_id, n.stop_key FROM saved_search s \
                         JOIN saved_search_notice n ON n.person_id = s.person_id WHERE s.person_id = $1"
                    ),
                    store::params![person],
                )
            })
            .unwrap()
    }

    /// A real value for a part of a path. A new part has to be named here.
    fn value(&self, path: &str, name: &str, visitor: &str) -> String {
        match name {
            "file" if path.starts_with("/calendar/regions/") => format!("{}.ics", self.scene.city.town),
            "file" if path.starts_with("/calendar/orgs/") => format!("{}.ics", self.scene.city.centre),
            "file" if path.starts_with("/sitemap/") => "offers.xml".to_owned(),
            "file" if path.starts_with("/calendar/") => format!("{}.ics", self.now.class_id),
            "file" if path.starts_with("/credentials/") => self.credential.clone(),
            "credential" if path.starts_with("/log/") => self.credential.clone(),
            "size" if path.starts_with("/log/heads/") => self.sealed.to_string(),
            "key" if path.starts_with("/credentials/keys/") => credentials::testing::issuer().key.id(),
            "id" if path.starts_with("/desk/offers/") => self.offer.clone(),
            "id" if path.starts_with("/desk/exports/") => self.export(visitor),
            "id" if path.starts_with("/orgs/") => self.scene.city.centre.to_string(),
            "id" if path.starts_with("/figures/reported/") => self.reported.clone(),
            "figure" if path.starts_with("/figures/") => "attendances".to_owned(),
            "id" if path.starts_with("/me/sessions/") => self.other_session(visitor).to_string(),
            "batch" => self.batch(),
            "search" => self.saved_search(visitor).0,
            "key" if path.starts_with("/me/searches/stop/") => self.saved_search("resident").1,
            "notice"
                if matches!(
                    path,
                    "/desk/notices/sent/{notice}/edit" | "/desk/notices/sent/{notice}/send"
                ) =>
            {
                self.drafted_notice().to_string()
            }
            "notice" => self.notice.to_string(),
            "reorganisation" => self.reorganisation(path.ends_with("/undo")).to_string(),
            "import" => self.import().to_string(),
            // The place whose answer is looked at, or returned, is the one that has answered.
            "org" if path.starts_with("/desk/notices/sent/") => self.scene.city.school.to_string(),
            "offer" => self.offer.clone(),
            "org" => self.scene.city.centre.to_string(),
            "class" => self.now.class_id.to_string(),
            "session" => self.now.sessions[0].to_string(),
            "entry" => self.entry.clone(),
            "job" => self.job.to_string(),
            "code" if path.starts_with("/places/") || path.starts_with("/api/v1/regions/") => {
                self.scene.city.town.to_string()
            }
            "name" if path.starts_with("/assets/") => self.asset.clone(),
            "invitation" => self.invitation(path.ends_with("/decline")).to_string(),
            "list" => self.list().to_string(),
            "helper" => self.helper(visitor, true).to_string(),
            "person" if path.starts_with("/helping/") => self.helper(visitor, false).to_string(),
            "person" if path.contains("/counter/phone/") => {
                self.scene.person("resident").unwrap().to_string()
            }
            "person" => self.scene.person("staff").unwrap().to_string(),
            "token" if path.starts_with("/desk/security/") => self.token("resident").0.to_string(),
            "token" if path.starts_with("/sign-in/link/") => {
                let person = self.scene.person("resident").unwrap();
                let issue = move |tx: &mut store::Tx| people::issue_link(tx, person, 10);
                self.store.write_blocking("test.link", issue).unwrap()
            }
            _ => panic!("give {{{name}}} of {path} a value in {}", file!()),
        }
    }

    /// An open invitation of the centre: for the resident, or for a number that nobody has. Who takes a role is another visitor afterwards.
    pub(super) fn invitation(&self, for_resident: bool) -> people::InvitationId {
        let (vault, by, org) = (self.scene.vault.clone(), self.scene.actor("school"), self.scene.city.centre);
        let resident = self.scene.person("resident").unwrap();
        let fresh = super::tickets::fresh_number();
        let invite = move |tx: &mut store::Tx| {
            let own = people::phone_of(tx, &vault, resident)?.unwrap_or_default();
            let wanted = people::Invite {
                name: "王秀英".to_owned(),
                phone: if for_resident { people::typed_phone(&own)? } else { fresh.clone() },
                role: kernel::Role::Teacher,
                org,
                to_day: None,
                message: String::new(),
            };
            people::invite(tx, &vault, &by, &[wanted], &network::access::require)?;
            let open = people::invitations_of(tx, &vault, org, None, 1_000)?;
            let hers = people::invitations_for(tx, &vault, resident)?;
            let found =
                if for_resident { hers.first().map(|one| one.id) } else { open.last().map(|one| one.id) };
            found.ok_or_else(kernel::Error::missing)
        };
        self.store.write_blocking("test.invite", invite).unwrap()
    }

    /// A list of the head of the school that waits for its button.
    fn list(&self) -> people::DraftId {
        let (vault, by, org) = (self.scene.vault.clone(), self.scene.actor("school"), self.scene.city.centre);
        let keep = move |tx: &mut store::Tx| people::keep_draft(tx, &vault, &by, org, &[]);
        self.store.write_blocking("test.list", keep).unwrap()
    }

    /// A notice that the college has not sent yet.
    fn drafted_notice(&self) -> NoticeId {
        let (college, by) = (self.scene.city.college, self.scene.actor("college"));
        let words = notices::testing::receipt_only();
        let draft = move |tx: &mut store::Tx| notices::draft_notice(tx, &by, college, &words);
        self.store.write_blocking("test.draft", draft).unwrap()
    }

    /// A reorganisation that the college prepared, or has carried out.
    fn reorganisation(&self, applied: bool) -> network::ReorganisationId {
        let (centre, by) = (self.scene.city.centre, self.scene.actor("college"));
        let make = move |tx: &mut store::Tx| {
            let cmd = network::Prepare {
                title: "改名".to_owned(),
                document: String::new(),
                effective_on: tx.now().day(),
                lines: format!("改名,{centre},,学习中心{}", u64::from_be_bytes(tx.chance().bytes())),
            };
            let network::Prepared::Ready(id) = network::prepare(tx, &by, &cmd)? else { panic!("faulty") };
            if applied {
                network::confirm(tx, &by, id)?;
            }
            Ok(id)
        };
        self.store.write_blocking("test.reorganisation", make).unwrap()
    }

    /// A file with an organisation below the centre that the college handed in.
    pub(super) fn import(&self) -> network::ImportId {
        let (centre, by) = (self.scene.city.centre, self.scene.actor("college"));
        let make = move |tx: &mut store::Tx| {
            let name = format!("体验点{}", u64::from_be_bytes(tx.chance().bytes()));
            let file = format!("名称,类别,服务的地区\n{name},体验基地,500106004001\n");
            let table = network::read_import(file.as_bytes())?;
            network::keep_import(tx, &by, centre, &table)
        };
        self.store.write_blocking("test.import", make).unwrap()
    }

    /// An export of this visitor; of nobody there is none.
    fn export(&self, visitor: &str) -> String {
        let Some(person) = self.scene.person(visitor) else { return self.offer.clone() };
        let id = self.store.write_blocking("test.export", move |tx| {
            if let Some(found) = portal::exports::exports_of(tx, person)?.first() {
                return Ok(found.export_id);
            }
            let query = web::list::Query::parse(&network::ORGS, "");
            let format = portal::exports::Format::Csv;
            portal::exports::ask_export(tx, person, &query, format, kernel::Lang::Zh)
        });
        id.unwrap().to_string()
    }

    /// The class that is on now.
    pub(super) fn class_id(&self) -> String {
        self.now.class_id.to_string()
    }

    pub(super) fn address(&self, path: &str, visitor: &str) -> String {
        let parts = path.split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), |name| self.value(path, name, visitor))
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The session that is on now.
    pub(super) fn session(&self) -> activities::SessionId {
        self.now.sessions[0]
    }

    /// The whole service.
    pub(super) fn service(&self) -> Router {
        self.router.clone()
    }

    /// The code of a subject.
    pub(super) fn subject(&self) -> String {
        let all = self.store.read_blocking(catalog::subjects).unwrap();
        all.into_iter().find(|subject| subject.parent.is_some()).unwrap().code
    }

    /// A program that acts for this visitor with every scope. That a session acts for somebody is nothing to a program.
    pub(super) fn program(&self, visitor: &str) -> Client {
        if visitor == "helper" {
            return self.browser(visitor);
        }
        let mut client = Client::new(self.router.clone());
        if self.scene.person(visitor).is_some() {
            let secret = self.token(visitor).1;
            client.headers.push(("authorization", format!("Bearer {secret}")));
        }
        client
    }

    fn token(&self, visitor: &str) -> (Id<people::TokenMark>, String) {
        self.token_of(self.scene.person(visitor).unwrap())
    }

    /// A token of this person with every scope: its id and its secret.
    pub(super) fn token_of(&self, person: Id<Person>) -> (Id<people::TokenMark>, String) {
        let (vault, scopes) = (self.scene.vault.clone(), web::api::Scope::ALL.to_vec());
        let cmd = people::NewToken { person, scopes, days: 1 };
        let issue = move |tx: &mut store::Tx| people::issue_token(tx, &vault, &OPERATOR, &cmd);
        let made = self.store.write_blocking("test.token", issue).unwrap();
        (made.id, made.secret)
    }

    fn ask(&self, route: &RouteInfo, visitor: &str) -> Answer {
        // What a helper asks for is the resident's.
        let address = self.address(&route.path, if visitor == "helper" { "resident" } else { visitor });
        if route.operation.is_some() {
            let kind = (route.method != Method::GET).then_some("application/json");
            return self.program(visitor).send(route.method.clone(), &address, kind, "{}".to_owned());
        }
        let mut client = self.browser(visitor);
        match route.method {
            Method::GET => client.get(&address),
            Method::POST => {
                assert!(client.get(FORM_PAGE).expect(200).field("_csrf").is_some());
                client.post(&address, &[])
            }
            _ => panic!("say here how {} {} is tried", route.method, route.path),
        }
    }
}

/// All routes, those that change something last.
pub(super) fn table() -> Vec<RouteInfo> {
    let mut table = crate::city::routes().table();
    table.sort_by_key(|route| route.method != Method::GET);
    table
}

/// What must hold of every answer, whatever the snapshot says.
fn check(site: &Site, route: &RouteInfo, visitor: &str, answer: &Answer) {
    let status = answer.status.as_u16();
    let told = format!("{} {} as {visitor}: {status} {}", route.method, route.path, answer.text);
    assert!(status < 500, "{told}");
    dressed(answer, &told);
    let get = route.method == Method::GET;
    let program = route.operation.is_some();
    let sent_away =
        (status == 303 && answer.location().starts_with("/sign-in")) || ((!get || program) && status == 401);
    let problem =
        answer.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    assert!(!program || problem == (status >= 400), "{told}");
    let rights =
        site.scene.actor(visitor).grants().iter().flat_map(|grant| grant.role.rights()).collect::<Vec<_>>();
    match route.access {
        // A page that is shown to nobody in particular may still be for the person herself.
        Access::Public if visitor == "helper" => {}
        Access::Public => assert!(!get || ![401, 403].contains(&status), "{told}"),
        Access::SignedIn | Access::Helped(_) | Access::Right(_)
            if visitor == "nobody" || (visitor == "helper" && program) =>
        {
            assert!(sent_away, "{told}")
        }
        Access::SignedIn if visitor == "helper" => assert_eq!(status, 403, "{told}"),
        Access::Right(right) if !rights.contains(&&right) => assert_eq!(status, 403, "{told}"),
        Access::SignedIn | Access::Helped(_) | Access::Right(_) => assert!(!sent_away, "{told}"),
        Access::LocalOnly => {}
    }
}

fn dressed(answer: &Answer, told: &str) {
    let policy = answer.headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
    assert!(policy.is_some_and(|policy| policy.contains("default-src 'none'")), "{told}");
}

/// Asks everything as everybody and gives the table of answers.
fn walk(engine: Engine) -> String {
    let table = table();
    let columns: Vec<Vec<u16>> = VISITORS
        .iter()
        .map(|visitor| {
            // Each visitor comes to a city of her own, so that nobody finds what another one did.
            let site = Site::new(engine);
            let ask = |route| {
                let answer = site.ask(route, visitor);
                check(&site, route, visitor, &answer);
                answer.status.as_u16()
            };
            table.iter().map(ask).collect()
        })
        .collect();
    let mut text = String::from(
        "# Status of every route for every kind of visitor; an empty form is sent to those that take one.\n\
         # Renew: XUECHENG_RENEW=1 cargo test --release -p xuecheng routes\n",
    );
    let _ = write!(text, "{:<4} {:<38} {:<20}", "", "", "");
    for visitor in VISITORS {
        let _ = write!(text, " {visitor:>8}");
    }
    text.push('\n');
    for (n, route) in table.iter().enumerate() {
        let access = format!("{:?}", route.access);
        let _ = write!(text, "{:<4} {:<38} {access:<20}", route.method.as_str(), route.path);
        for column in &columns {
            let _ = write!(text, " {:>8}", column[n]);
        }
        text.push('\n');
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "who runs the test says whether the table is to be renewed")]
pub(super) fn renewing() -> bool {
    std::env::var_os("XUECHENG_RENEW").is_some()
}

fn matches_the_table(engine: Engine) {
    let text = walk(engine);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/routes.txt");
    if renewing() && engine == Engine::Sqlite {
        std::fs::write(path, &text).unwrap();
    }
    let known = if renewing() { text.clone() } else { std::fs::read_to_string(path).unwrap_or_default() };
    let mut differences = Vec::new();
    for line in text.lines().filter(|line| !known.lines().any(|old| old == *line)) {
        differences.push(format!("now {line}"));
    }
    for line in known.lines().filter(|line| !text.lines().any(|new| new == *line)) {
        differences.push(format!("was {line}"));
    }
    assert!(
        text == known,
        "the answers differ from {path}:\n{}\nIf that is meant, renew the table with XUECHENG_RENEW=1 and look at what git shows.",
        differences.join("\n")
    );
}

#[test]
fn everybody_gets_what_the_table_says_on_sqlite() {
    matches_the_table(Engine::Sqlite);
}

#[test]
fn everybody_gets_what_the_table_says_on_postgres() {
    matches_the_table(Engine::Postgres);
}

#[test]
fn a_form_from_elsewhere_is_refused_everywhere() {
    let site = Site::new(Engine::Sqlite);
    for route in table().iter().filter(|route| route.method != Method::GET) {
        // The head of the city passes every route but those of the three administrators, who are asked there.
        let visitor = match route.access {
            Access::Right(Right::Audit) => "auditor",
            Access::Right(Right::ManageSystem) => "system",
            Access::Right(Right::ManageSecurity) => "security",
            _ => "city",
        };
        for headers in [
            vec![("origin", "https://elsewhere.example".to_owned())],
            vec![("sec-fetch-site", "cross-site".to_owned())],
        ] {
            let mut client =
                if route.operation.is_some() { site.program(visitor) } else { site.browser(visitor) };
            client.get(FORM_PAGE).expect(200);
            client.headers.extend(headers);
            let address = site.address(&route.path, visitor);
            let answer = if route.operation.is_some() {
                client.send(route.method.clone(), &address, Some("application/json"), "{}".to_owned())
            } else {
                client.post(&address, &[])
            };
            dressed(&answer, &route.path);
            assert_eq!(answer.status.as_u16(), 403, "{} {}", route.path, answer.text);
            assert!(answer.text.contains("web.") || answer.text.contains("来源"), "{}", answer.text);
        }
    }
}

#[test]
fn the_operators_routes_are_hidden_from_other_machines() {
    let site = Site::new(Engine::Sqlite);
    let all = table();
    let local: Vec<_> = all.iter().filter(|route| route.access == Access::LocalOnly).collect();
    assert!(!local.is_empty());
    for route in local {
        let mut client = site.browser("city");
        client.address = ([192, 0, 2, 7], 50_000).into();
        client.get(&site.address(&route.path, "city")).expect(404);
        let mut client = site.browser("city");
        client.headers.push(("x-forwarded-for", "192.0.2.7".to_owned()));
        client.get(&site.address(&route.path, "city")).expect(404);
    }
}
