//! Keeping places and the network, and both for programs. The only part of the crate that knows HTTP.

mod api;
mod holidays;
mod manage;
mod place;

use ::web::{Access, Routes};
use kernel::Right;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/desk/orgs/{org}/place", Access::Right(Right::ManageOffers), place::form)
        .post("/desk/orgs/{org}/place", Access::Right(Right::ManageOffers), place::save)
        .get("/desk/orgs/{org}/name", Access::Right(Right::ManageNetwork), manage::name_form)
        .post("/desk/orgs/{org}/name", Access::Right(Right::ManageNetwork), manage::rename)
        .get("/desk/orgs/{org}/found", Access::Right(Right::ManageNetwork), manage::found_form)
        .post("/desk/orgs/{org}/found", Access::Right(Right::ManageNetwork), manage::found)
        .get("/desk/orgs/{org}/close", Access::Right(Right::ManageNetwork), manage::close_form)
        .post("/desk/orgs/{org}/close", Access::Right(Right::ManageNetwork), manage::close)
        .get("/desk/holidays", Access::Right(Right::OpenDesk), holidays::show)
        .post("/desk/holidays", Access::Right(Right::ManageNetwork), holidays::set)
        .merge(api::routes())
}
