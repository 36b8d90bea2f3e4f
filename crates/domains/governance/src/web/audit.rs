//! `/audit`: who did what when where, and who read whose data; and the same as a file.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use journal::{Recorded, Sought, head_pos, position_at};
use kernel::{Actor, Day, Error, Id, Org, PageRequest, Person, Result as Outcome};
use network::{OrgFilter, Organisation};
use people::{ReadAs, Vault, note_reading};
use render::table::{Bom, Cell, csv};
use store::{Store, Tx};
use web::{Choice, Cx, limit::AUDIT_PERSON};

use crate::trail::{Group, KINDS, scope, trail};

/// Lines of a page.
const PAGE: usize = 50;
/// Lines that the file reads at a time.
const BATCH: usize = 500;
/// Minutes by which the look goes beyond the period, for facts that were long on their way.
const SLACK_MINUTES: i64 = 60;

kernel::codes! {
    /// No person has this phone number, card number or identifier.
    pub NO_SUCH_PERSON = Missing "governance.no_such_person";
    /// No organisation has this name or identifier.
    pub NO_SUCH_ORG = Missing "governance.no_such_org";
}

/// What the address asks for, read.
#[derive(Clone)]
struct Asked {
    sought: Sought,
    orgs: Option<HashSet<Id<Org>>>,
    org: Option<Organisation>,
    floor: i64,
    before: i64,
}

/// A line of the trail.
struct Line {
    fact: Recorded,
    who: String,
    person: Option<Id<Person>>,
    what: String,
    place: Option<(Id<Org>, String)>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    cx: &'a Cx,
    lines: &'a [Line],
    groups: &'a [Choice],
    org: Option<&'a Organisation>,
    next: Option<i64>,
    filtered: bool,
}

/// One page of the trail. It shows names, so it is itself a reading.
pub(super) async fn show(cx: Cx) -> web::Result {
    let vault = cx.get::<Vault>()?;
    let (asked, group) = (Words::of(&cx), group(&cx));
    let (actor, opener) = (cx.actor.clone(), vault.clone());
    let (asked, stretch, places, names) = cx
        .store
        .read(move |tx| {
            let asked = asked.resolve(tx, &opener, &actor)?;
            let found = trail(tx, &asked.sought, asked.orgs.as_ref(), asked.floor, asked.before, PAGE)?;
            let orgs: Vec<Id<Org>> = found.facts.iter().filter_map(|fact| fact.org).collect();
            let people: Vec<Id<Person>> = found.facts.iter().filter_map(actor_of).collect();
            let places = network::orgs_by_ids(tx, &orgs)?;
            let names = people::names(tx, &opener, &people)?;
            Ok((asked, found, places, names))
        })
        .await?;
    note(&cx, &asked, ReadAs::Trail, names.len()).await?;
    let lines: Vec<Line> = stretch
        .facts
        .into_iter()
        .map(|fact| Line {
            person: actor_of(&fact),
            who: who(&cx, &fact, &names),
            what: what(&cx, &fact),
            place: fact.org.map(|id| (id, places.get(&id).map_or_else(String::new, |org| org.name.clone()))),
            fact,
        })
        .collect();
    let groups: Vec<Choice> = Group::ALL
        .iter()
        .map(|group| Choice::new(group.as_str(), cx.tk("governance-group", group.as_str())))
        .collect();
    let filtered = group.is_some() || ["person", "org", "from", "to"].iter().any(|p| !cx.param(p).is_empty());
    cx.page(&Page {
        cx: &cx,
        lines: &lines,
        groups: &groups,
        org: asked.org.as_ref(),
        next: stretch.next,
        filtered,
    })
}

/// The same as a file, line by line as the journal gives them. It names people by their identifiers only.
pub(super) async fn export(cx: Cx) -> web::Result {
    let vault = cx.get::<Vault>()?;
    let (asked, actor) = (Words::of(&cx), cx.actor.clone());
    let asked = cx.store.read(move |tx| asked.resolve(tx, &vault, &actor)).await?;
    let person = cx.signed_in()?;
    cx.store.write("governance.count_export", move |tx| AUDIT_PERSON.count(tx, &person.to_string())).await?;
    note(&cx, &asked, ReadAs::TrailFile, 0).await?;
    let heads: Vec<String> =
        ["position", "recorded", "occurred", "who", "what", "kind", "place", "record", "fact"]
            .iter()
            .map(|head| cx.tk("governance-head", head))
            .collect();
    let (cx, store) = (cx.clone(), cx.store.clone());
    let begin = Some((asked.before, true));
    let lines = stream::unfold(begin, move |state| {
        let (cx, store, asked, heads) = (cx.clone(), store.clone(), asked.clone(), heads.clone());
        async move {
            let (before, first) = state?;
            match batch(&cx, &store, &asked, &heads, before, first).await {
                Ok((bytes, next)) => Some((Ok(bytes), next.map(|next| (next, false)))),
                // A file that ends in the middle must not look whole: the connection breaks.
                Err(error) => Some((Err(std::io::Error::other(format!("{error:?}"))), None)),
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    let response: Response = (headers, Body::from_stream(lines.fuse())).into_response();
    Ok(response)
}

async fn batch(
    cx: &Cx,
    store: &Store,
    asked: &Asked,
    heads: &[String],
    before: i64,
    first: bool,
) -> Outcome<(Vec<u8>, Option<i64>)> {
    let asked = asked.clone();
    let (found, places) = store
        .read(move |tx| {
            let found = trail(tx, &asked.sought, asked.orgs.as_ref(), asked.floor, before, BATCH)?;
            let orgs: Vec<Id<Org>> = found.facts.iter().filter_map(|fact| fact.org).collect();
            let places = network::orgs_by_ids(tx, &orgs)?;
            Ok((found, places))
        })
        .await?;
    let rows: Vec<Vec<Cell>> = found
        .facts
        .iter()
        .map(|fact| {
            let place = fact.org.and_then(|org| places.get(&org)).map_or("", |org| org.name.as_str());
            vec![
                Cell::Integer(fact.pos),
                fact.recorded_at.rfc3339().as_str().into(),
                fact.occurred_at.rfc3339().as_str().into(),
                fact.actor.as_str().into(),
                what(cx, fact).as_str().into(),
                fact.kind.as_str().into(),
                place.into(),
                fact.subject.as_str().into(),
                fact.id.to_string().as_str().into(),
            ]
        })
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let bom = if first { Bom::With } else { Bom::Without };
    let bytes = csv(&heads, &rows, bom).map_err(|e| Error::bug("a table cannot be written").caused_by(e))?;
    if first {
        return Ok((bytes, found.next));
    }
    // Every part is written with heads; the file has them once.
    let heads_end = bytes.windows(2).position(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
    Ok((bytes[heads_end..].to_vec(), found.next))
}

/// Writes down that the trail is read, before anything of it is shown.
async fn note(cx: &Cx, asked: &Asked, what: ReadAs, people: usize) -> Outcome<()> {
    let (actor, org) = (cx.actor.clone(), asked.org.as_ref().map(|org| org.org_id));
    let person = asked.sought.person;
    let work = move |tx: &mut Tx| {
        let held = network::access::held_at(&actor, kernel::Right::Audit);
        let org = org.or(held.first().copied()).ok_or_else(Error::denied)?;
        let subject = person.map_or_else(|| format!("org:{org}"), |person| format!("person:{person}"));
        note_reading(tx, &actor, what, org, &subject, people)
    };
    cx.store.write("governance.note_reading", work).await.map(|_| ())
}

/// What was typed.
struct Words {
    person: String,
    org: String,
    group: Option<Group>,
    from: Option<Day>,
    to: Option<Day>,
    before: Option<i64>,
}

fn group(cx: &Cx) -> Option<Group> {
    Group::ALL.into_iter().find(|group| group.as_str() == cx.param("kind"))
}

impl Words {
    fn of(cx: &Cx) -> Self {
        Self {
            person: cx.param("person").to_owned(),
            org: cx.param("org").to_owned(),
            group: group(cx),
            from: cx.param_as("from"),
            to: cx.param_as("to"),
            before: cx.param_as("before"),
        }
    }

    fn resolve(&self, tx: &mut Tx, vault: &Vault, actor: &Actor) -> Outcome<Asked> {
        let org = self.organisation(tx)?;
        // The right comes before anything that the answer could tell about a person.
        let orgs = scope(tx, actor, org.as_ref().map(|org| org.org_id))?;
        let person = self.person(tx, vault)?;
        let sought = Sought {
            person,
            kinds: self.group.map(Group::kinds).unwrap_or_default(),
            from: self.from.map(Day::start),
            until: self.to.map(|day| day.plus(1).start()),
        };
        let end = head_pos(tx)? + 1;
        let before = match sought.until {
            Some(until) => position_at(tx, until.plus_minutes(SLACK_MINUTES))?,
            None => end,
        };
        let floor = match sought.from {
            Some(from) => position_at(tx, from.plus_minutes(-SLACK_MINUTES))?,
            None => 1,
        };
        let before = self.before.map_or(before, |asked| asked.clamp(1, before));
        Ok(Asked { sought, orgs, org, floor, before })
    }

    fn organisation(&self, tx: &mut Tx) -> Outcome<Option<Organisation>> {
        if self.org.is_empty() {
            return Ok(None);
        }
        let found = match self.org.parse::<Id<Org>>() {
            Ok(id) => network::org(tx, id)?,
            Err(_) => {
                let filter = OrgFilter { search: self.org.clone(), closed: true, ..OrgFilter::default() };
                network::search_orgs(tx, &filter, &PageRequest::first(1))?.rows.into_iter().next()
            }
        };
        found.map(Some).ok_or_else(|| Error::new(&NO_SUCH_ORG))
    }

    /// A person by phone, card or identifier.
    fn person(&self, tx: &mut Tx, vault: &Vault) -> Outcome<Option<Id<Person>>> {
        if self.person.is_empty() {
            return Ok(None);
        }
        find_person(tx, vault, &self.person)?.map(Some).ok_or_else(|| Error::new(&NO_SUCH_PERSON))
    }
}

/// Who has this telephone number, card or identifier.
pub(super) fn find_person(tx: &mut Tx, vault: &Vault, typed: &str) -> Outcome<Option<Id<Person>>> {
    if let Ok(id) = typed.parse::<Id<Person>>() {
        return Ok(Some(id));
    }
    match typed.parse() {
        Ok(phone) => people::person_by_phone(tx, vault, &phone),
        Err(_) => people::person_by_card(tx, vault, typed),
    }
}

fn actor_of(fact: &Recorded) -> Option<Id<Person>> {
    match Actor::read_helper(&fact.actor) {
        Some((helper, _)) => Some(helper),
        None => fact.actor.strip_prefix("person:")?.parse().ok(),
    }
}

fn who(cx: &Cx, fact: &Recorded, names: &HashMap<Id<Person>, String>) -> String {
    match actor_of(fact) {
        Some(person) => {
            let name = names.get(&person).cloned().unwrap_or_else(|| cx.t("governance-erased"));
            // Whom she acted for stands among the words of the fact.
            if Actor::read_helper(&fact.actor).is_some() {
                cx.t1("governance-helper", "name", name)
            } else {
                name
            }
        }
        None => match fact.actor.strip_prefix("system:") {
            Some(name) => cx.t1("governance-system", "name", name),
            None => cx.t("governance-nobody"),
        },
    }
}

/// A fact in words.
fn what(cx: &Cx, fact: &Recorded) -> String {
    if !KINDS.contains(&fact.kind.as_str()) {
        return fact.kind.clone();
    }
    let kind = cx.tk("governance-kind", &fact.kind.replace(['.', '_'], "-"));
    if fact.kind == people::facts::NAMES_READ
        && let Ok(read) = fact.payload::<people::facts::NamesRead>()
        && ReadAs::ALL.iter().any(|way| way.as_str() == read.what)
    {
        let way = cx.tk("governance-read", &read.what);
        return if read.people == 0 {
            format!("{kind} · {way}")
        } else {
            format!("{kind} · {way} · {}", cx.t1("governance-people", "n", read.people))
        };
    }
    if let Ok(change) = fact.payload::<people::facts::RoleChanged>()
        && let Some(role) = change.role()
    {
        return format!("{kind} · {}", cx.tk("governance-role", role.as_str()));
    }
    kind
}
