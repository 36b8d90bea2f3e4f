//! A kit for tests of pages: a service over a test store, and a client that behaves like a browser without scripts.

use std::{
    collections::BTreeMap,
    io::Read as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use flate2::read::GzDecoder;
use kernel::{Chance, Grant, Id, Org, Person, Result, Role, uri_part};
use store::{Store, Tx};
use tower::ServiceExt as _;

use crate::{Proof, Routes, SessionInfo, Sessions, Shell, Site};

/// Sessions that a test opens by hand, for crates that come before the domain of people.
#[derive(Default)]
pub struct TestSessions(Mutex<BTreeMap<[u8; 32], SessionInfo>>);

impl TestSessions {
    /// Opens a session of this person and gives its token.
    pub fn open(&self, person: Id<Person>, grants: &[(Role, Id<Org>)]) -> String {
        let token = seal::base64url(&seal::sha256(person.to_string().as_bytes()));
        let grants = grants.iter().map(|(role, org)| Grant { role: *role, org: *org }).collect();
        let info = SessionInfo {
            person,
            display_name: "王小明".to_owned(),
            grants,
            proof: Proof::default(),
            helping: None,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seal::token_hash(&token), info);
        token
    }
}

impl Sessions for TestSessions {
    fn load(&self, _: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionInfo>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token_hash).cloned())
    }
}

/// The site that tests show.
pub fn site() -> Site {
    Site {
        base_url: "http://xuecheng.test".to_owned(),
        city_zh: "重庆".to_owned(),
        city_en: "Chongqing".to_owned(),
        demo: true,
        phone: "023-12345678".to_owned(),
        filing: String::new(),
        source_url: String::new(),
    }
}

/// A shell over a store with sessions opened by hand and a fixed seed.
pub fn shell(store: &Store, sessions: Arc<dyn Sessions>) -> Shell {
    Shell::new(store.clone(), site(), sessions, [7; 32], Chance::seeded(7))
}

/// A running service and how people come to it.
pub struct World {
    /// The service.
    pub router: Router,
    /// Its sessions.
    pub sessions: Arc<TestSessions>,
}

impl World {
    /// Serves these routes.
    pub fn new(store: &Store, routes: Routes) -> Self {
        let sessions = Arc::new(TestSessions::default());
        Self { router: routes.build(shell(store, sessions.clone())), sessions }
    }

    /// A browser in which nobody is signed in.
    pub fn nobody(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A browser in which this person is signed in with these roles.
    pub fn person(&self, person: Id<Person>, grants: &[(Role, Id<Org>)]) -> Client {
        let mut client = self.nobody();
        client.cookie("session", &self.sessions.open(person, grants));
        client
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unpacked.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
}

impl Answer {
    /// Where it leads; empty if nowhere.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Fails unless it has this status.
    ///
    /// # Panics
    /// With the text of the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location(), self.text);
        self
    }

    /// Fails unless it contains this text.
    ///
    /// # Panics
    /// With the text of the answer.
    #[track_caller]
    pub fn has(self, text: &str) -> Self {
        assert!(self.text.contains(text), "{text:?} is not in: {}", self.text);
        self
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<String> {
        let tag = self.text.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
        let value = tag.split_once("value=\"")?.1.split_once('"')?.0;
        Some(value.replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&"))
    }
}

/// A browser without scripts: it keeps cookies, and sends the hidden fields of the page it saw last.
pub struct Client {
    router: Router,
    runtime: tokio::runtime::Runtime,
    cookies: BTreeMap<String, String>,
    hidden: Vec<(String, String)>,
    /// Headers sent with every request.
    pub headers: Vec<(&'static str, String)>,
    /// Where the client sits.
    pub address: SocketAddr,
}

impl Client {
    /// A browser before this service.
    ///
    /// # Panics
    /// If no runtime can be started.
    pub fn new(router: Router) -> Self {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        Self {
            router,
            runtime,
            cookies: BTreeMap::new(),
            hidden: Vec::new(),
            headers: Vec::new(),
            address: SocketAddr::from(([127, 0, 0, 1], 50_000)),
        }
    }

    /// Sets a cookie.
    pub fn cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The cookies that it would send, as a header has them.
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Forgets the hidden fields of the last page, as a forged form would not know them.
    pub fn forget_hidden(&mut self) {
        self.hidden.clear();
    }

    /// Opens a page.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, String::new())
    }

    /// Sends a form with the hidden `_csrf` and `_key` of the last page.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let own = self.hidden.iter().filter(|(name, _)| !fields.iter().any(|(field, _)| field == name));
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let body: Vec<String> = own
            .chain(fields.iter().copied())
            .map(|(name, value)| format!("{}={}", uri_part(name), uri_part(value)))
            .collect();
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), body.join("&"))
    }

    /// Follows a redirect, if the answer is one.
    pub fn follow(&mut self, answer: Answer) -> Answer {
        if answer.status.is_redirection() { self.get(answer.location()) } else { answer }
    }

    /// Waits, so that what the service does behind its answers goes on.
    pub fn wait(&self, time: std::time::Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    /// Sends any request.
    ///
    /// # Panics
    /// If the request is no HTTP, or the answer's body cannot be read or unpacked.
    pub fn send(&mut self, method: Method, path: &str, content_type: Option<&str>, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "xuecheng.test");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        let mut request = request.body(Body::from(body)).expect("the request is well formed");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let router = self.router.clone();
        let (parts, bytes) = self.runtime.block_on(async move {
            let (parts, body) =
                router.oneshot(request).await.unwrap_or_else(|never| match never {}).into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("the body can be read");
            (parts, bytes)
        });
        let bytes = if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip")
        {
            let mut open = Vec::new();
            GzDecoder::new(bytes.as_ref()).read_to_end(&mut open).expect("the body is packed soundly");
            open
        } else {
            bytes.to_vec()
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for line in parts.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
            if let Some((name, value)) = pair.split_once('=') {
                if rest.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let answer = Answer { status: parts.status, headers: parts.headers, bytes, text };
        if answer.text.contains("name=\"_csrf\"") {
            self.hidden = ["_csrf", "_key"]
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), answer.field(name)?)))
                .collect();
        }
        answer
    }
}

/// Fails if a template or source file of a crate uses words that are missing, or if its `i18n` files have words that nothing uses.
/// `dynamic` are the beginnings of keys that are put together at run time. Call it as
/// `web::testing::check_words(env!("CARGO_MANIFEST_DIR"), &["people-role-"])`.
///
/// # Panics
/// With the list of what is wrong, or if the crate's files cannot be read.
pub fn check_words(crate_folder: &str, dynamic: &[&str]) {
    let root = std::path::Path::new(crate_folder);
    let mut texts = Vec::new();
    for folder in ["src", "templates"] {
        collect(&root.join(folder), &mut texts);
    }
    let mut used: Vec<&str> = Vec::new();
    for text in &texts {
        for call in [".t(\"", ".t1(\"", ".t2(\"", ".ta(\""] {
            used.extend(text.split(call).skip(1).filter_map(|rest| rest.split('"').next()));
        }
    }
    used.sort_unstable();
    used.dedup();
    let mut faults = crate::i18n::faults(&used);
    let words = std::fs::read_to_string(root.join("i18n/zh-CN.ftl")).unwrap_or_default();
    for key in crate::i18n::keys_of(&words) {
        let quoted = format!("\"{key}\"");
        let known = key.starts_with("error-") || dynamic.iter().any(|start| key.starts_with(start));
        if !known && !texts.iter().any(|text| text.contains(&quoted)) {
            faults.push(format!("nothing uses {key}"));
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn collect(folder: &std::path::Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, texts);
        } else {
            // Comments show how to call, with keys that do not exist.
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let code =
                |line: &&str| !line.trim_start().starts_with("//") && !line.trim_start().starts_with("{#");
            texts.push(text.lines().filter(code).collect::<Vec<_>>().join("\n"));
        }
    }
}
