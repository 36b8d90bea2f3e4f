//! A notice as a place reads it: its text, and the form in which it answers.

use std::collections::HashMap;

use askama::Template;
use kernel::{Error, Id, Org};
use store::Tx;
use web::{Choice, Cx, Form, FormState, Path, attachment};

use super::{answer as answered, once, paragraphs, shown};
use crate::{
    Field, FieldKind, FileFault, Notice, NoticeId, ROWS_MAX, Recipient, Status, addressed, answer_notice,
    cell_name, csv_of, keep_draft, keepable, may_answer, open_notice, read_file, typed_so_far, xlsx_of,
};

/// Rows that one button adds.
const ROWS_STEP: usize = 5;
/// Rows of an empty form with many.
const ROWS_FIRST: usize = 3;

/// A cell of the form.
struct CellForm {
    /// What its field is called.
    name: String,
    label: String,
    hint: String,
    required: bool,
    kind: FieldKind,
    /// What can be chosen, where something can.
    choices: Vec<Choice>,
}

impl CellForm {
    fn choices(&self) -> &[Choice] {
        &self.choices
    }

    fn is_choice(&self) -> bool {
        matches!(self.kind, FieldKind::Choice | FieldKind::YesNo)
    }

    fn is_day(&self) -> bool {
        self.kind == FieldKind::Day
    }

    fn is_whole(&self) -> bool {
        self.kind == FieldKind::Whole
    }

    fn is_decimal(&self) -> bool {
        self.kind == FieldKind::Decimal
    }
}

/// What a place sees of a notice.
struct Known {
    notice: Notice,
    place: Recipient,
    place_name: String,
    sender: String,
    fields: Vec<Field>,
    typed: Vec<Vec<String>>,
    /// Whether it may hand something over now.
    may: bool,
    /// Whether the last day has passed while it may.
    late: bool,
    /// Whether the reader sees other places of the notice too.
    others: bool,
}

fn name_of(tx: &mut Tx, org: Id<Org>) -> kernel::Result<String> {
    Ok(network::org(tx, org)?.map_or_else(String::new, |org| org.name))
}

fn known(tx: &mut Tx, actor: &kernel::Actor, notice: Notice, place: Recipient) -> kernel::Result<Known> {
    let fields = notice.fields()?;
    let typed = if notice.wants_table() { typed_so_far(tx, &place)? } else { Vec::new() };
    let may = may_answer(tx, &notice, &place).is_ok();
    Ok(Known {
        place_name: name_of(tx, place.org_id)?,
        sender: name_of(tx, notice.org_id)?,
        late: notice.is_overdue(tx.now().day()),
        others: crate::seen(tx, actor, notice.notice_id).is_ok(),
        notice,
        place,
        fields,
        typed,
        may,
    })
}

#[derive(Template)]
#[template(path = "notices_place.html")]
struct Page<'a> {
    cx: &'a Cx,
    known: &'a Known,
    form: FormState,
    rows: Vec<Vec<CellForm>>,
    more: bool,
    /// Whether the file was refused, not the form.
    of_file: bool,
    faults: Vec<(FileFault, String)>,
}

impl Page<'_> {
    fn lines(&self) -> Vec<&str> {
        paragraphs(&self.known.notice.body)
    }

    fn is_ended(&self) -> bool {
        matches!(self.known.notice.status, Status::Closed | Status::Withdrawn)
    }

    /// What was handed over, or has been written so far, for reading.
    fn cells(&self) -> Vec<Vec<String>> {
        let cell = |(field, value): (&Field, &String)| shown(self.cx, field, value);
        self.known.typed.iter().map(|row| self.known.fields.iter().zip(row).map(cell).collect()).collect()
    }

    fn action(&self) -> String {
        address(self.known.place.org_id, self.known.notice.notice_id)
    }
}

fn address(org: Id<Org>, notice: NoticeId) -> String {
    format!("/desk/notices/for/{org}/{notice}")
}

fn page<'a>(
    cx: &'a Cx,
    known: &'a Known,
    mut form: FormState,
    rows: usize,
    of_file: bool,
    faults: Vec<FileFault>,
) -> Page<'a> {
    let rows = if known.notice.many { rows.clamp(1, ROWS_MAX) } else { 1 };
    form =
        form.with("rows", rows).labels(cx, &[("file", "notices-field-file"), ("nothing", "notices-nothing")]);
    let cell = |row: usize, column: usize, field: &Field| CellForm {
        name: cell_name(row, column),
        label: field.name.clone(),
        hint: hint(cx, field),
        required: field.required,
        kind: field.kind,
        choices: choices(cx, field),
    };
    let line = |row: usize| known.fields.iter().enumerate().map(|(at, field)| cell(row, at, field)).collect();
    let said = |fault: FileFault| {
        let text = cx.code(fault.code, &fault.args);
        (fault, text)
    };
    Page {
        cx,
        known,
        form,
        rows: (0..rows).map(line).collect(),
        more: known.notice.many && rows < ROWS_MAX,
        of_file,
        faults: faults.into_iter().map(said).collect(),
    }
}

/// The officer's hint, and the bounds of a number.
fn hint(cx: &Cx, field: &Field) -> String {
    let bounds = match (field.min.as_str(), field.max.as_str()) {
        ("", "") => String::new(),
        (min, "") => cx.t1("notices-least", "min", min),
        ("", max) => cx.t1("notices-most", "max", max),
        (min, max) => cx.t2("notices-between", "min", min, "max", max),
    };
    [field.hint.clone(), bounds].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn choices(cx: &Cx, field: &Field) -> Vec<Choice> {
    match field.kind {
        FieldKind::YesNo => {
            vec![Choice::new("yes", cx.t("notices-yes")), Choice::new("no", cx.t("notices-no"))]
        }
        FieldKind::Choice => field.choices.iter().map(|word| Choice::new(word, word.clone())).collect(),
        _ => Vec::new(),
    }
}

/// A form with these rows.
fn filled(mut form: FormState, rows: &[Vec<String>]) -> FormState {
    for (at, row) in rows.iter().enumerate() {
        for (column, value) in row.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            form = form.with(&cell_name(at, column), value);
        }
    }
    form
}

/// What was typed, row by row.
fn typed(form: &Form, fields: usize) -> Vec<Vec<String>> {
    let sent: HashMap<&str, &str> = form.pairs().collect();
    let rows =
        sent.get("rows").and_then(|rows| rows.trim().parse().ok()).unwrap_or(1_usize).clamp(1, ROWS_MAX);
    let cell =
        |row, column| sent.get(cell_name(row, column).as_str()).map_or("", |value| value.trim()).to_owned();
    (0..rows).map(|row| (0..fields).map(|column| cell(row, column)).collect()).collect()
}

async fn read(cx: &Cx, org: Id<Org>, id: NoticeId) -> kernel::Result<Known> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let (notice, place) = addressed(tx, &actor, id, org)?;
        known(tx, &actor, notice, place)
    });
    read.await
}

/// `/desk/notices/for/{org}/{notice}`: who opens it first for her place leaves its receipt.
pub(super) async fn show(cx: Cx, Path((org, id)): Path<(Id<Org>, NoticeId)>) -> web::Result {
    let mut found = read(&cx, org, id).await?;
    if found.notice.is_open() && found.place.opened_at.is_none() {
        let actor = cx.actor.clone();
        let write = cx.store.write("notices.open", move |tx| {
            let (notice, place) = open_notice(tx, &actor, id, org)?;
            known(tx, &actor, notice, place)
        });
        found = write.await?;
    }
    let rows = found.typed.len() + usize::from(!found.typed.is_empty());
    let form = filled(FormState::new(&cx), &found.typed);
    cx.page(&page(&cx, &found, form, rows.max(ROWS_FIRST), false, Vec::new()))
}

/// Takes what was typed: more rows, a draft, or the answer.
pub(super) async fn answer(cx: Cx, Path((org, id)): Path<(Id<Org>, NoticeId)>, form: Form) -> web::Result {
    let found = read(&cx, org, id).await?;
    let rows = typed(&form, found.fields.len());
    let kept: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| keepable(cell)).collect()).collect();
    if form.raw("do") == "more" {
        let state = filled(FormState::new(&cx), &kept);
        return cx.page(&page(&cx, &found, state, rows.len() + ROWS_STEP, false, Vec::new()));
    }
    let done = if form.raw("do") == "draft" {
        let about = (id, org, kept.clone());
        once(&cx, &form, "notices.keep", about, |tx, actor, (id, org, rows)| {
            keep_draft(tx, actor, *id, *org, rows).map(|()| 0)
        })
        .await
    } else {
        let about = (id, org, rows.clone(), form.checkbox("nothing"));
        once(&cx, &form, "notices.answer", about, |tx, actor, (id, org, rows, nothing)| {
            answer_notice(tx, actor, *id, *org, rows, *nothing)
        })
        .await
    };
    match done {
        Ok(0) => Ok(cx.done(&address(org, id), &cx.t("notices-kept"))),
        Ok(1) => Ok(cx.done(&address(org, id), &cx.t("notices-answered"))),
        Ok(version) => Ok(cx.done(&address(org, id), &cx.t1("notices-corrected", "n", version))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            answered(&cx, true, &page(&cx, &found, state, rows.len(), false, Vec::new()))
        }
    }
}

/// What came of a file.
enum Read {
    Right(usize),
    Wrong(Vec<FileFault>),
}

/// Reads a file as a whole into the form, for a last look before it is handed over; or names everything that is wrong, and changes nothing.
pub(super) async fn hand_over(
    cx: Cx,
    Path((org, id)): Path<(Id<Org>, NoticeId)>,
    mut form: Form,
) -> web::Result {
    let found = read(&cx, org, id).await?;
    let bytes = form.upload("file").map(|upload| upload.bytes.clone());
    let outcome = match bytes {
        None => {
            form.wrong("file", &kernel::REQUIRED);
            form.finish().map(|()| Read::Right(0))
        }
        Some(bytes) => {
            let (fields, many) = (found.fields.clone(), found.notice.many);
            // Not where pages are answered: unpacking and reading takes its time.
            let read = cx.store.read(move |_| Ok(read_file(&fields, many, &bytes))).await?;
            match read {
                Ok(rows) => {
                    let count = rows.len();
                    let kept =
                        once(&cx, &form, "notices.file", (id, org, rows), |tx, actor, (id, org, rows)| {
                            keep_draft(tx, actor, *id, *org, rows)
                        });
                    kept.await.map(|()| Read::Right(count))
                }
                Err(faults) => Ok(Read::Wrong(faults)),
            }
        }
    };
    let rows = found.typed.len().max(1);
    match outcome {
        Ok(Read::Right(count)) => Ok(cx.done(&address(org, id), &cx.t1("notices-file-read", "n", count))),
        Ok(Read::Wrong(faults)) => {
            let state = filled(FormState::new(&cx), &found.typed);
            answered(&cx, true, &page(&cx, &found, state, rows, true, faults))
        }
        Err(error) => {
            let state = filled(form.state(&cx, error)?, &found.typed);
            answered(&cx, true, &page(&cx, &found, state, rows, true, Vec::new()))
        }
    }
}

/// `/desk/notices/for/{org}/{notice}/table?format=…`: the empty table, to be filled in elsewhere.
pub(super) async fn blank(cx: Cx, Path((org, id)): Path<(Id<Org>, NoticeId)>) -> web::Result {
    let found = read(&cx, org, id).await?;
    if !found.notice.wants_table() {
        return Err(Error::missing().into());
    }
    let headings: Vec<String> = found.fields.iter().map(|field| field.name.clone()).collect();
    let kind = cx.table_format();
    let bytes = if kind == "csv" { csv_of(&headings, &[])? } else { xlsx_of(&headings, &[])? };
    Ok(attachment(&format!("table.{kind}"), bytes))
}
