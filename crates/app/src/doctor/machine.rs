//! The machine and the way to it: open files, the address under which people come.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::Report;
use crate::config::Found;

/// Open files that the program needs beside its connections: database, index, logs.
const OWN_FILES: u64 = 200;
/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at the machine.
pub fn examine(report: &mut Report, found: &Found) {
    open_files(report, found);
    address(report, found);
}

fn open_files(report: &mut Report, found: &Found) {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or("");
    let soft = line.split_whitespace().nth(3).unwrap_or("unlimited");
    let wanted = u64::from(found.config.web.connections) + OWN_FILES;
    match soft.parse::<u64>() {
        Ok(limit) if limit < wanted => report.bad(
            "machine.open_files",
            format!("{limit} open files are allowed in this shell; {wanted} may be needed"),
            format!(
                "raise it (LimitNOFILE={} in the service's unit, ulimit -n), or lower web.connections",
                wanted * 2
            ),
        ),
        _ => report.good("machine.open_files", format!("{soft} allowed, {wanted} may be needed")),
    }
}

/// Whether the public address is safe and leads here.
fn address(report: &mut Report, found: &Found) {
    let url = found.config.base_url();
    let Some((scheme, rest)) = url.split_once("://") else { return };
    let host = rest.split('/').next().unwrap_or("").to_owned();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let here = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
    if scheme != "https" && !here {
        report.bad(
            "address.https",
            format!("{url} is not https: whoever listens on the way reads codes and sessions"),
            "put a proxy that speaks TLS before the program and write base_url with https://",
        );
    } else if scheme != "https" {
        report.warn(
            "address.https",
            format!("{url} is for this machine only"),
            "set base_url before others come",
        );
    } else {
        report.good("address.https", url.clone());
    }
    let port = match (host.rsplit_once(':'), scheme) {
        (Some(_), _) if !host.ends_with(']') => host.clone(),
        (_, "https") => format!("{host}:443"),
        _ => format!("{host}:80"),
    };
    match reach(&port, scheme == "http", &host) {
        Ok(told) => report.good("address.reach", format!("{port} {told}")),
        Err(error) => report.warn(
            "address.reach",
            format!("{port} does not answer: {error}"),
            "start the program (and the proxy), look at the name in DNS and the firewall, or correct base_url",
        ),
    }
}

/// Over http the program itself must answer; behind https only the door is tried, because the proxy speaks TLS.
fn reach(port: &str, plain: bool, host: &str) -> Result<&'static str, String> {
    let words = |error: std::io::Error| error.to_string();
    let address = port.to_socket_addrs().map_err(words)?.next().ok_or("the name has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(words)?;
    if !plain {
        return Ok("accepts connections");
    }
    stream.set_read_timeout(Some(PATIENCE)).map_err(words)?;
    write!(stream, "GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").map_err(words)?;
    let mut answer = String::new();
    stream.take(65_536).read_to_string(&mut answer).map_err(words)?;
    if answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n") {
        Ok("answers as this program does")
    } else {
        Err("something else answers there".to_owned())
    }
}
