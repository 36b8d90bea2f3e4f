//! Integer units.

use std::fmt;

/// Minutes of learning. Never negative in a record; a correction is a record of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Minutes(pub i64);

/// Credit in thousandths of a credit 学分. Exact fractions live inside rules; rounding happens once, at the last step.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Credit(pub i64);

impl fmt::Display for Credit {
    /// `2`, `0.5`, `1.125`: no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        if part == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{}", format!("{part:03}").trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Credit;

    #[test]
    fn credit_is_written_without_trailing_zeros() {
        let texts = [0, 500, 1_125, 2_000, -1_050].map(|n| Credit(n).to_string());
        assert_eq!(texts, ["0", "0.5", "1.125", "2", "-1.05"]);
    }
}
