//! Who acts, and what roles may do.

use std::{fmt, str::FromStr};

use crate::{Error, Id, Org, Person, error::BAD_CHOICE};

/// What somebody may be allowed to do at an organisation and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Open the desk of an organisation and see its work without names.
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
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 9] = [
        Right::SeeDesk,
        Right::ManageOffers,
        Right::SeeNames,
        Right::TakeAttendance,
        Right::CloseClass,
        Right::ManageNetwork,
        Right::ManageStaff,
        Right::Audit,
        Right::ReportFigures,
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
    /// 审计员: reads everything that has to be checked, changes nothing.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 4] = [Role::Teacher, Role::Staff, Role::Head, Role::Auditor];

    /// What the role may do at its organisation and below. Here and nowhere else.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Role::Teacher => &[Right::SeeDesk],
            Role::Staff => &[
                Right::SeeDesk,
                Right::ManageOffers,
                Right::SeeNames,
                Right::TakeAttendance,
                Right::CloseClass,
            ],
            Role::Head => &[
                Right::SeeDesk,
                Right::ManageOffers,
                Right::SeeNames,
                Right::TakeAttendance,
                Right::CloseClass,
                Right::ManageNetwork,
                Right::ManageStaff,
                Right::ReportFigures,
            ],
            Role::Auditor => &[Right::SeeDesk, Right::SeeNames, Right::Audit],
        }
    }

    /// The word under which the role is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Teacher => "teacher",
            Role::Staff => "staff",
            Role::Head => "head",
            Role::Auditor => "auditor",
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
    /// The program itself: a reactor, a job, an import by the operator. The word names which.
    System(&'static str),
}

impl Actor {
    /// The person, if one is signed in.
    pub fn person(&self) -> Option<Id<Person>> {
        match self {
            Actor::Person { id, .. } => Some(*id),
            Actor::Nobody | Actor::System(_) => None,
        }
    }

    /// The roles held today.
    pub fn grants(&self) -> &[Grant] {
        match self {
            Actor::Person { grants, .. } => grants,
            Actor::Nobody | Actor::System(_) => &[],
        }
    }

    /// How the actor is written into facts: `nobody`, `person:…`, `system:…`.
    pub fn label(&self) -> String {
        match self {
            Actor::Nobody => "nobody".to_owned(),
            Actor::Person { id, .. } => format!("person:{id}"),
            Actor::System(name) => format!("system:{name}"),
        }
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
    fn roles_are_read_as_they_are_written() {
        assert!(Role::ALL.iter().all(|role| role.as_str().parse::<Role>().unwrap() == *role));
        assert!("owner".parse::<Role>().is_err());
    }
}
