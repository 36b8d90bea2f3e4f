//! Codes sent to a phone: to sign in (there are no passwords), and to show that a phone is one's own.
//!
//! A code has six digits, holds for five minutes and for five tries. A try is counted in a write that commits whatever comes out of it, so
//! the function answers with an [`Attempt`] instead of refusing: a refusal would roll the count back.

use kernel::{Error, FieldError, Id, Lang, Person, Result, Timestamp, plain_digit};
use notify::Message;
use seal::numeric_code;
use store::{Tx, params, sql};
use web::limit::{CODE_DAY, CODE_HOUR, CODE_MINUTE};

use crate::{
    model::Phone,
    read::person_by_phone,
    vault::{Step, Vault},
};

kernel::codes! {
    /// The code is wrong; `left` says how many tries are left.
    pub CODE_WRONG = Invalid "people.code_wrong";
    /// The code has run out, was used, or was tried too often: a new one is needed.
    pub CODE_SPENT = Invalid "people.code_spent";
    /// The pages of the sign-in were left open too long: it begins anew.
    pub TICKET_SPENT = Conflict "people.ticket_spent";
}

/// Digits of a code.
pub const CODE_DIGITS: u32 = 6;
/// Minutes that a code holds.
pub const CODE_MINUTES: i64 = 5;
/// Tries that a code bears.
pub const CODE_TRIES: i64 = 5;
/// Minutes in which the pages of the sign-in are to be passed.
pub(crate) const TICKET_MINUTES: i64 = 20;

/// What a code is good for. A code opens nothing else: who is talked into telling the one does not give away the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Getting in.
    SignIn,
    /// Showing that a phone is this person's, who changes the telephone of her account.
    PhoneOf(Id<Person>),
}

impl For {
    /// What is digested together with the code.
    fn context(self) -> Vec<u8> {
        match self {
            For::SignIn => Vec::new(),
            For::PhoneOf(person) => [b"phone:".as_slice(), person.as_bytes()].concat(),
        }
    }
}

/// Sends a new code to a phone (a former one ends) and gives the ticket for entering it. Whether the phone has an account makes no
/// difference that could be seen.
///
/// # Errors
/// `web.too_many` when codes are asked for too often; at most one a minute, five an hour, ten a day for one phone.
pub fn request_code(tx: &mut Tx, vault: &Vault, phone: &Phone, lang: Lang) -> Result<String> {
    send_code(tx, vault, phone, For::SignIn, |code| {
        web::i18n::say(lang, "people-sms-code", &[("code", &code), ("minutes", &CODE_MINUTES)])
    })?;
    let expires = tx.now().plus_minutes(TICKET_MINUTES);
    Ok(vault.ticket(tx.chance(), Step::EnterCode, phone, expires))
}

/// Sends a new code in these words; a former one to the same phone ends.
pub(crate) fn send_code(
    tx: &mut Tx,
    vault: &Vault,
    phone: &Phone,
    what: For,
    words: impl Fn(&str) -> String,
) -> Result<()> {
    let index = vault.phone_index(phone);
    for limit in [CODE_MINUTE, CODE_HOUR, CODE_DAY] {
        limit.count(tx, &seal::hex(&index))?;
    }
    let now = tx.now();
    let code = numeric_code(tx.chance().rng(), CODE_DIGITS);
    let expires = now.plus_minutes(CODE_MINUTES);
    tx.exec_later(
        sql!(
            "INSERT INTO login_code (phone_index, digest, expires_at, tries_left) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (phone_index) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at, \
             tries_left = excluded.tries_left"
        ),
        params![index, vault.code_digest(&index, &what.context(), &code), expires, CODE_TRIES],
    )?;
    vault.outbox().enqueue(tx, &Message { phone: phone.digits().to_owned(), text: words(&code) }, expires)?;
    Ok(())
}

/// What came out of comparing a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    Right,
    /// With so many tries left, 1 or more.
    Wrong(i64),
    Spent,
}

impl Tried {
    /// What to show at the field, if it was wrong.
    pub(crate) fn refusal(self, field: &str) -> Option<FieldError> {
        let (code, args) = match self {
            Tried::Right => return None,
            Tried::Wrong(left) => (&CODE_WRONG, vec![("left", left.to_string())]),
            Tried::Spent => (&CODE_SPENT, Vec::new()),
        };
        Some(FieldError { field: field.to_owned(), code, args })
    }
}

/// Counts a try and compares. A right code is still good until it is used up by [`end_code`].
pub(crate) fn try_code(tx: &mut Tx, vault: &Vault, phone: &Phone, what: For, code: &str) -> Result<Tried> {
    let index = vault.phone_index(phone);
    // One guarded statement counts and reads: of many tries at once, no more than five are compared.
    let row: Option<(Vec<u8>, i64)> = tx.opt(
        sql!(
            "UPDATE login_code SET tries_left = tries_left - 1 WHERE phone_index = $1 AND expires_at > $2 AND tries_left > 0 \
             RETURNING digest, tries_left"
        ),
        params![index, tx.now()],
    )?;
    let Some((digest, left)) = row else { return Ok(Tried::Spent) };
    // Both are digests under a secret key, so the time of the comparison tells nothing about the code.
    if digest == vault.code_digest(&index, &what.context(), code) {
        return Ok(Tried::Right);
    }
    Ok(if left > 0 { Tried::Wrong(left) } else { Tried::Spent })
}

/// Ends the code that was sent to a phone, if there is one.
pub(crate) fn end_code(tx: &mut Tx, vault: &Vault, phone: &Phone) -> Result<()> {
    tx.exec_later(sql!("DELETE FROM login_code WHERE phone_index = $1"), params![vault.phone_index(phone)])
}

/// What came out of entering a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Right, and the phone has an account.
    Known(Id<Person>),
    /// Right, and the phone has no account yet: the ticket lets its holder open one.
    New {
        /// For [`proved_phone`].
        ticket: String,
    },
    /// Wrong, with so many tries left.
    Wrong {
        /// Tries left, 1 or more.
        left: i64,
    },
    /// The code has run out, was used, or was tried too often.
    Spent,
}

impl Attempt {
    /// The failure to show with the field `code`, if it was one.
    pub fn refusal(&self) -> Option<Error> {
        let tried = match self {
            Attempt::Known(_) | Attempt::New { .. } => Tried::Right,
            Attempt::Wrong { left } => Tried::Wrong(*left),
            Attempt::Spent => Tried::Spent,
        };
        tried.refusal("code").map(|wrong| Error::fields(vec![wrong]))
    }
}

/// Tries a code. Call it in a write of its own.
pub fn redeem_code(tx: &mut Tx, vault: &Vault, phone: &Phone, code: &str) -> Result<Attempt> {
    match try_code(tx, vault, phone, For::SignIn, code)? {
        Tried::Right => end_code(tx, vault, phone)?,
        Tried::Wrong(left) => return Ok(Attempt::Wrong { left }),
        Tried::Spent => return Ok(Attempt::Spent),
    }
    let now = tx.now();
    Ok(match person_by_phone(tx, vault, phone)? {
        Some(person) => Attempt::Known(person),
        None => Attempt::New {
            ticket: vault.ticket(tx.chance(), Step::OpenAccount, phone, now.plus_minutes(TICKET_MINUTES)),
        },
    })
}

/// The phone to which a code was sent, from the ticket that [`request_code`] gave.
///
/// # Errors
/// `people.ticket_spent`
pub fn asked_phone(vault: &Vault, now: Timestamp, ticket: &str) -> Result<Phone> {
    vault.read_ticket(now, Step::EnterCode, ticket).ok_or_else(|| Error::new(&TICKET_SPENT))
}

/// The phone that was proved by a code, from the ticket of [`Attempt::New`].
///
/// # Errors
/// `people.ticket_spent`
pub fn proved_phone(vault: &Vault, now: Timestamp, ticket: &str) -> Result<Phone> {
    vault.read_ticket(now, Step::OpenAccount, ticket).ok_or_else(|| Error::new(&TICKET_SPENT))
}

/// A code as typed: full-width digits and spaces between groups are common on phones.
pub fn typed_code(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(plain_digit).collect()
}
