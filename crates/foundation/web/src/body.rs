//! Bodies of forms: read once, checked for their token, kept for the handler.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Multipart, Request},
    http::{HeaderValue, header},
};
use kernel::Error;

use crate::{Cx, WebError, codes, shell};

/// A file that came with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Name of the field.
    pub field: String,
    /// Name that the browser told; never a path to be trusted.
    pub file_name: String,
    /// Type that the browser told; never to be trusted.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a form brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    pub pairs: Vec<(String, String)>,
    pub uploads: Vec<Upload>,
}

/// Where the parsed body waits for the [`Form`](crate::Form) extractor.
#[derive(Clone, Default)]
pub(crate) struct Waiting(pub Arc<Mutex<Option<Parsed>>>);

enum Type {
    Urlencoded,
    Multipart,
    /// What an HTML form could also send, and thus another site.
    PlainOrNone,
    Other,
}

fn type_of(request: &Request) -> Type {
    let line =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    match line.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Type::Urlencoded,
        "multipart/form-data" => Type::Multipart,
        "" | "text/plain" => Type::PlainOrNone,
        _ => Type::Other,
    }
}

/// Reads the body of a request that changes something, up to the route's limit. Forms need their token; other types cannot be sent
/// across origins without the server's consent (Fetch standard, CORS-safelisted request headers), which we never give.
pub(crate) async fn admit(cx: &Cx, bytes_max: usize, request: Request) -> Result<Request, WebError> {
    if request.method().is_safe() {
        return Ok(request);
    }
    let kind = type_of(&request);
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, bytes_max)
        .await
        .map_err(|_| Error::new(&codes::TOO_LARGE).arg("kib", bytes_max / 1024))?;
    let mut request = Request::from_parts(parts, Body::from(bytes.clone()));
    let headers = request.headers();
    let parsed = match kind {
        Type::Other => return Ok(request),
        Type::PlainOrNone => return Err(Error::new(&codes::FORM_EXPIRED).into()),
        Type::Urlencoded => {
            let text = std::str::from_utf8(&bytes).map_err(|_| Error::new(&codes::BAD_REQUEST))?;
            Parsed { pairs: shell::pairs(text), uploads: Vec::new() }
        }
        Type::Multipart => {
            multipart(headers.get(header::CONTENT_TYPE).cloned(), Body::from(bytes), bytes_max).await?
        }
    };
    let token = parsed.pairs.iter().find(|(name, _)| name == "_csrf").map_or("", |(_, value)| value.as_str());
    if !cx.is_csrf(token) {
        return Err(Error::new(&codes::FORM_EXPIRED).into());
    }
    request.extensions_mut().insert(Waiting(Arc::new(Mutex::new(Some(parsed)))));
    Ok(request)
}

pub(crate) async fn multipart(
    content_type: Option<HeaderValue>,
    body: Body,
    bytes_max: usize,
) -> Result<Parsed, WebError> {
    let bad = |_| WebError::from(Error::new(&codes::BAD_REQUEST));
    let mut copy = Request::new(body);
    if let Some(content_type) = content_type {
        copy.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    // The whole body is in memory and within the limit of its route already.
    axum::extract::DefaultBodyLimit::max(bytes_max).apply(&mut copy);
    let mut form = Multipart::from_request(copy, &()).await.map_err(|_| Error::new(&codes::BAD_REQUEST))?;
    let mut parsed = Parsed::default();
    while let Some(field) = form.next_field().await.map_err(bad)? {
        let name = field.name().unwrap_or("").to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().unwrap_or("").to_owned();
        match file_name {
            Some(file_name) => {
                let bytes = field.bytes().await.map_err(bad)?.to_vec();
                parsed.uploads.push(Upload { field: name, file_name, content_type, bytes });
            }
            None => parsed.pairs.push((name, field.text().await.map_err(bad)?)),
        }
    }
    Ok(parsed)
}
