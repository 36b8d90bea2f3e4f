//! The audit trail: what happened, from the journal, the newest first.
//!
//! A page looks through a bounded stretch of the journal and says how far it has come, so that a rare thing is found in a few steps and no
//! look keeps the database busy for long.

use std::collections::HashSet;

use journal::{Recorded, Sought, facts_between};
use kernel::{Actor, Error, Id, Org, Result, Right};
use network::access;
use store::Tx;

/// Positions that one call looks through at most.
const STRETCH: i64 = 20_000;
/// Positions that one statement looks through.
const STEP: i64 = 1_000;

/// Every kind of fact that has words of its own. Others are shown by their name.
pub const KINDS: [&str; 66] = [
    "activities.class_closed.v1",
    "activities.class_opened.v1",
    "activities.enrolled.v1",
    "activities.enrolment_cancelled.v1",
    "bank.credited.v1",
    "bank.reversed.v1",
    "catalog.offer_changed.v1",
    "catalog.offer_drafted.v1",
    "catalog.offer_published.v1",
    "catalog.offer_withdrawn.v1",
    "catalog.subjects_imported.v1",
    "credentials.issued.v1",
    "credentials.revoked.v1",
    "learning.attendance_reversed.v1",
    "learning.attended.v1",
    "learning.completed.v1",
    "learning.headcount_noted.v1",
    "learning.headcount_reversed.v1",
    "learning.minutes_corrected.v1",
    "network.holidays_set.v1",
    "network.org_changed.v1",
    "network.org_closed.v1",
    "network.org_founded.v1",
    "network.regions_imported.v1",
    "network.reorganisation_changed.v1",
    "notices.addressed.v1",
    "notices.answered.v1",
    "notices.changed.v1",
    "notices.closed.v1",
    "notices.draft_kept.v1",
    "notices.drafted.v1",
    "notices.extended.v1",
    "notices.opened.v1",
    "notices.reminded.v1",
    "notices.reminding.v1",
    "notices.returned.v1",
    "notices.sent.v1",
    "notices.withdrawn.v1",
    "people.card_issued.v1",
    "people.consented.v1",
    "people.corrected.v1",
    "people.erased.v1",
    "people.factor_enrolled.v1",
    "people.factor_locked.v1",
    "people.factor_reset.v1",
    "people.factor_unlocked.v1",
    "people.helper_ended.v1",
    "people.helper_named.v1",
    "people.helping_begun.v1",
    "people.invitation_ended.v1",
    "people.invited.v1",
    "people.leaving_ordered.v1",
    "people.leaving_withdrawn.v1",
    "people.names_read.v1",
    "people.phone_changed.v1",
    "people.recovery_renewed.v1",
    "people.recovery_used.v1",
    "people.registered.v1",
    "people.role_granted.v1",
    "people.role_revoked.v1",
    "people.token_ended.v1",
    "people.token_issued.v1",
    "portal.batch_ordered.v1",
    "portal.batch_undone.v1",
    "portal.job_decided.v1",
    "statistics.figures_reported.v1",
];

/// What is looked for, as the page offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Who looked at personal data of others.
    Readings,
    /// Roles given and taken.
    Roles,
    /// Accounts opened, consented, closed.
    Accounts,
    /// Second factors set up, locked, unlocked, reset; recovery codes; tokens of programs.
    Security,
    /// Organisations and divisions.
    Network,
    /// Offers and subjects.
    Offers,
    /// Classes and seats.
    Classes,
    /// Attendances, headcounts, completions.
    Learning,
    /// Credit.
    Credit,
    /// Credentials.
    Credentials,
    /// Reported figures.
    Figures,
    /// Notices down the tree, and what came back.
    Notices,
    /// What somebody decided about the program's jobs.
    Operation,
}

impl Group {
    /// All groups, in the order of the page.
    pub const ALL: [Group; 13] = [
        Group::Readings,
        Group::Roles,
        Group::Accounts,
        Group::Security,
        Group::Network,
        Group::Offers,
        Group::Classes,
        Group::Learning,
        Group::Credit,
        Group::Credentials,
        Group::Figures,
        Group::Notices,
        Group::Operation,
    ];

    /// The word in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Group::Readings => "readings",
            Group::Roles => "roles",
            Group::Accounts => "accounts",
            Group::Security => "security",
            Group::Network => "network",
            Group::Offers => "offers",
            Group::Classes => "classes",
            Group::Learning => "learning",
            Group::Credit => "credit",
            Group::Credentials => "credentials",
            Group::Figures => "figures",
            Group::Notices => "notices",
            Group::Operation => "operation",
        }
    }

    /// The beginnings of the kinds of facts that belong to it.
    pub fn kinds(self) -> Vec<&'static str> {
        match self {
            Group::Readings => vec![people::facts::NAMES_READ],
            Group::Roles => vec![
                people::facts::ROLE_GRANTED,
                people::facts::ROLE_REVOKED,
                people::facts::INVITED,
                people::facts::INVITATION_ENDED,
            ],
            Group::Accounts => {
                vec![
                    people::facts::REGISTERED,
                    people::facts::CONSENTED,
                    people::facts::CORRECTED,
                    people::facts::PHONE_CHANGED,
                    people::facts::CARD_ISSUED,
                    people::facts::ERASED,
                    "people.helper_",
                    "people.helping_",
                    "people.leaving_",
                ]
            }
            Group::Security => vec!["people.factor_", "people.recovery_", "people.token_"],
            Group::Network => vec!["network."],
            Group::Offers => vec!["catalog."],
            Group::Classes => vec!["activities."],
            Group::Learning => vec!["learning."],
            Group::Credit => vec!["bank."],
            Group::Credentials => vec!["credentials."],
            Group::Figures => vec!["statistics."],
            Group::Notices => vec!["notices."],
            Group::Operation => vec!["portal."],
        }
    }
}

/// How far an auditor sees: `None` for all, else the organisations below `org` (or below where she holds the right).
///
/// # Errors
/// `kernel.denied`, `kernel.sign_in`, `kernel.missing` for an organisation that is not there.
pub fn scope(tx: &mut Tx, actor: &Actor, org: Option<Id<Org>>) -> Result<Option<HashSet<Id<Org>>>> {
    let top = network::top_org(tx)?.ok_or_else(Error::missing)?.org_id;
    let org = match org {
        Some(org) => org,
        None if access::may(tx, actor, Right::Audit, top)? => top,
        None => access::held_at(actor, Right::Audit).first().copied().unwrap_or(top),
    };
    access::require(tx, actor, Right::Audit, org)?;
    if org == top {
        return Ok(None);
    }
    Ok(Some(network::descendant_ids(tx, org)?.into_iter().collect()))
}

/// A stretch of the trail.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// What was found, the newest first.
    pub facts: Vec<Recorded>,
    /// Where to go on (`before` of the next call); `None` at the journal's beginning.
    pub next: Option<i64>,
}

/// At most `size` facts before a position that are sought and lie within the organisations, not going further back than `floor`. Facts of no
/// organisation belong to the whole city.
pub fn trail(
    tx: &mut Tx,
    sought: &Sought,
    orgs: Option<&HashSet<Id<Org>>>,
    floor: i64,
    before: i64,
    size: usize,
) -> Result<Stretch> {
    let end = (before - STRETCH).max(floor).max(1);
    let mut facts = Vec::with_capacity(size);
    let mut above = before;
    while above > end {
        let below = (above - STEP).max(end);
        for fact in facts_between(tx, below, above, sought)? {
            if orgs.is_some_and(|orgs| fact.org.is_none_or(|org| !orgs.contains(&org))) {
                continue;
            }
            let pos = fact.pos;
            facts.push(fact);
            if facts.len() == size {
                return Ok(Stretch { facts, next: (pos > floor.max(1)).then_some(pos) });
            }
        }
        above = below;
    }
    Ok(Stretch { facts, next: (end > floor.max(1)).then_some(end) })
}
