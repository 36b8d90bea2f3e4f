//! Pages: an offer with its classes, seats, and the desk of a class.

mod api;
mod calendar;
mod desk;
mod offer;
mod seat;
pub mod structured;

use kernel::Right;
use web::{Access, Routes};

/// This domain's routes.
pub fn routes() -> Routes {
    let manage = Access::Right(Right::ManageOffers);
    Routes::new()
        .get("/offers/{offer}", Access::Public, offer::show)
        .post("/classes/{class}/sign-up", Access::SignedIn, seat::sign_up)
        .get("/classes/{class}/seat", Access::SignedIn, seat::show)
        .post("/classes/{class}/cancel", Access::SignedIn, seat::cancel)
        .get("/calendar/{file}", Access::Public, calendar::class)
        .get("/desk/offers/{offer}/classes/new", manage, desk::new)
        .post("/desk/offers/{offer}/classes/new", manage, desk::create)
        .get("/desk/classes/{class}", Access::SignedIn, desk::show)
        .merge(api::routes())
}
