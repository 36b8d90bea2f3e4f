//! What people and programs show to be let in: bearer tokens, one-time numbers, rotating codes.

use rand::{CryptoRng, RngExt as _};
use subtle::{Choice, ConstantTimeEq as _};

use crate::{
    boxes::{KeyedDigest, random_bytes},
    canonical::{base64url, sha256},
};

/// Fewest and most digits of a code: less is guessed, more than 9 is beyond RFC 4226's 31 bits.
const DIGITS: std::ops::RangeInclusive<u32> = 4..=9;

/// A new bearer token (session, one-time link, API): base64url of 32 random bytes, 43 characters. Store only its [`token_hash`].
pub fn new_token(rng: &mut (impl CryptoRng + ?Sized)) -> String {
    base64url(&random_bytes::<32>(rng))
}

/// What is stored of a token. Plain SHA-256 suffices, as the token itself is random.
pub fn token_hash(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// A uniformly random number with leading zeros, such as a code sent by SMS. `digits` is 4 to 9.
///
/// # Panics
/// If `digits` is outside its range.
pub fn numeric_code(rng: &mut (impl CryptoRng + ?Sized), digits: u32) -> String {
    assert!(DIGITS.contains(&digits), "a code has 4 to 9 digits");
    written(rng.random_range(0..10_u32.pow(digits)), digits)
}

/// The code of a time window: HOTP (RFC 4226) with HMAC-SHA256 over `context ‖ window`; with an empty context exactly TOTP with SHA-256
/// (RFC 6238). `window` is the time divided by the window's length, `context` says what the code is for (such as a session's id).
/// `digits` is 4 to 9.
///
/// # Panics
/// If `digits` is outside its range.
pub fn rotating_code(secret: &[u8], context: &[u8], window: u64, digits: u32) -> String {
    assert!(DIGITS.contains(&digits), "a code has 4 to 9 digits");
    let mac = KeyedDigest::new(secret).of_parts(&[context, &window.to_be_bytes()]);
    // Dynamic truncation, RFC 4226 section 5.3.
    let offset = usize::from(mac[31] & 15);
    let bytes = [mac[offset] & 0x7f, mac[offset + 1], mac[offset + 2], mac[offset + 3]];
    written(u32::from_be_bytes(bytes) % 10_u32.pow(digits), digits)
}

/// Whether `code` is that of the window `now` or of one at most `tolerance` windows before or after it.
///
/// Takes the same time whatever the code is. The number of digits is stated by the caller, never taken from the code: shorter codes
/// would be easier to guess. The caller limits attempts.
///
/// # Panics
/// If `digits` is outside its range.
pub fn verify_rotating(
    secret: &[u8],
    context: &[u8],
    now: u64,
    tolerance: u64,
    digits: u32,
    code: &str,
) -> bool {
    let mut found = Choice::from(0);
    for window in now.saturating_sub(tolerance)..=now.saturating_add(tolerance) {
        found |= rotating_code(secret, context, window, digits).as_bytes().ct_eq(code.as_bytes());
    }
    found.into()
}

fn written(number: u32, digits: u32) -> String {
    format!("{number:0width$}", width = digits as usize)
}

#[cfg(test)]
mod tests {
    use super::{new_token, numeric_code, rotating_code, token_hash, verify_rotating};
    use crate::{from_base64url_exact, hex};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use std::collections::HashSet;

    /// RFC 6238 appendix B, SHA-256, eight digits, windows of 30 seconds.
    #[test]
    fn rfc_6238_codes() {
        let secret = b"12345678901234567890123456789012";
        let cases = [
            (59, "46119246"),
            (1_111_111_109, "68084774"),
            (1_111_111_111, "67062674"),
            (1_234_567_890, "91819424"),
            (2_000_000_000, "90698825"),
            (20_000_000_000, "77737706"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(rotating_code(secret, b"", seconds / 30, 8), expected);
        }
    }

    #[test]
    fn codes_count_only_in_their_windows_and_context() {
        let (secret, context) = ([5; 32], b"session 1");
        let code = rotating_code(&secret, context, 100, 6);
        let accepted: Vec<u64> =
            (90..110).filter(|now| verify_rotating(&secret, context, *now, 2, 6, &code)).collect();
        assert_eq!(accepted, [98, 99, 100, 101, 102]);
        assert!(!verify_rotating(&secret, b"session 2", 100, 2, 6, &code));
        assert!(!verify_rotating(&[6; 32], context, 100, 2, 6, &code));
        assert!(verify_rotating(&secret, context, 0, 5, 6, &rotating_code(&secret, context, 0, 6)));
        assert!(verify_rotating(
            &secret,
            context,
            u64::MAX,
            5,
            6,
            &rotating_code(&secret, context, u64::MAX, 6)
        ));
    }

    #[test]
    fn codes_of_other_lengths_are_refused() {
        let secret = [5; 32];
        for digits in [4, 5, 7, 8] {
            let code = rotating_code(&secret, b"", 100, digits);
            assert_eq!(code.len(), digits as usize);
            assert!(!verify_rotating(&secret, b"", 100, 0, 6, &code));
        }
        for code in ["", "12345é", "      "] {
            assert!(!verify_rotating(&secret, b"", 100, 0, 6, code));
        }
    }

    #[test]
    fn tokens_are_long_and_distinct() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let tokens: HashSet<String> = (0..1_000).map(|_| new_token(&mut rng)).collect();
        assert_eq!(tokens.len(), 1_000);
        assert!(tokens.iter().all(|token| from_base64url_exact::<32>(token).is_some()));
        assert_eq!(
            hex(&token_hash("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn numbers_use_all_digits_evenly() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut seen = [0_u32; 10];
        for _ in 0..2_000 {
            let code = numeric_code(&mut rng, 6);
            assert_eq!(code.len(), 6);
            for digit in code.bytes() {
                seen[usize::from(digit - b'0')] += 1;
            }
        }
        // 12,000 digits: 1,200 of each, standard deviation 33.
        assert!(seen.iter().all(|count| (1_030..=1_370).contains(count)), "{seen:?}");
    }
}
