//! Codes of an authenticator app: TOTP (RFC 6238) with HMAC-SHA-1, six digits and steps of 30 seconds.
//!
//! SHA-1 is what every app reads; several ignore a wish for another hash and then show wrong codes. Collisions, the weakness of SHA-1,
//! do not matter in an HMAC (RFC 6238 section 1.2, RFC 6194 section 3.3). For codes that our own pages show there is
//! [`rotating_code`](crate::rotating_code).

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::CryptoRng;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::boxes::random_bytes;

/// Digits of a code.
pub const TOTP_DIGITS: u32 = 6;
/// Seconds for which a code is shown.
pub const TOTP_SECONDS: i64 = 30;

/// All but unreserved characters (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The secret that an app and we share: 20 bytes, as RFC 4226 section 4 recommends.
pub type TotpSecret = [u8; 20];

/// A new secret.
pub fn new_totp_secret(rng: &mut (impl CryptoRng + ?Sized)) -> TotpSecret {
    random_bytes(rng)
}

/// The code of a step: seconds since 1970 divided by [`TOTP_SECONDS`].
#[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of every length")]
pub fn totp_code(secret: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(&step.to_be_bytes());
    let mac: [u8; 20] = mac.finalize().into_bytes().into();
    // Dynamic truncation, RFC 4226 section 5.3.
    let offset = usize::from(mac[19] & 15);
    let bytes = [mac[offset] & 0x7f, mac[offset + 1], mac[offset + 2], mac[offset + 3]];
    format!("{:06}", u32::from_be_bytes(bytes) % 10_u32.pow(TOTP_DIGITS))
}

/// The newest step of which this is the code, among `now` and `tolerance` steps before and after it (RFC 6238 section 5.2: clocks
/// differ). `None` if it is the code of none. Takes the same time whatever the code is. The caller limits tries and takes each step once.
pub fn totp_step(secret: &[u8], now: u64, tolerance: u64, code: &str) -> Option<u64> {
    let mut found = None;
    for step in now.saturating_sub(tolerance)..=now.saturating_add(tolerance) {
        if bool::from(totp_code(secret, step).as_bytes().ct_eq(code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// What an app reads from a QR code (`otpauth:`, the format of Google Authenticator that all others read too). Issuer and account are shown by
/// the app.
pub fn totp_uri(secret: &[u8], issuer: &str, account: &str) -> String {
    let [issuer, account] = [issuer, account].map(|text| utf8_percent_encode(text, RESERVED));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", base32(secret))
}

/// Letters A to Z and digits 2 to 7 (RFC 4648 section 6) without padding: how secrets are typed and recovery codes are printed.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base32, totp_code, totp_step, totp_uri};

    /// RFC 6238 appendix B gives eight digits; six are their last.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000_u64, "65353130"),
        ] {
            assert_eq!(totp_code(secret, seconds / 30), code[2..], "{seconds}");
        }
    }

    #[test]
    fn one_step_before_and_after_is_accepted_and_named() {
        let secret = b"12345678901234567890";
        let code = totp_code(secret, 1_000);
        let step = |now| totp_step(secret, now, 1, &code);
        assert_eq!(
            [998, 999, 1_000, 1_001, 1_002].map(step),
            [None, Some(1_000), Some(1_000), Some(1_000), None]
        );
        assert_eq!(totp_step(secret, 1_000, 1, &code[..5]), None);
        assert_eq!(totp_step(secret, 1_000, 1, ""), None);
        assert_eq!(totp_step(b"another", 1_000, 1, &code), None);
    }

    #[test]
    fn an_app_gets_what_it_reads() {
        // RFC 4648 section 10.
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(
            totp_uri(b"foobar", "学城", "a b"),
            "otpauth://totp/%E5%AD%A6%E5%9F%8E:a%20b?secret=MZXW6YTBOI&issuer=%E5%AD%A6%E5%9F%8E"
        );
    }
}
