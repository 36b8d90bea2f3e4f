//! How often something may be done, counted in the database so that all processes count together.

use kernel::{Error, Result};
use store::{Tx, params, sql};

use crate::codes::TOO_MANY;

/// Counts one more `key` and refuses if it was done more than `max` times in this window of so many seconds. Call it inside a
/// write, before what it protects. The count is kept only if the write commits: count attempts in a write of their own.
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
    if count > max {
        let seconds = (start + window - now + 999) / 1_000;
        return Err(Error::new(&TOO_MANY).arg("seconds", seconds));
    }
    Ok(())
}
