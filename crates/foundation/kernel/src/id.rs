//! Typed identifiers.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use uuid::Uuid;

use crate::{Chance, Error, Timestamp, error::BAD_ID};

/// Marker for identifiers of people. A person's id is random (UUID version 4): it is a pseudonym and tells no time.
#[derive(Debug)]
pub enum Person {}
/// Marker for identifiers of organisations.
#[derive(Debug)]
pub enum Org {}
/// Marker for identifiers of credit accounts.
#[derive(Debug)]
pub enum Account {}

/// A 128-bit identifier of a `T`, written as 32 lower-case hexadecimal digits.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// Wraps a UUID.
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// A time-ordered identifier (UUID version 7, RFC 9562), for records whose time is no secret.
    pub fn ordered(at: Timestamp, chance: &mut Chance) -> Self {
        Self::ordered_nth(at, 0, chance)
    }

    /// As [`Id::ordered`], the `count`th of its millisecond: counting up keeps the order of what one thread makes (RFC 9562
    /// section 6.2, method 1). The counter has 18 bits; 58 random bits are left.
    pub fn ordered_nth(at: Timestamp, count: u32, chance: &mut Chance) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        let mut bytes = chance.bytes::<10>();
        // Version and variant overwrite the four high bits of the first and the two high bits of the third byte.
        let [_, high, middle, low] = (count << 2).to_be_bytes();
        let six = (low >> 2) & 0x3f;
        bytes[0] = high & 0x0f;
        bytes[1] = middle;
        bytes[2] = six;
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// A random identifier (UUID version 4), for people, credentials and shared links.
    pub fn random(chance: &mut Chance) -> Self {
        Self::from_uuid(uuid::Builder::from_random_bytes(chance.bytes::<16>()).into_uuid())
    }

    /// An identifier that follows from sixteen bytes of a hash, for results that must be made only once.
    pub fn derived(hash: &[u8]) -> Self {
        let mut bytes = [0; 16];
        let length = hash.len().min(16);
        bytes[..length].copy_from_slice(&hash[..length]);
        Self::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The same identifier read as that of another kind of thing (an account has its person's id).
    pub fn cast<U>(self) -> Id<U> {
        Id::from_uuid(self.0)
    }

    /// The sixteen bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // Only the one spelling is accepted, so that two addresses never name the same thing.
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            Uuid::try_parse(text).map(Self::from_uuid).map_err(|_| Error::new(&BAD_ID))
        } else {
            Err(Error::new(&BAD_ID))
        }
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, T> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom("an identifier is 32 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_spelling_is_read() {
        let id: Id<Person> = Id::random(&mut Chance::seeded(1));
        assert_eq!(id.to_string().parse::<Id<Person>>().unwrap(), id);
        assert!(id.to_string().to_uppercase().parse::<Id<Person>>().is_err());
        assert!("0193".parse::<Id<Person>>().is_err());
    }

    #[test]
    fn ordered_ids_follow_time() {
        let mut chance = Chance::seeded(1);
        let early: Id<Org> = Id::ordered(Timestamp::from_millis(1_000), &mut chance);
        let late: Id<Org> = Id::ordered(Timestamp::from_millis(2_000), &mut chance);
        assert!(early.to_string() < late.to_string());
        let at = Timestamp::from_millis(1_000);
        let mut last = String::new();
        for count in [0, 1, 2, 63, 64, 65, 255, 256, 4_095, 4_096, 16_384, 100_000, 262_143] {
            let next = Id::<Org>::ordered_nth(at, count, &mut chance).to_string();
            assert!(last < next, "{count}");
            last = next;
        }
    }
}
