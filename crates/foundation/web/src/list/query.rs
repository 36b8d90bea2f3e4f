//! What a list shows, as its address says it.

use kernel::uri_part;

use super::{Column, Key, Sort, Spec};

/// Rows of a page that can be chosen; the first is taken where nobody chose.
pub const SIZES: [usize; 3] = [20, 50, 100];
/// Longest word or value of a filter that is read, in characters.
const VALUE_CHARS: usize = 60;

/// Which page of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Edge {
    /// The first.
    #[default]
    Start,
    /// That after this row.
    After(Key),
    /// That before this row.
    Before(Key),
}

/// What a list shows: words, filters, sort, columns, page. It is read from an address and written into one.
#[derive(Debug, Clone)]
pub struct Query {
    spec: &'static Spec,
    /// Words looked for; may be empty.
    pub q: String,
    filters: Vec<(&'static str, String)>,
    sort: &'static Column,
    /// Whether the sort goes from large to small.
    pub descending: bool,
    /// The columns that are shown, in their order.
    pub cols: Vec<&'static Column>,
    /// Which page.
    pub edge: Edge,
    /// Rows of a page.
    pub size: usize,
}

impl Query {
    /// Reads what an address asks for. Names that the list does not know and values that cannot be read are passed over.
    pub fn read(spec: &'static Spec, pairs: &[(String, String)]) -> Self {
        let value =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, text)| text.trim());
        let short = |name: &str| value(name).chars().filter(|c| !c.is_control()).take(VALUE_CHARS).collect();
        let filters = spec.filters.iter().map(|name| (*name, short(name)));
        let (sort, descending) = sorted(spec, value("sort"))
            .or_else(|| sorted(spec, spec.sort))
            .unwrap_or((&spec.columns[0], false));
        // A form sends a parameter for each column that is ticked, an address one with commas.
        let chosen: Vec<&str> =
            pairs.iter().filter(|(key, _)| key == "cols").flat_map(|(_, text)| text.split(',')).collect();
        let known = |column: &&Column| chosen.contains(&column.key);
        let any = spec.columns.iter().any(|column| known(&column));
        let cols = spec.columns.iter().enumerate();
        let cols = cols.filter(|(at, column)| *at == 0 || if any { known(column) } else { column.shown });
        let key = |name: &str| Key::parse(value(name), sort.sort == Sort::Text);
        Self {
            spec,
            q: short("q"),
            filters: filters.filter(|(_, text): &(_, String)| !text.is_empty()).collect(),
            sort,
            descending,
            cols: cols.map(|(_, column)| column).collect(),
            edge: match (key("after"), key("before")) {
                (Some(key), _) => Edge::After(key),
                (None, Some(key)) => Edge::Before(key),
                (None, None) => Edge::Start,
            },
            size: value("size").parse().ok().filter(|size| SIZES.contains(size)).unwrap_or(SIZES[0]),
        }
    }

    /// Reads the part of an address behind the question mark.
    pub fn parse(spec: &'static Spec, text: &str) -> Self {
        Self::read(spec, &crate::shell::pairs(text))
    }

    /// The list that it is about.
    pub fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// The value of a filter; empty if it is not set.
    pub fn filter(&self, name: &str) -> &str {
        self.filters.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// The value of a filter, read as a `T`; `None` if it is not set or cannot be read.
    pub fn filter_as<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.filter(name).parse().ok()
    }

    /// Sets a filter, or takes it away with an empty value. A name that the list does not know changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.edge = Edge::Start;
        if name == "q" {
            value.clone_into(&mut self.q);
            return self;
        }
        self.filters.retain(|(key, _)| *key != name);
        if let Some(known) = self.spec.filters.iter().find(|known| **known == name)
            && !value.is_empty()
        {
            self.filters.push((known, value.to_owned()));
        }
        self
    }

    /// Without words and filters.
    #[must_use]
    pub fn unfiltered(mut self) -> Self {
        self.q.clear();
        self.filters.clear();
        self.edge = Edge::Start;
        self
    }

    /// The page that this edge asks for.
    #[must_use]
    pub fn at(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }

    /// Whether words or filters leave something out.
    pub fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.filters.is_empty()
    }

    /// Words and filters that are set, words first.
    pub fn set_filters(&self) -> Vec<(&'static str, &str)> {
        let q = (!self.q.is_empty()).then_some(("q", self.q.as_str()));
        q.into_iter().chain(self.filters.iter().map(|(name, value)| (*name, value.as_str()))).collect()
    }

    /// The column that it is sorted by.
    pub fn sort(&self) -> &'static Column {
        self.sort
    }

    /// The same, sorted by a column.
    #[must_use]
    pub fn sorted_by(mut self, column: &'static Column, descending: bool) -> Self {
        (self.sort, self.descending, self.edge) = (column, descending, Edge::Start);
        self
    }

    /// Whether a column is shown.
    pub fn shows(&self, key: &str) -> bool {
        self.cols.iter().any(|column| column.key == key)
    }

    /// The sort as addresses have it: `-changed`.
    pub fn sort_text(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.sort.key)
    }

    /// What of it is not as it is where nobody chose, as parameters; `place` adds the page.
    pub fn params(&self, place: bool) -> Vec<(&'static str, String)> {
        let mut all: Vec<(&'static str, String)> =
            self.set_filters().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        if self.sort_text() != self.spec.sort {
            all.push(("sort", self.sort_text()));
        }
        let usual = self.spec.columns.iter().enumerate().filter(|(at, column)| *at == 0 || column.shown);
        if !usual.map(|(_, column)| column.key).eq(self.cols.iter().map(|column| column.key)) {
            let cols: Vec<&str> = self.cols.iter().map(|column| column.key).collect();
            all.push(("cols", cols.join(",")));
        }
        if self.size != SIZES[0] {
            all.push(("size", self.size.to_string()));
        }
        match &self.edge {
            Edge::After(key) if place => all.push(("after", key.to_string())),
            Edge::Before(key) if place => all.push(("before", key.to_string())),
            _ => {}
        }
        all
    }

    /// The part of an address behind the question mark, without the page; empty if nothing was chosen.
    pub fn text(&self) -> String {
        written(&self.params(false))
    }

    /// The address that shows it.
    pub fn href(&self, path: &str) -> String {
        let text = written(&self.params(true));
        if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
    }
}

fn written(params: &[(&'static str, String)]) -> String {
    let parts: Vec<String> =
        params.iter().map(|(name, value)| format!("{name}={}", uri_part(value))).collect();
    parts.join("&")
}

fn sorted(spec: &'static Spec, text: &str) -> Option<(&'static Column, bool)> {
    let (key, descending) = text.strip_prefix('-').map_or((text, false), |key| (key, true));
    spec.column(key).filter(|column| column.sort != Sort::No).map(|column| (column, descending))
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPEC: Spec = Spec {
        name: "things",
        columns: &[
            Column::new("title", "web-search").by_text(),
            Column::new("kind", "web-search"),
            Column::new("changed", "web-search").by_number(),
            Column::new("cost", "web-search").by_number().extra(),
        ],
        filters: &["kind", "org"],
        sort: "-changed",
    };

    fn keys(query: &Query) -> Vec<&str> {
        query.cols.iter().map(|column| column.key).collect()
    }

    #[test]
    fn an_empty_address_is_the_usual_list() {
        let query = Query::parse(&SPEC, "");
        assert_eq!((query.sort_text().as_str(), query.size, query.is_filtered()), ("-changed", 20, false));
        assert_eq!(keys(&query), ["title", "kind", "changed"]);
        assert_eq!(query.href("/desk/things"), "/desk/things");
    }

    #[test]
    fn what_is_unknown_is_passed_over() {
        let query = Query::parse(
            &SPEC,
            "colour=red&kind=&sort=kind&cols=nothing&size=7&after=i1.0a&after=x&before=%FF&q=%20%01",
        );
        assert_eq!(query.href("/x"), "/x?after=i1.0a");
        // A key of another sort names no place in this one.
        assert_eq!(Query::parse(&SPEC, "sort=title&after=i1.0a").edge, Edge::Start);
        assert_eq!(Query::parse(&SPEC, "after=tQQ.0a").edge, Edge::Start);
    }

    #[test]
    fn an_address_says_all_and_reads_back() {
        let text = "q=%E4%B9%A6%E6%B3%95&kind=course&sort=title&cols=title,cost&size=50";
        let query = Query::parse(&SPEC, text);
        assert_eq!(query.text(), text.replace(',', "%2C"));
        assert_eq!(keys(&query), ["title", "cost"]);
        assert_eq!(Query::parse(&SPEC, &query.text()).text(), query.text());
        let form = Query::parse(&SPEC, "cols=cost&cols=kind");
        assert_eq!(keys(&form), ["title", "kind", "cost"]);
        assert_eq!(query.clone().with("kind", "").filter("kind"), "");
        assert_eq!(query.with("colour", "red").set_filters().len(), 2);
    }
}
