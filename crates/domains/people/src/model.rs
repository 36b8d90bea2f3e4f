//! What phones, cards and names look like.

use std::{fmt, str::FromStr};

use kernel::{Code, Error, FieldError, REQUIRED, TOO_LONG, plain_digit};

kernel::codes! {
    /// Not a mobile number of the mainland: 11 digits that begin with 13 to 19.
    pub BAD_PHONE = Invalid "people.bad_phone";
    /// Not a card number: ten digits, the last of which is the check digit.
    pub BAD_CARD = Invalid "people.bad_card";
    /// A name holds line ends, control characters or invisible marks.
    pub BAD_NAME = Invalid "people.bad_name";
}

/// Longest name, in characters. The longest names in civil registers (transliterated ones with ·) stay below it.
pub const NAME_CHARS_MAX: usize = 40;

/// A mobile number of the mainland: 11 digits, `1[3-9]` and nine more (numbering plan of the 公众移动通信网, YD/T 1007 and its
/// successors). `Debug` shows it masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// The 11 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// `138****1234`.
    pub fn masked(&self) -> String {
        mask_phone(&self.0)
    }
}

/// `138****1234`: as numbers are shown on pages and in logs.
pub fn mask_phone(phone: &str) -> String {
    notify::masked(phone)
}

/// Digits as people type them: full-width ones made plain, spaces, hyphens and dots between groups left out.
fn typed_digits(text: &str) -> String {
    let plain = |c: char| match c {
        '＋' => '+',
        other => plain_digit(other),
    };
    let separator = |c: &char| c.is_whitespace() || matches!(c, '-' | '－' | '–' | '.' | '·');
    text.chars().filter(|c| !separator(c)).map(plain).collect()
}

impl FromStr for Phone {
    type Err = Error;

    /// Reads what people type: with spaces or hyphens, full-width digits, +86 or 0086 in front.
    fn from_str(text: &str) -> Result<Self, Error> {
        let typed = typed_digits(text);
        let digits = typed.strip_prefix("+86").or_else(|| typed.strip_prefix("0086")).unwrap_or(&typed);
        let bytes = digits.as_bytes();
        let fits = bytes.len() == 11
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] == b'1'
            && (b'3'..=b'9').contains(&bytes[1]);
        if fits { Ok(Self(digits.to_owned())) } else { Err(Error::new(&BAD_PHONE)) }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The number printed on a learner's card 学习卡: nine digits and a check digit by Luhn's rule (ISO/IEC 7812-1 annex B), so that one
/// mistyped digit or two neighbours exchanged are noticed at the desk. `Debug` does not show it: who knows the number can check in with it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CardNumber(String);

impl CardNumber {
    /// The card with this serial number (only its last nine digits count) and the right check digit.
    pub fn of_serial(serial: u64) -> Self {
        let front = format!("{:09}", serial % 1_000_000_000);
        let check = (10 - luhn(&format!("{front}0")) % 10) % 10;
        Self(format!("{front}{check}"))
    }

    /// The ten digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Luhn's sum; a right number gives a multiple of ten. From the right, every second digit is doubled and its digits added.
fn luhn(digits: &str) -> u32 {
    let values = digits.bytes().rev().map(|b| u32::from(b - b'0'));
    values.enumerate().map(|(place, d)| if place % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }).sum()
}

impl FromStr for CardNumber {
    type Err = Error;

    /// Reads what people type: with spaces or hyphens, full-width digits.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = typed_digits(text);
        let fits = digits.len() == 10
            && digits.bytes().all(|b| b.is_ascii_digit())
            && luhn(&digits).is_multiple_of(10);
        if fits { Ok(Self(digits)) } else { Err(Error::new(&BAD_CARD)) }
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber")
    }
}

/// A name as it is kept: white space at the ends left out, runs of it inside made one space, 1 to 40 characters.
///
/// # Errors
/// The wrong field `name`: `kernel.required`, `kernel.too_long`, `people.bad_name`.
pub fn clean_name(text: &str) -> Result<String, FieldError> {
    let wrong = |code: &'static Code, args| FieldError { field: "name".to_owned(), code, args };
    if text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(wrong(&BAD_NAME, Vec::new()));
    }
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(wrong(&REQUIRED, Vec::new())),
        1..=NAME_CHARS_MAX => Ok(name),
        length => {
            Err(wrong(&TOO_LONG, vec![("max", NAME_CHARS_MAX.to_string()), ("length", length.to_string())]))
        }
    }
}

/// Marks that print nothing and can turn the order of letters round: with them two names that look alike would differ.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_read_as_people_type_them() {
        for typed in [
            "13812341234",
            "138 1234 1234",
            "138-1234-1234",
            "+86 13812341234",
            "008613812341234",
            "１３８１２３４１２３４",
        ] {
            assert_eq!(typed.parse::<Phone>().unwrap().digits(), "13812341234", "{typed}");
        }
        for wrong in
            ["", "12812341234", "1381234123", "138123412345", "23812341234", "1381234123a", "861381234123"]
        {
            assert!(wrong.parse::<Phone>().is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", "13812341234".parse::<Phone>().unwrap()), "138****1234");
    }

    #[test]
    fn a_card_notices_one_wrong_digit_and_exchanged_neighbours() {
        // 7992739871 with check digit 3 is the textbook example; cut to nine digits its check digit is computed by hand.
        assert_eq!(luhn("79927398713"), 70);
        let card = CardNumber::of_serial(500_100_042);
        assert_eq!(card.digits().parse::<CardNumber>().unwrap(), card);
        let digits = card.digits().as_bytes();
        for place in 0..10 {
            for other in b'0'..=b'9' {
                let mut wrong = digits.to_vec();
                wrong[place] = other;
                let read = String::from_utf8(wrong).unwrap().parse::<CardNumber>();
                assert_eq!(read.is_ok(), other == digits[place]);
            }
        }
        for place in 0..9 {
            let mut swapped = digits.to_vec();
            swapped.swap(place, place + 1);
            let (a, b) = (digits[place], digits[place + 1]);
            // Luhn's rule is blind for 09 and 90.
            let blind = a == b || (a.min(b), a.max(b)) == (b'0', b'9');
            assert_eq!(String::from_utf8(swapped).unwrap().parse::<CardNumber>().is_ok(), blind);
        }
        assert!("123456789".parse::<CardNumber>().is_err());
    }

    #[test]
    fn names_are_cleaned_or_refused() {
        assert_eq!(clean_name("  王 秀英 ").unwrap(), "王 秀英");
        assert_eq!(clean_name("阿卜杜拉·买买提").unwrap(), "阿卜杜拉·买买提");
        assert_eq!(clean_name(" ").unwrap_err().code.name, "kernel.required");
        assert_eq!(clean_name(&"长".repeat(40)).unwrap().chars().count(), 40);
        assert_eq!(clean_name(&"长".repeat(41)).unwrap_err().code.name, "kernel.too_long");
        for wrong in ["王\n五", "王\u{202e}五", "王\u{200b}五", "\u{0}"] {
            assert_eq!(clean_name(wrong).unwrap_err().code.name, "people.bad_name");
        }
    }
}
