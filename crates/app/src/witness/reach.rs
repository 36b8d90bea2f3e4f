//! How a head gets to a witness: dropped into a folder, posted to an address, sent by mail.

use std::{fmt, fs, path::Path, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use lettre::{
    Message, SmtpTransport, Transport,
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
};

use ureq::http::Response;

use crate::{
    config::{Config, Mail},
    whole_file::{self, Readers},
};

/// How long a witness may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest note that is fetched, in bytes. Ours have some 300.
const NOTE_MAX: u64 = 64 * 1024;

/// Somebody who keeps heads.
pub enum Witness {
    /// A folder that somebody else collects from.
    Folder(String),
    /// An address that takes a POST of the note as `text/plain`; any status from 200 to 299 says that it was kept.
    Url(String),
    /// A mailbox; the note is attached as a file.
    Mail(String, Mail),
}

/// The witnesses that a configuration names.
pub fn witnesses(config: &Config) -> Vec<Witness> {
    let to = &config.witness;
    let folders = to.folders.iter().cloned().map(Witness::Folder);
    let urls = to.urls.iter().cloned().map(Witness::Url);
    let mail = to.mail.iter().map(|address| Witness::Mail(address.clone(), config.mail.clone()));
    folders.chain(urls).chain(mail).collect()
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.write_str(folder),
            Self::Url(url) => f.write_str(url),
            Self::Mail(address, _) => write!(f, "mailto:{address}"),
        }
    }
}

impl Witness {
    /// Hands it a note. `Ok` means that it said it has it; a folder has it on its disk, a mailbox's server has taken it.
    pub fn take(&self, city: &str, name: &str, note: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                fs::create_dir_all(folder).with_context(|| format!("{folder} cannot be made"))?;
                whole_file::replace(&Path::new(folder).join(name), note, Readers::Everybody)
            }
            Self::Url(url) => {
                let answer = agent().post(url).content_type("text/plain; charset=utf-8").send(note);
                answered(answer).map(|_| ()).with_context(|| format!("{url} did not take the head"))
            }
            Self::Mail(address, server) => send(server, address, city, name, note)
                .with_context(|| format!("{address} did not get the head")),
        }
    }
}

fn send(server: &Mail, to: &str, city: &str, name: &str, note: &str) -> Result<()> {
    let subject = format!("Xuecheng log head 学城日志签名 {name}");
    let text = format!(
        "请保存附件：它证明 {city} 今天有哪些记录。\n\nPlease keep the attached file: it proves which records {city} has today.\n"
    );
    // As a file its bytes survive every mail program, and can be compared as they are.
    let bytes = Body::new_with_encoding(note.as_bytes().to_vec(), ContentTransferEncoding::Base64)
        .map_err(|_| anyhow!("the note cannot be attached"))?;
    let file = Attachment::new(name.to_owned()).body(bytes, ContentType::TEXT_PLAIN);
    let message = Message::builder()
        .from(server.from.parse::<Mailbox>().context("mail.from")?)
        .to(to.parse::<Mailbox>().context("witness.mail")?)
        .subject(subject)
        .multipart(MultiPart::mixed().singlepart(SinglePart::plain(text)).singlepart(file))?;
    let transport =
        SmtpTransport::from_url(&server.server).context("mail.server")?.timeout(Some(PATIENCE)).build();
    let answer = transport.send(&message)?;
    if !answer.is_positive() {
        bail!("the mail server said {}", answer.code());
    }
    Ok(())
}

/// Whether a place is an address of the web and no path.
pub fn is_url(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}

/// The note that stands at an address.
pub fn fetch(url: &str) -> Result<String> {
    let mut answer = answered(agent().get(url).call()).with_context(|| format!("{url} cannot be read"))?;
    let text = answer.body_mut().with_config().limit(NOTE_MAX).read_to_string();
    text.with_context(|| format!("{url} gives no text of at most {NOTE_MAX} bytes"))
}

/// Without redirects one to elsewhere comes back as an answer; it is none that somebody who kept the head gives.
fn answered(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Response<ureq::Body>> {
    let answer = answer?;
    if !answer.status().is_success() {
        bail!("the answer is {}", answer.status());
    }
    Ok(answer)
}

/// A head goes to where the configuration says and nowhere else: no redirects, and no proxy from the environment.
fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(true)
        .proxy(None)
        .user_agent(concat!("xuecheng/", env!("CARGO_PKG_VERSION")))
        .tls_config(
            ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build(),
        )
        .build();
    config.into()
}
