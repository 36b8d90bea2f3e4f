#![doc = include_str!("../README.md")]

pub mod chart;
mod error;
pub mod map;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod qr;
pub mod sheet;
pub mod table;
mod xml;

pub use error::RenderError;
