//! `/teach`: the sessions that I teach today and in the next days.

use activities::{Class, Session};
use askama::Template;
use web::Cx;

#[derive(Template)]
#[template(path = "teach.html")]
struct Page<'a> {
    cx: &'a Cx,
    today: &'a [(Session, Class)],
    coming: &'a [(Session, Class)],
    past: &'a [(Session, Class)],
}

/// Days ahead that are shown.
const DAYS_AHEAD: i32 = 14;
/// Days back, for records that were not finished on the day.
const DAYS_BACK: i32 = 14;

/// Shows the teacher's sessions: today's, what comes, and what was.
pub async fn show(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let day = cx.now.day();
    let all = cx
        .store
        .read(move |tx| {
            activities::sessions_of_teacher(
                tx,
                person,
                day.plus(-DAYS_BACK).start(),
                day.plus(DAYS_AHEAD).start(),
            )
        })
        .await?;
    let (mut today, mut coming, mut past) = (Vec::new(), Vec::new(), Vec::new());
    for pair in all {
        match pair.0.starts_at.day().cmp(&day) {
            std::cmp::Ordering::Equal => today.push(pair),
            std::cmp::Ordering::Greater => coming.push(pair),
            std::cmp::Ordering::Less => past.push(pair),
        }
    }
    past.reverse();
    cx.page(&Page { cx: &cx, today: &today, coming: &coming, past: &past })
}
