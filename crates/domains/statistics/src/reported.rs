//! Reported figures: numbers from documents, with what they say, of when, and whether another one disagrees.

use std::collections::HashMap;

use journal::Fact;
use kernel::{Actor, Error, Result, Right};
use store::{Statement, Tx, params, sql};

journal::table! {
    /// Figures that come from documents.
    pub REPORTED_FIGURE = "reported_figure" (figure_id) [
        subject_zh, subject_en, value, qualifier, unit, as_of, place, phrase, document, conflict_id, note, status,
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

fn failed(error: csv::Error) -> Error {
    Error::bug("the packaged figures cannot be read").caused_by(error)
}

/// Enters the figures of the packaged document; those that are there already stay. Returns how many were new.
///
/// Of the contradictions only the one inside the document itself (26 against 36 demonstration streets) makes figures
/// *disputed*; tensions that only need an explanation do not.
pub fn import_packaged_figures(tx: &mut Tx, actor: &Actor) -> Result<usize> {
    if !matches!(actor, Actor::System(_)) {
        let top = network::top_org(tx)?.ok_or_else(Error::missing)?;
        network::access::require(tx, actor, Right::ReportFigures, top.org_id)?;
    }
    let contradictions = include_str!("../../../../data/chongqing/seed_contradictions.csv");
    let mut hard: HashMap<String, String> = HashMap::new();
    for row in csv::Reader::from_reader(contradictions.as_bytes()).records() {
        let row = row.map_err(failed)?;
        let cell = |index: usize| row.get(index).unwrap_or_default().to_owned();
        if cell(1) == "inside the article" {
            hard.insert(cell(0), cell(2));
        }
    }
    let figures = include_str!("../../../../data/chongqing/seed_figures.csv");
    let mut reader = csv::Reader::from_reader(figures.as_bytes());
    let headers = reader.headers().map_err(failed)?.clone();
    let mut fact = Fact::new(FIGURES_REPORTED, "reported");
    let mut ids = Vec::new();
    for row in reader.records() {
        let row = row.map_err(failed)?;
        let cell = |name: &str| {
            let index = headers.iter().position(|header| header == name);
            index.and_then(|index| row.get(index)).unwrap_or_default().to_owned()
        };
        let id = cell("id");
        let known: Option<(i64,)> =
            tx.opt(sql!("SELECT rev FROM reported_figure WHERE figure_id = $1"), params![&id])?;
        if known.is_some() {
            continue;
        }
        let conflict = Some(cell("contradiction_id")).filter(|id| !id.is_empty());
        let disputed = conflict.as_ref().is_some_and(|id| hard.contains_key(id));
        let values = params![
            &id,
            cell("subject_zh"),
            cell("subject_en"),
            cell("value"),
            cell("qualifier"),
            cell("unit"),
            cell("as_of"),
            cell("place"),
            cell("phrase"),
            DOCUMENT,
            conflict,
            cell("note"),
            if disputed { "disputed" } else { "stated" }
        ];
        fact.insert(tx, &REPORTED_FIGURE, values.to_vec())?;
        ids.push(id);
    }
    if !ids.is_empty() {
        fact.payload(&ids).emit(tx, actor)?;
    }
    Ok(ids.len())
}

/// All reported figures, the disputed ones first.
pub fn reported_figures(tx: &mut Tx) -> Result<Vec<ReportedFigure>> {
    let text = format!(
        "SELECT {} FROM reported_figure ORDER BY status, conflict_id, figure_id",
        REPORTED_FIGURE.all_columns()
    );
    tx.all(Statement::dynamic(text), &[])
}

/// One reported figure and those that take part in the same contradiction.
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
