//! Time as the city counts it.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::{ZonedDateTime, civil, tz};

use crate::{Error, error::BAD_DATE};

/// Hours that the city is ahead of UTC. China has one time zone and no summer time.
const CITY_OFFSET_HOURS: i8 = 8;
const DAY_MS: i64 = 86_400_000;

fn city() -> tz::TimeZone {
    tz::TimeZone::fixed(tz::offset(CITY_OFFSET_HOURS))
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970 in UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 in UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment moved by so many minutes.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0 + minutes * 60_000)
    }

    /// This moment moved by so many seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1_000)
    }

    /// The city's calendar day.
    pub const fn day(self) -> Day {
        Day((self.0 + CITY_OFFSET_HOURS as i64 * 3_600_000).div_euclid(DAY_MS) as i32)
    }

    /// The city's wall clock.
    pub fn zoned(self) -> ZonedDateTime {
        let millis = self.0.clamp(-62_000_000_000_000, 250_000_000_000_000);
        jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_zoned_datetime(city())
    }

    /// `2026-11-23 09:30`, in the city's time.
    pub fn minute_text(self) -> String {
        self.zoned().strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `09:30`, in the city's time.
    pub fn clock_text(self) -> String {
        self.zoned().strftime("%H:%M").to_string()
    }

    /// RFC 3339 in UTC with seconds, as credentials and APIs want it.
    pub fn rfc3339(self) -> String {
        let seconds = self.0.div_euclid(1_000);
        jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Reads RFC 3339 with any offset, as programs write it: `2026-11-23T01:30:00Z`. Years from 1000 to 2999.
    ///
    /// # Errors
    /// `kernel.bad_date`
    pub fn from_rfc3339(text: &str) -> Result<Self, Error> {
        let at: jiff::Timestamp = text.trim().parse().map_err(|_| Error::new(&BAD_DATE))?;
        let moment = Self(at.as_millisecond());
        in_years(moment.zoned().year())?;
        Ok(moment)
    }

    /// Reads `2026-11-23T09:30` (the value of a `datetime-local` field), in the city's time. Years from 1000 to 2999.
    ///
    /// # Errors
    /// `kernel.bad_date`
    pub fn from_local_text(text: &str) -> Result<Self, Error> {
        let time: civil::DateTime = text.trim().parse().map_err(|_| Error::new(&BAD_DATE))?;
        in_years(time.year())?;
        let zoned = time.to_zoned_datetime(city()).map_err(|_| Error::new(&BAD_DATE))?;
        Ok(Self(zoned.timestamp().as_millisecond()))
    }
}

/// Years that are read from outside. Wider ones parse too, but cannot be written back, and nobody means them.
fn in_years(year: i16) -> Result<(), Error> {
    if (1000..=2999).contains(&year) { Ok(()) } else { Err(Error::new(&BAD_DATE)) }
}

/// A calendar day of the city, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// The day of this date, if the date exists.
    pub fn of(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = civil::Date::new(year, month, day).ok()?;
        let days = date.since((jiff::Unit::Day, civil::date(1970, 1, 1))).ok()?.get_days();
        Some(Self(days))
    }

    /// Reads a day as people and office programs write it: `2026-11-03`, `2026/11/3`, `2026.11.3`, `2026年11月3日`, with digits of any
    /// input method and the midnight that workbooks add. Years from 1900 to 2999.
    pub fn written(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().map(crate::plain_digit).collect();
        let text = text.trim_end_matches(" 00:00:00").trim_end_matches("T00:00:00").trim_end_matches('日');
        let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).map(str::trim).collect();
        let [year, month, day] = parts[..] else { return None };
        let whole = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if year.len() != 4 || !whole(year, 4) || !whole(month, 2) || !whole(day, 2) {
            return None;
        }
        let year = year.parse().ok().filter(|year| (1900..=2999).contains(year))?;
        Self::of(year, month.parse().ok()?, day.parse().ok()?)
    }

    /// The moment at which the day begins in the city.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * DAY_MS - CITY_OFFSET_HOURS as i64 * 3_600_000)
    }

    /// The moment `minutes` after midnight of this day.
    pub const fn at(self, minutes: i64) -> Timestamp {
        self.start().plus_minutes(minutes)
    }

    /// The day so many days later (or earlier, if negative).
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Monday is 1, Sunday 7.
    pub const fn weekday(self) -> u8 {
        ((self.0 + 3).rem_euclid(7) + 1) as u8
    }

    /// Year, month (1–12) and day of the month.
    pub fn date(self) -> (i16, i8, i8) {
        let date = self.start().zoned().date();
        (date.year(), date.month(), date.day())
    }

    /// The month in which the day lies.
    pub fn month(self) -> Month {
        let (year, month, _) = self.date();
        Month(i32::from(year) * 12 + i32::from(month) - 1)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = Error;

    /// Reads `2026-11-23`. Years from 1000 to 2999.
    fn from_str(text: &str) -> Result<Self, Error> {
        let date: civil::Date = text.trim().parse().map_err(|_| Error::new(&BAD_DATE))?;
        in_years(date.year())?;
        Self::of(date.year(), date.month(), date.day()).ok_or_else(|| Error::new(&BAD_DATE))
    }
}

/// A calendar month of the city: year × 12 + month − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Month(pub i32);

impl Month {
    /// The year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// January of a year.
    pub const fn january(year: i32) -> Self {
        Self(year * 12)
    }

    /// 1 to 12.
    pub const fn number(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// Its last day; of months that no calendar reaches, the last day there is.
    pub fn last_day(self) -> Day {
        let next = Self(self.0.saturating_add(1));
        let first = i16::try_from(next.year()).ok().zip(i8::try_from(next.number()).ok());
        first.and_then(|(year, month)| Day::of(year, month, 1)).map_or(Day(i32::MAX), |day| day.plus(-1))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock. Only the binary uses it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one door to the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// A clock that stands still until it is told to move, for tests, imports of past years and simulation.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows this moment.
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.millis()))
    }

    /// Moves the clock, forward or back.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_and_office_programs_write_them() {
        let wanted = Day::of(2026, 11, 3);
        for text in [
            "2026-11-03",
            " 2026/11/3 ",
            "2026年11月3日",
            "2026.11.03",
            "２０２６-１１-３",
            "2026-11-03 00:00:00",
            "2026-11-03T00:00:00",
        ] {
            assert_eq!(Day::written(text), wanted, "{text}");
        }
        for text in ["", "2026", "26-11-03", "2026-02-30", "2026-11-03T00:00", "03/11/2026", "0206-11-03"] {
            assert_eq!(Day::written(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_the_citys_days() {
        // 2026-11-22T16:00Z is midnight of the 23rd in the city, a Monday.
        let midnight = Day::of(2026, 11, 23).unwrap().start();
        assert_eq!(midnight.rfc3339(), "2026-11-22T16:00:00Z");
        assert_eq!(midnight.day().to_string(), "2026-11-23");
        assert_eq!(midnight.day().weekday(), 1);
        assert_eq!(Timestamp::from_millis(midnight.millis() - 1).day().to_string(), "2026-11-22");
        assert_eq!(midnight.day().month().to_string(), "2026-11");
    }

    #[test]
    fn local_text_is_read_in_the_citys_time() {
        assert_eq!(Timestamp::from_local_text("2026-11-23T09:30").unwrap().rfc3339(), "2026-11-23T01:30:00Z");
        assert!(Timestamp::from_local_text("2026-02-30T09:30").is_err());
        assert!("2026-02-30".parse::<Day>().is_err());
    }

    #[test]
    fn a_month_ends_with_its_last_day() {
        let last = |month| Month(Month::january(2028).0 + month - 1).last_day().to_string();
        assert_eq!(
            (last(1), last(2), last(12)),
            ("2028-01-31".into(), "2028-02-29".into(), "2028-12-31".into())
        );
    }
}
