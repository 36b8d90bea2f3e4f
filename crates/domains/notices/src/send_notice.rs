//! Sending a notice: whom it reaches is looked up now and stands from then on, whatever the tree becomes.

use journal::Fact;
use kernel::{Actor, Error, Result};
use store::{Tx, params};

use crate::{
    facts::{self, ADDRESSED_AT_ONCE, NoticeSent},
    model::{NOTICE, NoticeId, RECIPIENT, RECIPIENTS_MAX, State, Status},
    reach::{officered, reached},
    remind::plan_reminders,
    write_notice::{DUE_BEHIND, NOT_DRAFT},
};

kernel::codes! {
    /// The notice would reach nobody.
    pub NOBODY = Conflict "notices.nobody";
    /// The notice would reach more places than one may.
    pub TOO_MANY_PLACES = Conflict "notices.too_many_places";
}

/// Sends a draft and leaves `notices.sent.v1` and `notices.addressed.v1`; tells how many places it reaches.
///
/// # Errors
/// `kernel.missing`; `notices.not_draft`; `notices.due_behind` if its last day has passed meanwhile; `notices.nobody`;
/// `notices.too_many_places`.
pub fn send_notice(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<usize> {
    let found = officered(tx, actor, id)?;
    if found.status != Status::Draft {
        return Err(Error::new(&NOT_DRAFT));
    }
    let now = tx.now();
    if found.due_on.is_some_and(|due| due < now.day()) {
        return Err(Error::new(&DUE_BEHIND));
    }
    let places = reached(tx, found.org_id, &found.audience()?)?;
    if places.is_empty() {
        return Err(Error::new(&NOBODY));
    }
    if places.len() > RECIPIENTS_MAX {
        return Err(Error::new(&TOO_MANY_PLACES).arg("max", RECIPIENTS_MAX));
    }
    let told = |count: usize| NoticeSent { notice_id: id, places: i64::try_from(count).unwrap_or(i64::MAX) };
    let mut fact = Fact::new(facts::SENT, id).at(found.org_id).payload(&told(places.len()));
    let sent = fact.update(
        tx,
        &NOTICE,
        params![id],
        "status = 'sent', sent_at = $1",
        "status = 'draft'",
        params![now],
    )?;
    if sent.is_none() {
        return Err(Error::new(&NOT_DRAFT));
    }
    fact.emit(tx, actor)?;
    let none: Option<i64> = None;
    for some in places.chunks(ADDRESSED_AT_ONCE) {
        let mut fact = Fact::new(facts::ADDRESSED, id).at(found.org_id).payload(&told(some.len()));
        for place in some {
            let row = params![id, place.org_id, State::Waiting, none, none, "", 0_i64, none, "", none, 0_i64];
            fact.insert(tx, &RECIPIENT, row.to_vec())?;
        }
        fact.emit(tx, actor)?;
    }
    if found.prompting {
        plan_reminders(tx, id, found.due_on)?;
    }
    Ok(places.len())
}
