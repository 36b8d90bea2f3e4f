//! Notices, whom they reached, and what came back.

use kernel::{Day, Error, Id, Org, Person, Result, Timestamp};
use network::OrgKind;
use serde::{Deserialize, Serialize};
use store::{Statement, Tx, params, row};

use crate::fields::Field;

/// Marker for identifiers of notices.
#[derive(Debug)]
pub enum NoticeMark {}
/// Identifier of a notice.
pub type NoticeId = Id<NoticeMark>;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 80;
/// Longest text, in characters.
pub const BODY_MAX: usize = 5_000;
/// Longest reason of a withdrawal or of a return, in characters.
pub const REASON_MAX: usize = 300;
/// Organisations that one notice reaches.
pub const RECIPIENTS_MAX: usize = 2_000;

network::worded! {
    /// How far a notice is.
    pub enum Status {
        /// Being written; nobody else sees it.
        Draft = "draft",
        /// It reached its places and is open.
        Sent = "sent",
        /// Answers are in; nothing changes any more.
        Closed = "closed",
        /// Taken back with a reason.
        Withdrawn = "withdrawn",
    }
}

network::worded! {
    /// What a notice asks for.
    pub enum Wants {
        /// That somebody reads it 回执: opening it is the answer.
        Receipt = "receipt",
        /// A table 填报表 with the columns of the notice.
        Table = "table",
    }
}

network::worded! {
    /// Whom a notice is for, of those below its sender.
    pub enum Aim {
        /// All organisations directly below.
        Children = "children",
        /// All organisations of some kinds, however deep.
        Kinds = "kinds",
        /// Organisations chosen one by one.
        Chosen = "chosen",
    }
}

network::worded! {
    /// How far a place is with a notice.
    pub enum State {
        /// Nothing was handed over yet 未报.
        Waiting = "waiting",
        /// Its answer was returned and is to be mended 退回.
        Returned = "returned",
        /// It has answered 已报, or has read what asked for a receipt only.
        Done = "done",
    }
}

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// All organisations directly below.
    Children,
    /// All organisations of these kinds below.
    Kinds(Vec<OrgKind>),
    /// These organisations below.
    Chosen(Vec<Id<Org>>),
}

impl Audience {
    /// Which of the three it is.
    pub fn aim(&self) -> Aim {
        match self {
            Audience::Children => Aim::Children,
            Audience::Kinds(_) => Aim::Kinds,
            Audience::Chosen(_) => Aim::Chosen,
        }
    }
}

journal::table! {
    /// Notices.
    pub NOTICE = "notice" (notice_id) [
        org_id, title, body, due_on, wants, many, fields, aim, aimed, prompting, status, reason, made_by, made_at, sent_at, ended_at,
        reminded_at,
    ];
    /// Whom they reached.
    pub RECIPIENT = "notice_recipient" (notice_id, org_id) [
        state, opened_at, opened_by, draft, version, answered_at, returned, reminded_at, reminders,
    ];
    /// Versions of answers.
    pub ANSWER = "notice_answer" (notice_id, org_id, version) [answer, answered_at, answered_by];
}

row! {
    /// A notice 通知.
    pub struct Notice {
        /// Its identifier.
        pub notice_id: NoticeId,
        /// Who sends it.
        pub org_id: Id<Org>,
        /// Its title.
        pub title: String,
        /// Its text.
        pub body: String,
        /// The last day on which an answer is in time.
        pub due_on: Option<Day>,
        /// What it asks for.
        pub wants: Wants,
        /// Whether a place answers with as many rows as it has; else with one.
        pub many: bool,
        /// The columns of the table, as JSON; [`Notice::fields`] reads them.
        pub fields_text: String,
        /// Whom it is for; [`Notice::audience`] says it whole.
        pub aim: Aim,
        /// Kinds or organisations, as JSON.
        pub aimed: String,
        /// Whether silent places are reminded by the program itself.
        pub prompting: bool,
        /// How far it is.
        pub status: Status,
        /// Why it was withdrawn; empty if it was not.
        pub reason: String,
        /// Who wrote it; `None` for the program itself.
        pub made_by: Option<Id<Person>>,
        /// When it was begun.
        pub made_at: Timestamp,
        /// When it was sent.
        pub sent_at: Option<Timestamp>,
        /// When it was closed or withdrawn.
        pub ended_at: Option<Timestamp>,
        /// When all silent places were reminded last.
        pub reminded_at: Option<Timestamp>,
        /// Counts the changes.
        pub rev: i64,
    }
}

impl Notice {
    /// The columns of the table; empty where only a receipt is asked for.
    ///
    /// # Errors
    /// `kernel.bug` if they cannot be read.
    pub fn fields(&self) -> Result<Vec<Field>> {
        read(&self.fields_text)
    }

    /// Whom it is for.
    ///
    /// # Errors
    /// `kernel.bug` if that cannot be read.
    pub fn audience(&self) -> Result<Audience> {
        Ok(match self.aim {
            Aim::Children => Audience::Children,
            Aim::Kinds => Audience::Kinds(read(&self.aimed)?),
            Aim::Chosen => Audience::Chosen(read(&self.aimed)?),
        })
    }

    /// Whether places may answer now.
    pub fn is_open(&self) -> bool {
        self.status == Status::Sent
    }

    /// Whether the last day for an answer lies behind.
    pub fn is_overdue(&self, today: Day) -> bool {
        self.is_open() && self.due_on.is_some_and(|due| due < today)
    }

    /// Whether it asks for a table.
    pub fn wants_table(&self) -> bool {
        self.wants == Wants::Table
    }
}

row! {
    /// A place that a notice reached.
    pub struct Recipient {
        /// The notice.
        pub notice_id: NoticeId,
        /// The organisation.
        pub org_id: Id<Org>,
        /// How far it is.
        pub state: State,
        /// When somebody of it opened the notice first.
        pub opened_at: Option<Timestamp>,
        /// Who that was.
        pub opened_by: Option<Id<Person>>,
        /// What was written and not handed over yet, as JSON of texts; empty if nothing.
        pub draft: String,
        /// The version of its answer that counts; 0 before the first.
        pub version: i64,
        /// When that was handed over.
        pub answered_at: Option<Timestamp>,
        /// Why its answer was returned; empty if it is not.
        pub returned: String,
        /// When it was reminded last.
        pub reminded_at: Option<Timestamp>,
        /// How often it was reminded.
        pub reminders: i64,
        /// Counts the changes.
        pub rev: i64,
    }
}

impl Recipient {
    /// Whether it has done what the notice asks for.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }
}

row! {
    /// A version of an answer.
    pub struct Answer {
        /// The notice.
        pub notice_id: NoticeId,
        /// The organisation.
        pub org_id: Id<Org>,
        /// Which version, from 1.
        pub version: i64,
        /// Its rows, as JSON of texts; [`Answer::rows`] reads them.
        pub answer: String,
        /// When it was handed over.
        pub answered_at: Timestamp,
        /// Who did; `None` for the program itself.
        pub answered_by: Option<Id<Person>>,
        /// Counts the changes; always 1.
        pub rev: i64,
    }
}

impl Answer {
    /// Its rows, a text for each column.
    ///
    /// # Errors
    /// `kernel.bug` if they cannot be read.
    pub fn rows(&self) -> Result<Vec<Vec<String>>> {
        read(&self.answer)
    }
}

/// Reads what [`written`] wrote.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::bug("a notice cannot be read").caused_by(error))
}

/// As it is stored.
pub(crate) fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::bug("a notice cannot be written").caused_by(error))
}

/// A notice.
///
/// # Errors
/// Those of the store.
pub fn notice(tx: &mut Tx, id: NoticeId) -> Result<Option<Notice>> {
    let text = format!("SELECT {} FROM notice WHERE notice_id = $1", NOTICE.all_columns());
    tx.opt(Statement::dynamic(text), params![id])
}

/// A place that a notice reached; `None` if it did not.
///
/// # Errors
/// Those of the store.
pub fn recipient(tx: &mut Tx, id: NoticeId, org: Id<Org>) -> Result<Option<Recipient>> {
    let text = format!(
        "SELECT {} FROM notice_recipient WHERE notice_id = $1 AND org_id = $2",
        RECIPIENT.all_columns()
    );
    tx.opt(Statement::dynamic(text), params![id, org])
}

/// All versions of what a place answered, the newest first.
///
/// # Errors
/// Those of the store.
pub fn answers(tx: &mut Tx, id: NoticeId, org: Id<Org>) -> Result<Vec<Answer>> {
    let text = format!(
        "SELECT {} FROM notice_answer WHERE notice_id = $1 AND org_id = $2 ORDER BY version DESC",
        ANSWER.all_columns()
    );
    tx.all(Statement::dynamic(text), params![id, org])
}
