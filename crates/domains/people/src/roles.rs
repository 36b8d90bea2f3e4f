//! Giving and taking roles.
//!
//! A role is held at an organisation and reaches to all below it. This crate knows no tree: whether the actor may give roles *there* is
//! answered by the check that comes with the command (`network::access::require`); without one, only the very organisation counts.

use journal::Fact;
use kernel::{Actor, Day, Error, Id, Org, Person, Result, Right, Role};
use store::{Tx, Value, params, sql};

use crate::{
    facts::{ROLE_GRANT, ROLE_GRANTED, ROLE_REVOKED, RoleChanged},
    read::grants,
};

kernel::codes! {
    /// Nobody gives roles to herself or takes her own.
    pub OWN_ROLE = Denied "people.own_role";
    /// Who checks the others does none of their work, and the other way round.
    pub SEPARATE_DUTIES = Conflict "people.separate_duties";
}

/// How the tree is asked: fails unless the actor holds the right at the organisation or above it.
pub type Require<'r> = &'r dyn Fn(&mut Tx, &Actor, Right, Id<Org>) -> Result<()>;

/// A role to give or to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleAt {
    /// Whose.
    pub person: Id<Person>,
    /// Which.
    pub role: Role,
    /// Where.
    pub org: Id<Org>,
}

/// Gives a role from today on and leaves `people.role_granted.v1`. A role that is held already stays as it is.
///
/// # Errors
/// `kernel.denied` unless the actor is the program or holds [`Right::ManageStaff`] at this very organisation; see [`grant_role_within`] for powers
/// that come from above. `people.own_role`; `people.separate_duties` if she would audit her own work; `kernel.missing` if there is no such person.
pub fn grant_role(tx: &mut Tx, actor: &Actor, cmd: &RoleAt) -> Result<()> {
    grant_role_within(tx, actor, cmd, &at_the_very_organisation)
}

/// As [`grant_role`], with the tree asked about the actor's powers.
pub fn grant_role_within(tx: &mut Tx, actor: &Actor, cmd: &RoleAt, require: Require) -> Result<()> {
    let today = allowed(tx, actor, cmd, require)?;
    let known = period(tx, cmd)?;
    if known.is_some_and(|(from, to)| from <= today && to.is_none_or(|to| to > today)) {
        return Ok(());
    }
    let held = grants(tx, cmd.person, today)?;
    if held.iter().any(|grant| !go_together(grant.role, cmd.role)) {
        return Err(Error::new(&SEPARATE_DUTIES));
    }
    let mut fact = fact(ROLE_GRANTED, cmd, today);
    if known.is_some() {
        let args = params![today, actor.label()];
        fact.update(tx, &ROLE_GRANT, &key(cmd), "from_day = $1, to_day = NULL, granted_by = $2", "", args)?
            .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    } else {
        let person: Option<(i64,)> =
            tx.opt(sql!("SELECT rev FROM person WHERE person_id = $1"), params![cmd.person])?;
        person.ok_or_else(Error::missing)?;
        let mut row = key(cmd);
        row.extend_from_slice(params![today, None::<Day>, actor.label()]);
        fact.insert(tx, &ROLE_GRANT, row)?;
    }
    fact.emit(tx, actor)?;
    Ok(())
}

/// Takes a role from today on and leaves `people.role_revoked.v1`. A role that is not held stays so.
///
/// # Errors
/// As [`grant_role`].
pub fn revoke_role(tx: &mut Tx, actor: &Actor, cmd: &RoleAt) -> Result<()> {
    revoke_role_within(tx, actor, cmd, &at_the_very_organisation)
}

/// As [`revoke_role`], with the tree asked about the actor's powers.
pub fn revoke_role_within(tx: &mut Tx, actor: &Actor, cmd: &RoleAt, require: Require) -> Result<()> {
    let today = allowed(tx, actor, cmd, require)?;
    let mut fact = fact(ROLE_REVOKED, cmd, today);
    let guard = "from_day <= $1 AND (to_day IS NULL OR to_day > $1)";
    let ended = fact.update(tx, &ROLE_GRANT, &key(cmd), "to_day = $1", guard, params![today])?;
    if ended.is_some() {
        fact.emit(tx, actor)?;
    }
    Ok(())
}

fn allowed(tx: &mut Tx, actor: &Actor, cmd: &RoleAt, require: Require) -> Result<Day> {
    if actor.person() == Some(cmd.person) {
        return Err(Error::new(&OWN_ROLE));
    }
    if !matches!(actor, Actor::System(_)) {
        require(tx, actor, Right::ManageStaff, cmd.org)?;
    }
    Ok(tx.now().day())
}

/// Whether one person may hold both, anywhere: an auditor holds nothing but that (GB/T 22239-2019 clause 8.1.5, 系统管理、审计管理、
/// 安全管理 by different people).
fn go_together(one: Role, other: Role) -> bool {
    (one == Role::Auditor) == (other == Role::Auditor)
}

fn at_the_very_organisation(_: &mut Tx, actor: &Actor, right: Right, org: Id<Org>) -> Result<()> {
    let held = actor.grants().iter().any(|grant| grant.org == org && grant.role.rights().contains(&right));
    if held { Ok(()) } else { Err(Error::denied()) }
}

fn key(cmd: &RoleAt) -> Vec<Value> {
    params![cmd.person, cmd.org, cmd.role].to_vec()
}

fn fact(kind: &'static str, cmd: &RoleAt, today: Day) -> Fact {
    let payload = RoleChanged {
        person_id: cmd.person,
        org_id: cmd.org,
        role: cmd.role.as_str().to_owned(),
        from_day: today,
    };
    Fact::new(kind, cmd.person).at(cmd.org).payload(&payload)
}

fn period(tx: &mut Tx, cmd: &RoleAt) -> Result<Option<(Day, Option<Day>)>> {
    tx.opt(
        sql!("SELECT from_day, to_day FROM role_grant WHERE person_id = $1 AND org_id = $2 AND role = $3"),
        params![cmd.person, cmd.org, cmd.role],
    )
}
