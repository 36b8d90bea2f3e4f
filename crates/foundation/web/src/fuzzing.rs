//! The parsers of this crate without a server around them, for the fuzz targets in `fuzz/` and the test that replays their corpus.
//! Nothing else may use it.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
};

use crate::{Upload, body, cookie, shell};

/// Fields and files of a form.
pub type Fields = (Vec<(String, String)>, Vec<Upload>);

/// Reads a query or a form as `application/x-www-form-urlencoded`.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    shell::pairs(text)
}

/// Writes a part of a query.
pub fn encode(text: &str) -> String {
    kernel::uri_part(text)
}

/// Reads a body as `multipart/form-data`; `None` if it is refused.
pub async fn multipart(content_type: &str, bytes: Vec<u8>) -> Option<Fields> {
    let content_type = HeaderValue::from_str(content_type).ok()?;
    let most = bytes.len();
    let parsed = body::multipart(Some(content_type), Body::from(bytes), most).await.ok()?;
    Some((parsed.pairs, parsed.uploads))
}

/// Reads the headers that the shell reads before it knows who asks: cookies, the flash message, the language. Gives the language tag.
pub fn headers(cookies: &[u8], languages: &[u8], key: &[u8; 32]) -> Option<&'static str> {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_bytes(cookies).ok()?);
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(languages).ok()?);
    for name in ["session", "visitor", "lang", "scale"] {
        cookie::read(&headers, name);
    }
    cookie::read(&headers, "flash").and_then(|value| cookie::unpack_flash(key, value));
    Some(shell::accepted(&headers).tag())
}

/// Where a redirect to this target leads.
pub fn local(to: &str) -> String {
    crate::cx::local(to)
}

/// Reads the `Authorization` header; whether it holds a token.
pub fn authorization(line: &[u8]) -> bool {
    let Ok(line) = HeaderValue::from_bytes(line) else { return false };
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, line);
    matches!(crate::authorization::read(&headers), crate::authorization::Shown::Token { .. })
}
