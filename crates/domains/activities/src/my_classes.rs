//! Projection: each person's classes, kept beside her other records.

use journal::{Consumer, Recorded};
use kernel::Result;
use store::{Tx, params, sql};

use crate::facts::{ENROLLED, ENROLMENT_CANCELLED, Enrolled};

/// Keeps `my_class`.
pub struct MyClasses;

impl Consumer for MyClasses {
    fn name(&self) -> &'static str {
        "activities.my_classes"
    }

    fn apply(&self, tx: &mut Tx, facts: &[Recorded]) -> Result<()> {
        for fact in facts {
            let status = match fact.kind.as_str() {
                ENROLLED => "seated",
                ENROLMENT_CANCELLED => "cancelled",
                _ => continue,
            };
            let seat: Enrolled = fact.payload()?;
            tx.exec_later(
                sql!(
                    "INSERT INTO my_class (person_id, class_id, org_id, status, starts_at, ends_at) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id, class_id) DO UPDATE SET status = $4"
                ),
                params![seat.person_id, seat.class_id, seat.org_id, status, seat.starts_at, seat.ends_at],
            )?;
        }
        Ok(())
    }

    fn clear(&self, tx: &mut Tx) -> Result<bool> {
        tx.exec(sql!("DELETE FROM my_class"), &[]).map(|_| true)
    }
}
