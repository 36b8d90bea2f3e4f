//! Closing a class: first what will happen, then the deed.

use activities::{Class, ClassId};
use askama::Template;
use kernel::{Error, Right};
use people::Vault;
use web::{Cx, Form, Path};

use crate::close_class::{Standing, standings};

#[derive(Template)]
#[template(path = "close.html")]
struct Page<'a> {
    cx: &'a Cx,
    class: &'a Class,
    lines: &'a [(String, Standing)],
    completing: i64,
    early: bool,
    csrf: &'a str,
}

/// Shows who completes and who does not.
pub async fn show(cx: Cx, Path(class_id): Path<ClassId>) -> web::Result {
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let (class, lines, last) = cx
        .store
        .write("learning.standings", move |tx| {
            let class = activities::class(tx, class_id)?.ok_or_else(Error::missing)?;
            activities::teacher_or(tx, &actor, &class, Right::CloseClass)?;
            let standings = standings(tx, &class)?;
            let ids: Vec<_> = standings.iter().map(|standing| standing.person_id).collect();
            let names = people::names(tx, &vault, &ids)?;
            let subject = format!("class:{}/{class_id}", class.org_id);
            people::note_reading(tx, &actor, people::ReadAs::Standings, class.org_id, &subject, ids.len())?;
            let lines: Vec<(String, Standing)> = standings
                .into_iter()
                .map(|standing| (names.get(&standing.person_id).cloned().unwrap_or_default(), standing))
                .collect();
            let last = activities::sessions_of_class(tx, class.org_id, class_id)?.pop();
            Ok((class, lines, last))
        })
        .await?;
    cx.page(&Page {
        cx: &cx,
        class: &class,
        completing: lines.iter().filter(|(_, standing)| standing.completes).count() as i64,
        lines: &lines,
        early: last.is_some_and(|session| session.starts_at > cx.now),
        csrf: cx.csrf().as_ref(),
    })
}

/// Closes the class.
pub async fn send(cx: Cx, Path(class_id): Path<ClassId>, _form: Form) -> web::Result {
    let actor = cx.actor.clone();
    let count = cx
        .store
        .write("learning.close_class", move |tx| crate::close_class(tx, &actor, class_id).map(|n| n as i64))
        .await?;
    Ok(cx.done(&format!("/teach/classes/{class_id}/close"), &cx.t1("learning-closed", "n", count)))
}
