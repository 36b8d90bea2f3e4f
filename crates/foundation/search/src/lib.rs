#![doc = include_str!("../README.md")]

mod chinese;
mod document;
mod facets;
mod fold;
mod highlight;
mod index;
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
    FacetCount, Hit, Hits, MAX_LIMIT, MAX_OFFSET, MAX_QUERY_CHARS, MAX_TERMS, Query, Term, TermKind,
};
