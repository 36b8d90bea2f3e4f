//! `/desk/orgs/{org}/people`: who holds which role at an organisation, and giving and ending roles.
//!
//! A head staffs her organisation and those below it, never herself; the security administrator appoints the administrators. The commands
//! decide; a page offers only what they would allow.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use kernel::{Actor, Day, Error, Id, Org, Person, Result as Outcome, Right, Role};
use network::{Organisation, access};
use people::{
    CONFIRMED_FORM_MINUTES, CONFIRMED_MINUTES, FactorState, Held, MendFactor, OWN_ROLE, ReadAs, RoleAt,
    Vault, factor, giving, grant_role_within, held_at_org, note_reading, reset_factor, revoke_role_within,
    roles_of, unlock_factor,
};
use store::Tx;
use web::{Choice, Cx, Form, FormState, Max, Path, limit::LOOKUP_PERSON};

use super::audit::{NO_SUCH_PERSON, find_person};

/// Lines of a page.
const PAGE: usize = 50;
/// Roles that a search by name looks through; names are sealed, so they are opened one by one.
const SEARCH_MAX: usize = 2_000;

/// A role as the page shows it.
pub(super) struct Line {
    held: Held,
    name: String,
    by: String,
    /// The last day with the role.
    last_day: Option<Day>,
    place: Option<String>,
    /// Whether the reader may end it.
    ends: bool,
}

#[derive(Template)]
#[template(path = "people.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    lines: &'a [Line],
    next: Option<String>,
    below: &'a [Organisation],
}

#[derive(Template)]
#[template(path = "people_give.html")]
struct Give<'a> {
    cx: &'a Cx,
    form: FormState,
    org: &'a Organisation,
    roles: &'a [Choice],
}

#[derive(Template)]
#[template(path = "people_one.html")]
struct One<'a> {
    cx: &'a Cx,
    form: FormState,
    person: Id<Person>,
    name: &'a str,
    lines: &'a [Line],
    secures: bool,
    own: bool,
    factor: Option<FactorState>,
    locked: Option<String>,
}

#[derive(Template)]
#[template(path = "people_find.html")]
struct NotFound<'a> {
    cx: &'a Cx,
}

/// Names of holders and givers, the erased ones in words.
struct Names(HashMap<Id<Person>, String>);

impl Names {
    fn of(tx: &mut Tx, vault: &Vault, held: &[Held]) -> Outcome<Self> {
        let mut all: Vec<Id<Person>> = held.iter().map(|held| held.person).collect();
        all.extend(held.iter().filter_map(giver));
        all.sort();
        all.dedup();
        Ok(Self(people::names(tx, vault, &all)?))
    }

    fn name(&self, cx: &Cx, person: Id<Person>) -> String {
        self.0.get(&person).cloned().unwrap_or_else(|| cx.t("governance-erased"))
    }

    fn giver(&self, cx: &Cx, held: &Held) -> String {
        match giver(held) {
            Some(person) => self.name(cx, person),
            None => {
                let name = held.granted_by.strip_prefix("system:").unwrap_or(&held.granted_by);
                cx.t1("governance-system", "name", name)
            }
        }
    }
}

fn giver(held: &Held) -> Option<Id<Person>> {
    held.granted_by.strip_prefix("person:")?.parse().ok()
}

fn role_of(held: &Held) -> Option<Role> {
    held.role.parse().ok()
}

/// Whether the reader may end the role: she holds the right that gives it, and it is not hers.
fn may_end(tx: &mut Tx, actor: &Actor, held: &Held, today: Day) -> Outcome<bool> {
    let Some(role) = role_of(held).filter(|_| held.holds(today)) else { return Ok(false) };
    Ok(actor.person() != Some(held.person) && access::may(tx, actor, giving(role), held.org)?)
}

/// `/desk/people`: by telephone number or card to one person, else to the first organisation that the reader staffs.
pub(super) async fn begin(cx: Cx) -> web::Result {
    let sought = cx.param("q").to_owned();
    if sought.is_empty() {
        let first = access::held_at(&cx.actor, Right::ManageStaff).first().copied();
        let first = first.ok_or_else(Error::denied)?;
        return Ok(cx.redirect(&format!("/desk/orgs/{first}/people")));
    }
    count_lookup(&cx).await?;
    let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
    let found = cx
        .store
        .read(move |tx| {
            let Some(person) = find_person(tx, &vault, &sought)? else { return Ok(None) };
            Ok(reachable(tx, &actor, person)?.map(|_| person))
        })
        .await?;
    // Of people who hold no role where the reader has a say she learns nothing, not even that they have an account.
    let Some(person) = found else {
        let mut page = cx.page(&NotFound { cx: &cx })?;
        *page.status_mut() = StatusCode::NOT_FOUND;
        return Ok(page);
    };
    Ok(cx.redirect(&format!("/desk/people/{person}")))
}

/// Who gives roles may ask whether a number has an account; not of thousands of numbers.
async fn count_lookup(cx: &Cx) -> Outcome<()> {
    let who = cx.signed_in()?.to_string();
    cx.store.write("governance.lookup", move |tx| LOOKUP_PERSON.count(tx, &who)).await
}

/// The roles of a person that the reader may know of; `None` if there are none. The security administrator of the whole city may look anybody up.
fn reachable(tx: &mut Tx, actor: &Actor, person: Id<Person>) -> Outcome<Option<Vec<Held>>> {
    let all = secures(tx, actor)?.is_some();
    let mut roles = Vec::new();
    for held in roles_of(tx, person)? {
        if all || access::may(tx, actor, Right::ManageStaff, held.org)? {
            roles.push(held);
        }
    }
    Ok((all || !roles.is_empty()).then_some(roles))
}

/// The organisation at the top, if the actor is security administrator of the whole city.
pub(super) fn secures(tx: &mut Tx, actor: &Actor) -> Outcome<Option<Id<Org>>> {
    let Some(top) = network::top_org(tx)? else { return Ok(None) };
    Ok(access::may(tx, actor, Right::ManageSecurity, top.org_id)?.then_some(top.org_id))
}

/// Roles held at one organisation today.
pub(super) async fn list(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let (vault, actor, today) = (cx.get::<Vault>()?, cx.actor.clone(), cx.now.day());
    let (after, sought) = (cx.param("after").to_owned(), cx.param("q").to_owned());
    let (org, held, names, ends, next, below) = cx
        .store
        .read(move |tx| {
            access::require(tx, &actor, Right::ManageStaff, org_id)?;
            let org = network::org(tx, org_id)?.ok_or_else(Error::missing)?;
            let from = after.split_once('/');
            let size = if sought.is_empty() { PAGE + 1 } else { SEARCH_MAX };
            let mut held = held_at_org(tx, org_id, today, from, size)?;
            let names = Names::of(tx, &vault, &held)?;
            let mut next = None;
            if sought.is_empty() {
                let more = held.len() > PAGE;
                held.truncate(PAGE);
                next = held.last().filter(|_| more).map(|last| format!("{}/{}", last.person, last.role));
            } else {
                held.retain(|held| names.0.get(&held.person).is_some_and(|name| name.contains(&sought)));
                held.truncate(PAGE);
            }
            let mut ends = Vec::with_capacity(held.len());
            for held in &held {
                ends.push(may_end(tx, &actor, held, today)?);
            }
            let below = network::children(tx, org_id, &kernel::PageRequest::first(100))?.rows;
            Ok((org, held, names, ends, next, below))
        })
        .await?;
    note(&cx, org_id, &format!("org:{org_id}"), held.len()).await?;
    let lines = lines(&cx, held, &names, ends, &HashMap::new());
    cx.page(&Page { cx: &cx, org: &org, lines: &lines, next, below: &below })
}

fn lines(
    cx: &Cx,
    held: Vec<Held>,
    names: &Names,
    ends: Vec<bool>,
    places: &HashMap<Id<Org>, Organisation>,
) -> Vec<Line> {
    held.into_iter()
        .zip(ends)
        .map(|(held, ends)| Line {
            name: names.name(cx, held.person),
            by: names.giver(cx, &held),
            last_day: held.to_day.map(|day| day.plus(-1)),
            place: places.get(&held.org).map(|org| org.name.clone()),
            ends,
            held,
        })
        .collect()
}

/// Names of staff are personal data too: who looks is written down before anything is shown.
pub(super) async fn note(cx: &Cx, org: Id<Org>, subject: &str, people: usize) -> Outcome<()> {
    let (actor, subject) = (cx.actor.clone(), subject.to_owned());
    let work = move |tx: &mut Tx| note_reading(tx, &actor, ReadAs::Staff, org, &subject, people);
    cx.store.write("governance.note_reading", work).await.map(|_| ())
}

/// The roles that the actor may give at an organisation.
fn offered(tx: &mut Tx, actor: &Actor, org: Id<Org>) -> Outcome<Vec<Role>> {
    let mut roles = Vec::new();
    for role in Role::ALL {
        if access::may(tx, actor, giving(role), org)? {
            roles.push(role);
        }
    }
    Ok(roles)
}

pub(super) async fn give_parts(cx: &Cx, org_id: Id<Org>) -> Outcome<(Organisation, Vec<Choice>)> {
    let actor = cx.actor.clone();
    let (org, roles) = cx
        .store
        .read(move |tx| {
            access::require(tx, &actor, Right::ManageStaff, org_id)?;
            Ok((network::org(tx, org_id)?.ok_or_else(Error::missing)?, offered(tx, &actor, org_id)?))
        })
        .await?;
    let roles =
        roles.into_iter().map(|role| Choice::new(role, cx.tk("governance-gives", role.as_str()))).collect();
    Ok((org, roles))
}

/// The organisation, for who staffs it and has shown her second factor within so many minutes.
pub(super) async fn staffed(cx: &Cx, org_id: Id<Org>, minutes: i64) -> Outcome<Organisation> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        access::require(tx, &actor, Right::ManageStaff, org_id)?;
        network::org(tx, org_id)?.ok_or_else(Error::missing)
    });
    let org = read.await?;
    cx.confirmed_within(minutes)?;
    Ok(org)
}

/// The form for giving a role.
pub(super) async fn ask(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let (org, roles) = give_parts(&cx, org_id).await?;
    cx.confirmed_within(CONFIRMED_MINUTES)?;
    let form = labelled(&cx, FormState::new(&cx));
    cx.page(&Give { cx: &cx, form, org: &org, roles: &roles })
}

fn labelled(cx: &Cx, form: FormState) -> FormState {
    form.labels(
        cx,
        &[
            ("person", "governance-give-person"),
            ("role", "governance-give-role"),
            ("until", "governance-give-until"),
        ],
    )
}

/// Gives a role.
pub(super) async fn give(cx: Cx, Path(org_id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let (org, roles) = give_parts(&cx, org_id).await?;
    cx.confirmed_within(CONFIRMED_FORM_MINUTES)?;
    let person = form.required_text("person", Max(40));
    let role: Option<Role> = form.choice("role");
    let last_day = form.optional_date("until");
    let done = match (form.finish(), role) {
        (Ok(()), Some(role)) => {
            count_lookup(&cx).await?;
            let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
            let work = move |tx: &mut Tx| {
                // The right comes before anything that the answer could tell about a person.
                access::require(tx, &actor, giving(role), org_id)?;
                let person = find_person(tx, &vault, &person)?
                    .ok_or_else(|| Error::field("person", &NO_SUCH_PERSON))?;
                let name = people::name(tx, &vault, person)?
                    .ok_or_else(|| Error::field("person", &NO_SUCH_PERSON))?;
                let cmd = RoleAt { person, role, org: org_id };
                let until = last_day.map(|day| day.plus(1));
                grant_role_within(tx, &actor, &cmd, until, &access::require)?;
                Ok(name)
            };
            cx.store.write("people.grant_role", work).await
        }
        (Err(error), _) => Err(error),
        (Ok(()), None) => Err(Error::field("role", &kernel::REQUIRED)),
    };
    match done {
        Ok(name) => {
            let role = role.map_or("", Role::as_str);
            let told = cx.t2("governance-given", "name", name, "role", cx.tk("governance-role", role));
            Ok(cx.done(&format!("/desk/orgs/{org_id}/people"), &told))
        }
        Err(error) => {
            let error = if error.is(&OWN_ROLE) { Error::field("person", &OWN_ROLE) } else { error };
            let form = labelled(&cx, form.state(&cx, error)?);
            cx.invalid(&Give { cx: &cx, form, org: &org, roles: &roles })
        }
    }
}

/// Ends a role.
pub(super) async fn end(
    cx: Cx,
    Path((org_id, person)): Path<(Id<Org>, Id<Person>)>,
    mut form: Form,
) -> web::Result {
    let role: Option<Role> = form.choice("role");
    let actor = cx.actor.clone();
    // Whether there is such a role is asked after the right to it.
    let asked = actor.clone();
    cx.store.read(move |tx| access::require(tx, &asked, Right::ManageStaff, org_id)).await?;
    cx.confirmed_within(CONFIRMED_FORM_MINUTES)?;
    form.finish()?;
    let role = role.ok_or_else(|| Error::field("role", &kernel::REQUIRED))?;
    let cmd = RoleAt { person, role, org: org_id };
    let work = move |tx: &mut Tx| revoke_role_within(tx, &actor, &cmd, &access::require);
    cx.store.write("people.revoke_role", work).await?;
    let told = cx.t1("governance-ended", "role", cx.tk("governance-role", role.as_str()));
    Ok(cx.done(&format!("/desk/orgs/{org_id}/people"), &told))
}

/// One person: her roles as far as the reader has a say, and her second factor for the security administrator.
pub(super) async fn one(cx: Cx, Path(person): Path<Id<Person>>) -> web::Result {
    let (vault, actor, today) = (cx.get::<Vault>()?, cx.actor.clone(), cx.now.day());
    let (name, held, names, ends, places, secures, factor) = cx
        .store
        .read(move |tx| {
            let held = reachable(tx, &actor, person)?.ok_or_else(Error::missing)?;
            let name = people::name(tx, &vault, person)?.ok_or_else(Error::missing)?;
            let names = Names::of(tx, &vault, &held)?;
            let orgs: Vec<Id<Org>> = held.iter().map(|held| held.org).collect();
            let places = network::orgs_by_ids(tx, &orgs)?;
            let mut ends = Vec::with_capacity(held.len());
            for held in &held {
                ends.push(may_end(tx, &actor, held, today)?);
            }
            let secures = secures(tx, &actor)?;
            let factor = match secures {
                Some(_) => factor(tx, person)?.filter(|state| state.active),
                None => None,
            };
            Ok((name, held, names, ends, places, secures, factor))
        })
        .await?;
    let place = held.first().map(|held| held.org).or(secures).ok_or_else(Error::missing)?;
    note(&cx, place, &format!("person:{person}"), 1).await?;
    let lines = lines(&cx, held, &names, ends, &places);
    let locked = factor.as_ref().and_then(|state| state.locked(cx.now)).map(|until| cx.datetime(&until));
    cx.page(&One {
        cx: &cx,
        form: FormState::new(&cx),
        person,
        name: &name,
        lines: &lines,
        secures: secures.is_some(),
        own: cx.person() == Some(person),
        factor,
        locked,
    })
}

/// Ends the lock of a second factor.
pub(super) async fn unlock(cx: Cx, Path(person): Path<Id<Person>>, _form: Form) -> web::Result {
    let cmd = mending(&cx, person).await?;
    let actor = cx.actor.clone();
    let work = move |tx: &mut Tx| unlock_factor(tx, &actor, &cmd, &access::require);
    let unlocked = cx.store.write("people.unlock_factor", work).await?;
    let words = if unlocked { "governance-unlocked" } else { "governance-not-locked" };
    Ok(cx.done(&format!("/desk/people/{person}"), &cx.t(words)))
}

/// Takes a lost second factor away.
pub(super) async fn reset(cx: Cx, Path(person): Path<Id<Person>>, _form: Form) -> web::Result {
    let cmd = mending(&cx, person).await?;
    let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
    let work = move |tx: &mut Tx| reset_factor(tx, &vault, &actor, &cmd, &access::require);
    cx.store.write("people.reset_factor", work).await?;
    Ok(cx.done(&format!("/desk/people/{person}"), &cx.t("governance-reset")))
}

async fn mending(cx: &Cx, person: Id<Person>) -> Outcome<MendFactor> {
    let actor = cx.actor.clone();
    let org = cx.store.read(move |tx| secures(tx, &actor)).await?.ok_or_else(Error::denied)?;
    cx.confirmed_within(CONFIRMED_FORM_MINUTES)?;
    Ok(MendFactor { person, org })
}
