//! Renaming an organisation, founding one below it, closing it. The commands decide who may.

use ::web::{Choice, Cx, Form, FormState, Max, Path};
use askama::Template;
use kernel::{Actor, Error, Id, Org, RegionCode, Result as Outcome, Right};
use store::{Tx, params, sql};

use crate::{
    FoundOrg, NO_REGION, Opening, OrgKind, Organisation, RenameOrg, access, close_org, found_org, org,
    region, rename_org,
};

kernel::codes! {
    /// No division or several have this name; `text` is what was typed.
    pub REGION_UNCLEAR = Invalid "network.region_unclear";
    /// Closing an organisation wants a tick.
    pub CONFIRM_CLOSE = Invalid "network.confirm_close";
}

#[derive(Template)]
#[template(path = "network_name.html")]
struct NamePage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
}

#[derive(Template)]
#[template(path = "network_found.html")]
struct FoundPage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    kinds: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "network_close.html")]
struct ClosePage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    /// Organisations below that are still open.
    below: i64,
}

/// The organisation, if the reader may manage it or, for closing, what stands above it.
pub(super) async fn known(cx: &Cx, id: Id<Org>, above: bool) -> Outcome<(Organisation, i64)> {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| load(tx, &actor, id, above)).await
}

fn load(tx: &mut Tx, actor: &Actor, id: Id<Org>, above: bool) -> Outcome<(Organisation, i64)> {
    let found = org(tx, id)?;
    match found.as_ref().and_then(|org| org.parent_id).filter(|_| above) {
        Some(parent) => access::require(tx, actor, Right::ManageNetwork, parent)?,
        None if above && found.is_some() => return Err(Error::denied()),
        None => access::require(tx, actor, Right::ManageNetwork, id)?,
    }
    let (below,): (i64,) =
        tx.one(sql!("SELECT count(*) FROM org WHERE parent_id = $1 AND closed_on IS NULL"), params![id])?;
    Ok((found.ok_or_else(Error::missing)?, below))
}

/// Asks for the new name.
pub(super) async fn name_form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let (org, _) = known(&cx, id, false).await?;
    let form = FormState::new(&cx).with("name", &org.name);
    cx.page(&NamePage { cx: &cx, org: &org, form: named(&cx, form) })
}

fn named(cx: &Cx, form: FormState) -> FormState {
    form.labels(cx, &[("name", "network-rename-name")])
}

/// Gives the new name.
pub(super) async fn rename(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let (org, _) = known(&cx, id, false).await?;
    let name = form.required_text("name", Max(crate::found_org::NAME_MAX));
    let done = match form.finish() {
        Ok(()) => {
            let (actor, cmd) = (cx.actor.clone(), RenameOrg { org_id: id, name });
            cx.store.write("network.rename_org", move |tx| rename_org(tx, &actor, &cmd)).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(()) => Ok(cx.done(&format!("/desk/orgs/{id}/place"), &cx.t("network-renamed"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&NamePage { cx: &cx, org: &org, form: named(&cx, form) })
        }
    }
}

/// Asks what to found.
pub(super) async fn found_form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let (org, _) = known(&cx, id, false).await?;
    let form = FormState::new(&cx).with("region", &org.region_code).with("day", cx.now.day());
    cx.page(&found_page(&cx, &org, form))
}

fn found_page<'a>(cx: &'a Cx, org: &'a Organisation, form: FormState) -> FoundPage<'a> {
    let labels = [
        ("name", "network-rename-name"),
        ("kind", "network-found-kind"),
        ("region", "network-found-region"),
        ("address", "network-place-address"),
        ("phone", "network-place-phone"),
        ("day", "network-found-day"),
    ];
    let kinds = OrgKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key()))).collect();
    FoundPage { cx, org, form: form.labels(cx, &labels), kinds }
}

/// A division by its code or its full name, if only one inside of this one has it.
fn division(tx: &mut Tx, text: &str) -> Outcome<Option<RegionCode>> {
    if let Ok(code) = text.parse::<RegionCode>() {
        return Ok(region(tx, &code)?.map(|region| region.code));
    }
    let found: Vec<(RegionCode,)> =
        tx.all(sql!("SELECT code FROM region WHERE name = $1 AND valid_to IS NULL LIMIT 2"), params![text])?;
    Ok(match &found[..] {
        [(code,)] => Some(code.clone()),
        _ => None,
    })
}

/// Founds it.
pub(super) async fn found(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let (org, _) = known(&cx, id, false).await?;
    let name = form.required_text("name", Max(crate::found_org::NAME_MAX));
    let kind: Option<OrgKind> = form.choice("kind");
    let sought = form.required_text("region", Max(40));
    let address = form.text("address", Max(120));
    let phone = form.text("phone", Max(40));
    let opened_on = form.date("day");
    // What the form has refused already is asked of no database.
    let asked = Some(sought.clone()).filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
    let code = match asked.clone() {
        Some(text) => cx.store.read(move |tx| division(tx, &text)).await?,
        None => None,
    };
    if code.is_none() && asked.is_some() {
        if sought.bytes().all(|byte| byte.is_ascii_digit()) {
            form.wrong("region", &NO_REGION);
        } else {
            form.wrong_with("region", &REGION_UNCLEAR, vec![("text", sought)]);
        }
    }
    let (demo, key, actor) = (cx.site.demo, form.key().to_owned(), cx.actor.clone());
    let said = name.clone();
    let done = match (form.finish(), kind, code) {
        (Ok(()), Some(kind), Some(region_code)) => {
            let cmd = FoundOrg {
                kind,
                name,
                region_code,
                parent_id: Some(id),
                address,
                phone,
                hours: String::new(),
                opening: Opening::default(),
                place: None,
                place_note: String::new(),
                opened_on,
                demo,
            };
            let digest = (id, kind, cmd.name.clone(), cmd.region_code.clone());
            let write = cx.store.write("network.found_org", move |tx| {
                journal::once(tx, &actor, &key, &digest, |tx| found_org(tx, &actor, &cmd))
            });
            write.await
        }
        (Ok(()), ..) => Err(Error::bug("an unread form")),
        (Err(wrong), ..) => Err(wrong),
    };
    match done {
        Ok(new) => Ok(cx.done(&format!("/desk/orgs/{new}/place"), &cx.t1("network-founded", "name", said))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&found_page(&cx, &org, form))
        }
    }
}

/// Asks whether to close it.
pub(super) async fn close_form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let (org, below) = known(&cx, id, true).await?;
    let form = FormState::new(&cx);
    cx.page(&ClosePage { cx: &cx, org: &org, form: form.labels(&cx, &[("sure", "network-close")]), below })
}

/// Closes it.
pub(super) async fn close(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let (org, below) = known(&cx, id, true).await?;
    if !form.checkbox("sure") {
        form.wrong("sure", &CONFIRM_CLOSE);
    }
    let actor = cx.actor.clone();
    let done = match form.finish() {
        Ok(()) => cx.store.write("network.close_org", move |tx| close_org(tx, &actor, id)).await,
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(()) => {
            let to = org
                .parent_id
                .map_or_else(|| "/desk".to_owned(), |parent| format!("/desk/orgs/{parent}/place"));
            Ok(cx.done(&to, &cx.t1("network-closed-done", "name", &org.name)))
        }
        Err(error) => {
            let form = form.state(&cx, error)?.labels(&cx, &[("sure", "network-close")]);
            cx.invalid(&ClosePage { cx: &cx, org: &org, form, below })
        }
    }
}
