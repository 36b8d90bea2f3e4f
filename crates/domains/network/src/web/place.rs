//! `/desk/orgs/{org}/place`: what people must know of a place, kept by those who work there.

use ::web::{Choice, Cx, Form, FormState, Max, Path};
use askama::Template;
use kernel::{Actor, Day, Error, Id, Org, Result as Outcome, Right};
use store::Tx;

use crate::{
    BAD_OPENING, KeepPlace, NOTE_MAX, OnHolidays, Opening, Organisation, SPECIALS_MAX, Span, Special, access,
    keep_place, org, read_spans, spans_text,
};

/// Names of the fields, Monday first.
const WEEK: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
/// What holds on public holidays.
const HOLIDAYS: [&str; 3] = ["usual", "closed", "other"];
/// Words that say that a place is closed on a day, in either language.
const CLOSED: [&str; 6] = ["闭馆", "关闭", "不开放", "休", "closed", "off"];
/// Longest text of a day's hours and of all days that differ, in characters.
const HOURS_MAX: usize = 80;
const SPECIALS_CHARS_MAX: usize = SPECIALS_MAX * 100;

#[derive(Template)]
#[template(path = "network_place.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    week: [(&'static str, String); 7],
    holidays: Vec<Choice>,
    /// Whether the reader may rename it, found others below it and close it.
    manages: bool,
    /// Whether she may close it: that is decided above.
    closes: bool,
}

/// The organisation, if the reader may keep it, and what else she may do there.
fn known(tx: &mut Tx, actor: &Actor, id: Id<Org>) -> Outcome<(Organisation, bool, bool)> {
    access::require(tx, actor, Right::ManageOffers, id)?;
    let found = org(tx, id)?.ok_or_else(Error::missing)?;
    let manages = access::may(tx, actor, Right::ManageNetwork, id)?;
    let closes = match found.parent_id {
        Some(parent) => access::may(tx, actor, Right::ManageNetwork, parent)?,
        None => false,
    };
    Ok((found, manages, closes))
}

async fn read(cx: &Cx, id: Id<Org>) -> Outcome<(Organisation, bool, bool)> {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| known(tx, &actor, id)).await
}

/// The form with what is known.
pub(super) async fn form(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let known = read(&cx, id).await?;
    let org = &known.0;
    let opening = &org.opening;
    let mut form = FormState::new(&cx)
        .with("address", &org.address)
        .with("phone", &org.phone)
        .with("remark", &org.hours)
        .with("specials", specials_text(&cx, &opening.specials))
        .with("rev", org.rev);
    for (name, spans) in WEEK.into_iter().zip(&opening.week) {
        form = form.with(name, hours_text(spans));
    }
    form = match &opening.holidays {
        OnHolidays::AsUsual => form.with("holidays", "usual"),
        OnHolidays::Instead(spans) if spans.is_empty() => form.with("holidays", "closed"),
        OnHolidays::Instead(spans) => form.with("holidays", "other").with("holiday_hours", hours_text(spans)),
    };
    cx.page(&page(&cx, &known, form))
}

/// Takes what was typed.
pub(super) async fn save(cx: Cx, Path(id): Path<Id<Org>>, mut form: Form) -> ::web::Result {
    let known = read(&cx, id).await?;
    let address = form.text("address", Max(120));
    let phone = form.text("phone", Max(40));
    let hours = form.text("remark", Max(120));
    let opening = opening(&mut form);
    let rev = form.int("rev", 1..=i64::MAX);
    let done = match form.finish() {
        Ok(()) => {
            let cmd = KeepPlace { org_id: id, rev, address, phone, hours, opening };
            let actor = cx.actor.clone();
            cx.store.write("network.keep_place", move |tx| keep_place(tx, &actor, &cmd)).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(()) => Ok(cx.done(&format!("/desk/orgs/{id}/place"), &cx.t("network-place-saved"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, &known, form))
        }
    }
}

fn page<'a>(cx: &'a Cx, known: &'a (Organisation, bool, bool), form: FormState) -> Page<'a> {
    let (org, manages, closes) = known;
    let mut labels: Vec<(String, String)> =
        WEEK.iter().zip(1..).map(|(name, n)| ((*name).to_owned(), format!("network-day-{n}"))).collect();
    for (name, key) in [
        ("address", "network-place-address"),
        ("phone", "network-place-phone"),
        ("holidays", "network-place-holidays"),
        ("holiday_hours", "network-place-holiday-hours"),
        ("specials", "network-place-specials"),
        ("remark", "network-place-remark"),
    ] {
        labels.push((name.to_owned(), key.to_owned()));
    }
    let labels: Vec<(&str, &str)> = labels.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    Page {
        cx,
        org,
        form: form.labels(cx, &labels),
        week: std::array::from_fn(|n| (WEEK[n], cx.t(&format!("network-day-{}", n + 1)))),
        holidays: HOLIDAYS
            .iter()
            .map(|word| Choice::new(word, cx.t(&format!("network-place-holidays-{word}"))))
            .collect(),
        manages: *manages,
        closes: *closes,
    }
}

fn hours_text(spans: &[Span]) -> String {
    if spans.is_empty() { String::new() } else { spans_text(spans).replace(',', ", ") }
}

fn opening(form: &mut Form) -> Opening {
    let mut opening = Opening::default();
    for (name, day) in WEEK.into_iter().zip(&mut opening.week) {
        *day = spans(form, name);
    }
    let instead = spans(form, "holiday_hours");
    let word: String = form.text("holidays", Max(10));
    opening.holidays = match word.as_str() {
        "usual" => OnHolidays::AsUsual,
        "closed" => OnHolidays::Instead(Vec::new()),
        "other" if instead.is_empty() && form.raw("holiday_hours").is_empty() => {
            form.wrong("holiday_hours", &kernel::REQUIRED);
            OnHolidays::AsUsual
        }
        "other" => OnHolidays::Instead(instead),
        _ => {
            form.wrong("holidays", &kernel::BAD_CHOICE);
            OnHolidays::AsUsual
        }
    };
    opening.specials = specials(form);
    opening
}

fn spans(form: &mut Form, name: &str) -> Vec<Span> {
    let text = form.text(name, Max(HOURS_MAX));
    if CLOSED.contains(&text.as_str()) {
        return Vec::new();
    }
    read_spans(&text).unwrap_or_else(|error| {
        form.wrong_with(name, &BAD_OPENING, error.args().to_vec());
        Vec::new()
    })
}

fn specials(form: &mut Form) -> Vec<Special> {
    let text = form.text("specials", Max(SPECIALS_CHARS_MAX));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let read: Result<Vec<Special>, &str> = lines.iter().map(|line| special(line).ok_or(*line)).collect();
    match read {
        Ok(mut specials) if specials.len() <= SPECIALS_MAX => {
            specials.sort_by_key(|special| (special.from, special.to));
            specials
        }
        Ok(_) => {
            let args = vec![("max", SPECIALS_MAX.to_string()), ("length", lines.len().to_string())];
            form.wrong_with("specials", &kernel::TOO_LONG, args);
            Vec::new()
        }
        Err(line) => {
            let part: String = line.chars().take(60).collect();
            form.wrong_with("specials", &BAD_OPENING, vec![("part", part)]);
            Vec::new()
        }
    }
}

/// A date at the beginning of a text, and what follows.
fn date(text: &str) -> Option<(Day, &str)> {
    let text = text.trim_start();
    Some((text.get(..10)?.parse().ok()?, text.get(10..)?.trim_start()))
}

/// `2027-02-10至2027-02-24 闭馆 装修`, `2026-12-31 8:30-12:00`.
fn special(line: &str) -> Option<Special> {
    let (from, rest) = date(line)?;
    let to =
        ["至", "到", "~", "～", "–", "—", "-", "to "].iter().find_map(|sign| date(rest.strip_prefix(sign)?));
    let (to, rest) = to.unwrap_or((from, rest));
    let (hours, note) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let spans = if CLOSED.contains(&hours) {
        Vec::new()
    } else {
        read_spans(hours).ok().filter(|spans| !spans.is_empty())?
    };
    let note = note.trim().replace('"', "”");
    (from <= to && note.chars().count() <= NOTE_MAX).then_some(Special { from, to, spans, note })
}

fn specials_text(cx: &Cx, specials: &[Special]) -> String {
    let closed = cx.t("network-place-closed-word");
    let lines = specials.iter().map(|special| {
        let hours = if special.spans.is_empty() { closed.clone() } else { spans_text(&special.spans) };
        let days = if special.from == special.to {
            special.from.to_string()
        } else {
            format!("{} ~ {}", special.from, special.to)
        };
        format!("{days} {hours} {}", special.note).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_differ_are_read_as_people_write_them() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let shut = special("2027-02-10至2027-02-24 闭馆 内部 装修").unwrap();
        assert_eq!((shut.from, shut.to), (day("2027-02-10"), day("2027-02-24")));
        assert!(shut.spans.is_empty() && shut.note == "内部 装修");
        for text in
            ["2027-02-10 ~ 2027-02-24 closed", "2027-02-10 to 2027-02-24 off", "2027-02-10-2027-02-24 休"]
        {
            assert_eq!(special(text).unwrap().to, day("2027-02-24"), "{text}");
        }
        let short = special("2026-12-31 8:30-12:00").unwrap();
        assert_eq!((short.from, short.to), (day("2026-12-31"), day("2026-12-31")));
        assert_eq!(short.spans, [Span { from: 510, to: 720 }]);
        for text in
            ["", "闭馆", "2027-02-30 闭馆", "2027-02-10", "2027-02-10 明天", "2027-02-24至2027-02-10 闭馆"]
        {
            assert_eq!(special(text), None, "{text}");
        }
    }
}
