//! The request's context: who reads, in which language, at which scale, and with which means.

use std::{
    fmt,
    net::IpAddr,
    ops::Deref,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use askama::Template;
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use kernel::{Actor, Code, Day, Error, Help, Id, Lang, Person, RegionCode, Right, Timestamp, uri_part};
use store::{Store, Tx};
use subtle::ConstantTimeEq as _;

use crate::{
    Level, Shell, Site, ToArg, WebError, api::Scope, blanks::Blank, cookie, format, i18n, kept::Check,
    shell::PREFERENCE_SECONDS,
};

/// How large the pages are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scale {
    /// As usual.
    #[default]
    Normal,
    /// 长者模式: larger letters and targets, fewer choices, a telephone number always in sight.
    Elder,
}

impl Scale {
    /// The word of cookie, address and `data-scale`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scale::Normal => "normal",
            Scale::Elder => "elder",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Scale::Normal, Scale::Elder].into_iter().find(|scale| scale.as_str() == text)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The request's context. Cheap to clone; handlers take it as an argument, templates hold it as `cx`.
#[derive(Clone)]
pub struct Cx(pub(crate) Arc<Inner>);

/// What [`Cx`] holds.
pub struct Inner {
    /// Who acts.
    pub actor: Actor,
    /// The person's name for the page head.
    pub display_name: Option<String>,
    /// Who came through the first door of the sign-in and has her second factor still to show. Meanwhile nobody is signed in.
    pub half: Option<Id<Person>>,
    pub(crate) proof: crate::Proof,
    /// Whether this route is for helpers too.
    pub(crate) may_help: AtomicBool,
    /// Language of the answer.
    pub lang: Lang,
    /// Size of the page.
    pub scale: Scale,
    /// The division that the reader chose as hers for looking nearby; it is kept by her browser alone.
    pub near: Option<RegionCode>,
    /// Path of the request, without query.
    pub path: String,
    /// Pattern of the request's route, such as `/offers/{id}`: what logs name instead of the path, which may hold a secret.
    pub route: String,
    /// Id of the request, shown on error pages and written into the log.
    pub request_id: String,
    /// The moment at which the request came.
    pub now: Timestamp,
    /// The database.
    pub store: Store,
    /// The site.
    pub site: Arc<Site>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) shell: Shell,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) csrf: [u8; 32],
    /// The token of the visit itself, whomever it acts for.
    pub(crate) csrf_own: [u8; 32],
    pub(crate) csrf_used: AtomicBool,
    pub(crate) session: Option<String>,
    pub(crate) flash: Option<(Level, String)>,
    pub(crate) flash_shown: AtomicBool,
    /// Whether the answer holds something that no other answer may hold.
    pub(crate) unique: AtomicBool,
    /// Tokens and keys of forms that the answer holds.
    pub(crate) blanks: Mutex<Vec<(Blank, String)>>,
    /// Asks whether what the answer shows is still so.
    pub(crate) check: OnceLock<Check>,
    pub(crate) cookies: Mutex<Vec<HeaderValue>>,
    pub(crate) json: bool,
    /// Whether a program asks through the API.
    pub(crate) api: bool,
    pub(crate) token: Option<(String, Vec<Scope>)>,
    /// What was sent, for refusals that repeat it.
    pub(crate) sent: OnceLock<serde_json::Value>,
    /// Seconds to wait, once a form was refused for coming too often.
    pub(crate) limited: OnceLock<String>,
}

impl Deref for Cx {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Cx {
    /// The words of a key.
    pub fn t(&self, key: &str) -> String {
        i18n::say(self.lang, key, &[])
    }

    /// The words of a key with values: `cx.ta("key", &[("n", &value)])`.
    pub fn ta(&self, key: &str, args: &[(&str, &dyn ToArg)]) -> String {
        i18n::say(self.lang, key, args)
    }

    /// The words of a value of a list, such as a status: `cx.tk("class-status", "open")` reads the key `class-status-open`.
    pub fn tk(&self, list: &str, word: &str) -> String {
        i18n::say(self.lang, &format!("{list}-{word}"), &[])
    }

    /// The words of a key with one value.
    pub fn t1(&self, key: &str, name: &str, value: impl ToArg) -> String {
        i18n::say(self.lang, key, &[(name, &value)])
    }

    /// The words of a key with two values.
    pub fn t2(&self, key: &str, name: &str, value: impl ToArg, name2: &str, value2: impl ToArg) -> String {
        i18n::say(self.lang, key, &[(name, &value), (name2, &value2)])
    }

    /// The sentence of an error code.
    pub fn code(&self, code: &Code, args: &[(&'static str, String)]) -> String {
        i18n::say_code(self.lang, code, args)
    }

    /// A text that is stored in both languages.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En if en.is_empty() => zh,
            Lang::En => en,
        }
    }

    /// Whether the token of this request has a scope.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.token.as_ref().is_some_and(|(_, scopes)| scopes.contains(&scope))
    }

    /// Answers a program with JSON.
    pub fn json(&self, status: StatusCode, body: &impl serde::Serialize) -> crate::Result {
        let text = serde_json::to_string(body)
            .map_err(|error| Error::bug("an answer cannot be written").caused_by(error))?;
        let mut response =
            (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text)
                .into_response();
        response.extensions_mut().insert(crate::Verbatim);
        Ok(response)
    }

    /// Whether the page is in Chinese.
    pub fn zh(&self) -> bool {
        self.lang == Lang::Zh
    }

    /// Whether the page is set for older readers.
    pub fn elder(&self) -> bool {
        self.scale == Scale::Elder
    }

    /// `2026年11月23日 周一`: the city's day of a moment.
    pub fn date(&self, at: &Timestamp) -> String {
        format::day(self.lang, at.day())
    }

    /// `2026年11月23日 周一`.
    pub fn day(&self, day: &Day) -> String {
        format::day(self.lang, *day)
    }

    /// `11月23日 周一`, for lists whose year is clear.
    pub fn short_day(&self, day: &Day) -> String {
        format::short_day(self.lang, *day)
    }

    /// `2026年11月23日 周一 09:30`.
    pub fn datetime(&self, at: &Timestamp) -> String {
        format::datetime(self.lang, *at)
    }

    /// `09:30`.
    pub fn clock(&self, at: &Timestamp) -> String {
        at.clock_text()
    }

    /// `12,340`.
    pub fn number(&self, value: impl ToArg) -> String {
        match value.to_arg() {
            crate::Arg::Number(number) => format::number(number),
            crate::Arg::Text(text) => text,
        }
    }

    /// The person who is signed in.
    pub fn person(&self) -> Option<Id<Person>> {
        self.actor.person()
    }

    /// The person who is signed in, or for whom her helper acts where helpers may; else a refusal, which leads to the sign-in page or says that only
    /// she herself can do it.
    pub fn signed_in(&self) -> kernel::Result<Id<Person>> {
        if self.is_helping() && !self.may_help.load(Ordering::Relaxed) {
            return Err(Error::new(&crate::codes::HERSELF));
        }
        let door = if self.half.is_some() { &crate::codes::SECOND_FACTOR } else { &kernel::SIGN_IN };
        self.actor.person().ok_or_else(|| Error::new(door))
    }

    /// Whether somebody acts for another person.
    pub fn is_helping(&self) -> bool {
        matches!(self.actor, Actor::Helper { .. })
    }

    /// Whether who looks may also act: everybody but a helper who may only look.
    pub fn may_act(&self) -> bool {
        !matches!(self.actor, Actor::Helper { may: Help::Look, .. })
    }

    /// Lets a helper in who may do this.
    pub(crate) fn let_help(&self, wanted: Help) -> kernel::Result<()> {
        match self.actor {
            Actor::Helper { may, .. } if !may.covers(wanted) => Err(Error::new(&crate::codes::ONLY_LOOKS)),
            _ => {
                self.may_help.store(true, Ordering::Relaxed);
                self.signed_in().map(drop)
            }
        }
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.actor.person().is_some()
    }

    /// Whether the actor holds a right at any organisation. Commands check the concrete one.
    pub fn may_somewhere(&self, right: Right) -> bool {
        self.actor.grants().iter().any(|grant| grant.role.rights().contains(&right))
    }

    /// Whether the actor has a desk: any role at all.
    pub fn is_staff(&self) -> bool {
        self.may_somewhere(Right::OpenDesk)
    }

    /// A parameter of the address's query; empty if absent.
    pub fn param(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// A parameter of the address's query, read as a `T`; `None` if absent or unreadable.
    pub fn param_as<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.param(name).parse().ok()
    }

    /// All parameters of the address's query, in their order.
    pub fn params(&self) -> &[(String, String)] {
        &self.query
    }

    /// This page's address with one parameter set (or removed, if the value is empty).
    pub fn url_with(&self, name: &str, value: impl fmt::Display) -> String {
        self.url_with_all(&[(name, &value.to_string())])
    }

    /// This page's address with several parameters set (or removed, where the value is empty).
    pub fn url_with_all(&self, changes: &[(&str, &str)]) -> String {
        let kept = self
            .query
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|(key, _)| changes.iter().all(|(name, _)| name != key));
        let added = changes.iter().copied().filter(|(_, value)| !value.is_empty());
        let query: Vec<String> =
            kept.chain(added).map(|(key, value)| format!("{}={}", uri_part(key), uri_part(value))).collect();
        if query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, query.join("&")) }
    }

    /// Path and query, for `next=`.
    pub fn here(&self) -> String {
        self.url_with("", "")
    }

    /// Where to sign in, or to end a sign-in that is half done, and come back to this page.
    pub fn sign_in_url(&self) -> String {
        let door = if self.half.is_some() { "/second-factor" } else { "/sign-in" };
        format!("{door}?next={}", uri_part(&self.here()))
    }

    /// Where to show the second factor again and come back to this page.
    pub fn confirm_url(&self) -> String {
        format!("/second-factor?next={}", uri_part(&self.here()))
    }

    /// Whether the second factor was shown in this session in the last so many minutes.
    pub fn shown_within(&self, minutes: i64) -> bool {
        self.proof.at.is_some_and(|at| at.plus_minutes(minutes) > self.now)
    }

    /// Refuses what is grave if the second factor was shown longer ago than so many minutes. Who has none, where the city asks for none,
    /// passes.
    ///
    /// # Errors
    /// `web.confirm_again`; a page that is asked for leads to where it is shown, and back.
    pub fn confirmed_within(&self, minutes: i64) -> kernel::Result<()> {
        if self.shown_within(minutes) || !self.proof.asked {
            Ok(())
        } else {
            Err(Error::new(&crate::codes::CONFIRM_AGAIN))
        }
    }

    /// The full address of a path, for QR codes, messages and credentials.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.site.base_url.trim_end_matches('/'))
    }

    /// `page` if the path is this page or below it (for `aria-current`), else empty.
    pub fn current(&self, path: &str) -> &'static str {
        let below = self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        if self.path == path || (path != "/" && below) { "page" } else { "false" }
    }

    /// The token that forms carry in `_csrf`. Each answer writes it under another mask: a secret that stands unchanged in compressed pages
    /// can be guessed from their lengths (the BREACH attack).
    pub fn csrf(&self) -> String {
        self.csrf_used.store(true, Ordering::Relaxed);
        let text = self.shell.form_token(&self.csrf);
        self.leave_blank(Blank::Token, &text);
        text
    }

    /// The token for what is the matter of the session itself, whomever it acts for: to begin to act for somebody, and to stop. So a form
    /// that is sent twice is no stranger the second time.
    pub fn own_csrf(&self) -> String {
        self.csrf_used.store(true, Ordering::Relaxed);
        self.shell.form_token(&self.csrf_own)
    }

    fn leave_blank(&self, blank: Blank, text: &str) {
        self.blanks.lock().unwrap_or_else(PoisonError::into_inner).push((blank, text.to_owned()));
    }

    /// What of the answer is written anew for each who asks.
    pub(crate) fn blanks(&self) -> Vec<(Blank, String)> {
        self.blanks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a form carries this visit's token.
    pub(crate) fn is_csrf(&self, text: &str) -> bool {
        let Some(bytes) = seal::from_base64url_exact::<64>(text) else { return false };
        let (mask, token) = bytes.split_at(32);
        let is = |known: &[u8; 32]| bool::from(masked(mask, token).ct_eq(known));
        is(&self.csrf) || (self.path.starts_with("/helping/") && is(&self.csrf_own))
    }

    /// Names the address from which the request came, for counters by address: a keyed digest, so that the database tells nobody who was
    /// where. Of an IPv6 address the first 64 bits count: one household has all the others.
    pub fn address_key(&self) -> String {
        self.unique.store(true, Ordering::Relaxed);
        let octets = match self.client {
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
            None => Vec::new(),
        };
        seal::hex(&seal::keyed_digest(&self.shell.key("address"), &octets)[..16])
    }

    /// A random key of 32 hexadecimal digits, for a form's `_key`. Where answers are kept each who asks gets another one: they show it and do
    /// nothing else with it.
    pub fn fresh_key(&self) -> String {
        let text = self.shell.form_key();
        self.leave_blank(Blank::Key, &text);
        text
    }

    /// Lets the answer of a route with [`Keep::Checked`](crate::Keep::Checked) be kept for as long as the database says, each time that it is
    /// about to be given, that what it shows is still so. Later checks of the same request count for nothing: make one of all.
    pub fn keep_while(&self, check: impl Fn(&mut Tx) -> kernel::Result<bool> + Send + Sync + 'static) {
        let _ = self.check.set(Arc::new(check));
    }

    pub(crate) fn check(&self) -> Option<Check> {
        self.check.get().cloned()
    }

    /// Whether the request says nothing of who sent it: no session, no token, no message for her.
    pub(crate) fn is_nobody(&self) -> bool {
        matches!(self.actor, Actor::Nobody)
            && self.half.is_none()
            && self.session.is_none()
            && self.token.is_none()
            && self.flash.is_none()
    }

    /// Whether the answer holds something that no other answer may hold: what depends on an address.
    pub(crate) fn is_unique(&self) -> bool {
        self.unique.load(Ordering::Relaxed)
    }

    /// The message that the page before left, once.
    pub fn take_flash(&self) -> Option<(Level, String)> {
        self.flash_shown.store(true, Ordering::Relaxed);
        self.flash.clone()
    }

    /// Leaves a message for the next page.
    pub fn flash(&self, level: Level, text: &str) {
        self.add_cookie("flash", &cookie::pack_flash(self.shell.flash_key(), level, text), Some(300));
    }

    /// Begins a session: the browser keeps the token for so many seconds. The store keeps only `seal::token_hash` of it.
    pub fn set_session(&self, token: &str, max_age: i64) {
        crate::observe::signed_in();
        self.add_cookie("session", token, Some(max_age));
    }

    /// Ends the session in the browser.
    pub fn clear_session(&self) {
        self.add_cookie("session", "", Some(0));
    }

    /// The token of this request's session cookie, if it has one (to end it in the store).
    pub fn session_token(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Lets the browser remember a division for looking nearby, or forget it. No account is needed, and nothing is kept here.
    pub fn remember_near(&self, code: Option<&RegionCode>) {
        match code {
            Some(code) => self.add_cookie("near", code.as_str(), Some(PREFERENCE_SECONDS)),
            None => self.add_cookie("near", "", Some(0)),
        }
    }

    /// Data for search engines (JSON-LD) as it may stand in a `<script type="application/ld+json">`: such a block is never run, so the
    /// policy lets it be, and nothing in it can end it.
    pub fn json_ld(&self, data: &serde_json::Value) -> String {
        data.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
    }

    pub(crate) fn add_cookie(&self, name: &str, value: &str, max_age: Option<i64>) {
        let line = cookie::write(name, value, max_age, self.site.base_url.starts_with("https:"));
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Something that the program gave to the shell with [`Shell::with`](crate::Shell::with), such as an SMS gateway.
    ///
    /// # Errors
    /// `kernel.bug` if the program forgot it.
    pub fn get<T: Send + Sync + 'static>(&self) -> kernel::Result<Arc<T>> {
        self.shell.get::<T>()
    }

    /// Requests of a rank that run and that wait now.
    pub fn load(&self, rank: crate::Rank) -> (usize, usize) {
        self.shell.load(rank)
    }

    /// Answers with a failure as `application/problem+json`, whatever the caller accepts: for addresses that only programs use.
    pub fn problem(&self, error: &Error) -> Response {
        crate::error::logged(self, error);
        let mut answer = crate::error::problem(self, error);
        crate::error::retry_after(error, &mut answer);
        answer
    }

    /// Answers with a page.
    pub fn page(&self, template: &impl Template) -> crate::Result {
        self.page_with(StatusCode::OK, template)
    }

    /// Answers with a form that was refused: status 422, what was typed is kept.
    pub fn invalid(&self, template: &impl Template) -> crate::Result {
        self.page_with(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    /// Answers with a page and a status.
    pub fn page_with(&self, status: StatusCode, template: &impl Template) -> crate::Result {
        let html = template
            .render()
            .map_err(|error| Error::bug("a template cannot be rendered").caused_by(error))?;
        let mut response = (status, Html(html)).into_response();
        // A form that came too often is shown again like one with mistakes, under the status that says so.
        if status == StatusCode::UNPROCESSABLE_ENTITY
            && let Some(Ok(seconds)) = self.limited.get().map(|seconds| HeaderValue::from_str(seconds))
        {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(crate::Verbatim);
        Ok(response)
    }

    /// Leads to another page of this site (303). A target outside is replaced by the home page.
    pub fn redirect(&self, to: &str) -> Response {
        let location = HeaderValue::from_str(&local(to)).unwrap_or_else(|_| HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
    }

    /// Leads to another page, which says that it was done.
    pub fn done(&self, to: &str, text: &str) -> Response {
        self.flash(Level::Ok, text);
        self.redirect(to)
    }
}

pub(crate) fn masked(mask: &[u8], token: &[u8]) -> [u8; 32] {
    std::array::from_fn(|index| mask[index] ^ token[index])
}

/// A path of this site, or `/` if the text leads elsewhere (`//host`, `/\host`, a scheme). Bytes outside ASCII are encoded.
pub(crate) fn local(to: &str) -> String {
    let inside = to.starts_with('/') && !to[1..].starts_with(['/', '\\']) && !to.bytes().any(|b| b < 32);
    if !inside {
        return "/".to_owned();
    }
    to.bytes().fold(String::with_capacity(to.len()), |mut out, byte| {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        parts
            .extensions
            .get::<Cx>()
            .cloned()
            .ok_or_else(|| Error::bug("a route was mounted outside the shell").into())
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Cx {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, WebError> {
        Ok(parts.extensions.get::<Cx>().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_redirect_never_leaves_the_site() {
        for outside in
            ["https://evil.example/", "//evil.example", "/\\evil.example", "", "evil", "/a\r\nb: c"]
        {
            assert_eq!(local(outside), "/");
        }
        assert_eq!(local("/search?q=书"), "/search?q=%E4%B9%A6");
        assert_eq!(local("/a?b=c%20d"), "/a?b=c%20d");
    }
}
