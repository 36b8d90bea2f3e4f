//! What a decision would change: thought through line by line on a picture of the city, before anything is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{Actor, Day, Id, Org, Person, RegionCode, RegionLevel, Result, Right, Role};
use serde::{Deserialize, Serialize};
use store::{Statement, Tx, params, sql};

use super::lines::{Fault, Line, Step};
use crate::{OrgKind, REGION, Region, Standing, access, found_org::NAME_MAX};

kernel::codes! {
    /// No open organisation has this name or identifier.
    pub UNKNOWN_ORG = Invalid "network.unknown_org";
    /// Several open organisations have this name: their identifier must be given.
    pub SEVERAL_ORGS = Invalid "network.several_orgs";
    /// It would stand below itself.
    pub BELOW_ITSELF = Conflict "network.below_itself";
    /// The line changes nothing.
    pub CHANGES_NOTHING = Invalid "network.changes_nothing";
    /// The organisation at the top of the city cannot be moved or ended.
    pub THE_TOP = Conflict "network.the_top";
    /// The actor does not manage the network there.
    pub NOT_YOURS = Denied "network.not_yours";
    /// It would end before it began.
    pub BEFORE_OPENED = Invalid "network.before_opened";
    /// Something else was changed there with effect from a later day, `day`.
    pub CHANGED_LATER = Conflict "network.changed_later";
    /// The division is no longer valid.
    pub REGION_ENDED = Invalid "network.region_ended";
    /// A division is followed by one of another level, or by itself.
    pub BAD_SUCCESSION = Invalid "network.bad_succession";
    /// The new code belongs to another division already.
    pub CODE_TAKEN = Conflict "network.code_taken";
    /// Divisions inside of one that ends have no successor; `n` of them, `first` is one.
    pub REGIONS_LEFT = Invalid "network.regions_left";
    /// The division around the new one is not valid.
    pub NO_REGION_AROUND = Invalid "network.no_region_around";
    /// Divisions are changed by who manages the network of the whole city.
    pub REGIONS_OF_CITY = Denied "network.regions_of_city";
}

/// An organisation that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub org_id: Id<Org>,
    /// The `rev` of its row.
    pub rev: i64,
    /// How it stands.
    pub before: Standing,
    /// How it will stand.
    pub after: Standing,
}

/// An organisation that is founded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The identifier that it gets.
    pub org_id: Id<Org>,
    /// What it is.
    pub kind: OrgKind,
    /// How it will stand.
    pub after: Standing,
}

/// A role that is given at the organisation that takes another one in, to who holds it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Whose.
    pub person: Id<Person>,
    /// Which.
    pub role: String,
    /// Where she holds it.
    pub from: Id<Org>,
    /// Where she gets it.
    pub to: Id<Org>,
    /// First day without it.
    pub until: Option<Day>,
}

impl Carried {
    /// The role.
    ///
    /// # Errors
    /// A bug, if the stored word is none.
    pub fn role(&self) -> Result<Role> {
        self.role.parse()
    }
}

/// All that a decision changes.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Divisions that begin; `true` where the code was used and ended before.
    pub begun: Vec<(Region, bool)>,
    /// Divisions that end.
    pub ended: Vec<Region>,
    /// Which division is followed by which.
    pub followed: Vec<(RegionCode, RegionCode)>,
    /// Organisations that are founded.
    pub founded: Vec<Founding>,
    /// Organisations that are changed; what will stand higher comes first.
    pub changed: Vec<Change>,
    /// Names of organisations that stand in the plan, also of those that are not changed.
    pub names: HashMap<Id<Org>, String>,
    /// Organisations that are not changed themselves but come under others, because one above them does.
    pub moved_along: usize,
    /// Roles that are given where organisations are taken in.
    pub carried: Vec<Carried>,
    /// What is wrong, by line; nothing may be carried out while something is.
    pub faults: Vec<Fault>,
}

store::row! {
    struct OrgRow {
        org_id: Id<Org>,
        kind: OrgKind,
        name: String,
        region_code: RegionCode,
        parent_id: Option<Id<Org>>,
        opened_on: Day,
        closed_on: Option<Day>,
        successor: String,
        rev: i64,
    }
}

struct Node {
    rev: i64,
    kind: OrgKind,
    opened_on: Day,
    /// `None` for what is founded here.
    before: Option<Standing>,
    now: Standing,
    line: usize,
}

impl Node {
    fn is_open(&self) -> bool {
        self.now.closed_on.is_none()
    }
}

/// The city as it would be after the lines so far.
struct City {
    orgs: HashMap<Id<Org>, Node>,
    names: HashMap<String, Vec<Id<Org>>>,
    below: HashMap<Id<Org>, BTreeSet<Id<Org>>>,
    regions: BTreeMap<RegionCode, Region>,
    /// Codes that begin here, with whether they were there before.
    begun: BTreeMap<RegionCode, bool>,
    followed: BTreeMap<RegionCode, RegionCode>,
    /// Organisations that are taken in, and by which.
    taken_in: Vec<(Id<Org>, Id<Org>)>,
    effective_on: Day,
    faults: Vec<Fault>,
    needs: BTreeMap<Id<Org>, usize>,
    needs_city: Option<usize>,
}

/// Thinks a decision through for somebody who wants to carry it out on this day. What is wrong stands in the plan.
///
/// # Errors
/// Those of the store.
pub fn plan(tx: &mut Tx, actor: &Actor, effective_on: Day, lines: &[Line]) -> Result<Plan> {
    let mut city = City::read(tx, effective_on)?;
    for line in lines {
        city.division(line);
    }
    city.fill_divisions(effective_on);
    city.serve_followers();
    for line in lines {
        if let Err(fault) = city.step(tx, line) {
            city.faults.push(fault);
        }
    }
    city.check_rights(tx, actor)?;
    city.check_days(tx)?;
    city.finish(tx)
}

impl City {
    fn read(tx: &mut Tx, effective_on: Day) -> Result<Self> {
        let rows: Vec<OrgRow> = tx.all(
            sql!("SELECT org_id, kind, name, region_code, parent_id, opened_on, closed_on, successor, rev FROM org"),
            &[],
        )?;
        let regions: Vec<Region> =
            tx.all(Statement::dynamic(format!("SELECT {} FROM region", REGION.all_columns())), &[])?;
        let mut city = Self {
            orgs: HashMap::with_capacity(rows.len()),
            names: HashMap::new(),
            below: HashMap::new(),
            regions: regions.into_iter().map(|region| (region.code.clone(), region)).collect(),
            begun: BTreeMap::new(),
            followed: BTreeMap::new(),
            taken_in: Vec::new(),
            effective_on,
            faults: Vec::new(),
            needs: BTreeMap::new(),
            needs_city: None,
        };
        for row in rows {
            let standing = Standing {
                name: row.name,
                region_code: row.region_code,
                parent_id: row.parent_id,
                closed_on: row.closed_on,
                successor: row.successor.parse().ok(),
            };
            city.place(
                row.org_id,
                Node {
                    rev: row.rev,
                    kind: row.kind,
                    opened_on: row.opened_on,
                    before: Some(standing.clone()),
                    now: standing,
                    line: 0,
                },
            );
        }
        Ok(city)
    }

    fn place(&mut self, id: Id<Org>, node: Node) {
        if let Some(parent) = node.now.parent_id {
            self.below.entry(parent).or_default().insert(id);
        }
        if node.is_open() {
            self.names.entry(node.now.name.clone()).or_default().push(id);
        }
        self.orgs.insert(id, node);
    }

    fn division(&mut self, line: &Line) {
        let Step::Division { from, to, name, kind } = &line.step else { return };
        self.needs_city.get_or_insert(line.number);
        let mut fault = |code, args: &[(&'static str, &str)]| {
            self.faults.push(Fault::new(line.number, code, args));
        };
        let Some(old) = self.regions.get(from).cloned() else {
            return fault(&crate::NO_REGION, &[("text", from.as_str())]);
        };
        if old.valid_to.is_some() || self.followed.contains_key(from) {
            return fault(&REGION_ENDED, &[("text", from.as_str())]);
        }
        if from == to || from.level() != to.level() || from.level() == RegionLevel::Province {
            return fault(&BAD_SUCCESSION, &[("from", from.as_str()), ("to", to.as_str())]);
        }
        let known = self.regions.get(to).filter(|region| region.valid_to.is_none());
        if let Some(known) = known {
            if !name.is_empty() && *name != known.name {
                let said = known.name.clone();
                return fault(&CODE_TAKEN, &[("text", to.as_str()), ("name", &said)]);
            }
        } else {
            let name = if name.is_empty() { &old.name } else { name };
            let kind = if kind.is_empty() { &old.kind } else { kind };
            self.begin(&old, to, name, kind);
        }
        self.followed.insert(from.clone(), to.clone());
    }

    /// A division begins where another one was.
    fn begin(&mut self, old: &Region, to: &RegionCode, name: &str, kind: &str) {
        let was_there = self.regions.contains_key(to);
        let same_name = old.name == name;
        let region = Region {
            code: to.clone(),
            name: name.to_owned(),
            short_name: if same_name { old.short_name.clone() } else { short(name, kind) },
            kind: kind.to_owned(),
            level: old.level,
            parent: around(to).or_else(|| old.parent.clone()),
            region_group: old.region_group.clone(),
            valid_from: self.effective_on,
            valid_to: None,
            population: None,
            population_on: None,
            population_source: None,
            lon: old.lon,
            lat: old.lat,
            rev: 0,
        };
        self.begun.insert(to.clone(), was_there);
        self.regions.insert(to.clone(), region);
    }

    /// What lies inside of a division that ends: villages follow their town; towns must have been named.
    fn fill_divisions(&mut self, effective_on: Day) {
        let ended: Vec<(RegionCode, RegionCode)> =
            self.followed.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
        for (from, to) in ended {
            let inside: Vec<Region> = self
                .regions
                .values()
                .filter(|region| region.parent.as_ref() == Some(&from) && region.valid_to.is_none())
                .filter(|region| !self.followed.contains_key(&region.code))
                .cloned()
                .collect();
            if from.level() == RegionLevel::Township {
                for village in inside {
                    let code = self.free_village(&village.code, &to);
                    self.begin(&village, &code, &village.name, &village.kind);
                    self.followed.insert(village.code.clone(), code);
                }
            } else if let Some(first) = inside.first() {
                let args =
                    [("text", from.as_str()), ("n", &inside.len().to_string()), ("first", &first.name)];
                self.faults.push(Fault::new(0, &REGIONS_LEFT, &args));
            }
        }
        for (code, _) in self.begun.clone() {
            let around = self.regions.get(&code).and_then(|region| region.parent.clone());
            let valid = around.as_ref().is_none_or(|around| {
                let ends = self.followed.contains_key(around);
                !ends && self.regions.get(around).is_some_and(|region| region.valid_to.is_none())
            });
            if !valid {
                self.faults.push(Fault::new(0, &NO_REGION_AROUND, &[("text", code.as_str())]));
            }
        }
        for from in self.followed.keys() {
            if let Some(region) = self.regions.get_mut(from) {
                region.valid_to = Some(effective_on);
            }
        }
    }

    /// The code of a village in another town: its own last three digits where they are free, else the next free ones.
    fn free_village(&self, village: &RegionCode, town: &RegionCode) -> RegionCode {
        let code = |digits: &str| format!("{}{digits}", town.prefix()).parse::<RegionCode>().ok();
        let free = |code: &RegionCode| self.regions.get(code).is_none_or(|known| known.valid_to.is_some());
        let own = village.as_str().get(9..).and_then(code).filter(&free);
        own.or_else(|| (500..1_000).filter_map(|number| code(&format!("{number:03}"))).find(&free))
            .unwrap_or_else(|| village.clone())
    }

    /// Every organisation of a division that ends serves the one that follows.
    fn serve_followers(&mut self) {
        for node in self.orgs.values_mut() {
            if let Some(to) = self.followed.get(&node.now.region_code) {
                node.now.region_code = to.clone();
            }
        }
    }

    fn find(&self, line: usize, text: &str) -> std::result::Result<Id<Org>, Fault> {
        if let Some(node) = text.parse().ok().and_then(|id| Some((id, self.orgs.get(&id)?))) {
            return if node.1.is_open() {
                Ok(node.0)
            } else {
                Err(Fault::new(line, &UNKNOWN_ORG, &[("text", text)]))
            };
        }
        // 兴隆镇社区教育学校@500112: of several of one name, the one of this division.
        let (name, division) = text.rsplit_once(['@', '＠']).unwrap_or((text, ""));
        let serves = |id: &&Id<Org>| {
            self.orgs.get(id).is_some_and(|node| {
                let before = node.before.as_ref().map(|before| &before.region_code);
                before
                    .into_iter()
                    .chain([&node.now.region_code])
                    .any(|code| code.as_str().starts_with(division))
            })
        };
        let named = self.names.get(name.trim()).map_or(&[][..], Vec::as_slice);
        let found: Vec<&Id<Org>> = named.iter().filter(serves).collect();
        match found[..] {
            [one] => Ok(*one),
            [] => Err(Fault::new(line, &UNKNOWN_ORG, &[("text", text)])),
            _ => Err(Fault::new(line, &SEVERAL_ORGS, &[("text", text)])),
        }
    }

    /// The organisation and all below it.
    fn subtree(&self, top: Id<Org>) -> BTreeSet<Id<Org>> {
        let mut found = BTreeSet::from([top]);
        let mut next = vec![top];
        while let Some(org) = next.pop() {
            for child in self.below.get(&org).into_iter().flatten() {
                if found.insert(*child) {
                    next.push(*child);
                }
            }
        }
        found
    }

    fn set_parent(&mut self, org: Id<Org>, parent: Id<Org>, line: usize) {
        let Some(node) = self.orgs.get_mut(&org) else { return };
        if let Some(old) = node.now.parent_id.replace(parent) {
            self.below.entry(old).or_default().remove(&org);
        }
        node.line = line;
        self.below.entry(parent).or_default().insert(org);
    }

    fn rename(&mut self, org: Id<Org>, name: &str) {
        let Some(node) = self.orgs.get_mut(&org) else { return };
        let old = std::mem::replace(&mut node.now.name, name.to_owned());
        if let Some(ids) = self.names.get_mut(&old) {
            ids.retain(|id| *id != org);
        }
        self.names.entry(name.to_owned()).or_default().push(org);
    }

    fn end(&mut self, org: Id<Org>, successor: Option<Id<Org>>) {
        let day = self.effective_on;
        let Some(node) = self.orgs.get_mut(&org) else { return };
        (node.now.closed_on, node.now.successor) = (Some(day), successor);
        let name = node.now.name.clone();
        if let Some(ids) = self.names.get_mut(&name) {
            ids.retain(|id| *id != org);
        }
    }

    /// Notes that the actor must manage the network at what stands above; of the top nobody disposes.
    fn above(&mut self, line: usize, org: Id<Org>) -> std::result::Result<Id<Org>, Fault> {
        let parent = self.orgs.get(&org).and_then(|node| node.now.parent_id);
        let parent = parent.ok_or_else(|| Fault::new(line, &THE_TOP, &[]))?;
        self.needs.entry(parent).or_insert(line);
        Ok(parent)
    }

    fn step(&mut self, tx: &mut Tx, line: &Line) -> std::result::Result<(), Fault> {
        let number = line.number;
        let fault = |code, args: &[(&'static str, &str)]| Err(Fault::new(number, code, args));
        match &line.step {
            Step::Division { .. } => {}
            Step::Found { name, kind, under, region } => {
                let parent = self.find(number, under)?;
                self.needs.entry(parent).or_insert(number);
                self.check_name(number, name)?;
                self.check_region(number, region)?;
                let now = Standing {
                    name: name.clone(),
                    region_code: region.clone(),
                    parent_id: Some(parent),
                    closed_on: None,
                    successor: None,
                };
                let node = Node {
                    rev: 0,
                    kind: *kind,
                    opened_on: self.effective_on,
                    before: None,
                    now,
                    line: number,
                };
                self.place(tx.new_id(), node);
            }
            Step::Move { org, under } => {
                let (org, under) = (self.find(number, org)?, self.find(number, under)?);
                let parent = self.above(number, org)?;
                self.needs.entry(under).or_insert(number);
                if parent == under {
                    return fault(&CHANGES_NOTHING, &[]);
                }
                if self.subtree(org).contains(&under) {
                    return fault(&BELOW_ITSELF, &[]);
                }
                self.set_parent(org, under, number);
            }
            Step::Merge { org, into } => {
                let (org, into) = (self.find(number, org)?, self.find(number, into)?);
                self.above(number, org)?;
                self.needs.entry(into).or_insert(number);
                if self.subtree(org).contains(&into) {
                    return fault(&BELOW_ITSELF, &[]);
                }
                if self.orgs.get(&org).is_some_and(|node| node.opened_on > self.effective_on) {
                    return fault(&BEFORE_OPENED, &[]);
                }
                let below: Vec<Id<Org>> = self.below.get(&org).into_iter().flatten().copied().collect();
                for child in below {
                    if self.orgs.get(&child).is_some_and(Node::is_open) {
                        self.set_parent(child, into, number);
                    }
                }
                // What it did goes on to count for the one that took it in.
                self.set_parent(org, into, number);
                self.end(org, Some(into));
                self.taken_in.push((org, into));
            }
            Step::Rename { org, name } => {
                let org = self.find(number, org)?;
                self.needs.entry(org).or_insert(number);
                self.check_name(number, name)?;
                if self.orgs.get(&org).is_some_and(|node| node.now.name == *name) {
                    return fault(&CHANGES_NOTHING, &[]);
                }
                self.rename(org, name);
            }
            Step::Serve { org, region } => {
                let org = self.find(number, org)?;
                self.above(number, org)?;
                self.check_region(number, region)?;
                let Some(node) = self.orgs.get_mut(&org) else { return Ok(()) };
                if node.now.region_code == *region {
                    return fault(&CHANGES_NOTHING, &[]);
                }
                node.now.region_code = region.clone();
            }
            Step::Close { org } => {
                let org = self.find(number, org)?;
                self.above(number, org)?;
                let below = self.below.get(&org).into_iter().flatten();
                let open = below.filter(|id| self.orgs.get(id).is_some_and(Node::is_open)).count();
                if open > 0 {
                    return fault(&crate::HAS_CHILDREN, &[("n", &open.to_string())]);
                }
                if self.orgs.get(&org).is_some_and(|node| node.opened_on > self.effective_on) {
                    return fault(&BEFORE_OPENED, &[]);
                }
                self.end(org, None);
            }
        }
        Ok(())
    }

    fn check_name(&self, line: usize, name: &str) -> std::result::Result<(), Fault> {
        let length = name.chars().count();
        if length > NAME_MAX {
            let args = [("max", &*NAME_MAX.to_string()), ("length", &*length.to_string())];
            return Err(Fault::new(line, &kernel::TOO_LONG, &args));
        }
        Ok(())
    }

    fn check_region(&self, line: usize, code: &RegionCode) -> std::result::Result<(), Fault> {
        match self.regions.get(code) {
            None => Err(Fault::new(line, &crate::NO_REGION, &[("text", code.as_str())])),
            Some(region) if region.valid_to.is_some() => {
                Err(Fault::new(line, &REGION_ENDED, &[("text", code.as_str())]))
            }
            Some(_) => Ok(()),
        }
    }

    fn check_rights(&mut self, tx: &mut Tx, actor: &Actor) -> Result<()> {
        for (org, line) in self.needs.clone() {
            // What is founded here is managed by who manages what is above it, and that is asked as well.
            let founded = self.orgs.get(&org).is_some_and(|node| node.before.is_none());
            if !founded && !access::may(tx, actor, Right::ManageNetwork, org)? {
                let name = self.orgs.get(&org).map_or("", |node| node.now.name.as_str());
                self.faults.push(Fault::new(line, &NOT_YOURS, &[("name", name)]));
            }
        }
        if let Some(line) = self.needs_city {
            let top = crate::top_org(tx)?;
            let may = match top {
                Some(top) => access::may(tx, actor, Right::ManageNetwork, top.org_id)?,
                None => false,
            };
            if !may {
                self.faults.push(Fault::new(line, &REGIONS_OF_CITY, &[]));
            }
        }
        Ok(())
    }

    /// A change must not begin before another one of the same place: the tree of then would contradict itself.
    fn check_days(&mut self, tx: &mut Tx) -> Result<()> {
        let later: Vec<(Id<Org>, Day)> = tx.all(
            sql!("SELECT org_id, max(to_day) FROM org_tree WHERE to_day > $1 GROUP BY org_id"),
            params![self.effective_on],
        )?;
        if later.is_empty() {
            return Ok(());
        }
        let later: HashMap<Id<Org>, Day> = later.into_iter().collect();
        let moved: Vec<(Id<Org>, usize)> = self
            .orgs
            .iter()
            .filter(|(_, node)| {
                node.before.as_ref().is_some_and(|before| before.parent_id != node.now.parent_id)
            })
            .map(|(id, node)| (*id, node.line))
            .collect();
        for (org, line) in moved {
            let mut touched = self.subtree(org);
            touched.extend(self.orgs.get(&org).and_then(|node| node.now.parent_id));
            if let Some(day) = touched.iter().filter_map(|org| later.get(org)).max() {
                self.faults.push(Fault::new(line, &CHANGED_LATER, &[("day", &day.to_string())]));
            }
        }
        Ok(())
    }

    fn finish(mut self, tx: &mut Tx) -> Result<Plan> {
        let mut plan = Plan::default();
        let mut ids: Vec<Id<Org>> = self.orgs.keys().copied().collect();
        ids.sort_unstable();
        let (mut along, mut itself) = (BTreeSet::new(), BTreeSet::new());
        for id in ids {
            let Some(node) = self.orgs.get(&id) else { continue };
            match &node.before {
                None => plan.founded.push(Founding { org_id: id, kind: node.kind, after: node.now.clone() }),
                Some(before) if *before != node.now => {
                    itself.insert(id);
                    if before.parent_id != node.now.parent_id {
                        along.extend(self.subtree(id));
                    }
                    plan.changed.push(Change {
                        org_id: id,
                        rev: node.rev,
                        before: before.clone(),
                        after: node.now.clone(),
                    });
                }
                Some(_) => {}
            }
        }
        // What is founded stands before what is founded below it.
        let depth = |mut org: Option<Id<Org>>| {
            let mut depth = 0;
            while let Some(node) = org.and_then(|org| self.orgs.get(&org)).filter(|_| depth < 64) {
                (org, depth) = (node.now.parent_id, depth + 1);
            }
            depth
        };
        plan.founded.sort_by_key(|founding| (depth(founding.after.parent_id), founding.org_id));
        // So that nothing is ever put below itself on the way: what will stand higher goes first.
        plan.changed.sort_by_key(|change| (depth(change.after.parent_id), change.org_id));
        plan.moved_along = along.iter().filter(|id| !itself.contains(*id)).count();
        let mut named: BTreeSet<Id<Org>> = self.taken_in.iter().flat_map(|(from, to)| [*from, *to]).collect();
        for change in &plan.changed {
            named.extend(
                [Some(change.org_id), change.before.parent_id, change.after.parent_id].iter().flatten(),
            );
        }
        named.extend(plan.founded.iter().flat_map(|one| [Some(one.org_id), one.after.parent_id]).flatten());
        for id in named {
            if let Some(node) = self.orgs.get(&id) {
                plan.names.insert(id, node.now.name.clone());
            }
        }
        let today = tx.now().day();
        for (from, to) in &self.taken_in {
            let to_new = self.orgs.get(to).is_some_and(|node| node.before.is_none());
            let there: Vec<(Id<Person>, Role, Option<Day>)> =
                if to_new { Vec::new() } else { people::grants_at(tx, *to, today)? };
            for (person, role, until) in people::grants_at(tx, *from, today)? {
                let same = |one: &&mut Carried| {
                    (one.person, one.role.as_str(), one.to) == (person, role.as_str(), *to)
                };
                if let Some(known) = plan.carried.iter_mut().find(same) {
                    // Who holds it at two that are taken in keeps it as long as at either.
                    known.until = known.until.zip(until).map(|(one, other)| one.max(other));
                    continue;
                }
                let held = there.iter().any(|(who, what, _)| (*who, *what) == (person, role));
                if !held && !role.is_administrator() {
                    let role = role.as_str().to_owned();
                    plan.carried.push(Carried { person, role, from: *from, to: *to, until });
                }
            }
        }
        plan.ended = self.followed.keys().filter_map(|code| self.regions.get(code)).cloned().collect();
        for (code, was_there) in std::mem::take(&mut self.begun) {
            if let Some(region) = self.regions.get(&code) {
                plan.begun.push((region.clone(), was_there));
            }
        }
        plan.followed = self.followed.into_iter().collect();
        plan.faults = self.faults;
        plan.faults.sort_by_key(|fault| fault.line);
        Ok(plan)
    }
}

/// The code of the division around one, by its digits; `None` for a county, which lies in the city.
fn around(code: &RegionCode) -> Option<RegionCode> {
    match code.level() {
        RegionLevel::Village => code.township(),
        RegionLevel::Township => code.county(),
        _ => None,
    }
}

/// A name without its kind: 两江新 is no name, so that what would be left of two characters stays whole.
fn short(name: &str, kind: &str) -> String {
    match name.strip_suffix(kind) {
        Some(short) if short.chars().count() >= 2 && !kind.is_empty() && !short.ends_with('新') => {
            short.to_owned()
        }
        _ => name.to_owned(),
    }
}
