//! Keeping places and the network, and both for programs. The only part of the crate that knows HTTP.

mod api;
mod history;
mod holidays;
mod import;
mod manage;
mod place;
mod reorganise;

use ::web::{Access, Rank, Routes};
use kernel::Right;

pub(crate) fn routes() -> Routes {
    let network = Access::Right(Right::ManageNetwork);
    let files = Routes::new()
        .upload("/desk/orgs/{org}/import", network, import::FORM_MAX, import::take)
        .get("/desk/orgs/{org}/import/table", network, import::table)
        .get("/desk/orgs/{org}/import/{import}", network, import::show)
        .post("/desk/orgs/{org}/import/{import}", network, import::go)
        .get("/desk/orgs/{org}/import/{import}/faults", network, import::faults)
        .ranked(Rank::Heavy);
    Routes::new()
        .get("/desk/orgs/{org}/import", network, import::form)
        .merge(files)
        .get("/desk/orgs/{org}/place", Access::Right(Right::ManageOffers), place::form)
        .post("/desk/orgs/{org}/place", Access::Right(Right::ManageOffers), place::save)
        .get("/desk/orgs/{org}/name", Access::Right(Right::ManageNetwork), manage::name_form)
        .post("/desk/orgs/{org}/name", Access::Right(Right::ManageNetwork), manage::rename)
        .get("/desk/orgs/{org}/found", Access::Right(Right::ManageNetwork), manage::found_form)
        .post("/desk/orgs/{org}/found", Access::Right(Right::ManageNetwork), manage::found)
        .get("/desk/orgs/{org}/close", Access::Right(Right::ManageNetwork), manage::close_form)
        .post("/desk/orgs/{org}/close", Access::Right(Right::ManageNetwork), manage::close)
        .get("/desk/orgs/{org}/move", Access::Right(Right::ManageNetwork), reorganise::move_form)
        .post("/desk/orgs/{org}/move", Access::Right(Right::ManageNetwork), reorganise::move_to)
        .get("/desk/reorganisations", Access::Right(Right::ManageNetwork), reorganise::list)
        .get("/desk/reorganisations/new", Access::Right(Right::ManageNetwork), reorganise::form)
        .upload(
            "/desk/reorganisations/new",
            Access::Right(Right::ManageNetwork),
            reorganise::FORM_MAX,
            reorganise::create,
        )
        .get("/desk/reorganisations/{reorganisation}", Access::Right(Right::ManageNetwork), reorganise::show)
        .get(
            "/desk/reorganisations/{reorganisation}/file",
            Access::Right(Right::ManageNetwork),
            reorganise::file,
        )
        .post(
            "/desk/reorganisations/{reorganisation}/confirm",
            Access::Right(Right::ManageNetwork),
            reorganise::go,
        )
        .post(
            "/desk/reorganisations/{reorganisation}/discard",
            Access::Right(Right::ManageNetwork),
            reorganise::drop_it,
        )
        .post(
            "/desk/reorganisations/{reorganisation}/undo",
            Access::Right(Right::ManageNetwork),
            reorganise::take_back,
        )
        .get("/orgs/{org}/history", Access::Public, history::show)
        .get("/desk/holidays", Access::Right(Right::OpenDesk), holidays::show)
        .post("/desk/holidays", Access::Right(Right::ManageNetwork), holidays::set)
        .merge(api::routes())
}
