//! Is this credential true? Whatever people have in hands: a link, a number, a token, a file.
//!
//! First the thing itself is read and its signature checked with **our own** key, never with one that it brings along; then it is
//! compared with the record. Signature and record answer different questions: the signature says that we issued these very words,
//! the record says that they still hold.

use kernel::{Result, Timestamp};
use people::Vault;
use serde_json::{Map, Value};
use store::Tx;

use crate::{
    Credential, CredentialId, Issuer, Serial, badge, by_serial, credential, holder,
    jwt::{self, TokenError},
    openbadge::OpenBadge,
    proof,
};

/// Longest text that is looked at, in bytes; a token of ours has about three thousand.
const TEXT_MAX: usize = 64 * 1024;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Issued by us, unaltered, and still valid.
    True,
    /// Issued by us and unaltered, but the record was corrected since.
    Outdated,
    /// Claims to be ours and is not as we issued it.
    Altered,
    /// Issued by us and taken back.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    TooEarly,
    /// From somebody else: we can say nothing about it.
    Foreign,
    /// Claims to be ours, but there is no such record.
    Unknown,
    /// Neither link, number, token nor document.
    Unreadable,
}

impl Verdict {
    /// Word for translations and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::True => "true",
            Verdict::Outdated => "outdated",
            Verdict::Altered => "altered",
            Verdict::Revoked => "revoked",
            Verdict::Expired => "expired",
            Verdict::TooEarly => "too-early",
            Verdict::Foreign => "foreign",
            Verdict::Unknown => "unknown",
            Verdict::Unreadable => "unreadable",
        }
    }
}

/// What came of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Could not be looked at, because what was shown has nothing to look at.
    Nothing,
}

/// One check: its word for translations, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// `signature`, `issuer`, `record`, `equal`, `status`, `file`.
    pub what: &'static str,
    /// What came of it.
    pub found: Found,
}

/// What somebody showed us, read and its signature checked, before the record is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A document with our signature.
    Signed(Box<OpenBadge>),
    /// A document without any signature.
    Unsigned(Box<OpenBadge>),
    /// The address of a credential; whether the address is on our site.
    Address(CredentialId, bool),
    /// A printed number.
    Number(Serial),
    /// Settled without the record: verdict, and the issuer that it claims to have.
    Settled(Verdict, String),
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// In one word.
    pub verdict: Verdict,
    /// What was checked, in order.
    pub steps: Vec<Step>,
    /// The record, if there is one.
    pub credential: Option<Credential>,
    /// The holder's name, masked if only the number was known.
    pub holder: Option<String>,
    /// Only the number was known: the name is masked and nothing leads to the page.
    pub masked: bool,
    /// Which statements differ from the record, as words for translations.
    pub differs: Vec<&'static str>,
    /// Issuer that a foreign or altered credential claims to have; believed by nobody.
    pub claimed_issuer: String,
}

/// Reads what was typed or pasted.
pub fn read_text(issuer: &Issuer, text: &str, now: Timestamp) -> Shown {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX {
        return unreadable();
    }
    if text.starts_with('{') {
        return read_json(issuer, text, now);
    }
    if let Ok(serial) = text.parse() {
        return Shown::Number(serial);
    }
    if let Some(id) = plain_id(text) {
        return Shown::Address(id, true);
    }
    let is_address =
        text.starts_with("http://") || text.starts_with("https://") || text.contains("/credentials/");
    if is_address {
        return read_address(issuer, text);
    }
    // A token copied from a message may be broken into lines.
    let token: String = text.split_whitespace().collect();
    if token.matches('.').count() == 2 { read_token(issuer, &token, now) } else { unreadable() }
}

/// Reads a file: a token, a JSON document, or anything that [`read_text`] reads. `None` for a PDF, which names its address: see
/// [`address_in_pdf`].
pub fn read_file(issuer: &Issuer, bytes: &[u8], now: Timestamp) -> Shown {
    match std::str::from_utf8(bytes) {
        Ok(text) => read_text(issuer, text.trim_start_matches('\u{feff}'), now),
        Err(_) => address_in_pdf(bytes).map_or_else(unreadable, |id| Shown::Address(id, true)),
    }
}

/// The credential that one of our PDF files links to.
pub(crate) fn address_in_pdf(bytes: &[u8]) -> Option<CredentialId> {
    const MARK: &[u8] = b"/credentials/";
    if !bytes.starts_with(b"%PDF-") {
        return None;
    }
    let starts = bytes.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    starts.into_iter().find_map(|(at, _)| {
        let id = bytes.get(at + MARK.len()..at + MARK.len() + 32)?;
        std::str::from_utf8(id).ok()?.parse().ok()
    })
}

fn unreadable() -> Shown {
    Shown::Settled(Verdict::Unreadable, String::new())
}

/// 32 hexadecimal digits, or a UUID with hyphens.
fn plain_id(text: &str) -> Option<CredentialId> {
    let text = text.strip_prefix("urn:uuid:").unwrap_or(text).replace('-', "").to_ascii_lowercase();
    text.parse().ok()
}

/// The identifier in the address of a credential, whatever the host.
fn id_in(address: &str) -> Option<CredentialId> {
    let (_, rest) = address.split_once("/credentials/")?;
    rest.get(..32)?.parse().ok().filter(|_| !rest[32..].starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn is_ours(issuer: &Issuer, address: &str) -> bool {
    let base = issuer.base_url.trim_end_matches('/');
    address.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn read_address(issuer: &Issuer, address: &str) -> Shown {
    // `/verify?c=…` of a QR code or a message holds what is to be checked.
    if let Some((_, inner)) = address.split_once("/verify?c=")
        && let Ok(serial) = inner.split('&').next().unwrap_or("").parse()
    {
        return Shown::Number(serial);
    }
    let ours = is_ours(issuer, address) || !address.contains("://");
    match id_in(address) {
        Some(id) => Shown::Address(id, ours),
        None if ours => Shown::Settled(Verdict::Unknown, String::new()),
        None => Shown::Settled(Verdict::Foreign, host(address)),
    }
}

/// What stands before the path, for the sentence that names a stranger.
fn host(address: &str) -> String {
    address.split('/').take(3).collect::<Vec<_>>().join("/").chars().take(200).collect()
}

fn read_token(issuer: &Issuer, token: &str, now: Timestamp) -> Shown {
    let error = match jwt::verify(token, &issuer.public(), now) {
        Ok(badge) => return Shown::Signed(Box::new(badge)),
        Err(error) => error,
    };
    match (error, jwt::claimed(token)) {
        (TokenError::Expired, _) => Shown::Settled(Verdict::Expired, issuer.id()),
        (TokenError::TooEarly, _) => Shown::Settled(Verdict::TooEarly, issuer.id()),
        (_, Err(_)) => unreadable(),
        (_, Ok(claimed)) if is_ours(issuer, &claimed.issuer) || claimed.key_id == Some(issuer.key.id()) => {
            Shown::Settled(Verdict::Altered, claimed.issuer)
        }
        (_, Ok(claimed)) => Shown::Settled(Verdict::Foreign, claimed.issuer),
    }
}

fn read_json(issuer: &Issuer, text: &str, now: Timestamp) -> Shown {
    let Ok(seal::jws::DistinctMembers(members)) = serde_json::from_str(text) else { return unreadable() };
    // An enveloped credential is a token in other clothes (W3C data model 2.0, section 4.12.1).
    let enveloped =
        members.get("id").and_then(Value::as_str).and_then(|id| id.strip_prefix("data:application/vc+jwt,"));
    if let Some(token) = enveloped {
        return read_token(issuer, token, now);
    }
    let Ok(shown) = OpenBadge::from_document(Value::Object(members.clone())) else { return unreadable() };
    if proof::verify(&members, &issuer.public()) {
        return without_proof(members).map_or_else(unreadable, |badge| Shown::Signed(Box::new(badge)));
    }
    if !is_ours(issuer, shown.issuer_id()) {
        return Shown::Settled(Verdict::Foreign, shown.issuer_id().to_owned());
    }
    if members.contains_key("proof") {
        return Shown::Settled(Verdict::Altered, shown.issuer_id().to_owned());
    }
    Shown::Unsigned(Box::new(shown))
}

fn without_proof(mut members: Map<String, Value>) -> Option<OpenBadge> {
    members.remove("proof");
    OpenBadge::from_document(Value::Object(members)).ok()
}

/// Asks the record and gives the answer.
///
/// # Errors
/// Those of the store.
pub fn answer(tx: &mut Tx, issuer: &Issuer, vault: &Vault, shown: &Shown) -> Result<Answer> {
    let mut answer = Answer {
        verdict: Verdict::Unknown,
        steps: Vec::new(),
        credential: None,
        holder: None,
        masked: false,
        differs: Vec::new(),
        claimed_issuer: String::new(),
    };
    let (found, document, masked) = match shown {
        Shown::Settled(verdict, claimed) => {
            answer.verdict = *verdict;
            answer.claimed_issuer.clone_from(claimed);
            answer.steps = settled_steps(*verdict);
            return Ok(answer);
        }
        Shown::Signed(document) | Shown::Unsigned(document) => {
            let found = id_in(document.id()).map_or(Ok(None), |id| credential(tx, id))?;
            (found, Some(document.as_ref()), false)
        }
        Shown::Address(id, ours) => {
            let found = credential(tx, *id)?;
            if found.is_none() && !ours {
                answer.verdict = Verdict::Foreign;
                return Ok(answer);
            }
            (found, None, false)
        }
        Shown::Number(serial) => (by_serial(tx, serial)?, None, true),
    };
    let signed = matches!(shown, Shown::Signed(_));
    let signature = if signed { Found::Good } else { Found::Nothing };
    answer.step("signature", signature);
    if document.is_some() {
        answer.step("issuer", Found::Good);
    }
    let Some(found) = found else {
        answer.step("record", Found::Bad);
        return Ok(answer);
    };
    answer.step("record", Found::Good);
    let name = holder(tx, vault, found.person_id)?;
    if let Some(document) = document {
        let expected = badge(issuer, &found, name.as_deref())?;
        answer.differs = differences(&expected, document, signed);
        answer.step("equal", if answer.differs.is_empty() { Found::Good } else { Found::Bad });
    }
    answer.step("status", if found.is_valid() { Found::Good } else { Found::Bad });
    answer.verdict = match (answer.differs.is_empty(), signed, found.is_valid()) {
        (false, false, _) => Verdict::Altered,
        (_, _, false) => Verdict::Revoked,
        (false, true, true) => Verdict::Outdated,
        (true, _, true) => Verdict::True,
    };
    answer.holder = if masked { name.as_deref().map(mask) } else { name };
    answer.masked = masked;
    answer.credential = Some(found);
    Ok(answer)
}

impl Answer {
    pub(crate) fn step(&mut self, what: &'static str, found: Found) {
        self.steps.push(Step { what, found });
    }
}

fn settled_steps(verdict: Verdict) -> Vec<Step> {
    let step = |what, found| Step { what, found };
    match verdict {
        Verdict::Altered => vec![step("signature", Found::Bad)],
        Verdict::Foreign => vec![step("issuer", Found::Bad)],
        Verdict::Expired | Verdict::TooEarly => {
            vec![step("signature", Found::Good), step("dates", Found::Bad)]
        }
        Verdict::Unknown => vec![step("record", Found::Bad)],
        Verdict::True | Verdict::Outdated | Verdict::Revoked | Verdict::Unreadable => Vec::new(),
    }
}

/// What a credential states, for the comparison: word for translations and place in the document.
const STATEMENTS: [(&str, &str); 9] = [
    ("title", "/name"),
    ("issued", "/validFrom"),
    ("minutes", "/credentialSubject/result/0/value"),
    ("org", "/credentialSubject/achievement/creator/name"),
    ("serial", "/credentialSubject/achievement/humanCode"),
    ("criteria", "/credentialSubject/achievement/criteria/narrative"),
    ("attended", "/evidence/0/narrative"),
    ("subject", "/credentialSubject/id"),
    ("issuer", "/issuer/name"),
];

/// Which statements differ. A signed document may differ in its wording (it is what we said that day); of an unsigned one every
/// member has to be the same.
fn differences(expected: &OpenBadge, shown: &OpenBadge, signed: bool) -> Vec<&'static str> {
    let (ours, theirs) =
        (Value::Object(expected.document().clone()), Value::Object(shown.document().clone()));
    let wording = ["criteria", "attended", "issuer"];
    let mut differs: Vec<&'static str> = STATEMENTS
        .into_iter()
        .filter(|(word, place)| {
            ours.pointer(place) != theirs.pointer(place) && !(signed && wording.contains(word))
        })
        .map(|(word, _)| word)
        .collect();
    // After an erasure the record has no name to compare with.
    let erased = signed && expected.recipient_name().is_none();
    if !erased && expected.recipient_name() != shown.recipient_name() {
        differs.insert(0, "holder");
    }
    if differs.is_empty() && !signed && ours != theirs {
        differs.push("other");
    }
    differs
}

/// The first character of a name and how many follow: enough to compare with paper, too little to collect names.
fn mask(name: &str) -> String {
    name.chars().enumerate().map(|(at, c)| if at == 0 || c == ' ' || c == '·' { c } else { '＊' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::SigningKey;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn issuer() -> Issuer {
        Issuer {
            key: SigningKey::from_seed(&[7; 32]),
            name: "重庆终身学习服务".to_owned(),
            base_url: "https://learn.example.cn/".to_owned(),
            origin: "city".to_owned(),
        }
    }

    #[test]
    fn addresses_numbers_and_ids_are_told_apart() {
        let id = "0123456789abcdef0123456789abcdef";
        let typed: CredentialId = id.parse().expect("an id");
        let read = |text: &str| read_text(&issuer(), text, NOW);
        for text in [
            id.to_owned(),
            "01234567-89AB-cdef-0123-456789abcdef".to_owned(),
            format!("https://learn.example.cn/credentials/{id}"),
            format!(" https://learn.example.cn/credentials/{id}.pdf?lang=en\n"),
            format!("/credentials/{id}"),
        ] {
            assert_eq!(read(&text), Shown::Address(typed, true), "{text}");
        }
        assert_eq!(read(&format!("https://other.example/credentials/{id}")), Shown::Address(typed, false));
        assert_eq!(
            read(&format!("https://learn.example.cn.evil/credentials/{id}")),
            Shown::Address(typed, false)
        );
        let serial = Serial::of(typed, NOW, 0);
        assert_eq!(read(&format!(" {} ", serial.as_str().to_lowercase())), Shown::Number(serial.clone()));
        assert_eq!(read(&format!("https://learn.example.cn/verify?c={serial}")), Shown::Number(serial));
        let foreign = Shown::Settled(Verdict::Foreign, "https://other.example".to_owned());
        assert_eq!(read("https://other.example/badge/1"), foreign);
        let nowhere = Shown::Settled(Verdict::Unknown, String::new());
        assert_eq!(read("https://learn.example.cn/credentials/12"), nowhere);
        for text in ["", "hello", "a.b", "{", "{}", "[1]", "a.b.c", &"x".repeat(100_000)] {
            assert_eq!(read(text), unreadable(), "{text:.20}");
        }
        assert_eq!(read_file(&issuer(), &[0xff, 0xfe, 0], NOW), unreadable());
    }

    #[test]
    fn a_masked_name_tells_its_beginning_only() {
        assert_eq!(mask("王秀英"), "王＊＊");
        assert_eq!(mask("Ann Lee"), "A＊＊ ＊＊＊");
        assert_eq!(mask(""), "");
    }
}
