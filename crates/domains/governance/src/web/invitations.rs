//! `/invitations`: the roles to which somebody was invited by her telephone number.

use askama::Template;
use kernel::{Day, Id, Person};
use network::access;
use people::{Invitation, InvitationId, Vault, accept_invitation, decline_invitation, invitations_for};
use store::Tx;
use web::{Cx, Form, FormState, Path};

struct Line {
    invitation: Invitation,
    place: String,
    by: Option<String>,
    last_day: Option<Day>,
}

#[derive(Template)]
#[template(path = "invitations.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    lines: Vec<Line>,
}

async fn page_of(cx: &Cx, form: FormState, refused: bool) -> web::Result {
    let (person, vault) = (cx.signed_in()?, cx.get::<Vault>()?);
    let read = cx.store.read(move |tx| {
        let open = invitations_for(tx, &vault, person)?;
        let orgs: Vec<_> = open.iter().map(|one| one.org).collect();
        let by: Vec<Id<Person>> = open.iter().filter_map(|one| inviter(&one.invited_by)).collect();
        Ok((network::orgs_by_ids(tx, &orgs)?, people::names(tx, &vault, &by)?, open))
    });
    let (places, names, open) = read.await?;
    let line = |invitation: Invitation| Line {
        place: places.get(&invitation.org).map_or_else(String::new, |org| org.name.clone()),
        by: inviter(&invitation.invited_by).and_then(|by| names.get(&by).cloned()),
        last_day: invitation.to_day.map(|day| day.plus(-1)),
        invitation,
    };
    let page = Page { cx, form, lines: open.into_iter().map(line).collect() };
    if refused { cx.invalid(&page) } else { cx.page(&page) }
}

fn inviter(label: &str) -> Option<Id<Person>> {
    label.strip_prefix("person:")?.parse().ok()
}

/// What is offered to her.
pub(super) async fn show(cx: Cx) -> web::Result {
    page_of(&cx, FormState::new(&cx), false).await
}

/// Takes the role.
pub(super) async fn accept(cx: Cx, Path(id): Path<InvitationId>, form: Form) -> web::Result {
    cx.signed_in()?;
    let (vault, actor, key) = (cx.get::<Vault>()?, cx.actor.clone(), form.key().to_owned());
    let work = move |tx: &mut Tx| {
        let (role, org) = journal::once(tx, &actor, &key, &(id, "accept"), |tx| {
            let held = accept_invitation(tx, &vault, &actor, id, &access::require)?;
            Ok((held.role.as_str().to_owned(), held.org))
        })?;
        Ok((role, network::org(tx, org)?.map_or_else(String::new, |org| org.name)))
    };
    match cx.store.write("people.accept_invitation", work).await {
        Ok((role, place)) => {
            let words = cx.t2("governance-accepted", "role", cx.tk("governance-role", &role), "org", place);
            Ok(cx.done("/desk", &words))
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            page_of(&cx, form, true).await
        }
    }
}

/// Does not take it.
pub(super) async fn decline(cx: Cx, Path(id): Path<InvitationId>, form: Form) -> web::Result {
    cx.signed_in()?;
    let (vault, actor, key) = (cx.get::<Vault>()?, cx.actor.clone(), form.key().to_owned());
    let work = move |tx: &mut Tx| {
        journal::once(tx, &actor, &key, &(id, "decline"), |tx| decline_invitation(tx, &vault, &actor, id))
    };
    match cx.store.write("people.decline_invitation", work).await {
        Ok(()) => Ok(cx.done("/invitations", &cx.t("governance-declined"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            page_of(&cx, form, true).await
        }
    }
}
