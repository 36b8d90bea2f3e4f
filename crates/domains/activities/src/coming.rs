//! What comes at a place, at all places below it, or in a division: for everybody, so only what belongs to a published offer.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::{OFFER, Offer, OfferId, OfferKind};
use kernel::{Day, Id, Org, RegionCode, RegionLevel, Result, Timestamp};
use store::{Statement, Tx, Value};

use crate::model::{CLASS, Class, ClassId, Session, SessionId};

/// Where is looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// One organisation alone.
    Org(Id<Org>),
    /// An organisation and all that stand below it today.
    Below(Id<Org>),
    /// A division and all inside it.
    Region(RegionCode),
    /// These offers, wherever they are: what a search found.
    Offers(Vec<OfferId>),
}

impl Within {
    /// Whether it is the whole city or nearly so.
    fn is_wide(&self) -> bool {
        match self {
            Within::Region(code) => matches!(code.level(), RegionLevel::Province | RegionLevel::Prefecture),
            Within::Org(_) | Within::Below(_) | Within::Offers(_) => false,
        }
    }

    /// Joins from the organisations that are meant, called `o`, and the condition that chooses them.
    fn source(&self, args: &mut Vec<Value>, today: Day) -> (&'static str, String) {
        let mut mark = |value: Value| {
            args.push(value);
            format!("${}", args.len())
        };
        match self {
            Within::Org(org) => ("org o", format!("o.org_id = {}", mark(org.into()))),
            Within::Below(org) => {
                let (org, day) = (mark(org.into()), mark(today.into()));
                let text = format!(
                    "o.ancestor_id = {org} AND o.from_day <= {day} AND (o.to_day IS NULL OR o.to_day > {day})"
                );
                ("org_tree o", text)
            }
            Within::Offers(offers) if offers.is_empty() => ("org o", "1 = 0".to_owned()),
            Within::Offers(offers) => {
                let marks: Vec<String> = offers.iter().map(|offer| mark(offer.into())).collect();
                ("org o", format!("c.offer_id IN ({})", marks.join(", ")))
            }
            Within::Region(code) => {
                let (low, high) = network::code_bounds(code);
                ("org o", format!("o.region_code BETWEEN {} AND {}", mark(low.into()), mark(high.into())))
            }
        }
    }
}

/// What of it is wanted. The default is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only offers of this kind.
    pub kind: Option<OfferKind>,
    /// Only what costs nothing.
    pub free: bool,
}

impl Wanted {
    /// Its condition on the offer, called `f`.
    fn condition(self, args: &mut Vec<Value>) -> String {
        let mut text = String::from("f.status = 'published'");
        if let Some(kind) = self.kind {
            args.push(kind.into());
            text.push_str(&format!(" AND f.kind = ${}", args.len()));
        }
        if self.free {
            text.push_str(" AND f.cost_fen = 0");
        }
        text
    }
}

/// A class that has not begun, with its offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Coming {
    /// The class; its free seats are those of this moment.
    pub class: Class,
    /// The offer of which it is a run.
    pub offer: Offer,
}

/// The classes that begin between two moments, soonest first, after the one whose start and identifier are given.
pub fn coming_classes(
    tx: &mut Tx,
    within: &Within,
    wanted: Wanted,
    (from, to): (Timestamp, Timestamp),
    after: Option<(Timestamp, ClassId)>,
    limit: usize,
) -> Result<Vec<Coming>> {
    let mut args = Vec::new();
    let (table, scope) = within.source(&mut args, tx.now().day());
    let wanted = wanted.condition(&mut args);
    args.extend([from.into(), to.into()]);
    let at = args.len();
    // SQLite takes the tables of a cross join in the order in which they are named (PostgreSQL decides by its statistics): a few
    // organisations by their own classes, the whole city by what begins next.
    let joined = if within.is_wide() {
        format!("class c CROSS JOIN {table}")
    } else {
        format!("{table} CROSS JOIN class c")
    };
    let mut text = format!(
        "SELECT {} FROM {joined} CROSS JOIN offer f \
         WHERE c.org_id = o.org_id AND f.org_id = c.org_id AND f.offer_id = c.offer_id \
         AND {scope} AND {wanted} AND c.status = 'open' AND c.starts_at > ${} AND c.starts_at < ${at}",
        prefixed("c", &CLASS.all_columns()),
        at - 1
    );
    if let Some((start, class)) = after {
        args.extend([start.into(), class.into()]);
        text.push_str(&format!(" AND (c.starts_at, c.class_id) > (${}, ${})", at + 1, at + 2));
    }
    // With the plus SQLite does not walk what begins next in the whole city, which is in this order already, to find the few of a place.
    let start = if within.is_wide() { "c.starts_at" } else { "+c.starts_at" };
    text.push_str(&format!(" ORDER BY {start}, c.class_id LIMIT {limit}"));
    let classes: Vec<Class> = tx.all(Statement::dynamic(text), &args)?;
    let ids: Vec<OfferId> = classes.iter().map(|class| class.offer_id).collect();
    let offers = catalog::offers_by_ids(tx, &ids)?;
    Ok(classes
        .into_iter()
        .filter_map(|class| Some(Coming { offer: offers.get(&class.offer_id)?.clone(), class }))
        .collect())
}

/// Open classes with free seats that begin between two moments, soonest first: at most one of each offer and at most so many.
pub fn soonest_with_seats(
    tx: &mut Tx,
    (from, to): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<Class>> {
    let page = 4 * limit.max(1);
    // By the index of starts, page after page: however many begin this week, only the first of them are read.
    let text = format!(
        "SELECT {} FROM class WHERE status = 'open' AND (starts_at, class_id) > ($1, $2) AND starts_at < $3 AND taken < capacity \
         ORDER BY starts_at, class_id LIMIT {page}",
        CLASS.all_columns()
    );
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let mut after: (Timestamp, Value) = (from, "".into());
    loop {
        let classes: Vec<Class> =
            tx.all(Statement::dynamic(text.clone()), &[after.0.into(), after.1, to.into()])?;
        let full = classes.len() == page;
        let Some(last) = classes.last() else { return Ok(found) };
        after = (last.starts_at, last.class_id.into());
        for class in classes {
            if seen.insert(class.offer_id) {
                found.push(class);
            }
            if found.len() >= limit {
                return Ok(found);
            }
        }
        if !full {
            return Ok(found);
        }
    }
}

/// The next class of each of these organisations within so many days: one with free seats if there is one, else the soonest.
pub fn next_classes(tx: &mut Tx, orgs: &[Id<Org>], days: i32) -> Result<HashMap<Id<Org>, Coming>> {
    let now = tx.now();
    let to = now.plus_minutes(i64::from(days) * 24 * 60);
    let mut found: HashMap<Id<Org>, Coming> = HashMap::new();
    for org in orgs {
        let coming = coming_classes(tx, &Within::Org(*org), Wanted::default(), (now, to), None, 10)?;
        let free = coming.iter().position(|line| line.class.free() > 0).unwrap_or(0);
        if let Some(line) = coming.into_iter().nth(free) {
            found.insert(*org, line);
        }
    }
    Ok(found)
}

/// When the next open class of each of these offers begins; those without any are left out.
pub fn next_beginnings(tx: &mut Tx, offers: &[OfferId]) -> Result<HashMap<OfferId, Timestamp>> {
    let mut found = HashMap::with_capacity(offers.len());
    for part in offers.chunks(100) {
        let marks: Vec<String> = (2..part.len() + 2).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT offer_id, min(starts_at) FROM class WHERE status = 'open' AND starts_at > $1 AND offer_id IN ({}) GROUP BY offer_id",
            marks.join(", ")
        );
        let args: Vec<Value> = [tx.now().into()].into_iter().chain(part.iter().map(Value::from)).collect();
        let rows: Vec<(OfferId, Timestamp)> = tx.all(Statement::dynamic(text), &args)?;
        found.extend(rows);
    }
    Ok(found)
}

/// A session with its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// The session.
    pub session: Session,
    /// Its class.
    pub class: Class,
    /// What its offer is.
    pub kind: OfferKind,
    /// What its offer costs, in fen.
    pub cost_fen: i64,
}

/// The sessions that begin between two moments, in the order of time, at most so many, after the one whose start and identifier are given.
/// With `cancelled` those of cancelled classes too.
pub fn meetings(
    tx: &mut Tx,
    within: &Within,
    wanted: Wanted,
    (from, to): (Timestamp, Timestamp),
    cancelled: bool,
    after: Option<(Timestamp, SessionId)>,
    limit: usize,
) -> Result<Vec<Meeting>> {
    let columns = "s.org_id, s.session_id, s.class_id, s.number, s.starts_at, s.ends_at, s.teacher_id";
    let (mut text, mut args) = sessions(tx, within, wanted, (from, to), cancelled, columns);
    if let Some((start, session)) = after {
        args.extend([start.into(), session.into()]);
        text.push_str(&format!(" AND (s.starts_at, s.session_id) > (${}, ${})", args.len() - 1, args.len()));
    }
    let text = format!("{text} ORDER BY s.starts_at, s.session_id LIMIT {limit}");
    let rows: Vec<Session> = tx.all(Statement::dynamic(text), &args)?;
    let ids: HashSet<ClassId> = rows.iter().map(|row| row.class_id).collect();
    let classes = classes_by_ids(tx, &ids.into_iter().collect::<Vec<_>>())?;
    let offers: Vec<OfferId> = classes.values().map(|class| class.offer_id).collect();
    let offers = catalog::offers_by_ids(tx, &offers)?;
    Ok(rows
        .into_iter()
        .filter_map(|session| {
            let class = classes.get(&session.class_id)?.clone();
            let offer = offers.get(&class.offer_id)?;
            Some(Meeting { kind: offer.kind, cost_fen: offer.cost_fen, session, class })
        })
        .collect())
}

/// How many sessions begin on each day, from the first day to before the second; days without any are left out.
pub fn meetings_by_day(
    tx: &mut Tx,
    within: &Within,
    wanted: Wanted,
    (from, to): (Day, Day),
) -> Result<BTreeMap<Day, i64>> {
    // Midnight of the city as milliseconds: whole days are counted from there.
    let midnight = Day(0).start().millis();
    let day = format!("(s.starts_at - ({midnight})) / 86400000");
    let (text, args) =
        sessions(tx, within, wanted, (from.start(), to.start()), false, &format!("{day}, count(*)"));
    let rows: Vec<(i64, i64)> = tx.all(Statement::dynamic(format!("{text} GROUP BY {day}")), &args)?;
    Ok(rows.into_iter().filter_map(|(day, count)| Some((Day(i32::try_from(day).ok()?), count))).collect())
}

fn sessions(
    tx: &Tx,
    within: &Within,
    wanted: Wanted,
    (from, to): (Timestamp, Timestamp),
    cancelled: bool,
    columns: &str,
) -> (String, Vec<Value>) {
    let mut args = Vec::new();
    let (table, scope) = within.source(&mut args, tx.now().day());
    let wanted = wanted.condition(&mut args);
    args.extend([from.into(), to.into()]);
    let at = args.len();
    let standing = if cancelled { "" } else { " AND c.status <> 'cancelled'" };
    let text = format!(
        "SELECT {columns} FROM {table} JOIN class_session s ON s.org_id = o.org_id \
         JOIN class c ON c.org_id = s.org_id AND c.class_id = s.class_id \
         JOIN offer f ON f.org_id = c.org_id AND f.offer_id = c.offer_id \
         WHERE {scope} AND {wanted}{standing} AND s.starts_at >= ${} AND s.starts_at < ${at}",
        at - 1
    );
    (text, args)
}

/// Published offers that cost nothing and have no class yet, the newest first: what can be asked for. What is open without classes is not among
/// them.
pub fn undated_offers(tx: &mut Tx, within: &Within, limit: usize) -> Result<Vec<Offer>> {
    let now = tx.now();
    let mut args = Vec::new();
    let (table, scope) = within.source(&mut args, now.day());
    args.push(now.into());
    // Nor is what ends last in the whole city looked through for the classes of one offer: hence the sum.
    let text = format!(
        "SELECT {} FROM {table} JOIN offer f ON f.org_id = o.org_id \
         WHERE {scope} AND f.status = 'published' AND f.cost_fen = 0 AND f.kind <> 'open_venue' AND NOT EXISTS (\
         SELECT 1 FROM class c WHERE c.org_id = f.org_id AND c.offer_id = f.offer_id AND c.ends_at + 0 > ${} AND c.status = 'open') \
         ORDER BY f.offer_id DESC LIMIT {limit}",
        prefixed("f", &OFFER.all_columns()),
        args.len()
    );
    tx.all(Statement::dynamic(text), &args)
}

/// Several classes by their identifiers.
fn classes_by_ids(tx: &mut Tx, ids: &[ClassId]) -> Result<HashMap<ClassId, Class>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(100) {
        let marks: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT {} FROM class_directory d JOIN class c ON c.org_id = d.org_id AND c.class_id = d.class_id \
             WHERE d.class_id IN ({})",
            prefixed("c", &CLASS.all_columns()),
            marks.join(", ")
        );
        let keys: Vec<Value> = chunk.iter().map(Value::from).collect();
        let classes: Vec<Class> = tx.all(Statement::dynamic(text), &keys)?;
        found.extend(classes.into_iter().map(|class| (class.class_id, class)));
    }
    Ok(found)
}

fn prefixed(table: &str, columns: &str) -> String {
    columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}
