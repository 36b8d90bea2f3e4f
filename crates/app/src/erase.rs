//! `xuecheng erase`: closing an account for a person who asked for it, by the operator.
//!
//! 个人信息保护法 article 47 gives everybody the right to have her data deleted. It cannot be undone, so it is done in two steps: the first
//! call says whom it concerns and what will be lost, the second one repeats the name. The fact names `system:operator`.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use store::Tx;

use crate::{
    city::City,
    cli::Place,
    config,
    data_dir::DataDir,
    token::{OPERATOR, person, told},
};

/// Says what would be lost, and with the right name erases.
///
/// # Errors
/// If there is no such person, she holds a role, or the name is another.
pub fn run(place: &Place, actor: &str, confirm: Option<&str>) -> Result<ExitCode> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    DataDir::existing(&found.data)?;
    let city = City::open(&found.data, found.config.database(), false)?;
    let who = person(&city, actor)?;
    let vault = city.vault.clone();
    let look = move |tx: &mut Tx| {
        let today = tx.now().day();
        Ok((people::name(tx, &vault, who)?, people::grants(tx, who, today)?))
    };
    let (name, grants) = city.store.read_blocking(look).map_err(|error| told(&error))?;
    let name = name.with_context(|| format!("nobody here has {actor}"))?;
    if let Some(grant) = grants.first() {
        bail!("{name} is {} at {}; take her roles away first, at /desk/people/{who}", grant.role, grant.org);
    }
    match confirm {
        None => {
            println!("{name} ({who}) will be erased, which nobody can undo:");
            println!(
                "- name, phone and card become unreadable, in all copies too; she cannot sign in any more"
            );
            println!("- attendances, credit and certificates stay without a name; the public log stays true");
            println!("do it: xuecheng erase {actor} --confirm '{name}' --data {}", found.data.display());
            Ok(ExitCode::SUCCESS)
        }
        Some(typed) if typed == name => {
            let vault = city.vault.clone();
            let erase = move |tx: &mut Tx| people::erase(tx, &vault, &OPERATOR, who);
            city.store.write_blocking("operator.erase", erase).map_err(|error| told(&error))?;
            println!("erased");
            if let Err(error) = city.store.scrub_blocking() {
                println!(
                    "the log of the database was not emptied ({error}): what was hers stands in it until it is next written back"
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(typed) => bail!("{actor} is not {typed:?}; nothing was done"),
    }
}
