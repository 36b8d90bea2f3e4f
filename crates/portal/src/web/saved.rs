//! `/me/searches`: what a resident wants to be told of.

use std::collections::HashMap;

use ::search::Hits;
use askama::Template;
use catalog::Offer;
use kernel::Result as Outcome;
use people::Vault;
use store::Tx;
use web::{Access, Cx, Form, FormState, Path, Routes};

use super::search::replaced;
use crate::{
    Finder, SAVED_SEARCHES_MAX,
    asked::{Asked, SLOTS, WHENS},
    lists::districts,
    saved::{
        SavedSearchId, mine, open_saved, remove_search, save_search, saved_as, set_messages, stop_messages,
        stopping,
    },
};

/// New offers that are named for each search; the search itself shows all.
const SHOWN: usize = 5;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/searches", Access::SignedIn, list)
        .post("/me/searches", Access::SignedIn, save)
        .get("/me/searches/new", Access::SignedIn, confirm)
        .post("/me/searches/messages", Access::SignedIn, messages)
        .get("/me/searches/{search}", Access::SignedIn, open)
        .post("/me/searches/{search}/remove", Access::SignedIn, remove)
        // Who follows the address in a message need not sign in to end the messages.
        .get("/me/searches/stop/{key}", Access::Public, stop)
        .post("/me/searches/stop/{key}", Access::Public, stop_now)
}

/// What the page of hits says about being told of new ones.
pub(super) struct Bell {
    /// Parameters of the search that would be saved.
    pub fields: Vec<(&'static str, String)>,
    /// Where somebody who is not signed in goes; empty for who is.
    pub door: String,
    /// Whether she has saved it already.
    pub saved: bool,
}

impl Bell {
    /// For a search that asks for something. Where words were guessed, what they were taken for is what would be saved.
    pub async fn of(cx: &Cx, asked: &Asked, hits: &Hits) -> Outcome<Option<Self>> {
        let mut meant = asked.clone();
        for guess in &hits.guesses {
            if let Some(word) = guess.taken.first() {
                meant.q = replaced(&meant.q, &guess.typed, word);
            }
        }
        if meant.is_empty() {
            return Ok(None);
        }
        let fields =
            meant.pairs().into_iter().map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>();
        let Some(person) = cx.person() else {
            return Ok(Some(Self { fields, door: meant.at("/me/searches/new"), saved: false }));
        };
        let vault = cx.get::<Vault>()?;
        let saved = cx.store.read(move |tx| saved_as(tx, &vault, person, &meant)).await?;
        Ok(Some(Self { fields, door: String::new(), saved }))
    }
}

/// Words by which filters are named.
struct Names {
    districts: HashMap<String, String>,
    subjects: HashMap<String, String>,
}

impl Names {
    fn load(tx: &mut Tx) -> Outcome<Self> {
        Ok(Self {
            districts: districts(tx)?.into_iter().map(|(code, name)| (code.to_string(), name)).collect(),
            subjects: catalog::subjects(tx)?
                .into_iter()
                .map(|subject| (subject.code, subject.name))
                .collect(),
        })
    }

    /// The filters of a search in words.
    fn tags(&self, cx: &Cx, asked: &Asked) -> Vec<String> {
        let mut tags = Vec::new();
        tags.extend(self.districts.get(&asked.district).cloned());
        tags.extend(WHENS.contains(&asked.when.as_str()).then(|| cx.tk("portal-when", &asked.when)));
        tags.extend(asked.kind.map(|kind| cx.t(&kind.message_key())));
        tags.extend(asked.free.then(|| cx.t("portal-free")));
        tags.extend(asked.seats.then(|| cx.t("portal-with-seats")));
        tags.extend(asked.chosen.iter().filter_map(|(name, value)| match *name {
            "subject" => self.subjects.get(value).cloned(),
            "audience" => value.parse::<catalog::Audience>().ok().map(|one| cx.t(&one.message_key())),
            "cost" => ["free", "paid"].contains(&value.as_str()).then(|| cx.tk("portal", value)),
            _ => SLOTS.contains(&value.as_str()).then(|| cx.tk("portal-slot", value)),
        }));
        tags
    }

    /// Words and filters in one line.
    fn title(&self, cx: &Cx, asked: &Asked) -> String {
        let tags = self.tags(cx, asked).join(" · ");
        match (asked.q.trim(), tags.as_str()) {
            ("", tags) => tags.to_owned(),
            (words, "") => words.to_owned(),
            (words, tags) => format!("{words} · {tags}"),
        }
    }
}

/// A saved search on the page.
struct Line {
    id: SavedSearchId,
    title: String,
    since: String,
    new: Vec<Offer>,
    more: usize,
    count: usize,
}

#[derive(Template)]
#[template(path = "saved.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    lines: Vec<Line>,
    messages: bool,
    most: usize,
}

impl Page<'_> {
    fn full(&self) -> bool {
        self.lines.len() >= self.most
    }
}

async fn list(cx: Cx) -> web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let (mine, names) = cx.store.read(move |tx| Ok((mine(tx, &vault, person)?, Names::load(tx)?))).await?;
    let lines = mine.searches.into_iter().map(|(saved, mut new)| {
        let count = new.len();
        new.truncate(SHOWN);
        Line {
            id: saved.search_id,
            title: names.title(&cx, &saved.asked),
            since: cx.date(&saved.created_at),
            more: count - new.len(),
            new,
            count,
        }
    });
    let (lines, messages) = (lines.collect(), mine.messages);
    cx.page(&Page { cx: &cx, form: FormState::new(&cx), lines, messages, most: SAVED_SEARCHES_MAX })
}

#[derive(Template)]
#[template(path = "saved_new.html")]
struct New<'a> {
    cx: &'a Cx,
    form: FormState,
    title: String,
    fields: Vec<(&'static str, String)>,
    back: String,
}

/// Where somebody arrives who was sent to sign in: one button saves what she asked for.
async fn confirm(cx: Cx) -> web::Result {
    let asked = Asked::read(|name| cx.param(name));
    if asked.is_empty() {
        return Ok(cx.redirect("/search"));
    }
    cx.page(&new_page(&cx, &asked, FormState::new(&cx)).await?)
}

async fn new_page<'a>(cx: &'a Cx, asked: &Asked, form: FormState) -> Outcome<New<'a>> {
    let names = cx.store.read(Names::load).await?;
    let fields = asked.pairs().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    Ok(New { cx, form, title: names.title(cx, asked), fields, back: asked.at("/search") })
}

async fn save(cx: Cx, form: Form) -> web::Result {
    let (person, vault, finder) = (cx.signed_in()?, cx.get::<Vault>()?, cx.get::<Finder>()?);
    let asked = Asked::read(|name| form.raw(name));
    let (lang, since, wanted) = (cx.lang, finder.position(), asked.clone());
    let done = cx
        .store
        .write("portal.save_search", move |tx| save_search(tx, &vault, person, lang, &wanted, since))
        .await;
    match done {
        Ok(fresh) => {
            let words = if fresh { "portal-saved-done" } else { "portal-saved-known" };
            Ok(cx.done("/me/searches", &cx.t(words)))
        }
        Err(error) => {
            let state = form.state(&cx, error)?;
            let page = new_page(&cx, &asked, state).await?;
            cx.invalid(&page)
        }
    }
}

/// Opens the very search by its address, and notes that its new hits were seen.
async fn open(cx: Cx, Path(search): Path<SavedSearchId>) -> web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let asked =
        cx.store.write("portal.open_search", move |tx| open_saved(tx, &vault, person, search)).await?;
    Ok(cx.redirect(&asked.at("/search")))
}

async fn remove(cx: Cx, Path(search): Path<SavedSearchId>, _form: Form) -> web::Result {
    let person = cx.signed_in()?;
    cx.store.write("portal.remove_search", move |tx| remove_search(tx, person, search)).await?;
    Ok(cx.done("/me/searches", &cx.t("portal-saved-removed")))
}

async fn messages(cx: Cx, form: Form) -> web::Result {
    let (person, on) = (cx.signed_in()?, form.checkbox("on"));
    cx.store.write("portal.search_messages", move |tx| set_messages(tx, person, on)).await?;
    let words = if on { "portal-saved-messages-on" } else { "portal-saved-messages-off" };
    Ok(cx.done("/me/searches", &cx.t(words)))
}

#[derive(Template)]
#[template(path = "saved_stop.html")]
struct Stop<'a> {
    cx: &'a Cx,
    form: FormState,
    key: &'a str,
    stopped: bool,
}

async fn stop(cx: Cx, Path(key): Path<String>) -> web::Result {
    let asked = key.clone();
    let found = cx.store.read(move |tx| stopping(tx, &asked)).await?;
    cx.page(&Stop { cx: &cx, form: FormState::new(&cx), key: &key, stopped: found.muted })
}

async fn stop_now(cx: Cx, Path(key): Path<String>, _form: Form) -> web::Result {
    let asked = key.clone();
    cx.store.write("portal.stop_messages", move |tx| stop_messages(tx, &asked)).await?;
    Ok(cx.redirect(&format!("/me/searches/stop/{key}")))
}
