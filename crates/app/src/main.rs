#![doc = include_str!("../README.md")]

mod appoint;
mod backup;
mod bench;
mod city;
mod cli;
mod config;
mod data_dir;
mod demo;
mod doctor;
mod erase;
mod health;
mod init;
mod log;
mod metrics;
mod rules;
mod serve;
mod settings;
mod simulate;
#[cfg(test)]
mod tests;
mod token;
mod verify;
mod whole_file;
mod witness;

use std::process::ExitCode;

use clap::Parser;
use cli::{BenchCommand, Cli, Command, RulesCommand, WitnessCommand};

/// Rows are read on one thread and freed on another, which glibc's allocator pays for with locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // A program that serves writes its log as its configuration says.
    if !matches!(cli.command, Command::Serve { .. }) {
        log::for_people();
    }
    let outcome = match cli.command {
        Command::Demo { listen, base_url, place, found_only } => {
            demo::run(listen, base_url, &place, found_only)
        }
        Command::Init { place, answers } => init::run(&place, &answers),
        Command::Link { place } => init::link(&place),
        Command::Appoint { role, name, actor, place } => {
            appoint::appoint(&place, role, name, actor.as_deref())
        }
        Command::Factor { command } => appoint::factor(&command),
        Command::Erase { actor, confirm, place } => erase::run(&place, &actor, confirm.as_deref()),
        Command::Serve { config, place, listen, base_url } => {
            serve::installation(config.as_deref(), &place, listen, base_url)
        }
        Command::Config { config, data, print } => config::run(print, config.as_deref(), data.as_deref()),
        Command::Verify { place, json, since_head } => verify::run(&place, json, since_head),
        Command::Doctor { config, place, json } => doctor::run(config.as_deref(), &place, json),
        Command::Witness { command: WitnessCommand::Deliver { place } } => witness::deliver(&place),
        Command::Witness { command: WitnessCommand::Compare { place, kept, json } } => {
            witness::compare(&place, &kept, json)
        }
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Move(args) => backup::relocation(&args),
        Command::Simulate { seed, days, steps, database, json } => {
            simulate::run(seed, days, steps, database.as_deref(), json)
        }
        Command::Rules { command: RulesCommand::Test } => rules::test(),
        Command::Bench { command: BenchCommand::Verify { json, database, facts } } => {
            bench::verify::run(json, database.as_deref(), facts)
        }
        Command::Bench { command: BenchCommand::Search { json, offers, load } } => {
            bench::search::run(json, offers, load)
        }
        Command::Bench { command: BenchCommand::Pages { json, load } } => bench::pages::run(json, load),
        Command::Bench { command: BenchCommand::Lists { json, offers, attendances, data, database } } => {
            bench::lists::run(&bench::lists::Asked { json, offers, attendances, data, database })
        }
        Command::Bench { command: BenchCommand::Hello } => bench::server::hello(),
        Command::Token { command } => token::run(&command),
        Command::Bench { command: BenchCommand::Signups { json, database, seconds, clients } } => {
            bench::signups::run(json, database.as_deref(), seconds, clients)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xuecheng: {error:#}");
            ExitCode::FAILURE
        }
    }
}
