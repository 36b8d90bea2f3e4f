//! Who looked at personal data of others, written down before it is shown.
//!
//! 个人信息保护法 (PIPL) article 51 asks for measures against reading without need, GB/T 35273-2020 section 7.1 for a record of access
//! to personal information. A page that shows names of others writes **one** fact, whatever number of names it shows, in the same
//! transaction in which it reads them: where the record cannot be kept, the names are not shown. The fact names the reader, what was
//! read, whose class or credential it was and how many people; it holds no name.

use journal::{Fact, FactId};
use kernel::{Actor, Id, Org, Result};
use store::{Tx, params};

use crate::facts::{NAMES_READ, NamesRead, READING};

/// Marker for identifiers of readings.
#[derive(Debug)]
pub enum ReadingMark {}

/// In which way names were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadAs {
    /// The list of who has a seat in a class, at the desk.
    ClassList,
    /// The roster of a session.
    Roster,
    /// Who completes a class, before it is closed.
    Standings,
    /// The records of a session under a figure.
    DrillDown,
    /// The same as a file.
    DrillDownFile,
    /// The holder of a credential that is about to be revoked.
    Holder,
    /// Who holds which role, with names.
    Staff,
    /// Attendances of many classes, as a list with names.
    Attendances,
    /// The same as a file.
    AttendanceFile,
    /// Who answered a notice.
    Answers,
    /// The same as a file.
    AnswerFile,
    /// The slip with card and PIN that is given out at a counter.
    CounterSlip,
    /// Lines of the audit trail.
    Trail,
    /// The same as a file.
    TrailFile,
}

impl ReadAs {
    /// All ways.
    pub const ALL: [ReadAs; 14] = [
        ReadAs::ClassList,
        ReadAs::Roster,
        ReadAs::Standings,
        ReadAs::DrillDown,
        ReadAs::DrillDownFile,
        ReadAs::Holder,
        ReadAs::Staff,
        ReadAs::Attendances,
        ReadAs::AttendanceFile,
        ReadAs::Answers,
        ReadAs::AnswerFile,
        ReadAs::CounterSlip,
        ReadAs::Trail,
        ReadAs::TrailFile,
    ];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            ReadAs::ClassList => "class-list",
            ReadAs::Roster => "roster",
            ReadAs::Standings => "standings",
            ReadAs::DrillDown => "drill-down",
            ReadAs::DrillDownFile => "drill-down-file",
            ReadAs::Holder => "holder",
            ReadAs::Staff => "staff",
            ReadAs::Attendances => "attendances",
            ReadAs::AttendanceFile => "attendance-file",
            ReadAs::Answers => "answers",
            ReadAs::AnswerFile => "answer-file",
            ReadAs::CounterSlip => "counter-slip",
            ReadAs::Trail => "trail",
            ReadAs::TrailFile => "trail-file",
        }
    }
}

/// Writes down that the actor reads personal data of so many people (`people.names_read.v1`). `subject` names the record behind the
/// page as facts do, such as `class:…`. Nobody's names are no reading, and the program itself reads nothing.
pub fn note_reading(
    tx: &mut Tx,
    actor: &Actor,
    what: ReadAs,
    org: Id<Org>,
    subject: &str,
    people: usize,
) -> Result<Option<FactId>> {
    // A file of the trail names nobody, and is told of all the same.
    let told = people > 0 || what == ReadAs::TrailFile;
    if !told || !matches!(actor, Actor::Person { .. }) {
        return Ok(None);
    }
    let reading_id: Id<ReadingMark> = tx.new_id();
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    let payload = NamesRead { what: what.as_str().to_owned(), subject: subject.to_owned(), people };
    let mut fact = Fact::new(NAMES_READ, org).at(org).payload(&payload);
    let row = params![org, reading_id, actor.label(), what.as_str(), subject, people, tx.now()];
    fact.insert(tx, &READING, row.to_vec())?;
    fact.emit(tx, actor).map(Some)
}
