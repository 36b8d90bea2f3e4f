//! Writes a sample credential, altered copies of it and the keys into a directory, for verifiers that are not ours; and beside them
//! a certificate that came about as a real one does: by sign-up, attendance, closing of the class and the reactor.
//!
//! `cargo run --release -p credentials --example sample_credential -- OUTDIR`, then `e2e/openbadges/verify.py`. All of it is fixed:
//! the keys are no secrets.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use credentials::{
    badge, jwt,
    openbadge::{AchievementType, BadgeInput, Evidence, LearningTime, OpenBadge, Recipient},
    pdf, proof, testing, token,
};
use kernel::{Credit, Lang, Minutes, Timestamp};
use seal::SigningKey;
use store::{Engine, Migration, testing::TestStore};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sample_credential OUTDIR")?);
    fs::create_dir_all(&directory)?;
    let write = |name: &str, text: &str| fs::write(directory.join(name), format!("{text}\n"));

    let (issuer, stranger) = (SigningKey::from_seed(&[17; 32]), SigningKey::from_seed(&[18; 32]));
    let badge = OpenBadge::build(&input())?;
    let token = jwt::sign(&badge, &issuer, Some("https://learn.example.cn/keys/issuer"))?;

    write("credential.jwt", &token)?;
    write("credential.json", &serde_json::to_string_pretty(badge.document())?)?;
    write("issuer.jwk.json", &issuer.verifying_key().to_jwk().to_string())?;
    write("stranger.jwk.json", &stranger.verifying_key().to_jwk().to_string())?;
    write("altered-name.jwt", &altered(&token, "书法入门", "高等数学")?)?;
    write("altered-credit.jwt", &altered(&token, "\"creditsEarned\":1.5", "\"creditsEarned\":9.5")?)?;
    // Honestly signed, but by another key than the issuer's.
    write("forged.jwt", &jwt::sign(&badge, &stranger, None)?)?;
    let (_, payload_and_signature) = token.split_once('.').ok_or("no token")?;
    let unsigned = seal::base64url(br#"{"alg":"none","typ":"JWT"}"#);
    write("alg-none.jwt", &format!("{unsigned}.{payload_and_signature}"))?;
    issued(&directory)
}

/// `issued.jwt`, `issued.json`, `issued.pdf` and `issued.jwk.json`: from the records of a city on a temporary database.
fn issued(directory: &Path) -> Result<(), Box<dyn Error>> {
    let store = TestStore::new(Engine::Sqlite, MIGRATIONS);
    // Long past: other verifiers look at the machine's clock.
    store.clock.set(Timestamp::from_millis(1_767_225_600_000));
    let certified = testing::certified(&store, "王秀英")?;
    let (issuer, credential) = (testing::issuer(), certified.credential);
    let badge = badge(&issuer, &credential, Some("王秀英"))?;
    let token = token(&issuer, &badge)?;
    let secured =
        proof::attach(badge.document().clone(), &issuer.key, &issuer.method(), credential.issued_at)?;
    let write = |name: &str, text: &str| fs::write(directory.join(name), format!("{text}\n"));
    write("issued.jwt", &token)?;
    write("issued.json", &serde_json::to_string_pretty(&secured)?)?;
    write("issued.jwk.json", &issuer.jwk().to_string())?;
    write("issued-altered.jwt", &altered(&token, "王秀英", "王大明")?)?;
    fs::write(directory.join("issued.pdf"), pdf(&issuer, &credential, Some("王秀英"), Lang::Zh, true)?)?;
    fs::write(directory.join("issued-en.pdf"), pdf(&issuer, &credential, Some("王秀英"), Lang::En, true)?)?;
    Ok(())
}

/// The tables that a certificate needs.
const MIGRATIONS: &[&[Migration]] = &[
    journal::MIGRATIONS,
    web::MIGRATIONS,
    notify::MIGRATIONS,
    people::MIGRATIONS,
    network::MIGRATIONS,
    catalog::MIGRATIONS,
    activities::MIGRATIONS,
    learning::MIGRATIONS,
    credentials::MIGRATIONS,
];

/// The token with one text of its payload replaced and its signature kept.
fn altered(token: &str, from: &str, to: &str) -> Result<String, Box<dyn Error>> {
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err("no token".into());
    };
    let payload = String::from_utf8(seal::from_base64url(payload).ok_or("no base64url")?)?;
    if !payload.contains(from) {
        return Err(format!("the credential does not say {from}").into());
    }
    Ok(format!("{header}.{}.{signature}", seal::base64url(payload.replace(from, to).as_bytes())))
}

fn input() -> BadgeInput {
    BadgeInput {
        id_url: "https://learn.example.cn/credentials/5f0c6f1e".to_owned(),
        issuer_id_url: "https://learn.example.cn/places/tianxingqiao".to_owned(),
        issuer_name: "天星桥街道社区学校".to_owned(),
        achievement_id_url: "https://learn.example.cn/offers/calligraphy".to_owned(),
        name: "书法入门".to_owned(),
        description: "楷书十二课，从执笔到一幅完整的作品。".to_owned(),
        criteria_narrative: "到课不少于十次，完成一幅作品。".to_owned(),
        achievement_type: AchievementType::CertificateOfCompletion,
        language: Some("zh-CN".to_owned()),
        recipient: Recipient {
            subject_uri: "urn:uuid:8f6f4c2e-52f0-4d3c-9c53-0e6f8a3b7d11".to_owned(),
            pseudonym: "0f9d4e3a5b6c47d88e9fa0b1c2d3e4f5".to_owned(),
            salt: "3vQb9mXyTzq0".to_owned(),
            name: Some("王秀英".to_owned()),
        },
        valid_from: Timestamp::from_millis(1_767_225_600_000),
        valid_until: None,
        credits: Some(Credit(1_500)),
        learned: Some(LearningTime { minutes: Minutes(1_080), label: "学习时长（分钟）".to_owned() }),
        image_url: Some("https://learn.example.cn/assets/badge.svg".to_owned()),
        evidence: vec![Evidence {
            name: Some("到课记录".to_owned()),
            narrative: Some("十二次课到课十一次，以轮换码签到。".to_owned()),
            ..Evidence::default()
        }],
        status: None,
    }
}
