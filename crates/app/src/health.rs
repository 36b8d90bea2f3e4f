//! `/metrics`: figures about the process and its journal, for Prometheus. From the machine itself only.

use std::fmt::Write;

use axum::{http::header, response::IntoResponse};
use store::sql;
use web::{Access, Cx, Routes};

/// Routes of the operator.
pub fn routes() -> Routes {
    Routes::new().get("/metrics", Access::LocalOnly, metrics)
}

async fn metrics(cx: Cx) -> web::Result {
    let (head, sealed, waiting, consumers) = cx
        .store
        .read(|tx| {
            let head = journal::head_pos(tx)?;
            let sealed = journal::heads(tx, 1)?.first().map_or(0, |newest| newest.size);
            let (waiting,): (i64,) = tx.one(sql!("SELECT count(*) FROM fact_new"), &[])?;
            let consumers: Vec<(String, i64)> =
                tx.all(sql!("SELECT name, pos FROM consumer ORDER BY name"), &[])?;
            Ok((head, sealed, waiting, consumers))
        })
        .await?;
    let mut text = String::new();
    for (name, help, value) in [
        ("xuecheng_journal_head", "Position of the newest fact.", head),
        ("xuecheng_journal_sealed", "Number of facts under a signed head.", sealed),
        ("xuecheng_journal_waiting", "Committed facts without a position.", waiting),
    ] {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    text.push_str("# HELP xuecheng_consumer_lag Facts that a consumer has still to take.\n# TYPE xuecheng_consumer_lag gauge\n");
    for (name, pos) in consumers {
        let _ = writeln!(text, "xuecheng_consumer_lag{{consumer=\"{name}\"}} {}", head - pos);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
