//! Words of reported figures in the reader's language: documents write periods and units in a few fixed ways.

use kernel::{Day, Month};
use web::Cx;

use super::figure::month_text;

/// From here on a round amount of 万 is written with that word.
const WAN_FROM: i64 = 100_000;
const WAN: i64 = 10_000;
const MILLION: i64 = 1_000_000;
const YI: i64 = 100_000_000;
const BILLION: i64 = 1_000_000_000;

/// When a figure holds. A wording that is not known here stays as the document has it.
pub fn period(cx: &Cx, text: &str) -> String {
    if let Some((years, note)) = text.strip_suffix(')').and_then(|rest| rest.split_once(" (近")) {
        let count = note.trim_end_matches('年');
        return cx.t2("statistics-p-last", "years", moment(cx, years), "n", count.to_owned());
    }
    if let Some((from, to)) = text.strip_prefix("since ").and_then(|rest| rest.split_once(", to ")) {
        return cx.t2("statistics-p-since", "from", moment(cx, from), "to", moment(cx, to));
    }
    for (prefix, key) in [
        ("cumulative to ", "statistics-p-cumulative"),
        ("recent years to ", "statistics-p-recent-to"),
        ("to ", "statistics-p-to"),
        ("summer ", "statistics-p-summer"),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return cx.t1(key, "year", moment(cx, rest));
        }
    }
    match text {
        "recent years" => cx.t("statistics-p-recent"),
        "yearly" => cx.t("statistics-p-yearly"),
        _ => text
            .strip_suffix(" notice")
            .map_or_else(|| moment(cx, text), |year| cx.t1("statistics-p-notice", "year", moment(cx, year))),
    }
}

/// A number with its unit: grouped, large round ones in words, dates as dates.
pub fn amount(cx: &Cx, value: &str, unit: &str) -> String {
    if matches!(unit, "date" | "month" | "year") {
        let days: Vec<String> = value.split('/').map(|day| moment(cx, day)).collect();
        return days.join("–");
    }
    let number = value.parse().map_or_else(|_| value.to_owned(), |number| words(cx, number));
    let key = match unit {
        "个" => "statistics-u-piece",
        "人" => "statistics-u-person",
        "人次" => "statistics-u-attendance",
        "元" => "statistics-u-yuan",
        "元/人" => "statistics-u-yuan-person",
        "元/人·年" => "statistics-u-yuan-person-year",
        "台" => "statistics-u-instrument",
        "名" => "statistics-u-named",
        "场次" => "statistics-u-session",
        "年" => "statistics-u-year",
        "所" => "statistics-u-place",
        "级" => "statistics-u-level",
        "门" => "statistics-u-course",
        "项" => "statistics-u-item",
        "" => return number,
        other => return format!("{number} {other}"),
    };
    cx.t1(key, "n", number)
}

fn words(cx: &Cx, number: i64) -> String {
    let scaled = |unit: i64, key: &str| cx.t1(key, "n", cx.number(number / unit));
    match cx.zh() {
        true if number >= YI && number % YI == 0 => scaled(YI, "statistics-n-large"),
        true if number >= WAN_FROM && number % WAN == 0 => scaled(WAN, "statistics-n-middle"),
        false if number >= BILLION && number % BILLION == 0 => scaled(BILLION, "statistics-n-large"),
        false if number >= MILLION && number % MILLION == 0 => scaled(MILLION, "statistics-n-middle"),
        _ => cx.number(number),
    }
}

/// A year, a month, a day or a range of years.
fn moment(cx: &Cx, text: &str) -> String {
    let numbers: Option<Vec<i16>> = text.split('-').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([year]) => cx.t1("statistics-year", "year", year.to_string()),
        Some([year, month @ 1..=12]) => {
            month_text(cx, Month(Month::january(i32::from(*year)).0 + i32::from(*month) - 1))
        }
        Some([year, month, day]) => i8::try_from(*month)
            .ok()
            .zip(i8::try_from(*day).ok())
            .and_then(|(month, day)| Day::of(*year, month, day))
            .map_or_else(|| text.to_owned(), |day| cx.day(&day)),
        _ => text.split_once('–').map_or_else(
            || text.to_owned(),
            |(from, to)| cx.t2("statistics-p-range", "from", from.to_owned(), "to", to.to_owned()),
        ),
    }
}
