//! One notice as its officers see it: the preview of a draft, how far the places are, and what can be done.

use askama::Template;
use kernel::Day;
use network::Organisation;
use store::Tx;
use web::{Cx, Form, FormState, Max, Path};

use super::{answer, inbox::status_key, once, paragraphs};
use crate::{
    Aim, Audience, Field, Notice, NoticeId, Progress, REASON_MAX, RECIPIENTS_MAX, Sight, Status,
    close_notice, extend_notice, officered, progress, reached, remind_silent, seen, send_notice,
    withdraw_notice,
};

/// Places of a draft on one page.
const PREVIEW: usize = 50;

/// What a draft would reach.
#[derive(Default)]
struct Preview {
    places: Vec<Organisation>,
    count: usize,
    page: usize,
    next: bool,
}

#[derive(Template)]
#[template(path = "notices_overview.html")]
struct Page<'a> {
    cx: &'a Cx,
    notice: &'a Notice,
    sender: String,
    fields: Vec<Field>,
    audience: Audience,
    officer: bool,
    progress: Progress,
    preview: Preview,
    form: FormState,
    /// Which of the page's forms was refused; empty if none.
    which: &'static str,
}

impl Page<'_> {
    fn status(&self) -> String {
        self.cx.t(status_key(self.notice.status))
    }

    fn lines(&self) -> Vec<&str> {
        paragraphs(&self.notice.body)
    }

    fn is_draft(&self) -> bool {
        self.notice.status == Status::Draft
    }

    fn is_withdrawn(&self) -> bool {
        self.notice.status == Status::Withdrawn
    }

    fn is_overdue(&self) -> bool {
        self.notice.is_overdue(self.cx.now.day())
    }

    /// All places, at least one, so that a part of them can be drawn.
    fn whole(&self) -> i64 {
        self.progress.places.max(1)
    }

    fn reaches_too_many(&self) -> bool {
        self.preview.count > RECIPIENTS_MAX
    }

    /// Whom it is for, in words.
    fn aim(&self) -> String {
        match &self.audience {
            Audience::Children => self.cx.tk("notices-aim", Aim::Children.as_str()),
            Audience::Kinds(kinds) => {
                let names: Vec<String> = kinds.iter().map(|kind| self.cx.t(&kind.message_key())).collect();
                self.cx.t1("notices-aim-of-kinds", "kinds", names.join(&self.cx.t("notices-comma")))
            }
            Audience::Chosen(orgs) => self.cx.t1("notices-aim-of-chosen", "n", orgs.len()),
        }
    }

    fn number(&self, index: &usize) -> usize {
        self.preview.page * PREVIEW + index + 1
    }
}

/// `/desk/notices/sent/{notice}`
pub(super) async fn show(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let form = FormState::new(&cx);
    render(&cx, id, form, "").await
}

async fn render(cx: &Cx, id: NoticeId, form: FormState, which: &'static str) -> web::Result {
    let actor = cx.actor.clone();
    let wanted: usize = cx.param_as("page").unwrap_or(1);
    let read = cx.store.read(move |tx| {
        let (notice, sight) = seen(tx, &actor, id)?;
        let sender = network::org(tx, notice.org_id)?.map_or_else(String::new, |org| org.name);
        let progress = progress(tx, id, &sight)?;
        let preview =
            if notice.status == Status::Draft { preview(tx, &notice, wanted)? } else { Preview::default() };
        Ok((notice, sight == Sight::Officer, sender, progress, preview))
    });
    let (notice, officer, sender, progress, preview) = read.await?;
    let form = form.labels(cx, &[("reason", "notices-field-reason"), ("due", "notices-field-due-new")]);
    let refused = !which.is_empty();
    let (fields, audience) = (notice.fields()?, notice.audience()?);
    let page =
        Page { cx, notice: &notice, sender, fields, audience, officer, progress, preview, form, which };
    answer(cx, refused, &page)
}

fn preview(tx: &mut Tx, notice: &Notice, wanted: usize) -> kernel::Result<Preview> {
    let mut places = reached(tx, notice.org_id, &notice.audience()?)?;
    let count = places.len();
    let page = wanted.clamp(1, count.div_ceil(PREVIEW).max(1)) - 1;
    let next = count > (page + 1) * PREVIEW;
    places = places.into_iter().skip(page * PREVIEW).take(PREVIEW).collect();
    Ok(Preview { places, count, page, next })
}

/// Leads back with a word, or shows the page with what was refused.
async fn ended<T>(
    cx: &Cx,
    id: NoticeId,
    form: &Form,
    which: &'static str,
    done: kernel::Result<T>,
    told: impl FnOnce(&Cx, T) -> String,
) -> web::Result {
    match done {
        Ok(what) => Ok(cx.done(&format!("/desk/notices/sent/{id}"), &told(cx, what))),
        Err(error) => {
            let state = form.state(cx, error)?;
            render(cx, id, state, which).await
        }
    }
}

/// Sends a draft.
pub(super) async fn send(cx: Cx, Path(id): Path<NoticeId>, form: Form) -> web::Result {
    let done = once(&cx, &form, "notices.send", id, |tx, actor, id| send_notice(tx, actor, *id)).await;
    ended(&cx, id, &form, "send", done, |cx, n| cx.t1("notices-sent-done", "n", n)).await
}

/// Reminds all silent places.
pub(super) async fn remind(cx: Cx, Path(id): Path<NoticeId>, form: Form) -> web::Result {
    let done = once(&cx, &form, "notices.order", id, |tx, actor, id| remind_silent(tx, actor, *id)).await;
    ended(&cx, id, &form, "remind", done, |cx, n| cx.t1("notices-reminded-done", "n", n)).await
}

/// Gives it a later last day.
pub(super) async fn extend(cx: Cx, Path(id): Path<NoticeId>, mut form: Form) -> web::Result {
    let due: Day = form.date("due");
    let done = match guard(&cx, id, &form).await {
        Ok(()) => {
            once(&cx, &form, "notices.extend", (id, due), |tx, actor, (id, due)| {
                extend_notice(tx, actor, *id, *due)
            })
            .await
        }
        Err(wrong) => Err(wrong),
    };
    ended(&cx, id, &form, "extend", done, |cx, ()| cx.t("notices-extended-done")).await
}

/// Closes it.
pub(super) async fn close(cx: Cx, Path(id): Path<NoticeId>, form: Form) -> web::Result {
    let done = once(&cx, &form, "notices.close", id, |tx, actor, id| close_notice(tx, actor, *id)).await;
    ended(&cx, id, &form, "close", done, |cx, ()| cx.t("notices-closed-done")).await
}

/// Takes it back.
pub(super) async fn withdraw(cx: Cx, Path(id): Path<NoticeId>, mut form: Form) -> web::Result {
    let why = form.required_text("reason", Max(REASON_MAX));
    let done = match guard(&cx, id, &form).await {
        Ok(()) => {
            once(&cx, &form, "notices.withdraw", (id, why), |tx, actor, (id, why)| {
                withdraw_notice(tx, actor, *id, why)
            })
            .await
        }
        Err(wrong) => Err(wrong),
    };
    ended(&cx, id, &form, "withdraw", done, |cx, ()| cx.t("notices-withdrawn-done")).await
}

/// Asks whether the notice is there for the actor before it says what is wrong with her form.
async fn guard(cx: &Cx, id: NoticeId, form: &Form) -> kernel::Result<()> {
    let actor = cx.actor.clone();
    cx.store.read(move |tx| officered(tx, &actor, id).map(drop)).await?;
    form.finish()
}
