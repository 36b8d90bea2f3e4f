//! Giving and taking roles.
//!
//! A role is held at an organisation and reaches to all below it. This crate knows no tree: whether the actor may give roles *there* is
//! answered by the check that comes with the command (`network::access::require`); without one, only the very organisation counts.

use journal::Fact;
use kernel::{Actor, Day, Error, Id, Org, Person, Result, Right, Role};
use store::{Tx, Value, params, sql};

use crate::{
    factor::hold,
    facts::{ROLE_GRANT, ROLE_GRANTED, ROLE_REVOKED, RoleChanged},
};

kernel::codes! {
    /// Nobody gives roles to herself or takes her own.
    pub OWN_ROLE = Denied "people.own_role";
    /// Who is one of the three administrators holds no other role: `held` is in the way of `asked`.
    pub SEPARATE_DUTIES = Conflict "people.separate_duties";
    /// A role must end after today.
    pub BAD_END = Invalid "people.bad_end";
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

/// Gives a role from today on, without an end, and leaves `people.role_granted.v1`. A role that is held already stays as it is.
///
/// # Errors
/// `kernel.denied` unless the actor is the program or holds the right that gives this role ([`giving`]) at this very organisation; see
/// [`grant_role_within`] for powers that come from above. `people.own_role`; `people.separate_duties` if one of the three administrators
/// would hold another role; `kernel.missing` if there is no such person.
pub fn grant_role(tx: &mut Tx, actor: &Actor, cmd: &RoleAt) -> Result<()> {
    grant_role_within(tx, actor, cmd, None, &at_the_very_organisation)
}

/// As [`grant_role`], with the tree asked about the actor's powers. `until` is the first day without the role; a role that is held with
/// another end gets this one.
///
/// # Errors
/// As [`grant_role`], and the wrong field `until` (`people.bad_end`) when it would end today or before.
pub fn grant_role_within(
    tx: &mut Tx,
    actor: &Actor,
    cmd: &RoleAt,
    until: Option<Day>,
    require: Require,
) -> Result<()> {
    let today = allowed(tx, actor, cmd, require)?;
    if until.is_some_and(|until| until <= today) {
        return Err(Error::field("until", &BAD_END));
    }
    // Two who give different roles to one person at once must see each other.
    if !hold(tx, cmd.person)? {
        return Err(Error::missing());
    }
    let known = period(tx, cmd)?;
    let held_from =
        known.and_then(|(from, to)| (from <= today && to.is_none_or(|to| to > today)).then_some((from, to)));
    if held_from.is_some_and(|(_, to)| to == until) {
        return Ok(());
    }
    let from = held_from.map_or(today, |(from, _)| from);
    if let Some(held) =
        held_within(tx, cmd.person, from, until)?.into_iter().find(|held| !go_together(*held, cmd.role))
    {
        return Err(Error::new(&SEPARATE_DUTIES).arg("held", held).arg("asked", cmd.role));
    }
    let mut fact = fact(ROLE_GRANTED, cmd, from, until);
    if known.is_some() {
        let args = params![from, until, actor.label()];
        fact.update(tx, &ROLE_GRANT, &key(cmd), "from_day = $1, to_day = $2, granted_by = $3", "", args)?
            .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    } else {
        let mut row = key(cmd);
        row.extend_from_slice(params![from, until, actor.label()]);
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
    let mut fact = fact(ROLE_REVOKED, cmd, today, None);
    let guard = "from_day <= $1 AND (to_day IS NULL OR to_day > $1)";
    let ended = fact.update(tx, &ROLE_GRANT, &key(cmd), "to_day = $1", guard, params![today])?;
    if ended.is_some() {
        fact.emit(tx, actor)?;
    }
    Ok(())
}

/// The right that gives and takes this role: heads staff their organisations, and the security administrator appoints administrators.
pub const fn giving(role: Role) -> Right {
    if role.is_administrator() { Right::ManageSecurity } else { Right::ManageStaff }
}

fn allowed(tx: &mut Tx, actor: &Actor, cmd: &RoleAt, require: Require) -> Result<Day> {
    if actor.person() == Some(cmd.person) {
        return Err(Error::new(&OWN_ROLE));
    }
    if !matches!(actor, Actor::System(_)) {
        require(tx, actor, giving(cmd.role), cmd.org)?;
    }
    Ok(tx.now().day())
}

/// Whether one person may hold both, anywhere: one of the three administrators holds nothing but that role.
fn go_together(one: Role, other: Role) -> bool {
    one == other || !(one.is_administrator() || other.is_administrator())
}

fn at_the_very_organisation(_: &mut Tx, actor: &Actor, right: Right, org: Id<Org>) -> Result<()> {
    let held = actor.grants().iter().any(|grant| grant.org == org && grant.role.rights().contains(&right));
    if held { Ok(()) } else { Err(Error::denied()) }
}

fn key(cmd: &RoleAt) -> Vec<Value> {
    params![cmd.person, cmd.org, cmd.role].to_vec()
}

fn fact(kind: &'static str, cmd: &RoleAt, from_day: Day, to_day: Option<Day>) -> Fact {
    let payload = RoleChanged {
        person_id: cmd.person,
        org_id: cmd.org,
        role: cmd.role.as_str().to_owned(),
        from_day,
        to_day,
    };
    Fact::new(kind, cmd.person).at(cmd.org).payload(&payload)
}

/// The roles that somebody holds at any time from a day on until another one. Not those of today alone: a process whose clock was ahead may
/// have given or ended one in days to come.
fn held_within(tx: &mut Tx, person: Id<Person>, from: Day, until: Option<Day>) -> Result<Vec<Role>> {
    let rows: Vec<(String,)> = tx.all(
        sql!(
            "SELECT role FROM role_grant WHERE person_id = $1 AND COALESCE(to_day, 9999999) > $2 \
             AND COALESCE(to_day, 9999999) > from_day AND from_day < COALESCE(CAST($3 AS bigint), 9999999) ORDER BY org_id, role"
        ),
        params![person, from, until],
    )?;
    rows.into_iter().map(|(role,)| role.parse()).collect()
}

fn period(tx: &mut Tx, cmd: &RoleAt) -> Result<Option<(Day, Option<Day>)>> {
    tx.opt(
        sql!("SELECT from_day, to_day FROM role_grant WHERE person_id = $1 AND org_id = $2 AND role = $3"),
        params![cmd.person, cmd.org, cmd.role],
    )
}

journal::inventory::submit! {
    journal::Check { name: "people.duties", run: duties_are_separate }
}

/// Nobody who is one of the three administrators holds another role at the same time, however the rows came about.
fn duties_are_separate(tx: &mut Tx) -> Result<Vec<journal::Problem>> {
    let administrators: Vec<&str> =
        Role::ALL.into_iter().filter(|role| role.is_administrator()).map(Role::as_str).collect();
    let [auditor, system, security] = administrators[..] else {
        return Err(Error::bug("there are three administrators"));
    };
    let double: Vec<(Id<Person>,)> = tx.all(
        sql!(
            "SELECT DISTINCT a.person_id FROM role_grant a JOIN role_grant b ON b.person_id = a.person_id \
             WHERE a.role IN ($1, $2, $3) AND b.role <> a.role \
             AND a.from_day < COALESCE(b.to_day, 9999999) AND b.from_day < COALESCE(a.to_day, 9999999) \
             AND a.from_day < COALESCE(a.to_day, 9999999) AND b.from_day < COALESCE(b.to_day, 9999999)"
        ),
        params![auditor, system, security],
    )?;
    let told = |(person,): (Id<Person>,)| journal::Problem {
        check: "people.duties".to_owned(),
        record: format!("person:{person}"),
        detail: "an administrator holds, or held, another role at the same time".to_owned(),
    };
    Ok(double.into_iter().map(told).collect())
}
