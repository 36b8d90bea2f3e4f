//! Agreeing to the privacy notice.
//!
//! Personal data of residents may be processed when they agreed, informed, of their own will (个人信息保护法, articles 13, 14 and 17); which
//! version they agreed to, and when, has to be shown on demand.

use journal::Fact;
use kernel::{Actor, Id, Person, Result};
use store::{Tx, params, sql};

use crate::facts::{CONSENT, CONSENTED, Consented};

/// Version of the notice that the page `/about/privacy` shows; a change of its words is a new version.
pub const PRIVACY_NOTICE: &str = "2026-11-27";

/// Records that a person agreed to a version of the notice. Done twice it is recorded once.
pub fn consent(tx: &mut Tx, actor: &Actor, person: Id<Person>, notice: &str) -> Result<()> {
    let known: Option<(i64,)> = tx
        .opt(sql!("SELECT rev FROM consent WHERE person_id = $1 AND notice = $2"), params![person, notice])?;
    if known.is_some() {
        return Ok(());
    }
    let payload = Consented { person_id: person, notice: notice.to_owned() };
    let mut fact = Fact::new(CONSENTED, person).payload(&payload);
    let row = params![person, notice, tx.now()].to_vec();
    fact.insert(tx, &CONSENT, row)?;
    fact.emit(tx, actor)?;
    Ok(())
}
