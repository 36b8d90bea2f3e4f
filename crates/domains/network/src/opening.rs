//! When a place is open: hours of each weekday, what holds on public holidays, and days that differ.
//!
//! Stored and passed on in the notation of OpenStreetMap's `opening_hours` (the part of it that a form can show): `Mo-Fr 08:30-12:00,14:00-17:30;
//! Sa 09:00-12:00; PH off; 2026 Feb 10-2026 Feb 24 off "装修"`. Later rules go before earlier ones, as there.

use std::{collections::BTreeMap, fmt, str::FromStr};

use kernel::{Day, Error, FieldError, Timestamp};
use store::{FromValue, Value};

kernel::codes! {
    /// Opening hours that cannot be read; `part` is what.
    pub BAD_OPENING = Invalid "network.bad_opening";
}

/// A stretch of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Minutes after midnight at which it begins, 0 to 1,439.
    pub from: u16,
    /// Minutes after midnight at which it ends, more than `from`, at most 1,440.
    pub to: u16,
}

/// What holds on public holidays 法定节假日.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OnHolidays {
    /// The weekday's hours. Days on which people work instead are weekdays like others, too.
    #[default]
    AsUsual,
    /// These; none of them: closed. On a weekend that is worked instead 调休 the hours of a working day hold.
    Instead(Vec<Span>),
}

/// Days that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
    /// When it is open then; none of them: closed.
    pub spans: Vec<Span>,
    /// Why, at most [`NOTE_MAX`] characters; may be empty.
    pub note: String,
}

/// When a place is open. Without any hours nothing is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opening {
    /// Monday first; a day without spans is closed.
    pub week: [Vec<Span>; 7],
    /// What holds on public holidays.
    pub holidays: OnHolidays,
    /// Days that differ, by their beginning.
    pub specials: Vec<Special>,
}

/// What a day is by the State Council's yearly notice of holidays 国务院办公厅放假安排.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// 休: a public holiday, or a day off given in exchange.
    Holiday,
    /// 班: a weekend that is worked in exchange.
    WorkedWeekend,
}

/// Public holidays by day; days that are not named are ordinary.
pub type Holidays = BTreeMap<Day, DayKind>;

/// How it stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenState {
    /// Open, until so many minutes after midnight.
    Until(u16),
    /// Closed, and opens later today.
    From(u16),
    /// Closed for the rest of the day, and opens next then.
    Next(Timestamp),
    /// Closed for the whole time that was looked at.
    Closed,
}

/// Most stretches of a day.
pub const SPANS_MAX: usize = 4;
/// Most entries of days that differ.
pub const SPECIALS_MAX: usize = 40;
/// Longest reason, in characters.
pub const NOTE_MAX: usize = 40;
/// Days that are looked ahead for the next opening.
pub const AHEAD_DAYS: i32 = 14;

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// An ordinary working day.
const WEDNESDAY: usize = 2;

impl Opening {
    /// The same hours on all days, from minute to minute after midnight.
    pub fn daily(from: u16, to: u16) -> Self {
        Self { week: std::array::from_fn(|_| vec![Span { from, to }]), ..Self::default() }
    }

    /// Whether anything is known.
    pub fn is_stated(&self) -> bool {
        self.week.iter().any(|day| !day.is_empty())
    }

    /// What differs on this day, if anything does.
    pub fn special_on(&self, day: Day) -> Option<&Special> {
        self.specials.iter().rev().find(|special| (special.from..=special.to).contains(&day))
    }

    /// When it is open on a day.
    pub fn on(&self, day: Day, holidays: &Holidays) -> &[Span] {
        if let Some(special) = self.special_on(day) {
            return &special.spans;
        }
        let usual = &self.week[usize::from(day.weekday() - 1)];
        match (&self.holidays, holidays.get(&day)) {
            (OnHolidays::Instead(spans), Some(DayKind::Holiday)) => spans,
            (OnHolidays::Instead(_), Some(DayKind::WorkedWeekend)) if usual.is_empty() => {
                &self.week[WEDNESDAY]
            }
            _ => usual,
        }
    }

    /// How it stands; `None` if nothing is known.
    pub fn state(&self, now: Timestamp, holidays: &Holidays) -> Option<OpenState> {
        if !self.is_stated() {
            return None;
        }
        let today = now.day();
        let minute = (now.millis() - today.start().millis()).div_euclid(60_000);
        let spans = self.on(today, holidays);
        if let Some(span) = spans.iter().find(|span| i64::from(span.to) > minute) {
            let open = i64::from(span.from) <= minute;
            return Some(if open { OpenState::Until(span.to) } else { OpenState::From(span.from) });
        }
        let next = self.hours(today.plus(1), AHEAD_DAYS, holidays).next();
        Some(next.map_or(OpenState::Closed, |(from, _)| OpenState::Next(from)))
    }

    /// When it is open on so many days from this one on, from when to when.
    pub fn hours<'o>(
        &'o self,
        from: Day,
        days: i32,
        holidays: &'o Holidays,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'o {
        (0..days).map(move |n| from.plus(n)).flat_map(move |day| {
            let at = move |minutes: u16| day.at(i64::from(minutes));
            self.on(day, holidays).iter().map(move |span| (at(span.from), at(span.to)))
        })
    }

    /// Consecutive weekdays with the same hours: `(first, last, spans)`, Monday is 0; closed days are left out.
    pub fn stretches(&self) -> Vec<(usize, usize, &[Span])> {
        let mut found = Vec::new();
        let mut day = 0;
        while day < 7 {
            let spans = &self.week[day];
            let last = (day..7).take_while(|next| self.week[*next] == *spans).last().unwrap_or(day);
            if !spans.is_empty() {
                found.push((day, last, spans.as_slice()));
            }
            day = last + 1;
        }
        found
    }

    /// Refuses what was put together by hand and would not be read back as it is: hours out of order, too many of them, quotation marks in a reason.
    ///
    /// # Errors
    /// [`BAD_OPENING`] of this field.
    pub(crate) fn check(&self, field: &str) -> Result<(), Error> {
        let text = self.to_string();
        if text.parse::<Self>().is_ok_and(|read| read == *self) {
            return Ok(());
        }
        let part = text.chars().take(60).collect();
        let args = vec![("part", part)];
        Err(Error::fields(vec![FieldError { field: field.to_owned(), code: &BAD_OPENING, args }]))
    }

    /// Without the days that differed and are over.
    #[must_use]
    pub fn since(mut self, today: Day) -> Self {
        self.specials.retain(|special| special.to >= today);
        self
    }
}

/// `08:30`.
pub fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn bad(part: &str) -> Error {
    Error::new(&BAD_OPENING).arg("part", part.trim().to_owned())
}

/// Stretches as people write them: `8:30-12:00, 14:00-17:30`, also with Chinese marks; empty for none.
///
/// # Errors
/// [`BAD_OPENING`] with what cannot be read.
pub fn read_spans(text: &str) -> Result<Vec<Span>, Error> {
    let mut spans = Vec::new();
    for part in text.split([',', '，', '、', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty())
    {
        let (from, to) =
            part.split_once(['-', '–', '—', '~', '～', '至', '到', '－']).ok_or_else(|| bad(part))?;
        let span =
            Span { from: minutes(from).ok_or_else(|| bad(part))?, to: minutes(to).ok_or_else(|| bad(part))? };
        let follows = spans.last().is_none_or(|before: &Span| before.to <= span.from);
        if span.from >= span.to || !follows {
            return Err(bad(part));
        }
        spans.push(span);
    }
    if spans.len() > SPANS_MAX { Err(bad(text)) } else { Ok(spans) }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once([':', '：'])?;
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(hours, 2) || !digits(minutes, 2) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

/// Stretches as they are stored: `08:30-12:00,14:00-17:30`; `off` for none.
pub fn spans_text(spans: &[Span]) -> String {
    if spans.is_empty() {
        return "off".to_owned();
    }
    let parts: Vec<String> =
        spans.iter().map(|span| format!("{}-{}", clock(span.from), clock(span.to))).collect();
    parts.join(",")
}

fn date_text(day: Day) -> String {
    let (year, month, date) = day.date();
    let month = usize::try_from(month).ok().and_then(|month| MONTHS.get(month - 1)).unwrap_or(&"Jan");
    format!("{year:04} {month} {date:02}")
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rules: Vec<String> = self
            .stretches()
            .into_iter()
            .map(|(first, last, spans)| {
                let days = if first == last {
                    DAYS[first].to_owned()
                } else {
                    format!("{}-{}", DAYS[first], DAYS[last])
                };
                format!("{days} {}", spans_text(spans))
            })
            .collect();
        if let OnHolidays::Instead(spans) = &self.holidays {
            rules.push(format!("PH {}", spans_text(spans)));
        }
        for special in &self.specials {
            let mut rule = date_text(special.from);
            if special.to != special.from {
                rule.push_str(&format!("-{}", date_text(special.to)));
            }
            rule.push_str(&format!(" {}", spans_text(&special.spans)));
            if !special.note.is_empty() {
                rule.push_str(&format!(" \"{}\"", special.note));
            }
            rules.push(rule);
        }
        f.write_str(&rules.join("; "))
    }
}

/// Cuts at semicolons that stand outside of quotation marks.
fn rules(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .map(str::trim)
    .filter(|rule| !rule.is_empty())
    .collect()
}

fn weekday(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text)
}

/// `Mo-Fr,Su`: the days, in a row.
fn weekdays(text: &str) -> Option<Vec<usize>> {
    let mut days = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (weekday(first)?, weekday(last)?);
                if first > last {
                    return None;
                }
                days.extend(first..=last);
            }
            None => days.push(weekday(part)?),
        }
    }
    Some(days)
}

/// Years of days that differ.
const YEARS: std::ops::RangeInclusive<i16> = 1949..=2999;

/// `2026 Feb 10` at the beginning of a text, and what follows.
fn date(text: &str) -> Option<(Day, &str)> {
    let mut parts = text.splitn(3, ' ');
    let (year, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = rest.split_at(digits);
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    // Of the clocks of earlier centuries nothing is known that would bring a day back as it was.
    let year = year.parse().ok().filter(|known| year.len() == 4 && YEARS.contains(known))?;
    if !(1..=2).contains(&day.len()) {
        return None;
    }
    Some((Day::of(year, i8::try_from(month).ok()?, day.parse().ok()?)?, rest))
}

fn spans(text: &str) -> Result<Vec<Span>, Error> {
    match text.trim() {
        "off" | "closed" => Ok(Vec::new()),
        "" => Err(bad(text)),
        text => read_spans(text),
    }
}

fn special(rule: &str) -> Option<Result<Special, Error>> {
    let (from, rest) = date(rule)?;
    let (to, rest) = match rest.strip_prefix('-') {
        Some(rest) => date(rest)?,
        None => (from, rest),
    };
    let (hours, note) = match rest.split_once('"') {
        Some((hours, note)) => (hours, note.strip_suffix('"')?),
        None => (rest, ""),
    };
    let fits = to >= from && note.chars().count() <= NOTE_MAX && !note.contains('"');
    Some(match spans(hours) {
        Ok(spans) if fits => Ok(Special { from, to, spans, note: note.trim().to_owned() }),
        Ok(_) => Err(bad(rule)),
        Err(error) => Err(error),
    })
}

impl FromStr for Opening {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut opening = Self::default();
        for rule in rules(text) {
            if let Some(special) = special(rule) {
                opening.specials.push(special?);
                continue;
            }
            let (days, hours) = rule.split_once(' ').ok_or_else(|| bad(rule))?;
            if days == "PH" {
                opening.holidays = OnHolidays::Instead(spans(hours)?);
            } else {
                let open = spans(hours)?;
                for day in weekdays(days).ok_or_else(|| bad(rule))? {
                    opening.week[day].clone_from(&open);
                }
            }
        }
        opening.specials.sort_by_key(|special| (special.from, special.to));
        if opening.specials.len() > SPECIALS_MAX { Err(bad(text)) } else { Ok(opening) }
    }
}

impl FromValue for Opening {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl From<&Opening> for Value {
    fn from(opening: &Opening) -> Self {
        Value::from(opening.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16, month: i8, date: i8) -> Day {
        Day::of(year, month, date).unwrap()
    }

    fn at(day: Day, hours: i64, minutes: i64) -> Timestamp {
        day.at(hours * 60 + minutes)
    }

    const OFFICE: &str = "Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00; PH off; 2026 Feb 10-2026 Feb 12 off \"装修; 内部\"; 2026 Dec 31 08:30-12:00";

    #[test]
    fn the_notation_comes_back_as_it_was() {
        for text in [
            OFFICE,
            "",
            "Mo-Su 09:00-17:00",
            "Tu-Su 09:00-24:00; PH 10:00-16:00",
            "Mo 08:00-09:00; We 08:00-09:00",
        ] {
            assert_eq!(text.parse::<Opening>().unwrap().to_string(), text);
        }
        let spread: Opening = "Mo,We,Fr 09:00-12:00; Fr off".parse().unwrap();
        assert_eq!(spread.to_string(), "Mo 09:00-12:00; We 09:00-12:00");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("Mo 9-12", "9-12"),
            ("Mo 12:00-09:00", "12:00-09:00"),
            ("Mo 09:00-12:00,11:00-13:00", "11:00-13:00"),
            ("Mo 09:60-12:00", "09:60-12:00"),
            ("Mo 09:00-24:01", "09:00-24:01"),
            ("Xx 09:00-12:00", "Xx 09:00-12:00"),
            ("Fr-Mo 09:00-12:00", "Fr-Mo 09:00-12:00"),
            ("2026 Feb 12-2026 Feb 10 off", "2026 Feb 12-2026 Feb 10 off"),
            ("Mo", "Mo"),
        ] {
            let error = text.parse::<Opening>().unwrap_err();
            assert_eq!(error.code().name, "network.bad_opening", "{text}");
            assert!(format!("{error:?}").contains(part), "{text}: {error:?}");
        }
        assert!("2026 Feb 30 off".parse::<Opening>().is_err());
    }

    #[test]
    fn people_write_hours_in_many_ways() {
        let wanted = vec![Span { from: 510, to: 720 }, Span { from: 840, to: 1050 }];
        for text in
            ["8:30-12:00,14:00-17:30", "8：30—12：00，14:00至17:30", " 08:30 ~ 12:00 、 14:00 – 17:30 "]
        {
            assert_eq!(read_spans(text).unwrap(), wanted, "{text}");
        }
        assert_eq!(read_spans("  ").unwrap(), Vec::new());
        assert!(read_spans("1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00").is_err());
    }

    #[test]
    fn days_that_differ_go_before_holidays_and_these_before_weekdays() {
        let opening: Opening = OFFICE.parse().unwrap();
        let holidays = Holidays::from([
            (day(2026, 10, 1), DayKind::Holiday),
            (day(2026, 10, 10), DayKind::WorkedWeekend),
            (day(2026, 9, 20), DayKind::WorkedWeekend),
        ]);
        let hours = |day: Day| spans_text(opening.on(day, &holidays));
        assert_eq!(hours(day(2026, 9, 30)), "08:30-12:00,14:00-17:30");
        assert_eq!(hours(day(2026, 10, 1)), "off");
        // A Saturday that is worked keeps its own hours; a Sunday without any has those of a working day.
        assert_eq!(hours(day(2026, 10, 10)), "09:00-12:00");
        assert_eq!(hours(day(2026, 9, 20)), "08:30-12:00,14:00-17:30");
        assert_eq!(hours(day(2026, 2, 11)), "off");
        assert_eq!(opening.special_on(day(2026, 2, 11)).unwrap().note, "装修; 内部");
        assert_eq!(hours(day(2026, 12, 31)), "08:30-12:00");
        let usual: Opening = "Mo-Su 09:00-17:00".parse().unwrap();
        assert_eq!(spans_text(usual.on(day(2026, 10, 1), &holidays)), "09:00-17:00");
    }

    #[test]
    fn it_is_open_or_opens_next() {
        let opening: Opening = OFFICE.parse().unwrap();
        let none = Holidays::new();
        let friday = day(2026, 11, 27);
        let state = |now| opening.state(now, &none).unwrap();
        assert_eq!(state(at(friday, 7, 0)), OpenState::From(510));
        assert_eq!(state(at(friday, 8, 30)), OpenState::Until(720));
        assert_eq!(state(at(friday, 12, 0)), OpenState::From(840));
        assert_eq!(state(at(friday, 17, 30)), OpenState::Next(at(friday.plus(1), 9, 0)));
        assert_eq!(state(at(friday.plus(2), 10, 0)), OpenState::Next(at(friday.plus(3), 8, 30)));
        assert_eq!(Opening::default().state(at(friday, 9, 0), &none), None);
        let shut: Opening = "Mo 09:00-10:00; 2026 Nov 01-2026 Dec 31 off".parse().unwrap();
        assert_eq!(shut.state(at(friday, 9, 0), &none), Some(OpenState::Closed));
        let hours: Vec<_> = opening.hours(friday, 3, &none).collect();
        let saturday = friday.plus(1);
        assert_eq!(
            hours,
            [
                (at(friday, 8, 30), at(friday, 12, 0)),
                (at(friday, 14, 0), at(friday, 17, 30)),
                (at(saturday, 9, 0), at(saturday, 12, 0)),
            ]
        );
        assert_eq!(opening.since(day(2026, 12, 31)).specials.len(), 1);
    }
}
