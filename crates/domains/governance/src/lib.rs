#![doc = include_str!("../README.md")]

#[path = "web/mod.rs"]
mod pages;
mod staff_file;
mod trail;

pub use pages::routes;
pub use staff_file::{
    STAFF_BYTES_MAX, STAFF_COLUMNS, STAFF_FILE_COLUMN, STAFF_FILE_DAY, STAFF_FILE_EMPTY, STAFF_FILE_HEADING,
    STAFF_FILE_KIND, STAFF_FILE_LARGE, STAFF_FILE_ORG, STAFF_FILE_ROLE, STAFF_FILE_TWICE, STAFF_ROWS_MAX,
    StaffFault, StaffFile, read_staff_file,
};
pub use trail::{Group, KINDS, Stretch, scope, trail};

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
