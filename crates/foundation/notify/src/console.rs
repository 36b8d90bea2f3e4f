//! The gateway of demos and tests: it shows the message instead of sending it.

use std::{
    fs::{OpenOptions, create_dir_all},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use kernel::Timestamp;
use serde::Serialize;

use crate::{Failure, Gateway, Message, masked};

/// Writes each message into the log or, if it has a data directory, as a line of JSON to `outbox/sms.jsonl` in it.
///
/// Anybody who reads log or file can sign in as the receiver: only for demos and tests.
#[derive(Debug, Clone, Default)]
pub struct ConsoleGateway {
    file: Option<PathBuf>,
}

/// One line of the file.
#[derive(Serialize)]
struct Line<'m> {
    at: String,
    phone: &'m str,
    text: &'m str,
}

impl ConsoleGateway {
    /// Only the log.
    pub fn new() -> Self {
        Self::default()
    }

    /// `outbox/sms.jsonl` in this data directory; the log names the masked number only.
    pub fn with_data(data: &Path) -> Self {
        Self { file: Some(data.join("outbox").join("sms.jsonl")) }
    }
}

impl Gateway for ConsoleGateway {
    fn send(&self, at: Timestamp, message: &Message) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            tracing::info!("sms to {}: {}", masked(&message.phone), message.text);
            return Ok(());
        };
        // The file has the text; a log is kept for months and read by more people.
        tracing::info!("sms to {}", masked(&message.phone));
        append(file, &Line { at: at.rfc3339(), phone: &message.phone, text: &message.text })
            .map_err(|error| Failure::Later(error.to_string()))
    }
}

fn append(file: &Path, line: &Line) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        create_dir_all(folder)?;
    }
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    // One write call for a whole line: a reader at the same time never sees half of one.
    OpenOptions::new().create(true).append(true).mode(0o600).open(file)?.write_all(text.as_bytes())
}
