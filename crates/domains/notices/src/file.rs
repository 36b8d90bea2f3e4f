//! Answers as files: read as a whole or not at all, and written as a sheet.

use kernel::{Code, Error, Result as Outcome};
pub use render::sheet::Cell;
use render::sheet::{Limits, SheetError};

use crate::{
    fields::{FIELDS_MAX, Field},
    sheet::{
        ANSWER_BYTES_MAX, ANSWER_LONG, CELL_MAX, Fault, ROWS_MAX, TOO_MANY_ROWS, is_blank, keepable,
        read_rows,
    },
};

/// Longest file that a place hands over, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Longest that a workbook may become when it is unpacked, in bytes.
const UNPACKED_MAX: u64 = 24 * 1024 * 1024;
/// How much of a file is looked at: the heading may stand some lines down. The form is a little longer than its file.
const LIMITS: Limits = Limits {
    bytes: FILE_BYTES_MAX + 64 * 1024,
    unpacked: UNPACKED_MAX,
    lines: ROWS_MAX + 50,
    columns: FIELDS_MAX * 3,
};
/// Wrong places of a file that are kept for the page.
const FAULTS_MAX: usize = 500;
/// Rows of a sheet that is written.
pub const FILE_ROWS_MAX: usize = 20_000;

kernel::codes! {
    /// A file is neither CSV in UTF-8 nor a workbook (.xlsx).
    pub FILE_KIND = Invalid "notices.file_kind";
    /// A file holds no heading with the columns of the table.
    pub FILE_EMPTY = Invalid "notices.file_empty";
    /// A column of the table is not in the file.
    pub FILE_COLUMN = Invalid "notices.file_column";
    /// A column of the file is not in the table, or stands there twice.
    pub FILE_UNKNOWN = Invalid "notices.file_unknown";
    /// A table of one row has several in the file.
    pub ONE_ROW = Invalid "notices.one_row";
    /// The sheet has more rows than a file is made of.
    pub SHEET_LONG = Conflict "notices.sheet_long";
}

/// What is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The line of the file, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The column's name; may be empty.
    pub column: String,
    /// What stands there; may be empty.
    pub value: String,
    /// Why it is wrong.
    pub code: &'static Code,
    /// Values for the sentence that says how to mend it.
    pub args: Vec<(&'static str, String)>,
}

impl FileFault {
    fn whole(code: &'static Code, args: Vec<(&'static str, String)>) -> Self {
        Self { line: 0, column: String::new(), value: String::new(), code, args }
    }

    fn column(code: &'static Code, line: usize, name: &str) -> Self {
        let name = keepable(name);
        Self { line, column: name.clone(), value: String::new(), code, args: vec![("column", name)] }
    }
}

impl From<&Fault> for FileFault {
    fn from(fault: &Fault) -> Self {
        Self {
            line: fault.row + 1,
            column: fault.name.clone(),
            value: fault.value.clone(),
            code: fault.code,
            args: fault.args(),
        }
    }
}

/// Reads a file that a place hands over: a heading with the columns of the table in any order, below it a line for each row. Either all of it is
/// right, or everything that is wrong is named.
///
/// # Errors
/// All that is wrong.
pub fn read_file(fields: &[Field], many: bool, bytes: &[u8]) -> Result<Vec<Vec<String>>, Vec<FileFault>> {
    let lines = lines_of(bytes).map_err(|fault| vec![fault])?;
    let Some(top) = lines.iter().position(|line| !is_blank(line)) else {
        return Err(vec![FileFault::whole(&FILE_EMPTY, Vec::new())]);
    };
    let places = headed(fields, &lines, top)?;
    // Rows keep their place in the file, so that what is wrong is named by the line that everybody sees.
    let typed: Vec<Vec<String>> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let cell = |place: &usize| line.get(*place).cloned().unwrap_or_default();
            if at <= top { Vec::new() } else { places.iter().map(cell).collect() }
        })
        .collect();
    let rows = read_rows(fields, &typed)
        .map_err(|faults| faults.iter().take(FAULTS_MAX).map(FileFault::from).collect::<Vec<_>>())?;
    let too_long = |most: usize| vec![("max", most.to_string()), ("rows", rows.len().to_string())];
    if rows.len() > ROWS_MAX {
        return Err(vec![FileFault::whole(&TOO_MANY_ROWS, too_long(ROWS_MAX))]);
    }
    if !many && rows.len() > 1 {
        return Err(vec![FileFault::whole(&ONE_ROW, too_long(1))]);
    }
    let bytes: usize = rows.iter().flatten().map(|cell| cell.len() + 3).sum();
    if bytes > ANSWER_BYTES_MAX {
        let args = vec![("kib", (ANSWER_BYTES_MAX / 1024).to_string()), ("cell", CELL_MAX.to_string())];
        return Err(vec![FileFault::whole(&ANSWER_LONG, args)]);
    }
    Ok(rows)
}

/// Where in the file each column of the table stands.
fn headed(fields: &[Field], lines: &[Vec<String>], top: usize) -> Result<Vec<usize>, Vec<FileFault>> {
    let heading: Vec<String> = lines[top].iter().map(|name| name.trim().to_owned()).collect();
    let mut faults = Vec::new();
    let known = |name: &String| fields.iter().any(|field| field.name == *name);
    if !heading.iter().any(known) {
        return Err(vec![FileFault::whole(&FILE_EMPTY, Vec::new())]);
    }
    for (at, name) in heading.iter().enumerate() {
        let used =
            || lines[top + 1..].iter().any(|line| line.get(at).is_some_and(|cell| !cell.trim().is_empty()));
        let twice = heading[..at].contains(name);
        if (name.is_empty() && used()) || (!name.is_empty() && (twice || !known(name))) {
            faults.push(FileFault::column(&FILE_UNKNOWN, top + 1, name));
        }
    }
    let mut places = Vec::with_capacity(fields.len());
    for field in fields {
        match heading.iter().position(|name| *name == field.name) {
            Some(at) => places.push(at),
            None => faults.push(FileFault::column(&FILE_COLUMN, top + 1, &field.name)),
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(faults) }
}

/// The lines of a file; each keeps its number, empty ones too.
fn lines_of(bytes: &[u8]) -> Result<Vec<Vec<String>>, FileFault> {
    let read = render::sheet::read(bytes, &LIMITS).map_err(|wrong| match wrong {
        SheetError::Lines => {
            let args = vec![("max", ROWS_MAX.to_string()), ("rows", format!("> {ROWS_MAX}"))];
            FileFault::whole(&TOO_MANY_ROWS, args)
        }
        SheetError::Columns { line, text } => FileFault::column(&FILE_UNKNOWN, line, &text),
        _ => FileFault::whole(&FILE_KIND, Vec::new()),
    })?;
    let mut lines: Vec<Vec<String>> = Vec::new();
    for line in read {
        lines.resize(line.number.max(1) - 1, Vec::new());
        lines.push(line.cells);
    }
    Ok(lines)
}

/// The cell of a value of a column, with the words for yes and no.
pub fn cell_of(field: &Field, value: &str, words: [&str; 2]) -> Cell {
    use crate::fields::FieldKind;
    match field.kind {
        FieldKind::Whole | FieldKind::Decimal => Cell::Number(value.to_owned()),
        FieldKind::YesNo if value == "yes" => Cell::Text(words[0].to_owned()),
        FieldKind::YesNo if value == "no" => Cell::Text(words[1].to_owned()),
        _ => Cell::Text(value.to_owned()),
    }
}

/// A sheet as CSV, as office programs of this country open it.
///
/// # Errors
/// `kernel.bug`, which nothing is known to cause.
pub fn csv_of(headings: &[String], rows: &[Vec<Cell>]) -> Outcome<Vec<u8>> {
    render::sheet::csv_of(headings, rows)
        .map_err(|error| Error::bug("a sheet cannot be written").caused_by(error))
}

/// A sheet as a workbook.
///
/// # Errors
/// `kernel.bug`, which nothing is known to cause.
pub fn xlsx_of(headings: &[String], rows: &[Vec<Cell>]) -> Outcome<Vec<u8>> {
    render::sheet::xlsx_of(headings, rows)
        .map_err(|error| Error::bug("a workbook cannot be written").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::FieldKind;

    fn fields() -> Vec<Field> {
        vec![
            Field::new("活动名称", FieldKind::Text),
            Field::new("人数", FieldKind::Whole),
            Field::new("日期", FieldKind::Day).optional(),
        ]
    }

    fn found(many: bool, bytes: &[u8]) -> Vec<(usize, String, &'static str)> {
        let faults = read_file(&fields(), many, bytes).unwrap_err();
        faults.into_iter().map(|fault| (fault.line, fault.column, fault.code.name)).collect()
    }

    #[test]
    fn what_was_written_reads_back() {
        let headings = ["活动名称", "人数", "日期"].map(str::to_owned);
        let cells = |name: &str, people: &str, day: &str| {
            vec![Cell::Text(name.into()), Cell::Number(people.into()), Cell::Text(day.into())]
        };
        let rows = [cells("=1+1 \"读书\", 会", "1200", "2026-11-03"), cells("书法展", "80", "")];
        let expected = [["=1+1 \"读书\", 会", "1200", "2026-11-03"], ["书法展", "80", ""]];
        for bytes in [csv_of(&headings, &rows).unwrap(), xlsx_of(&headings, &rows).unwrap()] {
            assert_eq!(read_file(&fields(), true, &bytes).unwrap(), expected);
        }
    }

    #[test]
    fn columns_may_stand_in_any_order_below_a_title() {
        let file = "\n日期\t人数\t活动名称\n2026/11/3\t１２\t读书会\n";
        assert_eq!(read_file(&fields(), true, file.as_bytes()).unwrap(), [["读书会", "12", "2026-11-03"]]);
    }

    #[test]
    fn everything_wrong_is_named_by_line_and_column() {
        let file = "活动名称,人数,日期\r\n读书会,十二,2026-11-03\r\n\r\n,5,昨天\r\n";
        let expected = [
            (2, "人数".to_owned(), "notices.cell_whole"),
            (4, "活动名称".to_owned(), "notices.cell_empty"),
            (4, "日期".to_owned(), "notices.cell_day"),
        ];
        assert_eq!(found(true, file.as_bytes()), expected);
        let file = "活动名称,备注,活动名称\n读书会,x,y\n";
        let expected = [
            (1, "备注".to_owned(), "notices.file_unknown"),
            (1, "活动名称".to_owned(), "notices.file_unknown"),
            (1, "人数".to_owned(), "notices.file_column"),
            (1, "日期".to_owned(), "notices.file_column"),
        ];
        assert_eq!(found(true, file.as_bytes()), expected);
    }

    #[test]
    fn files_of_another_kind_or_size_are_refused() {
        let whole = |code| vec![(0, String::new(), code)];
        assert_eq!(found(true, b""), whole("notices.file_empty"));
        assert_eq!(found(true, b"a,b\n1,2\n"), whole("notices.file_empty"));
        assert_eq!(found(true, &[0xbb, 0xee, 0xb6, 0xaf]), whole("notices.file_kind"));
        assert_eq!(found(true, b"PK\x03\x04 not a workbook"), whole("notices.file_kind"));
        let many = format!("活动名称,人数,日期\n{}", "读书会,1,\n".repeat(ROWS_MAX + 1));
        assert_eq!(found(true, many.as_bytes()), whole("notices.too_many_rows"));
        assert_eq!(found(false, "活动名称,人数,日期\na,1,\nb,2,\n".as_bytes()), whole("notices.one_row"));
    }

    #[test]
    fn a_workbook_cannot_fill_the_memory() {
        // A cell in the last corner of a sheet.
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "活动名称").unwrap();
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
        assert_eq!(
            found(true, &book.save_to_buffer().unwrap()),
            [(0, String::new(), "notices.too_many_rows")]
        );
        // Much that packs to little.
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let block = vec![b' '; 1024 * 1024];
        for _ in 0..30 {
            std::io::Write::write_all(&mut archive, &block).unwrap();
        }
        let bomb = archive.finish().unwrap().into_inner();
        assert!(bomb.len() < FILE_BYTES_MAX);
        assert_eq!(found(true, &bomb), [(0, String::new(), "notices.file_kind")]);
    }
}
