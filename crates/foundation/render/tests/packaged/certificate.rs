//! Certificates with the font that ships.

use std::io::Read;

use render::RenderError;
use render::pdf::{CertificateInput, IssueDate, Language, certificate, missing_characters};
use sha2::{Digest, Sha256};

use crate::{read, repository, show};

fn chinese() -> CertificateInput {
    CertificateInput {
        language: Language::Chinese,
        title: "结业证书".to_owned(),
        serial: "编号　渝学证〔2026〕第 000128 号".to_owned(),
        lead: "兹证明".to_owned(),
        holder: "欧阳明月".to_owned(),
        body: vec![
            "于二〇二六年九月一日至十一月二十日参加社区教育课程学习，".to_owned(),
            "完成规定学时，经考核合格，准予结业。".to_owned(),
        ],
        course: "《行书入门：从〈兰亭序〉开始》".to_owned(),
        facts: vec!["32 学时".to_owned(), "2.0 学分".to_owned(), "证据等级：扫码签到".to_owned()],
        organisations: vec!["沙坪坝区社区学院".to_owned(), "天星桥街道社区学校".to_owned()],
        issued: "二〇二六年十一月二十四日".to_owned(),
        issued_on: IssueDate { year: 2026, month: 11, day: 24 },
        seal: "电子签名有效，无需加盖印章".to_owned(),
        verify_label: "扫描二维码或访问以下网址核验真伪".to_owned(),
        verify_url: "https://learn.example.cn/verify/7f3c2a90-4b1e-4c7d-9a55-0d1e8f2b6c31".to_owned(),
        note: "本证书由城市终身学习平台依据学习记录出具，记录与证书均经数字签名，任何人可免费核验。"
            .to_owned(),
    }
}

fn english() -> CertificateInput {
    CertificateInput {
        language: Language::English,
        title: "Certificate of Completion".to_owned(),
        serial: "No. XC-2026-000128".to_owned(),
        lead: "This is to certify that".to_owned(),
        holder: "Ouyang Mingyue".to_owned(),
        body: vec!["attended all sessions from 1 September to 20 November 2026, passed the assessment,".to_owned(), "and has successfully completed the course".to_owned()],
        course: "Running Script for Beginners: Starting from the Orchid Pavilion".to_owned(),
        facts: vec!["32 hours".to_owned(), "2.0 credits".to_owned()],
        organisations: vec!["Shapingba District Community College".to_owned(), "Tianxingqiao Community School".to_owned()],
        issued: "24 November 2026".to_owned(),
        seal: "Digitally signed; valid without a stamp".to_owned(),
        verify_label: "Scan the code or visit this address to verify".to_owned(),
        note: "Issued by the city’s lifelong learning platform from records of learning. Anyone may verify it free of charge.".to_owned(),
        ..chinese()
    }
}

fn longest() -> CertificateInput {
    CertificateInput {
        title: "全民终身学习活动周“学习行千里，人文致广大”主题研修班结业证书".to_owned(),
        holder: "古丽巴哈尔·阿卜杜热合曼·买买提吐尔逊（石柱土家族自治县中益乡华溪村）".to_owned(),
        body: vec![
            "于二〇二六年三月一日至十一月二十日参加由重庆市社区教育服务指导中心、各区县社区学院与四川省成都市社区大学共同举办的成渝地区双城经济圈社区教育工作者能力提升研修，".to_owned(),
            "完成集中面授、网络自学、实地游学与社区实践四个阶段的全部学习任务，提交研修报告一份、微课作品两件，经专家组评议与公示无异议，成绩优秀，准予结业。".to_owned(),
            "学习期间担任第三小组组长，组织线下活动十二次，服务居民一千二百余人次。".to_owned(),
        ],
        course: "《酉阳土家族苗族自治县非物质文化遗产传承人群研修：西兰卡普织造技艺、摆手舞与土家族民歌的社区传播方法及其在老年教育和青少年研学中的综合应用》".to_owned(),
        facts: vec!["集中面授 48 学时".to_owned(), "网络自学 96 学时".to_owned(), "社区实践 120 学时".to_owned(), "合计 16.5 学分".to_owned()],
        organisations: vec![
            "重庆市社区教育服务指导中心（重庆开放大学）".to_owned(),
            "酉阳土家族苗族自治县社区学院".to_owned(),
            "彭水苗族土家族自治县社区学院".to_owned(),
            "成都市社区大学".to_owned(),
        ],
        verify_url: format!("https://learn.chongqing-lifelong-education.example.gov.cn/credentials/verify/{}?lang=zh-CN&from=paper", "0123456789abcdef".repeat(4)),
        ..chinese()
    }
}

fn longest_english() -> CertificateInput {
    CertificateInput {
        title: "Certificate of Completion of the Advanced Study Programme for Community Education Practitioners".to_owned(),
        holder: "Wolfeschlegelsteinhausenbergerdorff Maria-Theresia Alexandrina von Hohenzollern-Sigmaringen".to_owned(),
        course: "Intangible Cultural Heritage of the Youyang Tujia and Miao Autonomous County: Brocade Weaving, Hand-Waving Dance and Folk Song in the Education of Older People and of Pupils".to_owned(),
        organisations: vec!["Chongqing Municipal Guidance Centre for Community Education Services".to_owned(), "Youyang Tujia and Miao Autonomous County Community College".to_owned()],
        ..english()
    }
}

fn shortest() -> CertificateInput {
    CertificateInput {
        title: "证书".to_owned(),
        serial: String::new(),
        lead: String::new(),
        holder: "丁一".to_owned(),
        body: vec![],
        course: String::new(),
        facts: vec![],
        organisations: vec!["渝中区社区学院".to_owned()],
        issued: String::new(),
        seal: String::new(),
        verify_label: String::new(),
        verify_url: "https://a.cn/1".to_owned(),
        note: String::new(),
        ..chinese()
    }
}

#[test]
fn short_and_long_certificates_fit_one_page_each() {
    let samples = [
        ("zh", chinese()),
        ("en", english()),
        ("zh-long", longest()),
        ("en-long", longest_english()),
        ("zh-short", shortest()),
    ];
    for (name, input) in samples {
        let pdf = certificate(&input).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
        assert!(pdf.len() < 400_000, "{name}: {} bytes; the font is a subset", pdf.len());
        show(&format!("certificate-{name}.pdf"), &pdf);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = certificate(&chinese()).expect("printed");
    certificate(&english()).expect("printed");
    assert_eq!(first, certificate(&chinese()).expect("printed"));
    let other_day = CertificateInput { issued_on: IssueDate { year: 2026, month: 11, day: 25 }, ..chinese() };
    assert_ne!(first, certificate(&other_day).expect("printed"));
}

#[test]
fn metadata_names_title_holder_language_and_day() {
    let pdf = certificate(&chinese()).expect("printed");
    // Streams are compressed, the XMP packet is not: PDF/A demands that it can be found in the raw bytes.
    let raw = String::from_utf8_lossy(&pdf);
    for part in [
        "结业证书 · 欧阳明月",
        "zh-CN",
        "2026-11-24",
        "沙坪坝区社区学院",
        "<pdfaid:part>2<",
        "<pdfuaid:part>1<",
    ] {
        assert!(raw.contains(part), "{part}");
    }
}

#[test]
fn markup_in_a_name_is_printed_and_not_obeyed() {
    let plain = certificate(&CertificateInput { holder: "x".repeat(40), ..chinese() }).expect("printed");
    for hostile in [
        "#panic(\"x\")",
        "*a* _b_ $x^2$",
        "#read(\"/etc/passwd\")",
        "@ref <label> // c /* d */",
        "\\u{41} `raw` = h",
    ] {
        let input = CertificateInput {
            holder: hostile.to_owned(),
            title: hostile.to_owned(),
            body: vec![hostile.to_owned(); 2],
            course: hostile.to_owned(),
            organisations: vec![hostile.to_owned()],
            note: hostile.to_owned(),
            ..chinese()
        };
        let pdf = certificate(&input).unwrap_or_else(|error| panic!("{hostile}: {error}"));
        assert!(pdf.len() > plain.len() / 2);
        let title =
            format!("{hostile} · {hostile}").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let raw = String::from_utf8_lossy(&pdf)
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&apos;", "'");
        assert!(raw.contains(&title), "{hostile} stands literally in the title");
    }
}

#[test]
fn every_packaged_name_prints() {
    let mut given = String::new();
    let packed = std::fs::read(repository("data/chongqing/given_name_chars_zh.csv.gz")).expect("packaged");
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut given).expect("gzip of UTF-8");
    let sources = [
        ("divisions", read("data/chongqing/cq_divisions_2022.csv"), 1500),
        ("surnames", read("data/chongqing/surnames_zh.csv"), 400),
        ("given names", given, 9000),
        ("heritage projects", read("data/chongqing/cq_ich_projects.csv"), 380),
    ];
    for (name, text, distinct_min) in sources {
        let text: String = text.lines().collect();
        let distinct: std::collections::BTreeSet<char> = text.chars().collect();
        assert!(distinct.len() > distinct_min, "{name} has {} characters", distinct.len());
        assert_eq!(missing_characters(&text), Vec::<char>::new(), "{name}");
    }
}

#[test]
fn rare_characters_reach_the_page() {
    let rare = "㛃㐱䶮𬍛𬭎龘靐齉爨堃犇骉";
    let pdf = certificate(&CertificateInput { holder: rare.to_owned(), ..chinese() }).expect("printed");
    show("certificate-rare.pdf", &pdf);
}

#[test]
fn what_the_font_lacks_is_refused_by_name() {
    let refused = |holder: &str| certificate(&CertificateInput { holder: holder.to_owned(), ..chinese() });
    assert_eq!(refused("王😀小😀𪚥"), Err(RenderError::MissingCharacters(vec!['😀', '𪚥'])));
    assert_eq!(refused("王\u{202e}小明"), Err(RenderError::MissingCharacters(vec!['\u{202e}'])));
    assert_eq!(
        refused("王\u{ad}小\n明\u{200b}"),
        Err(RenderError::MissingCharacters(vec!['\u{ad}', '\n', '\u{200b}']))
    );
    let note = CertificateInput { note: "ཞ".to_owned(), ..chinese() };
    assert_eq!(certificate(&note), Err(RenderError::MissingCharacters(vec!['ཞ'])));
    assert_eq!(missing_characters("重庆 Chongqing 2026·《》“”——"), Vec::<char>::new());
}

#[test]
fn bad_fields_are_named() {
    let refused = |change: fn(&mut CertificateInput)| {
        let mut input = chinese();
        change(&mut input);
        certificate(&input).expect_err("refused")
    };
    assert_eq!(refused(|i| i.holder = " ".into()), RenderError::Blank { field: "holder" });
    assert_eq!(refused(|i| i.title = String::new()), RenderError::Blank { field: "title" });
    assert_eq!(refused(|i| i.holder = "x".repeat(41)), RenderError::TooLong { field: "holder" });
    assert_eq!(refused(|i| i.note = "长".repeat(401)), RenderError::TooLong { field: "note" });
    assert_eq!(
        refused(|i| i.body = vec!["很长的一行".repeat(60); 12]),
        RenderError::TooLong { field: "page" }
    );
    assert_eq!(refused(|i| i.facts = vec!["学".to_owned(); 4000]), RenderError::TooLong { field: "page" });
    assert_eq!(refused(|i| i.verify_url = "javascript:alert(1)".into()), RenderError::VerifyUrl);
    assert_eq!(refused(|i| i.verify_url = "https://a b".into()), RenderError::VerifyUrl);
    for (year, month, day) in
        [(2026, 2, 29), (2026, 13, 1), (0, 1, 1), (1900, 2, 29), (2026, 4, 31), (2026, 1, 0)]
    {
        let input = CertificateInput { issued_on: IssueDate { year, month, day }, ..chinese() };
        assert_eq!(certificate(&input), Err(RenderError::IssueDate), "{year}-{month}-{day}");
    }
    let leap = CertificateInput { issued_on: IssueDate { year: 2000, month: 2, day: 29 }, ..chinese() };
    certificate(&leap).expect("2000 was a leap year");
}

#[test]
fn the_font_is_the_one_that_its_checksum_names() {
    for line in read("assets/vendor/fonts/SHA256SUMS").lines() {
        let (sum, name) = line.split_once("  ").expect("sum and name");
        let bytes = std::fs::read(repository("assets/vendor/fonts").join(name)).expect("the file is there");
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "{name}");
    }
}
