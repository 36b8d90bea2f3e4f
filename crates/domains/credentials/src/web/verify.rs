//! The page on which anybody checks a certificate.

use std::sync::Arc;

use askama::Template;
use kernel::{Lang, Result};
use people::Vault;
use web::{Cx, Form, FormState, Max, limit::VERIFY_ADDRESS};

use super::{
    show::{Seen, printed},
    unlisted,
};
use crate::{
    Answer, Found, Issuer, Shown, Step, Verdict, answer,
    print::{date_words, time_words},
    read_file, read_text,
    verify::address_in_pdf,
};

/// Longest text in the field, in characters.
const TEXT_MAX: usize = 60_000;

#[derive(Template)]
#[template(path = "credentials_verify.html")]
struct Page<'a> {
    cx: &'a Cx,
    form: FormState,
    issuer: &'a str,
    answer: Option<&'a Answer>,
    time: String,
    issued: String,
    revoked: String,
}

impl Page<'_> {
    /// Class of the notice.
    fn level(&self) -> &'static str {
        match self.answer.map(|answer| answer.verdict) {
            Some(Verdict::True) => "ok",
            Some(Verdict::Outdated | Verdict::Foreign | Verdict::Unreadable | Verdict::TooEarly) => "warn",
            _ => "error",
        }
    }

    /// Heading and explanation of a verdict.
    fn say(&self, answer: &Answer) -> (String, String) {
        let key = format!("credentials-verdict-{}", answer.verdict.as_str());
        (self.cx.t(&key), self.cx.t1(&format!("{key}-what"), "issuer", self.issuer))
    }

    /// What differs from the record, in words.
    fn differs(&self, answer: &Answer) -> Vec<String> {
        answer.differs.iter().map(|word| self.cx.t(&format!("credentials-differs-{word}"))).collect()
    }

    /// Class, outcome and sentence of each check.
    fn steps(&self, answer: &Answer) -> Vec<(&'static str, String, String)> {
        let line = |step: &Step| {
            let (mark, word) = match step.found {
                Found::Good => ("ok", "good"),
                Found::Bad => ("error", "bad"),
                Found::Nothing => ("", "nothing"),
            };
            let sentence = format!("credentials-step-{}-{word}", step.what);
            (mark, self.cx.t(&format!("credentials-found-{word}")), self.cx.t(&sentence))
        };
        answer.steps.iter().map(line).collect()
    }
}

fn page(cx: &Cx, issuer: &Issuer, form: FormState, answer: Option<&Answer>) -> web::Result {
    let record = answer.and_then(|answer| answer.credential.as_ref());
    let words =
        |at: Option<kernel::Timestamp>| at.map(|at| date_words(cx.lang, at.day())).unwrap_or_default();
    let page = Page {
        cx,
        form,
        issuer: &issuer.name,
        answer,
        time: record.map(|c| time_words(cx.lang, c.minutes)).unwrap_or_default(),
        issued: words(record.map(|c| c.issued_at)),
        revoked: words(record.and_then(|c| c.revoked_at)),
    };
    cx.page(&page).map(unlisted)
}

/// The form; with `?c=` a link, number or identifier is checked at once, so that it can be sent as an address.
pub(super) async fn ask(cx: Cx) -> web::Result {
    let issuer = cx.get::<Issuer>()?;
    let form = FormState::new(&cx).with("c", cx.param("c"));
    if cx.param("c").is_empty() {
        return page(&cx, &issuer, form, None);
    }
    let shown = read_text(&issuer, cx.param("c"), cx.now);
    let found = asked(&cx, issuer.clone(), shown).await?;
    page(&cx, &issuer, form, Some(&found))
}

pub(super) async fn check(cx: Cx, mut form: Form) -> web::Result {
    let issuer = cx.get::<Issuer>()?;
    let text = form.text("c", Max(TEXT_MAX));
    let file = form.upload("file").map(|upload| upload.bytes.clone());
    if file.is_none() && text.is_empty() {
        form.wrong("c", &kernel::REQUIRED);
    }
    if let Err(error) = form.finish() {
        let state = form.state(&cx, error)?;
        let nothing = Page {
            cx: &cx,
            form: state,
            issuer: &issuer.name,
            answer: None,
            time: String::new(),
            issued: String::new(),
            revoked: String::new(),
        };
        return cx.invalid(&nothing);
    }
    let address = cx.address_key();
    cx.store.write("credentials.count_check", move |tx| VERIFY_ADDRESS.count(tx, &address)).await?;
    let state = FormState::new(&cx).with("c", &text);
    let shown = match &file {
        Some(bytes) => read_file(&issuer, bytes, cx.now),
        None => read_text(&issuer, &text, cx.now),
    };
    let mut found = asked(&cx, issuer.clone(), shown).await?;
    if let Some(bytes) = file.filter(|bytes| address_in_pdf(bytes).is_some()) {
        compare_pdf(&cx, &issuer, &mut found, &bytes).await;
    }
    page(&cx, &issuer, state, Some(&found))
}

pub(super) async fn asked(cx: &Cx, issuer: Arc<Issuer>, shown: Shown) -> Result<Answer> {
    let vault = cx.get::<Vault>()?;
    cx.store.read(move |tx| answer(tx, &issuer, &vault, &shown)).await
}

/// A PDF of ours comes out the same whenever it is made: the very same bytes are a proof, other bytes are none of the contrary (a
/// reader program may have saved it anew, or it was printed under an earlier version).
async fn compare_pdf(cx: &Cx, issuer: &Arc<Issuer>, found: &mut Answer, bytes: &[u8]) {
    let Some(credential) = found.credential.clone().filter(|credential| credential.is_valid()) else {
        return;
    };
    let mut same = false;
    for lang in Lang::ALL {
        let seen = Seen { credential: credential.clone(), holder: found.holder.clone(), may_revoke: false };
        // What cannot be printed any more cannot be compared.
        same |= printed(issuer.clone(), seen, lang, cx.site.demo).await.is_ok_and(|ours| ours == bytes);
    }
    found.step("file", if same { Found::Good } else { Found::Nothing });
    if !same {
        found.verdict = Verdict::Outdated;
        found.differs.push("file");
    }
}
