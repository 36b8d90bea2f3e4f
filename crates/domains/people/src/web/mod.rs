//! The pages: the only place of this crate where axum is named.

mod device;
mod me;
mod privacy;
mod sign_in;

use ::web::Routes;

/// All routes of this crate.
pub fn routes() -> Routes {
    sign_in::routes().merge(me::routes()).merge(privacy::routes())
}
