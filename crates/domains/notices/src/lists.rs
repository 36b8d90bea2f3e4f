//! Notices as lists: those that came to my places, those that were sent, and the places of one.

use kernel::{Actor, Day, Id, Org, Result, Timestamp};
use network::{
    OrgKind,
    access::{self, Scope},
    contains,
};
use store::{Statement, Tx, Value, row};
use web::list::{Column, Count, Key, Query, Segment, Slice, Spec, Where, slice};

use crate::{
    model::{NoticeId, State, Status, Wants},
    reach::{RIGHT, Sight},
};

/// The list of notices that came to the reader's own places.
pub static INBOX: Spec = Spec {
    name: "notices",
    columns: &[
        Column::new("title", "notices-list-title").by_text(),
        Column::new("state", "notices-list-state").by_number(),
        Column::new("due", "notices-list-due").by_number(),
        Column::new("place", "notices-list-place"),
        Column::new("sender", "notices-list-sender"),
        Column::new("wants", "notices-list-wants").extra(),
        Column::new("sent", "notices-list-sent").by_number(),
        Column::new("reminded", "notices-list-reminded"),
    ],
    filters: &["state", "wants", "org"],
    sort: "state",
};

/// The list of notices whose answers the reader sees.
pub static SENT: Spec = Spec {
    name: "notices-sent",
    columns: &[
        Column::new("title", "notices-list-title").by_text(),
        Column::new("status", "notices-list-status"),
        Column::new("due", "notices-list-due").by_number(),
        Column::new("places", "notices-list-places").figures(),
        Column::new("opened", "notices-list-opened").figures(),
        Column::new("done", "notices-list-done").figures(),
        Column::new("silent", "notices-list-silent").figures(),
        Column::new("sender", "notices-list-sender"),
        Column::new("made", "notices-list-made").by_number(),
        Column::new("sent", "notices-list-sent").by_number().extra(),
    ],
    filters: &["status", "whose", "org"],
    sort: "-made",
};

/// The list of the places of a notice.
pub static PLACES: Spec = Spec {
    name: "notice-places",
    columns: &[
        Column::new("name", "notices-list-place").by_text(),
        Column::new("state", "notices-list-state"),
        Column::new("phone", "notices-list-phone"),
        Column::new("opened", "notices-list-opened-at").by_number(),
        Column::new("answered", "notices-list-answered-at").by_number(),
        Column::new("reminders", "notices-list-reminders").figures(),
        Column::new("reminded", "notices-list-reminded").by_number(),
        Column::new("kind", "notices-list-kind").extra(),
        Column::new("region", "notices-list-region").by_text().extra(),
        Column::new("actions", "notices-list-actions"),
    ],
    filters: &["state"],
    sort: "region",
};

/// Sorts what is open by its last day before what is done, the latest of that first. A notice asks for nothing when it has ended. What has no last
/// day stands behind day 100,000, which is far beyond any.
const TURN: &str = "(CASE WHEN n.status = 'sent' AND r.state <> 'done' THEN coalesce(n.due_on, 100000) \
     ELSE 1000000 - coalesce(n.due_on, 0) END)";

row! {
    /// A notice that came to a place.
    pub struct Came {
        /// The notice.
        pub notice_id: NoticeId,
        /// The place.
        pub org_id: Id<Org>,
        /// Its title.
        pub title: String,
        /// Who sent it.
        pub sender: Id<Org>,
        /// What it asks for.
        pub wants: Wants,
        /// The last day for an answer.
        pub due_on: Option<Day>,
        /// How far the notice is.
        pub status: Status,
        /// When it was sent.
        pub sent_at: Option<Timestamp>,
        /// How far the place is.
        pub state: State,
        /// When the place opened it.
        pub opened_at: Option<Timestamp>,
        /// When the place was reminded last.
        pub reminded_at: Option<Timestamp>,
        turn: i64,
    }
}

impl Came {
    /// Whether the place has still to do something.
    pub fn is_waiting(&self) -> bool {
        self.status == Status::Sent && self.state != State::Done
    }

    /// Whether it should have done so before today.
    pub fn is_overdue(&self, today: Day) -> bool {
        self.is_waiting() && self.due_on.is_some_and(|due| due < today)
    }

    fn id(&self) -> String {
        format!("{}{}", self.notice_id, self.org_id)
    }
}

/// The page of notices that came to the places where the actor herself holds the right.
///
/// # Errors
/// Those of the store.
pub fn came(tx: &mut Tx, actor: &Actor, query: &Query) -> Result<Slice<Came>> {
    let sort = match query.sort().key {
        "title" => "(n.title || '')",
        "due" => "(n.due_on + 0)",
        "sent" => "(n.sent_at + 0)",
        _ => TURN,
    };
    let key = |line: &Came| match query.sort().key {
        "title" => Key::text(&line.title, line.id()),
        "due" => Key::number(line.due_on.map(|day| i64::from(day.0)), line.id()),
        "sent" => Key::number(line.sent_at.map(Timestamp::millis), line.id()),
        _ => Key::number(line.turn, line.id()),
    };
    let gaps = matches!(query.sort().key, "due" | "sent");
    slice(&query.edge, query.descending, gaps, query.size, key, |segment: Segment| {
        let mut sql = Where::default();
        segment.narrow(&mut sql, sort, "(r.notice_id || r.org_id)");
        narrow_came(tx, actor, query, &mut sql);
        let text = format!(
            "SELECT n.notice_id, r.org_id, n.title, n.org_id, n.wants, n.due_on, n.status, n.sent_at, r.state, r.opened_at, \
             r.reminded_at, {TURN} FROM notice_recipient r JOIN notice n ON n.notice_id = r.notice_id WHERE {} ORDER BY {} LIMIT {}",
            sql.text(),
            segment.order(sort, "(r.notice_id || r.org_id)"),
            segment.limit
        );
        tx.all(Statement::dynamic(text), &sql.args)
    })
}

/// How many notices came that a query's filters leave, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_came(tx: &mut Tx, actor: &Actor, query: &Query, most: i64) -> Result<Count> {
    let mut sql = Where::default();
    narrow_came(tx, actor, query, &mut sql);
    let from = "notice_recipient r JOIN notice n ON n.notice_id = r.notice_id";
    counted(tx, from, &sql, most)
}

fn counted(tx: &mut Tx, from: &str, sql: &Where, most: i64) -> Result<Count> {
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM {from} WHERE {} LIMIT {}) counted",
        sql.text(),
        most + 1
    );
    let (counted,): (i64,) = tx.one(Statement::dynamic(text), &sql.args)?;
    Ok(Count::bounded(counted, most))
}

fn narrow_came(tx: &Tx, actor: &Actor, query: &Query, to: &mut Where) {
    let chosen: Option<Id<Org>> = query.filter_as("org");
    let mut held = access::held_at(actor, RIGHT);
    held.sort_unstable();
    held.dedup();
    held.retain(|org| chosen.is_none_or(|chosen| *org == chosen));
    listed(to, "r.org_id", &held);
    let today = Value::from(tx.now().day());
    match query.filter("state") {
        "open" => to.add("n.status = 'sent' AND r.state <> 'done'", []),
        "overdue" => to.add("n.status = 'sent' AND r.state <> 'done' AND n.due_on < ?", [today]),
        "done" => to.add("r.state = 'done'", []),
        "ended" => to.add("n.status <> 'sent'", []),
        _ => {}
    }
    if let Some(wants) = query.filter_as::<Wants>("wants") {
        to.add("n.wants = ?", [wants.into()]);
    }
    if !query.q.is_empty() {
        to.add("n.title LIKE ? ESCAPE '!'", [contains(&query.q).into()]);
    }
}

/// A condition that a column holds one of some organisations; of none, nothing fits.
fn listed(to: &mut Where, column: &str, orgs: &[Id<Org>]) {
    if orgs.is_empty() {
        return to.add("FALSE", []);
    }
    let marks = vec!["?"; orgs.len()].join(", ");
    to.add(&format!("{column} IN ({marks})"), orgs.iter().map(Value::from));
}

/// How many notices wait for an answer of the actor's own places, and how many of them are overdue.
///
/// # Errors
/// Those of the store.
pub fn waiting(tx: &mut Tx, actor: &Actor) -> Result<(i64, i64)> {
    let open = Query::parse(&INBOX, "state=open");
    let number = |count| match count {
        Count::Exactly(n) | Count::MoreThan(n) => n,
    };
    let all = number(count_came(tx, actor, &open, web::list::COUNTED_MAX)?);
    let overdue = number(count_came(tx, actor, &open.with("state", "overdue"), web::list::COUNTED_MAX)?);
    Ok((all, overdue))
}

row! {
    /// A notice as its officers see it in a list.
    pub struct SentLine {
        /// The notice.
        pub notice_id: NoticeId,
        /// Who sends it.
        pub org_id: Id<Org>,
        /// Its title.
        pub title: String,
        /// How far it is.
        pub status: Status,
        /// The last day for an answer.
        pub due_on: Option<Day>,
        /// When it was begun.
        pub made_at: Timestamp,
        /// When it was sent.
        pub sent_at: Option<Timestamp>,
    }
}

/// The page of notices that were sent, or are written, where the actor holds the right or below; or, with the filter `whose=above`, of those from
/// above that reached places below hers.
///
/// # Errors
/// Those of the store.
pub fn sent(tx: &mut Tx, actor: &Actor, query: &Query) -> Result<Slice<SentLine>> {
    let scope = access::scope(tx, actor, RIGHT, query.filter_as("org"))?;
    let sort = match query.sort().key {
        "title" => "(n.title || '')",
        "due" => "(n.due_on + 0)",
        "sent" => "(n.sent_at + 0)",
        _ => "(n.made_at + 0)",
    };
    let key = |line: &SentLine| match query.sort().key {
        "title" => Key::text(&line.title, line.notice_id),
        "due" => Key::number(line.due_on.map(|day| i64::from(day.0)), line.notice_id),
        "sent" => Key::number(line.sent_at.map(Timestamp::millis), line.notice_id),
        _ => Key::number(line.made_at.millis(), line.notice_id),
    };
    let gaps = matches!(query.sort().key, "due" | "sent");
    slice(&query.edge, query.descending, gaps, query.size, key, |segment: Segment| {
        let mut sql = Where::default();
        segment.narrow(&mut sql, sort, "n.notice_id");
        narrow_sent(tx, actor, query, &scope, &mut sql);
        let text = format!(
            "SELECT n.notice_id, n.org_id, n.title, n.status, n.due_on, n.made_at, n.sent_at FROM notice n WHERE {} ORDER BY {} LIMIT {}",
            sql.text(),
            segment.order(sort, "n.notice_id"),
            segment.limit
        );
        tx.all(Statement::dynamic(text), &sql.args)
    })
}

/// How many of them a query's filters leave, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_sent(tx: &mut Tx, actor: &Actor, query: &Query, most: i64) -> Result<Count> {
    let scope = access::scope(tx, actor, RIGHT, query.filter_as("org"))?;
    let mut sql = Where::default();
    narrow_sent(tx, actor, query, &scope, &mut sql);
    counted(tx, "notice n", &sql, most)
}

fn narrow_sent(tx: &Tx, actor: &Actor, query: &Query, scope: &Scope, to: &mut Where) {
    let today = tx.now().day();
    if query.filter("whose") == "above" {
        let held = access::held_at(actor, RIGHT);
        let marks = vec!["?"; held.len().max(1)].join(", ");
        let values: Vec<Value> =
            if held.is_empty() { vec!["".into()] } else { held.iter().map(Value::from).collect() };
        to.add(
            &format!(
                "n.notice_id IN (SELECT r.notice_id FROM org_tree t JOIN notice_recipient r ON r.org_id = t.org_id \
                 WHERE t.ancestor_id IN ({marks}) AND t.depth > 0 AND t.from_day <= ? AND (t.to_day IS NULL OR t.to_day > ?))"
            ),
            values.clone().into_iter().chain([today.into(), today.into()]),
        );
        to.add(
            &format!(
                "n.org_id NOT IN (SELECT t.org_id FROM org_tree t WHERE t.ancestor_id IN ({marks}) AND t.from_day <= ? \
                 AND (t.to_day IS NULL OR t.to_day > ?))"
            ),
            values.into_iter().chain([today.into(), today.into()]),
        );
    } else {
        scope.narrow(to, "n.org_id", today);
    }
    if let Some(status) = query.filter_as::<Status>("status") {
        to.add("n.status = ?", [status.into()]);
    }
    if !query.q.is_empty() {
        to.add("n.title LIKE ? ESCAPE '!'", [contains(&query.q).into()]);
    }
}

row! {
    /// A place of a notice in a list.
    pub struct PlaceLine {
        /// The organisation.
        pub org_id: Id<Org>,
        /// Its name.
        pub name: String,
        /// What it is.
        pub kind: OrgKind,
        /// The division that it serves.
        pub region_code: String,
        /// Its telephone.
        pub phone: String,
        /// How far it is.
        pub state: State,
        /// When it opened the notice.
        pub opened_at: Option<Timestamp>,
        /// When it handed its answer over.
        pub answered_at: Option<Timestamp>,
        /// How often it was reminded.
        pub reminders: i64,
        /// When it was reminded last.
        pub reminded_at: Option<Timestamp>,
        /// The version of its answer that counts.
        pub version: i64,
    }
}

/// Adds that only places are read that somebody with this sight of a notice sees.
pub(crate) fn narrow_sight(id: NoticeId, sight: &Sight, today: Day, to: &mut Where) {
    to.add("r.notice_id = ?", [id.into()]);
    if let Sight::Places(held) = sight {
        Scope::Under(held.clone()).narrow(to, "r.org_id", today);
    }
}

/// The page of the places of a notice that a query asks for.
///
/// # Errors
/// Those of the store.
pub fn places(tx: &mut Tx, id: NoticeId, sight: &Sight, query: &Query) -> Result<Slice<PlaceLine>> {
    let sort = match query.sort().key {
        "name" => "(o.name || '')",
        "opened" => "(r.opened_at + 0)",
        "answered" => "(r.answered_at + 0)",
        "reminded" => "(r.reminded_at + 0)",
        _ => "(o.region_code || '')",
    };
    let key = |line: &PlaceLine| match query.sort().key {
        "name" => Key::text(&line.name, line.org_id),
        "opened" => Key::number(line.opened_at.map(Timestamp::millis), line.org_id),
        "answered" => Key::number(line.answered_at.map(Timestamp::millis), line.org_id),
        "reminded" => Key::number(line.reminded_at.map(Timestamp::millis), line.org_id),
        _ => Key::text(&line.region_code, line.org_id),
    };
    let gaps = matches!(query.sort().key, "opened" | "answered" | "reminded");
    slice(&query.edge, query.descending, gaps, query.size, key, |segment: Segment| {
        let mut sql = Where::default();
        segment.narrow(&mut sql, sort, "r.org_id");
        narrow_places(tx, id, sight, query, &mut sql);
        let text = format!(
            "SELECT r.org_id, o.name, o.kind, o.region_code, o.phone, r.state, r.opened_at, r.answered_at, r.reminders, r.reminded_at, \
             r.version FROM notice_recipient r JOIN org o ON o.org_id = r.org_id WHERE {} ORDER BY {} LIMIT {}",
            sql.text(),
            segment.order(sort, "r.org_id"),
            segment.limit
        );
        tx.all(Statement::dynamic(text), &sql.args)
    })
}

/// How many places a query's filters leave, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_places(tx: &mut Tx, id: NoticeId, sight: &Sight, query: &Query, most: i64) -> Result<Count> {
    let mut sql = Where::default();
    narrow_places(tx, id, sight, query, &mut sql);
    counted(tx, "notice_recipient r JOIN org o ON o.org_id = r.org_id", &sql, most)
}

fn narrow_places(tx: &Tx, id: NoticeId, sight: &Sight, query: &Query, to: &mut Where) {
    narrow_sight(id, sight, tx.now().day(), to);
    match query.filter("state") {
        "done" => to.add("r.state = 'done'", []),
        "silent" => to.add("r.state <> 'done'", []),
        "returned" => to.add("r.state = 'returned'", []),
        "opened" => to.add("r.opened_at IS NOT NULL", []),
        "unopened" => to.add("r.opened_at IS NULL", []),
        _ => {}
    }
    if !query.q.is_empty() {
        to.add("o.name LIKE ? ESCAPE '!'", [contains(&query.q).into()]);
    }
}
