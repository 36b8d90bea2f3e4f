//! What came back: all answers as one sheet, on the page and as a file, and one of them with its versions.

use std::collections::HashMap;

use askama::Template;
use kernel::{Actor, Error, Id, Org, Person};
use network::access::Scope;
use people::{ReadAs, Vault, note_reading};
use store::Tx;
use web::{Cx, Form, FormState, Max, Path, attachment};

use super::{answer, once, shown};
use crate::{
    Answer, Cell, FILE_ROWS_MAX, Field, Handed, Notice, NoticeId, Progress, REASON_MAX, Recipient, Sight,
    answers, cell_of, csv_of, each_handed, file::SHEET_LONG, handed, officered, progress, recipient,
    return_answer, seen, sums, xlsx_of,
};

/// Places on one page of the sheet.
const PLACES: usize = 20;

/// A line of the sheet.
struct Line {
    org: Id<Org>,
    name: String,
    region: String,
    who: String,
    at: String,
    cells: Vec<String>,
    /// Whether the place has said that it has nothing to report.
    nothing: bool,
}

#[derive(Template)]
#[template(path = "notices_answers.html")]
struct Sheet<'a> {
    cx: &'a Cx,
    notice: &'a Notice,
    fields: Vec<Field>,
    progress: Progress,
    lines: Vec<Line>,
    sums: Vec<String>,
    rows: usize,
    any_sum: bool,
    next: Option<String>,
    first: bool,
}

impl Sheet<'_> {
    fn count(&self) -> String {
        let (done, places) = (self.progress.done, self.progress.places);
        let args: [(&str, &dyn web::ToArg); 3] = [("done", &done), ("places", &places), ("rows", &self.rows)];
        self.cx.ta("notices-answers-count", &args)
    }
}

/// Names of those who answered, of whom it is written down that the reader of the page sees them.
async fn names(
    cx: &Cx,
    notice: &Notice,
    what: ReadAs,
    mut people: Vec<Id<Person>>,
) -> kernel::Result<HashMap<Id<Person>, String>> {
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let (org, subject) = (notice.org_id, format!("notice:{}", notice.notice_id));
    let write = cx.store.write("notices.names", move |tx| {
        note_reading(tx, &actor, what, org, &subject, people.len())?;
        people::names(tx, &vault, &people)
    });
    write.await
}

fn name_of(cx: &Cx, names: &HashMap<Id<Person>, String>, who: Option<Id<Person>>) -> String {
    match who {
        None => cx.t("notices-program"),
        Some(person) => names.get(&person).cloned().unwrap_or_else(|| cx.t("notices-somebody")),
    }
}

/// `/desk/notices/sent/{notice}/answers?after=…`
pub(super) async fn sheet(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let actor = cx.actor.clone();
    // A key is a code and an identifier; anything else names no place.
    let after = cx.param("after");
    let key = after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let after = Some(after.to_owned()).filter(|after| key && !after.is_empty());
    let first = after.is_none();
    let read = cx.store.read(move |tx| {
        let (notice, sight) = tabled(tx, &actor, id)?;
        let fields = notice.fields()?;
        let (total, rows) = sums(tx, id, &sight, &fields)?;
        let mut part = handed(tx, id, &sight, after.as_deref(), PLACES + 1)?;
        let more = part.len() > PLACES;
        part.truncate(PLACES);
        Ok((notice, fields, total, rows, part, more, progress(tx, id, &sight)?))
    });
    let (notice, fields, total, rows, part, more, progress) = read.await?;
    let who = part.iter().filter_map(|handed| handed.answered_by).collect();
    let names = names(&cx, &notice, ReadAs::Answers, who).await?;
    let next = part.last().filter(|_| more).map(Handed::key);
    let mut lines = Vec::new();
    for handed in &part {
        lines.extend(lines_of(&cx, &fields, &names, handed)?);
    }
    let totals: Vec<String> = total.texts().into_iter().map(Option::unwrap_or_default).collect();
    let any_sum = totals.iter().any(|text| !text.is_empty());
    let page =
        Sheet { cx: &cx, notice: &notice, fields, progress, lines, sums: totals, rows, any_sum, next, first };
    cx.page(&page)
}

/// A notice that asks for a table, of which the actor sees a part.
fn tabled(tx: &mut Tx, actor: &Actor, id: NoticeId) -> kernel::Result<(Notice, Sight)> {
    let (notice, sight) = seen(tx, actor, id)?;
    if notice.wants_table() { Ok((notice, sight)) } else { Err(Error::missing()) }
}

fn lines_of(
    cx: &Cx,
    fields: &[Field],
    names: &HashMap<Id<Person>, String>,
    handed: &Handed,
) -> kernel::Result<Vec<Line>> {
    let rows = handed.rows()?;
    let nothing = rows.is_empty();
    let line = |cells: Vec<String>| Line {
        org: handed.org_id,
        name: handed.name.clone(),
        region: handed.region_code.clone(),
        who: name_of(cx, names, handed.answered_by),
        at: handed.answered_at.minute_text(),
        cells,
        nothing,
    };
    if nothing {
        return Ok(vec![line(vec![String::new(); fields.len()])]);
    }
    let cells =
        |row: &Vec<String>| fields.iter().zip(row).map(|(field, value)| shown(cx, field, value)).collect();
    Ok(rows.iter().map(|row| line(cells(row))).collect())
}

/// `/desk/notices/sent/{notice}/file?format=…`: the whole sheet.
pub(super) async fn file(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let (actor, kind) = (cx.actor.clone(), cx.table_format());
    let read = cx.store.read(move |tx| {
        let (notice, sight) = tabled(tx, &actor, id)?;
        let fields = notice.fields()?;
        let (mut all, mut count): (Vec<Handed>, usize) = (Vec::new(), 0);
        each_handed(tx, id, &sight, |handed| {
            count += handed.rows()?.len().max(1);
            if count > FILE_ROWS_MAX {
                return Err(Error::new(&SHEET_LONG).arg("max", FILE_ROWS_MAX));
            }
            all.push(handed.clone());
            Ok(())
        })?;
        Ok((notice, fields, all))
    });
    let (notice, fields, all) = read.await?;
    let who = all.iter().filter_map(|handed| handed.answered_by).collect();
    let names = names(&cx, &notice, ReadAs::AnswerFile, who).await?;
    let (yes, no) = (cx.t("notices-yes"), cx.t("notices-no"));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for handed in &all {
        let beginning = [
            Cell::Text(handed.name.clone()),
            Cell::Text(handed.region_code.clone()),
            Cell::Text(name_of(&cx, &names, handed.answered_by)),
            Cell::Text(handed.answered_at.minute_text()),
        ];
        let answers = handed.rows()?;
        if answers.is_empty() {
            let nothing = Cell::Text(cx.t("notices-nothing-to-report"));
            rows.push(beginning.iter().cloned().chain([nothing]).collect());
        }
        for answer in &answers {
            let cells = fields.iter().zip(answer).map(|(field, value)| cell_of(field, value, [&yes, &no]));
            rows.push(beginning.iter().cloned().chain(cells).collect());
        }
    }
    let mut headings: Vec<String> =
        ["notices-list-place", "notices-list-region", "notices-who", "notices-when"]
            .map(|key| cx.t(key))
            .to_vec();
    headings.extend(fields.iter().map(|field| field.name.clone()));
    let bytes = if kind == "csv" { csv_of(&headings, &rows)? } else { xlsx_of(&headings, &rows)? };
    Ok(attachment(&format!("answers-{}.{kind}", cx.now.day()), bytes))
}

/// A version of an answer.
struct Version {
    number: i64,
    who: String,
    at: String,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "notices_answer.html")]
struct One<'a> {
    cx: &'a Cx,
    notice: &'a Notice,
    place: &'a Recipient,
    place_name: &'a str,
    fields: Vec<Field>,
    versions: Vec<Version>,
    officer: bool,
    form: FormState,
}

impl One<'_> {
    /// Whether the answer can be returned now.
    fn returns(&self) -> bool {
        self.officer && self.notice.is_open() && self.place.is_done()
    }
}

/// `/desk/notices/sent/{notice}/of/{org}`
pub(super) async fn one(cx: Cx, Path((id, org)): Path<(NoticeId, Id<Org>)>) -> web::Result {
    let form = FormState::new(&cx);
    render(&cx, id, org, form, false).await
}

async fn render(cx: &Cx, id: NoticeId, org: Id<Org>, form: FormState, refused: bool) -> web::Result {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let (notice, sight) = tabled(tx, &actor, id)?;
        let place = recipient(tx, id, org)?.ok_or_else(Error::missing)?;
        if let Sight::Places(held) = &sight
            && network::within(tx, &Scope::Under(held.clone()), &[org])?.is_empty()
        {
            return Err(Error::missing());
        }
        let name = network::org(tx, org)?.map_or_else(String::new, |org| org.name);
        Ok((notice, sight == Sight::Officer, place, name, answers(tx, id, org)?))
    });
    let (notice, officer, place, place_name, all) = read.await?;
    let who = all.iter().filter_map(|answer| answer.answered_by).collect();
    let names = names(cx, &notice, ReadAs::Answers, who).await?;
    let fields = notice.fields()?;
    let version = |answer: &Answer| {
        let cells = |row: &Vec<String>| {
            fields.iter().zip(row).map(|(field, value)| shown(cx, field, value)).collect()
        };
        Ok(Version {
            number: answer.version,
            who: name_of(cx, &names, answer.answered_by),
            at: answer.answered_at.minute_text(),
            rows: answer.rows()?.iter().map(cells).collect(),
        })
    };
    let versions = all.iter().map(version).collect::<kernel::Result<Vec<_>>>()?;
    let form = form.labels(cx, &[("reason", "notices-field-return")]);
    let page = One {
        cx,
        notice: &notice,
        place: &place,
        place_name: &place_name,
        fields: fields.clone(),
        versions,
        officer,
        form,
    };
    answer(cx, refused, &page)
}

/// Returns an answer with a reason.
pub(super) async fn give_back(
    cx: Cx,
    Path((id, org)): Path<(NoticeId, Id<Org>)>,
    mut form: Form,
) -> web::Result {
    let why = form.required_text("reason", Max(REASON_MAX));
    let actor = cx.actor.clone();
    let there = cx.store.read(move |tx| {
        officered(tx, &actor, id)?;
        recipient(tx, id, org)?.ok_or_else(Error::missing).map(drop)
    });
    there.await?;
    let done = match form.finish() {
        Ok(()) => {
            once(&cx, &form, "notices.return", (id, org, why), |tx, actor, (id, org, why)| {
                return_answer(tx, actor, *id, *org, why)
            })
            .await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(()) => Ok(cx.done(&format!("/desk/notices/sent/{id}/of/{org}"), &cx.t("notices-returned-done"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            render(&cx, id, org, state, true).await
        }
    }
}
