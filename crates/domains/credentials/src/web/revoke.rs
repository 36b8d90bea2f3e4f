//! Taking a credential back, with the reason that everybody will read.

use askama::Template;
use kernel::{Error, Right};
use network::access;
use people::{ReadAs, note_reading};
use web::{Cx, Form, FormState, Max, Path};

use super::{show::see, unlisted};
use crate::{ALREADY_REVOKED, Credential, CredentialId, REASON_MAX};

#[derive(Template)]
#[template(path = "credentials_revoke.html")]
struct Page<'a> {
    cx: &'a Cx,
    c: &'a Credential,
    holder: &'a str,
    form: FormState,
}

/// What is about to be revoked, and the question why.
pub(super) async fn ask(cx: Cx, Path(id): Path<CredentialId>) -> web::Result {
    let seen = see(&cx, id).await?;
    let (actor, org) = (cx.actor.clone(), seen.credential.org_id);
    cx.store
        .write("credentials.ask_revoke", move |tx| {
            access::require(tx, &actor, Right::CloseClass, org)?;
            note_reading(tx, &actor, ReadAs::Holder, org, &format!("credential:{id}"), 1)
        })
        .await?;
    if !seen.credential.is_valid() {
        return Err(Error::new(&ALREADY_REVOKED).into());
    }
    let holder = seen.holder.as_deref().unwrap_or_default();
    cx.page(&Page { cx: &cx, c: &seen.credential, holder, form: FormState::new(&cx) }).map(unlisted)
}

pub(super) async fn revoke(cx: Cx, Path(id): Path<CredentialId>, mut form: Form) -> web::Result {
    let seen = see(&cx, id).await?;
    // The right first: what the form lacks is nothing to tell to somebody whom it does not concern.
    if !seen.may_revoke {
        return Err(Error::denied().into());
    }
    let reason = form.required_text("reason", Max(REASON_MAX));
    let actor = cx.actor.clone();
    let done = match form.finish() {
        Ok(()) => {
            let work = move |tx: &mut store::Tx| crate::revoke(tx, &actor, id, &reason);
            cx.store.write("credentials.revoke", work).await
        }
        Err(error) => Err(error),
    };
    let Err(error) = done else {
        return Ok(cx.done(&format!("/credentials/{id}"), &cx.t("credentials-revoke-done")));
    };
    let state = form.state(&cx, error)?;
    let holder = seen.holder.as_deref().unwrap_or_default();
    cx.invalid(&Page { cx: &cx, c: &seen.credential, holder, form: state })
}
