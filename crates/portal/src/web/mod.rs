//! Pages.

mod desk;
mod home;
mod passport;
mod search;

use kernel::Right;
use web::{Access, Routes};

/// The portal's routes.
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Public, home::show)
        .get("/search", Access::Public, search::show)
        .get("/passport", Access::SignedIn, passport::show)
        .get("/desk", Access::Right(Right::SeeDesk), desk::show)
}
