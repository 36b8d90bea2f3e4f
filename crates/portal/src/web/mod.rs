//! Pages.

mod api;
mod batch;
mod desk;
mod exports;
mod found;
mod home;
mod jobs;
mod log;
mod orgs;
mod own_data;
mod passport;
mod place;
mod saved;
mod search;

pub use orgs::OrgList;
pub use place::CityMap;

use kernel::Right;
use web::{Access, Keep, Rank, Routes};

/// The portal's routes.
pub fn routes() -> Routes {
    let search = Routes::new().get("/search", Access::Public, search::show).ranked(Rank::Heavy);
    let of_seats = Routes::new().get("/", Access::Public, home::show).merge(search).kept(Keep::Checked);
    Routes::new()
        .get("/log", Access::Public, log::show)
        .get("/log/head", Access::Public, log::newest)
        .get("/log/heads", Access::Public, log::list)
        .get("/log/heads/{size}", Access::Public, log::of_size)
        .get("/log/key", Access::Public, log::key)
        .get("/log/proof/inclusion", Access::Public, log::included)
        .get("/log/proof/consistency", Access::Public, log::consistent)
        .get("/log/credentials/{credential}", Access::Public, log::credential)
        .get("/search/suggest", Access::Public, search::suggest)
        .ranked(Rank::Heavy)
        .merge(of_seats)
        .get("/passport", Access::Helped(kernel::Help::Look), passport::show)
        .get("/desk", Access::Right(Right::OpenDesk), desk::show)
        .get("/desk/orgs", Access::Right(Right::SeeDesk), orgs::page)
        .get("/desk/jobs", Access::Right(Right::OpenDesk), jobs::show)
        .post("/desk/jobs/{job}/retry", Access::Right(Right::ManageSystem), jobs::retry)
        .post("/desk/jobs/{job}/give-up", Access::Right(Right::ManageSystem), jobs::give_up)
        .merge(saved::routes())
        .merge(own_data::routes())
        .merge(export_routes())
        .merge(batch::routes())
        .merge(place::routes())
        .merge(api::routes())
}

/// Lists as files. Writing one is a job; giving one takes as long as the line needs.
fn export_routes() -> Routes {
    let desk = Access::Right(Right::OpenDesk);
    Routes::new().get("/desk/exports/{id}/file", desk, exports::file).ranked(Rank::Heavy).merge(
        Routes::new()
            .post("/desk/orgs/export", Access::Right(Right::SeeDesk), exports::ask_orgs)
            .post("/desk/offers/export", Access::Right(Right::ManageOffers), exports::ask_offers)
            .post("/desk/attendances/export", Access::Right(Right::SeeDesk), exports::ask_attendances)
            .get("/desk/exports", desk, exports::list)
            .get("/desk/exports/{id}", desk, exports::show)
            .post("/desk/exports/{id}/delete", desk, exports::delete),
    )
}
