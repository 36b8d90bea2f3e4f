//! What is kept of a person, as she gets it herself (个人信息保护法, articles 45 and 48; GB/T 35273-2020, 8.1 and 8.6).
//!
//! The archive is a zip of two views of the same: a page to read and to print ([`Section`]), and every row and fact of hers as JSON
//! ([`rows`]), with its place in the public log, so that she can check that nothing was kept from her. No other person's data is in it but the
//! names of her helpers.

mod archive;
mod read;
mod rows;

pub(crate) use archive::archive;
pub(crate) use read::{Section, sections};
pub use rows::OWN;
