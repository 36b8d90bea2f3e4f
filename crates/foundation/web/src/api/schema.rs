//! Types that say what they look like in JSON (JSON Schema 2020-12, as OpenAPI 3.1 takes it).

use kernel::{Id, Timestamp};
use serde_json::{Map, Value, json};

/// The named objects of a document, by name.
pub type Schemas = Map<String, Value>;

/// A type with a description of its JSON.
pub trait Described {
    /// Its schema; named objects are added to `schemas` and referred to.
    fn schema(schemas: &mut Schemas) -> Value;
}

/// Schema of an identifier.
pub fn id_schema() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{32}$", "examples": ["0191f3c29a3b7c4d8e5f60718293a4b5"] })
}

/// Schema of a moment.
pub fn moment_schema() -> Value {
    json!({ "type": "string", "format": "date-time", "examples": ["2026-11-23T01:30:00Z"] })
}

macro_rules! plain {
    ($($type:ty => $schema:expr),+ $(,)?) => {$(
        impl Described for $type {
            fn schema(_: &mut Schemas) -> Value {
                $schema
            }
        }
    )+};
}

plain! {
    String => json!({ "type": "string" }),
    &str => json!({ "type": "string" }),
    i64 => json!({ "type": "integer" }),
    f64 => json!({ "type": "number" }),
    bool => json!({ "type": "boolean" }),
    Timestamp => moment_schema(),
}

impl<T> Described for Id<T> {
    fn schema(_: &mut Schemas) -> Value {
        id_schema()
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(schemas) })
    }
}

impl<T: Described> Described for Option<T> {
    fn schema(schemas: &mut Schemas) -> Value {
        let mut schema = T::schema(schemas);
        match schema.get_mut("type") {
            Some(kind) => {
                *kind = json!([kind.clone(), "null"]);
                schema
            }
            None => json!({ "anyOf": [schema, { "type": "null" }] }),
        }
    }
}

/// Pattern of a text of one line: not empty, no blank at its ends, no control characters or marks that turn the order of letters.
pub const LINE: &str = "^[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb]([^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb])?$";
/// Pattern of a text of any number of lines, without such characters; may be empty.
pub const TEXT: &str =
    "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb]*$";

/// Schema of one of several words.
pub fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// Declares an object that the API answers with: a struct that is written as JSON and describes itself, with what each member means
/// and, in braces, what JSON Schema says about it beside its type.
#[macro_export]
macro_rules! object {
    ($($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident : $type:ty $({ $($limit:tt)* })?),+ $(,)? })+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, serde::Serialize)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: $type),+ }

        impl $crate::api::Described for $name {
            fn schema(schemas: &mut $crate::api::Schemas) -> $crate::api::Value {
                $crate::described!(schemas, false, $name, [$($about),+], $($field, $type, [$($doc),+], { $($($limit)*)? });+)
            }
        }
    )+};
}

/// Declares an object that the API takes. Members that are an `Option` may be left out; others than the named are refused.
#[macro_export]
macro_rules! input {
    ($($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident : $type:ty $({ $($limit:tt)* })?),+ $(,)? })+) => {$(
        $(#[doc = $about])+
        #[derive(Debug)]
        pub enum $name {}

        impl $crate::api::Described for $name {
            fn schema(schemas: &mut $crate::api::Schemas) -> $crate::api::Value {
                $crate::described!(schemas, true, $name, [$($about),+], $($field, $type, [$($doc),+], { $($($limit)*)? });+)
            }
        }
    )+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! described {
    ($schemas:ident, $input:literal, $name:ident, [$($about:literal),+], $($field:ident, $type:ty, [$($doc:literal),+], { $($limit:tt)* });+) => {{
        if !$schemas.contains_key(stringify!($name)) {
            // The name is taken before the members are looked at, which may refer to it.
            $schemas.insert(stringify!($name).to_owned(), $crate::api::Value::Null);
            let members = vec![$((
                stringify!($field),
                <$type as $crate::api::Described>::schema($schemas),
                [$($doc),+].map(str::trim).join(" "),
                $crate::api::json!({ $($limit)* }),
            )),+];
            let about = [$($about),+].map(str::trim).join(" ");
            $schemas.insert(stringify!($name).to_owned(), $crate::api::object_schema($input, &about, members));
        }
        $crate::api::json!({ "$ref": concat!("#/components/schemas/", stringify!($name)) })
    }};
}

/// Puts the schema of an object together; for [`object!`].
#[doc(hidden)]
pub fn object_schema(input: bool, about: &str, members: Vec<(&str, Value, String, Value)>) -> Value {
    let optional = |schema: &Value| {
        let kinds = schema.get("type").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null")) || schema.get("anyOf").is_some()
    };
    let required: Vec<&str> = members
        .iter()
        .filter(|(_, schema, _, _)| !input || !optional(schema))
        .map(|(name, _, _, _)| *name)
        .collect();
    let properties: Map<String, Value> = members
        .iter()
        .map(|(name, schema, text, limits)| {
            let mut schema = schema.clone();
            if let Some(into) = schema.as_object_mut() {
                into.insert("description".to_owned(), text.as_str().into());
                into.extend(limits.as_object().cloned().unwrap_or_default());
            }
            ((*name).to_owned(), schema)
        })
        .collect();
    let mut whole =
        json!({ "type": "object", "description": about, "required": required, "properties": properties });
    if input {
        whole["additionalProperties"] = false.into();
    }
    whole
}
