//! Statements, and the list of all of them.

use std::borrow::Cow;

/// One SQL text with parameters `$1`, `$2`, …, the same for both engines.
#[derive(Debug, Clone)]
pub struct Statement(pub(crate) Cow<'static, str>);

impl Statement {
    /// A statement that is put together at run time (a list with filters). Values still come as parameters.
    pub fn dynamic(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    #[doc(hidden)]
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A statement as the program text declares it; a test prepares each on both engines.
#[derive(Debug)]
pub struct Registered {
    /// The SQL.
    pub text: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Line in it.
    pub line: u32,
}
inventory::collect!(Registered);

/// All statements that the linked program declares by [`sql!`](crate::sql).
pub fn registered() -> impl Iterator<Item = &'static Registered> {
    inventory::iter::<Registered>()
}

/// A fixed statement. It is entered in the list that [`registered`] gives.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {{
        $crate::inventory::submit! { $crate::Registered { text: $text, file: file!(), line: line!() } }
        $crate::Statement::fixed($text)
    }};
}

/// `$1` becomes `?1`: SQLite numbers `$` parameters by their first appearance, not by their digits.
pub(crate) fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        quoted ^= c == '\'';
        let parameter = c == '$' && !quoted && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if parameter { '?' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::for_sqlite;

    #[test]
    fn parameters_are_renamed_outside_of_quotes_only() {
        assert_eq!(for_sqlite("SELECT $2, '$1' WHERE a = $1"), "SELECT ?2, '$1' WHERE a = ?1");
    }
}
