//! Learning within fifteen minutes 十五分钟学习圈: which streets, towns and villages have a place of learning, which have a class, and how
//! many people live where there is none.
//!
//! **Reached** is a division in which, or in a part of which, an open organisation lies (a place), or one with a class that is on or begins
//! within 30 days (an offer). The division stands for the walk: a village or neighbourhood is about what can be walked across in fifteen
//! minutes. Distances are not used: neither the middle of a village nor the position of a place was measured, so that a kilometre would
//! only look exact. People are counted where a source states them for the very division; where none does, they are unknown, never zero
//! and never shared out by a guess.

use std::collections::{BTreeMap, HashSet};

use kernel::{RegionCode, RegionLevel, Result, Timestamp};
use store::{Tx, params, sql};

/// Days within which a class has to begin.
pub const OFFER_DAYS: i64 = 30;

/// A division and whether it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub code: RegionCode,
    pub name: String,
    pub kind: String,
    pub population: Option<i64>,
    /// Villages and neighbourhoods inside.
    pub villages: i64,
    pub place: bool,
    pub offer: bool,
}

/// What is asked of a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It has no place of learning.
    Place,
    /// It has no class.
    Offer,
}

impl Lack {
    pub const ALL: [Lack; 2] = [Lack::Place, Lack::Offer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Lack::Place => "place",
            Lack::Offer => "offer",
        }
    }

    pub const fn of(self, spot: &Spot) -> bool {
        match self {
            Lack::Place => !spot.place,
            Lack::Offer => !spot.offer,
        }
    }
}

/// People of some divisions, as far as they are stated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Sum of those stated.
    pub stated: i64,
    /// Divisions for which no source states them.
    pub unknown: i64,
}

/// Divisions of one level inside a county.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    pub all: i64,
    pub without_place: i64,
    pub without_offer: i64,
    /// Who lives where no place is.
    pub people_without_place: People,
    /// Who lives where no class is.
    pub people_without_offer: People,
}

impl Coverage {
    /// Counts divisions.
    pub fn of<'a>(spots: impl IntoIterator<Item = &'a Spot>) -> Self {
        let mut sum = Self::default();
        for spot in spots {
            sum.all += 1;
            for (lack, count, people) in [
                (Lack::Place, &mut sum.without_place, &mut sum.people_without_place),
                (Lack::Offer, &mut sum.without_offer, &mut sum.people_without_offer),
            ] {
                if lack.of(spot) {
                    *count += 1;
                    match spot.population {
                        Some(stated) => people.stated += stated,
                        None => people.unknown += 1,
                    }
                }
            }
        }
        sum
    }
}

/// The towns and villages of a division, in the order of codes, each with whether it is reached.
pub fn spots(tx: &mut Tx, inside: &RegionCode) -> Result<Vec<Spot>> {
    let (low, high) = network::code_bounds(inside);
    let now = tx.now();
    let soon: Timestamp = now.plus_minutes(OFFER_DAYS * 24 * 60);
    let places: Vec<(RegionCode,)> = tx.all(
        sql!(
            "SELECT DISTINCT region_code FROM org WHERE region_code BETWEEN $1 AND $2 AND closed_on IS NULL"
        ),
        params![low.as_str(), high.as_str()],
    )?;
    let offers: Vec<(RegionCode,)> = tx.all(
        sql!(
            "SELECT DISTINCT o.region_code FROM org o WHERE o.region_code BETWEEN $1 AND $2 AND o.closed_on IS NULL AND EXISTS (\
             SELECT 1 FROM class c WHERE c.org_id = o.org_id AND c.status = 'open' AND c.starts_at < $3 AND c.ends_at > $4)"
        ),
        params![low.as_str(), high.as_str(), soon, now],
    )?;
    let (places, offers) = (reached(&places), reached(&offers));
    let rows: Vec<(RegionCode, String, String, Option<i64>)> = tx.all(
        sql!(
            "SELECT code, name, kind, population FROM region WHERE code BETWEEN $1 AND $2 AND level >= 4 AND valid_to IS NULL ORDER BY code"
        ),
        params![low.as_str(), high.as_str()],
    )?;
    let mut villages: BTreeMap<RegionCode, i64> = BTreeMap::new();
    for (code, ..) in &rows {
        if let Some(town) = code.township().filter(|town| town != code) {
            *villages.entry(town).or_default() += 1;
        }
    }
    Ok(rows
        .into_iter()
        .map(|(code, name, kind, population)| Spot {
            villages: villages.get(&code).copied().unwrap_or(0),
            place: places.contains(&code),
            offer: offers.contains(&code),
            code,
            name,
            kind,
            population,
        })
        .collect())
}

/// The towns and villages that hold these divisions, themselves included.
fn reached(codes: &[(RegionCode,)]) -> HashSet<RegionCode> {
    let mut all = HashSet::new();
    for (code,) in codes {
        all.extend(code.township());
        if code.level() == RegionLevel::Village {
            all.insert(code.clone());
        }
    }
    all
}

/// Whether a division is a street or town (else it is a village or neighbourhood).
pub fn is_town(spot: &Spot) -> bool {
    spot.code.level() == RegionLevel::Township
}
