//! What may be asked, and what is answered.

use std::ops::Range;

/// Characters of a query beyond this are not read.
pub const MAX_QUERY_CHARS: usize = 200;
/// Terms of a query beyond this are not read.
pub const MAX_TERMS: usize = 12;
/// Most hits of one answer.
pub const MAX_LIMIT: usize = 100;
/// Nobody pages further than this.
pub const MAX_OFFSET: usize = 10_000;

/// A question to the index. All conditions hold together; the default asks for all public documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What somebody typed: subject, place and time words in any order, with or without blanks.
    pub text: String,
    /// Only documents with this one among their [`place_codes`](crate::Doc::place_codes).
    pub place_code: Option<String>,
    /// Only documents with this one among their [`subjects`](crate::Doc::subjects).
    pub subject: Option<String>,
    /// Only documents of this kind.
    pub kind: Option<String>,
    /// Name and value. Values of one name are alternatives, different names hold together.
    pub facets: Vec<(String, String)>,
    /// Only documents that start at or after this (ms since 1970 UTC).
    pub starts_from: Option<i64>,
    /// Only documents that start before this (ms since 1970 UTC).
    pub starts_to: Option<i64>,
    /// Longitude and latitude in degrees: nearer documents rank higher.
    pub near: Option<(f64, f64)>,
    /// The present (ms since 1970 UTC): gives 明天 and 本周 a meaning, and lets what starts soon rank higher.
    pub now: Option<i64>,
    /// Organisations whose inner documents the reader may see besides the public ones.
    pub visible_to: Vec<String>,
    /// Whether to count the facets and kinds of all hits.
    pub count_facets: bool,
    /// Hits wanted, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Hits to pass over, at most [`MAX_OFFSET`].
    pub offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: String::new(),
            place_code: None,
            subject: None,
            kind: None,
            facets: Vec::new(),
            starts_from: None,
            starts_to: None,
            near: None,
            now: None,
            visible_to: Vec::new(),
            count_facets: false,
            limit: 20,
            offset: 0,
        }
    }
}

impl Query {
    /// A question in words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// How a term of the query was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// Has to occur in title, body or place names, itself or a synonym.
    Word,
    /// A known place: the document belongs to it or names it.
    Place,
    /// A time: the next session lies in it, or the text says so.
    Time,
    /// Helps if it occurs, but need not (的, 附近, 课).
    Optional,
}

/// A term of the query as it was understood, so that a page can say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The term, folded (half width, lower case, simplified).
    pub text: String,
    /// How it was read.
    pub kind: TermKind,
}

/// One document found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document's id.
    pub id: String,
    /// Higher is better; comparable only within one answer.
    pub score: f32,
    /// The document's title.
    pub title: String,
    /// Byte ranges of the title that match, ascending and apart from each other.
    pub highlights: Vec<Range<usize>>,
}

/// How many of all hits have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// Name of the facet; the document's kind appears as `kind`.
    pub name: String,
    /// The value.
    pub value: String,
    /// Documents.
    pub count: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hits {
    /// All documents that match.
    pub total: u64,
    /// Nothing matched all terms, so these match as many of them as any document does.
    pub relaxed: bool,
    /// The page that was asked for, best first.
    pub hits: Vec<Hit>,
    /// How the text was read.
    pub terms: Vec<Term>,
    /// Counts, most frequent first; empty unless asked for.
    pub facets: Vec<FacetCount>,
}
