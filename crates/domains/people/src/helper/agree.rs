//! How somebody becomes a helper: who is helped has agreed, and who helps wants it.

use journal::Fact;
use kernel::{Actor, Error, Help, Id, Org, Person, Result, Timestamp};
use store::{Tx, params, sql};

use super::{Helper, Relation, helped_by, helpers_of};
use crate::{
    Vault,
    factor::hold,
    facts::{HELPER, HELPER_NAMED, HelperNamed},
    pin::{pin_refused, redeem_pin},
    tell::tell_words,
};

kernel::codes! {
    /// The code is none that holds now.
    pub HELP_CODE_WRONG = Invalid "people.help_code_wrong";
    /// Nobody is her own helper.
    pub OWN_HELPER = Conflict "people.own_helper";
    /// She has as many helpers as one may have.
    pub TOO_MANY_HELPERS = Conflict "people.too_many_helpers";
    /// She helps as many people as one may help.
    pub TOO_MANY_HELPED = Conflict "people.too_many_helped";
}

/// Hours for which a code for a helper holds.
pub const HELP_CODE_HOURS: i64 = 24;
/// Helpers that one person may have.
pub const HELPERS_MAX: usize = 5;
/// People whom one person may help.
pub const HELPED_MAX: usize = 20;
/// A code has this many digits.
const CODE_DIGITS: u32 = 8;

/// A code that she hands on to whom she wants to help her: who enters it becomes her helper. It ends the one that she made before.
///
/// # Errors
/// `kernel.denied` unless the actor acts for herself; `people.too_many_helpers`.
pub fn help_code(tx: &mut Tx, vault: &Vault, actor: &Actor, may: Help, relation: Relation) -> Result<String> {
    let person = actor.oneself().ok_or_else(Error::denied)?;
    if helpers_of(tx, person)?.iter().filter(|held| held.lasts()).count() >= HELPERS_MAX {
        return Err(Error::new(&TOO_MANY_HELPERS).arg("max", HELPERS_MAX));
    }
    tx.exec_later(sql!("DELETE FROM helper_code WHERE person_id = $1"), params![person])?;
    let until = tx.now().plus_minutes(HELP_CODE_HOURS * 60);
    let code = seal::numeric_code(tx.chance().rng(), CODE_DIGITS);
    let entered = tx.exec(
        sql!(
            "INSERT INTO helper_code (digest, person_id, may, relation, expires_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (digest) DO NOTHING"
        ),
        params![digest(vault, &code), person, may.as_str(), relation.as_str(), until],
    )?;
    // One in a hundred million for each code that holds: she presses the button again.
    if entered == 0 { Err(Error::new(&kernel::CHANGED)) } else { Ok(code) }
}

fn digest(vault: &Vault, code: &str) -> String {
    vault.secret_digest(&["helper", code])
}

/// The actor becomes the helper of whoever made this code, which is spent by it.
///
/// # Errors
/// `people.help_code_wrong` at the field `code`; as [`become_helper_by_card`] else.
pub fn become_helper_by_code(tx: &mut Tx, vault: &Vault, actor: &Actor, code: &str) -> Result<Id<Person>> {
    let helper = actor.oneself().ok_or_else(Error::denied)?;
    let row: Option<(Id<Person>, String, String)> = tx.opt(
        sql!(
            "DELETE FROM helper_code WHERE digest = $1 AND expires_at > $2 RETURNING person_id, may, relation"
        ),
        params![digest(vault, code), tx.now()],
    )?;
    let (person, may, relation) = row.ok_or_else(|| Error::field("code", &HELP_CODE_WRONG))?;
    let named =
        Named { person, helper, may: may.parse()?, relation: relation.parse()?, org: None, ends_at: None };
    name_helper(tx, vault, actor, &named)?;
    Ok(person)
}

/// The actor becomes the helper of somebody who is with her and lends her card and PIN for it. Call it in a write of its own: a wrong PIN is counted
/// whatever comes of it, so a refusal is an answer, not a failure.
///
/// # Errors
/// `people.own_helper`, `people.too_many_helpers`, `people.too_many_helped`; `kernel.denied` unless the actor acts for herself.
pub fn become_helper_by_card(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    (card, pin): (&str, &str),
    may: Help,
    relation: Relation,
) -> Result<std::result::Result<Id<Person>, Error>> {
    let helper = actor.oneself().ok_or_else(Error::denied)?;
    let Some(person) = redeem_pin(tx, vault, card, pin)? else { return Ok(Err(pin_refused())) };
    let named = Named { person, helper, may, relation, org: None, ends_at: None };
    name_helper(tx, vault, actor, &named)?;
    Ok(Ok(person))
}

/// Who becomes whose helper.
pub(super) struct Named {
    pub person: Id<Person>,
    pub helper: Id<Person>,
    pub may: Help,
    pub relation: Relation,
    pub org: Option<Id<Org>>,
    pub ends_at: Option<Timestamp>,
}

/// Writes it down and tells the person, if she has a telephone.
pub(super) fn name_helper(tx: &mut Tx, vault: &Vault, actor: &Actor, named: &Named) -> Result<()> {
    let Named { person, helper, may, relation, org, ends_at } = named;
    if person == helper {
        return Err(Error::new(&OWN_HELPER));
    }
    // Two who become helpers at once must see each other.
    if !hold(tx, *person)? {
        return Err(Error::missing());
    }
    let mut held = helpers_of(tx, *person)?;
    held.retain(Helper::lasts);
    match held.iter().find(|held| held.helper == *helper) {
        // A guardian stays one, who helps her anyway keeps that when she also stands at a counter, and what was agreed is agreed.
        Some(known)
            if known.is_guardian()
                || *relation == Relation::Counter
                || (known.may == may.as_str() && known.relation == relation.as_str()) =>
        {
            return Ok(());
        }
        Some(_) => {}
        None if *relation == Relation::Counter => {}
        None if held.len() >= HELPERS_MAX => {
            return Err(Error::new(&TOO_MANY_HELPERS).arg("max", HELPERS_MAX));
        }
        None if helped_by(tx, *helper)?.iter().filter(|helped| helped.lasts()).count() >= HELPED_MAX => {
            return Err(Error::new(&TOO_MANY_HELPED).arg("max", HELPED_MAX));
        }
        None => {}
    }
    let now = tx.now();
    let payload = HelperNamed {
        person_id: *person,
        helper_id: *helper,
        may: may.as_str().to_owned(),
        relation: relation.as_str().to_owned(),
        ends_at: *ends_at,
    };
    let mut fact = Fact::new(HELPER_NAMED, *person).payload(&payload);
    let set = "may = $1, relation = $2, org_id = $3, since = $4, ends_at = $5, ended_at = NULL";
    let args = params![may.as_str(), relation.as_str(), *org, now, *ends_at];
    if fact.update(tx, &HELPER, params![*person, *helper], set, "", args)?.is_none() {
        let none: Option<Timestamp> = None;
        let row = params![*person, *helper, may.as_str(), relation.as_str(), *org, now, *ends_at, none, none];
        fact.insert(tx, &HELPER, row.to_vec())?;
    }
    fact.emit(tx, actor)?;
    if *relation == Relation::Guardian {
        return Ok(());
    }
    let name = crate::name(tx, vault, *helper)?.unwrap_or_default();
    let key = if *relation == Relation::Counter { "people-sms-counter" } else { "people-sms-helper" };
    tell_words(tx, vault, *person, web::i18n::say(kernel::Lang::Zh, key, &[("name", &name)])).map(drop)
}
