#![doc = include_str!("../README.md")]

#[path = "web/mod.rs"]
mod pages;
mod trail;

pub use pages::routes;
pub use trail::{Group, KINDS, Stretch, scope, trail};

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
