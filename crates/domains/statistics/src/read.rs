//! Queries.

use std::collections::BTreeMap;

use activities::{Class, ClassId};
use kernel::{Id, Month, Org, Result};
use network::Organisation;
use store::{Tx, params, sql};

use crate::cells::{Cell, unpack};

/// The city in a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Check-ins of all years (人次).
    pub attendances: i64,
    /// Visitors without accounts of all years (人次).
    pub visitors: i64,
    /// Distinct people of this year (人数).
    pub learners_this_year: i64,
    /// Minutes of all years.
    pub minutes: i64,
}

/// The city's summary: a read of a few rows.
pub fn city_summary(tx: &mut Tx) -> Result<Summary> {
    let (attendances, visitors, minutes): (i64, i64, i64) = tx.one(
        sql!(
            "SELECT CAST(coalesce(sum(attendances), 0) AS bigint), CAST(coalesce(sum(visitors), 0) AS bigint), \
             CAST(coalesce(sum(minutes), 0) AS bigint) FROM figure_city"
        ),
        &[],
    )?;
    let year = tx.now().day().month().year();
    let learners: Option<(i64,)> =
        tx.opt(sql!("SELECT learners FROM figure_city WHERE year = $1"), params![year])?;
    Ok(Summary { attendances, visitors, learners_this_year: learners.map_or(0, |(n,)| n), minutes })
}

/// Months from the first one to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(pub Month, pub Month);

impl Months {
    /// A calendar year.
    pub const fn year(year: i32) -> Self {
        Self(Month::january(year), Month::january(year + 1))
    }
}

/// Years for which there are figures, the newest first.
pub fn years(tx: &mut Tx) -> Result<Vec<i32>> {
    let rows: Vec<(i32,)> = tx.all(sql!("SELECT year FROM figure_city ORDER BY year DESC"), &[])?;
    Ok(rows.into_iter().map(|(year,)| year).collect())
}

/// What happened at an organisation itself and at all below it, by month.
pub fn by_month(tx: &mut Tx, org_id: Id<Org>, months: Months) -> Result<BTreeMap<Month, Cell>> {
    let rows: Vec<(Month, i64, i64, i64, Vec<u8>)> = tx.all(
        sql!(
            "SELECT c.month, c.attendances, c.visitors, c.minutes, c.people FROM org_tree t \
             JOIN figure_cell c ON c.org_id = t.org_id \
             WHERE t.ancestor_id = $1 AND t.to_day IS NULL AND c.month >= $2 AND c.month < $3"
        ),
        params![org_id, months.0, months.1],
    )?;
    let mut cells: BTreeMap<Month, Cell> = BTreeMap::new();
    for (month, attendances, visitors, minutes, people) in rows {
        let cell = Cell { attendances, visitors, minutes, people: unpack(&people)? };
        cells.entry(month).or_default().unite(&cell);
    }
    Ok(cells)
}

/// The same by child organisation (each with all below it); the organisation's own cells come under its own id.
pub fn by_child(tx: &mut Tx, org_id: Id<Org>, months: Months) -> Result<BTreeMap<Id<Org>, Cell>> {
    let rows: Vec<(Id<Org>, i64, i64, i64, Vec<u8>)> = tx.all(
        sql!(
            "SELECT k.org_id, c.attendances, c.visitors, c.minutes, c.people FROM org k \
             JOIN org_tree t ON t.ancestor_id = k.org_id AND t.to_day IS NULL JOIN figure_cell c ON c.org_id = t.org_id \
             WHERE k.parent_id = $1 AND c.month >= $2 AND c.month < $3 \
             UNION ALL SELECT c.org_id, c.attendances, c.visitors, c.minutes, c.people FROM figure_cell c \
             WHERE c.org_id = $1 AND c.month >= $2 AND c.month < $3"
        ),
        params![org_id, months.0, months.1],
    )?;
    let mut cells: BTreeMap<Id<Org>, Cell> = BTreeMap::new();
    for (child, attendances, visitors, minutes, people) in rows {
        let cell = Cell { attendances, visitors, minutes, people: unpack(&people)? };
        cells.entry(child).or_default().unite(&cell);
    }
    Ok(cells)
}

/// What happened in a class.
#[derive(Debug, Clone)]
pub struct ClassFigures {
    /// The class.
    pub class: Class,
    /// Check-ins (人次).
    pub attendances: i64,
    /// Visitors (人次).
    pub visitors: i64,
    /// Minutes of the check-ins.
    pub minutes: i64,
    /// Distinct people (人数).
    pub learners: i64,
}

/// The classes of an organisation that met in these months, newest first, at most `limit`.
pub fn by_class(tx: &mut Tx, org: &Organisation, months: Months, limit: i64) -> Result<Vec<ClassFigures>> {
    let (from, to) = crate::moments(months);
    let rows: Vec<(ClassId, i64, i64, i64)> = tx.all(
        sql!(
            "SELECT class_id, count(*), CAST(sum(minutes) AS bigint), count(DISTINCT person_id) FROM attendance \
             WHERE org_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'valid' \
             GROUP BY class_id ORDER BY max(occurred_at) DESC, class_id LIMIT $4"
        ),
        params![org.org_id, from, to, limit],
    )?;
    let visitors: Vec<(ClassId, i64)> = tx.all(
        sql!(
            "SELECT class_id, CAST(sum(visitors) AS bigint) FROM headcount \
             WHERE org_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'valid' GROUP BY class_id"
        ),
        params![org.org_id, from, to],
    )?;
    let mut visitors: BTreeMap<ClassId, i64> = visitors.into_iter().collect();
    let mut found = Vec::new();
    for (class_id, attendances, minutes, learners) in rows {
        if let Some(class) = activities::class(tx, class_id)? {
            let visitors = visitors.remove(&class_id).unwrap_or(0);
            found.push(ClassFigures { class, attendances, visitors, minutes, learners });
        }
    }
    for (class_id, visitors) in visitors {
        if let Some(class) = activities::class(tx, class_id)? {
            found.push(ClassFigures { class, attendances: 0, visitors, minutes: 0, learners: 0 });
        }
    }
    Ok(found)
}
