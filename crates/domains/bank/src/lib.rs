#![doc = include_str!("../README.md")]

mod backtest;
mod books;
mod credit;
mod explain;
pub mod facts;
mod fraction;
mod model;
mod pack;
#[path = "web/mod.rs"]
mod pages;
mod post;
mod read;
mod rule;

use std::sync::Arc;

pub use backtest::{Backtest, backtest};
pub use explain::explain;
pub use fraction::{Fraction, Rounding};
pub use model::{
    ACCOUNT, CreditClass, ENTRY, Entry, EntryId, EntryKind, EntryMark, Note, ReversalReason, TransferId,
    TransferMark,
};
pub use pack::{ExampleOutcome, read_rule, rule_for, rule_version, rules, rules_test, test_rule};
pub use pages::routes;
pub use read::{account_of, balance, entries, entry, issued, reversal_of, reversed_by};
pub use rule::{Calculation, Example, Refusal, Rule, Used, Words};

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("bank"; 1 "0001_bank");

/// What follows the journal for this domain: the reactor that posts credit.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    vec![Arc::new(credit::Crediting)]
}

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
