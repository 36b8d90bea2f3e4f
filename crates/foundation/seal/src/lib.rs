#![doc = include_str!("../README.md")]

mod boxes;
mod canonical;
mod head;
pub mod jws;
mod keys;
mod merkle;
mod proof;
mod token;
mod totp;

pub use boxes::{
    BoxError, KeyedDigest, blind_index, derive, keyed_digest, open_box, random_bytes, random_key, seal_box,
    unwrap_key, wrap_key,
};
pub use canonical::{
    CanonicalError, base64url, canonical_json, canonical_of, from_base64url, from_base64url_exact, from_hex,
    from_hex_exact, hex, sha256,
};
pub use head::{NoteError, TreeHead, note_key};
pub use keys::{KeyError, KeyFile, KeyKind, Signature, SigningKey, VerifyingKey};
pub use merkle::{Frontier, FrontierError, Hash, empty_root, leaf_hash, node_hash, root};
pub use proof::{
    consistency_proof, consistency_ranges, inclusion_proof, inclusion_ranges, verify_consistency,
    verify_inclusion,
};
pub use token::{new_token, numeric_code, rotating_code, token_hash, verify_rotating};
pub use totp::{
    TOTP_DIGITS, TOTP_SECONDS, TotpSecret, base32, new_totp_secret, totp_code, totp_step, totp_uri,
};
