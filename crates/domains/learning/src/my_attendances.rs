//! Projection: each person's attendances, beside her other records.

use journal::{Consumer, Recorded};
use kernel::Result;
use store::{Tx, params, sql};

use crate::facts::{ATTENDANCE_REVERSED, ATTENDED, Attended, MINUTES_CORRECTED};

/// Keeps `my_attendance`.
pub struct MyAttendances;

impl Consumer for MyAttendances {
    fn name(&self) -> &'static str {
        "learning.my_attendances"
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        for fact in facts {
            let status = match fact.kind.as_str() {
                ATTENDED | MINUTES_CORRECTED => "valid",
                ATTENDANCE_REVERSED => "reversed",
                _ => continue,
            };
            let a: Attended = fact.payload()?;
            tx.exec_later(
                sql!(
                    "INSERT INTO my_attendance (person_id, attendance_id, org_id, session_id, class_id, offer_id, grade, \
                     minutes, method, occurred_at, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                     ON CONFLICT (person_id, attendance_id) DO UPDATE SET minutes = $8, status = $11"
                ),
                params![
                    a.person_id,
                    a.attendance_id,
                    a.org_id,
                    a.session_id,
                    a.class_id,
                    a.offer_id,
                    a.grade,
                    a.minutes,
                    a.method,
                    a.learned_at,
                    status
                ],
            )?;
        }
        Ok(())
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        tx.exec(sql!("DELETE FROM my_attendance"), &[]).map(|_| true)
    }
}
