//! Values and rows that both engines understand.

use kernel::{Credit, Day, Error, Id, Lang, Minutes, Month, RegionCode, Result, Timestamp};

/// A value of a column or a parameter. Times, identifiers and units are stored as `Int` or `Text`.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `boolean`; SQLite stores 0 and 1.
    Bool(bool),
    /// `bigint`.
    Int(i64),
    /// `double`.
    Real(f64),
    /// `text`.
    Text(String),
    /// `bytes`.
    Bytes(Vec<u8>),
}

impl Value {
    /// Bytes that are the same on both engines and for equal values only; digests of rows are made of them.
    /// A boolean reads as its integer, because SQLite cannot tell them apart.
    pub fn canonical(&self, out: &mut Vec<u8>) {
        let (tag, bytes): (u8, &[u8]) = match self {
            Value::Null => (0, &[]),
            Value::Bool(value) => return Value::Int(i64::from(*value)).canonical(out),
            Value::Int(value) => {
                out.push(1);
                out.extend_from_slice(&value.to_be_bytes());
                return;
            }
            Value::Real(value) => {
                out.push(2);
                out.extend_from_slice(&value.to_bits().to_be_bytes());
                return;
            }
            Value::Text(text) => (3, text.as_bytes()),
            Value::Bytes(bytes) => (4, bytes),
        };
        out.push(tag);
        if tag != 0 {
            out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            out.extend_from_slice(bytes);
        }
    }
}

/// A row of an answer, read by position.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The value of column `index` (from 0), as a `T`.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T> {
        let value =
            self.0.get(index).ok_or_else(|| Error::bug(format!("the answer has no column {index}")))?;
        T::from_value(value).ok_or_else(|| wrong_type::<T>(index, value))
    }

    /// As [`Row::get`], but a text or bytes are moved out and not copied; the column is NULL afterwards.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T> {
        let value =
            self.0.get_mut(index).ok_or_else(|| Error::bug(format!("the answer has no column {index}")))?;
        T::from_owned(std::mem::replace(value, Value::Null)).map_err(|value| wrong_type::<T>(index, &value))
    }

    /// All values.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// All values, taken out.
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }
}

fn wrong_type<T>(index: usize, value: &Value) -> Error {
    Error::bug(format!("column {index} is {value:?}, not a {}", std::any::type_name::<T>()))
}

/// Something that one column holds.
pub trait FromValue: Sized {
    /// `None` when the value is of another type.
    fn from_value(value: &Value) -> Option<Self>;

    /// The same without a copy, where the type allows it; a value of another type comes back.
    fn from_owned(value: Value) -> std::result::Result<Self, Value> {
        Self::from_value(&value).ok_or(value)
    }
}

/// Something that a whole row holds: a [`Row`], a tuple, or a struct made by [`row!`](crate::row).
pub trait FromRow: Sized {
    /// Reads the row by position.
    fn from_row(row: Row) -> Result<Self>;
}

impl FromRow for Row {
    fn from_row(row: Row) -> Result<Self> {
        Ok(row)
    }
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
    fn from_owned(value: Value) -> std::result::Result<Self, Value> {
        Ok(value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
    fn from_owned(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Null => Ok(None),
            other => T::from_owned(other).map(Some),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(*value),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
    fn from_owned(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
    fn from_owned(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(other),
        }
    }
}

macro_rules! parsed {
    ($([$($g:ident)?] $type:ty;)*) => {$(
        impl$(<$g>)? FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value { Value::Text(text) => text.parse().ok(), _ => None }
            }
        }
        impl$(<$g>)? From<$type> for Value {
            fn from(value: $type) -> Self { Value::Text(value.to_string()) }
        }
        impl$(<$g>)? From<&$type> for Value {
            fn from(value: &$type) -> Self { Value::Text(value.to_string()) }
        }
    )*};
}
parsed! {
    [T] Id<T>;
    [] RegionCode;
    [] kernel::Role;
}

macro_rules! integer {
    ($($type:ty: $to:expr, $from:expr;)*) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value { Value::Int(value) => $from(*value), _ => None }
            }
        }
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Value::Int($to(value)) }
        }
        impl From<&$type> for Value {
            fn from(value: &$type) -> Self { Value::from(*value) }
        }
    )*};
}
integer! {
    Timestamp: |t: Timestamp| t.millis(), |n| Some(Timestamp::from_millis(n));
    Minutes: |m: Minutes| m.0, |n| Some(Minutes(n));
    Credit: |c: Credit| c.0, |n| Some(Credit(n));
    Day: |d: Day| i64::from(d.0), |n: i64| i32::try_from(n).ok().map(Day);
    Month: |m: Month| i64::from(m.0), |n: i64| i32::try_from(n).ok().map(Month);
    u32: i64::from, |n: i64| u32::try_from(n).ok();
    i32: i64::from, |n: i64| i32::try_from(n).ok();
}

impl FromValue for Lang {
    fn from_value(value: &Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}
impl From<Lang> for Value {
    fn from(lang: Lang) -> Self {
        Value::Text(lang.tag().to_owned())
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Bytes(bytes)
    }
}
impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Value::Bytes(bytes.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Value::Bytes(bytes.to_vec())
    }
}
impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Value::Bytes(bytes.to_vec())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: FromValue),*> FromRow for ($($name,)*) {
            fn from_row(mut row: Row) -> Result<Self> { Ok(($(row.take::<$name>($index)?,)*)) }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// Declares a struct that is read from a row by position:
/// `row! { /// A person. pub struct Name { pub id: Id<Person>, pub name: String } }`.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])* #[derive(Debug, Clone)] $vis struct $name { $($(#[$fmeta])* $fvis $field: $type),* }
        impl $crate::FromRow for $name {
            fn from_row(mut row: $crate::Row) -> ::kernel::Result<Self> {
                let mut index = 0..;
                $(let $field = row.take::<$type>(index.next().unwrap_or_default())?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

/// Parameters of a statement: `params![id, name, 3]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*][..] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_tell_values_apart() {
        let bytes = |value: Value| {
            let mut out = Vec::new();
            value.canonical(&mut out);
            out
        };
        let all = [
            Value::Null,
            Value::Int(0),
            Value::Int(1),
            Value::Text(String::new()),
            Value::Text("1".into()),
            Value::Bytes(b"1".to_vec()),
            Value::Real(1.0),
        ]
        .map(bytes);
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b));
        }
        assert_eq!(bytes(Value::Bool(true)), bytes(Value::Int(1)));
    }
}
