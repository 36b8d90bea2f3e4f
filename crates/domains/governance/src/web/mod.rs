//! Pages of the audit, of people and their roles, of the counter, and of the security administrator.

mod audit;
mod counter;
mod counter_correct;
mod counter_phone;
mod invitations;
mod invite;
mod invite_file;
mod security;
mod staff;

use kernel::Right;
use web::{Access, Rank, Routes};

use crate::staff_file::STAFF_BYTES_MAX;

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
        .get("/desk/people/{person}/phone", Access::Right(Right::ManageSecurity), counter_phone::show_staff)
        .post("/desk/people/{person}/phone", Access::Right(Right::ManageSecurity), counter_phone::send_staff)
        .get(
            "/desk/people/{person}/phone/code",
            Access::Right(Right::ManageSecurity),
            counter_phone::ask_staff,
        )
        .post(
            "/desk/people/{person}/phone/code",
            Access::Right(Right::ManageSecurity),
            counter_phone::put_staff,
        )
        .get("/desk/orgs/{org}/people", Access::Right(Right::ManageStaff), staff::list)
        .get("/desk/orgs/{org}/people/give", Access::Right(Right::ManageStaff), staff::ask)
        .post("/desk/orgs/{org}/people/give", Access::Right(Right::ManageStaff), staff::give)
        .get("/desk/orgs/{org}/people/invite", Access::Right(Right::ManageStaff), invite::show)
        .post("/desk/orgs/{org}/people/invite", Access::Right(Right::ManageStaff), invite::send)
        .post(
            "/desk/orgs/{org}/people/invitations/{invitation}/remind",
            Access::Right(Right::ManageStaff),
            invite::remind,
        )
        .post(
            "/desk/orgs/{org}/people/invitations/{invitation}/withdraw",
            Access::Right(Right::ManageStaff),
            invite::withdraw,
        )
        .get("/desk/orgs/{org}/people/import", Access::Right(Right::ManageStaff), invite_file::show)
        .upload(
            "/desk/orgs/{org}/people/import",
            Access::Right(Right::ManageStaff),
            STAFF_BYTES_MAX + 64 * 1024,
            invite_file::check,
        )
        .ranked(Rank::Heavy)
        .get("/desk/orgs/{org}/people/import/table", Access::Right(Right::ManageStaff), invite_file::table)
        .get("/desk/orgs/{org}/people/import/{list}", Access::Right(Right::ManageStaff), invite_file::look)
        .post(
            "/desk/orgs/{org}/people/import/{list}",
            Access::Right(Right::ManageStaff),
            invite_file::confirm,
        )
        .post(
            "/desk/orgs/{org}/people/import/{list}/drop",
            Access::Right(Right::ManageStaff),
            invite_file::drop_list,
        )
        .get("/invitations", Access::SignedIn, invitations::show)
        .post("/invitations/{invitation}/accept", Access::SignedIn, invitations::accept)
        .post("/invitations/{invitation}/decline", Access::SignedIn, invitations::decline)
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
        .get("/desk/orgs/{org}/counter/phone", Access::Right(Right::TakeAttendance), counter_phone::show)
        .post("/desk/orgs/{org}/counter/phone", Access::Right(Right::TakeAttendance), counter_phone::send)
        .get(
            "/desk/orgs/{org}/counter/phone/{person}",
            Access::Right(Right::TakeAttendance),
            counter_phone::ask,
        )
        .post(
            "/desk/orgs/{org}/counter/phone/{person}",
            Access::Right(Right::TakeAttendance),
            counter_phone::put,
        )
        .get("/desk/orgs/{org}/counter/{person}", Access::Right(Right::TakeAttendance), counter::print)
        .get("/desk/security", Access::Right(Right::ManageSecurity), security::show)
        .post("/desk/security/tokens/{token}/end", Access::Right(Right::ManageSecurity), security::revoke)
}
