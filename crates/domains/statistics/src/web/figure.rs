//! What can be asked: which figure, of which time, and how much of it the reader may know.

use std::str::FromStr;

use kernel::{Day, Month};
use render::table::Cell as CsvCell;
use web::Cx;

use crate::{
    SMALL,
    read::{Counts, Months, Tree},
};

/// The figures that lead down to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Attendances,
    Learners,
    Minutes,
    Classes,
    Certificates,
}

impl Figure {
    pub(super) const ALL: [Figure; 5] =
        [Figure::Attendances, Figure::Learners, Figure::Minutes, Figure::Classes, Figure::Certificates];

    /// The word of addresses and of the pages' keys.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Figure::Attendances => "attendances",
            Figure::Learners => "learners",
            Figure::Minutes => "minutes",
            Figure::Classes => "classes",
            Figure::Certificates => "certificates",
        }
    }

    /// Keys of the heads of its columns.
    pub(super) const fn heads(self) -> &'static [&'static str] {
        match self {
            Figure::Attendances => &["statistics-checkins", "statistics-visitors", "statistics-sum"],
            Figure::Learners => &["statistics-learners"],
            Figure::Minutes => &["statistics-minutes", "statistics-hours"],
            Figure::Classes => &["statistics-classes"],
            Figure::Certificates => &["statistics-certificates"],
        }
    }

    /// The one number that stands for it.
    pub(super) const fn of(self, counts: &Counts) -> i64 {
        match self {
            Figure::Attendances => counts.attendances + counts.visitors,
            Figure::Learners => counts.learners,
            Figure::Minutes => counts.minutes,
            Figure::Classes => counts.classes,
            Figure::Certificates => counts.certificates,
        }
    }

    /// Its columns, as this reader may know them.
    pub(super) fn columns(self, counts: &Counts, reach: Reach) -> Vec<Shown> {
        let few = (1..SMALL).contains(&counts.learners);
        let told = |value: i64| match reach {
            Reach::Close if few && value < SMALL => Shown::Few,
            Reach::Close if few => Shown::Hidden,
            _ => Shown::Number(value),
        };
        let people = |value: i64| {
            if reach != Reach::Inside && (1..SMALL).contains(&value) {
                Shown::Few
            } else {
                Shown::Number(value)
            }
        };
        match self {
            Figure::Attendances => {
                let sum = if matches!(told(counts.attendances), Shown::Number(_)) {
                    Shown::Number(self.of(counts))
                } else {
                    Shown::Hidden
                };
                vec![told(counts.attendances), Shown::Number(counts.visitors), sum]
            }
            Figure::Learners => vec![people(counts.learners)],
            Figure::Minutes if reach == Reach::Close && few => vec![Shown::Hidden, Shown::Hidden],
            Figure::Minutes => vec![Shown::Number(counts.minutes), Shown::Number(counts.minutes / 60)],
            Figure::Classes => vec![Shown::Number(counts.classes)],
            Figure::Certificates => vec![people(counts.certificates)],
        }
    }

    /// The one number, as this reader may know it.
    pub(super) fn headline(self, counts: &Counts, reach: Reach) -> Shown {
        let mut columns = self.columns(counts, reach);
        let at = if self == Figure::Attendances { 2 } else { 0 };
        columns.swap_remove(at)
    }
}

impl FromStr for Figure {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Figure::ALL.into_iter().find(|figure| figure.as_str() == word).ok_or(())
    }
}

/// How much of a line the reader may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Everything: she works at the organisation or above it.
    Inside,
    /// A whole organisation seen by the public: small numbers of people are not told.
    Place,
    /// A class or session seen by the public: with few people, neither is what would tell their number.
    Close,
}

/// A number as the reader may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number(i64),
    /// Fewer than [`SMALL`], and more than none.
    Few,
    /// Not told, because it would tell about fewer than [`SMALL`] people.
    Hidden,
}

impl Shown {
    pub(super) fn text(self, cx: &Cx) -> String {
        match self {
            Shown::Number(number) => cx.number(number),
            Shown::Few => cx.t1("statistics-fewer", "n", SMALL),
            Shown::Hidden => cx.t("statistics-hidden"),
        }
    }

    pub(super) fn csv(self, cx: &Cx) -> CsvCell {
        match self {
            Shown::Number(number) => number.into(),
            other => other.text(cx).into(),
        }
    }
}

/// The time that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Year(i32),
    /// The present month and the eleven before it.
    LastTwelve(Month),
}

/// Parameter of the address for the last twelve months.
const LAST_TWELVE: &str = "last12";

impl Period {
    /// Reads `?year=`; the present year if it is absent or no year.
    pub(super) fn read(word: &str, today: Day) -> Self {
        let this = today.month();
        if word == LAST_TWELVE {
            return Period::LastTwelve(this);
        }
        let year = word.parse().ok().filter(|year| (2000..=2200).contains(year));
        Period::Year(year.unwrap_or_else(|| this.year()))
    }

    pub(super) fn word(self) -> String {
        match self {
            Period::Year(year) => year.to_string(),
            Period::LastTwelve(_) => LAST_TWELVE.to_owned(),
        }
    }

    pub(super) const fn months(self) -> Months {
        match self {
            Period::Year(year) => Months::year(year),
            Period::LastTwelve(last) => Months::twelve_to(last),
        }
    }

    pub(super) fn text(self, cx: &Cx) -> String {
        match self {
            Period::Year(year) => cx.t1("statistics-year", "year", year.to_string()),
            Period::LastTwelve(_) => cx.t("statistics-last-twelve"),
        }
    }
}

/// `2026-11` in the reader's words.
pub(super) fn month_text(cx: &Cx, month: Month) -> String {
    let name = cx.tk("statistics-month", &month.number().to_string());
    cx.t2("statistics-month-year", "year", month.year().to_string(), "month", name)
}

/// The part of an address that asks for a tree.
pub(super) fn tree_part(tree: Tree) -> &'static str {
    match tree {
        Tree::Now => "",
        Tree::Then => "&tree=then",
    }
}

/// The tree that an address asks for.
pub(super) fn asked_tree(cx: &Cx) -> Tree {
    if cx.param("tree") == "then" { Tree::Then } else { Tree::Now }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(attendances: i64, visitors: i64, learners: i64) -> Counts {
        Counts { attendances, visitors, learners, minutes: attendances * 90, ..Counts::default() }
    }

    #[test]
    fn the_public_learns_nothing_of_few_people() {
        let few = counts(12, 30, 4);
        assert_eq!(Figure::Learners.columns(&few, Reach::Place), [Shown::Few]);
        assert_eq!(Figure::Learners.columns(&few, Reach::Inside), [Shown::Number(4)]);
        assert_eq!(
            Figure::Attendances.columns(&few, Reach::Close),
            [Shown::Hidden, Shown::Number(30), Shown::Hidden]
        );
        assert_eq!(Figure::Attendances.columns(&counts(3, 0, 3), Reach::Close)[0], Shown::Few);
        assert_eq!(Figure::Minutes.headline(&few, Reach::Close), Shown::Hidden);
        assert_eq!(Figure::Attendances.headline(&few, Reach::Place), Shown::Number(42));
    }

    #[test]
    fn none_and_many_are_told() {
        for reach in [Reach::Inside, Reach::Place, Reach::Close] {
            assert_eq!(Figure::Learners.headline(&counts(0, 7, 0), reach), Shown::Number(0));
            assert_eq!(Figure::Attendances.headline(&counts(0, 7, 0), reach), Shown::Number(7));
            assert_eq!(Figure::Learners.headline(&counts(5, 0, 5), reach), Shown::Number(5));
        }
    }

    #[test]
    fn a_period_is_a_year_or_the_last_twelve_months() {
        let today = Day::of(2026, 11, 23).unwrap();
        assert_eq!(Period::read("2025", today), Period::Year(2025));
        assert_eq!(Period::read("0", today), Period::Year(2026));
        let months: Vec<String> =
            Period::read("last12", today).months().each().map(|month| month.to_string()).collect();
        assert_eq!((months.len(), months[0].as_str(), months[11].as_str()), (12, "2025-12", "2026-11"));
    }
}
