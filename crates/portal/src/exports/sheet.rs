//! Rows into a file: CSV, or a workbook. Either way a row is written when it comes and forgotten.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, Write as _},
    path::Path,
};

use kernel::{Error, Result};
use render::table::{self, guarded};
use web::list::{Cell, view::yuan};

use super::{Format, book::Book};

/// Rows below the heading that a sheet can hold (ECMA-376: 1,048,576 with it); the next ones begin another sheet.
pub const SHEET_ROWS_MAX: u32 = 1_048_575;

/// A file that is being written.
pub enum Sheet {
    /// Text.
    Csv(BufWriter<File>),
    /// A workbook.
    Xlsx(Box<Book>),
}

fn failed(error: io::Error) -> Error {
    Error::bug("an export cannot be written to the temporary folder").caused_by(error)
}

impl Sheet {
    /// Begins a file with these headings. A sheet of a workbook is called `name` and takes `rows_max` rows; `folder` is for what cannot be in the
    /// file before its end.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(
        format: Format,
        folder: &Path,
        mut file: File,
        name: &str,
        headings: Vec<String>,
        rows_max: u32,
    ) -> Result<Self> {
        match format {
            Format::Csv => {
                // Without the mark, Excel and WPS read Chinese as GBK.
                file.write_all("\u{feff}".as_bytes()).map_err(failed)?;
                let mut sheet = Sheet::Csv(BufWriter::with_capacity(64 * 1024, file));
                sheet.line(headings.iter().map(|heading| guarded(heading)).collect())?;
                Ok(sheet)
            }
            Format::Xlsx => {
                Book::begin(folder, file, name, headings, rows_max).map(|book| Sheet::Xlsx(Box::new(book)))
            }
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self {
            Sheet::Csv(_) => self.line(cells.iter().map(text).collect()),
            Sheet::Xlsx(book) => book.row(cells),
        }
    }

    /// Ends the file, which is then read from its beginning.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn end(self) -> Result<File> {
        let mut file = match self {
            Sheet::Csv(writer) => {
                writer.into_inner().map_err(io::IntoInnerError::into_error).map_err(failed)?
            }
            Sheet::Xlsx(book) => book.end()?,
        };
        file.rewind().map_err(failed)?;
        Ok(file)
    }

    fn line(&mut self, fields: Vec<String>) -> Result<()> {
        let Sheet::Csv(writer) = self else { return Ok(()) };
        let line = table::line(&fields).map_err(|e| Error::bug("a row cannot be written").caused_by(e))?;
        writer.write_all(&line).map_err(failed)
    }
}

/// A cell as text. Only what may come from somebody is guarded against being taken for a formula: a number stays one.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Actions(_) => String::new(),
        Cell::Text(text) | Cell::Link { text, .. } | Cell::Tag { text, .. } => guarded(text),
        Cell::Number(number) => number.to_string(),
        Cell::Fen(fen) => yuan(*fen),
        Cell::Day(day) => day.to_string(),
        Cell::Moment(at) => at.minute_text(),
    }
}
