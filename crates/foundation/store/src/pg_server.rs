//! Where a PostgreSQL server is, how it is reached, and whether it has to prove who it is.

use std::{
    borrow::Cow,
    error::Error as StdError,
    path::Path,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use kernel::{Error, Result};
use percent_encoding::percent_decode_str;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::{
    AsyncMessage, Client, Config, NoTls, config::SslMode, error::Error as PgError, tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Pool, error::UNAVAILABLE};

/// Time for making a connection, unless the URL says another one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence after which the network asks whether the server is still there, unless the URL says another one.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Time for which sent bytes may stay unconfirmed before the connection counts as lost, unless the URL says another one.
const UNCONFIRMED: Duration = Duration::from_secs(20);
/// Connections of one kind that a URL may ask for.
const CONNECTIONS_MAX: usize = 200;

/// Moves bytes both ways; ready when the connection has ended.
pub(crate) type Socket =
    Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, PgError>>> + Send>;

/// A server, as a URL names it.
#[derive(Clone)]
pub(crate) struct PgServer {
    config: Config,
    /// With `sslmode=require`: the server proves by its certificate that it is the one that was named.
    tls: Option<MakeRustlsConnect>,
    /// How many connections the URL asks for.
    pub pool: Pool,
}

impl PgServer {
    /// Reads a URL. Besides the parameters of `tokio_postgres` it may have `sslrootcert` (a file with the certificates that may vouch for the
    /// server, instead of those that the system trusts), `readers` and `writers` (connections of a process, 1 to 200).
    pub fn parse(url: &str) -> Result<Self> {
        let wrong = |what: &'static str, value: &str| {
            Error::new(&UNAVAILABLE).arg("database", "postgres").arg("parameter", what).arg("value", value)
        };
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut pool, mut authority, mut others) = (Pool::default(), None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value: Cow<'_, str> = percent_decode_str(value).decode_utf8_lossy();
            let connections = || {
                let number = value.parse().ok().filter(|number| (1..=CONNECTIONS_MAX).contains(number));
                number.ok_or_else(|| value.as_ref())
            };
            match name {
                "readers" => pool.readers = connections().map_err(|value| wrong("readers", value))?,
                "writers" => pool.writers = connections().map_err(|value| wrong("writers", value))?,
                "sslrootcert" => authority = Some(value.into_owned()),
                _ => others.push(pair),
            }
        }
        let unread = |error: PgError| Error::new(&UNAVAILABLE).arg("database", "postgres").caused_by(error);
        let url = if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) };
        let mut config: Config = url.parse().map_err(unread)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNCONFIRMED);
        }
        if !url.contains("keepalives") {
            config
                .keepalives_idle(KEEPALIVE_IDLE)
                .keepalives_interval(Duration::from_secs(10))
                .keepalives_retries(3);
        }
        let tls = match (config.get_ssl_mode(), authority) {
            (SslMode::Require, authority) => {
                let told = authority.clone().unwrap_or_default();
                let made = proving(authority.as_deref().map(Path::new));
                Some(made.map_err(|error| wrong("sslrootcert", &told).caused_by(error))?)
            }
            // Who names a certificate wants it to be looked at.
            (_, Some(authority)) => {
                return Err(wrong("sslrootcert", &authority).arg("needs", "sslmode=require"));
            }
            (_, None) => None,
        };
        Ok(Self { config, tls, pool })
    }

    /// Makes a connection; somebody has to move its socket on.
    pub async fn connect(&self) -> Result<(Client, Socket), PgError> {
        match &self.tls {
            Some(tls) => connect(&self.config, tls.clone()).await,
            None => connect(&self.config, NoTls).await,
        }
    }
}

async fn connect<T>(config: &Config, tls: T) -> Result<(Client, Socket), PgError>
where
    T: MakeTlsConnect<tokio_postgres::Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = config.connect(tls).await?;
    Ok((client, Box::new(move |cx| connection.poll_message(cx))))
}

/// TLS in which the server shows a certificate for its name, vouched for by `authority` or by what the system trusts.
fn proving(authority: Option<&Path>) -> Result<MakeRustlsConnect, Box<dyn StdError + Send + Sync>> {
    let provider: Arc<CryptoProvider> = ring::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match authority {
        None => builder.with_platform_verifier()?,
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(file)? {
                roots.add(certificate?)?;
            }
            if roots.is_empty() {
                return Err("the file holds no certificate".into());
            }
            builder.with_root_certificates(roots)
        }
    };
    Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
}
