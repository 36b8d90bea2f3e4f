#![doc = include_str!("../README.md")]

mod asked;
mod batch;
pub mod exports;
mod finder;
mod jobs;
mod lists;
mod near;
mod own_data;
#[path = "web/mod.rs"]
mod pages;
mod reach;
mod saved;

use std::sync::Arc;

pub use batch::{
    BATCH_AT_ONCE, BATCH_IDLE, BATCH_OFFERS_MAX, BATCH_OLD, BATCH_ORDER, BATCH_ORDERED, BATCH_STAGE,
    BATCH_TOO_LARGE, BATCH_UNDO_DAYS, BATCH_UNDONE, Batch, BatchAction, BatchId, BatchMark, BatchTold,
    BatchWorker, HAS_CLASSES, NOTHING_CHOSEN, SAME_ALREADY, Stage, draw_up, order_batch, run_batch, step,
    sweep_batches, undo_batch, work_next,
};
pub use finder::{Finder, Following};
pub use jobs::{Decision, JOB_CHANGED, JOB_DECIDED, JobDecided, decide_job};
pub use own_data::OWN;
pub use pages::{CityMap, OrgList, routes};
pub use saved::{
    NOTHING_ASKED, NOTICE_FROM, NOTICE_UNTIL, Round, SAVED_SEARCHES_MAX, SEARCHES_FULL, WATCH_PAUSE, Watcher,
};

/// The portal's tables: decisions about jobs, saved searches, lists as files, batches.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("portal"; 1 "0001_job_order", 2 "0002_saved_search", 3 "0003_export", 4 "0004_offer_batch");

/// All lists of the desk, as files are written of them.
pub fn lists(vault: &Arc<people::Vault>) -> Vec<Arc<dyn web::list::List>> {
    let next = Arc::new(catalog::NextClass(activities::next_beginnings));
    vec![
        Arc::new(OrgList),
        Arc::new(catalog::OfferList { next: Some(next) }),
        Arc::new(learning::AttendanceList { vault: vault.clone() }),
    ]
}

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
