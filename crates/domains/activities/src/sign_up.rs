//! Taking a seat, and giving it back.
//!
//! The seat is taken by one guarded update of the class, so that no two requests, threads or processes can sell the same
//! seat; the database's own check `taken BETWEEN 0 AND capacity` stands behind it. Who already sits gets the same answer
//! again. A seat can be taken until the class's last session ends, because people join late.

use journal::Fact;
use kernel::{Actor, Error, Id, Person, Result, Right};
use serde::{Deserialize, Serialize};
use store::{Tx, params};

use crate::{
    facts::{ENROLLED, ENROLMENT_CANCELLED, Enrolled},
    model::{CLASS, Class, ClassId, ENROLMENT, Enrolment, EnrolmentId},
    read,
};

kernel::codes! {
    /// All seats are taken.
    pub FULL = Conflict "activities.full";
    /// The class is over, closed or cancelled.
    pub NOT_OPEN = Conflict "activities.not_open";
    /// The person has no seat in this class.
    pub NOT_SEATED = Conflict "activities.not_seated";
    /// A seat cannot be given back once the class has begun.
    pub ALREADY_BEGUN = Conflict "activities.already_begun";
}

/// A seat wanted for a person: by herself, or by staff of the organisation who do it for her.
#[derive(Debug, Clone, Serialize)]
pub struct SignUp {
    /// The class.
    pub class_id: ClassId,
    /// Who shall sit there.
    pub person_id: Id<Person>,
}

/// A seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seated {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// Whether it is new (false: she had it already).
    pub new: bool,
}

/// Takes a seat. Refusals: `kernel.missing`, `activities.not_open`, `activities.full`.
pub fn sign_up(tx: &mut Tx, actor: &Actor, cmd: &SignUp) -> Result<Seated> {
    let class = read::class(tx, cmd.class_id)?.ok_or_else(Error::missing)?;
    allowed(tx, actor, cmd.person_id, &class)?;
    let known = read::enrolment(tx, &class, cmd.person_id)?;
    if let Some(seat) = known.as_ref().filter(|seat| seat.status == "seated") {
        return Ok(Seated { enrolment_id: seat.enrolment_id, new: false });
    }
    let enrolment_id = known.as_ref().map_or_else(|| tx.new_id(), |seat| seat.enrolment_id);
    let mut fact = seat_fact(ENROLLED, &class, cmd.person_id, enrolment_id);
    // The enrolment comes first: it is the fact's subject. Should the class be full, all of it is rolled back.
    let now = tx.now();
    if known.is_some() {
        let key = [class.org_id.into(), enrolment_id.into()];
        fact.update(
            tx,
            &ENROLMENT,
            &key,
            "status = 'seated', enrolled_at = $1",
            "status = 'cancelled'",
            params![now],
        )?
        .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    } else {
        let row = params![class.org_id, enrolment_id, class.class_id, cmd.person_id, "seated", now];
        fact.insert(tx, &ENROLMENT, row.to_vec())?;
    }
    let key = [class.org_id.into(), class.class_id.into()];
    let guard = "status = 'open' AND taken < capacity AND ends_at > $1";
    if fact.update(tx, &CLASS, &key, "taken = taken + 1", guard, params![now])?.is_none() {
        let over = !class.is_open() || class.ends_at <= now;
        return Err(Error::new(if over { &NOT_OPEN } else { &FULL }).arg("title", &class.title));
    }
    fact.emit(tx, actor)?;
    Ok(Seated { enrolment_id, new: true })
}

/// Gives a seat back before the class begins.
pub fn cancel_sign_up(tx: &mut Tx, actor: &Actor, cmd: &SignUp) -> Result<()> {
    let class = read::class(tx, cmd.class_id)?.ok_or_else(Error::missing)?;
    allowed(tx, actor, cmd.person_id, &class)?;
    let seat = read::enrolment(tx, &class, cmd.person_id)?;
    let Some(Enrolment { enrolment_id, .. }) = seat.filter(|seat| seat.status == "seated") else {
        return Err(Error::new(&NOT_SEATED));
    };
    if class.starts_at <= tx.now() {
        return Err(Error::new(&ALREADY_BEGUN));
    }
    let mut fact = seat_fact(ENROLMENT_CANCELLED, &class, cmd.person_id, enrolment_id);
    let key = [class.org_id.into(), enrolment_id.into()];
    fact.update(tx, &ENROLMENT, &key, "status = 'cancelled'", "status = 'seated'", &[])?
        .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    let key = [class.org_id.into(), class.class_id.into()];
    fact.update(tx, &CLASS, &key, "taken = taken - 1", "taken > 0", &[])?
        .ok_or_else(|| Error::bug("a class with a seat has none taken"))?;
    fact.emit(tx, actor).map(|_| ())
}

/// She herself, the program, or staff who may manage the organisation's offers.
fn allowed(tx: &mut Tx, actor: &Actor, person: Id<Person>, class: &Class) -> Result<()> {
    match actor {
        Actor::System(_) => Ok(()),
        _ if actor.person() == Some(person) => Ok(()),
        _ => network::access::require(tx, actor, Right::ManageOffers, class.org_id),
    }
}

fn seat_fact(kind: &'static str, class: &Class, person_id: Id<Person>, enrolment_id: EnrolmentId) -> Fact {
    Fact::new(kind, class.org_id).at(class.org_id).payload(&Enrolled {
        enrolment_id,
        org_id: class.org_id,
        class_id: class.class_id,
        offer_id: class.offer_id,
        person_id,
        starts_at: class.starts_at,
        ends_at: class.ends_at,
    })
}

/// Classes of the same offer that still have seats, for who finds this one full.
pub fn alternatives(tx: &mut Tx, class: &Class) -> Result<Vec<Class>> {
    let text = format!(
        // The guard is closed to indexes: by the offer a few classes are read, by status or time all open ones of the city.
        "SELECT {} FROM class WHERE offer_id = $1 AND class_id <> $2 \
         AND (status = 'open' AND taken < capacity AND ends_at > $3) IS TRUE ORDER BY starts_at LIMIT 5",
        CLASS.all_columns()
    );
    let now = tx.now();
    tx.all(store::Statement::dynamic(text), params![class.offer_id, class.class_id, now])
}
