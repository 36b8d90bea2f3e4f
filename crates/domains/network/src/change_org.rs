//! Renaming an organisation and changing how to reach it.
//!
//! Records carry the organisation's identifier, so they stay where they are; documents made earlier keep the name of
//! their time.

use journal::Fact;
use kernel::{Actor, Error, Id, Org, Result, Right};
use store::{Tx, params};

use crate::{
    ORG, access, facts,
    found_org::{NAME_MAX, check_texts},
};

/// The new name and contact of an organisation; everything is replaced.
#[derive(Debug, Clone)]
pub struct RenameOrg {
    /// Which.
    pub org_id: Id<Org>,
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// Street address, at most 120 characters.
    pub address: String,
    /// Telephone, at most 40 characters.
    pub phone: String,
    /// Opening hours in words, at most 120 characters.
    pub hours: String,
}

/// Renames an organisation. Nothing is recorded when nothing differs.
pub fn rename_org(tx: &mut Tx, actor: &Actor, cmd: &RenameOrg) -> Result<()> {
    access::require(tx, actor, Right::ManageNetwork, cmd.org_id)?;
    let mut wrong = Vec::new();
    check_texts(
        &mut wrong,
        &[
            ("name", &cmd.name, NAME_MAX, true),
            ("address", &cmd.address, 120, false),
            ("phone", &cmd.phone, 40, false),
            ("hours", &cmd.hours, 120, false),
        ],
    );
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let mut fact = Fact::new(facts::ORG_CHANGED, cmd.org_id)
        .at(cmd.org_id)
        .payload(&facts::OrgChanged { org_id: cmd.org_id });
    let changed = fact.update(
        tx,
        &ORG,
        params![cmd.org_id],
        "name = $1, address = $2, phone = $3, hours = $4",
        "name <> $1 OR address <> $2 OR phone <> $3 OR hours <> $4",
        params![cmd.name.trim(), cmd.address.trim(), cmd.phone.trim(), cmd.hours.trim()],
    )?;
    if changed.is_some() {
        fact.emit(tx, actor)?;
    } else if crate::org(tx, cmd.org_id)?.is_none() {
        return Err(Error::missing());
    }
    Ok(())
}
