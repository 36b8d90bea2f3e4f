//! An installation for one test, the process that serves it, and a browser without scripts before it.

#![expect(clippy::disallowed_methods, reason = "tests are told by the environment where their server is")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::{Chance, Clock as _, SystemClock};
use store::{Location, Store};

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// A place for an installation; it vanishes with the test.
pub struct Ground {
    pub root: PathBuf,
    url: Option<String>,
    schema: Option<(Store, String)>,
    mounted: bool,
}

impl Drop for Ground {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(self.data()).status();
        }
        let _ = std::fs::remove_dir_all(&self.root);
        if let Some((admin, name)) = self.schema.take() {
            let drop = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
            let _ = admin.write_blocking("test.schema", move |tx| tx.script(&drop));
        }
    }
}

impl Ground {
    /// An empty folder, and an empty schema if the engine is PostgreSQL.
    pub fn empty(on: On) -> Self {
        let name = format!("ops{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(format!("xuecheng-{name}"));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        let mut ground = Self { root, url: None, schema: None, mounted: false };
        if on == On::Postgres {
            let url = std::env::var("XUECHENG_TEST_POSTGRES")
                .expect("set XUECHENG_TEST_POSTGRES to a server for tests, or run ./test");
            let admin = open(&Location::Server(url.clone()));
            let make = format!("CREATE SCHEMA {name}");
            admin.write_blocking("test.schema", move |tx| tx.script(&make)).unwrap();
            let separator = if url.contains('?') { '&' } else { '?' };
            ground.url = Some(format!("{url}{separator}options=-csearch_path%3D{name}"));
            ground.schema = Some((admin, name));
        }
        ground
    }

    /// An installation that `xuecheng init` made.
    pub fn founded(on: On) -> Self {
        Self::empty(on).initialised()
    }

    /// As [`Ground::founded`], in the database behind this URL, which belongs to the test.
    pub fn founded_at(url: String) -> Self {
        let mut ground = Self::empty(On::Sqlite);
        ground.url = Some(url);
        ground.initialised()
    }

    /// As [`Ground::founded`] on SQLite, on a disk of this many MiB of its own; `None` where none can be mounted.
    pub fn founded_on_small_disk(mib: u32) -> Option<Self> {
        let mut ground = Self::empty(On::Sqlite);
        std::fs::create_dir(ground.data()).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=0700"), "none"]).arg(ground.data());
        ground.mounted = mount.output().is_ok_and(|output| output.status.success());
        ground.mounted.then(|| ground.initialised())
    }

    fn initialised(self) -> Self {
        let made = self.init(&[]);
        assert!(made.status.success(), "{}", said(&made));
        self
    }

    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub fn database(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The command `init` with everything that it wants to know, and more flags.
    pub fn init(&self, more: &[&str]) -> Output {
        let mut flags = vec![
            "init",
            "--city-zh",
            "重庆",
            "--city-en",
            "Chongqing",
            "--region",
            "500000000000",
            "--organisation",
            "重庆市社区教育服务指导中心",
            "--administrator",
            "张敏",
        ];
        if let Some(url) = &self.url {
            flags.extend(["--database", url]);
        }
        flags.extend(more);
        self.run(&flags)
    }

    /// Runs the program on this installation to its end.
    pub fn run(&self, flags: &[&str]) -> Output {
        self.command(flags).output().unwrap()
    }

    pub fn command(&self, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xuecheng"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("XUECHENG_")) {
            command.env_remove(name);
        }
        command.env("XUECHENG_DATA", self.data()).args(flags).stdin(Stdio::null()).current_dir(&self.root);
        command
    }

    /// Its database, opened by the test.
    pub fn store(&self) -> Store {
        open(&self.url.as_ref().map_or_else(
            || Location::File(self.data().join("xuecheng.db")),
            |url| Location::Server(url.clone()),
        ))
    }

    /// A process that serves it; more variables of the environment.
    pub fn serve(&self, variables: &[(&str, &str)]) -> Serving {
        let mut command = self.command(&["serve"]);
        command.env("XUECHENG_LISTEN", "127.0.0.1:0").envs(variables.iter().copied());
        Serving::start(command)
    }
}

pub fn open(location: &Location) -> Store {
    Store::open(location, Arc::new(SystemClock), Chance::from_system()).unwrap()
}

/// Everything that a command printed.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A process that serves; it is killed with the test.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("it serves").unwrap();
        let address = ready.strip_prefix("ready http://").expect(&ready).parse().unwrap();
        // What it says later is taken away, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    pub fn browser(&self) -> Browser {
        Browser { address: self.address, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; fails after so many seconds.
    pub fn ended(&mut self, seconds: u64) -> std::process::ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed().as_secs() < seconds, "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> String {
        let tag = self.text.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")));
        tag.and_then(|tag| Some(tag.split_once("value=\"")?.1.split_once('"')?.0.to_owned()))
            .unwrap_or_default()
    }
}

/// A browser without scripts.
#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(String, String)>,
}

impl Browser {
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    /// Opens a page and sends its form with these fields.
    pub fn fill(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page);
        self.post(&shown, action, fields)
    }

    /// Sends the form of a page.
    pub fn post(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", action, &form(page, fields))
    }

    pub fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.try_send(method, path, body).unwrap()
    }

    pub fn try_send(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.push_str(&format!("cookie: {}\r\n", line.join("; ")));
        }
        if method == "POST" {
            request.push_str(&format!(
                "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
                body.len()
            ));
        }
        request.push_str("\r\n");
        request.push_str(body);
        stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, text) = text.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        for line in head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
            if let Some((name, value)) = pair.split_once('=') {
                if rest.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Ok(Answer { status, head: head.to_owned(), text: text.to_owned() })
    }
}

/// What a browser sends for the form of a page: its hidden fields, and these.
pub fn form(page: &Answer, fields: &[(&str, &str)]) -> String {
    let hidden = ["_csrf", "_key"].map(|name| (name, page.field(name)));
    let pairs: Vec<String> = hidden
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(fields.iter().copied())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// The last code that was sent to a phone, as the outbox of an installation without a provider holds it.
pub fn last_code(data: &Path, phone: &str) -> String {
    for _ in 0..200 {
        let text = std::fs::read_to_string(data.join("outbox/sms.jsonl")).unwrap_or_default();
        let line = text.lines().rev().find(|line| line.contains(phone));
        if let Some(line) = line {
            let message = line.split("\"text\":\"").nth(1).unwrap_or("");
            let digits: String = message
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .collect();
            return digits;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no message came to {phone}")
}

/// What an authenticator holds after the set-up, and the recovery codes.
pub struct Authenticator {
    pub secret: Vec<u8>,
    /// The secret as the page shows it for typing.
    pub typed: String,
    pub recovery: Vec<String>,
    /// The code with which it was set up.
    pub first: String,
}

/// Sets the second factor up for whoever came through the first door with this browser.
pub fn set_up_factor(browser: &mut Browser) -> Authenticator {
    let page = browser.get("/second-factor/new?next=/desk");
    assert_eq!(page.status, 200, "{}", page.text);
    let typed = page.text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    let (mut bits, mut count, mut secret) = (0_u32, 0, Vec::new());
    for c in typed.chars().filter(|c| *c != ' ') {
        bits = (bits << 5) | u32::try_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap()).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            secret.push(u8::try_from((bits >> count) & 255).unwrap());
        }
    }
    let step = SystemClock.now().millis() / 1_000 / seal::TOTP_SECONDS;
    let first = seal::totp_code(&secret, u64::try_from(step).unwrap());
    let ticket = page.field("t");
    let done =
        browser.post(&page, "/second-factor/new", &[("t", &ticket), ("next", "/desk"), ("code", &first)]);
    assert_eq!(done.status, 200, "{}", done.text);
    let codes =
        done.text.split("<li><code>").skip(1).map(|part| part.split("</code>").next().unwrap().to_owned());
    Authenticator { secret, typed, recovery: codes.collect(), first }
}
