//! Keeping what matters most alive when more comes than can be done.
//!
//! Each request belongs to a rank. Each rank has so many requests that run at once, a bounded line of requests that wait, and a
//! patience after which a waiting one is turned away with a page that says when to come again. So the memory that requests take is
//! bounded, and a rush on the search leaves room for the person who stands at the door and wants to check in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a service must go on answering a request when there are too many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Rank {
    /// Costs next to nothing and is never turned away: health, figures of the operator, styles.
    Always,
    /// Signing in and checking in: who cannot, stands before a door.
    First,
    /// Everything that says nothing else.
    #[default]
    Usual,
    /// Search, figures, documents: they cost most and can be asked for again. Turned away first.
    Heavy,
}

impl Rank {
    /// All ranks.
    pub const ALL: [Rank; 4] = [Rank::Always, Rank::First, Rank::Usual, Rank::Heavy];

    /// The word in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rank::Always => "always",
            Rank::First => "first",
            Rank::Usual => "usual",
            Rank::Heavy => "heavy",
        }
    }
}

/// How many requests of each rank may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of [`Rank::First`].
    pub first: usize,
    /// Of [`Rank::Usual`].
    pub usual: usize,
    /// Of [`Rank::Heavy`].
    pub heavy: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first: 256, usual: 64, heavy: 8 }
    }
}

/// Seconds after which who was turned away is asked to come again, by rank: long enough for a rush to pass.
const AGAIN_SECONDS: [u64; 4] = [1, 2, 5, 10];
/// How long a request waits for its turn, in milliseconds, by rank. Longer than a browser's user waits would be of no use.
const PATIENCE_MS: [u64; 4] = [0, 15_000, 4_000, 1_000];
/// Requests that wait for each that runs.
const LINE: usize = 4;

struct Lane {
    running: Arc<Semaphore>,
    at_once: usize,
    waiting: AtomicUsize,
}

/// The gate of one service.
pub(crate) struct Gate {
    lanes: [Lane; 3],
}

/// A request that was let in; it leaves when this is dropped.
pub(crate) struct Pass {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(limits: Limits) -> Self {
        let lane = |at_once: usize| Lane {
            running: Arc::new(Semaphore::new(at_once)),
            at_once,
            waiting: AtomicUsize::new(0),
        };
        Self { lanes: [lane(limits.first), lane(limits.usual), lane(limits.heavy)] }
    }

    fn lane(&self, rank: Rank) -> Option<&Lane> {
        match rank {
            Rank::Always => None,
            Rank::First => Some(&self.lanes[0]),
            Rank::Usual => Some(&self.lanes[1]),
            Rank::Heavy => Some(&self.lanes[2]),
        }
    }

    /// Lets a request in, now or after a while; `Err` with the seconds after which to come again.
    pub(crate) async fn enter(&self, rank: Rank) -> Result<Pass, u64> {
        let Some(lane) = self.lane(rank) else { return Ok(Pass { _permit: None }) };
        let again = AGAIN_SECONDS[rank as usize];
        if let Ok(permit) = lane.running.clone().try_acquire_owned() {
            return Ok(Pass { _permit: Some(permit) });
        }
        let place = Place::take(lane).ok_or(again)?;
        let patience = Duration::from_millis(PATIENCE_MS[rank as usize]);
        let permit = tokio::time::timeout(patience, lane.running.clone().acquire_owned()).await;
        drop(place);
        match permit {
            Ok(Ok(permit)) => Ok(Pass { _permit: Some(permit) }),
            _ => Err(again),
        }
    }

    /// Requests of a rank that run and that wait now.
    pub(crate) fn load(&self, rank: Rank) -> (usize, usize) {
        self.lane(rank).map_or((0, 0), |lane| {
            let free = lane.running.available_permits();
            (lane.at_once.saturating_sub(free), lane.waiting.load(Ordering::Relaxed))
        })
    }
}

/// A place in the line; given back however the waiting ends.
struct Place<'l>(&'l Lane);

impl<'l> Place<'l> {
    fn take(lane: &'l Lane) -> Option<Self> {
        if lane.waiting.fetch_add(1, Ordering::Relaxed) < lane.at_once * LINE {
            return Some(Self(lane));
        }
        lane.waiting.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_rank_turns_away_and_the_others_go_on() {
        let gate = Arc::new(Gate::new(Limits { first: 2, usual: 2, heavy: 1 }));
        let inside = gate.enter(Rank::Heavy).await.ok().unwrap();
        // Four may wait; the fifth is told at once, the four after their patience.
        let mut line = Vec::new();
        for _ in 0..LINE {
            let gate = gate.clone();
            line.push(tokio::spawn(async move { gate.enter(Rank::Heavy).await.err() }));
        }
        tokio::task::yield_now().await;
        assert_eq!(gate.load(Rank::Heavy), (1, LINE));
        assert_eq!(gate.enter(Rank::Heavy).await.err(), Some(10));
        assert!(gate.enter(Rank::First).await.is_ok());
        for waiting in line {
            assert_eq!(waiting.await.unwrap(), Some(10));
        }
        assert_eq!(gate.load(Rank::Heavy), (1, 0));
        drop(inside);
        assert!(gate.enter(Rank::Heavy).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_let_in_when_another_leaves() {
        let gate = Arc::new(Gate::new(Limits { first: 1, usual: 1, heavy: 1 }));
        let inside = gate.enter(Rank::First).await.ok().unwrap();
        let waiting = {
            let gate = gate.clone();
            tokio::spawn(async move { gate.enter(Rank::First).await.is_ok() })
        };
        tokio::task::yield_now().await;
        drop(inside);
        assert!(waiting.await.unwrap());
    }
}
