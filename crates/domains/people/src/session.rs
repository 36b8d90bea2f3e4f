//! Who is signed in where.
//!
//! A session lasts thirty days on a resident's device. It does not last longer than twelve hours while the person holds any role:
//! a desk is often a shared machine.

use kernel::{Id, Person, Result, Timestamp};
use seal::{new_token, token_hash};
use store::{Tx, params, sql};

use crate::{
    Vault,
    read::{grants, name},
};

/// Minutes that a resident's session lasts.
const RESIDENT_MINUTES: i64 = 30 * 24 * 60;
/// Minutes that a session of somebody with a role lasts.
const STAFF_MINUTES: i64 = 12 * 60;

/// Marker for identifiers of sessions, as their list shows them.
#[derive(Debug)]
pub enum SessionMark {}

/// A session that was begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// For the cookie; only its hash is stored.
    pub token: String,
    /// Seconds that it lasts.
    pub seconds: i64,
}

/// Begins a session. `device` is what the list of sessions shows, such as `Android · Chrome`; longer texts are cut at 60 characters.
pub fn open_session(tx: &mut Tx, person: Id<Person>, device: &str) -> Result<Opened> {
    let token = new_token(tx.chance().rng());
    let now = tx.now();
    let staff = !grants(tx, person, now.day())?.is_empty();
    let minutes = if staff { STAFF_MINUTES } else { RESIDENT_MINUTES };
    let device: String = device.chars().filter(|c| !c.is_control()).take(60).collect();
    let session: Id<SessionMark> = tx.random_id();
    tx.exec_later(
        sql!(
            "INSERT INTO web_session (token_hash, session_id, person_id, device, opened_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![token_hash(&token), session, person, device, now, now.plus_minutes(minutes)],
    )?;
    Ok(Opened { token, seconds: minutes * 60 })
}

/// Ends the session with this token, if there is one.
pub fn close_session(tx: &mut Tx, token: &str) -> Result<()> {
    tx.exec_later(sql!("DELETE FROM web_session WHERE token_hash = $1"), params![token_hash(token)])?;
    Ok(())
}

/// Ends one of a person's sessions; false if she has no such one.
pub fn revoke_session(tx: &mut Tx, person: Id<Person>, session: Id<SessionMark>) -> Result<bool> {
    let ended = tx.exec(
        sql!("DELETE FROM web_session WHERE person_id = $1 AND session_id = $2"),
        params![person, session],
    )?;
    Ok(ended > 0)
}

/// Ends all of a person's sessions but the one with this token; tells how many.
pub fn revoke_other_sessions(tx: &mut Tx, person: Id<Person>, token: &str) -> Result<u64> {
    tx.exec(
        sql!("DELETE FROM web_session WHERE person_id = $1 AND token_hash <> $2"),
        params![person, token_hash(token)],
    )
}

/// One line of the list of a person's sessions.
#[derive(Debug, Clone)]
pub struct SessionLine {
    /// To end it by.
    pub id: Id<SessionMark>,
    /// On what it was begun.
    pub device: String,
    /// When it was begun.
    pub opened_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

store::row! {
    struct SessionRow {
        id: Id<SessionMark>,
        device: String,
        opened_at: Timestamp,
        expires_at: Timestamp,
        token_hash: Vec<u8>,
    }
}

/// A person's living sessions, the newest first, at most 100. `token` marks the one that asks.
pub fn sessions_of(tx: &mut Tx, person: Id<Person>, token: &str) -> Result<Vec<SessionLine>> {
    let rows: Vec<SessionRow> = tx.all(
        sql!(
            "SELECT session_id, device, opened_at, expires_at, token_hash FROM web_session \
             WHERE person_id = $1 AND expires_at > $2 ORDER BY opened_at DESC, session_id LIMIT 100"
        ),
        params![person, tx.now()],
    )?;
    let own = token_hash(token);
    let line = |row: SessionRow| SessionLine {
        id: row.id,
        device: row.device,
        opened_at: row.opened_at,
        expires_at: row.expires_at,
        current: row.token_hash == own,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Answers the shell's question whose session a cookie is.
pub struct WebSessions(pub std::sync::Arc<Vault>);

impl web::Sessions for WebSessions {
    fn load(&self, tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<web::SessionInfo>> {
        let now = tx.now();
        let row: Option<(Id<Person>, Timestamp)> = tx.opt(
            sql!("SELECT person_id, opened_at FROM web_session WHERE token_hash = $1 AND expires_at > $2"),
            params![token_hash, now],
        )?;
        let Some((person, opened_at)) = row else { return Ok(None) };
        let grants = grants(tx, person, now.day())?;
        // Who got a role after signing in does not carry it for a month.
        if !grants.is_empty() && opened_at.plus_minutes(STAFF_MINUTES) <= now {
            return Ok(None);
        }
        let Some(display_name) = name(tx, &self.0, person)? else { return Ok(None) };
        Ok(Some(web::SessionInfo { person, display_name, grants }))
    }

    fn load_token(&self, tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<web::TokenInfo>> {
        crate::token::holder(tx, &self.0, token_hash)
    }
}

/// Removes sessions, links and codes that have run out; tells how many. For a daily job.
pub fn sweep(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    Ok(tx.exec(sql!("DELETE FROM web_session WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM api_token WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM login_link WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM login_code WHERE expires_at <= $1"), params![now])?)
}
