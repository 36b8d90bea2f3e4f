#![doc = include_str!("../README.md")]

pub mod bulk;
mod bulk_postgres;
mod bulk_sqlite;
mod error;
mod faults;
pub mod jobs;
pub mod lease;
mod migrate;
mod pg_server;
mod pg_worker;
mod postgres;
mod presence;
mod sqlite;
mod statement;
mod store;
pub mod testing;
mod tx;
mod value;

pub use error::{DUPLICATE, NO_SPACE, UNAVAILABLE, UNKNOWN_OUTCOME};
pub use faults::{Fault, Faults};
pub use migrate::{MIGRATIONS, Migration, has_table, migrate, pending};
pub use presence::Presence;
pub use statement::{Registered, Statement, registered};
pub use store::{Engine, Location, Pool, Store};
pub use tx::Tx;
pub use value::{FromRow, FromValue, Row, Value};

#[doc(hidden)]
pub use inventory;
