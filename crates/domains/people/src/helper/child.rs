//! A child's account, opened by its guardian.

use kernel::{Actor, BAD_NUMBER, Day, Error, FieldError, Help, Id, Person, Result, Timestamp};
use store::Tx;

use super::{
    Relation,
    agree::{Named, name_helper},
    helped_by,
};
use crate::{PRIVACY_NOTICE, Register, Vault, consent, register::open};

kernel::codes! {
    /// She is the guardian of as many children as one may be.
    pub TOO_MANY_CHILDREN = Conflict "people.too_many_children";
}

/// Years after which a child is of age (民法典, article 17).
pub const AGE_OF_MAJORITY: i32 = 18;
/// Children whose guardian one person may be.
pub const CHILDREN_MAX: usize = 8;

/// Opens an account for a child, whose guardian the actor is: she agrees to the privacy notice in its place (个人信息保护法, article 31) and acts
/// for it until the end of the year in which it comes of age. It has no telephone; a card is given out at a counter.
///
/// # Errors
/// Wrong fields `name`, `birth_year` (`kernel.bad_number` unless it is under age this year); `people.too_many_children`; `kernel.denied`
/// unless the actor acts for herself.
pub fn register_child(
    tx: &mut Tx,
    vault: &Vault,
    actor: &Actor,
    name: &str,
    birth_year: i32,
    demo: bool,
) -> Result<Id<Person>> {
    let helper = actor.oneself().ok_or_else(Error::denied)?;
    let this_year = tx.now().day().month().year();
    let youngest = this_year - AGE_OF_MAJORITY + 1;
    if !(youngest..=this_year).contains(&birth_year) {
        let args = vec![("min", youngest.to_string()), ("max", this_year.to_string())];
        let field = "birth_year".to_owned();
        return Err(Error::fields(vec![FieldError { field, code: &BAD_NUMBER, args }]));
    }
    let held = helped_by(tx, helper)?;
    if held.iter().filter(|held| held.is_guardian()).count() >= CHILDREN_MAX {
        return Err(Error::new(&TOO_MANY_CHILDREN).arg("max", CHILDREN_MAX));
    }
    let cmd = Register { name: name.to_owned(), birth_year: Some(birth_year), demo, ..Register::default() };
    let person = open(tx, vault, actor, &cmd)?;
    consent(tx, actor, person, PRIVACY_NOTICE)?;
    let ends_at = Some(of_age(birth_year)?);
    let (may, relation) = (Help::Act, Relation::Guardian);
    name_helper(tx, vault, actor, &Named { person, helper, may, relation, org: None, ends_at })?;
    Ok(person)
}

/// The first moment after the year in which who was born in a year comes of age.
fn of_age(birth_year: i32) -> Result<Timestamp> {
    i16::try_from(birth_year + AGE_OF_MAJORITY + 1)
        .ok()
        .and_then(|year| Day::of(year, 1, 1))
        .map(Day::start)
        .ok_or_else(|| Error::bug("a year of birth is beyond all days"))
}
