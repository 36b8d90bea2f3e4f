//! The pages: the only place of this crate where axum is named.

mod device;
mod factor;
mod helpers;
mod helping;
mod me;
mod own;
mod phone;
mod privacy;
mod sign_in;

use ::web::{Rank, Routes};

/// All routes of this crate.
pub fn routes() -> Routes {
    sign_in::routes()
        .merge(factor::routes())
        .ranked(Rank::First)
        .merge(me::routes())
        .merge(helpers::routes())
        .merge(helping::routes())
        .merge(own::routes())
        .merge(phone::routes())
        .merge(privacy::routes())
}
