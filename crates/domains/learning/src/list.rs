//! Attendances of many organisations as a list: by the day, of a period, an organisation and those below it, a class, a way of check-in.
//!
//! There may be a million of them. A page first looks at the next rows of the order of time, in which most of what is asked for stands.
//! Where too few of them fit (a school with ten attendances in a city's million), it asks each organisation for its own next rows, by an
//! index that begins with the organisation, and sorts what comes together: no more than a page from each.

use std::collections::{BTreeSet, HashMap};

use activities::ClassId;
use kernel::{Actor, Day, Id, Minutes, Org, Person, RegionCode, Result, Right, Timestamp};
use network::{
    access::{self, Scope},
    code_bounds,
};
use people::{ReadAs, Vault, note_reading};
use store::{Statement, Tx};
use web::{
    i18n,
    list::{Cell, Column, Count, Key, List, Query, Reader, Row, Segment, Slice, Spec, Where, slice},
};

use crate::{AttendanceId, EvidenceGrade, Method};

/// Rows of the order of time that are looked at before each organisation is asked.
const LOOKED_AT: usize = 3_000;

/// The list of attendances.
pub static ATTENDANCES: Spec = Spec {
    name: "attendances",
    columns: &[
        Column::new("day", "learning-list-day").by_number(),
        Column::new("class", "learning-list-class"),
        Column::new("org", "learning-list-org"),
        Column::new("person", "learning-list-person").extra(),
        Column::new("method", "learning-list-method"),
        Column::new("grade", "learning-list-grade"),
        Column::new("minutes", "learning-list-minutes").figures(),
        Column::new("status", "learning-list-status"),
        Column::new("id", "learning-list-id").extra(),
    ],
    filters: &["from", "to", "method", "status", "region", "org", "own", "class"],
    sort: "-day",
};

/// Which attendances a list has.
#[derive(Debug, Clone, Default)]
struct Wanted {
    from: Option<Timestamp>,
    before: Option<Timestamp>,
    method: Option<Method>,
    reversed: Option<bool>,
    region: Option<RegionCode>,
    org: Option<Id<Org>>,
    own: bool,
    /// The class, with the organisation that runs it.
    class: Option<(Id<Org>, ClassId)>,
    /// Something was asked for that is not there.
    nothing: bool,
}

impl Wanted {
    fn read(tx: &mut Tx, query: &Query) -> Result<Self> {
        let day = |name: &str| query.filter_as::<Day>(name);
        let class = match query.filter_as::<ClassId>("class") {
            Some(id) => Some(activities::class(tx, id)?.map(|class| (class.org_id, class.class_id))),
            None => None,
        };
        let methods = [Method::Code, Method::Card, Method::Roll];
        Ok(Self {
            from: day("from").map(Day::start),
            before: day("to").map(|day| day.plus(1).start()),
            method: methods.into_iter().find(|method| method.as_str() == query.filter("method")),
            reversed: match query.filter("status") {
                "valid" => Some(false),
                "reversed" => Some(true),
                _ => None,
            },
            region: query.filter_as("region"),
            org: query.filter_as("org"),
            own: query.filter("own") == "1",
            nothing: matches!(class, Some(None)),
            class: class.flatten(),
        })
    }

    /// The organisation that all rows belong to, if there is only one.
    fn one(&self) -> Option<Id<Org>> {
        self.class.map(|(org, _)| org).or(self.org.filter(|_| self.own))
    }

    /// Conditions on the rows of any organisation.
    fn narrow(&self, to: &mut Where) {
        if let Some(from) = self.from {
            to.add("a.occurred_at >= ?", [from.into()]);
        }
        if let Some(before) = self.before {
            to.add("a.occurred_at < ?", [before.into()]);
        }
        if let Some(method) = self.method {
            to.add("a.method = ?", [method.into()]);
        }
        match self.reversed {
            // Written out, so that the index of those rows is used.
            Some(true) => to.add("a.status = 'reversed'", []),
            Some(false) => to.add("a.status = 'valid'", []),
            None => {}
        }
        if let Some((_, class)) = self.class {
            to.add("a.class_id = ?", [class.into()]);
        }
    }

    /// Conditions on the organisation.
    fn narrow_org(&self, scope: &Scope, column: &str, today: Day, to: &mut Where) {
        scope.narrow(to, column, today);
        if let Some(org) = self.one() {
            to.add(&format!("{column} = ?"), [org.into()]);
        }
        if let Some(code) = &self.region {
            let (low, high) = code_bounds(code);
            let inside =
                format!("{column} IN (SELECT o.org_id FROM org o WHERE o.region_code BETWEEN ? AND ?)");
            to.add(&inside, [low.into(), high.into()]);
        }
    }
}

store::row! {
    /// An attendance as lists show it.
    #[derive(PartialEq)]
    pub struct AttendanceLine {
        /// The organisation that ran the session.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub attendance_id: AttendanceId,
        /// Its class.
        pub class_id: ClassId,
        /// Who.
        pub person_id: Id<Person>,
        /// How sure.
        pub grade: EvidenceGrade,
        /// For how long.
        pub minutes: Minutes,
        /// Recorded by which way.
        pub method: Method,
        /// Start of the session.
        pub occurred_at: Timestamp,
        /// `valid` or `reversed`.
        pub status: String,
    }
}

const COLUMNS: &str = "a.org_id, a.attendance_id, a.class_id, a.person_id, a.grade, a.minutes, a.method, a.occurred_at, a.status";
const SORT: &str = "a.occurred_at";
const ID: &str = "a.attendance_id";

/// The page of attendances that a query asks for, of the organisations whose work the actor sees.
///
/// # Errors
/// Those of the store.
pub fn attendance_lines(tx: &mut Tx, actor: &Actor, query: &Query) -> Result<Slice<AttendanceLine>> {
    let wanted = Wanted::read(tx, query)?;
    let scope = access::scope(tx, actor, Right::SeeDesk, wanted.org)?;
    let key = |line: &AttendanceLine| Key::number(line.occurred_at.millis(), line.attendance_id);
    slice(&query.edge, query.descending, false, query.size, key, |segment| {
        if scope.is_empty() || wanted.nothing {
            return Ok(Vec::new());
        }
        if wanted.one().is_some() {
            return all_of_one(tx, &wanted, &scope, segment);
        }
        let rows = looked_at(tx, &wanted, &scope, segment)?;
        if rows.len() >= segment.limit || whole(&wanted, &scope) {
            return Ok(rows);
        }
        each_asked(tx, &wanted, &scope, segment)
    })
}

/// Whether nothing but what an index is sorted by narrows the list, so that the order of time alone gives the page.
fn whole(wanted: &Wanted, scope: &Scope) -> bool {
    *scope == Scope::Everything && wanted.region.is_none()
}

/// The next rows of the order of time that fit.
fn looked_at(tx: &mut Tx, wanted: &Wanted, scope: &Scope, segment: Segment) -> Result<Vec<AttendanceLine>> {
    let mut sql = Where::default();
    segment.narrow(&mut sql, SORT, ID);
    let outer = {
        wanted.narrow(&mut sql);
        let inner = sql.cut();
        wanted.narrow_org(scope, "a.org_id", tx.now().day(), &mut sql);
        (inner, sql.text())
    };
    let order = segment.order(SORT, ID);
    let most = if whole(wanted, scope) { segment.limit } else { LOOKED_AT.max(segment.limit * 2) };
    let text = format!(
        "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM attendance a WHERE {} ORDER BY {order} LIMIT {most}) a \
         WHERE {} ORDER BY {order} LIMIT {}",
        outer.0, outer.1, segment.limit
    );
    tx.all(Statement::dynamic(text), &sql.args)
}

/// The rows of one organisation, or of one class.
fn all_of_one(tx: &mut Tx, wanted: &Wanted, scope: &Scope, segment: Segment) -> Result<Vec<AttendanceLine>> {
    let mut sql = Where::default();
    wanted.narrow_org(scope, "a.org_id", tx.now().day(), &mut sql);
    // Of a class all rows are few; of an organisation its own index of time gives the next ones.
    let sort = if wanted.class.is_some() { "(a.occurred_at + 0)" } else { SORT };
    segment.narrow(&mut sql, sort, ID);
    wanted.narrow(&mut sql);
    let text = format!(
        "SELECT {COLUMNS} FROM attendance a WHERE {} ORDER BY {} LIMIT {}",
        sql.text(),
        segment.order(sort, ID),
        segment.limit
    );
    tx.all(Statement::dynamic(text), &sql.args)
}

/// From each organisation as many of its next rows as the page can take, sorted.
fn each_asked(tx: &mut Tx, wanted: &Wanted, scope: &Scope, segment: Segment) -> Result<Vec<AttendanceLine>> {
    let (sign, way) = if segment.ascending { ("<=", "ASC") } else { (">=", "DESC") };
    let mut sql = Where::default();
    // The moment up to which each organisation is read: that of its last row that the page could take.
    segment.narrow(&mut sql, SORT, ID);
    wanted.narrow(&mut sql);
    let edge = sql.cut();
    wanted.narrow_org(scope, "p.org_id", tx.now().day(), &mut sql);
    let places = sql.cut();
    segment.narrow(&mut sql, SORT, ID);
    wanted.narrow(&mut sql);
    let unbounded = if segment.ascending { i64::MAX } else { i64::MIN + 1 };
    let text = format!(
        "WITH place AS MATERIALIZED (SELECT p.org_id, (SELECT a.occurred_at FROM attendance a WHERE a.org_id = p.org_id AND {edge} \
         ORDER BY a.occurred_at {way} LIMIT 1 OFFSET {}) AS edge FROM org p WHERE {places}) \
         SELECT {COLUMNS} FROM place p CROSS JOIN attendance a \
         WHERE a.org_id = p.org_id AND a.occurred_at {sign} coalesce(p.edge, {unbounded}) AND {} ORDER BY {} LIMIT {}",
        segment.limit - 1,
        sql.text(),
        segment.order("(a.occurred_at + 0)", ID),
        segment.limit
    );
    tx.all(Statement::dynamic(text), &sql.args)
}

/// How many attendances a query's filters leave, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_attendances(tx: &mut Tx, actor: &Actor, query: &Query, most: i64) -> Result<Count> {
    let wanted = Wanted::read(tx, query)?;
    let scope = access::scope(tx, actor, Right::SeeDesk, wanted.org)?;
    if scope.is_empty() || wanted.nothing {
        return Ok(Count::Exactly(0));
    }
    let mut sql = Where::default();
    wanted.narrow(&mut sql);
    let (from, places) = if whole(&wanted, &scope) && wanted.one().is_none() {
        ("attendance a".to_owned(), "TRUE".to_owned())
    } else {
        let rows = sql.cut();
        wanted.narrow_org(&scope, "p.org_id", tx.now().day(), &mut sql);
        ("org p CROSS JOIN attendance a".to_owned(), format!("a.org_id = p.org_id AND {rows}"))
    };
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM {from} WHERE {places} AND {} LIMIT {}) counted",
        sql.text(),
        most + 1
    );
    let (counted,): (i64,) = tx.one(Statement::dynamic(text), &sql.args)?;
    Ok(Count::bounded(counted, most))
}

/// The list of the attendances of the organisations whose work the reader sees. Names stand in it only where the column of people is
/// chosen, for who may see names there; that is written down.
pub struct AttendanceList {
    /// Opens names.
    pub vault: std::sync::Arc<Vault>,
}

impl AttendanceList {
    /// The names of the people of these lines, as far as the reader may see them.
    fn names(
        &self,
        tx: &mut Tx,
        reader: &Reader,
        lines: &[AttendanceLine],
    ) -> Result<HashMap<Id<Person>, String>> {
        let orgs: BTreeSet<Id<Org>> = lines.iter().map(|line| line.org_id).collect();
        let orgs: Vec<Id<Org>> = orgs.into_iter().collect();
        let scope = access::scope(tx, reader.actor, Right::SeeNames, None)?;
        let open: BTreeSet<Id<Org>> = network::within(tx, &scope, &orgs)?.into_iter().collect();
        let people: BTreeSet<Id<Person>> =
            lines.iter().filter(|line| open.contains(&line.org_id)).map(|line| line.person_id).collect();
        let people: Vec<Id<Person>> = people.into_iter().collect();
        people::names(tx, &self.vault, &people)
    }
}

impl List for AttendanceList {
    fn spec(&self) -> &'static Spec {
        &ATTENDANCES
    }

    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> Result<Slice<Row>> {
        let slice = attendance_lines(tx, reader.actor, query)?;
        let names = match self.is_noted(query) {
            true => self.names(tx, reader, &slice.rows)?,
            false => HashMap::new(),
        };
        let mut orgs: Vec<Id<Org>> = slice.rows.iter().map(|line| line.org_id).collect();
        orgs.sort_unstable();
        orgs.dedup();
        let orgs = network::orgs_by_ids(tx, &orgs)?;
        let mut classes: Vec<(Id<Org>, ClassId)> =
            slice.rows.iter().map(|line| (line.org_id, line.class_id)).collect();
        classes.sort_unstable();
        classes.dedup();
        let titles = activities::titles(tx, &classes)?;
        let say = |key: &str| i18n::say(reader.lang, key, &[]);
        let cell = |line: &AttendanceLine, column: &str| match column {
            "day" => Cell::Moment(line.occurred_at),
            "class" => Cell::of(titles.get(&line.class_id), |title| Cell::Link {
                text: title.clone(),
                href: format!("/desk/attendances?class={}", line.class_id),
            }),
            "org" => Cell::of(orgs.get(&line.org_id), |org| Cell::Link {
                text: org.name.clone(),
                href: format!("/desk/attendances?org={}", org.org_id),
            }),
            "person" => match names.get(&line.person_id) {
                Some(name) => Cell::Text(name.clone()),
                None => Cell::Text(say("learning-list-hidden")),
            },
            "method" => Cell::Text(say(&format!("learning-method-{}", line.method.as_str()))),
            "grade" => Cell::Text(say(&format!("learning-grade-{}", line.grade.as_str()))),
            "minutes" => Cell::Number(line.minutes.0),
            "status" if line.status == "valid" => {
                Cell::Tag { text: say("learning-status-valid"), class: "ok" }
            }
            "status" => Cell::Tag { text: say("learning-status-reversed"), class: "warn" },
            "id" => Cell::Text(line.attendance_id.to_string()),
            _ => Cell::Empty,
        };
        let keys = query.cols.iter().map(|column| column.key);
        let rows: Vec<Row> = slice
            .rows
            .iter()
            .map(|line| Row {
                id: line.attendance_id.to_string(),
                cells: keys.clone().map(|key| cell(line, key)).collect(),
                about: Some(line.person_id).filter(|person| names.contains_key(person)),
            })
            .collect();
        Ok(slice.with(rows))
    }

    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> Result<Count> {
        count_attendances(tx, reader.actor, query, most)
    }

    fn is_noted(&self, query: &Query) -> bool {
        query.shows("person")
    }

    fn note(&self, tx: &mut Tx, reader: &Reader, query: &Query, people: usize) -> Result<()> {
        // Under the organisation that was asked for, or the one by which the reader may see names.
        let asked = query.filter_as::<Id<Org>>("org");
        let class = query.filter_as::<ClassId>("class");
        let home = match class {
            Some(id) => activities::class(tx, id)?.map(|class| class.org_id),
            None => None,
        };
        let held = access::held_at(reader.actor, Right::SeeNames);
        let Some(org) = home.or(asked).or(held.into_iter().min()) else { return Ok(()) };
        let what = if reader.file { ReadAs::AttendanceFile } else { ReadAs::Attendances };
        note_reading(tx, reader.actor, what, org, &format!("org:{org}"), people).map(drop)
    }
}
