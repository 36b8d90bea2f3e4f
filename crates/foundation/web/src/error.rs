//! Failures on their way out: a page for people, `application/problem+json` (RFC 9457) for programs.

use std::{any::Any, sync::Arc};

use askama::Template;
use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use kernel::{Code, Error, Kind, Lang, uri_part};

use crate::{Cx, codes, i18n};

/// A failure of a handler. `?` turns every `kernel::Error` into it.
#[derive(Debug)]
pub struct WebError(Error);

impl WebError {
    /// The failure itself.
    pub fn error(&self) -> &Error {
        &self.0
    }
}

impl From<Error> for WebError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<WebError> for Error {
    fn from(error: WebError) -> Self {
        error.0
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        into_failure(self.0)
    }
}

/// Mark of answers that the outer layer leaves as they are, though their status tells of a failure: put it into the extensions of
/// an answer whose protocol prescribes its own form of errors.
#[derive(Debug, Clone, Copy)]
pub struct Verbatim;

/// The failure that the outer layer writes in the reader's language.
#[derive(Clone)]
struct Failure(Arc<Error>);

/// The status that a kind of failure has.
pub(crate) fn status(code: &Code) -> StatusCode {
    if *code == codes::TOO_LARGE {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    if *code == codes::METHOD {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if *code == codes::BAD_REQUEST {
        return StatusCode::BAD_REQUEST;
    }
    if *code == codes::UNSUPPORTED {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    match code.kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Missing => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(crate) fn into_failure(error: Error) -> Response {
    let mut response = status(error.code()).into_response();
    response.extensions_mut().insert(Failure(Arc::new(error)));
    response
}

/// A handler panicked: our mistake, and only this request's.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    into_failure(Error::bug(format!("a handler panicked: {text}")))
}

/// Writes failures out. Failures of axum itself, which are plain text in English, become ours.
pub(crate) fn finish(cx: &Cx, method: &Method, response: Response) -> Response {
    let error = match response.extensions().get::<Failure>() {
        Some(failure) => failure.0.clone(),
        None => match foreign(&response) {
            Some(code) if *code == codes::BUSY => Arc::new(Error::new(code).arg("seconds", 5)),
            Some(code) => Arc::new(Error::new(code)),
            None => return response,
        },
    };
    logged(cx, &error);
    let mut answer = if cx.json {
        problem(cx, &error)
    } else if error.kind() == Kind::Unauthenticated && (*method == Method::GET || *method == Method::HEAD) {
        return cx.redirect(&cx.sign_in_url());
    } else if error.is(&codes::CONFIRM_AGAIN) && (*method == Method::GET || *method == Method::HEAD) {
        return cx.redirect(&cx.confirm_url());
    } else {
        page(cx, &error)
    };
    retry_after(&error, &mut answer);
    if cx.api && answer.status() == StatusCode::UNAUTHORIZED {
        for challenge in ["Bearer realm=\"xuecheng\"", "Basic realm=\"xuecheng\", charset=\"UTF-8\""] {
            answer.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer
}

fn foreign(response: &Response) -> Option<&'static Code> {
    if response.extensions().get::<Verbatim>().is_some() {
        return None;
    }
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value.to_str().is_ok_and(|value| value.starts_with("text/plain")));
    if !plain {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(&kernel::MISSING),
        StatusCode::METHOD_NOT_ALLOWED => Some(&codes::METHOD),
        StatusCode::PAYLOAD_TOO_LARGE => Some(&codes::TOO_LARGE),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(&codes::UNSUPPORTED),
        StatusCode::SERVICE_UNAVAILABLE => Some(&codes::BUSY),
        status if status.is_client_error() => Some(&codes::BAD_REQUEST),
        status if status.is_server_error() => Some(&kernel::BUG),
        _ => None,
    }
}

/// When it makes sense to ask again.
pub(crate) fn retry_after(error: &Error, answer: &mut Response) {
    if matches!(error.kind(), Kind::Limited | Kind::Unavailable)
        && let Ok(wait) = HeaderValue::from_str(seconds(error))
    {
        answer.headers_mut().insert(header::RETRY_AFTER, wait);
    }
}

/// Seconds to wait, as the failure says or as is usual for its kind.
pub(crate) fn seconds(error: &Error) -> &str {
    let usual = if error.kind() == Kind::Limited { "60" } else { "5" };
    error.args().iter().find(|(name, _)| *name == "seconds").map_or(usual, |(_, value)| value.as_str())
}

/// Every refusal is counted; a mistake of ours goes into the log with its cause.
pub(crate) fn logged(cx: &Cx, error: &Error) {
    crate::observe::refused(error.code());
    if error.kind() == Kind::Bug {
        tracing::error!(request_id = cx.request_id, route = cx.route, error = ?error, "a mistake of ours");
    }
}

/// What a program sent in a field, cut at 200 characters.
fn sent(cx: &Cx, field: &str) -> serde_json::Value {
    let of_body = cx.sent.get().and_then(|sent| sent.pointer(&format!("/{}", field.replace('.', "/"))));
    let text = match of_body {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => match cx.query.iter().find(|(name, _)| name == field) {
            Some((_, text)) => text.clone(),
            None => return serde_json::Value::Null,
        },
    };
    text.chars().take(200).collect::<String>().into()
}

pub(crate) fn problem(cx: &Cx, error: &Error) -> Response {
    let status = status(error.code());
    let errors: Vec<_> = error
        .field_errors()
        .iter()
        .map(|field| {
            serde_json::json!({
                "field": field.field,
                "code": field.code.name,
                "detail": cx.code(field.code, &field.args),
                "value": sent(cx, &field.field),
            })
        })
        .collect();
    let body = serde_json::json!({
        "type": cx.absolute(&format!("/about/errors#{}", error.code().name)),
        "title": title(cx, error.code()),
        "status": status.as_u16(),
        "detail": cx.code(error.code(), error.args()),
        "code": error.code().name,
        "mend": cx.t(&format!("{}-mend", title_key(error.kind()))),
        "errors": errors,
        "request_id": cx.request_id,
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

/// Key of the heading of a kind of failure.
pub(crate) fn title_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "web-error-invalid",
        Kind::Unauthenticated => "web-error-sign-in",
        Kind::Denied => "web-error-denied",
        Kind::Missing => "web-error-missing",
        Kind::Conflict => "web-error-conflict",
        Kind::Limited => "web-error-limited",
        Kind::Unavailable => "web-error-unavailable",
        Kind::Bug => "web-error-bug",
    }
}

fn title(cx: &Cx, code: &Code) -> String {
    cx.t(title_key(code.kind))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    cx: &'a Cx,
    status: u16,
    title: String,
    detail: String,
    mend: String,
    code: &'static str,
    fields: Vec<(String, String)>,
    sign_in: bool,
    confirm: bool,
}

fn page(cx: &Cx, error: &Error) -> Response {
    let status = status(error.code());
    let page = ErrorPage {
        cx,
        status: status.as_u16(),
        title: title(cx, error.code()),
        detail: cx.code(error.code(), error.args()),
        mend: if error.is(&codes::BUSY) {
            cx.t("web-error-busy-mend")
        } else {
            cx.t(&format!("{}-mend", title_key(error.kind())))
        },
        code: error.code().name,
        fields: error
            .field_errors()
            .iter()
            .map(|field| (field.field.clone(), cx.code(field.code, &field.args)))
            .collect(),
        sign_in: error.kind() == Kind::Unauthenticated
            || (error.kind() == Kind::Denied && !cx.is_signed_in()),
        confirm: error.is(&codes::CONFIRM_AGAIN),
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(failure) => {
            tracing::error!(request_id = cx.request_id, ?failure, "the error page cannot be rendered");
            (status, page.detail).into_response()
        }
    }
}

/// The sentence of a code for the list of all codes: values that are not known there stay as their names.
pub(crate) fn sample(lang: Lang, code: &Code) -> String {
    i18n::say_sample(lang, &code.message_key())
}

/// Address of a code's line in the list.
pub(crate) fn anchor(code: &str) -> String {
    uri_part(code)
}
