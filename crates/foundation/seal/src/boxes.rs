//! Secrets at rest: encrypted boxes, wrapped keys, blind indexes, keyed digests and the keys derived for them.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;

const NONCE_BYTES: usize = 24;
/// Bytes that a box is longer than its content: nonce and authentication tag.
const OVERHEAD: usize = NONCE_BYTES + 16;

/// A box does not open: wrong key, wrong context, or altered bytes. Which of them cannot be told, and should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the box does not open with this key and context")]
pub struct BoxError;

/// `N` random bytes.
pub fn random_bytes<const N: usize>(rng: &mut (impl CryptoRng + ?Sized)) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// A new symmetric key.
pub fn random_key(rng: &mut (impl CryptoRng + ?Sized)) -> [u8; 32] {
    random_bytes(rng)
}

/// Encrypts and authenticates with XChaCha20-Poly1305. The box is 40 bytes longer than `plain`: a random nonce of 24 bytes in front,
/// a tag of 16 behind.
///
/// `context` must be given again to open it; name there what the content belongs to (table, column, row), so that a box cannot be
/// moved to another place. Random nonces of this length may be used without counting (2⁸⁰ boxes under one key).
#[expect(clippy::missing_panics_doc, reason = "encryption fails only above 256 GiB, which no memory holds")]
pub fn seal_box(
    key: &[u8; 32],
    rng: &mut (impl CryptoRng + ?Sized),
    context: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = random_bytes(rng);
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let encrypted = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
        .expect("the content is under 256 GiB");
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&encrypted);
    sealed
}

/// Opens what [`seal_box`] closed with the same key and context.
pub fn open_box(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, BoxError> {
    let (nonce, encrypted) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(BoxError)?;
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad: context }).map_err(|_| BoxError)
}

/// In front of the owner in the context of a wrapped key, so that no box of another use can pose as one.
const WRAP: &[u8] = b"xuecheng wrapped key v1\0";

/// Puts a key into a box under the master key, bound to its owner (such as a person's id). 72 bytes.
pub fn wrap_key(
    master: &[u8; 32],
    rng: &mut (impl CryptoRng + ?Sized),
    owner: &[u8],
    key: &[u8; 32],
) -> Vec<u8> {
    seal_box(&derive(master, "wrap"), rng, &[WRAP, owner].concat(), key)
}

/// Takes a key out of the box that [`wrap_key`] made for the same owner.
pub fn unwrap_key(master: &[u8; 32], owner: &[u8], wrapped: &[u8]) -> Result<[u8; 32], BoxError> {
    let key = open_box(&derive(master, "wrap"), &[WRAP, owner].concat(), wrapped)?;
    key.try_into().map_err(|_| BoxError)
}

/// A subkey for one use: HKDF-Expand with SHA-256 (RFC 5869 section 2.3), one block. Keys of different labels say nothing about each
/// other or about the master.
pub fn derive(master: &[u8; 32], label: &str) -> [u8; 32] {
    KeyedDigest::new(master).of_parts(&[label.as_bytes(), &[1]])
}

/// Sixteen bytes by which an encrypted value is found again: HMAC-SHA256 of label and value, cut.
///
/// Equal values give equal bytes, so normalise the value first (case, spaces, full-width digits), and use a subkey of the master:
/// without the key, guessing values is of no use. `label` names the column, so that indexes of two columns cannot be compared.
pub fn blind_index(key: &[u8; 32], label: &str, value: &[u8]) -> [u8; 16] {
    let length = (label.len() as u64).to_be_bytes();
    let digest = KeyedDigest::new(key).of_parts(&[&length, label.as_bytes(), value]);
    let mut index = [0; 16];
    index.copy_from_slice(&digest[..16]);
    index
}

/// HMAC-SHA256 (RFC 2104) of data under a salt of any length: the digest of a row, which nobody can guess back without the salt.
pub fn keyed_digest(salt: &[u8], data: &[u8]) -> [u8; 32] {
    KeyedDigest::new(salt).of(data)
}

/// [`keyed_digest`] for many rows under one salt: the salt is worked in once, which halves the work for short rows.
#[derive(Clone)]
pub struct KeyedDigest(Hmac<Sha256>);

impl KeyedDigest {
    /// For this salt.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of every length")]
    pub fn new(salt: &[u8]) -> Self {
        Self(Hmac::new_from_slice(salt).expect("HMAC takes keys of every length"))
    }

    /// Digest of some data.
    pub fn of(&self, data: &[u8]) -> [u8; 32] {
        self.of_parts(&[data])
    }

    /// Digest of the parts written one after the other. The caller sees to it that other parts cannot give the same bytes.
    pub fn of_parts(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for KeyedDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyedDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::{
        BoxError, KeyedDigest, OVERHEAD, blind_index, derive, keyed_digest, open_box, random_key, seal_box,
        unwrap_key, wrap_key,
    };
    use crate::{from_hex, from_hex_exact, hex};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(1)
    }

    /// draft-irtf-cfrg-xchacha-03 appendix A.3.1.
    #[test]
    fn published_box() {
        let key =
            from_hex_exact("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f").expect("hex");
        let context = from_hex("50515253c0c1c2c3c4c5c6c7").expect("hex");
        let sealed = from_hex(concat!(
            "404142434445464748494a4b4c4d4e4f5051525354555657",
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb",
            "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452",
            "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9",
            "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49",
        ))
        .expect("hex");
        let plain = open_box(&key, &context, &sealed).expect("the published box");
        let expected = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        assert_eq!(String::from_utf8(plain).as_deref(), Ok(expected));
    }

    #[test]
    fn boxes_open_only_unaltered_with_key_and_context() {
        let mut rng = rng();
        let key = random_key(&mut rng);
        for plain in ["", "王秀英", &"长".repeat(5_000)] {
            let sealed = seal_box(&key, &mut rng, b"person.name:7", plain.as_bytes());
            assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            assert_eq!(open_box(&key, b"person.name:7", &sealed).as_deref(), Ok(plain.as_bytes()));
            assert_eq!(open_box(&key, b"person.name:8", &sealed), Err(BoxError));
            assert_eq!(open_box(&random_key(&mut rng), b"person.name:7", &sealed), Err(BoxError));
            for position in [0, 23, 24, sealed.len() - 1] {
                let mut altered = sealed.clone();
                altered[position] ^= 0x80;
                assert_eq!(open_box(&key, b"person.name:7", &altered), Err(BoxError));
            }
            assert_eq!(open_box(&key, b"person.name:7", &sealed[..sealed.len() - 1]), Err(BoxError));
            assert_ne!(
                seal_box(&key, &mut rng, b"person.name:7", plain.as_bytes()),
                sealed,
                "nonces must differ"
            );
        }
        for length in 0..OVERHEAD {
            assert_eq!(open_box(&key, b"", &vec![0; length]), Err(BoxError));
        }
    }

    #[test]
    fn wrapped_keys_belong_to_their_owner() {
        let mut rng = rng();
        let (master, key) = (random_key(&mut rng), random_key(&mut rng));
        let wrapped = wrap_key(&master, &mut rng, b"person 1", &key);
        assert_eq!(wrapped.len(), 72);
        assert_eq!(unwrap_key(&master, b"person 1", &wrapped), Ok(key));
        assert_eq!(unwrap_key(&master, b"person 2", &wrapped), Err(BoxError));
        assert_eq!(unwrap_key(&key, b"person 1", &wrapped), Err(BoxError));
        // A box of another use under the master key is no wrapped key.
        let other = seal_box(&master, &mut rng, b"person 1", &key);
        assert_eq!(unwrap_key(&master, b"person 1", &other), Err(BoxError));
    }

    /// RFC 4231 test cases 1, 2 and 6 (a key longer than a block).
    #[test]
    fn rfc_4231_digests() {
        let cases = [
            (vec![0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (salt, data, expected) in cases {
            assert_eq!(hex(&keyed_digest(&salt, data.as_bytes())), expected);
            let many = KeyedDigest::new(&salt);
            let (front, back) = data.split_at(5);
            assert_eq!(hex(&many.of_parts(&[front.as_bytes(), back.as_bytes()])), expected);
            assert_eq!(hex(&many.of(data.as_bytes())), expected);
        }
    }

    /// HKDF-Expand-SHA256 with 32 bytes of output, computed independently with Python's `hmac`.
    #[test]
    fn subkeys_are_hkdf_and_differ_by_label() {
        let master = [7; 32];
        assert_eq!(
            hex(&derive(&master, "wrap")),
            "a58070e74b3cdcdeec6e24250d5e8b82d60b1363e2d7d5c0c446a336dd3c9ec9"
        );
        let keys = ["", "wrap", "blind", "wrap\u{1}"].map(|label| derive(&master, label));
        for (number, key) in keys.iter().enumerate() {
            assert!(!keys[..number].contains(key));
        }
        assert_ne!(derive(&[8; 32], "wrap"), derive(&master, "wrap"));
    }

    #[test]
    fn blind_indexes_find_equals_only() {
        let key = [3; 32];
        let index = blind_index(&key, "phone", b"13800138000");
        assert_eq!(hex(&index), "1598c7006a7289295b40794535dfea1e");
        assert_eq!(index, blind_index(&key, "phone", b"13800138000"));
        assert_ne!(index, blind_index(&key, "phone", b"13800138001"));
        assert_ne!(index, blind_index(&key, "phone1", b"3800138000"));
        assert_ne!(index, blind_index(&[4; 32], "phone", b"13800138000"));
    }
}
