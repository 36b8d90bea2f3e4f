//! `/desk/orgs/{org}/counter`: registering somebody who stands at the counter 柜台, with a card and a PIN on a slip; a lost card, a forgotten PIN.

use askama::Template;
use kernel::{Actor, Error, FieldError, Id, Org, Person, Result as Outcome, Right};
use network::{Organisation, access};
use people::{
    Gives, ReadAs, Register, Slip, Vault, give_out, help_at_counter, note_reading, register_at_counter, slip,
};
use render::qr::qr_svg;
use store::Tx;
use web::{Choice, Cx, Form, FormState, Max, Path};

use super::audit::{NO_SUCH_PERSON, find_person};

kernel::codes! {
    /// Who is registered has to agree to the privacy notice.
    pub COUNTER_CONSENT = Invalid "governance.counter_consent";
    /// A clerk acts only for who asks for it.
    pub COUNTER_ASKED = Invalid "governance.counter_asked";
}

#[derive(Template)]
#[template(path = "counter.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    gives: Vec<Choice>,
    sent: Sent,
}

/// Which form of the page was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    New,
    Renewal,
    Help,
}

impl Page<'_> {
    fn was(&self, which: &str) -> bool {
        let sent = match self.sent {
            Sent::New => "new",
            Sent::Renewal => "renewal",
            Sent::Help => "help",
        };
        sent == which
    }
}

pub(super) async fn known(cx: &Cx, id: Id<Org>) -> Outcome<Organisation> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        access::require(tx, &actor, Right::TakeAttendance, id)?;
        network::org(tx, id)?.ok_or_else(Error::missing)
    });
    read.await
}

fn page<'a>(cx: &'a Cx, org: &'a Organisation, form: FormState, sent: Sent) -> Page<'a> {
    let labels = [
        ("name", "governance-counter-name"),
        ("birth_year", "governance-counter-birth"),
        ("phone", "governance-counter-phone"),
        ("consent", "governance-counter-consent"),
        ("who", "governance-counter-who"),
        ("what", "governance-counter-what"),
        ("card", "governance-counter-help-card"),
        ("asked", "governance-counter-help-asked"),
    ];
    let gives = [Gives::Pin, Gives::Card]
        .map(|gives| Choice::new(gives.as_str(), cx.tk("governance-counter-gives", gives.as_str())))
        .to_vec();
    Page { cx, org, form: form.labels(cx, &labels), gives, sent }
}

/// Asks who stands there.
pub(super) async fn show(cx: Cx, Path(id): Path<Id<Org>>) -> web::Result {
    let org = known(&cx, id).await?;
    let form = FormState::new(&cx).with("what", "pin");
    cx.page(&page(&cx, &org, form, Sent::New))
}

/// Opens an account.
pub(super) async fn open(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let org = known(&cx, id).await?;
    let name = form.required_text("name", Max(people::NAME_CHARS_MAX));
    let birth_year = form.optional_int("birth_year", 1_900..=i64::from(cx.now.day().month().year()));
    let phone = form.text("phone", Max(30));
    if !form.checkbox("consent") {
        form.wrong("consent", &COUNTER_CONSENT);
    }
    let done = match form.finish() {
        Ok(()) => {
            let cmd = Register {
                name,
                phone: Some(phone).filter(|phone| !phone.is_empty()),
                birth_year: birth_year.and_then(|year| i32::try_from(year).ok()),
                home_region: None,
                demo: cx.site.demo,
            };
            let (actor, key, vault) = (cx.actor.clone(), form.key().to_owned(), cx.get::<Vault>()?);
            let digest = vault.secret_digest(&[&cmd.name, cmd.phone.as_deref().unwrap_or("")]);
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &(id, digest.clone()), |tx| {
                    register_at_counter(tx, &vault, &actor, id, &cmd)
                })
            };
            cx.store.write("governance.counter_register", work).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(person) => Ok(cx.redirect(&format!("/desk/orgs/{id}/counter/{person}"))),
        Err(error) => {
            let error = by_field(error);
            let form = form.state(&cx, error)?.with("what", "pin");
            cx.invalid(&page(&cx, &org, form, Sent::New))
        }
    }
}

/// A phone that belongs to somebody is a wrong phone of this form.
fn by_field(error: Error) -> Error {
    if error.is(&people::PHONE_TAKEN) { Error::field("phone", &people::PHONE_TAKEN) } else { error }
}

/// Gives a new card or PIN.
pub(super) async fn renew(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let org = known(&cx, id).await?;
    let who = form.required_text("who", Max(40));
    let what: Option<String> = form.choice("what");
    let gives = match what.as_deref() {
        Some("card") => Gives::Card,
        Some("pin") => Gives::Pin,
        Some(_) => {
            form.wrong("what", &kernel::BAD_CHOICE);
            Gives::Pin
        }
        None => Gives::Pin,
    };
    let done = match form.finish() {
        Ok(()) => {
            let (actor, key, vault) = (cx.actor.clone(), form.key().to_owned(), cx.get::<Vault>()?);
            let digest = vault.secret_digest(&[&who, gives.as_str()]);
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &(id, digest.clone()), |tx| {
                    give(tx, &vault, &actor, id, &who, gives)
                })
            };
            cx.store.write("governance.counter_renew", work).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(person) => Ok(cx.redirect(&format!("/desk/orgs/{id}/counter/{person}"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, &org, form, Sent::Renewal))
        }
    }
}

/// Lets the clerk act for somebody who shows her card.
pub(super) async fn help(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let org = known(&cx, id).await?;
    let card = form.required_text("card", Max(30));
    if !form.checkbox("asked") {
        form.wrong("asked", &COUNTER_ASKED);
    }
    let done = match form.finish() {
        Ok(()) => {
            let (actor, key, vault) = (cx.actor.clone(), form.key().to_owned(), cx.get::<Vault>()?);
            let digest = vault.secret_digest(&[&card]);
            let work = move |tx: &mut Tx| {
                journal::once(tx, &actor, &key, &(id, digest.clone()), |tx| {
                    help_at_counter(tx, &vault, &actor, id, &card)
                })
            };
            cx.store.write("governance.counter_help", work).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(_) => Ok(cx.done("/helping", &cx.t("governance-counter-help-done"))),
        Err(error) => {
            let form = form.state(&cx, error)?.with("what", "pin");
            cx.invalid(&page(&cx, &org, form, Sent::Help))
        }
    }
}

fn give(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    org: Id<Org>,
    who: &str,
    gives: Gives,
) -> Outcome<Id<Person>> {
    let wrong = |code| {
        let args = Vec::new();
        Error::fields(vec![FieldError { field: "who".to_owned(), code, args }])
    };
    let person = find_person(tx, vault, who)?.ok_or_else(|| wrong(&NO_SUCH_PERSON))?;
    if people::name(tx, vault, person)?.is_none() {
        return Err(wrong(&NO_SUCH_PERSON));
    }
    match give_out(tx, vault, actor, org, person, gives) {
        Err(error) if error.is(&people::STAFF_BY_PHONE) => Err(wrong(&people::STAFF_BY_PHONE)),
        done => done.map(|()| person),
    }
}

#[derive(Template)]
#[template(path = "counter_slip.html")]
struct SlipPage<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    slip: &'a Slip,
    /// The number in groups that can be read out.
    card: String,
    qr: String,
    address: String,
}

/// The slip that is printed and taken home. Who prints it sees a name, and that is written down.
pub(super) async fn print(cx: Cx, Path((id, person)): Path<(Id<Org>, Id<Person>)>) -> web::Result {
    let org = known(&cx, id).await?;
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let write = cx.store.write("governance.counter_slip", move |tx| {
        let slip = slip(tx, &vault, &actor, person)?;
        note_reading(tx, &actor, ReadAs::CounterSlip, id, &format!("person:{person}"), 1)?;
        Ok(slip)
    });
    let slip = write.await?;
    let card = slip.card.as_bytes().chunks(5).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let qr = qr_svg(&slip.card, &cx.t("governance-slip-card"))
        .map_err(|e| Error::bug("a card cannot be drawn").caused_by(e))?;
    cx.page(&SlipPage { cx: &cx, org: &org, slip: &slip, card, qr, address: cx.absolute("/sign-in/card") })
}
