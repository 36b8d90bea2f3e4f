//! The command line. Its names are a public contract (ARCHITECTURE.md, section "Contract").

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{
    backup::{BackupArgs, MoveArgs, RestoreArgs},
    init::Answers,
};

/// Xuecheng 学城: the software a learning city runs on.
#[derive(Debug, Parser)]
#[command(name = "xuecheng", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the records are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Data directory: keys, search index, outbox and, without `--database`, the database file.
    #[arg(long, env = "XUECHENG_DATA")]
    pub data: Option<PathBuf>,
    /// Database URL, `postgres://…`; without it a SQLite file in the data directory.
    #[arg(long, env = "XUECHENG_DATABASE")]
    pub database: Option<String>,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a place a real installation: keys, tables, the organisation at the top, the first administrator.
    Init {
        /// Where the records will be (default `./xuecheng-data`).
        #[command(flatten)]
        place: Place,
        /// What has to be known.
        #[command(flatten)]
        answers: Box<Answers>,
    },
    /// Print another one-time sign-in link for the first administrator.
    Link {
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// Appoint one of the three administrators and print a sign-in link: for a place that has none, or lost the last one.
    Appoint {
        /// `system-administrator`, `security-administrator` or `auditor`.
        #[arg(value_parser = role)]
        role: kernel::Role,
        /// Name, for a new account.
        #[arg(long, required_unless_present = "actor")]
        name: Option<String>,
        /// Who it is, if she has an account: a telephone number, the number of a card, or an identifier.
        #[arg(long, conflicts_with = "name")]
        actor: Option<String>,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// Second factors, for when no security administrator can do it.
    Factor {
        /// What to do with it.
        #[command(subcommand)]
        command: FactorCommand,
    },
    /// Close the account of a person who asked for it. Without `--confirm` it says what will be lost, and does nothing.
    Erase {
        /// Whose: a telephone number, the number of a card, or an identifier.
        actor: String,
        /// Her name, as the first call printed it.
        #[arg(long)]
        confirm: Option<String>,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// Serve an installation.
    Serve {
        /// Configuration file (default `xuecheng.toml` in the data directory).
        #[arg(long, env = "XUECHENG_CONFIG")]
        config: Option<PathBuf>,
        /// Where the records are (default `./xuecheng-data`).
        #[command(flatten)]
        place: Place,
        /// Address to listen on, instead of the configured one.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// Address under which people reach it, instead of the configured one.
        #[arg(long)]
        base_url: Option<String>,
    },
    /// Check the configuration, or print all its keys.
    Config {
        /// Configuration file (default `xuecheng.toml` in the data directory).
        #[arg(long, env = "XUECHENG_CONFIG")]
        config: Option<PathBuf>,
        /// Data directory (default `./xuecheng-data`).
        #[arg(long)]
        data: Option<PathBuf>,
        /// Print every key with its explanation and default.
        #[arg(long)]
        print: bool,
    },
    /// Stand a demonstration city up on the real divisions of Chongqing, and serve it.
    Demo {
        /// Address to listen on.
        #[arg(long, env = "XUECHENG_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Address under which people reach it; by default the one it listens on.
        #[arg(long, env = "XUECHENG_BASE_URL")]
        base_url: Option<String>,
        /// Where the records are (default `./xuecheng-demo`).
        #[command(flatten)]
        place: Place,
        /// Found the city and stop, without serving.
        #[arg(long)]
        found_only: bool,
    },
    /// Check everything: facts, seals, rows, ledger, figures. Exit status 0 only if all is true.
    Verify {
        /// Where the records are.
        #[command(flatten)]
        place: Place,
        /// Print one JSON object instead of words.
        #[arg(long)]
        json: bool,
        /// Check only what came after the head that the last run found true.
        #[arg(long)]
        since_head: bool,
    },
    /// Look for faults of an installation and say how to mend them. Exit status 0 only if there is none.
    Doctor {
        /// Configuration file (default `xuecheng.toml` in the data directory).
        #[arg(long, env = "XUECHENG_CONFIG")]
        config: Option<PathBuf>,
        /// Where the records are (default `./xuecheng-data`).
        #[command(flatten)]
        place: Place,
        /// Print one JSON object instead of words.
        #[arg(long)]
        json: bool,
    },
    /// Heads of the log that others keep.
    Witness {
        /// What to do with them.
        #[command(subcommand)]
        command: WitnessCommand,
    },
    /// Back a city up while it goes on: one moment, compressed, encrypted, in two files.
    Backup(BackupArgs),
    /// Bring a backup back into an empty place of either engine, or check it.
    Restore(RestoreArgs),
    /// Carry a city to another database with everything in it; the old copy takes no more facts.
    Move(MoveArgs),
    /// Let a small city live some days within seconds and see whether what must hold holds.
    ///
    /// Residents, staff and jobs act through the real commands on a database of its own (no installation is touched), while processes die,
    /// connections break, answers are lost and clocks jump, all as the seed says. Cheap rules are checked after each step,
    /// everything every 40 steps and at the end. The first breach ends the run with its rule, the seed, the step and the steps
    /// before it; the same seed on the same engine comes to the same breach. Exit status 0 only if everything held.
    #[command(after_help = "Examples:\n  xuecheng simulate --seed 7 --days 30\n  \
        xuecheng simulate --seed 7 --days 30 --database postgres://xuecheng@127.0.0.1/xuecheng_test")]
    Simulate {
        /// What everything follows from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Days that the city lives, from 14 December 2026 on; a day has 70 steps or more.
        #[arg(long, default_value_t = 30)]
        days: u32,
        /// Stop after so many steps, for looking at the steps before a breach.
        #[arg(long)]
        steps: Option<u64>,
        /// PostgreSQL URL: three processes share a schema that is made for the run and dropped after it. Without it one process has a
        /// SQLite file in a temporary folder.
        #[arg(long)]
        database: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Rule packs.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Tokens with which programs use the API.
    Token {
        /// What to do with them.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Measure something, with its physical bound in the same run.
    Bench {
        /// What to measure.
        #[command(subcommand)]
        command: BenchCommand,
    },
}

/// Subcommands of `factor`.
#[derive(Debug, Subcommand)]
pub enum FactorCommand {
    /// Take a lost second factor away; its holder sets a new one up when she signs in next.
    Reset {
        /// Whose: a telephone number, the number of a card, or an identifier.
        actor: String,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// End a lock after too many wrong codes.
    Unlock {
        /// Whose: a telephone number, the number of a card, or an identifier.
        actor: String,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
}

fn role(text: &str) -> Result<kernel::Role, String> {
    let known = || kernel::Role::ALL.map(kernel::Role::as_str).join(", ");
    text.parse().map_err(|_| format!("there is no such role; there are {}", known()))
}

/// Subcommands of `witness`.
#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Give the newest head to every witness of the configuration now. Exit status 0 only if all took it.
    Deliver {
        /// Where the records are (default `./xuecheng-data`).
        #[command(flatten)]
        place: Place,
    },
    /// Check that the log continues the heads that witnesses keep. Exit status 0 only if it continues all.
    Compare {
        /// Where the records are (default `./xuecheng-data`).
        #[command(flatten)]
        place: Place,
        /// Signed notes: files, folders with files that end in `.note`, or addresses (https://…) that give one.
        #[arg(required = true)]
        kept: Vec<String>,
        /// Print one JSON object instead of words.
        #[arg(long)]
        json: bool,
    },
}

/// Subcommands of `rules`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum RulesCommand {
    /// Run the examples that each rule carries.
    Test,
}

/// Subcommands of `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make one and print it; it is shown this once.
    Create {
        /// For whom it acts: a telephone number, the number of a card, an identifier, or a role of the demonstration such as `staff`.
        #[arg(long)]
        actor: String,
        /// What it may be used for: `me:read`, `me:write`, `desk`, `xapi:all`; may be given several times.
        #[arg(long, required = true)]
        scope: Vec<web::api::Scope>,
        /// Print `USER PASSWORD` on one line, for programs that know basic authentication only.
        #[arg(long)]
        basic: bool,
        /// Days that it lives.
        #[arg(long, default_value_t = 90)]
        days: i64,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// List those that live.
    List {
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
    /// End one at once.
    Revoke {
        /// Its identifier, as the list has it.
        id: String,
        /// Where the records are.
        #[command(flatten)]
        place: Place,
    },
}

/// How pages are asked for in a measurement.
#[derive(Debug, Args)]
pub struct OpenLoad {
    /// Requests a second; `bench search` takes 100 where nothing is said, `bench pages` 300.
    #[arg(long)]
    pub rate: Option<f64>,
    /// Seconds of the open load.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Seconds for which each is asked as often as it can answer.
    #[arg(long, default_value_t = 3)]
    pub most_seconds: u64,
    /// Where the city is kept for the next run; without it a temporary folder.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Database URL; without it a SQLite file in that folder.
    #[arg(long)]
    pub database: Option<String>,
}

/// Subcommands of `bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Search over HTTP in a city of many offers, under an open load: people come when they come, however slow the answers are.
    Search {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Offers of the city; below a million the 99th percentile has to stay under 5 ms, from there on under 30 ms.
        #[arg(long, default_value_t = 100_000)]
        offers: usize,
        /// How it is asked.
        #[command(flatten)]
        load: OpenLoad,
    },
    /// The ten most used pages of the demonstration city under an open load, then each as often as it can, beside a page of one word.
    Pages {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// How it is asked; the rate is that of all pages together.
        #[command(flatten)]
        load: OpenLoad,
    },
    /// Staff's lists: pages by sort and filter, and lists as files, in a city of many offers and attendances.
    Lists {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Offers of the city.
        #[arg(long, default_value_t = 100_000)]
        offers: usize,
        /// Attendances of the city.
        #[arg(long, default_value_t = 1_000_000)]
        attendances: usize,
        /// Where the city is kept for the next run; without it a temporary folder.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Database URL; without it a SQLite file in that folder.
        #[arg(long)]
        database: Option<String>,
    },
    /// Serve a page of one word, for comparison.
    #[command(hide = true)]
    Hello,
    /// Facts that `verify` checks in a second, against reading and hashing alone.
    Verify {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Database URL; without it a SQLite file in a temporary folder.
        #[arg(long)]
        database: Option<String>,
        /// About how many facts there are to check.
        #[arg(long, default_value_t = 100_000)]
        facts: usize,
    },
    /// Durable sign-ups through the whole command, against the same transaction through the store alone.
    Signups {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Database URL; without it a SQLite file in a temporary folder.
        #[arg(long)]
        database: Option<String>,
        /// Seconds for each measurement.
        #[arg(long, default_value_t = 3)]
        seconds: u64,
        /// Clients that sign up at the same time.
        #[arg(long, default_value_t = 64)]
        clients: usize,
    },
}
