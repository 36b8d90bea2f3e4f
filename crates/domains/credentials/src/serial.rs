//! The printed number: `XC-2026-7K3-M9Q-D25`.
//!
//! Year of issue, eight characters that follow from the credential's id, one check character. The 31 characters leave out those that
//! are taken for others (I, L, O, U, Z). As 31 is prime and the weights differ, the check finds every single wrong character and
//! every two that changed places.

use std::{fmt, str::FromStr};

use kernel::{Error, Result, Timestamp};
use store::{FromValue, Value};

use crate::CredentialId;

kernel::codes! {
    /// The text is no number of a credential, or a character of it is wrong.
    pub BAD_SERIAL = Invalid "credentials.bad_serial";
}

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKMNPQRSTVWXY";
const PREFIX: &str = "XC";
/// Characters behind the year, without the check character.
const BODY: usize = 8;

/// The number of a credential, as it is printed and typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(String);

impl Serial {
    /// The number of a credential. `attempt` counts from 0; the next one is used if a number is taken already.
    pub fn of(id: CredentialId, issued_at: Timestamp, attempt: u32) -> Self {
        let (year, _, _) = issued_at.day().date();
        let hash = seal::sha256(format!("credential serial\n{id}\n{attempt}").as_bytes());
        // 31 divides no power of two; from 64 bits the bias of the remainder is below 10⁻⁷.
        let (number, _) = hash.split_at(8);
        let mut number = number.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let mut body = String::with_capacity(BODY);
        for _ in 0..BODY {
            body.push(char::from(ALPHABET[(number % 31) as usize]));
            number /= 31;
        }
        let year = format!("{year:04}");
        let check = check(&year, &body);
        Self(format!("{PREFIX}-{year}-{}-{}-{}{check}", &body[..3], &body[3..6], &body[6..]))
    }

    /// The number as it is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn value_of(c: char) -> Option<usize> {
    ALPHABET.iter().position(|have| char::from(*have) == c)
}

/// Weighted sum modulo 31 over the digits of the year and the body.
fn check(year: &str, body: &str) -> char {
    let sum: usize =
        year.chars().chain(body.chars()).zip(1..).map(|(c, weight)| value_of(c).unwrap_or(0) * weight).sum();
    char::from(ALPHABET[sum % 31])
}

/// What people type for a character: lower case, full width, letters that look like digits.
fn plain(c: char) -> char {
    let c = match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        other => other,
    }
}

impl FromStr for Serial {
    type Err = Error;

    /// Reads what a person typed: hyphens and spaces anywhere, either case, full width.
    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::new(&BAD_SERIAL);
        if text.len() > 100 {
            return Err(bad());
        }
        let typed: String = text.chars().map(plain).filter(char::is_ascii_alphanumeric).collect();
        let rest = typed.strip_prefix(PREFIX).ok_or_else(bad)?;
        if rest.len() != 4 + BODY + 1 || !rest[..4].bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let (year, rest) = rest.split_at(4);
        let (body, sum) = rest.split_at(BODY);
        if !body.chars().all(|c| value_of(c).is_some()) || !sum.starts_with(check(year, body)) {
            return Err(bad());
        }
        Ok(Self(format!("{PREFIX}-{year}-{}-{}-{}{sum}", &body[..3], &body[3..6], &body[6..])))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Serial> for Value {
    fn from(serial: &Serial) -> Self {
        Value::Text(serial.0.clone())
    }
}

impl FromValue for Serial {
    fn from_value(value: &Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial() -> Serial {
        let id: CredentialId = "0123456789abcdef0123456789abcdef".parse().expect("an id");
        // 23:30 of the last day of 2026 in the city is still 2026.
        Serial::of(id, kernel::Day::of(2026, 12, 31).expect("a day").at(23 * 60 + 30), 0)
    }

    #[test]
    fn it_is_read_as_people_type_it() {
        let text = serial().to_string();
        assert!(text.starts_with("XC-2026-") && text.len() == 19, "{text}");
        let wide: String =
            text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("full width")).collect();
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " "),
            wide,
            text.replace('0', "O"),
        ] {
            assert_eq!(typed.parse::<Serial>().expect(&typed), serial());
        }
    }

    #[test]
    fn every_slip_of_the_pen_is_found() {
        let text = serial().to_string().replace('-', "");
        let characters: Vec<char> = text.chars().collect();
        for at in 2..characters.len() {
            for other in ALPHABET.iter().map(|byte| char::from(*byte)).filter(|c| *c != characters[at]) {
                let mut wrong = characters.clone();
                wrong[at] = other;
                assert!(wrong.iter().collect::<String>().parse::<Serial>().is_err(), "{other} at {at}");
            }
            for with in at + 1..characters.len() {
                let mut swapped = characters.clone();
                swapped.swap(at, with);
                let same = swapped == characters;
                // The check character itself has no weight of its own; a swap with it may stay unseen one time in 31.
                if !same && with + 1 < characters.len() {
                    assert!(swapped.iter().collect::<String>().parse::<Serial>().is_err(), "{at} and {with}");
                }
            }
        }
        for other in ["", "XC-2026", "2026-7K3-M9Q-D25", &"X".repeat(200)] {
            assert!(other.parse::<Serial>().is_err());
        }
    }

    #[test]
    fn a_taken_number_has_a_successor() {
        let id: CredentialId = "0123456789abcdef0123456789abcdef".parse().expect("an id");
        assert_ne!(Serial::of(id, Timestamp::default(), 0), Serial::of(id, Timestamp::default(), 1));
    }
}
