//! Data Integrity proofs inside a JSON document: cryptosuite `eddsa-jcs-2022` of the W3C recommendation *Data Integrity EdDSA
//! Cryptosuites v1.0*, section 3.3. Canonical JSON is RFC 8785, so no linked-data processing is needed to check one.

use kernel::Timestamp;
use seal::{CanonicalError, SigningKey, VerifyingKey, canonical_json, sha256};
use serde_json::{Map, Value, json};

/// The only cryptosuite written and read.
pub const CRYPTOSUITE: &str = "eddsa-jcs-2022";

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Multicodec prefix of an Ed25519 public key.
const ED25519_PUBLIC: [u8; 2] = [0xed, 0x01];
/// Longest base58 text that is read: a signature has 88 characters.
const BASE58_MAX: usize = 128;

/// Adds a proof to a document. `method` is the address of the key in the issuer's profile.
///
/// # Errors
/// If the document has no canonical form.
pub fn attach(
    mut document: Map<String, Value>,
    key: &SigningKey,
    method: &str,
    created: Timestamp,
) -> Result<Map<String, Value>, CanonicalError> {
    let mut proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created.rfc3339(),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    });
    if let Some(context) = document.get("@context") {
        proof["@context"] = context.clone();
    }
    let signature = key.sign(&hash_data(&document, &proof)?);
    proof["proofValue"] = format!("z{}", base58(&signature)).into();
    document.insert("proof".to_owned(), proof);
    Ok(document)
}

/// Whether this key made the document's one proof. The key is known from elsewhere; what the proof says of it is not believed.
pub fn verify(document: &Map<String, Value>, key: &VerifyingKey) -> bool {
    let mut unsecured = document.clone();
    let Some(Value::Object(mut proof)) = unsecured.remove("proof") else { return false };
    let text = |name| proof.get(name).and_then(Value::as_str);
    let ours = text("type") == Some("DataIntegrityProof")
        && text("cryptosuite") == Some(CRYPTOSUITE)
        && text("proofPurpose") == Some("assertionMethod");
    // Section 3.3.2: the context under which was signed stands at the beginning of the document's own.
    let context = proof.get("@context").is_none_or(|context| Some(context) == unsecured.get("@context"));
    let Some(Value::String(value)) = proof.remove("proofValue") else { return false };
    let signature = value.strip_prefix('z').and_then(from_base58).and_then(|bytes| bytes.try_into().ok());
    let Some(signature) = signature else { return false };
    let hash = hash_data(&unsecured, &Value::Object(proof));
    ours && context && hash.is_ok_and(|hash| key.verify(&hash, &signature))
}

/// The public key as Multikey writes it: `z6Mk…`.
pub fn multikey(key: &VerifyingKey) -> String {
    format!("z{}", base58(&[&ED25519_PUBLIC[..], &key.to_bytes()].concat()))
}

/// Section 3.3.4: hash of the proof's options, then hash of the document.
fn hash_data(document: &Map<String, Value>, proof: &Value) -> Result<Vec<u8>, CanonicalError> {
    let options = sha256(&canonical_json(proof)?);
    let document = sha256(&canonical_json(&Value::Object(document.clone()))?);
    Ok([options, document].concat())
}

/// Base58 in Bitcoin's alphabet, as multibase `z` has it.
fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::with_capacity(bytes.len() * 138 / 100 + 1);
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let leading = std::iter::repeat_n(b'1', zeros);
    leading.chain(digits.iter().rev().map(|digit| BASE58[usize::from(*digit)])).map(char::from).collect()
}

fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > BASE58_MAX {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for character in text.bytes() {
        let mut carry = u32::try_from(BASE58.iter().position(|have| *have == character)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    bytes.extend(text.bytes().take_while(|byte| *byte == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recommendation's test vector for this cryptosuite, appendix A.3.
    #[test]
    fn the_recommendations_example() {
        let seed = seal::from_hex_exact("c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6")
            .expect("hex");
        let key = SigningKey::from_seed(&seed);
        let multikey = multikey(&key.verifying_key());
        assert_eq!(multikey, "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2");
        let document = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential", "AlumniCredential"],
            "name": "Alumni Credential",
            "description": "A minimum viable example of an Alumni Credential.",
            "issuer": "https://vc.example/issuers/5678",
            "validFrom": "2023-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        });
        let Value::Object(document) = document else { unreachable!("it is an object") };
        let created = Timestamp::from_millis(1_677_281_798_000);
        let signed =
            attach(document, &key, &format!("did:key:{multikey}#{multikey}"), created).expect("canonical");
        let expected =
            "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX";
        assert_eq!(signed["proof"]["proofValue"], expected);
        assert!(verify(&signed, &key.verifying_key()));

        assert!(!verify(&signed, &SigningKey::from_seed(&[1; 32]).verifying_key()));
        let changes: [(&str, fn(&mut Map<String, Value>)); 5] = [
            ("document", |signed| signed["credentialSubject"]["alumniOf"] = json!("Another School")),
            ("added", |signed| drop(signed.insert("more".to_owned(), json!(1)))),
            ("options", |signed| signed["proof"]["created"] = json!("2024-02-24T23:36:38Z")),
            ("suite", |signed| signed["proof"]["cryptosuite"] = json!("eddsa-rdfc-2022")),
            ("gone", |signed| drop(signed.remove("proof"))),
        ];
        for (name, change) in changes {
            let mut altered = signed.clone();
            change(&mut altered);
            assert!(!verify(&altered, &key.verifying_key()), "{name}");
        }
    }

    #[test]
    fn base58_keeps_every_byte() {
        for bytes in [&[][..], &[0], &[0, 0, 1], &[255; 64], b"Hello World!"] {
            assert_eq!(from_base58(&base58(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(base58(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
        assert_eq!(from_base58("0OIl"), None);
    }
}
