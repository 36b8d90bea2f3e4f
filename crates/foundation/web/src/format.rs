//! Numbers and dates as both languages write them.

use kernel::{Day, Lang, Timestamp};

const WEEKDAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `12,340`. From four digits on, in groups of three.
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `2026年11月23日 周一` or `Mon 23 Nov 2026`.
pub(crate) fn day(lang: Lang, day: Day) -> String {
    let (year, month, date) = day.date();
    let weekday = usize::from(day.weekday()) - 1;
    match lang {
        Lang::Zh => format!("{year}年{month}月{date}日 {}", WEEKDAYS_ZH[weekday]),
        Lang::En => format!("{} {date} {} {year}", WEEKDAYS_EN[weekday], month_en(month)),
    }
}

/// `11月23日 周一` or `Mon 23 Nov`: for lists whose year is clear.
pub(crate) fn short_day(lang: Lang, day: Day) -> String {
    let (_, month, date) = day.date();
    let weekday = usize::from(day.weekday()) - 1;
    match lang {
        Lang::Zh => format!("{month}月{date}日 {}", WEEKDAYS_ZH[weekday]),
        Lang::En => format!("{} {date} {}", WEEKDAYS_EN[weekday], month_en(month)),
    }
}

/// `2026年11月23日 周一 09:30` or `Mon 23 Nov 2026, 09:30`.
pub(crate) fn datetime(lang: Lang, at: Timestamp) -> String {
    let separator = match lang {
        Lang::Zh => " ",
        Lang::En => ", ",
    };
    format!("{}{separator}{}", day(lang, at.day()), at.clock_text())
}

fn month_en(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|index| MONTHS_EN.get(index).copied()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_write_their_own_dates() {
        let at = Timestamp::from_local_text("2026-11-23T09:30").unwrap();
        assert_eq!(datetime(Lang::Zh, at), "2026年11月23日 周一 09:30");
        assert_eq!(datetime(Lang::En, at), "Mon 23 Nov 2026, 09:30");
        assert_eq!(short_day(Lang::Zh, at.day()), "11月23日 周一");
        assert_eq!(short_day(Lang::En, at.day()), "Mon 23 Nov");
    }

    #[test]
    fn numbers_are_grouped() {
        let texts = [0, 999, 1_000, 32_054_159, -12_340].map(number);
        assert_eq!(texts, ["0", "999", "1,000", "32,054,159", "-12,340"]);
    }
}
