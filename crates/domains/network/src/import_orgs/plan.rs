//! What a file would change: each row judged by itself and against all others and the present organisations, before anything is written.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Actor, Code, Day, Error, Id, Lang, Org, RegionCode, Result, Right, excerpt};
use store::{Statement, Tx, params, sql};

use super::{
    hours::week_text,
    reading::{Args, Reading},
    table::{IMPORT_COLUMNS, ImportTable, region_cell},
};
use crate::{
    ALREADY_CLOSED, FoundOrg, NO_REGION, ORG, Opening, OrgKind, Organisation, PARENT_CLOSED, access,
    found_org::NAME_MAX,
    reorganise::{BELOW_ITSELF, REGION_ENDED},
};

kernel::codes! {
    /// No organisation has this identifier.
    pub IMPORT_UNKNOWN = Invalid "network.import_unknown";
    /// The organisation, `name`, stands elsewhere and not below the one of the page.
    pub IMPORT_OUTSIDE = Invalid "network.import_outside";
    /// The same identifier stands in another line, `line`.
    pub IMPORT_TWICE = Invalid "network.import_twice";
    /// No kind is called so.
    pub IMPORT_KIND = Invalid "network.import_kind";
    /// No division or several inside of the organisation's have this name, `text`.
    pub IMPORT_REGION = Invalid "network.import_region";
    /// No open organisation at or below the page's, and no row, is called `text`.
    pub IMPORT_PARENT = Invalid "network.import_parent";
    /// Several organisations or rows are called `text`.
    pub IMPORT_SEVERAL = Invalid "network.import_several";
    /// More levels below each other than an import makes; `max` is how many.
    pub IMPORT_DEEP = Invalid "network.import_deep";
    /// An organisation with this name stands there already; `id` is its identifier.
    pub IMPORT_TAKEN = Invalid "network.import_taken";
    /// Another line, `line`, has the same name under the same organisation.
    pub IMPORT_SAME_NAME = Invalid "network.import_same_name";
    /// A longitude without a latitude, or the other way round.
    pub IMPORT_HALF_PLACE = Invalid "network.import_half_place";
    /// The kind of an organisation does not change; `now` is what it is.
    pub IMPORT_FIXED_KIND = Invalid "network.import_fixed_kind";
    /// Which division an organisation serves is changed by a reorganisation; `now` is which.
    pub IMPORT_FIXED_REGION = Invalid "network.import_fixed_region";
    /// Under whom an organisation stands is changed by moving it; `now` is under whom.
    pub IMPORT_FIXED_PARENT = Invalid "network.import_fixed_parent";
    /// The first day of an organisation does not change; `now` is which.
    pub IMPORT_FIXED_DAY = Invalid "network.import_fixed_day";
}

/// Wrong cells that are kept with their words; those beyond are only counted.
pub const IMPORT_FAULTS_MAX: usize = 5_000;
/// Most levels below the organisation of the page on which an import founds.
pub const IMPORT_DEPTH_MAX: usize = 12;

/// A wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFault {
    /// The line of the file, from 1.
    pub line: usize,
    /// Key of the column.
    pub column: &'static str,
    /// What stands there, cut to what a page shows.
    pub value: String,
    /// Why it is wrong.
    pub code: &'static Code,
    /// Values for the sentence that says how to mend it.
    pub args: Vec<(&'static str, String)>,
}

/// Under whom something new will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Above {
    /// An organisation that is there.
    There(Id<Org>),
    /// A row of the file, by its place in [`ImportTable::rows`].
    Row(usize),
}

/// An organisation that will be founded.
#[derive(Debug, Clone)]
pub struct ImportFounding {
    /// Its line in the file.
    pub line: usize,
    /// What it will be; under whom is not said here.
    pub org: FoundOrg,
    /// Name of the organisation above it.
    pub above: String,
    pub(super) row: usize,
    pub(super) under: Above,
}

/// What people must know of an organisation, and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportWords {
    /// Name.
    pub name: String,
    /// Street address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// When it is open.
    pub opening: Opening,
    /// What is to be said of the hours.
    pub hours: String,
    /// Longitude and latitude.
    pub place: Option<(f64, f64)>,
}

impl From<&Organisation> for ImportWords {
    fn from(org: &Organisation) -> Self {
        Self {
            name: org.name.clone(),
            address: org.address.clone(),
            phone: org.phone.clone(),
            opening: org.opening.clone(),
            hours: org.hours.clone(),
            place: org.lon.zip(org.lat),
        }
    }
}

impl ImportWords {
    /// What stands in a column, in words.
    pub fn cell(&self, column: &str, lang: Lang) -> String {
        match column {
            "name" => self.name.clone(),
            "address" => self.address.clone(),
            "phone" => self.phone.clone(),
            "opening" => week_text(&self.opening, lang),
            "hours" => self.hours.clone(),
            "lon" => self.place.map(|(lon, _)| lon.to_string()).unwrap_or_default(),
            "lat" => self.place.map(|(_, lat)| lat.to_string()).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// An organisation that will be changed.
#[derive(Debug, Clone)]
pub struct ImportChange {
    /// Its line in the file.
    pub line: usize,
    /// Which, and the version that was looked at.
    pub org: (Id<Org>, i64),
    /// What is known of it.
    pub before: ImportWords,
    /// What will be.
    pub after: ImportWords,
}

impl ImportChange {
    /// Keys of the columns that differ.
    pub fn columns(&self) -> Vec<&'static str> {
        let differs = |column: &&str| self.before.cell(column, Lang::Zh) != self.after.cell(column, Lang::Zh);
        IMPORT_COLUMNS.iter().map(|(key, _)| *key).filter(differs).collect()
    }

    /// Whether anything but the name differs.
    pub(super) fn is_kept(&self) -> bool {
        self.before != ImportWords { name: self.before.name.clone(), ..self.after.clone() }
    }
}

/// All that a file would change.
#[derive(Debug, Default)]
pub struct ImportPlan {
    /// What is founded; what stands above comes first.
    pub founded: Vec<ImportFounding>,
    /// What is changed, by line.
    pub changed: Vec<ImportChange>,
    /// Rows that are as things are.
    pub same: usize,
    /// What is wrong, by line; at most [`IMPORT_FAULTS_MAX`]. Nothing is written while something is.
    pub faults: Vec<ImportFault>,
    /// How much is wrong in all.
    pub fault_count: usize,
}

impl ImportPlan {
    /// What identifies all that it changes: another one is another plan.
    pub fn digest(&self) -> String {
        seal::hex(&seal::sha256(format!("{:?}", (&self.founded, &self.changed)).as_bytes()))
    }

    pub(super) fn wrong(&mut self, fault: ImportFault) {
        self.fault_count += 1;
        if self.faults.len() < IMPORT_FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

/// An organisation and all below it today, closed ones too.
pub(super) fn below(tx: &mut Tx, org: Id<Org>) -> Result<Vec<Organisation>> {
    let text = format!(
        "SELECT {} FROM org WHERE org_id IN (SELECT t.org_id FROM org_tree t WHERE t.ancestor_id = $1 \
         AND t.from_day <= $2 AND (t.to_day IS NULL OR t.to_day > $2))",
        ORG.all_columns()
    );
    let today = tx.now().day();
    tx.all(Statement::dynamic(text), params![org, today])
}

/// Thinks a file through for somebody who manages the network of this organisation. What is wrong stands in the plan.
///
/// # Errors
/// Those of [`access::require`]; [`ALREADY_CLOSED`].
pub fn plan_import(tx: &mut Tx, actor: &Actor, org: Id<Org>, table: &ImportTable) -> Result<ImportPlan> {
    access::require(tx, actor, Right::ManageNetwork, org)?;
    let mut city = City::read(tx, org, table)?;
    let mut plan = ImportPlan::default();
    let mut rows = Vec::with_capacity(table.rows.len());
    for at in 0..table.rows.len() {
        rows.push(city.row(&mut plan, table, at));
    }
    city.name_all(table, &rows);
    city.place_all(&mut plan, table, &mut rows);
    city.compare_names(tx, &mut plan, &rows)?;
    Ok(city.finish(plan, rows))
}

/// What became of a row that can be read.
enum Row {
    New(Box<New>),
    Known(Box<ImportChange>),
}

struct New {
    line: usize,
    org: FoundOrg,
    /// Decided when all rows are read.
    under: Option<Above>,
    depth: usize,
}

/// What is known besides the rows.
struct City {
    root: Organisation,
    today: Day,
    orgs: HashMap<Id<Org>, Organisation>,
    /// Organisations that stand elsewhere and are named in the file.
    elsewhere: HashMap<Id<Org>, Organisation>,
    /// Divisions, with whether they are valid.
    regions: HashMap<RegionCode, (String, bool)>,
    region_names: HashMap<String, Vec<RegionCode>>,
    kinds: HashMap<String, OrgKind>,
    /// Where each identifier stands in the file.
    lines: HashMap<Id<Org>, usize>,
    /// What is called so, now or by the file.
    names: HashMap<String, Vec<Above>>,
    closed_names: HashSet<String>,
    /// What stands above the root.
    root_above: Option<Organisation>,
}

impl City {
    fn read(tx: &mut Tx, org: Id<Org>, table: &ImportTable) -> Result<Self> {
        let orgs: HashMap<Id<Org>, Organisation> =
            below(tx, org)?.into_iter().map(|one| (one.org_id, one)).collect();
        let root = match orgs.get(&org) {
            Some(root) => root.clone(),
            None => crate::org(tx, org)?.ok_or_else(Error::missing)?,
        };
        if !root.is_open() {
            return Err(Error::new(&ALREADY_CLOSED));
        }
        let all: Vec<(RegionCode, String, Option<Day>)> =
            tx.all(sql!("SELECT code, name, valid_to FROM region"), &[])?;
        let mut region_names: HashMap<String, Vec<RegionCode>> = HashMap::new();
        for (code, name, ended) in &all {
            if ended.is_none() && root.region_code.contains(code) {
                region_names.entry(name.clone()).or_default().push(code.clone());
            }
        }
        let regions = all.into_iter().map(|(code, name, ended)| (code, (name, ended.is_none()))).collect();
        let mut kinds = HashMap::new();
        for kind in OrgKind::ALL {
            kinds.insert(kind.as_str().to_owned(), *kind);
            for lang in [Lang::Zh, Lang::En] {
                kinds.insert(::web::i18n::say(lang, &kind.message_key(), &[]).to_lowercase(), *kind);
            }
        }
        let named: Vec<Id<Org>> = ["id", "parent"]
            .iter()
            .filter_map(|key| table.columns.iter().position(|column| column == key))
            .flat_map(|column| table.rows.iter().filter_map(move |(_, cells)| cells.get(column)))
            .filter_map(|cell| cell.to_lowercase().parse().ok())
            .filter(|id| !orgs.contains_key(id))
            .collect();
        let elsewhere = crate::orgs_by_ids(tx, &named)?;
        let root_above = match root.parent_id {
            Some(parent) => crate::org(tx, parent)?,
            None => None,
        };
        let closed = orgs.values().filter(|org| !org.is_open());
        Ok(Self {
            closed_names: closed.map(|org| org.name.clone()).collect(),
            root,
            root_above,
            today: tx.now().day(),
            orgs,
            elsewhere,
            regions,
            region_names,
            kinds,
            lines: HashMap::new(),
            names: HashMap::new(),
        })
    }

    /// Reads a row; `None` where it says too little. What is wrong in its cells is told.
    fn row(&mut self, plan: &mut ImportPlan, table: &ImportTable, at: usize) -> Option<Row> {
        let (line, cells) = &table.rows[at];
        let mut reading = Reading { plan, columns: &table.columns, cells, line: *line };
        match reading.cell("id").unwrap_or("") {
            "" => self.new_row(&mut reading).map(|new| Row::New(Box::new(new))),
            id => self.known_row(&mut reading, id).map(|change| Row::Known(Box::new(change))),
        }
    }

    fn new_row(&self, reading: &mut Reading) -> Option<New> {
        let name = reading.text("name", "", NAME_MAX);
        if name.is_empty() {
            reading.wrong::<()>("name", &kernel::REQUIRED, Vec::new());
        }
        let kind = match reading.cell("kind").unwrap_or("") {
            "" => reading.wrong("kind", &kernel::REQUIRED, Vec::new()),
            word => match self.kind(word) {
                Some(kind) => Some(kind),
                None => reading.wrong("kind", &IMPORT_KIND, Vec::new()),
            },
        };
        let region_code = match reading.cell("region").unwrap_or("") {
            "" => reading.wrong("region", &kernel::REQUIRED, Vec::new()),
            text => match self.region(text) {
                Ok(code) if self.regions.get(&code).is_some_and(|(_, valid)| *valid) => Some(code),
                Ok(code) => reading.wrong("region", &REGION_ENDED, vec![("text", code.to_string())]),
                Err((code, args)) => reading.wrong("region", code, args),
            },
        };
        let address = reading.text("address", "", 120);
        let phone = reading.text("phone", "", 40);
        let hours = reading.text("hours", "", 120);
        let opening = reading.opening(&Opening::default());
        let place = reading.place(None);
        let opened_on = match reading.cell("opened_on").unwrap_or("") {
            "" => Some(self.today),
            text => match Day::written(text) {
                Some(day) => Some(day),
                None => reading.wrong("opened_on", &kernel::BAD_DATE, Vec::new()),
            },
        };
        let org = FoundOrg {
            kind: kind?,
            name,
            region_code: region_code?,
            parent_id: None,
            address,
            phone,
            hours,
            opening,
            place,
            place_note: String::new(),
            opened_on: opened_on?,
            // What is founded in a city made up for demonstration says so.
            demo: self.root.demo,
        };
        Some(New { line: reading.line, org, under: None, depth: 0 })
    }

    fn known_row(&mut self, reading: &mut Reading, text: &str) -> Option<ImportChange> {
        let Some(id) = text.to_lowercase().parse::<Id<Org>>().ok() else {
            return reading.wrong("id", &IMPORT_UNKNOWN, Vec::new());
        };
        let Some(org) = self.orgs.get(&id) else {
            return match self.elsewhere.get(&id) {
                Some(org) => reading.wrong("id", &IMPORT_OUTSIDE, vec![("name", org.name.clone())]),
                None => reading.wrong("id", &IMPORT_UNKNOWN, Vec::new()),
            };
        };
        if let Some(line) = self.lines.insert(id, reading.line) {
            self.lines.insert(id, line);
            return reading.wrong("id", &IMPORT_TWICE, vec![("line", line.to_string())]);
        }
        if !org.is_open() {
            return reading.wrong("id", &ALREADY_CLOSED, Vec::new());
        }
        let before = ImportWords::from(org);
        let name = reading.text("name", &org.name, NAME_MAX);
        if name.is_empty() {
            reading.wrong::<()>("name", &kernel::REQUIRED, Vec::new());
        }
        self.fixed(reading, org);
        let after = ImportWords {
            name,
            address: reading.text("address", &org.address, 120),
            phone: reading.text("phone", &org.phone, 40),
            opening: reading.opening(&org.opening),
            hours: reading.text("hours", &org.hours, 120),
            place: reading.place(before.place),
        };
        Some(ImportChange { line: reading.line, org: (id, org.rev), before, after })
    }

    /// What an import does not change must be as it is, or be left out.
    fn fixed(&self, reading: &mut Reading, org: &Organisation) {
        if let Some(word) = reading.cell("kind").filter(|word| !word.is_empty()) {
            match self.kind(word) {
                Some(kind) if kind == org.kind => {}
                Some(_) => {
                    let now = ::web::i18n::say(Lang::Zh, &org.kind.message_key(), &[]);
                    let words = vec![("now", now), ("kind", org.kind.as_str().to_owned())];
                    reading.wrong::<()>("kind", &IMPORT_FIXED_KIND, words);
                }
                None => {
                    reading.wrong::<()>("kind", &IMPORT_KIND, Vec::new());
                }
            }
        }
        if let Some(text) = reading.cell("region").filter(|text| !text.is_empty()) {
            let code = &org.region_code;
            let name = self.regions.get(code).map_or("", |(name, _)| name.as_str());
            let same = self.region(text).is_ok_and(|found| found == *code) || text == name;
            if !same {
                let now = region_cell(code, name);
                reading.wrong::<()>("region", &IMPORT_FIXED_REGION, vec![("now", now)]);
            }
        }
        if let Some(text) = reading.cell("opened_on").filter(|text| !text.is_empty())
            && Day::written(text) != Some(org.opened_on)
        {
            let now = org.opened_on.to_string();
            reading.wrong::<()>("opened_on", &IMPORT_FIXED_DAY, vec![("now", now)]);
        }
    }

    fn kind(&self, word: &str) -> Option<OrgKind> {
        self.kinds.get(&word.to_lowercase()).copied()
    }

    /// A division by its code, behind which its name may stand, or by its full name if only one inside of the root's has it.
    fn region(&self, text: &str) -> std::result::Result<RegionCode, (&'static Code, Args)> {
        let first = text.split_whitespace().next().unwrap_or("");
        if let Ok(code) = first.parse::<RegionCode>() {
            return if self.regions.contains_key(&code) { Ok(code) } else { Err((&NO_REGION, Vec::new())) };
        }
        match self.region_names.get(text).map(Vec::as_slice) {
            Some([code]) => Ok(code.clone()),
            _ => Err((&IMPORT_REGION, vec![("text", excerpt(text))])),
        }
    }

    /// Notes what everything is called, now and by the file. Rows that cannot be read count too: their fault is told there.
    fn name_all(&mut self, table: &ImportTable, rows: &[Option<Row>]) {
        let mut names: HashMap<String, Vec<Above>> = HashMap::with_capacity(self.orgs.len() + rows.len());
        let mut note = |name: &str, what: Above| {
            let called = names.entry(name.to_owned()).or_default();
            if !name.is_empty() && !called.contains(&what) {
                called.push(what);
            }
        };
        for org in self.orgs.values().filter(|org| org.is_open()) {
            note(&org.name, Above::There(org.org_id));
        }
        let cell = |at: usize, key: &str| {
            let column = table.columns.iter().position(|column| column == key);
            column.and_then(|column| table.rows[at].1.get(column)).map_or("", String::as_str)
        };
        for (at, row) in rows.iter().enumerate() {
            match row {
                Some(Row::New(new)) => note(&new.org.name, Above::Row(at)),
                Some(Row::Known(change)) => note(&change.after.name, Above::There(change.org.0)),
                None if cell(at, "id").is_empty() => note(cell(at, "name"), Above::Row(at)),
                None => {}
            }
        }
        self.names = names;
    }

    /// Under whom each row stands.
    fn place_all(&self, plan: &mut ImportPlan, table: &ImportTable, rows: &mut [Option<Row>]) {
        for (row, (line, cells)) in rows.iter_mut().zip(&table.rows) {
            let mut reading = Reading { plan: &mut *plan, columns: &table.columns, cells, line: *line };
            let text = reading.cell("parent").unwrap_or("");
            match row {
                Some(Row::New(new)) if text.is_empty() => new.under = Some(Above::There(self.root.org_id)),
                Some(Row::New(new)) => match self.parent(text) {
                    Ok(under) => new.under = Some(under),
                    Err((code, args)) => {
                        reading.wrong::<()>("parent", code, args);
                    }
                },
                Some(Row::Known(change)) if !text.is_empty() => self.same_parent(&mut reading, change, text),
                // Of a row that says too little is told all that is wrong, too.
                None if !text.is_empty() && reading.cell("id").unwrap_or("").is_empty() => {
                    if let Err((code, args)) = self.parent(text) {
                        reading.wrong::<()>("parent", code, args);
                    }
                }
                _ => {}
            }
        }
        self.deepen(plan, table, rows);
    }

    /// What a cell means that names an organisation above.
    fn parent(&self, text: &str) -> std::result::Result<Above, (&'static Code, Args)> {
        if let Ok(id) = text.to_lowercase().parse::<Id<Org>>() {
            return match (self.orgs.get(&id), self.elsewhere.get(&id)) {
                (Some(org), _) if org.is_open() => Ok(Above::There(id)),
                (Some(_), _) => Err((&PARENT_CLOSED, Vec::new())),
                (None, Some(org)) => Err((&IMPORT_OUTSIDE, vec![("name", org.name.clone())])),
                (None, None) => Err((&IMPORT_UNKNOWN, Vec::new())),
            };
        }
        match self.names.get(text).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some(_) => Err((&IMPORT_SEVERAL, vec![("text", excerpt(text))])),
            None if self.closed_names.contains(text) => Err((&PARENT_CLOSED, Vec::new())),
            None => Err((&IMPORT_PARENT, vec![("text", excerpt(text))])),
        }
    }

    /// Whoever is there stays under whom it is, which may be named by identifier, by its name, or by the name that the file gives it.
    fn same_parent(&self, reading: &mut Reading, change: &ImportChange, text: &str) {
        let Some(parent) = self.orgs.get(&change.org.0).and_then(|org| org.parent_id) else { return };
        let called = self.names.get(text).is_some_and(|called| called.contains(&Above::There(parent)));
        let above = self.orgs.get(&parent).or(self.root_above.as_ref());
        let name = above.map_or_else(String::new, |above| above.name.clone());
        if !called && text != name && text.to_lowercase() != parent.to_string() {
            reading.wrong::<()>("parent", &IMPORT_FIXED_PARENT, vec![("now", name)]);
        }
    }

    /// How deep something that is there stands below the root.
    fn depth(&self, mut id: Id<Org>) -> usize {
        let mut depth = 0;
        while let Some(parent) =
            self.orgs.get(&id).and_then(|org| org.parent_id).filter(|_| id != self.root.org_id && depth < 64)
        {
            (id, depth) = (parent, depth + 1);
        }
        depth
    }

    /// How deep each new one stands; refuses what would stand below itself, or too deep.
    fn deepen(&self, plan: &mut ImportPlan, table: &ImportTable, rows: &mut [Option<Row>]) {
        let under: Vec<Option<Above>> = rows
            .iter()
            .map(|row| match row {
                Some(Row::New(new)) => new.under,
                _ => None,
            })
            .collect();
        let mut depths: Vec<Option<usize>> = vec![None; rows.len()];
        let mut seen = vec![false; rows.len()];
        let mut cyclic = vec![false; rows.len()];
        for start in 0..rows.len() {
            let (mut path, mut at) = (Vec::new(), start);
            // The depth of what stands above the last of the path, where it is known.
            let mut depth = loop {
                if let Some(first) = path.iter().position(|one| *one == at) {
                    path[first..].iter().for_each(|one| cyclic[*one] = true);
                    break None;
                }
                if seen[at] {
                    break depths[at];
                }
                path.push(at);
                match under[at] {
                    Some(Above::There(id)) => break Some(self.depth(id)),
                    Some(Above::Row(next)) => at = next,
                    None => break None,
                }
            };
            for one in path.into_iter().rev() {
                depth = depth.map(|above| above + 1);
                (seen[one], depths[one]) = (true, depth);
            }
        }
        for (at, row) in rows.iter_mut().enumerate() {
            let Some(Row::New(new)) = row else { continue };
            let (line, cells) = &table.rows[at];
            let mut reading = Reading { plan: &mut *plan, columns: &table.columns, cells, line: *line };
            new.depth = depths[at].unwrap_or(0);
            if cyclic[at] {
                reading.wrong::<()>("parent", &BELOW_ITSELF, Vec::new());
            } else if new.depth > IMPORT_DEPTH_MAX {
                reading.wrong::<()>("parent", &IMPORT_DEEP, vec![("max", IMPORT_DEPTH_MAX.to_string())]);
            }
        }
    }

    /// Refuses a second one of a name under the same organisation, where the file makes it.
    fn compare_names(&self, tx: &mut Tx, plan: &mut ImportPlan, rows: &[Option<Row>]) -> Result<()> {
        // By place and name: the identifier of what keeps its name there, and the lines that bring another one there.
        let mut places: BTreeMap<(Place, &str), (Option<Id<Org>>, Vec<usize>)> = BTreeMap::new();
        let mut renamed: HashMap<Id<Org>, &ImportChange> = HashMap::new();
        for row in rows.iter().flatten() {
            match row {
                Row::Known(change)
                    if change.before.name != change.after.name && !change.after.name.is_empty() =>
                {
                    renamed.insert(change.org.0, change);
                }
                Row::New(new) => {
                    let Some(under) = new.under.filter(|_| !new.org.name.is_empty()) else { continue };
                    let place = places.entry((Place::of(under), new.org.name.as_str())).or_default();
                    place.1.push(new.line);
                }
                Row::Known(_) => {}
            }
        }
        for org in self.orgs.values().filter(|org| org.is_open() && org.org_id != self.root.org_id) {
            let Some(parent) = org.parent_id else { continue };
            let place = Place::of(Above::There(parent));
            match renamed.get(&org.org_id) {
                Some(change) => {
                    places.entry((place, change.after.name.as_str())).or_default().1.push(change.line);
                }
                // Only where the file brings something is there anything to compare.
                None => {
                    let place = (place, org.name.as_str());
                    if !renamed.is_empty() {
                        places.entry(place).or_default().0 = Some(org.org_id);
                    } else if let Some(known) = places.get_mut(&place) {
                        known.0 = Some(org.org_id);
                    }
                }
            }
        }
        for ((_, name), (known, lines)) in &mut places {
            lines.sort_unstable();
            let value = excerpt(name);
            let mut wrong = |line: usize, code: &'static Code, args: Args| {
                plan.wrong(ImportFault { line, column: "name", value: value.clone(), code, args });
            };
            match (known, lines.split_first()) {
                (Some(id), Some(_)) => {
                    lines.iter().for_each(|line| wrong(*line, &IMPORT_TAKEN, vec![("id", id.to_string())]));
                }
                (None, Some((first, others))) => others.iter().for_each(|line| {
                    wrong(*line, &IMPORT_SAME_NAME, vec![("line", first.to_string())]);
                }),
                _ => {}
            }
        }
        let (Some(change), Some(parent)) = (renamed.get(&self.root.org_id), self.root.parent_id) else {
            return Ok(());
        };
        let beside: Option<(Id<Org>,)> = tx.opt(
            sql!("SELECT org_id FROM org WHERE parent_id = $1 AND name = $2 AND closed_on IS NULL LIMIT 1"),
            params![parent, change.after.name.as_str()],
        )?;
        if let Some((id,)) = beside {
            let (value, args) = (excerpt(&change.after.name), vec![("id", id.to_string())]);
            plan.wrong(ImportFault { line: change.line, column: "name", value, code: &IMPORT_TAKEN, args });
        }
        Ok(())
    }

    /// Puts the plan together.
    fn finish(self, mut plan: ImportPlan, rows: Vec<Option<Row>>) -> ImportPlan {
        if plan.fault_count > 0 {
            let place = |key: &str| IMPORT_COLUMNS.iter().position(|(known, _)| *known == key);
            plan.faults.sort_by_key(|fault| (fault.line, place(fault.column)));
            return plan;
        }
        let mut names: HashMap<Above, String> =
            self.orgs.values().map(|org| (Above::There(org.org_id), org.name.clone())).collect();
        for (at, row) in rows.iter().enumerate() {
            match row {
                Some(Row::New(new)) => names.insert(Above::Row(at), new.org.name.clone()),
                Some(Row::Known(change)) => {
                    names.insert(Above::There(change.org.0), change.after.name.clone())
                }
                None => None,
            };
        }
        let mut founded = Vec::new();
        for (at, row) in rows.into_iter().enumerate() {
            match row {
                Some(Row::New(new)) => {
                    let Some(under) = new.under else { continue };
                    let above = names.get(&under).cloned().unwrap_or_default();
                    let founding = ImportFounding { line: new.line, org: new.org, above, row: at, under };
                    founded.push((new.depth, founding));
                }
                Some(Row::Known(change)) if change.before == change.after => plan.same += 1,
                Some(Row::Known(change)) => plan.changed.push(*change),
                None => {}
            }
        }
        founded.sort_by_key(|(depth, founding)| (*depth, founding.line));
        plan.founded = founded.into_iter().map(|(_, founding)| founding).collect();
        plan
    }
}

/// Where names are compared: below what is there, or below a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    There(String),
    Row(usize),
}

impl Place {
    fn of(above: Above) -> Self {
        match above {
            Above::There(id) => Place::There(id.to_string()),
            Above::Row(at) => Place::Row(at),
        }
    }
}
