//! Notices as lists.

use std::{collections::HashMap, sync::Arc};

use kernel::{Id, Org};
use network::{Organisation, access};
use store::Tx;
use web::{
    Choice, Cx, Path, i18n,
    list::{
        Action, Cell, Count, List, Query, Reader, Row, Slice, Spec,
        view::{Filter, View, load},
    },
};

use crate::{
    Came, INBOX, NoticeId, PLACES, PlaceLine, Progress, RIGHT, SENT, SentLine, Sight, State, Status, Wants,
    count_came, count_places, count_sent, lists, progress_of, seen,
};

/// What came to the reader's own places.
#[derive(Debug)]
struct CameList;

/// Sentences in the reader's language.
type Say<'a> = &'a dyn Fn(&str) -> String;

fn names(tx: &mut Tx, ids: impl Iterator<Item = Id<Org>>) -> kernel::Result<HashMap<Id<Org>, Organisation>> {
    let mut ids: Vec<Id<Org>> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    network::orgs_by_ids(tx, &ids)
}

fn name_of(orgs: &HashMap<Id<Org>, Organisation>, id: Id<Org>) -> Cell {
    Cell::of(orgs.get(&id), |org| Cell::Text(org.name.clone()))
}

impl List for CameList {
    fn spec(&self) -> &'static Spec {
        &INBOX
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> kernel::Result<Slice<Row>> {
        let slice = lists::came(tx, reader.actor, query)?;
        let orgs = names(tx, slice.rows.iter().flat_map(|line| [line.org_id, line.sender]))?;
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let today = tx.now().day();
        let cell = |line: &Came, column: &str| match column {
            "title" => Cell::Link {
                text: line.title.clone(),
                href: format!("/desk/notices/for/{}/{}", line.org_id, line.notice_id),
            },
            "state" if line.is_overdue(today) => {
                Cell::Tag { text: say("notices-state-overdue"), class: "error" }
            }
            "state" => came_state(line, &say),
            "due" => Cell::of(line.due_on, Cell::Day),
            "place" => name_of(&orgs, line.org_id),
            "sender" => name_of(&orgs, line.sender),
            "wants" => Cell::Text(say(wants_key(line.wants))),
            "sent" => Cell::of(line.sent_at, Cell::Moment),
            "reminded" if line.is_waiting() => Cell::of(line.reminded_at, Cell::Moment),
            _ => Cell::Empty,
        };
        Ok(slice.lines(query, |line| line.notice_id.to_string(), cell))
    }

    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> kernel::Result<Count> {
        count_came(tx, reader.actor, query, most)
    }
}

fn came_state(line: &Came, say: Say) -> Cell {
    let (key, class) = match (line.status, line.state) {
        (Status::Withdrawn, _) => ("notices-status-withdrawn", ""),
        (_, State::Done) if line.wants == Wants::Receipt => ("notices-state-read", "ok"),
        (_, State::Done) => ("notices-state-done", "ok"),
        (Status::Closed, _) => ("notices-status-closed", ""),
        (_, State::Returned) => ("notices-state-returned", "error"),
        (_, State::Waiting) if line.opened_at.is_none() => ("notices-state-new", "warn"),
        (_, State::Waiting) => ("notices-state-waiting", "warn"),
    };
    Cell::Tag { text: say(key), class }
}

fn wants_key(wants: Wants) -> &'static str {
    match wants {
        Wants::Receipt => "notices-wants-receipt",
        Wants::Table => "notices-wants-table",
    }
}

/// `/desk/notices?state=…&org=…&after=…`
pub(super) async fn came(cx: Cx) -> web::Result {
    let query = Query::read(&INBOX, cx.params());
    let held = access::held_at(&cx.actor, RIGHT);
    let more = move |tx: &mut Tx| names(tx, held.iter().copied());
    let (slice, count, orgs) = load(&cx, Arc::new(CameList), &query, more).await?;
    let states = [
        ("open", "notices-filter-open"),
        ("overdue", "notices-filter-overdue"),
        ("done", "notices-filter-done"),
        ("ended", "notices-filter-ended"),
    ];
    let mut places: Vec<Choice> = orgs.values().map(|org| Choice::new(org.org_id, &org.name)).collect();
    places.sort_by(|a, b| a.label.cmp(&b.label));
    let wants = Wants::ALL.iter().map(|each| Choice::new(each, cx.t(wants_key(*each))));
    let mut filters = vec![
        Filter::choice(
            "state",
            cx.t("notices-list-state"),
            states.map(|(word, key)| Choice::new(word, cx.t(key))).to_vec(),
        ),
        Filter::choice("wants", cx.t("notices-list-wants"), wants.collect()),
    ];
    if places.len() > 1 {
        filters.push(Filter::choice("org", cx.t("notices-list-place"), places));
    }
    let view = View {
        cx: &cx,
        query: &query,
        path: "/desk/notices".to_owned(),
        title: cx.t("notices-inbox"),
        lead: cx.t("notices-inbox-lead"),
        crumbs: Vec::new(),
        actions: vec![
            Action { href: "/desk/notices/sent".to_owned(), label: cx.t("notices-sent") },
            Action { href: "/desk/notices/new".to_owned(), label: cx.t("notices-new") },
        ],
        filters,
        search: cx.t("notices-search"),
        slice,
        count,
        counted: ["notices-count", "notices-count-more"],
        nothing: cx.t("notices-inbox-none"),
        beginning: &[],
        pick: None,
        export: None,
    };
    view.page()
}

/// What was sent, or came from above to places below.
#[derive(Debug)]
struct SentList;

impl List for SentList {
    fn spec(&self) -> &'static Spec {
        &SENT
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> kernel::Result<Slice<Row>> {
        let slice = lists::sent(tx, reader.actor, query)?;
        let orgs = names(tx, slice.rows.iter().map(|line| line.org_id))?;
        let ids: Vec<NoticeId> = slice.rows.iter().map(|line| line.notice_id).collect();
        let counts: HashMap<NoticeId, Progress> = if query.filter("whose") == "above" {
            // Of what came from above, only one's own part is counted.
            let mut own = HashMap::new();
            for id in ids {
                let (_, sight) = seen(tx, reader.actor, id)?;
                own.insert(id, crate::progress(tx, id, &sight)?);
            }
            own
        } else {
            progress_of(tx, &ids)?.into_iter().collect()
        };
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let today = tx.now().day();
        let number = |line: &SentLine, of: fn(&Progress) -> i64| {
            Cell::of(counts.get(&line.notice_id), |progress| Cell::Number(of(progress)))
        };
        let cell = |line: &SentLine, column: &str| match column {
            "title" => Cell::Link {
                text: line.title.clone(),
                href: format!("/desk/notices/sent/{}", line.notice_id),
            },
            "status" if line.status == Status::Sent && line.due_on.is_some_and(|due| due < today) => {
                Cell::Tag { text: say("notices-status-overdue"), class: "warn" }
            }
            "status" => Cell::Tag {
                text: say(status_key(line.status)),
                class: if line.status == Status::Sent { "ok" } else { "" },
            },
            "due" => Cell::of(line.due_on, Cell::Day),
            "places" => number(line, |progress| progress.places),
            "opened" => number(line, |progress| progress.opened),
            "done" => number(line, |progress| progress.done),
            "silent" => number(line, Progress::silent),
            "sender" => name_of(&orgs, line.org_id),
            "made" => Cell::Moment(line.made_at),
            "sent" => Cell::of(line.sent_at, Cell::Moment),
            _ => Cell::Empty,
        };
        Ok(slice.lines(query, |line| line.notice_id.to_string(), cell))
    }

    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> kernel::Result<Count> {
        count_sent(tx, reader.actor, query, most)
    }
}

pub(super) fn status_key(status: Status) -> &'static str {
    match status {
        Status::Draft => "notices-status-draft",
        Status::Sent => "notices-status-sent",
        Status::Closed => "notices-status-closed",
        Status::Withdrawn => "notices-status-withdrawn",
    }
}

/// `/desk/notices/sent?status=…&whose=…&after=…`
pub(super) async fn sent(cx: Cx) -> web::Result {
    let query = Query::read(&SENT, cx.params());
    let (slice, count, ()) = load(&cx, Arc::new(SentList), &query, |_| Ok(())).await?;
    let status = Status::ALL.iter().map(|each| Choice::new(each, cx.t(status_key(*each))));
    let view = View {
        cx: &cx,
        query: &query,
        path: "/desk/notices/sent".to_owned(),
        title: cx.t("notices-sent"),
        lead: cx.t("notices-sent-lead"),
        crumbs: vec![("/desk/notices".to_owned(), cx.t("notices-inbox"))],
        actions: vec![Action { href: "/desk/notices/new".to_owned(), label: cx.t("notices-new") }],
        filters: vec![
            Filter::choice("status", cx.t("notices-list-status"), status.collect()),
            Filter::choice(
                "whose",
                cx.t("notices-list-whose"),
                vec![Choice::new("above", cx.t("notices-whose-above"))],
            ),
        ],
        search: cx.t("notices-search"),
        slice,
        count,
        counted: ["notices-count", "notices-count-more"],
        nothing: cx.t("notices-sent-none"),
        beginning: &[],
        pick: None,
        export: None,
    };
    view.page()
}

/// The places of a notice.
#[derive(Debug)]
struct PlaceList {
    notice: NoticeId,
    sight: Sight,
    wants: Wants,
    /// Whether the reader answers for the places that she sees.
    answers: bool,
}

impl List for PlaceList {
    fn spec(&self) -> &'static Spec {
        &PLACES
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> kernel::Result<Slice<Row>> {
        let slice = lists::places(tx, self.notice, &self.sight, query)?;
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let cell = |line: &PlaceLine, column: &str| match column {
            "name" => Cell::Text(line.name.clone()),
            "state" => place_state(line, self.wants, &say),
            "phone" if line.phone.is_empty() => Cell::Empty,
            "phone" => Cell::Text(line.phone.clone()),
            "opened" => Cell::of(line.opened_at, Cell::Moment),
            "answered" => Cell::of(line.answered_at, Cell::Moment),
            "reminders" => Cell::Number(line.reminders),
            "reminded" => Cell::of(line.reminded_at, Cell::Moment),
            "kind" => Cell::Text(say(&line.kind.message_key())),
            "region" => Cell::Text(line.region_code.clone()),
            "actions" if !reader.file => Cell::Actions(self.actions(line, &say)),
            _ => Cell::Empty,
        };
        Ok(slice.lines(query, |line| line.org_id.to_string(), cell))
    }

    fn count(&self, tx: &mut Tx, _: &Reader, query: &Query, most: i64) -> kernel::Result<Count> {
        count_places(tx, self.notice, &self.sight, query, most)
    }
}

impl PlaceList {
    fn actions(&self, line: &PlaceLine, say: Say) -> Vec<Action> {
        let mut actions = Vec::new();
        if line.version > 0 {
            let href = format!("/desk/notices/sent/{}/of/{}", self.notice, line.org_id);
            actions.push(Action { href, label: say("notices-see-answer") });
        }
        if self.answers && line.state != State::Done {
            let href = format!("/desk/notices/for/{}/{}", line.org_id, self.notice);
            actions.push(Action { href, label: say("notices-answer-for") });
        }
        actions
    }
}

fn place_state(line: &PlaceLine, wants: Wants, say: Say) -> Cell {
    let (key, class) = match line.state {
        State::Done if wants == Wants::Receipt => ("notices-state-read", "ok"),
        State::Done => ("notices-state-done", "ok"),
        State::Returned => ("notices-state-returned", "error"),
        State::Waiting if line.opened_at.is_none() => ("notices-state-unopened", ""),
        State::Waiting => ("notices-state-waiting", "warn"),
    };
    Cell::Tag { text: say(key), class }
}

/// `/desk/notices/sent/{notice}/places?state=…&after=…`
pub(super) async fn places(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let query = Query::read(&PLACES, cx.params());
    let actor = cx.actor.clone();
    let (notice, sight) = cx.store.read(move |tx| seen(tx, &actor, id)).await?;
    let answers = matches!(sight, Sight::Places(_)) && notice.is_open();
    let list = PlaceList { notice: id, sight, wants: notice.wants, answers };
    let (slice, count, ()) = load(&cx, Arc::new(list), &query, |_| Ok(())).await?;
    let states = [
        ("silent", "notices-filter-silent"),
        ("done", "notices-filter-done"),
        ("returned", "notices-filter-returned"),
        ("opened", "notices-filter-opened"),
        ("unopened", "notices-filter-unopened"),
    ];
    let view = View {
        cx: &cx,
        query: &query,
        path: format!("/desk/notices/sent/{id}/places"),
        title: cx.t("notices-places"),
        lead: notice.title.clone(),
        crumbs: vec![
            ("/desk/notices/sent".to_owned(), cx.t("notices-sent")),
            (format!("/desk/notices/sent/{id}"), notice.title.clone()),
        ],
        actions: Vec::new(),
        filters: vec![Filter::choice(
            "state",
            cx.t("notices-list-state"),
            states.map(|(word, key)| Choice::new(word, cx.t(key))).to_vec(),
        )],
        search: cx.t("notices-search-place"),
        slice,
        count,
        counted: ["notices-places-count", "notices-places-count-more"],
        nothing: cx.t("notices-places-none"),
        beginning: &[],
        pick: None,
        export: None,
    };
    view.page()
}
