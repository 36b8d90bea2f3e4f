//! The projection behind the figures: cells of (organisation, month), always computed anew from their records.
//!
//! Computing a touched cell anew instead of adding to it makes a reversal, a correction and a repeated fact all come out
//! right, whatever order they come in: the records are always at least as new as the fact that points at them. A cell has
//! some hundred records, and a batch of facts touches each of its cells once.

use std::collections::BTreeSet;

use activities::facts::{CLASS_CLOSED, ClassClosed};
use credentials::{ISSUED, Issued, REVOKED, Revoked};
use journal::{Consumer, Recorded};
use kernel::{Error, Id, Month, Org, Person, Result, Timestamp};
use learning::facts::{
    ATTENDANCE_REVERSED, ATTENDED, Attended, HEADCOUNT_NOTED, HEADCOUNT_REVERSED, HeadcountNoted,
    MINUTES_CORRECTED,
};
use roaring::RoaringBitmap;
use store::{Row, Tx, params, sql};

use crate::Months;

/// Name of the consumer, the key of its cursor.
pub(crate) const CONSUMER: &str = "statistics.figures";

/// Keeps `figure_cell`, `figure_city` and `certificate_here`.
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
    /// Classes closed, counted in the month of their last session.
    pub classes: i64,
    /// Certificates issued and not revoked, counted in the month of issue.
    pub certificates: i64,
    /// Who came, as a set of numbers (人数).
    pub people: RoaringBitmap,
}

impl Cell {
    /// Takes another cell in: counts are added, people united.
    pub fn unite(&mut self, other: &Cell) {
        self.attendances += other.attendances;
        self.visitors += other.visitors;
        self.minutes += other.minutes;
        self.classes += other.classes;
        self.certificates += other.certificates;
        self.people |= &other.people;
    }

    /// Distinct people (人数).
    pub fn learners(&self) -> i64 {
        i64::try_from(self.people.len()).unwrap_or(i64::MAX)
    }

    /// The counts without the people.
    pub(crate) fn counts(&self) -> (i64, i64, i64, i64, i64) {
        (self.attendances, self.visitors, self.minutes, self.classes, self.certificates)
    }

    /// Reads `attendances, visitors, minutes, classes, certificates, people` from column `first` on.
    pub(crate) fn read(row: &Row, first: usize) -> Result<Self> {
        let bytes: Vec<u8> = row.get(first + 5)?;
        Ok(Self {
            attendances: row.get(first)?,
            visitors: row.get(first + 1)?,
            minutes: row.get(first + 2)?,
            classes: row.get(first + 3)?,
            certificates: row.get(first + 4)?,
            people: unpack(&bytes)?,
        })
    }
}

/// The bytes of a set of people, as a cell stores them.
fn pack(people: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(people.serialized_size());
    people.serialize_into(&mut bytes).map_err(|e| Error::bug("a bitmap cannot be written").caused_by(e))?;
    Ok(bytes)
}

/// Reads what [`pack`] wrote.
fn unpack(bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).map_err(|e| Error::bug("a bitmap cannot be read").caused_by(e))
}

/// A cell computed from the records, with the identifiers of people who have no number yet.
pub(crate) fn from_records(
    tx: &mut Tx,
    org_id: Id<Org>,
    month: Month,
) -> Result<(Cell, BTreeSet<Id<Person>>)> {
    let (from, to) = crate::moments(Months(month, Month(month.0 + 1)));
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
    let (classes,): (i64,) = tx.one(
        sql!(
            "SELECT count(*) FROM class \
             WHERE org_id = $1 AND status = 'closed' AND ends_at >= $2 AND ends_at < $3"
        ),
        params![org_id, from, to],
    )?;
    let (certificates,): (i64,) = tx.one(
        sql!(
            "SELECT count(*) FROM certificate_here \
             WHERE org_id = $1 AND issued_at >= $2 AND issued_at < $3 AND valid"
        ),
        params![org_id, from, to],
    )?;
    let mut cell = Cell { visitors, classes, certificates, ..Cell::default() };
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
    Ok((cell, unknown))
}

/// The cell that a fact changes, if it changes one.
pub(crate) fn touched(tx: &mut Tx, fact: &Recorded) -> Result<Option<(Id<Org>, Month)>> {
    let at = |org: Id<Org>, moment: Timestamp| Some((org, moment.day().month()));
    Ok(match fact.kind.as_str() {
        ATTENDED | MINUTES_CORRECTED | ATTENDANCE_REVERSED => {
            let told: Attended = fact.payload()?;
            at(told.org_id, told.learned_at)
        }
        HEADCOUNT_NOTED | HEADCOUNT_REVERSED => {
            let told: HeadcountNoted = fact.payload()?;
            at(told.org_id, told.learned_at)
        }
        CLASS_CLOSED => {
            let told: ClassClosed = fact.payload()?;
            activities::class(tx, told.class_id)?.and_then(|class| at(told.org_id, class.ends_at))
        }
        ISSUED => {
            let told: Issued = fact.payload()?;
            at(told.org_id, fact.occurred_at)
        }
        REVOKED => {
            let told: Revoked = fact.payload()?;
            let issued: Option<(Timestamp,)> = tx.opt(
                sql!("SELECT issued_at FROM certificate_here WHERE org_id = $1 AND credential_id = $2"),
                params![told.org_id, told.credential_id],
            )?;
            issued.and_then(|(issued_at,)| at(told.org_id, issued_at))
        }
        _ => None,
    })
}

/// Keeps a certificate beside its organisation.
fn note_certificate(tx: &mut Tx, fact: &Recorded) -> Result<()> {
    match fact.kind.as_str() {
        ISSUED => {
            let told: Issued = fact.payload()?;
            tx.exec_later(
                sql!(
                    "INSERT INTO certificate_here (org_id, credential_id, class_id, issued_at, valid) \
                     VALUES ($1, $2, $3, $4, TRUE) ON CONFLICT (org_id, credential_id) DO NOTHING"
                ),
                params![told.org_id, told.credential_id, told.class_id, fact.occurred_at],
            )?;
        }
        REVOKED => {
            let told: Revoked = fact.payload()?;
            tx.exec_later(
                sql!("UPDATE certificate_here SET valid = FALSE WHERE org_id = $1 AND credential_id = $2"),
                params![told.org_id, told.credential_id],
            )?;
        }
        _ => {}
    }
    Ok(())
}

/// Gives numbers to people who have none, following the highest one. Only the consumer does, and its cursor is locked.
fn number(tx: &mut Tx, people: &mut RoaringBitmap, unknown: BTreeSet<Id<Person>>) -> Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let (first,): (i64,) = tx.one(sql!("SELECT coalesce(max(number) + 1, 0) FROM person_number"), &[])?;
    for (person, number) in unknown.into_iter().zip(first..) {
        tx.exec_later(
            sql!("INSERT INTO person_number (person_id, number) VALUES ($1, $2)"),
            params![person, number],
        )?;
        people.insert(u32::try_from(number).map_err(|e| Error::bug("too many people").caused_by(e))?);
    }
    Ok(())
}

impl Consumer for Cells {
    fn name(&self) -> &'static str {
        CONSUMER
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        let mut cells = BTreeSet::new();
        for fact in facts {
            note_certificate(tx, fact)?;
            cells.extend(touched(tx, fact)?);
        }
        let mut years = BTreeSet::new();
        for (org_id, month) in cells {
            let (mut cell, unknown) = from_records(tx, org_id, month)?;
            number(tx, &mut cell.people, unknown)?;
            let (attendances, visitors, minutes, classes, certificates) = cell.counts();
            tx.exec_later(
                sql!(
                    "INSERT INTO figure_cell (org_id, month, attendances, visitors, minutes, classes, certificates, people) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (org_id, month) DO UPDATE SET \
                     attendances = $3, visitors = $4, minutes = $5, classes = $6, certificates = $7, people = $8"
                ),
                params![
                    org_id,
                    month,
                    attendances,
                    visitors,
                    minutes,
                    classes,
                    certificates,
                    pack(&cell.people)?
                ],
            )?;
            years.insert(month.year());
        }
        years.into_iter().try_for_each(|year| sum_up(tx, year))
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        tx.exec_later(sql!("DELETE FROM figure_cell"), &[])?;
        tx.exec_later(sql!("DELETE FROM figure_city"), &[])?;
        tx.exec(sql!("DELETE FROM certificate_here"), &[]).map(|_| true)
    }
}

/// All cells of a year, united.
pub(crate) fn unite_year(tx: &mut Tx, year: i32) -> Result<Cell> {
    let rows: Vec<Row> = tx.all(
        sql!(
            "SELECT attendances, visitors, minutes, classes, certificates, people FROM figure_cell \
             WHERE month >= $1 AND month < $2"
        ),
        params![Month::january(year), Month::january(year + 1)],
    )?;
    let mut city = Cell::default();
    for row in rows {
        city.unite(&Cell::read(&row, 0)?);
    }
    Ok(city)
}

/// Writes the city's row of a year.
fn sum_up(tx: &mut Tx, year: i32) -> Result<()> {
    let city = unite_year(tx, year)?;
    tx.exec(
        sql!(
            "INSERT INTO figure_city (year, attendances, visitors, minutes, learners) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (year) DO UPDATE SET attendances = $2, visitors = $3, minutes = $4, learners = $5"
        ),
        params![year, city.attendances, city.visitors, city.minutes, city.learners()],
    )
    .map(|_| ())
}
