//! A whole staff from a file: each line is checked before anybody is invited, and every wrong one is named with what mends it.

use std::collections::HashMap;

use kernel::{Actor, Code, Day, Id, Lang, Org, Result, Role, excerpt};
use network::{Organisation, access};
use people::{BAD_END, BAD_PHONE, Draft, Phone, clean_name, giving};
use render::sheet::{Column, HeadingError, Limits, Line, SheetError, find_columns, read};
use store::Tx;

kernel::codes! {
    /// The file cannot be read: neither CSV in UTF-8 nor an open workbook of today's kind.
    pub STAFF_FILE_KIND = Invalid "governance.staff_file_kind";
    /// The file is too large, or has more than `max` people.
    pub STAFF_FILE_LARGE = Invalid "governance.staff_file_large";
    /// The heading lacks a column that is needed, or has one twice.
    pub STAFF_FILE_HEADING = Invalid "governance.staff_file_heading";
    /// No such column is known.
    pub STAFF_FILE_COLUMN = Invalid "governance.staff_file_column";
    /// There is nobody in the file.
    pub STAFF_FILE_EMPTY = Invalid "governance.staff_file_empty";
    /// The same person with the same role at the same place stands in line `line` already.
    pub STAFF_FILE_TWICE = Invalid "governance.staff_file_twice";
    /// No role has this name, or the reader may not give it there.
    pub STAFF_FILE_ROLE = Invalid "governance.staff_file_role";
    /// No organisation, or several, at or below the page's have this name or identifier.
    pub STAFF_FILE_ORG = Invalid "governance.staff_file_org";
    /// Not a day.
    pub STAFF_FILE_DAY = Invalid "governance.staff_file_day";
}

/// People in one file.
pub const STAFF_ROWS_MAX: usize = 2_000;
/// Longest file, in bytes.
pub const STAFF_BYTES_MAX: usize = 1024 * 1024;
/// Wrong places that are named.
const FAULTS_MAX: usize = 500;
/// Lines among which the heading is looked for.
const HEADING_WITHIN: usize = 20;
/// How much of a file is read. Its heading may stand some lines down.
const LIMITS: Limits = Limits {
    bytes: STAFF_BYTES_MAX,
    unpacked: 16 * 1024 * 1024,
    lines: STAFF_ROWS_MAX + HEADING_WITHIN,
    columns: 40,
};

/// The columns of the file, in the order of the template.
pub const STAFF_COLUMNS: [&str; 5] = ["name", "phone", "role", "org", "until"];
const COLUMNS: [Column<'static>; 5] = [
    Column { key: "name", headings: &["姓名", "name"], needed: true },
    Column {
        key: "phone",
        headings: &["手机号", "手机", "手机号码", "联系电话", "mobile number", "mobile", "phone"],
        needed: true,
    },
    Column { key: "role", headings: &["职务", "角色", "岗位", "role"], needed: false },
    Column {
        key: "org",
        headings: &["机构", "单位", "机构名称", "organisation", "organization"],
        needed: false,
    },
    Column {
        key: "until", headings: &["任职到", "截止日期", "到期日", "last day", "until"], needed: false
    },
];

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffFault {
    /// Line of the file, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Key of the column ([`STAFF_COLUMNS`]); empty for a line or the file as a whole.
    pub column: &'static str,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub code: &'static Code,
    /// What its sentence names.
    pub args: Vec<(&'static str, String)>,
}

impl StaffFault {
    fn whole(code: &'static Code) -> Self {
        Self { line: 0, column: "", value: String::new(), code, args: Vec::new() }
    }
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum StaffFile {
    /// Everything is right.
    Right(Vec<Draft>),
    /// What is wrong, the first [`FAULTS_MAX`] of so many.
    Wrong(Vec<StaffFault>, usize),
}

/// Reads and checks a file for an organisation. A line without a role means a teacher, one without an organisation this one.
///
/// # Errors
/// Those of the store; what is wrong with the file is an answer.
pub fn read_staff_file(tx: &mut Tx, actor: &Actor, home: Id<Org>, bytes: &[u8]) -> Result<StaffFile> {
    let lines = match read(bytes, &LIMITS) {
        Ok(lines) => lines,
        Err(error) => return Ok(wrong(vec![unreadable(&error)])),
    };
    let heading = match find_columns(&lines, &COLUMNS, HEADING_WITHIN) {
        Ok(heading) => heading,
        Err(error) => return Ok(wrong(vec![headless(error)])),
    };
    let at = lines.get(heading.at).map_or(0, |line| line.number);
    let unknown = |(_, text): (usize, String)| StaffFault {
        line: at,
        column: "",
        value: excerpt(&text),
        code: &STAFF_FILE_COLUMN,
        args: Vec::new(),
    };
    let mut check = Check {
        actor,
        home,
        today: tx.now().day(),
        roles: role_words(),
        orgs: None,
        may: HashMap::new(),
        seen: HashMap::new(),
        faults: heading.unknown.into_iter().map(unknown).collect(),
    };
    let rows: Vec<&Line> = lines.iter().skip(heading.at + 1).collect();
    if rows.is_empty() {
        check.faults.push(StaffFault::whole(&STAFF_FILE_EMPTY));
    }
    if rows.len() > STAFF_ROWS_MAX {
        return Ok(wrong(vec![StaffFault {
            args: vec![("max", STAFF_ROWS_MAX.to_string())],
            ..StaffFault::whole(&STAFF_FILE_LARGE)
        }]));
    }
    let mut people = Vec::with_capacity(rows.len());
    for line in rows {
        let cell = |column: usize| heading.places[column].map_or("", |place| line.cell(place));
        let cells: [&str; 5] = [cell(0), cell(1), cell(2), cell(3), cell(4)];
        if let Some(draft) = check.row(tx, line.number, cells)? {
            people.push(draft);
        }
    }
    if check.faults.is_empty() { Ok(StaffFile::Right(people)) } else { Ok(wrong(check.faults)) }
}

fn wrong(mut faults: Vec<StaffFault>) -> StaffFile {
    let all = faults.len();
    faults.truncate(FAULTS_MAX);
    StaffFile::Wrong(faults, all)
}

fn unreadable(error: &SheetError) -> StaffFault {
    match error {
        SheetError::Large | SheetError::Lines => StaffFault {
            args: vec![("max", STAFF_ROWS_MAX.to_string())],
            ..StaffFault::whole(&STAFF_FILE_LARGE)
        },
        SheetError::Columns { line, text } => {
            StaffFault { line: *line, value: text.clone(), ..StaffFault::whole(&STAFF_FILE_COLUMN) }
        }
        _ => StaffFault::whole(&STAFF_FILE_KIND),
    }
}

fn headless(error: HeadingError) -> StaffFault {
    let (line, value) = match error {
        HeadingError::None => (0, String::new()),
        HeadingError::Wrong { line, twice, .. } => (line, excerpt(&twice.join(" "))),
    };
    StaffFault { line, value, ..StaffFault::whole(&STAFF_FILE_HEADING) }
}

/// What a role may be called in a file: its word in either language, and the stored one.
fn role_words() -> HashMap<String, Role> {
    let mut words = HashMap::new();
    for role in Role::ALL {
        words.insert(role.as_str().to_owned(), role);
        for lang in [Lang::Zh, Lang::En] {
            words.insert(role_word(lang, role).to_lowercase(), role);
        }
    }
    words
}

/// A role in words.
pub(crate) fn role_word(lang: Lang, role: Role) -> String {
    web::i18n::say(lang, &format!("governance-role-{role}"), &[])
}

struct Check<'a> {
    actor: &'a Actor,
    home: Id<Org>,
    today: Day,
    roles: HashMap<String, Role>,
    /// The organisations at and below this one by identifier and name, once the file names any.
    orgs: Option<HashMap<String, Vec<Id<Org>>>>,
    may: HashMap<(Role, Id<Org>), bool>,
    /// In which line somebody stood with a role at a place.
    seen: HashMap<(String, Role, Id<Org>), usize>,
    faults: Vec<StaffFault>,
}

impl Check<'_> {
    fn fault(&mut self, line: usize, column: usize, value: &str, code: &'static Code) {
        let value = excerpt(value);
        self.faults.push(StaffFault { line, column: STAFF_COLUMNS[column], value, code, args: Vec::new() });
    }

    /// One line, if everything in it is right.
    fn row(&mut self, tx: &mut Tx, line: usize, cells: [&str; 5]) -> Result<Option<Draft>> {
        let before = self.faults.len();
        let [name, phone, role, org, until] = cells;
        let clean = match clean_name(name) {
            Ok(clean) => clean,
            Err(error) => {
                self.fault(line, 0, name, error.code);
                if let Some(fault) = self.faults.last_mut() {
                    fault.args = error.args;
                }
                String::new()
            }
        };
        let number = phone.parse::<Phone>();
        if number.is_err() {
            self.fault(line, 1, phone, &BAD_PHONE);
        }
        let given =
            if role.is_empty() { Some(Role::Teacher) } else { self.roles.get(&role.to_lowercase()).copied() };
        let place = if org.is_empty() { Some(self.home) } else { self.place(tx, org)? };
        if place.is_none() {
            self.fault(line, 3, org, &STAFF_FILE_ORG);
        }
        match (given, place) {
            (None, _) => self.fault(line, 2, role, &STAFF_FILE_ROLE),
            (Some(given), Some(place)) if !self.may_give(tx, given, place)? => {
                self.fault(line, 2, role, &STAFF_FILE_ROLE);
            }
            _ => {}
        }
        let to_day = match until {
            "" => None,
            _ => match Day::written(until) {
                Some(day) if day >= self.today => Some(day.plus(1)),
                Some(_) => {
                    self.fault(line, 4, until, &BAD_END);
                    None
                }
                None => {
                    self.fault(line, 4, until, &STAFF_FILE_DAY);
                    None
                }
            },
        };
        let place_of = |fault: &StaffFault| STAFF_COLUMNS.iter().position(|key| *key == fault.column);
        self.faults[before..].sort_by_key(place_of);
        let (Ok(number), Some(given), Some(place)) = (number, given, place) else { return Ok(None) };
        let key = (number.digits().to_owned(), given, place);
        if let Some(first) = self.seen.insert(key, line) {
            self.fault(line, 1, phone, &STAFF_FILE_TWICE);
            if let Some(fault) = self.faults.last_mut() {
                fault.args = vec![("line", first.to_string())];
            }
        }
        let draft = Draft {
            name: clean,
            phone: number.digits().to_owned(),
            role: given.as_str().to_owned(),
            org: place,
            to_day,
        };
        Ok((self.faults.len() == before).then_some(draft))
    }

    fn may_give(&mut self, tx: &mut Tx, role: Role, org: Id<Org>) -> Result<bool> {
        if let Some(may) = self.may.get(&(role, org)) {
            return Ok(*may);
        }
        let may = access::may(tx, self.actor, giving(role), org)?;
        self.may.insert((role, org), may);
        Ok(may)
    }

    /// The one open organisation with this identifier or name at or below the page's.
    fn place(&mut self, tx: &mut Tx, text: &str) -> Result<Option<Id<Org>>> {
        let orgs = match &mut self.orgs {
            Some(orgs) => orgs,
            None => {
                let ids = network::descendant_ids(tx, self.home)?;
                let mut orgs: HashMap<String, Vec<Id<Org>>> = HashMap::with_capacity(ids.len() * 2);
                for org in network::orgs_by_ids(tx, &ids)?.into_values().filter(Organisation::is_open) {
                    orgs.entry(org.org_id.to_string()).or_default().push(org.org_id);
                    orgs.entry(org.name).or_default().push(org.org_id);
                }
                self.orgs.insert(orgs)
            }
        };
        Ok(match orgs.get(text).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        })
    }
}
