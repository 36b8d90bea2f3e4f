//! Files that are saved, not shown.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

use crate::Cx;

/// Answers with a file to be saved under this name, which is ASCII and ends with `.csv`, `.xlsx` or `.zip`.
pub fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("csv") => "text/csv; charset=utf-8",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    };
    let line = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let mut answer = bytes.into_response();
    let heads = answer.headers_mut();
    heads.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    heads.insert(header::CONTENT_DISPOSITION, line.unwrap_or(HeaderValue::from_static("attachment")));
    answer
}

impl Cx {
    /// The kind of table that an address asks for: `csv`, or else `xlsx`, which is what most can open.
    pub fn table_format(&self) -> &'static str {
        if self.param("format") == "csv" { "csv" } else { "xlsx" }
    }
}
