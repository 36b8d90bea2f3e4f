//! A person's own credit for programs.

use axum::http::{Method, StatusCode};
use kernel::{Credit, Id, Org};
use learning::AttendanceId;
use web::{
    Access, Cx, Routes,
    api::{Operation, Part, Scope, page},
    object,
};

use crate::{Entry, EntryId, read};

object! {
    /// One side of a transfer of credit.
    EntryOut {
        /// Identifier.
        id: EntryId,
        /// `deposit`, or `reversal` of an earlier one.
        kind: String { "enum": ["deposit", "reversal"] },
        /// Credit in thousandths; negative if it was taken back.
        thousandths: i64 { "examples": [125] },
        /// The rule by which it was computed.
        rule: String { "examples": ["city.culture_leisure"] },
        /// The rule's version.
        rule_version: i64 { "minimum": 0 },
        /// The attendance from which it comes.
        attendance: AttendanceId,
        /// Where it was learned.
        organisation: Id<Org>,
        /// Minutes that were recorded.
        minutes: i64 { "minimum": 0 },
        /// The day of learning.
        learned_on: String { "format": "date" },
        /// When it was posted.
        posted_at: String { "format": "date-time" },
    }

    /// The sum of all entries.
    Balance {
        /// Credit in thousandths.
        thousandths: i64,
        /// The same in words.
        credit: String { "examples": ["1.125"] },
    }
}

pub(super) fn routes() -> Routes {
    let mine = |operation: Operation| operation.scope(Scope::MeRead);
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/me/credits",
            Access::SignedIn,
            mine(
                Operation::new::<Part<EntryOut>>("me", "My credit, entry by entry, the newest first").paged(),
            ),
            entries,
        )
        .api(
            Method::GET,
            "/api/v1/me/balance",
            Access::SignedIn,
            mine(Operation::new::<Balance>("me", "My credit in all")),
            balance,
        )
}

fn out(entry: Entry) -> EntryOut {
    EntryOut {
        id: entry.entry_id,
        kind: entry.kind.as_str().to_owned(),
        thousandths: entry.amount.0,
        rule: entry.rule_id,
        rule_version: entry.rule_version,
        attendance: entry.record_id,
        organisation: entry.org_id,
        minutes: entry.minutes.0,
        learned_on: entry.learned_on.to_string(),
        posted_at: entry.posted_at.rfc3339(),
    }
}

async fn entries(cx: Cx) -> web::Result {
    let (person, wanted) = (cx.signed_in()?, page(&cx));
    let found = cx.store.read(move |tx| read::entries(tx, person, &wanted)).await?;
    cx.json(StatusCode::OK, &Part::of(found, out))
}

async fn balance(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let sum: Credit = cx.store.read(move |tx| read::balance(tx, person)).await?;
    cx.json(StatusCode::OK, &Balance { thousandths: sum.0, credit: sum.to_string() })
}
