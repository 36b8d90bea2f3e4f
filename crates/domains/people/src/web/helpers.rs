//! `/me/helpers`: who may act for me, and what was done for me.

use std::collections::HashMap;

use ::web::{Access, Choice, Cx, Form, FormState, Path, Routes};
use askama::Template;
use axum::http::{HeaderValue, header};
use kernel::{Error, Help, Id, Person, Result};
use render::qr::qr_svg;
use store::Tx;

use crate::{
    Deed, HELP_CODE_HOURS, HELPERS_MAX, Helper, Relation, Vault, deeds_for, end_helper, help_code,
    helpers_of, names,
};

/// Deeds on a page.
const PAGE: i64 = 50;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/helpers", Access::SignedIn, show)
        .post("/me/helpers/code", Access::SignedIn, offer)
        .post("/me/helpers/{helper}/end", Access::SignedIn, end)
}

/// What a helper may do, for a form.
pub(super) fn mays(cx: &Cx) -> Vec<Choice> {
    Help::ALL.map(|may| Choice::new(may.as_str(), cx.tk("people-help-may", may.as_str()))).to_vec()
}

/// What she is to the person, for a form.
pub(super) fn relations(cx: &Cx) -> Vec<Choice> {
    [Relation::Family, Relation::Volunteer]
        .map(|relation| Choice::new(relation.as_str(), cx.tk("people-help-relation", relation.as_str())))
        .to_vec()
}

/// Reads both from a form.
pub(super) fn agreed(form: &mut Form) -> (Option<Help>, Option<Relation>) {
    let (may, relation): (Option<Help>, Option<Relation>) = (form.choice("may"), form.choice("relation"));
    // The other two are not for the asking.
    if relation.is_some_and(|relation| ![Relation::Family, Relation::Volunteer].contains(&relation)) {
        form.wrong("relation", &kernel::BAD_CHOICE);
    }
    (may, relation)
}

struct Loaded {
    helpers: Vec<Helper>,
    deeds: Vec<Deed>,
    names: HashMap<Id<Person>, String>,
}

#[derive(Template)]
#[template(path = "people_helpers.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: Loaded,
    form: FormState,
    mays: Vec<Choice>,
    relations: Vec<Choice>,
    more: Option<String>,
    hours: i64,
    full: bool,
    max: usize,
}

impl Page<'_> {
    fn name(&self, person: &Id<Person>) -> String {
        self.loaded.names.get(person).cloned().unwrap_or_else(|| self.cx.t("people-erased"))
    }

    /// A deed in words.
    fn did(&self, kind: &str) -> String {
        self.cx.t(match kind {
            "activities.enrolled.v1" => "people-deed-enrolled",
            "activities.enrolment_cancelled.v1" => "people-deed-cancelled",
            _ => "people-deed-other",
        })
    }
}

fn load(tx: &mut Tx, vault: &Vault, person: Id<Person>, before: i64) -> Result<Loaded> {
    let helpers = helpers_of(tx, person)?;
    let deeds = deeds_for(tx, person, before, PAGE)?;
    let mut who: Vec<Id<Person>> =
        helpers.iter().map(|helper| helper.helper).chain(deeds.iter().map(|deed| deed.helper)).collect();
    who.sort_unstable();
    who.dedup();
    Ok(Loaded { names: names(tx, vault, &who)?, helpers, deeds })
}

async fn page(cx: &Cx, form: FormState, refused: bool) -> ::web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let before = cx.param_as("before").unwrap_or(i64::MAX);
    let loaded = cx.store.read(move |tx| load(tx, &vault, person, before)).await?;
    let more = (loaded.deeds.len() as i64 == PAGE)
        .then(|| loaded.deeds.last())
        .flatten()
        .map(|last| cx.url_with("before", last.pos));
    let full = loaded.helpers.iter().filter(|helper| helper.lasts()).count() >= HELPERS_MAX;
    let labels = [("may", "people-help-may"), ("relation", "people-help-relation")];
    let page = Page {
        cx,
        form: form.labels(cx, &labels),
        mays: mays(cx),
        relations: relations(cx),
        more,
        hours: HELP_CODE_HOURS,
        full,
        max: HELPERS_MAX,
        loaded,
    };
    if refused { cx.invalid(&page) } else { cx.page(&page) }
}

async fn show(cx: Cx) -> ::web::Result {
    let form = FormState::new(&cx).with("may", "act").with("relation", "family");
    page(&cx, form, false).await
}

#[derive(Template)]
#[template(path = "people_help_code.html")]
struct Code<'a> {
    cx: &'a Cx,
    code: String,
    qr: String,
    hours: i64,
}

async fn offer(cx: Cx, mut form: Form) -> ::web::Result {
    cx.signed_in()?;
    let (may, relation) = agreed(&mut form);
    let made = match (form.finish(), may, relation) {
        (Ok(()), Some(may), Some(relation)) => {
            let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
            cx.store.write("people.help_code", move |tx| help_code(tx, &vault, &actor, may, relation)).await
        }
        (Err(error), ..) => Err(error),
        _ => Err(Error::new(&kernel::BAD_CHOICE)),
    };
    match made {
        Ok(code) => {
            let qr = qr_svg(&cx.absolute(&format!("/helping?code={code}")), &cx.t("people-help-code"))
                .map_err(|e| Error::bug("a code cannot be drawn").caused_by(e))?;
            let code = format!("{} {}", &code[..4], &code[4..]);
            let mut answer = cx.page(&Code { cx: &cx, code, qr, hours: HELP_CODE_HOURS })?;
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(answer)
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            page(&cx, form, true).await
        }
    }
}

async fn end(cx: Cx, Path(helper): Path<Id<Person>>, _form: Form) -> ::web::Result {
    let (person, actor) = (cx.signed_in()?, cx.actor.clone());
    cx.store.write("people.end_helper", move |tx| end_helper(tx, &actor, person, helper)).await?;
    Ok(cx.done("/me/helpers", &cx.t("people-help-ended")))
}
