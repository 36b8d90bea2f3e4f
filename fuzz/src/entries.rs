//! One function for each parser of data from outside. Each takes any bytes, and fails only if the program has a fault: a panic, an
//! overflow, or an answer that contradicts itself.
//!
//! The fuzz targets (`fuzz/fuzz_targets`) and the test that replays their corpus (`crates/app/src/tests/corpus.rs`) call the same
//! functions; this file is compiled into both.

use std::sync::LazyLock;

use credentials::{Issuer, Serial, Shown, jwt, openbadge::OpenBadge, proof};
use kernel::{Day, Id, Lang, Month, Org, RegionCode, Role, Timestamp};
use network::{Holidays, Opening};
use notices::{Field, FieldKind};
use people::{CardNumber, Phone, Vault};
use seal::{
    Frontier, KeyFile, SigningKey, TreeHead, VerifyingKey, jws, verify_consistency, verify_inclusion,
};
use search::{Doc, Index, MAX_TERMS, Query};
use serde_json::Value;
use web::{Form, Max};

/// An entry: its name, which is also that of its target and of its folder in `fuzz/corpus`, and the function.
pub type Entry = (&'static str, fn(&[u8]));

/// All entries.
pub const ENTRIES: &[Entry] = &[
    ("form", form),
    ("multipart", multipart),
    ("headers", headers),
    ("authorization", authorization),
    ("api_body", api_body),
    ("import_regions", import_regions),
    ("import_subjects", import_subjects),
    ("import_figures", import_figures),
    ("credential_text", credential_text),
    ("credential_file", credential_file),
    ("credential_json", credential_json),
    ("jws", jws_token),
    ("typed", typed),
    ("tokens", tokens),
    ("moments", moments),
    ("query", query),
    ("synonyms", synonyms),
    ("key_file", key_file),
    ("note", note),
    ("proofs", proofs),
    ("rule", rule),
    ("opening", opening),
    ("notice_file", notice_file),
    ("sheet", sheet),
    ("reorganisation", reorganisation),
];

/// Runs the entry of this name.
///
/// # Panics
/// If there is none, or if the entry finds a fault.
pub fn run(name: &str, data: &[u8]) {
    let entry = ENTRIES.iter().find(|(known, _)| *known == name);
    entry.unwrap_or_else(|| panic!("{name} is no entry")).1(data);
}

/// The present of all entries: 23 November 2026, 09:00 in the city.
const NOW: Timestamp = Timestamp::from_millis(1_795_395_600_000);

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn issuer() -> &'static Issuer {
    static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer {
        key: SigningKey::from_seed(&[17; 32]),
        name: "重庆终身学习服务".to_owned(),
        base_url: "http://xuecheng.test".to_owned(),
        origin: "city".to_owned(),
    });
    &ISSUER
}

/// Fields of every kind are read from a form; what is wrong is named, and what is taken keeps its promise.
fn read_form(mut form: Form) {
    let title = form.required_text("title", Max(60));
    let about = form.text("about", Max(2_000));
    let seats = form.int("seats", 1..=500);
    let cost = form.optional_int("cost", 0..=100_000);
    let day = form.date("day");
    let at = form.datetime_local("starts");
    let role = form.choice::<Role>("role");
    let org = form.id::<Org>("org");
    assert!(form.key().is_empty() || form.key().len() == 32);
    form.checkbox("online");
    let all = form.all("title").len();
    if form.finish().is_err() {
        return;
    }
    assert!(!title.is_empty() && title.chars().count() <= 60 && about.chars().count() <= 2_000 && all > 0);
    for taken in [&title, &about] {
        assert!(!taken.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{taken:?}");
    }
    assert!((1..=500).contains(&seats) && cost.is_none_or(|cost| (0..=100_000).contains(&cost)));
    assert_eq!(day.to_string().parse::<Day>().ok(), Some(day));
    assert!(role.is_some() && org.is_some());
    assert_eq!(at.minute_text().len(), 16);
}

/// A body as `application/x-www-form-urlencoded`.
fn form(data: &[u8]) {
    let pairs = web::fuzzing::pairs(&text(data));
    let written: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", web::fuzzing::encode(name), web::fuzzing::encode(value)))
        .collect();
    assert_eq!(web::fuzzing::pairs(&written.join("&")), pairs);
    read_form(Form::of(pairs));
}

/// A body as `multipart/form-data` with the boundary `x`.
fn multipart(data: &[u8]) {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers starts")
    });
    let read = web::fuzzing::multipart("multipart/form-data; boundary=x", data.to_vec());
    if let Some((pairs, uploads)) = RUNTIME.block_on(read) {
        let bytes: usize = uploads.iter().map(|upload| upload.bytes.len()).sum();
        assert!(bytes <= data.len(), "files do not grow");
        read_form(Form::of(pairs));
    }
}

/// Cookies, language, and the target of a redirect; one on a line.
fn headers(data: &[u8]) {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let (cookies, languages) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    web::fuzzing::headers(cookies, languages, &[7; 32]);
    let target = web::fuzzing::local(&text(lines.next().unwrap_or_default()));
    assert!(target.starts_with('/') && !target.starts_with("//") && !target.starts_with("/\\"), "{target}");
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target}");
}

/// The header with which programs show a token.
fn authorization(data: &[u8]) {
    if web::fuzzing::authorization(data) {
        assert!(data.len() >= 43 + "Bearer ".len(), "a token has 43 characters");
    }
}

web::input! {
    /// A body with members of every kind.
    Inner {
        /// A text of one line.
        line: String { "maxLength": 10, "pattern": web::api::LINE },
        /// A number.
        number: Option<i64> { "minimum": -5, "maximum": 5 },
    }

    /// The same in a list.
    Outer {
        /// A list.
        list: Vec<Inner> { "maxItems": 3 },
        /// An identifier.
        id: Id<Org>,
        /// A truth value.
        truth: Option<bool>,
    }
}

/// The JSON body of an operation of the API: what is taken agrees with its description.
fn api_body(data: &[u8]) {
    use web::api::{Operation, read_body};
    let operation = Operation::new::<String>("test", "Takes a body").body::<Outer>();
    let Ok(body) = read_body(&operation, data) else { return };
    let list = body.0["list"].as_array().expect("a list");
    assert!(list.len() <= 3 && body.0["id"].as_str().is_some_and(|id| id.parse::<Id<Org>>().is_ok()));
    for item in list {
        let line = item["line"].as_str().expect("a text");
        assert!(!line.is_empty() && line.chars().count() <= 10 && !line.chars().any(char::is_control));
        assert!(item.get("number").is_none_or(|n| n.is_null() || n.as_i64().is_some_and(|n| n.abs() <= 5)));
    }
    read_form(body.form(""));
}

/// A list of divisions, with populations and points.
fn import_regions(data: &[u8]) {
    let text = text(data);
    if let Ok(mut rows) = network::read_regions(&text, Day(20_000)) {
        let count = rows.len();
        let _ = network::with_populations(&mut rows, &text, "population", Day(20_000));
        let _ = network::with_places(&mut rows, &text);
        assert_eq!(rows.len(), count);
        for row in rows {
            if let Ok(code) = row.code.parse::<RegionCode>() {
                region(&code);
            }
        }
    }
}

/// A list of subjects.
fn import_subjects(data: &[u8]) {
    let _ = catalog::read_subjects(&text(data));
}

/// A table of reported figures.
fn import_figures(data: &[u8]) {
    let _ = statistics::count_rows(&text(data));
}

/// What is typed into the field of `/verify`, or stands in its address, or in a QR code.
fn credential_text(data: &[u8]) {
    true_only_if_signed(&credentials::read_text(issuer(), &text(data), NOW));
}

/// A file given to `/verify`.
fn credential_file(data: &[u8]) {
    true_only_if_signed(&credentials::read_file(issuer(), data, NOW));
}

/// Nobody here has the key, so a signed document is one that stood in the corpus.
fn true_only_if_signed(shown: &Shown) {
    if let Shown::Signed(badge) = shown {
        assert!(badge.issuer_id().starts_with("http://xuecheng.test"), "{}", badge.issuer_id());
    }
}

/// A credential as a document, with and without its proof, and as anything that has to be written canonically.
fn credential_json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    if let Ok(canonical) = seal::canonical_json(&value) {
        let read: Value = serde_json::from_slice(&canonical).expect("canonical JSON is JSON");
        assert_eq!(seal::canonical_json(&read).expect("it was canonical"), canonical);
    }
    if let Value::Object(members) = &value {
        proof::verify(members, &issuer().public());
    }
    let _ = VerifyingKey::from_jwk(&value);
    if let Ok(badge) = OpenBadge::from_document(value) {
        badge.belongs_to("urn:uuid:0");
        let _ = (badge.id(), badge.name(), badge.subject_uri(), badge.recipient_name(), badge.valid_until());
    }
}

/// A token before its signature is known to be right.
fn jws_token(data: &[u8]) {
    let token = text(data);
    let peeked = jws::peek(&token);
    let verified = jws::verify(&token, &issuer().public());
    assert!(verified.is_err() || peeked.is_ok());
    let _ = jwt::claimed(&token);
    let _ = jwt::verify(&token, &issuer().public(), NOW);
}

/// What people type: cards, phones, names, numbers of certificates, codes of divisions, identifiers, words of lists.
fn typed(data: &[u8]) {
    let text = text(data);
    if let Ok(card) = text.parse::<CardNumber>() {
        assert_eq!(card.digits().parse().ok(), Some(card));
    }
    if let Ok(phone) = text.parse::<Phone>() {
        assert_eq!(phone.digits().parse().ok(), Some(phone.clone()));
        assert!(!phone.masked().contains(phone.digits()));
    }
    if let Ok(name) = people::clean_name(&text) {
        assert_eq!(people::clean_name(&name).ok().as_ref(), Some(&name));
    }
    if let Ok(serial) = text.parse::<Serial>() {
        assert_eq!(serial.as_str().parse().ok(), Some(serial));
    }
    if let Ok(id) = text.parse::<Id<Org>>() {
        assert_eq!(id.to_string().parse().ok(), Some(id));
    }
    if let Ok(code) = text.parse::<RegionCode>() {
        region(&code);
    }
    let _ = (text.parse::<Lang>(), text.parse::<Role>(), people::mask_phone(&text));
}

fn region(code: &RegionCode) {
    assert!(code.as_str().len() == 12 && code.contains(code) && code.as_str().starts_with(code.prefix()));
    assert!(code.county().is_none_or(|county| county.contains(code)));
    assert!(code.township().is_none_or(|township| township.contains(code)));
}

/// Tickets, codes and secrets that somebody brings along.
fn tokens(data: &[u8]) {
    static VAULT: LazyLock<Vault> = LazyLock::new(|| Vault::new([9; 32]));
    let text = text(data);
    assert!(people::asked_phone(&VAULT, NOW, &text).is_err(), "nobody here can make a ticket");
    assert!(people::proved_phone(&VAULT, NOW, &text).is_err());
    seal::token_hash(&text);
    seal::verify_rotating(b"secret", b"session", 7, 1, 6, &text);
    if let Some(bytes) = seal::from_base64url(&text) {
        assert_eq!(seal::from_base64url(&seal::base64url(&bytes)), Some(bytes));
    }
    if let Some(bytes) = seal::from_hex(&text) {
        assert_eq!(seal::hex(&bytes), text.to_ascii_lowercase());
    }
    assert!(seal::open_box(&[1; 32], b"context", data).is_err(), "nobody here has the key");
    assert!(seal::unwrap_key(&[1; 32], b"owner", data).is_err());
    let _ = (SigningKey::from_base64url(&text), VerifyingKey::from_base64url(&text));
}

/// Days, moments and exact fractions.
fn moments(data: &[u8]) {
    let text = text(data);
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string().parse::<Day>().ok(), Some(day), "{text}");
        assert!((1..=7).contains(&day.weekday()));
        let month: Month = day.month();
        assert!((1..=12).contains(&month.number()) && day.start().day() == day);
    }
    if let Ok(moment) = Timestamp::from_local_text(&text) {
        let written = moment.minute_text().replace(' ', "T");
        let again = Timestamp::from_local_text(&written).expect("what we write we read");
        assert!((moment.millis() - again.millis()).abs() < 60_000, "{text} became {written}");
        let _ = (moment.rfc3339(), moment.day().to_string());
    }
    if let Ok(fraction) = text.parse::<bank::Fraction>() {
        assert_eq!(fraction.to_string().parse(), Ok(fraction));
        let _ = fraction.times(fraction);
        fraction.round(bank::Rounding::HalfEven);
    }
}

fn index() -> &'static Index {
    static INDEX: LazyLock<Index> = LazyLock::new(|| {
        let index = Index::in_memory().expect("an index in memory opens");
        index.set_places(["沙坪坝区", "天星桥街道", "渝中区"]);
        let doc = |id: &str, title: &str| Doc {
            id: id.to_owned(),
            kind: "offer".to_owned(),
            title: title.to_owned(),
            place_names: vec!["天星桥街道".to_owned(), "沙坪坝区".to_owned()],
            place_codes: vec!["500106000000".to_owned()],
            facets: vec![("audience".to_owned(), "older".to_owned())],
            times: vec![(1_795_400_000_000, 1_795_407_200_000)],
            location: Some((106.5, 29.5)),
            ..Doc::default()
        };
        let docs = [doc("1", "书法入门班"), doc("2", "智能手机 for beginners"), doc("3", "民法典讲座")];
        index.apply(1, &docs, &[]).and_then(|()| index.commit()).expect("three documents are indexed");
        index
    });
    &INDEX
}

/// A line in the search box; the first byte chooses the filters beside it.
fn query(data: &[u8]) {
    let (flags, line) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    let line = text(line).into_owned();
    let on = |bit: u8| flags & (1 << bit) != 0;
    let asked = Query {
        place_code: on(0).then(|| line.clone()),
        subject: on(1).then(|| line.clone()),
        facets: if on(2) { vec![("audience".to_owned(), line.clone())] } else { Vec::new() },
        near: on(3).then_some((f64::from(flags), f64::NAN)),
        now: on(4).then_some(NOW.millis()),
        offset: if on(5) { usize::MAX } else { 0 },
        limit: if on(6) { usize::MAX } else { 10 },
        count_facets: on(7),
        text: line,
        ..Query::default()
    };
    let hits = index().search(&asked).expect("a question is answered, whatever it is");
    assert!(hits.hits.len() <= 3 && hits.terms.len() <= MAX_TERMS);
    for hit in &hits.hits {
        for range in &hit.highlights {
            assert!(hit.title.get(range.clone()).is_some(), "{range:?} is no part of {}", hit.title);
        }
    }
}

/// A table of synonyms.
fn synonyms(data: &[u8]) {
    static INDEX: LazyLock<Index> = LazyLock::new(|| Index::in_memory().expect("an index in memory opens"));
    let _ = INDEX.set_synonyms(&text(data));
}

/// A file with a key.
fn key_file(data: &[u8]) {
    if let Ok(file) = KeyFile::parse(&text(data)) {
        let again = KeyFile::parse(&file.format()).expect("what we write we read");
        assert!(again == file && again.id() == file.id());
    }
}

/// A signed note, and the text in it.
fn note(data: &[u8]) {
    let text = text(data);
    if let Ok(head) = TreeHead::parse(&text) {
        assert_eq!(head.text().as_deref(), Ok(&*text));
    }
    let _ = TreeHead::from_note(&text, &issuer().public());
}

/// Proofs of the log: two numbers, and hashes. Forged ones are refused, and none takes longer than its length allows.
fn proofs(data: &[u8]) {
    if let Ok(frontier) = Frontier::from_bytes(data) {
        assert_eq!(frontier.to_bytes(), data);
        frontier.root();
    }
    let Some((first, rest)) = data.split_first_chunk::<8>() else { return };
    let Some((second, rest)) = rest.split_first_chunk::<8>() else { return };
    let (first, second) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
    let hashes = rest.as_chunks::<32>().0;
    let leaf = [3; 32];
    if verify_inclusion(&leaf, first, second, hashes, &[4; 32]) {
        panic!("a digest of two values was found");
    }
    let equal = verify_consistency(first, second, &[3; 32], &[4; 32], hashes);
    assert!(!equal, "two roots that nothing ties together were tied");
    let _ = (seal::inclusion_ranges(first, second), seal::consistency_ranges(first, second));
}

/// A rule pack.
fn rule(data: &[u8]) {
    if let Ok(rule) = bank::read_rule(&text(data)) {
        let _ = bank::test_rule(&rule);
        rule.covers(Day(20_000));
    }
}

/// Opening hours in their notation and as people write those of a day: what was read is written so that it reads back.
fn opening(data: &[u8]) {
    let text = text(data);
    if let Ok(read) = text.parse::<Opening>() {
        let again = read.to_string().parse::<Opening>();
        assert!(again.is_ok_and(|again| again == read), "{read} reads back as something else");
        let holidays = Holidays::new();
        let _ = (read.state(NOW, &holidays), read.lines(Lang::Zh));
        for (from, to) in read.hours(NOW.day(), network::AHEAD_DAYS, &holidays) {
            assert!(from < to);
        }
    }
    if let Ok(spans) = network::read_spans(&text) {
        assert!(
            spans.len() <= network::SPANS_MAX
                && spans.iter().all(|span| span.from < span.to && span.to <= 1_440)
        );
        if !spans.is_empty() {
            assert_eq!(network::read_spans(&network::spans_text(&spans)).ok(), Some(spans));
        }
    }
    if let Ok(years) = network::read_holidays(&text, 2_000) {
        assert!(years.iter().all(|year| year.year >= 2_000));
    }
}

/// A file with an answer to a notice: all of it fits the columns, or what is wrong is named.
fn notice_file(data: &[u8]) {
    let fields = [
        Field::new("活动名称", FieldKind::Text),
        Field::new("人数", FieldKind::Whole),
        Field::new("经费", FieldKind::Decimal).optional(),
        Field::new("日期", FieldKind::Day).optional(),
        Field::new("面向老年人", FieldKind::YesNo).optional(),
    ];
    for many in [true, false] {
        match notices::read_file(&fields, many, data) {
            Ok(rows) => {
                assert!(rows.len() <= notices::ROWS_MAX && rows.iter().all(|row| row.len() == fields.len()));
            }
            Err(faults) => assert!(!faults.is_empty(), "refused without a reason"),
        }
    }
}

/// A table that somebody hands over: what is read of it stays within the limits, and its columns stand where they are said to.
fn sheet(data: &[u8]) {
    use render::sheet::{Column, Limits, find_columns, read};
    let limits = Limits { bytes: 1 << 20, unpacked: 1 << 22, lines: 50, columns: 12 };
    let Ok(lines) = read(data, &limits) else { return };
    let held: usize = lines.iter().flat_map(|line| &line.cells).map(String::len).sum();
    assert!(held as u64 <= limits.unpacked && lines.is_sorted_by(|one, next| one.number < next.number));
    assert!(lines.iter().all(|line| (1..=50).contains(&line.number) && (1..=12).contains(&line.cells.len())));
    let columns = [
        Column { key: "name", headings: &["名称", "Name"], needed: true },
        Column { key: "phone", headings: &["电话", "Phone"], needed: false },
    ];
    if let Ok(heading) = find_columns(&lines, &columns, 10) {
        let cells = &lines[heading.at].cells;
        assert!(heading.places[0].is_some() && heading.places.iter().flatten().all(|at| *at < cells.len()));
    }
}

/// The lines of a reorganisation: each is read, or everything that is wrong is named.
fn reorganisation(data: &[u8]) {
    match network::read_lines(&text(data)) {
        Ok(lines) => assert!(!lines.is_empty() && lines.len() <= network::LINES_MAX),
        Err(faults) => assert!(!faults.is_empty(), "refused without a reason"),
    }
}
