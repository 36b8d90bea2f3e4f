//! Certificates for programs: my own, and checking any.

use ::web::{
    Access, Cx, Routes,
    api::{Body, Operation, Part, Scope, TEXT, page},
    input, object,
};
use axum::http::{Method, StatusCode};
use kernel::{Id, Org, Timestamp};

use super::verify::asked;
use crate::{Credential, CredentialId, Found, Issuer, Status, credentials_of_person, read_text};

/// Longest text to be checked, in characters.
const TEXT_MAX: usize = 20_000;

object! {
    /// A certificate.
    CertificateOut {
        /// Identifier; the document is at `/credentials/{id}.json`.
        id: CredentialId,
        /// The printed number.
        serial: String { "examples": ["XC-2026-7K3-M9Q-D25"] },
        /// What was completed.
        title: String,
        /// Who issued it.
        organisation: Id<Org>,
        /// Recorded minutes.
        minutes: i64 { "minimum": 0 },
        /// Sessions attended.
        attended: i64 { "minimum": 0 },
        /// Sessions planned.
        planned: i64 { "minimum": 0 },
        /// When it was issued.
        issued_at: String { "format": "date-time" },
        /// Whether it holds.
        status: Status,
        /// Why it was taken back.
        revoked_reason: Option<String>,
    }

    /// One check of a credential.
    CheckOut {
        /// What was checked.
        what: String { "examples": ["signature"] },
        /// What came of it: `good`, `bad`, or `nothing` if there was nothing to look at.
        found: String { "enum": ["good", "bad", "nothing"] },
    }

    /// Whether a credential is true.
    VerdictOut {
        /// In one word.
        verdict: String { "enum": [
            "true", "outdated", "altered", "revoked", "expired", "too-early", "foreign", "unknown", "unreadable",
        ] },
        /// What was checked, in order.
        checks: Vec<CheckOut>,
        /// The record's identifier; null without one, or if only the printed number was known.
        credential: Option<CredentialId>,
        /// What was completed, if there is a record.
        title: Option<String>,
        /// The holder; all but the first character hidden if only the printed number was known.
        holder: Option<String>,
        /// Statements that differ from the record.
        differs: Vec<String>,
        /// The issuer that a foreign or altered credential claims to have; believed by nobody.
        claimed_issuer: String,
    }
}

input! {
    /// A credential in whatever form: token, document, address or printed number.
    VerifyIn {
        /// The text.
        credential: String { "minLength": 1, "maxLength": TEXT_MAX, "pattern": TEXT, "examples": ["XC-2026-7K3-M9Q-D25"] },
    }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/me/certificates",
            Access::SignedIn,
            Operation::new::<Part<CertificateOut>>("me", "My certificates, the newest first")
                .paged()
                .scope(Scope::MeRead),
            mine,
        )
        .api(
            Method::POST,
            "/api/v1/credentials/verify",
            Access::Public,
            Operation::new::<VerdictOut>("credentials", "Whether a credential is true").body::<VerifyIn>(),
            verify,
        )
}

fn out(credential: Credential) -> CertificateOut {
    CertificateOut {
        id: credential.credential_id,
        serial: credential.serial.to_string(),
        title: credential.title,
        organisation: credential.org_id,
        minutes: credential.minutes.0,
        attended: credential.attended,
        planned: credential.planned,
        issued_at: Timestamp::rfc3339(credential.issued_at),
        status: credential.status,
        revoked_reason: credential.revoked_reason,
    }
}

async fn mine(cx: Cx) -> ::web::Result {
    let (person, wanted) = (cx.signed_in()?, page(&cx));
    let found = cx.store.read(move |tx| credentials_of_person(tx, person, &wanted)).await?;
    cx.json(StatusCode::OK, &Part::of(found, out))
}

async fn verify(cx: Cx, body: Body) -> ::web::Result {
    let issuer = cx.get::<Issuer>()?;
    let shown = read_text(&issuer, body.form("").raw("credential"), cx.now);
    let answer = asked(&cx, issuer, shown).await?;
    let checks = answer.steps.iter().map(|step| CheckOut {
        what: step.what.to_owned(),
        found: match step.found {
            Found::Good => "good",
            Found::Bad => "bad",
            Found::Nothing => "nothing",
        }
        .to_owned(),
    });
    let record = answer.credential.as_ref();
    let out = VerdictOut {
        verdict: answer.verdict.as_str().to_owned(),
        checks: checks.collect(),
        // The printed number alone does not lead to the page with the name.
        credential: record.filter(|_| !answer.masked).map(|record| record.credential_id),
        title: record.map(|record| record.title.clone()),
        holder: answer.holder.clone(),
        differs: answer.differs.iter().map(|word| (*word).to_owned()).collect(),
        claimed_issuer: answer.claimed_issuer.clone(),
    };
    cx.json(StatusCode::OK, &out)
}
