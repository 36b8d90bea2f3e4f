//! What is kept of a person, as she gets it herself (个人信息保护法, articles 45 and 48; GB/T 35273-2020, 8.1 and 8.6).
//!
//! The archive is a zip of two views of the same: a page to read and to print ([`Section`]), and every row and fact of hers as JSON
//! ([`rows`]), each fact with its place in the public log. The facts are those whose home she is; an attendance is the record of a place, and the
//! credit that it bought names its fact. No other person's data is in it but the
//! names of her helpers.

mod archive;
mod read;
mod rows;

pub(crate) use archive::archive;
pub(crate) use read::{Section, sections};
pub use rows::OWN;
