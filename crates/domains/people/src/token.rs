//! Tokens with which programs act for a person through the API.
//!
//! A token is for one person, for some scopes and for a time; the scopes bound what it can be used for, and the person's own roles bound
//! it further, as they stand on the day of use. The secret has 256 random bits and only its hash is stored, so nobody can guess or read it.
//! Beside the secret, which goes when its time is over, stands a record for good: that there was a token, for whom, made and ended by whom.

use journal::Fact;
use kernel::{Actor, BAD_NUMBER, Error, FieldError, Id, Person, REQUIRED, Result, Timestamp};
use seal::{new_token, token_hash};
use store::{Tx, params, sql};
use web::{TokenInfo, api::Scope};

use crate::{
    Vault,
    facts::{TOKEN_ENDED, TOKEN_ISSUED, TOKEN_RECORD, TokenChanged},
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

/// Makes a token and leaves `people.token_issued.v1`. Only the operator of the program calls it, on the machine itself.
///
/// # Errors
/// The wrong fields `scope` and `days`; `kernel.missing` if there is no such person.
pub fn issue_token(tx: &mut Tx, vault: &Vault, actor: &Actor, cmd: &NewToken) -> Result<IssuedToken> {
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
    let (scopes, ends) = (scopes.join(" "), now.plus_minutes(cmd.days * 24 * 60));
    tx.exec(
        sql!(
            "INSERT INTO api_token (token_hash, token_id, person_id, scopes, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![token_hash(&secret), id, cmd.person, &scopes, now, ends],
    )?;
    let payload = TokenChanged { token_id: id.to_string(), person_id: cmd.person, scopes: scopes.clone() };
    let mut fact = Fact::new(TOKEN_ISSUED, cmd.person).payload(&payload);
    let row = params![cmd.person, id, scopes, now, ends, None::<Timestamp>];
    fact.insert(tx, &TOKEN_RECORD, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(IssuedToken { id, secret })
}

/// Ends a token at once and leaves `people.token_ended.v1`; false if there is no such one, or it was ended before. The caller has asked for
/// the right ([`kernel::Right::ManageSecurity`] of the whole city, or the operator on the machine).
///
/// # Errors
/// Those of the store.
pub fn revoke_token(tx: &mut Tx, actor: &Actor, id: Id<TokenMark>) -> Result<bool> {
    let now = tx.now();
    let ended: Option<(Id<Person>, String, Timestamp, Timestamp)> = tx.opt(
        sql!(
            "UPDATE api_token SET revoked_at = $2 WHERE token_id = $1 AND revoked_at IS NULL \
             RETURNING person_id, scopes, issued_at, expires_at"
        ),
        params![id, now],
    )?;
    let Some((person, scopes, issued_at, expires_at)) = ended else { return Ok(false) };
    let payload = TokenChanged { token_id: id.to_string(), person_id: person, scopes: scopes.clone() };
    let mut fact = Fact::new(TOKEN_ENDED, person).payload(&payload);
    let key = params![person, id];
    // Tokens of before had no record; it is made now.
    if fact.update(tx, &TOKEN_RECORD, key, "ended_at = $1", "", params![now])?.is_none() {
        let row = params![person, id, scopes, issued_at, expires_at, now];
        fact.insert(tx, &TOKEN_RECORD, row.to_vec())?;
    }
    fact.emit(tx, actor)?;
    Ok(true)
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

impl TokenLine {
    /// Its scopes, one by one.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.scopes.split(' ')
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
