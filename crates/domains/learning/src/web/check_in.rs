//! `/check-in/{session}`: the resident enters the code that the room shows; a QR code fills it in.

use activities::{Class, Session, SessionId};
use askama::Template;
use kernel::Error;
use web::{Cx, Form, FormState, Max, Path};

use crate::{
    check_in::{EARLY_MINUTES, session_and_class},
    model::Attendance,
    read,
};

#[derive(Template)]
#[template(path = "check_in.html")]
struct Page<'a> {
    cx: &'a Cx,
    session: &'a Session,
    class: &'a Class,
    attendance: Option<&'a Attendance>,
    seated: bool,
    open: bool,
    opens: kernel::Timestamp,
    form: &'a FormState,
}

async fn page(cx: &Cx, session_id: SessionId, refused: Option<FormState>) -> web::Result {
    let person = cx.signed_in()?;
    let (session, class, seat, attendance) = cx
        .store
        .read(move |tx| {
            let (session, class) = session_and_class(tx, session_id)?;
            let seat = activities::enrolment(tx, &class, person)?;
            let attendance = read::attendance_of(tx, &session, person)?;
            Ok((session, class, seat, attendance))
        })
        .await?;
    let opens = session.starts_at.plus_minutes(-EARLY_MINUTES);
    let invalid = refused.is_some();
    let code: String = cx.param("code").chars().filter(char::is_ascii_digit).take(6).collect();
    let form = refused.unwrap_or_else(|| FormState::new(cx).with("code", code));
    let page = Page {
        cx,
        session: &session,
        class: &class,
        attendance: attendance.as_ref().filter(|a| a.status == "valid"),
        seated: seat.is_some_and(|seat| seat.status == "seated"),
        open: (opens..=session.ends_at).contains(&cx.now),
        opens,
        form: &form,
    };
    if invalid { cx.invalid(&page) } else { cx.page(&page) }
}

/// Shows the field for the code, or that the reader is checked in.
pub async fn show(cx: Cx, Path(session_id): Path<SessionId>) -> web::Result {
    page(&cx, session_id, None).await
}

/// Checks the reader in.
pub async fn send(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    let person = cx.signed_in()?;
    let code = form.required_text("code", Max(20));
    let outcome = match form.finish() {
        Ok(()) => try_code(&cx, session_id, person, code).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(cx.done(&format!("/check-in/{session_id}"), &cx.t("learning-checked-in"))),
        Err(error) => {
            let state = form.state(&cx, error)?;
            page(&cx, session_id, Some(state)).await
        }
    }
}

async fn try_code(
    cx: &Cx,
    session_id: SessionId,
    person: kernel::Id<kernel::Person>,
    code: String,
) -> Result<(), Error> {
    cx.store.write("learning.count_try", move |tx| crate::count_try(tx, person)).await?;
    let actor = cx.actor.clone();
    cx.store
        .write("learning.check_in_by_code", move |tx| {
            crate::check_in_by_code(tx, &actor, session_id, &code).map(|_| ())
        })
        .await
}
