#![doc = include_str!("../README.md")]

mod finder;
mod jobs;
mod lists;
mod near;
#[path = "web/mod.rs"]
mod pages;
mod reach;

pub use finder::{Finder, Following};
pub use jobs::{Decision, JOB_CHANGED, JOB_DECIDED, JobDecided, decide_job};
pub use pages::{CityMap, routes};

/// The portal's table: decisions about jobs.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("portal"; 1 "0001_job_order");

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
