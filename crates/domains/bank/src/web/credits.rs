//! `/passport/credits` and `/passport/credits/{entry}`.

use std::collections::HashMap;

use askama::Template;
use kernel::{Credit, Error, Id, Org, PageRequest, Paged, Result};
use learning::EvidenceGrade;
use store::Tx;
use web::{Cx, Path};

use crate::{Entry, EntryId, EntryKind, Note, TransferId, explain, explain::grade_name, read};

/// Entries of one page.
const PAGE_SIZE: usize = 30;

/// An entry as the list shows it.
struct Line {
    entry: Entry,
    place: String,
    grade: String,
    kind: String,
    refused: Credit,
}

impl Line {
    fn new(cx: &Cx, entry: Entry, places: &HashMap<Id<Org>, network::Organisation>) -> Self {
        let refused = match entry.note() {
            Some(Note::Deposit(worth)) => worth.refused,
            _ => Credit(0),
        };
        Self {
            place: places.get(&entry.org_id).map_or_else(String::new, |org| org.name.clone()),
            grade: grade_name(entry.grade, cx.lang),
            kind: cx.t(&format!("bank-kind-{}", entry.kind.as_str())),
            refused,
            entry,
        }
    }

    fn declared(&self) -> bool {
        self.entry.grade == EvidenceGrade::Declared
    }

    fn reversal(&self) -> bool {
        self.entry.kind == EntryKind::Reversal
    }
}

#[derive(Template)]
#[template(path = "bank_credits.html")]
struct List<'a> {
    cx: &'a Cx,
    balance: Credit,
    lines: Vec<Line>,
    next: Option<String>,
    later_page: bool,
}

/// The reader's entries, the latest learning first.
pub async fn list(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let after = Some(cx.param("after").to_owned()).filter(|key| !key.is_empty());
    let later_page = after.is_some();
    let page = PageRequest { after, size: PAGE_SIZE };
    let (balance, entries, places) = cx
        .store
        .read(move |tx| {
            let entries = read::entries(tx, person, &page)?;
            let places: Vec<Id<Org>> = entries.rows.iter().map(|entry| entry.org_id).collect();
            Ok((read::balance(tx, person)?, entries, network::orgs_by_ids(tx, &places)?))
        })
        .await?;
    let Paged { rows, next } = entries;
    let lines = rows.into_iter().map(|entry| Line::new(&cx, entry, &places)).collect();
    cx.page(&List { cx: &cx, balance, lines, next, later_page })
}

/// What an entry's page needs of the database.
struct Found {
    entry: Entry,
    reversal: Option<EntryId>,
    original: Option<EntryId>,
    place: String,
    class_title: String,
}

fn find(tx: &mut Tx, person: Id<kernel::Person>, entry_id: EntryId) -> Result<Found> {
    let entry = read::entry(tx, person, entry_id)?.ok_or_else(Error::missing)?;
    let class = match learning::attendance(tx, entry.org_id, entry.record_id)? {
        Some(attendance) => activities::class(tx, attendance.class_id)?,
        None => None,
    };
    Ok(Found {
        reversal: read::reversal_of(tx, &entry)?.map(|reversal| reversal.entry_id),
        original: read::reversed_by(tx, &entry)?.map(|original| original.entry_id),
        place: network::org(tx, entry.org_id)?.map_or_else(String::new, |org| org.name),
        class_title: class.map_or_else(String::new, |class| class.title),
        entry,
    })
}

#[derive(Template)]
#[template(path = "bank_entry.html")]
struct One<'a> {
    cx: &'a Cx,
    found: Found,
    grade: String,
    kind: String,
    class: String,
    approver: String,
    words: Vec<String>,
    transfer: TransferId,
}

/// One of the reader's entries, explained.
pub async fn show(cx: Cx, Path(entry_id): Path<EntryId>) -> web::Result {
    let person = cx.signed_in()?;
    let found = cx.store.read(move |tx| find(tx, person, entry_id)).await?;
    let entry = &found.entry;
    let own = format!("person:{person}");
    let approver = match entry.approver.as_str() {
        label if label == own || kernel::Actor::read_helper(label).is_some() => cx.t("bank-approver-you"),
        label if label.starts_with("system:") => cx.t("bank-approver-system"),
        _ => cx.t("bank-approver-staff"),
    };
    cx.page(&One {
        cx: &cx,
        grade: grade_name(entry.grade, cx.lang),
        kind: cx.t(&format!("bank-kind-{}", entry.kind.as_str())),
        class: cx.t(&format!("bank-class-{}", entry.credit_class.as_str().replace('_', "-"))),
        approver,
        words: explain(entry, cx.lang)?,
        transfer: entry.transfer_id,
        found,
    })
}
