//! Stylesheet, script and icon: in the binary, under names that change with their content.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::Error;
use rust_embed::RustEmbed;

use crate::{Path, error};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// Hex digits of the hash in a name.
const HASH_LENGTH: usize = 12;

static NAMES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|file| {
            let data = Files::get(&file)?;
            let hash = seal::hex(&seal::sha256(&data.data));
            let (stem, ending) = file.rsplit_once('.')?;
            Some((file.to_string(), format!("{stem}.{}.{ending}", &hash[..HASH_LENGTH])))
        })
        .collect()
});

/// The address of an asset, for templates: `/assets/app.0123456789ab.css`.
pub(crate) fn url(file: &str) -> String {
    format!("/assets/{}", NAMES.get(file).map_or(file, String::as_str))
}

pub(crate) fn is_asset(path: &str) -> bool {
    path.starts_with("/assets/")
}

pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let file = NAMES
        .iter()
        .find(|(_, hashed)| **hashed == name)
        .and_then(|(file, _)| Files::get(file).map(|data| (file, data)));
    let Some((file, data)) = file else { return error::into_failure(Error::missing()) };
    let kind = match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (StatusCode::OK, headers, data.data.into_owned()).into_response()
}

impl crate::Cx {
    /// The address of one of this crate's assets: `cx.asset("app.css")`.
    pub fn asset(&self, file: &str) -> String {
        url(file)
    }
}
