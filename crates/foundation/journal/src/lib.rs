#![doc = include_str!("../README.md")]

mod command;
mod consume;
mod erase;
mod fact;
mod log;
mod nodes;
mod runner;
mod sealing;
mod sequence;
mod table;
mod trail;
mod verify;

pub use command::{KEY_REUSED, forget_answers, once};
pub use consume::{
    Consumer, drain, fact_about, fact_by_id, facts_after, facts_of, head_pos, position_of, step,
};
pub use erase::{Erasure, destroy_salts};
pub use fact::{Fact, FactId, FactMark, Recorded};
pub use log::{
    Consistency, Inclusion, NO_SUCH_SIZE, NOT_SEALED_YET, consistency, fact_index, head_of, heads_before,
    inclusion,
};
pub use runner::Runner;
pub use sealing::{Head, Sealer, heads};
pub use sequence::sequence;
pub use table::{Table, tables};
pub use trail::{Sought, facts_between, position_at};
pub use verify::{Check, Problem, Report, checks, verify, verify_since};

use store::{Migration, migrations};

/// The journal's tables.
pub const MIGRATIONS: &[Migration] = migrations!("journal"; 1 "0001_journal", 2 "0002_nodes");

#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use table::{ListedTable, listed_table};
