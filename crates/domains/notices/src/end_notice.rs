//! What becomes of a notice that was sent: it is withdrawn with a reason, gets a later last day, or is closed.

use journal::Fact;
use kernel::{Actor, Day, Error, REQUIRED, Result, TOO_LONG};
use store::{Tx, params};

use crate::{
    facts::{self, NoticeExtended, NoticeTold},
    model::{NOTICE, NoticeId, REASON_MAX, Status},
    reach::officered,
    remind::plan_reminders,
    write_notice::DUE_BEHIND,
};

kernel::codes! {
    /// The notice is not open: it was not sent yet, or it was closed or withdrawn.
    pub NOT_OPEN = Conflict "notices.not_open";
    /// A last day can only be made later.
    pub NOT_LATER = Invalid "notices.not_later";
}

/// A reason in words, checked.
pub(crate) fn reason(text: &str) -> Result<&str> {
    let (text, length) = (text.trim(), text.trim().chars().count());
    if text.is_empty() {
        return Err(Error::field("reason", &REQUIRED));
    }
    if length > REASON_MAX {
        return Err(Error::fields(vec![kernel::FieldError {
            field: "reason".to_owned(),
            code: &TOO_LONG,
            args: vec![("max", REASON_MAX.to_string()), ("length", length.to_string())],
        }]));
    }
    Ok(text)
}

/// Takes a notice back, or throws a draft away, and leaves `notices.withdrawn.v1`. What was answered stays.
///
/// # Errors
/// `kernel.missing`; `kernel.bad_fields` of the reason; `notices.not_open` if it has ended.
pub fn withdraw_notice(tx: &mut Tx, actor: &Actor, id: NoticeId, why: &str) -> Result<()> {
    let found = officered(tx, actor, id)?;
    let why = reason(why)?;
    let mut fact = Fact::new(facts::WITHDRAWN, id).at(found.org_id).payload(&NoticeTold { notice_id: id });
    let done = fact.update(
        tx,
        &NOTICE,
        params![id],
        "status = $1, reason = $2, ended_at = $3",
        "status IN ('draft', 'sent')",
        params![Status::Withdrawn, why, tx.now()],
    )?;
    if done.is_none() {
        return Err(Error::new(&NOT_OPEN));
    }
    fact.emit(tx, actor)?;
    Ok(())
}

/// Closes a notice and leaves `notices.closed.v1`: nobody answers it any more.
///
/// # Errors
/// `kernel.missing`; `notices.not_open`.
pub fn close_notice(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<()> {
    let found = officered(tx, actor, id)?;
    let mut fact = Fact::new(facts::CLOSED, id).at(found.org_id).payload(&NoticeTold { notice_id: id });
    let done = fact.update(
        tx,
        &NOTICE,
        params![id],
        "status = $1, ended_at = $2",
        "status = 'sent'",
        params![Status::Closed, tx.now()],
    )?;
    if done.is_none() {
        return Err(Error::new(&NOT_OPEN));
    }
    fact.emit(tx, actor)?;
    Ok(())
}

/// Gives a notice a later last day and leaves `notices.extended.v1`.
///
/// # Errors
/// `kernel.missing`; `notices.not_open`; `notices.not_later`, `notices.due_behind` of the field `due`.
pub fn extend_notice(tx: &mut Tx, actor: &Actor, id: NoticeId, to: Day) -> Result<()> {
    let found = officered(tx, actor, id)?;
    if !found.is_open() {
        return Err(Error::new(&NOT_OPEN));
    }
    if to < tx.now().day() {
        return Err(Error::field("due", &DUE_BEHIND));
    }
    // Without a last day an answer was always in time: setting one now would be no extension.
    if found.due_on.is_none_or(|due| to <= due) {
        return Err(Error::field("due", &NOT_LATER));
    }
    let told = NoticeExtended { notice_id: id, from: found.due_on, to };
    let mut fact = Fact::new(facts::EXTENDED, id).at(found.org_id).payload(&told);
    let done =
        fact.update(tx, &NOTICE, params![id], "due_on = $1", "status = 'sent' AND due_on < $1", params![to])?;
    if done.is_none() {
        return Err(Error::new(&NOT_OPEN));
    }
    fact.emit(tx, actor)?;
    if found.prompting {
        plan_reminders(tx, id, Some(to))?;
    }
    Ok(())
}
