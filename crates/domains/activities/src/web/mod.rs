//! Pages: an offer with its classes, seats, and the desk of a class.

mod api;
mod calendar;
mod desk;
mod offer;
mod seat;
pub mod structured;

use kernel::{Help, Right};
use web::{Access, Cx, Keep, Routes};

use crate::{model::Class, read};

/// Lets a page that shows these classes with their free seats be kept while none of them changes.
pub fn keep_while_unchanged<'c>(cx: &Cx, classes: impl Iterator<Item = &'c Class>) {
    let mut classes: Vec<read::AsRead> =
        classes.map(|class| (class.org_id, class.class_id, class.rev)).collect();
    classes.sort_unstable();
    classes.dedup();
    cx.keep_while(move |tx| read::unchanged(tx, &classes));
}

/// This domain's routes.
pub fn routes() -> Routes {
    let manage = Access::Right(Right::ManageOffers);
    Routes::new()
        .get("/offers/{offer}", Access::Public, offer::show)
        .kept(Keep::Checked)
        .post("/classes/{class}/sign-up", Access::Helped(Help::Act), seat::sign_up)
        .get("/classes/{class}/seat", Access::Helped(Help::Look), seat::show)
        .post("/classes/{class}/cancel", Access::Helped(Help::Act), seat::cancel)
        .get("/calendar/{file}", Access::Public, calendar::class)
        .get("/desk/offers/{offer}/classes/new", manage, desk::new)
        .post("/desk/offers/{offer}/classes/new", manage, desk::create)
        .get("/desk/classes/{class}", Access::SignedIn, desk::show)
        .merge(api::routes())
}
