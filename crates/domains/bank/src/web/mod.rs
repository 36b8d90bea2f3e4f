//! Pages: a person's own entries, and one entry explained.

mod api;
mod credits;

use web::{Access, Routes};

/// This domain's routes. Each shows the reader's own account only.
pub fn routes() -> Routes {
    Routes::new()
        .get("/passport/credits", Access::SignedIn, credits::list)
        .get("/passport/credits/{entry}", Access::SignedIn, credits::show)
        .merge(api::routes())
}
