//! The hand-written library of offers, `data/demo/offers/*.txt`. Its form is described in `data/demo/README.md`.

use super::model::{Audience, OfferKind, OrgKind};

const FILES: [(&str, &str); 11] = [
    ("01-civic", include_str!("../../../../../data/demo/offers/01-civic.txt")),
    ("02-culture", include_str!("../../../../../data/demo/offers/02-culture.txt")),
    ("03-arts", include_str!("../../../../../data/demo/offers/03-arts.txt")),
    ("04-health", include_str!("../../../../../data/demo/offers/04-health.txt")),
    ("05-living", include_str!("../../../../../data/demo/offers/05-living.txt")),
    ("06-digital", include_str!("../../../../../data/demo/offers/06-digital.txt")),
    ("07-work", include_str!("../../../../../data/demo/offers/07-work.txt")),
    ("08-farming", include_str!("../../../../../data/demo/offers/08-farming.txt")),
    ("09-family", include_str!("../../../../../data/demo/offers/09-family.txt")),
    ("10-language", include_str!("../../../../../data/demo/offers/10-language.txt")),
    ("11-older", include_str!("../../../../../data/demo/offers/11-older.txt")),
];

const CLOSINGS: &str = include_str!("../../../../../data/demo/closings.txt");

/// Where an offer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Any,
    Urban,
    Rural,
}

/// When an offer is held, where its words promise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Any,
    Morning,
    Evening,
    Weekend,
}

/// One offer of the library.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub subject: &'static str,
    pub kind: OfferKind,
    /// Leaked once for the life of the program: some three hundred short lists that every offer shares.
    pub audience: &'static [Audience],
    pub sessions: u16,
    pub minutes: u16,
    pub capacity: u16,
    pub fee_fen: u32,
    pub setting: Setting,
    pub hosts: Vec<OrgKind>,
    pub titles: Vec<&'static str>,
    pub summary: &'static str,
    pub description: &'static str,
    pub bring: &'static str,
    pub time: Time,
    /// Beginnings of the names of the only districts where it is held; empty for all.
    pub districts: Vec<&'static str>,
    /// The only months in which it is held, by number; empty for all.
    pub months: Vec<i8>,
}

impl Template {
    /// Whether it may be held in this district.
    pub fn fits_district(&self, name: &str) -> bool {
        self.districts.is_empty() || self.districts.iter().any(|start| name.starts_with(start))
    }

    /// Whether it may be held in this month.
    pub fn fits_month(&self, month: i8) -> bool {
        self.months.is_empty() || self.months.contains(&month)
    }
}

/// The words of an offer of the library, for who needs many offers.
#[derive(Debug, Clone)]
pub struct Words {
    /// Code of the subject.
    pub subject: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// Whom it is made for.
    pub audience: &'static str,
    /// Minutes of a session.
    pub minutes: u16,
    /// Seats.
    pub capacity: u16,
    /// Cost in fen.
    pub fee_fen: u32,
    /// What it may be called.
    pub titles: Vec<&'static str>,
    /// One sentence.
    pub summary: &'static str,
    /// What is learned.
    pub description: &'static str,
    /// What to bring.
    pub bring: &'static str,
}

/// The words of all offers.
pub fn library_words() -> Vec<Words> {
    let words = |template: Template| Words {
        subject: template.subject,
        kind: template.kind.as_str(),
        audience: template.audience.first().map_or("everyone", |audience| audience.as_str()),
        minutes: template.minutes,
        capacity: template.capacity,
        fee_fen: template.fee_fen,
        titles: template.titles,
        summary: template.summary,
        description: template.description,
        bring: template.bring,
    };
    templates().into_iter().map(words).collect()
}

/// Reads the library. Panics with file and line where it is malformed.
pub(super) fn templates() -> Vec<Template> {
    FILES.iter().flat_map(|(name, text)| parse(name, text)).collect()
}

/// The sentences that may end a description, with their kind.
pub(super) fn closings() -> Vec<(OfferKind, &'static str)> {
    CLOSINGS
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (kind, sentence) = line.split_once('|').unwrap_or_else(|| panic!("closings.txt: {line}"));
            (word(&OfferKind::ALL, OfferKind::as_str, kind, "closings.txt"), sentence)
        })
        .collect()
}

fn word<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str, place: &str) -> T {
    *all.iter().find(|item| name(**item) == text).unwrap_or_else(|| panic!("{place}: unknown word {text}"))
}

fn parse(file: &str, text: &'static str) -> Vec<Template> {
    let mut list: Vec<Template> = Vec::new();
    let mut subject = "";
    for (number, line) in text.lines().enumerate() {
        let place = format!("{file}.txt:{}", number + 1);
        let last = || panic!("{place}: no offer begun");
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        if let Some(heading) = line.strip_prefix("## ") {
            subject = heading.split(' ').next().unwrap_or_default();
            continue;
        }
        let (mark, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{place}: {line}"));
        match mark {
            "=" => list.push(head(rest, subject, &place)),
            "T" => list.last_mut().unwrap_or_else(last).titles = rest.split(" / ").collect(),
            "S" => list.last_mut().unwrap_or_else(last).summary = rest,
            "D" => list.last_mut().unwrap_or_else(last).description = rest,
            "B" => list.last_mut().unwrap_or_else(last).bring = rest,
            "H" => {
                list.last_mut().unwrap_or_else(last).time = match rest {
                    "morning" => Time::Morning,
                    "evening" => Time::Evening,
                    "weekend" => Time::Weekend,
                    other => panic!("{place}: unknown time {other}"),
                }
            }
            "P" => list.last_mut().unwrap_or_else(last).districts = rest.split(' ').collect(),
            "M" => {
                let month = |m: &str| m.parse().unwrap_or_else(|_| panic!("{place}: {rest}"));
                list.last_mut().unwrap_or_else(last).months = rest.split(' ').map(month).collect();
            }
            _ => panic!("{place}: unknown mark {mark}"),
        }
    }
    list
}

/// The line of figures: kind, audience, sessions × minutes, seats, fee, setting, hosts.
fn head(rest: &'static str, subject: &'static str, place: &str) -> Template {
    let fields: Vec<&str> = rest.split(" | ").collect();
    let [kind, audience, length, seats, fee, setting, hosts] = fields[..] else {
        panic!("{place}: seven fields expected")
    };
    let number = |text: &str| text.parse::<u32>().unwrap_or_else(|_| panic!("{place}: {text} is no number"));
    let small =
        |text: &str| u16::try_from(number(text)).unwrap_or_else(|_| panic!("{place}: {text} is too big"));
    let (sessions, minutes) = length.split_once('x').unwrap_or_else(|| panic!("{place}: {length}"));
    let audience: Vec<Audience> =
        audience.split(' ').map(|w| word(&Audience::ALL, Audience::as_str, w, place)).collect();
    Template {
        subject,
        kind: word(&OfferKind::ALL, OfferKind::as_str, kind, place),
        audience: audience.leak(),
        sessions: small(sessions),
        minutes: small(minutes),
        capacity: small(seats),
        fee_fen: number(fee),
        setting: match setting {
            "any" => Setting::Any,
            "urban" => Setting::Urban,
            "rural" => Setting::Rural,
            other => panic!("{place}: unknown setting {other}"),
        },
        hosts: hosts
            .split(' ')
            .map(|w| {
                if w == "city" {
                    OrgKind::GuidanceCentre
                } else {
                    word(&OrgKind::ALL, OrgKind::as_str, w, place)
                }
            })
            .collect(),
        titles: Vec::new(),
        summary: "",
        description: "",
        bring: "",
        time: Time::Any,
        districts: Vec::new(),
        months: Vec::new(),
    }
}
