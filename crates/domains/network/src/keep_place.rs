//! Keeping what people must know of a place true: where it is, how to call it, when it is open.
//!
//! It is daily work: whoever writes the place's offers does it, and nobody above has to be asked.

use kernel::{Actor, Error, Id, Org, Result, Right};
use store::{Tx, params};

use crate::{ALREADY_CLOSED, ORG, Opening, access, change_org::changed, found_org::check_texts};

/// What people must know of a place; everything is replaced.
#[derive(Debug, Clone)]
pub struct KeepPlace {
    /// Which.
    pub org_id: Id<Org>,
    /// The version that it was made from ([`Organisation::rev`](crate::Organisation::rev)).
    pub rev: i64,
    /// Street address, at most 120 characters.
    pub address: String,
    /// Telephone, at most 40 characters.
    pub phone: String,
    /// What is to be said of the hours in words, at most 120 characters.
    pub hours: String,
    /// When it is open. Days that differed and are over are dropped.
    pub opening: Opening,
}

/// Changes what people must know of a place.
///
/// # Errors
/// `kernel.changed` if somebody else changed it meanwhile, [`ALREADY_CLOSED`], and those of the fields.
pub fn keep_place(tx: &mut Tx, actor: &Actor, cmd: &KeepPlace) -> Result<()> {
    access::require(tx, actor, Right::ManageOffers, cmd.org_id)?;
    let known = crate::org(tx, cmd.org_id)?.ok_or_else(Error::missing)?;
    if !known.is_open() {
        return Err(Error::new(&ALREADY_CLOSED));
    }
    let mut wrong = Vec::new();
    check_texts(
        &mut wrong,
        &[
            ("address", &cmd.address, 120, false),
            ("phone", &cmd.phone, 40, false),
            ("hours", &cmd.hours, 120, false),
        ],
    );
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    keep_as(tx, actor, cmd, None)
}

/// Changes what was checked and allowed, and, where it is given, the position.
///
/// # Errors
/// `kernel.changed` if somebody else changed it meanwhile; `network.bad_opening`.
pub(crate) fn keep_as(
    tx: &mut Tx,
    actor: &Actor,
    cmd: &KeepPlace,
    moved: Option<Option<(f64, f64)>>,
) -> Result<()> {
    let opening = cmd.opening.clone().since(tx.now().day());
    opening.check("opening")?;
    let mut fact = changed(cmd.org_id);
    let mut args =
        params![cmd.address.trim(), cmd.phone.trim(), cmd.hours.trim(), &opening, cmd.rev].to_vec();
    let mut set = "address = $1, phone = $2, hours = $3, opening = $4".to_owned();
    if let Some(place) = moved {
        // What was noted of the old position says nothing of the new one.
        set.push_str(", lon = $6, lat = $7, place_note = ''");
        args.extend_from_slice(params![place.map(|(lon, _)| lon), place.map(|(_, lat)| lat)]);
    }
    fact.update(tx, &ORG, params![cmd.org_id], &set, "rev = $5", &args)?
        .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    fact.emit(tx, actor).map(|_| ())
}
