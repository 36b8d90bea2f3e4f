//! What the program writes down of itself: JSON, one event a line.
//!
//! Cybersecurity Law (网络安全法) article 21 has network operators keep logs for no less than six months. Names, numbers, tokens and
//! queries of people do not belong in there: the web names routes by their pattern, and who acts by her kind.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use kernel::{Clock, Day, SystemClock};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::LevelFilter,
    fmt::{self, format::Writer, time::FormatTime},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::Log;

/// Ending of the files.
const ENDING: &str = ".jsonl";

/// Words on standard error, for commands that a person starts.
pub fn for_people() {
    let filter =
        EnvFilter::try_from_env("XUECHENG_LOG").unwrap_or_else(|_| EnvFilter::new("warn,xuecheng=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}

/// JSON lines as configured, for a program that serves.
///
/// # Errors
/// The folder of the files cannot be made.
pub fn for_service(config: &Log, data: &Path) -> Result<()> {
    let filter = || EnvFilter::try_new(&config.filter).context("log.filter cannot be read");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if config.to == "stderr" {
        let lines = fmt::layer().json().flatten_event(true).with_timer(Moment(clock)).with_writer(io::stderr);
        tracing_subscriber::registry().with(lines.with_filter(filter()?)).init();
        return Ok(());
    }
    let days = i32::try_from(config.days).unwrap_or(i32::MAX);
    let files = DailyFiles::open(folder(data), days, clock.clone())?;
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_timer(Moment(clock.clone()))
        .with_writer(Arc::new(files));
    // What is wrong is also said where the operator looks first.
    let loud = fmt::layer().json().flatten_event(true).with_timer(Moment(clock)).with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter()?))
        .with(loud.with_filter(LevelFilter::WARN))
        .init();
    Ok(())
}

/// The folder of the files in a data directory.
pub fn folder(data: &Path) -> PathBuf {
    data.join("log")
}

/// Times in UTC, by the clock of the program.
struct Moment(Arc<dyn Clock>);

impl FormatTime for Moment {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        let now = self.0.now();
        let text = now.rfc3339();
        write!(writer, "{}.{:03}Z", text.trim_end_matches('Z'), now.millis().rem_euclid(1_000))
    }
}

/// A file a day, by the city's days, kept for so many days.
pub struct DailyFiles {
    folder: PathBuf,
    days: i32,
    clock: Arc<dyn Clock>,
    open: Mutex<Option<(Day, File)>>,
}

impl DailyFiles {
    /// Opens the folder, making it readable for its owner only.
    ///
    /// # Errors
    /// It cannot be made, or today's file cannot be written.
    pub fn open(folder: PathBuf, days: i32, clock: Arc<dyn Clock>) -> Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("the folder of logs {} cannot be made", folder.display()))?;
        let files = Self { folder, days, clock, open: Mutex::new(None) };
        files
            .with_file(|_| Ok(()))
            .with_context(|| format!("a log cannot be written in {}", files.folder.display()))?;
        Ok(files)
    }

    fn with_file<T>(&self, write: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let today = self.clock.now().day();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(day, _)| *day != today) {
            let path = self.folder.join(format!("{}{ENDING}", name(today)));
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            *open = Some((today, file));
            self.sweep(today);
        }
        match open.as_mut() {
            Some((_, file)) => write(file),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Deletes what has been kept long enough. Nothing but our own files, by their names.
    fn sweep(&self, today: Day) {
        let last = name(today.plus(-self.days));
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let Some(day) = file.to_str().and_then(|file| file.strip_suffix(ENDING)) else { continue };
            let ours = day.len() == last.len() && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            if ours && day < last.as_str() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// `2026-11-23`: names sort as days do.
fn name(day: Day) -> String {
    day.start().minute_text().chars().take(10).collect()
}

impl Write for &DailyFiles {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with_file(|file| file.write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with_file(File::flush)
    }
}

#[cfg(test)]
mod tests {
    use kernel::ManualClock;

    use super::*;

    #[test]
    fn a_file_a_day_and_none_older_than_half_a_year() {
        let root = std::env::temp_dir().join(format!("xuecheng-log-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let first = Day::of(2026, 1, 31).unwrap();
        // Two minutes before midnight in the city; in UTC it is still the afternoon.
        let clock = Arc::new(ManualClock::at(first.at(23 * 60 + 58)));
        let files = DailyFiles::open(root.clone(), 183, clock.clone()).unwrap();
        let names = || {
            let mut names: Vec<String> = fs::read_dir(&root)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        (&files).write_all(b"{\"a\":1}\n").unwrap();
        clock.set(first.plus(1).at(1));
        (&files).write_all(b"{\"b\":2}\n").unwrap();
        assert_eq!(names(), ["2026-01-31.jsonl", "2026-02-01.jsonl"]);
        assert_eq!(fs::read_to_string(root.join("2026-02-01.jsonl")).unwrap(), "{\"b\":2}\n");
        fs::write(root.join("notes.txt"), "of somebody else").unwrap();
        // On the 183rd day after it the first file is still there, on the next it goes.
        clock.set(first.plus(183).at(0));
        (&files).write_all(b"c\n").unwrap();
        assert_eq!(names().len(), 4);
        clock.set(first.plus(184).at(0));
        (&files).write_all(b"d\n").unwrap();
        assert_eq!(names(), ["2026-02-01.jsonl", "2026-08-02.jsonl", "2026-08-03.jsonl", "notes.txt"]);
        // After a long rest the start itself sweeps.
        drop(files);
        clock.set(first.plus(800).at(0));
        DailyFiles::open(root.clone(), 183, clock).unwrap();
        assert_eq!(names(), ["2028-04-10.jsonl", "notes.txt"]);
        fs::remove_dir_all(&root).unwrap();
    }
}
