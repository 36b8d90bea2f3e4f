//! Commands that are done once, however often they are sent.

use kernel::{Actor, Error, Result, Timestamp};
use seal::sha256;
use serde::{Serialize, de::DeserializeOwned};
use store::{Store, Tx, params, sql};

kernel::codes! {
    /// The same command key was used before with another content.
    pub KEY_REUSED = Conflict "journal.key_reused";
}

/// Does a command unless the same actor sent it before under the same key; then gives the answer of that time.
///
/// A key with another body is refused with `journal.key_reused`. Refusals are not remembered: they may be tried again.
pub fn once<B: Serialize, A: Serialize + DeserializeOwned>(
    tx: &mut Tx,
    actor: &Actor,
    key: &str,
    body: &B,
    work: impl FnOnce(&mut Tx) -> Result<A>,
) -> Result<A> {
    let body = serde_json::to_vec(body).map_err(|e| Error::bug("command body").caused_by(e))?;
    let digest = sha256(&body).to_vec();
    let actor = actor.label();
    let known: Option<(Vec<u8>, String)> = tx.opt(
        sql!("SELECT digest, answer FROM command WHERE actor = $1 AND key = $2"),
        params![&actor, key],
    )?;
    if let Some((known, answer)) = known {
        if known != digest {
            return Err(Error::new(&KEY_REUSED));
        }
        return serde_json::from_str(&answer).map_err(|e| Error::bug("command answer").caused_by(e));
    }
    let answer = work(tx)?;
    let text = serde_json::to_string(&answer).map_err(|e| Error::bug("command answer").caused_by(e))?;
    // Two processes that run the same command at once meet in the primary key: the second rolls back and, when it is
    // sent again, finds the first one's answer.
    tx.exec_later(
        sql!("INSERT INTO command (actor, key, digest, answer, at) VALUES ($1, $2, $3, $4, $5)"),
        params![actor, key, digest, text, tx.now()],
    )?;
    Ok(answer)
}

/// Answers that one transaction forgets.
const FORGET_AT_ONCE: usize = 500;

/// Forgets the answers to commands of before this moment; tells how many. Who sends one of them again does it anew. The answers are looked
/// for without keeping writers waiting, and go in small steps.
///
/// # Errors
/// Those of the store; what was forgotten before stays so.
pub fn forget_answers(store: &Store, before: Timestamp) -> Result<u64> {
    let old: Vec<(String, String)> = store.read_blocking(move |tx| {
        tx.all(sql!("SELECT actor, key FROM command WHERE at < $1"), params![before])
    })?;
    let mut forgotten = 0;
    for some in old.chunks(FORGET_AT_ONCE) {
        let some = some.to_vec();
        forgotten += store.write_blocking("journal.forget_answers", move |tx| {
            some.iter().try_fold(0, |count, (actor, key)| {
                let text = sql!("DELETE FROM command WHERE actor = $1 AND key = $2 AND at < $3");
                Ok(count + tx.exec(text, params![actor, key, before])?)
            })
        })?;
    }
    Ok(forgotten)
}
