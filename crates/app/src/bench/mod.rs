//! `xuecheng bench`: measurements with their physical bound in the same run.

pub mod signups;
pub mod verify;
