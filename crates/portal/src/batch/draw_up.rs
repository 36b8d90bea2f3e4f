//! Drawing a batch up: every offer is judged, and nothing is changed.
//!
//! The offers are those of this moment: who is added to a list afterwards is in no batch of before. Each judgement names the version that was
//! looked at, and what was changed meanwhile is not touched later.

use std::collections::{BTreeSet, HashMap};

use catalog::{OfferId, OfferStatus, offers_by_ids};
use kernel::{Actor, Error, Id, Org, Result, Right};
use network::access;
use store::{Store, Tx, Value, params, sql};

use super::{BATCH_OFFERS_MAX, BATCH_TOO_LARGE, BatchAction, BatchId, Judged, NOTHING_CHOSEN, unfit};

/// Offers that are judged, or written, at once.
const AT_ONCE: usize = 250;
/// Days for which a batch that was never ordered is kept.
const PREVIEW_DAYS: i32 = 1;

/// Draws a batch up for the person who acts, over these offers; gives its identifier.
///
/// # Errors
/// `kernel.sign_in`; `portal.nothing_chosen`; `portal.batch_too_large`.
pub fn draw_up(store: &Store, actor: &Actor, action: &BatchAction, offers: &[OfferId]) -> Result<BatchId> {
    let person = actor.person().ok_or_else(|| Error::new(&kernel::SIGN_IN))?;
    let mut seen = BTreeSet::new();
    let offers: Vec<OfferId> = offers.iter().copied().filter(|id| seen.insert(*id)).collect();
    if offers.is_empty() {
        return Err(Error::new(&NOTHING_CHOSEN));
    }
    if offers.len() > BATCH_OFFERS_MAX {
        return Err(Error::new(&BATCH_TOO_LARGE).arg("max", BATCH_OFFERS_MAX));
    }
    let (word, value) = (action.word(), action.value());
    let batch: BatchId = store.write_blocking("portal.draw_up", move |tx| {
        let batch: BatchId = tx.new_id();
        tx.exec_later(
            sql!(
                "INSERT INTO offer_batch (batch_id, person_id, action, value, state, made_at) VALUES ($1, $2, $3, $4, 'making', $5)"
            ),
            params![batch, person, word, &value, tx.now()],
        )?;
        Ok(batch)
    })?;
    let mut orgs: BTreeSet<Id<Org>> = BTreeSet::new();
    for (part, some) in offers.chunks(AT_ONCE).enumerate() {
        let (some, actor, action) = (some.to_vec(), actor.clone(), action.clone());
        let judged = store.read_blocking(move |tx| judge(tx, &actor, &action, &some))?;
        orgs.extend(judged.iter().filter_map(|one| one.org_id));
        let rows: Vec<Vec<Value>> = judged
            .into_iter()
            .zip((part * AT_ONCE) as i64..)
            .map(|(one, n)| {
                let state = if one.unfit.is_some() { "unfit" } else { "planned" };
                params![batch, n, one.offer_id, one.org_id, one.rev, state, one.unfit].to_vec()
            })
            .collect();
        store.write_blocking("portal.draw_up", move |tx| {
            let into = "INSERT INTO offer_batch_item (batch_id, n, offer_id, org_id, seen_rev, state, reason) VALUES";
            tx.insert_many(into, &rows)
        })?;
    }
    let orgs: Vec<Vec<Value>> = orgs.into_iter().map(|org| params![batch, org].to_vec()).collect();
    store.write_blocking("portal.draw_up", move |tx| {
        tx.insert_many("INSERT INTO offer_batch_org (batch_id, org_id) VALUES", &orgs)?;
        tx.exec_later(sql!("UPDATE offer_batch SET state = 'preview' WHERE batch_id = $1"), params![batch])
    })?;
    Ok(batch)
}

/// What would become of these offers, in their order. Those of which the actor may not know are as those that are not there.
fn judge(tx: &mut Tx, actor: &Actor, action: &BatchAction, ids: &[OfferId]) -> Result<Vec<Judged>> {
    let offers = offers_by_ids(tx, ids)?;
    let mut rights: HashMap<Id<Org>, bool> = HashMap::new();
    let mut judged = Vec::with_capacity(ids.len());
    for id in ids {
        let missing =
            || Judged { offer_id: *id, org_id: None, rev: 0, unfit: Some(kernel::MISSING.name.to_owned()) };
        let Some(offer) = offers.get(id) else {
            judged.push(missing());
            continue;
        };
        let may = match rights.get(&offer.org_id) {
            Some(may) => *may,
            None => {
                let may = access::may(tx, actor, Right::ManageOffers, offer.org_id)?;
                rights.insert(offer.org_id, may);
                may
            }
        };
        judged.push(match (may, offer.status) {
            (true, _) => Judged {
                offer_id: *id,
                org_id: Some(offer.org_id),
                rev: offer.rev,
                unfit: unfit(action, offer),
            },
            (false, OfferStatus::Published) => {
                Judged { unfit: Some(kernel::DENIED.name.to_owned()), ..missing() }
            }
            (false, _) => missing(),
        });
    }
    Ok(judged)
}

/// Throws away batches that were drawn up and never ordered; gives their number.
///
/// # Errors
/// Those of the store; what was thrown away before stays so.
pub fn sweep_batches(store: &Store) -> Result<u64> {
    let before = store.clock().now().day().plus(-PREVIEW_DAYS).start();
    let old: Vec<(BatchId,)> = store.read_blocking(move |tx| {
        tx.all(
            sql!("SELECT batch_id FROM offer_batch WHERE state IN ('making', 'preview') AND made_at < $1 ORDER BY batch_id LIMIT 500"),
            params![before],
        )
    })?;
    let mut gone = 0;
    for (batch,) in old {
        gone += store.write_blocking("portal.sweep_batches", move |tx| {
            tx.lock("offer_batch", "batch_id", batch)?;
            let gone = tx.exec(
                sql!("DELETE FROM offer_batch WHERE batch_id = $1 AND state IN ('making', 'preview')"),
                params![batch],
            )?;
            if gone > 0 {
                tx.exec_later(sql!("DELETE FROM offer_batch_item WHERE batch_id = $1"), params![batch])?;
                tx.exec_later(sql!("DELETE FROM offer_batch_org WHERE batch_id = $1"), params![batch])?;
            }
            Ok(gone)
        })?;
    }
    Ok(gone)
}
