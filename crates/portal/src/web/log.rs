//! `/log`: the public log. Anybody can follow its signed heads and check by proofs (RFC 9162) that it only grew and that something is in it.
//!
//! Outsiders get hashes, never payloads or salts. Only who has a certificate's address, and so may see the certificate, gets the bytes of
//! which its leaf is the hash; they name the certificate and, by her random id, its holder.

use std::str::FromStr;

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use credentials::{CREDENTIAL, CredentialId};
use journal::{Consistency, FactId, Head, Inclusion, Sealer};
use kernel::{BAD_NUMBER, Error, Result, Timestamp};
use serde_json::{Value, json};
use web::{Cx, Path};

/// Heads in one answer, if the asker does not say how many, and at most.
const HEADS: i64 = 100;
const HEADS_MAX: i64 = 1_000;

#[derive(Template)]
#[template(path = "log.html")]
struct Page<'a> {
    cx: &'a Cx,
    head: Option<&'a Head>,
    root: String,
    note: String,
    key: String,
}

impl Page<'_> {
    /// When the newest head was made.
    fn made(&self, at: &Timestamp) -> String {
        self.cx.datetime(at)
    }
}

/// What the log is, in plain words, with its newest head.
pub async fn show(cx: Cx) -> web::Result {
    let sealer = cx.get::<Sealer>()?;
    let head = cx.store.read(|tx| journal::heads(tx, 1)).await?.pop();
    let note = head.as_ref().map_or(Ok(String::new()), |head| sealer.note(head))?;
    let root = head.as_ref().map(|head| STANDARD.encode(&head.root)).unwrap_or_default();
    let key = seal::note_key(sealer.origin(), &sealer.verifying_key());
    cx.page(&Page { cx: &cx, head: head.as_ref(), root, note, key })
}

/// Programs get failures as problem documents whatever they accept, and may ask from pages of other sites.
fn answered(cx: &Cx, kind: &'static str, outcome: Result<String>) -> web::Result {
    let mut response = match outcome {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(error) => cx.problem(&error),
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

fn document(cx: &Cx, outcome: Result<Value>) -> web::Result<Response> {
    answered(cx, "application/json", outcome.map(|value| value.to_string()))
}

/// A number of the query; `None` if it was not given.
fn number<T: FromStr>(cx: &Cx, name: &'static str) -> Result<Option<T>> {
    match cx.param(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::field(name, &BAD_NUMBER)),
    }
}

/// `/log/head`: the newest head as a signed note.
pub async fn newest(cx: Cx) -> web::Result {
    let found = cx.store.read(|tx| journal::heads(tx, 1)).await.map(|mut heads| heads.pop());
    note(&cx, found)
}

/// `/log/heads/{size}`: the head of this size as a signed note.
pub async fn of_size(cx: Cx, Path(size): Path<String>) -> web::Result {
    let found = match size.parse() {
        Ok(size) => cx.store.read(move |tx| journal::head_of(tx, size)).await,
        Err(_) => Ok(None),
    };
    note(&cx, found)
}

fn note(cx: &Cx, found: Result<Option<Head>>) -> web::Result {
    let text = found
        .and_then(|head| head.ok_or_else(Error::missing))
        .and_then(|head| cx.get::<Sealer>()?.note(&head));
    answered(cx, "text/plain; charset=utf-8", text)
}

/// `/log/heads?before=&limit=`: heads as signed notes, the newest first.
pub async fn list(cx: Cx) -> web::Result {
    let found = heads(&cx).await;
    document(&cx, found)
}

async fn heads(cx: &Cx) -> Result<Value> {
    let sealer = cx.get::<Sealer>()?;
    let before = number(cx, "before")?.unwrap_or(i64::MAX);
    let limit = number(cx, "limit")?.unwrap_or(HEADS).clamp(1, HEADS_MAX);
    let heads = cx.store.read(move |tx| journal::heads_before(tx, before, limit)).await?;
    let full = heads.len() as i64 == limit;
    let next =
        heads.last().filter(|_| full).map(|last| format!("/log/heads?before={}&limit={limit}", last.size));
    let heads: Vec<Value> = heads
        .iter()
        .map(|head| Ok(json!({ "size": head.size, "at": head.at.millis(), "note": sealer.note(head)? })))
        .collect::<Result<_>>()?;
    Ok(json!({ "origin": sealer.origin(), "heads": heads, "next": next }))
}

/// `/log/key`: the public key with which heads are checked.
pub async fn key(cx: Cx) -> web::Result {
    let found = cx.get::<Sealer>().map(|sealer| {
        let key = sealer.verifying_key();
        json!({
            "origin": sealer.origin(),
            "note_key": seal::note_key(sealer.origin(), &key),
            "ed25519": STANDARD.encode(key.to_bytes()),
            "key_id": key.id(),
        })
    });
    document(&cx, found)
}

/// `/log/proof/inclusion?fact=|index=&size=`: that a leaf is in the tree of this size.
pub async fn included(cx: Cx) -> web::Result {
    let found = inclusion(&cx).await.map(|found| inclusion_json(&found));
    document(&cx, found)
}

async fn inclusion(cx: &Cx) -> Result<Inclusion> {
    let (index, size) = (number::<u64>(cx, "index")?, number::<u64>(cx, "size")?);
    let fact = match (cx.param("fact"), index) {
        ("", None) => return Err(Error::field("fact", &kernel::REQUIRED)),
        ("", Some(_)) => None,
        (text, _) => Some(text.parse::<FactId>()?),
    };
    cx.store
        .read(move |tx| {
            let index = match fact {
                Some(fact) => journal::fact_index(tx, fact)?,
                None => index,
            };
            journal::inclusion(tx, index.ok_or_else(Error::missing)?, size)
        })
        .await
}

/// `/log/proof/consistency?from=&to=`: that the later tree only appended to the earlier one.
pub async fn consistent(cx: Cx) -> web::Result {
    let found = consistency(&cx).await.map(|found| {
        json!({
            "from": found.from,
            "to": found.to,
            "from_root": STANDARD.encode(found.from_root),
            "to_root": STANDARD.encode(found.to_root),
            "proof": encoded(&found.proof),
        })
    });
    document(&cx, found)
}

async fn consistency(cx: &Cx) -> Result<Consistency> {
    let from = number::<u64>(cx, "from")?.ok_or_else(|| Error::field("from", &kernel::REQUIRED))?;
    let to = number::<u64>(cx, "to")?;
    cx.store.read(move |tx| journal::consistency(tx, from, to)).await
}

/// `/log/credentials/{id}`: all that is needed to see that a certificate is in the log, for who has its address.
pub async fn credential(cx: Cx, Path(id): Path<CredentialId>) -> web::Result {
    let found = credential_proof(&cx, id).await;
    let mut response = document(&cx, found)?;
    let headers = response.headers_mut();
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

async fn credential_proof(cx: &Cx, id: CredentialId) -> Result<Value> {
    let (fact, found, head) = cx
        .store
        .read(move |tx| {
            let credential = credentials::credential(tx, id)?.ok_or_else(Error::missing)?;
            let home = credential.person_id.to_string();
            let subject = format!("{}:{home}/{id}", CREDENTIAL.name);
            // Version 1 of the record is its issue; a revocation is a later fact about it.
            let fact = journal::fact_about(tx, &home, &subject, 1)?.ok_or_else(Error::missing)?;
            if fact.pos == 0 {
                return Err(Error::new(&journal::NOT_SEALED_YET));
            }
            let found = journal::inclusion(tx, fact.pos.unsigned_abs() - 1, None)?;
            let head = journal::heads(tx, 1)?.pop().ok_or_else(|| Error::new(&journal::NOT_SEALED_YET))?;
            Ok((fact, found, head))
        })
        .await?;
    let mut answer = inclusion_json(&found);
    answer["credential"] = json!(cx.absolute(&format!("/credentials/{id}")));
    answer["fact"] = json!(fact.id);
    answer["leaf_input"] = json!(fact.leaf_input()?);
    answer["head"] = json!(cx.get::<Sealer>()?.note(&head)?);
    Ok(answer)
}

fn inclusion_json(found: &Inclusion) -> Value {
    json!({
        "index": found.index,
        "size": found.size,
        "leaf_hash": STANDARD.encode(found.leaf),
        "root": STANDARD.encode(found.root),
        "proof": encoded(&found.proof),
    })
}

fn encoded(proof: &[seal::Hash]) -> Vec<String> {
    proof.iter().map(|hash| STANDARD.encode(hash)).collect()
}
