//! What the fuzz targets share: see [`entries`].

pub mod entries;
