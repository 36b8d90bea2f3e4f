//! The roster of a session, made for a telephone held in one hand.

use activities::{Class, Session, SessionId};
use askama::Template;
use kernel::{Actor, Error, Id, Minutes, Person, Result as Outcome, Right, Timestamp};
use people::Vault;
use store::Tx;
use web::{Cx, Form, FormState, Max, Path};

use crate::{
    check_in::{EARLY_MINUTES, session_and_class},
    correct::{VISITORS_MAX, WORDS_MAX},
    model::{Attendance, Headcount},
    read,
};

/// Somebody who has a seat or was there.
struct Line {
    person: Id<Person>,
    name: String,
    attendance: Option<Attendance>,
}

struct Loaded {
    session: Session,
    class: Class,
    lines: Vec<Line>,
    headcounts: Vec<Headcount>,
}

#[derive(Template)]
#[template(path = "roster.html")]
struct Page<'a> {
    cx: &'a Cx,
    session: &'a Session,
    class: &'a Class,
    lines: &'a [Line],
    headcounts: &'a [Headcount],
    present: i64,
    visitors: i64,
    check_in_open: bool,
    begun: bool,
    card: FormState,
    headcount: FormState,
    minutes: FormState,
}

/// Which of the page's forms was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Card,
    Headcount,
    Minutes,
}

fn load(tx: &mut Tx, vault: &Vault, actor: &Actor, session_id: SessionId) -> Outcome<Loaded> {
    let (session, class) = session_and_class(tx, session_id)?;
    activities::teacher_or(tx, actor, &class, Right::TakeAttendance)?;
    let roster = activities::roster(tx, &class)?;
    let attendances = read::attendances_of_session(tx, &session)?;
    let mut people: Vec<Id<Person>> = roster.iter().map(|seat| seat.person_id).collect();
    people.extend(
        attendances.iter().map(|a| a.person_id).filter(|p| !roster.iter().any(|seat| seat.person_id == *p)),
    );
    let names = people::names(tx, vault, &people)?;
    let subject = format!("class_session:{}/{session_id}", session.org_id);
    people::note_reading(tx, actor, people::ReadAs::Roster, session.org_id, &subject, people.len())?;
    let lines = people
        .into_iter()
        .map(|person| Line {
            person,
            name: names.get(&person).cloned().unwrap_or_default(),
            attendance: attendances.iter().find(|a| a.person_id == person).cloned(),
        })
        .collect();
    let headcounts = read::headcounts_of_session(tx, &session)?;
    Ok(Loaded { session, class, lines, headcounts })
}

/// Shows the roster.
pub async fn show(cx: Cx, Path(session_id): Path<SessionId>) -> web::Result {
    page(&cx, session_id, None).await
}

async fn page(cx: &Cx, session_id: SessionId, refused: Option<(Refused, FormState)>) -> web::Result {
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let loaded = cx.store.write("learning.roster", move |tx| load(tx, &vault, &actor, session_id)).await?;
    let invalid = refused.is_some();
    let mut forms = [FormState::new(cx), FormState::new(cx), FormState::new(cx)];
    if let Some((which, state)) = refused {
        forms[which as usize] = state;
    }
    let [card, headcount, minutes] = forms;
    let valid = |line: &&Line| line.attendance.as_ref().is_some_and(|a| a.status == "valid");
    let opens = loaded.session.starts_at.plus_minutes(-EARLY_MINUTES);
    let page = Page {
        cx,
        present: loaded.lines.iter().filter(valid).count() as i64,
        visitors: loaded.headcounts.iter().filter(|h| h.status == "valid").map(|h| h.visitors).sum(),
        check_in_open: (opens..=loaded.session.ends_at).contains(&cx.now),
        begun: cx.now >= opens,
        session: &loaded.session,
        class: &loaded.class,
        lines: &loaded.lines,
        headcounts: &loaded.headcounts,
        card,
        headcount,
        minutes,
    };
    if invalid { cx.invalid(&page) } else { cx.page(&page) }
}

fn back(cx: &Cx, session_id: SessionId, words: &str) -> web::Result {
    Ok(cx.done(&format!("/teach/sessions/{session_id}"), words))
}

/// Refuses whoever may not keep this session's records, before anything of the form is judged: what a form lacks tells nothing to
/// those whom it does not concern.
async fn allowed(cx: &Cx, session_id: SessionId) -> Outcome<()> {
    let actor = cx.actor.clone();
    cx.store
        .read(move |tx| {
            let (_, class) = session_and_class(tx, session_id)?;
            activities::teacher_or(tx, &actor, &class, Right::TakeAttendance)
        })
        .await
}

/// Ticks somebody off.
pub async fn roll(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    allowed(&cx, session_id).await?;
    let person = form.id("person").ok_or_else(Error::missing)?;
    let actor = cx.actor.clone();
    cx.store.write("learning.roll_call", move |tx| crate::roll_call(tx, &actor, session_id, person)).await?;
    back(&cx, session_id, &cx.t("learning-ticked"))
}

/// Checks somebody in by card.
pub async fn card(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    let number = form.required_text("card", Max(40));
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let outcome = match form.finish() {
        Ok(()) => {
            cx.store
                .write("learning.check_in_by_card", move |tx| {
                    crate::check_in_by_card(tx, &vault, &actor, session_id, &number)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => back(&cx, session_id, &cx.t("learning-card-done")),
        Err(error) => {
            let state = form.state(&cx, error)?;
            page(&cx, session_id, Some((Refused::Card, state))).await
        }
    }
}

/// Counts visitors.
pub async fn headcount(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    let visitors = form.int("visitors", 1..=VISITORS_MAX);
    let evidence = form.required_text("evidence", Max(WORDS_MAX));
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let outcome = match form.finish() {
        Ok(()) => {
            cx.store
                .write("learning.note_headcount", move |tx| {
                    journal::once(tx, &actor, &key, &(session_id, visitors, &evidence), |tx| {
                        crate::note_headcount(tx, &actor, session_id, visitors, &evidence)
                    })
                })
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => back(&cx, session_id, &cx.t("learning-headcount-done")),
        Err(error) => {
            let state = form.state(&cx, error)?;
            page(&cx, session_id, Some((Refused::Headcount, state))).await
        }
    }
}

/// Corrects somebody's minutes.
pub async fn minutes(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    allowed(&cx, session_id).await?;
    let person = form.id("person").ok_or_else(Error::missing)?;
    let minutes = form.int("minutes", 0..=1_440);
    let reason = form.required_text("reason", Max(WORDS_MAX));
    let actor = cx.actor.clone();
    let outcome = match form.finish() {
        Ok(()) => {
            cx.store
                .write("learning.correct_minutes", move |tx| {
                    crate::correct_minutes(tx, &actor, session_id, person, Minutes(minutes), &reason)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => back(&cx, session_id, &cx.t("learning-minutes-done")),
        Err(error) => {
            let state = form.state(&cx, error)?;
            page(&cx, session_id, Some((Refused::Minutes, state))).await
        }
    }
}

/// Takes an attendance back.
pub async fn reverse(cx: Cx, Path(session_id): Path<SessionId>, mut form: Form) -> web::Result {
    allowed(&cx, session_id).await?;
    let person = form.id("person").ok_or_else(Error::missing)?;
    let reason = form.required_text("reason", Max(WORDS_MAX));
    let actor = cx.actor.clone();
    let outcome = match form.finish() {
        Ok(()) => {
            cx.store
                .write("learning.reverse_attendance", move |tx| {
                    crate::reverse_attendance(tx, &actor, session_id, person, &reason)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => back(&cx, session_id, &cx.t("learning-reversed-done")),
        Err(error) => {
            let state = form.state(&cx, error)?;
            page(&cx, session_id, Some((Refused::Minutes, state))).await
        }
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    cx: &'a Cx,
    session: &'a Session,
    class: &'a Class,
    code: String,
    seconds_left: i64,
    qr: String,
    present: i64,
    ends_at: Timestamp,
}

/// The code for the room, large; the page renews itself when the code changes.
pub async fn code(cx: Cx, Path(session_id): Path<SessionId>) -> web::Result {
    let actor = cx.actor.clone();
    let (shown, session, class, present) = cx
        .store
        .write("learning.show_code", move |tx| {
            let shown = crate::show_code(tx, &actor, session_id)?;
            let (session, class) = session_and_class(tx, session_id)?;
            let all = read::attendances_of_session(tx, &session)?;
            let present = all.iter().filter(|a| a.status == "valid").count() as i64;
            Ok((shown, session, class, present))
        })
        .await?;
    let url = cx.absolute(&format!("/check-in/{session_id}?code={}", shown.code));
    let qr = render::qr::qr_svg(&url, &cx.t("learning-qr")).map_err(|error| {
        Error::bug("the address does not fit into a QR code").caused_by(error.to_string())
    })?;
    cx.page(&CodePage {
        cx: &cx,
        code: format!("{} {}", &shown.code[..3], &shown.code[3..]),
        seconds_left: shown.seconds_left,
        qr,
        present,
        ends_at: session.ends_at,
        session: &session,
        class: &class,
    })
}
