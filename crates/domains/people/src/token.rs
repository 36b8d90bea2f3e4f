//! Tokens with which programs act for a person through the API.
//!
//! A token is for one person, for some scopes and for a time; the scopes bound what it can be used for, and the person's own roles bound
//! it further, as they stand on the day of use. The secret has 256 random bits and only its hash is stored, so nobody can guess or read it.

use kernel::{BAD_NUMBER, Error, FieldError, Id, Person, REQUIRED, Result, Timestamp};
use seal::{new_token, token_hash};
use store::{Tx, params, sql};
use web::{TokenInfo, api::Scope};

use crate::{
    Vault,
    read::{grants, name},
};

/// Longest life of a token, in days.
pub const TOKEN_DAYS_MAX: i64 = 366;

/// Marker for identifiers of tokens.
#[derive(Debug)]
pub enum TokenMark {}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// For whom it acts.
    pub person: Id<Person>,
    /// What it may be used for; at least one.
    pub scopes: Vec<Scope>,
    /// Days that it lives, 1 to 366.
    pub days: i64,
}

/// A token that was made. The secret is known here and never again.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// To revoke it by, and the user's name where one is asked for.
    pub id: Id<TokenMark>,
    /// The secret, 43 characters.
    pub secret: String,
}

/// Makes a token. Only the operator of the program calls it, on the machine itself.
///
/// # Errors
/// The wrong fields `scope` and `days`; `kernel.missing` if there is no such person.
pub fn issue_token(tx: &mut Tx, vault: &Vault, cmd: &NewToken) -> Result<IssuedToken> {
    let mut wrong = Vec::new();
    if cmd.scopes.is_empty() {
        wrong.push(FieldError { field: "scope".to_owned(), code: &REQUIRED, args: Vec::new() });
    }
    if !(1..=TOKEN_DAYS_MAX).contains(&cmd.days) {
        let args = vec![("min", "1".to_owned()), ("max", TOKEN_DAYS_MAX.to_string())];
        wrong.push(FieldError { field: "days".to_owned(), code: &BAD_NUMBER, args });
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    name(tx, vault, cmd.person)?.ok_or_else(Error::missing)?;
    let secret = new_token(tx.chance().rng());
    let id: Id<TokenMark> = tx.random_id();
    let now = tx.now();
    let scopes: Vec<&str> = cmd.scopes.iter().map(|scope| scope.as_str()).collect();
    tx.exec(
        sql!(
            "INSERT INTO api_token (token_hash, token_id, person_id, scopes, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![
            token_hash(&secret),
            id,
            cmd.person,
            scopes.join(" "),
            now,
            now.plus_minutes(cmd.days * 24 * 60)
        ],
    )?;
    Ok(IssuedToken { id, secret })
}

/// Ends a token at once; false if there is no such one, or it was ended before.
///
/// # Errors
/// Those of the store.
pub fn revoke_token(tx: &mut Tx, id: Id<TokenMark>) -> Result<bool> {
    let ended = tx.exec(
        sql!("UPDATE api_token SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL"),
        params![id, tx.now()],
    )?;
    Ok(ended > 0)
}

store::row! {
    /// A token as its list shows it.
    pub struct TokenLine {
        /// To revoke it by.
        pub id: Id<TokenMark>,
        /// For whom it acts.
        pub person: Id<Person>,
        /// Its scopes, with blanks between.
        pub scopes: String,
        /// When it was made.
        pub issued_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
}

/// The living tokens, the newest first, at most 1,000.
///
/// # Errors
/// Those of the store.
pub fn tokens(tx: &mut Tx) -> Result<Vec<TokenLine>> {
    tx.all(
        sql!(
            "SELECT token_id, person_id, scopes, issued_at, expires_at FROM api_token \
             WHERE revoked_at IS NULL AND expires_at > $1 ORDER BY issued_at DESC, token_id LIMIT 1000"
        ),
        params![tx.now()],
    )
}

/// Whose token has this hash, if it lives.
pub(crate) fn holder(tx: &mut Tx, vault: &Vault, hash: &[u8; 32]) -> Result<Option<TokenInfo>> {
    let now = tx.now();
    let row: Option<(Id<TokenMark>, Id<Person>, String)> = tx.opt(
        sql!(
            "SELECT token_id, person_id, scopes FROM api_token \
             WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2"
        ),
        params![hash, now],
    )?;
    let Some((id, person, scopes)) = row else { return Ok(None) };
    let Some(display_name) = name(tx, vault, person)? else { return Ok(None) };
    Ok(Some(TokenInfo {
        id: id.to_string(),
        person,
        display_name,
        grants: grants(tx, person, now.day())?,
        scopes: scopes.split(' ').filter_map(|word| word.parse().ok()).collect(),
    }))
}
