//! Tables as CSV (RFC 4180) that office programs of this country open correctly and safely.

use crate::RenderError;

/// One cell. Text and numbers are kept apart because only text can carry a formula: a guarded `-5` would
/// no longer be a number to whoever adds the column up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing known; written as an empty cell, never as 0.
    Empty,
    /// Text of any origin; guarded against formulas.
    Text(String),
    /// A whole number in the unit that the header names.
    Integer(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Integer(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Whether the file begins with a UTF-8 byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bom {
    /// For people: without it Excel and WPS read Chinese as GBK.
    With,
    /// For programs.
    Without,
}

/// Writes headers and rows as CSV with CRLF line ends.
///
/// A text cell (headers too) that begins with `=`, `+`, `-`, `@`, a tab, a carriage return or a line feed, or
/// with the full-width forms of the four signs that East Asian office programs treat alike, gets an apostrophe
/// in front (OWASP, “CSV Injection”).
///
/// # Errors
/// [`RenderError::Columns`] for the first row whose number of cells differs from the header's; nothing is written.
pub fn csv(headers: &[&str], rows: &[Vec<Cell>], bom: Bom) -> Result<Vec<u8>, RenderError> {
    for (index, row) in rows.iter().enumerate() {
        if row.len() != headers.len() {
            return Err(RenderError::Columns { row: index + 1, expected: headers.len(), found: row.len() });
        }
    }
    let internal = |error: csv::Error| RenderError::Internal(error.to_string());
    let start = if bom == Bom::With { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(start);
    writer.write_record(headers.iter().map(|header| guarded(header))).map_err(internal)?;
    for row in rows {
        writer.write_record(row.iter().map(written)).map_err(internal)?;
    }
    writer.into_inner().map_err(|error| RenderError::Internal(error.to_string()))
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text),
        Cell::Integer(number) => number.to_string(),
    }
}

/// One line of a CSV file that is written row by row, with its line end. The fields are taken as they are: who writes text of others has it
/// [`guarded`].
///
/// # Errors
/// [`RenderError::Internal`], which nothing is known to cause.
pub fn line(fields: &[String]) -> Result<Vec<u8>, RenderError> {
    let internal = |error: csv::Error| RenderError::Internal(error.to_string());
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(256));
    writer.write_record(fields).map_err(internal)?;
    writer.into_inner().map_err(|error| RenderError::Internal(error.to_string()))
}

/// A text that no office program takes for a formula.
pub fn guarded(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_breaks_survive() {
        let rows = vec![vec!["说“好”, \"是\"\n第二行".into(), Cell::Integer(12), Cell::Empty]];
        let bytes = csv(&["名称", "人次", "备注"], &rows, Bom::With).expect("rows match");
        assert_eq!(&bytes[..3], b"\xef\xbb\xbf");
        let mut reader = csv::Reader::from_reader(&bytes[3..]);
        let record = reader.records().next().expect("one row").expect("readable");
        assert_eq!(record.iter().collect::<Vec<_>>(), ["说“好”, \"是\"\n第二行", "12", ""]);
        assert!(bytes.ends_with(b"\r\n"));
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_stay_numbers() {
        for text in ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "＝1", "－1", "＋1", "＠x", "\r=1"] {
            let bytes = csv(&["h"], &[vec![text.into()]], Bom::Without).expect("rows match");
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let record = reader.records().next().expect("one row").expect("readable");
            assert_eq!(&record[0], format!("'{text}"));
        }
        let bytes =
            csv(&["=h", "n"], &[vec!["a=b".into(), Cell::Integer(-5)]], Bom::Without).expect("rows match");
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), "'=h,n\r\na=b,-5\r\n");
    }

    #[test]
    fn a_row_of_another_length_is_named() {
        let rows = vec![vec![Cell::Integer(1), Cell::Integer(2)], vec![Cell::Integer(1)]];
        assert_eq!(
            csv(&["a", "b"], &rows, Bom::With),
            Err(RenderError::Columns { row: 2, expected: 2, found: 1 })
        );
    }
}
