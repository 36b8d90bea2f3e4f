//! A message to a person about what is hers.

use kernel::{Id, Lang, Person, Result};
use notify::Message;
use store::{Tx, params, sql};

use crate::{Vault, read::key_of, vault::Field};

/// Hours for which such a message is worth sending.
const HOURS: i64 = 72;

/// Sends the words of a key to the person's phone, if she has one. What somebody else does to her account she hears of.
pub(crate) fn tell(tx: &mut Tx, vault: &Vault, person: Id<Person>, lang: Lang, key: &str) -> Result<()> {
    tell_words(tx, vault, person, web::i18n::say(lang, key, &[])).map(drop)
}

/// Sends ready words to the person's phone, with the change that wants it; `false` if she has no phone, or was erased.
pub fn tell_words(tx: &mut Tx, vault: &Vault, person: Id<Person>, text: String) -> Result<bool> {
    let row: Option<(Option<Vec<u8>>,)> =
        tx.opt(sql!("SELECT phone_sealed FROM person WHERE person_id = $1"), params![person])?;
    let Some((Some(sealed),)) = row else { return Ok(false) };
    let Some(own) = key_of(tx, vault, person)? else { return Ok(false) };
    let phone = vault.open(&own, Field::Phone, person, &sealed)?;
    let until = tx.now().plus_minutes(HOURS * 60);
    vault.outbox().enqueue(tx, &Message { phone, text }, until)?;
    Ok(true)
}
