//! The columns of the table that a notice asks for.

use kernel::{Code, FieldError, plain_digit};
use serde::{Deserialize, Serialize};

/// Columns of a table.
pub const FIELDS_MAX: usize = 20;
/// Longest name of a column, in characters.
pub const NAME_MAX: usize = 40;
/// Longest hint of a column, in characters.
pub const HINT_MAX: usize = 120;
/// Choices of a column.
pub const CHOICES_MAX: usize = 20;
/// Longest words of all choices together, in characters.
pub const CHOICES_CHARS_MAX: usize = 600;

kernel::codes! {
    /// A table has at least one column.
    pub NO_FIELDS = Invalid "notices.no_fields";
    /// Two columns have the same name.
    pub SAME_NAME = Invalid "notices.same_name";
    /// A column of choices has two to twenty of them, each once and no longer than forty characters.
    pub BAD_CHOICES = Invalid "notices.bad_choices";
    /// The least and the greatest value of a column are numbers of its kind, the least first.
    pub BAD_BOUNDS = Invalid "notices.bad_bounds";
}

network::worded! {
    /// What stands in a column.
    pub enum FieldKind {
        /// A whole number.
        Whole = "whole",
        /// A number with at most four digits behind the point.
        Decimal = "decimal",
        /// A text.
        Text = "text",
        /// A day.
        Day = "day",
        /// Yes or no.
        YesNo = "yesno",
        /// One of some words.
        Choice = "choice",
    }
}

impl FieldKind {
    /// Whether its values are added up.
    pub fn is_number(self) -> bool {
        matches!(self, FieldKind::Whole | FieldKind::Decimal)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name, unique in its table.
    pub name: String,
    /// What stands in it.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// What to know when filling it in; may be empty.
    pub hint: String,
    /// The least number, as it is stored; empty for none.
    pub min: String,
    /// The greatest number; empty for none.
    pub max: String,
    /// The words of a choice, else none.
    pub choices: Vec<String>,
}

impl Field {
    /// A column that must be filled in, without bounds.
    pub fn new(name: &str, kind: FieldKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: true,
            hint: String::new(),
            min: String::new(),
            max: String::new(),
            choices: Vec::new(),
        }
    }

    /// The same, which may stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    /// The same with bounds; an empty text is none.
    #[must_use]
    pub fn between(mut self, min: &str, max: &str) -> Self {
        min.clone_into(&mut self.min);
        max.clone_into(&mut self.max);
        self
    }

    /// A column of choices.
    pub fn choice(name: &str, choices: &[&str]) -> Self {
        Self {
            choices: choices.iter().map(|&word| word.to_owned()).collect(),
            ..Self::new(name, FieldKind::Choice)
        }
    }

    /// What is wrong with it: the part (`name`, `hint`, `min`, `max`, `choices`) and why.
    pub fn faults(&self) -> Vec<(&'static str, &'static Code, Vec<(&'static str, String)>)> {
        let mut found = Vec::new();
        for (part, text, max) in [("name", &self.name, NAME_MAX), ("hint", &self.hint, HINT_MAX)] {
            let length = text.chars().count();
            if length > max {
                let args = vec![("max", max.to_string()), ("length", length.to_string())];
                found.push((part, &kernel::TOO_LONG, args));
            }
        }
        if self.name.trim().is_empty() {
            found.push(("name", &kernel::REQUIRED, Vec::new()));
        }
        let bounds = [("min", self.bound(&self.min)), ("max", self.bound(&self.max))];
        let mut known = Vec::new();
        for (part, bound) in bounds {
            match bound {
                Ok(Some(number)) => known.push(number),
                Ok(None) => {}
                Err(()) => found.push((part, &BAD_BOUNDS, Vec::new())),
            }
        }
        if let [least, greatest] = known[..]
            && least > greatest
        {
            found.push(("max", &BAD_BOUNDS, Vec::new()));
        }
        if !self.choices_fit() {
            let args = vec![("min", "2".to_owned()), ("max", CHOICES_MAX.to_string())];
            found.push(("choices", &BAD_CHOICES, args));
        }
        found
    }

    /// A bound in ten-thousandths; a bound of what is no number is a mistake.
    fn bound(&self, text: &str) -> Result<Option<i64>, ()> {
        match (self.kind, text) {
            (_, "") => Ok(None),
            (FieldKind::Whole, text) => whole(text).map(|n| Some(n * UNIT)).ok_or(()),
            (FieldKind::Decimal, text) => decimal(text).map(Some).ok_or(()),
            _ => Err(()),
        }
    }

    /// Whether a number in ten-thousandths lies within the bounds.
    pub(crate) fn allows(&self, number: i64) -> bool {
        let least = self.bound(&self.min).ok().flatten();
        let greatest = self.bound(&self.max).ok().flatten();
        least.is_none_or(|least| number >= least) && greatest.is_none_or(|greatest| number <= greatest)
    }

    fn choices_fit(&self) -> bool {
        if self.kind != FieldKind::Choice {
            return self.choices.is_empty();
        }
        let fit = |word: &String| !word.trim().is_empty() && word.chars().count() <= NAME_MAX;
        let mut words = self.choices.clone();
        words.sort_unstable();
        words.dedup();
        (2..=CHOICES_MAX).contains(&words.len()) && words.len() == self.choices.len() && words.iter().all(fit)
    }
}

/// What is wrong with the columns of a table, each named `c0-name` by its place.
pub fn field_faults(fields: &[Field]) -> Vec<FieldError> {
    let mut found: Vec<FieldError> = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let wrong = field.faults();
        found.extend(wrong.into_iter().map(|(part, code, args)| FieldError {
            field: format!("c{at}-{part}"),
            code,
            args,
        }));
        if fields[..at].iter().any(|other| other.name == field.name) {
            found.push(FieldError { field: format!("c{at}-name"), code: &SAME_NAME, args: Vec::new() });
        }
    }
    found
}

/// Ten-thousandths in one.
pub(crate) const UNIT: i64 = 10_000;
/// Greatest number, positive or negative, before the point.
const NUMBER_MAX: i64 = 999_999_999_999;

/// Digits as an input method may write them, without commas between groups.
pub(crate) fn plain(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| !matches!(c, ',' | '，'))
        .map(|c| match c {
            '－' | '−' => '-',
            '．' | '。' => '.',
            other => plain_digit(other),
        })
        .collect()
}

/// A whole number of at most twelve digits.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let text = plain(text);
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let right = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = text.parse().ok().filter(|_| right)?;
    (-NUMBER_MAX..=NUMBER_MAX).contains(&number).then_some(number)
}

/// A number with at most four digits behind the point, in ten-thousandths.
pub(crate) fn decimal(text: &str) -> Option<i64> {
    let text = plain(text);
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (front, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let behind_fits = behind.len() <= 4 && behind.bytes().all(|byte| byte.is_ascii_digit());
    if front.starts_with('-') || !behind_fits || digits.ends_with('.') {
        return None;
    }
    let part: i64 = format!("{behind:0<4}").parse().ok()?;
    Some(sign * (whole(front)? * UNIT + part))
}

/// `12.5`: a number of ten-thousandths, without trailing zeros.
pub fn decimal_text(number: i128) -> String {
    let unit = i128::from(UNIT);
    let (sign, number) = if number < 0 { ("-", -number) } else { ("", number) };
    let text = format!("{sign}{}.{:04}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let read = ["0", "-12", "１，２００", "1,200", "999999999999"].map(whole);
        assert_eq!(read, [Some(0), Some(-12), Some(1_200), Some(1_200), Some(999_999_999_999)]);
        for wrong in ["", "-", "1.5", "1e3", "0x10", "1000000000000", "٣", "½", "--1", "1 2", "+1"] {
            assert_eq!(whole(wrong), None, "{wrong:?}");
        }
        assert_eq!(
            ["12.5", "-0.25", "３", "0.0001"].map(decimal),
            [Some(125_000), Some(-2_500), Some(30_000), Some(1)]
        );
        for wrong in ["", ".", ".5", "1.", "1.23456", "1.2.3", "1.-2", "NaN", "1e3"] {
            assert_eq!(decimal(wrong), None, "{wrong:?}");
        }
        assert_eq!([125_000, -2_500, 30_000, 0].map(decimal_text), ["12.5", "-0.25", "3", "0"]);
    }

    #[test]
    fn columns_that_cannot_be_filled_in_are_named() {
        let right = [
            Field::new("参加人数", FieldKind::Whole).between("0", "100000"),
            Field::choice("形式", &["线上", "线下"]),
            Field::new("说明", FieldKind::Text).optional(),
        ];
        assert_eq!(field_faults(&right), []);
        let wrong = [
            Field::new("", FieldKind::Text),
            Field::new("人数", FieldKind::Whole).between("10", "1"),
            Field::new("经费", FieldKind::Whole).between("1.5", ""),
            Field::choice("形式", &["线上"]),
            Field::choice("类别", &["甲", "甲"]),
            Field::new("人数", FieldKind::Text).between("1", ""),
            Field::new(&"长".repeat(41), FieldKind::Day),
        ];
        let found: Vec<(String, &str)> =
            field_faults(&wrong).into_iter().map(|fault| (fault.field, fault.code.name)).collect();
        let expected = [
            ("c0-name", "kernel.required"),
            ("c1-max", "notices.bad_bounds"),
            ("c2-min", "notices.bad_bounds"),
            ("c3-choices", "notices.bad_choices"),
            ("c4-choices", "notices.bad_choices"),
            ("c5-min", "notices.bad_bounds"),
            ("c5-name", "notices.same_name"),
            ("c6-name", "kernel.too_long"),
        ];
        assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    }
}
