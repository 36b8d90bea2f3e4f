//! A workbook (ECMA-376, SpreadsheetML) written row by row: each cell goes through the compressor into the file when it comes, and nothing of
//! it stays in memory, however many rows there are.
//!
//! It is a ZIP file (PKWARE APPNOTE) of a few XML parts. A part's length and checksum are known behind it, so the writer goes back once and
//! enters them in its head. Texts stand in their cells (`inlineStr`), because a common table of texts would have to be kept until the end.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, SeekFrom, Write},
};

use flate2::{Compression, Crc, write::DeflateEncoder};

/// Widest column, in characters, that headings ask for.
const WIDTH: usize = 18;
/// The moment that entries carry: 1980-01-01, the first that the format knows. The file's own time says when it was made.
const DATE: u16 = 0b0000_0000_0010_0001;

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain = 0,
    /// The heading, in bold.
    Heading = 1,
    /// A day.
    Day = 2,
    /// A day and a time.
    Moment = 3,
    /// With two decimals.
    Money = 4,
}

/// Counts and checks what goes through it to the file.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An entry of the ZIP file that is done.
struct Entry {
    name: String,
    crc: u32,
    packed: u32,
    plain: u32,
    at: u32,
}

/// A ZIP file that is being written, one entry after the other.
struct Archive {
    entries: Vec<Entry>,
    /// Where the next entry begins.
    at: u64,
}

/// The entry that is being written.
struct Part {
    name: String,
    crc: Crc,
    writer: DeflateEncoder<Counted>,
}

impl Part {
    fn put(&mut self, text: &str) -> io::Result<()> {
        self.crc.update(text.as_bytes());
        self.writer.write_all(text.as_bytes())
    }
}

fn short(length: u64) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| io::Error::other("a workbook of more than 4 GiB cannot be written"))
}

impl Archive {
    fn begin(&self, file: BufWriter<File>, name: &str) -> io::Result<Part> {
        let mut file = file;
        head(&mut file, name, 0, 0, 0)?;
        let writer = DeflateEncoder::new(Counted { file, bytes: 0 }, Compression::fast());
        Ok(Part { name: name.to_owned(), crc: Crc::new(), writer })
    }

    fn end(&mut self, part: Part) -> io::Result<BufWriter<File>> {
        let Part { name, crc, writer } = part;
        let Counted { mut file, bytes } = writer.finish()?;
        // The checksum counts the length modulo 2³², so it cannot tell a longer part.
        let entry =
            Entry { packed: short(bytes)?, crc: crc.sum(), plain: crc.amount(), at: short(self.at)?, name };
        file.seek(SeekFrom::Start(self.at))?;
        head(&mut file, &entry.name, entry.crc, entry.packed, entry.plain)?;
        self.at = file.seek(SeekFrom::End(0))?;
        self.entries.push(entry);
        Ok(file)
    }

    fn close(self, mut file: BufWriter<File>) -> io::Result<BufWriter<File>> {
        let mut length = 0_u64;
        for entry in &self.entries {
            let mut bytes = Vec::with_capacity(64);
            bytes.extend_from_slice(b"PK\x01\x02");
            [20_u16, 20, 0x0800, 8, 0, DATE].iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
            [entry.crc, entry.packed, entry.plain]
                .iter()
                .for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
            let name = u16::try_from(entry.name.len()).map_err(io::Error::other)?;
            [name, 0, 0, 0, 0].iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
            [0_u32, entry.at].iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
            bytes.extend_from_slice(entry.name.as_bytes());
            length += bytes.len() as u64;
            file.write_all(&bytes)?;
        }
        let count = u16::try_from(self.entries.len()).map_err(io::Error::other)?;
        file.write_all(b"PK\x05\x06\0\0\0\0")?;
        file.write_all(&count.to_le_bytes())?;
        file.write_all(&count.to_le_bytes())?;
        file.write_all(&short(length)?.to_le_bytes())?;
        file.write_all(&short(self.at)?.to_le_bytes())?;
        file.write_all(&[0, 0])?;
        file.flush()?;
        Ok(file)
    }
}

/// The head of an entry: names are UTF-8, the content is deflated.
fn head(file: &mut impl Write, name: &str, crc: u32, packed: u32, plain: u32) -> io::Result<()> {
    file.write_all(b"PK\x03\x04")?;
    for number in [20_u16, 0x0800, 8, 0, DATE] {
        file.write_all(&number.to_le_bytes())?;
    }
    for number in [crc, packed, plain] {
        file.write_all(&number.to_le_bytes())?;
    }
    file.write_all(&u16::try_from(name.len()).map_err(io::Error::other)?.to_le_bytes())?;
    file.write_all(&[0, 0])?;
    file.write_all(name.as_bytes())
}

/// A workbook that is being written.
pub struct Book {
    archive: Archive,
    part: Option<Part>,
    name: String,
    headings: Vec<String>,
    sheets: usize,
    rows: u32,
    rows_max: u32,
    line: String,
}

impl Book {
    /// Begins a workbook in an empty file. A sheet takes `rows_max` rows below its headings; the next ones begin another.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(file: File, name: &str, headings: Vec<String>, rows_max: u32) -> io::Result<Self> {
        let mut book = Self {
            archive: Archive { entries: Vec::new(), at: 0 },
            part: None,
            name: name.to_owned(),
            headings,
            sheets: 0,
            rows: 0,
            rows_max,
            line: String::new(),
        };
        book.open_sheet(BufWriter::with_capacity(64 * 1024, file))?;
        Ok(book)
    }

    /// Begins the next row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn row(&mut self) -> io::Result<()> {
        if self.rows == self.rows_max {
            let file = self.close_sheet()?;
            self.open_sheet(file)?;
        }
        self.rows += 1;
        self.line.clear();
        self.line.push_str("<row>");
        Ok(())
    }

    /// A cell with nothing in it.
    pub fn empty(&mut self) {
        self.line.push_str("<c/>");
    }

    /// A cell with a text. It is a text and nothing else, whatever it begins with.
    pub fn text(&mut self, text: &str) {
        self.styled_text(text, Style::Plain);
    }

    fn styled_text(&mut self, text: &str, style: Style) {
        self.line
            .push_str(&format!("<c t=\"inlineStr\" s=\"{}\"><is><t xml:space=\"preserve\">", style as u8));
        escape(text, &mut self.line);
        self.line.push_str("</t></is></c>");
    }

    /// A cell with a number.
    pub fn number(&mut self, number: impl std::fmt::Display, style: Style) {
        self.line.push_str(&format!("<c s=\"{}\"><v>{number}</v></c>", style as u8));
    }

    /// Ends the row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.line.push_str("</row>");
        match &mut self.part {
            Some(part) => part.put(&self.line),
            None => Err(io::Error::other("a workbook without a sheet")),
        }
    }

    fn open_sheet(&mut self, file: BufWriter<File>) -> io::Result<()> {
        self.sheets += 1;
        self.rows = 0;
        let mut part = self.archive.begin(file, &format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        part.put(concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
            "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>",
            "</sheetView></sheetViews>",
        ))?;
        part.put(&format!(
            "<cols><col min=\"1\" max=\"{}\" width=\"{WIDTH}\" customWidth=\"1\"/></cols><sheetData>",
            self.headings.len().max(1)
        ))?;
        self.part = Some(part);
        self.line = "<row>".to_owned();
        for heading in self.headings.clone() {
            self.styled_text(&heading, Style::Heading);
        }
        self.end_row()
    }

    fn close_sheet(&mut self) -> io::Result<BufWriter<File>> {
        let mut part = self.part.take().ok_or_else(|| io::Error::other("a workbook without a sheet"))?;
        let range = format!("A1:{}{}", letters(self.headings.len().max(1)), self.rows + 1);
        part.put(&format!("</sheetData><autoFilter ref=\"{range}\"/></worksheet>"))?;
        self.archive.end(part)
    }

    /// Ends the workbook.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn end(mut self) -> io::Result<File> {
        let mut file = self.close_sheet()?;
        let sheets = 1..=self.sheets;
        let name = |number: usize| {
            let mut name = String::new();
            escape(&self.name, &mut name);
            if number == 1 { name } else { format!("{name} {number}") }
        };
        let all = |of: &dyn Fn(usize) -> String| sheets.clone().map(of).collect::<String>();
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let parts = [
            (
                "xl/workbook.xml",
                format!(
                    "{xml}<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{}</sheets></workbook>",
                    all(&|n| format!("<sheet name=\"{}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>", name(n)))
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "{xml}<Relationships xmlns=\"{package}/relationships\">{}<Relationship Id=\"rId{}\" Type=\"{office}/styles\" \
                     Target=\"styles.xml\"/></Relationships>",
                    all(&|n| format!(
                        "<Relationship Id=\"rId{n}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
                    )),
                    self.sheets + 1
                ),
            ),
            ("xl/styles.xml", format!("{xml}{}", STYLES.replace("MAIN", main))),
            (
                "_rels/.rels",
                format!(
                    "{xml}<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" \
                     Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "{xml}<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
                     ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/>\
                     <Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/>{}</Types>",
                    all(&|n| format!(
                        "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{kind}.worksheet+xml\"/>"
                    ))
                ),
            ),
        ];
        for (name, text) in &parts {
            let mut part = self.archive.begin(file, name)?;
            part.put(text)?;
            file = self.archive.end(part)?;
        }
        self.archive.close(file)?.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// The styles in the order of [`Style`].
const STYLES: &str = concat!(
    "<styleSheet xmlns=\"MAIN\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>",
    "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/></numFmts>",
    "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>",
    "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>",
    "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>",
    "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>",
    "<cellXfs count=\"5\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>",
    "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>",
    "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    "<xf numFmtId=\"165\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    "<xf numFmtId=\"2\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs>",
    "<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
);

/// Writes a text so that XML takes it; characters that XML cannot hold are left out.
fn escape(text: &str, to: &mut String) {
    for c in text.chars() {
        match c {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\t' | '\n' | '\r' => to.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => to.push(c),
        }
    }
}

/// The letters of a column, counted from 1: A, …, Z, AA.
fn letters(mut column: usize) -> String {
    let mut text = Vec::new();
    while column > 0 {
        column -= 1;
        text.push(b'A' + (column % 26) as u8);
        column /= 26;
    }
    text.iter().rev().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        assert_eq!([1, 26, 27, 52, 703].map(letters), ["A", "Z", "AA", "AZ", "AAA"]);
    }

    #[test]
    fn texts_are_safe_in_xml() {
        let mut text = String::new();
        escape("<a & \"b\">\u{1}\n书", &mut text);
        assert_eq!(text, "&lt;a &amp; &quot;b&quot;&gt;\n书");
    }
}
