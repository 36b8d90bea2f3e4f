//! The only source of randomness.

use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha20Rng;

/// A cryptographic random source that can be seeded, so that a test or a simulation can be repeated.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha20Rng);

impl Chance {
    /// The same seed gives the same sequence.
    pub fn seeded(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// Seeded by the operating system. Only the binary and tests of engines call this.
    #[expect(clippy::missing_panics_doc, reason = "no program can go on without a source of randomness")]
    pub fn from_system() -> Self {
        let mut seed = [0; 32];
        rand::rngs::SysRng.try_fill_bytes(&mut seed).expect("the operating system has randomness");
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// A new independent source, for another thread.
    pub fn fork(&mut self) -> Self {
        Self(ChaCha20Rng::from_seed(self.bytes()))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// The source itself, for libraries that want one.
    pub fn rng(&mut self) -> &mut ChaCha20Rng {
        &mut self.0
    }
}
