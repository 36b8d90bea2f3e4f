//! Rows of an answer against the columns of its notice: what is right becomes one spelling, what is wrong is named by row, column, value and mend.

use kernel::{Code, Day, FieldError, is_unwanted};

use crate::fields::{Field, FieldKind, UNIT, decimal, decimal_text, plain, whole};

/// Rows of one answer.
pub const ROWS_MAX: usize = 200;
/// Longest text of a cell, in characters.
pub const CELL_MAX: usize = 500;
/// Longest answer in all, in bytes as it is stored.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

kernel::codes! {
    /// A cell that must be filled in is empty.
    pub CELL_EMPTY = Invalid "notices.cell_empty";
    /// A cell is to hold a whole number.
    pub CELL_WHOLE = Invalid "notices.cell_whole";
    /// A cell is to hold a number with at most four digits behind the point.
    pub CELL_DECIMAL = Invalid "notices.cell_decimal";
    /// A cell is to hold a day.
    pub CELL_DAY = Invalid "notices.cell_day";
    /// A cell is to hold yes or no.
    pub CELL_YESNO = Invalid "notices.cell_yesno";
    /// A cell is to hold one of the column's words.
    pub CELL_CHOICE = Invalid "notices.cell_choice";
    /// A number lies outside of the column's bounds.
    pub CELL_BOUNDS = Invalid "notices.cell_bounds";
    /// A text is too long for a cell.
    pub CELL_LONG = Invalid "notices.cell_long";
    /// A text holds characters that nobody sees, or that turn the order of letters round.
    pub CELL_CHARACTERS = Invalid "notices.cell_characters";
    /// There is no row, and nobody said that there is nothing to report.
    pub NO_ROWS = Invalid "notices.no_rows";
    /// There are more rows than one answer may have.
    pub TOO_MANY_ROWS = Invalid "notices.too_many_rows";
    /// The answer is longer in all than is kept.
    pub ANSWER_LONG = Invalid "notices.answer_long";
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The row among those that were given, from 0.
    pub row: usize,
    /// The column, from 0.
    pub column: usize,
    /// The column's name.
    pub name: String,
    /// What stood there, cut to what a page shows.
    pub value: String,
    /// Why it is wrong.
    pub code: &'static Code,
    args: Vec<(&'static str, String)>,
}

/// Longest wrong value that is shown again, in characters.
const SHOWN_MAX: usize = 60;

impl Fault {
    /// Values for the sentence that says how to mend it.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = self.args.clone();
        args.extend([
            ("row", (self.row + 1).to_string()),
            ("column", self.name.clone()),
            ("value", self.value.clone()),
        ]);
        args
    }

    /// The same for the form, where the field is called `r0c0`.
    pub fn field_error(&self) -> FieldError {
        FieldError { field: cell_name(self.row, self.column), code: self.code, args: self.args() }
    }
}

/// What the field of a cell is called in the form.
pub fn cell_name(row: usize, column: usize) -> String {
    format!("r{row}c{column}")
}

/// Whether nothing was written in a row.
pub fn is_blank(row: &[String]) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// Reads all rows; blank ones are passed over. Either every cell is right, or all that are wrong are named.
///
/// # Errors
/// The wrong cells.
pub fn read_rows(fields: &[Field], typed: &[Vec<String>]) -> Result<Vec<Vec<String>>, Vec<Fault>> {
    let written = typed.iter().enumerate().filter(|(_, cells)| !is_blank(cells));
    let read = written.map(|(at, cells)| read_row(fields, at, cells));
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for row in read {
        match row {
            Ok(row) => rows.push(row),
            Err(wrong) => faults.extend(wrong),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Reads one row, a blank one too.
///
/// # Errors
/// Its wrong cells.
pub fn read_row(fields: &[Field], at: usize, cells: &[String]) -> Result<Vec<String>, Vec<Fault>> {
    let (mut row, mut faults) = (Vec::with_capacity(fields.len()), Vec::new());
    for (column, field) in fields.iter().enumerate() {
        let text = cells.get(column).map_or("", String::as_str);
        match read_cell(field, text) {
            Ok(value) => row.push(value),
            Err((code, args)) => faults.push(Fault {
                row: at,
                column,
                name: field.name.clone(),
                value: shown(text.trim()),
                code,
                args,
            }),
        }
    }
    if faults.is_empty() { Ok(row) } else { Err(faults) }
}

type Wrong = (&'static Code, Vec<(&'static str, String)>);

/// A value in the one spelling in which it is stored.
fn read_cell(field: &Field, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return if field.required { Err((&CELL_EMPTY, Vec::new())) } else { Ok(String::new()) };
    }
    let length = text.chars().count();
    if length > CELL_MAX {
        return Err((&CELL_LONG, vec![("max", CELL_MAX.to_string()), ("length", length.to_string())]));
    }
    // Forms send lines that end with both marks.
    if text.chars().any(|c| is_unwanted(c) && c != '\r') {
        return Err((&CELL_CHARACTERS, Vec::new()));
    }
    let bounds = || vec![("min", field.min.clone()), ("max", field.max.clone())];
    match field.kind {
        FieldKind::Text => Ok(text.replace("\r\n", "\n")),
        FieldKind::Whole => {
            let number = whole(text).ok_or((&CELL_WHOLE, Vec::new()))?;
            if field.allows(number * UNIT) { Ok(number.to_string()) } else { Err((&CELL_BOUNDS, bounds())) }
        }
        FieldKind::Decimal => {
            let number = decimal(text).ok_or((&CELL_DECIMAL, Vec::new()))?;
            if field.allows(number) { Ok(decimal_text(number.into())) } else { Err((&CELL_BOUNDS, bounds())) }
        }
        FieldKind::Day => {
            Day::written(&plain(text)).map(|day| day.to_string()).ok_or((&CELL_DAY, Vec::new()))
        }
        FieldKind::YesNo => yes_no(text).map(str::to_owned).ok_or((&CELL_YESNO, Vec::new())),
        FieldKind::Choice => {
            let known = field.choices.iter().find(|word| *word == text);
            known.cloned().ok_or_else(|| (&CELL_CHOICE, vec![("choices", field.choices.join("、"))]))
        }
    }
}

fn yes_no(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "是" | "有" | "√" | "✓" => Some("yes"),
        "no" | "n" | "false" | "0" | "否" | "无" | "×" | "✗" => Some("no"),
        _ => None,
    }
}

/// What was typed, as it can be kept and shown: odd characters become the mark for unknown ones, and what is longer than any cell is cut.
pub fn keepable(text: &str) -> String {
    let kept = text.trim().replace("\r\n", "\n");
    kept.chars().take(CELL_MAX * 4).map(|c| if is_unwanted(c) { '\u{fffd}' } else { c }).collect()
}

fn shown(text: &str) -> String {
    let cut: String = keepable(text).chars().take(SHOWN_MAX).collect();
    if text.chars().count() > SHOWN_MAX { format!("{cut}…") } else { cut }
}

/// Adds the number columns of rows up, in ten-thousandths; `None` for other columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums(Vec<Option<i128>>);

impl Sums {
    /// Nothing yet.
    pub fn new(fields: &[Field]) -> Self {
        Self(fields.iter().map(|field| field.kind.is_number().then_some(0)).collect())
    }

    /// Adds a row that was read by [`read_rows`].
    pub fn add(&mut self, row: &[String]) {
        for (sum, cell) in self.0.iter_mut().zip(row) {
            if let (Some(sum), Some(number)) = (sum, decimal(cell)) {
                *sum += i128::from(number);
            }
        }
    }

    /// The sum of each column as it is written; `None` where nothing is added up.
    pub fn texts(&self) -> Vec<Option<String>> {
        self.0.iter().map(|sum| sum.map(decimal_text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<Field> {
        vec![
            Field::new("活动名称", FieldKind::Text),
            Field::new("人数", FieldKind::Whole).between("1", "1000"),
            Field::new("经费", FieldKind::Decimal).optional(),
            Field::new("日期", FieldKind::Day),
            Field::new("免费", FieldKind::YesNo),
            Field::choice("形式", &["线上", "线下"]),
        ]
    }

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn what_is_right_gets_one_spelling() {
        let typed = [
            row(&[" 开幕式 ", "１，０００", "", "2026年11月3日", "是", "线下"]),
            row(&["", " ", "", "", "", ""]),
            row(&["书法展", "80", "1200.50", "2026/11/5", "N", "线上"]),
        ];
        let rows = read_rows(&fields(), &typed).unwrap();
        assert_eq!(
            rows,
            [
                row(&["开幕式", "1000", "", "2026-11-03", "yes", "线下"]),
                row(&["书法展", "80", "1200.5", "2026-11-05", "no", "线上"])
            ]
        );
        let mut sums = Sums::new(&fields());
        rows.iter().for_each(|row| sums.add(row));
        let texts = sums.texts();
        assert_eq!((texts[1].as_deref(), texts[2].as_deref()), (Some("1080"), Some("1200.5")));
        assert!([0, 3, 4, 5].iter().all(|at| texts[*at].is_none()));
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let typed = [
            row(&["开幕式", "0", "x", "2026-02-30", "maybe", "空中"]),
            row(&["a\u{202e}b", "1.5", "1", "11/3/2026", "是", ""]),
        ];
        let found: Vec<(usize, usize, &str)> = read_rows(&fields(), &typed)
            .unwrap_err()
            .iter()
            .map(|fault| (fault.row, fault.column, fault.code.name))
            .collect();
        let expected = [
            (0, 1, "notices.cell_bounds"),
            (0, 2, "notices.cell_decimal"),
            (0, 3, "notices.cell_day"),
            (0, 4, "notices.cell_yesno"),
            (0, 5, "notices.cell_choice"),
            (1, 0, "notices.cell_characters"),
            (1, 1, "notices.cell_whole"),
            (1, 3, "notices.cell_day"),
            (1, 5, "notices.cell_empty"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_kept_shows_odd_characters() {
        assert_eq!(keepable(" a\u{0}b\u{202e}\r\nc "), "a\u{fffd}b\u{fffd}\nc");
        assert_eq!(keepable(&"长".repeat(3_000)).chars().count(), CELL_MAX * 4);
    }
}
