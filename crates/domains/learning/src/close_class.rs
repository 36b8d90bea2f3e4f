//! Closing a class: who attended at least two thirds of its sessions completes it.
//!
//! Two thirds is the custom of community schools for a certificate of attendance; it is the only rule so far and stands
//! here in one place. A reversed attendance does not count.

use std::collections::BTreeMap;

use activities::{Class, ClassId};
use journal::Fact;
use kernel::{Actor, Error, Id, Minutes, Person, Result, Right};
use store::{Tx, params, sql};

use crate::{
    facts::{COMPLETED, Completed},
    model::{COMPLETION, CompletionId},
};

kernel::codes! {
    /// The last session has not begun yet.
    pub TOO_EARLY = Conflict "learning.too_early";
}

/// What a person did in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub person_id: Id<Person>,
    /// Sessions attended.
    pub attended: i64,
    /// Minutes attended.
    pub minutes: Minutes,
    /// Whether that is enough.
    pub completes: bool,
}

/// Whether so many attended sessions of so many are enough: two thirds, rounded up.
pub const fn completes(attended: i64, planned: i64) -> bool {
    attended > 0 && attended * 3 >= planned * 2
}

/// Everybody who has a seat, with what she attended; what the page shows before closing.
pub fn standings(tx: &mut Tx, class: &Class) -> Result<Vec<Standing>> {
    let attended: Vec<(Id<Person>, i64, i64)> = tx.all(
        sql!(
            "SELECT person_id, count(*), CAST(sum(minutes) AS bigint) FROM attendance \
             WHERE org_id = $1 AND class_id = $2 AND status = 'valid' GROUP BY person_id"
        ),
        params![class.org_id, class.class_id],
    )?;
    let by_person: BTreeMap<Id<Person>, (i64, i64)> =
        attended.into_iter().map(|(person, sessions, minutes)| (person, (sessions, minutes))).collect();
    let standing = |person_id| {
        let (attended, minutes) = by_person.get(&person_id).copied().unwrap_or_default();
        Standing {
            person_id,
            attended,
            minutes: Minutes(minutes),
            completes: completes(attended, class.sessions),
        }
    };
    Ok(activities::roster(tx, class)?.into_iter().map(|seat| standing(seat.person_id)).collect())
}

/// Closes a class and records the completions; returns how many there are.
pub fn close_class(tx: &mut Tx, actor: &Actor, class_id: ClassId) -> Result<usize> {
    let class = activities::class(tx, class_id)?.ok_or_else(Error::missing)?;
    activities::teacher_or(tx, actor, &class, Right::CloseClass)?;
    let last = activities::sessions_of_class(tx, class.org_id, class_id)?.pop();
    if last.is_some_and(|session| session.starts_at > tx.now()) {
        return Err(Error::new(&TOO_EARLY).arg("title", &class.title));
    }
    let standings = standings(tx, &class)?;
    activities::close_class(tx, actor, class_id)?;
    let mut count = 0;
    for standing in standings.into_iter().filter(|standing| standing.completes) {
        complete(tx, actor, &class, &standing)?;
        count += 1;
    }
    Ok(count)
}

fn complete(tx: &mut Tx, actor: &Actor, class: &Class, standing: &Standing) -> Result<()> {
    let completion_id: CompletionId = tx.new_id();
    let payload = Completed {
        completion_id,
        org_id: class.org_id,
        class_id: class.class_id,
        offer_id: class.offer_id,
        title: class.title.clone(),
        person_id: standing.person_id,
        minutes: standing.minutes,
        attended: standing.attended,
        planned: class.sessions,
    };
    let mut fact = Fact::new(COMPLETED, class.org_id).at(class.org_id).payload(&payload);
    let row = params![
        class.org_id,
        completion_id,
        class.class_id,
        class.offer_id,
        standing.person_id,
        standing.minutes,
        standing.attended,
        class.sessions,
        tx.now()
    ];
    fact.insert(tx, &COMPLETION, row.to_vec())?;
    fact.emit(tx, actor).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::completes;

    #[test]
    fn two_thirds_are_enough() {
        let cases = [(0, 1, false), (1, 1, true), (1, 2, false), (2, 3, true), (5, 8, false), (6, 8, true)];
        assert!(cases.into_iter().all(|(attended, planned, enough)| completes(attended, planned) == enough));
    }
}
