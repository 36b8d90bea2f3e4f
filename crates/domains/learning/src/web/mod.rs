//! Pages: the teacher's day, the roster on a phone, the rotating code, checking in, closing a class.

mod api;
mod check_in;
mod close;
mod list;
mod roster;
mod teach;

use kernel::Right;
use web::{Access, Rank, Routes};

/// This domain's routes. Whose class it is, the commands check.
pub fn routes() -> Routes {
    Routes::new()
        .get("/teach", Access::SignedIn, teach::show)
        .get("/teach/sessions/{session}", Access::SignedIn, roster::show)
        .post("/teach/sessions/{session}/roll", Access::SignedIn, roster::roll)
        .post("/teach/sessions/{session}/card", Access::SignedIn, roster::card)
        .post("/teach/sessions/{session}/headcount", Access::SignedIn, roster::headcount)
        .post("/teach/sessions/{session}/minutes", Access::SignedIn, roster::minutes)
        .post("/teach/sessions/{session}/reverse", Access::SignedIn, roster::reverse)
        .get("/teach/sessions/{session}/code", Access::SignedIn, roster::code)
        .get("/check-in/{session}", Access::SignedIn, check_in::show)
        .post("/check-in/{session}", Access::SignedIn, check_in::send)
        .ranked(Rank::First)
        .get("/teach/classes/{class}/close", Access::SignedIn, close::show)
        .post("/teach/classes/{class}/close", Access::SignedIn, close::send)
        .get("/desk/attendances", Access::Right(Right::SeeDesk), list::page)
        .merge(api::routes())
}
