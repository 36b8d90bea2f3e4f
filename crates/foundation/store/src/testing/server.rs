//! A PostgreSQL server that belongs to one test, which may stop it, starve it and cut its connections.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::COUNTER;

/// A server of one test, with a folder of its own. It is stopped, and its folder removed, with the test.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    mounted: bool,
}

impl Server {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// When PostgreSQL's programs are not there or fail: a test that needs them does not pass without.
    pub fn start() -> Self {
        let mut server = Self::prepared();
        server.init();
        server
    }

    /// As [`Server::start`], on a file system of this many MiB of its own; `None` when this user may not mount one.
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn start_on_small_disk(mib: u32) -> Option<Self> {
        let mut server = Self::prepared();
        let size = format!("size={mib}m,mode=0755");
        server.mounted =
            quietly(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&server.folder));
        if !server.mounted {
            return None;
        }
        server.init();
        Some(server)
    }

    fn prepared() -> Self {
        let programs = programs().expect("PostgreSQL's programs are installed");
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("xuecheng-pg-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary directory can be written");
        // The server runs under another account when the test is root.
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755))
            .expect("the folder is ours");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        Self { programs, folder, port, mounted: false }
    }

    fn init(&mut self) {
        let data = self.data();
        std::fs::create_dir_all(&data).expect("the folder can be written");
        if is_root() {
            assert!(
                quietly(Command::new("chown").arg("postgres").arg(&data)),
                "the account postgres is there"
            );
        }
        let options = ["-U", "xuecheng", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        assert!(
            self.run("initdb", ["-D".as_ref(), data.as_os_str()].into_iter().chain(options.map(OsStr::new)))
        );
        self.restart();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where its rows are: a URL for [`Location`](crate::Location).
    pub fn url(&self) -> String {
        self.url_by(self.port)
    }

    /// The URL under which a proxy passes it on.
    pub fn url_by(&self, port: u16) -> String {
        format!("postgres://xuecheng@127.0.0.1:{port}/postgres")
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it after a [`Server::stop`], and waits until it answers.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        let options = self.options();
        let (data, log) = (self.data(), self.data().join("server.log"));
        let arguments = ["start", "-w", "-D", path(&data), "-l", path(&log), "-o", &options].map(OsStr::new);
        if !self.run("pg_ctl", arguments) {
            panic!("the server does not start: {}", std::fs::read_to_string(log).unwrap_or_default());
        }
    }

    /// From now on it offers TLS, with this certificate and its key, both PEM.
    ///
    /// # Panics
    /// When it does not start again with them.
    pub fn prove_by(&self, certificate: &str, key: &str) {
        self.stop("fast");
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            std::fs::write(&path, text).expect("the folder can be written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
                .expect("the file is ours");
            if is_root() {
                assert!(quietly(Command::new("chown").arg("postgres").arg(&path)));
            }
        }
        let settings = self.data().join("postgresql.auto.conf");
        std::fs::write(settings, "ssl = on\n").expect("the folder can be written");
        self.restart();
    }

    fn options(&self) -> String {
        format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=100 -c fsync=on \
             -c min_wal_size=32MB -c max_wal_size=64MB",
            self.port,
            self.data().display()
        )
    }

    /// A line of shell that starts it as [`Server::restart`] does, with more options, for who has to run it under another program.
    pub fn start_command(&self, more: &str) -> String {
        let account = if is_root() { "runuser -u postgres -- " } else { "" };
        let data = self.data();
        format!(
            "cd / && {account}{}/pg_ctl start -w -D {data} -l {data}/server.log -o '{} {more}' >/dev/null",
            self.programs.display(),
            self.options(),
            data = data.display()
        )
    }

    /// Stops it: `fast` closes its sessions, `immediate` is as a crash of the server.
    pub fn stop(&self, mode: &str) {
        let data = self.data();
        self.run("pg_ctl", ["stop", "-w", "-D", path(&data), "-m", mode].map(OsStr::new));
    }

    /// Whether it runs.
    pub fn answers(&self) -> bool {
        let port = self.port.to_string();
        self.run("pg_isready", ["-h", "127.0.0.1", "-p", &port].map(OsStr::new))
    }

    /// Runs SQL as its administrator.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn sql(&self, text: &str) {
        let port = self.port.to_string();
        let arguments = ["-h", "127.0.0.1", "-p", &port, "-U", "xuecheng", "-d", "postgres", "-qc", text];
        assert!(self.run("psql", arguments.map(OsStr::new)), "the server refuses {text}");
    }

    /// Its folder, on the small disk if it was started on one.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> bool {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        quietly(command.args(arguments).current_dir("/"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop("immediate");
        if self.mounted {
            quietly(Command::new("umount").arg("-l").arg(&self.folder));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

fn quietly(command: &mut Command) -> bool {
    // The server inherits these, so they are not pipes that somebody would have to empty.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Debian keeps the server's programs out of the PATH, by version; elsewhere they are in it.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).and_then(OsStr::to_str);
        version.and_then(|version| version.parse::<u32>().ok())
    });
    found.pop().or_else(|| {
        let output = Command::new("sh").args(["-c", "command -v initdb"]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Path::new(text.trim()).parent().filter(|bin| bin.join("initdb").exists()).map(Path::to_owned)
    })
}

/// What a [`Proxy`] does with the connections that pass through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// Passes everything on.
    None,
    /// Cuts the connection in the middle of a request: half of it arrives.
    Statement,
    /// Cuts before a `COMMIT` reaches the server.
    BeforeCommit,
    /// Lets the `COMMIT` through, waits for the server's answer, and cuts instead of passing it on.
    AfterCommit,
}

const FAULTS: [Fault; 4] = [Fault::None, Fault::Statement, Fault::BeforeCommit, Fault::AfterCommit];

/// Passes TCP on to a server of the same machine, and cuts when it is told to.
pub struct Proxy {
    port: u16,
    fault: Arc<AtomicU8>,
    cuts: Arc<AtomicU64>,
}

impl Proxy {
    /// Starts to pass on to `port`. It ends with the process.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let own = listener.local_addr().expect("it has an address").port();
        let (fault, cuts) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicU64::new(0)));
        let shared = (fault.clone(), cuts.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (fault, cuts) = shared.clone();
                thread::spawn(move || {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                        let _ = pass(&client, &server, &fault, &cuts);
                        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
                    }
                });
            }
        });
        Self { port: own, fault, cuts }
    }

    /// Its own port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts one connection in this way, the next one on which it can be done.
    pub fn cut_next(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }

    /// Connections that it has cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Passes on until either side ends or it is time to cut.
fn pass(client: &TcpStream, server: &TcpStream, fault: &AtomicU8, cuts: &AtomicU64) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    let deaf = Arc::new(AtomicU8::new(0));
    let silent = deaf.clone();
    let answers = thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(count @ 1..) = from_server.read(&mut bytes) {
            // After a cut the server's answer is heard, and not passed on.
            if silent.load(Ordering::SeqCst) != 0 || to_client.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (to_client.shutdown(Shutdown::Both), from_server.shutdown(Shutdown::Both));
    });
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = from_client.read(&mut bytes) {
        let request = &bytes[..count];
        let wanted = FAULTS[usize::from(fault.load(Ordering::SeqCst)) % FAULTS.len()];
        let commits = request.windows(7).any(|w| w == b"COMMIT\0");
        let fits = match wanted {
            Fault::None => false,
            Fault::Statement => !commits,
            Fault::BeforeCommit | Fault::AfterCommit => commits,
        };
        if fits && fault.compare_exchange(wanted as u8, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            cuts.fetch_add(1, Ordering::SeqCst);
            match wanted {
                Fault::None | Fault::BeforeCommit => {}
                Fault::Statement => to_server.write_all(&request[..count / 2])?,
                Fault::AfterCommit => {
                    deaf.store(1, Ordering::SeqCst);
                    to_server.write_all(request)?;
                    // The server must have answered before the cut; it always does.
                    let _ = answers.join();
                    return Ok(());
                }
            }
            break;
        }
        to_server.write_all(request)?;
    }
    Ok(())
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", self.port)
    }
}

/// Waits at most a minute for something to become true.
///
/// # Panics
/// When it does not.
pub fn wait_for(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..600 {
        if is_true() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{what} did not come true within a minute");
}
