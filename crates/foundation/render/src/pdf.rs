//! Certificates as PDF/A-2a and PDF/UA-1: one landscape A4 page with everything in it, font included.
//!
//! The same input gives the same bytes, so a document may be cached and compared by its digest. Making one
//! takes some tens of milliseconds of a processor: call it from a job, not inside a transaction.

use std::sync::OnceLock;

use typst::diag::SourceDiagnostic;
use typst::foundations::{Array, Bytes, Dict, IntoValue, Smart, Value};
use typst::layout::{Frame, FrameItem};
use typst::text::Font;
use typst_as_lib::{TypstAsLibError, TypstEngine, TypstTemplateMainFile};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::RenderError;
use crate::qr::{QUIET_ZONE, outline};

static FONT: &[u8] = include_bytes!("../../../../assets/vendor/fonts/NotoSerifSC_400Regular.ttf");
static TEMPLATE: &str = include_str!("../templates/certificate.typ");

/// Longest single field in characters. Far above anything sensible; it bounds the work for hostile input.
const FIELD_CHARS_MAX: usize = 400;
/// Longest run without a place to break the line, so that nothing runs out of its column.
const RUN_CHARS_MAX: usize = 40;
/// Longest sum of all fields in characters, far above what one page holds.
const PAGE_CHARS_MAX: usize = 4000;

/// The language that the page is set in (line breaking, spacing, document language), not a translation: all
/// words come from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese, `zh-CN`.
    Chinese,
    /// English, `en`.
    English,
}

/// A day of the Gregorian calendar, stored in the document as its creation date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueDate {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the length of the month.
    pub day: u8,
}

/// Everything that a certificate says, in its reader's language and in the order of the page. Strings are plain
/// text and never markup. `title`, `holder` and `verify_url` are required; a blank string elsewhere leaves its
/// line out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInput {
    /// Language of the words below.
    pub language: Language,
    /// Name of the document: `结业证书`.
    pub title: String,
    /// The serial number as printed, with its label: `编号 XC-2026-000123`.
    pub serial: String,
    /// The line above the name: `兹证明`.
    pub lead: String,
    /// The holder's name, printed whole.
    pub holder: String,
    /// The sentences under the name, one a line.
    pub body: Vec<String>,
    /// The course or activity: `《行书入门》`.
    pub course: String,
    /// Hours and credits as printed: `["32 学时", "2.0 学分"]`.
    pub facts: Vec<String>,
    /// Issuing organisations, the first first.
    pub organisations: Vec<String>,
    /// The issue date as printed: `二〇二六年十一月二十四日`.
    pub issued: String,
    /// The issue date as data.
    pub issued_on: IssueDate,
    /// The line in place of a stamp: `电子签章，与加盖公章同效`.
    pub seal: String,
    /// The line above the address: `扫码或访问以下网址核验`. Also read out as the name of the QR code.
    pub verify_label: String,
    /// Where anyone checks the certificate; `http` or `https`. Printed as QR code and as text.
    pub verify_url: String,
    /// Small print at the foot.
    pub note: String,
}

/// Characters of `text` that cannot be printed: absent from the font, or invisible (controls, direction marks,
/// soft hyphens, variation selectors) so that two names could look alike and differ. Each once, in order.
#[must_use]
pub fn missing_characters(text: &str) -> Vec<char> {
    let coverage = &font().info().coverage;
    let mut missing = Vec::new();
    for c in text.chars() {
        let printable = coverage.contains(c as u32) && !c.is_control() && c != '\u{ad}';
        if !printable && !missing.contains(&c) {
            missing.push(c);
        }
    }
    missing
}

/// Makes the certificate as a PDF file of one page.
///
/// # Errors
/// [`RenderError::MissingCharacters`] if any text holds a character that the font lacks;
/// [`RenderError::TooLong`] if a field is beyond 400 characters, has more than 40 without a place to break, or
/// the page overflows at the smallest size; [`RenderError::Blank`], [`RenderError::VerifyUrl`],
/// [`RenderError::IssueDate`], [`RenderError::QrCapacity`] for the fields of these names.
pub fn certificate(input: &CertificateInput) -> Result<Vec<u8>, RenderError> {
    check(input)?;
    let warned = engine().compile_with_input(inputs(input)?);
    let document = warned.output.map_err(|error| refusal(&error))?;
    let bytes = typst_pdf::pdf(&document, &options()?).map_err(|errors| internal(&errors))?;
    let [page] = document.pages() else {
        return Err(RenderError::TooLong { field: "page" });
    };
    let mut unprinted = Vec::new();
    blank_boxes(&page.frame, &mut unprinted);
    if !unprinted.is_empty() {
        return Err(RenderError::MissingCharacters(unprinted));
    }
    Ok(bytes)
}

fn font() -> &'static Font {
    static PARSED: OnceLock<Font> = OnceLock::new();
    PARSED.get_or_init(|| Font::new(Bytes::new(FONT), 0).expect("the packaged font is a TrueType file"))
}

fn engine() -> &'static TypstEngine<TypstTemplateMainFile> {
    static ENGINE: OnceLock<TypstEngine<TypstTemplateMainFile>> = OnceLock::new();
    ENGINE.get_or_init(|| TypstEngine::builder().main_file(TEMPLATE).fonts([font().clone()]).build())
}

fn options() -> Result<PdfOptions, RenderError> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| RenderError::Internal(format!("{error:?}")))?;
    Ok(PdfOptions { creator: Smart::Custom(Some("Xuecheng".to_owned())), standards, ..PdfOptions::default() })
}

/// Every printed text with the name of its field.
fn texts(input: &CertificateInput) -> impl Iterator<Item = (&'static str, &str)> {
    let single = [
        ("title", &input.title),
        ("serial", &input.serial),
        ("lead", &input.lead),
        ("holder", &input.holder),
        ("course", &input.course),
        ("issued", &input.issued),
        ("seal", &input.seal),
        ("verify_label", &input.verify_label),
        ("verify_url", &input.verify_url),
        ("note", &input.note),
    ];
    let lists = [("body", &input.body), ("facts", &input.facts), ("organisations", &input.organisations)];
    single.into_iter().map(|(field, text)| (field, text.as_str())).chain(
        lists.into_iter().flat_map(|(field, list)| list.iter().map(move |text| (field, text.as_str()))),
    )
}

fn check(input: &CertificateInput) -> Result<(), RenderError> {
    for (field, text) in
        [("title", &input.title), ("holder", &input.holder), ("verify_url", &input.verify_url)]
    {
        if text.trim().is_empty() {
            return Err(RenderError::Blank { field });
        }
    }
    let all: String = texts(input).map(|(_, text)| text).collect();
    if all.chars().count() > PAGE_CHARS_MAX {
        return Err(RenderError::TooLong { field: "page" });
    }
    let missing = missing_characters(&all);
    if !missing.is_empty() {
        return Err(RenderError::MissingCharacters(missing));
    }
    for (field, text) in texts(input) {
        // Addresses break at their own points (`/`, `-`, `=`), which the typesetter knows.
        let unbroken = field != "verify_url" && longest_run(text) > RUN_CHARS_MAX;
        if text.chars().count() > FIELD_CHARS_MAX || unbroken {
            return Err(RenderError::TooLong { field });
        }
    }
    let url = &input.verify_url;
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    if !scheme || url.contains(char::is_whitespace) {
        return Err(RenderError::VerifyUrl);
    }
    if !exists(input.issued_on) { Err(RenderError::IssueDate) } else { Ok(()) }
}

/// Length in characters of the longest run that has neither a space nor a wide character.
fn longest_run(text: &str) -> usize {
    text.split(|c: char| c.is_whitespace() || c as u32 >= 0x2e80)
        .map(|run| run.chars().count())
        .max()
        .unwrap_or(0)
}

fn exists(date: IssueDate) -> bool {
    let divides = |n: u16| date.year.is_multiple_of(n);
    let leap = divides(4) && (!divides(100) || divides(400));
    let days = match date.month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    (1..=9999).contains(&date.year) && (1..=days).contains(&date.day)
}

/// Texts enter the template as values of `sys.inputs`; a value is never parsed as markup.
fn inputs(input: &CertificateInput) -> Result<Dict, RenderError> {
    let list = |texts: &[String]| -> Value {
        let filled = texts.iter().filter(|text| !text.trim().is_empty());
        Value::Array(filled.map(|text| text.as_str().into_value()).collect::<Array>())
    };
    let mut dict = Dict::new();
    for (name, text) in [
        ("title", &input.title),
        ("serial", &input.serial),
        ("lead", &input.lead),
        ("holder", &input.holder),
        ("course", &input.course),
        ("issued", &input.issued),
        ("seal", &input.seal),
        ("verify-label", &input.verify_label),
        ("verify-url", &input.verify_url),
        ("note", &input.note),
    ] {
        dict.insert(name.into(), text.trim().into_value());
    }
    for (name, texts) in
        [("body", &input.body), ("facts", &input.facts), ("organisations", &input.organisations)]
    {
        dict.insert(name.into(), list(texts));
    }
    let chinese = input.language == Language::Chinese;
    dict.insert("chinese".into(), chinese.into_value());
    for (name, part) in [
        ("year", i64::from(input.issued_on.year)),
        ("month", i64::from(input.issued_on.month)),
        ("day", i64::from(input.issued_on.day)),
    ] {
        dict.insert(name.into(), part.into_value());
    }
    dict.insert("qr".into(), Bytes::from_string(qr_on_paper(&input.verify_url)?).into_value());
    Ok(dict)
}

/// The code alone, flush with its edges: the page around it is the quiet zone.
fn qr_on_paper(url: &str) -> Result<String, RenderError> {
    let (side, path) = outline(url)?;
    let inner = side - 2 * QUIET_ZONE;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{inner}" height="{inner}" viewBox="{QUIET_ZONE} {QUIET_ZONE} {inner} {inner}"><path fill="#000" d="{path}"/></svg>"##
    ))
}

/// The template stops with this word when no size fits.
fn refusal(error: &TypstAsLibError) -> RenderError {
    match error {
        TypstAsLibError::TypstSource(errors)
            if errors.iter().any(|e| e.message.contains("page-overflow")) =>
        {
            RenderError::TooLong { field: "page" }
        }
        TypstAsLibError::TypstSource(errors) => internal(errors),
        other => RenderError::Internal(other.to_string()),
    }
}

fn internal(errors: &[SourceDiagnostic]) -> RenderError {
    RenderError::Internal(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; "))
}

/// Second guard after [`missing_characters`]: glyph 0 is the empty box that a font shows for what it lacks,
/// for example a combination that it has no shape for.
fn blank_boxes(frame: &Frame, unprinted: &mut Vec<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => blank_boxes(&group.frame, unprinted),
            FrameItem::Text(run) => {
                for glyph in run.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    unprinted.extend(run.text[glyph.range()].chars());
                }
            }
            _ => {}
        }
    }
}
