//! What a day must have seen before it ends.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Day;

/// Steps that each day has at least.
const STEPS: u32 = 70;
/// Steps after which a day ends, whatever it has seen.
const STEPS_MAX: u32 = 160;

/// What happens on every day on which it can happen.
pub const DAILY: [&str; 24] = [
    "registered",
    "offer drafted",
    "offer published",
    "offer withdrawn",
    "class opened",
    "seat taken",
    "seat given back",
    "rush for seats",
    "code shown",
    "checked in by code",
    "checked in by card",
    "ticked off",
    "came too late",
    "visitors counted",
    "headcount reversed",
    "minutes corrected",
    "attendance reversed",
    "class closed",
    "certificate revoked",
    "role given",
    "role taken",
    "person erased",
    "code asked for",
    "message sent",
];

/// What has happened today.
#[derive(Default)]
pub struct Agenda {
    day: Option<Day>,
    steps: u32,
    done: BTreeSet<&'static str>,
    /// Days that have ended, and those of them that saw everything.
    pub days: (u64, u64),
    /// Days that did not see something.
    pub missed: BTreeMap<&'static str, u64>,
}

impl Agenda {
    /// Another step begins.
    pub fn begin(&mut self, today: Day) {
        if self.day != Some(today) {
            if self.day.is_some() {
                self.days.0 += 1;
                let left = self.left();
                self.days.1 += u64::from(left.is_empty());
                for what in left {
                    *self.missed.entry(what).or_default() += 1;
                }
            }
            (self.day, self.steps) = (Some(today), 0);
            self.done.clear();
        }
        self.steps += 1;
    }

    pub fn did(&mut self, what: &'static str) {
        self.done.insert(what);
    }

    /// What today has not seen.
    pub fn left(&self) -> Vec<&'static str> {
        DAILY.into_iter().filter(|what| !self.done.contains(what)).collect()
    }

    /// Whether the night may come.
    pub fn may_end(&self) -> bool {
        self.steps >= STEPS_MAX || (self.steps >= STEPS && self.left().is_empty())
    }
}
