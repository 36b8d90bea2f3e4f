#![doc = include_str!("../README.md")]

mod assets;
mod body;
mod codes;
mod cookie;
mod cx;
mod error;
mod form;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
pub mod i18n;
mod limit;
mod observe;
mod options;
mod pages;
mod routes;
mod shell;
pub mod testing;

pub use body::Upload;
pub use codes::{
    BAD_CHARACTERS, BAD_REQUEST, BUSY, CROSS_ORIGIN, FORM_EXPIRED, METHOD, TIMEOUT, TOO_LARGE, TOO_MANY,
    TOO_SHORT, UNSUPPORTED,
};
pub use cookie::Level;
pub use cx::{Cx, Scale};
pub use error::{Verbatim, WebError};
pub use form::{FieldProblem, Form, FormState, Max};
pub use gate::{Limits, Rank};
pub use i18n::{Arg, ToArg};
pub use limit::limit;
pub use options::Choice;
pub use routes::{Access, Path, RouteInfo, Routes};
pub use shell::{SessionInfo, Sessions, Shell, Site};

/// What a handler answers.
pub type Result<T = axum::response::Response> = std::result::Result<T, WebError>;

/// The tables of this crate: counters of the rate limit.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("web"; 1 "0001_rate");

messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));

#[doc(hidden)]
pub use inventory;
