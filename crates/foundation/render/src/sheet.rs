//! Tables that people hand over as files, CSV or workbooks (.xlsx): read safely into lines of text, and written.
//!
//! A file comes from outside and is small only while it is packed: what a workbook unpacks to is bounded before it is read, its cells are read
//! one after the other, so that a cell in the last corner of a sheet costs no memory for all before it, and what all cells hold together is
//! bounded too, because a workbook can name one long text many times.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx, open_workbook_from_rs};
use rust_xlsxwriter::{Format as Look, Workbook, XlsxError};
use thiserror::Error;

use crate::{
    RenderError,
    table::{guarded, line},
};

/// How much of a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The file as it is handed over, in bytes.
    pub bytes: usize,
    /// What a workbook may become when it is unpacked, and what all cells of a file may hold together, in bytes each.
    pub unpacked: u64,
    /// Lines of the file, with its heading; blank ones count as places, though they are left out.
    pub lines: usize,
    /// Columns.
    pub columns: usize,
}

/// A line of a file in which something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1, as office programs count.
    pub number: usize,
    /// Its cells as they stand there; those behind the last are empty.
    pub cells: Vec<String>,
}

impl Line {
    /// What stands in a column, counted from 0, without white space around it; empty where nothing does.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |text| text.trim())
    }
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetError {
    /// It is neither CSV nor a workbook, or is a damaged one.
    #[error("the file is no table")]
    NotTable,
    /// It is text, but not in UTF-8.
    #[error("the file is not UTF-8")]
    Encoding,
    /// It is a workbook of the older kind (.xls).
    #[error("the file is a workbook of the older kind")]
    Old,
    /// It is a workbook that is locked by a password.
    #[error("the workbook is locked by a password")]
    Locked,
    /// It has more bytes than are read, packed or unpacked.
    #[error("the file is too large")]
    Large,
    /// It goes on beyond the last line that is read.
    #[error("the file has too many lines")]
    Lines,
    /// Something stands beyond the last column that is read.
    #[error("line {line} has too many columns")]
    Columns {
        /// In which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
}

/// The lines of a CSV file in UTF-8, or of the first sheet of a workbook; blank ones are left out. Days of a workbook are written `2026-11-03`, yes and
/// no `yes` and `no`; the apostrophe with which our own files guard against formulas is taken away.
///
/// # Errors
/// Why the file is not read; nothing of it is then.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Line>, SheetError> {
    if bytes.len() > limits.bytes {
        return Err(SheetError::Large);
    }
    if bytes.starts_with(b"PK") {
        return of_workbook(bytes, limits);
    }
    if bytes.starts_with(COMPOUND) {
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let locked = bytes.windows(name.len()).any(|part| part == name);
        return Err(if locked { SheetError::Locked } else { SheetError::Old });
    }
    of_csv(bytes, limits)
}

/// How files of the older office programs begin, and workbooks with a password.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Lines that are gathered within the limits.
struct Gathered<'l> {
    lines: Vec<Line>,
    limits: &'l Limits,
    left: u64,
}

impl<'l> Gathered<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self { lines: Vec::new(), limits, left: limits.unpacked }
    }

    /// Notes what stands in a cell; line and column are counted from 0, and lines come in their order.
    fn put(&mut self, line: usize, column: usize, text: &str) -> Result<(), SheetError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if line >= self.limits.lines {
            return Err(SheetError::Lines);
        }
        if column >= self.limits.columns {
            let text = text.chars().take(200).collect();
            return Err(SheetError::Columns { line: line + 1, text });
        }
        self.left = self.left.checked_sub(text.len() as u64).ok_or(SheetError::Large)?;
        let number = line + 1;
        match self.lines.last() {
            Some(last) if last.number == number => {}
            // A workbook whose lines run backwards was made by no office program.
            Some(last) if last.number > number => return Err(SheetError::NotTable),
            _ => self.lines.push(Line { number, cells: Vec::new() }),
        }
        if let Some(last) = self.lines.last_mut() {
            if last.cells.len() <= column {
                last.cells.resize(column + 1, String::new());
            }
            text.clone_into(&mut last.cells[column]);
        }
        Ok(())
    }
}

fn of_csv(bytes: &[u8], limits: &Limits) -> Result<Vec<Line>, SheetError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SheetError::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let delimiter = if first.contains('\t') && !first.contains(',') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut gathered = Gathered::new(limits);
    for record in reader.records() {
        let record = record.map_err(|_| SheetError::NotTable)?;
        let at = record.position().map_or(0, |place| line_of(text, place));
        for (column, cell) in record.iter().enumerate() {
            gathered.put(at, column, unguarded(cell))?;
        }
    }
    Ok(gathered.lines)
}

/// The line in which a record begins, from 0. The reader tells where it went on after the record before, and passes empty lines over.
fn line_of(text: &str, place: &csv::Position) -> usize {
    let from = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let passed = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    usize::try_from(place.line()).unwrap_or(usize::MAX).saturating_sub(1).saturating_add(passed.count())
}

/// What our own files guard against formulas is read back as it was.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if guarded(rest) != rest => rest,
        _ => text,
    }
}

fn of_workbook(bytes: &[u8], limits: &Limits) -> Result<Vec<Line>, SheetError> {
    let wrong = || SheetError::NotTable;
    unpacks_within(bytes, limits.unpacked)?;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| wrong())?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(wrong)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| wrong())?;
    let mut gathered = Gathered::new(limits);
    while let Some(cell) = cells.next_cell().map_err(|_| wrong())? {
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        match cell.get_value() {
            // Not copied before it is known that there is room.
            DataRef::SharedString(text) => gathered.put(row, column, text)?,
            other => gathered.put(row, column, &text_of(other))?,
        }
    }
    Ok(gathered.lines)
}

/// Whether all that a packed file holds stays within so many bytes. What it says of itself is not believed.
fn unpacks_within(bytes: &[u8], most: u64) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::NotTable)?;
    let mut left = most;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| SheetError::NotTable)?;
        let read = std::io::copy(&mut entry.take(left.saturating_add(1)), &mut std::io::sink())
            .map_err(|_| SheetError::NotTable)?;
        left = left.checked_sub(read).ok_or(SheetError::Large)?;
    }
    Ok(())
}

fn text_of(value: &DataRef) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "yes".to_owned(),
        DataRef::Bool(false) => "no".to_owned(),
        DataRef::DateTime(at) => serial_day(at.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Days from the first day of workbooks to 1970-01-01.
const EPOCH: i64 = 25_569;

/// A moment of a workbook as its day; what is no day of the years 1 to 9999 stays a number.
fn serial_day(serial: f64) -> String {
    let whole = serial.floor();
    if !(0.0..1_000_000.0).contains(&whole) {
        return serial.to_string();
    }
    let (year, month, day) = civil(whole as i64 - EPOCH);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The date of a day counted from 1970-01-01, from 1899 on: years that begin in March, four centuries at a time.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// A column that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'c> {
    /// How the program calls it.
    pub key: &'c str,
    /// How people may have called it, in any language; capitals, spaces and a closing star make no difference.
    pub headings: &'c [&'c str],
    /// Whether the file must have it.
    pub needed: bool,
}

/// Where the columns of a file stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Which of the lines is the heading, from 0: the rows are those behind it.
    pub at: usize,
    /// For each column that was looked for, where it stands, from 0.
    pub places: Vec<Option<usize>>,
    /// What else stands in the heading: where, from 0, and what.
    pub unknown: Vec<(usize, String)>,
}

/// Why the columns are not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadingError {
    /// None of the first lines names any of the columns.
    None,
    /// The heading lacks columns that it must have, or has columns twice.
    Wrong {
        /// Number of the heading's line in the file, from 1.
        line: usize,
        /// Keys of the columns that are missing.
        missing: Vec<String>,
        /// What stands there for a second time.
        twice: Vec<String>,
    },
}

/// Finds the heading among the first `within` lines, which is the one that names most of the columns, and where each column stands.
///
/// # Errors
/// What is wrong with the heading.
pub fn find_columns(lines: &[Line], columns: &[Column<'_>], within: usize) -> Result<Heading, HeadingError> {
    let known = |name: &str| {
        let name = plain(name);
        columns.iter().position(|column| column.headings.iter().any(|heading| plain(heading) == name))
    };
    let mut best = (0, 0);
    for (at, line) in lines.iter().take(within).enumerate() {
        let count = line.cells.iter().filter(|cell| known(cell).is_some()).count();
        if count > best.0 {
            best = (count, at);
        }
    }
    let (count, at) = best;
    if count == 0 {
        return Err(HeadingError::None);
    }
    let mut places = vec![None; columns.len()];
    let (mut unknown, mut twice) = (Vec::new(), Vec::new());
    for (place, name) in lines[at].cells.iter().enumerate().filter(|(_, name)| !name.trim().is_empty()) {
        match known(name) {
            Some(column) if places[column].is_none() => places[column] = Some(place),
            Some(_) => twice.push(name.trim().to_owned()),
            None => unknown.push((place, name.trim().to_owned())),
        }
    }
    let missing: Vec<String> = columns
        .iter()
        .zip(&places)
        .filter(|(column, place)| column.needed && place.is_none())
        .map(|(column, _)| column.key.to_owned())
        .collect();
    if missing.is_empty() && twice.is_empty() {
        Ok(Heading { at, places, unknown })
    } else {
        Err(HeadingError::Wrong { line: lines[at].number, missing, twice })
    }
}

/// A heading as it is compared.
fn plain(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    name.trim_end_matches(['*', '＊']).to_owned()
}

/// A cell of a sheet that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text of any origin.
    Text(String),
    /// A number, as it is stored.
    Number(String),
}

/// A sheet as CSV, as office programs of this country open it.
///
/// # Errors
/// [`RenderError::Internal`], which nothing is known to cause.
pub fn csv_of(headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, RenderError> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    let heading: Vec<String> = headings.iter().map(|name| guarded(name)).collect();
    out.extend(line(&heading)?);
    for row in rows {
        let fields: Vec<String> = row
            .iter()
            .map(|cell| match cell {
                Cell::Text(text) => guarded(text),
                Cell::Number(number) => number.clone(),
            })
            .collect();
        out.extend(line(&fields)?);
    }
    Ok(out)
}

/// A sheet as a workbook.
///
/// # Errors
/// [`RenderError::Internal`], which nothing is known to cause.
pub fn xlsx_of(headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, RenderError> {
    written(headings, rows).map_err(|error| RenderError::Internal(error.to_string()))
}

fn written(headings: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Look::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0_u16..).zip(headings) {
        sheet.set_column_width(column, 18.0)?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Cell::Number(number) => {
                    if let Ok(number) = number.parse::<f64>() {
                        sheet.write_number(row, column, number)?;
                    }
                }
            }
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1024 * 1024, unpacked: 24 * 1024 * 1024, lines: 250, columns: 60 };

    fn texts(bytes: &[u8]) -> Vec<(usize, Vec<String>)> {
        read(bytes, &LIMITS).unwrap().into_iter().map(|line| (line.number, line.cells)).collect()
    }

    #[test]
    fn what_was_written_reads_back() {
        let headings = ["名称", "人数"].map(str::to_owned);
        let rows = [vec![Cell::Text("=1+1 \"读书\", 会".into()), Cell::Number("1200.5".into())]];
        let expected = [
            (1, vec!["名称".to_owned(), "人数".to_owned()]),
            (2, vec!["=1+1 \"读书\", 会".to_owned(), "1200.5".to_owned()]),
        ];
        for bytes in [csv_of(&headings, &rows).unwrap(), xlsx_of(&headings, &rows).unwrap()] {
            assert_eq!(texts(&bytes), expected);
        }
    }

    #[test]
    fn lines_keep_their_numbers_and_blank_ones_are_left_out() {
        let file = "a,b\r\n\r\n\r\n,,\r\n\"x\r\ny\",1\r\nz\r\n";
        let at: Vec<_> =
            texts(file.as_bytes()).into_iter().map(|(number, cells)| (number, cells.len())).collect();
        assert_eq!(at, [(1, 2), (5, 2), (7, 1)]);
        assert_eq!(texts("\n日期\t人数\n".as_bytes()), [(2, vec!["日期".to_owned(), "人数".to_owned()])]);
    }

    #[test]
    fn other_files_are_refused_by_what_they_are() {
        let refused = |bytes: &[u8]| read(bytes, &LIMITS).unwrap_err();
        assert_eq!(refused(&[0xbb, 0xee, 0xb6, 0xaf]), SheetError::Encoding);
        assert_eq!(refused(b"PK\x03\x04 not a workbook"), SheetError::NotTable);
        assert_eq!(refused(&[COMPOUND, b"Workbook"].concat()), SheetError::Old);
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(refused(&[COMPOUND, &name].concat()), SheetError::Locked);
        assert_eq!(refused(&vec![b'a'; LIMITS.bytes + 1]), SheetError::Large);
        assert_eq!(refused("a\n".repeat(251).as_bytes()), SheetError::Lines);
        let wide = format!("a\n{}x\n", ",".repeat(60));
        assert_eq!(refused(wide.as_bytes()), SheetError::Columns { line: 2, text: "x".to_owned() });
        assert_eq!(read(b"", &LIMITS), Ok(Vec::new()));
    }

    #[test]
    fn a_workbook_cannot_fill_the_memory() {
        // A cell in the last corner of a sheet.
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "名称").unwrap();
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
        assert_eq!(read(&book.save_to_buffer().unwrap(), &LIMITS), Err(SheetError::Lines));
        // Much that packs to little.
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let block = vec![b' '; 1024 * 1024];
        for _ in 0..30 {
            std::io::Write::write_all(&mut archive, &block).unwrap();
        }
        let bomb = archive.finish().unwrap().into_inner();
        assert!(bomb.len() < LIMITS.bytes);
        assert_eq!(read(&bomb, &LIMITS), Err(SheetError::Large));
        // One long text that many cells name.
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let long = "长".repeat(10_000);
        for row in 0..200 {
            for column in 0..50 {
                sheet.write_string(row, column, &long).unwrap();
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        assert!(unpacks_within(&bytes, LIMITS.unpacked).is_ok(), "it is small even when it is unpacked");
        assert_eq!(read(&bytes, &LIMITS), Err(SheetError::Large));
    }

    #[test]
    fn days_of_workbooks_are_days() {
        assert_eq!(serial_day(46_329.0), "2026-11-03");
        assert_eq!(serial_day(46_329.75), "2026-11-03");
        assert_eq!(serial_day(25_569.0), "1970-01-01");
        assert_eq!(serial_day(45_351.0), "2024-02-29");
        assert_eq!(serial_day(-1.0), "-1");
    }

    #[test]
    fn columns_are_found_by_any_of_their_names_below_a_title() {
        let columns = [
            Column { key: "name", headings: &["名称", "Name"], needed: true },
            Column { key: "phone", headings: &["电话", "Phone"], needed: false },
        ];
        let lines = read("某区名称一览\n备注,电 话,NAME*\nx,1,y\n".as_bytes(), &LIMITS).unwrap();
        let heading = find_columns(&lines, &columns, 10).unwrap();
        assert_eq!((heading.at, heading.places), (1, vec![Some(2), Some(1)]));
        assert_eq!(heading.unknown, [(0, "备注".to_owned())]);
        assert_eq!(lines[2].cell(2), "y");
        assert_eq!(find_columns(&lines[2..], &columns, 10), Err(HeadingError::None));
        let lines = read("电话,phone\n".as_bytes(), &LIMITS).unwrap();
        assert_eq!(
            find_columns(&lines, &columns, 10),
            Err(HeadingError::Wrong {
                line: 1,
                missing: vec!["name".to_owned()],
                twice: vec!["phone".to_owned()]
            })
        );
    }
}
