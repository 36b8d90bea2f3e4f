//! Leases: one process at a time, with a fence that an old holder cannot pass.

use kernel::{Error, Result, Timestamp};

use crate::{Tx, params, sql};

kernel::codes! {
    /// Another process has taken over meanwhile.
    pub FENCED = Unavailable "store.fenced";
}

/// A lease that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Grows with each new holder; writes made under the lease check it.
    pub fence: i64,
    /// When it ends unless it is taken again.
    pub until: Timestamp,
}

/// Takes or prolongs the lease `name` for `seconds`; `None` while another holder's time runs.
pub fn acquire(tx: &mut Tx, name: &str, holder: &str, seconds: i64) -> Result<Option<Lease>> {
    let now = tx.now();
    let until = now.plus_seconds(seconds);
    let row: Option<(i64,)> = tx.opt(
        sql!(
            "INSERT INTO lease (name, holder, fence, until) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (name) DO UPDATE SET until = $3, holder = $2, \
             fence = lease.fence + CASE WHEN lease.holder = $2 THEN 0 ELSE 1 END \
             WHERE lease.holder = $2 OR lease.until < $4 RETURNING fence"
        ),
        params![name, holder, until, now],
    )?;
    Ok(row.map(|(fence,)| Lease { fence, until }))
}

/// Fails with `store.fenced` unless the lease still has this fence; locks it until the end of the transaction.
pub fn check(tx: &mut Tx, name: &'static str, fence: i64) -> Result<()> {
    tx.lock("lease", "name", name)?;
    let row: Option<(i64,)> = tx.opt(sql!("SELECT fence FROM lease WHERE name = $1"), params![name])?;
    if row == Some((fence,)) { Ok(()) } else { Err(Error::new(&FENCED)) }
}
