//! `xuecheng bench`: measurements with their physical bound in the same run.

mod city;
pub mod lists;
mod load;
pub mod pages;
pub mod search;
pub mod server;
pub mod signups;
pub mod verify;
