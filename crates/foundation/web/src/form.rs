//! Forms: every mistake is found at once, nothing that was typed is lost.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use axum::{
    extract::{FromRequest, Request},
    response::IntoResponse,
};
use kernel::{
    BAD_CHOICE, BAD_DATE, BAD_NUMBER, Code, Day, Error, FieldError, Id, Kind, REQUIRED, Result, TOO_LONG,
    Timestamp, is_unwanted, plain_digit,
};

use crate::{Cx, Upload, WebError, body::Waiting, codes};

/// Longest text of a field, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Max(pub usize);

/// A form that was sent. The reading methods give a stand-in for a wrong field and note the mistake; [`Form::finish`] refuses the form if
/// there was any, so that a stand-in is never used.
#[derive(Debug)]
pub struct Form {
    values: Vec<(String, String)>,
    uploads: Vec<Upload>,
    errors: Vec<FieldError>,
    key: String,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let extensions = request.extensions();
        let waiting = extensions.get::<Waiting>().and_then(|waiting| waiting.0.lock().ok()?.take());
        let parsed =
            waiting.ok_or_else(|| WebError::from(Error::new(&codes::UNSUPPORTED)).into_response())?;
        let mut form = Form::of(parsed.pairs);
        form.uploads = parsed.uploads;
        if form.key.is_empty()
            && let Some(cx) = extensions.get::<Cx>()
        {
            form.key = cx.fresh_key();
        }
        Ok(form)
    }
}

impl Form {
    /// A form with these fields, as a browser would send it.
    pub fn of(values: Vec<(String, String)>) -> Self {
        let key = values.iter().find(|(name, _)| name == "_key").map_or("", |(_, value)| value.as_str());
        let key = if key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()) {
            key.to_owned()
        } else {
            String::new()
        };
        Self { values, uploads: Vec::new(), errors: Vec::new(), key }
    }

    /// The key under which the command is done only once; 32 hexadecimal digits. It was made when the form was shown.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was typed, without white space at the ends; empty if the field was not sent.
    pub fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Everything that was sent, names with values as they were typed.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values of a field that may come several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim()).collect()
    }

    /// Notes a mistake.
    pub fn wrong(&mut self, name: &str, code: &'static Code) {
        self.wrong_with(name, code, Vec::new());
    }

    /// Notes a mistake with values for its sentence. Only the first one of a field counts.
    pub fn wrong_with(&mut self, name: &str, code: &'static Code, args: Vec<(&'static str, String)>) {
        if !self.errors.iter().any(|error| error.field == name) {
            self.errors.push(FieldError { field: name.to_owned(), code, args });
        }
    }

    /// A text that may be empty. Line ends become `\n`; other control characters and marks that turn the order of letters round are
    /// refused.
    pub fn text(&mut self, name: &str, max: Max) -> String {
        let text = self.raw(name).replace("\r\n", "\n");
        let length = text.chars().count();
        if length > max.0 {
            self.wrong_with(
                name,
                &TOO_LONG,
                vec![("max", max.0.to_string()), ("length", length.to_string())],
            );
        } else if text.chars().any(is_unwanted) {
            self.wrong(name, &codes::BAD_CHARACTERS);
        }
        text
    }

    /// A text that must not be empty.
    pub fn required_text(&mut self, name: &str, max: Max) -> String {
        let text = self.text(name, max);
        if text.is_empty() {
            self.wrong(name, &REQUIRED);
        }
        text
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let text = self.raw(name).to_owned();
        if text.is_empty() {
            self.wrong(name, &REQUIRED);
            return None;
        }
        Some(text)
    }

    fn present(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }

    /// A whole number in a range; full-width digits and grouping commas are read too.
    pub fn int(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        let Some(text) = self.required(name) else { return *range.start() };
        match plain_digits(&text).parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let ends = vec![("min", range.start().to_string()), ("max", range.end().to_string())];
                self.wrong_with(name, &BAD_NUMBER, ends);
                *range.start()
            }
        }
    }

    /// A whole number in a range, or nothing.
    pub fn optional_int(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        self.present(name).then(|| self.int(name, range))
    }

    /// A day, as a `date` field sends it: `2026-11-23`.
    pub fn date(&mut self, name: &str) -> Day {
        let Some(text) = self.required(name) else { return Day(0) };
        text.parse().unwrap_or_else(|_| {
            self.wrong(name, &BAD_DATE);
            Day(0)
        })
    }

    /// A day, or nothing.
    pub fn optional_date(&mut self, name: &str) -> Option<Day> {
        self.present(name).then(|| self.date(name))
    }

    /// A moment, as a `datetime-local` field sends it: `2026-11-23T09:30`, in the city's time.
    pub fn datetime_local(&mut self, name: &str) -> Timestamp {
        let Some(text) = self.required(name) else { return Timestamp::default() };
        Timestamp::from_local_text(&text).unwrap_or_else(|_| {
            self.wrong(name, &BAD_DATE);
            Timestamp::default()
        })
    }

    /// A moment, or nothing.
    pub fn optional_datetime_local(&mut self, name: &str) -> Option<Timestamp> {
        self.present(name).then(|| self.datetime_local(name))
    }

    /// Whether a box is ticked.
    pub fn checkbox(&self, name: &str) -> bool {
        matches!(self.raw(name), "1" | "on" | "true" | "yes")
    }

    /// One of the choices that a field offers. `None` notes a mistake.
    pub fn choice<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.required(name)?;
        text.parse().map_err(|_| self.wrong(name, &BAD_CHOICE)).ok()
    }

    /// One of the choices, or nothing.
    pub fn optional_choice<T: FromStr>(&mut self, name: &str) -> Option<T> {
        if self.present(name) { self.choice(name) } else { None }
    }

    /// An identifier, such as from a hidden field or a select.
    pub fn id<T>(&mut self, name: &str) -> Option<Id<T>> {
        self.choice(name)
    }

    /// A file, if one was chosen.
    pub fn upload(&self, name: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.field == name && !upload.bytes.is_empty())
    }

    /// Refuses the form if any field is wrong. Call it before using what was read.
    ///
    /// # Errors
    /// `kernel.bad_fields` with all mistakes.
    pub fn finish(&self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::fields(self.errors.clone())) }
    }

    /// What to show again after a refusal: what was typed, and the words of each mistake, of the form as well as of the command.
    ///
    /// # Errors
    /// Passes on failures that the sender cannot mend in the form: not signed in, not allowed, missing, unavailable, our own mistakes.
    pub fn state(&self, cx: &Cx, error: Error) -> std::result::Result<FormState, WebError> {
        match error.kind() {
            Kind::Invalid | Kind::Conflict => {}
            // Too often is no mistake in what was typed: it is kept, and the answer is 429 and says how long to wait.
            Kind::Limited if !cx.json => {
                let _ = cx.limited.set(crate::error::seconds(&error).to_owned());
            }
            Kind::Limited
            | Kind::Unauthenticated
            | Kind::Denied
            | Kind::Missing
            | Kind::Unavailable
            | Kind::Bug => {
                return Err(error.into());
            }
        }
        crate::observe::refused(error.code());
        let mut state = FormState::new(cx);
        let typed = self.values.iter().filter(|(name, _)| !name.starts_with('_'));
        state.values = typed.map(|(name, value)| (name.clone(), showable(value))).collect();
        state.errors = error
            .field_errors()
            .iter()
            .map(|wrong| FieldProblem {
                field: wrong.field.clone(),
                code: wrong.code.name,
                text: cx.code(wrong.code, &wrong.args),
            })
            .collect();
        if state.errors.is_empty() {
            state.problem = cx.code(error.code(), error.args());
        }
        Ok(state)
    }
}

/// What was typed, as a page can carry it: control characters show as the mark for unknown ones.
fn showable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && !matches!(c, '\n' | '\r' | '\t') { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// Digits as an input method may write them: `１，２００` is `1200`.
fn plain_digits(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ',' | '，' | ' '))
        .map(|c| match c {
            '－' | '−' => '-',
            other => plain_digit(other),
        })
        .collect()
}

/// The words of one wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Name of the field.
    pub field: String,
    /// Why, for programs.
    pub code: &'static str,
    /// Why, in the reader's language.
    pub text: String,
}

/// A form to be shown: its values, what is wrong with them, its token and its key.
#[derive(Debug, Clone)]
pub struct FormState {
    values: Vec<(String, String)>,
    /// Wrong fields.
    pub errors: Vec<FieldProblem>,
    /// What is wrong with the whole; empty if nothing.
    pub problem: String,
    /// Heading of the summary.
    pub heading: String,
    /// Token of the visit, for `_csrf`.
    pub csrf: String,
    /// Key of this showing, for `_key`.
    pub key: String,
    optional: String,
    labels: Vec<(String, String)>,
}

impl FormState {
    /// An empty form.
    pub fn new(cx: &Cx) -> Self {
        Self {
            values: Vec::new(),
            errors: Vec::new(),
            problem: String::new(),
            heading: cx.t("web-form-heading"),
            csrf: cx.csrf(),
            key: cx.fresh_key(),
            optional: cx.t("web-form-optional"),
            labels: Vec::new(),
        }
    }

    /// Fills a field, whatever stood there.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.values.retain(|(known, _)| known != name);
        self.values.push((name.to_owned(), value.to_string()));
        self
    }

    /// Names the fields by the keys of their words, so that the summary of mistakes can say which field it means. Templates write the
    /// same words with `form.label("title")`.
    #[must_use]
    pub fn labels(mut self, cx: &Cx, labels: &[(&str, &str)]) -> Self {
        self.labels.extend(labels.iter().map(|(name, key)| ((*name).to_owned(), cx.t(key))));
        self
    }

    /// The words of a field's label; empty if it was not named.
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(field, _)| field == name).map_or("", |(_, label)| label)
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether a field has this value (for selects, radio buttons, lists of boxes).
    pub fn has(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.values.iter().any(|(key, have)| key == name && have == value.as_ref())
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        matches!(self.value(name), "1" | "on" | "true" | "yes")
    }

    /// The words of what is wrong with a field; empty if it is right.
    pub fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|error| error.field == name).map_or("", |error| &error.text)
    }

    /// Whether anything is wrong.
    pub fn refused(&self) -> bool {
        !self.errors.is_empty() || !self.problem.is_empty()
    }

    /// Ids of the texts that describe a field, for `aria-describedby`.
    pub fn described(&self, name: &str, hint: impl AsRef<str>) -> String {
        let mut ids = Vec::new();
        if !hint.as_ref().is_empty() {
            ids.push(format!("f-{name}-hint"));
        }
        if !self.error(name).is_empty() {
            ids.push(format!("f-{name}-error"));
        }
        ids.join(" ")
    }

    /// The word for fields that may be left empty.
    pub fn optional(&self) -> &str {
        &self.optional
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::of(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let mut form = form(&[("title", "一二三"), ("seats", "0"), ("day", "2026-02-30"), ("at", "")]);
        form.required_text("title", Max(2));
        form.required_text("place", Max(9));
        form.int("seats", 1..=500);
        form.date("day");
        form.optional_datetime_local("at");
        let error = form.finish().unwrap_err();
        let found: Vec<_> = error.field_errors().iter().map(|e| (e.field.as_str(), e.code.name)).collect();
        let expected = [
            ("title", "kernel.too_long"),
            ("place", "kernel.required"),
            ("seats", "kernel.bad_number"),
            ("day", "kernel.bad_date"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_right_is_read() {
        let mut form = form(&[
            ("title", " 书法 "),
            ("seats", "１，２００"),
            ("day", "2026-11-23"),
            ("at", "2026-11-23T09:30"),
            ("elder", "on"),
            ("role", "head"),
            ("_key", "0123456789abcdef0123456789abcdef"),
        ]);
        assert_eq!(form.required_text("title", Max(2)), "书法");
        assert_eq!(form.int("seats", 1..=5_000), 1_200);
        assert_eq!(form.date("day").to_string(), "2026-11-23");
        assert_eq!(form.datetime_local("at").minute_text(), "2026-11-23 09:30");
        assert!(form.checkbox("elder") && !form.checkbox("other"));
        assert_eq!(form.choice::<kernel::Role>("role"), Some(kernel::Role::Head));
        assert_eq!(form.key(), "0123456789abcdef0123456789abcdef");
        assert!(form.finish().is_ok());
    }

    #[test]
    fn control_characters_are_refused() {
        let mut form = form(&[("note", "a\u{0}b"), ("lines", "a\r\nb")]);
        form.text("note", Max(10));
        assert_eq!(form.text("lines", Max(10)), "a\nb");
        for refused in ["a\u{202e}b", "\u{feff}", "a\u{2028}b", "\u{9b}31m"] {
            assert!(refused.chars().any(is_unwanted), "{refused:?}");
        }
        assert!(!"👵🏽 👨‍👩‍👧 مرحبا ́".chars().any(is_unwanted));
        assert_eq!(showable("a\u{0}b\n"), "a\u{fffd}b\n");
        assert_eq!(form.finish().unwrap_err().field_errors().len(), 1);
    }
}
