//! Ending it, by either of the two, at once.

use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result};
use store::{Tx, params, sql};

use super::helpers_of;
use crate::facts::{HELPER, HELPER_ENDED, HelpedBy};

kernel::codes! {
    /// A child does not end what its guardian answers for.
    pub GUARDIAN_STAYS = Conflict "people.guardian_stays";
}

/// Ends that somebody may act for a person, sessions that do so among it. What has ended stays so.
///
/// # Errors
/// `kernel.missing` unless the actor is one of the two, for herself; `people.guardian_stays` if a child wants to end its guardian.
pub fn end_helper(tx: &mut Tx, actor: &Actor, person: Id<Person>, helper: Id<Person>) -> Result<()> {
    let own = actor.oneself().filter(|own| *own == person || *own == helper).ok_or_else(Error::missing)?;
    let held = helpers_of(tx, person)?.into_iter().find(|held| held.helper == helper);
    let Some(held) = held else { return Err(Error::missing()) };
    if own == person && held.is_guardian() {
        return Err(Error::new(&GUARDIAN_STAYS));
    }
    end(tx, actor, person, helper)
}

/// Ends it whoever asks.
pub(super) fn end(tx: &mut Tx, actor: &Actor, person: Id<Person>, helper: Id<Person>) -> Result<()> {
    let mut fact =
        Fact::new(HELPER_ENDED, person).payload(&HelpedBy { person_id: person, helper_id: helper });
    let ended = fact.update(
        tx,
        &HELPER,
        params![person, helper],
        "ended_at = $1",
        "ended_at IS NULL",
        params![tx.now()],
    )?;
    if ended.is_some() {
        fact.emit(tx, actor)?;
    }
    tx.exec_later(
        sql!(
            "UPDATE web_session SET helped_id = NULL, helped_until = NULL WHERE person_id = $1 AND helped_id = $2"
        ),
        params![helper, person],
    )
}

/// Ends all that an erased person may do for others; what others may do for her goes with her own rows.
pub(crate) fn end_all_by(tx: &mut Tx, actor: &Actor, helper: Id<Person>) -> Result<()> {
    let helped: Vec<(Id<Person>,)> = tx.all(
        sql!("SELECT person_id FROM helper WHERE helper_id = $1 AND ended_at IS NULL ORDER BY person_id"),
        params![helper],
    )?;
    helped.into_iter().try_for_each(|(person,)| end(tx, actor, person, helper))
}
