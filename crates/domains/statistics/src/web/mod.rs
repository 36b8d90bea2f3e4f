//! Pages: the city's figures, the way down to a record, reported figures.

mod api;
mod drill;
mod figure;
mod overview;
mod reported;
mod wording;

use web::{Access, Keep, Rank, Routes};

/// This domain's routes. Figures are public; what may tell about single people is held back page by page.
pub fn routes() -> Routes {
    Routes::new()
        .get("/figures", Access::Public, overview::show)
        .get("/figures/{figure}", Access::Public, drill::show)
        .get("/figures/reported/{id}", Access::Public, reported::show)
        .kept(Keep::Briefly)
        .merge(api::routes())
        .ranked(Rank::Heavy)
}
