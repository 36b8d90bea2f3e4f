//! Pages by the sort value and the identifier of a row.
//!
//! Rows without a sort value stand last, whichever way the list is sorted. They are a part of their own: a condition on both at once
//! would keep both engines from using an index.

use std::fmt;

use kernel::Result;
use seal::{base64url, from_base64url};
use store::Value;

use super::{Edge, Slice};

/// Longest key that is read, in bytes.
const KEY_BYTES: usize = 600;

/// The sort value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// It has none.
    None,
    /// A number, a day, a moment.
    Number(i64),
    /// A text.
    Text(String),
}

impl From<KeyValue> for Value {
    fn from(value: KeyValue) -> Self {
        match value {
            KeyValue::None => Value::Null,
            KeyValue::Number(number) => Value::Int(number),
            KeyValue::Text(text) => Value::Text(text),
        }
    }
}

/// The place of a row in a sort: its sort value, and its identifier where several have the same. In addresses `i1764.0193…`,
/// `t5Lmm.0193…` or `n.0193…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The sort value.
    pub value: KeyValue,
    /// The identifier.
    pub id: String,
}

impl Key {
    /// The place of a row that has a number.
    pub fn number(value: impl Into<Option<i64>>, id: impl fmt::Display) -> Self {
        Self { value: value.into().map_or(KeyValue::None, KeyValue::Number), id: id.to_string() }
    }

    /// The place of a row that has a text.
    pub fn text(value: &str, id: impl fmt::Display) -> Self {
        Self { value: KeyValue::Text(value.to_owned()), id: id.to_string() }
    }

    /// Reads a key of a sort by text or by number; `None` for anything else, which names no place in this sort.
    pub fn parse(text: &str, by_text: bool) -> Option<Self> {
        if text.len() > KEY_BYTES {
            return None;
        }
        let (value, id) = text.rsplit_once('.')?;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let value = match (value.split_at_checked(1)?, by_text) {
            (("n", ""), _) => KeyValue::None,
            (("i", number), false) => KeyValue::Number(number.parse().ok()?),
            (("t", coded), true) => KeyValue::Text(String::from_utf8(from_base64url(coded)?).ok()?),
            _ => return None,
        };
        // PostgreSQL stores no such character in a text.
        if matches!(&value, KeyValue::Text(text) if text.contains('\0')) {
            return None;
        }
        Some(Self { value, id: id.to_owned() })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            KeyValue::None => write!(f, "n.{}", self.id),
            KeyValue::Number(number) => write!(f, "i{number}.{}", self.id),
            KeyValue::Text(text) => write!(f, "t{}.{}", base64url(text.as_bytes()), self.id),
        }
    }
}

/// Conditions of a statement with their values.
#[derive(Debug, Clone, Default)]
pub struct Where {
    conditions: Vec<String>,
    /// The values, in the order of `$1`, `$2`, …
    pub args: Vec<Value>,
}

impl Where {
    /// Adds a condition in which each `?` stands for the next of these values.
    pub fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let text = self.bind(condition, values);
        self.conditions.push(text);
    }

    /// A piece of SQL whose values are remembered: each `?` becomes the number of the next.
    pub fn bind(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) -> String {
        let mut parts = sql.split('?');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            self.args.push(value);
            text.push_str(&format!("${}{part}", self.args.len()));
        }
        text
    }

    /// The conditions so far, which are taken out; their values stay, so that what follows is numbered on.
    pub fn cut(&mut self) -> String {
        let text = self.text();
        self.conditions.clear();
        text
    }

    /// All conditions, for behind `WHERE`; `TRUE` if there are none.
    pub fn text(&self) -> String {
        if self.conditions.is_empty() { "TRUE".to_owned() } else { self.conditions.join(" AND ") }
    }
}

/// A part of a list that one statement reads: rows with a sort value, or those without.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Whether the sort value is missing.
    pub without: bool,
    /// Only behind this row.
    pub from: Option<&'a Key>,
    /// Whether it is read from small to large.
    pub ascending: bool,
    /// Whether rows without a sort value can be there.
    pub gaps: bool,
    /// Rows wanted.
    pub limit: usize,
}

impl Segment<'_> {
    /// Adds the condition that only rows of this part, behind its beginning, are read. `sort` and `id` are columns.
    pub fn narrow(&self, to: &mut Where, sort: &str, id: &str) {
        let sign = if self.ascending { '>' } else { '<' };
        if self.without {
            to.add(&format!("{sort} IS NULL"), []);
        } else if self.gaps {
            to.add(&format!("{sort} IS NOT NULL"), []);
        }
        if let Some(key) = self.from {
            if self.without || sort == id {
                to.add(&format!("{id} {sign} ?"), [key.id.as_str().into()]);
            } else {
                let place = [key.value.clone().into(), key.id.as_str().into()];
                to.add(&format!("({sort}, {id}) {sign} (?, ?)"), place);
            }
        }
    }

    /// `sort DESC, id DESC`, for behind `ORDER BY`.
    pub fn order(&self, sort: &str, id: &str) -> String {
        let way = if self.ascending { "ASC" } else { "DESC" };
        if self.without || sort == id { format!("{id} {way}") } else { format!("{sort} {way}, {id} {way}") }
    }
}

/// Reads the page that an edge asks for. `fetch` gives at most `limit` rows of a segment, in its order; `gaps` says whether the sort value
/// can be missing.
///
/// # Errors
/// Those of `fetch`.
pub fn slice<T>(
    edge: &Edge,
    descending: bool,
    gaps: bool,
    size: usize,
    key: impl Fn(&T) -> Key,
    mut fetch: impl FnMut(Segment) -> Result<Vec<T>>,
) -> Result<Slice<T>> {
    let (from, back) = match edge {
        Edge::After(key) if gaps || key.value != KeyValue::None => (Some(key), false),
        Edge::Before(key) if gaps || key.value != KeyValue::None => (Some(key), true),
        _ => (None, false),
    };
    let mut rows: Vec<T> = Vec::new();
    let beginning = from.map_or(back, |key| key.value == KeyValue::None);
    // Rows without a value come last, so going back they come first.
    let both = [back, !back];
    for without in both.into_iter().filter(|without| gaps || !without) {
        let passed = if back { !beginning && without } else { beginning && !without };
        if passed || rows.len() > size {
            continue;
        }
        let from = from.filter(|_| beginning == without);
        let limit = size + 1 - rows.len();
        rows.extend(fetch(Segment { without, from, ascending: descending == back, gaps, limit })?);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    if back && !more {
        // The way back has reached the beginning: a whole first page says more than the rest of one.
        return slice(&Edge::Start, descending, gaps, size, key, fetch);
    }
    if back {
        rows.reverse();
    }
    let before = rows.first().filter(|_| back || from.is_some()).map(&key);
    let after = rows.last().filter(|_| back || more).map(&key);
    Ok(Slice { rows, before, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list in memory, read as a database would.
    fn fetch(all: &[(Option<i64>, u32)], segment: Segment) -> Vec<(Option<i64>, u32)> {
        let mut rows: Vec<_> = all.iter().copied().filter(|row| row.0.is_none() == segment.without).collect();
        rows.sort_by_key(|(value, id)| (*value, format!("{id:04}")));
        if !segment.ascending {
            rows.reverse();
        }
        if let Some(key) = segment.from {
            let place = |row: &(Option<i64>, u32)| (row.0, format!("{:04}", row.1));
            let value = match key.value {
                KeyValue::Number(number) => Some(number),
                _ => None,
            };
            let from = (value, key.id.clone());
            rows.retain(|row| if segment.ascending { place(row) > from } else { place(row) < from });
        }
        rows.truncate(segment.limit);
        rows
    }

    fn page(all: &[(Option<i64>, u32)], edge: &Edge, descending: bool) -> Slice<(Option<i64>, u32)> {
        let key = |row: &(Option<i64>, u32)| Key::number(row.0, format!("{:04}", row.1));
        slice(edge, descending, true, 3, key, |segment| Ok(fetch(all, segment))).unwrap()
    }

    #[test]
    fn every_row_is_met_once_forth_and_back() {
        for count in 0..24_u32 {
            // Ties and gaps.
            let all: Vec<_> = (0..count).map(|id| ((id % 4 != 0).then_some(i64::from(id % 3)), id)).collect();
            for descending in [false, true] {
                let (mut seen, mut edge) = (Vec::new(), Edge::Start);
                loop {
                    let page = page(&all, &edge, descending);
                    seen.extend(page.rows.clone());
                    match page.after {
                        Some(key) => edge = Edge::After(key),
                        None => break,
                    }
                }
                let mut sorted = all.clone();
                sorted.sort_by_key(|(value, id)| (*value, *id));
                if descending {
                    sorted.reverse();
                }
                let (some, none): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|row| row.0.is_some());
                assert_eq!(seen, [some, none].concat(), "{count} {descending}");
                let Some(last) = seen.last() else { continue };
                let mut edge = Edge::Before(Key::number(last.0, format!("{:04}", last.1)));
                let mut met = vec![*last];
                loop {
                    let page = page(&all, &edge, descending);
                    let new: Vec<_> = page.rows.into_iter().filter(|row| !met.contains(row)).collect();
                    met.splice(0..0, new);
                    match page.before {
                        Some(key) => edge = Edge::Before(key),
                        None => break,
                    }
                }
                assert_eq!(met, seen, "{count} {descending}");
            }
        }
    }

    #[test]
    fn keys_read_as_they_are_written() {
        for (key, by_text) in [
            (Key::number(-5, "0a"), false),
            (Key::number(None, "0a"), true),
            (Key::text("书法.入门 \"1\"", "0a"), true),
            (Key::text("", "0a"), true),
        ] {
            assert_eq!(Key::parse(&key.to_string(), by_text), Some(key.clone()), "{key}");
        }
        for text in ["", ".", "i1", "i1.", "ix.0a", "i1.0 a", "i1.0a'", "x1.0a", "t%.0a", "n1.0a", "tAA.0a"] {
            assert!(Key::parse(text, text.starts_with('t')).is_none(), "{text}");
        }
    }

    #[test]
    fn values_get_their_numbers() {
        let mut sql = Where::default();
        assert_eq!(sql.text(), "TRUE");
        sql.add("a = ?", [1_i64.into()]);
        sql.add("(b, c) > (?, ?)", [2_i64.into(), "x".into()]);
        assert_eq!((sql.text().as_str(), sql.args.len()), ("a = $1 AND (b, c) > ($2, $3)", 3));
    }
}
