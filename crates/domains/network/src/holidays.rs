//! Public holidays 法定节假日 and worked weekends 调休, as the State Council announces them each year
//! (全国年节及纪念日放假办法, State Council Order No. 795 of 2024).

use std::collections::BTreeMap;

use journal::Fact;
use kernel::{Actor, Day, Error, FieldError, Result, Right};
use store::{Tx, params, row, sql};

use crate::{DayKind, Holidays, access, facts, records};

kernel::codes! {
    /// A line is no day with 休 or 班; `line` is its number, `text` what stands there.
    pub BAD_HOLIDAY = Invalid "network.bad_holiday";
    /// A day is named twice, or lies in another year; `line` is the line's number.
    pub HOLIDAY_TWICE = Invalid "network.holiday_twice";
}

/// Most named days of a year.
const DAYS_MAX: usize = 80;
/// Longest name of a holiday, in characters.
const NAME_MAX: usize = 20;

journal::table! {
    /// Public holidays by year.
    pub HOLIDAY_YEAR = "holiday_year" (year) [days];
}

row! {
    /// The holidays of a year.
    #[derive(PartialEq)]
    pub struct HolidayYear {
        /// The year.
        pub year: i64,
        /// A line for each day: `2026-10-01 休 国庆节`, `2026-10-10 班 国庆节`.
        pub days: String,
        /// Counts the changes.
        pub rev: i64,
    }
}

/// The holidays of a year; they replace those that were known.
#[derive(Debug, Clone)]
pub struct SetHolidays {
    /// The year, 1949 to 2999.
    pub year: i64,
    /// A line for each day, as in [`HolidayYear::days`]; the name may be left out.
    pub days: String,
}

/// Sets the holidays of a year. Whoever manages the whole network does it. Returns how many days are named.
///
/// # Errors
/// Every line that cannot be read, as a problem of the field `days`.
pub fn set_holidays(tx: &mut Tx, actor: &Actor, cmd: &SetHolidays) -> Result<usize> {
    let top = crate::top_org(tx)?.ok_or_else(Error::missing)?;
    access::require(tx, actor, Right::ManageNetwork, top.org_id)?;
    let days = read_days(cmd.year, &cmd.days)?;
    // Two who set one year at the same moment see each other.
    tx.lock("org", "org_id", top.org_id)?;
    let lines: Vec<String> = days
        .iter()
        .map(|(day, kind, name)| format!("{day} {} {name}", kind.sign()).trim_end().to_owned())
        .collect();
    let text = lines.join("\n");
    let payload = facts::HolidaysSet { year: cmd.year };
    let mut fact = Fact::new(facts::HOLIDAYS_SET, top.org_id).at(top.org_id).payload(&payload);
    let known: Option<(String,)> =
        tx.opt(sql!("SELECT days FROM holiday_year WHERE year = $1"), params![cmd.year])?;
    match known {
        Some((known,)) if known == text => return Ok(days.len()),
        Some(_) => {
            fact.update(tx, &HOLIDAY_YEAR, params![cmd.year], "days = $1", "", params![text])?;
        }
        None => fact.insert(tx, &HOLIDAY_YEAR, params![cmd.year, text].to_vec())?,
    }
    fact.emit(tx, actor)?;
    Ok(days.len())
}

impl DayKind {
    /// The sign of the notice.
    pub const fn sign(self) -> &'static str {
        match self {
            DayKind::Holiday => "休",
            DayKind::WorkedWeekend => "班",
        }
    }
}

fn read_line(line: &str) -> Option<(Day, DayKind, String)> {
    let line = line.replace([',', '，', '\t'], " ");
    let mut words = line.split_whitespace();
    let day: Day = words.next()?.parse().ok()?;
    let kind = match words.next()? {
        "休" => DayKind::Holiday,
        "班" => DayKind::WorkedWeekend,
        _ => return None,
    };
    let name = words.collect::<Vec<_>>().join(" ");
    (name.chars().count() <= NAME_MAX).then_some((day, kind, name))
}

fn read_days(year: i64, text: &str) -> Result<Vec<(Day, DayKind, String)>> {
    let mut days: Vec<(Day, DayKind, String)> = Vec::new();
    let mut wrong = Vec::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        let mut note = |code| {
            let shown: String = line.trim().chars().take(40).collect();
            let args = vec![("line", i64::to_string(&number)), ("text", shown)];
            wrong.push(FieldError { field: "days".to_owned(), code, args });
        };
        match read_line(line) {
            None => note(&BAD_HOLIDAY),
            Some((day, ..)) if i64::from(day.date().0) != year || days.iter().any(|known| known.0 == day) => {
                note(&HOLIDAY_TWICE);
            }
            Some(read) => days.push(read),
        }
    }
    if days.len() > DAYS_MAX {
        return Err(Error::field("days", &kernel::TOO_LONG).arg("max", DAYS_MAX).arg("length", days.len()));
    }
    days.sort_by_key(|day| day.0);
    if wrong.is_empty() { Ok(days) } else { Err(Error::fields(wrong)) }
}

/// The holidays that are known of the days from the first to the last.
pub fn holidays_between(tx: &mut Tx, first: Day, last: Day) -> Result<Holidays> {
    let years: Vec<HolidayYear> = tx.all(
        sql!("SELECT year, days, rev FROM holiday_year WHERE year BETWEEN $1 AND $2"),
        params![i64::from(first.date().0), i64::from(last.date().0)],
    )?;
    let days = years.iter().flat_map(|year| year.days.lines()).filter_map(read_line);
    Ok(days.filter(|(day, ..)| (first..=last).contains(day)).map(|(day, kind, _)| (day, kind)).collect())
}

/// The years of which holidays are known, newest first.
pub fn holiday_years(tx: &mut Tx) -> Result<Vec<HolidayYear>> {
    tx.all(sql!("SELECT year, days, rev FROM holiday_year ORDER BY year DESC"), &[])
}

/// Reads a table of holidays from a year on: columns `date`, `kind` (休 or 班) and `name_zh`, in any order.
pub fn read_holidays(text: &str, since: i64) -> Result<Vec<SetHolidays>> {
    let mut years: BTreeMap<i64, String> = BTreeMap::new();
    records(text, &["date", "kind", "name_zh"], |line, fields| {
        let day: Day =
            fields[0].parse().map_err(|_| Error::field(format!("row {line}: date"), &BAD_HOLIDAY))?;
        let year = i64::from(day.date().0);
        if year >= since {
            let days = years.entry(year).or_default();
            days.push_str(&format!("{} {} {}\n", fields[0], fields[1], fields[2]));
        }
        Ok(())
    })?;
    Ok(years.into_iter().map(|(year, days)| SetHolidays { year, days }).collect())
}
