//! Exact fractions: what stands between recorded minutes and posted thousandths.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A fraction, not negative, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    num: u64,
    den: u64,
}

/// What happens to the part below one thousandth of a credit, at the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// A half or more becomes one.
    HalfUp,
    /// A half goes to the even neighbour.
    HalfEven,
    /// Dropped.
    Down,
}

impl Fraction {
    /// `num / den`; `None` if the denominator is zero.
    pub fn new(num: u64, den: u64) -> Option<Self> {
        let divisor = gcd(num, den);
        (den > 0).then(|| Self { num: num / divisor, den: den / divisor })
    }

    /// Numerator in lowest terms.
    pub const fn num(self) -> u64 {
        self.num
    }

    /// Denominator in lowest terms, at least 1.
    pub const fn den(self) -> u64 {
        self.den
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// The product; `None` if it cannot be held exactly in 64 bits.
    pub fn times(self, other: Self) -> Option<Self> {
        // Crosswise reduction first keeps the factors small.
        let (left, right) = (gcd(self.num, other.den), gcd(other.num, self.den));
        let num = (self.num / left).checked_mul(other.num / right)?;
        let den = (self.den / right).checked_mul(other.den / left)?;
        Self::new(num, den)
    }

    /// The whole number that it becomes.
    pub const fn round(self, rounding: Rounding) -> u64 {
        let (whole, rest) = (self.num / self.den, self.num % self.den);
        let to_half = rest as u128 * 2;
        let up = match rounding {
            Rounding::HalfUp => to_half >= self.den as u128,
            Rounding::HalfEven => {
                to_half > self.den as u128 || (to_half == self.den as u128 && whole % 2 == 1)
            }
            Rounding::Down => false,
        };
        whole + up as u64
    }
}

const fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

impl fmt::Display for Fraction {
    /// `3` or `1/2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

impl FromStr for Fraction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        let read = |part: &str| part.trim().parse::<u64>().ok();
        read(num)
            .zip(read(den))
            .and_then(|(num, den)| Self::new(num, den))
            .ok_or_else(|| format!("“{text}” is not a fraction such as 1/2"))
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fraction {
        text.parse().unwrap()
    }

    #[test]
    fn products_are_exact_and_reduced() {
        assert_eq!(of("90").times(of("1000/720")).unwrap(), of("125"));
        assert_eq!(of("1/3").times(of("3")).unwrap().to_string(), "1");
        assert_eq!(of("0").times(of("7/9")).unwrap(), of("0/5"));
        assert_eq!(of("18446744073709551615").times(of("2")), None);
    }

    #[test]
    fn a_half_is_rounded_as_the_rule_says() {
        let halves = ["125/2", "127/2", "1/2", "1/3", "2/3", "4"].map(of);
        assert_eq!(halves.map(|f| f.round(Rounding::HalfUp)), [63, 64, 1, 0, 1, 4]);
        assert_eq!(halves.map(|f| f.round(Rounding::HalfEven)), [62, 64, 0, 0, 1, 4]);
        assert_eq!(halves.map(|f| f.round(Rounding::Down)), [62, 63, 0, 0, 0, 4]);
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for text in ["", "1/0", "-1", "0.5", "1/2/3", "a"] {
            assert!(text.parse::<Fraction>().is_err(), "{text}");
        }
    }
}
