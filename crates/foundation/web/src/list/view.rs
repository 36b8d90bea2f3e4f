//! The page of a list.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use kernel::{Id, Person, Result};
use store::Tx;

use super::{Action, COUNTED_MAX, Cell, Column, Count, Edge, List, Query, Reader, Row, SIZES, Slice, Sort};
use crate::{Choice, Cx, FormState};

/// How a filter is set.
#[derive(Debug, Clone)]
pub enum Field {
    /// One of some values; the first choice stands for all.
    Choice(Vec<Choice>),
    /// A day.
    Day,
    /// Not by this form: by a link elsewhere, such as one class.
    Fixed,
}

/// A filter on the page.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Its name in addresses.
    pub name: &'static str,
    /// What it is called.
    pub label: String,
    /// How it is set.
    pub field: Field,
    /// How its present value reads; empty to take the label of the choice, or the value itself.
    pub told: String,
}

impl Filter {
    /// A filter with these choices.
    pub fn choice(name: &'static str, label: String, choices: Vec<Choice>) -> Self {
        Self { name, label, field: Field::Choice(choices), told: String::new() }
    }

    /// A filter by a day.
    pub fn day(name: &'static str, label: String) -> Self {
        Self { name, label, field: Field::Day, told: String::new() }
    }

    /// A filter that is set elsewhere and can only be taken away here.
    pub fn fixed(name: &'static str, label: String, told: String) -> Self {
        Self { name, label, field: Field::Fixed, told }
    }

    /// How the present value reads, where no choice tells.
    #[must_use]
    pub fn told(mut self, told: String) -> Self {
        self.told = told;
        self
    }

    fn text(&self, value: &str) -> String {
        match &self.field {
            _ if !self.told.is_empty() => self.told.clone(),
            Field::Choice(choices) => choices
                .iter()
                .find(|choice| choice.value == value)
                .map_or_else(|| value.to_owned(), |choice| choice.label.clone()),
            Field::Day | Field::Fixed => value.to_owned(),
        }
    }
}

/// Rows can be chosen: a box in each row (`pick`), and one for all that the filters leave (`all`). The form also sends the list's query as
/// `list`.
#[derive(Debug, Clone)]
pub struct Pick {
    /// Where the form goes.
    pub action: String,
    /// What its button says.
    pub label: String,
}

/// The page of a list, with the words that only its domain knows.
pub struct View<'a> {
    /// The request.
    pub cx: &'a Cx,
    /// What is shown.
    pub query: &'a Query,
    /// Address of the list.
    pub path: String,
    /// Heading.
    pub title: String,
    /// What it is a list of, in a sentence.
    pub lead: String,
    /// Pages above it, besides the desk: address and name.
    pub crumbs: Vec<(String, String)>,
    /// What can be done beside.
    pub actions: Vec<Action>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// What the search box looks in; empty where there is none.
    pub search: String,
    /// The rows.
    pub slice: Slice<Row>,
    /// How many there are.
    pub count: Count,
    /// Keys of the words with which they are counted: for `n`, and for more than `n`.
    pub counted: [&'static str; 2],
    /// What stands there when there is nothing at all.
    pub nothing: String,
    /// Filters with which the list is entered from elsewhere: alone they do not make an empty list one in which nothing fits.
    pub beginning: &'static [&'static str],
    /// Whether rows can be chosen.
    pub pick: Option<Pick>,
    /// Where the list is written to a file.
    pub export: Option<String>,
}

/// Reads the page of a list and what else its view needs, in one transaction. Where names stand in it, it is written down who looked.
///
/// # Errors
/// Those of the store and of `more`.
pub async fn load<T: Send + 'static>(
    cx: &Cx,
    list: Arc<dyn List>,
    query: &Query,
    more: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
) -> Result<(Slice<Row>, Count, T)> {
    let noted = list.is_noted(query);
    let (actor, lang, query) = (cx.actor.clone(), cx.lang, query.clone());
    let work = move |tx: &mut Tx| {
        let reader = Reader { actor: &actor, lang, file: false };
        let slice = list.read(tx, &reader, &query)?;
        let count = list.count(tx, &reader, &query, COUNTED_MAX)?;
        let people: BTreeSet<Id<Person>> = slice.rows.iter().filter_map(|row| row.about).collect();
        if !people.is_empty() {
            list.note(tx, &reader, &query, people.len())?;
        }
        Ok((slice, count, more(tx)?))
    };
    if noted { cx.store.write("list.names", work).await } else { cx.store.read(work).await }
}

/// A heading.
struct Heading {
    column: &'static Column,
    label: String,
    /// `ascending`, `descending` or `none`; empty where it cannot be sorted.
    sorted: &'static str,
    href: String,
}

/// A filter that is set.
struct Set {
    label: String,
    text: String,
    without: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    cx: &'a Cx,
    view: &'a View<'a>,
    form: FormState,
    headings: Vec<Heading>,
    set: Vec<Set>,
    sorts: Vec<Choice>,
    columns: Vec<(&'static Column, String)>,
    count: String,
}

impl View<'_> {
    /// Answers with the page.
    ///
    /// # Errors
    /// If the template cannot be rendered.
    pub fn page(&self) -> crate::Result {
        let (cx, query) = (self.cx, self.query);
        let headings = query.cols.iter().map(|column| self.heading(column)).collect();
        let set = query.set_filters().into_iter().map(|(name, value)| {
            let filter = self.filters.iter().find(|filter| filter.name == name);
            Set {
                label: filter.map_or_else(|| cx.t("web-list-words"), |filter| filter.label.clone()),
                text: filter.map_or_else(|| value.to_owned(), |filter| filter.text(value)),
                without: query.clone().with(name, "").href(&self.path),
            }
        });
        let sorts = query.spec().columns.iter().filter(|column| column.sort != Sort::No).flat_map(|column| {
            let name = cx.t(column.label);
            [
                Choice::new(column.key, cx.t1("web-list-sort-up", "name", &name)),
                Choice::new(format!("-{}", column.key), cx.t1("web-list-sort-down", "name", &name)),
            ]
        });
        cx.page(&Page {
            cx,
            view: self,
            form: FormState::new(cx),
            headings,
            set: set.collect(),
            sorts: sorts.collect(),
            columns: query.spec().columns.iter().map(|column| (column, cx.t(column.label))).collect(),
            count: self.count_text(),
        })
    }

    fn count_text(&self) -> String {
        match self.count {
            Count::Exactly(n) => self.cx.t1(self.counted[0], "n", n),
            Count::MoreThan(n) => self.cx.t1(self.counted[1], "n", n),
        }
    }

    fn heading(&self, column: &'static Column) -> Heading {
        let label = self.cx.t(column.label);
        if column.sort == Sort::No {
            return Heading { column, label, sorted: "", href: String::new() };
        }
        let now = self.query.sort().key == column.key;
        let sorted = match (now, self.query.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        // The newest and the largest are looked for more often than the oldest and the smallest.
        let descending = if now { !self.query.descending } else { column.sort == Sort::Number };
        let href = self.query.clone().sorted_by(column, descending).href(&self.path);
        Heading { column, label, sorted, href }
    }
}

impl Page<'_> {
    /// Parameters that a form of the page sends along, besides its own fields.
    fn kept(&self, own: &[&str]) -> Vec<(&'static str, String)> {
        let params = self.view.query.params(false);
        params.into_iter().filter(|(name, _)| !own.contains(name)).collect()
    }

    /// Parameters beside search, filters and sort.
    fn kept_by_search(&self) -> Vec<(&'static str, String)> {
        let fixed: Vec<&str> = self
            .view
            .filters
            .iter()
            .filter(|filter| matches!(filter.field, Field::Fixed))
            .map(|filter| filter.name)
            .collect();
        let mut kept = self.view.query.params(false);
        kept.retain(|(name, _)| matches!(*name, "cols" | "size") || fixed.contains(name));
        kept
    }

    fn value(&self, name: &str) -> &str {
        if name == "q" { &self.view.query.q } else { self.view.query.filter(name) }
    }

    fn is_chosen(&self, name: &str, choice: &Choice) -> bool {
        self.value(name) == choice.value
    }

    fn is_sort(&self, choice: &Choice) -> bool {
        self.view.query.sort_text() == choice.value
    }

    fn all(&self) -> String {
        self.view.query.clone().unfiltered().href(&self.view.path)
    }

    fn first(&self) -> String {
        self.view.query.clone().at(Edge::Start).href(&self.view.path)
    }

    fn next(&self) -> Option<String> {
        let key = self.view.slice.after.clone()?;
        Some(self.view.query.clone().at(Edge::After(key)).href(&self.view.path))
    }

    fn previous(&self) -> Option<String> {
        let key = self.view.slice.before.clone()?;
        Some(self.view.query.clone().at(Edge::Before(key)).href(&self.view.path))
    }

    fn is_start(&self) -> bool {
        self.view.query.edge == Edge::Start
    }

    fn sizes(&self) -> Vec<(usize, String, bool)> {
        let size = |size: &usize| {
            let mut query = self.view.query.clone().at(Edge::Start);
            let current = query.size == *size;
            query.size = *size;
            (*size, query.href(&self.view.path), current)
        };
        SIZES.iter().map(size).collect()
    }

    /// What names a row: the text of its first cell.
    fn name<'b>(&self, row: &'b Row) -> &'b str {
        match row.cells.first() {
            Some(Cell::Text(text) | Cell::Link { text, .. } | Cell::Tag { text, .. }) => text,
            _ => "",
        }
    }

    /// Whether there is nothing at all, and not only nothing that fits.
    fn is_bare(&self) -> bool {
        self.view.query.set_filters().iter().all(|(name, _)| self.view.beginning.contains(name))
    }

    fn yuan(&self, fen: &i64) -> String {
        if *fen == 0 { self.cx.t("web-list-free") } else { self.cx.t1("web-list-yuan", "amount", yuan(*fen)) }
    }
}

/// `12.5`: an amount in yuan, without trailing zeros.
pub fn yuan(fen: i64) -> String {
    let (whole, part) = (fen / 100, fen % 100);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}").trim_end_matches('0').to_owned() }
}
