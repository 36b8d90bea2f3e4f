//! Writing a notice: its words, the columns of its table, and whom it is for.

use askama::Template;
use kernel::{Error, Id, Org, PageRequest};
use network::{OrgKind, Organisation, access};
use store::{Tx, params, sql};
use web::{Choice, Cx, Form, FormState, Max, Path};

use super::{answer, once};
use crate::{
    Aim, Audience, BODY_MAX, CHOICES_CHARS_MAX, FIELDS_MAX, Field, FieldKind, HINT_MAX, NAME_MAX, NoticeId,
    NoticeWords, RIGHT, Status, TITLE_MAX, Wants, decimal_text, draft_notice, edit_notice, field_faults,
    fields::decimal, officered, write_notice::NOT_DRAFT,
};

kernel::codes! {
    /// No organisation below the sender has this name, or several have it.
    pub UNKNOWN_PLACE = Invalid "notices.unknown_place";
}

/// Columns that an empty form has, and that one button adds.
const COLUMNS_STEP: usize = 3;
/// Organisations directly below that are offered as boxes.
const CHILDREN_MAX: usize = 200;
/// Organisations that are named one by one.
const OTHERS_MAX: usize = 200;
/// Longest list of names, in characters.
const OTHERS_CHARS_MAX: usize = 12_000;

/// A column of the form.
struct ColumnForm {
    at: usize,
    number: usize,
}

impl ColumnForm {
    fn part(&self, part: &str) -> String {
        format!("c{}-{part}", self.at)
    }
}

#[derive(Template)]
#[template(path = "notices_form.html")]
struct Page<'a> {
    cx: &'a Cx,
    title: String,
    action: String,
    form: FormState,
    /// Who may send; one where it stands.
    senders: Vec<Choice>,
    columns: Vec<ColumnForm>,
    kinds: Vec<Choice>,
    children: Vec<Choice>,
    wants: Vec<Choice>,
    aims: Vec<Choice>,
    field_kinds: Vec<Choice>,
    more: bool,
}

impl Page<'_> {
    fn kind_name(&self, kind: &Choice) -> String {
        format!("kind-{}", kind.value)
    }

    fn pick_name(&self, child: &Choice) -> String {
        format!("pick-{}", child.value)
    }

    /// Whether something stands in the part of a column that is folded up.
    fn has_more(&self, column: &ColumnForm) -> bool {
        ["hint", "choices", "min", "max"].iter().any(|part| {
            let name = column.part(part);
            !self.form.value(&name).is_empty() || !self.form.error(&name).is_empty()
        })
    }
}

/// What the form offers.
struct Offered {
    senders: Vec<Organisation>,
    children: Vec<Organisation>,
}

/// Who may send, and whom the chosen one of them, or the first, has directly below.
fn offered(tx: &mut Tx, senders: &[Id<Org>], chosen: Option<Id<Org>>) -> kernel::Result<Offered> {
    let mut orgs: Vec<Organisation> =
        network::orgs_by_ids(tx, senders)?.into_values().filter(Organisation::is_open).collect();
    orgs.sort_by(|a, b| (&a.region_code, &a.name).cmp(&(&b.region_code, &b.name)));
    let mut children = Vec::new();
    let sender = orgs.iter().find(|org| Some(org.org_id) == chosen).or(orgs.first());
    if let Some(sender) = sender {
        children = network::children(tx, sender.org_id, &PageRequest::first(CHILDREN_MAX))?.rows;
    }
    Ok(Offered { senders: orgs, children })
}

fn held(cx: &Cx) -> Vec<Id<Org>> {
    let mut held = access::held_at(&cx.actor, RIGHT);
    held.sort_unstable();
    held.dedup();
    held
}

fn page<'a>(
    cx: &'a Cx,
    title: &str,
    action: String,
    form: FormState,
    offered: &Offered,
    columns: usize,
) -> Page<'a> {
    let columns = columns.clamp(1, FIELDS_MAX);
    let choices = |orgs: &[Organisation]| orgs.iter().map(|org| Choice::new(org.org_id, &org.name)).collect();
    let mut form = form.with("columns", columns).labels(
        cx,
        &[
            ("org", "notices-field-org"),
            ("title", "notices-field-title"),
            ("body", "notices-field-body"),
            ("due", "notices-field-due"),
            ("wants", "notices-field-wants"),
            ("many", "notices-field-many"),
            ("aim", "notices-field-aim"),
            ("kinds", "notices-field-kinds"),
            ("others", "notices-field-others"),
            ("prompting", "notices-field-prompting"),
        ],
    );
    for at in 0..columns {
        let parts = [
            ("name", "notices-column-name"),
            ("kind", "notices-column-kind"),
            ("required", "notices-column-required"),
            ("hint", "notices-column-hint"),
            ("min", "notices-column-min"),
            ("max", "notices-column-max"),
            ("choices", "notices-column-choices"),
        ];
        for (part, key) in parts {
            form = form.labels(cx, &[(format!("c{at}-{part}").as_str(), key)]);
        }
    }
    let wants = Wants::ALL.iter().map(|each| {
        let key = if *each == Wants::Table { "notices-wants-table" } else { "notices-wants-receipt" };
        Choice::new(each, cx.t(key))
    });
    let aims = Aim::ALL.iter().map(|each| Choice::new(each, cx.tk("notices-aim", each.as_str())));
    let field_kinds =
        FieldKind::ALL.iter().map(|each| Choice::new(each, cx.tk("notices-kind", each.as_str())));
    Page {
        cx,
        title: cx.t(title),
        action,
        form,
        senders: choices(&offered.senders),
        columns: (0..columns).map(|at| ColumnForm { at, number: at + 1 }).collect(),
        kinds: OrgKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key()))).collect(),
        children: choices(&offered.children),
        wants: wants.collect(),
        aims: aims.collect(),
        field_kinds: field_kinds.collect(),
        more: columns < FIELDS_MAX,
    }
}

/// `/desk/notices/new?org=…`
pub(super) async fn new_form(cx: Cx) -> web::Result {
    let chosen: Option<Id<Org>> = cx.param_as("org");
    let senders = held(&cx);
    let found = cx.store.read(move |tx| offered(tx, &senders, chosen)).await?;
    let sender = chosen.filter(|id| found.senders.iter().any(|org| org.org_id == *id));
    let sender = sender.or_else(|| found.senders.first().map(|org| org.org_id));
    let mut form =
        FormState::new(&cx).with("wants", Wants::Table).with("aim", Aim::Children).with("many", "1");
    for at in 0..COLUMNS_STEP {
        form = form.with(&format!("c{at}-kind"), FieldKind::Text).with(&format!("c{at}-required"), "1");
    }
    if let Some(sender) = sender {
        form = form.with("org", sender);
    }
    cx.page(&page(&cx, "notices-new", "/desk/notices/new".to_owned(), form, &found, COLUMNS_STEP))
}

/// Takes the new notice, or adds columns to the form.
pub(super) async fn draft(cx: Cx, mut form: Form) -> web::Result {
    let senders = held(&cx);
    let chosen: Option<Id<Org>> = form.raw("org").parse().ok();
    let found = cx.store.read(move |tx| offered(tx, &senders, chosen)).await?;
    let sender: Option<Id<Org>> = match found.senders.as_slice() {
        [only] if form.raw("org").is_empty() => Some(only.org_id),
        _ => form.id("org"),
    };
    let columns = columns(&form);
    let action = "/desk/notices/new".to_owned();
    if form.raw("do") == "more" {
        let state = more(&cx, &form, columns);
        return cx.page(&page(&cx, "notices-new", action, state, &found, columns + COLUMNS_STEP));
    }
    let words = match sender {
        Some(sender) => read(&cx, &mut form, sender, columns).await?,
        None => None,
    };
    let done = match (form.finish(), sender, words) {
        (Ok(()), Some(sender), Some(words)) => {
            once(&cx, &form, "notices.draft", (sender, words), |tx, actor, (sender, words)| {
                draft_notice(tx, actor, *sender, words)
            })
            .await
        }
        (Err(wrong), ..) => Err(wrong),
        (Ok(()), ..) => Err(Error::bug("an unread form")),
    };
    match done {
        Ok(id) => Ok(cx.done(&format!("/desk/notices/sent/{id}"), &cx.t("notices-drafted"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            answer(&cx, true, &page(&cx, "notices-new", action, state, &found, columns))
        }
    }
}

/// `/desk/notices/sent/{notice}/edit`
pub(super) async fn edit_form(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let (words, rev, found) = known(&cx, id).await?;
    let form = filled(FormState::new(&cx), &words, &found.children).with("rev", rev);
    let columns = (words.fields.len() + 1).max(COLUMNS_STEP);
    cx.page(&page(&cx, "notices-edit", format!("/desk/notices/sent/{id}/edit"), form, &found, columns))
}

/// Takes the new words of a draft, or adds columns to the form.
pub(super) async fn save(cx: Cx, Path(id): Path<NoticeId>, mut form: Form) -> web::Result {
    let (_, _, found) = known(&cx, id).await?;
    let columns = columns(&form);
    let action = format!("/desk/notices/sent/{id}/edit");
    if form.raw("do") == "more" {
        let state = more(&cx, &form, columns);
        return cx.page(&page(&cx, "notices-edit", action, state, &found, columns + COLUMNS_STEP));
    }
    let Some(sender) = found.senders.first().map(|org| org.org_id) else {
        return Err(Error::missing().into());
    };
    let words = read(&cx, &mut form, sender, columns).await?;
    let rev = form.int("rev", 1..=i64::MAX);
    let done = match (form.finish(), words) {
        (Ok(()), Some(words)) => {
            once(&cx, &form, "notices.edit", (id, rev, words), |tx, actor, (id, rev, words)| {
                edit_notice(tx, actor, *id, *rev, words)
            })
            .await
        }
        (Err(wrong), _) => Err(wrong),
        (Ok(()), None) => Err(Error::bug("an unread form")),
    };
    match done {
        Ok(()) => Ok(cx.done(&format!("/desk/notices/sent/{id}"), &cx.t("notices-saved"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            answer(&cx, true, &page(&cx, "notices-edit", action, state, &found, columns))
        }
    }
}

async fn known(cx: &Cx, id: NoticeId) -> kernel::Result<(NoticeWords, i64, Offered)> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let found = officered(tx, &actor, id)?;
        if found.status != Status::Draft {
            return Err(Error::new(&NOT_DRAFT));
        }
        Ok((found.words()?, found.rev, offered(tx, &[found.org_id], None)?))
    });
    read.await
}

fn columns(form: &Form) -> usize {
    form.raw("columns").parse().unwrap_or(COLUMNS_STEP).clamp(1, FIELDS_MAX)
}

/// What was typed, in a form with more columns.
fn more(cx: &Cx, form: &Form, columns: usize) -> FormState {
    let mut state = FormState::new(cx);
    for (name, value) in form.pairs().filter(|(name, _)| !name.starts_with('_') && *name != "do") {
        state = state.with(name, crate::keepable(value));
    }
    for at in columns..(columns + COLUMNS_STEP).min(FIELDS_MAX) {
        state = state.with(&format!("c{at}-kind"), FieldKind::Text).with(&format!("c{at}-required"), "1");
    }
    state
}

fn filled(form: FormState, words: &NoticeWords, children: &[Organisation]) -> FormState {
    let mut form = form
        .with("title", &words.title)
        .with("body", &words.body)
        .with("wants", words.wants)
        .with("aim", words.audience.aim());
    if let Some(due) = words.due_on {
        form = form.with("due", due);
    }
    for (name, set) in [("many", words.many), ("prompting", words.prompting)] {
        if set {
            form = form.with(name, "1");
        }
    }
    for (at, field) in words.fields.iter().enumerate() {
        let part = |part: &str| format!("c{at}-{part}");
        form = form
            .with(&part("name"), &field.name)
            .with(&part("kind"), field.kind)
            .with(&part("hint"), &field.hint)
            .with(&part("min"), &field.min)
            .with(&part("max"), &field.max)
            .with(&part("choices"), field.choices.join("、"));
        if field.required {
            form = form.with(&part("required"), "1");
        }
    }
    match &words.audience {
        Audience::Children => {}
        Audience::Kinds(kinds) => {
            for kind in kinds {
                form = form.with(&format!("kind-{kind}"), "1");
            }
        }
        // Whoever is directly below has a box; who lies deeper stands in the list by identifier, which is unique.
        Audience::Chosen(orgs) => {
            let deeper = |org: &&Id<Org>| !children.iter().any(|child| child.org_id == **org);
            let lines: Vec<String> = orgs.iter().filter(deeper).map(ToString::to_string).collect();
            for org in orgs {
                form = form.with(&format!("pick-{org}"), "1");
            }
            form = form.with("others", lines.join("\n"));
        }
    }
    form
}

/// What was typed; `None` when something is wrong, which the form has noted.
async fn read(
    cx: &Cx,
    form: &mut Form,
    sender: Id<Org>,
    columns: usize,
) -> kernel::Result<Option<NoticeWords>> {
    let title = form.required_text("title", Max(TITLE_MAX));
    let body = form.text("body", Max(BODY_MAX));
    let due_on = form.optional_date("due");
    let wants: Option<Wants> = form.choice("wants");
    let many = form.checkbox("many");
    let fields = if wants == Some(Wants::Table) { read_fields(form, columns) } else { Vec::new() };
    let aim: Option<Aim> = form.choice("aim");
    let others = form.text("others", Max(OTHERS_CHARS_MAX));
    let audience = match aim {
        Some(Aim::Children) => Some(Audience::Children),
        Some(Aim::Kinds) => {
            let ticked = |kind: &&OrgKind| form.checkbox(&format!("kind-{kind}"));
            Some(Audience::Kinds(OrgKind::ALL.iter().filter(ticked).copied().collect()))
        }
        Some(Aim::Chosen) => Some(Audience::Chosen(chosen(cx, form, sender, &others).await?)),
        None => None,
    };
    let prompting = form.checkbox("prompting");
    let (Some(wants), Some(audience)) = (wants, audience) else { return Ok(None) };
    Ok(Some(NoticeWords { title, body, due_on, wants, many, fields, audience, prompting }))
}

/// The columns that were filled in. What is wrong is named by the place in the form, where empty columns may stand between.
fn read_fields(form: &mut Form, columns: usize) -> Vec<Field> {
    let mut read: Vec<(usize, Field)> = Vec::new();
    for at in 0..columns {
        let part = |part: &str| format!("c{at}-{part}");
        let texts = ["name", "hint", "min", "max", "choices"].map(part);
        if texts.iter().all(|name| form.raw(name).is_empty()) {
            continue;
        }
        let [name, hint, min, max, choices] = &texts;
        let kind = form.choice::<FieldKind>(&part("kind")).unwrap_or(FieldKind::Text);
        let words = form.text(choices, Max(CHOICES_CHARS_MAX));
        let words = words.split(['、', ',', '，', ';', '；', '\n']).map(str::trim);
        let field = Field {
            name: form.required_text(name, Max(NAME_MAX)),
            kind,
            required: form.checkbox(&part("required")),
            hint: form.text(hint, Max(HINT_MAX)),
            min: number_text(&form.text(min, Max(NAME_MAX))),
            max: number_text(&form.text(max, Max(NAME_MAX))),
            choices: words.filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        };
        read.push((at, field));
    }
    let fields: Vec<Field> = read.iter().map(|(_, field)| field.clone()).collect();
    for fault in field_faults(&fields) {
        // `c2-name` of the columns that were filled in, in the place of the form where that one stands.
        let place = fault.field.strip_prefix('c').and_then(|rest| rest.split_once('-'));
        if let Some((at, part)) = place
            && let Some((column, _)) = at.parse::<usize>().ok().and_then(|at| read.get(at))
        {
            form.wrong_with(&format!("c{column}-{part}"), fault.code, fault.args);
        }
    }
    fields
}

/// A bound in the one spelling in which numbers are stored; what is none stays as it was typed, and is refused.
fn number_text(typed: &str) -> String {
    decimal(typed).map_or_else(|| typed.to_owned(), |number| decimal_text(number.into()))
}

/// The organisations that were ticked, and those that were named one a line, by name or identifier.
async fn chosen(cx: &Cx, form: &mut Form, sender: Id<Org>, others: &str) -> kernel::Result<Vec<Id<Org>>> {
    let ticked: Vec<Id<Org>> =
        form.pairs().filter_map(|(name, _)| name.strip_prefix("pick-")?.parse().ok()).collect();
    let lines: Vec<String> = others
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .take(OTHERS_MAX)
        .collect();
    let found = cx
        .store
        .read(move |tx| {
            let mut found = Vec::new();
            for line in &lines {
                found.push((line.clone(), below(tx, sender, line)?));
            }
            Ok(found)
        })
        .await?;
    let mut orgs = ticked;
    for (line, org) in found {
        match org {
            Some(org) => orgs.push(org),
            None => {
                let shown: String = line.chars().take(40).collect();
                form.wrong_with("others", &UNKNOWN_PLACE, vec![("name", shown)]);
            }
        }
    }
    orgs.sort_unstable();
    orgs.dedup();
    Ok(orgs)
}

/// The open organisation below another one with this name or identifier, if there is exactly one.
fn below(tx: &mut Tx, sender: Id<Org>, line: &str) -> kernel::Result<Option<Id<Org>>> {
    let today = tx.now().day();
    let rows: Vec<(Id<Org>,)> = tx.all(
        sql!(
            "SELECT o.org_id FROM org_tree t JOIN org o ON o.org_id = t.org_id WHERE t.ancestor_id = $1 AND t.depth > 0 \
             AND t.from_day <= $2 AND (t.to_day IS NULL OR t.to_day > $2) AND o.closed_on IS NULL AND (o.name = $3 OR o.org_id = $3) LIMIT 2"
        ),
        params![sender, today, line],
    )?;
    Ok(if let [(only,)] = rows[..] { Some(only) } else { None })
}
