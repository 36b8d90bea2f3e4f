//! Open Badges 3.0 credentials as VC-JWT: section “JSON Web Token Proof Format” of the specification.
//!
//! The payload **is** the credential with the registered claims beside its members. The header has the members that the
//! specification permits and no others: `alg`, `typ`, `jwk`, and `kid` where the issuer publishes the key at an address.
//! The algorithm is EdDSA: permitted, though RS256 is the specification's minimum; see the README of `seal` for why.

use std::fmt;

use kernel::Timestamp;
use seal::{CanonicalError, SigningKey, VerifyingKey, jws, jws::JwsError};
use serde_json::{Map, Value};

use crate::openbadge::{BadgeError, OpenBadge};

/// Clocks of issuer and verifier may differ by so many seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// The claims that mirror members of the credential.
const MIRRORED: [&str; 5] = ["iss", "jti", "sub", "nbf", "exp"];
/// “Additional JOSE Headers are NOT allowed.”
const HEADERS: [&str; 4] = ["alg", "kid", "jwk", "typ"];

/// Why a credential could not be signed.
#[derive(Debug)]
pub enum SignError {
    /// The subject has no URI, of which the required claim `sub` is made.
    NoSubject,
    /// The dates are not those that [`OpenBadge::build`] writes: UTC, whole seconds.
    Dates,
    /// The document has no canonical form.
    Canonical(CanonicalError),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSubject => f.write_str("the credential has no subject URI"),
            Self::Dates => f.write_str("the credential's dates are not in UTC and whole seconds"),
            Self::Canonical(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SignError {}

/// Why a token is no valid credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// The token itself is refused: its form, its algorithm or its signature.
    Token(JwsError),
    /// The header has a member that the specification does not allow, or neither `kid` nor `jwk`, or a `jwk` other than the key.
    Header,
    /// The payload is no credential.
    Credential(BadgeError),
    /// A registered claim is missing or says something else than the credential; its name.
    Claim(&'static str),
    /// Not valid yet.
    TooEarly,
    /// Not valid any more.
    Expired,
}

impl TokenError {
    /// A short stable name, for messages and their translations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token(JwsError::Signature) => "signature",
            Self::Token(JwsError::Algorithm) => "algorithm",
            Self::Token(_) => "malformed",
            Self::Header => "header",
            Self::Credential(_) => "not-a-badge",
            Self::Claim(_) => "claims",
            Self::TooEarly => "too-early",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Header => f.write_str("the header is not one of an Open Badges credential by this key"),
            Self::Credential(error) => error.fmt(f),
            Self::Claim(name) => write!(f, "the claim {name} does not agree with the credential"),
            Self::TooEarly => f.write_str("the credential is not valid yet"),
            Self::Expired => f.write_str("the credential has expired"),
        }
    }
}

impl std::error::Error for TokenError {}

/// Signs a credential. `key_url` is where the issuer publishes the public key as a JWK, if it does.
///
/// The same credential and key always give the same token.
///
/// # Errors
/// See [`SignError`]; credentials of [`OpenBadge::build`] are always signed.
pub fn sign(badge: &OpenBadge, key: &SigningKey, key_url: Option<&str>) -> Result<String, SignError> {
    let mut payload = badge.document().clone();
    payload.insert("iss".to_owned(), badge.issuer_id().into());
    payload.insert("jti".to_owned(), badge.id().into());
    payload.insert("sub".to_owned(), badge.subject_uri().ok_or(SignError::NoSubject)?.into());
    payload.insert("nbf".to_owned(), seconds(badge.valid_from()).ok_or(SignError::Dates)?.into());
    if let Some(end) = badge.valid_until() {
        payload.insert("exp".to_owned(), seconds(end).ok_or(SignError::Dates)?.into());
    }
    let mut header = Map::new();
    header.insert("typ".to_owned(), "JWT".into());
    header.insert("jwk".to_owned(), key.verifying_key().to_jwk());
    if let Some(url) = key_url {
        header.insert("kid".to_owned(), url.into());
    }
    let payload = seal::canonical_json(&Value::Object(payload)).map_err(SignError::Canonical)?;
    jws::sign(key, &header, &payload).map_err(SignError::Canonical)
}

/// Checks a token against the issuer's key, which the caller knows from elsewhere, at a moment. Revocation is the caller's question.
///
/// # Errors
/// The first of all reasons why the credential is not valid.
pub fn verify(token: &str, key: &VerifyingKey, now: Timestamp) -> Result<OpenBadge, TokenError> {
    let jws = jws::verify(token.trim(), key).map_err(TokenError::Token)?;
    check_header(&jws.header, key)?;
    let claims = read(&jws.payload)?;
    let mut document = claims.clone();
    document.retain(|name, _| !MIRRORED.contains(&name.as_str()));
    let badge = OpenBadge::from_document(Value::Object(document)).map_err(TokenError::Credential)?;

    let text = |name| claims.get(name).and_then(Value::as_str);
    let same = |name, value: Option<&str>| {
        if value.is_some() && text(name) == value { Ok(()) } else { Err(TokenError::Claim(name)) }
    };
    same("iss", Some(badge.issuer_id()))?;
    same("jti", Some(badge.id()))?;
    same("sub", badge.subject_uri())?;
    let date = |name| claims.get(name).and_then(Value::as_i64);
    let from = date("nbf")
        .filter(|from| seconds(badge.valid_from()) == Some(*from))
        .ok_or(TokenError::Claim("nbf"))?;
    let until = date("exp");
    if until != badge.valid_until().and_then(seconds) || until.is_some() != badge.valid_until().is_some() {
        return Err(TokenError::Claim("exp"));
    }
    let now = now.millis().div_euclid(1_000);
    if now + CLOCK_SKEW_SECONDS < from {
        return Err(TokenError::TooEarly);
    }
    if until.is_some_and(|until| now - CLOCK_SKEW_SECONDS >= until) {
        return Err(TokenError::Expired);
    }
    Ok(badge)
}

/// What an **unchecked** token says of itself, to find the key to check it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Address of the issuer.
    pub issuer: String,
    /// Address of the credential.
    pub id: String,
    /// Thumbprint of the key in the header, if there is one: look this id up among the keys that are trusted.
    pub key_id: Option<String>,
}

/// Reads whose credential a token claims to be, believing nothing.
///
/// # Errors
/// If it is no token or has no issuer and id.
pub fn claimed(token: &str) -> Result<Claimed, TokenError> {
    let jws = jws::peek(token.trim()).map_err(TokenError::Token)?;
    let claims = read(&jws.payload)?;
    let text =
        |name| claims.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(TokenError::Claim(name));
    let key = jws.header.get("jwk").and_then(|jwk| VerifyingKey::from_jwk(jwk).ok());
    Ok(Claimed { issuer: text("iss")?, id: text("jti")?, key_id: key.map(|key| key.id()) })
}

fn check_header(header: &Map<String, Value>, key: &VerifyingKey) -> Result<(), TokenError> {
    let known = header.keys().all(|name| HEADERS.contains(&name.as_str()));
    let names_key = header.contains_key("kid") || header.contains_key("jwk");
    let same_key = header.get("jwk").is_none_or(|jwk| VerifyingKey::from_jwk(jwk) == Ok(*key));
    let type_is_jwt = header.get("typ").is_none_or(|kind| kind == "JWT");
    if known && names_key && same_key && type_is_jwt { Ok(()) } else { Err(TokenError::Header) }
}

fn read(payload: &[u8]) -> Result<Map<String, Value>, TokenError> {
    let jws::DistinctMembers(members) =
        serde_json::from_slice(payload).map_err(|_| TokenError::Token(JwsError::Malformed))?;
    Ok(members)
}

/// Seconds since 1970 of a date spelled as [`Timestamp::rfc3339`] spells it.
fn seconds(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let day = kernel::Day::of(
        i16::try_from(number(0..4)?).ok()?,
        i8::try_from(number(5..7)?).ok()?,
        i8::try_from(number(8..10)?).ok()?,
    )?;
    let of_day = number(11..13)? * 3_600 + number(14..16)? * 60 + number(17..19)?;
    let seconds = i64::from(day.0) * 86_400 + of_day;
    (Timestamp::from_millis(seconds * 1_000).rfc3339() == text).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::{Claimed, SignError, TokenError, claimed, seconds, sign, verify};
    use crate::openbadge::{BadgeInput, OpenBadge, tests::input};
    use kernel::Timestamp;
    use seal::{SigningKey, base64url, from_base64url, jws, jws::JwsError};
    use serde_json::{Map, Value, json};

    const NOW: Timestamp = Timestamp::from_millis(1_770_000_000_000);

    fn key() -> SigningKey {
        SigningKey::from_seed(&[1; 32])
    }

    fn badge() -> OpenBadge {
        OpenBadge::build(&input()).expect("complete")
    }

    fn signed() -> String {
        sign(&badge(), &key(), Some("https://learn.example.cn/keys/1")).expect("our own badge")
    }

    #[test]
    fn payload_and_header_are_as_the_specification_wants() {
        let jws = jws::verify(&signed(), &key().verifying_key()).expect("just signed");
        let header = json!({
            "alg": "EdDSA", "typ": "JWT", "kid": "https://learn.example.cn/keys/1", "jwk": key().verifying_key().to_jwk(),
        });
        assert_eq!(Value::Object(jws.header), header);
        let payload: Value = serde_json::from_slice(&jws.payload).expect("JSON");
        assert_eq!(payload["iss"], payload["issuer"]["id"]);
        assert_eq!(payload["jti"], payload["id"]);
        assert_eq!(payload["sub"], payload["credentialSubject"]["id"]);
        assert_eq!(payload["nbf"], 1_767_225_600);
        assert!(payload.get("vc").is_none() && payload.get("exp").is_none());
        assert_eq!(signed(), signed());
    }

    #[test]
    fn a_true_credential_is_accepted_and_comes_back_whole() {
        assert_eq!(verify(&signed(), &key().verifying_key(), NOW), Ok(badge()));
        assert_eq!(verify(&format!("{}\n", signed()), &key().verifying_key(), NOW), Ok(badge()));
        let expected = Claimed {
            issuer: "https://learn.example.cn/places/11".to_owned(),
            id: "https://learn.example.cn/credentials/7f".to_owned(),
            key_id: Some(key().id()),
        };
        assert_eq!(claimed(&signed()), Ok(expected));
    }

    #[test]
    fn an_altered_credential_is_refused() {
        let token = signed();
        let parts: Vec<&str> = token.split('.').collect();
        let payload = String::from_utf8(from_base64url(parts[1]).expect("base64url")).expect("text");
        let altered = payload.replace("书法入门", "高等数学");
        assert_ne!(altered, payload);
        let altered = format!("{}.{}.{}", parts[0], base64url(altered.as_bytes()), parts[2]);
        let refused = verify(&altered, &key().verifying_key(), NOW);
        assert_eq!(refused, Err(TokenError::Token(JwsError::Signature)));

        let other = SigningKey::from_seed(&[2; 32]).verifying_key();
        assert_eq!(verify(&token, &other, NOW), Err(TokenError::Token(JwsError::Signature)));
        assert_eq!(verify("no token", &other, NOW), Err(TokenError::Token(JwsError::Malformed)));
    }

    /// A token with these changes to header and payload, honestly signed by our key.
    fn signed_with(change: impl FnOnce(&mut Map<String, Value>, &mut Value)) -> String {
        let jws = jws::peek(&signed()).expect("a token");
        let (mut header, mut payload) = (jws.header, serde_json::from_slice(&jws.payload).expect("JSON"));
        change(&mut header, &mut payload);
        jws::sign(&key(), &header, payload.to_string().as_bytes()).expect("canonical")
    }

    #[test]
    fn claims_must_agree_with_the_credential() {
        let public = key().verifying_key();
        for (name, wrong) in [
            ("iss", json!("https://other.example")),
            ("jti", json!("urn:x:1")),
            ("sub", json!(null)),
            ("nbf", json!(1)),
            ("exp", json!(1)),
        ] {
            let token = signed_with(|_, payload| payload[name] = wrong);
            assert_eq!(verify(&token, &public, NOW), Err(TokenError::Claim(name)));
        }
        for name in ["iss", "jti", "sub", "nbf"] {
            let token = signed_with(|_, payload| {
                payload.as_object_mut().and_then(|payload| payload.remove(name));
            });
            assert_eq!(verify(&token, &public, NOW), Err(TokenError::Claim(name)));
        }
        let token = signed_with(|_, payload| payload["credentialSubject"]["id"] = json!("urn:uuid:0"));
        assert_eq!(verify(&token, &public, NOW), Err(TokenError::Claim("sub")));
        let token = signed_with(|_, payload| payload["validUntil"] = json!("2030-01-01T00:00:00Z"));
        assert_eq!(verify(&token, &public, NOW), Err(TokenError::Claim("exp")));
        let token = signed_with(|_, payload| payload["type"] = json!(["VerifiableCredential"]));
        assert_eq!(verify(&token, &public, NOW).map_err(TokenError::name), Err("not-a-badge"));
    }

    #[test]
    fn headers_must_name_this_key_and_nothing_unknown() {
        let public = key().verifying_key();
        let refused = |change: fn(&mut Map<String, Value>)| {
            verify(&signed_with(|header, _| change(header)), &public, NOW)
        };
        assert_eq!(
            refused(|header| drop(header.insert("x5u".to_owned(), json!("https://x")))),
            Err(TokenError::Header)
        );
        assert_eq!(
            refused(|header| drop(header.insert("typ".to_owned(), json!("vc")))),
            Err(TokenError::Header)
        );
        assert_eq!(refused(|header| header.retain(|name, _| name == "alg")), Err(TokenError::Header));
        let other = |header: &mut Map<String, Value>| {
            header.insert("jwk".to_owned(), SigningKey::from_seed(&[2; 32]).verifying_key().to_jwk());
        };
        assert_eq!(refused(other), Err(TokenError::Header));
        assert!(refused(|header| drop(header.remove("kid"))).is_ok());
        assert!(refused(|header| drop(header.remove("jwk"))).is_ok());
    }

    #[test]
    fn validity_begins_and_ends() {
        let end = Timestamp::from_millis(1_800_000_000_000);
        let badge = OpenBadge::build(&BadgeInput { valid_until: Some(end), ..input() }).expect("complete");
        let token = sign(&badge, &key(), None).expect("our own badge");
        let at = |seconds: i64| {
            verify(&token, &key().verifying_key(), Timestamp::from_millis(seconds * 1_000))
                .map(drop)
                .map_err(TokenError::name)
        };
        assert_eq!(at(1_767_225_600 - 61), Err("too-early"));
        assert_eq!(at(1_767_225_600 - 60), Ok(()));
        assert_eq!(at(1_800_000_059), Ok(()));
        assert_eq!(at(1_800_000_060), Err("expired"));
    }

    #[test]
    fn dates_have_one_spelling() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        for text in [
            "2026-01-01",
            "2026-02-29T00:00:00Z",
            "2026-01-01T00:00:00+08:00",
            "2026-01-01T00:00:00.5Z",
            "",
            "年年年年年年年",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        let mut document = badge().document().clone();
        document.insert("validFrom".to_owned(), json!("2026-01-01T08:00:00+08:00"));
        let foreign = OpenBadge::from_document(Value::Object(document)).expect("a badge");
        assert!(matches!(sign(&foreign, &key(), None), Err(SignError::Dates)));
    }
}
