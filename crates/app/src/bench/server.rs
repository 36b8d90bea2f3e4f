//! The program under load, in a process of its own, as an operator starts it.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
};

use anyhow::{Context, Result};
use axum::{Router, routing::get};

use super::load::{Ask, Rate, closed};
use crate::config;

/// Ticks of the processor's clock in a second, as Linux counts them for programs (USER_HZ) on every common machine.
const TICKS: f64 = 100.0;

/// A process that serves; it ends with this.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// `xuecheng serve` over the installation in this directory, with the configuration that lies there.
    pub fn serve(data: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        Self::start(command)
    }

    /// [`hello`].
    pub fn hello() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "hello"]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("ready http://").and_then(|address| address.parse().ok());
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                anyhow::bail!("the server did not start: it said {line:?}")
            }
        }
    }

    /// Memory in bytes: the process's share (PSS) and all that it holds (RSS), where the system tells.
    pub fn memory(&self) -> (Option<u64>, Option<u64>) {
        let of = |file: &str, name: &str| {
            let text = fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1_024)
        };
        (of("smaps_rollup", "Pss:"), of("status", "VmRSS:"))
    }

    /// Seconds of a processor that it has used, where the system tells.
    pub fn processor(&self) -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name in brackets may hold spaces; after it comes the third field.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(ticks as f64 / TICKS)
    }

    /// The most that it does of these requests, and the processor's microseconds that one costs it.
    pub fn most(&self, asks: &[Ask], time: std::time::Duration) -> Result<(Rate, Option<f64>)> {
        let before = self.processor();
        let begun = std::time::Instant::now();
        let rate = closed(self.address, asks, time)?;
        let answers = rate.per_second * begun.elapsed().as_secs_f64() + rate.failed as f64;
        let cost = before.zip(self.processor()).map(|(before, after)| (after - before) * 1e6 / answers);
        Ok((rate, cost))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A second signal would cut it off; nothing waits for what a measurement leaves behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `xuecheng bench hello`: what the same machine, runtime and HTTP library do when a page is one word.
pub fn hello() -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("ready http://{}", listener.local_addr()?);
        axum::serve(listener, Router::new().route("/", get(|| async { "hello\n" }))).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Writes the configuration of an installation that is served for a measurement.
pub fn configure(data: &Path) -> Result<()> {
    let config = crate::demo::configuration("127.0.0.1:0".parse()?, Some("http://127.0.0.1".to_owned()));
    let path = data.join(config::FILE);
    fs::write(&path, config.file()?).with_context(|| format!("{} cannot be written", path.display()))
}
