//! JSON Web Signatures: compact serialisation (RFC 7515) with EdDSA over Ed25519 (RFC 8037), and with nothing else.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::{
    canonical::{CanonicalError, base64url, canonical_json, from_base64url, from_base64url_exact},
    keys::{SigningKey, VerifyingKey},
};

/// The only algorithm.
pub const ALGORITHM: &str = "EdDSA";

/// Tokens longer than this are refused unread; a credential has a few kilobytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of strict base64url, or the header is no JSON object with distinct members.
    #[error("not a JWS in compact serialisation")]
    Malformed,
    /// `alg` is not `EdDSA`: `none` and everything else.
    #[error("the algorithm is not EdDSA")]
    Algorithm,
    /// The header demands an extension (`crit`, RFC 7515 section 4.1.11); none is supported.
    #[error("the header demands an unknown extension")]
    Critical,
    /// The signature was not made by this key over this header and payload.
    #[error("the signature does not belong to the token")]
    Signature,
}

/// Header and payload of a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Jws {
    /// All members of the header, `alg` among them.
    pub header: Map<String, Value>,
    /// The signed bytes.
    pub payload: Vec<u8>,
}

/// Signs a payload. `extra` are the members of the header beside `alg`, which is always `EdDSA`.
pub fn sign(key: &SigningKey, extra: &Map<String, Value>, payload: &[u8]) -> Result<String, CanonicalError> {
    let mut header = extra.clone();
    header.insert("alg".to_owned(), ALGORITHM.into());
    let mut token = base64url(&canonical_json(&Value::Object(header))?);
    token.push('.');
    token.push_str(&base64url(payload));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    token.push_str(&base64url(&signature));
    Ok(token)
}

/// Checks a token against a key that the caller knows from elsewhere. A `jwk` or `kid` in the header is not believed.
pub fn verify(token: &str, key: &VerifyingKey) -> Result<Jws, JwsError> {
    let jws = peek(token)?;
    if jws.header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
        return Err(JwsError::Algorithm);
    }
    if jws.header.contains_key("crit") {
        return Err(JwsError::Critical);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let signature = from_base64url_exact(signature).ok_or(JwsError::Malformed)?;
    if key.verify(signed.as_bytes(), &signature) { Ok(jws) } else { Err(JwsError::Signature) }
}

/// Reads a token **without checking it**, to find out whose key to check it with.
pub fn peek(token: &str) -> Result<Jws, JwsError> {
    if token.len() > MAX_BYTES {
        return Err(JwsError::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(_signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(JwsError::Malformed);
    };
    let header = from_base64url(header).ok_or(JwsError::Malformed)?;
    let DistinctMembers(header) = serde_json::from_slice(&header).map_err(|_| JwsError::Malformed)?;
    let payload = from_base64url(payload).ok_or(JwsError::Malformed)?;
    Ok(Jws { header, payload })
}

/// A JSON object without repeated members (RFC 7515 section 4), which readers would understand differently.
pub struct DistinctMembers(pub Map<String, Value>);

impl<'de> Deserialize<'de> for DistinctMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = DistinctMembers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with distinct members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<DistinctMembers, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry()? {
                    if members.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a member is repeated"));
                    }
                }
                Ok(DistinctMembers(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::{JwsError, MAX_BYTES, peek, sign, verify};
    use crate::{SigningKey, base64url};
    use serde_json::{Map, json};

    /// RFC 8037 appendix A.4.
    const RFC_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn key() -> SigningKey {
        SigningKey::from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .expect("the key of RFC 8037")
    }

    #[test]
    fn rfc_8037_token() {
        let token = sign(&key(), &Map::new(), b"Example of Ed25519 signing").expect("canonical");
        assert_eq!(token, RFC_TOKEN);
        let jws = verify(&token, &key().verifying_key()).expect("the RFC's signature");
        assert_eq!(jws.payload, b"Example of Ed25519 signing");
    }

    #[test]
    fn extra_members_cannot_choose_the_algorithm() {
        let extra = json!({"alg": "none", "typ": "JWT", "kid": "https://learn.example.cn/keys/1"});
        let token = sign(&key(), extra.as_object().expect("an object"), b"{}").expect("canonical");
        let jws = verify(&token, &key().verifying_key()).expect("just signed");
        assert_eq!(jws.header["alg"], "EdDSA");
        assert_eq!(jws.header["kid"], "https://learn.example.cn/keys/1");
    }

    /// A token with a header of our choice, honestly signed by our key.
    fn signed_with_header(header: &str) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(b"{}"));
        let signature = base64url(&key().sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    #[test]
    fn other_algorithms_and_headers_are_refused() {
        let public = key().verifying_key();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"eddsa"}"#,
            r#"{"typ":"JWT"}"#,
        ] {
            assert_eq!(verify(&signed_with_header(header), &public), Err(JwsError::Algorithm), "{header}");
        }
        let critical = signed_with_header(r#"{"alg":"EdDSA","crit":["b64"],"b64":false}"#);
        assert_eq!(verify(&critical, &public), Err(JwsError::Critical));
        for header in [r#"{"alg":"none","alg":"EdDSA"}"#, r#"["EdDSA"]"#, "{", ""] {
            assert_eq!(verify(&signed_with_header(header), &public), Err(JwsError::Malformed), "{header}");
        }
        assert!(verify(&signed_with_header(r#"{"alg":"EdDSA"}"#), &public).is_ok());
    }

    #[test]
    fn every_altered_character_is_refused() {
        let public = key().verifying_key();
        for position in 0..RFC_TOKEN.len() {
            for replacement in ["A", "B", "-", "=", "."] {
                let mut altered = RFC_TOKEN.to_owned();
                altered.replace_range(position..=position, replacement);
                if altered != RFC_TOKEN {
                    assert!(verify(&altered, &public).is_err(), "{replacement} at {position}");
                }
            }
        }
        let other = SigningKey::from_seed(&[9; 32]).verifying_key();
        assert_eq!(verify(RFC_TOKEN, &other), Err(JwsError::Signature));
    }

    #[test]
    fn other_spellings_are_refused() {
        let public = key().verifying_key();
        // `Ag` and `Ah` differ only in bits that a careless reader throws away.
        let trailing_bits = format!("{}h", &RFC_TOKEN[..RFC_TOKEN.len() - 1]);
        assert_eq!(verify(&trailing_bits, &public), Err(JwsError::Malformed));
        for text in [
            format!("{RFC_TOKEN}=="),
            format!("{RFC_TOKEN}\n"),
            format!(" {RFC_TOKEN}"),
            format!("{RFC_TOKEN}."),
        ] {
            assert_eq!(verify(&text, &public), Err(JwsError::Malformed), "{text}");
        }
        let unsigned = RFC_TOKEN.rsplit_once('.').expect("three parts").0;
        assert_eq!(verify(unsigned, &public), Err(JwsError::Malformed));
        assert_eq!(verify(&format!("{unsigned}."), &public), Err(JwsError::Malformed));
        assert_eq!(peek(&"a".repeat(MAX_BYTES + 1)), Err(JwsError::TooLong));
    }
}
