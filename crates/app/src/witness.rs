//! Witnesses: heads that lie outside the operator's hands, and what they say about the log of today.
//!
//! Whoever holds the database and the signing key can write another history and sign it, and `verify` finds it true. What he cannot do is to
//! take back a head that others hold: either the log of today continues it, which a consistency proof shows, or it does not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use journal::Sealer;
use kernel::{Kind, Timestamp};
use seal::{TreeHead, verify_consistency};
use serde_json::json;
use store::{Store, Tx};

use crate::{city::City, cli::Place, config, data_dir::DataDir, verify::write_whole};

/// Pause between two looks at whether a delivery is due.
const PAUSE: Duration = Duration::from_secs(60);
/// Slices of the pause, so that the program stops at once.
const SLICE: Duration = Duration::from_millis(250);

/// What a kept head says about the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The log of today continues it.
    Continued(TreeHead),
    /// It does not: the sentence says what happened.
    Rewritten(TreeHead, String),
    /// The note is not one that this log signed.
    Foreign(String),
}

/// Compares a head that somebody kept with the log.
///
/// # Errors
/// Those of the store.
pub fn judge(tx: &mut Tx, sealer: &Sealer, note: &str) -> kernel::Result<Verdict> {
    let head = match TreeHead::from_note(note, &sealer.verifying_key()) {
        Ok(head) if head.origin == sealer.origin() => head,
        Ok(head) => return Ok(Verdict::Foreign(format!("it is a head of the log {}", head.origin))),
        Err(error) => return Ok(Verdict::Foreign(error.to_string())),
    };
    let proof = match journal::consistency(tx, head.size, None) {
        Ok(proof) => proof,
        Err(error) if error.kind() == Kind::Invalid => {
            let size = head.size;
            let said = format!("we signed {size} records, and the log has fewer: records were taken away");
            return Ok(Verdict::Rewritten(head, said));
        }
        Err(error) => return Err(error),
    };
    if proof.from_root != head.root {
        let said =
            "the records of then have another root today: history was rewritten, or two histories are shown";
        return Ok(Verdict::Rewritten(head, said.to_owned()));
    }
    let newest = journal::heads(tx, 1)?.pop().ok_or_else(kernel::Error::missing)?;
    let root = newest.root.as_slice().try_into().unwrap_or_default();
    if !verify_consistency(head.size, proof.to, &head.root, &root, &proof.proof) {
        let said = "no proof leads from it to the newest head: the stored tree is not the signed one";
        return Ok(Verdict::Rewritten(head, said.to_owned()));
    }
    Ok(Verdict::Continued(head))
}

/// `xuecheng witness compare`: red if the log of today does not continue every head in these files and folders.
///
/// # Errors
/// If a file or the records cannot be read.
pub fn compare(place: &Place, paths: &[PathBuf], json: bool) -> Result<ExitCode> {
    let city = opened(place)?;
    let mut red = 0;
    let mut told = Vec::new();
    let files = listed(paths)?;
    if files.is_empty() {
        bail!("there is no file in these folders; name the notes that your witnesses keep");
    }
    for path in files {
        let note = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let sealer = city.sealer.clone();
        let verdict = city.store.read_blocking(move |tx| judge(tx, &sealer, &note)).map_err(fail)?;
        let (word, size, why) = match &verdict {
            Verdict::Continued(head) => ("continued", Some(head.size), String::new()),
            Verdict::Rewritten(head, why) => ("rewritten", Some(head.size), why.clone()),
            Verdict::Foreign(why) => ("foreign", None, why.clone()),
        };
        red += usize::from(word != "continued");
        if json {
            told.push(json!({ "file": path, "verdict": word, "size": size, "detail": why }));
        } else if word == "continued" {
            println!("continued {} ({} records)", path.display(), size.unwrap_or_default());
        } else {
            println!("FALSE {word} {}: {why}", path.display());
        }
    }
    if json {
        println!("{}", json!({ "ok": red == 0, "heads": told }));
    } else if red == 0 {
        println!("green: the log continues every head that was kept");
    } else {
        println!("red: {red} heads do not belong to this log as it is today");
    }
    Ok(if red == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn listed(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            for entry in fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))? {
                let path = entry?.path();
                if path.extension().is_some_and(|ending| ending == "note") {
                    files.push(path);
                }
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    Ok(files)
}

fn opened(place: &Place) -> Result<City> {
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-data"));
    if !root.join("keys").is_dir() {
        bail!("{} is no installation: it has no keys; name one with --data", root.display());
    }
    City::open(&root, place.database.as_deref(), false)
}

fn fail(error: kernel::Error) -> anyhow::Error {
    anyhow!("{error:?}")
}

/// `xuecheng witness deliver`: the newest head to every witness of the configuration, now.
///
/// # Errors
/// If none is configured, there is no head, or one of them does not take it.
pub fn deliver(place: &Place) -> Result<ExitCode> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    let city = City::open(&found.data, found.config.database(), false)?;
    city.sealer.seal(&city.store).map_err(fail)?;
    let post = Post::new(&found.config.witness, city.dir.clone(), city.store.clone(), city.sealer.clone());
    if post.targets.is_empty() {
        bail!("no witness is configured; set witness.folders in xuecheng.toml");
    }
    let mut failed = 0;
    for target in &post.targets {
        match post.hand_over(target) {
            Ok(size) => println!("delivered {size} records to {target}"),
            Err(error) => {
                failed += 1;
                println!("NOT delivered to {target}: {error:#}");
            }
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Hands heads over.
pub struct Post {
    targets: Vec<String>,
    dir: DataDir,
    store: Store,
    sealer: Arc<Sealer>,
}

impl Post {
    /// To the witnesses of a configuration.
    pub fn new(to: &config::Witness, dir: DataDir, store: Store, sealer: Arc<Sealer>) -> Self {
        Self { targets: to.folders.clone(), dir, store, sealer }
    }

    /// Gives the newest head to one witness and notes the day; returns how many records it covers.
    fn hand_over(&self, target: &str) -> Result<i64> {
        let head = self.store.read_blocking(|tx| journal::heads(tx, 1)).map_err(fail)?.pop();
        let head = head.context("there is no head yet")?;
        let note = self.sealer.note(&head).map_err(fail)?;
        let folder = Path::new(target);
        fs::create_dir_all(folder).with_context(|| format!("{target} cannot be made"))?;
        write_whole(&folder.join(format!("{}-{:012}.note", self.sealer.origin(), head.size)), &note)?;
        let mark = self.mark(target);
        fs::create_dir_all(mark.parent().context("a mark lies in a folder")?)?;
        write_whole(&mark, &format!("{}\n{target}\n{}\n", self.today(), head.size))?;
        Ok(head.size)
    }

    fn today(&self) -> String {
        let now: Timestamp = self.store.clock().now();
        now.day().to_string()
    }

    /// When a witness got its last head.
    fn mark(&self, target: &str) -> PathBuf {
        let name = seal::hex(&seal::sha256(target.as_bytes())[..8]);
        self.dir.root().join("witnesses").join(name)
    }

    /// Whether a witness has not got a head today.
    fn due(&self, target: &str) -> bool {
        let last = fs::read_to_string(self.mark(target)).unwrap_or_default();
        last.lines().next() != Some(self.today().as_str())
    }

    /// Delivers what is due. A witness that cannot be reached is tried again at the next look.
    fn round(&self) {
        for target in self.targets.iter().filter(|target| self.due(target)) {
            match self.hand_over(target) {
                Ok(size) => tracing::info!(target, size, "a witness has today's head"),
                Err(error) => {
                    tracing::warn!(target, error = format!("{error:#}"), "a witness was not reached")
                }
            }
        }
    }
}

/// The thread that delivers a head to every witness once a day, until it is dropped.
pub struct Daily {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Daily {
    /// Starts it.
    pub fn start(post: Post) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            while !stopped.load(Ordering::SeqCst) {
                post.round();
                let mut waited = Duration::ZERO;
                while waited < PAUSE && !stopped.load(Ordering::SeqCst) {
                    thread::sleep(SLICE);
                    waited += SLICE;
                }
            }
        };
        let thread = thread::Builder::new().name("witnesses".to_owned()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Daily {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
impl Post {
    /// For tests: deliver now to all.
    pub fn all(&self) -> Vec<Result<i64>> {
        self.targets.iter().map(|target| self.hand_over(target)).collect()
    }

    /// For tests: what is due.
    pub fn still_due(&self) -> usize {
        self.targets.iter().filter(|target| self.due(target)).count()
    }
}
