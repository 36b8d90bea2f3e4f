//! Addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but unreserved characters (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of an address: everything but letters, digits and `-._~` as `%XX` of its UTF-8 bytes.
pub fn uri_part(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::uri_part;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(uri_part("aZ9-._~"), "aZ9-._~");
        assert_eq!(uri_part("书 &=+%/"), "%E4%B9%A6%20%26%3D%2B%25%2F");
    }
}
