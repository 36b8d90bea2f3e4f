//! Reported figures: numbers from documents, with what they say, of when, and whether another one disagrees.

use std::collections::{HashMap, HashSet};

use journal::Fact;
use kernel::{Actor, Error, Result, Right};
use store::{Statement, Tx, params, sql};

journal::table! {
    /// Figures that come from documents.
    pub REPORTED_FIGURE = "reported_figure" (figure_id) [
        subject_zh, subject_en, value, qualifier, unit, as_of, level, place, phrase, document, conflict_id, note, status,
    ];
}

/// Figures were entered: the payload lists their identifiers.
pub const FIGURES_REPORTED: &str = "statistics.figures_reported.v1";

/// The document from which the packaged figures come.
const DOCUMENT: &str = "《建设学习型城市 重庆以创新作答》，2020年重庆市全民终身学习活动周报道";

store::row! {
    /// A reported figure.
    #[derive(PartialEq)]
    pub struct ReportedFigure {
        /// Such as `F001`.
        pub figure_id: String,
        /// What it counts, in Chinese.
        pub subject_zh: String,
        /// What it counts, in English.
        pub subject_en: String,
        /// The number as the document has it.
        pub value: String,
        /// `exact`, `more than`, `nearly`, …
        pub qualifier: String,
        /// Unit, such as 人次.
        pub unit: String,
        /// Of which day or period.
        pub as_of: String,
        /// What kind of place or award it belongs to: `municipal`, `county`, `national award`, …
        pub level: String,
        /// Of which place.
        pub place: String,
        /// The words of the document.
        pub phrase: String,
        /// The document.
        pub document: String,
        /// The contradiction in which it takes part, if any.
        pub conflict_id: Option<String>,
        /// What to know of it.
        pub note: String,
        /// `stated` or `disputed`.
        pub status: String,
        /// Counts the changes.
        pub rev: i64,
    }
}

/// What to know of figures that stand against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Such as `C01`.
    pub id: String,
    /// Which numbers stand against each other.
    pub statement: String,
    /// How they may be read, in English.
    pub reading: String,
}

const FIGURES: &str = include_str!("../../../../data/chongqing/seed_figures.csv");
const CONTRADICTIONS: &str = include_str!("../../../../data/chongqing/seed_contradictions.csv");

/// The rows of a packaged file by the names of their columns.
fn rows(text: &str) -> Result<Vec<HashMap<String, String>>> {
    let rows: std::result::Result<Vec<_>, csv::Error> =
        csv::Reader::from_reader(text.as_bytes()).deserialize().collect();
    rows.map_err(|error| Error::bug("a packaged file cannot be read").caused_by(error))
}

/// How many rows a file of figures has, for the fuzz targets alone.
#[doc(hidden)]
pub fn count_rows(text: &str) -> Result<usize> {
    rows(text).map(|rows| rows.len())
}

/// The packaged contradiction of this identifier.
///
/// # Errors
/// `kernel.bug` if the packaged file cannot be read.
pub fn contradiction(id: &str) -> Result<Option<Contradiction>> {
    let found = rows(CONTRADICTIONS)?.into_iter().find(|row| row.get("id").is_some_and(|known| known == id));
    Ok(found.map(|mut row| Contradiction {
        id: id.to_owned(),
        statement: row.remove("statement").unwrap_or_default(),
        reading: row.remove("reading").unwrap_or_default(),
    }))
}

/// Enters the figures of the packaged document; those that are there already stay. Returns how many were new.
///
/// A figure is *disputed* if another one states a different value of the same subject, in the same unit, for the same time and
/// place. Figures that only stand in tension (a sum or a ratio that asks for an explanation) are not.
///
/// # Errors
/// `kernel.denied` or `kernel.sign_in` without the right to report figures for the city.
pub fn import_packaged_figures(tx: &mut Tx, actor: &Actor) -> Result<usize> {
    if !matches!(actor, Actor::System(_)) {
        let top = network::top_org(tx)?.ok_or_else(Error::missing)?;
        network::access::require(tx, actor, Right::ReportFigures, top.org_id)?;
    }
    let known: Vec<(String,)> = tx.all(sql!("SELECT figure_id FROM reported_figure"), &[])?;
    let known: HashSet<String> = known.into_iter().map(|(id,)| id).collect();
    let rows = rows(FIGURES)?;
    let cell = |row: &HashMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let subject =
        |row: &HashMap<String, String>| ["subject_zh", "unit", "as_of", "place"].map(|name| cell(row, name));
    let mut fact = Fact::new(FIGURES_REPORTED, "reported");
    let mut ids = Vec::new();
    for row in rows.iter().filter(|row| !known.contains(&cell(row, "id"))) {
        let disputed = rows
            .iter()
            .any(|other| subject(other) == subject(row) && cell(other, "value") != cell(row, "value"));
        let values = params![
            cell(row, "id"),
            cell(row, "subject_zh"),
            cell(row, "subject_en"),
            cell(row, "value"),
            cell(row, "qualifier"),
            cell(row, "unit"),
            cell(row, "as_of"),
            cell(row, "level"),
            cell(row, "place"),
            cell(row, "phrase"),
            DOCUMENT,
            Some(cell(row, "contradiction_id")).filter(|id| !id.is_empty()),
            cell(row, "note"),
            if disputed { "disputed" } else { "stated" }
        ];
        fact.insert(tx, &REPORTED_FIGURE, values.to_vec())?;
        ids.push(cell(row, "id"));
    }
    if !ids.is_empty() {
        fact.payload(&ids).emit(tx, actor)?;
    }
    Ok(ids.len())
}

/// All reported figures, the disputed ones first.
///
/// # Errors
/// Those of the store.
pub fn reported_figures(tx: &mut Tx) -> Result<Vec<ReportedFigure>> {
    let text = format!(
        "SELECT {} FROM reported_figure ORDER BY status, conflict_id, figure_id",
        REPORTED_FIGURE.all_columns()
    );
    tx.all(Statement::dynamic(text), &[])
}

/// One reported figure and those that take part in the same contradiction.
///
/// # Errors
/// Those of the store.
pub fn reported_figure(tx: &mut Tx, id: &str) -> Result<Option<(ReportedFigure, Vec<ReportedFigure>)>> {
    let all = reported_figures(tx)?;
    let Some(figure) = all.iter().find(|figure| figure.figure_id == id).cloned() else { return Ok(None) };
    let others = all
        .into_iter()
        .filter(|other| {
            other.figure_id != id && figure.conflict_id.is_some() && other.conflict_id == figure.conflict_id
        })
        .collect();
    Ok(Some((figure, others)))
}
