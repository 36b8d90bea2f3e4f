//! Words for times: 周末, 明天, 下周三, 晚上. All times are the city's (UTC+8, no summer time).

use kernel::{Day, Timestamp};

/// Milliseconds since 1970 in UTC, half open.
pub(crate) type Span = (i64, i64);

/// What a time word asks of the next session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    /// A kind of day or hour, whichever week it is in.
    Slot(String),
    /// Certain days.
    Between(Span),
}

/// The kinds of day and hour of a stretch of time: the day of the week, `weekend`, and each of `am`, `pm` (from 12:00) and `eve` (from 18:00)
/// that it touches. The end does not count; a stretch without length is its beginning.
pub(crate) fn slots_of(from: i64, to: i64) -> Vec<String> {
    let day = Timestamp::from_millis(from).day();
    let minute = |at: i64| (at - day.start().millis()) / 60_000;
    let (first, last) = (minute(from), minute(to - 1).max(minute(from)));
    let mut slots = vec![format!("d{}", day.weekday())];
    if day.weekday() >= 6 {
        slots.push("weekend".into());
    }
    let parts = [("am", 0, 12 * 60), ("pm", 12 * 60, 18 * 60), ("eve", 18 * 60, i64::MAX)];
    slots.extend(
        parts
            .iter()
            .filter(|(_, begin, end)| first < *end && last >= *begin)
            .map(|(name, ..)| (*name).to_owned()),
    );
    slots
}

fn days(first: Day, count: i32) -> When {
    When::Between((first.start().millis(), first.plus(count).start().millis()))
}

/// 一 (1) to 六 (6), 日 and 天 (7).
fn day_number(word: &str) -> Option<i32> {
    let number = match word {
        "一" => 1,
        "二" => 2,
        "三" => 3,
        "四" => 4,
        "五" => 5,
        "六" => 6,
        "日" | "天" => 7,
        _ => return None,
    };
    Some(number)
}

fn after_any<'a>(word: &'a str, starts: &[&str]) -> Option<&'a str> {
    starts.iter().find_map(|start| word.strip_prefix(start))
}

/// Reads a folded word as a time. Words that mean certain days need `now`; without it they are ordinary words.
pub(crate) fn time_word(word: &str, now: Option<i64>) -> Option<When> {
    let slot = |name: &str| Some(When::Slot(name.to_owned()));
    match word {
        "周末" | "双休日" | "双休" | "weekend" | "weekends" => return slot("weekend"),
        "上午" | "早上" | "早晨" | "清晨" | "morning" => return slot("am"),
        "下午" | "午后" | "afternoon" => return slot("pm"),
        "晚上" | "晚间" | "夜间" | "夜晚" | "傍晚" | "evening" => return slot("eve"),
        _ => {}
    }
    if let Some(number) = after_any(word, &["周", "星期", "礼拜"]).and_then(day_number) {
        return slot(&format!("d{number}"));
    }
    let today = Timestamp::from_millis(now?).day();
    let monday = today.plus(1 - i32::from(today.weekday()));
    let month_days = |month: kernel::Month| {
        let first = |month: kernel::Month| {
            let year = i16::try_from(month.year()).ok()?;
            Day::of(year, i8::try_from(month.number()).ok()?, 1)
        };
        let start = first(month)?;
        Some(days(start, first(kernel::Month(month.0 + 1))?.0 - start.0))
    };
    match word {
        "今天" | "今日" | "today" => return Some(days(today, 1)),
        "明天" | "明日" | "tomorrow" => return Some(days(today.plus(1), 1)),
        "后天" => return Some(days(today.plus(2), 1)),
        "今晚" | "今天晚上" => {
            return Some(When::Between((today.at(18 * 60).millis(), today.plus(1).start().millis())));
        }
        "本月" | "这个月" => return month_days(today.month()),
        "下月" | "下个月" => return month_days(kernel::Month(today.month().0 + 1)),
        _ => {}
    }
    let (week, rest) = if let Some(rest) = after_any(word, &["下个星期", "下星期", "下礼拜", "下周"])
    {
        (monday.plus(7), rest)
    } else {
        (monday, after_any(word, &["这个星期", "这星期", "本星期", "这周", "本周"])?)
    };
    match rest {
        "" => Some(days(week, 7)),
        "末" => Some(days(week.plus(5), 2)),
        _ => day_number(rest).map(|number| days(week.plus(number - 1), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i16, month: i8, day: i8, minute: i64) -> i64 {
        Day::of(year, month, day).unwrap().at(minute).millis()
    }

    #[test]
    fn slots_follow_the_citys_clock() {
        // 2026-11-28 is a Saturday; 07:00 in Chongqing is still Friday in UTC.
        let moment = |at: i64| slots_of(at, at);
        assert_eq!(moment(at(2026, 11, 28, 7 * 60)), ["d6", "weekend", "am"]);
        assert_eq!(moment(at(2026, 11, 23, 12 * 60)), ["d1", "pm"]);
        assert_eq!(moment(at(2026, 11, 24, 18 * 60)), ["d2", "eve"]);
        let from_to = |from, to| slots_of(at(2026, 11, 24, from), at(2026, 11, 24, to));
        assert_eq!(from_to(9 * 60, 12 * 60), ["d2", "am"]);
        assert_eq!(from_to(9 * 60, 21 * 60), ["d2", "am", "pm", "eve"]);
        assert_eq!(from_to(16 * 60, 18 * 60 + 1), ["d2", "pm", "eve"]);
    }

    #[test]
    fn words_mean_days() {
        let now = Some(at(2026, 11, 25, 600)); // a Wednesday
        let span = |from: (i8, i8), to: (i8, i8)| {
            Some(When::Between((at(2026, from.0, from.1, 0), at(2026, to.0, to.1, 0))))
        };
        assert_eq!(time_word("明天", now), span((11, 26), (11, 27)));
        assert_eq!(time_word("本周", now), span((11, 23), (11, 30)));
        assert_eq!(time_word("下周三", now), span((12, 2), (12, 3)));
        assert_eq!(time_word("这周末", now), span((11, 28), (11, 30)));
        assert_eq!(time_word("本月", now), span((11, 1), (12, 1)));
        assert_eq!(time_word("星期天", None), Some(When::Slot("d7".into())));
        assert_eq!(time_word("周末", None), Some(When::Slot("weekend".into())));
        assert_eq!(time_word("明天", None), None);
        assert_eq!(time_word("下周八", now), None);
        assert_eq!(time_word("书法", now), None);
    }
}
