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
    /// Only documents of these ids, if there is a list: what the index cannot know, such as free seats.
    pub ids: Option<Vec<String>>,
    /// Only what matches every term: nothing is guessed and nothing relaxed where nothing does.
    pub strict: bool,
    /// What comes first.
    pub order: Order,
    /// Whether to tell of each hit why it stands where it does.
    pub explain: bool,
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
            ids: None,
            strict: false,
            order: Order::Fit,
            explain: false,
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

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What fits best; of as good ones the sooner and nearer.
    #[default]
    Fit,
    /// What starts first; what has no session comes last. Needs [`Query::now`].
    Time,
    /// What is nearest, as the crow flies; of what is at the same place what fits best, and what has no position comes last. Needs
    /// [`Query::near`].
    Near,
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
    /// A value of a facet (免费, 讲座): the document has it.
    Wish,
    /// Helps if it occurs, but need not (的, 附近, 课; 老人, which is rather for whom than about what).
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

/// A word that occurs nowhere, and the words that were looked up for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What was typed, folded.
    pub typed: String,
    /// What it was taken for, the commonest first.
    pub taken: Vec<String>,
}

/// Why a hit stands where it does.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// The term occurs in the title.
    Title(String),
    /// The term, or a synonym, occurs in the text.
    Text(String),
    /// It belongs to this place.
    Place(String),
    /// Its next session lies in this time.
    Time(String),
    /// It has what was wished for.
    Wish(String),
    /// Nothing of this term is in it.
    Missing(String),
    /// It is so far away, in kilometres.
    Near(f64),
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
    /// Why it is here; empty unless asked for.
    pub reasons: Vec<Reason>,
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
    /// What was looked up in place of words that occur nowhere.
    pub guesses: Vec<Guess>,
    /// Counts, most frequent first; empty unless asked for.
    pub facets: Vec<FacetCount>,
}

/// The text of a query without a term of it: what a click on the term's cross asks for.
pub fn without(text: &str, term: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().copied().map(crate::fold::fold_char).collect();
    let term: Vec<char> = term.chars().collect();
    let at = folded.windows(term.len().max(1)).position(|window| window == term);
    let Some(at) = at else { return text.to_owned() };
    let rest: String = chars[..at].iter().chain([&' ']).chain(&chars[at + term.len()..]).collect();
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_term_is_taken_out_of_the_text_as_typed() {
        assert_eq!(without("周末天星桥書法", "天星桥"), "周末 書法");
        assert_eq!(without("書法 免费", "书法"), "免费");
        assert_eq!(without("书法", "书法"), "");
        assert_eq!(without("书法", "钢琴"), "书法");
        assert_eq!(without("", ""), "");
    }
}
