//! A class for the tests of this and later domains.

use kernel::{Actor, Id, Org, Person, Result};
use store::Tx;

use crate::{OpenClass, OpenedClass, open_class};

/// Opens a class of an offer made for it: so many seats, so many weekly sessions of 90 minutes, the first one beginning
/// `begins` minutes from now.
pub fn class_at(
    tx: &mut Tx,
    org_id: Id<Org>,
    teacher_id: Option<Id<Person>>,
    capacity: i64,
    sessions: i64,
    begins: i64,
) -> Result<OpenedClass> {
    let offer_id = catalog::testing::published(tx, org_id, "书法入门")?;
    let first = tx.now().plus_minutes(begins);
    let sessions = (0..sessions)
        .map(|n| first.plus_minutes(n * 7 * 24 * 60))
        .map(|from| (from, from.plus_minutes(90)))
        .collect();
    let cmd = OpenClass {
        org_id,
        offer_id,
        title: "书法入门".to_owned(),
        teacher_id,
        capacity,
        venue: "磁器口社区学习中心".to_owned(),
        room: "书画室".to_owned(),
        sessions,
        demo: true,
    };
    open_class(tx, &Actor::System("test"), &cmd)
}
