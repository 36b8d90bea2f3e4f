//! What a place does with a notice: it opens it, keeps what it has written, hands it over, corrects it; and what the officer returns.
//!
//! Opening leaves the receipt 回执, once. An answer may be handed over as long as the notice is open, after its last day too: late is better than
//! never, and the list says that it was late. Corrections are taken until the last day; what was returned may be mended whenever the notice is
//! open. Each answer is a version of its own, so that a correction takes nothing away.

use journal::Fact;
use kernel::{Actor, Error, Id, Org, Result};
use store::{Tx, params};

use crate::{
    end_notice::{NOT_OPEN, reason},
    facts::{self, PlaceTold},
    model::{ANSWER, Notice, NoticeId, RECIPIENT, Recipient, State, Status, read, recipient, written},
    reach::{addressed, officered},
    sheet::{
        ANSWER_BYTES_MAX, ANSWER_LONG, CELL_MAX, Fault, NO_ROWS, ROWS_MAX, TOO_MANY_ROWS, keepable, read_row,
        read_rows,
    },
};

kernel::codes! {
    /// The last day has passed, and the answer that was handed over stands.
    pub TOO_LATE = Conflict "notices.too_late";
    /// The notice asks for a receipt, not for a table.
    pub NO_TABLE = Conflict "notices.no_table";
    /// The place has not answered, so there is nothing to return.
    pub NOT_ANSWERED = Conflict "notices.not_answered";
}

/// Opens a notice for a place; the first time this leaves its receipt and `notices.opened.v1`. After a notice has ended nothing is left any more.
///
/// # Errors
/// `kernel.missing`.
pub fn open_notice(tx: &mut Tx, actor: &Actor, id: NoticeId, org: Id<Org>) -> Result<(Notice, Recipient)> {
    let (found, place) = addressed(tx, actor, id, org)?;
    if place.opened_at.is_some() || !found.is_open() {
        return Ok((found, place));
    }
    let state = if found.wants_table() { place.state } else { State::Done };
    let mut fact = Fact::new(facts::OPENED, id).at(org).payload(&told(&place, place.version));
    let opened = fact.update(
        tx,
        &RECIPIENT,
        params![id, org],
        "opened_at = $1, opened_by = $2, state = $3",
        "opened_at IS NULL",
        params![tx.now(), actor.person(), state],
    )?;
    if opened.is_some() {
        fact.emit(tx, actor)?;
    }
    let place = recipient(tx, id, org)?.ok_or_else(Error::missing)?;
    Ok((found, place))
}

fn told(place: &Recipient, version: i64) -> PlaceTold {
    PlaceTold { notice_id: place.notice_id, org_id: place.org_id, version }
}

/// Whether a place may hand over what is asked for now.
///
/// # Errors
/// `notices.not_open`, `notices.no_table`, `notices.too_late`.
pub fn may_answer(tx: &Tx, notice: &Notice, place: &Recipient) -> Result<()> {
    if notice.status != Status::Sent {
        return Err(Error::new(&NOT_OPEN));
    }
    if !notice.wants_table() {
        return Err(Error::new(&NO_TABLE));
    }
    if place.is_done() && notice.is_overdue(tx.now().day()) {
        return Err(Error::new(&TOO_LATE));
    }
    Ok(())
}

/// A notice, held so that nobody ends it meanwhile, with a place that may answer it.
fn answerable(tx: &mut Tx, actor: &Actor, id: NoticeId, org: Id<Org>) -> Result<(Notice, Recipient)> {
    addressed(tx, actor, id, org)?;
    tx.lock("notice", "notice_id", id)?;
    let (found, place) = addressed(tx, actor, id, org)?;
    may_answer(tx, &found, &place)?;
    Ok((found, place))
}

/// Keeps what a place has written so far, right or wrong, and leaves `notices.draft_kept.v1`.
///
/// # Errors
/// `kernel.missing`; what [`may_answer`] refuses; `notices.too_many_rows`, `notices.answer_long`.
pub fn keep_draft(
    tx: &mut Tx,
    actor: &Actor,
    id: NoticeId,
    org: Id<Org>,
    typed: &[Vec<String>],
) -> Result<()> {
    let (_, place) = answerable(tx, actor, id, org)?;
    let kept: Vec<Vec<String>> =
        typed.iter().map(|row| row.iter().map(|cell| keepable(cell)).collect()).collect();
    let draft = bounded(&kept)?;
    let mut fact = Fact::new(facts::DRAFT_KEPT, id).at(org).payload(&told(&place, place.version));
    let done = fact.update(tx, &RECIPIENT, params![id, org], "draft = $1", "", params![draft])?;
    if done.is_some() {
        fact.emit(tx, actor)?;
    }
    Ok(())
}

fn bounded(rows: &[Vec<String>]) -> Result<String> {
    if rows.len() > ROWS_MAX {
        return Err(Error::new(&TOO_MANY_ROWS).arg("max", ROWS_MAX).arg("rows", rows.len()));
    }
    let text = written(&rows)?;
    if text.len() > ANSWER_BYTES_MAX {
        return Err(Error::new(&ANSWER_LONG).arg("kib", ANSWER_BYTES_MAX / 1024).arg("cell", CELL_MAX));
    }
    Ok(text)
}

/// Hands an answer over, or a correction, and leaves `notices.answered.v1`; gives its version. `nothing` says that a place has nothing to report,
/// which is an answer too 零报告.
///
/// # Errors
/// `kernel.missing`; what [`may_answer`] refuses; `kernel.bad_fields` with each wrong cell as `r0c0`; `notices.no_rows`,
/// `notices.too_many_rows`, `notices.answer_long`.
pub fn answer_notice(
    tx: &mut Tx,
    actor: &Actor,
    id: NoticeId,
    org: Id<Org>,
    typed: &[Vec<String>],
    nothing: bool,
) -> Result<i64> {
    let (found, place) = answerable(tx, actor, id, org)?;
    let fields = found.fields()?;
    let rows = if found.many {
        read_rows(&fields, typed)
    } else {
        // A single row is there even where it was left empty, and then lacks what must be filled in.
        read_row(&fields, 0, typed.first().map_or(&[][..], Vec::as_slice)).map(|row| vec![row])
    };
    let rows = rows.map_err(|faults| Error::fields(faults.iter().map(Fault::field_error).collect()))?;
    if rows.is_empty() && !nothing {
        return Err(Error::field("nothing", &NO_ROWS));
    }
    let answer = bounded(&rows)?;
    let (version, now) = (place.version + 1, tx.now());
    let mut fact = Fact::new(facts::ANSWERED, id).at(org).payload(&told(&place, version));
    let changed = fact.update(
        tx,
        &RECIPIENT,
        params![id, org],
        "state = $1, version = $2, answered_at = $3, draft = '', returned = '', opened_at = coalesce(opened_at, $3), \
         opened_by = coalesce(opened_by, $4)",
        "version = $5",
        params![State::Done, version, now, actor.person(), place.version],
    )?;
    if changed.is_none() {
        return Err(Error::new(&kernel::CHANGED));
    }
    let row = params![id, org, version, answer, now, actor.person()];
    fact.insert(tx, &ANSWER, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(version)
}

/// Returns an answer with a reason 退回 and leaves `notices.returned.v1`; the place mends it and hands it over again.
///
/// # Errors
/// `kernel.missing`; `kernel.bad_fields` of the reason; `notices.not_open`; `notices.not_answered`.
pub fn return_answer(tx: &mut Tx, actor: &Actor, id: NoticeId, org: Id<Org>, why: &str) -> Result<()> {
    let found = officered(tx, actor, id)?;
    let place = recipient(tx, id, org)?.ok_or_else(Error::missing)?;
    let why = reason(why)?;
    if !found.is_open() {
        return Err(Error::new(&NOT_OPEN));
    }
    let mut fact = Fact::new(facts::RETURNED, id).at(org).payload(&told(&place, place.version));
    let done = fact.update(
        tx,
        &RECIPIENT,
        params![id, org],
        "state = $1, returned = $2",
        "state = 'done' AND version > 0",
        params![State::Returned, why],
    )?;
    if done.is_none() {
        return Err(Error::new(&NOT_ANSWERED));
    }
    fact.emit(tx, actor)?;
    Ok(())
}

/// What stands in the form of a place: what it has written so far, else what it handed over last.
///
/// # Errors
/// `kernel.bug` if that cannot be read.
pub fn typed_so_far(tx: &mut Tx, place: &Recipient) -> Result<Vec<Vec<String>>> {
    if !place.draft.is_empty() {
        return read(&place.draft);
    }
    match crate::model::answers(tx, place.notice_id, place.org_id)?.first() {
        Some(answer) => answer.rows(),
        None => Ok(Vec::new()),
    }
}
