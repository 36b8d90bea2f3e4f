//! Reminding 催报: all silent places at once, by a button or by the program before the last day.
//!
//! The order is one fact; telling the places is work of a job, some at a time. A place is told once for each order, however often the job is begun
//! anew: the mark on its row moves in the transaction that leaves the messages.

use std::collections::BTreeSet;

use journal::Fact;
use kernel::{Actor, Day, Error, Id, Lang, Org, Person, Result, Timestamp};
use people::{Vault, staff_of, tell_words};
use serde::{Deserialize, Serialize};
use store::{Tx, jobs, params, sql};

use crate::{
    end_notice::NOT_OPEN,
    facts::{self, NoticeSent, NoticeTold},
    model::{NOTICE, Notice, NoticeId, RECIPIENT, notice, read, written},
    reach::{RIGHT, officered},
};

kernel::codes! {
    /// All silent places were reminded less than twelve hours ago.
    pub REMINDED_LATELY = Conflict "notices.reminded_lately";
    /// Every place has answered.
    pub NOBODY_SILENT = Conflict "notices.nobody_silent";
}

/// Hours between two reminders of one notice.
pub const REMIND_HOURS: i64 = 12;
/// Kind of the jobs that tell the places of an order.
pub(crate) const TELL: &str = "notices.tell";
/// Kind of the jobs that order a reminder before the last day.
pub(crate) const PROMPT: &str = "notices.prompt";
/// Places that are told in one transaction.
const TOLD_AT_ONCE: i64 = 10;
/// People of one place that are told.
const STAFF_MAX: usize = 10;
/// Longest title in a message, in characters.
const TITLE_CHARS: usize = 30;
/// When the program reminds: so many days before the last one, so many minutes after midnight.
const PROMPTS: [(i32, i64); 2] = [(2, 9 * 60), (0, 8 * 60 + 30)];
/// The program, when nobody pressed the button.
const PROMPTER: Actor = Actor::System("notices.prompt");

/// An order to tell all silent places.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Round {
    notice_id: NoticeId,
    /// When it was given.
    at: Timestamp,
}

/// A reminder that was planned for a last day; it lapses when that moves.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Prompt {
    notice_id: NoticeId,
    due_on: Day,
}

/// Places that have not answered.
///
/// # Errors
/// Those of the store.
fn silent(tx: &mut Tx, id: NoticeId) -> Result<i64> {
    let (count,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM notice_recipient WHERE notice_id = $1 AND state <> 'done'"),
        params![id],
    )?;
    Ok(count)
}

/// Reminds all silent places, leaves `notices.reminding.v1` and a job that tells them; gives their number.
///
/// # Errors
/// `kernel.missing`; `notices.not_open`; `notices.nobody_silent`; `notices.reminded_lately` within [`REMIND_HOURS`] after the last.
pub fn remind_silent(tx: &mut Tx, actor: &Actor, id: NoticeId) -> Result<i64> {
    let found = officered(tx, actor, id)?;
    if !found.is_open() {
        return Err(Error::new(&NOT_OPEN));
    }
    let count = silent(tx, id)?;
    if count == 0 {
        return Err(Error::new(&NOBODY_SILENT));
    }
    let now = tx.now();
    let lately = |at: Timestamp| {
        let again = at.plus_minutes(REMIND_HOURS * 60).minute_text();
        Error::new(&REMINDED_LATELY)
            .arg("hours", REMIND_HOURS)
            .arg("at", at.minute_text())
            .arg("again", again)
    };
    let before = now.plus_minutes(-REMIND_HOURS * 60);
    if let Some(at) = found.reminded_at.filter(|at| *at > before) {
        return Err(lately(at));
    }
    let mut fact = Fact::new(facts::REMINDING, id).at(found.org_id).payload(&NoticeTold { notice_id: id });
    let ordered = fact.update(
        tx,
        &NOTICE,
        params![id],
        "reminded_at = $1",
        "status = 'sent' AND (reminded_at IS NULL OR reminded_at <= $2)",
        params![now, before],
    )?;
    // Two buttons pressed at once: the other one was faster.
    if ordered.is_none() {
        return Err(lately(now));
    }
    fact.emit(tx, actor)?;
    jobs::enqueue(tx, TELL, &written(&Round { notice_id: id, at: now })?, now)?;
    Ok(count)
}

/// Plans what the program reminds of before a last day; what lies behind already is left out.
pub(crate) fn plan_reminders(tx: &mut Tx, id: NoticeId, due_on: Option<Day>) -> Result<()> {
    let Some(due_on) = due_on else { return Ok(()) };
    let payload = written(&Prompt { notice_id: id, due_on })?;
    for (days, minutes) in PROMPTS {
        let moment = due_on.plus(-days).at(minutes);
        if moment > tx.now() {
            jobs::enqueue(tx, PROMPT, &payload, moment)?;
        }
    }
    Ok(())
}

/// Orders a planned reminder, unless the last day has moved, nobody is silent, or they were reminded lately.
pub(crate) fn prompt(tx: &mut Tx, payload: &str) -> Result<()> {
    let planned: Prompt = read(payload)?;
    let Some(found) = notice(tx, planned.notice_id)? else { return Ok(()) };
    if found.due_on != Some(planned.due_on) {
        return Ok(());
    }
    match remind_silent(tx, &PROMPTER, planned.notice_id) {
        Err(error) if [&NOT_OPEN, &NOBODY_SILENT, &REMINDED_LATELY].iter().any(|code| error.is(code)) => {
            Ok(())
        }
        done => done.map(drop),
    }
}

/// Tells the next silent places of an order; `false` when all were told.
pub(crate) fn tell_some(tx: &mut Tx, vault: &Vault, base_url: &str, payload: &str) -> Result<bool> {
    let round: Round = read(payload)?;
    let Some(found) = notice(tx, round.notice_id)?.filter(Notice::is_open) else { return Ok(false) };
    let places: Vec<(Id<Org>, String)> = tx.all(
        sql!(
            "SELECT r.org_id, o.name FROM notice_recipient r JOIN org o ON o.org_id = r.org_id WHERE r.notice_id = $1 \
             AND r.state <> 'done' AND (r.reminded_at IS NULL OR r.reminded_at < $2) ORDER BY r.org_id LIMIT $3"
        ),
        params![round.notice_id, round.at, TOLD_AT_ONCE],
    )?;
    if places.is_empty() {
        return Ok(false);
    }
    let sender = network::org(tx, found.org_id)?.map_or_else(String::new, |org| org.name);
    let count = i64::try_from(places.len()).unwrap_or(i64::MAX);
    let told = NoticeSent { notice_id: found.notice_id, places: count };
    let mut fact = Fact::new(facts::REMINDED, found.notice_id).at(found.org_id).payload(&told);
    let mut any = false;
    for (org, name) in &places {
        // The moment of the order, not of the telling, so that this order tells nobody twice.
        let marked = fact.update(
            tx,
            &RECIPIENT,
            params![found.notice_id, org],
            "reminded_at = $1, reminders = reminders + 1",
            "state <> 'done' AND (reminded_at IS NULL OR reminded_at < $1)",
            params![round.at],
        )?;
        if marked.is_none() {
            continue;
        }
        any = true;
        for person in staff(tx, *org)? {
            tell_words(tx, vault, person, words(&found, &sender, name, base_url))?;
        }
    }
    if any {
        fact.emit(tx, &PROMPTER)?;
    }
    Ok(true)
}

/// Who answers for a place: those who hold the right at it.
fn staff(tx: &mut Tx, org: Id<Org>) -> Result<Vec<Id<Person>>> {
    let today = tx.now().day();
    let held = staff_of(tx, org, today)?;
    let people: BTreeSet<Id<Person>> = held
        .into_iter()
        .filter(|(_, role)| role.rights().contains(&RIGHT))
        .map(|(person, _)| person)
        .collect();
    Ok(people.into_iter().take(STAFF_MAX).collect())
}

/// The message, in the first language of the city: who works at a place has told none.
fn words(notice: &Notice, sender: &str, place: &str, base_url: &str) -> String {
    let cut: String = notice.title.chars().take(TITLE_CHARS).collect();
    let title = if cut.len() < notice.title.len() { format!("{cut}…") } else { cut };
    let page = format!("{}/desk/notices", base_url.trim_end_matches('/'));
    match notice.due_on {
        Some(due) => web::i18n::say(
            Lang::Zh,
            "notices-sms-due",
            &[
                ("sender", &sender),
                ("title", &title),
                ("place", &place),
                ("due", &due.to_string()),
                ("page", &page),
            ],
        ),
        None => web::i18n::say(
            Lang::Zh,
            "notices-sms",
            &[("sender", &sender), ("title", &title), ("place", &place), ("page", &page)],
        ),
    }
}
