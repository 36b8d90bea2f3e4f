//! How often something may be done, counted in the database so that all processes count together.
//!
//! [`LIMITS`] is the whole list: what is limited, how often in which window, and for whom. A number that stands elsewhere is a mistake.
//! Limits by address are generous: in the mainland's mobile networks, and on the Wi-Fi of a learning centre, hundreds of people share
//! one. They keep a single machine from wearing the others out, and leave the guessing of one person's code to the limits by phone.
//! Searches and other pages that only read are not counted here, because counting would make a commit of each: too many of them
//! at once are turned away by their [`Rank`](crate::Rank).

use kernel::{Error, Result};
use store::{Tx, params, sql};

use crate::codes::TOO_MANY;

/// For whom a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Per {
    /// A telephone number, by its blind index.
    Phone,
    /// A network address, by a keyed digest: the database holds no address ([`Cx::address_key`](crate::Cx::address_key)).
    Address,
    /// A person who is signed in.
    Person,
}

/// How often one thing may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is limited; the beginning of the counter's key.
    pub name: &'static str,
    /// For whom it counts.
    pub per: Per,
    /// How often it may be done in one window, 1 or more.
    pub max: i64,
    /// Length of the window in seconds. Windows are fixed: they begin at multiples of their length.
    pub seconds: i64,
}

/// Codes sent to one phone within a minute: who did not get one waits before asking again.
pub const CODE_MINUTE: Limit = Limit { name: "people.code.minute", per: Per::Phone, max: 1, seconds: 60 };
/// Codes sent to one phone within an hour.
pub const CODE_HOUR: Limit = Limit { name: "people.code.hour", per: Per::Phone, max: 5, seconds: 3_600 };
/// Codes sent to one phone within a day: enough for a person, too few to be a nuisance.
pub const CODE_DAY: Limit = Limit { name: "people.code.day", per: Per::Phone, max: 10, seconds: 86_400 };
/// Codes asked for from one address: each costs the city a message.
pub const CODE_ADDRESS: Limit =
    Limit { name: "people.code.address", per: Per::Address, max: 300, seconds: 600 };
/// Codes entered from one address. One code bears five tries by itself; this bounds tries on many phones.
pub const TRY_ADDRESS: Limit =
    Limit { name: "people.try.address", per: Per::Address, max: 600, seconds: 600 };
/// One-time links from one address that were none.
pub const LINK_ADDRESS: Limit =
    Limit { name: "people.link.address", per: Per::Address, max: 60, seconds: 600 };
/// Seats that one person takes: nobody needs so many, a program does.
pub const SEAT_PERSON: Limit = Limit { name: "activities.seat", per: Per::Person, max: 60, seconds: 3_600 };
/// Codes of a room that one person enters.
pub const CHECK_IN_PERSON: Limit =
    Limit { name: "learning.check_in", per: Per::Person, max: 10, seconds: 300 };
/// Certificates checked from one address: reading a file is work, and numbers of certificates could be tried.
pub const VERIFY_ADDRESS: Limit =
    Limit { name: "credentials.verify", per: Per::Address, max: 300, seconds: 600 };
/// Files of the audit trail that one person asks for: each reads the whole journal.
pub const AUDIT_PERSON: Limit =
    Limit { name: "governance.export", per: Per::Person, max: 20, seconds: 3_600 };

/// People that one member of staff looks up by number: enough for a day of appointments, too few to find out who has an account.
pub const LOOKUP_PERSON: Limit =
    Limit { name: "governance.lookup", per: Per::Person, max: 60, seconds: 3_600 };

/// Files with people to be invited that one member of staff hands over: enough to mend one until it is right.
pub const STAFF_FILE_PERSON: Limit =
    Limit { name: "governance.staff_file", per: Per::Person, max: 60, seconds: 3_600 };

/// Numbers and cards by which one person becomes a helper: a family needs few.
pub const HELP_PERSON: Limit = Limit { name: "people.help", per: Per::Person, max: 20, seconds: 3_600 };

/// Archives of one's own data.
pub const OWN_DATA_PERSON: Limit =
    Limit { name: "portal.own_data", per: Per::Person, max: 10, seconds: 3_600 };

/// Files with organisations that one person hands in: each is read and judged as a whole, and kept for a day.
pub const ORG_IMPORT_PERSON: Limit =
    Limit { name: "network.import", per: Per::Person, max: 60, seconds: 3_600 };

/// Everything that is limited.
pub const LIMITS: [Limit; 15] = [
    CODE_MINUTE,
    CODE_HOUR,
    CODE_DAY,
    CODE_ADDRESS,
    TRY_ADDRESS,
    LINK_ADDRESS,
    SEAT_PERSON,
    CHECK_IN_PERSON,
    VERIFY_ADDRESS,
    AUDIT_PERSON,
    LOOKUP_PERSON,
    STAFF_FILE_PERSON,
    HELP_PERSON,
    OWN_DATA_PERSON,
    ORG_IMPORT_PERSON,
];

impl Limit {
    /// Counts one more for whom `whose` names, and refuses if that is too many. Call it inside a write, before what it protects. The count
    /// is kept only if the write commits: what may be refused is counted in a write of its own.
    ///
    /// # Errors
    /// `web.too_many` with the seconds to wait.
    pub fn count(&self, tx: &mut Tx, whose: &str) -> Result<()> {
        limit(tx, &format!("{}:{whose}", self.name), self.max, self.seconds)
    }

    /// Refuses if the limit is reached already, without counting: for what is counted only when it fails.
    ///
    /// # Errors
    /// `web.too_many` with the seconds to wait.
    pub fn refuse_if_reached(&self, tx: &mut Tx, whose: &str) -> Result<()> {
        let now = tx.now().millis();
        let window = self.seconds.max(1) * 1_000;
        let start = now - now.rem_euclid(window);
        let known: Option<(i64, i64)> = tx.opt(
            sql!("SELECT window_start, count FROM rate WHERE key = $1"),
            params![format!("{}:{whose}", self.name)],
        )?;
        match known {
            Some((begun, count)) if begun == start && count >= self.max => {
                Err(too_many(start + window - now))
            }
            _ => Ok(()),
        }
    }
}

/// Counts one more `key` and refuses if it was done more than `max` times in this window of so many seconds. [`Limit::count`] is the way
/// to call it.
///
/// # Errors
/// `web.too_many` with the seconds to wait.
pub fn limit(tx: &mut Tx, key: &str, max: i64, window_seconds: i64) -> Result<()> {
    let window = window_seconds.max(1) * 1_000;
    let now = tx.now().millis();
    let start = now - now.rem_euclid(window);
    let (count,): (i64,) = tx.one(
        sql!(
            "INSERT INTO rate (key, window_start, count) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET \
             count = CASE WHEN rate.window_start = excluded.window_start THEN rate.count + 1 ELSE 1 END, \
             window_start = excluded.window_start RETURNING count"
        ),
        params![key, start],
    )?;
    if count > max { Err(too_many(start + window - now)) } else { Ok(()) }
}

/// Removes counters of windows that are over; tells how many. They hold keyed digests of addresses, which are kept no longer than they count.
///
/// # Errors
/// Those of the store.
pub fn sweep(tx: &mut Tx) -> Result<u64> {
    let longest = LIMITS.iter().map(|limit| limit.seconds).max().unwrap_or_default();
    let over = tx.now().plus_seconds(-longest);
    tx.exec(sql!("DELETE FROM rate WHERE window_start < $1"), params![over])
}

fn too_many(wait_ms: i64) -> Error {
    Error::new(&TOO_MANY).arg("seconds", (wait_ms + 999) / 1_000)
}
