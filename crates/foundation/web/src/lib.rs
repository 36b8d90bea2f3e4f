#![doc = include_str!("../README.md")]

pub mod api;
mod assets;
mod attachment;
mod authorization;
mod blanks;
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
mod kept;
pub mod limit;
pub mod list;
mod observe;
mod options;
mod pages;
mod routes;
mod shell;
pub mod testing;

pub use attachment::attachment;
pub use body::Upload;
pub use codes::{
    BAD_CHARACTERS, BAD_REQUEST, BUSY, CONFIRM_AGAIN, CROSS_ORIGIN, FORM_EXPIRED, HERSELF, METHOD,
    ONLY_LOOKS, SECOND_FACTOR, TIMEOUT, TOO_LARGE, TOO_MANY, TOO_SHORT, UNSUPPORTED,
};
pub use cookie::Level;
pub use cx::{Cx, Scale};
pub use error::{Verbatim, WebError};
pub use form::{FieldProblem, Form, FormState, Max};
pub use gate::{Limits, Rank};
pub use i18n::{Arg, ToArg};
pub use kept::{Keep, Keeping, LIFE_MS_MAX};
pub use limit::{LIMITS, Limit, limit};
pub use options::Choice;
pub use routes::{Access, Path, RouteInfo, Routes};
pub use shell::{Helping, Proof, SessionInfo, Sessions, Shell, Site, TokenInfo};

/// What a handler answers.
pub type Result<T = axum::response::Response> = std::result::Result<T, WebError>;

/// The tables of this crate: counters of the rate limit.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("web"; 1 "0001_rate");

messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));

#[doc(hidden)]
pub use inventory;

/// The limits of this crate on what comes from outside: what, how much, unit. `docs/limits.md` lists them, and a test compares.
pub fn limits() -> [(&'static str, u64, &'static str); 11] {
    let gate = Limits::default();
    [
        ("Body of a form", routes::FORM_BYTES_MAX as u64, "bytes"),
        ("Body of a request to the API", api::JSON_BYTES_MAX as u64, "bytes"),
        ("Nesting of JSON", 127, "levels"),
        (
            "Requests of the first rank answered at once by a process (sign-in, check-in)",
            gate.first as u64,
            "requests",
        ),
        ("Usual requests answered at once by a process", gate.usual as u64, "requests"),
        (
            "Heavy requests answered at once by a process (search, figures, files)",
            gate.heavy as u64,
            "requests",
        ),
        ("Time for an answer, from the head of the request on", shell::TIMEOUT.as_secs(), "s"),
        ("`Authorization` header", authorization::HEADER_BYTES_MAX as u64, "bytes"),
        (
            "Requests of one token to one process in a minute",
            u64::from(shell::TOKEN_REQUESTS_MAX),
            "requests",
        ),
        (
            "Changes by one token in a minute, all processes together",
            routes::TOKEN_CHANGES_MAX.unsigned_abs(),
            "requests",
        ),
        ("Wrong fields named in one refusal of the API", api::NAMED_MAX as u64, "fields"),
    ]
}
