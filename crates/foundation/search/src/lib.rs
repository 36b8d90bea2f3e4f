#![doc = include_str!("../README.md")]

mod chinese;
mod document;
mod facets;
mod fold;
mod highlight;
mod index;
mod lexicon;
mod places;
mod plan;
mod query;
mod rank;
mod run;
mod understand;
mod vocabulary;
mod when;

pub use document::{Doc, PUBLIC};
pub use index::Index;
pub use query::{
    FacetCount, Guess, Hit, Hits, MAX_LIMIT, MAX_OFFSET, MAX_QUERY_CHARS, MAX_TERMS, Order, Query, Reason,
    Term, TermKind, without,
};
pub use vocabulary::Wish;
