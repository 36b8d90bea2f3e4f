#![doc = include_str!("../README.md")]

mod asked;
mod finder;
mod jobs;
mod lists;
mod near;
#[path = "web/mod.rs"]
mod pages;
mod reach;
mod saved;

pub use finder::{Finder, Following};
pub use jobs::{Decision, JOB_CHANGED, JOB_DECIDED, JobDecided, decide_job};
pub use pages::{CityMap, routes};
pub use saved::{
    NOTHING_ASKED, NOTICE_FROM, NOTICE_UNTIL, Round, SAVED_SEARCHES_MAX, SEARCHES_FULL, WATCH_PAUSE, Watcher,
};

/// The portal's tables: decisions about jobs, and saved searches.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("portal"; 1 "0001_job_order", 2 "0002_saved_search");

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
