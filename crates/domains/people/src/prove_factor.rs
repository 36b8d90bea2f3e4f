//! Showing the second factor.
//!
//! A try is counted in a write that commits whatever comes out of it, as with the codes of the sign-in: the function answers with a
//! [`FactorAttempt`], because a refusal would roll the count back. The count lives in the database, so that all processes count together.

use kernel::{Actor, Error, FieldError, Id, Person, Result, Timestamp};
use seal::{TOTP_DIGITS, TOTP_SECONDS, from_hex_exact, totp_step};
use store::{Tx, params, sql};

use crate::{
    Vault,
    enrol_factor::RECOVERY_CHARS,
    factor::{
        FACTOR_LOCK_MINUTES, FACTOR_LOCK_MINUTES_MAX, FACTOR_LOCKED, FACTOR_MISSING, FACTOR_TRIES,
        FACTOR_USED, FACTOR_WRONG, changed, factor,
    },
    facts::{self, RECOVERY_USED, SECOND_FACTOR},
    read::key_of,
    vault::Field,
};

kernel::codes! {
    /// The app's first code is not that of the secret on the page.
    pub FACTOR_MISMATCH = Invalid "people.factor_mismatch";
}

/// What came out of showing a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorAttempt {
    /// Right.
    Right {
        /// Recovery codes that are left, if one was used up.
        codes_left: Option<i64>,
    },
    /// Right, but shown before: somebody may have looked over a shoulder.
    Used,
    /// Wrong, with so many tries left, 1 or more.
    Wrong {
        /// Tries left.
        left: i64,
    },
    /// Locked, by this try or by former ones.
    Locked {
        /// Until then.
        until: Timestamp,
    },
}

impl FactorAttempt {
    /// The failure to show, if it was one: of the field `code`, or of the whole form with the seconds to wait.
    pub fn refusal(self, now: Timestamp) -> Option<Error> {
        let (code, args) = match self {
            FactorAttempt::Right { .. } => return None,
            FactorAttempt::Locked { until } => {
                let seconds = (until.millis() - now.millis()).max(0) / 1_000 + 1;
                return Some(
                    Error::new(&FACTOR_LOCKED)
                        .arg("seconds", seconds)
                        .arg("minutes", (seconds + 59) / 60)
                        .arg("until", until.clock_text()),
                );
            }
            FactorAttempt::Wrong { left } => (&FACTOR_WRONG, vec![("left", left.to_string())]),
            FactorAttempt::Used => (&FACTOR_USED, Vec::new()),
        };
        Some(Error::fields(vec![FieldError { field: "code".to_owned(), code, args }]))
    }
}

store::row! {
    struct Secret {
        sealed: Vec<u8>,
        last_step: i64,
        fails: i64,
        locks: i64,
    }
}

/// Tries a code of the app (that of now, or of one step before or after) or a recovery code, as typed. Call it in a write of its own.
///
/// # Errors
/// `people.factor_missing` if there is no second factor, or only half of one.
pub fn prove_factor(tx: &mut Tx, vault: &Vault, person: Id<Person>, typed: &str) -> Result<FactorAttempt> {
    let now = tx.now();
    // Counting first holds the row: of many tries at once each sees what the one before left.
    let secret: Option<Secret> = tx.opt(
        sql!(
            "UPDATE factor_secret SET fails = fails + 1 WHERE person_id = $1 RETURNING sealed, last_step, fails, locks"
        ),
        params![person],
    )?;
    let state = factor(tx, person)?.filter(|state| state.active);
    let (Some(secret), Some(state)) = (secret, state) else { return Err(Error::new(&FACTOR_MISSING)) };
    if let Some(until) = state.locked(now) {
        tx.exec_later(sql!("UPDATE factor_secret SET fails = 0 WHERE person_id = $1"), params![person])?;
        return Ok(FactorAttempt::Locked { until });
    }
    let code = plain(typed);
    if is_app_code(&code) {
        let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
        let shared = vault.open(&key, Field::Factor, person, &secret.sealed)?;
        let shared = from_hex_exact::<20>(&shared).ok_or_else(|| Error::bug("a second factor's secret"))?;
        let this_step = u64::try_from(now.millis() / 1_000 / TOTP_SECONDS).unwrap_or(0);
        let step = totp_step(&shared, this_step, 1, &code).and_then(|step| i64::try_from(step).ok());
        return match step {
            Some(step) if step > secret.last_step => {
                right(tx, person, step)?;
                Ok(FactorAttempt::Right { codes_left: None })
            }
            Some(_) => wrong(tx, person, &secret, state.codes_left, FactorAttempt::Used),
            None => wrong(tx, person, &secret, state.codes_left, left(&secret)),
        };
    }
    let spent = tx.exec(
        sql!("DELETE FROM recovery_code WHERE person_id = $1 AND digest = $2"),
        params![person, vault.recovery_digest(person, &code)],
    )?;
    if spent == 0 {
        return wrong(tx, person, &secret, state.codes_left, left(&secret));
    }
    right(tx, person, secret.last_step)?;
    let codes_left = (state.codes_left - 1).max(0);
    let mut fact = changed(RECOVERY_USED, person, None, codes_left);
    let set = "changed_at = $1, codes_left = $2";
    fact.update(tx, &SECOND_FACTOR, params![person], set, "", params![now, codes_left])?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, &Actor::Person { id: person, grants: Vec::new() })?;
    Ok(FactorAttempt::Right { codes_left: Some(codes_left) })
}

fn left(secret: &Secret) -> FactorAttempt {
    FactorAttempt::Wrong { left: FACTOR_TRIES - secret.fails }
}

fn right(tx: &mut Tx, person: Id<Person>, step: i64) -> Result<()> {
    tx.exec_later(
        sql!("UPDATE factor_secret SET fails = 0, locks = 0, last_step = $2 WHERE person_id = $1"),
        params![person, step],
    )
}

/// Answers, or locks if it was the last try.
fn wrong(
    tx: &mut Tx,
    person: Id<Person>,
    secret: &Secret,
    codes_left: i64,
    answer: FactorAttempt,
) -> Result<FactorAttempt> {
    if secret.fails < FACTOR_TRIES {
        return Ok(answer);
    }
    let until = tx.now().plus_minutes(lock_minutes(secret.locks));
    tx.exec_later(
        sql!("UPDATE factor_secret SET fails = 0, locks = locks + 1 WHERE person_id = $1"),
        params![person],
    )?;
    let mut fact = changed(facts::FACTOR_LOCKED, person, Some(until), codes_left);
    let args = params![tx.now(), until];
    fact.update(tx, &SECOND_FACTOR, params![person], "changed_at = $1, locked_until = $2", "", args)?
        .ok_or_else(Error::missing)?;
    fact.emit(tx, &Actor::Person { id: person, grants: Vec::new() })?;
    Ok(FactorAttempt::Locked { until })
}

/// How long the next lock is after so many in a row.
fn lock_minutes(locks: i64) -> i64 {
    let times = 4_i64.pow(u32::try_from(locks.clamp(0, 8)).unwrap_or(8));
    (FACTOR_LOCK_MINUTES * times).min(FACTOR_LOCK_MINUTES_MAX)
}

/// Without blanks and hyphens, full-width letters made plain, in capitals.
fn plain(typed: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '–' | '－');
    typed.chars().map(narrow).filter(kept).map(|c| c.to_ascii_uppercase()).take(2 * RECOVERY_CHARS).collect()
}

fn is_app_code(code: &str) -> bool {
    code.len() == TOTP_DIGITS as usize && code.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_grow_to_a_day() {
        assert_eq!([0, 1, 2, 3, 4, 60].map(lock_minutes), [15, 60, 240, 960, 1_440, 1_440]);
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(plain(" 482 913 "), "482913");
        assert_eq!(plain("４８２９１３"), "482913");
        assert_eq!(plain("abcde-fghij"), "ABCDEFGHIJ");
        assert!(is_app_code("482913") && !is_app_code("48291") && !is_app_code("ABCDEF"));
    }
}
