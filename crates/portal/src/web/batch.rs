//! `/desk/offers/bulk` and `/desk/batches`: one thing done to many offers, looked at before and undone after.

use std::collections::HashMap;

use askama::Template;
use catalog::{Audience, BAD_COST, COST_FEN_MAX, Offer, OfferId, OfferListFilter, OfferWas, Subject};
use kernel::{Actor, Error, Id, Org, Person, Result as Outcome, Right};
use people::Vault;
use store::{Store, Tx};
use web::{Access, Choice, Cx, Form, FormState, Path, Routes, WebError};

use crate::batch::{
    BATCH_AT_ONCE, BATCH_OFFERS_MAX, BATCH_TOO_LARGE, Batch, BatchAction, BatchId, BatchLine, Count,
    NOTHING_CHOSEN, Stage, Tab, batches, counts, draw_up, items, order_batch, run_batch, see_batch,
    undo_batch,
};

/// Offers on a page of a batch.
const PAGE: usize = 50;
/// Offers that are read at once where all of a list are meant.
const READ_AT_ONCE: usize = 500;
/// Batches on a page.
const BATCHES: usize = 30;
/// Who manages offers anywhere comes in; each command asks for the concrete organisation.
const STAFF: Access = Access::Right(Right::ManageOffers);

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/desk/offers/bulk", STAFF, choose)
        .get("/desk/batches", STAFF, list)
        .get("/desk/batches/{batch}", STAFF, show)
        .post("/desk/batches/{batch}/order", STAFF, order)
        .post("/desk/batches/{batch}/undo", STAFF, undo)
}

/// The offers that were chosen on a list: those that were ticked, or all that the list has.
#[derive(Clone)]
struct Chosen {
    picks: Vec<String>,
    all: bool,
    /// The part of the list's address behind the question mark.
    list: String,
}

impl Chosen {
    fn read(form: &Form) -> Self {
        Self {
            picks: form.all("pick").into_iter().map(str::to_owned).collect(),
            all: form.checkbox("all"),
            list: form.raw("list").to_owned(),
        }
    }

    /// Their identifiers; some more than a batch takes, if there are so many.
    fn offers(&self, store: &Store, actor: &Actor) -> Outcome<Vec<OfferId>> {
        if !self.all {
            return Ok(self.picks.iter().filter_map(|id| id.parse().ok()).collect());
        }
        let filter: OfferListFilter = self.list.parse().unwrap_or_default();
        let mut offers: Vec<OfferId> = Vec::new();
        loop {
            let (actor, filter, after) = (actor.clone(), filter.clone(), offers.last().copied());
            let part = store.read_blocking(move |tx| {
                catalog::offers_matching(tx, &actor, &filter, after, READ_AT_ONCE)
            })?;
            let whole = part.len() == READ_AT_ONCE;
            offers.extend(part);
            if !whole || offers.len() > BATCH_OFFERS_MAX {
                return Ok(offers);
            }
        }
    }
}

#[derive(Template)]
#[template(path = "batch_choose.html")]
struct ChoosePage<'a> {
    cx: &'a Cx,
    form: FormState,
    chosen: &'a Chosen,
    offers: usize,
    back: String,
    actions: Vec<Choice>,
    audiences: Vec<Choice>,
    subjects: Vec<Choice>,
}

/// Takes the offers that were chosen on the list; the first time it asks what is to be done, the second time it draws the batch up.
async fn choose(cx: Cx, mut form: Form) -> web::Result {
    let chosen = Chosen::read(&form);
    let asked = !form.all("action").is_empty();
    let action = if asked { read_action(&mut form) } else { None };
    let (store, actor, wanted) = (cx.store.clone(), cx.actor.clone(), chosen.clone());
    let valid = form.finish();
    let work = move || {
        let offers = wanted.offers(&store, &actor)?;
        let checked = valid.and_then(|()| {
            if offers.is_empty() {
                return Err(Error::new(&NOTHING_CHOSEN));
            }
            if offers.len() > BATCH_OFFERS_MAX {
                return Err(Error::new(&BATCH_TOO_LARGE).arg("max", BATCH_OFFERS_MAX));
            }
            action.map(|action| draw_up(&store, &actor, &action, &offers)).transpose()
        });
        Ok::<_, Error>((offers.len(), checked))
    };
    let (offers, done) = beside(work).await??;
    let state = match done {
        Ok(Some(batch)) => return Ok(cx.redirect(&format!("/desk/batches/{batch}"))),
        Ok(None) => FormState::new(&cx).with("action", "publish"),
        Err(error) => form.state(&cx, error)?,
    };
    let refused = state.refused();
    let subjects = cx.store.read(catalog::subjects).await?;
    let page = choose_page(&cx, &chosen, offers, state, &subjects);
    if refused { cx.invalid(&page) } else { cx.page(&page) }
}

/// Runs what reads and writes in several transactions on a thread that may wait.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::bug("work was broken off").caused_by(error))
}

/// What is to be done; `None` notes what is wrong.
fn read_action(form: &mut Form) -> Option<BatchAction> {
    match form.choice::<Word>("action")?.0 {
        "publish" => Some(BatchAction::Publish),
        "withdraw" => Some(BatchAction::Withdraw),
        "audience" => form.choice("audience").map(BatchAction::Audience),
        "subject" => {
            let code = form.raw("subject").to_owned();
            // Subjects are never taken away; whether there is this one is asked when the offers are changed, as always.
            let plain = code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
            if !plain {
                form.wrong("subject", if code.is_empty() { &kernel::REQUIRED } else { &kernel::BAD_CHOICE });
            }
            plain.then_some(BatchAction::Subject(code))
        }
        _ => {
            // An empty price is no free one here: it would be set for all of them.
            if form.raw("cost").is_empty() {
                form.wrong("cost", &kernel::REQUIRED);
                return None;
            }
            let fen = catalog::fen(form.raw("cost")).filter(|fen| (0..=COST_FEN_MAX).contains(fen));
            if fen.is_none() {
                form.wrong("cost", &BAD_COST);
            }
            fen.map(BatchAction::Cost)
        }
    }
}

/// A word of [`BatchAction::WORDS`].
struct Word(&'static str);

impl std::str::FromStr for Word {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        BatchAction::WORDS.into_iter().find(|word| *word == text).map(Word).ok_or(())
    }
}

fn choose_page<'a>(
    cx: &'a Cx,
    chosen: &'a Chosen,
    offers: usize,
    form: FormState,
    subjects: &[Subject],
) -> ChoosePage<'a> {
    let field = |subject: &Subject| {
        subjects
            .iter()
            .find(|field| Some(&field.code) == subject.parent.as_ref())
            .map_or_else(String::new, |field| format!("{} › ", field.name))
    };
    let subject =
        |subject: &Subject| Choice::new(&subject.code, format!("{}{}", field(subject), subject.name));
    ChoosePage {
        form: form.labels(
            cx,
            &[
                ("action", "portal-batch-what"),
                ("audience", "portal-batch-audience"),
                ("cost", "portal-batch-cost"),
                ("subject", "portal-batch-subject"),
            ],
        ),
        cx,
        chosen,
        offers,
        back: if chosen.list.is_empty() {
            "/desk/offers".to_owned()
        } else {
            format!("/desk/offers?{}", chosen.list)
        },
        actions: BatchAction::WORDS
            .into_iter()
            .map(|word| Choice::new(word, cx.tk("portal-batch-do", word)))
            .collect(),
        audiences: Audience::ALL.iter().map(|each| Choice::new(each, cx.t(&each.message_key()))).collect(),
        subjects: subjects.iter().filter(|one| one.parent.is_some()).map(subject).collect(),
    }
}

/// Words of what a batch does, and of what offers are.
struct Words<'a> {
    cx: &'a Cx,
    subjects: HashMap<String, String>,
}

impl Words<'_> {
    /// What is done, with what it sets.
    fn doing(&self, action: &BatchAction) -> String {
        match action {
            BatchAction::Publish | BatchAction::Withdraw => self.cx.tk("portal-batch-do", action.word()),
            BatchAction::Audience(audience) => {
                self.cx.t1("portal-batch-set-audience", "to", self.cx.t(&audience.message_key()))
            }
            BatchAction::Cost(fen) => self.cx.t1("portal-batch-set-cost", "to", self.cost(*fen)),
            BatchAction::Subject(code) => self.cx.t1("portal-batch-set-subject", "to", self.subject(code)),
        }
    }

    fn subject(&self, code: &str) -> String {
        self.subjects.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }

    fn cost(&self, fen: i64) -> String {
        if fen == 0 {
            self.cx.t("catalog-free")
        } else {
            self.cx.t1("catalog-yuan", "amount", web::list::view::yuan(fen))
        }
    }

    /// What the action concerns, before and after.
    fn change(&self, action: &BatchAction, was: &OfferWas) -> (String, String) {
        let of = |offer: &OfferWas| match action {
            BatchAction::Publish | BatchAction::Withdraw => self.cx.t(&offer.status.message_key()),
            BatchAction::Audience(_) => self.cx.t(&offer.words.audience.message_key()),
            BatchAction::Cost(_) => self.cost(offer.words.cost_fen),
            BatchAction::Subject(_) => self.subject(&offer.words.subject_code),
        };
        (of(was), of(&action.applied(was)))
    }

    /// A refusal in words.
    fn reason(&self, reason: &str) -> String {
        let (code, field) = reason.split_once(':').unwrap_or((reason, ""));
        if code == kernel::REQUIRED.name {
            return match field {
                "summary" => self.cx.t("portal-batch-no-summary"),
                "body" => self.cx.t("portal-batch-no-body"),
                _ => self.cx.t("portal-batch-incomplete"),
            };
        }
        if code == kernel::DENIED.name {
            return self.cx.t("portal-batch-no-right");
        }
        if code == kernel::MISSING.name {
            return self.cx.t("portal-batch-not-there");
        }
        if code == kernel::CHANGED.name {
            return self.cx.t("portal-batch-changed-since");
        }
        self.cx.t(&format!("error-{}", code.replace(['.', '_'], "-")))
    }
}

/// An offer of a batch on the page.
struct Line {
    id: OfferId,
    title: String,
    org: String,
    /// Whether it may be opened: who made the batch has the right there.
    open: bool,
    state: String,
    before: String,
    after: String,
    reason: String,
}

/// A tab over the offers.
struct TabLink {
    label: String,
    href: String,
    count: i64,
    current: bool,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    batch: &'a Batch,
    doing: String,
    made_by: String,
    undone_by: String,
    all: i64,
    changing: i64,
    changed: i64,
    undone: i64,
    kept: i64,
    refused: i64,
    /// Refusals in words, each with its number.
    why: Vec<(String, i64)>,
    tabs: Vec<TabLink>,
    lines: Vec<Line>,
    next: Option<String>,
    first: bool,
    mine: bool,
    undo_until: Option<String>,
}

impl Page<'_> {
    fn preview(&self) -> bool {
        self.batch.state == Stage::Preview
    }

    fn busy(&self) -> bool {
        matches!(self.batch.state, Stage::Running | Stage::Undoing)
    }

    fn ended(&self) -> bool {
        matches!(self.batch.state, Stage::Done | Stage::Undone)
    }

    /// Offers that were gone through, of all that are to be.
    fn progress(&self) -> (i64, i64) {
        match self.batch.state {
            Stage::Undoing => (self.undone + self.kept, self.undone + self.kept + self.changed),
            _ => (self.all - self.changing, self.all),
        }
    }
}

/// What the page reads.
struct Loaded {
    batch: Batch,
    counts: Vec<Count>,
    items: Vec<crate::batch::Item>,
    offers: HashMap<OfferId, Offer>,
    orgs: HashMap<Id<Org>, String>,
    names: HashMap<Id<Person>, String>,
    subjects: HashMap<String, String>,
}

fn load(tx: &mut Tx, vault: &Vault, actor: &Actor, id: BatchId, tab: Tab, after: i64) -> Outcome<Loaded> {
    let batch = see_batch(tx, actor, id)?;
    if batch.state == Stage::Making {
        return Err(Error::missing());
    }
    let items = items(tx, id, tab, after, PAGE + 1)?;
    let ids: Vec<OfferId> = items.iter().map(|item| item.offer_id).collect();
    let offers = catalog::offers_by_ids(tx, &ids)?;
    let orgs: Vec<Id<Org>> = offers.values().map(|offer| offer.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &orgs)?.into_iter().map(|(id, org)| (id, org.name)).collect();
    let people: Vec<Id<Person>> = [Some(batch.person_id), batch.undone_by].into_iter().flatten().collect();
    Ok(Loaded {
        counts: counts(tx, id)?,
        names: people::names(tx, vault, &people)?,
        subjects: catalog::subjects(tx)?.into_iter().map(|subject| (subject.code, subject.name)).collect(),
        batch,
        items,
        offers,
        orgs,
    })
}

async fn show(cx: Cx, Path(id): Path<BatchId>) -> web::Result {
    shown(&cx, id, None).await
}

async fn shown(cx: &Cx, id: BatchId, refused: Option<FormState>) -> web::Result {
    let (tab, after) = (Tab::read(cx.param("show")), cx.param_as::<i64>("after"));
    let (vault, actor, from) = (cx.get::<Vault>()?, cx.actor.clone(), after.unwrap_or(-1));
    let mut loaded = cx.store.read(move |tx| load(tx, &vault, &actor, id, tab, from)).await?;
    let more = loaded.items.len() > PAGE;
    loaded.items.truncate(PAGE);
    let next = loaded.items.last().filter(|_| more).map(|item| item.n);
    let words = Words { cx, subjects: std::mem::take(&mut loaded.subjects) };
    let action = loaded.batch.doing()?;
    let sum = |states: &[&str]| {
        let fits = loaded.counts.iter().filter(|count| states.contains(&count.state.as_str()));
        fits.map(|count| count.offers).sum::<i64>()
    };
    let why = loaded
        .counts
        .iter()
        .filter(|count| ["unfit", "refused", "kept"].contains(&count.state.as_str()))
        .filter_map(|count| Some((words.reason(count.reason.as_deref()?), count.offers)))
        .collect();
    let undoing = matches!(loaded.batch.state, Stage::Undoing | Stage::Undone);
    let shown: &[Tab] = if undoing {
        &[Tab::All, Tab::Undone, Tab::Kept, Tab::Changed, Tab::Refused]
    } else {
        &[Tab::All, Tab::Changed, Tab::Refused]
    };
    let tabs = shown
        .iter()
        .map(|each| TabLink {
            label: match each {
                Tab::All => cx.t("portal-batch-tab-all"),
                Tab::Changed if loaded.batch.state == Stage::Preview => cx.t("portal-batch-tab-planned"),
                Tab::Refused if loaded.batch.state == Stage::Preview => cx.t("portal-batch-tab-unfit"),
                _ => cx.tk("portal-batch-tab", each.as_str()),
            },
            href: cx.url_with_all(&[("show", each.as_str()), ("after", "")]),
            count: sum(each.states()),
            current: *each == tab,
        })
        // An empty tab is shown only where one stands on it.
        .filter(|link| link.count > 0 || link.current)
        .collect();
    let lines = loaded.items.iter().map(|item| line(&words, &loaded, &action, item)).collect();
    let name = |id: Option<Id<Person>>| {
        id.map_or_else(String::new, |id| {
            loaded.names.get(&id).cloned().unwrap_or_else(|| cx.t("portal-batch-somebody"))
        })
    };
    let mine = cx.person() == Some(loaded.batch.person_id);
    let undo_until = loaded.batch.undo_until().filter(|until| *until >= cx.now);
    let bad = refused.is_some();
    let page = Page {
        cx,
        form: refused.unwrap_or_else(|| FormState::new(cx)),
        doing: words.doing(&action),
        made_by: name(Some(loaded.batch.person_id)),
        undone_by: name(loaded.batch.undone_by),
        all: sum(Tab::All.states()),
        changing: sum(&["planned"]),
        changed: sum(&["done"]),
        undone: sum(&["undone"]),
        kept: sum(&["kept"]),
        refused: sum(Tab::Refused.states()),
        why,
        tabs,
        lines,
        next: next.map(|n| cx.url_with("after", n)),
        first: after.is_none(),
        mine,
        undo_until: undo_until.map(|until| cx.datetime(&until)),
        batch: &loaded.batch,
    };
    if bad { cx.invalid(&page) } else { cx.page(&page) }
}

fn line(words: &Words, loaded: &Loaded, action: &BatchAction, item: &crate::batch::Item) -> Line {
    // Of what the maker may not manage only that it is published was known, and that says the title.
    let known = loaded.offers.get(&item.offer_id);
    let seen = known.filter(|_| item.org_id.is_some() || item.reason.as_deref() == Some(kernel::DENIED.name));
    let was = item
        .was
        .as_deref()
        .and_then(|text| serde_json::from_str::<OfferWas>(text).ok())
        .or_else(|| known.filter(|_| item.state == "planned").map(OfferWas::from));
    let (before, after) = was.map_or_else(Default::default, |was| words.change(action, &was));
    Line {
        id: item.offer_id,
        title: seen.map_or_else(|| "—".to_owned(), |offer| offer.title.clone()),
        org: seen.and_then(|offer| loaded.orgs.get(&offer.org_id)).cloned().unwrap_or_default(),
        open: item.org_id.is_some(),
        state: item.state.clone(),
        before,
        after,
        reason: item.reason.as_deref().map_or_else(String::new, |reason| words.reason(reason)),
    }
}

async fn order(cx: Cx, Path(id): Path<BatchId>, form: Form) -> web::Result {
    let actor = cx.actor.clone();
    let done = cx.store.write("portal.order_batch", move |tx| order_batch(tx, &actor, id)).await;
    finish(&cx, id, form, done, "portal-batch-ordered").await
}

async fn undo(cx: Cx, Path(id): Path<BatchId>, form: Form) -> web::Result {
    let actor = cx.actor.clone();
    let done = cx.store.write("portal.undo_batch", move |tx| undo_batch(tx, &actor, id)).await;
    finish(&cx, id, form, done, "portal-batch-undoing").await
}

/// A few offers are gone through at once; with more the page tells how far it is.
async fn finish(cx: &Cx, id: BatchId, form: Form, done: Outcome<i64>, words: &str) -> web::Result {
    match done {
        Ok(offers) => {
            if offers <= BATCH_AT_ONCE {
                let store = cx.store.clone();
                // Should it fail, the job goes on with the rest.
                if let Err(error) = beside(move || run_batch(&store, id)).await? {
                    tracing::warn!(?error, "a batch goes on behind");
                }
            }
            Ok(cx.done(&format!("/desk/batches/{id}"), &cx.t1(words, "n", offers)))
        }
        Err(error) => {
            let state: Result<FormState, WebError> = form.state(cx, error);
            shown(cx, id, Some(state?)).await
        }
    }
}

#[derive(Template)]
#[template(path = "batches.html")]
struct ListPage<'a> {
    cx: &'a Cx,
    /// Batches with what they do and who made them.
    lines: Vec<(BatchLine, String, String)>,
    next: Option<String>,
    first: bool,
}

async fn list(cx: Cx) -> web::Result {
    let before = cx.param_as::<BatchId>("before").map(|id| id.to_string());
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let from = before.clone().unwrap_or_else(|| "g".to_owned());
    let (mut rows, names, subjects) = cx
        .store
        .read(move |tx| {
            let rows = batches(tx, &actor, &from, BATCHES + 1)?;
            let people: Vec<Id<Person>> = rows.iter().map(|row| row.person_id).collect();
            Ok((rows, people::names(tx, &vault, &people)?, catalog::subjects(tx)?))
        })
        .await?;
    let more = rows.len() > BATCHES;
    rows.truncate(BATCHES);
    let next = rows.last().filter(|_| more).map(|row| cx.url_with("before", row.batch_id));
    let subjects = subjects.into_iter().map(|subject| (subject.code, subject.name)).collect();
    let words = Words { cx: &cx, subjects };
    let lines = rows
        .into_iter()
        .map(|row| {
            let doing = BatchAction::read(&row.action, &row.value)?;
            let name = names.get(&row.person_id).cloned();
            Ok((row, words.doing(&doing), name.unwrap_or_else(|| cx.t("portal-batch-somebody"))))
        })
        .collect::<Outcome<Vec<_>>>()?;
    cx.page(&ListPage { cx: &cx, lines, next, first: before.is_none() })
}
