//! `/desk/orgs/{org}/people/invite`: inviting somebody to a role by her telephone number, and what became of it.

use askama::Template;
use kernel::{Day, Error, Id, Lang, Org, Role};
use network::{Organisation, access};
use people::{
    CONFIRMED_FORM_MINUTES, CONFIRMED_MINUTES, INVITATION_DAYS, InvitationId, Invite, Invited,
    NAME_CHARS_MAX, OWN_ROLE, OpenInvitation, TELLS_MAX, Vault, invitations_of, remind_invitation,
    typed_phone, withdraw_invitation,
};
use store::Tx;
use web::{Choice, Cx, Form, FormState, Max, Path, limit::LOOKUP_PERSON};

use super::staff::{give_parts, note, staffed};
use crate::staff_file::role_word;

/// Lines of a page.
const PAGE: usize = 50;

/// An open invitation as the page shows it.
struct Line {
    open: OpenInvitation,
    /// The last day with the role.
    last_day: Option<Day>,
}

#[derive(Template)]
#[template(path = "people_invite.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    form: FormState,
    roles: &'a [Choice],
    lines: Vec<Line>,
    next: Option<InvitationId>,
    days: i64,
}

impl Page<'_> {
    fn base(&self) -> String {
        format!("/desk/orgs/{}/people", self.org.org_id)
    }

    /// Whether she may be told once more.
    fn tells(&self, line: &Line) -> bool {
        line.open.told < TELLS_MAX && line.open.told_at.plus_minutes(people::REMIND_HOURS * 60) <= self.cx.now
    }
}

/// The message that tells somebody of an invitation.
pub(super) fn message(cx: &Cx, org: &str, role: Role) -> String {
    let (role, address) = (role_word(Lang::Zh, role), cx.absolute("/invitations"));
    web::i18n::say(
        Lang::Zh,
        "governance-sms-invited",
        &[
            ("org", &org),
            ("role", &role.as_str()),
            ("days", &INVITATION_DAYS),
            ("address", &address.as_str()),
        ],
    )
}

/// How many were invited, and who was left as she is.
pub(super) fn told(cx: &Cx, done: Invited) -> String {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    cx.ta(
        "governance-invited",
        &[("sent", &count(done.sent)), ("holding", &count(done.holding)), ("waiting", &count(done.waiting))],
    )
}

async fn page_of(
    cx: &Cx,
    org: &Organisation,
    roles: &[Choice],
    form: FormState,
    refused: bool,
) -> web::Result {
    let (vault, org_id, after) = (cx.get::<Vault>()?, org.org_id, cx.param_as::<InvitationId>("after"));
    let mut open = cx.store.read(move |tx| invitations_of(tx, &vault, org_id, after, PAGE + 1)).await?;
    let more = open.len() > PAGE;
    open.truncate(PAGE);
    note(cx, org_id, &format!("org:{org_id}"), open.len()).await?;
    let next = open.last().filter(|_| more).map(|last| last.id);
    let lines =
        open.into_iter().map(|open| Line { last_day: open.to_day.map(|day| day.plus(-1)), open }).collect();
    let labels = [
        ("name", "governance-invite-name"),
        ("phone", "governance-invite-phone"),
        ("role", "governance-give-role"),
        ("until", "governance-give-until"),
    ];
    let page = Page { cx, org, form: form.labels(cx, &labels), roles, lines, next, days: INVITATION_DAYS };
    if refused { cx.invalid(&page) } else { cx.page(&page) }
}

/// The form, and the open invitations.
pub(super) async fn show(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let (org, roles) = give_parts(&cx, org_id).await?;
    cx.confirmed_within(CONFIRMED_MINUTES)?;
    page_of(&cx, &org, &roles, FormState::new(&cx), false).await
}

/// Invites one person.
pub(super) async fn send(cx: Cx, Path(org_id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let (org, roles) = give_parts(&cx, org_id).await?;
    cx.confirmed_within(CONFIRMED_FORM_MINUTES)?;
    let name = form.required_text("name", Max(NAME_CHARS_MAX));
    let phone = form.required_text("phone", Max(30));
    let role: Option<Role> = form.choice("role");
    let last_day = form.optional_date("until");
    let read = form.finish().and_then(|()| {
        let role = role.ok_or_else(|| Error::field("role", &kernel::REQUIRED))?;
        Ok((typed_phone(&phone)?, role))
    });
    let done = match read {
        Ok((phone, role)) => {
            let clerk = cx.signed_in()?.to_string();
            cx.store.write("governance.lookup", move |tx| LOOKUP_PERSON.count(tx, &clerk)).await?;
            let (vault, actor) = (cx.get::<Vault>()?, cx.actor.clone());
            let message = message(&cx, &org.name, role);
            let to_day = last_day.map(|day| day.plus(1));
            let wanted = Invite { name, phone, role, org: org_id, to_day, message };
            let work = move |tx: &mut Tx| {
                people::invite(tx, &vault, &actor, std::slice::from_ref(&wanted), &access::require)
            };
            cx.store.write("people.invite", work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => Ok(cx.done(&format!("/desk/orgs/{org_id}/people/invite"), &told(&cx, done))),
        Err(error) => {
            let own = error.field_errors().iter().any(|wrong| wrong.code.name == OWN_ROLE.name);
            let error = if own { Error::field("phone", &OWN_ROLE) } else { error };
            let form = form.state(&cx, error)?;
            page_of(&cx, &org, &roles, form, true).await
        }
    }
}

/// Tells somebody once more.
pub(super) async fn remind(
    cx: Cx,
    Path((org_id, id)): Path<(Id<Org>, InvitationId)>,
    _form: Form,
) -> web::Result {
    let org = staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let (vault, actor, teller) = (cx.get::<Vault>()?, cx.actor.clone(), cx.clone());
    let work = move |tx: &mut Tx| {
        let words = |role: Role| message(&teller, &org.name, role);
        remind_invitation(tx, &vault, &actor, (org_id, id), &words, &access::require)
    };
    cx.store.write("people.remind_invitation", work).await?;
    Ok(cx.done(&format!("/desk/orgs/{org_id}/people/invite"), &cx.t("governance-invite-reminded")))
}

/// Takes an invitation back.
pub(super) async fn withdraw(
    cx: Cx,
    Path((org_id, id)): Path<(Id<Org>, InvitationId)>,
    _form: Form,
) -> web::Result {
    staffed(&cx, org_id, CONFIRMED_FORM_MINUTES).await?;
    let actor = cx.actor.clone();
    let work = move |tx: &mut Tx| withdraw_invitation(tx, &actor, (org_id, id), &access::require);
    let was_open = cx.store.write("people.withdraw_invitation", work).await?;
    let words = if was_open { "governance-invite-withdrawn" } else { "governance-invite-not-open" };
    Ok(cx.done(&format!("/desk/orgs/{org_id}/people/invite"), &cx.t(words)))
}
