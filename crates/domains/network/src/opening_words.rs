//! Opening hours in the reader's words.

use std::borrow::Borrow;

use ::web::{Cx, i18n};
use kernel::{Day, Lang, Result};
use store::Tx;

use crate::{
    AHEAD_DAYS, OnHolidays, OpenState, Opening, Organisation, Span, Special, clock, holidays_between,
};

/// Days that are looked ahead for days that differ.
const SPECIALS_AHEAD: i32 = 60;
/// Days that differ shown at most.
const SPECIALS_SHOWN: usize = 4;

fn say(lang: Lang, key: &str) -> String {
    i18n::say(lang, key, &[])
}

/// `08:30–12:00、14:00–17:30`.
fn spans_words(lang: Lang, spans: &[Span]) -> String {
    let parts: Vec<String> =
        spans.iter().map(|span| format!("{}–{}", clock(span.from), clock(span.to))).collect();
    parts.join(&say(lang, "network-hours-comma"))
}

fn weekday(lang: Lang, day: usize) -> String {
    say(lang, &format!("network-day-{}", day + 1))
}

pub(crate) fn days_words(lang: Lang, first: usize, last: usize) -> String {
    match (first, last) {
        (0, 6) => say(lang, "network-days-all"),
        _ if first == last => weekday(lang, first),
        _ => {
            i18n::say(lang, "network-days", &[("from", &weekday(lang, first)), ("to", &weekday(lang, last))])
        }
    }
}

impl Opening {
    /// A line for each stretch of days with the same hours, and one for public holidays: 周一至周五 08:30–17:30.
    pub fn lines(&self, lang: impl Borrow<Lang>) -> Vec<String> {
        let lang = *lang.borrow();
        let line = |days: String, spans: &[Span]| format!("{days} {}", spans_words(lang, spans));
        let mut lines: Vec<String> = self
            .stretches()
            .into_iter()
            .map(|(first, last, spans)| line(days_words(lang, first, last), spans))
            .collect();
        match &self.holidays {
            OnHolidays::Instead(spans) if spans.is_empty() && self.is_stated() => {
                lines.push(say(lang, "network-holidays-closed"));
            }
            OnHolidays::Instead(spans) if !spans.is_empty() => {
                lines.push(line(say(lang, "network-holidays"), spans));
            }
            _ => {}
        }
        lines
    }
}

impl Organisation {
    /// Whether anything is known of its hours.
    pub fn has_hours(&self) -> bool {
        self.opening.is_stated() || !self.hours.is_empty()
    }

    /// Its usual hours in one line, with what is to be said of them; empty if nothing is known.
    pub fn hours_text(&self, lang: impl Borrow<Lang>) -> String {
        let lang = *lang.borrow();
        let mut parts = self.opening.lines(lang);
        parts.extend(Some(self.hours.clone()).filter(|words| !words.is_empty()));
        parts.join(&say(lang, "network-hours-semicolon"))
    }
}

/// How a place stands now, and which days differ soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenNow {
    /// How it stands.
    pub state: OpenState,
    /// Days that differ within two months, at most four.
    pub specials: Vec<Special>,
}

/// How a place stands now; `None` if its hours are not known or it was closed for good.
pub fn open_now(tx: &mut Tx, org: &Organisation) -> Result<Option<OpenNow>> {
    let now = tx.now();
    let today = now.day();
    if !org.is_open() || !org.opening.is_stated() {
        return Ok(None);
    }
    let holidays = holidays_between(tx, today, today.plus(AHEAD_DAYS + 1))?;
    let Some(state) = org.opening.state(now, &holidays) else { return Ok(None) };
    let soon = |special: &&Special| special.to >= today && special.from <= today.plus(SPECIALS_AHEAD);
    let specials = org.opening.specials.iter().filter(soon).take(SPECIALS_SHOWN).cloned().collect();
    Ok(Some(OpenNow { state, specials }))
}

impl OpenNow {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, OpenState::Until(_))
    }

    /// 现在开放，17:30关门.
    pub fn words(&self, cx: &Cx) -> String {
        match self.state {
            OpenState::Until(minutes) => cx.t1("network-open-until", "time", clock(minutes)),
            OpenState::From(minutes) => cx.t1("network-opens-today", "time", clock(minutes)),
            OpenState::Next(at) if at.day() == cx.now.day().plus(1) => {
                cx.t1("network-opens-tomorrow", "time", at.clock_text())
            }
            OpenState::Next(at) => {
                cx.t2("network-opens-next", "day", cx.short_day(&at.day()), "time", at.clock_text())
            }
            OpenState::Closed => cx.t("network-closed-long"),
        }
    }

    /// A line for each entry of days that differ.
    pub fn special_lines(&self, cx: &Cx) -> Vec<String> {
        self.specials.iter().map(|special| special_line(cx, special)).collect()
    }
}

fn special_line(cx: &Cx, special: &Special) -> String {
    let day = |day: Day| cx.short_day(&day);
    let days = if special.from == special.to {
        day(special.from)
    } else {
        cx.t2("network-days", "from", day(special.from), "to", day(special.to))
    };
    let line = if special.spans.is_empty() {
        cx.t1("network-special-closed", "days", days)
    } else {
        cx.t2("network-special-open", "days", days, "hours", spans_words(cx.lang, &special.spans))
    };
    if special.note.is_empty() {
        line
    } else {
        cx.t2("network-special-why", "line", line, "why", &special.note)
    }
}
