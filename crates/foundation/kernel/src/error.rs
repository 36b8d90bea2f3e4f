//! The one error type.

use std::fmt;

/// What kind of failure it is; the web decides the HTTP status by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input is wrong and can be mended by the sender (422).
    Invalid,
    /// Nobody is signed in (401).
    Unauthenticated,
    /// The actor may not do this (403).
    Denied,
    /// There is no such thing, or its existence is no business of the actor (404).
    Missing,
    /// The state of things does not allow it now (409).
    Conflict,
    /// Too much or too often (429).
    Limited,
    /// Not possible at the moment, try again (503).
    Unavailable,
    /// Our own mistake (500).
    Bug,
}

/// A stable, dotted name of a failure, with its kind. Translations are found under `error-` and the name with dashes.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// Such as `activities.full`.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
}

impl Code {
    /// Declares a code; use the macro [`codes!`](crate::codes) so that it is listed.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }

    /// Key of the translated sentence: `error-activities-full`.
    pub fn message_key(&self) -> String {
        format!("error-{}", self.name.replace(['.', '_'], "-"))
    }
}

#[doc(hidden)]
pub struct ListedCode(pub &'static Code);
inventory::collect!(ListedCode);

/// All codes of the program, sorted by name. A page lists them and a test proves that each is translated.
pub fn all_codes() -> Vec<&'static Code> {
    let mut codes: Vec<_> = inventory::iter::<ListedCode>().map(|listed| listed.0).collect();
    codes.sort_by_key(|code| code.name);
    codes
}

/// Declares error codes: `codes! { /// why\n pub FULL = Conflict "activities.full"; }`.
#[macro_export]
macro_rules! codes {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $kind:ident $text:literal;)*) => {$(
        $(#[$doc])*
        $vis static $name: $crate::Code = $crate::Code::new($text, $crate::Kind::$kind);
        $crate::inventory::submit! { $crate::listed(&$name) }
    )*};
}

#[doc(hidden)]
pub const fn listed(code: &'static Code) -> ListedCode {
    ListedCode(code)
}

crate::codes! {
    /// Our own mistake; the source is logged, never shown.
    pub BUG = Bug "kernel.bug";
    /// An identifier is not 32 lower-case hexadecimal digits.
    pub BAD_ID = Missing "kernel.bad_id";
    /// A date or time cannot be read, or does not exist.
    pub BAD_DATE = Invalid "kernel.bad_date";
    /// A region code is not twelve digits.
    pub BAD_REGION = Invalid "kernel.bad_region";
    /// One or more fields of a form are wrong; the fields say which.
    pub BAD_FIELDS = Invalid "kernel.bad_fields";
    /// A required field is empty.
    pub REQUIRED = Invalid "kernel.required";
    /// A text is longer than the field allows.
    pub TOO_LONG = Invalid "kernel.too_long";
    /// A number cannot be read or lies outside its range.
    pub BAD_NUMBER = Invalid "kernel.bad_number";
    /// A choice that the field does not offer.
    pub BAD_CHOICE = Invalid "kernel.bad_choice";
    /// There is no such thing (or the actor may not know of it).
    pub MISSING = Missing "kernel.missing";
    /// The actor may not do this.
    pub DENIED = Denied "kernel.denied";
    /// Somebody has to sign in first.
    pub SIGN_IN = Unauthenticated "kernel.sign_in";
    /// The record was changed by somebody else meanwhile.
    pub CHANGED = Conflict "kernel.changed";
}

/// One wrong field of a form, an import row or an API body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field as the form or API spells it; rows of an import are `row 12: name`.
    pub field: String,
    /// Why it is wrong.
    pub code: &'static Code,
    /// Values for the translated sentence.
    pub args: Vec<(&'static str, String)>,
}

/// A failure: a code, values for its translated sentence, wrong fields, and the hidden cause.
pub struct Error(Box<Inner>);

struct Inner {
    code: &'static Code,
    args: Vec<(&'static str, String)>,
    fields: Vec<FieldError>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    text: Option<String>,
}

/// The result of nearly everything.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure with this code.
    pub fn new(code: &'static Code) -> Self {
        Self(Box::new(Inner { code, args: Vec::new(), fields: Vec::new(), source: None, text: None }))
    }

    /// A mistake of ours, with words for the log.
    pub fn bug(text: impl Into<String>) -> Self {
        let mut error = Self::new(&BUG);
        error.0.text = Some(text.into());
        error
    }

    /// There is no such thing.
    pub fn missing() -> Self {
        Self::new(&MISSING)
    }

    /// The actor may not do this.
    pub fn denied() -> Self {
        Self::new(&DENIED)
    }

    /// One wrong field.
    pub fn field(field: impl Into<String>, code: &'static Code) -> Self {
        Self::fields(vec![FieldError { field: field.into(), code, args: Vec::new() }])
    }

    /// Several wrong fields.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(&BAD_FIELDS);
        error.0.fields = fields;
        error
    }

    /// Adds a value for the translated sentence.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.args.push((name, value.to_string()));
        self
    }

    /// Adds the hidden cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The code.
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.0.code.kind
    }

    /// Values for the translated sentence.
    pub fn args(&self) -> &[(&'static str, String)] {
        &self.0.args
    }

    /// Wrong fields.
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Whether the error has this code.
    pub fn is(&self, code: &Code) -> bool {
        self.0.code.name == code.name
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.code.name)?;
        if let Some(text) = &self.0.text {
            write!(f, ": {text}")?;
        }
        for (name, value) in &self.0.args {
            write!(f, " {name}={value:?}")?;
        }
        for field in &self.0.fields {
            write!(f, " [{}: {} {:?}]", field.field, field.code.name, field.args)?;
        }
        match &self.0.source {
            Some(source) => write!(f, " ({source:?})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
