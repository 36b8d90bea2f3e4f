//! Importing the tree of subjects.
//!
//! The whole list is checked before anything is written. What differs is changed, the rest left alone; nothing is taken
//! away, because offers point at it.

use std::collections::{HashMap, HashSet};

use journal::Fact;
use kernel::{Actor, Code, Error, FieldError, Result, Right};
use store::{Tx, Value, params};

use crate::{SUBJECT, Subject, facts, read::subjects};

kernel::codes! {
    /// A subject's code is two or four digits.
    pub BAD_SUBJECT_CODE = Invalid "catalog.bad_subject_code";
    /// The same code stands in the list twice.
    pub SUBJECT_TWICE = Invalid "catalog.subject_twice";
}

/// A subject as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubjectRow {
    /// Number of the line in the file, from 1.
    pub line: usize,
    /// Two digits for a field, four for a subject in it.
    pub code: String,
    /// Name, 1 to 40 characters.
    pub name: String,
    /// Code of the field; empty for a field.
    pub parent: String,
    /// Field of education in ISCED-F 2013; may be empty.
    pub isced_f: String,
    /// Words that belong to it; may be empty.
    pub examples: String,
}

/// Imports subjects and tells how many were new or differed. Only who manages the network of the whole city may.
pub fn import_subjects(tx: &mut Tx, actor: &Actor, rows: &[SubjectRow]) -> Result<usize> {
    match (network::top_org(tx)?, actor) {
        (_, Actor::System(_)) => {}
        (Some(top), _) => network::access::require(tx, actor, Right::ManageNetwork, top.org_id)?,
        (None, _) => return Err(Error::denied()),
    }
    let known: HashMap<String, Subject> =
        subjects(tx)?.into_iter().map(|subject| (subject.code.clone(), subject)).collect();
    check(rows, &known)?;
    let waiting: Vec<&SubjectRow> = rows
        .iter()
        .filter(|row| known.get(&row.code).is_none_or(|known| values(row) != stored(known)))
        .collect();
    // One fact for all: a city has some hundred subjects.
    if waiting.is_empty() {
        return Ok(0);
    }
    let codes = waiting.iter().map(|row| row.code.clone()).collect();
    let mut fact =
        Fact::new(facts::SUBJECTS_IMPORTED, "subjects").payload(&facts::SubjectsImported { codes });
    for row in &waiting {
        if known.contains_key(&row.code) {
            let set = "name = $1, parent = $2, isced_f = $3, examples = $4";
            fact.update(tx, &SUBJECT, params![&row.code], set, "", &values(row))?
                .ok_or_else(Error::missing)?;
        } else {
            fact.insert(tx, &SUBJECT, [params![&row.code], &values(row)].concat())?;
        }
    }
    fact.emit(tx, actor)?;
    Ok(waiting.len())
}

fn values(row: &SubjectRow) -> Vec<Value> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    params![row.name.trim(), some(&row.parent), some(&row.isced_f), row.examples.trim()].to_vec()
}

fn stored(subject: &Subject) -> Vec<Value> {
    params![&subject.name, subject.parent.clone(), subject.isced_f.clone(), &subject.examples].to_vec()
}

fn check(rows: &[SubjectRow], known: &HashMap<String, Subject>) -> Result<()> {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut seen = HashSet::new();
    let mut wrong = Vec::new();
    for row in rows {
        network::check_texts(&mut wrong, &[(&format!("row {}: name", row.line), &row.name, 40, true)]);
        let mut note = |field: &str, code: &'static Code| {
            wrong.push(FieldError { field: format!("row {}: {field}", row.line), code, args: Vec::new() });
        };
        if !matches!(row.code.len(), 2 | 4) || !row.code.bytes().all(|b| b.is_ascii_digit()) {
            note("code", &BAD_SUBJECT_CODE);
        } else if !seen.insert(row.code.as_str()) {
            note("code", &SUBJECT_TWICE);
        }
        let parent = row.parent.as_str();
        let fits = if parent.is_empty() {
            row.code.len() == 2
        } else {
            row.code.len() == 4
                && row.code.starts_with(parent)
                && (in_file.contains(parent) || known.contains_key(parent))
        };
        if !fits {
            note("parent", &crate::NO_SUBJECT);
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}

/// Reads the list of subjects: columns `code,name,parent,examples,isced_f`, in any order; others are ignored.
pub fn read_subjects(text: &str) -> Result<Vec<SubjectRow>> {
    let mut rows = Vec::new();
    network::records(text, &["code", "name", "parent", "isced_f", "examples"], |line, fields| {
        let [code, name, parent, isced_f, examples] = fields[..] else { return Ok(()) };
        let [code, name, parent, isced_f, examples] =
            [code, name, parent, isced_f, examples].map(str::to_owned);
        rows.push(SubjectRow { line, code, name, parent, isced_f, examples });
        Ok(())
    })?;
    Ok(rows)
}
