//! Ed25519 keys (RFC 8032) and their texts.

use std::fmt;

use ed25519_dalek::Signer as _;
use serde_json::{Value, json};

use crate::canonical::{base64url, from_base64url_exact, sha256};

/// 64 bytes of an Ed25519 signature.
pub type Signature = [u8; 64];

/// Why a key or a key file was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not base64url of 32 bytes.
    #[error("the key is not base64url of 32 bytes")]
    Encoding,
    /// The bytes are no point of the curve, or one of the few points under which forgeries are easy.
    #[error("the bytes are not a usable Ed25519 public key")]
    Point,
    /// Not a JWK of type OKP with curve Ed25519 (RFC 8037).
    #[error("not an Ed25519 JWK")]
    Jwk,
    /// A public JWK must not carry the private member `d` (Open Badges 3.0, section on the JOSE header).
    #[error("the JWK contains a private key")]
    PrivateJwk,
    /// The key file lacks a line, has one twice, or has an unknown one.
    #[error("the key file does not have the lines of its format")]
    FileFormat,
    /// The id in the key file is not that of the secret: a character was lost or changed.
    #[error("the key file is damaged: the id does not belong to the secret")]
    FileDamaged,
}

/// A private Ed25519 key. Prints as its id; wiped from memory when dropped.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key of 32 random bytes (the *seed* of RFC 8032).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// A new key.
    pub fn generate(rng: &mut (impl rand::CryptoRng + ?Sized)) -> Self {
        Self::from_seed(&crate::random_key(rng))
    }

    /// Reads the seed from base64url.
    pub fn from_base64url(text: &str) -> Result<Self, KeyError> {
        from_base64url_exact(text).map(|seed| Self::from_seed(&seed)).ok_or(KeyError::Encoding)
    }

    /// The seed: a secret.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The seed in base64url: a secret.
    pub fn to_base64url(&self) -> String {
        base64url(self.0.as_bytes())
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Id of the public half.
    pub fn id(&self) -> String {
        self.verifying_key().id()
    }

    /// Signs a message. The same key and message always give the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

/// A public Ed25519 key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// From the 32 bytes of RFC 8032. Small-order points are refused.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        if key.is_weak() { Err(KeyError::Point) } else { Ok(Self(key)) }
    }

    /// The 32 bytes of RFC 8032.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Reads base64url.
    pub fn from_base64url(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&from_base64url_exact(text).ok_or(KeyError::Encoding)?)
    }

    /// Base64url, which is also member `x` of the JWK.
    pub fn to_base64url(&self) -> String {
        base64url(self.0.as_bytes())
    }

    /// Whether this key made the signature of this message. Strict: see the invariants in the README.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }

    /// The public JWK (RFC 8037): `{"crv":"Ed25519","kty":"OKP","x":…}`, nothing else.
    pub fn to_jwk(&self) -> Value {
        json!({"crv": "Ed25519", "kty": "OKP", "x": self.to_base64url()})
    }

    /// Reads a public JWK. Members that do not concern the key itself (`kid`, `use`, `alg`) are ignored.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        if jwk.get("d").is_some() {
            return Err(KeyError::PrivateJwk);
        }
        let text = |name| jwk.get(name).and_then(Value::as_str);
        match (text("kty"), text("crv"), text("x")) {
            (Some("OKP"), Some("Ed25519"), Some(x)) => Self::from_base64url(x),
            _ => Err(KeyError::Jwk),
        }
    }

    /// The id of the key: its JWK thumbprint with SHA-256 (RFC 7638), 43 characters.
    pub fn id(&self) -> String {
        // RFC 7638 section 3: required members only, in lexicographic order, without white space.
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.to_base64url());
        base64url(&sha256(members.as_bytes()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.to_base64url())
    }
}

/// What the secret of a key file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The seed of an origin's Ed25519 signing key.
    Signing,
    /// The master key of an installation.
    Master,
    /// The key that closes backups.
    Backup,
}

impl KeyKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Signing => "ed25519-signing",
            Self::Master => "master",
            Self::Backup => "backup",
        }
    }
}

/// The text of a file that keeps one secret:
///
/// ```text
/// # any remark
/// xuecheng-key-v1
/// kind ed25519-signing
/// id kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
/// secret nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A
/// ```
///
/// The id shows damage, and tells files apart without showing the secret. Reading and writing files is the caller's business.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFile {
    kind: KeyKind,
    secret: [u8; 32],
}

impl KeyFile {
    const FIRST_LINE: &str = "xuecheng-key-v1";

    /// A file for this secret.
    pub const fn new(kind: KeyKind, secret: [u8; 32]) -> Self {
        Self { kind, secret }
    }

    /// What the secret is for.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The secret, whatever its kind.
    pub const fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The signing key, if it is one.
    pub fn signing_key(&self) -> Option<SigningKey> {
        (self.kind == KeyKind::Signing).then(|| SigningKey::from_seed(&self.secret))
    }

    /// The master key, if it is one.
    pub fn master_key(&self) -> Option<[u8; 32]> {
        (self.kind == KeyKind::Master).then_some(self.secret)
    }

    /// The public id: the key's thumbprint, or for a master or backup key a digest from which it cannot be found.
    pub fn id(&self) -> String {
        match self.kind {
            KeyKind::Signing => SigningKey::from_seed(&self.secret).id(),
            KeyKind::Master | KeyKind::Backup => base64url(&crate::derive(&self.secret, "key file id")[..16]),
        }
    }

    /// The text of the file: contains the secret.
    pub fn format(&self) -> String {
        let secret = base64url(&self.secret);
        format!("{}\nkind {}\nid {}\nsecret {secret}\n", Self::FIRST_LINE, self.kind.name(), self.id())
    }

    /// Reads the text of a file. Empty lines and lines that begin with `#` are remarks.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        if lines.next() != Some(Self::FIRST_LINE) {
            return Err(KeyError::FileFormat);
        }
        let mut value_of = |name: &str| {
            let (found, value) = lines.next()?.split_once(' ')?;
            (found == name).then(|| value.trim())
        };
        let (Some(kind), Some(id), Some(secret)) = (value_of("kind"), value_of("id"), value_of("secret"))
        else {
            return Err(KeyError::FileFormat);
        };
        let kind = [KeyKind::Signing, KeyKind::Master, KeyKind::Backup]
            .into_iter()
            .find(|known| known.name() == kind);
        let (Some(kind), None) = (kind, lines.next()) else {
            return Err(KeyError::FileFormat);
        };
        let file = Self { kind, secret: from_base64url_exact(secret).ok_or(KeyError::Encoding)? };
        if file.id() == id { Ok(file) } else { Err(KeyError::FileDamaged) }
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFile({} {})", self.kind.name(), self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, KeyFile, KeyKind, SigningKey, VerifyingKey};
    use crate::canonical::{from_hex_exact, hex};
    use serde_json::json;

    /// The key of RFC 8037 appendix A.1, which is that of RFC 8032 section 7.1 test 1.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn key() -> SigningKey {
        SigningKey::from_base64url(SEED).expect("the key of the RFC")
    }

    #[test]
    fn rfc_8032_test_1() {
        let expected = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        let signature = key().sign(b"");
        assert_eq!(hex(&signature), expected);
        assert!(key().verifying_key().verify(b"", &signature));
    }

    #[test]
    fn rfc_8037_thumbprint_and_jwk() {
        let public = key().verifying_key();
        assert_eq!(public.to_base64url(), PUBLIC);
        assert_eq!(public.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(VerifyingKey::from_jwk(&public.to_jwk()), Ok(public));
        assert_eq!(VerifyingKey::from_base64url(&public.to_base64url()), Ok(public));
    }

    #[test]
    fn what_is_altered_is_not_verified() {
        let (signature, public) = (key().sign(b"one class"), key().verifying_key());
        assert!(!public.verify(b"one clasS", &signature));
        for position in 0..64 {
            let mut altered = signature;
            altered[position] ^= 1;
            assert!(!public.verify(b"one class", &altered), "byte {position}");
        }
        let other = SigningKey::from_seed(&[7; 32]).verifying_key();
        assert!(!other.verify(b"one class", &signature));
    }

    #[test]
    fn unusable_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(VerifyingKey::from_bytes(&identity), Err(KeyError::Point));
        let off_the_curve =
            from_hex_exact("0200000000000000000000000000000000000000000000000000000000000000").expect("hex");
        assert_eq!(VerifyingKey::from_bytes(&off_the_curve), Err(KeyError::Point));
        assert_eq!(VerifyingKey::from_base64url("AA"), Err(KeyError::Encoding));
        let x = key().verifying_key().to_base64url();
        assert_eq!(VerifyingKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": x})), Err(KeyError::Jwk));
        let private = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "d": SEED});
        assert_eq!(VerifyingKey::from_jwk(&private), Err(KeyError::PrivateJwk));
    }

    #[test]
    fn key_files_round_trip_and_show_damage() {
        for kind in [KeyKind::Signing, KeyKind::Master] {
            let file = KeyFile::new(kind, [42; 32]);
            let text = format!("# keep this secret\n\n{}", file.format());
            assert_eq!(KeyFile::parse(&text), Ok(file.clone()));
            assert_eq!(KeyFile::parse(&text.replace('\n', "\r\n")), Ok(file.clone()));

            let damaged = text.replace("secret Ki", "secret Kj");
            assert_ne!(damaged, text);
            assert_eq!(KeyFile::parse(&damaged), Err(KeyError::FileDamaged));
            assert_eq!(KeyFile::parse(&format!("{text}kind master\n")), Err(KeyError::FileFormat));
            assert_eq!(KeyFile::parse(&text.replace("kind ", "kind x")), Err(KeyError::FileFormat));
            assert_eq!(KeyFile::parse(&text[..text.len() - 3]), Err(KeyError::Encoding));
            assert!(!format!("{file:?}").contains(&crate::base64url(&[42; 32])));
        }
        assert!(KeyFile::new(KeyKind::Master, [1; 32]).signing_key().is_none());
        assert_eq!(KeyFile::new(KeyKind::Master, [1; 32]).master_key(), Some([1; 32]));
        assert_eq!(KeyFile::parse(""), Err(KeyError::FileFormat));
    }
}
