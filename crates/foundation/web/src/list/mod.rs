//! Long lists for staff: searched, filtered, sorted, paged, with columns of choice, and written to files as they are seen.
//!
//! Everything that a list shows is said by its address ([`Query`]), so that it can be shared, kept as a bookmark, and written to a file
//! by a job that runs later. Unknown names and values are passed over: an old bookmark still opens. Pages are found by the sort value and
//! the identifier of a row ([`Key`]), never by counting rows off: the hundredth page costs what the first does, and rows that come in
//! between move nothing.
//!
//! A domain declares a [`Spec`], reads rows as a [`List`], and the page of [`view`] shows them. What stands in a cell is a typed
//! [`Cell`], so that a page and a file are made of the same.

mod keyset;
mod query;
pub mod view;

use kernel::{Actor, Day, Id, Lang, Person, Result, Timestamp};
use store::Tx;

pub use keyset::{Key, KeyValue, Segment, Where, slice};
pub use query::{Edge, Query, SIZES};

/// Rows that a list counts; of more it says that there are more.
pub const COUNTED_MAX: i64 = 10_000;

/// What a column can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// It cannot.
    No,
    /// A text.
    Text,
    /// A whole number: a figure, a day, a moment.
    Number,
}

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in addresses.
    pub key: &'static str,
    /// Key of its heading.
    pub label: &'static str,
    /// Whether it can be sorted, and what by.
    pub sort: Sort,
    /// Whether it is shown where nobody chose.
    pub shown: bool,
    /// Whether it holds figures, which stand at the right.
    pub number: bool,
}

impl Column {
    /// A column that is shown and cannot be sorted.
    pub const fn new(key: &'static str, label: &'static str) -> Self {
        Self { key, label, sort: Sort::No, shown: true, number: false }
    }

    /// Sorted by a text.
    #[must_use]
    pub const fn by_text(mut self) -> Self {
        self.sort = Sort::Text;
        self
    }

    /// Sorted by a number, a day or a moment.
    #[must_use]
    pub const fn by_number(mut self) -> Self {
        self.sort = Sort::Number;
        self
    }

    /// Left out where nobody chose it.
    #[must_use]
    pub const fn extra(mut self) -> Self {
        self.shown = false;
        self
    }

    /// With figures.
    #[must_use]
    pub const fn figures(mut self) -> Self {
        self.number = true;
        self
    }
}

/// What a list is made of. The first column names the row and is always shown.
#[derive(Debug)]
pub struct Spec {
    /// Its name: `offers`.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Names of its filters in addresses, besides `q` for words.
    pub filters: &'static [&'static str],
    /// The sort where nobody chose, as in addresses: `-changed`.
    pub sort: &'static str,
}

impl Spec {
    /// A column by its name.
    pub fn column(&self, key: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.key == key)
    }
}

/// Something to do with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub label: String,
}

/// What stands in a cell. Pages write it in words, files as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing known.
    Empty,
    /// A text.
    Text(String),
    /// A text that leads to a page.
    Link {
        /// The text.
        text: String,
        /// The page.
        href: String,
    },
    /// A word for a state; the class is one of the stylesheet's tags: empty, `ok`, `warn`, `error`.
    Tag {
        /// The word.
        text: String,
        /// How it looks.
        class: &'static str,
    },
    /// A whole number.
    Number(i64),
    /// Money in fen; a page writes yuan, and nothing as free of charge.
    Fen(i64),
    /// A day.
    Day(Day),
    /// A moment.
    Moment(Timestamp),
    /// What can be done with the row; files leave it empty.
    Actions(Vec<Action>),
}

impl Cell {
    /// A cell of a value that may be missing.
    pub fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or(Cell::Empty, make)
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its identifier, for choosing it.
    pub id: String,
    /// Its cells, in the order of [`Query::cols`].
    pub cells: Vec<Cell>,
    /// Whose name stands in it, if one does.
    pub about: Option<Id<Person>>,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the page before this one ends, if there is one.
    pub before: Option<Key>,
    /// Where the page after this one begins, if there is one.
    pub after: Option<Key>,
}

impl<T> Slice<T> {
    /// The same with other rows, one for each.
    pub fn with<U>(self, rows: Vec<U>) -> Slice<U> {
        Slice { rows, before: self.before, after: self.after }
    }

    /// The same as rows of a list: each named by `id`, with a cell for every column that the query shows.
    pub fn lines(
        self,
        query: &Query,
        id: impl Fn(&T) -> String,
        cell: impl Fn(&T, &str) -> Cell,
    ) -> Slice<Row> {
        let cells = |line: &T| query.cols.iter().map(|column| cell(line, column.key)).collect();
        let rows =
            self.rows.iter().map(|line| Row { id: id(line), cells: cells(line), about: None }).collect();
        self.with(rows)
    }
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// More than so many; nobody counted on.
    MoreThan(i64),
}

impl Count {
    /// What a count that stopped behind `most` says.
    pub fn bounded(counted: i64, most: i64) -> Self {
        if counted > most { Count::MoreThan(most) } else { Count::Exactly(counted) }
    }
}

/// Who reads a list, in which words, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// In which language.
    pub lang: Lang,
    /// Whether for a file, which shows no actions and is told apart where names are read.
    pub file: bool,
}

/// A list that is read page by page. What the reader may not see is not in it.
pub trait List: Send + Sync {
    /// What it is made of.
    fn spec(&self) -> &'static Spec;

    /// The page that the query asks for.
    ///
    /// # Errors
    /// Those of the store.
    fn read(&self, tx: &mut Tx, reader: &Reader, query: &Query) -> Result<Slice<Row>>;

    /// How many rows the query's filters leave, counted up to `most`.
    ///
    /// # Errors
    /// Those of the store.
    fn count(&self, tx: &mut Tx, reader: &Reader, query: &Query, most: i64) -> Result<Count>;

    /// Whether names of people stand in it, so that it is written down who looked.
    fn is_noted(&self, _query: &Query) -> bool {
        false
    }

    /// Writes down that the reader saw the names of so many people, in the transaction that shows them.
    ///
    /// # Errors
    /// Those of the store.
    fn note(&self, _tx: &mut Tx, _reader: &Reader, _query: &Query, _people: usize) -> Result<()> {
        Ok(())
    }
}
