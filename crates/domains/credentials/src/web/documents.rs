//! The issuer's public side: profile and keys.

use axum::response::Response;
use kernel::Error;
use serde_json::json;
use web::{Cx, Path};

use super::document;
use crate::Issuer;

/// The issuer's profile, which is its identifier in every credential.
pub(super) async fn profile(cx: Cx) -> web::Result {
    let issuer = cx.get::<Issuer>()?;
    Ok(document("application/ld+json", issuer.profile().to_string()))
}

/// The set of keys (RFC 7517) with which our credentials are signed.
pub(super) async fn key_set(cx: Cx) -> web::Result {
    let issuer = cx.get::<Issuer>()?;
    Ok(document("application/jwk-set+json", json!({"keys": [issuer.jwk()]}).to_string()))
}

/// One key, at the address that tokens name in `kid`.
pub(super) async fn key(cx: Cx, Path(id): Path<String>) -> web::Result<Response> {
    let issuer = cx.get::<Issuer>()?;
    if id != issuer.key.id() {
        return Err(Error::missing().into());
    }
    Ok(document("application/jwk+json", issuer.jwk().to_string()))
}
