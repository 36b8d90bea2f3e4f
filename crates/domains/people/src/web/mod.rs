//! The pages.

use ::web::Routes;

/// All routes of this crate.
pub fn routes() -> Routes {
    Routes::new()
}
