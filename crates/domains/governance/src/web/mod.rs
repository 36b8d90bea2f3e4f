//! Pages of the audit.

mod audit;

use kernel::Right;
use web::{Access, Rank, Routes};

/// This domain's routes. How far an auditor sees, the reading decides.
pub fn routes() -> Routes {
    Routes::new()
        .get("/audit", Access::Right(Right::Audit), audit::show)
        .get("/audit/export", Access::Right(Right::Audit), audit::export)
        .ranked(Rank::Heavy)
}
