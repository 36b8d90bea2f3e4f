//! Who acts, and what roles may do.

use std::{fmt, str::FromStr};

use crate::{Error, Id, Org, Person, error::BAD_CHOICE};

/// What somebody may be allowed to do at an organisation and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Have a desk at all: every role.
    OpenDesk,
    /// See the work of an organisation without names.
    SeeDesk,
    /// Write and publish offers, classes and sessions.
    ManageOffers,
    /// See the names on rosters and in drill-downs.
    SeeNames,
    /// Check people in, note headcounts, record minutes. A teacher has it for classes that are hers.
    TakeAttendance,
    /// Close a class, so that credentials are issued.
    CloseClass,
    /// Found, rename, move and close organisations; import.
    ManageNetwork,
    /// Give and take roles.
    ManageStaff,
    /// Read the audit trail, the log, the jobs and the verification of the whole city.
    Audit,
    /// Enter reported figures with their documents.
    ReportFigures,
    /// Keep the program running: its jobs, its settings, its state of health. Shows no names.
    ManageSystem,
    /// Give and take the roles of administrators, unlock and reset second factors, end tokens.
    ManageSecurity,
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 12] = [
        Right::OpenDesk,
        Right::SeeDesk,
        Right::ManageOffers,
        Right::SeeNames,
        Right::TakeAttendance,
        Right::CloseClass,
        Right::ManageNetwork,
        Right::ManageStaff,
        Right::Audit,
        Right::ReportFigures,
        Right::ManageSystem,
        Right::ManageSecurity,
    ];
}

/// A role that a person holds at an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 教师: teaches classes of the organisation.
    Teacher,
    /// 工作人员: runs the daily work of the organisation.
    Staff,
    /// 负责人: answers for the organisation and all below it.
    Head,
    /// 安全审计员: reads everything that has to be checked, changes nothing.
    Auditor,
    /// 系统管理员: keeps the program running; sees no personal data and gives no roles.
    SystemAdministrator,
    /// 安全保密管理员: decides who is let in and with which roles; never about herself, and reads no audit trail.
    SecurityAdministrator,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 6] = [
        Role::Teacher,
        Role::Staff,
        Role::Head,
        Role::Auditor,
        Role::SystemAdministrator,
        Role::SecurityAdministrator,
    ];

    /// Whether it is one of the three administrators 三员 (GB/T 22239-2019 clauses 8.1.5.1 to 8.1.5.3: system, audit and security
    /// management by different people). Who is one of them holds no other role.
    pub const fn is_administrator(self) -> bool {
        matches!(self, Role::Auditor | Role::SystemAdministrator | Role::SecurityAdministrator)
    }

    /// What the role may do at its organisation and below. Here and nowhere else.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Role::Teacher => &[Right::OpenDesk, Right::SeeDesk],
            Role::Staff => &[
                Right::OpenDesk,
                Right::SeeDesk,
                Right::ManageOffers,
                Right::SeeNames,
                Right::TakeAttendance,
                Right::CloseClass,
            ],
            Role::Head => &[
                Right::OpenDesk,
                Right::SeeDesk,
                Right::ManageOffers,
                Right::SeeNames,
                Right::TakeAttendance,
                Right::CloseClass,
                Right::ManageNetwork,
                Right::ManageStaff,
                Right::ReportFigures,
            ],
            Role::Auditor => &[Right::OpenDesk, Right::SeeDesk, Right::SeeNames, Right::Audit],
            Role::SystemAdministrator => &[Right::OpenDesk, Right::ManageSystem],
            Role::SecurityAdministrator => &[Right::OpenDesk, Right::ManageStaff, Right::ManageSecurity],
        }
    }

    /// The word under which the role is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Teacher => "teacher",
            Role::Staff => "staff",
            Role::Head => "head",
            Role::Auditor => "auditor",
            Role::SystemAdministrator => "system-administrator",
            Role::SecurityAdministrator => "security-administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| Error::new(&BAD_CHOICE))
    }
}

/// A role at an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it is held; it reaches to all organisations below.
    pub org: Id<Org>,
}

/// What somebody may do who acts for another person with her consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Help {
    /// See what she sees.
    Look,
    /// See it, take seats for her and give them back.
    Act,
}

impl Help {
    /// All of them.
    pub const ALL: [Help; 2] = [Help::Look, Help::Act];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Help::Look => "look",
            Help::Act => "act",
        }
    }

    /// Whether who may do this may also do `wanted`.
    pub const fn covers(self, wanted: Help) -> bool {
        matches!((self, wanted), (Help::Act, _) | (Help::Look, Help::Look))
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Help {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Help::ALL.into_iter().find(|help| help.as_str() == text).ok_or_else(|| Error::new(&BAD_CHOICE))
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in.
    Nobody,
    /// A person who is signed in, with the roles that she holds now.
    Person {
        /// Who.
        id: Id<Person>,
        /// Her roles today.
        grants: Vec<Grant>,
    },
    /// Somebody who acts for another person, with her consent. She brings no roles with her.
    Helper {
        /// For whom.
        id: Id<Person>,
        /// Who.
        helper: Id<Person>,
        /// What she may do.
        may: Help,
    },
    /// The program itself: a reactor, a job, an import by the operator. The word names which.
    System(&'static str),
}

impl Actor {
    /// The person whose matter it is: who is signed in, or for whom her helper acts.
    pub fn person(&self) -> Option<Id<Person>> {
        match self {
            Actor::Person { id, .. } | Actor::Helper { id, .. } => Some(*id),
            Actor::Nobody | Actor::System(_) => None,
        }
    }

    /// The person who is signed in and acts for herself: for what nobody can do for her.
    pub fn oneself(&self) -> Option<Id<Person>> {
        match self {
            Actor::Person { id, .. } => Some(*id),
            Actor::Helper { .. } | Actor::Nobody | Actor::System(_) => None,
        }
    }

    /// The roles held today.
    pub fn grants(&self) -> &[Grant] {
        match self {
            Actor::Person { grants, .. } => grants,
            Actor::Helper { .. } | Actor::Nobody | Actor::System(_) => &[],
        }
    }

    /// How the actor is written into facts: `nobody`, `person:…`, `helper:…:…` (who, for whom), `system:…`.
    pub fn label(&self) -> String {
        match self {
            Actor::Nobody => "nobody".to_owned(),
            Actor::Person { id, .. } => format!("person:{id}"),
            Actor::Helper { id, helper, .. } => format!("helper:{helper}:{id}"),
            Actor::System(name) => format!("system:{name}"),
        }
    }

    /// Who acted for whom, read from the label of a fact; `None` if nobody acted for somebody else.
    pub fn read_helper(label: &str) -> Option<(Id<Person>, Id<Person>)> {
        let (helper, person) = label.strip_prefix("helper:")?.split_once(':')?;
        Some((helper.parse().ok()?, person.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing() {
        let writes = [Right::ManageOffers, Right::TakeAttendance, Right::CloseClass, Right::ManageNetwork];
        assert!(writes.iter().all(|right| !Role::Auditor.rights().contains(right)));
    }

    #[test]
    fn the_three_administrators_share_no_power() {
        let three = Role::ALL.into_iter().filter(|role| role.is_administrator());
        let powers: Vec<_> = three.map(|role| role.rights()).collect();
        assert_eq!(powers.len(), 3);
        for (n, one) in powers.iter().enumerate() {
            for other in &powers[n + 1..] {
                assert!(one.iter().all(|right| *right == Right::OpenDesk || !other.contains(right)));
            }
        }
        let system = Role::SystemAdministrator.rights();
        assert!(!system.contains(&Right::SeeNames) && !system.contains(&Right::ManageStaff));
        assert!(!Role::SecurityAdministrator.rights().contains(&Right::Audit));
    }

    #[test]
    fn a_helper_acts_for_somebody_and_is_nobody_else() {
        let (id, helper) = (Id::derived(&[1; 16]), Id::derived(&[2; 16]));
        let actor = Actor::Helper { id, helper, may: Help::Look };
        assert_eq!((actor.person(), actor.oneself()), (Some(id), None));
        assert!(actor.grants().is_empty());
        assert_eq!(Actor::read_helper(&actor.label()), Some((helper, id)));
        let herself = Actor::Person { id, grants: Vec::new() };
        assert_eq!((herself.oneself(), Actor::read_helper(&herself.label())), (Some(id), None));
        assert!(Help::Act.covers(Help::Look) && !Help::Look.covers(Help::Act));
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        assert!(Role::ALL.iter().all(|role| role.as_str().parse::<Role>().unwrap() == *role));
        assert!("owner".parse::<Role>().is_err());
    }
}
