//! One credential: the page, and its documents under the same address with an ending.

use std::sync::Arc;

use askama::Template;
use axum::http::{HeaderValue, header};
use kernel::{Error, Lang, Right};
use network::access;
use people::Vault;
use web::{Cx, Path};

use super::{document, unlisted};
use crate::{
    Credential, CredentialId, IS_REVOKED, Issuer, badge, credential,
    document::secured,
    holder, pdf,
    print::{date_words, time_words},
    token,
};

/// What a request for a credential finds.
pub(super) struct Seen {
    pub credential: Credential,
    pub holder: Option<String>,
    pub may_revoke: bool,
}

/// A credential with its holder's name, for who has the address.
pub(super) async fn see(cx: &Cx, id: CredentialId) -> kernel::Result<Seen> {
    let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
    let seen = move |tx: &mut store::Tx| {
        let credential = credential(tx, id)?.ok_or_else(Error::missing)?;
        let holder = holder(tx, &vault, credential.person_id)?;
        let may_revoke = access::may(tx, &actor, Right::CloseClass, credential.org_id)?;
        Ok(Seen { credential, holder, may_revoke })
    };
    cx.store.read(seen).await
}

#[derive(Template)]
#[template(path = "credentials_show.html")]
struct Page<'a> {
    cx: &'a Cx,
    c: &'a Credential,
    holder: Option<&'a str>,
    issuer: &'a str,
    url: String,
    qr: String,
    time: String,
    issued: String,
    revoked: String,
    own: bool,
    may_revoke: bool,
}

/// `/credentials/{id}`, and with an ending: `.json`, `.jwt`, `.pdf`.
pub(super) async fn show(cx: Cx, Path(file): Path<String>) -> web::Result {
    let (id, ending) = file.split_once('.').unwrap_or((&file, ""));
    let id: CredentialId = id.parse()?;
    if !["", "json", "jwt", "pdf"].contains(&ending) {
        return Err(Error::missing().into());
    }
    let issuer = cx.get::<Issuer>()?;
    let seen = see(&cx, id).await?;
    let answer = match ending {
        "json" => json(&issuer, &seen),
        "jwt" => jwt(&issuer, &seen),
        "pdf" => print(&cx, issuer, seen).await,
        _ => page(&cx, &issuer, &seen),
    };
    answer.map(unlisted)
}

fn page(cx: &Cx, issuer: &Issuer, seen: &Seen) -> web::Result {
    let c = &seen.credential;
    // Whoever checks a certificate is told of its revocation at once.
    let (id, rev) = (c.credential_id, c.rev);
    cx.keep_while(move |tx| Ok(credential(tx, id)?.is_some_and(|now| now.rev == rev)));
    let url = issuer.page_url(c);
    let qr = render::qr::qr_svg(&url, &cx.t("credentials-qr"))
        .map_err(|error| Error::bug("the address fits into no code").caused_by(error))?;
    cx.page(&Page {
        cx,
        c,
        holder: seen.holder.as_deref(),
        issuer: &issuer.name,
        url,
        qr,
        time: time_words(cx.lang, c.minutes),
        issued: date_words(cx.lang, c.issued_at.day()),
        revoked: c.revoked_at.map(|at| date_words(cx.lang, at.day())).unwrap_or_default(),
        own: cx.person() == Some(c.person_id),
        may_revoke: seen.may_revoke && c.is_valid(),
    })
}

fn refuse_revoked(seen: &Seen) -> kernel::Result<()> {
    if seen.credential.is_valid() { Ok(()) } else { Err(Error::new(&IS_REVOKED)) }
}

fn json(issuer: &Issuer, seen: &Seen) -> web::Result {
    refuse_revoked(seen)?;
    let badge = badge(issuer, &seen.credential, seen.holder.as_deref())?;
    let text = serde_json::to_string_pretty(&secured(issuer, &badge, &seen.credential)?)
        .map_err(|error| Error::bug("a document cannot be written").caused_by(error))?;
    Ok(document("application/vc+ld+json", text))
}

fn jwt(issuer: &Issuer, seen: &Seen) -> web::Result {
    refuse_revoked(seen)?;
    let badge = badge(issuer, &seen.credential, seen.holder.as_deref())?;
    Ok(document("application/vc+jwt", token(issuer, &badge)?))
}

async fn print(cx: &Cx, issuer: Arc<Issuer>, seen: Seen) -> web::Result {
    let name = format!("inline; filename=\"{}.pdf\"", seen.credential.serial);
    let bytes = printed(issuer, seen, cx.lang, cx.site.demo).await?;
    let mut response = document("application/pdf", bytes);
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Typesetting keeps a processor busy for some tens of milliseconds: not on a thread that serves others.
pub(super) async fn printed(
    issuer: Arc<Issuer>,
    seen: Seen,
    lang: Lang,
    demo: bool,
) -> kernel::Result<Vec<u8>> {
    let work = move || pdf(&issuer, &seen.credential, seen.holder.as_deref(), lang, demo);
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::bug("the typesetter stopped").caused_by(error))?
}
