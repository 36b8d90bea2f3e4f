//! A document and its fields in the index.

use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions},
};

use crate::{fold::fold_name, places::document_keys, when::slots_of};

/// [`Doc::visible`] of a document that everybody may see.
pub const PUBLIC: &str = "public";

/// Term of every document that is not public. Public ones, nearly all, have none: so the usual question excludes a few
/// documents instead of looking each one up.
pub(crate) const INNER: &str = "inner";

/// Name under which the tokenizer is registered.
pub(crate) const TOKENIZER: &str = "chinese";
/// Between name and value of a facet; sorts below every letter.
pub(crate) const FACET_SEPARATOR: char = '\u{1f}';

/// Something to be found. Plain data: the index does not know what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Doc {
    /// Unique; an upsert replaces the document of this id.
    pub id: String,
    /// What sort of thing it is, for filters.
    pub kind: String,
    /// The title, which counts most.
    pub title: String,
    /// Everything else that should be found.
    pub body: String,
    /// Names of the place, all its ancestors and the organisation.
    pub place_names: Vec<String>,
    /// Official codes (12 digits) of the place and all its ancestors, for filters.
    pub place_codes: Vec<String>,
    /// Codes of the subject and all its ancestors, for filters.
    pub subjects: Vec<String>,
    /// Name and value, for filters and counts; several values of one name are allowed.
    pub facets: Vec<(String, String)>,
    /// When it is next, soonest first: beginning and end in ms since 1970 UTC. Of what happens at set times the next session; of what is open
    /// the coming hours. Without an end both are the same.
    pub times: Vec<(i64, i64)>,
    /// Longitude and latitude in degrees.
    pub location: Option<(f64, f64)>,
    /// Factor of the score, 1 by default, kept between 0.1 and 10.
    pub boost: f32,
    /// [`PUBLIC`], or the organisation whose people alone may see it.
    pub visible: String,
}

impl Default for Doc {
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: String::new(),
            title: String::new(),
            body: String::new(),
            place_names: Vec::new(),
            place_codes: Vec::new(),
            subjects: Vec::new(),
            facets: Vec::new(),
            times: Vec::new(),
            location: None,
            boost: 1.0,
            visible: PUBLIC.to_owned(),
        }
    }
}

/// The fields. `text` holds title, place names and body together, so that a required term is one lookup; `title` holds
/// the title once more for its weight.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) id: Field,
    pub(crate) kind: Field,
    pub(crate) title: Field,
    pub(crate) text: Field,
    pub(crate) place: Field,
    pub(crate) place_code: Field,
    pub(crate) subject: Field,
    pub(crate) facet: Field,
    pub(crate) visible: Field,
    pub(crate) slot: Field,
    pub(crate) starts: Field,
    pub(crate) boost: Field,
    pub(crate) lon: Field,
    pub(crate) lat: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let chinese = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(TOKENIZER)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions);
            TextOptions::default().set_indexing_options(indexing)
        };
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STRING | STORED);
        let kind = schema.add_text_field("kind", STRING | FAST);
        let title = schema.add_text_field("title", chinese().set_stored());
        let text = schema.add_text_field("text", chinese());
        let place = schema.add_text_field("place", STRING);
        let place_code = schema.add_text_field("place_code", STRING);
        let subject = schema.add_text_field("subject", STRING);
        let facet = schema.add_text_field("facet", STRING | FAST);
        let visible = schema.add_text_field("visible", STRING);
        let slot = schema.add_text_field("slot", STRING);
        let starts = schema.add_i64_field("starts", FAST);
        let boost = schema.add_f64_field("boost", FAST);
        let lon = schema.add_f64_field("lon", FAST);
        let lat = schema.add_f64_field("lat", FAST);
        let schema = schema.build();
        Self {
            schema,
            id,
            kind,
            title,
            text,
            place,
            place_code,
            subject,
            facet,
            visible,
            slot,
            starts,
            boost,
            lon,
            lat,
        }
    }

    /// The document as the index takes it.
    pub(crate) fn document(&self, doc: &Doc) -> TantivyDocument {
        let mut out = TantivyDocument::default();
        out.add_text(self.id, &doc.id);
        out.add_text(self.kind, &doc.kind);
        out.add_text(self.title, &doc.title);
        out.add_text(self.text, &doc.title);
        for name in &doc.place_names {
            out.add_text(self.text, name);
            for key in document_keys(&fold_name(name)) {
                out.add_text(self.place, key);
            }
        }
        if !doc.body.is_empty() {
            out.add_text(self.text, &doc.body);
        }
        for code in &doc.place_codes {
            out.add_text(self.place_code, code);
        }
        for subject in &doc.subjects {
            out.add_text(self.subject, subject);
        }
        for (name, value) in &doc.facets {
            out.add_text(self.facet, facet_key(name, value));
        }
        if doc.visible != PUBLIC {
            out.add_text(self.visible, INNER);
            out.add_text(self.visible, inner_key(&doc.visible));
        }
        let mut slots: Vec<String> = Vec::new();
        for (from, to) in &doc.times {
            out.add_i64(self.starts, *from);
            slots.extend(slots_of(*from, *to));
        }
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            out.add_text(self.slot, slot);
        }
        let boost = if doc.boost.is_finite() { doc.boost.clamp(0.1, 10.0) } else { 1.0 };
        out.add_f64(self.boost, f64::from(boost));
        if let Some((lon, lat)) = doc.location.filter(|(lon, lat)| lon.is_finite() && lat.is_finite()) {
            out.add_f64(self.lon, lon);
            out.add_f64(self.lat, lat);
        }
        out
    }
}

/// The index term of a document that only this organisation may see.
pub(crate) fn inner_key(organisation: &str) -> String {
    format!("{FACET_SEPARATOR}{organisation}")
}

/// The index term of a facet value.
pub(crate) fn facet_key(name: &str, value: &str) -> String {
    format!("{name}{FACET_SEPARATOR}{value}")
}
