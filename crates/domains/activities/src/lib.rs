#![doc = include_str!("../README.md")]

mod close_class;
mod coming;
pub mod facts;
pub mod ics;
mod model;
mod my_classes;
mod open_class;
#[path = "web/mod.rs"]
mod pages;
mod read;
mod sign_up;
pub mod testing;

use std::sync::Arc;

pub use close_class::{close_class, teacher_or};
pub use coming::{
    Coming, Meeting, Wanted, Within, coming_classes, meetings, meetings_by_day, next_beginnings,
    next_classes, soonest_with_seats, undated_offers,
};
pub use model::{
    CLASS, Class, ClassId, ClassMark, ENROLMENT, Enrolment, EnrolmentId, EnrolmentMark, SESSION, Session,
    SessionId, SessionMark,
};
pub use open_class::{
    BAD_CAPACITY, BAD_SESSION_TIME, BAD_SESSIONS, CAPACITY_MAX, OFFER_NOT_PUBLISHED, OpenClass, OpenedClass,
    SESSIONS_MAX, SESSIONS_OVERLAP, TEACHER_BUSY, open_class,
};
pub use read::{
    AsRead, MyClass, class, classes_of_offer, classes_of_person, classes_to_take, enrolment, next_sessions,
    roster, session, sessions_of_class, sessions_of_org, sessions_of_teacher, titles, unchanged,
    upcoming_of_person,
};
pub use sign_up::{
    ALREADY_BEGUN, FULL, NOT_OPEN, NOT_SEATED, Seated, SignUp, alternatives, cancel_sign_up, sign_up,
};

pub use pages::{keep_while_unchanged, routes, structured};

web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("activities"; 1 "0001_activities", 2 "0002_class_by_place", 3 "0003_class_by_start");

/// What follows the journal for this domain.
pub fn consumers() -> Vec<Arc<dyn journal::Consumer>> {
    vec![Arc::new(my_classes::MyClasses)]
}
