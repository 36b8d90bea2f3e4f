//! Reactor: a completion becomes a certificate, once.
//!
//! Three things keep it single: the cursor moves in the same transaction, the fact's id derives from the completion's fact, and a
//! person has one credential for a completion. The credential's own id is random, because it is the address that lets others see it.

use journal::{Consumer, Fact, Recorded};
use kernel::{Actor, Error, Result, Timestamp};
use learning::facts::{COMPLETED, Completed};
use store::{Tx, params, sql};

use crate::{
    CREDENTIAL, CredentialId, Serial,
    facts::{ISSUED, Issued},
    model::{Kind, Status},
};

/// Name of the reactor, and of the actor in its facts.
pub const REACTOR: &str = "credentials.certificate";

/// Issues a certificate for each completion.
pub struct Certificate;

impl Consumer for Certificate {
    fn name(&self) -> &'static str {
        REACTOR
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        for fact in facts.iter().filter(|fact| fact.kind == COMPLETED) {
            issue(tx, fact, &fact.payload()?)?;
        }
        Ok(())
    }
}

fn issue(tx: &mut Tx, cause: &Recorded, done: &Completed) -> Result<()> {
    let known: Option<(i64,)> = tx.opt(
        sql!("SELECT 1 FROM credential WHERE person_id = $1 AND completion_id = $2"),
        params![done.person_id, done.completion_id],
    )?;
    if known.is_some() {
        return Ok(());
    }
    let credential_id: CredentialId = tx.random_id();
    let issued_at = cause.recorded_at;
    let serial = free_serial(tx, credential_id, issued_at)?;
    // A completion at an organisation that was never founded cannot happen; if it did, the certificate would still be due.
    let org_name = network::org(tx, done.org_id)?.map(|org| org.name).unwrap_or_default();
    let payload = Issued {
        credential_id,
        person_id: done.person_id,
        org_id: done.org_id,
        class_id: done.class_id,
        offer_id: done.offer_id,
        minutes: done.minutes,
    };
    let mut fact = Fact::new(ISSUED, done.person_id)
        .derived(REACTOR, cause)
        .at(done.org_id)
        .occurred(issued_at)
        .payload(&payload);
    let row = params![
        done.person_id,
        credential_id,
        Kind::Completion,
        done.org_id,
        org_name,
        done.class_id,
        done.offer_id,
        done.completion_id,
        &done.title,
        done.minutes,
        done.attended,
        done.planned,
        &serial,
        issued_at,
        Status::Valid,
        None::<String>,
        None::<Timestamp>
    ];
    fact.insert(tx, &CREDENTIAL, row.to_vec())?;
    fact.emit(tx, &Actor::System(REACTOR))?;
    tx.exec_later(
        sql!("INSERT INTO credential_directory (credential_id, person_id) VALUES ($1, $2)"),
        params![credential_id, done.person_id],
    )?;
    tx.exec_later(
        sql!("INSERT INTO credential_serial (serial, credential_id, person_id) VALUES ($1, $2, $3)"),
        params![&serial, credential_id, done.person_id],
    )?;
    Ok(())
}

/// 31⁸ numbers a year: a taken one is rare, two in a row never seen.
fn free_serial(tx: &mut Tx, id: CredentialId, issued_at: Timestamp) -> Result<Serial> {
    for attempt in 0..20 {
        let serial = Serial::of(id, issued_at, attempt);
        let taken: Option<(i64,)> =
            tx.opt(sql!("SELECT 1 FROM credential_serial WHERE serial = $1"), params![&serial])?;
        if taken.is_none() {
            return Ok(serial);
        }
    }
    Err(Error::bug("no free serial number"))
}
