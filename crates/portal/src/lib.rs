#![doc = include_str!("../README.md")]

mod asked;
pub mod exports;
mod finder;
mod jobs;
mod lists;
mod near;
#[path = "web/mod.rs"]
mod pages;
mod reach;
mod saved;

use std::sync::Arc;

pub use finder::{Finder, Following};
pub use jobs::{Decision, JOB_CHANGED, JOB_DECIDED, JobDecided, decide_job};
pub use pages::{CityMap, OrgList, routes};
pub use saved::{
    NOTHING_ASKED, NOTICE_FROM, NOTICE_UNTIL, Round, SAVED_SEARCHES_MAX, SEARCHES_FULL, WATCH_PAUSE, Watcher,
};

/// The portal's tables: decisions about jobs, saved searches, and lists as files.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("portal"; 1 "0001_job_order", 2 "0002_saved_search", 3 "0003_export");

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
