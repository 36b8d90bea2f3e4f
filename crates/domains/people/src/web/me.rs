//! What a person sees of herself: name, phone, card, and where she is signed in.

use ::web::{Access, Cx, Path, Routes};
use askama::Template;
use kernel::{Error, Id};

use crate::{
    FactorState, Leaving, Profile, SessionLine, SessionMark, Vault, card_of, factor, invitations_for,
    leaving, profile, revoke_other_sessions, revoke_session, sessions_of,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me", Access::SignedIn, me)
        .post("/me/sessions/{id}/end", Access::SignedIn, end_session)
        .post("/me/sessions/end-others", Access::SignedIn, end_others)
}

#[derive(Template)]
#[template(path = "people_me.html")]
struct Me<'a> {
    cx: &'a Cx,
    profile: Profile,
    card: Option<String>,
    sessions: Vec<SessionLine>,
    factor: Option<FactorState>,
    leaving: Option<Leaving>,
    /// Somebody invites her to a role.
    invited: bool,
}

impl Me<'_> {
    /// `5001 0004 26`: as it is printed.
    fn card_groups(&self) -> String {
        let digits: Vec<char> = self.card.iter().flat_map(|card| card.chars()).collect();
        digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

async fn me(cx: Cx) -> ::web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let token = cx.session_token().unwrap_or("").to_owned();
    let read = move |tx: &mut store::Tx| {
        let factor = factor(tx, person)?.filter(|state| state.active);
        Ok((
            profile(tx, &vault, person)?,
            card_of(tx, &vault, person)?,
            sessions_of(tx, person, &token)?,
            factor,
            leaving(tx, person)?,
            !invitations_for(tx, &vault, person)?.is_empty(),
        ))
    };
    let (profile, card, sessions, factor, leaving, invited) = cx.store.read(read).await?;
    cx.page(&Me { cx: &cx, profile, card, sessions, factor, leaving, invited })
}

async fn end_session(cx: Cx, Path(id): Path<Id<SessionMark>>) -> ::web::Result {
    let person = cx.signed_in()?;
    let ended = cx.store.write("people.revoke_session", move |tx| revoke_session(tx, person, id)).await?;
    if !ended {
        return Err(Error::missing().into());
    }
    Ok(cx.done("/me", &cx.t("people-session-ended")))
}

async fn end_others(cx: Cx) -> ::web::Result {
    let person = cx.signed_in()?;
    let token = cx.session_token().unwrap_or("").to_owned();
    let ended =
        cx.store.write("people.revoke_others", move |tx| revoke_other_sessions(tx, person, &token)).await?;
    Ok(cx.done("/me", &cx.t1("people-sessions-ended", "n", ended)))
}
