//! One value, one text: canonical JSON, SHA-256, hexadecimal and base64url.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The largest integer that a double, and so canonical JSON, holds exactly: 2⁵³ − 1.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// Why a value has no canonical JSON.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// An integer outside ±(2⁵³ − 1) would lose digits (RFC 8785 section 3.2.2.3); write it as a string.
    #[error("the integer {0} has no exact canonical form")]
    InexactInteger(String),
    /// The value is no JSON, such as a map whose keys are not strings.
    #[error("not representable as JSON")]
    Json(#[from] serde_json::Error),
}

/// Canonical JSON of a value (JCS, RFC 8785): sorted members, shortest numbers, no white space.
pub fn canonical_json(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    check_integers(value)?;
    Ok(serde_json_canonicalizer::to_vec(value)?)
}

/// Canonical JSON of anything serialisable; see [`canonical_json`].
pub fn canonical_of<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    canonical_json(&serde_json::to_value(value)?)
}

fn check_integers(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            // A double is written without exponent below 10²¹, and then reads as an integer: both spellings get the same verdict.
            let whole = number.as_f64().is_some_and(|value| {
                number.is_f64()
                    && value.fract() == 0.0
                    && value.abs() > LARGEST_EXACT as f64
                    && value.abs() < 1e21
            });
            if whole || size.is_some_and(|size| size > LARGEST_EXACT) {
                return Err(CanonicalError::InexactInteger(number.to_string()));
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(check_integers),
        Value::Object(members) => members.values().try_for_each(check_integers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// SHA-256 of some bytes (FIPS 180-4).
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads hexadecimal of either case. `None` if a character is no digit or one is missing.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)).collect()
}

/// Reads hexadecimal of exactly `N` bytes.
pub fn from_hex_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_hex(text)?.try_into().ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Base64url without padding (RFC 4648 section 5).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url strictly. `None` for padding, trailing bits, white space and characters of other alphabets.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Reads base64url of exactly `N` bytes.
pub fn from_base64url_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64url(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{
        CanonicalError, base64url, canonical_json, canonical_of, from_base64url, from_hex, from_hex_exact,
        hex, sha256,
    };
    use serde_json::json;

    /// FIPS 180-4 example "abc".
    #[test]
    fn sha256_of_abc() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), expected);
    }

    /// RFC 8785 section 3.2.2 (numbers, strings) and 3.2.3 (order of members by UTF-16 units).
    #[test]
    fn rfc_8785_examples() {
        let value: serde_json::Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .expect("the example is JSON");
        let text = String::from_utf8(canonical_json(&value).expect("canonical")).expect("text");
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                        \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(text, expected);

        let order =
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let text = String::from_utf8(canonical_json(&order).expect("canonical")).expect("text");
        assert_eq!(
            text,
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn integers_that_would_lose_digits_are_refused() {
        assert_eq!(canonical_json(&json!(9_007_199_254_740_991_u64)).expect("exact"), b"9007199254740991");
        for value in [
            json!({"a": [9_007_199_254_740_992_u64]}),
            json!(u64::MAX),
            json!(-9_007_199_254_740_992_i64),
            json!(7_777_770_016.4e9),
        ] {
            assert!(matches!(canonical_json(&value), Err(CanonicalError::InexactInteger(_))), "{value}");
        }
        assert_eq!(canonical_json(&json!(1e21)).expect("never an integer"), b"1e+21");
        let not_json = std::collections::BTreeMap::from([(vec![1], 1)]);
        assert!(matches!(canonical_of(&not_json), Err(CanonicalError::Json(_))));
    }

    #[test]
    fn hexadecimal_round_trip_and_refusals() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&hex(&all)), Some(all));
        assert_eq!(from_hex("0aFF"), Some(vec![10, 255]));
        assert_eq!(from_hex_exact::<2>("0aff00"), None);
        for bad in ["0", "0g", "é", "+1", " 1"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn base64url_is_strict() {
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(from_base64url("-_8"), Some(vec![0xfb, 0xff]));
        for bad in ["-_8=", "-_9", "+/8", "-_8\n", "A"] {
            assert_eq!(from_base64url(bad), None, "{bad}");
        }
    }
}
