//! Places and organisations for programs. The only part of the crate that knows HTTP.

mod api;

pub(crate) fn routes() -> web::Routes {
    api::routes()
}
