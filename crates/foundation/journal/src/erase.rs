//! Erasure: the salts of a person's facts are destroyed, so that their digests say nothing any more, while every leaf and proof stays.
//!
//! Only facts that vouch for nothing but personal tables lose their salts, and the fact that tells of the erasure vouches anew for
//! what is left of these rows. So no row goes unchecked after an erasure, and none can be passed off as erased: a missing salt that
//! no such fact covers is a finding.

use kernel::{Error, Result};
use store::{Tx, params, sql};

use crate::FactId;

/// What erases: a kind of fact whose `home` is the pseudonym that means nobody from then on.
///
/// A domain lists it by `journal::inventory::submit!`.
pub struct Erasure {
    /// Kind of the fact that tells of it.
    pub kind: &'static str,
    /// Tables of which the old digests become meaningless; the fact vouches for all rows that are left in them.
    pub tables: &'static [&'static str],
}
inventory::collect!(Erasure);

/// The erasure that this kind of fact tells of.
pub(crate) fn erasure(kind: &str) -> Option<&'static Erasure> {
    inventory::iter::<Erasure>().find(|erasure| erasure.kind == kind)
}

impl Erasure {
    /// Whether a fact with these digests vouches for nothing else than what is erased.
    pub(crate) fn covers<'a>(&self, records: impl IntoIterator<Item = &'a str>) -> bool {
        records
            .into_iter()
            .all(|record| record.split_once(':').is_some_and(|(table, _)| self.tables.contains(&table)))
    }
}

/// Destroys the salts of the facts at this home that the erasure covers; returns how many. Called before the fact that tells of it is
/// written, which keeps its salt.
///
/// # Errors
/// `kernel.bug` if no erasure of this kind is listed.
pub fn destroy_salts(tx: &mut Tx, kind: &str, home: impl std::fmt::Display) -> Result<i64> {
    let erasure = erasure(kind).ok_or_else(|| Error::bug(format!("{kind} is listed as no erasure")))?;
    let home = home.to_string();
    let facts: Vec<(FactId, String)> =
        tx.all(sql!("SELECT id, digests FROM fact WHERE home = $1 AND salt IS NOT NULL"), params![&home])?;
    let mut destroyed = 0;
    for (id, digests) in facts {
        let digests: Vec<(String, i64, String)> = serde_json::from_str(&digests)
            .map_err(|e| Error::bug(format!("digests of fact {id} cannot be read")).caused_by(e))?;
        if erasure.covers(digests.iter().map(|(record, ..)| record.as_str())) {
            tx.exec(sql!("UPDATE fact SET salt = NULL WHERE home = $1 AND id = $2"), params![&home, id])?;
            destroyed += 1;
        }
    }
    Ok(destroyed)
}
