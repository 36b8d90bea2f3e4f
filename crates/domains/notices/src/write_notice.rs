//! Writing a notice: what it says, what it asks for and whom. A draft is nobody's but its officers'.

use journal::Fact;
use kernel::{Actor, Day, Error, FieldError, Id, Org, REQUIRED, Result, TOO_LONG};
use network::access;
use serde::{Deserialize, Serialize};
use store::{Tx, params};

use crate::{
    facts::{self, NoticeTold},
    fields::{FIELDS_MAX, Field, NO_FIELDS, field_faults},
    model::{
        Aim, Audience, BODY_MAX, NOTICE, Notice, NoticeId, RECIPIENTS_MAX, Status, TITLE_MAX, Wants, written,
    },
    reach::{RIGHT, officered},
};

kernel::codes! {
    /// The notice was sent already: what it says and asks for stands.
    pub NOT_DRAFT = Conflict "notices.not_draft";
    /// The last day for an answer lies behind.
    pub DUE_BEHIND = Invalid "notices.due_behind";
    /// The organisation is closed and sends nothing.
    pub SENDER_CLOSED = Conflict "notices.sender_closed";
}

/// Everything about a notice that its officers write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeWords {
    /// Title, 1 to 80 characters.
    pub title: String,
    /// Text, at most 5,000 characters.
    pub body: String,
    /// The last day on which an answer is in time; today or later.
    pub due_on: Option<Day>,
    /// What it asks for.
    pub wants: Wants,
    /// Whether a place answers with as many rows as it has.
    pub many: bool,
    /// The columns of the table; none where only a receipt is asked for.
    pub fields: Vec<Field>,
    /// Whom it is for.
    pub audience: Audience,
    /// Whether silent places are reminded by the program: two days before the last day, and on its morning.
    pub prompting: bool,
}

impl NoticeWords {
    fn check(&self, today: Day) -> Result<()> {
        let mut wrong: Vec<FieldError> = Vec::new();
        let mut note =
            |field: &str, code, args| wrong.push(FieldError { field: field.to_owned(), code, args });
        if self.title.trim().is_empty() {
            note("title", &REQUIRED, Vec::new());
        }
        for (name, text, max) in [("title", &self.title, TITLE_MAX), ("body", &self.body, BODY_MAX)] {
            let length = text.chars().count();
            if length > max {
                note(name, &TOO_LONG, vec![("max", max.to_string()), ("length", length.to_string())]);
            }
        }
        if self.due_on.is_some_and(|due| due < today) {
            note("due", &DUE_BEHIND, Vec::new());
        }
        match &self.audience {
            Audience::Kinds(kinds) if kinds.is_empty() => note("kinds", &REQUIRED, Vec::new()),
            Audience::Chosen(orgs) if orgs.is_empty() => note("others", &REQUIRED, Vec::new()),
            Audience::Chosen(orgs) if orgs.len() > RECIPIENTS_MAX => {
                let args = vec![("max", RECIPIENTS_MAX.to_string()), ("length", orgs.len().to_string())];
                note("others", &TOO_LONG, args);
            }
            _ => {}
        }
        if self.wants == Wants::Table {
            if self.fields.is_empty() || self.fields.len() > FIELDS_MAX {
                note("c0-name", &NO_FIELDS, vec![("max", FIELDS_MAX.to_string())]);
            }
            wrong.extend(field_faults(&self.fields));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
    }

    /// What is asked for a receipt has no columns.
    fn columns(&self) -> &[Field] {
        if self.wants == Wants::Table { &self.fields } else { &[] }
    }

    fn aimed(&self) -> Result<String> {
        match &self.audience {
            Audience::Children => Ok(String::new()),
            Audience::Kinds(kinds) => written(kinds),
            Audience::Chosen(orgs) => written(orgs),
        }
    }
}

impl Notice {
    /// What its officers wrote.
    ///
    /// # Errors
    /// `kernel.bug` if it cannot be read.
    pub fn words(&self) -> Result<NoticeWords> {
        Ok(NoticeWords {
            title: self.title.clone(),
            body: self.body.clone(),
            due_on: self.due_on,
            wants: self.wants,
            many: self.many,
            fields: self.fields()?,
            audience: self.audience()?,
            prompting: self.prompting,
        })
    }
}

/// Begins a notice of an organisation and leaves `notices.drafted.v1`.
///
/// # Errors
/// `kernel.denied`, `kernel.missing` of the organisation; `kernel.bad_fields`; `notices.sender_closed`.
pub fn draft_notice(tx: &mut Tx, actor: &Actor, sender: Id<Org>, words: &NoticeWords) -> Result<NoticeId> {
    access::require(tx, actor, RIGHT, sender)?;
    let org = network::org(tx, sender)?.ok_or_else(Error::missing)?;
    if !org.is_open() {
        return Err(Error::new(&SENDER_CLOSED));
    }
    words.check(tx.now().day())?;
    let id: NoticeId = tx.new_id();
    let none: Option<i64> = None;
    let row = params![
        id,
        sender,
        &words.title,
        &words.body,
        words.due_on,
        words.wants,
        words.many,
        written(&words.columns())?,
        words.audience.aim(),
        words.aimed()?,
        words.prompting,
        Status::Draft,
        "",
        actor.person(),
        tx.now(),
        none,
        none,
        none
    ];
    let mut fact = Fact::new(facts::DRAFTED, id).at(sender).payload(&NoticeTold { notice_id: id });
    fact.insert(tx, &NOTICE, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(id)
}

/// Gives a draft other words and leaves `notices.changed.v1`.
///
/// # Errors
/// `kernel.missing`; `notices.not_draft`; `kernel.bad_fields`; `kernel.changed` if somebody else changed it since `rev`.
pub fn edit_notice(tx: &mut Tx, actor: &Actor, id: NoticeId, rev: i64, words: &NoticeWords) -> Result<()> {
    let found = officered(tx, actor, id)?;
    if found.status != Status::Draft {
        return Err(Error::new(&NOT_DRAFT));
    }
    words.check(tx.now().day())?;
    let mut fact = Fact::new(facts::CHANGED, id).at(found.org_id).payload(&NoticeTold { notice_id: id });
    let aim: Aim = words.audience.aim();
    let changed = fact.update(
        tx,
        &NOTICE,
        params![id],
        "title = $1, body = $2, due_on = $3, wants = $4, many = $5, fields = $6, aim = $7, aimed = $8, prompting = $9",
        "rev = $10 AND status = 'draft'",
        params![
            &words.title,
            &words.body,
            words.due_on,
            words.wants,
            words.many,
            written(&words.columns())?,
            aim,
            words.aimed()?,
            words.prompting,
            rev
        ],
    )?;
    if changed.is_none() {
        return Err(Error::new(&kernel::CHANGED));
    }
    fact.emit(tx, actor)?;
    Ok(())
}
