//! `/desk/orgs/{org}/import`: a whole network by one file, looked through before it is taken over.

use std::collections::HashMap;

use ::web::{Cx, Form, FormState, Path, attachment, limit::ORG_IMPORT_PERSON};
use askama::Template;
use kernel::{Actor, Error, Id, Org, RegionCode, Result as Outcome};
use render::sheet::{Cell, csv_of, xlsx_of};
use store::Tx;

use super::manage;
use crate::{
    IMPORT_BYTES_MAX, IMPORT_COLUMNS, Import, ImportChange, ImportFault, ImportFounding, ImportId,
    Organisation, apply_import, column_key, import, import_headings, keep_import, org, orgs_table,
    plan_import, read_import, regions_by_codes,
};

/// Longest form with a file, in bytes.
pub(super) const FORM_MAX: usize = IMPORT_BYTES_MAX + 64 * 1024;
/// Lines of a preview, or of what is wrong, on a page.
const LINES: usize = 100;

#[derive(Template)]
#[template(path = "network_import.html")]
struct FormPage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    /// Name of each column, and what is written there.
    columns: Vec<(String, String)>,
}

fn form_page<'a>(cx: &'a Cx, org: &'a Organisation, form: FormState) -> FormPage<'a> {
    let said = |(key, _): &(&str, &[&str])| {
        let what = column_key(key).replace("network-import-col-", "network-import-what-");
        (cx.t(&column_key(key)), cx.t(&what))
    };
    let columns = IMPORT_COLUMNS.iter().map(said).collect();
    FormPage { cx, org, form: form.labels(cx, &[("file", "network-import-file")]), columns }
}

/// Asks for a file.
pub(super) async fn form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let (org, _) = manage::known(&cx, id, false).await?;
    cx.page(&form_page(&cx, &org, FormState::new(&cx)))
}

/// Reads a file and keeps it to be looked through; what is wrong with it as a whole is told at once.
pub(super) async fn take(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let (org, _) = manage::known(&cx, id, false).await?;
    let bytes = form.upload("file").map(|upload| upload.bytes.clone());
    if bytes.is_none() {
        form.wrong("file", &kernel::REQUIRED);
    }
    let kept = match (form.finish(), bytes) {
        (Ok(()), Some(bytes)) => keep(&cx, &form, id, bytes).await,
        (Ok(()), None) => Err(Error::bug("an unread form")),
        (Err(wrong), _) => Err(wrong),
    };
    match kept {
        Ok(import) => Ok(cx.redirect(&format!("/desk/orgs/{id}/import/{import}"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            cx.invalid(&form_page(&cx, &org, state))
        }
    }
}

async fn keep(cx: &Cx, form: &Form, id: Id<Org>, bytes: Vec<u8>) -> Outcome<ImportId> {
    let person = cx.signed_in()?.to_string();
    cx.store.write("network.count_import", move |tx| ORG_IMPORT_PERSON.count(tx, &person)).await?;
    // Not where pages are answered: unpacking and reading takes its time.
    let table = cx.store.read(move |_| Ok(read_import(&bytes))).await??;
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write("network.keep_import", move |tx| {
        journal::once(tx, &actor, &key, &(id, &table), |tx| keep_import(tx, &actor, id, &table))
    });
    write.await
}

fn sheet(format: &str, headings: &[String], rows: &[Vec<Cell>]) -> Outcome<Vec<u8>> {
    let made = if format == "csv" { csv_of(headings, rows) } else { xlsx_of(headings, rows) };
    made.map_err(|error| Error::bug("a sheet cannot be written").caused_by(error))
}

/// `/desk/orgs/{org}/import/table?what=…&format=…`: the empty table, or the present organisations in its columns.
pub(super) async fn table(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    manage::known(&cx, id, false).await?;
    let (kind, lang) = (cx.table_format(), cx.lang);
    let present = cx.param("what") == "present";
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let rows = if present { orgs_table(tx, &actor, id, lang)? } else { Vec::new() };
        sheet(kind, &import_headings(lang), &rows)
    });
    Ok(attachment(&format!("organisations.{kind}"), read.await?))
}

/// What a line of the preview tells of.
enum Line {
    Founded(Box<ImportFounding>),
    Changed(Box<ImportChange>),
}

/// A file that is kept, and what it would change.
struct Loaded {
    org: Organisation,
    kept: Import,
    unknown: Vec<String>,
    founded: usize,
    changed: usize,
    same: usize,
    digest: String,
    lines: Vec<Line>,
    regions: HashMap<RegionCode, String>,
    faults: Vec<ImportFault>,
    /// Faults with their words, which can be paged through.
    told: usize,
    fault_count: usize,
}

fn load(tx: &mut Tx, actor: &Actor, id: Id<Org>, file: ImportId, page: usize, all: bool) -> Outcome<Loaded> {
    let mut kept = import(tx, actor, id, file)?;
    let org = org(tx, id)?.ok_or_else(Error::missing)?;
    let table = kept.table.take();
    let plan = match &table {
        Some(table) => plan_import(tx, actor, id, table)?,
        None => crate::ImportPlan::default(),
    };
    let digest = plan.digest();
    let (founded, changed, told) = (plan.founded.len(), plan.changed.len(), plan.faults.len());
    let (skip, size) = if all { (0, usize::MAX) } else { (page * LINES, LINES) };
    let founded_lines = plan.founded.into_iter().map(|one| Line::Founded(Box::new(one)));
    let changed_lines = plan.changed.into_iter().map(|one| Line::Changed(Box::new(one)));
    let lines: Vec<Line> = founded_lines.chain(changed_lines).skip(skip).take(LINES).collect();
    let codes: Vec<RegionCode> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Founded(one) => Some(one.org.region_code.clone()),
            Line::Changed(_) => None,
        })
        .collect();
    let regions = regions_by_codes(tx, &codes)?;
    kept.table = table.map(|table| crate::ImportTable { rows: Vec::new(), ..table });
    Ok(Loaded {
        org,
        unknown: kept.table.as_ref().map(|table| table.unknown.clone()).unwrap_or_default(),
        kept,
        founded,
        changed,
        same: plan.same,
        digest,
        lines,
        regions: regions.into_iter().map(|(code, region)| (code, region.name)).collect(),
        faults: plan.faults.into_iter().skip(skip).take(size).collect(),
        told,
        fault_count: plan.fault_count,
    })
}

async fn read(cx: &Cx, id: Id<Org>, file: ImportId, page: usize, all: bool) -> Outcome<Loaded> {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| load(tx, &actor, id, file, page, all)).await
}

/// A line of the preview in words.
struct Told {
    line: usize,
    name: String,
    is_new: bool,
    what: Vec<String>,
}

#[derive(Template)]
#[template(path = "network_import_preview.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: &'a Loaded,
    form: FormState,
    page: usize,
}

impl Page<'_> {
    fn action(&self) -> String {
        format!("/desk/orgs/{}/import/{}", self.loaded.org.org_id, self.loaded.kept.import_id)
    }

    fn is_done(&self) -> bool {
        self.loaded.kept.table.is_none()
    }

    fn is_wrong(&self) -> bool {
        self.loaded.fault_count > 0
    }

    fn is_idle(&self) -> bool {
        self.loaded.founded + self.loaded.changed == 0
    }

    fn unknown(&self) -> String {
        self.loaded.unknown.join(&self.cx.t("network-hours-comma"))
    }

    fn more(&self) -> bool {
        let all = if self.is_wrong() { self.loaded.told } else { self.loaded.founded + self.loaded.changed };
        (self.page + 1) * LINES < all
    }

    /// Name of the column, what stands there, and how to mend it.
    fn fault(&self, fault: &ImportFault) -> (String, String, String) {
        said(self.cx, fault)
    }

    fn lines(&self) -> Vec<Told> {
        let cx = self.cx;
        let told = self.loaded.lines.iter().map(|line| match line {
            Line::Founded(one) => Told {
                line: one.line,
                name: one.org.name.clone(),
                is_new: true,
                what: vec![
                    cx.t(&one.org.kind.message_key()),
                    cx.t1("network-import-under", "above", &one.above),
                    self.loaded.regions.get(&one.org.region_code).cloned().unwrap_or_default(),
                ],
            },
            Line::Changed(one) => Told {
                line: one.line,
                name: one.before.name.clone(),
                is_new: false,
                what: one.columns().into_iter().map(|column| difference(cx, one, column)).collect(),
            },
        });
        told.collect()
    }
}

/// `电话：023-1 → 023-2`.
fn difference(cx: &Cx, change: &ImportChange, column: &str) -> String {
    let cell = |words: &crate::ImportWords| {
        let text = words.cell(column, cx.lang);
        if text.is_empty() { cx.t("network-import-nothing") } else { text }
    };
    let (from, to) = (cell(&change.before), cell(&change.after));
    cx.ta("network-import-from-to", &[("column", &cx.t(&column_key(column))), ("from", &from), ("to", &to)])
}

fn said(cx: &Cx, fault: &ImportFault) -> (String, String, String) {
    let mut args = fault.args.clone();
    // Kinds are told in the reader's language.
    if let Some(kind) = args.iter().position(|(name, _)| *name == "kind").map(|at| args.remove(at).1)
        && let Ok(kind) = kind.parse::<crate::OrgKind>()
    {
        args.retain(|(name, _)| *name != "now");
        args.push(("now", cx.t(&kind.message_key())));
    }
    (cx.t(&column_key(fault.column)), fault.value.clone(), cx.code(fault.code, &args))
}

fn page_number(cx: &Cx) -> usize {
    cx.param_as::<usize>("page").unwrap_or(1).clamp(1, 1_000) - 1
}

/// Shows what a file would change, or what is wrong in it.
pub(super) async fn show(cx: Cx, Path((id, file)): Path<(Id<Org>, ImportId)>) -> ::web::Result {
    let page = page_number(&cx);
    let loaded = read(&cx, id, file, page, false).await?;
    let form = FormState::new(&cx).with("seen", &loaded.digest);
    cx.page(&Page { cx: &cx, loaded: &loaded, form, page })
}

/// What is wrong in a file, as a table.
pub(super) async fn faults(cx: Cx, Path((id, file)): Path<(Id<Org>, ImportId)>) -> ::web::Result {
    let loaded = read(&cx, id, file, 0, true).await?;
    let heads = ["line", "column", "value", "mend"].map(|key| cx.t(&format!("network-import-fault-{key}")));
    let row = |fault: &ImportFault| {
        let (column, value, mend) = said(&cx, fault);
        vec![Cell::Number(fault.line.to_string()), Cell::Text(column), Cell::Text(value), Cell::Text(mend)]
    };
    let rows: Vec<Vec<Cell>> = loaded.faults.iter().map(row).collect();
    Ok(attachment("to-mend.csv", sheet("csv", &heads, &rows)?))
}

/// Takes a file over that was looked through.
pub(super) async fn go(cx: Cx, Path((id, file)): Path<(Id<Org>, ImportId)>, form: Form) -> ::web::Result {
    let (actor, seen) = (cx.actor.clone(), form.raw("seen").to_owned());
    let done = match form.finish() {
        Ok(()) => {
            cx.store.write("network.apply_import", move |tx| apply_import(tx, &actor, id, file, &seen)).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        // Its page says what was done, now and later.
        Ok(_) => Ok(cx.redirect(&format!("/desk/orgs/{id}/import/{file}"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            let loaded = read(&cx, id, file, 0, false).await?;
            let form = state.with("seen", &loaded.digest);
            cx.invalid(&Page { cx: &cx, loaded: &loaded, form, page: 0 })
        }
    }
}
