//! Check for `verify`: every completion has exactly one credential, and the credential says what the completion says.

use std::collections::{HashMap, HashSet};

use activities::ClassId;
use journal::{Check, Problem, facts_after, position_of};
use kernel::{Error, Id, Minutes, Person, Result};
use learning::{
    CompletionId,
    facts::{COMPLETED, Completed},
};
use store::{Tx, params, sql};

use crate::{CredentialId, REACTOR, Serial};

const NAME: &str = "credentials";
/// Facts looked at in one read.
const BATCH: usize = 2_000;

/// What a credential says of its completion.
type Said = (Id<Person>, ClassId, Minutes, i64, i64);

journal::inventory::submit! { Check { name: NAME, run } }

fn run(tx: &mut Tx) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut held = held(tx, &mut problems)?;
    let mut without = Vec::new();
    // A completion never changes, and its row is compared with its fact elsewhere.
    let completions: Vec<(CompletionId, Id<Person>, ClassId, Minutes, i64, i64)> = tx.all(
        sql!("SELECT completion_id, person_id, class_id, minutes, attended, planned FROM completion"),
        &[],
    )?;
    for (id, person, class, minutes, attended, planned) in completions {
        match held.remove(&id) {
            None => without.push(id),
            Some((id, said)) if said != (person, class, minutes, attended, planned) => {
                let detail = "says something else than its completion";
                problem(&mut problems, format!("credential:{id}"), detail);
            }
            Some(_) => {}
        }
    }
    if !without.is_empty() {
        let waiting = waiting(tx)?;
        for id in without.into_iter().filter(|id| !waiting.contains(id)) {
            problem(&mut problems, format!("completion:{id}"), "has no credential");
        }
    }
    for (id, _) in held.values() {
        problem(
            &mut problems,
            format!("credential:{id}"),
            "no completion that was reacted to stands behind it",
        );
    }
    let (directory,): (i64,) = tx.one(sql!("SELECT count(*) FROM credential_directory"), &[])?;
    let (serials,): (i64,) = tx.one(sql!("SELECT count(*) FROM credential_serial"), &[])?;
    let (all,): (i64,) = tx.one(sql!("SELECT count(*) FROM credential"), &[])?;
    if directory != all || serials != all {
        let detail = format!("{all} credentials, {directory} addresses, {serials} numbers");
        problem(&mut problems, "credential".to_owned(), &detail);
    }
    Ok(problems)
}

/// Completions that the reactor has not come to yet.
fn waiting(tx: &mut Tx) -> Result<HashSet<CompletionId>> {
    let mut waiting = HashSet::new();
    let mut pos = position_of(tx, REACTOR)?;
    loop {
        let facts = facts_after(tx, pos, BATCH)?;
        let Some(last) = facts.last() else { break };
        pos = last.pos;
        for fact in facts.iter().filter(|fact| fact.kind == COMPLETED) {
            waiting.insert(fact.payload::<Completed>()?.completion_id);
        }
    }
    let unplaced: Vec<(String,)> = tx.all(
        sql!(
            "SELECT f.payload FROM fact_new n JOIN fact f ON f.home = n.home AND f.id = n.fact_id WHERE f.kind = $1"
        ),
        params![COMPLETED],
    )?;
    for (payload,) in unplaced {
        let done: Completed =
            serde_json::from_str(&payload).map_err(|e| Error::bug("a completion").caused_by(e))?;
        waiting.insert(done.completion_id);
    }
    Ok(waiting)
}

fn held(tx: &mut Tx, problems: &mut Vec<Problem>) -> Result<HashMap<CompletionId, (CredentialId, Said)>> {
    let rows: Vec<(CompletionId, CredentialId, Serial, Id<Person>, ClassId, Minutes, i64, i64)> = tx.all(
        sql!("SELECT completion_id, credential_id, serial, person_id, class_id, minutes, attended, planned FROM credential"),
        &[],
    )?;
    let mut held = HashMap::with_capacity(rows.len());
    for (completion, id, _, person, class, minutes, attended, planned) in rows {
        if held.insert(completion, (id, (person, class, minutes, attended, planned))).is_some() {
            problem(problems, format!("completion:{completion}"), "has more than one credential");
        }
    }
    Ok(held)
}

fn problem(problems: &mut Vec<Problem>, record: String, detail: &str) {
    problems.push(Problem { check: NAME.to_owned(), record, detail: detail.to_owned() });
}
