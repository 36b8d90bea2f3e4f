//! Ordering a batch, going through it, and undoing it.

use catalog::{
    EditOffer, OfferId, OfferStatus, OfferWas, PutBack, edit_offer, managed_offer, publish_offer, put_back,
    withdraw_offer,
};
use journal::Fact;
use kernel::{Actor, Error, Id, Kind, Person, Result};
use store::{Tx, jobs, params, sql};

use super::{
    BATCH_IDLE, BATCH_OLD, BATCH_ORDER, BATCH_ORDERED, BATCH_STAGE, BATCH_UNDONE, Batch, BatchAction,
    BatchId, BatchTold, HAS_CLASSES, Stage,
    read::{batch, see_batch},
    reason,
    worker::JOB,
};

/// Offers that one transaction changes: it ends within some milliseconds.
const AT_ONCE: i64 = 16;

/// Orders a batch: from now on its offers are changed. Only who drew it up does it; done twice it is ordered once. Gives the number of
/// offers that are to be changed.
///
/// # Errors
/// `kernel.missing`; `portal.batch_idle` if no offer would be changed; `portal.batch_stage` while it is still drawn up.
pub fn order_batch(tx: &mut Tx, actor: &Actor, id: BatchId) -> Result<i64> {
    let person = actor.person().ok_or_else(|| Error::new(&kernel::SIGN_IN))?;
    tx.lock("offer_batch", "batch_id", id)?;
    let known = batch(tx, id)?.filter(|known| known.person_id == person).ok_or_else(Error::missing)?;
    let offers = planned(tx, id)?;
    match known.state {
        Stage::Preview => {}
        Stage::Making => return Err(Error::new(&BATCH_STAGE)),
        _ => return Ok(offers),
    }
    if offers == 0 {
        return Err(Error::new(&BATCH_IDLE));
    }
    let mut fact = Fact::new(BATCH_ORDERED, id).payload(&told(&known, offers));
    let none = (None::<Id<Person>>, None::<kernel::Timestamp>);
    let row = params![id, person, &known.action, &known.value, offers, tx.now(), none.0, none.1];
    fact.insert(tx, &BATCH_ORDER, row.to_vec())?;
    tx.exec_later(sql!("UPDATE offer_batch SET state = 'running' WHERE batch_id = $1"), params![id])?;
    jobs::enqueue(tx, JOB, &id.to_string(), tx.now())?;
    fact.emit(tx, actor)?;
    Ok(offers)
}

/// Lets a batch be undone: what nobody changed since is put back. Gives the number of offers that it had changed.
///
/// # Errors
/// `kernel.missing` if the actor does not see it; `portal.batch_stage` if it is not done; `portal.batch_old` after seven days.
pub fn undo_batch(tx: &mut Tx, actor: &Actor, id: BatchId) -> Result<i64> {
    let person = actor.person().ok_or_else(|| Error::new(&kernel::SIGN_IN))?;
    tx.lock("offer_batch", "batch_id", id)?;
    let known = see_batch(tx, actor, id)?;
    let (offers,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM offer_batch_item WHERE batch_id = $1 AND state = 'done'"),
        params![id],
    )?;
    match known.state {
        Stage::Undoing | Stage::Undone => return Ok(offers),
        Stage::Done => {}
        _ => return Err(Error::new(&BATCH_STAGE)),
    }
    let now = tx.now();
    if known.undo_until().is_none_or(|until| now > until) {
        return Err(Error::new(&BATCH_OLD));
    }
    let mut fact = Fact::new(BATCH_UNDONE, id).payload(&told(&known, offers));
    fact.update(tx, &BATCH_ORDER, params![id], "undone_by = $1, undone_at = $2", "", params![person, now])?
        .ok_or_else(|| Error::bug("a batch was done without an order"))?;
    tx.exec_later(
        sql!("UPDATE offer_batch SET state = 'undoing', undone_by = $2 WHERE batch_id = $1"),
        params![id, person],
    )?;
    jobs::enqueue(tx, JOB, &id.to_string(), now)?;
    fact.emit(tx, actor)?;
    Ok(offers)
}

fn told(batch: &Batch, offers: i64) -> BatchTold {
    BatchTold { batch_id: batch.batch_id, action: batch.action.clone(), offers }
}

fn planned(tx: &mut Tx, id: BatchId) -> Result<i64> {
    let (offers,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM offer_batch_item WHERE batch_id = $1 AND state = 'planned'"),
        params![id],
    )?;
    Ok(offers)
}

/// An offer whose turn it is.
type Turn = (i64, OfferId, i64, Option<String>, Option<i64>);

/// Goes on with a batch by some offers; `false` when there is nothing left to do. What became of each offer is noted in the transaction that
/// changes it, under the lock of the batch: however many go on with it, each offer has its turn once.
///
/// # Errors
/// Those of the store. A refusal of a command is noted with its offer.
pub fn step(tx: &mut Tx, id: BatchId) -> Result<bool> {
    tx.lock("offer_batch", "batch_id", id)?;
    let Some(known) = batch(tx, id)? else { return Ok(false) };
    let (person, from) = match known.state {
        Stage::Running => (known.person_id, "planned"),
        Stage::Undoing => (known.undone_by.ok_or_else(|| Error::bug("nobody undid it"))?, "done"),
        _ => return Ok(false),
    };
    // The rights of now: who lost them since goes no further.
    let today = tx.now().day();
    let actor = Actor::Person { id: person, grants: people::grants(tx, person, today)? };
    let turns: Vec<Turn> = tx.all(
        sql!(
            "SELECT n, offer_id, seen_rev, was, rev_after FROM offer_batch_item WHERE batch_id = $1 AND state = $2 \
             ORDER BY n LIMIT $3"
        ),
        params![id, from, AT_ONCE],
    )?;
    let action = known.doing()?;
    for (n, offer, seen, was, after) in &turns {
        if known.state == Stage::Running {
            change(tx, &actor, &action, id, *n, *offer, *seen)?;
        } else {
            let left = was.as_deref().zip(*after);
            let (was, rev) = left.ok_or_else(|| Error::bug("a changed offer without what it was"))?;
            restore(tx, &actor, id, *n, *offer, was, rev)?;
        }
    }
    if (turns.len() as i64) < AT_ONCE {
        let now = tx.now();
        match known.state {
            Stage::Running => tx.exec_later(
                sql!("UPDATE offer_batch SET state = 'done', ended_at = $2 WHERE batch_id = $1"),
                params![id, now],
            )?,
            _ => tx.exec_later(
                sql!("UPDATE offer_batch SET state = 'undone' WHERE batch_id = $1"),
                params![id],
            )?,
        }
        return Ok(false);
    }
    Ok(true)
}

/// Changes one offer and notes what became of it.
fn change(
    tx: &mut Tx,
    actor: &Actor,
    action: &BatchAction,
    batch: BatchId,
    n: i64,
    offer: OfferId,
    seen: i64,
) -> Result<()> {
    match apply(tx, actor, action, offer, seen) {
        Ok(was) => {
            let was = serde_json::to_string(&was).map_err(|e| Error::bug("an offer").caused_by(e))?;
            tx.exec_later(
                sql!(
                    "UPDATE offer_batch_item SET state = 'done', was = $3, rev_after = $4 WHERE batch_id = $1 AND n = $2"
                ),
                params![batch, n, was, seen + 1],
            )
        }
        Err(error) => note(tx, batch, n, "refused", error),
    }
}

/// Puts one offer back and notes what became of it.
fn restore(
    tx: &mut Tx,
    actor: &Actor,
    batch: BatchId,
    n: i64,
    offer: OfferId,
    was: &str,
    rev: i64,
) -> Result<()> {
    let was: OfferWas =
        serde_json::from_str(was).map_err(|e| Error::bug("what an offer was cannot be read").caused_by(e))?;
    match undo(tx, actor, &PutBack { offer_id: offer, rev, was }) {
        Ok(()) => tx.exec_later(
            sql!("UPDATE offer_batch_item SET state = 'undone' WHERE batch_id = $1 AND n = $2"),
            params![batch, n],
        ),
        Err(error) => note(tx, batch, n, "kept", error),
    }
}

/// Notes a refusal. What is no refusal ends the transaction, and is tried again.
fn note(tx: &mut Tx, batch: BatchId, n: i64, state: &str, error: Error) -> Result<()> {
    if tx.is_broken() || matches!(error.kind(), Kind::Bug | Kind::Unavailable) {
        return Err(error);
    }
    tx.exec_later(
        sql!("UPDATE offer_batch_item SET state = $3, reason = $4 WHERE batch_id = $1 AND n = $2"),
        params![batch, n, state, reason(&error)],
    )
}

/// Does to one offer what the batch does, by the command of its own page; gives what it was.
fn apply(tx: &mut Tx, actor: &Actor, action: &BatchAction, offer: OfferId, seen: i64) -> Result<OfferWas> {
    let known = managed_offer(tx, actor, offer)?;
    if known.rev != seen {
        return Err(Error::new(&kernel::CHANGED));
    }
    let was = OfferWas::from(&known);
    match action {
        BatchAction::Publish => publish_offer(tx, actor, offer)?,
        BatchAction::Withdraw => withdraw_offer(tx, actor, offer)?,
        _ => {
            let words = action.applied(&was).words;
            edit_offer(tx, actor, &EditOffer { offer_id: offer, rev: seen, words })?;
        }
    }
    Ok(was)
}

fn undo(tx: &mut Tx, actor: &Actor, cmd: &PutBack) -> Result<()> {
    let known = managed_offer(tx, actor, cmd.offer_id)?;
    if known.rev != cmd.rev {
        return Err(Error::new(&kernel::CHANGED));
    }
    if cmd.was.status == OfferStatus::Draft && known.status != OfferStatus::Draft {
        let class: Option<(i64,)> = tx.opt(
            sql!("SELECT 1 FROM class WHERE org_id = $1 AND offer_id = $2 LIMIT 1"),
            params![known.org_id, cmd.offer_id],
        )?;
        if class.is_some() {
            return Err(Error::new(&HAS_CLASSES));
        }
    }
    put_back(tx, actor, cmd)
}
