//! `xuecheng appoint` and `xuecheng factor`: what the operator on the machine does about administrators.
//!
//! Who holds the machine holds the master key, so these commands open no door that was shut. They are the way in where there is no security
//! administrator yet, or the only one lost her second factor. Each leaves a fact of `system:operator`, which the auditor sees.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use kernel::{Id, Org, Person, Role};
use people::{MendFactor, Register, RoleAt};

use crate::{
    city::City,
    cli::{FactorCommand, Place},
    config,
    data_dir::DataDir,
    token::{OPERATOR, person, told},
};

/// Minutes for which the printed link can be used: a day.
const LINK_MINUTES: i64 = 24 * 60;

fn open(place: &Place) -> Result<(City, String, Id<Org>)> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    DataDir::existing(&found.data)?;
    let city = City::open(&found.data, found.config.database(), false)?;
    let top = city.store.read_blocking(network::top_org).map_err(|error| told(&error))?;
    let top = top.context("the installation has no organisation at the top; run `xuecheng init`")?.org_id;
    Ok((city, found.config.base_url(), top))
}

/// Appoints an administrator at the organisation at the top, with a new account or to one that is there, and prints her sign-in link.
///
/// # Errors
/// If the role is no administrator's, or the person holds another role.
pub fn appoint(place: &Place, role: Role, name: Option<String>, actor: Option<&str>) -> Result<ExitCode> {
    if !role.is_administrator() {
        bail!(
            "{role} is given at /desk/people; here are system-administrator, security-administrator and auditor"
        );
    }
    let (city, base, org) = open(place)?;
    let known = actor.map(|actor| person(&city, actor)).transpose()?;
    let vault = city.vault.clone();
    let appoint = move |tx: &mut store::Tx| {
        let person = match (known, &name) {
            (Some(person), _) => person,
            (None, name) => {
                let cmd = Register { name: name.clone().unwrap_or_default(), ..Register::default() };
                people::register(tx, &vault, &OPERATOR, &cmd)?
            }
        };
        people::grant_role(tx, &OPERATOR, &RoleAt { person, role, org })?;
        people::issue_link(tx, person, LINK_MINUTES)
    };
    let token = city.store.write_blocking("operator.appoint", appoint).map_err(|error| told(&error))?;
    println!("the {role} signs in once, within a day: {base}/sign-in/link/{token}");
    Ok(ExitCode::SUCCESS)
}

/// Resets or unlocks a second factor.
///
/// # Errors
/// If there is no such person, or she has none.
pub fn factor(command: &FactorCommand) -> Result<ExitCode> {
    let (FactorCommand::Reset { actor, place } | FactorCommand::Unlock { actor, place }) = command;
    let (city, _, org) = open(place)?;
    let who: Id<Person> = person(&city, actor)?;
    let cmd = MendFactor { person: who, org };
    let vault = city.vault.clone();
    match command {
        FactorCommand::Reset { .. } => {
            city.store
                .write_blocking("operator.reset_factor", move |tx| {
                    people::reset_factor(tx, &vault, &OPERATOR, &cmd, &|_, _, _, _| Ok(()))
                })
                .map_err(|error| told(&error))?;
            println!("the second factor is gone; a new one is set up at the next sign-in");
        }
        FactorCommand::Unlock { .. } => {
            let locked = city
                .store
                .write_blocking("operator.unlock_factor", move |tx| {
                    people::unlock_factor(tx, &OPERATOR, &cmd, &|_, _, _, _| Ok(()))
                })
                .map_err(|error| told(&error))?;
            println!("{}", if locked { "unlocked" } else { "nothing was locked" });
        }
    }
    Ok(ExitCode::SUCCESS)
}
