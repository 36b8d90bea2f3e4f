//! Cookies: reading, writing, and the message that survives one redirect.

use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq as _;

/// Value of a cookie of the request.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Whether the request brings no cookies but these. What cannot be read counts as another one.
pub(crate) fn only(headers: &HeaderMap, names: &[&str]) -> bool {
    headers.get_all(header::COOKIE).iter().all(|value| {
        value.to_str().is_ok_and(|line| {
            let pairs = line.split(';').map(str::trim).filter(|pair| !pair.is_empty());
            pairs
                .map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
                .all(|name| names.contains(&name))
        })
    })
}

/// A `Set-Cookie` line. `max_age` in seconds; 0 removes the cookie, `None` lasts until the browser closes.
pub(crate) fn write(name: &str, value: &str, max_age: Option<i64>, secure: bool) -> HeaderValue {
    let mut line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
    if let Some(seconds) = max_age {
        line.push_str(&format!("; Max-Age={seconds}"));
    }
    if secure {
        line.push_str("; Secure");
    }
    // Values are tokens, tags and base64url; anything else is dropped instead of splitting the header.
    HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static("invalid=; Max-Age=0"))
}

/// How a message to the reader is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It was done.
    Ok,
    /// Worth knowing.
    Info,
    /// Something needs care.
    Warn,
    /// It was not done.
    Error,
}

impl Level {
    /// The class of the notice.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Level::Ok, Level::Info, Level::Warn, Level::Error]
            .into_iter()
            .find(|level| level.as_str().as_bytes()[0] == byte)
    }
}

/// Longest message that is carried, in bytes: a cookie ends at 4,096.
const FLASH_BYTES_MAX: usize = 1_200;

/// Writes a message into a signed value, so that nobody can put words into our mouth by a planted cookie.
pub(crate) fn pack_flash(key: &[u8; 32], level: Level, text: &str) -> String {
    let mut end = text.len().min(FLASH_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let data = [&level.as_str().as_bytes()[..1], &text.as_bytes()[..end]].concat();
    format!("{}.{}", seal::base64url(&data), seal::base64url(&seal::keyed_digest(key, &data)[..16]))
}

/// Reads it back; `None` if it was not ours.
pub(crate) fn unpack_flash(key: &[u8; 32], value: &str) -> Option<(Level, String)> {
    let (data, mac) = value.split_once('.')?;
    let (data, mac) = (seal::from_base64url(data)?, seal::from_base64url(mac)?);
    if !bool::from(seal::keyed_digest(key, &data)[..16].ct_eq(&mac)) {
        return None;
    }
    Some((Level::of(*data.first()?)?, String::from_utf8(data[1..].to_vec()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_believed_only_with_its_signature() {
        let packed = pack_flash(&[1; 32], Level::Ok, "已报名");
        assert_eq!(unpack_flash(&[1; 32], &packed), Some((Level::Ok, "已报名".to_owned())));
        assert_eq!(unpack_flash(&[2; 32], &packed), None);
        assert_eq!(unpack_flash(&[1; 32], "b2s.AAAA"), None);
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("xlang=no; lang=en;scale=elder"));
        assert_eq!(read(&headers, "lang"), Some("en"));
        assert_eq!(read(&headers, "scale"), Some("elder"));
        assert_eq!(read(&headers, "session"), None);
        assert!(only(&headers, &["scale", "lang", "xlang"]) && !only(&headers, &["scale", "lang"]));
        assert!(only(&HeaderMap::new(), &[]));
    }
}
