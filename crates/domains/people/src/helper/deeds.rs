//! Projection: what helpers did for each person, so that she can read it on one page.

use journal::{Consumer, Recorded};
use kernel::{Actor, Id, Person, Result, Timestamp};
use store::{Tx, params, sql};

/// Keeps `helper_deed`.
pub struct Deeds;

impl Consumer for Deeds {
    fn name(&self) -> &'static str {
        "people.deeds"
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        for fact in facts {
            let Some((helper, person)) = Actor::read_helper(&fact.actor) else { continue };
            tx.exec_later(
                sql!(
                    "INSERT INTO helper_deed (person_id, pos, helper_id, kind, at) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (person_id, pos) DO NOTHING"
                ),
                params![person, fact.pos, helper, fact.kind.clone(), fact.recorded_at],
            )?;
        }
        Ok(())
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        tx.exec(sql!("DELETE FROM helper_deed"), &[]).map(|_| true)
    }
}

store::row! {
    /// Something that a helper did.
    pub struct Deed {
        /// Its place in the journal.
        pub pos: i64,
        /// Who did it.
        pub helper: Id<Person>,
        /// Kind of the fact.
        pub kind: String,
        /// When.
        pub at: Timestamp,
    }
}

/// What helpers did for a person before a position, the newest first.
///
/// # Errors
/// Those of the store.
pub fn deeds_for(tx: &mut Tx, person: Id<Person>, before: i64, limit: i64) -> Result<Vec<Deed>> {
    tx.all(
        sql!(
            "SELECT pos, helper_id, kind, at FROM helper_deed WHERE person_id = $1 AND pos < $2 ORDER BY pos DESC LIMIT $3"
        ),
        params![person, before, limit],
    )
}
