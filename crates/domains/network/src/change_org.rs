//! Renaming an organisation.
//!
//! Records carry the organisation's identifier, so they stay where they are; documents made earlier keep the name of
//! their time.

use journal::Fact;
use kernel::{Actor, Error, Id, Org, Result, Right};
use store::Tx;

use crate::{
    Standing, access, facts,
    found_org::{NAME_MAX, check_texts},
    standing::restand,
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
    tx.lock("org", "org_id", cmd.org_id)?;
    let org = crate::org(tx, cmd.org_id)?.ok_or_else(Error::missing)?;
    let after = Standing { name: cmd.name.trim().to_owned(), ..Standing::from(&org) };
    let today = tx.now().day();
    restand(tx, actor, (org.org_id, org.rev), (&Standing::from(&org), &after), today, None)
}

/// The fact that something about an organisation differs.
pub(crate) fn changed(org_id: Id<Org>) -> Fact {
    Fact::new(facts::ORG_CHANGED, org_id).at(org_id).payload(&facts::OrgChanged { org_id })
}
