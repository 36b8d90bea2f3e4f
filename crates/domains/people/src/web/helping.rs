//! `/helping`: for whom I may act, and how I come to.

use std::collections::HashMap;

use ::web::{
    Access, Choice, Cx, Form, FormState, HERSELF, Max, Path, Routes,
    limit::{HELP_PERSON, TRY_ADDRESS},
};
use askama::Template;
use kernel::{Error, Help, Id, Person};
use store::Tx;

use super::helpers::{agreed, mays, relations};
use crate::{
    AGE_OF_MAJORITY, HELPING_MINUTES, Helper, NAME_CHARS_MAX, Vault, become_helper_by_card,
    become_helper_by_code, begin_helping, end_helper, helped_by, names, register_child, stop_helping,
    typed_code,
};

kernel::codes! {
    /// A child's account needs the consent of its guardian.
    pub GUARDIAN_CONSENT = Invalid "people.guardian_consent";
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/helping", Access::SignedIn, show)
        .post("/helping/code", Access::SignedIn, by_code)
        .post("/helping/card", Access::SignedIn, by_card)
        .post("/helping/child", Access::SignedIn, child)
        .post("/helping/stop", Access::Helped(Help::Look), stop)
        .post("/helping/{person}/begin", Access::Helped(Help::Look), begin)
        .post("/helping/{person}/end", Access::SignedIn, end)
}

/// The forms of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Code,
    Card,
    Child,
}

#[derive(Template)]
#[template(path = "people_helping.html")]
struct Page<'a> {
    cx: &'a Cx,
    helped: Vec<Helper>,
    names: HashMap<Id<Person>, String>,
    form: FormState,
    /// The form that was sent and refused.
    refused: Option<Which>,
    mays: Vec<Choice>,
    relations: Vec<Choice>,
    minutes: i64,
    youngest: i64,
}

impl Page<'_> {
    fn name(&self, person: &Id<Person>) -> String {
        self.names.get(person).cloned().unwrap_or_else(|| self.cx.t("people-erased"))
    }

    fn was(&self, which: &str) -> bool {
        let refused = match self.refused {
            Some(Which::Code) => "code",
            Some(Which::Card) => "card",
            Some(Which::Child) => "child",
            None => "",
        };
        refused == which
    }
}

async fn page(cx: &Cx, form: FormState, refused: Option<Which>) -> ::web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let (helped, names) = cx
        .store
        .read(move |tx| {
            let helped = helped_by(tx, person)?;
            let who: Vec<Id<Person>> = helped.iter().map(|helper| helper.person).collect();
            Ok((helped, names(tx, &vault, &who)?))
        })
        .await?;
    let labels = [
        ("code", "people-help-code"),
        ("card", "people-card-number"),
        ("pin", "people-pin"),
        ("may", "people-help-may"),
        ("relation", "people-help-relation"),
        ("name", "people-child-name"),
        ("birth_year", "people-child-birth"),
        ("consent", "people-child-consent"),
    ];
    let page = Page {
        cx,
        helped,
        names,
        form: form.labels(cx, &labels),
        refused,
        mays: mays(cx),
        relations: relations(cx),
        minutes: HELPING_MINUTES,
        youngest: i64::from(cx.now.day().month().year() - AGE_OF_MAJORITY + 1),
    };
    if refused.is_some() { cx.invalid(&page) } else { cx.page(&page) }
}

fn fresh(form: FormState) -> FormState {
    form.with("may", "act").with("relation", "family")
}

async fn show(cx: Cx) -> ::web::Result {
    let code: String = cx.param("code").chars().filter(char::is_ascii_digit).take(8).collect();
    let form = fresh(FormState::new(&cx).with("code", code));
    page(&cx, form, None).await
}

async fn by_code(cx: Cx, mut form: Form) -> ::web::Result {
    let helper = cx.signed_in()?;
    let code = typed_code(&form.required_text("code", Max(20)));
    let done = match form.finish() {
        Ok(()) => {
            let (actor, vault, key) = (cx.actor.clone(), cx.get::<Vault>()?, form.key().to_owned());
            let digest = vault.secret_digest(&[&code]);
            // A wrong code rolls its own write back, so the try is counted in one before.
            cx.store.write("people.help_try", move |tx| HELP_PERSON.count(tx, &helper.to_string())).await?;
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &digest, |tx| {
                    become_helper_by_code(tx, &vault, &actor, &code)
                })
            };
            cx.store.write("people.help_by_code", work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(cx.done("/helping", &cx.t("people-help-agreed"))),
        Err(error) => {
            let form = fresh(form.state(&cx, error)?);
            page(&cx, form, Some(Which::Code)).await
        }
    }
}

async fn by_card(cx: Cx, mut form: Form) -> ::web::Result {
    let helper = cx.signed_in()?;
    let card = form.required_text("card", Max(30));
    let pin = typed_code(&form.required_text("pin", Max(20)));
    let (may, relation) = agreed(&mut form);
    let done = match (form.finish(), may, relation) {
        (Ok(()), Some(may), Some(relation)) => {
            let (actor, vault, address) = (cx.actor.clone(), cx.get::<Vault>()?, cx.address_key());
            let work = move |tx: &mut Tx| {
                TRY_ADDRESS.count(tx, &address)?;
                HELP_PERSON.count(tx, &helper.to_string())?;
                become_helper_by_card(tx, &vault, &actor, (&card, &pin), may, relation)
            };
            cx.store.write("people.help_by_card", work).await.and_then(|tried| tried)
        }
        (Err(error), ..) => Err(error),
        _ => Err(Error::new(&kernel::BAD_CHOICE)),
    };
    match done {
        Ok(_) => Ok(cx.done("/helping", &cx.t("people-help-agreed"))),
        Err(error) => {
            // A PIN is typed anew; it never comes back in a page.
            let form = form.state(&cx, error)?.with("pin", "");
            page(&cx, form, Some(Which::Card)).await
        }
    }
}

async fn child(cx: Cx, mut form: Form) -> ::web::Result {
    cx.signed_in()?;
    let name = form.required_text("name", Max(NAME_CHARS_MAX));
    let this_year = i64::from(cx.now.day().month().year());
    let birth_year = form.int("birth_year", this_year - i64::from(AGE_OF_MAJORITY) + 1..=this_year);
    if !form.checkbox("consent") {
        form.wrong("consent", &GUARDIAN_CONSENT);
    }
    let done = match form.finish() {
        Ok(()) => {
            let (actor, vault, demo) = (cx.actor.clone(), cx.get::<Vault>()?, cx.site.demo);
            let (key, year) = (form.key().to_owned(), i32::try_from(birth_year).unwrap_or_default());
            let digest = vault.secret_digest(&[&name, &year.to_string()]);
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &digest, |tx| {
                    register_child(tx, &vault, &actor, &name, year, demo)
                })
            };
            cx.store.write("people.register_child", work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(cx.done("/helping", &cx.t("people-child-done"))),
        Err(error) => {
            let form = fresh(form.state(&cx, error)?);
            page(&cx, form, Some(Which::Child)).await
        }
    }
}

async fn begin(cx: Cx, Path(person): Path<Id<Person>>, _form: Form) -> ::web::Result {
    if cx.is_helping() {
        // Pressed twice, it is the same; for another one she stops first.
        return if cx.person() == Some(person) {
            Ok(cx.redirect("/passport"))
        } else {
            Err(Error::new(&HERSELF).into())
        };
    }
    let actor = cx.actor.clone();
    let token = cx.session_token().unwrap_or("").to_owned();
    cx.store.write("people.begin_helping", move |tx| begin_helping(tx, &actor, &token, person)).await?;
    Ok(cx.redirect("/passport"))
}

async fn stop(cx: Cx, _form: Form) -> ::web::Result {
    let token = cx.session_token().unwrap_or("").to_owned();
    cx.store.write("people.stop_helping", move |tx| stop_helping(tx, &token)).await?;
    Ok(cx.done("/helping", &cx.t("people-help-stopped")))
}

async fn end(cx: Cx, Path(person): Path<Id<Person>>, _form: Form) -> ::web::Result {
    let (helper, actor) = (cx.signed_in()?, cx.actor.clone());
    cx.store.write("people.end_helper", move |tx| end_helper(tx, &actor, person, helper)).await?;
    Ok(cx.done("/helping", &cx.t("people-help-given-up")))
}
