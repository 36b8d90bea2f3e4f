//! Setting up a second factor: a page shows a secret, an app takes it, and the app's first code proves that it has it.
//!
//! Until that code comes nothing is written: the secret travels sealed in the form. With the factor come ten recovery codes, which are shown
//! once, to be printed and put where the phone is not.

use kernel::{Actor, Error, Id, Lang, Person, Result};
use seal::{TOTP_SECONDS, base32, hex, new_totp_secret, random_bytes, totp_step, totp_uri};
use store::{Tx, params, sql};

use crate::{
    Vault,
    code::TICKET_SPENT,
    factor::{FACTOR_KNOWN, FACTOR_MISSING, RECOVERY_CODES, changed, destroy, factor, hold},
    facts::{FACTOR_ENROLLED, RECOVERY_RENEWED, SECOND_FACTOR},
    prove_factor::FACTOR_MISMATCH,
    read::{key_of, name},
    tell::tell,
    vault::{Field, seal},
};

/// Minutes for which the page with the secret can be used.
const TICKET_MINUTES: i64 = 20;
/// Characters of a recovery code: 50 random bits, and five tries before a lock.
pub(crate) const RECOVERY_CHARS: usize = 10;

/// A second factor that is offered. It belongs on a page that nobody else sees and that no cache keeps.
#[derive(Clone)]
pub struct OfferedFactor {
    /// For [`EnrolFactor`].
    pub ticket: String,
    /// What the QR code says.
    pub uri: String,
    /// The secret as it is typed by hand, in groups of four.
    pub typed: String,
}

/// A new secret for somebody who has none. `issuer` is what the app writes above the code.
///
/// # Errors
/// `people.factor_known`; `kernel.missing`.
pub fn offer_factor(tx: &mut Tx, vault: &Vault, person: Id<Person>, issuer: &str) -> Result<OfferedFactor> {
    if factor(tx, person)?.is_some_and(|state| state.active) {
        return Err(Error::new(&FACTOR_KNOWN));
    }
    let account = name(tx, vault, person)?.ok_or_else(Error::missing)?;
    let secret = new_totp_secret(tx.chance().rng());
    let until = tx.now().plus_minutes(TICKET_MINUTES);
    Ok(show(vault.factor_ticket(tx.chance(), person, &secret, until), &secret, issuer, &account))
}

/// The same secret again, for a form whose code was wrong.
///
/// # Errors
/// `people.ticket_spent`; `kernel.missing`.
pub fn offer_again(
    tx: &mut Tx,
    vault: &Vault,
    person: Id<Person>,
    issuer: &str,
    ticket: &str,
) -> Result<OfferedFactor> {
    let secret =
        vault.read_factor_ticket(tx.now(), person, ticket).ok_or_else(|| Error::new(&TICKET_SPENT))?;
    let account = name(tx, vault, person)?.ok_or_else(Error::missing)?;
    Ok(show(ticket.to_owned(), &secret, issuer, &account))
}

fn show(ticket: String, secret: &[u8; 20], issuer: &str, account: &str) -> OfferedFactor {
    OfferedFactor { ticket, uri: totp_uri(secret, issuer, account), typed: grouped(&base32(secret)) }
}

/// `ABCD EFGH …`
fn grouped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// What the form sends.
#[derive(Clone)]
pub struct EnrolFactor {
    /// Whose.
    pub person: Id<Person>,
    /// Of [`offer_factor`].
    pub ticket: String,
    /// The app's first code.
    pub code: String,
}

/// Sets a second factor up, leaves `people.factor_enrolled.v1`, tells the person by a message, and gives the recovery codes. They are known
/// here and never again.
///
/// # Errors
/// `people.ticket_spent`; the wrong field `code` with `people.factor_mismatch`; `people.factor_known` if there is one already.
pub fn enrol_factor(tx: &mut Tx, vault: &Vault, cmd: &EnrolFactor) -> Result<Vec<String>> {
    let person = cmd.person;
    let now = tx.now();
    let secret =
        vault.read_factor_ticket(now, person, &cmd.ticket).ok_or_else(|| Error::new(&TICKET_SPENT))?;
    let this_step = u64::try_from(now.millis() / 1_000 / TOTP_SECONDS).unwrap_or(0);
    let step =
        totp_step(&secret, this_step, 1, &cmd.code).ok_or_else(|| Error::field("code", &FACTOR_MISMATCH))?;
    if !hold(tx, person)? {
        return Err(Error::missing());
    }
    let known = factor(tx, person)?;
    if known.as_ref().is_some_and(|state| state.active) {
        return Err(Error::new(&FACTOR_KNOWN));
    }
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    destroy(tx, person)?;
    let sealed = seal(tx.chance(), &key, Field::Factor, person, &hex(&secret));
    tx.exec_later(
        sql!(
            "INSERT INTO factor_secret (person_id, sealed, last_step, fails, locks) VALUES ($1, $2, $3, 0, 0)"
        ),
        params![person, sealed, i64::try_from(step).unwrap_or(i64::MAX)],
    )?;
    let codes = new_codes(tx, vault, person)?;
    let count = count(&codes);
    let mut fact = changed(FACTOR_ENROLLED, person, None, count);
    if known.is_some() {
        let set = "active = TRUE, changed_at = $1, locked_until = NULL, codes_left = $2";
        fact.update(tx, &SECOND_FACTOR, params![person], set, "", params![now, count])?
            .ok_or_else(Error::missing)?;
    } else {
        let row = params![person, true, now, None::<kernel::Timestamp>, count].to_vec();
        fact.insert(tx, &SECOND_FACTOR, row)?;
    }
    fact.emit(tx, &herself(person))?;
    tell(tx, vault, person, Lang::Zh, "people-sms-factor-on")?;
    Ok(codes)
}

/// New recovery codes instead of those that were; leaves `people.recovery_renewed.v1`. The caller has seen the second factor lately.
///
/// # Errors
/// `people.factor_missing` if there is no second factor.
pub fn renew_recovery(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Vec<String>> {
    if !hold(tx, person)? {
        return Err(Error::missing());
    }
    tx.exec_later(sql!("DELETE FROM recovery_code WHERE person_id = $1"), params![person])?;
    let codes = new_codes(tx, vault, person)?;
    let count = count(&codes);
    let mut fact = changed(RECOVERY_RENEWED, person, None, count);
    let args = params![tx.now(), count];
    fact.update(tx, &SECOND_FACTOR, params![person], "changed_at = $1, codes_left = $2", "active", args)?
        .ok_or_else(|| Error::new(&FACTOR_MISSING))?;
    fact.emit(tx, &herself(person))?;
    Ok(codes)
}

fn count(codes: &[String]) -> i64 {
    i64::try_from(codes.len()).unwrap_or(0)
}

/// Who sets her factor up has no rights yet, but a name.
fn herself(person: Id<Person>) -> Actor {
    Actor::Person { id: person, grants: Vec::new() }
}

/// `ABCDE-FGHIJ`; what is stored are keyed digests.
fn new_codes(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Vec<String>> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut code = base32(&random_bytes::<7>(tx.chance().rng()));
        code.truncate(RECOVERY_CHARS);
        tx.exec_later(
            sql!("INSERT INTO recovery_code (person_id, digest) VALUES ($1, $2)"),
            params![person, vault.recovery_digest(person, &code)],
        )?;
        code.insert(RECOVERY_CHARS / 2, '-');
        codes.push(code);
    }
    Ok(codes)
}
