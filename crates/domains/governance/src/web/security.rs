//! `/desk/security`: whose second factor is locked, and which tokens programs use.

use std::collections::HashMap;

use askama::Template;
use kernel::{Error, Id, Person};
use people::{TokenLine, TokenMark, Vault, locked_factors, revoke_token, tokens};
use web::{Cx, Form, FormState, Path};

use super::staff::{note, secures};

#[derive(Template)]
#[template(path = "security.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    locked: &'a [(Id<Person>, String, String)],
    tokens: &'a [(TokenLine, String)],
}

/// Shows both.
pub(super) async fn show(cx: Cx) -> web::Result {
    let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
    let (org, locked, tokens, names) = cx
        .store
        .read(move |tx| {
            let org = secures(tx, &actor)?.ok_or_else(Error::denied)?;
            let (locked, tokens) = (locked_factors(tx)?, tokens(tx)?);
            let mut people: Vec<Id<Person>> = locked.iter().map(|(person, _)| *person).collect();
            people.extend(tokens.iter().map(|token| token.person));
            people.sort();
            people.dedup();
            Ok((org, locked, tokens, people::names(tx, &vault, &people)?))
        })
        .await?;
    note(&cx, org, &format!("org:{org}"), names.len()).await?;
    let locked: Vec<_> = locked
        .into_iter()
        .map(|(person, until)| (person, named(&cx, &names, person), cx.datetime(&until)))
        .collect();
    let tokens: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let name = named(&cx, &names, token.person);
            (token, name)
        })
        .collect();
    cx.page(&Page { cx: &cx, form: FormState::new(&cx), locked: &locked, tokens: &tokens })
}

fn named(cx: &Cx, names: &HashMap<Id<Person>, String>, person: Id<Person>) -> String {
    names.get(&person).cloned().unwrap_or_else(|| cx.t("governance-erased"))
}

/// Ends a token at once.
pub(super) async fn revoke(cx: Cx, Path(token): Path<Id<TokenMark>>, _form: Form) -> web::Result {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| secures(tx, &actor)).await?.ok_or_else(Error::denied)?;
    cx.confirmed_within(people::CONFIRMED_FORM_MINUTES)?;
    let actor = cx.actor.clone();
    let ended = cx.store.write("people.revoke_token", move |tx| revoke_token(tx, &actor, token)).await?;
    if !ended {
        return Err(Error::missing().into());
    }
    Ok(cx.done("/desk/security", &cx.t("governance-token-ended")))
}
