//! The packaged data that the plan is built on. A broken file is a broken build: reading panics with its name.

use std::{collections::HashMap, io::Read};

use kernel::Day;

use super::model::{Division, Subject};

const DIVISIONS: &str = include_str!("../../../../../data/chongqing/cq_divisions_2022.csv");
const POPULATION: &str = include_str!("../../../../../data/chongqing/cq_population_2020.csv");
const SUBJECTS: &str = include_str!("../../../../../data/chongqing/course_taxonomy_draft.csv");
const HOLIDAYS: &str = include_str!("../../../../../data/chongqing/cn_holidays.csv");
const SURNAMES: &str = include_str!("../../../../../data/chongqing/surnames_zh.csv");
const GIVEN: &[u8] = include_bytes!("../../../../../data/chongqing/given_name_chars_zh.csv.gz");

/// Characters beyond the commonest so many are left out of names: they are rare and some fonts lack them.
const GIVEN_CHARS: usize = 500;

fn rows<const N: usize>(file: &'static str, text: &str) -> Vec<[String; N]> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| {
            let record = record.unwrap_or_else(|e| panic!("{file}: {e}"));
            std::array::from_fn(|i| record.get(i).unwrap_or_default().to_owned())
        })
        .collect()
}

/// The divisions in the order of the file; places are still unset.
pub(super) fn divisions() -> Vec<Division> {
    let mut population: HashMap<String, u64> = rows::<4>("cq_population_2020.csv", POPULATION)
        .into_iter()
        .map(|[code, _, _, n]| {
            (code, n.parse().unwrap_or_else(|e| panic!("cq_population_2020.csv: {n}: {e}")))
        })
        .collect();
    let all = population.values().sum();
    let mut list: Vec<Division> = rows::<7>("cq_divisions_2022.csv", DIVISIONS)
        .into_iter()
        .map(|[code, name, short_name, level, parent, kind, region_group]| Division {
            population: if parent.is_empty() { Some(all) } else { population.remove(&code) },
            level: level.parse().unwrap_or_else(|e| panic!("cq_divisions_2022.csv: {code}: {e}")),
            code,
            name,
            short_name,
            parent,
            kind,
            region_group,
            place: (0.0, 0.0),
        })
        .collect();
    list.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
    list
}

/// The subject tree.
pub(super) fn subjects() -> Vec<Subject> {
    rows::<5>("course_taxonomy_draft.csv", SUBJECTS)
        .into_iter()
        .map(|[code, name, parent, examples, isced_f]| Subject { code, name, parent, examples, isced_f })
        .collect()
}

/// Days on which nobody holds a class.
#[derive(Debug)]
pub(super) struct Holidays {
    days: Vec<Day>,
    years: (i16, i16),
}

impl Holidays {
    /// Reads the table.
    pub fn read() -> Self {
        let mut days: Vec<Day> = rows::<2>("cn_holidays.csv", HOLIDAYS)
            .into_iter()
            .filter(|[_, kind]| kind == "休")
            .map(|[date, _]| date.parse().unwrap_or_else(|_| panic!("cn_holidays.csv: {date}")))
            .collect();
        days.sort_unstable();
        let years = (days[0].date().0, days[days.len() - 1].date().0);
        Self { days, years }
    }

    /// Whether the day is a public holiday. Beyond the years of the table the holidays with a fixed date count
    /// (全国年节及纪念日放假办法, as changed in 2024).
    pub fn contains(&self, day: Day) -> bool {
        let (year, month, date) = day.date();
        if (self.years.0..=self.years.1).contains(&year) {
            return self.days.binary_search(&day).is_ok();
        }
        matches!((month, date), (1, 1) | (5, 1..=2) | (10, 1..=3))
    }
}

/// Tables from which names are drawn.
#[derive(Debug)]
pub(super) struct Names {
    /// Surnames.
    pub surnames: Vec<String>,
    /// Running sums of their weights.
    pub surname_sums: Vec<u64>,
    /// Characters of given names.
    pub chars: Vec<String>,
    /// Running sums for men.
    pub man_sums: Vec<u64>,
    /// Running sums for women.
    pub woman_sums: Vec<u64>,
}

impl Names {
    /// Reads the tables.
    pub fn read() -> Self {
        let sums = |weights: Vec<u64>| {
            weights
                .into_iter()
                .scan(0, |sum, weight| {
                    *sum += weight;
                    Some(*sum)
                })
                .collect::<Vec<u64>>()
        };
        let (surnames, weights): (Vec<String>, Vec<u64>) = rows::<2>("surnames_zh.csv", SURNAMES)
            .into_iter()
            .map(|[name, weight]| {
                let weight: f64 = weight.parse().unwrap_or_else(|e| panic!("surnames_zh.csv: {name}: {e}"));
                (name, (weight * 10_000.0) as u64)
            })
            .unzip();
        let mut text = String::new();
        flate2::read::GzDecoder::new(GIVEN)
            .read_to_string(&mut text)
            .unwrap_or_else(|e| panic!("given_name_chars_zh.csv.gz: {e}"));
        let number =
            |n: &str| n.parse::<u64>().unwrap_or_else(|e| panic!("given_name_chars_zh.csv.gz: {n}: {e}"));
        let mut given: Vec<(String, u64, u64)> = rows::<3>("given_name_chars_zh.csv.gz", &text)
            .into_iter()
            .map(|[c, man, woman]| (c, number(&man), number(&woman)))
            .collect();
        given.sort_by(|a, b| (b.1 + b.2).cmp(&(a.1 + a.2)).then_with(|| a.0.cmp(&b.0)));
        given.truncate(GIVEN_CHARS);
        Self {
            surname_sums: sums(weights),
            surnames,
            man_sums: sums(given.iter().map(|g| g.1).collect()),
            woman_sums: sums(given.iter().map(|g| g.2).collect()),
            chars: given.into_iter().map(|g| g.0).collect(),
        }
    }
}
