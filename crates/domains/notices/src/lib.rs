#![doc = include_str!("../README.md")]

mod answer;
mod end_notice;
pub mod facts;
mod fields;
mod file;
mod lists;
mod model;
#[path = "web/mod.rs"]
mod pages;
mod reach;
mod remind;
mod results;
mod send_notice;
mod sheet;
pub mod testing;
mod worker;
mod write_notice;

pub use answer::{
    NO_TABLE, NOT_ANSWERED, TOO_LATE, answer_notice, keep_draft, may_answer, open_notice, return_answer,
    typed_so_far,
};
pub use end_notice::{NOT_LATER, NOT_OPEN, close_notice, extend_notice, withdraw_notice};
pub use fields::{
    CHOICES_CHARS_MAX, CHOICES_MAX, FIELDS_MAX, Field, FieldKind, HINT_MAX, NAME_MAX, decimal_text,
    field_faults,
};
pub use file::{Cell, FILE_BYTES_MAX, FILE_ROWS_MAX, FileFault, cell_of, csv_of, read_file, xlsx_of};
pub use lists::{
    Came, INBOX, PLACES, PlaceLine, SENT, SentLine, came, count_came, count_places, count_sent, places, sent,
    waiting,
};
pub use model::{
    ANSWER, Aim, Answer, Audience, BODY_MAX, NOTICE, Notice, NoticeId, NoticeMark, REASON_MAX, RECIPIENT,
    RECIPIENTS_MAX, Recipient, State, Status, TITLE_MAX, Wants, answers, notice, recipient,
};
pub use pages::routes;
pub use reach::{RIGHT, Sight, addressed, officered, reached, seen};
pub use remind::{NOBODY_SILENT, REMIND_HOURS, REMINDED_LATELY, remind_silent};
pub use results::{Handed, Progress, each_handed, handed, progress, progress_of, sums};
pub use send_notice::{NOBODY, TOO_MANY_PLACES, send_notice};
pub use sheet::{
    ANSWER_BYTES_MAX, CELL_MAX, Fault, ROWS_MAX, Sums, cell_name, is_blank, keepable, read_row, read_rows,
};
pub use worker::{Means, Reminder, work_next};
pub use write_notice::{DUE_BEHIND, NOT_DRAFT, NoticeWords, SENDER_CLOSED, draft_notice, edit_notice};

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("notices"; 1 "0001_notices");

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
