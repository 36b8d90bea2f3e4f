//! Repeatable chance. Own arithmetic over the raw stream, so that a new version of a library changes no world.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of dice. Each part of the plan has its own stream, so that more people do not change the offers.
#[derive(Debug, Clone)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The numbered stream of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number from 0 to `n` − 1; `n` is at least 1.
    pub fn below(&mut self, n: usize) -> usize {
        // The high half of a product: its bias for these small n is far below anything visible.
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1) as usize) as i32
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// From 0 up to but not including 1.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of them; the slice is not empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A position in a table of running sums.
    pub fn weighted(&mut self, sums: &[u64]) -> usize {
        let total = sums.last().copied().unwrap_or(1);
        let hit = self.below(total as usize) as u64;
        sums.partition_point(|sum| *sum <= hit)
    }

    /// All of them in chance order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
