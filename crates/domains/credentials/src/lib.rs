#![doc = include_str!("../README.md")]

mod certificate;
mod check;
mod document;
mod facts;
pub mod jwt;
mod model;
pub mod openbadge;
mod print;
pub mod proof;
mod read;
mod revoke;
mod serial;
pub mod testing;
mod verify;
mod web;

use std::sync::Arc;

pub use self::web::UPLOAD_BYTES_MAX;
pub use certificate::{Certificate, REACTOR};
pub use document::{Issuer, badge, token};
pub use facts::{ISSUED, Issued, REVOKED, Revoked};
pub use model::{CREDENTIAL, Credential, CredentialId, CredentialMark, Kind, Status};
pub use print::{MISSING_CHARACTERS, NO_HOLDER, TOO_LONG_TO_PRINT, pdf};
pub use read::{by_serial, count, count_of_person, credential, credentials_of_person, holder};
pub use revoke::{ALREADY_REVOKED, IS_REVOKED, REASON_MAX, revoke};
pub use serial::Serial;
pub use verify::{Answer, Found, Shown, Step, Verdict, answer, read_file, read_text};

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("credentials"; 1 "0001_credentials");

/// What follows the journal for this domain.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    vec![Arc::new(Certificate)]
}

/// The domain's pages and documents. They need an [`Issuer`] and a `people::Vault` in the shell.
pub fn routes() -> ::web::Routes {
    web::routes()
}

::web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
