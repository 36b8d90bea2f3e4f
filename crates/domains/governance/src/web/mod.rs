//! Pages of the audit, of people and their roles, of the counter, and of the security administrator.

mod audit;
mod counter;
mod counter_correct;
mod security;
mod staff;

use kernel::Right;
use web::{Access, Rank, Routes};

/// This domain's routes. How far an auditor sees, the reading decides.
pub fn routes() -> Routes {
    Routes::new()
        .get("/audit", Access::Right(Right::Audit), audit::show)
        .get("/audit/export", Access::Right(Right::Audit), audit::export)
        .ranked(Rank::Heavy)
        .get("/desk/people", Access::Right(Right::ManageStaff), staff::begin)
        .get("/desk/people/{person}", Access::Right(Right::ManageStaff), staff::one)
        .post("/desk/people/{person}/unlock", Access::Right(Right::ManageSecurity), staff::unlock)
        .post("/desk/people/{person}/reset", Access::Right(Right::ManageSecurity), staff::reset)
        .get("/desk/orgs/{org}/people", Access::Right(Right::ManageStaff), staff::list)
        .get("/desk/orgs/{org}/people/give", Access::Right(Right::ManageStaff), staff::ask)
        .post("/desk/orgs/{org}/people/give", Access::Right(Right::ManageStaff), staff::give)
        .post("/desk/orgs/{org}/people/{person}/end", Access::Right(Right::ManageStaff), staff::end)
        .get("/desk/orgs/{org}/counter", Access::Right(Right::TakeAttendance), counter::show)
        .post("/desk/orgs/{org}/counter", Access::Right(Right::TakeAttendance), counter::open)
        .post("/desk/orgs/{org}/counter/renew", Access::Right(Right::TakeAttendance), counter::renew)
        .post("/desk/orgs/{org}/counter/help", Access::Right(Right::TakeAttendance), counter::help)
        .get("/desk/orgs/{org}/counter/correct", Access::Right(Right::TakeAttendance), counter_correct::show)
        .post(
            "/desk/orgs/{org}/counter/correct",
            Access::Right(Right::TakeAttendance),
            counter_correct::put_right,
        )
        .get("/desk/orgs/{org}/counter/{person}", Access::Right(Right::TakeAttendance), counter::print)
        .get("/desk/security", Access::Right(Right::ManageSecurity), security::show)
        .post("/desk/security/tokens/{token}/end", Access::Right(Right::ManageSecurity), security::revoke)
}
