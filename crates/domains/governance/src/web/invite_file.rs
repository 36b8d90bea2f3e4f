//! `/desk/orgs/{org}/people/import`: a whole staff from a file, checked as a whole, looked at, and invited by one button.

use std::collections::HashMap;

use askama::Template;
use kernel::{Day, Error, Id, Org, Result as Outcome, Role};
use network::{Organisation, access};
use people::{
    CONFIRMED_FORM_MINUTES, CONFIRMED_MINUTES, DRAFT_MINUTES, Draft, DraftId, Invite, Vault, draft_of,
    drop_draft, keep_draft, mask_phone, take_draft,
};
use render::sheet::{csv_of, xlsx_of};
use store::Tx;
use web::{Cx, Form, FormState, Path, attachment, limit::STAFF_FILE_PERSON};

use super::{
    invite::{message, told},
    staff::staffed,
};
use crate::staff_file::{
    STAFF_BYTES_MAX, STAFF_COLUMNS, STAFF_ROWS_MAX, StaffFault, StaffFile, read_staff_file,
};

kernel::codes! {
    /// The list was used, thrown away, or waited too long: the file is handed over anew.
    pub STAFF_LIST_GONE = Missing "governance.staff_list_gone";
}

/// Lines that the last look shows.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "people_import.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    faults: Vec<(StaffFault, String)>,
    all_faults: usize,
    max: usize,
    kib: usize,
}

#[derive(Template)]
#[template(path = "people_import_look.html")]
struct Look<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    id: DraftId,
    lines: Vec<Line>,
    all: usize,
    minutes: i64,
}

/// Somebody on the list as the page shows her.
struct Line {
    name: String,
    phone: String,
    role: String,
    place: String,
    last_day: Option<Day>,
}

fn base(org: Id<Org>) -> String {
    format!("/desk/orgs/{org}/people/import")
}

fn page<'a>(
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    (faults, all_faults): (Vec<StaffFault>, usize),
) -> Page<'a> {
    let said = |fault: StaffFault| {
        let text = cx.code(fault.code, &fault.args);
        (fault, text)
    };
    Page {
        cx,
        org,
        form: form.labels(cx, &[("file", "governance-import-file")]),
        faults: faults.into_iter().map(said).collect(),
        all_faults,
        max: STAFF_ROWS_MAX,
        kib: STAFF_BYTES_MAX / 1024,
    }
}

/// Says how it is done.
pub(super) async fn show(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let org = staffed(&cx, org_id, CONFIRMED_MINUTES).await?;
    cx.page(&page(&cx, &org, FormState::new(&cx), (Vec::new(), 0)))
}

/// The empty table, with its heading in the reader's language.
pub(super) async fn table(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let headings: Vec<String> =
        STAFF_COLUMNS.iter().map(|column| cx.tk("governance-import-column", column)).collect();
    let kind = cx.table_format();
    let bytes = if kind == "csv" { csv_of(&headings, &[]) } else { xlsx_of(&headings, &[]) };
    let bytes = bytes.map_err(|e| Error::bug("a table cannot be written").caused_by(e))?;
    Ok(attachment(&format!("staff.{kind}"), bytes))
}

/// What came of a file.
enum Came {
    Kept(DraftId),
    Wrong(Vec<StaffFault>, usize),
}

/// Checks a file as a whole. Nobody is invited yet.
pub(super) async fn check(cx: Cx, Path(org_id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let org = staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let bytes = form.upload("file").map(|upload| upload.bytes.clone());
    let came = match bytes {
        None => {
            form.wrong("file", &kernel::REQUIRED);
            form.finish().map(|()| Came::Wrong(Vec::new(), 0))
        }
        Some(bytes) => keep(&cx, org_id, bytes).await,
    };
    match came {
        Ok(Came::Kept(id)) => Ok(cx.redirect(&format!("{}/{id}", base(org_id)))),
        Ok(Came::Wrong(faults, all)) => cx.invalid(&page(&cx, &org, FormState::new(&cx), (faults, all))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, &org, form, (Vec::new(), 0)))
        }
    }
}

async fn keep(cx: &Cx, org: Id<Org>, bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Outcome<Came> {
    let who = cx.signed_in()?.to_string();
    cx.store.write("governance.count_file", move |tx| STAFF_FILE_PERSON.count(tx, &who)).await?;
    let actor = cx.actor.clone();
    // Not where pages are answered: unpacking and reading takes its time.
    let read = cx.store.read(move |tx| read_staff_file(tx, &actor, org, bytes.as_ref())).await?;
    match read {
        StaffFile::Right(rows) => {
            let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
            let work = move |tx: &mut Tx| keep_draft(tx, &vault, &actor, org, &rows);
            cx.store.write("people.keep_draft", work).await.map(Came::Kept)
        }
        StaffFile::Wrong(faults, all) => Ok(Came::Wrong(faults, all)),
    }
}

fn places(tx: &mut Tx, rows: &[Draft]) -> Outcome<HashMap<Id<Org>, Organisation>> {
    let mut orgs: Vec<Id<Org>> = rows.iter().map(|row| row.org).collect();
    orgs.sort();
    orgs.dedup();
    network::orgs_by_ids(tx, &orgs)
}

/// A last look before the button.
pub(super) async fn look(cx: Cx, Path((org_id, id)): Path<(Id<Org>, DraftId)>) -> web::Result {
    let org = staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
    let read = cx.store.read(move |tx| {
        let rows = draft_of(tx, &vault, &actor, org_id, id)?.ok_or_else(|| Error::new(&STAFF_LIST_GONE))?;
        let places = places(tx, &rows)?;
        Ok((rows, places))
    });
    let (rows, places) = read.await?;
    let all = rows.len();
    let line = |row: Draft| Line {
        name: row.name,
        phone: mask_phone(&row.phone),
        role: cx.tk("governance-role", &row.role),
        place: places.get(&row.org).map_or_else(String::new, |org| org.name.clone()),
        last_day: row.to_day.map(|day| day.plus(-1)),
    };
    let lines = rows.into_iter().take(SHOWN).map(line).collect();
    cx.page(&Look { cx: &cx, org: &org, id, lines, all, minutes: DRAFT_MINUTES })
}

/// Invites everybody on the list. Of two presses of the button one does it.
pub(super) async fn confirm(
    cx: Cx,
    Path((org_id, id)): Path<(Id<Org>, DraftId)>,
    _form: Form,
) -> web::Result {
    staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let (vault, actor, teller) = (cx.get::<Vault>()?, cx.actor.clone(), cx.clone());
    let work = move |tx: &mut Tx| {
        let Some(rows) = take_draft(tx, &vault, &actor, org_id, id)? else { return Ok(None) };
        let places = places(tx, &rows)?;
        let mut people = Vec::with_capacity(rows.len());
        for row in rows {
            let (role, phone) = (row.role.parse::<Role>()?, people::typed_phone(&row.phone)?);
            let place = places.get(&row.org).map_or("", |org| org.name.as_str());
            let message = message(&teller, place, role);
            people.push(Invite { name: row.name, phone, role, org: row.org, to_day: row.to_day, message });
        }
        people::invite(tx, &vault, &actor, &people, &access::require).map(Some)
    };
    let done = cx.store.write("people.invite_list", work).await?;
    let to = format!("/desk/orgs/{org_id}/people/invite");
    match done {
        Some(done) => Ok(cx.done(&to, &told(&cx, done))),
        None => Ok(cx.done(&to, &cx.t("governance-import-done-already"))),
    }
}

/// Throws the list away.
pub(super) async fn drop_list(
    cx: Cx,
    Path((org_id, id)): Path<(Id<Org>, DraftId)>,
    _form: Form,
) -> web::Result {
    staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let actor = cx.actor.clone();
    cx.store.write("people.drop_draft", move |tx| drop_draft(tx, &actor, org_id, id)).await?;
    Ok(cx.done(&base(org_id), &cx.t("governance-import-dropped")))
}
