//! Rule packs: reading, checking, choosing, and their examples.

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::{Credit, Day, Error, Minutes, Result};
use learning::EvidenceGrade;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{CreditClass, Example, Fraction, Refusal, Rounding, Rule, Used, Words};

#[derive(RustEmbed)]
#[folder = "../../../rules/credit/"]
struct Files;

static PACKS: LazyLock<Result<Vec<Rule>, String>> = LazyLock::new(|| {
    let texts: Vec<(String, String)> = Files::iter()
        .filter(|name| name.ends_with(".toml"))
        .filter_map(|name| {
            let file = Files::get(&name)?;
            Some((name.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    read_packs(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
});

/// The rules that the program carries, by id and version.
///
/// # Errors
/// `kernel.bug` if a packaged file is wrong; a test keeps that from being released.
pub fn rules() -> Result<&'static [Rule]> {
    PACKS.as_deref().map_err(|problem| Error::bug(problem.clone()))
}

/// The rule of a class for what was learned on a day.
pub fn rule_for(class: CreditClass, day: Day) -> Result<Option<&'static Rule>> {
    Ok(rules()?.iter().find(|rule| rule.class == class && rule.covers(day)))
}

/// A rule by the id and version that an entry names.
pub fn rule_version(id: &str, version: i64) -> Result<Option<&'static Rule>> {
    Ok(rules()?.iter().find(|rule| rule.id == id && rule.version == version))
}

/// How an example of a rule came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// The rule.
    pub rule_id: String,
    /// Its version.
    pub rule_version: i64,
    /// What the example shows.
    pub name: String,
    /// `credit`, `refused` and reason as the file states them.
    pub expected: String,
    /// The same as the rule computes them.
    pub computed: String,
}

impl ExampleOutcome {
    /// Whether the rule does what its example says.
    pub fn passed(&self) -> bool {
        self.expected == self.computed
    }
}

/// Runs the examples of all packaged rules.
pub fn rules_test() -> Result<Vec<ExampleOutcome>> {
    Ok(rules()?.iter().flat_map(test_rule).collect())
}

/// Runs the examples of one rule, packaged or read with [`read_rule`].
pub fn test_rule(rule: &Rule) -> Vec<ExampleOutcome> {
    let words = |credit: Credit, refused: Credit, reason: Option<Refusal>| {
        format!("credit {credit}, refused {refused}, reason {}", reason.map_or("none", Refusal::as_str))
    };
    let outcome = |example: &Example| {
        let computed = rule
            .apply(example.grade, example.minutes, example.used)
            .map_or_else(|| "out of range".to_owned(), |c| words(c.credit, c.refused, c.reason));
        ExampleOutcome {
            rule_id: rule.id.clone(),
            rule_version: rule.version,
            name: example.name.clone(),
            expected: words(example.credit, example.refused, example.reason),
            computed,
        }
    };
    rule.examples.iter().map(outcome).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: i64,
    class: CreditClass,
    effective_from: String,
    effective_to: Option<String>,
    name: Words,
    source: Words,
    credit: CreditTable,
    grades: BTreeMap<String, Fraction>,
    caps: CapsTable,
    examples: Vec<ExampleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreditTable {
    contact_hour_minutes: u64,
    contact_hours_per_credit: u64,
    rounding: Rounding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapsTable {
    contact_hours_per_day: Option<u64>,
    credits_per_year: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleTable {
    name: String,
    grade: EvidenceGrade,
    minutes: i64,
    #[serde(default)]
    used_day: Option<String>,
    #[serde(default)]
    used_year: Option<String>,
    credit: String,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    reason: Option<Refusal>,
}

/// Reads one rule; the message says what is wrong with it.
pub fn read_rule(text: &str) -> Result<Rule, String> {
    let file: File = toml::from_str(text).map_err(|problem| problem.to_string())?;
    let within = |what: &str, value: u64, most: u64| match value {
        0 => Err(format!("{what} is zero")),
        value if value > most => Err(format!("{what} is more than {most}")),
        _ => Ok(()),
    };
    within("contact_hour_minutes", file.credit.contact_hour_minutes, 120)?;
    within("contact_hours_per_credit", file.credit.contact_hours_per_credit, 1_000)?;
    if file.id.is_empty() || file.version < 1 {
        return Err("a rule has an id and a version from 1".to_owned());
    }
    if [&file.name.zh, &file.name.en, &file.source.zh, &file.source.en]
        .iter()
        .any(|text| text.trim().is_empty())
    {
        return Err("name and source are given in Chinese and English".to_owned());
    }
    if file.examples.is_empty() {
        return Err("a rule has examples".to_owned());
    }
    let day = |text: &str| text.parse::<Day>().map_err(|_| format!("“{text}” is no date"));
    let cap_day = file.caps.contact_hours_per_day.map(|hours| {
        within("contact_hours_per_day", hours, 24 * 60)?;
        // Rounded down: a limit is never exceeded by rounding.
        Ok::<_, String>(Credit((hours * 1_000 / file.credit.contact_hours_per_credit) as i64))
    });
    let rule = Rule {
        effective_from: day(&file.effective_from)?,
        effective_to: file.effective_to.as_deref().map(day).transpose()?,
        shares: shares(&file.grades)?,
        cap_day: cap_day.transpose()?,
        cap_year: file.caps.credits_per_year.as_deref().map(read_credit).transpose()?,
        examples: file.examples.into_iter().map(example).collect::<Result<_, String>>()?,
        id: file.id,
        version: file.version,
        class: file.class,
        name: file.name,
        source: file.source,
        contact_hour_minutes: file.credit.contact_hour_minutes,
        contact_hours_per_credit: file.credit.contact_hours_per_credit,
        rounding: file.credit.rounding,
    };
    match rule.effective_to {
        Some(last) if last < rule.effective_from => Err("effective_to lies before effective_from".to_owned()),
        _ => Ok(rule),
    }
}

fn shares(grades: &BTreeMap<String, Fraction>) -> Result<[Fraction; 5], String> {
    if let Some(unknown) =
        grades.keys().find(|name| EvidenceGrade::ALL.iter().all(|grade| grade.as_str() != *name))
    {
        return Err(format!("“{unknown}” is no evidence grade"));
    }
    let mut shares = [Fraction::new(0, 1).ok_or("zero")?; 5];
    for (share, grade) in shares.iter_mut().zip(EvidenceGrade::ALL) {
        *share = *grades.get(grade.as_str()).ok_or_else(|| format!("the grade {grade:?} has no share"))?;
        if share.num() > share.den() || share.den() > 1_000 {
            return Err(format!("the share of {grade:?} is not between 0 and 1 in thousandths"));
        }
    }
    if shares.windows(2).any(|pair| pair[0].num() * pair[1].den() > pair[1].num() * pair[0].den()) {
        return Err("weaker evidence counts more than stronger".to_owned());
    }
    Ok(shares)
}

fn example(table: ExampleTable) -> Result<Example, String> {
    let or_zero = |text: &Option<String>| text.as_deref().map_or(Ok(Credit(0)), read_credit);
    if !(0..=1_440).contains(&table.minutes) {
        return Err(format!("the example “{}” has more minutes than a day", table.name));
    }
    Ok(Example {
        grade: table.grade,
        minutes: Minutes(table.minutes),
        used: Used { day: or_zero(&table.used_day)?, year: or_zero(&table.used_year)? },
        credit: read_credit(&table.credit)?,
        refused: or_zero(&table.refused)?,
        reason: table.reason,
        name: table.name,
    })
}

/// Reads `0.125` exactly; at most three decimals.
fn read_credit(text: &str) -> Result<Credit, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 3 || !digits(whole) || !digits(part) {
        return Err(format!("“{text}” is no credit such as 0.125"));
    }
    format!("{whole}{part:0<3}").parse().map(Credit).map_err(|_| format!("“{text}” is no credit"))
}

/// Reads files, and checks them against one another.
fn read_packs<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    for (name, text) in files {
        rules.push(read_rule(text).map_err(|problem| format!("{name}: {problem}"))?);
    }
    rules.sort_by(|a, b| (&a.id, a.version).cmp(&(&b.id, b.version)));
    for (i, rule) in rules.iter().enumerate() {
        for other in &rules[i + 1..] {
            let apart = |a: &Rule, b: &Rule| a.effective_to.is_some_and(|last| last < b.effective_from);
            if rule.class == other.class && !apart(rule, other) && !apart(other, rule) {
                return Err(format!(
                    "{} {} and {} {} are in force at once",
                    rule.id, rule.version, other.id, other.version
                ));
            }
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = include_str!("../../../../rules/credit/culture-leisure-1.toml");

    #[test]
    fn every_packaged_example_comes_out_as_its_file_says() {
        let outcomes = rules_test().unwrap();
        assert!(outcomes.len() >= 9);
        let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed()).collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }

    #[test]
    fn an_example_that_is_wrong_is_found() {
        let wrong = V1.replacen("credit = \"0.125\"", "credit = \"0.126\"", 1);
        let outcomes = test_rule(&read_rule(&wrong).unwrap());
        assert_eq!(outcomes.iter().filter(|outcome| !outcome.passed()).count(), 1);
    }

    #[test]
    fn files_that_make_no_sense_are_refused_with_the_reason() {
        for (from, to, reason) in [
            ("roll_call = \"1/2\"", "roll_call = \"3/2\"", "between 0 and 1"),
            ("declared = \"0\"", "declared = \"1\"", "weaker evidence"),
            ("declared = \"0\"\n", "", "Declared has no share"),
            ("declared = \"0\"\n", "declared = \"0\"\nhearsay = \"0\"\n", "no evidence grade"),
            ("contact_hour_minutes = 45", "contact_hour_minutes = 0", "is zero"),
            ("credits_per_year = \"30\"", "credits_per_year = \"30.0001\"", "no credit"),
            ("effective_from = \"2012-01-01\"", "effective_from = \"2012-02-30\"", "no date"),
            ("rounding = \"half_up\"", "rounding = \"up\"", "unknown variant"),
        ] {
            assert!(V1.contains(from));
            let problem = read_rule(&V1.replacen(from, to, 1)).unwrap_err();
            assert!(problem.contains(reason), "{problem}");
        }
    }

    #[test]
    fn two_versions_are_never_in_force_on_one_day() {
        let v2 = V1.replace("version = 1", "version = 2").replace("2012-01-01", "2027-01-01");
        assert!(
            read_packs([("1", V1), ("2", v2.as_str())].into_iter()).unwrap_err().contains("in force at once")
        );
        let ended = V1.replace(
            "effective_from = \"2012-01-01\"",
            "effective_from = \"2012-01-01\"\neffective_to = \"2026-12-31\"",
        );
        let rules = read_packs([("1", ended.as_str()), ("2", v2.as_str())].into_iter()).unwrap();
        let new_year = Day::of(2027, 1, 1).unwrap();
        assert_eq!(rules.iter().map(|rule| rule.covers(new_year)).collect::<Vec<_>>(), [false, true]);
        assert_eq!(
            rules.iter().map(|rule| rule.covers(new_year.plus(-1))).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn whatever_the_order_and_grades_no_limit_is_passed_and_nothing_vanishes() {
        let rule = read_rule(V1).unwrap();
        let mut chance = kernel::Chance::seeded(7);
        for _ in 0..200 {
            let (mut used, mut days) = (Used::default(), 0);
            while days < 120 {
                let [grade, length, next_day] = chance.bytes::<3>();
                let grade = EvidenceGrade::ALL[usize::from(grade) % 5];
                let minutes = Minutes(i64::from(length) * 2);
                let done = rule.apply(grade, minutes, used).unwrap();
                assert_eq!(done.credit.0 + done.refused.0, done.gross.0);
                assert!(done.credit.0 >= 0 && done.refused.0 >= 0);
                assert_eq!(done.refused.0 > 0, matches!(done.reason, Some(Refusal::Day | Refusal::Year)));
                // Rounding moves a posting by half a thousandth at most.
                let off = (done.gross.0 * done.exact.den() as i64 - done.exact.num() as i64).abs();
                assert!(off * 2 <= done.exact.den() as i64);
                used = Used {
                    day: Credit(used.day.0 + done.credit.0),
                    year: Credit(used.year.0 + done.credit.0),
                };
                assert!(used.day.0 <= 500 && used.year.0 <= 30_000);
                if next_day % 3 == 0 {
                    used.day = Credit(0);
                    days += 1;
                }
            }
        }
    }
}
