//! The keys of `xuecheng.toml`: what they are called, what they mean, what they are worth when nobody sets them.
//!
//! What stands here as a comment is what `xuecheng config --print` writes and what docs/operations.md shows.

use std::net::{IpAddr, SocketAddr};

use kernel::{Id, Org};
use lettre::{SmtpTransport, message::Mailbox};
use people::{AskedOf, FactorPolicy};
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// One key as the documentation and the environment know it.
#[derive(Debug)]
pub struct Key {
    /// Its section; empty for the keys at the top.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its explanation, line by line.
    pub doc: &'static [&'static str],
}

impl Key {
    /// `log.days`.
    pub fn path(&self) -> String {
        if self.section.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.section, self.name) }
    }

    /// `XUECHENG_LOG_DAYS`.
    pub fn variable(&self) -> String {
        format!("XUECHENG_{}", self.path().replace('.', "_").to_uppercase())
    }
}

/// Notes what is wrong: key, value, mend.
pub(super) type Faults = Vec<String>;

macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident $section:literal {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $name {
            pub(super) const ABOUT: &'static [&'static str] = &[$($about),+];
            pub(super) const KEYS: &'static [Key] =
                &[$(Key { section: $section, name: stringify!($key), doc: &[$($doc),+] }),+];
        }
    };
}

section! {
    /// Where the program runs and where its records are.
    Place "" {
        /// Address to listen on. Put a proxy that speaks TLS before it.
        listen: String = "127.0.0.1:8080".to_owned(),
        /// Address under which people reach it, such as https://learn.example.cn; it stands in links, QR codes and certificates.
        /// Empty: http:// and the address it listens on, which is good for a trial only.
        base_url: String = String::new(),
        /// Data directory: keys, search index, logs and, without a database server, the database file.
        data: String = "xuecheng-data".to_owned(),
        /// postgres://USER:PASSWORD@HOST/NAME; empty: a SQLite file in the data directory, for one process on one machine.
        /// ?sslmode=require encrypts and checks the server's certificate; ?readers=N&writers=N set the connections of a process.
        database: String = String::new(),
    }
}

section! {
    /// The city and who answers for it, as pages and certificates name them.
    City "city" {
        /// Name in Chinese, such as 重庆.
        name_zh: String = String::new(),
        /// Name in English, such as Chongqing.
        name_en: String = String::new(),
        /// Who issues certificates. Empty: the organisation at the top of the network.
        issuer: String = String::new(),
        /// Telephone for help, shown on every page in the large scale and on error pages.
        phone: String = String::new(),
        /// ICP filing text 备案号 for the foot of every page.
        filing: String = String::new(),
        /// Where the source code of this installation can be read.
        source_url: String = String::new(),
        /// Outlines of the districts: "chongqing" (packaged), or a GeoJSON file with code and name, and, if reviewed 审图号, approval_number. Empty: no maps.
        map: String = String::new(),
    }
}

section! {
    /// Who asks, and how much at once.
    Web "web" {
        /// Addresses of the proxies whose x-request-id is believed.
        trusted_proxies: Vec<String> = Vec::new(),
        /// Open connections; further ones wait in the system's queue.
        connections: u32 = 4_096,
        /// Seconds in which the head of a request must have come, and after which a connection that asks nothing more is closed. Longer than a proxy
        /// keeps its own (nginx: 60), so that it never sends a request into a connection that is being closed.
        head_seconds: u32 = 75,
        /// Requests of the first class (sign-in, check-in) that may run at once.
        first_at_once: u32 = 256,
        /// Requests of the usual class that may run at once.
        usual_at_once: u32 = 64,
        /// Requests of the heavy class (search, figures, documents) that may run at once. They are turned away first.
        heavy_at_once: u32 = 8,
        /// Milliseconds for which a page that is the same for everybody may be given again, 0 to 1000. Free seats on it are asked of the
        /// database each time. 0: each page is made anew.
        kept_ms: u32 = 1_000,
        /// MiB that such pages may take in memory.
        kept_mib: u32 = 32,
        /// Seconds between the signal to stop and the last new connection: /readyz is red meanwhile, so that a proxy can turn away.
        notice_seconds: u32 = 0,
        /// Seconds that requests have to end after that.
        drain_seconds: u32 = 20,
    }
}

section! {
    /// Who must show a second factor (a code of an authenticator app) when signing in, and from when on. Who has set one up is always asked.
    Access "access" {
        /// "administrators": the three administrators and whoever holds a role at the organisation at the top. "staff": everybody with a
        /// role. "nobody": for trials only.
        second_factor: String = "administrators".to_owned(),
        /// Days after a role was given for which it works without.
        second_factor_grace_days: u32 = 0,
    }
}

section! {
    /// What is written down of the running program. 网络安全法 article 21 wants six months of it.
    Log "log" {
        /// "files": one file a day in the data directory, and mistakes on standard error too. "stderr": standard error only; then
        /// whoever collects it keeps it for six months.
        to: String = "files".to_owned(),
        /// Days for which files are kept, 183 or more.
        days: u32 = 190,
        /// Which events, in the words of tracing's EnvFilter.
        filter: String = "warn,xuecheng=info,request=info".to_owned(),
    }
}

section! {
    /// Figures for Prometheus at /metrics.
    Metrics "metrics" {
        /// Word that a caller from another machine shows as a bearer token, 24 characters or more. Empty: only callers on this machine.
        token: String = String::new(),
    }
}

section! {
    /// Who keeps the signed heads of the public log outside of the operator's hands. Each gets the newest one once a day, and by
    /// `xuecheng witness deliver`; `xuecheng witness compare` tells whether the log still continues what they keep.
    Witness "witness" {
        /// Folders for the heads, such as ones that another office's machine collects from, or mounts.
        folders: Vec<String> = Vec::new(),
        /// Addresses that take a head by POST as text/plain and answer with a status from 200 to 299 once they keep it.
        urls: Vec<String> = Vec::new(),
        /// Mailboxes that get a head a day, through the server of the section mail.
        mail: Vec<String> = Vec::new(),
    }
}

section! {
    /// The mail server that the program sends through. Certificates are checked against those that the system trusts.
    Mail "mail" {
        /// Such as smtps://user:password@mail.example.cn, or smtp://user:password@mail.example.cn?tls=required (STARTTLS);
        /// smtp://127.0.0.1:25 for a server on this machine, without encryption. The file may hold a password: let only the program read it.
        server: String = String::new(),
        /// From whom mails come.
        from: String = String::new(),
    }
}

/// Days that the law wants logs to be kept: six months.
const LOG_DAYS_MIN: u32 = 183;

impl Place {
    pub(super) fn faults(&self, faults: &mut Faults) {
        if self.listen.parse::<SocketAddr>().is_err() {
            faults.push(format!(
                "listen is {:?}, no address with a port; write it like 127.0.0.1:8080",
                self.listen
            ));
        }
        let url = &self.base_url;
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !url.is_empty()
            && host.is_none_or(|host| host.trim_end_matches('/').is_empty() || host.contains(['?', '#', ' ']))
        {
            faults.push(format!(
                "base_url is {url:?}, no address of a site; write it like https://learn.example.cn"
            ));
        }
        if self.data.is_empty() {
            faults.push("data is empty; name the data directory".to_owned());
        }
        let server = self.database.starts_with("postgres://") || self.database.starts_with("postgresql://");
        if !self.database.is_empty() && !server {
            faults.push(
                "database is no address of a PostgreSQL server; write it like postgres://USER:PASSWORD@HOST/NAME, or leave it \
                 empty for SQLite"
                    .to_owned(),
            );
        }
    }
}

impl City {
    pub(super) fn faults(&self, faults: &mut Faults) {
        for (key, value) in [("city.name_zh", &self.name_zh), ("city.name_en", &self.name_en)] {
            if value.is_empty() || value.chars().count() > 40 {
                faults.push(format!("{key} is {value:?}; give the city's name, 1 to 40 characters"));
            }
        }
        if !self.source_url.is_empty() && !self.source_url.starts_with("http") {
            faults.push(format!(
                "city.source_url is {:?}; write it like https://code.example.cn/xuecheng",
                self.source_url
            ));
        }
    }
}

impl Web {
    pub(super) fn faults(&self, faults: &mut Faults) {
        for proxy in &self.trusted_proxies {
            if proxy.parse::<IpAddr>().is_err() {
                faults.push(format!(
                    "web.trusted_proxies names {proxy:?}; give IP addresses, like [\"10.0.0.7\"]"
                ));
            }
        }
        let bounded = [
            ("web.connections", self.connections, 16, 1_000_000),
            ("web.head_seconds", self.head_seconds, 1, 3_600),
            ("web.first_at_once", self.first_at_once, 1, 4_096),
            ("web.usual_at_once", self.usual_at_once, 1, 4_096),
            ("web.heavy_at_once", self.heavy_at_once, 1, 4_096),
            ("web.kept_ms", self.kept_ms, 0, 1_000),
            ("web.kept_mib", self.kept_mib, 1, 4_096),
            ("web.notice_seconds", self.notice_seconds, 0, 300),
            ("web.drain_seconds", self.drain_seconds, 1, 300),
        ];
        for (key, value, min, max) in bounded {
            if !(min..=max).contains(&value) {
                faults.push(format!("{key} is {value}; give a number from {min} to {max}"));
            }
        }
    }

    /// The proxies that are believed; unreadable ones were refused before.
    pub fn proxies(&self) -> Vec<IpAddr> {
        self.trusted_proxies.iter().filter_map(|proxy| proxy.parse().ok()).collect()
    }
}

/// Longest grace: who has not come for a quarter needs no role.
const GRACE_DAYS_MAX: u32 = 90;

impl Access {
    pub(super) fn faults(&self, faults: &mut Faults) {
        if self.asked_of().is_none() {
            faults.push(format!(
                "access.second_factor is {:?}; choose \"administrators\", \"staff\" or \"nobody\"",
                self.second_factor
            ));
        }
        if self.second_factor_grace_days > GRACE_DAYS_MAX {
            faults.push(format!(
                "access.second_factor_grace_days is {}; give a number from 0 to {GRACE_DAYS_MAX}",
                self.second_factor_grace_days
            ));
        }
    }

    fn asked_of(&self) -> Option<AskedOf> {
        match self.second_factor.as_str() {
            "administrators" => Some(AskedOf::Administrators),
            "staff" => Some(AskedOf::Staff),
            "nobody" => Some(AskedOf::Nobody),
            _ => None,
        }
    }

    /// The rule, for a city with this organisation at the top. What is unreadable was refused before.
    pub fn policy(&self, top: Option<Id<Org>>) -> FactorPolicy {
        FactorPolicy {
            asked_of: self.asked_of().unwrap_or_default(),
            grace_days: i32::try_from(self.second_factor_grace_days).unwrap_or(0),
            top,
        }
    }
}

impl Log {
    pub(super) fn faults(&self, faults: &mut Faults) {
        if !["files", "stderr"].contains(&self.to.as_str()) {
            faults.push(format!("log.to is {:?}; choose \"files\" or \"stderr\"", self.to));
        }
        if !(LOG_DAYS_MIN..=36_500).contains(&self.days) {
            faults.push(format!(
                "log.days is {}; give {LOG_DAYS_MIN} or more (six months, 网络安全法 article 21)",
                self.days
            ));
        }
        if let Err(error) = EnvFilter::try_new(&self.filter) {
            faults.push(format!(
                "log.filter is {:?} ({error}); write it like \"warn,xuecheng=info\"",
                self.filter
            ));
        }
    }
}

impl Metrics {
    pub(super) fn faults(&self, faults: &mut Faults) {
        if !self.token.is_empty() && self.token.len() < 24 {
            faults.push("metrics.token is shorter than 24 characters; give a longer one, or none".to_owned());
        }
    }
}

impl Witness {
    pub(super) fn faults(&self, mail: &Mail, faults: &mut Faults) {
        for url in &self.urls {
            if !url.starts_with("https://") && !url.starts_with("http://") {
                faults.push(format!(
                    "witness.urls names {url:?}; write it like https://witness.example.cn/heads"
                ));
            }
        }
        for address in &self.mail {
            if address.parse::<Mailbox>().is_err() {
                faults.push(format!("witness.mail names {address:?}; write it like archive@example.cn"));
            }
        }
        if !self.mail.is_empty() && (mail.server.is_empty() || mail.from.is_empty()) {
            faults.push(
                "witness.mail needs mail.server and mail.from; set both, or take the mailboxes out"
                    .to_owned(),
            );
        }
    }
}

impl Mail {
    pub(super) fn faults(&self, faults: &mut Faults) {
        if !self.server.is_empty()
            && let Err(error) = SmtpTransport::from_url(&self.server)
        {
            // The value is not repeated: it may hold a password.
            faults.push(format!("mail.server is no address of a mail server ({error}); write it like smtps://user:password@mail.example.cn"));
        }
        if !self.from.is_empty() && self.from.parse::<Mailbox>().is_err() {
            faults.push(format!("mail.from is {:?}; write it like xuecheng@example.cn", self.from));
        }
    }
}
