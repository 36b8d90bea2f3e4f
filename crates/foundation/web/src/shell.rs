//! What every request passes: its context, its session, its limits, and the dress of its answer.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use kernel::{Actor, Chance, Clock, Error, Grant, Help, Id, Lang, Person, Result, Timestamp};
use store::{Store, Tx};
use subtle::ConstantTimeEq as _;

use crate::{
    Cx, Limits, Rank, Scale, WebError,
    api::{BAD_TOKEN, Scope},
    authorization::{self, Shown},
    codes, cookie,
    cx::{Inner, masked},
    error,
    gate::Gate,
    kept::{Keep, Keeping, May},
    observe::{self, Observed},
};

/// Longest time for an answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// How long choices of language and scale are remembered, in seconds: a year.
pub(crate) const PREFERENCE_SECONDS: i64 = 31_536_000;

/// What the pages say about the installation.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Address under which the public sees it, without a slash at the end.
    pub base_url: String,
    /// Name of the city in Chinese, such as 重庆.
    pub city_zh: String,
    /// Name of the city in English.
    pub city_en: String,
    /// Whether the records are made up; said on every page.
    pub demo: bool,
    /// Telephone for help; shown on every page in elder mode.
    pub phone: String,
    /// ICP filing text 备案号; empty if there is none.
    pub filing: String,
    /// Where the source code is; empty if it is not published.
    pub source_url: String,
}

/// That a session acts for somebody else than its own person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Helping {
    /// Whose session it is.
    pub helper: Id<Person>,
    /// What she may do.
    pub may: Help,
}

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// The person; for whom a helper acts, if one does.
    pub person: Id<Person>,
    /// Her name for the page head.
    pub display_name: String,
    /// Her roles today; none while a helper acts for her.
    pub grants: Vec<Grant>,
    /// How sure it is that it is her.
    pub proof: Proof,
    /// Who acts for her, if it is not herself.
    pub helping: Option<Helping>,
}

/// How sure it is that a session is used by the person to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proof {
    /// The second factor must be shown before the session opens anything: until then nobody is signed in.
    pub pending: bool,
    /// What is grave wants the second factor to be shown again ([`Cx::confirmed_within`]).
    pub asked: bool,
    /// When the second factor was shown last.
    pub at: Option<Timestamp>,
}

/// Who a token of the API belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The token's identifier, which is also its user's name where one is asked for.
    pub id: String,
    /// The holder.
    pub person: Id<Person>,
    /// Her name.
    pub display_name: String,
    /// Her roles today.
    pub grants: Vec<Grant>,
    /// What the token may be used for.
    pub scopes: Vec<Scope>,
}

/// Finds sessions. The domain of people implements it.
pub trait Sessions: Send + Sync + 'static {
    /// The living token of the API whose secret has this hash (`seal::token_hash`).
    fn load_token(&self, _tx: &mut Tx, _token_hash: &[u8; 32]) -> Result<Option<TokenInfo>> {
        Ok(None)
    }

    /// The living session whose token has this hash (`seal::token_hash`). It must not trust an ended or expired one.
    fn load(&self, tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<SessionInfo>>;
}

/// Everything that requests share. Cheap to clone.
#[derive(Clone)]
pub struct Shell(Arc<Shared>);

struct Shared {
    store: Store,
    site: Arc<Site>,
    sessions: Arc<dyn Sessions>,
    clock: Arc<dyn Clock>,
    chance: Mutex<Chance>,
    secret: [u8; 32],
    ready: Arc<dyn Fn() -> Result<()> + Send + Sync>,
    gate: Gate,
    keeping: Option<Keeping>,
    proxies: Vec<IpAddr>,
    operator_token: String,
    services: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    pace: Mutex<Pace>,
    /// Keys that every request needs.
    flash_key: [u8; 32],
    csrf_key: [u8; 32],
}

/// Requests of one token that a process takes in a minute.
pub(crate) const TOKEN_REQUESTS_MAX: u32 = 1_200;

/// Counts the requests of each token in this minute. This protects the process that counts; what changes something is counted in the
/// database as well, for all processes together.
#[derive(Default)]
struct Pace {
    minute: i64,
    counts: HashMap<String, u32>,
}

impl Pace {
    fn take(&mut self, token: &str, now: kernel::Timestamp) -> bool {
        let minute = now.millis().div_euclid(60_000);
        if self.minute != minute {
            (self.minute, self.counts) = (minute, HashMap::new());
        }
        let count = self.counts.entry(token.to_owned()).or_default();
        *count += 1;
        *count <= TOKEN_REQUESTS_MAX
    }
}

impl Shell {
    /// `secret` is 32 random bytes that all processes of an installation share and that survive restarts: form tokens and messages are
    /// signed with keys derived from it.
    pub fn new(
        store: Store,
        site: Site,
        sessions: Arc<dyn Sessions>,
        secret: [u8; 32],
        chance: Chance,
    ) -> Self {
        Self(Arc::new(Shared {
            clock: store.clock().clone(),
            store,
            site: Arc::new(site),
            sessions,
            chance: Mutex::new(chance),
            secret,
            ready: Arc::new(|| Ok(())),
            gate: Gate::new(Limits::default()),
            keeping: None,
            proxies: Vec::new(),
            operator_token: String::new(),
            services: HashMap::new(),
            pace: Mutex::default(),
            flash_key: seal::derive(&secret, "flash"),
            csrf_key: seal::derive(&secret, "csrf"),
        }))
    }

    /// Gives handlers something of the program, found again by its type with [`Cx::get`]. Only before the shell is cloned.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, service: Arc<T>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.services.insert(TypeId::of::<T>(), service);
        } else {
            tracing::error!(service = std::any::type_name::<T>(), "given to a shell that is in use already");
        }
        self
    }

    /// What `/readyz` asks. Only before the shell is cloned.
    #[must_use]
    pub fn ready_when(mut self, ready: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.ready = Arc::new(ready);
        }
        self
    }

    /// How many requests of each rank may run at once. Only before the shell is cloned.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.gate = Gate::new(limits);
        }
        self
    }

    /// Lets answers of routes that are marked so be kept ([`Routes::kept`](crate::Routes::kept)). Only before the shell is cloned.
    #[must_use]
    pub fn keeping(mut self, keeping: Keeping) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.keeping = Some(keeping).filter(|keeping| keeping.life_ms > 0 && keeping.bytes > 0);
        }
        self
    }

    /// Proxies whose `x-request-id` is believed. Only before the shell is cloned.
    #[must_use]
    pub fn trusting(mut self, proxies: Vec<IpAddr>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.proxies = proxies;
        }
        self
    }

    /// The token of callers from elsewhere to the operator's routes; empty for none. Only before the shell is cloned.
    #[must_use]
    pub fn operated_with(mut self, token: String) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            shared.operator_token = token;
        }
        self
    }

    /// Requests of a rank that run and that wait now.
    pub fn load(&self, rank: Rank) -> (usize, usize) {
        self.0.gate.load(rank)
    }

    /// Whether the request shows the operator's token.
    pub(crate) fn is_operator(&self, headers: &HeaderMap) -> bool {
        let line = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or("");
        let token = line.strip_prefix("Bearer ").unwrap_or("");
        let known = self.0.operator_token.as_bytes();
        !known.is_empty() && bool::from(token.as_bytes().ct_eq(known))
    }

    pub(crate) fn kept(&self) -> Option<Keeping> {
        self.0.keeping
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn proxies(&self) -> &[IpAddr] {
        &self.0.proxies
    }

    /// A new id of a request.
    pub(crate) fn request_id(&self) -> String {
        seal::hex(&self.bytes::<8>())
    }

    pub(crate) fn ready(&self) -> Result<()> {
        (self.0.ready)()
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        let service = self.0.services.get(&TypeId::of::<T>()).cloned();
        service
            .and_then(|service| service.downcast::<T>().ok())
            .ok_or_else(|| Error::bug(format!("{} was not given to the shell", std::any::type_name::<T>())))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        self.0.chance.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }

    /// The token of a visit, by the cookie that names it.
    pub(crate) fn visit_token(&self, bearer: &str) -> [u8; 32] {
        seal::keyed_digest(&self.0.csrf_key, bearer.as_bytes())
    }

    /// A visit's token as a form carries it, under a mask of its own.
    pub(crate) fn form_token(&self, token: &[u8; 32]) -> String {
        let mask = self.bytes::<32>();
        seal::base64url(&[mask, masked(&mask, token)].concat())
    }

    /// A fresh key of a form.
    pub(crate) fn form_key(&self) -> String {
        seal::hex(&self.bytes::<16>())
    }

    /// The cookie of a visitor who has none yet.
    pub(crate) fn new_visitor(&self) -> String {
        seal::base64url(&self.bytes::<32>())
    }

    /// The line that gives a visitor her cookie; it lasts until the browser closes.
    pub(crate) fn visitor_cookie(&self, visitor: &str) -> HeaderValue {
        cookie::write("visitor", visitor, None, self.0.site.base_url.starts_with("https://"))
    }

    pub(crate) fn flash_key(&self) -> &[u8; 32] {
        &self.0.flash_key
    }

    pub(crate) fn key(&self, label: &str) -> [u8; 32] {
        seal::derive(&self.0.secret, label)
    }

    /// Whose token the request brings; a refusal if it brings one that is none.
    async fn token(&self, headers: &HeaderMap) -> (Option<TokenInfo>, Option<Error>) {
        let (user, secret) = match authorization::read(headers) {
            Shown::Nothing => return (None, None),
            Shown::Unreadable => return (None, Some(Error::new(&BAD_TOKEN))),
            Shown::Token { user, secret } => (user, secret),
        };
        let (sessions, hash) = (self.0.sessions.clone(), seal::token_hash(&secret));
        match self.0.store.read(move |tx| sessions.load_token(tx, &hash)).await {
            Ok(Some(token)) if user.as_ref().is_none_or(|user| *user == token.id) => {
                if self
                    .0
                    .pace
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(&token.id, self.0.clock.now())
                {
                    (Some(token), None)
                } else {
                    (None, Some(Error::new(&codes::TOO_MANY).arg("seconds", 60)))
                }
            }
            Ok(_) => (None, Some(Error::new(&BAD_TOKEN))),
            Err(error) => (None, Some(error)),
        }
    }

    async fn context(&self, head: Head, with_session: bool) -> (Cx, Option<String>, Option<Error>) {
        let (headers, uri) = (&head.headers, &head.uri);
        let query = pairs(uri.query().unwrap_or(""));
        let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let remembered = remembered(headers);
        let lang = asked("lang").and_then(|text| text.parse().ok()).unwrap_or(remembered.0);
        let scale = asked("scale").and_then(Scale::read).unwrap_or(remembered.1);
        let chosen: Vec<(&str, &str)> = [("lang", lang.tag()), ("scale", scale.as_str())]
            .into_iter()
            .filter(|(name, _)| asked(name).is_some())
            .collect();
        let path = uri.path().to_owned();
        let api = path.starts_with("/api/");
        // Programs bring a token with each request. A cookie, which a browser sends by itself, means nothing to the API.
        let session =
            cookie::read(headers, "session").filter(|token| token.len() == 43 && !api).map(str::to_owned);
        let (token, refused) = if api && with_session { self.token(headers).await } else { (None, None) };
        let found = match &session {
            Some(token) if with_session => {
                let (sessions, hash) = (self.0.sessions.clone(), seal::token_hash(token));
                self.0.store.read(move |tx| sessions.load(tx, &hash)).await
            }
            _ => Ok(None),
        };
        let (found, failure) = match found {
            Ok(found) => (found, refused),
            Err(error) => (None, Some(error)),
        };
        let found = found.or_else(|| {
            token.as_ref().map(|token| SessionInfo {
                person: token.person,
                display_name: token.display_name.clone(),
                grants: if token.scopes.contains(&Scope::Desk) { token.grants.clone() } else { Vec::new() },
                proof: Proof::default(),
                helping: None,
            })
        });
        let half = found.as_ref().filter(|found| found.proof.pending).map(|found| found.person);
        // Whose second factor is still to be shown has no rights at all, not even those of a resident.
        let found = found.filter(|found| !found.proof.pending);
        // A visitor without a session gets a cookie of her own when a page first shows her a form.
        let visitor = visitor(headers);
        let (bearer, new_visitor) = match (&found, session.as_ref(), visitor) {
            (Some(_), Some(token), _) => (token.clone(), None),
            (_, _, Some(visitor)) => (visitor, None),
            _ => {
                let token = self.new_visitor();
                (token.clone(), Some(token))
            }
        };
        let json = api
            || headers
                .get(header::ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .is_some_and(|accept| accept.contains("json") && !accept.contains("text/html"));
        let actor = match &found {
            None => Actor::Nobody,
            Some(SessionInfo { person, helping: Some(helping), .. }) => {
                Actor::Helper { id: *person, helper: helping.helper, may: helping.may }
            }
            Some(found) => Actor::Person { id: found.person, grants: found.grants.clone() },
        };
        let csrf_own = self.visit_token(&bearer);
        // A form that was opened for one person is not sent for another one.
        let csrf = match &actor {
            Actor::Helper { id, .. } => self.visit_token(&format!("{bearer}:{id}")),
            _ => csrf_own,
        };
        let inner = Inner {
            actor,
            may_help: AtomicBool::new(false),
            proof: found.as_ref().map(|found| found.proof).unwrap_or_default(),
            display_name: found.map(|found| found.display_name),
            half,
            lang,
            scale,
            near: cookie::read(headers, "near").and_then(|text| text.parse().ok()),
            path,
            route: head.route,
            request_id: head.id.unwrap_or_else(|| self.request_id()),
            client: head.client,
            now: self.0.clock.now(),
            store: self.0.store.clone(),
            site: self.0.site.clone(),
            shell: self.clone(),
            csrf,
            csrf_own,
            csrf_used: AtomicBool::new(false),
            session,
            flash: cookie::read(headers, "flash")
                .and_then(|value| cookie::unpack_flash(&self.0.flash_key, value)),
            flash_shown: AtomicBool::new(false),
            unique: AtomicBool::new(false),
            blanks: Mutex::default(),
            check: OnceLock::new(),
            cookies: Mutex::default(),
            json,
            api,
            token: token.map(|token| (token.id, token.scopes)),
            sent: OnceLock::new(),
            limited: OnceLock::new(),
            query: query.iter().filter(|(key, _)| key != "lang" && key != "scale").cloned().collect(),
        };
        let cx = Cx(Arc::new(inner));
        for (name, value) in chosen {
            cx.add_cookie(name, value, Some(PREFERENCE_SECONDS));
        }
        (cx, new_visitor, failure)
    }
}

/// What of a request its context is made of. A body is not to be shared between threads, so it is the head alone.
struct Head {
    headers: HeaderMap,
    uri: Uri,
    route: String,
    id: Option<String>,
    client: Option<IpAddr>,
}

/// The shell, and what each of the service's routes is ranked.
#[derive(Clone)]
pub(crate) struct Dressing {
    pub shell: Shell,
    pub ranks: Arc<HashMap<(Method, String), (Rank, Keep)>>,
}

impl Dressing {
    fn rank(&self, method: &Method, route: &str) -> Rank {
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        self.ranks.get(&(method, route.to_owned())).copied().unwrap_or_default().0
    }

    fn keep(&self, method: &Method, route: &str) -> Keep {
        if self.shell.kept().is_none() || *method != Method::GET {
            return Keep::Never;
        }
        self.ranks.get(&(method.clone(), route.to_owned())).copied().unwrap_or_default().1
    }
}

/// The outermost of our layers: nothing leaves without having passed it.
pub(crate) async fn dress(State(dressing): State<Dressing>, mut request: Request, next: Next) -> Response {
    if crate::assets::is_asset(request.uri().path()) {
        let mut response = next.run(request).await;
        safety_headers(response.headers_mut());
        return response;
    }
    let shell = &dressing.shell;
    let (method, route) = (request.method().clone(), observe::route(&request));
    let rank = dressing.rank(&method, &route);
    let observed = Observed::new(method.clone(), route.clone(), rank);
    let clean = is_clean(request.uri());
    let head = Head {
        headers: request.headers().clone(),
        uri: request.uri().clone(),
        route,
        id: observe::given_id(&request, &shell.0.proxies),
        client: observe::client(&request, &shell.0.proxies),
    };
    // Who is turned away must cost nothing of what is scarce: not even the look for her session.
    let pass = shell.0.gate.enter(rank).await;
    let (cx, new_visitor, failed) = shell.context(head, pass.is_ok()).await;
    request.extensions_mut().insert(cx.clone());
    let response = match (&pass, failed) {
        (Err(seconds), _) => {
            observe::shed(rank);
            error::into_failure(Error::new(&codes::BUSY).arg("seconds", *seconds))
        }
        (Ok(_), Some(error)) => error::into_failure(error),
        (Ok(_), None) if !clean => error::into_failure(Error::new(&codes::BAD_REQUEST)),
        (Ok(_), None) => match tokio::time::timeout(TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => error::into_failure(Error::new(&codes::TIMEOUT)),
        },
    };
    let mut response = error::finish(&cx, &method, response);
    let headers = response.headers_mut();
    if cx.flash.is_some() && cx.flash_shown.load(Ordering::Relaxed) {
        cx.add_cookie("flash", "", Some(0));
    }
    for line in cx.cookies.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        // Who sits down after somebody signed out must not find her pages with the back button.
        if line.as_bytes().starts_with(b"session=;") {
            headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
        }
        headers.append(header::SET_COOKIE, line);
    }
    let keep = dressing.keep(&method, &cx.route);
    if let Some(may) = May::of(&cx, keep, &response) {
        response.extensions_mut().insert(may);
    }
    let headers = response.headers_mut();
    if cx.csrf_used.load(Ordering::Relaxed)
        && let Some(visitor) = new_visitor
    {
        headers.append(header::SET_COOKIE, shell.visitor_cookie(&visitor));
    }
    safety_headers(headers);
    if let Ok(id) = HeaderValue::from_str(&cx.request_id) {
        headers.insert("x-request-id", id);
    }
    // Asked anew each time, but kept for going back: `no-store` would lose what was typed into a form.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    observed.answered(&cx.request_id, observe::actor(&cx), response.status());
    response
}

/// Headers of every answer (OWASP Secure Headers; CSP level 3). No script or style stands inside a page.
const SAFETY: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

fn safety_headers(headers: &mut HeaderMap) {
    for (name, value) in SAFETY {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The cookie of a visitor without a session.
pub(crate) fn visitor(headers: &HeaderMap) -> Option<String> {
    cookie::read(headers, "visitor").filter(|token| token.len() == 43).map(str::to_owned)
}

/// Language and scale that the sender chose before, or that her browser prefers.
pub(crate) fn remembered(headers: &HeaderMap) -> (Lang, Scale) {
    let lang = cookie::read(headers, "lang").and_then(|text| text.parse().ok());
    let scale = cookie::read(headers, "scale").and_then(Scale::read);
    (lang.unwrap_or_else(|| accepted(headers)), scale.unwrap_or_default())
}

/// The reader's language by `Accept-Language` (RFC 9110 section 12.5.4); the first of ours by weight, Chinese if none is named.
pub(crate) fn accepted(headers: &HeaderMap) -> Lang {
    let Some(line) = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return Lang::default();
    };
    let mut best: Option<(Lang, f32)> = None;
    for part in line.split(',') {
        let (tag, rest) = part.trim().split_once(';').unwrap_or((part.trim(), ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |text| text.parse().unwrap_or(0.0));
        if let Ok(lang) = tag.parse::<Lang>()
            && weight > best.map_or(0.0, |(_, weight)| weight)
        {
            best = Some((lang, weight));
        }
    }
    best.map_or(Lang::default(), |(lang, _)| lang)
}

/// Whether a request that changes something comes from our own pages: `Sec-Fetch-Site` decides where the browser sends it, else
/// `Origin` must name our host. Requests without either (programs, very old browsers) still need the form's token.
pub(crate) fn same_origin(method: &Method, headers: &HeaderMap) -> std::result::Result<(), WebError> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return if site == "same-origin" || site == "none" {
            Ok(())
        } else {
            Err(Error::new(&codes::CROSS_ORIGIN).into())
        };
    }
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    if text(header::HOST) == Some(host) { Ok(()) } else { Err(Error::new(&codes::CROSS_ORIGIN).into()) }
}

/// Whether path and query are free of control characters, however they are written: nobody types them, no page makes them, and
/// PostgreSQL takes no text with a zero byte.
fn is_clean(uri: &Uri) -> bool {
    let clean = |text: &str| !decode(text).chars().any(char::is_control);
    clean(uri.path())
        && pairs(uri.query().unwrap_or("")).iter().all(|(name, value)| {
            !name.chars().chain(value.chars()).any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        })
}

/// Reads `a=b&c=d` (WHATWG URL, `application/x-www-form-urlencoded`).
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let hex = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (byte, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, tail @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = tail;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::uri_part;

    #[test]
    fn queries_are_read_as_browsers_write_them() {
        let read = pairs("q=%E4%B9%A6%E6%B3%95+%E5%A4%A9&x=100%&y=%zz&&z");
        let expected = [("q", "书法 天"), ("x", "100%"), ("y", "%zz"), ("z", "")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(read, expected);
        assert_eq!(pairs(&format!("a={}", uri_part("书法 &=+"))), [("a".to_owned(), "书法 &=+".to_owned())]);
    }

    #[test]
    fn the_best_liked_language_wins() {
        let lang = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line));
            accepted(&headers)
        };
        assert_eq!(lang("fr, en;q=0.8, zh;q=0.7"), Lang::En);
        assert_eq!(lang("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh);
        assert_eq!(lang("fr"), Lang::Zh);
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
                .collect();
            same_origin(&Method::POST, &headers).is_ok()
        };
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]) && !check(&[("sec-fetch-site", "same-site")]));
        assert!(check(&[("origin", "https://a.example"), ("host", "a.example")]));
        assert!(!check(&[("origin", "https://b.example"), ("host", "a.example")]));
        assert!(!check(&[("origin", "null"), ("host", "a.example")]));
    }
}
