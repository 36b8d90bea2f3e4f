//! Pages that are the same for everybody, made once and given to all who ask within a second.
//!
//! A route says that its answers may be kept ([`Routes::kept`](crate::Routes::kept)); the rest is decided for each answer. What has anything
//! to do with a visitor is never kept: no request with a session, a token, a message or a choice of language in its address is answered from
//! here, and no answer that sets a cookie or is no plain 200 is taken. Tokens and keys of forms are left blank and written in for each who asks
//! ([`Blanked`]). Languages, scales and encodings are
//! apart. An answer is kept for a second at most, counted from before its data were read, so that no process has to tell another what
//! changed. What must not be old even for a second, such as free seats, brings a **check** ([`Cx::keep_while`](crate::Cx::keep_while)): the
//! database is asked before each giving whether what is shown is still so.
//!
//! Of many who ask for the same page at the same time one has it made and the others wait for it; and who asks in the second half of its life has
//! the next one made behind her back, so that nobody waits for a page that is always asked for. Memory is bounded: what finds no room is
//! not kept.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::{
    body::{Body, Bytes, HttpBody as _, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use kernel::{Error, Lang, Result, Timestamp};
use store::Tx;

use crate::{
    Cx, Rank, Scale, Shell,
    blanks::{Blank, Blanked},
    error, observe,
    routes::GZIP_LEVEL,
    shell,
};

/// Whether answers of a route may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Keep {
    /// Each is made anew.
    #[default]
    Never,
    /// They may be a second old.
    Briefly,
    /// They show what must be true now: they may be a second old as long as their check says that it is still so. Without a check they are not
    /// kept.
    Checked,
}

/// How long and how much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// Milliseconds for which an answer is kept, counted from before its data were read; 0 keeps nothing, 1,000 is the most.
    pub life_ms: i64,
    /// Bytes that all kept answers of the process take.
    pub bytes: usize,
}

/// Longest life of an answer.
pub const LIFE_MS_MAX: i64 = 1_000;
/// Longest page that is kept, in bytes before it is compressed.
const PAGE_BYTES_MAX: u64 = 1024 * 1024;
/// Addresses that are known at once.
const ENTRIES_MAX: usize = 8_192;
/// Cookies with which a page is still everybody's: language and scale are part of its key, and the visitor's names her forms, whose tokens are
/// written in. Whoever brings another one, a session or a message or what is invented later, is answered apart.
const COOKIES: [&str; 3] = ["lang", "scale", "visitor"];
/// Longest address and longest `Accept-Encoding` of a kept answer.
const ADDRESS_BYTES_MAX: usize = 512;
const ENCODINGS_BYTES_MAX: usize = 64;
/// What an entry takes beside its page and address, about.
const ENTRY_BYTES: usize = 1_024;

/// Asks the database whether what an answer shows is still so.
pub(crate) type Check = Arc<dyn Fn(&mut Tx) -> Result<bool> + Send + Sync>;

/// Mark that the shell puts on an answer that may be kept.
#[derive(Clone)]
pub(crate) struct May {
    check: Option<Check>,
    blanks: Vec<(Blank, String)>,
}

impl May {
    /// Whether an answer may be kept: it is the same for everybody who asks for this address in this language and at this scale.
    pub(crate) fn of(cx: &Cx, keep: Keep, response: &Response) -> Option<Self> {
        let headers = response.headers();
        let everybodys = response.status() == StatusCode::OK
            && cx.is_nobody()
            && !cx.is_unique()
            && !headers.contains_key(header::SET_COOKIE)
            && !headers
                .get(header::CACHE_CONTROL)
                .is_some_and(|value| value.as_bytes().starts_with(b"no-store"));
        let small = response.body().size_hint().upper().is_some_and(|bytes| bytes <= PAGE_BYTES_MAX);
        let check = cx.check();
        let allowed = match keep {
            Keep::Never => false,
            Keep::Briefly => true,
            Keep::Checked => check.is_some(),
        };
        (everybodys && small && allowed).then(|| Self { check, blanks: cx.blanks() })
    }
}

/// Everything by which answers to the same address differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    address: Box<str>,
    lang: Lang,
    scale: Scale,
    encodings: Box<str>,
}

/// A finished answer.
struct Page {
    /// When its making began, by the clock of the city and by that of the process.
    born: Timestamp,
    begun: Instant,
    headers: HeaderMap,
    body: Kept,
    check: Option<Check>,
}

enum Kept {
    Whole(Bytes),
    Blanked(Blanked),
}

impl Kept {
    fn size(&self) -> usize {
        match self {
            Kept::Whole(bytes) => bytes.len(),
            Kept::Blanked(blanked) => blanked.size(),
        }
    }
}

enum Held {
    Nothing,
    Page(Arc<Page>),
    /// What was made then was not to be kept: nobody waits for the next one.
    Passing(Timestamp),
}

struct Entry {
    held: Held,
    /// Whose turn it is to have the page made.
    turn: Arc<tokio::sync::Mutex<()>>,
    bytes: usize,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    bytes: usize,
    swept: Timestamp,
}

/// The kept answers of one service.
pub(crate) struct Keeper {
    shell: Shell,
    keeping: Keeping,
    /// What may be kept, by the pattern of its route, with its rank for the log.
    routes: HashMap<String, Rank>,
    entries: Mutex<Entries>,
}

impl Keeper {
    pub(crate) fn new(shell: Shell, keeping: Keeping, routes: HashMap<String, Rank>) -> Self {
        Self { shell, keeping, routes, entries: Mutex::default() }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.shell.clock().now()
    }

    /// A clock that was set back makes nothing live longer.
    fn is_fresh(&self, born: Timestamp, now: Timestamp) -> bool {
        (0..self.keeping.life_ms.min(LIFE_MS_MAX)).contains(&(now.millis() - born.millis()))
    }

    /// Whether more than half of its life is over.
    fn is_ageing(&self, page: &Page) -> bool {
        2 * (self.now().millis() - page.born.millis()) >= self.keeping.life_ms.min(LIFE_MS_MAX)
    }

    /// Under what a request's answer is kept; `None` if it has anything to do with its sender.
    fn key(&self, request: &Request) -> Option<Key> {
        let (headers, uri) = (request.headers(), request.uri());
        let kept = request.method() == Method::GET
            && request
                .extensions()
                .get::<MatchedPath>()
                .is_some_and(|path| self.routes.contains_key(path.as_str()))
            && !headers.contains_key(header::AUTHORIZATION)
            && !headers.contains_key(header::RANGE)
            && crate::cookie::only(headers, &COOKIES);
        if !kept {
            return None;
        }
        let address = uri.path_and_query().map_or(uri.path(), |both| both.as_str());
        let encodings = headers.get(header::ACCEPT_ENCODING).map_or(Ok(""), HeaderValue::to_str).ok()?;
        let asks = chooses(uri) || headers.get_all(header::ACCEPT_ENCODING).iter().nth(1).is_some();
        if asks || address.len() > ADDRESS_BYTES_MAX || encodings.len() > ENCODINGS_BYTES_MAX {
            return None;
        }
        let (lang, scale) = shell::remembered(headers);
        Some(Key { address: address.into(), lang, scale, encodings: encodings.into() })
    }

    fn fresh(&self, key: &Key) -> Option<Arc<Page>> {
        let now = self.now();
        match self.entries().by_key.get(key).map(|entry| &entry.held) {
            Some(Held::Page(page)) if self.is_fresh(page.born, now) => Some(page.clone()),
            _ => None,
        }
    }

    fn is_passing(&self, key: &Key) -> bool {
        let now = self.now();
        matches!(self.entries().by_key.get(key).map(|entry| &entry.held), Some(Held::Passing(at)) if self.is_fresh(*at, now))
    }

    /// The line of those who want this page; `None` if there is no room for another one.
    fn turn(&self, key: &Key) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let now = self.now();
        let mut entries = self.entries();
        if let Some(entry) = entries.by_key.get(key) {
            return Some(entry.turn.clone());
        }
        self.sweep(&mut entries, now);
        if entries.by_key.len() >= ENTRIES_MAX {
            return None;
        }
        let entry = Entry { held: Held::Nothing, turn: Arc::default(), bytes: 0 };
        let turn = entry.turn.clone();
        entries.by_key.insert(key.clone(), entry);
        Some(turn)
    }

    /// Forgets what has lived, at most once in the time of a life.
    fn sweep(&self, entries: &mut Entries, now: Timestamp) {
        if self.is_fresh(entries.swept, now) {
            return;
        }
        entries.swept = now;
        entries.by_key.retain(|_, entry| match &entry.held {
            Held::Page(page) => self.is_fresh(page.born, now),
            Held::Passing(at) => self.is_fresh(*at, now),
            // Somebody is having it made.
            Held::Nothing => Arc::strong_count(&entry.turn) > 1,
        });
        entries.bytes = entries.by_key.values().map(|entry| entry.bytes).sum();
    }

    fn hold(&self, key: &Key, held: Held) {
        let bytes = match &held {
            Held::Page(page) => page.body.size() + key.address.len() + ENTRY_BYTES,
            Held::Nothing | Held::Passing(_) => 0,
        };
        let now = self.now();
        let mut entries = self.entries();
        self.sweep(&mut entries, now);
        let Some(before) = entries.by_key.get(key).map(|entry| entry.bytes) else { return };
        let after = entries.bytes - before + bytes;
        let (held, after, bytes) = if after > self.keeping.bytes {
            (Held::Passing(now), entries.bytes - before, 0)
        } else {
            (held, after, bytes)
        };
        entries.bytes = after;
        if let Some(entry) = entries.by_key.get_mut(key) {
            (entry.held, entry.bytes) = (held, bytes);
        }
    }

    /// Whether what the page shows is still so.
    async fn holds(&self, page: &Page) -> bool {
        match page.check.clone() {
            None => true,
            // A database that does not answer is told of by the page that is then made.
            Some(check) => self.shell.store().read(move |tx| check(tx)).await.unwrap_or(false),
        }
    }

    /// Takes an answer in, if it is one to be kept.
    async fn take(
        &self,
        key: &Key,
        born: Timestamp,
        begun: Instant,
        response: Response,
    ) -> std::result::Result<Arc<Page>, Response> {
        let (mut parts, body) = response.into_parts();
        let Some(may) = parts.extensions.remove::<May>() else {
            self.hold(key, Held::Passing(born));
            return Err(Response::from_parts(parts, body));
        };
        let Ok(body) = to_bytes(body, 2 * PAGE_BYTES_MAX as usize).await else {
            return Err(error::into_failure(Error::bug("a finished page cannot be read")));
        };
        let body = if may.blanks.is_empty() {
            Kept::Whole(body)
        } else {
            let gzip = parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
            match Blanked::cut(&body, gzip, &may.blanks, GZIP_LEVEL.unsigned_abs()) {
                Some(blanked) => Kept::Blanked(blanked),
                None => {
                    self.hold(key, Held::Passing(born));
                    return Err(Response::from_parts(parts, Body::from(body)));
                }
            }
        };
        let mut headers = parts.headers;
        for own in [REQUEST_ID, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::SET_COOKIE] {
            headers.remove(own);
        }
        // What is written in anew each time is never the version that somebody has.
        if let Kept::Whole(body) = &body
            && let Ok(tag) =
                HeaderValue::from_str(&format!("\"{}\"", seal::base64url(&seal::sha256(body)[..16])))
        {
            headers.insert(header::ETAG, tag);
        }
        let page = Arc::new(Page { born, begun, headers, body, check: may.check });
        self.hold(key, Held::Page(page.clone()));
        Ok(page)
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("keeping", &self.keeping).finish_non_exhaustive()
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whether an address chooses a language or scale: its answer sets a cookie.
fn chooses(uri: &Uri) -> bool {
    uri.query()
        .is_some_and(|query| shell::pairs(query).iter().any(|(name, _)| name == "lang" || name == "scale"))
}

/// Whether the sender has this version already (RFC 9110 section 13.1.2).
fn has(headers: &HeaderMap, page: &Page) -> bool {
    let Some(tag) = page.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|known| known.trim())
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Headers that tell of a body, and have no place in an answer without one.
const OF_BODY: [HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_ENCODING];

/// The layer around all others.
pub(crate) async fn keep(State(keeper): State<Arc<Keeper>>, request: Request, next: Next) -> Response {
    let Some(key) = keeper.key(&request) else { return next.run(request).await };
    let head = Asked::of(&keeper, &request);
    if let Some(page) = keeper.fresh(&key)
        && keeper.holds(&page).await
    {
        if keeper.is_ageing(&page)
            && let Some(turn) = keeper.turn(&key)
            && let Ok(turn) = turn.try_lock_owned()
        {
            tokio::spawn(renew(keeper.clone(), key, Wanted::of(&request), next, turn));
        }
        return head.given(&page);
    }
    let Some(turn) = keeper.turn(&key).filter(|_| !keeper.is_passing(&key)) else {
        return next.run(request).await;
    };
    let made = turn.lock().await;
    // What was begun after this request had come is as new as what it would have made itself, whatever happened meanwhile.
    if let Some(page) = keeper.fresh(&key)
        && (page.begun >= head.came || keeper.holds(&page).await)
    {
        return head.given(&page);
    }
    if keeper.is_passing(&key) {
        drop(made);
        return next.run(request).await;
    }
    let (born, begun) = (keeper.now(), Instant::now());
    let response = next.run(request).await;
    let id = response.headers().get(REQUEST_ID).cloned();
    match keeper.take(&key, born, begun, response).await {
        Err(response) => response,
        Ok(page) => {
            let mut response = head.answer(&page);
            if let Some(id) = id {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            response
        }
    }
}

/// A request for the same page by nobody in particular.
struct Wanted {
    uri: Uri,
    headers: HeaderMap,
    extensions: axum::http::Extensions,
}

impl Wanted {
    fn of(request: &Request) -> Self {
        let mut headers = request.headers().clone();
        for own in [header::IF_NONE_MATCH, REQUEST_ID] {
            headers.remove(own);
        }
        Self { uri: request.uri().clone(), headers, extensions: request.extensions().clone() }
    }

    fn request(self) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        *request.extensions_mut() = self.extensions;
        request
    }
}

/// Makes a page anew before its life ends, so that of the many who ask for it nobody waits. What comes out otherwise than a page, because
/// the program has too much to do or something was withdrawn, is left to the next who asks.
async fn renew(
    keeper: Arc<Keeper>,
    key: Key,
    wanted: Wanted,
    next: Next,
    _turn: tokio::sync::OwnedMutexGuard<()>,
) {
    let (born, begun) = (keeper.now(), Instant::now());
    let response = next.run(wanted.request()).await;
    if response.extensions().get::<May>().is_some() {
        let _ = keeper.take(&key, born, begun, response).await;
    }
}

/// What of a request is still needed when its answer is found here.
struct Asked<'k> {
    keeper: &'k Keeper,
    observed: observe::Observed,
    id: Option<String>,
    known: Option<HeaderMap>,
    visitor: Option<String>,
    came: Instant,
}

impl<'k> Asked<'k> {
    fn of(keeper: &'k Keeper, request: &Request) -> Self {
        let route = observe::route(request);
        let rank = keeper.routes.get(&route).copied().unwrap_or_default();
        Self {
            keeper,
            observed: observe::Observed::new(Method::GET, route, rank),
            id: observe::given_id(request, keeper.shell.proxies()),
            known: request.headers().contains_key(header::IF_NONE_MATCH).then(|| request.headers().clone()),
            visitor: shell::visitor(request.headers()),
            came: Instant::now(),
        }
    }

    /// The page for this sender: as it is, with her own texts in its blanks, or the word that she has it already.
    fn answer(&self, page: &Page) -> Response {
        if self.has(page) {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            *response.headers_mut() = page.headers.clone();
            for name in OF_BODY {
                response.headers_mut().remove(name);
            }
            return response;
        }
        let (body, cookie) = match &page.body {
            Kept::Whole(body) => (body.clone(), None),
            Kept::Blanked(blanked) => self.filled(blanked),
        };
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = page.headers.clone();
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// The page with her tokens, and the cookie that they belong to if she has none yet.
    fn filled(&self, page: &Blanked) -> (Bytes, Option<HeaderValue>) {
        let shell = &self.keeper.shell;
        let mut new = None;
        let body = page.filled(|blank| match blank {
            Blank::Key => shell.form_key(),
            Blank::Token => {
                let visitor =
                    self.visitor.as_ref().unwrap_or_else(|| new.get_or_insert_with(|| shell.new_visitor()));
                shell.form_token(&shell.visit_token(visitor))
            }
        });
        (body, new.map(|visitor| shell.visitor_cookie(&visitor)))
    }

    fn has(&self, page: &Page) -> bool {
        self.known.as_ref().is_some_and(|headers| has(headers, page))
    }

    /// Gives a page that was there, and tells of it as the shell tells of those that it makes.
    fn given(self, page: &Page) -> Response {
        let mut response = self.answer(page);
        let id = self.id.unwrap_or_else(|| self.keeper.shell.request_id());
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        self.observed.answered(&id, "nobody", response.status());
        response
    }
}
