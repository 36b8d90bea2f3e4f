//! Closing an account.
//!
//! Records of learning are never rewritten; what makes them personal is destroyed instead: the person's key, and with it name, phone and
//! card (个人信息保护法, article 47). The salts of the facts about her go too, so that their digests say nothing of what her rows once were. What
//! is left is a random id that means nobody, and the fact of the erasure, which vouches for what is left of her rows.

use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result};
use store::{Tx, params, sql};

use crate::{
    factor::destroy,
    facts::{
        CARD_ISSUE, CONSENT, ERASED, Erased, HELPER, LEAVING, PERSON, ROLE_GRANT, SECOND_FACTOR, TOKEN_RECORD,
    },
    read::key_of,
    vault::{Field, Vault},
};

journal::inventory::submit! {
    journal::Erasure { kind: ERASED, tables: &["person", "consent", "role_grant", "second_factor", "token_record", "card_issue", "helper", "leaving"] }
}

journal::inventory::submit! {
    journal::Check { name: "people.erased", run: erased_is_gone }
}

/// Destroys a person's key, the salts of the facts about her, and everything by which she could be found or let in, and leaves `people.erased.v1`. Cannot be undone.
///
/// # Errors
/// `kernel.denied` unless the actor is the person herself or the program; `kernel.missing` if there is no such person (any more).
pub fn erase(tx: &mut Tx, vault: &Vault, actor: &Actor, person: Id<Person>) -> Result<()> {
    if actor.oneself() != Some(person) && !matches!(actor, Actor::System(_)) {
        return Err(Error::denied());
    }
    let key = key_of(tx, vault, person)?.ok_or_else(Error::missing)?;
    let (sealed,): (Option<Vec<u8>>,) =
        tx.one(sql!("SELECT phone_sealed FROM person WHERE person_id = $1"), params![person])?;
    if let Some(sealed) = sealed {
        let phone = vault.open(&key, Field::Phone, person, &sealed)?.parse()?;
        let index = vault.phone_index(&phone);
        tx.exec_later(sql!("DELETE FROM phone_directory WHERE phone_index = $1"), params![index])?;
        tx.exec_later(sql!("DELETE FROM login_code WHERE phone_index = $1"), params![index])?;
        tx.exec_later(sql!("DELETE FROM invitation_contact WHERE phone_index = $1"), params![index])?;
    }
    tx.exec_later(sql!("DELETE FROM card WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM card_pin WHERE person_id = $1"), params![person])?;
    crate::helper::end_all_by(tx, actor, person)?;
    tx.exec_later(sql!("DELETE FROM helper_code WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM web_session WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM api_token WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM login_link WHERE person_id = $1"), params![person])?;
    tx.exec_later(sql!("DELETE FROM person_key WHERE person_id = $1"), params![person])?;
    destroy(tx, person)?;
    for parting in journal::inventory::iter::<crate::Parting>() {
        (parting.forget)(tx, person)?;
    }
    let mut fact = Fact::new(ERASED, person).payload(&Erased { person_id: person });
    let wipe = "name_sealed = $1, phone_sealed = NULL, birth_year = NULL, home_region = NULL";
    fact.update(tx, &PERSON, params![person], wipe, "", params![Vec::<u8>::new()])?
        .ok_or_else(Error::missing)?;
    // Her agreements and roles stay as history; their facts lose their salts, so this one vouches for them from now on.
    let notices: Vec<(String,)> =
        tx.all(sql!("SELECT notice FROM consent WHERE person_id = $1 ORDER BY notice"), params![person])?;
    for (notice,) in notices {
        fact.update(tx, &CONSENT, params![person, notice], "given_at = given_at", "", &[])?;
    }
    let roles: Vec<(String, String)> = tx.all(
        sql!("SELECT org_id, role FROM role_grant WHERE person_id = $1 ORDER BY org_id, role"),
        params![person],
    )?;
    for (org, role) in roles {
        fact.update(tx, &ROLE_GRANT, params![person, org, role], "from_day = from_day", "", &[])?;
    }
    let tokens: Vec<(String,)> = tx.all(
        sql!("SELECT token_id FROM token_record WHERE person_id = $1 ORDER BY token_id"),
        params![person],
    )?;
    for (token,) in tokens {
        fact.update(tx, &TOKEN_RECORD, params![person, token], "issued_at = issued_at", "", &[])?;
    }
    let cards: Vec<(i64,)> =
        tx.all(sql!("SELECT seq FROM card_issue WHERE person_id = $1 ORDER BY seq"), params![person])?;
    for (seq,) in cards {
        fact.update(tx, &CARD_ISSUE, params![person, seq], "issued_at = issued_at", "", &[])?;
    }
    let helpers: Vec<(Id<Person>,)> = tx
        .all(sql!("SELECT helper_id FROM helper WHERE person_id = $1 ORDER BY helper_id"), params![person])?;
    for (helper,) in helpers {
        let ended = "ended_at = COALESCE(ended_at, $1)";
        fact.update(tx, &HELPER, params![person, helper], ended, "", params![tx.now()])?;
    }
    fact.update(tx, &LEAVING, params![person], "ordered_at = ordered_at", "", &[])?;
    let none = "active = FALSE, locked_until = NULL, codes_left = 0";
    fact.update(tx, &SECOND_FACTOR, params![person], none, "", &[])?;
    journal::destroy_salts(tx, ERASED, person)?;
    fact.emit(tx, actor)?;
    Ok(())
}

/// Whose name was wiped has neither key nor phone nor card any more.
fn erased_is_gone(tx: &mut Tx) -> Result<Vec<journal::Problem>> {
    let left: Vec<(String,)> = tx.all(
        sql!(
            "SELECT p.person_id FROM person_key k JOIN person p ON p.person_id = k.person_id \
             WHERE length(p.name_sealed) = 0 \
             UNION SELECT p.person_id FROM phone_directory d JOIN person p ON p.person_id = d.person_id \
             WHERE length(p.name_sealed) = 0 \
             UNION SELECT p.person_id FROM card c JOIN person p ON p.person_id = c.person_id \
             WHERE length(p.name_sealed) = 0 \
             UNION SELECT p.person_id FROM card_pin c JOIN person p ON p.person_id = c.person_id \
             WHERE length(p.name_sealed) = 0"
        ),
        &[],
    )?;
    let told = |(person,): (String,)| journal::Problem {
        check: "people.erased".to_owned(),
        record: format!("person:{person}"),
        detail: "the person was erased, but a key, phone, card or PIN of hers is left".to_owned(),
    };
    Ok(left.into_iter().map(told).collect())
}
