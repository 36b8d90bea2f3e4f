//! What carries a message, and what a message is.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// A message to one person. It holds personal data: `Debug` shows only a masked number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Mobile number of the mainland, 11 digits.
    pub phone: String,
    /// The whole text, in the reader's language, at most 500 characters (providers bill and cut long ones).
    pub text: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message to {}", masked(&self.phone))
    }
}

/// Why a message was not carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may work later: the provider is away or busy. The words go into the record of the message.
    Later(String),
    /// It never will: the provider refuses number or text.
    Never(String),
}

/// Carries messages. Called outside of any transaction, by a worker thread; it may block for some seconds, and gives up before
/// [`store::jobs::GRACE_SECONDS`]: later another process may take the message for abandoned and send it too.
pub trait Gateway: Send + Sync + 'static {
    /// Hands the message over; `at` is the present moment. `Ok` means that the provider has taken it.
    fn send(&self, at: Timestamp, message: &Message) -> Result<(), Failure>;
}

/// `138****1234`: enough to recognise one's own number. Shorter texts are hidden as a whole.
pub fn masked(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    match digits.len() {
        8.. => {
            let (head, tail) = (&digits[..3], &digits[digits.len() - 4..]);
            head.iter().chain(&['*'; 4]).chain(tail).collect()
        }
        _ => "****".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_wherever_they_are_shown() {
        assert_eq!(masked("19912341234"), "199****1234");
        assert_eq!(masked("110"), "****");
        let message = Message { phone: "19912341234".into(), text: "验证码 123456".into() };
        assert_eq!(format!("{message:?}"), "Message to 199****1234");
    }
}
