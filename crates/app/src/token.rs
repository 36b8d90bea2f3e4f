//! `xuecheng token`: making, listing and ending tokens of the API.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Result, anyhow, bail};
use kernel::{Actor, Error, Id, Person};
use people::{CardNumber, NewToken, Phone, TokenMark};

use crate::{city::City, cli::TokenCommand, data_dir::DataDir, demo::stage};

/// The operator, as facts name her.
pub(crate) const OPERATOR: Actor = Actor::System("operator");

/// Does it.
pub fn run(command: &TokenCommand) -> Result<ExitCode> {
    let (TokenCommand::Create { place, .. }
    | TokenCommand::List { place }
    | TokenCommand::Revoke { place, .. }) = command;
    let root = place.data.clone().unwrap_or_else(|| PathBuf::from("xuecheng-demo"));
    DataDir::existing(&root)?;
    let city = City::open(&root, place.database.as_deref(), false)?;
    match command {
        TokenCommand::Create { actor, scope, basic, days, .. } => {
            let person = person(&city, actor)?;
            let (vault, cmd) = (city.vault.clone(), NewToken { person, scopes: scope.clone(), days: *days });
            let made = city
                .store
                .write_blocking("people.issue_token", move |tx| {
                    people::issue_token(tx, &vault, &OPERATOR, &cmd)
                })
                .map_err(|error| told(&error))?;
            if *basic {
                println!("{} {}", made.id, made.secret);
            } else {
                println!("{}", made.secret);
            }
        }
        TokenCommand::List { .. } => {
            for line in city.store.read_blocking(people::tokens).map_err(|error| told(&error))? {
                let (from, to) = (line.issued_at.minute_text(), line.expires_at.minute_text());
                println!("{} person {} from {from} to {to}: {}", line.id, line.person, line.scopes);
            }
        }
        TokenCommand::Revoke { id, .. } => {
            let id: Id<TokenMark> = id.parse().map_err(|_| anyhow!("{id} is no identifier of a token"))?;
            let ended = city
                .store
                .write_blocking("people.revoke_token", move |tx| people::revoke_token(tx, &OPERATOR, id))
                .map_err(|error| told(&error))?;
            if !ended {
                bail!("there is no living token {id}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn told(error: &Error) -> anyhow::Error {
    let fields: Vec<String> = error
        .field_errors()
        .iter()
        .map(|wrong| {
            format!("{}: {}", wrong.field, web::i18n::say_code(kernel::Lang::En, wrong.code, &wrong.args))
        })
        .collect();
    let whole = web::i18n::say_code(kernel::Lang::En, error.code(), error.args());
    if fields.is_empty() { anyhow!("{whole}") } else { anyhow!("{whole} {}", fields.join("; ")) }
}

/// Who is meant.
pub(crate) fn person(city: &City, actor: &str) -> Result<Id<Person>> {
    if let Ok(id) = actor.parse() {
        return Ok(id);
    }
    let vault = city.vault.clone();
    let found = match (actor.parse::<Phone>(), actor.parse::<CardNumber>()) {
        (Ok(phone), _) => city.store.read_blocking(move |tx| people::person_by_phone(tx, &vault, &phone)),
        (_, Ok(card)) => {
            city.store.read_blocking(move |tx| people::person_by_card(tx, &vault, card.digits()))
        }
        _ => {
            let cast = stage::cast(city).unwrap_or_default();
            return cast
                .into_iter()
                .find(|(role, _)| *role == actor)
                .map(|(_, person)| person)
                .ok_or_else(|| anyhow!("{actor} is no telephone number, card or identifier of a person"));
        }
    };
    found.map_err(|error| told(&error))?.ok_or_else(|| anyhow!("nobody here has {actor}"))
}
