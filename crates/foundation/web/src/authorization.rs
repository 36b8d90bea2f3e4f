//! The `Authorization` header: a token as bearer (RFC 6750) or as user and password (RFC 7617).

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Longest header that is looked at, in bytes.
pub(crate) const HEADER_BYTES_MAX: usize = 1_000;
/// A token has 43 characters: 32 bytes as base64url.
pub(crate) const TOKEN_CHARS: usize = 43;

/// What a program shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing.
    Nothing,
    /// Something that no token of ours is.
    Unreadable,
    /// A token, and the user under which it was sent, if one was.
    Token { user: Option<String>, secret: String },
}

/// Reads the header.
pub(crate) fn read(headers: &HeaderMap) -> Shown {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Shown::Nothing };
    if lines.next().is_some() || line.len() > HEADER_BYTES_MAX {
        return Shown::Unreadable;
    }
    line.to_str().ok().and_then(read_line).unwrap_or(Shown::Unreadable)
}

fn read_line(line: &str) -> Option<Shown> {
    let (scheme, rest) = line.split_once(' ')?;
    let (user, secret) = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => (None, rest.trim().to_owned()),
        "basic" => {
            let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
            let (user, secret) = text.split_once(':')?;
            (Some(user.to_owned()), secret.to_owned())
        }
        _ => return None,
    };
    let fits = secret.len() == TOKEN_CHARS && seal::from_base64url_exact::<32>(&secret).is_some();
    fits.then_some(Shown::Token { user, secret })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(line: &str) -> Shown {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        read(&headers)
    }

    #[test]
    fn tokens_are_read_in_both_ways_and_nothing_else() {
        let secret = seal::base64url(&[7; 32]);
        let expected =
            |user: Option<&str>| Shown::Token { user: user.map(str::to_owned), secret: secret.clone() };
        assert_eq!(of(&format!("Bearer {secret}")), expected(None));
        assert_eq!(of(&format!("bearer  {secret}")), expected(None));
        let pair = STANDARD.encode(format!("a:{secret}"));
        assert_eq!(of(&format!("Basic {pair}")), expected(Some("a")));
        let long = "A".repeat(2_000);
        for line in ["", "Bearer", "Bearer x", "Basic", "Basic ====", "Basic YQ==", "Digest x", &long] {
            assert_eq!(of(line), Shown::Unreadable, "{line}");
        }
        assert_eq!(read(&HeaderMap::new()), Shown::Nothing);
    }
}
