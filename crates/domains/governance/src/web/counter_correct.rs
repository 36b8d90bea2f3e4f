//! The counter 柜台, for a name that was taken down wrongly: a clerk sees the document, the person shows her card.

use askama::Template;
use kernel::{Id, Org};
use network::Organisation;
use people::{Correction, NAME_CHARS_MAX, Vault, correct_at_counter};
use store::Tx;
use web::{Cx, Form, FormState, Max, Path};

use super::counter::known;

kernel::codes! {
    /// A clerk corrects by a document that she has seen.
    pub COUNTER_SEEN = Invalid "governance.counter_seen";
}

#[derive(Template)]
#[template(path = "counter_correct.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
}

fn page<'a>(cx: &'a Cx, org: &'a Organisation, form: FormState) -> Page<'a> {
    let labels = [
        ("card", "governance-counter-help-card"),
        ("name", "governance-counter-name"),
        ("birth_year", "governance-counter-birth"),
        ("seen", "governance-counter-seen"),
    ];
    Page { cx, org, form: form.labels(cx, &labels) }
}

/// Asks what is right.
pub(super) async fn show(cx: Cx, Path(id): Path<Id<Org>>) -> web::Result {
    let org = known(&cx, id).await?;
    cx.page(&page(&cx, &org, FormState::new(&cx)))
}

/// Puts it right.
pub(super) async fn put_right(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let org = known(&cx, id).await?;
    let card = form.required_text("card", Max(30));
    let name = form.required_text("name", Max(NAME_CHARS_MAX));
    let year = form.optional_int("birth_year", 1900..=i64::from(cx.now.day().month().year()));
    if !form.checkbox("seen") {
        form.wrong("seen", &COUNTER_SEEN);
    }
    let done = match form.finish() {
        Ok(()) => {
            let (actor, key, vault) = (cx.actor.clone(), form.key().to_owned(), cx.get::<Vault>()?);
            let digest = vault.secret_digest(&[&card, &name, &format!("{year:?}")]);
            let right = Correction { name, birth_year: year.and_then(|year| i32::try_from(year).ok()) };
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &(id, digest.clone()), |tx| {
                    correct_at_counter(tx, &vault, &actor, id, &card, &right)
                })
            };
            cx.store.write("governance.counter_correct", work).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(_) => Ok(cx.done(&format!("/desk/orgs/{id}/counter"), &cx.t("governance-counter-corrected"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, &org, form))
        }
    }
}
