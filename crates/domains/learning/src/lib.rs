#![doc = include_str!("../README.md")]

mod check_in;
mod close_class;
mod correct;
pub mod facts;
mod list;
mod model;
mod my_attendances;
#[path = "web/mod.rs"]
mod pages;
mod read;

use std::sync::Arc;

pub use check_in::{
    CODE_SECONDS, EARLY_MINUTES, NO_SEAT, NOT_BEGUN, NOT_NOW, ShownCode, UNKNOWN_CARD, WRONG_CODE,
    check_in_by_card, check_in_by_code, count_try, roll_call, show_code,
};
pub use close_class::{Standing, TOO_EARLY, close_class, completes, standings};
pub use correct::{
    BAD_MINUTES, BAD_VISITORS, REVERSED, VISITORS_MAX, WORDS_MAX, correct_minutes, note_headcount,
    reverse_attendance, reverse_headcount,
};
pub use list::{ATTENDANCES, AttendanceLine, AttendanceList, attendance_lines, count_attendances};
pub use model::{
    ATTENDANCE, Attendance, AttendanceId, AttendanceMark, COMPLETION, CompletionId, CompletionMark,
    EvidenceGrade, HEADCOUNT, Headcount, HeadcountId, HeadcountMark, Method,
};
pub use read::{
    MyAttendance, attendance, attendance_count, attendance_of, attendances_of_person, attendances_of_session,
    headcounts_of_session, sums_of_person,
};

pub use pages::routes;

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("learning"; 1 "0001_learning", 2 "0002_attendance_list");

/// What follows the journal for this domain.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    vec![Arc::new(my_attendances::MyAttendances)]
}
