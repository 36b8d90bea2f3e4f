//! The credential on paper: PDF in the reader's language, the same bytes for the same record, name and language.

use kernel::{Day, Error, Lang, Minutes, Result};
use render::{
    RenderError,
    pdf::{CertificateInput, IssueDate, Language},
};
use web::ToArg;

use crate::{Credential, IS_REVOKED, Issuer};

kernel::codes! {
    /// A character of the name or the title is not in the font; nothing is printed rather than a name with a hole.
    pub MISSING_CHARACTERS = Invalid "credentials.missing_characters";
    /// The texts do not fit on the page.
    pub TOO_LONG_TO_PRINT = Invalid "credentials.too_long_to_print";
    /// The holder's data was erased; a certificate without a name is not printed.
    pub NO_HOLDER = Conflict "credentials.no_holder";
}

/// The certificate as a PDF file of one page. Takes some tens of milliseconds: not inside a transaction.
///
/// # Errors
/// `credentials.is_revoked`, `credentials.no_holder`, `credentials.missing_characters` with the characters,
/// `credentials.too_long_to_print`.
pub fn pdf(
    issuer: &Issuer,
    credential: &Credential,
    holder: Option<&str>,
    lang: Lang,
    demo: bool,
) -> Result<Vec<u8>> {
    if !credential.is_valid() {
        return Err(Error::new(&IS_REVOKED));
    }
    let holder = holder.ok_or_else(|| Error::new(&NO_HOLDER))?;
    let input = input(issuer, credential, holder, lang, demo);
    render::pdf::certificate(&input).map_err(|error| match error {
        RenderError::MissingCharacters(characters) => {
            let named: Vec<String> =
                characters.iter().take(10).map(|c| format!("“{c}” (U+{:04X})", u32::from(*c))).collect();
            Error::new(&MISSING_CHARACTERS).arg("characters", named.join(" "))
        }
        RenderError::TooLong { .. } => Error::new(&TOO_LONG_TO_PRINT),
        other => Error::bug("a certificate cannot be printed").caused_by(other),
    })
}

fn input(issuer: &Issuer, credential: &Credential, holder: &str, lang: Lang, demo: bool) -> CertificateInput {
    let say = |key: &str, args: &[(&str, &dyn ToArg)]| web::i18n::say(lang, key, args);
    let day = credential.issued_at.day();
    let (year, month, of_month) = day.date();
    let mut organisations = vec![credential.org_name.clone(), issuer.name.clone()];
    organisations.retain(|name| !name.trim().is_empty());
    let note = say("credentials-pdf-note", &[]);
    CertificateInput {
        language: if lang == Lang::Zh { Language::Chinese } else { Language::English },
        title: say("credentials-pdf-title", &[]),
        serial: say("credentials-pdf-serial", &[("serial", &credential.serial.as_str())]),
        lead: say("credentials-pdf-lead", &[]),
        holder: holder.to_owned(),
        body: vec![say(
            "credentials-pdf-body",
            &[("planned", &credential.planned), ("attended", &credential.attended)],
        )],
        course: say("credentials-pdf-course", &[("title", &credential.title)]),
        facts: vec![time_words(lang, credential.minutes)],
        organisations,
        issued: date_words(lang, day),
        issued_on: IssueDate {
            year: u16::try_from(year).unwrap_or_default(),
            month: u8::try_from(month).unwrap_or_default(),
            day: u8::try_from(of_month).unwrap_or_default(),
        },
        seal: say("credentials-pdf-seal", &[]),
        verify_label: say("credentials-pdf-verify", &[]),
        verify_url: issuer.page_url(credential),
        note: if demo { format!("{} {note}", say("credentials-pdf-demo", &[])) } else { note },
    }
}

/// `18 小时 30 分钟`: clock hours, so that nobody has to know how long a lesson is.
pub(crate) fn time_words(lang: Lang, minutes: Minutes) -> String {
    let (hours, rest) = (minutes.0 / 60, minutes.0 % 60);
    let key = match (hours, rest) {
        (0, _) => "credentials-minutes",
        (_, 0) => "credentials-hours",
        _ => "credentials-hours-minutes",
    };
    web::i18n::say(lang, key, &[("hours", &hours), ("minutes", &rest)])
}

/// `2026年11月23日`, without the day of the week.
pub(crate) fn date_words(lang: Lang, day: Day) -> String {
    let (year, month, of_month) = day.date();
    web::i18n::say(
        lang,
        "credentials-date",
        &[("year", &year.to_string()), ("month", &month), ("day", &of_month)],
    )
}
