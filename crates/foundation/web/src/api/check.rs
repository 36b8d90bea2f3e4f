//! Whether what was sent is what the description says.

use kernel::{BAD_CHOICE, BAD_NUMBER, Code, Error, FieldError, REQUIRED, TOO_LONG};
use serde_json::{Map, Value};

use super::{BAD_TYPE, Body, LINE, Operation, Param, Schemas, TEXT, UNKNOWN_FIELD};
use crate::codes::{BAD_CHARACTERS, BAD_REQUEST, TOO_SHORT};

/// Wrong fields named in one refusal.
pub(crate) const NAMED_MAX: usize = 50;

/// Reads a body and holds it against the operation's description. Nested objects are resolved through `schemas`.
///
/// # Errors
/// `web.bad_request` for what is no JSON object, is nested deeper than 128 levels, or names a member twice; `kernel.bad_fields` with
/// every wrong member.
pub fn read_body(operation: &Operation, bytes: &[u8]) -> Result<Body, Error> {
    let Some(body) = operation.body else { return Ok(Body::default()) };
    let seal::jws::DistinctMembers(members) =
        serde_json::from_slice(bytes).map_err(|error| Error::new(&BAD_REQUEST).caused_by(error))?;
    let mut schemas = Schemas::new();
    let schema = body(&mut schemas);
    let mut wrong = Vec::new();
    object(&schemas, resolved(&schemas, &schema), &members, "", &mut wrong);
    if wrong.is_empty() { Ok(Body(members)) } else { Err(Error::fields(wrong)) }
}

/// What is wrong with the parameters of a query.
pub(crate) fn query_wrong(params: &[Param], query: &[(String, String)]) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (n, (name, text)) in query.iter().enumerate() {
        let Some(param) = params.iter().find(|param| param.name == name) else {
            note(&mut wrong, name, &UNKNOWN_FIELD, &[]);
            continue;
        };
        if query[..n].iter().any(|(before, _)| before == name) {
            note(&mut wrong, name, &BAD_REQUEST, &[]);
            continue;
        }
        match kind(&param.schema) {
            "integer" => match text.parse::<i64>() {
                Ok(number) if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
                    range(&param.schema, number, name, &mut wrong);
                }
                _ => range(&param.schema, i64::MIN, name, &mut wrong),
            },
            "boolean" if text != "true" && text != "false" => note(&mut wrong, name, &BAD_TYPE, &[]),
            "boolean" => {}
            _ => string(&param.schema, text, name, &mut wrong),
        }
    }
    wrong
}

fn note(wrong: &mut Vec<FieldError>, field: &str, code: &'static Code, args: &[(&'static str, String)]) {
    if wrong.len() < NAMED_MAX {
        let field: String = field.chars().take(100).collect();
        wrong.push(FieldError { field, code, args: args.to_vec() });
    }
}

fn resolved<'s>(schemas: &'s Schemas, schema: &'s Value) -> &'s Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

fn object(
    schemas: &Schemas,
    schema: &Value,
    members: &Map<String, Value>,
    path: &str,
    wrong: &mut Vec<FieldError>,
) {
    let known = schema.get("properties").and_then(Value::as_object);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        if !members.contains_key(name) {
            note(wrong, &format!("{path}{name}"), &REQUIRED, &[]);
        }
    }
    for (name, value) in members {
        let field = format!("{path}{name}");
        match known.and_then(|known| known.get(name)) {
            Some(schema) => any(schemas, resolved(schemas, schema), value, &field, wrong),
            None => note(wrong, &field, &UNKNOWN_FIELD, &[]),
        }
    }
}

/// The type that a schema names; the first one of those that may be null.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    }
}

fn any(schemas: &Schemas, schema: &Value, value: &Value, field: &str, wrong: &mut Vec<FieldError>) {
    let nullable = schema.get("type").is_some_and(Value::is_array);
    match (kind(schema), value) {
        (_, Value::Null) if nullable => {}
        ("string", Value::String(text)) => string(schema, text, field, wrong),
        ("integer", Value::Number(number)) => match number.as_i64() {
            Some(number) => range(schema, number, field, wrong),
            None => range(schema, i64::MIN, field, wrong),
        },
        ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => {}
        ("array", Value::Array(items)) => {
            let (least, most) = (limit(schema, "minItems"), limit(schema, "maxItems"));
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            if least.is_some_and(|least| count < least) || most.is_some_and(|most| count > most) {
                note(wrong, field, &BAD_NUMBER, &ends(least, most));
                return;
            }
            if let Some(item) = schema.get("items") {
                for (n, value) in items.iter().enumerate() {
                    any(schemas, resolved(schemas, item), value, &format!("{field}.{n}"), wrong);
                }
            }
        }
        ("object", Value::Object(members)) => object(schemas, schema, members, &format!("{field}."), wrong),
        _ => note(wrong, field, &BAD_TYPE, &[]),
    }
}

fn limit(schema: &Value, name: &str) -> Option<i64> {
    schema.get(name).and_then(Value::as_i64)
}

fn ends(least: Option<i64>, most: Option<i64>) -> [(&'static str, String); 2] {
    [
        ("min", least.unwrap_or(0).to_string()),
        ("max", most.map_or_else(|| "∞".to_owned(), |most| most.to_string())),
    ]
}

fn range(schema: &Value, number: i64, field: &str, wrong: &mut Vec<FieldError>) {
    let (least, most) = (limit(schema, "minimum"), limit(schema, "maximum"));
    if number == i64::MIN
        || least.is_some_and(|least| number < least)
        || most.is_some_and(|most| number > most)
    {
        note(wrong, field, &BAD_NUMBER, &ends(least, most));
    }
}

fn string(schema: &Value, text: &str, field: &str, wrong: &mut Vec<FieldError>) {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        if !choices.iter().any(|choice| choice == text) {
            note(wrong, field, &BAD_CHOICE, &[]);
        }
    } else if limit(schema, "maxLength").is_some_and(|most| length > most) {
        let most = limit(schema, "maxLength").unwrap_or(0);
        note(wrong, field, &TOO_LONG, &[("max", most.to_string()), ("length", length.to_string())]);
    } else if limit(schema, "minLength").is_some_and(|least| length < least) {
        note(wrong, field, &TOO_SHORT, &[("min", limit(schema, "minLength").unwrap_or(0).to_string())]);
    } else if text.chars().any(kernel::is_unwanted) {
        note(wrong, field, &BAD_CHARACTERS, &[]);
    } else if !fits(schema.get("pattern").and_then(Value::as_str), text) {
        note(wrong, field, &BAD_CHOICE, &[]);
    }
}

/// Whether a text fits a pattern. The patterns of our descriptions are few and simple, so that they are compared here by hand; a test
/// makes sure that there is no other.
pub(super) fn fits(pattern: Option<&str>, text: &str) -> bool {
    let digits = |count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    match pattern {
        None => true,
        Some("^[0-9a-f]{32}$") => {
            text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        }
        Some("^[0-9]{12}$") => digits(12),
        Some("^[0-9]{10}$") => digits(10),
        Some("^[0-9]{4}$") => digits(4),
        // Control characters are refused in any text.
        Some(LINE) => !text.is_empty() && text.trim() == text && !text.contains(['\n', '\t']),
        Some(TEXT) => true,
        Some(_) => false,
    }
}
