//! A rule: minutes and their evidence grade in, credit out. Pure: no database, no clock.

use kernel::{Credit, Day, Lang, Minutes};
use learning::EvidenceGrade;
use serde::{Deserialize, Serialize};

use crate::{CreditClass, Fraction, Rounding};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// 简体中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Words {
    /// The text in this language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// One version of one rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Stable name, pinned in entries together with the version.
    pub id: String,
    /// Counts from 1.
    pub version: i64,
    /// The class of credit that it gives.
    pub class: CreditClass,
    /// What people call it.
    pub name: Words,
    /// Who decided it, and after what.
    pub source: Words,
    /// First day of learning to which it applies.
    pub effective_from: Day,
    /// Last day of learning to which it applies, if it is known.
    pub effective_to: Option<Day>,
    /// Minutes of one contact hour 学时, 1 to 120.
    pub contact_hour_minutes: u64,
    /// Contact hours of one credit 学分, 1 to 1,000.
    pub contact_hours_per_credit: u64,
    /// The last step.
    pub rounding: Rounding,
    /// The share of the minutes that counts, weakest evidence first.
    pub shares: [Fraction; EvidenceGrade::ALL.len()],
    /// Credit of one day of learning at most.
    pub cap_day: Option<Credit>,
    /// Credit of one calendar year of learning at most.
    pub cap_year: Option<Credit>,
    /// Cases with their right answers.
    pub examples: Vec<Example>,
}

/// A case with its right answer.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The evidence.
    pub grade: EvidenceGrade,
    /// The minutes.
    pub minutes: Minutes,
    /// What the day and the year have already brought.
    pub used: Used,
    /// Credit given.
    pub credit: Credit,
    /// Credit refused.
    pub refused: Credit,
    /// Why.
    pub reason: Option<Refusal>,
}

/// Credit that the learner already has from the same day and year of learning, in the order of deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// From the day.
    pub day: Credit,
    /// From the calendar year, the day included.
    pub year: Credit,
}

/// Why credit was not given, or not all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The rule gives nothing for this grade of evidence.
    Grade,
    /// The day's limit is reached.
    Day,
    /// The year's limit is reached.
    Year,
    /// The person was recorded at two places at once; held until one record is corrected or taken back.
    Overlap,
    /// No rule was in force on the day of learning.
    NoRule,
}

impl Refusal {
    /// The word under which it is written and translated.
    pub const fn as_str(self) -> &'static str {
        match self {
            Refusal::Grade => "grade",
            Refusal::Day => "day",
            Refusal::Year => "year",
            Refusal::Overlap => "overlap",
            Refusal::NoRule => "no-rule",
        }
    }
}

/// Every number between the minutes and the credit. Written into the entry, so that it can be explained and recomputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculation {
    /// The share of the minutes that counts.
    pub share: Fraction,
    /// Minutes of one contact hour.
    pub contact_hour_minutes: u64,
    /// Contact hours of one credit.
    pub contact_hours_per_credit: u64,
    /// Thousandths of a credit before rounding.
    pub exact: Fraction,
    /// Thousandths after rounding, before caps.
    pub gross: Credit,
    /// Credit from the same day before this.
    pub used_day: Credit,
    /// The day's limit.
    pub cap_day: Option<Credit>,
    /// Credit from the same year before this.
    pub used_year: Credit,
    /// The year's limit.
    pub cap_year: Option<Credit>,
    /// What is given: `gross − refused`.
    pub credit: Credit,
    /// What is not.
    pub refused: Credit,
    /// Why something is refused, or nothing counts.
    pub reason: Option<Refusal>,
}

impl Rule {
    /// Whether the rule applies to what was learned on this day.
    pub fn covers(&self, day: Day) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    /// The share of the minutes that counts with this evidence.
    pub const fn share(&self, grade: EvidenceGrade) -> Fraction {
        self.shares[grade as usize - 1]
    }

    /// The credit for so many minutes with this evidence. `None` only if a number leaves 64 bits, which validated rules and
    /// minutes of one day cannot reach.
    pub fn apply(&self, grade: EvidenceGrade, minutes: Minutes, used: Used) -> Option<Calculation> {
        let share = self.share(grade);
        let per_minute = Fraction::new(1_000, self.contact_hour_minutes * self.contact_hours_per_credit)?;
        let counted = Fraction::new(u64::try_from(minutes.0).ok()?, 1)?.times(share)?;
        let exact = counted.times(per_minute)?;
        let gross = i64::try_from(exact.round(self.rounding)).ok()?;
        let room = |cap: Option<Credit>, used: Credit| cap.map_or(i64::MAX, |cap| (cap.0 - used.0).max(0));
        let (day, year) = (room(self.cap_day, used.day), room(self.cap_year, used.year));
        let credit = gross.min(day).min(year);
        let reason = if share.is_zero() {
            Some(Refusal::Grade)
        } else if credit < gross {
            Some(if day <= year { Refusal::Day } else { Refusal::Year })
        } else {
            None
        };
        Some(Calculation {
            share,
            contact_hour_minutes: self.contact_hour_minutes,
            contact_hours_per_credit: self.contact_hours_per_credit,
            exact,
            gross: Credit(gross),
            used_day: used.day,
            cap_day: self.cap_day,
            used_year: used.year,
            cap_year: self.cap_year,
            credit: Credit(credit),
            refused: Credit(gross - credit),
            reason,
        })
    }
}

impl Calculation {
    /// The same, with everything refused for a reason that lies outside of the rule.
    #[must_use]
    pub fn all_refused(self, reason: Refusal) -> Self {
        Self { credit: Credit(0), refused: self.gross, reason: Some(reason), ..self }
    }

    /// When no rule was in force.
    pub fn without_rule(used: Used) -> Self {
        let zero = Fraction::new(0, 1).unwrap_or_else(|| unreachable!("the denominator is one"));
        Self {
            share: zero,
            contact_hour_minutes: 0,
            contact_hours_per_credit: 0,
            exact: zero,
            gross: Credit(0),
            used_day: used.day,
            cap_day: None,
            used_year: used.year,
            cap_year: None,
            credit: Credit(0),
            refused: Credit(0),
            reason: Some(Refusal::NoRule),
        }
    }
}
