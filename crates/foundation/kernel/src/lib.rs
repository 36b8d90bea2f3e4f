#![doc = include_str!("../README.md")]

mod access;
mod chance;
mod error;
mod id;
mod page;
mod region;
mod text;
mod time;
mod unit;
mod uri;

pub use access::{Actor, Grant, Help, Right, Role};
pub use chance::Chance;
pub use error::{
    BAD_CHOICE, BAD_DATE, BAD_FIELDS, BAD_ID, BAD_NUMBER, BAD_REGION, BUG, CHANGED, Code, DENIED, Error,
    FieldError, Kind, MISSING, REQUIRED, Result, SIGN_IN, TOO_LONG, all_codes,
};
#[doc(hidden)]
pub use error::{ListedCode, listed};
pub use id::{Account, Id, Org, Person};
pub use page::{Lang, PageRequest, Paged};
pub use region::{RegionCode, RegionLevel};
pub use text::{excerpt, is_unwanted, plain_digit};
pub use time::{Clock, Day, ManualClock, Month, SystemClock, Timestamp};
pub use unit::{Credit, Minutes};
pub use uri::uri_part;

#[doc(hidden)]
pub use inventory;
