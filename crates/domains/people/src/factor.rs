//! The second factor of staff: a code that an app shows (TOTP, RFC 6238), or one of ten printed recovery codes.
//!
//! The first door is what somebody receives (a code by message, a link); the second one is what she has. GB/T 22239-2019 clause 8.1.4.1
//! asks for two factors of whom systems trust with more. Who must have one is the city's choice; who has one is always asked for it while
//! she holds a role. The secret is sealed with the person's own key, so it goes when she is erased.

use kernel::{Day, Grant, Id, Org, Person, Result, Timestamp};
use store::{Tx, params, sql};

use crate::facts::{FactorChanged, SECOND_FACTOR};

kernel::codes! {
    /// The code is wrong; `left` says how many tries are left before the factor is locked.
    pub FACTOR_WRONG = Invalid "people.factor_wrong";
    /// The code is right, but was used already; the next one comes within half a minute.
    pub FACTOR_USED = Invalid "people.factor_used";
    /// Too many wrong codes: locked for a time, which an administrator can end.
    pub FACTOR_LOCKED = Limited "people.factor_locked";
    /// There is a second factor already.
    pub FACTOR_KNOWN = Conflict "people.factor_known";
    /// There is no second factor (any more), or it cannot be used.
    pub FACTOR_MISSING = Conflict "people.factor_missing";
    /// Nobody unlocks or resets her own factor.
    pub OWN_FACTOR = Denied "people.own_factor";
}

/// Wrong codes after which a factor is locked.
pub const FACTOR_TRIES: i64 = 5;
/// Minutes of the first lock. Each further one without a right code between is four times as long, up to a day.
pub const FACTOR_LOCK_MINUTES: i64 = 15;
/// Longest lock in minutes.
pub const FACTOR_LOCK_MINUTES_MAX: i64 = 24 * 60;
/// Recovery codes of a list.
pub const RECOVERY_CODES: usize = 10;
/// Minutes for which a second factor that was shown counts for what is grave.
pub const CONFIRMED_MINUTES: i64 = 10;
/// Minutes for which a form may be sent whose page was asked for within [`CONFIRMED_MINUTES`]: filling it in takes time.
pub const CONFIRMED_FORM_MINUTES: i64 = CONFIRMED_MINUTES + 20;

/// Whom the city obliges to have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AskedOf {
    /// Nobody: for trials. Who sets one up is asked for it all the same.
    Nobody,
    /// The three administrators, and whoever holds a role at the organisation at the top.
    #[default]
    Administrators,
    /// Everybody with a role.
    Staff,
}

/// The city's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FactorPolicy {
    /// Whom it obliges.
    pub asked_of: AskedOf,
    /// Days after a role was given for which it works without a second factor; 0 or more.
    pub grace_days: i32,
    /// The organisation at the top.
    pub top: Option<Id<Org>>,
}

impl FactorPolicy {
    /// The rule of trials: nobody is obliged.
    pub const fn off() -> Self {
        Self { asked_of: AskedOf::Nobody, grace_days: 0, top: None }
    }

    /// Whether somebody with these roles, each with its first day, must have a second factor today.
    pub fn obliges(&self, held: &[(Grant, Day)], today: Day) -> bool {
        held.iter().any(|(grant, from)| {
            let meant = match self.asked_of {
                AskedOf::Nobody => false,
                AskedOf::Administrators => grant.role.is_administrator() || self.top == Some(grant.org),
                AskedOf::Staff => true,
            };
            meant && from.plus(self.grace_days) <= today
        })
    }
}

store::row! {
    /// What is known of somebody's second factor.
    pub struct FactorState {
        /// Whether there is one.
        pub active: bool,
        /// When it was set up, reset, locked, unlocked, or a recovery code was used.
        pub changed_at: Timestamp,
        /// Until when it is locked; may lie in the past.
        pub locked_until: Option<Timestamp>,
        /// Recovery codes that are left.
        pub codes_left: i64,
    }
}

impl FactorState {
    /// Until when it is locked, if it is locked now.
    pub fn locked(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| self.active && *until > now)
    }
}

/// Somebody's second factor; `None` if there never was one.
///
/// # Errors
/// Those of the store.
pub fn factor(tx: &mut Tx, person: Id<Person>) -> Result<Option<FactorState>> {
    tx.opt(
        sql!("SELECT active, changed_at, locked_until, codes_left FROM second_factor WHERE person_id = $1"),
        params![person],
    )
}

/// Those whose second factor is locked now, the last first, at most 200.
///
/// # Errors
/// Those of the store.
pub fn locked_factors(tx: &mut Tx) -> Result<Vec<(Id<Person>, Timestamp)>> {
    tx.all(
        sql!(
            "SELECT person_id, locked_until FROM second_factor WHERE active AND locked_until > $1 \
             ORDER BY locked_until DESC, person_id LIMIT 200"
        ),
        params![tx.now()],
    )
}

/// The fact about a change that leaves so many recovery codes.
pub(crate) fn changed(
    kind: &'static str,
    person: Id<Person>,
    locked_until: Option<Timestamp>,
    codes_left: i64,
) -> journal::Fact {
    let payload = FactorChanged { person_id: person, locked_until, codes_left };
    journal::Fact::new(kind, person).payload(&payload)
}

/// Makes all who change roles or factors of one person wait for each other: PostgreSQL would let both see what was before.
pub(crate) fn hold(tx: &mut Tx, person: Id<Person>) -> Result<bool> {
    let held =
        tx.exec(sql!("UPDATE person_key SET wrapped = wrapped WHERE person_id = $1"), params![person])?;
    Ok(held > 0)
}

/// Removes the secret and the recovery codes.
pub(crate) fn destroy(tx: &mut Tx, person: Id<Person>) -> Result<()> {
    tx.exec_later(sql!("DELETE FROM factor_secret WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM recovery_code WHERE person_id = $1"), params![person])?;
    Ok(())
}

journal::inventory::submit! {
    journal::Check { name: "people.factors", run: factors_have_secrets }
}

/// A factor that is set up has a secret, and no secret is left of one that is not: who takes one away in the database is seen.
fn factors_have_secrets(tx: &mut Tx) -> Result<Vec<journal::Problem>> {
    let odd: Vec<(String,)> = tx.all(
        sql!(
            "SELECT f.person_id FROM second_factor f LEFT JOIN factor_secret s ON s.person_id = f.person_id \
             WHERE f.active AND s.person_id IS NULL \
             UNION SELECT s.person_id FROM factor_secret s LEFT JOIN second_factor f ON f.person_id = s.person_id \
             WHERE f.person_id IS NULL OR NOT f.active"
        ),
        &[],
    )?;
    let told = |(person,): (String,)| journal::Problem {
        check: "people.factors".to_owned(),
        record: format!("{}:{person}", SECOND_FACTOR.name),
        detail: "the second factor and its secret do not belong together: one was changed without the other"
            .to_owned(),
    };
    Ok(odd.into_iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Role;

    #[test]
    fn the_rule_obliges_whom_it_names_after_the_grace() {
        let (top, school): (Id<Org>, Id<Org>) = (Id::derived(b"top"), Id::derived(b"school"));
        let from = Day(20_000);
        let held = |role, org| vec![(Grant { role, org }, from)];
        let rule = |asked_of, grace_days| FactorPolicy { asked_of, grace_days, top: Some(top) };
        let some = rule(AskedOf::Administrators, 0);
        for (role, org, obliged) in [
            (Role::Teacher, school, false),
            (Role::Head, school, false),
            (Role::Staff, top, true),
            (Role::Auditor, school, true),
            (Role::SystemAdministrator, top, true),
            (Role::SecurityAdministrator, top, true),
        ] {
            assert_eq!(some.obliges(&held(role, org), from), obliged, "{role}");
            assert!(rule(AskedOf::Staff, 0).obliges(&held(role, org), from), "{role}");
            assert!(!FactorPolicy::off().obliges(&held(role, org), from), "{role}");
        }
        let late = rule(AskedOf::Administrators, 7);
        assert!(!late.obliges(&held(Role::Staff, top), from.plus(6)));
        assert!(late.obliges(&held(Role::Staff, top), from.plus(7)));
        assert!(!some.obliges(&[], from));
    }
}
