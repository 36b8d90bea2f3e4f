//! Open Badges 3.0 credentials (1EdTech), which are Verifiable Credentials of the W3C data model 2.0.
//!
//! Pure functions: what is true of a person and an achievement goes in, the document comes out. [`crate::jwt`] signs and checks it.
//!
//! Privacy: the subject's id is an URI made for this one credential, the stable pseudonym appears as a salted hash only, and the name
//! only where the person asked for it.

use std::fmt;

use kernel::{Credit, Minutes, Timestamp};
use serde_json::{Map, Value, json};

/// First context of every credential of the W3C data model 2.0.
pub const VC_CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
/// Second context of every Open Badges 3.0 credential.
pub const BADGE_CONTEXT: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
const BADGE_CONTEXT_START: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context";

/// Fragment added to an achievement's address to name its measure of learning time.
const MINUTES_FRAGMENT: &str = "#learning-minutes";
/// Our extension of the specification's `ResultType`; it has no term for time spent.
const MINUTES_TYPE: &str = "ext:LearningMinutes";

/// Everything that one credential states. Texts are in the language of the record and shown as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeInput {
    /// Address of the credential itself, such as `https://…/credentials/{id}`.
    pub id_url: String,
    /// Address of the issuer's profile.
    pub issuer_id_url: String,
    /// Name of the issuer.
    pub issuer_name: String,
    /// Address of what was achieved: the same for all who achieved it.
    pub achievement_id_url: String,
    /// Name of the achievement, and of the credential in a wallet.
    pub name: String,
    /// What the achievement is.
    pub description: String,
    /// What had to be done for it; Markdown.
    pub criteria_narrative: String,
    /// Kind of achievement.
    pub achievement_type: AchievementType,
    /// Language of the texts, such as `zh-CN` (BCP 47).
    pub language: Option<String>,
    /// Who achieved it.
    pub recipient: Recipient,
    /// From when on the credential is valid; cut to whole seconds.
    pub valid_from: Timestamp,
    /// Until when, if it ends.
    pub valid_until: Option<Timestamp>,
    /// Credit earned; not negative.
    pub credits: Option<Credit>,
    /// Time spent learning.
    pub learned: Option<LearningTime>,
    /// Address of a PNG or SVG picture of the achievement.
    pub image_url: Option<String>,
    /// What shows that it was achieved.
    pub evidence: Vec<Evidence>,
    /// Where to ask whether the credential was revoked.
    pub status: Option<StatusEntry>,
}

/// The person, as far as the credential tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// URI for the subject of this credential, such as `urn:uuid:…` made at random. It becomes the claim `sub`, which the
    /// specification requires. Never the same in two credentials, or they could be linked.
    pub subject_uri: String,
    /// The person's pseudonym, of which the credential shows a hash.
    pub pseudonym: String,
    /// Random text for the hash, in the credential in plain; never the same in two credentials.
    pub salt: String,
    /// The plain name, only if the person asked for it to be printed.
    pub name: Option<String>,
}

/// Minutes of learning with the label under which a wallet shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearningTime {
    /// Not negative.
    pub minutes: Minutes,
    /// Such as “学习时长（分钟）”, from the translations.
    pub label: String,
}

/// One piece of evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Address of a page about it.
    pub id_url: Option<String>,
    /// Its title.
    pub name: Option<String>,
    /// How it came about; Markdown.
    pub narrative: Option<String>,
    /// Its kind, such as the grade of the attendance.
    pub genre: Option<String>,
}

/// An entry of a W3C Bitstring Status List for revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEntry {
    /// Address of the status list credential.
    pub list_url: String,
    /// Position of this credential's bit.
    pub index: u64,
}

/// Kinds of achievement that the city awards; terms of the specification's `AchievementType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AchievementType {
    /// A generic achievement.
    Achievement,
    /// A prize or title, such as a Learning Star.
    Award,
    /// A badge.
    Badge,
    /// A certificate of skills of an occupation.
    Certificate,
    /// A class, lecture or training was completed.
    CertificateOfCompletion,
    /// Service to the community, such as volunteering.
    CommunityService,
    /// A course was completed.
    Course,
    /// A programme of several learning opportunities.
    LearningProgram,
    /// Membership, such as of a learning team.
    Membership,
    /// A subset of skills of a field.
    MicroCredential,
}

impl AchievementType {
    /// The term of the specification.
    pub const fn term(self) -> &'static str {
        match self {
            Self::Achievement => "Achievement",
            Self::Award => "Award",
            Self::Badge => "Badge",
            Self::Certificate => "Certificate",
            Self::CertificateOfCompletion => "CertificateOfCompletion",
            Self::CommunityService => "CommunityService",
            Self::Course => "Course",
            Self::LearningProgram => "LearningProgram",
            Self::Membership => "Membership",
            Self::MicroCredential => "MicroCredential",
        }
    }
}

/// A field that keeps the document from being an Open Badges 3.0 credential, by its path, such as `credentialSubject.achievement.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadgeError {
    /// Path of the field.
    pub field: &'static str,
}

impl fmt::Display for BadgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an Open Badges 3.0 credential: {}", self.field)
    }
}

impl std::error::Error for BadgeError {}

/// A well-formed credential. Whether it is true is another question: see [`crate::jwt::verify`].
#[derive(Debug, Clone, PartialEq)]
pub struct OpenBadge(Map<String, Value>);

impl OpenBadge {
    /// Writes the credential.
    ///
    /// # Errors
    /// Names the first field that is empty, negative or no URI.
    pub fn build(input: &BadgeInput) -> Result<Self, BadgeError> {
        check_input(input)?;
        let mut document = json!({
            "@context": [VC_CONTEXT, BADGE_CONTEXT],
            "id": input.id_url,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": input.name,
            "issuer": {"id": input.issuer_id_url, "type": ["Profile"], "name": input.issuer_name},
            "validFrom": input.valid_from.rfc3339(),
            "credentialSubject": subject(input),
        });
        set(&mut document, "validUntil", input.valid_until.map(|end| end.rfc3339().into()));
        let evidence: Vec<Value> = input.evidence.iter().map(evidence).collect();
        set(&mut document, "evidence", (!evidence.is_empty()).then_some(Value::Array(evidence)));
        set(&mut document, "credentialStatus", input.status.as_ref().map(status));
        Self::from_document(document)
    }

    /// Takes over a document that has the shape of a credential, members unknown to us included.
    ///
    /// # Errors
    /// Names the first field that is missing or of the wrong kind.
    pub fn from_document(document: Value) -> Result<Self, BadgeError> {
        check_document(&document)?;
        match document {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(BadgeError { field: "" }),
        }
    }

    /// The members of the document.
    pub const fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Address of the credential.
    pub fn id(&self) -> &str {
        self.text("/id")
    }

    /// Name of the credential.
    pub fn name(&self) -> &str {
        self.text("/name")
    }

    /// Address of the issuer's profile.
    pub fn issuer_id(&self) -> &str {
        id_of(self.0.get("issuer")).unwrap_or_default()
    }

    /// Name of the issuer; empty if the credential has only the address.
    pub fn issuer_name(&self) -> &str {
        self.text("/issuer/name")
    }

    /// URI of the subject, if it has one.
    pub fn subject_uri(&self) -> Option<&str> {
        id_of(self.0.get("credentialSubject"))
    }

    /// The recipient's plain name, if it is printed.
    pub fn recipient_name(&self) -> Option<&str> {
        let plain_name = |identity: &&Value| {
            identity["identityType"] == "name" && identity["hashed"] == Value::Bool(false)
        };
        self.identities().find(plain_name).and_then(|identity| identity["identityHash"].as_str())
    }

    /// Whether the credential was given to the person with this pseudonym.
    pub fn belongs_to(&self, pseudonym: &str) -> bool {
        self.identities().any(|identity| {
            let salt = identity["salt"].as_str().unwrap_or_default();
            identity["hashed"] == Value::Bool(true)
                && identity["identityHash"].as_str() == Some(identity_hash(pseudonym, salt).as_str())
        })
    }

    /// From when on it is valid, as written.
    pub fn valid_from(&self) -> &str {
        self.text("/validFrom")
    }

    /// Until when it is valid, as written, if it ends.
    pub fn valid_until(&self) -> Option<&str> {
        self.0.get("validUntil").and_then(Value::as_str)
    }

    fn identities(&self) -> impl Iterator<Item = &Value> {
        self.0["credentialSubject"]["identifier"].as_array().into_iter().flatten()
    }

    fn text(&self, path: &str) -> &str {
        let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
        let value = self.0.get(first);
        let value = if rest.is_empty() { value } else { value.and_then(|value| value.get(rest)) };
        value.and_then(Value::as_str).unwrap_or_default()
    }
}

fn subject(input: &BadgeInput) -> Value {
    let recipient = &input.recipient;
    let mut identities = vec![json!({
        "type": "IdentityObject",
        "hashed": true,
        "identityHash": identity_hash(&recipient.pseudonym, &recipient.salt),
        "identityType": "systemId",
        "salt": recipient.salt,
    })];
    identities.extend(recipient.name.as_ref().map(
        |name| json!({"type": "IdentityObject", "hashed": false, "identityHash": name, "identityType": "name"}),
    ));
    let mut achievement = json!({
        "id": input.achievement_id_url,
        "type": ["Achievement"],
        "name": input.name,
        "description": input.description,
        "criteria": {"narrative": input.criteria_narrative},
        "achievementType": input.achievement_type.term(),
    });
    set(&mut achievement, "inLanguage", input.language.as_deref().map(Value::from));
    set(&mut achievement, "image", input.image_url.as_ref().map(|url| json!({"id": url, "type": "Image"})));
    let mut subject = json!({
        "id": recipient.subject_uri,
        "type": ["AchievementSubject"],
        "identifier": identities,
    });
    if let Some(learned) = &input.learned {
        let measure = format!("{}{MINUTES_FRAGMENT}", input.achievement_id_url);
        achievement["resultDescription"] = json!([{
            "id": measure, "type": ["ResultDescription"], "name": learned.label, "resultType": MINUTES_TYPE,
        }]);
        subject["result"] = json!([{"type": ["Result"], "resultDescription": measure, "value": learned.minutes.0.to_string()}]);
    }
    // The specification's type is a float; a thousandth survives the division exactly enough to be written as it was.
    set(&mut subject, "creditsEarned", input.credits.map(|credits| json!(credits.0 as f64 / 1_000.0)));
    subject["achievement"] = achievement;
    subject
}

fn evidence(evidence: &Evidence) -> Value {
    let mut value = json!({"type": ["Evidence"]});
    for (name, text) in [
        ("id", &evidence.id_url),
        ("name", &evidence.name),
        ("narrative", &evidence.narrative),
        ("genre", &evidence.genre),
    ] {
        set(&mut value, name, text.as_deref().map(Value::from));
    }
    value
}

fn status(entry: &StatusEntry) -> Value {
    json!({
        "id": format!("{}#{}", entry.list_url, entry.index),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        // A string, by the recommendation Bitstring Status List v1.0 section 2.1.
        "statusListIndex": entry.index.to_string(),
        "statusListCredential": entry.list_url,
    })
}

/// `IdentityHash` of the specification: algorithm, `$`, and the hash of identifier and appended salt.
fn identity_hash(identifier: &str, salt: &str) -> String {
    format!("sha256${}", seal::hex(&seal::sha256(format!("{identifier}{salt}").as_bytes())))
}

fn set(object: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[name] = value;
    }
}

fn check_input(input: &BadgeInput) -> Result<(), BadgeError> {
    let uris = [
        ("id", Some(&input.id_url)),
        ("issuer.id", Some(&input.issuer_id_url)),
        ("credentialSubject.achievement.id", Some(&input.achievement_id_url)),
        ("credentialSubject.id", Some(&input.recipient.subject_uri)),
        ("credentialSubject.achievement.image.id", input.image_url.as_ref()),
        ("credentialStatus.statusListCredential", input.status.as_ref().map(|status| &status.list_url)),
    ];
    let evidence_uris = input.evidence.iter().map(|evidence| ("evidence.id", evidence.id_url.as_ref()));
    let bad_uri = |(_, uri): &(&str, Option<&String>)| uri.is_some_and(|uri| !is_uri(uri));
    if let Some((field, _)) = uris.into_iter().chain(evidence_uris).find(bad_uri) {
        return Err(BadgeError { field });
    }
    let texts = [
        ("name", &input.name),
        ("issuer.name", &input.issuer_name),
        ("credentialSubject.achievement.description", &input.description),
        ("credentialSubject.achievement.criteria.narrative", &input.criteria_narrative),
        ("credentialSubject.identifier.identityHash", &input.recipient.pseudonym),
        ("credentialSubject.identifier.salt", &input.recipient.salt),
    ];
    if let Some((field, _)) = texts.into_iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(BadgeError { field });
    }
    if input.credits.is_some_and(|credits| credits.0 < 0) {
        return Err(BadgeError { field: "credentialSubject.creditsEarned" });
    }
    if input.learned.as_ref().is_some_and(|learned| learned.minutes.0 < 0 || learned.label.is_empty()) {
        return Err(BadgeError { field: "credentialSubject.result" });
    }
    if input.valid_until.is_some_and(|end| end <= input.valid_from) {
        return Err(BadgeError { field: "validUntil" });
    }
    Ok(())
}

fn check_document(document: &Value) -> Result<(), BadgeError> {
    let context = document["@context"].as_array().map_or(&[][..], Vec::as_slice);
    let badge_context =
        |context: &Value| context.as_str().is_some_and(|url| url.starts_with(BADGE_CONTEXT_START));
    let subject = &document["credentialSubject"];
    let achievement = &subject["achievement"];
    let identified = id_of(Some(subject)).is_some_and(is_uri) || subject["identifier"].is_array();
    let checks = [
        ("@context", matches!(context, [first, second, ..] if first == VC_CONTEXT && badge_context(second))),
        ("type", has_type(document, &["VerifiableCredential"])),
        ("type", has_type(document, &["OpenBadgeCredential", "AchievementCredential"])),
        ("id", document["id"].as_str().is_some_and(is_uri)),
        ("name", is_text(&document["name"])),
        ("issuer.id", id_of(document.get("issuer")).is_some_and(is_uri)),
        ("validFrom", is_text(&document["validFrom"])),
        ("validUntil", document.get("validUntil").is_none_or(is_text)),
        ("credentialSubject.type", has_type(subject, &["AchievementSubject"])),
        ("credentialSubject.id", identified),
        ("credentialSubject.achievement.id", achievement["id"].as_str().is_some_and(is_uri)),
        ("credentialSubject.achievement.type", has_type(achievement, &["Achievement"])),
        ("credentialSubject.achievement.name", is_text(&achievement["name"])),
        ("credentialSubject.achievement.description", is_text(&achievement["description"])),
        ("credentialSubject.achievement.criteria", achievement["criteria"].is_object()),
    ];
    match checks.into_iter().find(|(_, good)| !good) {
        Some((field, _)) => Err(BadgeError { field }),
        None => Ok(()),
    }
}

fn has_type(value: &Value, wanted: &[&str]) -> bool {
    let is_wanted = |name: &Value| name.as_str().is_some_and(|name| wanted.contains(&name));
    match &value["type"] {
        Value::Array(types) => types.iter().any(is_wanted),
        single => is_wanted(single),
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// The id of a member that may be a bare URI or an object.
fn id_of(value: Option<&Value>) -> Option<&str> {
    let value = value?;
    value.as_str().or_else(|| value.get("id")?.as_str())
}

/// Scheme, colon, and something without white space, in ASCII (RFC 3986 section 3).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_char = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(scheme_char)
        && !rest.is_empty()
        && rest.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{
        AchievementType, BADGE_CONTEXT, BadgeError, BadgeInput, Evidence, LearningTime, OpenBadge, Recipient,
        StatusEntry, VC_CONTEXT,
    };
    use kernel::{Credit, Minutes, Timestamp};
    use serde_json::{Value, json};

    pub(crate) fn input() -> BadgeInput {
        BadgeInput {
            id_url: "https://learn.example.cn/credentials/7f".to_owned(),
            issuer_id_url: "https://learn.example.cn/places/11".to_owned(),
            issuer_name: "天星桥街道社区学校".to_owned(),
            achievement_id_url: "https://learn.example.cn/offers/42".to_owned(),
            name: "书法入门".to_owned(),
            description: "楷书十二课".to_owned(),
            criteria_narrative: "到课不少于十次".to_owned(),
            achievement_type: AchievementType::CertificateOfCompletion,
            language: Some("zh-CN".to_owned()),
            recipient: Recipient {
                subject_uri: "urn:uuid:8f6f4c2e-52f0-4d3c-9c53-0e6f8a3b7d11".to_owned(),
                pseudonym: "p1".to_owned(),
                salt: "s1".to_owned(),
                name: None,
            },
            valid_from: Timestamp::from_millis(1_767_225_600_999),
            valid_until: None,
            credits: None,
            learned: None,
            image_url: None,
            evidence: Vec::new(),
            status: None,
        }
    }

    #[test]
    fn the_smallest_credential() {
        let badge = OpenBadge::build(&input()).expect("complete");
        let expected = json!({
            "@context": [VC_CONTEXT, BADGE_CONTEXT],
            "id": "https://learn.example.cn/credentials/7f",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "书法入门",
            "issuer": {"id": "https://learn.example.cn/places/11", "type": ["Profile"], "name": "天星桥街道社区学校"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": "urn:uuid:8f6f4c2e-52f0-4d3c-9c53-0e6f8a3b7d11",
                "type": ["AchievementSubject"],
                "identifier": [{
                    "type": "IdentityObject",
                    "hashed": true,
                    "identityHash": "sha256$34e1692e8bf56d8d6f24d766a420d2cbe4cca42f43af355ce8c5b874faaf8753",
                    "identityType": "systemId",
                    "salt": "s1",
                }],
                "achievement": {
                    "id": "https://learn.example.cn/offers/42",
                    "type": ["Achievement"],
                    "name": "书法入门",
                    "description": "楷书十二课",
                    "criteria": {"narrative": "到课不少于十次"},
                    "achievementType": "CertificateOfCompletion",
                    "inLanguage": "zh-CN",
                },
            },
        });
        assert_eq!(Value::Object(badge.document().clone()), expected);
        assert_eq!(badge.issuer_name(), "天星桥街道社区学校");
        assert_eq!((badge.recipient_name(), badge.valid_until()), (None, None));
        assert!(badge.belongs_to("p1") && !badge.belongs_to("p2"));
    }

    #[test]
    fn the_fullest_credential() {
        let mut input = input();
        input.recipient.name = Some("王秀英".to_owned());
        input.valid_until = Some(Timestamp::from_millis(1_798_761_600_000));
        input.credits = Some(Credit(1_125));
        input.learned =
            Some(LearningTime { minutes: Minutes(1_080), label: "学习时长（分钟）".to_owned() });
        input.image_url = Some("https://learn.example.cn/badge.svg".to_owned());
        input.evidence = vec![Evidence {
            name: Some("到课记录".to_owned()),
            genre: Some("轮换码".to_owned()),
            ..Evidence::default()
        }];
        input.status =
            Some(StatusEntry { list_url: "https://learn.example.cn/status/1".to_owned(), index: 94_567 });

        let badge = OpenBadge::build(&input).expect("complete");
        let document = badge.document();
        assert_eq!(badge.recipient_name(), Some("王秀英"));
        assert_eq!(badge.valid_until(), Some("2027-01-01T00:00:00Z"));
        let subject = &document["credentialSubject"];
        assert_eq!(subject["creditsEarned"].to_string(), "1.125");
        let measure = "https://learn.example.cn/offers/42#learning-minutes";
        assert_eq!(
            subject["result"],
            json!([{"type": ["Result"], "resultDescription": measure, "value": "1080"}])
        );
        assert_eq!(
            subject["achievement"]["resultDescription"],
            json!([{"id": measure, "type": ["ResultDescription"], "name": "学习时长（分钟）", "resultType": "ext:LearningMinutes"}])
        );
        assert_eq!(
            document["evidence"],
            json!([{"type": ["Evidence"], "name": "到课记录", "genre": "轮换码"}])
        );
        assert_eq!(document["credentialStatus"]["statusListIndex"], "94567");
        assert_eq!(document["credentialStatus"]["id"], "https://learn.example.cn/status/1#94567");
    }

    /// Every number of thousandths is written as the number that it was.
    #[test]
    fn credits_are_exact() {
        for thousandths in (0..20_000).chain([999_999_999, 9_007_199_254_740]) {
            let input = BadgeInput { credits: Some(Credit(thousandths)), ..input() };
            let badge = OpenBadge::build(&input).expect("complete");
            let canonical = seal::canonical_json(&badge.document()["credentialSubject"]["creditsEarned"])
                .expect("a number");
            assert_eq!(String::from_utf8(canonical).as_deref(), Ok(Credit(thousandths).to_string().as_str()));
        }
    }

    #[test]
    fn incomplete_input_is_refused_by_field() {
        let refused = |change: fn(&mut BadgeInput)| {
            let mut input = input();
            change(&mut input);
            OpenBadge::build(&input).expect_err("refused").field
        };
        assert_eq!(refused(|input| input.name = "  ".to_owned()), "name");
        assert_eq!(refused(|input| input.id_url = "credentials/7".to_owned()), "id");
        assert_eq!(refused(|input| input.issuer_id_url = "https://a b".to_owned()), "issuer.id");
        assert_eq!(refused(|input| input.recipient.subject_uri = String::new()), "credentialSubject.id");
        assert_eq!(
            refused(|input| input.recipient.salt = String::new()),
            "credentialSubject.identifier.salt"
        );
        assert_eq!(refused(|input| input.credits = Some(Credit(-1))), "credentialSubject.creditsEarned");
        assert_eq!(refused(|input| input.valid_until = Some(input.valid_from)), "validUntil");
        assert_eq!(
            refused(|input| input.evidence =
                vec![Evidence { id_url: Some("1".to_owned()), ..Evidence::default() }]),
            "evidence.id"
        );
    }

    #[test]
    fn other_documents_are_refused_by_field() {
        let refused = |path: &str, value: Value| {
            let badge = OpenBadge::build(&input()).expect("complete");
            let mut document = Value::Object(badge.document().clone());
            *document.pointer_mut(path).expect("the field is there") = value;
            OpenBadge::from_document(document).expect_err("refused").field
        };
        assert_eq!(refused("/@context", json!([BADGE_CONTEXT, VC_CONTEXT])), "@context");
        assert_eq!(refused("/@context/1", json!("https://w3id.org/openbadges/v2")), "@context");
        assert_eq!(refused("/type", json!(["VerifiableCredential"])), "type");
        assert_eq!(refused("/type", json!("OpenBadgeCredential")), "type");
        assert_eq!(refused("/issuer", json!({"name": "nobody"})), "issuer.id");
        assert_eq!(
            refused("/credentialSubject/achievement", json!(null)),
            "credentialSubject.achievement.id"
        );
        assert_eq!(OpenBadge::from_document(json!([])), Err(BadgeError { field: "@context" }));
    }
}
