//! Messages on their way, sealed.

use kernel::{Error, Id, Result, Timestamp};
use seal::{derive, open_box, seal_box};
use store::{Tx, jobs, params, sql};

use crate::Message;

/// Marker for identifiers of messages.
#[derive(Debug)]
pub enum MessageMark {}

/// Kind of the jobs that wait for a worker; their payload is a message's id.
pub(crate) const JOB: &str = "notify.send";

/// Where changes leave their messages. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    key: [u8; 32],
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

/// What a worker finds of a message that it took.
#[derive(Debug)]
pub(crate) enum Taken {
    /// To be sent now.
    Send(Message),
    /// Its life is over, or it has ended already.
    Over,
}

impl Outbox {
    /// With the installation's master key, from which the outbox's own key is derived.
    pub fn new(master: &[u8; 32]) -> Self {
        Self { key: derive(master, "notify.outbox") }
    }

    /// Leaves a message. It is sent after this transaction has been committed, and not after `expires_at`.
    pub fn enqueue(&self, tx: &mut Tx, message: &Message, expires_at: Timestamp) -> Result<Id<MessageMark>> {
        let id: Id<MessageMark> = tx.new_id();
        let plain = serde_json::to_vec(message).map_err(|e| Error::bug("message").caused_by(e))?;
        let sealed = seal_box(&self.key, tx.chance().rng(), id.as_bytes(), &plain);
        tx.exec_later(
            sql!(
                "INSERT INTO outbox (message_id, channel, sealed, state, created_at, expires_at, attempts) \
                 VALUES ($1, 'sms', $2, 'waiting', $3, $4, 0)"
            ),
            params![id, sealed, tx.now(), expires_at],
        )?;
        jobs::enqueue(tx, JOB, &id.to_string(), tx.now())?;
        Ok(id)
    }

    /// Notes that the message is about to be sent, and opens it.
    pub(crate) fn take(&self, tx: &mut Tx, id: Id<MessageMark>) -> Result<Taken> {
        let row: Option<(Option<Vec<u8>>,)> = tx.opt(
            sql!(
                "UPDATE outbox SET state = 'sending', attempts = attempts + 1 \
                 WHERE message_id = $1 AND state IN ('waiting', 'sending') AND expires_at > $2 RETURNING sealed"
            ),
            params![id, tx.now()],
        )?;
        let Some((Some(sealed),)) = row else { return Ok(Taken::Over) };
        let plain = open_box(&self.key, id.as_bytes(), &sealed)
            .map_err(|e| Error::bug(format!("message {id} does not open")).caused_by(e))?;
        serde_json::from_slice(&plain)
            .map(Taken::Send)
            .map_err(|e| Error::bug(format!("message {id} cannot be read")).caused_by(e))
    }
}

/// Ends a message: `sent`, `failed` or `expired`. Its content is wiped.
pub(crate) fn end(tx: &mut Tx, id: Id<MessageMark>, state: &str, reason: Option<&str>) -> Result<()> {
    tx.exec_later(
        sql!(
            "UPDATE outbox SET state = $2, last_error = coalesce($3, last_error), ended_at = $4, sealed = NULL \
             WHERE message_id = $1 AND state IN ('waiting', 'sending')"
        ),
        params![id, state, reason, tx.now()],
    )?;
    Ok(())
}

/// Notes why a message has to wait for another attempt.
pub(crate) fn put_off(tx: &mut Tx, id: Id<MessageMark>, reason: &str) -> Result<()> {
    tx.exec_later(
        sql!(
            "UPDATE outbox SET state = 'waiting', last_error = $2 WHERE message_id = $1 AND state = 'sending'"
        ),
        params![id, reason],
    )?;
    Ok(())
}
