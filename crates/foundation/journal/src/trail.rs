//! Reading the journal backwards, for people who look what happened.
//!
//! There is no index by actor, kind or time: such indexes would make every write dearer for the sake of a few looks a day. A reader asks
//! for stretches of positions instead, the newest first, and says how far she is willing to go.

use kernel::{Id, Person, Result, Timestamp};
use store::{Statement, Tx, Value, params, sql};

use crate::{Recorded, fact::FACT_COLUMNS, head_pos};

/// Which facts are looked for. The default is all.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// Only what this person did, or what is told about her.
    pub person: Option<Id<Person>>,
    /// Only kinds that begin with one of these; empty for all.
    pub kinds: Vec<&'static str>,
    /// Only what was recorded at this moment or later.
    pub from: Option<Timestamp>,
    /// Only what was recorded before this moment.
    pub until: Option<Timestamp>,
}

/// The facts with positions from `floor` to `before - 1` that are sought, the newest first.
pub fn facts_between(tx: &mut Tx, floor: i64, before: i64, sought: &Sought) -> Result<Vec<Recorded>> {
    let mut args: Vec<Value> = params![floor, before].to_vec();
    let mut text = format!(
        "SELECT p.pos, {FACT_COLUMNS} FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id \
         WHERE p.pos >= $1 AND p.pos < $2"
    );
    let mut mark = |value: Value| {
        args.push(value);
        format!("${}", args.len())
    };
    if let Some(person) = sought.person {
        let (actor, home) = (mark(format!("person:{person}").into()), mark(person.to_string().into()));
        let told = mark(format!("%{person}%").into());
        let (helped, helper) =
            (mark(format!("helper:%:{person}").into()), mark(format!("helper:{person}:%").into()));
        text.push_str(&format!(
            " AND (f.actor = {actor} OR f.home = {home} OR f.payload LIKE {told} OR f.actor LIKE {helped} OR f.actor LIKE {helper})"
        ));
    }
    if let Some(from) = sought.from {
        text.push_str(&format!(" AND f.recorded_at >= {}", mark(from.into())));
    }
    if let Some(until) = sought.until {
        text.push_str(&format!(" AND f.recorded_at < {}", mark(until.into())));
    }
    if !sought.kinds.is_empty() {
        let kinds: Vec<String> = sought
            .kinds
            .iter()
            .map(|kind| format!("f.kind LIKE {}", mark(format!("{kind}%").into())))
            .collect();
        text.push_str(&format!(" AND ({})", kinds.join(" OR ")));
    }
    text.push_str(" ORDER BY p.pos DESC");
    tx.all(Statement::dynamic(text), &args)
}

/// The first position whose fact was recorded at this moment or later; one past the end if there is none. Facts become visible nearly in
/// the order in which they are recorded: what was on its way for long may stand a little further on.
pub fn position_at(tx: &mut Tx, moment: Timestamp) -> Result<i64> {
    let (mut low, mut high) = (1, head_pos(tx)? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let row: Option<(Timestamp,)> = tx.opt(
            sql!(
                "SELECT f.recorded_at FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id WHERE p.pos = $1"
            ),
            params![middle],
        )?;
        if row.is_some_and(|(at,)| at < moment) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
