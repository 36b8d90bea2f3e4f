//! Words of a person's own that a later domain keeps for her.
//!
//! They are sealed under her key, so that they are gone with it, in all copies. What is kept of her under no fact, such as a wish to be told
//! of something, is a [`Parting`]: it goes in the transaction that erases her.

use std::collections::HashMap;

use kernel::{Chance, Error, Id, Person, Result};
use seal::{open_box, seal_box};
use store::{Statement, Tx, Value};

use crate::Vault;

/// Keys that are read by one statement.
const KEYS_AT_ONCE: usize = 256;

/// What a later domain keeps of a person under no fact, and how it goes with her. A domain lists it by
/// `journal::inventory::submit!`.
pub struct Parting {
    /// Deletes all of it.
    pub forget: fn(&mut Tx, Id<Person>) -> Result<()>,
}
journal::inventory::collect!(Parting);

/// A person's own key, opened.
pub struct PersonKey {
    person: Id<Person>,
    key: [u8; 32],
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey")
    }
}

impl PersonKey {
    /// Seals words for one column (`saved_search.sealed`): a box opens for its person and in its column only.
    pub fn seal(&self, chance: &mut Chance, column: &'static str, words: &str) -> Vec<u8> {
        seal_box(&self.key, chance.rng(), &self.context(column), words.as_bytes())
    }

    /// Opens what [`PersonKey::seal`] sealed.
    ///
    /// # Errors
    /// `kernel.bug` if it is another person's, of another column, or damaged.
    pub fn open(&self, column: &'static str, sealed: &[u8]) -> Result<String> {
        let plain = open_box(&self.key, &self.context(column), sealed)
            .map_err(|e| Error::bug(format!("{column} of {} does not open", self.person)).caused_by(e))?;
        String::from_utf8(plain).map_err(|e| Error::bug("a sealed text is no text").caused_by(e))
    }

    fn context(&self, column: &str) -> Vec<u8> {
        [column.as_bytes(), b":", self.person.as_bytes()].concat()
    }
}

/// The keys of these people. Who is unknown, or was erased, is not in the answer.
pub fn person_keys(
    tx: &mut Tx,
    vault: &Vault,
    people: &[Id<Person>],
) -> Result<HashMap<Id<Person>, PersonKey>> {
    let mut keys = HashMap::with_capacity(people.len());
    for part in people.chunks(KEYS_AT_ONCE) {
        // Filled up to powers of two by repeating the last, so that there are few different statements to prepare.
        let width = part.len().next_power_of_two();
        let params: Vec<Value> = (0..width).map(|n| Value::from(part[n.min(part.len() - 1)])).collect();
        let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
        let text =
            format!("SELECT person_id, wrapped FROM person_key WHERE person_id IN ({})", marks.join(", "));
        let rows: Vec<(Id<Person>, Vec<u8>)> = tx.all(Statement::dynamic(text), &params)?;
        for (person, wrapped) in rows {
            keys.insert(person, PersonKey { person, key: vault.unwrap(person, &wrapped)? });
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_open_for_their_person_and_in_their_column_only() {
        let mut chance = Chance::seeded(1);
        let (ann, bob): (Id<Person>, Id<Person>) = (Id::random(&mut chance), Id::random(&mut chance));
        let own = PersonKey { person: ann, key: [1; 32] };
        let sealed = own.seal(&mut chance, "a.b", "书法");
        assert_eq!(own.open("a.b", &sealed).unwrap(), "书法");
        assert!(own.open("a.c", &sealed).is_err());
        assert!(PersonKey { person: bob, key: [1; 32] }.open("a.b", &sealed).is_err());
        assert!(PersonKey { person: ann, key: [2; 32] }.open("a.b", &sealed).is_err());
    }
}
