//! Pages and documents. The only place where HTTP is named.

mod api;
mod documents;
mod revoke;
mod show;
mod verify;

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::Right;
use web::{Access, Keep, Rank, Routes};

/// A file to be checked has at most so many bytes; a certificate as PDF has about a hundred thousand.
pub const UPLOAD_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/credentials/{file}", Access::Public, show::show)
        .ranked(Rank::Heavy)
        .kept(Keep::Checked)
        .get("/credentials/{file}/revoke", Access::Right(Right::CloseClass), revoke::ask)
        .post("/credentials/{file}/revoke", Access::Right(Right::CloseClass), revoke::revoke)
        .get("/credentials/issuer", Access::Public, documents::profile)
        .get("/credentials/keys/{key}", Access::Public, documents::key)
        .get("/.well-known/jwks.json", Access::Public, documents::key_set)
        .get("/verify", Access::Public, verify::ask)
        .upload("/verify", Access::Public, UPLOAD_BYTES_MAX, verify::check)
        .merge(api::routes())
}

/// No search engine keeps what is shown to those who were given the address.
fn unlisted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// A document for programs, readable from pages of other sites too: wallets are web applications.
fn document(kind: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
