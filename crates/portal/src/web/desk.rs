//! `/desk`: what my places do, and what needs me.

use activities::{Class, Session};
use askama::Template;
use kernel::{Error, Right};
use network::Organisation;
use web::Cx;

/// One of my organisations.
struct Place {
    org: Organisation,
    role: &'static str,
    offers: bool,
    /// Whether the role sees the work of the organisation.
    works: bool,
    staff: bool,
    below: i64,
    week: Vec<(Session, Class)>,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct Page<'a> {
    cx: &'a Cx,
    places: &'a [Place],
    teaching: &'a [(Session, Class)],
    jobs: bool,
    /// Notices that wait for an answer of my places, and how many of them are overdue.
    notices: (i64, i64),
}

/// Shows the desk of all organisations at which the reader holds a role.
pub async fn show(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let grants = cx.actor.grants().to_vec();
    let (day, actor) = (cx.now.day(), cx.actor.clone());
    let (places, teaching, jobs, notices) = cx
        .store
        .read(move |tx| {
            let mut places = Vec::new();
            for grant in &grants {
                let org = network::org(tx, grant.org)?.ok_or_else(Error::missing)?;
                let below =
                    network::counts_by_kind_below(tx, grant.org)?.into_iter().map(|(_, n)| n).sum::<i64>();
                let works = grant.role.rights().contains(&Right::SeeDesk);
                let week = if works {
                    activities::sessions_of_org(tx, grant.org, day.start(), day.plus(7).start(), 50)?
                } else {
                    Vec::new()
                };
                places.push(Place {
                    org,
                    role: grant.role.as_str(),
                    offers: grant.role.rights().contains(&Right::ManageOffers),
                    works,
                    staff: grant.role.rights().contains(&Right::ManageStaff),
                    below,
                    week,
                });
            }
            let teaching = activities::sessions_of_teacher(tx, person, day.start(), day.plus(7).start())?;
            Ok((places, teaching, crate::jobs::may_see(tx, &actor)?, notices::waiting(tx, &actor)?))
        })
        .await?;
    cx.page(&Page { cx: &cx, places: &places, teaching: &teaching, jobs, notices })
}
