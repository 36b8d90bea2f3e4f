//! One error type: what is wrong with the caller's data, precise enough to be shown to whoever typed it.

use thiserror::Error;

/// Why a document or picture could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// The font cannot print these characters (each once, in order of appearance). Nothing was drawn:
    /// a name is printed whole or not at all.
    #[error("the font lacks {}", list(.0))]
    MissingCharacters(Vec<char>),
    /// The text of this field, or of the whole page when the field is `page`, does not fit even at the smallest size.
    #[error("{field} is too long to be printed")]
    TooLong {
        /// Name of the field of the input structure, or `page`.
        field: &'static str,
    },
    /// This field must not be blank.
    #[error("{field} is blank")]
    Blank {
        /// Name of the field of the input structure.
        field: &'static str,
    },
    /// The verification address is not an absolute `http` or `https` address without spaces.
    #[error("the verification address must begin with http:// or https://")]
    VerifyUrl,
    /// The issue date is no day of the Gregorian calendar between the years 1 and 9999.
    #[error("the issue date does not exist")]
    IssueDate,
    /// The text does not fit into a QR code (about 2,300 bytes).
    #[error("the text is too long for a QR code")]
    QrCapacity,
    /// The GeoJSON text cannot be read as a map; the text says where and why.
    #[error("the map data is unusable: {0}")]
    Map(String),
    /// No district of the map has this code.
    #[error("no district has the code {0}")]
    UnknownDistrict(String),
    /// A row has another number of cells than the header.
    #[error("row {row} has {found} cells, the header has {expected}")]
    Columns {
        /// Row number, counted from 1 without the header.
        row: usize,
        /// Cells of the header.
        expected: usize,
        /// Cells of this row.
        found: usize,
    },
    /// A fault of this crate or of a library under it, never of the caller's data.
    #[error("rendering failed: {0}")]
    Internal(String),
}

fn list(characters: &[char]) -> String {
    let mut named: Vec<String> =
        characters.iter().take(20).map(|c| format!("{c:?} (U+{:04X})", *c as u32)).collect();
    if characters.len() > 20 {
        named.push(format!("and {} more", characters.len() - 20));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_characters_are_named_with_their_code_points() {
        assert_eq!(
            RenderError::MissingCharacters(vec!['😀', '\u{202e}']).to_string(),
            "the font lacks '😀' (U+1F600), '\\u{202e}' (U+202E)"
        );
        let many = RenderError::MissingCharacters(vec!['😀'; 23]).to_string();
        assert!(many.ends_with("and 3 more"), "{many}");
    }
}
