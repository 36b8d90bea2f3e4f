#![doc = include_str!("../README.md")]

mod finder;
#[path = "web/mod.rs"]
mod pages;

pub use finder::{Finder, Following};
pub use pages::routes;

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
