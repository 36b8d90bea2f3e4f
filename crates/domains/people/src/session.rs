//! Who is signed in where.
//!
//! A session lasts thirty days on a resident's device. It does not last longer than twelve hours while the person holds any role:
//! a desk is often a shared machine.

use kernel::{Day, Grant, Id, Person, Result, Timestamp};
use seal::{new_token, token_hash};
use store::{Tx, params, sql};

use crate::{
    FactorPolicy, Vault,
    factor::{AskedOf, factor},
    read::{grants, grants_since, name},
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

store::row! {
    struct SignedIn {
        person: Id<Person>,
        opened_at: Timestamp,
        proved_at: Option<Timestamp>,
        helped: Option<Id<Person>>,
        helped_until: Option<Timestamp>,
    }
}

/// Answers the shell's question whose session a cookie is, and whether her second factor is still to be shown.
pub struct WebSessions {
    vault: std::sync::Arc<Vault>,
    policy: FactorPolicy,
}

impl WebSessions {
    /// With the city's rule about second factors.
    pub fn new(vault: std::sync::Arc<Vault>, policy: FactorPolicy) -> Self {
        Self { vault, policy }
    }
}

/// How sure it is that a session is its person's: whoever holds a role and has a second factor, or must have one, shows it first.
pub(crate) fn proof(
    tx: &mut Tx,
    policy: &FactorPolicy,
    person: Id<Person>,
    held: &[(Grant, Day)],
    proved_at: Option<Timestamp>,
) -> Result<web::Proof> {
    if held.is_empty() {
        return Ok(web::Proof::default());
    }
    let active = factor(tx, person)?.is_some_and(|state| state.active);
    let due = active || policy.obliges(held, tx.now().day());
    Ok(web::Proof {
        pending: due && proved_at.is_none(),
        asked: active || policy.asked_of != AskedOf::Nobody,
        at: proved_at,
    })
}

/// Notes that the second factor was shown in the session with this token.
pub fn note_proof(tx: &mut Tx, person: Id<Person>, token: &str) -> Result<()> {
    tx.exec_later(
        sql!("UPDATE web_session SET proved_at = $3 WHERE token_hash = $1 AND person_id = $2"),
        params![token_hash(token), person, tx.now()],
    )
}

impl web::Sessions for WebSessions {
    fn load(&self, tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<web::SessionInfo>> {
        let now = tx.now();
        let row: Option<SignedIn> = tx.opt(
            sql!(
                "SELECT person_id, opened_at, proved_at, helped_id, helped_until FROM web_session \
                 WHERE token_hash = $1 AND expires_at > $2"
            ),
            params![token_hash, now],
        )?;
        let Some(SignedIn { person, opened_at, proved_at, helped, helped_until }) = row else {
            return Ok(None);
        };
        let held = grants_since(tx, person, now.day())?;
        // Who got a role after signing in does not carry it for a month.
        if !held.is_empty() && opened_at.plus_minutes(STAFF_MINUTES) <= now {
            return Ok(None);
        }
        let Some(display_name) = name(tx, &self.vault, person)? else { return Ok(None) };
        let proof = proof(tx, &self.policy, person, &held, proved_at)?;
        let helped = helped.filter(|_| !proof.pending && helped_until.is_some_and(|until| until > now));
        if let Some(helped) = helped
            && let Some(may) = crate::helper::allowed(tx, helped, person)?
            && let Some(display_name) = name(tx, &self.vault, helped)?
        {
            return Ok(Some(web::SessionInfo {
                person: helped,
                display_name,
                grants: Vec::new(),
                proof: web::Proof::default(),
                helping: Some(web::Helping { helper: person, may }),
            }));
        }
        let grants = held.into_iter().map(|(grant, _)| grant).collect();
        Ok(Some(web::SessionInfo { person, display_name, grants, proof, helping: None }))
    }

    fn load_token(&self, tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<web::TokenInfo>> {
        crate::token::holder(tx, &self.vault, token_hash)
    }
}

/// Removes sessions, links, codes and invitations that have run out; tells how many. For a daily job.
pub fn sweep(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    Ok(tx.exec(sql!("DELETE FROM web_session WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM helper_code WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM api_token WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM invitation_contact WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM invitation_draft WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM login_link WHERE expires_at <= $1"), params![now])?
        + tx.exec(sql!("DELETE FROM login_code WHERE expires_at <= $1"), params![now])?)
}
