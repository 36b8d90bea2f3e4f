//! Notices for programs: what came to one's own places, and what came back to one's own notices.

use axum::http::{Method, StatusCode};
use kernel::{Error, Id, Org};
use web::{
    Access, Cx, Path, Routes,
    api::{Operation, Part, Scope, page},
    list::{Edge, Key, Query},
    object,
};

use crate::{Came, INBOX, NoticeId, RIGHT, State, Status, Wants, came, handed, seen};

object! {
    /// A notice that came to a place.
    NoticeOut {
        /// Identifier.
        id: NoticeId,
        /// The place to which it came.
        organisation: Id<Org>,
        /// Who sent it.
        sender: Id<Org>,
        /// Title.
        title: String,
        /// What it asks for.
        wants: Wants,
        /// The last day on which an answer is in time.
        due_on: Option<String> { "format": "date" },
        /// How far the notice is.
        status: Status,
        /// How far the place is with it.
        state: State,
        /// When somebody of the place opened it first.
        opened_at: Option<String> { "format": "date-time" },
        /// When the place was reminded last.
        reminded_at: Option<String> { "format": "date-time" },
    }

    /// What a place answered.
    NoticeAnswerOut {
        /// The place.
        organisation: Id<Org>,
        /// Its name.
        name: String,
        /// Code of the division that it serves.
        region: String,
        /// Which version of its answer it is.
        version: i64 { "minimum": 1 },
        /// When it was handed over.
        answered_at: String { "format": "date-time" },
        /// Names of the columns.
        columns: Vec<String>,
        /// Its rows, a text for each column: numbers without groups, days as `2026-11-23`, yes and no as `yes` and `no`.
        rows: Vec<Vec<String>>,
    }
}

pub(super) fn routes() -> Routes {
    let desk = Access::Right(RIGHT);
    let came = Operation::new::<Part<NoticeOut>>("desk", "Notices that came to the places where one works");
    let answers = Operation::new::<Part<NoticeAnswerOut>>("desk", "What places answered to a notice");
    Routes::new().api(Method::GET, "/api/v1/notices", desk, came.scope(Scope::Desk).paged(), list).api(
        Method::GET,
        "/api/v1/notices/{notice}/answers",
        desk,
        answers.scope(Scope::Desk).paged(),
        results,
    )
}

async fn list(cx: Cx) -> web::Result {
    let wanted = page(&cx);
    let mut query = Query::parse(&INBOX, "");
    query.size = wanted.size;
    if let Some(key) = wanted.after.as_deref().and_then(|text| Key::parse(text, false)) {
        query = query.at(Edge::After(key));
    }
    let actor = cx.actor.clone();
    let slice = cx.store.read(move |tx| came(tx, &actor, &query)).await?;
    let out = |line: Came| NoticeOut {
        id: line.notice_id,
        organisation: line.org_id,
        sender: line.sender,
        title: line.title,
        wants: line.wants,
        due_on: line.due_on.map(|day| day.to_string()),
        status: line.status,
        state: line.state,
        opened_at: line.opened_at.map(|at| at.rfc3339()),
        reminded_at: line.reminded_at.map(|at| at.rfc3339()),
    };
    let next = slice.after.as_ref().map(ToString::to_string);
    cx.json(StatusCode::OK, &Part { items: slice.rows.into_iter().map(out).collect(), next })
}

async fn results(cx: Cx, Path(id): Path<NoticeId>) -> web::Result {
    let wanted = page(&cx);
    let actor = cx.actor.clone();
    let size = wanted.size;
    let read = cx.store.read(move |tx| {
        let (notice, sight) = seen(tx, &actor, id)?;
        if !notice.wants_table() {
            return Err(Error::missing());
        }
        let part = handed(tx, id, &sight, wanted.after.as_deref(), wanted.size + 1)?;
        Ok((notice.fields()?, part))
    });
    let (fields, part) = read.await?;
    let part = network::paged(part, size, crate::Handed::key);
    let columns: Vec<String> = fields.into_iter().map(|field| field.name).collect();
    let mut items = Vec::with_capacity(part.rows.len());
    for handed in &part.rows {
        items.push(NoticeAnswerOut {
            organisation: handed.org_id,
            name: handed.name.clone(),
            region: handed.region_code.clone(),
            version: handed.version,
            answered_at: handed.answered_at.rfc3339(),
            columns: columns.clone(),
            rows: handed.rows()?,
        });
    }
    cx.json(StatusCode::OK, &Part { items, next: part.next })
}
