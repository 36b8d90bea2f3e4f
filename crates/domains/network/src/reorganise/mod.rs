//! Reorganisations 机构调整: several changes of the network and of the divisions that belong to one decision, thought through first, carried out
//! as a whole on their day, and taken back as a whole.
//!
//! Organisations keep their identifiers and records their places: what was written is never moved. The tree knows who stood above whom on every
//! day, so that figures of before are read as they were then or as they are now.

mod carry_out;
mod lines;
mod plan;
mod undo;

use journal::Fact;
use kernel::{
    Actor, Day, Error, FieldError, Id, Org, PageRequest, Paged, RegionCode, Result, Right, Timestamp,
};
use store::{Statement, Tx, params, sql};

pub use lines::{Fault, LINES_BYTES_MAX, LINES_MAX, Line, Step, read_lines};
use plan::plan;
pub(crate) use plan::{BELOW_ITSELF, REGION_ENDED};
pub use plan::{Carried, Change, Founding, Plan};
pub use undo::undo;

use crate::{
    ORG_CHANGE, OrgChange, REORGANISATION, Standing, access, facts, found_org::check_texts, paged,
    standing::ChangeRow,
};

kernel::codes! {
    /// The decision cannot be carried out as it stands; its page says why.
    pub NOT_POSSIBLE = Conflict "network.not_possible";
    /// It was carried out, taken back or discarded before.
    pub NOT_WAITING = Conflict "network.not_waiting";
    /// The day lies more than ten years back or more than two ahead.
    pub BAD_EFFECTIVE_DAY = Invalid "network.bad_effective_day";
}

/// Marker for identifiers of reorganisations.
#[derive(Debug)]
pub enum ReorganisationMark {}
/// Identifier of a reorganisation.
pub type ReorganisationId = Id<ReorganisationMark>;

/// Longest title, in characters.
pub(crate) const TITLE_MAX: usize = 80;
/// Longest name of a document, in characters.
pub(crate) const DOCUMENT_MAX: usize = 80;
/// Days before today on which a decision may take effect.
const DAYS_BACK: i32 = 3_660;
/// Days after today.
const DAYS_AHEAD: i32 = 731;
/// Who carries out what was planned.
const PLANNED: Actor = Actor::System("network.planned");

crate::worded! {
    /// What a reorganisation is.
    pub enum Status {
        /// Thought through, and carried out by nobody yet.
        Prepared = "prepared",
        /// It will be carried out on its day.
        Planned = "planned",
        /// Carried out.
        Applied = "applied",
        /// Carried out, and taken back.
        Undone = "undone",
        /// Given up before it was carried out.
        Discarded = "discarded",
    }
}

store::row! {
    /// A reorganisation.
    #[derive(PartialEq)]
    pub struct Reorganisation {
        /// Its identifier.
        pub reorganisation_id: ReorganisationId,
        /// Whose people prepared it: who manages the network there sees it.
        pub org_id: Id<Org>,
        /// What it is called.
        pub title: String,
        /// The document that orders it, such as 渝府发〔2025〕15号; may be empty.
        pub document: String,
        /// From when it holds.
        pub effective_on: Day,
        /// Its lines, as they were written.
        pub lines: String,
        /// What it is.
        pub status: Status,
        /// Roles that were given when it was carried out, as JSON.
        pub carried: String,
        /// When it was prepared.
        pub prepared_at: Timestamp,
        /// When it was carried out.
        pub applied_at: Option<Timestamp>,
        /// When it was taken back.
        pub undone_at: Option<Timestamp>,
        /// Counts the changes.
        pub rev: i64,
    }
}

/// A decision to be thought through.
#[derive(Debug, Clone)]
pub struct Prepare {
    /// What it is called, 1 to 80 characters.
    pub title: String,
    /// The document that orders it, at most 80 characters; may be empty.
    pub document: String,
    /// From when it holds.
    pub effective_on: Day,
    /// Its lines, see [`read_lines`].
    pub lines: String,
}

/// What came of preparing.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// It waits for a last look.
    Ready(ReorganisationId),
    /// It cannot be carried out; nothing was kept.
    Faulty(Vec<Fault>),
}

/// Thinks a decision through and keeps it for a last look.
///
/// # Errors
/// `kernel.denied` to who manages no network; wrong fields `title`, `document`, `effective_on`. What is wrong with the lines is no error: see
/// [`Prepared::Faulty`].
pub fn prepare(tx: &mut Tx, actor: &Actor, cmd: &Prepare) -> Result<Prepared> {
    let faults = think(tx, actor, cmd)?;
    if faults.is_empty() { Ok(Prepared::Ready(keep(tx, actor, cmd)?)) } else { Ok(Prepared::Faulty(faults)) }
}

/// What is wrong with the lines of a decision.
pub(crate) fn think(tx: &mut Tx, actor: &Actor, cmd: &Prepare) -> Result<Vec<Fault>> {
    owner(tx, actor)?;
    let mut wrong = Vec::new();
    check_texts(
        &mut wrong,
        &[("title", &cmd.title, TITLE_MAX, true), ("document", &cmd.document, DOCUMENT_MAX, false)],
    );
    let today = tx.now().day();
    if !(today.plus(-DAYS_BACK)..=today.plus(DAYS_AHEAD)).contains(&cmd.effective_on) {
        let (field, args) = ("effective_on".to_owned(), Vec::new());
        wrong.push(FieldError { field, code: &BAD_EFFECTIVE_DAY, args });
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    match read_lines(&cmd.lines) {
        Ok(lines) => Ok(plan(tx, actor, cmd.effective_on, &lines)?.faults),
        Err(faults) => Ok(faults),
    }
}

/// Keeps a decision that was thought through.
pub(crate) fn keep(tx: &mut Tx, actor: &Actor, cmd: &Prepare) -> Result<ReorganisationId> {
    let org_id = owner(tx, actor)?;
    let id: ReorganisationId = tx.new_id();
    let mut fact = changed(id, org_id, Status::Prepared);
    let row = params![
        id,
        org_id,
        cmd.title.trim(),
        cmd.document.trim(),
        cmd.effective_on,
        cmd.lines.as_str(),
        Status::Prepared,
        "[]",
        tx.now(),
        None::<Timestamp>,
        None::<Timestamp>
    ];
    fact.insert(tx, &REORGANISATION, row.to_vec())?;
    fact.emit(tx, actor)?;
    Ok(id)
}

/// The organisation in whose name somebody prepares: the city's, if she manages its network, else the first one whose network she manages.
fn owner(tx: &mut Tx, actor: &Actor) -> Result<Id<Org>> {
    let top = crate::top_org(tx)?.ok_or_else(Error::missing)?;
    if access::may(tx, actor, Right::ManageNetwork, top.org_id)? {
        return Ok(top.org_id);
    }
    if matches!(actor, Actor::Nobody) {
        return Err(Error::new(&kernel::SIGN_IN));
    }
    access::held_at(actor, Right::ManageNetwork).into_iter().min().ok_or_else(Error::denied)
}

fn changed(id: ReorganisationId, org: Id<Org>, status: Status) -> Fact {
    let payload = facts::ReorganisationChanged { reorganisation_id: id, status };
    Fact::new(facts::REORGANISATION_CHANGED, id).at(org).payload(&payload)
}

/// A reorganisation, if the actor may see it.
///
/// # Errors
/// `kernel.missing` if there is none, also to who may not see it.
pub fn reorganisation(tx: &mut Tx, actor: &Actor, id: ReorganisationId) -> Result<Reorganisation> {
    let text =
        format!("SELECT {} FROM reorganisation WHERE reorganisation_id = $1", REORGANISATION.all_columns());
    let found: Option<Reorganisation> = tx.opt(Statement::dynamic(text), params![id])?;
    let found = found.ok_or_else(Error::missing)?;
    if access::may(tx, actor, Right::ManageNetwork, found.org_id)? {
        Ok(found)
    } else {
        Err(Error::missing())
    }
}

/// The reorganisations that the actor may see, the newest first; the key is the moment and the identifier.
///
/// # Errors
/// Those of the store.
pub fn reorganisations(tx: &mut Tx, actor: &Actor, page: &PageRequest) -> Result<Paged<Reorganisation>> {
    let scope = access::scope(tx, actor, Right::ManageNetwork, None)?;
    let mut wanted = ::web::list::Where::default();
    scope.narrow(&mut wanted, "org_id", tx.now().day());
    let key = page.after.as_deref().and_then(|key| {
        let (at, id) = key.split_once('.')?;
        Some((Timestamp::from_millis(at.parse().ok()?), id.parse::<ReorganisationId>().ok()?))
    });
    if let Some((at, id)) = key {
        wanted.add("(prepared_at, reorganisation_id) < (?, ?)", [at.into(), id.into()]);
    }
    let text = format!(
        "SELECT {} FROM reorganisation WHERE {} ORDER BY prepared_at DESC, reorganisation_id DESC LIMIT {}",
        REORGANISATION.all_columns(),
        wanted.text(),
        page.size + 1
    );
    let rows: Vec<Reorganisation> = tx.all(Statement::dynamic(text), &wanted.args)?;
    Ok(paged(rows, page.size, |one| format!("{}.{}", one.prepared_at.millis(), one.reorganisation_id)))
}

/// What a reorganisation that waits would change as things are now.
///
/// # Errors
/// Those of the store.
pub fn plan_of(tx: &mut Tx, actor: &Actor, found: &Reorganisation) -> Result<Plan> {
    match read_lines(&found.lines) {
        Ok(lines) => plan(tx, actor, found.effective_on, &lines),
        Err(faults) => Ok(Plan { faults, ..Plan::default() }),
    }
}

/// Carries a prepared reorganisation out, or plans it for its day if that has not come; tells which.
///
/// # Errors
/// As [`reorganisation`]; `network.not_waiting`; `network.not_possible` if something is in the way by now.
pub fn confirm(tx: &mut Tx, actor: &Actor, id: ReorganisationId) -> Result<Status> {
    let found = locked(tx, actor, id)?;
    if found.status != Status::Prepared {
        return Err(Error::new(&NOT_WAITING));
    }
    let thought = plan_of(tx, actor, &found)?;
    if !thought.faults.is_empty() {
        return Err(Error::new(&NOT_POSSIBLE));
    }
    if found.effective_on > tx.now().day() {
        set(tx, actor, &found, Status::Planned, "", &[])?;
        return Ok(Status::Planned);
    }
    carry_out::carry_out(tx, actor, &found, &thought)?;
    Ok(Status::Applied)
}

/// Gives up what was not carried out.
///
/// # Errors
/// As [`reorganisation`]; `network.not_waiting`.
pub fn discard(tx: &mut Tx, actor: &Actor, id: ReorganisationId) -> Result<()> {
    let found = locked(tx, actor, id)?;
    if !matches!(found.status, Status::Prepared | Status::Planned) {
        return Err(Error::new(&NOT_WAITING));
    }
    set(tx, actor, &found, Status::Discarded, "", &[])
}

/// Carries out one reorganisation whose day has come; `None` if there is none. One that has become impossible stays planned, its page says why,
/// and the others go on.
///
/// # Errors
/// Those of the store.
pub fn apply_due(tx: &mut Tx) -> Result<Option<ReorganisationId>> {
    let due: Vec<(ReorganisationId,)> = tx.all(
        sql!(
            "SELECT reorganisation_id FROM reorganisation WHERE status = 'planned' AND effective_on <= $1 \
             ORDER BY effective_on, reorganisation_id LIMIT 20"
        ),
        params![tx.now().day()],
    )?;
    for (id,) in due {
        let found = locked(tx, &PLANNED, id)?;
        if found.status != Status::Planned {
            continue;
        }
        let thought = plan_of(tx, &PLANNED, &found)?;
        if thought.faults.is_empty() {
            carry_out::carry_out(tx, &PLANNED, &found, &thought)?;
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether something is due: a look that keeps no writer waiting.
///
/// # Errors
/// Those of the store.
pub fn is_due(tx: &mut Tx) -> Result<bool> {
    let due: Option<(i64,)> = tx.opt(
        sql!("SELECT 1 FROM reorganisation WHERE status = 'planned' AND effective_on <= $1 LIMIT 1"),
        params![tx.now().day()],
    )?;
    Ok(due.is_some())
}

impl Reorganisation {
    /// The roles that were given when it was carried out.
    ///
    /// # Errors
    /// A bug, if they cannot be read.
    pub fn carried(&self) -> Result<Vec<Carried>> {
        serde_json::from_str(&self.carried).map_err(|e| Error::bug("roles cannot be read").caused_by(e))
    }
}

impl Plan {
    /// What the plan changes about organisations, as lines of a history that is not written yet; what is founded comes first.
    #[must_use]
    pub fn changes(&self, of: &Reorganisation) -> Vec<OrgChange> {
        let line = |org_id, before, after: &Standing| OrgChange {
            org_id,
            reorganisation_id: Some(of.reorganisation_id),
            effective_on: of.effective_on,
            before,
            after: after.clone(),
            changed_at: of.prepared_at,
        };
        let founded = self.founded.iter().map(|one| line(one.org_id, None, &one.after));
        let changed = self.changed.iter().map(|one| line(one.org_id, Some(one.before.clone()), &one.after));
        founded.chain(changed).collect()
    }
}

/// What a reorganisation changed about organisations when it was carried out, by time of the change.
///
/// # Errors
/// Those of the store.
pub(crate) fn changes_of(tx: &mut Tx, id: ReorganisationId) -> Result<Vec<OrgChange>> {
    let text = format!(
        "SELECT {} FROM org_change c WHERE reorganisation_id = $1 AND seq = (SELECT min(f.seq) FROM org_change f \
         WHERE f.org_id = c.org_id AND f.reorganisation_id = $1) ORDER BY changed_at, org_id",
        ORG_CHANGE.all_columns()
    );
    let rows: Vec<ChangeRow> = tx.all(Statement::dynamic(text), params![id])?;
    rows.into_iter().map(OrgChange::read).collect()
}

/// Which divisions a reorganisation let be followed by which.
///
/// # Errors
/// Those of the store.
pub(crate) fn followed_of(tx: &mut Tx, id: ReorganisationId) -> Result<Vec<(RegionCode, RegionCode)>> {
    tx.all(
        sql!("SELECT from_code, to_code FROM region_change WHERE reorganisation_id = $1 ORDER BY from_code"),
        params![id],
    )
}

/// Whether the network was ever reorganised.
///
/// # Errors
/// Those of the store.
pub fn was_reorganised(tx: &mut Tx) -> Result<bool> {
    let once: Option<(i64,)> =
        tx.opt(sql!("SELECT 1 FROM reorganisation WHERE status IN ('applied', 'undone') LIMIT 1"), &[])?;
    Ok(once.is_some())
}

/// Reads it so that no other transaction changes the network meanwhile.
fn locked(tx: &mut Tx, actor: &Actor, id: ReorganisationId) -> Result<Reorganisation> {
    if let Some(top) = crate::top_org(tx)? {
        tx.lock("org", "org_id", top.org_id)?;
    }
    reorganisation(tx, actor, id)
}

/// Sets the status, and other columns by SQL in which `$2` is the first of the arguments.
fn set(
    tx: &mut Tx,
    actor: &Actor,
    found: &Reorganisation,
    status: Status,
    others: &str,
    args: &[store::Value],
) -> Result<()> {
    let mut fact = changed(found.reorganisation_id, found.org_id, status);
    let mut params = vec![store::Value::from(status)];
    params.extend_from_slice(args);
    params.push(found.rev.into());
    let set = if others.is_empty() { "status = $1".to_owned() } else { format!("status = $1, {others}") };
    let guard = format!("rev = ${}", params.len());
    fact.update(tx, &REORGANISATION, params![found.reorganisation_id], &set, &guard, &params)?
        .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    fact.emit(tx, actor).map(|_| ())
}
