//! `/desk/reorganisations`: decisions that change the network, looked through before they are carried out, and taken back as a whole.

use std::collections::HashMap;

use ::web::{Choice, Cx, Form, FormState, Max, Path, WebError};
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Actor, Error, Id, Org, PageRequest, Paged, RegionCode, Result as Outcome, Right};
use render::table::{Bom, Cell, csv};
use store::Tx;

use super::history::{Told, tell};
use crate::{
    Fault, NOT_POSSIBLE, OrgChange, Organisation, Plan, Prepare, Prepared, Reorganisation, ReorganisationId,
    Status, access, confirm, discard, org, plan_of, regions_by_codes, reorganisation, reorganisations,
    reorganise::{DOCUMENT_MAX, LINES_BYTES_MAX, TITLE_MAX, changes_of, followed_of, keep, think},
    undo,
};

/// Reorganisations on a page.
const PAGE: usize = 50;
/// Organisations and divisions on a page.
const LINES: usize = 100;
/// The largest form.
pub(super) const FORM_MAX: usize = 2 * LINES_BYTES_MAX + 64 * 1024;

kernel::codes! {
    /// The file is not UTF-8.
    pub NOT_UTF8 = Invalid "network.not_utf8";
}

#[derive(Template)]
#[template(path = "network_reorganisations.html")]
struct ListPage<'a> {
    cx: &'a Cx,
    list: &'a Paged<Reorganisation>,
}

/// All that the reader may see.
pub(super) async fn list(cx: Cx) -> ::web::Result {
    let page =
        PageRequest { after: Some(cx.param("after").to_owned()).filter(|key| !key.is_empty()), size: PAGE };
    let actor = cx.actor.clone();
    let list = cx.store.read(move |tx| reorganisations(tx, &actor, &page)).await?;
    cx.page(&ListPage { cx: &cx, list: &list })
}

#[derive(Template)]
#[template(path = "network_reorganise.html")]
struct NewPage<'a> {
    cx: &'a Cx,
    form: FormState,
    faults: Vec<String>,
}

/// Sentences for what is wrong, each with its line.
fn fault_lines(cx: &Cx, faults: &[Fault]) -> Vec<String> {
    let told = faults.iter().map(|fault| {
        let said = cx.code(fault.code, &fault.args);
        if fault.line == 0 { said } else { cx.t2("network-fault-line", "line", fault.line, "said", said) }
    });
    told.collect()
}

fn new_page<'a>(cx: &'a Cx, form: FormState, faults: Vec<String>) -> NewPage<'a> {
    let labels = [
        ("title", "network-reorganise-title"),
        ("document", "network-reorganise-document"),
        ("effective_on", "network-reorganise-day"),
        ("lines", "network-reorganise-lines"),
        ("file", "network-reorganise-file"),
    ];
    NewPage { cx, form: form.labels(cx, &labels), faults }
}

/// Asks for a decision.
pub(super) async fn form(cx: Cx) -> ::web::Result {
    let form = FormState::new(&cx).with("effective_on", cx.now.day());
    cx.page(&new_page(&cx, form, Vec::new()))
}

/// Thinks it through.
pub(super) async fn create(cx: Cx, mut form: Form) -> ::web::Result {
    let title = form.required_text("title", Max(TITLE_MAX));
    let document = form.text("document", Max(DOCUMENT_MAX));
    let effective_on = form.date("effective_on");
    let mut lines = form.raw("lines").replace("\r\n", "\n");
    if let Some(upload) = form.upload("file") {
        match String::from_utf8(upload.bytes.clone()) {
            Ok(text) => lines = text,
            Err(_) => form.wrong("file", &NOT_UTF8),
        }
    }
    // PostgreSQL stores no such character in a text.
    lines.retain(|c| c != '\0');
    let cmd = Prepare { title, document, effective_on, lines: lines.clone() };
    match prepared(&cx, &form, cmd, "lines").await? {
        Ok(looked) => Ok(looked),
        Err((state, faults)) => {
            let faults = fault_lines(&cx, &faults);
            cx.invalid(&new_page(&cx, state.with("lines", &lines), faults))
        }
    }
}

/// Thinks a decision through that stands in a form, and leads to its page; else gives the form as it was sent, with what is wrong with the lines,
/// which is told at this field.
async fn prepared(
    cx: &Cx,
    form: &Form,
    cmd: Prepare,
    field: &str,
) -> std::result::Result<std::result::Result<Response, (FormState, Vec<Fault>)>, WebError> {
    let done = match form.finish() {
        Ok(()) => prepare_once(cx, form, cmd).await,
        Err(wrong) => Err(wrong),
    };
    let (error, faults) = match done {
        Ok(Prepared::Ready(id)) => {
            let said = cx.t("network-reorganise-prepared");
            return Ok(Ok(cx.done(&format!("/desk/reorganisations/{id}"), &said)));
        }
        Ok(Prepared::Faulty(faults)) => (Error::field(field, &NOT_POSSIBLE), faults),
        Err(error) => (error, Vec::new()),
    };
    Ok(Err((form.state(cx, error)?, faults)))
}

/// Thinks a decision through, and keeps it once, however often the form is sent.
async fn prepare_once(cx: &Cx, form: &Form, cmd: Prepare) -> Outcome<Prepared> {
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write("network.prepare", move |tx| {
        let faults = think(tx, &actor, &cmd)?;
        if !faults.is_empty() {
            return Ok(Prepared::Faulty(faults));
        }
        let digest = (&cmd.title, &cmd.document, cmd.effective_on, &cmd.lines);
        journal::once(tx, &actor, &key, &digest, |tx| keep(tx, &actor, &cmd)).map(Prepared::Ready)
    });
    write.await
}

/// A reorganisation with what it changes or changed.
struct Loaded {
    found: Reorganisation,
    plan: Option<Plan>,
    changes: Vec<Told>,
    count: usize,
    followed: Vec<(String, String, String, String)>,
    followed_count: usize,
    founded: usize,
    moved_along: usize,
    people: usize,
}

fn load(tx: &mut Tx, actor: &Actor, id: ReorganisationId, page: usize, all: bool) -> Outcome<Loaded> {
    let found = reorganisation(tx, actor, id)?;
    let waits = matches!(found.status, Status::Prepared | Status::Planned);
    let plan = if waits { Some(plan_of(tx, actor, &found)?) } else { None };
    let changes: Vec<OrgChange> = match &plan {
        Some(plan) => plan.changes(&found),
        None => changes_of(tx, id)?,
    };
    let followed = match &plan {
        Some(plan) => plan.followed.clone(),
        None => followed_of(tx, id)?,
    };
    let (count, followed_count) = (changes.len(), followed.len());
    let founded = changes.iter().filter(|change| change.before.is_none()).count();
    let mut people: Vec<_> = match &plan {
        Some(plan) => plan.carried.iter().map(|one| one.person).collect(),
        None => found.carried()?.into_iter().map(|one| one.person).collect(),
    };
    people.sort_unstable();
    people.dedup();
    let size = if all { usize::MAX } else { LINES };
    let shown: Vec<OrgChange> = changes.into_iter().skip(page * LINES).take(size).collect();
    let names = plan.as_ref().map(|plan| plan.names.clone()).unwrap_or_default();
    let mut begun: HashMap<RegionCode, String> = HashMap::new();
    for (region, _) in plan.iter().flat_map(|plan| &plan.begun) {
        begun.insert(region.code.clone(), region.name.clone());
    }
    let changes = tell(tx, shown, names, begun.clone())?;
    let part: Vec<(RegionCode, RegionCode)> = followed.into_iter().take(size.min(LINES)).collect();
    let codes: Vec<RegionCode> = part.iter().flat_map(|(from, to)| [from.clone(), to.clone()]).collect();
    let known = regions_by_codes(tx, &codes)?;
    let name = |code: &RegionCode| {
        begun.get(code).or_else(|| known.get(code).map(|region| &region.name)).cloned().unwrap_or_default()
    };
    let followed =
        part.iter().map(|(from, to)| (from.to_string(), name(from), to.to_string(), name(to))).collect();
    let moved_along = plan.as_ref().map_or(0, |plan| plan.moved_along);
    Ok(Loaded {
        found,
        plan,
        changes,
        count,
        followed,
        followed_count,
        founded,
        moved_along,
        people: people.len(),
    })
}

#[derive(Template)]
#[template(path = "network_reorganisation.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: &'a Loaded,
    form: FormState,
    faults: Vec<String>,
    page: usize,
}

impl Page<'_> {
    fn waits(&self) -> bool {
        self.loaded.plan.is_some()
    }

    fn is(&self, status: &str) -> bool {
        self.loaded.found.status.as_str() == status
    }

    fn is_ahead(&self) -> bool {
        self.loaded.found.effective_on > self.cx.now.day()
    }

    fn more(&self) -> bool {
        (self.page + 1) * LINES < self.loaded.count
    }

    fn number(&self, index: &usize) -> usize {
        self.page * LINES + index + 1
    }
}

/// Shows it.
pub(super) async fn show(cx: Cx, Path(id): Path<ReorganisationId>) -> ::web::Result {
    let page = cx.param_as::<usize>("page").unwrap_or(1).clamp(1, 1_000) - 1;
    let actor = cx.actor.clone();
    let loaded = cx.store.read(move |tx| load(tx, &actor, id, page, false)).await?;
    // Where something can be carried out or taken back, rights of many change with it.
    if !matches!(loaded.found.status, Status::Undone | Status::Discarded) {
        cx.confirmed_within(people::CONFIRMED_MINUTES)?;
    }
    let faults = loaded.plan.as_ref().map(|plan| fault_lines(&cx, &plan.faults)).unwrap_or_default();
    cx.page(&Page { cx: &cx, loaded: &loaded, form: FormState::new(&cx), faults, page })
}

/// What it changes, as a table.
pub(super) async fn file(cx: Cx, Path(id): Path<ReorganisationId>) -> ::web::Result {
    let actor = cx.actor.clone();
    let loaded = cx.store.read(move |tx| load(tx, &actor, id, 0, true)).await?;
    let heads = ["network-history-org", "network-history-id", "network-history-what"].map(|key| cx.t(key));
    let heads = heads.each_ref().map(String::as_str);
    let row = |told: &Told| {
        vec![told.name.as_str().into(), told.org.as_str().into(), told.lines(&cx).join("；").into()]
    };
    let rows: Vec<Vec<Cell>> = loaded.changes.iter().map(row).collect();
    let bytes =
        csv(&heads, &rows, Bom::With).map_err(|e| Error::bug("a table cannot be written").caused_by(e))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"reorganisation.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

/// Carries it out or plans it.
pub(super) async fn go(cx: Cx, Path(id): Path<ReorganisationId>, form: Form) -> ::web::Result {
    cx.confirmed_within(people::CONFIRMED_FORM_MINUTES)?;
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write("network.confirm", move |tx| {
        journal::once(tx, &actor, &key, &("confirm", id), |tx| confirm(tx, &actor, id))
    });
    let said = match write.await? {
        Status::Planned => cx.t("network-reorganise-planned"),
        _ => cx.t("network-reorganise-applied"),
    };
    Ok(cx.done(&format!("/desk/reorganisations/{id}"), &said))
}

/// Gives it up.
pub(super) async fn drop_it(cx: Cx, Path(id): Path<ReorganisationId>, form: Form) -> ::web::Result {
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write("network.discard", move |tx| {
        journal::once(tx, &actor, &key, &("discard", id), |tx| discard(tx, &actor, id))
    });
    write.await?;
    Ok(cx.done("/desk/reorganisations", &cx.t("network-reorganise-discarded")))
}

/// Takes it back.
pub(super) async fn take_back(cx: Cx, Path(id): Path<ReorganisationId>, form: Form) -> ::web::Result {
    cx.confirmed_within(people::CONFIRMED_FORM_MINUTES)?;
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write("network.undo", move |tx| {
        journal::once(tx, &actor, &key, &("undo", id), |tx| undo(tx, &actor, id))
    });
    write.await?;
    Ok(cx.done(&format!("/desk/reorganisations/{id}"), &cx.t("network-reorganise-undone")))
}

#[derive(Template)]
#[template(path = "network_move.html")]
struct MovePage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    ways: Vec<Choice>,
    faults: Vec<String>,
}

fn move_page<'a>(cx: &'a Cx, org: &'a Organisation, form: FormState, faults: Vec<String>) -> MovePage<'a> {
    let labels = [
        ("way", "network-move-way"),
        ("to", "network-move-to"),
        ("document", "network-reorganise-document"),
        ("effective_on", "network-reorganise-day"),
    ];
    let ways = ["move", "merge"].map(|way| Choice::new(way, cx.tk("network-move-way", way))).to_vec();
    MovePage { cx, org, form: form.labels(cx, &labels), ways, faults }
}

/// The organisation, if the reader manages the network of what stands above it.
async fn movable(cx: &Cx, id: Id<Org>) -> Outcome<Organisation> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let found = org(tx, id)?;
        match found.as_ref().map(|org| org.parent_id) {
            Some(Some(parent)) => access::require(tx, &actor, Right::ManageNetwork, parent)?,
            Some(None) => return Err(Error::denied()),
            None => access::require(tx, &actor, Right::ManageNetwork, id)?,
        }
        found.ok_or_else(Error::missing)
    });
    read.await
}

/// Asks where an organisation goes.
pub(super) async fn move_form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let org = movable(&cx, id).await?;
    let form = FormState::new(&cx).with("way", "move").with("effective_on", cx.now.day());
    cx.page(&move_page(&cx, &org, form, Vec::new()))
}

/// Prepares a reorganisation of this one organisation.
pub(super) async fn move_to(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let org = movable(&cx, id).await?;
    let way: Option<String> = form.choice("way");
    if way.as_deref().is_some_and(|way| !matches!(way, "move" | "merge")) {
        form.wrong("way", &kernel::BAD_CHOICE);
    }
    let to = form.required_text("to", Max(60));
    let document = form.text("document", Max(DOCUMENT_MAX));
    let effective_on = form.date("effective_on");
    let way = way.unwrap_or_default();
    let key = if way == "merge" { "network-move-title-merge" } else { "network-move-title-move" };
    let title: String = cx.t2(key, "name", &org.name, "to", &to).chars().take(TITLE_MAX).collect();
    let lines = format!("{way},{id},\"{}\"", to.replace('"', "\"\""));
    match prepared(&cx, &form, Prepare { title, document, effective_on, lines }, "to").await? {
        Ok(looked) => Ok(looked),
        Err((state, faults)) => {
            let told: Vec<String> = faults.iter().map(|fault| cx.code(fault.code, &fault.args)).collect();
            cx.invalid(&move_page(&cx, &org, state, told))
        }
    }
}
