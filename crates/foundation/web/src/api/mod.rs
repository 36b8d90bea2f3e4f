//! What `/api/v1` needs: operations that describe themselves, the check of what was sent against that description, and the document
//! that is made of both (OpenAPI 3.1).
//!
//! An operation states its parameters, its body and its answer with its route, in the table that states who may use it. The same
//! description is published and enforced, so that it cannot tell another story than the program.

mod check;
mod document;
mod schema;

use axum::http::StatusCode;
use serde_json::Map;
#[doc(hidden)]
pub use serde_json::{Value, json};

pub use check::read_body;
pub(crate) use check::{NAMED_MAX, query_wrong};
pub(crate) use document::document;
#[doc(hidden)]
pub use schema::object_schema;
pub use schema::{Described, LINE, Schemas, TEXT, id_schema, moment_schema, words};

/// Longest JSON body, in bytes: as long as a form's.
pub const JSON_BYTES_MAX: usize = 64 * 1024;

kernel::codes! {
    /// The token that was sent is unknown, revoked or over.
    pub BAD_TOKEN = Unauthenticated "web.bad_token";
    /// The token lacks the scope that the operation needs.
    pub SCOPE = Denied "web.scope";
    /// A member or parameter that the operation does not know.
    pub UNKNOWN_FIELD = Invalid "web.unknown_field";
    /// A value of another type than the description says.
    pub BAD_TYPE = Invalid "web.bad_type";
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read what belongs to the holder.
    MeRead,
    /// Take and give back seats for the holder.
    MeWrite,
    /// Do what the holder's roles allow.
    Desk,
    /// The full right on the store of learning records.
    Xapi,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 4] = [Scope::MeRead, Scope::MeWrite, Scope::Desk, Scope::Xapi];

    /// The word under which it is asked for and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::MeRead => "me:read",
            Scope::MeWrite => "me:write",
            Scope::Desk => "desk",
            Scope::Xapi => "xapi:all",
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Scope {
    type Err = kernel::Error;

    fn from_str(text: &str) -> kernel::Result<Self> {
        Scope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| kernel::Error::new(&kernel::BAD_CHOICE))
    }
}

/// A parameter of an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// What it may be.
    pub schema: Value,
}

/// An operation of the API, as its description shows it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// One line; also the base of the operation's id.
    pub summary: &'static str,
    /// The group in which it stands.
    pub tag: &'static str,
    /// Parameters of the query.
    pub query: Vec<Param>,
    /// The body that it takes.
    pub body: Option<fn(&mut Schemas) -> Value>,
    /// What it answers.
    pub answer: fn(&mut Schemas) -> Value,
    /// The status with which it answers.
    pub status: StatusCode,
    /// The scope that a token needs.
    pub scope: Option<Scope>,
    /// Whether it takes an `Idempotency-Key`.
    pub once: bool,
}

impl Operation {
    /// An operation that answers with a `T`.
    pub fn new<T: Described>(tag: &'static str, summary: &'static str) -> Self {
        Self {
            summary,
            tag,
            query: Vec::new(),
            body: None,
            answer: T::schema,
            status: StatusCode::OK,
            scope: None,
            once: false,
        }
    }

    /// Takes a parameter of the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, description: &'static str, schema: Value) -> Self {
        self.query.push(Param { name, description, schema });
        self
    }

    /// Takes `after` and `limit`, as every long list does.
    #[must_use]
    pub fn paged(self) -> Self {
        self.query(
            "after",
            "Key of the next part, as `next` of the part before gave it; parts do not shift when records are added.",
            json!({ "type": "string", "maxLength": 300, "pattern": LINE }),
        )
        .query(
            "limit",
            "Most items wanted.",
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }),
        )
    }

    /// Takes a body.
    #[must_use]
    pub fn body<T: Described>(mut self) -> Self {
        self.body = Some(T::schema);
        self
    }

    /// Needs a token with this scope.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Answers 201.
    #[must_use]
    pub fn creates(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    /// Is done once for each `Idempotency-Key`.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }
}

/// A body that was read and agrees with its description.
#[derive(Debug, Clone, Default)]
pub struct Body(pub Map<String, Value>);

impl Body {
    /// The members as fields of a form: text as it is, numbers and truth values written out, `null` and lists left out.
    pub fn form(&self, key: &str) -> crate::Form {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(u8::from(*truth).to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let mut pairs: Vec<(String, String)> =
            self.0.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect();
        pairs.push(("_key".to_owned(), key.to_owned()));
        crate::Form::of(pairs)
    }
}

/// The key under which a request is done once: the header `Idempotency-Key`, or a fresh one.
#[derive(Debug, Clone)]
pub struct Key(pub String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Key {
    type Rejection = crate::WebError;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let Some(line) = parts.headers.get("idempotency-key") else {
            let cx = parts.extensions.get::<crate::Cx>();
            return Ok(Self(cx.map(crate::Cx::fresh_key).unwrap_or_default()));
        };
        let text = line.to_str().unwrap_or_default();
        if check::fits(Some("^[0-9a-f]{32}$"), text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(kernel::Error::field("Idempotency-Key", &kernel::BAD_ID).into())
        }
    }
}

/// What part of a list is asked for.
pub fn page(cx: &crate::Cx) -> kernel::PageRequest {
    let after = Some(cx.param("after").to_owned()).filter(|key| !key.is_empty());
    kernel::PageRequest { after, size: cx.param_as::<usize>("limit").unwrap_or(20).clamp(1, 100) }
}

/// A part of a long list.
#[derive(Debug, serde::Serialize)]
pub struct Part<T> {
    /// The items.
    pub items: Vec<T>,
    /// Key to ask for the next part with; `null` at the end.
    pub next: Option<String>,
}

impl<T> Part<T> {
    /// The rows of a page as items.
    pub fn of<R>(page: kernel::Paged<R>, item: impl FnMut(R) -> T) -> Self {
        Self { items: page.rows.into_iter().map(item).collect(), next: page.next }
    }
}

impl<T: Described> Described for Part<T> {
    fn schema(schemas: &mut Schemas) -> Value {
        let items = T::schema(schemas);
        json!({
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": { "type": "array", "items": items },
                "next": { "type": ["string", "null"], "description": "Key for `after`; null at the end." },
            },
        })
    }
}
