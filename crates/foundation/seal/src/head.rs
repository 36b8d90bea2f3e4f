//! Tree heads: what an origin states about its log at a moment, and signs.
//!
//! The text follows [tlog-checkpoint](https://c2sp.org/tlog-checkpoint) with two extension lines, the signature
//! [signed-note](https://c2sp.org/signed-note), so that the usual tools for transparency logs can check a head.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    canonical::sha256,
    keys::{Signature, SigningKey, VerifyingKey},
    merkle::Hash,
};

/// Size, root and time of a log, chained to the head before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Name of the log, such as the host name of the installation: not empty, no white space, no `+`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree over all leaves.
    pub root: Hash,
    /// When the head was made, in milliseconds since 1970 in UTC.
    pub at_ms: i64,
    /// Root of the head before this one; [`empty_root`](crate::empty_root) for the first.
    pub prev_root: Hash,
}

/// Why a head could not be written or a note was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The origin is empty or has white space, a control character or a `+`.
    #[error("not a usable name of a log")]
    Origin,
    /// The text is not exactly what [`TreeHead::text`] writes.
    #[error("not the text of a tree head")]
    Text,
    /// No signature by this key for this origin.
    #[error("the note is not signed by this key")]
    Unsigned,
    /// A signature that names this key does not belong to the text.
    #[error("the signature does not belong to the text")]
    Signature,
}

/// Type byte of Ed25519 in a signed note.
const ED25519: u8 = 1;

impl TreeHead {
    /// The canonical text, which is what is signed: origin, size, root, time and previous root on a line each.
    pub fn text(&self) -> Result<String, NoteError> {
        let unusable = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if self.origin.is_empty() || self.origin.contains(unusable) {
            return Err(NoteError::Origin);
        }
        let (root, previous) = (STANDARD.encode(self.root), STANDARD.encode(self.prev_root));
        Ok(format!("{}\n{}\n{root}\nat {}\nprevious {previous}\n", self.origin, self.size, self.at_ms))
    }

    /// Reads the canonical text; any other spelling of the same values is refused.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let head = Self::read(text).ok_or(NoteError::Text)?;
        if head.text()? == text { Ok(head) } else { Err(NoteError::Text) }
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        Some(Self {
            origin: lines.next()?.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: hash(lines.next()?)?,
            at_ms: lines.next()?.strip_prefix("at ")?.parse().ok()?,
            prev_root: hash(lines.next()?.strip_prefix("previous ")?)?,
        })
    }

    /// The bare signature of the text, for those who store the fields apart.
    pub fn signature(&self, key: &SigningKey) -> Result<Signature, NoteError> {
        Ok(key.sign(self.text()?.as_bytes()))
    }

    /// Whether this key made the bare signature of this head.
    pub fn verify(&self, key: &VerifyingKey, signature: &Signature) -> bool {
        self.text().is_ok_and(|text| key.verify(text.as_bytes(), signature))
    }

    /// The signed note: the text, an empty line, and a signature line with name and id of the key.
    pub fn to_note(&self, key: &SigningKey) -> Result<String, NoteError> {
        self.note_of(&key.verifying_key(), &self.signature(key)?)
    }

    /// The signed note from a bare signature that this key made before. Whether it did is not looked at.
    pub fn note_of(&self, key: &VerifyingKey, signature: &Signature) -> Result<String, NoteError> {
        let tagged = [&note_key_id(&self.origin, key)[..], &signature[..]].concat();
        Ok(format!("{}\n\u{2014} {} {}\n", self.text()?, self.origin, STANDARD.encode(tagged)))
    }

    /// Reads a signed note and checks that this key signed it for the origin that it names. Signatures of others are passed over.
    pub fn from_note(note: &str, key: &VerifyingKey) -> Result<Self, NoteError> {
        let (body, signatures) = note.split_once("\n\n").ok_or(NoteError::Text)?;
        let text = format!("{body}\n");
        let head = Self::parse(&text)?;
        let id = note_key_id(&head.origin, key);
        for line in signatures.lines() {
            let (name, encoded) = line
                .strip_prefix("\u{2014} ")
                .and_then(|rest| rest.split_once(' '))
                .ok_or(NoteError::Text)?;
            let tagged = STANDARD.decode(encoded).map_err(|_| NoteError::Text)?;
            let Some((tag, signature)) = tagged.split_first_chunk::<4>() else { return Err(NoteError::Text) };
            if name != head.origin || *tag != id {
                continue;
            }
            let signature = signature.try_into().map_err(|_| NoteError::Signature)?;
            return if key.verify(text.as_bytes(), &signature) {
                Ok(head)
            } else {
                Err(NoteError::Signature)
            };
        }
        Err(NoteError::Unsigned)
    }
}

/// The public key as tools for signed notes take it: `name+id+key`, with the id in hexadecimal and the key, after its type byte, in
/// base64.
pub fn note_key(name: &str, key: &VerifyingKey) -> String {
    let id = crate::canonical::hex(&note_key_id(name, key));
    format!("{name}+{id}+{}", STANDARD.encode([&[ED25519][..], &key.to_bytes()].concat()))
}

/// Key id of a signed note: the first four bytes of `SHA-256(name ‖ newline ‖ type ‖ public key)`.
fn note_key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = sha256(&[name.as_bytes(), &[b'\n', ED25519], &key.to_bytes()].concat());
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::{ED25519, NoteError, TreeHead, note_key, note_key_id};
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use crate::{SigningKey, VerifyingKey, empty_root, hex, leaf_hash};

    fn head() -> TreeHead {
        TreeHead {
            origin: "learn.example.cn".to_owned(),
            size: 12_340,
            root: leaf_hash(b"a root"),
            at_ms: 1_700_000_000_123,
            prev_root: empty_root(),
        }
    }

    #[test]
    fn the_text_is_fixed() {
        let expected = "learn.example.cn\n12340\ndnnKK6YcMGfGDcNQ1uuzHzVBpOshYI5VQmadSCq3dW8=\nat 1700000000123\n\
                        previous 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        assert_eq!(head().text().as_deref(), Ok(expected));
        assert_eq!(TreeHead::parse(expected), Ok(head()));
    }

    /// Key and signature from the documentation of Go's package `golang.org/x/mod/sumdb/note`.
    #[test]
    fn published_signed_note() {
        let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").expect("base64");
        assert_eq!(key[0], ED25519);
        let key = VerifyingKey::from_bytes(&key[1..].try_into().expect("32 bytes")).expect("a key");
        assert_eq!(hex(&note_key_id("PeterNeumann", &key)), "c74f20a3");
        assert_eq!(
            note_key("PeterNeumann", &key),
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        );
        let line =
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let tagged = STANDARD.decode(line).expect("base64");
        assert_eq!(hex(&tagged[..4]), "c74f20a3");
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        assert!(key.verify(text.as_bytes(), &tagged[4..].try_into().expect("64 bytes")));
    }

    #[test]
    fn notes_round_trip_also_among_other_signatures() {
        let (key, witness) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
        let note = head().to_note(&key).expect("a usable origin");
        assert_eq!(TreeHead::from_note(&note, &key.verifying_key()), Ok(head()));
        assert_eq!(TreeHead::from_note(&note, &witness.verifying_key()), Err(NoteError::Unsigned));

        let theirs = head().to_note(&witness).expect("a usable origin");
        let their_line = theirs.lines().last().expect("a signature line");
        let (body, our_line) = note.split_once("\n\n").expect("two parts");
        let both = format!("{body}\n\n{their_line}\n{our_line}");
        assert_eq!(TreeHead::from_note(&both, &key.verifying_key()), Ok(head()));
        assert_eq!(TreeHead::from_note(&both, &witness.verifying_key()), Ok(head()));
    }

    #[test]
    fn altered_notes_are_refused() {
        let key = SigningKey::from_seed(&[1; 32]);
        let note = head().to_note(&key).expect("a usable origin");
        let read = |text: String| TreeHead::from_note(&text, &key.verifying_key());
        assert_eq!(read(note.replace("\n12340\n", "\n12341\n")), Err(NoteError::Signature));
        assert_eq!(read(note.replace("at 1700000000123", "at 1700000000124")), Err(NoteError::Signature));
        assert_eq!(read(note.replace("\n12340\n", "\n012340\n")), Err(NoteError::Text));
        assert_eq!(read(note.replace("at 17", "at +17")), Err(NoteError::Text));
        assert_eq!(read(note.replace("\n\n", "\nmore\n\n")), Err(NoteError::Text));
        assert_eq!(read(note.replacen("learn.", "teach.", 1)), Err(NoteError::Unsigned));
        assert_eq!(
            read(note.split_once('\u{2014}').expect("a signature").0.to_owned()),
            Err(NoteError::Unsigned)
        );
        assert_eq!(read(String::new()), Err(NoteError::Text));
        for origin in ["", "two words", "a+b", "line\nline"] {
            let head = TreeHead { origin: origin.to_owned(), ..head() };
            assert_eq!(head.to_note(&key), Err(NoteError::Origin));
            assert!(!head.verify(&key.verifying_key(), &[0; 64]));
        }
    }

    #[test]
    fn bare_signatures() {
        let key = SigningKey::from_seed(&[1; 32]);
        let signature = head().signature(&key).expect("a usable origin");
        assert!(head().verify(&key.verifying_key(), &signature));
        let later = TreeHead { at_ms: 0, ..head() };
        assert!(!later.verify(&key.verifying_key(), &signature));
    }
}
