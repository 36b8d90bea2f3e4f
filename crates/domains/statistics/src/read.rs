//! Queries.

use std::collections::{BTreeMap, HashMap};

use activities::{CLASS, Class, ClassId, Session, SessionId};
use kernel::{Day, Id, Month, Org, Result};
use store::{Row, Statement, Tx, Value, params, sql};

use crate::cells::Cell;

/// The city's current year in a few numbers, all of the same period as the page that they lead to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Check-ins of this year (人次).
    pub attendances: i64,
    /// Visitors without accounts of this year (人次).
    pub visitors: i64,
    /// Distinct people of this year (人数).
    pub learners_this_year: i64,
    /// Minutes of this year.
    pub minutes: i64,
}

/// The city's summary: a read of one row.
///
/// # Errors
/// Those of the store.
pub fn city_summary(tx: &mut Tx) -> Result<Summary> {
    let year = tx.now().day().month().year();
    let row: Option<(i64, i64, i64, i64)> = tx.opt(
        sql!("SELECT attendances, visitors, learners, minutes FROM figure_city WHERE year = $1"),
        params![year],
    )?;
    let (attendances, visitors, learners_this_year, minutes) = row.unwrap_or_default();
    Ok(Summary { attendances, visitors, learners_this_year, minutes })
}

/// Months from the first one to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(pub Month, pub Month);

impl Months {
    /// A calendar year.
    pub const fn year(year: i32) -> Self {
        Self(Month::january(year), Month::january(year + 1))
    }

    /// A month and the eleven before it.
    pub const fn twelve_to(last: Month) -> Self {
        Self(Month(last.0 - 11), Month(last.0 + 1))
    }

    /// Whether a month is among them.
    pub fn contains(self, month: Month) -> bool {
        (self.0..self.1).contains(&month)
    }

    /// Each month, the first one first.
    pub fn each(self) -> impl Iterator<Item = Month> {
        (self.0.0..self.1.0).map(Month)
    }
}

/// Years for which there are figures, the newest first.
///
/// # Errors
/// Those of the store.
pub fn years(tx: &mut Tx) -> Result<Vec<i32>> {
    let rows: Vec<(i32,)> = tx.all(sql!("SELECT year FROM figure_city ORDER BY year DESC"), &[])?;
    Ok(rows.into_iter().map(|(year,)| year).collect())
}

/// By which tree of organisations a figure is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tree {
    /// As it is today: what was done at a place counts for those above it now 按现在的机构.
    #[default]
    Now,
    /// As it was at the end of each month (of the present month: as it is today): what was done counts for those above it then 按当时的机构.
    Then,
}

impl Tree {
    /// The days that count, as a table `m (month, day)`, the conditions on a row of the tree and on a cell, and their values from `$2` on.
    fn sql(self, months: Months, today: Day) -> (String, &'static str, Vec<Value>) {
        if self == Tree::Now {
            let valid =
                "t.from_day <= $2 AND (t.to_day IS NULL OR t.to_day > $2) AND c.month >= $3 AND c.month < $4";
            return (String::new(), valid, params![today, months.0, months.1].to_vec());
        }
        let mut values: Vec<Value> = Vec::new();
        for month in months.each() {
            values.extend([month.into(), month.last_day().min(today).into()]);
        }
        let row = |n: usize| format!("(CAST(${} AS bigint), CAST(${} AS bigint))", 2 * n + 2, 2 * n + 3);
        let rows: Vec<String> = (0..values.len() / 2).map(row).collect();
        // No month at all is a month in which nothing was.
        let rows = if rows.is_empty() { "(0, 0)".to_owned() } else { rows.join(", ") };
        let valid = "t.from_day <= m.day AND (t.to_day IS NULL OR t.to_day > m.day) AND c.month = m.month";
        (format!("WITH m (month, day) AS (VALUES {rows}) "), valid, values)
    }
}

/// What happened at an organisation itself and at all below it, by month. Months without anything are left out.
///
/// # Errors
/// Those of the store.
pub fn by_month(tx: &mut Tx, org_id: Id<Org>, months: Months, tree: Tree) -> Result<BTreeMap<Month, Cell>> {
    let (with, valid, values) = tree.sql(months, tx.now().day());
    let days = if with.is_empty() { "" } else { "m CROSS JOIN " };
    let text = format!(
        "{with}SELECT c.month, c.attendances, c.visitors, c.minutes, c.classes, c.certificates, c.people \
         FROM {days}org_tree t JOIN figure_cell c ON c.org_id = t.org_id WHERE t.ancestor_id = $1 AND {valid}"
    );
    let args: Vec<Value> = [Value::from(org_id)].into_iter().chain(values).collect();
    united(tx.all(Statement::dynamic(text), &args)?)
}

/// The same by child organisation, each with all below it; the organisation's own cells come under its own identifier.
///
/// # Errors
/// Those of the store.
pub fn by_child(tx: &mut Tx, org_id: Id<Org>, months: Months, tree: Tree) -> Result<BTreeMap<Id<Org>, Cell>> {
    united(children(tx, org_id, months, tree, "")?)
}

/// The same by child organisation and month: read once, whatever is then added up.
///
/// # Errors
/// Those of the store.
pub fn by_child_and_month(
    tx: &mut Tx,
    org_id: Id<Org>,
    months: Months,
    tree: Tree,
) -> Result<BTreeMap<(Id<Org>, Month), Cell>> {
    let rows = children(tx, org_id, months, tree, "c.month, ")?;
    united_by(rows, 2, |row| Ok((row.get(0)?, row.get(1)?)))
}

fn children(tx: &mut Tx, org_id: Id<Org>, months: Months, tree: Tree, month: &str) -> Result<Vec<Row>> {
    let (with, valid, values) = tree.sql(months, tx.now().day());
    let mut args: Vec<Value> = [Value::from(org_id)].into_iter().chain(values).collect();
    args.extend([Value::from(months.0), Value::from(months.1)]);
    let cells = format!("{month}c.attendances, c.visitors, c.minutes, c.classes, c.certificates, c.people");
    let child = match tree {
        Tree::Now => {
            "org k JOIN org_tree t ON t.ancestor_id = k.org_id JOIN figure_cell c ON c.org_id = t.org_id \
                      WHERE k.parent_id = $1"
                .to_owned()
        }
        Tree::Then => {
            let of_k = "k.from_day <= m.day AND (k.to_day IS NULL OR k.to_day > m.day)";
            format!(
                "m CROSS JOIN org_tree k JOIN org_tree t ON t.ancestor_id = k.org_id JOIN figure_cell c ON c.org_id = t.org_id \
                 WHERE k.ancestor_id = $1 AND k.depth = 1 AND {of_k}"
            )
        }
    };
    let text = format!(
        "{with}SELECT k.org_id, {cells} FROM {child} AND {valid} UNION ALL \
         SELECT c.org_id, {cells} FROM figure_cell c WHERE c.org_id = $1 AND c.month >= ${} AND c.month < ${}",
        args.len() - 1,
        args.len()
    );
    tx.all(Statement::dynamic(text), &args)
}

/// Unites rows whose first column is the key and whose others are a cell.
fn united<K: Ord + store::FromValue>(rows: Vec<Row>) -> Result<BTreeMap<K, Cell>> {
    united_by(rows, 1, |row| row.get(0))
}

/// Unites rows of the same key; the cell begins at a column.
fn united_by<K: Ord>(
    rows: Vec<Row>,
    at: usize,
    key: impl Fn(&Row) -> Result<K>,
) -> Result<BTreeMap<K, Cell>> {
    let mut cells: BTreeMap<K, Cell> = BTreeMap::new();
    for row in rows {
        cells.entry(key(&row)?).or_default().unite(&Cell::read(&row, at)?);
    }
    Ok(cells)
}

/// What a place, class or session comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Check-ins (人次).
    pub attendances: i64,
    /// Visitors without accounts (人次).
    pub visitors: i64,
    /// Minutes of the check-ins.
    pub minutes: i64,
    /// Classes closed.
    pub classes: i64,
    /// Certificates issued and not revoked.
    pub certificates: i64,
    /// Distinct people (人数).
    pub learners: i64,
}

impl From<&Cell> for Counts {
    fn from(cell: &Cell) -> Self {
        Self {
            attendances: cell.attendances,
            visitors: cell.visitors,
            minutes: cell.minutes,
            classes: cell.classes,
            certificates: cell.certificates,
            learners: cell.learners(),
        }
    }
}

/// What everybody may know of a place and all below it, of the present month and the eleven before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicFigures {
    /// Check-ins and visitors without accounts (人次).
    pub attendances: i64,
    /// Distinct people (人数); `None` if they are some, but fewer than [`SMALL`](crate::SMALL).
    pub learners: Option<i64>,
    /// Minutes of the check-ins.
    pub minutes: i64,
    /// Classes closed.
    pub classes: i64,
}

/// The figures of a place of the last twelve months: the same that `/figures/…?org=…&year=last12` leads down from.
///
/// # Errors
/// Those of the store.
pub fn lately_of_place(tx: &mut Tx, org_id: Id<Org>) -> Result<PublicFigures> {
    let months = Months::twelve_to(tx.now().day().month());
    let mut total = Cell::default();
    by_month(tx, org_id, months, Tree::Now)?.values().for_each(|cell| total.unite(cell));
    let learners = total.learners();
    Ok(PublicFigures {
        attendances: total.attendances + total.visitors,
        learners: (!(1..crate::SMALL).contains(&learners)).then_some(learners),
        minutes: total.minutes,
        classes: total.classes,
    })
}

/// The classes that an organisation itself ran in these months and that count in some figure, by identifier.
///
/// # Errors
/// Those of the store.
pub fn by_class(tx: &mut Tx, org_id: Id<Org>, months: Months) -> Result<Vec<(Class, Counts)>> {
    let (from, to) = crate::moments(months);
    let mut counts: HashMap<ClassId, Counts> = HashMap::new();
    let came: Vec<(ClassId, i64, i64, i64)> = tx.all(
        sql!(
            "SELECT class_id, count(*), CAST(sum(minutes) AS bigint), count(DISTINCT person_id) FROM attendance \
             WHERE org_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'valid' GROUP BY class_id"
        ),
        params![org_id, from, to],
    )?;
    for (class_id, attendances, minutes, learners) in came {
        counts.insert(class_id, Counts { attendances, minutes, learners, ..Counts::default() });
    }
    let visitors: Vec<(ClassId, i64)> = tx.all(
        sql!(
            "SELECT class_id, CAST(sum(visitors) AS bigint) FROM headcount \
             WHERE org_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND status = 'valid' GROUP BY class_id"
        ),
        params![org_id, from, to],
    )?;
    for (class_id, visitors) in visitors {
        counts.entry(class_id).or_default().visitors = visitors;
    }
    let certificates: Vec<(ClassId, i64)> = tx.all(
        sql!(
            "SELECT class_id, count(*) FROM certificate_here \
             WHERE org_id = $1 AND issued_at >= $2 AND issued_at < $3 AND valid GROUP BY class_id"
        ),
        params![org_id, from, to],
    )?;
    for (class_id, certificates) in certificates {
        counts.entry(class_id).or_default().certificates = certificates;
    }
    // A certificate may be issued in another year than the class was held in: classes are read without regard to time.
    let text = format!("SELECT {} FROM class WHERE org_id = $1 ORDER BY class_id", CLASS.all_columns());
    let classes: Vec<Class> = tx.all(Statement::dynamic(text), params![org_id])?;
    let found = classes.into_iter().filter_map(|class| {
        let mut counts = counts.remove(&class.class_id).unwrap_or_default();
        counts.classes = i64::from(class.status == "closed" && (from..to).contains(&class.ends_at));
        (counts != Counts::default()).then_some((class, counts))
    });
    Ok(found.collect())
}

/// What a class comes to in these months, and each of its sessions of these months in the order of time.
///
/// # Errors
/// Those of the store.
pub fn by_session(tx: &mut Tx, class: &Class, months: Months) -> Result<(Counts, Vec<(Session, Counts)>)> {
    let (from, to) = crate::moments(months);
    let own =
        by_class(tx, class.org_id, months)?.into_iter().find(|(other, _)| other.class_id == class.class_id);
    let total = own.map(|(_, counts)| counts).unwrap_or_default();
    let came: Vec<(SessionId, i64, i64)> = tx.all(
        sql!(
            "SELECT session_id, count(*), CAST(sum(minutes) AS bigint) FROM attendance \
             WHERE org_id = $1 AND class_id = $2 AND status = 'valid' GROUP BY session_id"
        ),
        params![class.org_id, class.class_id],
    )?;
    let came: HashMap<_, _> = came.into_iter().map(|(id, count, minutes)| (id, (count, minutes))).collect();
    let visitors: Vec<(SessionId, i64)> = tx.all(
        sql!(
            "SELECT session_id, CAST(sum(visitors) AS bigint) FROM headcount \
             WHERE org_id = $1 AND class_id = $2 AND status = 'valid' GROUP BY session_id"
        ),
        params![class.org_id, class.class_id],
    )?;
    let visitors: HashMap<_, _> = visitors.into_iter().collect();
    let sessions = activities::sessions_of_class(tx, class.org_id, class.class_id)?;
    let lines =
        sessions.into_iter().filter(|session| (from..to).contains(&session.starts_at)).map(|session| {
            // A person has one check-in at a session: there, check-ins and learners are the same.
            let (attendances, minutes) = came.get(&session.session_id).copied().unwrap_or_default();
            let visitors = visitors.get(&session.session_id).copied().unwrap_or_default();
            let counts =
                Counts { attendances, visitors, minutes, learners: attendances, ..Counts::default() };
            (session, counts)
        });
    Ok((total, lines.collect()))
}
