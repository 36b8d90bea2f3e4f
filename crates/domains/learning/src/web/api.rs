//! Attendances for programs: my own, and checking people in.

use activities::{ClassId, SessionId};
use axum::http::{Method, StatusCode};
use kernel::{Id, Org, Timestamp};
use people::Vault;
use web::{
    Access, Cx, Path, Routes,
    api::{Body, Key, LINE, Operation, Part, Scope, page, words},
    input, object,
};

use crate::{AttendanceId, EvidenceGrade, HeadcountId, VISITORS_MAX, WORDS_MAX, attendances_of_person};

object! {
    /// One person at one session.
    MyAttendanceOut {
        /// Identifier.
        id: AttendanceId,
        /// Where.
        organisation: Id<Org>,
        /// In which class.
        class: ClassId,
        /// When.
        occurred_at: String { "format": "date-time" },
        /// Recorded minutes.
        minutes: i64 { "minimum": 0, "maximum": 1_440 },
        /// How well it is proved.
        grade: Grade,
        /// How it was recorded.
        method: String { "enum": ["code", "card", "roll"] },
        /// `valid`, or `reversed` if it was taken back.
        status: String { "enum": ["valid", "reversed"] },
    }

    /// An attendance that was recorded.
    CheckedIn {
        /// Its identifier.
        id: AttendanceId,
    }

    /// Visitors that were counted.
    Counted {
        /// Identifier of the count.
        id: HeadcountId,
    }
}

input! {
    /// A learner's card.
    CardIn {
        /// The ten printed digits, the last by Luhn's rule.
        card: String { "pattern": "^[0-9]{10}$", "examples": ["1000000008"] },
    }

    /// Visitors without accounts.
    HeadcountIn {
        /// How many.
        visitors: i64 { "minimum": 1, "maximum": VISITORS_MAX },
        /// By what it is proved.
        evidence: String { "maxLength": WORDS_MAX, "pattern": LINE, "examples": ["签到纸一张"] },
    }
}

/// An evidence grade as its word.
#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Grade(&'static str);

const GRADES: [(EvidenceGrade, &str); 5] = [
    (EvidenceGrade::Declared, "declared"),
    (EvidenceGrade::RollCall, "roll_call"),
    (EvidenceGrade::Presence, "presence"),
    (EvidenceGrade::CrossChecked, "cross_checked"),
    (EvidenceGrade::Assessed, "assessed"),
];

impl web::api::Described for Grade {
    fn schema(_: &mut web::api::Schemas) -> web::api::Value {
        words(&GRADES.map(|(_, word)| word))
    }
}

fn grade(grade: EvidenceGrade) -> Grade {
    Grade(GRADES.iter().find(|(known, _)| *known == grade).map_or("declared", |(_, word)| word))
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/me/attendances",
            Access::SignedIn,
            Operation::new::<Part<MyAttendanceOut>>("me", "What I learned, the newest first")
                .paged()
                .scope(Scope::MeRead),
            mine,
        )
        .api(
            Method::POST,
            "/api/v1/sessions/{session}/card",
            Access::SignedIn,
            Operation::new::<CheckedIn>(
                "desk",
                "Check somebody in by card, for the teacher and staff of the place",
            )
            .body::<CardIn>()
            .scope(Scope::Desk),
            card,
        )
        .api(
            Method::POST,
            "/api/v1/sessions/{session}/headcount",
            Access::SignedIn,
            Operation::new::<Counted>("desk", "Count visitors, for the teacher and staff of the place")
                .body::<HeadcountIn>()
                .scope(Scope::Desk)
                .creates()
                .once(),
            headcount,
        )
}

async fn mine(cx: Cx) -> web::Result {
    let (person, wanted) = (cx.signed_in()?, page(&cx));
    let before = match wanted.after.as_deref() {
        Some(key) => key
            .parse()
            .map(Timestamp::from_millis)
            .map_err(|_| kernel::Error::field("after", &kernel::BAD_ID))?,
        None => Timestamp::from_millis(i64::MAX),
    };
    let limit = i64::try_from(wanted.size).unwrap_or(100) + 1;
    let rows = cx.store.read(move |tx| attendances_of_person(tx, person, before, limit)).await?;
    let rows = network::paged(rows, wanted.size, |row| row.occurred_at.millis().to_string());
    let item = |row: crate::MyAttendance| MyAttendanceOut {
        id: row.attendance_id,
        organisation: row.org_id,
        class: row.class_id,
        occurred_at: row.occurred_at.rfc3339(),
        minutes: row.minutes.0,
        grade: grade(row.grade),
        method: row.method.as_str().to_owned(),
        status: row.status,
    };
    cx.json(StatusCode::OK, &Part::of(rows, item))
}

async fn card(cx: Cx, Path(session): Path<SessionId>, body: Body) -> web::Result {
    let number = body.form("").raw("card").to_owned();
    let (actor, vault) = (cx.actor.clone(), cx.get::<Vault>()?);
    let write = cx.store.write("learning.check_in_by_card", move |tx| {
        crate::check_in_by_card(tx, &vault, &actor, session, &number)
    });
    cx.json(StatusCode::OK, &CheckedIn { id: write.await? })
}

async fn headcount(cx: Cx, Path(session): Path<SessionId>, Key(key): Key, body: Body) -> web::Result {
    let mut form = body.form(&key);
    let visitors = form.int("visitors", 1..=VISITORS_MAX);
    let evidence = form.required_text("evidence", web::Max(WORDS_MAX));
    form.finish()?;
    let actor = cx.actor.clone();
    let write = cx.store.write("learning.note_headcount", move |tx| {
        journal::once(tx, &actor, &key, &(session, visitors, &evidence), |tx| {
            crate::note_headcount(tx, &actor, session, visitors, &evidence)
        })
    });
    cx.json(StatusCode::CREATED, &Counted { id: write.await? })
}
