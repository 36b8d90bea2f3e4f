//! A workbook (ECMA-376, SpreadsheetML), written row by row: rows lie in temporary files until its end, and none stays in memory, however
//! many there are.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use kernel::{Day, Error, Result, Timestamp};
use rust_xlsxwriter::{Format as Look, Workbook, Worksheet, XlsxError};
use web::list::Cell;

/// Width of columns, in characters.
const WIDTH: f64 = 18.0;
/// Longest text that a cell can hold, in characters.
const TEXT_CHARS_MAX: usize = 32_767;
/// Day 0 of our days as workbooks count them: 1970-01-01.
const EPOCH: i64 = 25_569;

/// A workbook that is being written.
pub struct Book {
    workbook: Workbook,
    file: File,
    name: String,
    headings: Vec<String>,
    /// Sheets begun, and rows below the heading of the last.
    sheets: usize,
    rows: u32,
    rows_max: u32,
    looks: Looks,
}

/// How cells are shown.
struct Looks {
    heading: Look,
    day: Look,
    moment: Look,
    money: Look,
}

fn failed(error: XlsxError) -> Error {
    Error::bug("a workbook cannot be written").caused_by(error)
}

impl Book {
    /// Begins a workbook that goes into a file at its end, and till then lies in files without names in a folder. A sheet is called `name`
    /// and takes `rows_max` rows below its heading; the next ones begin another sheet.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn begin(
        folder: &Path,
        file: File,
        name: &str,
        headings: Vec<String>,
        rows_max: u32,
    ) -> Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder).map_err(failed)?;
        let look = |format: &str| Look::new().set_num_format(format);
        let looks = Looks {
            heading: Look::new().set_bold(),
            day: look("yyyy-mm-dd"),
            moment: look("yyyy-mm-dd hh:mm"),
            money: look("0.00"),
        };
        let mut book =
            Self { workbook, file, name: name.to_owned(), headings, sheets: 0, rows: 0, rows_max, looks };
        book.sheet().map_err(failed)?;
        Ok(book)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        self.put(cells).map_err(failed)
    }

    /// Ends the workbook and gives its file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn end(mut self) -> Result<File> {
        self.end_sheet().map_err(failed)?;
        let mut writer = BufWriter::with_capacity(64 * 1024, &self.file);
        self.workbook.save_to_writer(&mut writer).map_err(failed)?;
        writer.flush().map_err(|error| failed(error.into()))?;
        drop(writer);
        Ok(self.file)
    }

    fn sheet(&mut self) -> std::result::Result<(), XlsxError> {
        self.end_sheet()?;
        self.sheets += 1;
        self.rows = 0;
        let name = match self.sheets {
            1 => self.name.clone(),
            n => format!("{} {n}", self.name),
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.set_column_width(column, WIDTH)?;
            sheet.write_string_with_format(0, column, heading, &self.looks.heading)?;
        }
        Ok(())
    }

    fn end_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        let Some(last) = self.sheets.checked_sub(1) else { return Ok(()) };
        let right = u16::try_from(self.headings.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.workbook.worksheet_from_index(last)?.autofilter(0, 0, self.rows, right)?;
        Ok(())
    }

    fn put(&mut self, cells: &[Cell]) -> std::result::Result<(), XlsxError> {
        if self.rows >= self.rows_max {
            self.sheet()?;
        }
        self.rows += 1;
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0_u16..).zip(cells) {
            one(sheet, (self.rows, column), cell, &self.looks)?;
        }
        Ok(())
    }
}

fn one(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    looks: &Looks,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Empty | Cell::Actions(_) => return Ok(()),
        Cell::Text(text) | Cell::Link { text, .. } | Cell::Tag { text, .. } => {
            let text: String = text.chars().take(TEXT_CHARS_MAX).collect();
            sheet.write_string(row, column, text)?
        }
        Cell::Number(number) => sheet.write_number(row, column, *number as f64)?,
        Cell::Fen(fen) => sheet.write_number_with_format(row, column, *fen as f64 / 100.0, &looks.money)?,
        Cell::Day(day) => sheet.write_number_with_format(row, column, serial_day(*day) as f64, &looks.day)?,
        Cell::Moment(at) => sheet.write_number_with_format(row, column, serial(*at), &looks.moment)?,
    };
    Ok(())
}

fn serial_day(day: Day) -> i64 {
    EPOCH + i64::from(day.0)
}

fn serial(at: Timestamp) -> f64 {
    let seconds = (at.millis() - at.day().start().millis()) / 1_000;
    serial_day(at.day()) as f64 + seconds as f64 / 86_400.0
}
