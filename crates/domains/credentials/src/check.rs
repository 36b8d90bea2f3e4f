//! Check for `verify`: every completion has exactly one credential, and the credential says what the completion says.

use std::collections::HashMap;

use activities::ClassId;
use journal::{Check, Problem, facts_after, position_of};
use kernel::{Id, Minutes, Person, Result};
use learning::{
    CompletionId,
    facts::{COMPLETED, Completed},
};
use store::{Tx, sql};

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
    let passed = position_of(tx, REACTOR)?;
    let mut pos = 0;
    while pos < passed {
        let facts = facts_after(tx, pos, BATCH)?;
        let Some(last) = facts.last() else { break };
        pos = last.pos;
        for fact in facts.iter().filter(|fact| fact.kind == COMPLETED && fact.pos <= passed) {
            let done: Completed = fact.payload()?;
            let expected: Said = (done.person_id, done.class_id, done.minutes, done.attended, done.planned);
            match held.remove(&done.completion_id) {
                None => {
                    problem(&mut problems, format!("completion:{}", done.completion_id), "has no credential")
                }
                Some((id, said)) if said != expected => {
                    problem(
                        &mut problems,
                        format!("credential:{id}"),
                        "says something else than its completion",
                    );
                }
                Some(_) => {}
            }
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
