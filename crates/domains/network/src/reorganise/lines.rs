//! What a decision changes, line by line, as people write it: `操作,对象,去向,名称,类别,区划`, separated by commas or, pasted from a spreadsheet,
//! by tabs.

use kernel::{Code, Lang, RegionCode};

use crate::{
    OrgKind,
    import_regions::{REGION_KIND_MAX, REGION_NAME_MAX},
};

kernel::codes! {
    /// A line does not begin with one of the operations; `text` is what stands there.
    pub BAD_OPERATION = Invalid "network.bad_operation";
    /// A field of a line is empty or cannot be read: `column` names it, `text` is what stands there.
    pub BAD_COLUMN = Invalid "network.bad_column";
    /// More than [`LINES_MAX`] lines, or more than [`LINES_BYTES_MAX`] bytes.
    pub TOO_MANY_LINES = Invalid "network.too_many_lines";
    /// The text is no table: a quotation mark is not closed, or it is not UTF-8.
    pub BAD_TABLE = Invalid "network.bad_table";
}

/// Most lines of one reorganisation.
pub const LINES_MAX: usize = 5_000;
/// Longest text of all lines, in bytes.
pub const LINES_BYTES_MAX: usize = 1 << 20;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// 区划: a division is followed by another one; several may be followed by the same.
    Division {
        /// The code that ends.
        from: RegionCode,
        /// The code that follows.
        to: RegionCode,
        /// Name of the new one; empty for the name of the old one.
        name: String,
        /// Kind of the new one, such as 区; empty for the kind of the old one.
        kind: String,
    },
    /// 新设: an organisation is founded.
    Found {
        /// Its name; later lines may name it.
        name: String,
        /// What it is.
        kind: OrgKind,
        /// The organisation above it.
        under: String,
        /// The division that it serves.
        region: RegionCode,
    },
    /// 划转: an organisation and all below it come under another one.
    Move {
        /// Which, by name or identifier.
        org: String,
        /// The new one above it.
        under: String,
    },
    /// 并入: an organisation ends, and what is below it comes under the one that takes it in.
    Merge {
        /// Which.
        org: String,
        /// What takes it in.
        into: String,
    },
    /// 改名
    Rename {
        /// Which.
        org: String,
        /// Its new name.
        name: String,
    },
    /// 改区划: it serves another division.
    Serve {
        /// Which.
        org: String,
        /// The division.
        region: RegionCode,
    },
    /// 撤销: it ends, and nothing takes it in.
    Close {
        /// Which.
        org: String,
    },
}

/// A change and the line on which it stands, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number of the line.
    pub number: usize,
    /// The change.
    pub step: Step,
}

/// What is wrong with a line; 0 is the decision as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Number of the line.
    pub line: usize,
    /// What.
    pub code: &'static Code,
    /// Values of its sentence.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    pub(crate) fn new(line: usize, code: &'static Code, args: &[(&'static str, &str)]) -> Self {
        Self { line, code, args: args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
    }
}

/// The operations and their words, in both languages.
const OPERATIONS: [(&str, &[&str]); 7] = [
    ("division", &["区划", "区划变更", "division"]),
    ("found", &["新设", "新建", "设立", "found"]),
    ("move", &["划转", "移动", "move"]),
    ("merge", &["并入", "合并", "merge"]),
    ("rename", &["改名", "更名", "rename"]),
    ("serve", &["改区划", "serve"]),
    ("close", &["撤销", "关闭", "close"]),
];

/// Names of the columns, whose line is skipped.
const HEADS: [&str; 3] = ["操作", "operation", "op"];

/// Reads all lines; either each of them can be read, or everything that is wrong is named.
///
/// # Errors
/// One fault for each line that cannot be read.
pub fn read_lines(text: &str) -> Result<Vec<Line>, Vec<Fault>> {
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > LINES_BYTES_MAX {
        return Err(vec![Fault::new(0, &TOO_MANY_LINES, &[("max", &LINES_MAX.to_string())])]);
    }
    let delimiter = if text.lines().next().is_some_and(|line| line.contains('\t')) { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let Ok(record) = record else {
            faults.push(Fault::new(lines.len() + 1, &BAD_TABLE, &[]));
            break;
        };
        let number = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let first = record.get(0).unwrap_or("");
        if record.iter().all(str::is_empty) || first.starts_with('#') || HEADS.contains(&first) {
            continue;
        }
        match read_line(&record) {
            Ok(step) => lines.push(Line { number, step }),
            Err((code, args)) => faults.push(Fault { line: number, code, args }),
        }
        if lines.len() > LINES_MAX {
            faults.push(Fault::new(number, &TOO_MANY_LINES, &[("max", &LINES_MAX.to_string())]));
            break;
        }
    }
    if lines.is_empty() && faults.is_empty() {
        faults.push(Fault::new(0, &kernel::REQUIRED, &[]));
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

type Wrong = (&'static Code, Vec<(&'static str, String)>);

fn read_line(record: &csv::StringRecord) -> Result<Step, Wrong> {
    let field = |index: usize| record.get(index).unwrap_or("");
    let word = field(0).to_lowercase();
    let Some((operation, _)) = OPERATIONS.iter().find(|(_, words)| words.contains(&word.as_str())) else {
        return Err((&BAD_OPERATION, vec![("text", shortened(field(0)))]));
    };
    let needed = |index: usize| match field(index) {
        "" => Err(bad(index, "")),
        text if text.chars().any(char::is_control) => Err(bad(index, text)),
        text => Ok(text.to_owned()),
    };
    let at_most = |index: usize, max: usize| match field(index) {
        text if text.chars().count() > max || text.chars().any(char::is_control) => Err(bad(index, text)),
        text => Ok(text.to_owned()),
    };
    let code = |index: usize| field(index).parse::<RegionCode>().map_err(|_| bad(index, field(index)));
    Ok(match *operation {
        "division" => Step::Division {
            from: code(1)?,
            to: code(2)?,
            name: at_most(3, REGION_NAME_MAX)?,
            kind: at_most(4, REGION_KIND_MAX)?,
        },
        "found" => Step::Found {
            name: needed(1)?,
            under: needed(2)?,
            kind: kind(field(4)).ok_or_else(|| bad(4, field(4)))?,
            region: code(5)?,
        },
        "move" => Step::Move { org: needed(1)?, under: needed(2)? },
        "merge" => Step::Merge { org: needed(1)?, into: needed(2)? },
        "rename" => Step::Rename { org: needed(1)?, name: needed(3)? },
        "serve" => Step::Serve { org: needed(1)?, region: code(5)? },
        _ => Step::Close { org: needed(1)? },
    })
}

fn bad(index: usize, text: &str) -> Wrong {
    const NAMES: [&str; 6] = ["操作", "对象", "去向", "名称", "类别", "区划"];
    (&BAD_COLUMN, vec![("column", NAMES[index].to_owned()), ("text", shortened(text))])
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A kind by its word or by its name in one of the languages.
fn kind(text: &str) -> Option<OrgKind> {
    text.parse().ok().or_else(|| {
        OrgKind::ALL.iter().copied().find(|kind| {
            [Lang::Zh, Lang::En].iter().any(|lang| ::web::i18n::say(*lang, &kind.message_key(), &[]) == text)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_from_commas_and_from_tabs_in_both_languages() {
        let commas = "操作,对象,去向,名称,类别,区划\n区划,500105000000,500157000000,两江新区,区\n\
                      新设,两江学院,市中心,,college,500157000000\n并入,江北学院,两江学院\n";
        let tabs = "division\t500105000000\t500157000000\t两江新区\t区\nfound\t两江学院\t市中心\t\tcollege\t500157000000\n\
                    merge\t江北学院\t两江学院\n";
        let steps =
            |text: &str| read_lines(text).unwrap().into_iter().map(|line| line.step).collect::<Vec<_>>();
        assert_eq!(steps(commas), steps(tabs));
        assert_eq!(steps(commas)[2], Step::Merge { org: "江北学院".to_owned(), into: "两江学院".to_owned() });
    }

    #[test]
    fn everything_wrong_is_named_with_its_line() {
        let faults = read_lines(
            "并入,甲,乙\n搬家,甲,乙\n改名,甲\n区划,5001,500157000000\n新设,甲,乙,,学堂,500157000000\n",
        )
        .unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.code.name)).collect();
        assert_eq!(
            told,
            [
                (2, "network.bad_operation"),
                (3, "network.bad_column"),
                (4, "network.bad_column"),
                (5, "network.bad_column")
            ]
        );
        assert_eq!(read_lines("").unwrap_err()[0].code.name, "kernel.required");
    }
}
