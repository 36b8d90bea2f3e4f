//! Usual hours in one cell, as clerks write them: `周一至周五 08:30-12:00, 14:00-17:30; 周六 09:00-12:00; 法定节假日 闭馆`.
//!
//! What is written here is read back as it was; days that differ are not part of it.

use kernel::{Error, Lang, plain_digit};

use crate::{BAD_OPENING, OnHolidays, Opening, Span, opening_words, read_spans, spans_text};

/// Longest text of usual hours, in characters.
pub(super) const WEEK_MAX: usize = 600;

/// Words of each day, Monday first; small letters.
const DAYS: [&[&str]; 7] = [
    &["周一", "星期一", "礼拜一", "一", "mo", "mon", "monday", "mondays"],
    &["周二", "星期二", "礼拜二", "二", "tu", "tue", "tues", "tuesday", "tuesdays"],
    &["周三", "星期三", "礼拜三", "三", "we", "wed", "wednesday", "wednesdays"],
    &["周四", "星期四", "礼拜四", "四", "th", "thu", "thur", "thurs", "thursday", "thursdays"],
    &["周五", "星期五", "礼拜五", "五", "fr", "fri", "friday", "fridays"],
    &["周六", "星期六", "礼拜六", "六", "sa", "sat", "saturday", "saturdays"],
    &["周日", "周天", "星期日", "星期天", "礼拜日", "礼拜天", "日", "天", "su", "sun", "sunday", "sundays"],
];
/// Words for several days at once, with the first and the last of them.
const SEVERAL: [(&str, usize, usize); 9] = [
    ("每天", 0, 6),
    ("每日", 0, 6),
    ("daily", 0, 6),
    ("every day", 0, 6),
    ("工作日", 0, 4),
    ("weekdays", 0, 4),
    ("周末", 5, 6),
    ("双休日", 5, 6),
    ("weekends", 5, 6),
];
/// Words for public holidays.
const HOLIDAYS: [&str; 6] =
    ["法定节假日", "节假日", "法定假日", "public holidays", "on public holidays", "ph"];
/// Words that say that a place is closed; what ends with another one stands behind it.
const CLOSED: [&str; 9] = ["不开放", "闭馆", "关闭", "关门", "休息", "休", "closed", "shut", "off"];

/// The usual hours as a text; empty if nothing is known of them.
pub(super) fn week_text(opening: &Opening, lang: Lang) -> String {
    let hours = |spans: &[Span]| spans_text(spans).replace(',', ", ");
    let mut rules: Vec<String> = opening
        .stretches()
        .into_iter()
        .map(|(first, last, spans)| {
            format!("{} {}", opening_words::days_words(lang, first, last), hours(spans))
        })
        .collect();
    if let OnHolidays::Instead(spans) = &opening.holidays {
        let word = ::web::i18n::say(lang, "network-holidays", &[]);
        let hours = if spans.is_empty() {
            match lang {
                Lang::Zh => "闭馆".to_owned(),
                Lang::En => "closed".to_owned(),
            }
        } else {
            hours(spans)
        };
        rules.push(format!("{word} {hours}"));
    }
    rules.join("; ")
}

/// Reads usual hours; what it says of holidays too. Days that differ are none.
///
/// # Errors
/// [`BAD_OPENING`] with the part that cannot be read.
pub(super) fn read_week(text: &str) -> Result<Opening, Error> {
    let text: String = text.chars().map(plain).collect();
    let mut opening = Opening::default();
    for rule in text.split([';', '\n']).map(str::trim).filter(|rule| !rule.is_empty()) {
        let bad = || Error::new(&BAD_OPENING).arg("part", rule.chars().take(60).collect::<String>());
        let (days, hours) = cut(rule).ok_or_else(bad)?;
        let spans = if hours.is_empty() { Vec::new() } else { read_spans(hours).map_err(|_| bad())? };
        if HOLIDAYS.contains(&days.as_str()) {
            opening.holidays = OnHolidays::Instead(spans);
            continue;
        }
        for day in days_of(&days).ok_or_else(bad)? {
            opening.week[day].clone_from(&spans);
        }
    }
    Ok(opening)
}

/// One spelling of digits and of the marks that part days and times.
fn plain(c: char) -> char {
    match c {
        '：' => ':',
        '；' => ';',
        '，' | '、' => ',',
        '\u{a0}' | '\u{3000}' | '\t' | '\r' => ' ',
        other => plain_digit(other),
    }
}

/// A rule as its days, in small letters, and its hours, which are empty where it is closed.
fn cut(rule: &str) -> Option<(String, &str)> {
    let days = |text: &str| text.trim().trim_end_matches(':').trim().to_lowercase();
    if let Some(at) = rule.find(|c: char| c.is_ascii_digit()) {
        let (first, hours) = rule.split_at(at);
        return Some((days(first), hours.trim()));
    }
    let first = days(rule);
    let rest = CLOSED.iter().find_map(|word| first.strip_suffix(word))?;
    Some((days(rest), ""))
}

fn days_of(text: &str) -> Option<Vec<usize>> {
    let mut days = Vec::new();
    let text = text.replace(['和', '及', '&', '/'], ",").replace(" and ", ",");
    for part in text.split(',').map(str::trim) {
        if let Some((_, first, last)) = SEVERAL.iter().find(|(word, ..)| *word == part) {
            days.extend(*first..=*last);
            continue;
        }
        let range =
            part.split_once(" to ").or_else(|| part.split_once(['至', '到', '-', '–', '—', '~', '～', '－']));
        match range {
            Some((first, last)) => {
                let (first, last) = (day(first)?, day(last)?);
                if first > last {
                    return None;
                }
                days.extend(first..=last);
            }
            None => days.push(day(part)?),
        }
    }
    Some(days)
}

fn day(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches('.');
    DAYS.iter().position(|words| words.contains(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_in_both_languages() {
        for text in [
            "",
            "Mo-Su 09:00-17:00",
            "Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00; PH off",
            "Mo 08:00-09:00; We-Th 08:00-24:00; Su 00:00-00:01; PH 10:00-11:00",
            "PH off",
        ] {
            let opening: Opening = text.parse().unwrap();
            for lang in [Lang::Zh, Lang::En] {
                let written = week_text(&opening, lang);
                assert_eq!(read_week(&written).unwrap(), opening, "{written}");
            }
        }
        let office: Opening = "Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00; PH off".parse().unwrap();
        let zh = "周一至周五 08:30-12:00, 14:00-17:30; 周六 09:00-12:00; 法定节假日 闭馆";
        assert_eq!(week_text(&office, Lang::Zh), zh);
    }

    #[test]
    fn clerks_write_hours_in_many_ways() {
        for (text, wanted) in [
            ("周一至五：８：30—12：00，14:00-17:30；周末休息", "Mo-Fr 08:30-12:00,14:00-17:30"),
            ("每天9:00-17:00\n星期一 闭馆", "Tu-Su 09:00-17:00"),
            ("工作日 9:00到17:00; 节假日不开放", "Mo-Fr 09:00-17:00; PH off"),
            ("Mon, Wed and Fri 9:00-12:00", "Mo 09:00-12:00; We 09:00-12:00; Fr 09:00-12:00"),
            ("Mo-Fr 08:30-12:00; PH off", "Mo-Fr 08:30-12:00; PH off"),
            ("周一、周三 9:00-12:00", "Mo 09:00-12:00; We 09:00-12:00"),
        ] {
            assert_eq!(read_week(text).unwrap().to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("9:00-17:00", "9:00-17:00"),
            ("周一 9:00-12:00; 随时", "随时"),
            ("周五至周一 9:00-12:00", "周五至周一 9:00-12:00"),
            ("周一 12:00-9:00", "周一 12:00-9:00"),
            ("周一 9:00-12:00, 周三 9:00-12:00", "周一 9:00-12:00, 周三 9:00-12:00"),
        ] {
            let error = read_week(text).unwrap_err();
            assert_eq!(error.code().name, "network.bad_opening", "{text}");
            assert!(error.args().iter().any(|(_, value)| value == part), "{text}: {error:?}");
        }
    }
}
