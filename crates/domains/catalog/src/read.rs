//! Looking subjects and offers up.

use std::collections::HashMap;

use kernel::{Actor, Error, Id, Org, PageRequest, Paged, Result, Right};
use network::{contains, paged};
use store::{Statement, Tx, Value, params, sql};

use crate::{OFFER, Offer, OfferId, OfferKind, OfferStatus, SUBJECT, Subject};

/// Which offers of a list are wanted. The default is all.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Only those that stand so.
    pub status: Option<OfferStatus>,
    /// Only of this kind.
    pub kind: Option<OfferKind>,
    /// Only whose title contains this; empty for all.
    pub search: String,
}

/// An offer, whatever its status; who shows it decides who may see a draft.
pub fn offer(tx: &mut Tx, offer_id: OfferId) -> Result<Option<Offer>> {
    let home: Option<(Id<Org>,)> =
        tx.opt(sql!("SELECT org_id FROM offer_directory WHERE offer_id = $1"), params![offer_id])?;
    let Some((org_id,)) = home else { return Ok(None) };
    let text = format!("SELECT {} FROM offer WHERE org_id = $1 AND offer_id = $2", OFFER.all_columns());
    tx.opt(Statement::dynamic(text), params![org_id, offer_id])
}

/// An offer for who may manage it. An offer that everybody finds is refused with `kernel.denied`; whether there is any other one is nobody
/// else's business, so it is answered as one that does not exist.
///
/// # Errors
/// `kernel.missing`, `kernel.denied`, `kernel.sign_in`.
pub fn managed_offer(tx: &mut Tx, actor: &Actor, offer_id: OfferId) -> Result<Offer> {
    let found = offer(tx, offer_id)?.ok_or_else(Error::missing)?;
    match network::access::require(tx, actor, Right::ManageOffers, found.org_id) {
        Err(error) if error.kind() == kernel::Kind::Denied && found.status != OfferStatus::Published => {
            Err(Error::missing())
        }
        answer => answer.map(|()| found),
    }
}

/// Several offers by their identifiers.
pub fn offers_by_ids(tx: &mut Tx, ids: &[OfferId]) -> Result<HashMap<OfferId, Offer>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(100) {
        let marks: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
        let columns = OFFER.all_columns().replace(", ", ", o.");
        let text = format!(
            "SELECT o.{columns} FROM offer_directory d JOIN offer o ON o.org_id = d.org_id AND o.offer_id = d.offer_id \
             WHERE d.offer_id IN ({})",
            marks.join(", ")
        );
        let keys: Vec<Value> = chunk.iter().map(Value::from).collect();
        let offers: Vec<Offer> = tx.all(Statement::dynamic(text), &keys)?;
        found.extend(offers.into_iter().map(|offer| (offer.offer_id, offer)));
    }
    Ok(found)
}

/// The offers of one organisation (not of those below it), the newest first.
pub fn offers_of_org(
    tx: &mut Tx,
    org_id: Id<Org>,
    page: &PageRequest,
    filter: &OfferFilter,
) -> Result<Paged<Offer>> {
    let mut args: Vec<Value> = vec![org_id.into()];
    let mut conditions = vec!["org_id = $1".to_owned()];
    let mut add = |condition: &str, value: Value| {
        args.push(value);
        conditions.push(condition.replace('?', &format!("${}", args.len())));
    };
    if let Some(status) = filter.status {
        add("status = ?", status.into());
    }
    if let Some(kind) = filter.kind {
        add("kind = ?", kind.into());
    }
    if !filter.search.trim().is_empty() {
        add("title LIKE ? ESCAPE '!'", contains(filter.search.trim()).into());
    }
    if let Some(after) = &page.after {
        // Identifiers are ordered by time.
        add("offer_id < ?", after.into());
    }
    let text = format!(
        "SELECT {} FROM offer WHERE {} ORDER BY offer_id DESC LIMIT {}",
        OFFER.all_columns(),
        conditions.join(" AND "),
        page.size + 1
    );
    let rows: Vec<Offer> = tx.all(Statement::dynamic(text), &args)?;
    Ok(paged(rows, page.size, |offer| offer.offer_id.to_string()))
}

/// How many offers of an organisation stand how.
pub fn counts_by_status(tx: &mut Tx, org_id: Id<Org>) -> Result<HashMap<OfferStatus, i64>> {
    let rows: Vec<(OfferStatus, i64)> = tx
        .all(sql!("SELECT status, count(*) FROM offer WHERE org_id = $1 GROUP BY status"), params![org_id])?;
    Ok(rows.into_iter().collect())
}

/// The published offers of an organisation.
pub fn published_of_org(tx: &mut Tx, org_id: Id<Org>) -> Result<Vec<OfferId>> {
    let ids: Vec<(OfferId,)> = tx.all(
        sql!("SELECT offer_id FROM offer WHERE org_id = $1 AND status = 'published' ORDER BY offer_id"),
        params![org_id],
    )?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// How many published offers each of these organisations has; those without any are left out.
pub fn published_counts(tx: &mut Tx, orgs: &[Id<Org>]) -> Result<HashMap<Id<Org>, i64>> {
    let mut counts = HashMap::with_capacity(orgs.len());
    for part in orgs.chunks(100) {
        let marks: Vec<String> = (1..=part.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT org_id, count(*) FROM offer_line WHERE org_id IN ({}) AND status = 'published' GROUP BY org_id",
            marks.join(", ")
        );
        let args: Vec<Value> = part.iter().map(Value::from).collect();
        let rows: Vec<(Id<Org>, i64)> = tx.all(Statement::dynamic(text), &args)?;
        counts.extend(rows);
    }
    Ok(counts)
}

/// Published offers after an identifier, all organisations, in the order of identifiers: for indexes that are rebuilt.
pub fn published_after(tx: &mut Tx, after: Option<OfferId>, limit: usize) -> Result<Vec<Offer>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let text = format!(
        "SELECT {} FROM offer WHERE status = 'published' AND offer_id > $1 ORDER BY offer_id LIMIT {limit}",
        OFFER.all_columns()
    );
    tx.all(Statement::dynamic(text), params![after])
}

/// All subjects, each field before its subjects.
pub fn subjects(tx: &mut Tx) -> Result<Vec<Subject>> {
    tx.all(Statement::dynamic(format!("SELECT {} FROM subject ORDER BY code", SUBJECT.all_columns())), &[])
}

/// A subject.
pub fn subject(tx: &mut Tx, code: &str) -> Result<Option<Subject>> {
    tx.opt(
        Statement::dynamic(format!("SELECT {} FROM subject WHERE code = $1", SUBJECT.all_columns())),
        params![code],
    )
}

/// A subject and the field around it, the field first; empty if there is no such subject.
pub fn subject_path(tx: &mut Tx, code: &str) -> Result<Vec<Subject>> {
    let Some(found) = subject(tx, code)? else { return Ok(Vec::new()) };
    let field = found.parent.as_deref().map(|parent| subject(tx, parent)).transpose()?.flatten();
    Ok(field.into_iter().chain([found]).collect())
}
