//! The projection behind the figures: cells of (organisation, month), always computed anew from their records.
//!
//! Computing a touched cell anew instead of adding to it makes a reversal, a correction and a repeated fact all come out
//! right, whatever order they come in; a cell has some hundred records at most.

use std::collections::BTreeSet;

use journal::{Consumer, Recorded};
use kernel::{Id, Month, Org, Person, Result};
use learning::facts::{
    ATTENDANCE_REVERSED, ATTENDED, Attended, HEADCOUNT_NOTED, HEADCOUNT_REVERSED, HeadcountNoted,
    MINUTES_CORRECTED,
};
use roaring::RoaringBitmap;
use store::{Tx, params, sql};

/// Keeps `figure_cell` and `figure_city`.
pub struct Cells;

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Check-ins (人次).
    pub attendances: i64,
    /// Visitors without accounts (人次).
    pub visitors: i64,
    /// Minutes of the check-ins.
    pub minutes: i64,
    /// Who came, as a set of numbers (人数).
    pub people: RoaringBitmap,
}

impl Cell {
    /// Takes another cell in: counts are added, people united.
    pub fn unite(&mut self, other: &Cell) {
        self.attendances += other.attendances;
        self.visitors += other.visitors;
        self.minutes += other.minutes;
        self.people |= &other.people;
    }

    /// Distinct people (人数).
    pub fn learners(&self) -> i64 {
        i64::try_from(self.people.len()).unwrap_or(i64::MAX)
    }
}

/// The bytes of a set of people, as a cell stores them.
pub(crate) fn pack(people: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(people.serialized_size());
    people
        .serialize_into(&mut bytes)
        .map_err(|e| kernel::Error::bug("a bitmap cannot be written").caused_by(e))?;
    Ok(bytes)
}

/// Reads what [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes)
        .map_err(|e| kernel::Error::bug("a bitmap cannot be read").caused_by(e))
}

/// A cell computed from the records, with the identifiers of people who have no number yet.
pub(crate) fn from_records(tx: &mut Tx, org_id: Id<Org>, month: Month) -> Result<(Cell, Vec<Id<Person>>)> {
    let (from, to) = crate::moments(crate::Months(month, Month(month.0 + 1)));
    let rows: Vec<(Id<Person>, i64, Option<u32>)> = tx.all(
        sql!(
            "SELECT a.person_id, a.minutes, n.number FROM attendance a \
             LEFT JOIN person_number n ON n.person_id = a.person_id \
             WHERE a.org_id = $1 AND a.occurred_at >= $2 AND a.occurred_at < $3 AND a.status = 'valid'"
        ),
        params![org_id, from, to],
    )?;
    let (visitors,): (i64,) = tx.one(
        sql!(
            "SELECT CAST(coalesce(sum(visitors), 0) AS bigint) FROM headcount \
             WHERE org_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'valid'"
        ),
        params![org_id, from, to],
    )?;
    let mut cell = Cell { visitors, ..Cell::default() };
    let mut unknown = BTreeSet::new();
    for (person, minutes, number) in rows {
        cell.attendances += 1;
        cell.minutes += minutes;
        match number {
            Some(number) => {
                cell.people.insert(number);
            }
            None => {
                unknown.insert(person);
            }
        }
    }
    Ok((cell, unknown.into_iter().collect()))
}

fn touched(fact: &Recorded) -> Result<Option<(Id<Org>, Month)>> {
    Ok(match fact.kind.as_str() {
        ATTENDED | MINUTES_CORRECTED | ATTENDANCE_REVERSED => {
            let told: Attended = fact.payload()?;
            Some((told.org_id, told.learned_at.day().month()))
        }
        HEADCOUNT_NOTED | HEADCOUNT_REVERSED => {
            let told: HeadcountNoted = fact.payload()?;
            Some((told.org_id, told.learned_at.day().month()))
        }
        _ => None,
    })
}

impl Consumer for Cells {
    fn name(&self) -> &'static str {
        "statistics.figures"
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        let mut cells = BTreeSet::new();
        for fact in facts {
            cells.extend(touched(fact)?);
        }
        let (mut next,): (i64,) = tx.one(sql!("SELECT count(*) FROM person_number"), &[])?;
        let mut years = BTreeSet::new();
        for (org_id, month) in cells {
            let (mut cell, unknown) = from_records(tx, org_id, month)?;
            for person in unknown {
                tx.exec(
                    sql!("INSERT INTO person_number (person_id, number) VALUES ($1, $2)"),
                    params![person, next],
                )?;
                cell.people.insert(
                    u32::try_from(next).map_err(|e| kernel::Error::bug("too many people").caused_by(e))?,
                );
                next += 1;
            }
            tx.exec(
                sql!(
                    "INSERT INTO figure_cell (org_id, month, attendances, visitors, minutes, people) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, month) \
                     DO UPDATE SET attendances = $3, visitors = $4, minutes = $5, people = $6"
                ),
                params![org_id, month, cell.attendances, cell.visitors, cell.minutes, pack(&cell.people)?],
            )?;
            years.insert(month.year());
        }
        years.into_iter().try_for_each(|year| sum_up(tx, year))
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        tx.exec(sql!("DELETE FROM figure_cell"), &[])?;
        tx.exec(sql!("DELETE FROM figure_city"), &[]).map(|_| true)
    }
}

/// Unites all cells of a year into the city's row.
fn sum_up(tx: &mut Tx, year: i32) -> Result<()> {
    let rows: Vec<(i64, i64, i64, Vec<u8>)> = tx.all(
        sql!(
            "SELECT attendances, visitors, minutes, people FROM figure_cell WHERE month >= $1 AND month < $2"
        ),
        params![Month::january(year), Month::january(year + 1)],
    )?;
    let mut city = Cell::default();
    for (attendances, visitors, minutes, people) in rows {
        city.unite(&Cell { attendances, visitors, minutes, people: unpack(&people)? });
    }
    tx.exec(
        sql!(
            "INSERT INTO figure_city (year, attendances, visitors, minutes, learners) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (year) DO UPDATE SET attendances = $2, visitors = $3, minutes = $4, learners = $5"
        ),
        params![year, city.attendances, city.visitors, city.minutes, city.learners()],
    )
    .map(|_| ())
}
