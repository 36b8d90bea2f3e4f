//! `/calendar/{class}.ics`: the sessions of a class for the calendar of a telephone (RFC 5545).

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use kernel::Error;
use web::{Cx, Path};

use crate::{ics::Calendar, model::ClassId, read};

/// Answers with the calendar of a class.
pub async fn class(cx: Cx, Path(file): Path<String>) -> web::Result<Response> {
    let id = file.strip_suffix(".ics").ok_or_else(Error::missing)?;
    let class_id: ClassId = id.parse()?;
    let (class, org, sessions) = cx
        .store
        .read(move |tx| {
            let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
            let org = network::org(tx, class.org_id)?.ok_or_else(Error::missing)?;
            let sessions = read::sessions_of_class(tx, class.org_id, class_id)?;
            Ok((class, org, sessions))
        })
        .await?;
    let url = cx.absolute(&format!("/offers/{}", class.offer_id));
    let mut calendar = Calendar::new(&class.title, cx.now);
    for session in &sessions {
        calendar.add(&class, session, &org, &url);
    }
    let text = calendar.finish();
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"class.ics\""),
    ];
    Ok((headers, text).into_response())
}
