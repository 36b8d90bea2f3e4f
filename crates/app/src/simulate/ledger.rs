//! The credit of every person, computed again from the facts by the text of the rule pack `city.culture_leisure` 1 and not by
//! its code: 45 minutes are a contact hour, 16 of them a credit, a roll call counts half, 8 contact hours a day and 30
//! credits a year at most, and of two places at once neither counts.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Day, Id, Person, Timestamp};
use learning::facts::{ATTENDANCE_REVERSED, ATTENDED, Attended, MINUTES_CORRECTED};

/// Thousandths of a credit that a day of learning brings at most: 8 ÷ 16.
const CAP_DAY: i64 = 500;
/// The same for a year: 30 credits.
const CAP_YEAR: i64 = 30_000;

/// A deposit that stands.
#[derive(Clone, Debug)]
pub struct Deposit {
    record: learning::AttendanceId,
    pub from: Timestamp,
    pub minutes: i64,
    pub grade: i64,
    held: bool,
    pub credit: i64,
    /// In the order of posting.
    order: (i64, u64),
}

impl Deposit {
    fn day(&self) -> Day {
        self.from.day()
    }

    fn overlaps(&self, other: &Deposit) -> bool {
        self.record != other.record
            && self.from < other.from.plus_minutes(other.minutes)
            && other.from < self.from.plus_minutes(self.minutes)
    }
}

#[derive(Default)]
pub struct Ledger {
    pub standing: BTreeMap<Id<Person>, Vec<Deposit>>,
    ever: BTreeSet<learning::AttendanceId>,
    posted: u64,
}

impl Ledger {
    pub fn balance(&self, person: Id<Person>) -> i64 {
        self.standing.get(&person).map_or(0, |all| all.iter().map(|deposit| deposit.credit).sum())
    }

    /// Follows one fact, as the reactor of a process does whose clock shows `now`.
    pub fn follow(&mut self, kind: &str, told: &Attended, now: Timestamp) {
        let mut fresh = Deposit {
            record: told.attendance_id,
            from: told.learned_at,
            minutes: told.minutes.0,
            grade: told.grade as i64,
            held: false,
            credit: 0,
            order: (now.millis(), 0),
        };
        match kind {
            ATTENDED if self.ever.insert(told.attendance_id) => {
                fresh.held = self.clashes(told.person_id, &fresh);
                self.post(told.person_id, fresh.clone());
                if fresh.held {
                    self.settle(told.person_id, fresh.day(), now);
                }
            }
            MINUTES_CORRECTED | ATTENDANCE_REVERSED => {
                let own = self.standing.entry(told.person_id).or_default();
                let before = own.len();
                own.retain(|deposit| deposit.record != told.attendance_id);
                if own.len() == before {
                    return;
                }
                if kind == MINUTES_CORRECTED {
                    fresh.held = self.clashes(told.person_id, &fresh);
                    self.post(told.person_id, fresh.clone());
                }
                self.settle(told.person_id, fresh.day(), now);
            }
            _ => {}
        }
    }

    fn clashes(&self, person: Id<Person>, deposit: &Deposit) -> bool {
        let own = self.standing.get(&person);
        own.is_some_and(|own| own.iter().any(|other| other.day() == deposit.day() && deposit.overlaps(other)))
    }

    fn post(&mut self, person: Id<Person>, mut deposit: Deposit) {
        self.posted += 1;
        deposit.order.1 = self.posted;
        let own = self.standing.entry(person).or_default();
        let sum = |same: &dyn Fn(&Deposit) -> bool| -> i64 {
            own.iter().filter(|other| same(other)).map(|other| other.credit).sum()
        };
        let day = sum(&|other| other.day() == deposit.day());
        let year = sum(&|other| other.day().date().0 == deposit.day().date().0);
        // Thousandths of a credit, half a thousandth up: minutes × 1000 ÷ (45 × 16), and half of it for a roll call.
        let parts = match deposit.grade {
            1 => 0,
            2 => 1,
            _ => 2,
        };
        let gross = (deposit.minutes * 1_000 * parts + 720) / 1_440;
        let room = (CAP_DAY - day).max(0).min((CAP_YEAR - year).max(0));
        deposit.credit = if deposit.held { 0 } else { gross.min(room) };
        own.push(deposit);
    }

    fn settle(&mut self, person: Id<Person>, day: Day, now: Timestamp) {
        let own = self.standing.entry(person).or_default();
        let mut before: Vec<Deposit> = own.iter().filter(|deposit| deposit.day() == day).cloned().collect();
        before.sort_by_key(|deposit| deposit.order);
        for deposit in &before {
            let clashes = before.iter().any(|other| deposit.overlaps(other));
            if clashes == deposit.held {
                continue;
            }
            self.standing.entry(person).or_default().retain(|other| other.record != deposit.record);
            let order = (now.millis(), 0);
            self.post(person, Deposit { held: clashes, order, ..deposit.clone() });
        }
    }
}
