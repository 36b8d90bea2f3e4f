#![doc = include_str!("../README.md")]

mod console;
mod gateway;
mod outbox;
mod worker;

pub use console::ConsoleGateway;
pub use gateway::{Failure, Gateway, Message, masked};
pub use outbox::{MessageMark, Outbox};
pub use worker::{Worker, deliver_next};

use store::{Migration, migrations};

/// The outbox.
pub const MIGRATIONS: &[Migration] = migrations!("notify"; 1 "0001_outbox");
