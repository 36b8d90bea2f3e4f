//! `/desk/jobs`: what works behind the pages.

use askama::Template;
use kernel::{Error, Id, PageRequest, Paged};
use store::jobs::JobMark;
use web::{Cx, Form, FormState, Path};

use crate::jobs::{
    Backstage, Decision, JobLine, Which, backstage, decide_job, list_jobs, may_decide, may_see,
};

/// Jobs on a page.
const PAGE_SIZE: usize = 30;

#[derive(Template)]
#[template(path = "jobs.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    stage: &'a Backstage,
    jobs: &'a Paged<JobLine>,
    which: Which,
    later_page: bool,
    decides: bool,
}

impl Page<'_> {
    fn open(&self) -> bool {
        self.which == Which::Open
    }

    fn failed(&self) -> bool {
        self.which == Which::Failed
    }

    fn done(&self) -> bool {
        self.which == Which::Done
    }
}

/// Shows the jobs, those of the tab that was chosen; failed ones first if there are any.
pub async fn show(cx: Cx) -> web::Result {
    let actor = cx.actor.clone();
    let asked = cx.param("state").to_owned();
    let page =
        PageRequest { after: cx.param_as::<Id<JobMark>>("after").map(|id| id.to_string()), size: PAGE_SIZE };
    let later_page = page.after.is_some();
    let (stage, which, jobs, decides) = cx
        .store
        .read(move |tx| {
            if !may_see(tx, &actor)? {
                return Err(Error::denied());
            }
            let stage = backstage(tx)?;
            let which = match asked.as_str() {
                "open" => Which::Open,
                "done" => Which::Done,
                "failed" => Which::Failed,
                _ if stage.failed > 0 => Which::Failed,
                _ => Which::Open,
            };
            let jobs = list_jobs(tx, which, &page)?;
            Ok((stage, which, jobs, may_decide(tx, &actor)?))
        })
        .await?;
    let form = FormState::new(&cx);
    cx.page(&Page { cx: &cx, form, stage: &stage, jobs: &jobs, which, later_page, decides })
}

/// Tries a failed job again.
pub async fn retry(cx: Cx, path: Path<Id<JobMark>>, form: Form) -> web::Result {
    decide(cx, path, form, Decision::Retry, "portal-jobs-retried").await
}

/// Gives a job up.
pub async fn give_up(cx: Cx, path: Path<Id<JobMark>>, form: Form) -> web::Result {
    decide(cx, path, form, Decision::GiveUp, "portal-jobs-given-up").await
}

async fn decide(
    cx: Cx,
    Path(job): Path<Id<JobMark>>,
    _form: Form,
    decision: Decision,
    words: &str,
) -> web::Result {
    let actor = cx.actor.clone();
    cx.store.write("portal.decide_job", move |tx| decide_job(tx, &actor, job, decision)).await?;
    Ok(cx.done("/desk/jobs", &cx.t(words)))
}
