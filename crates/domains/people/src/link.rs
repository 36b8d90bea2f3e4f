//! Links that sign in once, made by the operator: the first head of an installation, the people of a demo, somebody without a phone.

use kernel::{Error, Id, Person, Result};
use seal::{new_token, token_hash};
use store::{Tx, params, sql};

kernel::codes! {
    /// The link was used already, has run out, or never was one.
    pub LINK_SPENT = Conflict "people.link_spent";
}

/// Makes a link's token (43 characters) that holds for so many minutes; the address is `/sign-in/link/{token}`. Only its hash is stored.
pub fn issue_link(tx: &mut Tx, person: Id<Person>, minutes: i64) -> Result<String> {
    let token = new_token(tx.chance().rng());
    let expires = tx.now().plus_minutes(minutes);
    tx.exec_later(
        sql!("INSERT INTO login_link (token_hash, person_id, expires_at) VALUES ($1, $2, $3)"),
        params![token_hash(&token), person, expires],
    )?;
    Ok(token)
}

/// Uses a link up and tells whose it is.
///
/// # Errors
/// `people.link_spent`; nobody learns whether such a link ever was.
pub fn redeem_link(tx: &mut Tx, token: &str) -> Result<Id<Person>> {
    let row: Option<(Id<Person>,)> = tx.opt(
        sql!(
            "UPDATE login_link SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
             RETURNING person_id"
        ),
        params![token_hash(token), tx.now()],
    )?;
    row.map(|(person,)| person).ok_or_else(|| Error::new(&LINK_SPENT))
}
