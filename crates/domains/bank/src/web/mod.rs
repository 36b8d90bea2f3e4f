//! Pages: a person's own entries, and one entry explained.

mod api;
mod credits;

use kernel::Help;
use web::{Access, Routes};

/// This domain's routes. Each shows the reader's own account only.
pub fn routes() -> Routes {
    Routes::new()
        .get("/passport/credits", Access::Helped(Help::Look), credits::list)
        .get("/passport/credits/{entry}", Access::Helped(Help::Look), credits::show)
        .merge(api::routes())
}
