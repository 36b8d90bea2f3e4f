//! An entry in plain words: what was recorded, how it was counted, what was refused and why, by which rule.

use kernel::{Credit, Lang, Result};
use learning::EvidenceGrade;
use web::{ToArg, i18n::say};

use crate::{Calculation, Entry, Note, Refusal, pack};

/// The sentences that explain an entry, in reading order.
pub fn explain(entry: &Entry, lang: Lang) -> Result<Vec<String>> {
    let mut words = Vec::new();
    match entry.note() {
        Some(Note::Deposit(worth)) => deposit(entry, &worth, lang, &mut words),
        Some(Note::Reversal { reason }) => {
            let key = format!("bank-reversal-{}", reason.as_str());
            words.push(say(lang, &key, &[("credit", &Credit(-entry.amount.0))]));
        }
        None => words.push(say(lang, "bank-explain-issuer", &[])),
    }
    if let Some(rule) = pack::rule_version(&entry.rule_id, entry.rule_version)? {
        let name: &dyn ToArg = &rule.name.in_lang(lang);
        words.push(say(lang, "bank-explain-rule", &[("name", name), ("version", &rule.version)]));
        words.push(say(lang, "bank-explain-source", &[("source", &rule.source.in_lang(lang))]));
    }
    Ok(words)
}

/// The name of an evidence grade.
pub(crate) fn grade_name(grade: EvidenceGrade, lang: Lang) -> String {
    say(lang, &format!("bank-grade-{}", grade.as_str().replace('_', "-")), &[])
}

fn deposit(entry: &Entry, worth: &Calculation, lang: Lang, words: &mut Vec<String>) {
    let grade = grade_name(entry.grade, lang);
    words.push(say(lang, "bank-explain-evidence", &[("minutes", &entry.minutes), ("grade", &grade)]));
    if worth.reason == Some(Refusal::NoRule) {
        words.push(say(lang, "bank-refused-no-rule", &[]));
        return;
    }
    let share = worth.share.to_string();
    let share_key = match (worth.share.is_zero(), share.as_str()) {
        (true, _) => "bank-explain-share-none",
        (false, "1") => "bank-explain-share-full",
        (false, _) => "bank-explain-share-part",
    };
    words.push(say(lang, share_key, &[("share", &share)]));
    if worth.share.is_zero() {
        return;
    }
    let (hour, hours) = (worth.contact_hour_minutes, worth.contact_hours_per_credit);
    words.push(say(lang, "bank-explain-hours", &[("hour", &hour), ("hours", &hours)]));
    let factor = if share == "1" { String::new() } else { format!(" × {share}") };
    let sum = format!("{}{factor} ÷ {hour} ÷ {hours} = {}", entry.minutes.0, decimal(worth));
    words.push(say(lang, "bank-explain-sum", &[("sum", &sum), ("credit", &worth.gross)]));
    match worth.reason {
        Some(Refusal::Day) => limit("bank-refused-day", worth.cap_day, worth.used_day, worth, lang, words),
        Some(Refusal::Year) => {
            limit("bank-refused-year", worth.cap_year, worth.used_year, worth, lang, words)
        }
        Some(Refusal::Overlap) => {
            words.push(say(lang, "bank-refused-overlap", &[("refused", &worth.refused)]))
        }
        Some(Refusal::Grade | Refusal::NoRule) | None => {}
    }
    words.push(say(lang, "bank-explain-posted", &[("credit", &entry.amount)]));
}

fn limit(
    key: &str,
    cap: Option<Credit>,
    used: Credit,
    worth: &Calculation,
    lang: Lang,
    words: &mut Vec<String>,
) {
    let cap = cap.unwrap_or_default();
    words.push(say(lang, key, &[("cap", &cap), ("used", &used), ("refused", &worth.refused)]));
}

/// The credit before rounding, to one digit more than is posted; an ellipsis where it goes on.
fn decimal(worth: &Calculation) -> String {
    let (num, den) = (u128::from(worth.exact.num()), u128::from(worth.exact.den()));
    let tenths = num * 10 / den;
    let text = format!("{}.{:04}", tenths / 10_000, tenths % 10_000);
    if (num * 10).is_multiple_of(den) {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{text}…")
    }
}
