//! Sending invitations, reminding of one, taking one back.

use journal::Fact;
use kernel::{Actor, Day, Error, Id, Org, Result, Role, Timestamp};
use notify::Message;
use store::{Tx, params, sql};

use super::open::{Contact, InvitationId};
use crate::{
    BAD_END, OWN_ROLE, Phone, Require, Vault,
    facts::{INVITATION, INVITATION_ENDED, INVITED, InvitationEnded, InvitedTo},
    giving,
    model::clean_name,
    read::person_by_phone,
};

kernel::codes! {
    /// The organisation has too many open invitations: `max` is the most.
    pub TOO_MANY_INVITATIONS = Conflict "people.too_many_invitations";
    /// She was told of it a short while ago, or often enough.
    pub REMINDED_ALREADY = Conflict "people.reminded_already";
}

/// Days in which an invitation may be taken.
pub const INVITATION_DAYS: i64 = 30;
/// Open invitations of one organisation.
pub const INVITATIONS_MAX: i64 = 5_000;
/// Hours between two messages about one invitation.
pub const REMIND_HOURS: i64 = 24;
/// Messages about one invitation, the first one among them.
pub const TELLS_MAX: i64 = 3;
/// Hours for which a message about an invitation is worth sending.
const MESSAGE_HOURS: i64 = 72;

/// Somebody to be invited.
#[derive(Debug, Clone)]
pub struct Invite {
    /// 1 to 40 characters.
    pub name: String,
    /// Her number.
    pub phone: Phone,
    /// To what.
    pub role: Role,
    /// Where.
    pub org: Id<Org>,
    /// First day without the role, if it is to end by itself; after today.
    pub to_day: Option<Day>,
    /// The message that tells her.
    pub message: String,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Invited {
    /// Invited and told.
    pub sent: usize,
    /// Hold the role there already, for as long or longer; nobody was told.
    pub holding: usize,
    /// Invited to it already and not told again.
    pub waiting: usize,
}

/// Invites people and leaves `people.invited.v1` for each. Who holds the role, or was invited to it and has not answered, is left as she is.
///
/// # Errors
/// `kernel.denied` unless the actor may give each role where it is to be held; wrong fields `name`, `until` (`people.bad_end`), `person` (`people.own_role`);
/// `people.too_many_invitations`.
pub fn invite(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    people: &[Invite],
    require: Require,
) -> Result<Invited> {
    let mut asked: Vec<(kernel::Right, Id<Org>)> = Vec::new();
    for wanted in people {
        let ask = (giving(wanted.role), wanted.org);
        if !asked.contains(&ask) {
            require(tx, actor, ask.0, ask.1)?;
            asked.push(ask);
        }
    }
    let mut done = Invited::default();
    for wanted in people {
        match one(tx, vault, actor, wanted)? {
            Became::Sent => done.sent += 1,
            Became::Holding => done.holding += 1,
            Became::Waiting => done.waiting += 1,
        }
    }
    for (_, org) in asked {
        let (open,): (i64,) = tx.one(
            sql!("SELECT count(*) FROM invitation_contact WHERE org_id = $1 AND expires_at > $2"),
            params![org, tx.now()],
        )?;
        if open > INVITATIONS_MAX {
            return Err(Error::new(&TOO_MANY_INVITATIONS).arg("max", INVITATIONS_MAX));
        }
    }
    Ok(done)
}

enum Became {
    Sent,
    Holding,
    Waiting,
}

fn one(tx: &mut Tx, vault: &Vault, actor: &Actor, wanted: &Invite) -> Result<Became> {
    let (now, today) = (tx.now(), tx.now().day());
    let name = clean_name(&wanted.name).map_err(|wrong| Error::fields(vec![wrong]))?;
    if wanted.to_day.is_some_and(|day| day <= today) {
        return Err(Error::field("until", &BAD_END));
    }
    if let Some(person) = person_by_phone(tx, vault, &wanted.phone)? {
        if actor.person() == Some(person) {
            return Err(Error::field("person", &OWN_ROLE));
        }
        let held: Option<(Option<Day>,)> = tx.opt(
            sql!(
                "SELECT to_day FROM role_grant WHERE person_id = $1 AND org_id = $2 AND role = $3 AND from_day <= $4 \
                 AND (to_day IS NULL OR to_day > $4)"
            ),
            params![person, wanted.org, wanted.role, today],
        )?;
        if held.is_some_and(|(to,)| to == wanted.to_day) {
            return Ok(Became::Holding);
        }
    }
    let id: InvitationId = tx.new_id();
    let contact = Contact { name, phone: wanted.phone.digits().to_owned() };
    let sealed = contact.seal(tx, vault, id)?;
    let index = vault.phone_index(&wanted.phone);
    // What has run out and was not swept yet makes room.
    tx.exec_later(
        sql!(
            "DELETE FROM invitation_contact WHERE phone_index = $1 AND org_id = $2 AND role = $3 AND expires_at <= $4"
        ),
        params![index, wanted.org, wanted.role, now],
    )?;
    let entered = tx.exec(
        sql!(
            "INSERT INTO invitation_contact (phone_index, org_id, role, invitation_id, contact_sealed, expires_at, told_at, told) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (phone_index, org_id, role) DO NOTHING"
        ),
        params![
            index,
            wanted.org,
            wanted.role,
            id,
            sealed,
            now.plus_minutes(INVITATION_DAYS * 24 * 60),
            now
        ],
    )?;
    if entered == 0 {
        return Ok(Became::Waiting);
    }
    let payload = InvitedTo {
        invitation_id: id.to_string(),
        org_id: wanted.org,
        role: wanted.role.as_str().to_owned(),
        to_day: wanted.to_day,
    };
    let mut fact = Fact::new(INVITED, wanted.org).at(wanted.org).payload(&payload);
    let row = params![
        wanted.org,
        id,
        wanted.role,
        wanted.to_day,
        actor.label(),
        now,
        None::<Timestamp>,
        None::<String>
    ];
    fact.insert(tx, &INVITATION, row.to_vec())?;
    fact.emit(tx, actor)?;
    tell(tx, vault, contact.phone, wanted.message.clone())?;
    Ok(Became::Sent)
}

fn tell(tx: &mut Tx, vault: &Vault, phone: String, text: String) -> Result<()> {
    let until = tx.now().plus_minutes(MESSAGE_HOURS * 60);
    vault.outbox().enqueue(tx, &Message { phone, text }, until).map(drop)
}

store::row! {
    struct Reminded {
        role: String,
        contact_sealed: Vec<u8>,
        told_at: Timestamp,
        told: i64,
    }
}

/// Tells somebody of her open invitation once more, in the words for her role.
///
/// # Errors
/// `kernel.denied` unless the actor may give the role there; `kernel.missing` if it is not open; `people.reminded_already` within [`REMIND_HOURS`] or after
/// [`TELLS_MAX`] messages.
pub fn remind_invitation(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    (org, id): (Id<Org>, InvitationId),
    words: &dyn Fn(Role) -> String,
    require: Require,
) -> Result<()> {
    let now = tx.now();
    let row: Reminded = tx
        .opt(
            sql!(
                "SELECT role, contact_sealed, told_at, told FROM invitation_contact WHERE org_id = $1 AND invitation_id = $2 \
                 AND expires_at > $3"
            ),
            params![org, id, now],
        )?
        .ok_or_else(Error::missing)?;
    let role: Role = row.role.parse()?;
    require(tx, actor, giving(role), org)?;
    if row.told >= TELLS_MAX || row.told_at.plus_minutes(REMIND_HOURS * 60) > now {
        return Err(Error::new(&REMINDED_ALREADY).arg("hours", REMIND_HOURS).arg("max", TELLS_MAX));
    }
    let noted = tx.exec(
        sql!(
            "UPDATE invitation_contact SET told = told + 1, told_at = $3 WHERE org_id = $1 AND invitation_id = $2 AND told = $4"
        ),
        params![org, id, now, row.told],
    )?;
    if noted == 0 {
        return Err(Error::new(&REMINDED_ALREADY).arg("hours", REMIND_HOURS).arg("max", TELLS_MAX));
    }
    let contact = Contact::open(vault, id, &row.contact_sealed)?;
    tell(tx, vault, contact.phone, words(role))
}

/// Takes an open invitation back and leaves `people.invitation_ended.v1`; `false` if it was not open (any more).
///
/// # Errors
/// `kernel.denied` unless the actor may give the role there; `kernel.missing` if there never was such an invitation.
pub fn withdraw_invitation(
    tx: &mut Tx,
    actor: &Actor,
    (org, id): (Id<Org>, InvitationId),
    require: Require,
) -> Result<bool> {
    let (role,): (String,) = tx
        .opt(sql!("SELECT role FROM invitation WHERE org_id = $1 AND invitation_id = $2"), params![org, id])?
        .ok_or_else(Error::missing)?;
    require(tx, actor, giving(role.parse()?), org)?;
    end(tx, actor, (org, id), "withdrawn")
}

/// Ends an open invitation; `false` if it was not open.
pub(super) fn end(
    tx: &mut Tx,
    actor: &Actor,
    (org, id): (Id<Org>, InvitationId),
    how: &'static str,
) -> Result<bool> {
    let gone = tx.exec(
        sql!("DELETE FROM invitation_contact WHERE org_id = $1 AND invitation_id = $2 AND expires_at > $3"),
        params![org, id, tx.now()],
    )?;
    if gone == 0 {
        return Ok(false);
    }
    let payload = InvitationEnded { invitation_id: id.to_string(), org_id: org, how: how.to_owned() };
    let mut fact = Fact::new(INVITATION_ENDED, org).at(org).payload(&payload);
    let now = tx.now();
    fact.update(
        tx,
        &INVITATION,
        params![org, id],
        "ended_at = $1, how = $2",
        "ended_at IS NULL",
        params![now, how],
    )?
    .ok_or_else(Error::missing)?;
    fact.emit(tx, actor)?;
    Ok(true)
}
