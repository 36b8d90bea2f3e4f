//! Changing the telephone of somebody at a counter 柜台, or of a member of staff by the security administrator: for who no longer has the old number.

use askama::Template;
use kernel::{Error, Id, Org, Person, Result as Outcome, uri_part};
use people::{
    AtCounter, CODE_MINUTES, CONFIRMED_FORM_MINUTES, NAME_CHARS_MAX, PHONE_HELD, PHONE_OF_STAFF, Phone,
    PhoneAttempt, PhoneCodes, STAFF_BY_PHONE, TICKET_SPENT, Vault, change_counter_phone, counter_new_phone,
    counter_phone_ticket, drop_counter_phone, request_counter_phone, typed_phone,
};
use store::Tx;
use web::{
    Cx, Form, FormState, Level, Max, Path,
    limit::{LOOKUP_PERSON, TRY_ADDRESS},
};

use super::{
    audit::{NO_SUCH_PERSON, find_person},
    counter::known,
    counter_correct::COUNTER_SEEN,
    staff::secures,
};

/// Where it is done, and by whom.
struct Desk {
    /// The organisation's name; empty for the security administrator.
    title: String,
    org: Id<Org>,
    /// Whose it is, if the address says so.
    person: Option<Id<Person>>,
    /// The security administrator does it for who holds a role.
    staff: bool,
}

impl Desk {
    /// At the counter of an organisation.
    async fn counter(cx: &Cx, org: Id<Org>, person: Option<Id<Person>>) -> Outcome<Self> {
        let place = known(cx, org).await?;
        Ok(Self { title: place.name, org, person, staff: false })
    }

    /// At the desk of the security administrator.
    async fn security(cx: &Cx, person: Id<Person>) -> Outcome<Self> {
        let actor = cx.actor.clone();
        let org = cx.store.read(move |tx| secures(tx, &actor)).await?.ok_or_else(Error::denied)?;
        cx.confirmed_within(CONFIRMED_FORM_MINUTES)?;
        Ok(Self { title: String::new(), org, person: Some(person), staff: true })
    }

    /// Where it begins, and where it ends.
    fn begin(&self) -> String {
        match self.person.filter(|_| self.staff) {
            Some(person) => format!("/desk/people/{person}/phone"),
            None => format!("/desk/orgs/{}/counter/phone", self.org),
        }
    }

    fn codes(&self, person: Id<Person>) -> String {
        if self.staff { format!("{}/code", self.begin()) } else { format!("{}/{person}", self.begin()) }
    }

    fn home(&self) -> String {
        match self.person.filter(|_| self.staff) {
            Some(person) => format!("/desk/people/{person}"),
            None => format!("/desk/orgs/{}/counter", self.org),
        }
    }

    fn at(&self, person: Id<Person>) -> AtCounter {
        AtCounter { person, org: self.org, staff: self.staff }
    }
}

#[derive(Template)]
#[template(path = "counter_phone.html")]
struct Begin<'a> {
    cx: &'a Cx,
    desk: &'a Desk,
    form: FormState,
}

#[derive(Template)]
#[template(path = "counter_phone_code.html")]
struct Codes<'a> {
    cx: &'a Cx,
    desk: &'a Desk,
    person: Id<Person>,
    form: FormState,
    new: String,
    minutes: i64,
    /// The number belongs to an account: is it to be taken from there?
    taken: bool,
}

fn begin_page<'a>(cx: &'a Cx, desk: &'a Desk, form: FormState) -> Begin<'a> {
    let labels = [
        ("who", "governance-counter-who"),
        ("name", "governance-counter-phone-name"),
        ("phone", "governance-counter-phone-new"),
        ("seen", "governance-counter-phone-seen"),
    ];
    Begin { cx, desk, form: form.labels(cx, &labels) }
}

/// Asks who stands at the counter.
pub(super) async fn show(cx: Cx, Path(org): Path<Id<Org>>) -> web::Result {
    let desk = Desk::counter(&cx, org, None).await?;
    cx.page(&begin_page(&cx, &desk, FormState::new(&cx)))
}

/// Asks for the new number of a member of staff.
pub(super) async fn show_staff(cx: Cx, Path(person): Path<Id<Person>>) -> web::Result {
    let desk = Desk::security(&cx, person).await?;
    cx.page(&begin_page(&cx, &desk, FormState::new(&cx)))
}

/// Sends a code to the new number, or takes the old one away.
pub(super) async fn send(cx: Cx, Path(org): Path<Id<Org>>, form: Form) -> web::Result {
    let desk = Desk::counter(&cx, org, None).await?;
    begin(&cx, &desk, form).await
}

/// The same for a member of staff.
pub(super) async fn send_staff(cx: Cx, Path(person): Path<Id<Person>>, form: Form) -> web::Result {
    let desk = Desk::security(&cx, person).await?;
    begin(&cx, &desk, form).await
}

async fn begin(cx: &Cx, desk: &Desk, mut form: Form) -> web::Result {
    let who = if desk.staff { String::new() } else { form.required_text("who", Max(40)) };
    let name = if desk.staff { None } else { Some(form.required_text("name", Max(NAME_CHARS_MAX))) };
    let phone = if desk.staff { form.required_text("phone", Max(30)) } else { form.text("phone", Max(30)) };
    if !form.checkbox("seen") {
        form.wrong("seen", &COUNTER_SEEN);
    }
    let new = match form.finish() {
        Ok(()) if phone.is_empty() => Ok(None),
        Ok(()) => typed_phone(&phone).map(Some),
        Err(wrong) => Err(wrong),
    };
    let done = match new {
        Ok(new) => {
            let clerk = cx.signed_in()?.to_string();
            cx.store.write("governance.lookup", move |tx| LOOKUP_PERSON.count(tx, &clerk)).await?;
            let (actor, vault, key) = (cx.actor.clone(), cx.get::<Vault>()?, form.key().to_owned());
            let digest = vault.secret_digest(&[&who, name.as_deref().unwrap_or(""), &phone]);
            let (org, known, staff) = (desk.org, desk.person, desk.staff);
            let work = move |tx: &mut Tx| {
                // Of a form that was pressed twice, one sends a code.
                let person = journal::once(tx, &actor, &key, &(org, known, digest.clone()), |tx| {
                    let found = match known {
                        Some(person) => Some(person),
                        None => find_person(tx, &vault, &who)?,
                    };
                    let person = found.ok_or_else(|| Error::field("who", &NO_SUCH_PERSON))?;
                    let at = AtCounter { person, org, staff };
                    match &new {
                        Some(new) => request_counter_phone(tx, &vault, &actor, at, name.as_deref(), new)?,
                        None => drop_counter_phone(tx, &vault, &actor, at, name.as_deref())?,
                    }
                    Ok(person)
                })?;
                let at = AtCounter { person, org, staff };
                let ticket = match &new {
                    Some(new) => Some(counter_phone_ticket(tx, &vault, &actor, at, new)?),
                    None => None,
                };
                Ok((person, ticket))
            };
            cx.store.write("governance.counter_phone", work).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok((person, Some(ticket))) => {
            Ok(cx.redirect(&format!("{}?t={}", desk.codes(person), uri_part(&ticket))))
        }
        Ok((_, None)) => Ok(cx.done(&desk.home(), &cx.t("governance-counter-phone-dropped"))),
        Err(error) => {
            let form = form.state(cx, by_field(error))?;
            cx.invalid(&begin_page(cx, desk, form))
        }
    }
}

/// What is wrong with the person is shown at her field.
fn by_field(error: Error) -> Error {
    for code in [&STAFF_BY_PHONE, &kernel::MISSING] {
        if error.is(code) {
            let code = if error.is(&STAFF_BY_PHONE) { &STAFF_BY_PHONE } else { &NO_SUCH_PERSON };
            return Error::field("who", code);
        }
    }
    error
}

fn codes_page<'a>(
    cx: &'a Cx,
    desk: &'a Desk,
    person: Id<Person>,
    form: FormState,
    new: &Phone,
    taken: bool,
) -> Codes<'a> {
    let labels = [("code", "governance-counter-phone-code"), ("take", "governance-counter-phone-take")];
    let form = form.labels(cx, &labels);
    Codes { cx, desk, person, form, new: new.masked(), minutes: CODE_MINUTES, taken }
}

/// Asks for the code that came to the new number.
pub(super) async fn ask(cx: Cx, Path((org, person)): Path<(Id<Org>, Id<Person>)>) -> web::Result {
    let desk = Desk::counter(&cx, org, Some(person)).await?;
    ask_code(&cx, &desk, person).await
}

/// The same for a member of staff.
pub(super) async fn ask_staff(cx: Cx, Path(person): Path<Id<Person>>) -> web::Result {
    let desk = Desk::security(&cx, person).await?;
    ask_code(&cx, &desk, person).await
}

async fn ask_code(cx: &Cx, desk: &Desk, person: Id<Person>) -> web::Result {
    let vault = cx.get::<Vault>()?;
    let Ok(new) = counter_new_phone(&vault, cx.now, &cx.actor, desk.at(person), cx.param("t")) else {
        return Ok(begin_anew(cx, desk));
    };
    let form = FormState::new(cx).with("t", cx.param("t"));
    cx.page(&codes_page(cx, desk, person, form, &new, false))
}

fn begin_anew(cx: &Cx, desk: &Desk) -> axum::response::Response {
    cx.flash(Level::Warn, &cx.code(&TICKET_SPENT, &[]));
    cx.redirect(&desk.begin())
}

/// Makes the number that of the person.
pub(super) async fn put(cx: Cx, Path((org, person)): Path<(Id<Org>, Id<Person>)>, form: Form) -> web::Result {
    let desk = Desk::counter(&cx, org, Some(person)).await?;
    try_code(&cx, &desk, person, form).await
}

/// The same for a member of staff.
pub(super) async fn put_staff(cx: Cx, Path(person): Path<Id<Person>>, form: Form) -> web::Result {
    let desk = Desk::security(&cx, person).await?;
    try_code(&cx, &desk, person, form).await
}

async fn try_code(cx: &Cx, desk: &Desk, person: Id<Person>, mut form: Form) -> web::Result {
    let (vault, at) = (cx.get::<Vault>()?, desk.at(person));
    let Ok(new) = counter_new_phone(&vault, cx.now, &cx.actor, at, form.raw("t")) else {
        return Ok(begin_anew(cx, desk));
    };
    let code = form.required_text("code", Max(20));
    let take = form.checkbox("take");
    let tried = match form.finish() {
        Ok(()) => {
            let codes = PhoneCodes { new: people::typed_code(&code), old: String::new(), take };
            let (actor, address, phone) = (cx.actor.clone(), cx.address_key(), new.clone());
            let work = move |tx: &mut Tx| {
                TRY_ADDRESS.count(tx, &address)?;
                change_counter_phone(tx, &vault, &actor, at, &phone, &codes)
            };
            cx.store.write("governance.counter_phone_code", work).await
        }
        Err(wrong) => Err(wrong),
    };
    let refusal = match tried.map(PhoneAttempt::refusal) {
        Ok(None) => {
            let told = cx.t1("governance-counter-phone-changed", "phone", new.masked());
            return Ok(cx.done(&desk.home(), &told));
        }
        Ok(Some(refusal)) => refusal,
        Err(error) => error,
    };
    let taken = take || refusal.is(&PHONE_HELD) || refusal.is(&PHONE_OF_STAFF);
    let form = form.state(cx, refusal)?;
    cx.invalid(&codes_page(cx, desk, person, form, &new, taken))
}
