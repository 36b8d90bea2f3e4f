//! The credential as a signed document, made on demand: the same record, name and key always give the same bytes.

use kernel::{Error, Lang, Result};
use seal::{SigningKey, VerifyingKey, sha256};
use serde_json::{Map, Value, json};

use crate::{
    Credential, jwt,
    openbadge::{
        AchievementType, BADGE_CONTEXT, BadgeInput, Evidence, LearningTime, OpenBadge, Recipient, VC_CONTEXT,
    },
    proof,
};

/// Who issues: the origin, its key, and the address under which the public finds it.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The key that signs.
    pub key: SigningKey,
    /// Name of the issuer, such as 重庆终身学习服务.
    pub name: String,
    /// Address of the site, with or without a slash at the end.
    pub base_url: String,
    /// Name of the origin in its log.
    pub origin: String,
}

impl Issuer {
    /// The full address of a path of the site.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim_end_matches('/'))
    }

    /// Address of the issuer's profile, which is its identifier in credentials.
    pub fn id(&self) -> String {
        self.at("/credentials/issuer")
    }

    /// Address of the public key as a JWK: `kid` of the tokens.
    pub fn key_url(&self) -> String {
        self.at(&format!("/credentials/keys/{}", self.key.id()))
    }

    /// Address of the key in the profile: `verificationMethod` of the proofs.
    pub fn method(&self) -> String {
        format!("{}#{}", self.id(), self.key.id())
    }

    /// Address of a credential's page.
    pub fn page_url(&self, credential: &Credential) -> String {
        self.at(&format!("/credentials/{}", credential.credential_id))
    }

    /// The public key.
    pub fn public(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// The key as members of the set at `/.well-known/jwks.json` have it (RFC 7517).
    pub fn jwk(&self) -> Value {
        let mut jwk = self.public().to_jwk();
        jwk["kid"] = self.key_url().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = "EdDSA".into();
        jwk
    }

    /// The profile of the issuer (Open Badges 3.0, `Profile`), with its key as a controlled identifier document has it.
    pub fn profile(&self) -> Value {
        json!({
            "@context": [VC_CONTEXT, BADGE_CONTEXT],
            "id": self.id(),
            "type": ["Profile"],
            "name": self.name,
            "url": self.at("/"),
            "otherIdentifier": [{"type": "IdentifierEntry", "identifier": self.origin, "identifierType": "ext:Origin"}],
            "verificationMethod": [{
                "id": self.method(),
                "type": "Multikey",
                "controller": self.id(),
                "publicKeyMultibase": proof::multikey(&self.public()),
            }],
            "assertionMethod": [self.method()],
        })
    }
}

/// Words of the record's language: a document says the same to all readers.
fn words(key: &str, args: &[(&str, &dyn web::ToArg)]) -> String {
    web::i18n::say(Lang::Zh, key, args)
}

/// The credential as an Open Badge. `holder` is the name, which is left out after an erasure.
///
/// # Errors
/// `kernel.bug` if the record is none that the reactor writes.
pub fn badge(issuer: &Issuer, credential: &Credential, holder: Option<&str>) -> Result<OpenBadge> {
    // Made from the credential's own random id, so that nothing links two credentials of a person.
    let derived = |label: &str| sha256(format!("{label}\n{}", credential.credential_id).as_bytes());
    let subject = kernel::Id::<()>::derived(&derived("credential subject")).to_string();
    let input = BadgeInput {
        id_url: issuer.page_url(credential),
        issuer_id_url: issuer.id(),
        issuer_name: issuer.name.clone(),
        achievement_id_url: issuer
            .at(&format!("/offers/{}?class={}", credential.offer_id, credential.class_id)),
        name: credential.title.clone(),
        description: words(
            "credentials-vc-description",
            &[("title", &credential.title), ("org", &credential.org_name)],
        ),
        criteria_narrative: words("credentials-vc-criteria", &[("planned", &credential.planned)]),
        achievement_type: AchievementType::CertificateOfCompletion,
        language: Some(Lang::Zh.tag().to_owned()),
        recipient: Recipient {
            subject_uri: format!(
                "urn:uuid:{}-{}-{}-{}-{}",
                &subject[..8],
                &subject[8..12],
                &subject[12..16],
                &subject[16..20],
                &subject[20..]
            ),
            pseudonym: credential.person_id.to_string(),
            salt: seal::hex(&derived("credential salt")[..16]),
            name: holder.map(str::to_owned),
        },
        valid_from: credential.issued_at,
        valid_until: None,
        credits: None,
        learned: Some(LearningTime {
            minutes: credential.minutes,
            label: words("credentials-vc-minutes", &[]),
        }),
        image_url: None,
        evidence: vec![Evidence {
            name: Some(words("credentials-vc-evidence", &[])),
            narrative: Some(words(
                "credentials-vc-attended",
                &[("planned", &credential.planned), ("attended", &credential.attended)],
            )),
            ..Evidence::default()
        }],
        status: None,
    };
    let plain = OpenBadge::build(&input)
        .map_err(|error| Error::bug("a credential makes no badge").caused_by(error))?;
    let mut document = plain.document().clone();
    document.insert("description".to_owned(), input.description.into());
    let achievement = &mut document["credentialSubject"]["achievement"];
    achievement["creator"] = json!({
        "id": issuer.at(&format!("/orgs/{}", credential.org_id)), "type": ["Profile"], "name": credential.org_name,
    });
    achievement["humanCode"] = credential.serial.as_str().into();
    OpenBadge::from_document(Value::Object(document))
        .map_err(|error| Error::bug("a credential makes no badge").caused_by(error))
}

/// The credential as a VC-JWT.
///
/// # Errors
/// As [`badge`].
pub fn token(issuer: &Issuer, badge: &OpenBadge) -> Result<String> {
    jwt::sign(badge, &issuer.key, Some(&issuer.key_url()))
        .map_err(|error| Error::bug("a badge cannot be signed").caused_by(error))
}

/// The credential as a JSON document with its proof inside.
pub(crate) fn secured(
    issuer: &Issuer,
    badge: &OpenBadge,
    credential: &Credential,
) -> Result<Map<String, Value>> {
    proof::attach(badge.document().clone(), &issuer.key, &issuer.method(), credential.issued_at)
        .map_err(|error| Error::bug("a badge has no canonical form").caused_by(error))
}
