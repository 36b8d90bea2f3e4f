//! Renaming an organisation.
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

/// The new name of an organisation.
#[derive(Debug, Clone)]
pub struct RenameOrg {
    /// Which.
    pub org_id: Id<Org>,
    /// Its name, 1 to 60 characters.
    pub name: String,
}

/// Renames an organisation. Nothing is recorded when nothing differs.
pub fn rename_org(tx: &mut Tx, actor: &Actor, cmd: &RenameOrg) -> Result<()> {
    access::require(tx, actor, Right::ManageNetwork, cmd.org_id)?;
    let mut wrong = Vec::new();
    check_texts(&mut wrong, &[("name", &cmd.name, NAME_MAX, true)]);
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let mut fact = changed(cmd.org_id);
    let name = params![cmd.name.trim()];
    if fact.update(tx, &ORG, params![cmd.org_id], "name = $1", "name <> $1", name)?.is_some() {
        fact.emit(tx, actor)?;
    } else if crate::org(tx, cmd.org_id)?.is_none() {
        return Err(Error::missing());
    }
    Ok(())
}

/// The fact that something about an organisation differs.
pub(crate) fn changed(org_id: Id<Org>) -> Fact {
    Fact::new(facts::ORG_CHANGED, org_id).at(org_id).payload(&facts::OrgChanged { org_id })
}
