//! Every form of the program with values that nobody means well: what cannot be taken is refused with 422, the field is named and
//! what was typed is still there; nothing makes the program fail, and no control character is ever stored.

use axum::http::Method;
use store::{Engine, Statement, testing::TestStore};
use web::testing::{Answer, Client};

use super::{
    routes::{FORM_PAGE, Site, table},
    tickets::{counter_ticket, own_ticket, proved, ticket},
};

/// What a field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Takes {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number.
    Number,
    /// A price in yuan.
    Price,
    /// A day.
    Day,
    /// A day after today, or nothing.
    LaterDay,
    /// A day and a time.
    Moment,
    /// One of several words.
    Choice,
    /// A telephone number.
    Phone,
    /// The number of a card.
    Card,
    /// Digits that were sent or shown.
    Code,
    /// A box to tick.
    Tick,
    /// What is written by rules of its own; these break them.
    Written(&'static [&'static str]),
    /// What the page put there: anything may come back, and the program must only not fail.
    Hidden,
}

use Takes::{Card, Choice, Code, Day, Hidden, LaterDay, Moment, Number, Phone, Price, Text, Tick, Written};

/// Hours of a day that cannot be.
const HOURS: &[&str] = &[
    "9-12",
    "12:00-9:00",
    "25:00-26:00",
    "9:00-12:00,11:00-13:00",
    "上午",
    "９:00-12:00",
    "9:00\u{0}-12:00",
];
/// Days that differ, badly said.
const SPECIALS: &[&str] = &[
    "闭馆",
    "2027-02-30 闭馆",
    "2027-02-10",
    "2027-02-10 明天",
    "2027-02-24至2027-02-10 闭馆",
    "2027-02-10 闭馆\u{0}",
];
/// Holidays of 2027 that are none.
const HOLIDAYS: &[&str] = &["元旦", "2027-01-01", "2027-01-01 假", "2027-13-01 休", "2026-01-01 休"];

pub(super) struct Field {
    pub(super) name: &'static str,
    takes: Takes,
    /// A value that is right.
    pub(super) good: String,
}

impl Field {
    /// Another value that is right; `None` where any other one would name something else.
    pub(super) fn changed(&self) -> Option<String> {
        match self.takes {
            Text(_) => Some(format!("{}二", self.good)),
            Number => Some("31".to_owned()),
            _ => None,
        }
    }
}

/// The right values of a form, as it is sent; empty where nothing is.
pub(super) fn good_fields(site: &Site, path: &str, form: bool) -> Vec<(String, String)> {
    let fields = if form { fields(site, path) } else { Vec::new() };
    fields.into_iter().map(|field| (field.name.to_owned(), field.good)).collect()
}

fn field(name: &'static str, takes: Takes, good: &str) -> Field {
    Field { name, takes, good: good.to_owned() }
}

/// Who fills a form in.
pub(super) fn visitor(path: &str) -> &'static str {
    match path {
        path if path.starts_with("/sign-in") || path == FORM_PAGE || path == "/verify" => "nobody",
        path if path.starts_with("/teach") => "teacher",
        path if path.starts_with("/desk/jobs") => "system",
        path if path.starts_with("/desk/security") || path.starts_with("/desk/people") => "security",
        path if path.starts_with("/desk/orgs/{org}/people") => "school",
        "/desk/orgs/{org}/name" | "/desk/orgs/{org}/found" | "/desk/orgs/{org}/close" => "school",
        path if path.starts_with("/desk/orgs/{org}/import") => "school",
        "/desk/holidays" => "city",
        "/desk/orgs/{org}/move" => "college",
        path if path.starts_with("/desk/reorganisations") => "college",
        path if path.starts_with("/desk/notices/sent/") => "college",
        path if path.starts_with("/desk") || path.ends_with("/revoke") => "staff",
        _ => "resident",
    }
}

/// The fields of a form. A new form has to be named here.
pub(super) fn fields(site: &Site, path: &str) -> Vec<Field> {
    let resident = site.scene.person("resident").unwrap().to_string();
    let offer = || {
        vec![
            field("kind", Choice, "course"),
            field("title", Text(catalog::TITLE_MAX), "书法"),
            field("summary", Text(catalog::SUMMARY_MAX), "入门"),
            field("body", Text(catalog::BODY_MAX), "自带毛笔"),
            field("subject", Choice, &site.subject()),
            field("audience", Choice, "everyone"),
            field("cost", Price, "12.5"),
            field("bring", Text(catalog::BRING_MAX), "毛笔"),
        ]
    };
    let notice = || {
        vec![
            field("title", Text(notices::TITLE_MAX), "关于报送活动计划的通知"),
            field("body", Text(notices::BODY_MAX), "请填报"),
            field("due", LaterDay, "2028-12-31"),
            field("wants", Choice, "table"),
            field("columns", Hidden, "3"),
            field("c0-name", Text(notices::NAME_MAX), "人数"),
            field("c0-kind", Choice, "whole"),
            field("c0-required", Hidden, "1"),
            field("c0-hint", Text(notices::HINT_MAX), "只填整数"),
            field("c0-min", Hidden, "0"),
            field("aim", Choice, "children"),
        ]
    };
    match path {
        "/about/design" => vec![
            field("title", Text(20), "书法"),
            field("seats", Number, "30"),
            field("day", Day, "2026-11-23"),
            field("place", Choice, "near"),
            field("about", Text(200), ""),
            field("agree", Tick, "1"),
        ],
        "/sign-in" => vec![field("phone", Phone, "19900000001"), field("next", Hidden, "/passport")],
        // A code of a second factor is the one thing that is typed and not shown again.
        "/second-factor" => vec![field("code", Hidden, "ABCDE-FGHIJ"), field("next", Hidden, "/me")],
        "/second-factor/new" => {
            vec![field("t", Hidden, ""), field("code", Hidden, "000000"), field("next", Hidden, "/me")]
        }
        "/desk/orgs/{org}/people/give" => vec![
            field("person", Phone, "19900000001"),
            field("role", Choice, "teacher"),
            field("until", LaterDay, "2027-12-31"),
        ],
        "/desk/orgs/{org}/people/invite" => vec![
            field("name", Text(people::NAME_CHARS_MAX), "陈老师"),
            field("phone", Phone, "19911120003"),
            field("role", Choice, "teacher"),
            field("until", LaterDay, "2027-12-31"),
        ],
        // A file is no field of a form that is typed.
        "/desk/orgs/{org}/people/import" => Vec::new(),
        "/desk/orgs/{org}/people/{person}/end" => vec![field("role", Hidden, "staff")],
        "/desk/orgs/{org}/place" => vec![
            field("address", Text(120), "学府路1号"),
            field("phone", Text(40), "023-00000001"),
            field("mo", Written(HOURS), "8:30-12:00，14:00-17:30"),
            field("tu", Written(HOURS), "08:30-12:00"),
            field("we", Written(HOURS), "闭馆"),
            field("th", Written(HOURS), ""),
            field("fr", Written(HOURS), ""),
            field("sa", Written(HOURS), ""),
            field("su", Written(HOURS), ""),
            field("holidays", Choice, "other"),
            field("holiday_hours", Written(HOURS), "9:00-11:00"),
            field("specials", Written(SPECIALS), "2027-02-10至2027-02-24 闭馆 装修"),
            field("remark", Text(120), "团体请预约"),
            field("rev", Hidden, "1"),
        ],
        "/desk/orgs/{org}/name" => vec![field("name", Text(60), "磁器口学习中心")],
        "/desk/orgs/{org}/found" => vec![
            field("name", Text(60), "磁器口书画点"),
            field("kind", Choice, "base"),
            field(
                "region",
                Written(&["", "没有这个地方", "500106", "999999999999", "a\u{0}b"]),
                "500106004001",
            ),
            field("address", Text(120), ""),
            field("phone", Text(40), ""),
            field("day", Day, "2026-11-23"),
        ],
        "/desk/orgs/{org}/counter" => vec![
            field("name", Text(people::NAME_CHARS_MAX), "刘桂兰"),
            field("birth_year", Hidden, "1950"),
            field("phone", Phone, ""),
            field("consent", Tick, "1"),
        ],
        "/desk/orgs/{org}/counter/renew" => {
            vec![
                field("who", Written(&["", "1000000009", "没有此人"]), "1000000008"),
                field("what", Choice, "pin"),
            ]
        }
        "/desk/orgs/{org}/counter/help" => {
            vec![field("card", Written(&["", "1000000009"]), "1000000008"), field("asked", Tick, "1")]
        }
        "/desk/orgs/{org}/counter/correct" => vec![
            field("card", Written(&["", "1000000009"]), "1000000008"),
            field("name", Text(people::NAME_CHARS_MAX), "刘桂兰"),
            field("birth_year", Hidden, "1950"),
            field("seen", Tick, "1"),
        ],
        "/desk/orgs/{org}/counter/phone" => vec![
            field("who", Written(&["", "1000000009", "没有此人"]), "1000000008"),
            field("name", Written(&["", "王秀兰"]), "王秀英"),
            field("phone", Phone, "19911120001"),
            field("seen", Tick, "1"),
        ],
        "/desk/people/{person}/phone" => {
            vec![field("phone", Phone, "19911120001"), field("seen", Tick, "1")]
        }
        "/desk/orgs/{org}/counter/phone/{person}" => phone_code(counter_ticket(site, "staff", "resident")),
        "/desk/people/{person}/phone/code" => phone_code(counter_ticket(site, "security", "staff")),
        "/me/phone" => vec![field("phone", Phone, "19911120001")],
        "/me/phone/code" => {
            let mut fields = phone_code(own_ticket(site));
            fields.push(field("old_code", Code, "000000"));
            fields
        }
        "/me/correct" => {
            vec![field("name", Text(people::NAME_CHARS_MAX), "刘桂兰"), field("birth_year", Hidden, "1950")]
        }
        "/me/leave" => vec![field("understood", Tick, "1")],
        "/me/helpers/code" => vec![field("relation", Choice, "family"), field("may", Choice, "act")],
        "/helping/code" => vec![field("code", Written(&["", "1234"]), &site.help_code())],
        "/helping/card" => vec![
            field("card", Written(&[""]), "1000000008"),
            field("pin", Hidden, "000001"),
            field("relation", Choice, "family"),
            field("may", Choice, "act"),
        ],
        "/helping/child" => vec![
            field("name", Text(people::NAME_CHARS_MAX), "小明"),
            field("birth_year", Number, "2016"),
            field("consent", Tick, "1"),
        ],
        "/sign-in/card" => vec![field("card", Written(&[""]), "1000000008"), field("pin", Hidden, "000001")],
        "/desk/orgs/{org}/move" => vec![
            field("way", Choice, "move"),
            field("to", Written(&["", "没有这家", "磁器口社区学习中心", "a\u{0}b"]), "沙坪坝区社区教育学院"),
            field("document", Text(80), "沙教委〔2026〕1号"),
            field("effective_on", Day, "2026-11-23"),
        ],
        "/desk/reorganisations/new" => vec![
            field("title", Text(80), "划转"),
            field("document", Text(80), "沙教委〔2026〕1号"),
            field("effective_on", Day, "2026-11-23"),
            field(
                "lines",
                Written(&["", "搬家,甲,乙", "划转,没有这家,沙坪坝区社区教育学院", "改名,\"甲", "区划,1,2"]),
                "划转,磁器口社区学习中心,沙坪坝区社区教育学院",
            ),
        ],
        "/desk/orgs/{org}/close" => vec![field("sure", Tick, "1")],
        "/desk/holidays" => vec![
            field("year", Number, "2027"),
            field("days", Written(HOLIDAYS), "2027-01-01 休 元旦\n2027-01-02 班"),
        ],
        "/sign-in/code" => vec![field("t", Hidden, &ticket(site)), field("code", Code, "000000")],
        "/sign-in/again" => vec![field("t", Hidden, &ticket(site)), field("next", Hidden, "/passport")],
        "/sign-in/new" => vec![
            field("t", Hidden, &proved(site)),
            field("name", Text(people::NAME_CHARS_MAX), "王秀英"),
            field("consent", Tick, "1"),
        ],
        "/desk/notices/new" => notice(),
        "/desk/notices/sent/{notice}/edit" => {
            let mut fields = notice();
            fields.push(field("rev", Hidden, "1"));
            fields
        }
        "/desk/notices/sent/{notice}/extend" => vec![field("due", LaterDay, "2028-12-31")],
        "/desk/notices/sent/{notice}/withdraw" | "/desk/notices/sent/{notice}/of/{org}/return" => {
            vec![field("reason", Text(notices::REASON_MAX), "数据要核实")]
        }
        // The first columns of the table that the scene asks for.
        "/desk/notices/for/{org}/{notice}" => vec![
            field("rows", Hidden, "2"),
            field("do", Hidden, "submit"),
            field("r0c0", Text(notices::CELL_MAX), "读书会"),
            field("r0c1", Number, "30"),
            field("r0c2", Hidden, "12.5"),
        ],
        "/desk/offers/bulk" => vec![
            field("pick", Hidden, &site.address("/desk/offers/{id}", "staff").replace("/desk/offers/", "")),
            field("list", Hidden, "status=draft"),
            field("action", Choice, "cost"),
            field("cost", Price, "12.5"),
        ],
        // All of it was put there by the page of hits.
        "/me/searches" => vec![field("q", Hidden, "书法"), field("when", Hidden, "week")],
        "/me/searches/messages" => vec![field("on", Hidden, "0")],
        "/check-in/{session}" => vec![field("code", Code, "000000")],
        "/credentials/{file}/revoke" => vec![field("reason", Text(credentials::REASON_MAX), "误发")],
        "/desk/orgs/{org}/offers/new" => offer(),
        "/desk/offers/{id}/edit" => {
            let mut fields = offer();
            fields.push(field("rev", Hidden, "1"));
            fields
        }
        "/desk/offers/{offer}/classes/new" => vec![
            field("title", Text(120), "书法班"),
            field("first", Moment, "2026-12-23T09:30"),
            field("minutes", Number, "90"),
            field("sessions", Number, "2"),
            field("every_days", Number, "7"),
            field("capacity", Number, "30"),
            field("venue", Text(120), "学习中心"),
            field("room", Text(60), "201"),
            field("teacher", Phone, ""),
        ],
        "/teach/sessions/{session}/card" => vec![field("card", Card, "1000000008")],
        "/teach/sessions/{session}/headcount" => {
            vec![field("visitors", Number, "12"), field("evidence", Text(learning::WORDS_MAX), "签到纸")]
        }
        "/teach/sessions/{session}/minutes" => vec![
            field("person", Hidden, &resident),
            field("minutes", Number, "60"),
            field("reason", Text(learning::WORDS_MAX), "早退"),
        ],
        "/teach/sessions/{session}/reverse" => {
            vec![field("person", Hidden, &resident), field("reason", Text(learning::WORDS_MAX), "误记")]
        }
        "/teach/sessions/{session}/roll" => vec![field("person", Hidden, &resident)],
        "/verify" => vec![field("c", Text(60_000), "XC-2026")],
        // The query was put there by the page of the list, and the kind of file by its button.
        "/desk/orgs/export" | "/desk/offers/export" | "/desk/attendances/export" => {
            vec![field("list", Hidden, "size=50"), field("format", Hidden, "csv")]
        }
        // What it changes by the page that showed it.
        "/desk/orgs/{org}/import/{import}" => vec![field("seen", Hidden, "0")],
        // Forms with a button and nothing else.
        "/classes/{class}/cancel"
        | "/classes/{class}/sign-up"
        | "/desk/exports/{id}/delete"
        | "/desk/batches/{batch}/order"
        | "/desk/batches/{batch}/undo"
        | "/desk/jobs/{job}/give-up"
        | "/desk/jobs/{job}/retry"
        | "/desk/offers/{id}/publish"
        | "/desk/reorganisations/{reorganisation}/confirm"
        | "/desk/reorganisations/{reorganisation}/discard"
        | "/desk/reorganisations/{reorganisation}/undo"
        | "/desk/offers/{id}/withdraw"
        | "/desk/notices/for/{org}/{notice}/file"
        | "/desk/orgs/{org}/import"
        | "/desk/notices/sent/{notice}/close"
        | "/desk/notices/sent/{notice}/remind"
        | "/desk/notices/sent/{notice}/send"
        | "/desk/people/{person}/reset"
        | "/desk/people/{person}/unlock"
        | "/desk/security/tokens/{token}/end"
        | "/second-factor/codes"
        | "/helping/stop"
        | "/helping/{person}/begin"
        | "/helping/{person}/end"
        | "/desk/orgs/{org}/people/import/{list}"
        | "/desk/orgs/{org}/people/import/{list}/drop"
        | "/desk/orgs/{org}/people/invitations/{invitation}/remind"
        | "/desk/orgs/{org}/people/invitations/{invitation}/withdraw"
        | "/invitations/{invitation}/accept"
        | "/invitations/{invitation}/decline"
        | "/me/data/archive"
        | "/me/helpers/{helper}/end"
        | "/me/leave/withdraw"
        | "/me/searches/stop/{key}"
        | "/me/searches/{search}/remove"
        | "/me/sessions/end-others"
        | "/me/sessions/{id}/end"
        | "/sign-out"
        | "/teach/classes/{class}/close" => Vec::new(),
        _ => panic!("say which fields {path} has in {}", file!()),
    }
}

/// Entering a code that was sent to a new number.
fn phone_code(ticket: String) -> Vec<Field> {
    vec![field("t", Hidden, &ticket), field("code", Code, "000000"), field("take", Hidden, "")]
}

/// Control characters and marks that reverse the order of letters.
const UNWANTED: [&str; 8] = [
    "a\u{0}b",
    "a\u{1b}[31mb",
    "a\u{7}b",
    "a\u{7f}b",
    "a\u{9b}31mb",
    "a\u{202e}txt.exe",
    "a\u{2066}b\u{2069}",
    "a\u{2028}b",
];

/// Text that is odd and yet text: it is taken, and shown as it was typed.
const ODD: [&str; 12] = [
    "👵🏽 学 👨‍👩‍👧",
    "'; DROP TABLE offer; --",
    "\"><script>alert(1)</script><img src=x onerror=alert(1)>",
    "%s%n%x {0} ${jndi:ldap://x} {{7*7}} #{7}",
    "１２３４５",
    "-1",
    "مرحبا بالعالم",
    "\\u0000 \\x00 %00 &#0;",
    "e\u{301}\u{301}\u{301}\u{301}",
    "../../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "NULL",
];

/// Values that a field of this kind must refuse.
fn refused(takes: Takes) -> Vec<String> {
    let long = "长".repeat(3_000);
    let mut values: Vec<&str> = match takes {
        Text(_) => UNWANTED.to_vec(),
        Number => vec![
            "-1",
            "-99999999999999999999",
            "99999999999999999999",
            "1e3",
            "0x10",
            "NaN",
            "½",
            "1.5",
            "٣",
            "",
            "一",
            "9'9",
            "+-1",
            "１２x",
        ],
        Price => vec!["-1", "1.234", "99999999999", "1e3", "NaN", "٣", "0x10", "1.2.3"],
        Day | Moment => vec![
            "2026-02-30",
            "2026-13-01T09:30",
            "0000-00-00",
            "99999-01-01T00:00",
            "-009999-01-01T00:00",
            "9999-12-31T23:59",
            "yesterday",
            "２０２６-11-23",
            "",
            "0001-01-01T00:00",
            "23/11/2026",
        ],
        LaterDay => {
            vec!["2026-02-30", "2026-11-01", "99999-01-01", "yesterday", "２０２７-11-23", "0001-01-01"]
        }
        Choice => vec!["no such", "", "<b>", "course\u{0}", "0"],
        Phone => vec!["12345", "110", "+1 202 555 0100", "1381234123a", "<b>", "138\u{0}12341234"],
        Card => vec!["1000000007", "", "12345", "１", "' OR 1=1 --", "100000000\u{0}8"],
        Code => vec!["", "<b>", "99999999999999999"],
        Tick => vec!["", "no", "\u{0}"],
        Written(values) => values.to_vec(),
        Hidden => Vec::new(),
    };
    let over = match takes {
        // A form has at most 64 KiB in all, which such a field could not pass.
        Text(max) if max < 15_000 => "长".repeat(max + 1),
        _ => String::new(),
    };
    match takes {
        Text(_) if !over.is_empty() => values.push(&over),
        Number | Price | Day | LaterDay | Moment | Choice | Phone | Card | Code | Written(_) => {
            values.push(&long);
        }
        _ => {}
    }
    values.into_iter().map(str::to_owned).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '&' => out.push_str("&#38;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// One form under attack.
struct Attack<'s> {
    site: &'s Site,
    path: String,
    fields: Vec<Field>,
}

impl Attack<'_> {
    fn client(&self) -> Client {
        let mut client = self.site.browser(visitor(&self.path));
        client.get(FORM_PAGE).expect(200);
        client
    }

    /// Sends the right values with one field replaced, from a page that was just shown.
    fn send(&self, name: &str, value: &str) -> Answer {
        // Tries are counted by the five minutes, codes by the hour: no attack waits for another.
        let address = self.site.address(&self.path, visitor(&self.path));
        let body: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|field| (field.name, if field.name == name { value } else { field.good.as_str() }))
            .collect();
        let answer = self.client().post(&address, &body);
        self.survived(&answer, name, value);
        answer
    }

    fn survived(&self, answer: &Answer, name: &str, value: &str) {
        let shown: String = value.chars().take(60).collect();
        assert!(
            answer.status.as_u16() < 500,
            "{} {name}={shown:?}: {} {}",
            self.path,
            answer.status,
            answer.text
        );
        assert!(!answer.text.contains("<script>alert"), "{} {name}={shown:?} is not escaped", self.path);
    }

    fn run(&self, found: &mut Vec<String>) {
        for field in &self.fields {
            for value in refused(field.takes) {
                self.one_refusal(field, &value, found);
            }
            for value in ODD.iter().chain(&UNWANTED) {
                self.send(field.name, value);
            }
        }
        self.shapes(found);
    }

    fn one_refusal(&self, field: &Field, value: &str, found: &mut Vec<String>) {
        // An empty number of a phone is right where nobody has to be named.
        if field.takes == Phone && value.is_empty() {
            return;
        }
        let answer = self.send(field.name, value);
        let shown: String = value.chars().take(40).collect();
        let mut wrong = |what: &str| {
            found.push(format!("{} {}={shown:?}: {what} (status {})", self.path, field.name, answer.status));
        };
        if answer.status.as_u16() != 422 {
            wrong("not refused");
            return;
        }
        // The summary of a form that was tried too often names no field.
        let limited = answer.text.contains("操作太频繁") || answer.text.contains("已失效");
        if !answer.text.contains(&format!("id=\"f-{}-error\"", field.name)) && !limited {
            wrong("the field is not named");
        }
        let typed = matches!(
            field.takes,
            Text(_) | Number | Price | Day | LaterDay | Moment | Phone | Card | Code | Written(_)
        );
        if typed && !answer.text.contains(&escaped(value)) {
            wrong("what was typed is lost");
        }
    }

    /// The form as a whole: without its token, with a strange key, with fields twice, with far too many, with none.
    fn shapes(&self, found: &mut Vec<String>) {
        let address = self.site.address(&self.path, visitor(&self.path));
        let good: Vec<(&str, &str)> =
            self.fields.iter().map(|field| (field.name, field.good.as_str())).collect();
        let mut forged = self.client();
        forged.forget_hidden();
        let answer = forged.post(&address, &good);
        if answer.status.as_u16() != 403 {
            found.push(format!("{} was taken without its token: {}", self.path, answer.status));
        }
        for key in ["", "x", &"f".repeat(31), &"f".repeat(4_000), "\u{0}", "' OR 1=1"] {
            let with_key = [&[("_key", key)], &good[..]].concat();
            self.survived(&self.client().post(&address, &with_key), "_key", key);
        }
        let twice: Vec<(&str, &str)> =
            good.iter().flat_map(|pair| [*pair, (pair.0, "<b>\u{0}"), *pair]).collect();
        self.survived(&self.client().post(&address, &twice), "twice", "");
        let many: Vec<(&str, &str)> = (0..5_000).map(|_| ("x", "y")).chain(good.iter().copied()).collect();
        self.survived(&self.client().post(&address, &many), "many", "");
        self.survived(&self.client().post(&address, &[]), "none", "");
        for raw in ["%", "%zz=%&&&=;=", "a=%ff%fe", "\u{0}=\u{0}"] {
            let kind = Some("application/x-www-form-urlencoded");
            let answer = self.client().send(Method::POST, &address, kind, raw.to_owned());
            self.survived(&answer, "raw", raw);
        }
    }
}

fn attack_all(engine: Engine) {
    let mut found = Vec::new();
    let mut forms = 0;
    for route in
        table().iter().filter(|route| route.method == Method::POST && !route.path.starts_with("/api/"))
    {
        // Each form has a city of its own: what one attack does, another does not find.
        let site = Site::new(engine);
        if route.path.ends_with("/minutes") || route.path.ends_with("/reverse") {
            let (by, person) = (site.scene.actor("teacher"), site.scene.person("resident").unwrap());
            let session = site.session();
            let tick = move |tx: &mut store::Tx| learning::roll_call(tx, &by, session, person);
            site.store.write_blocking("test.roll", tick).unwrap();
        }
        let fields = fields(&site, &route.path);
        Attack { site: &site, path: route.path.clone(), fields }.run(&mut found);
        if engine == Engine::Sqlite {
            clean(&site.store, &route.path, &mut found);
        }
        forms += 1;
    }
    assert!(forms > 20, "{forms}");
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// Whether every stored text is free of control characters.
fn clean(store: &TestStore, path: &str, found: &mut Vec<String>) {
    let stored = store
        .read_blocking(|tx| {
            let mut stored = Vec::new();
            let all = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
            let columns: Vec<(String, String)> = tx.all(Statement::dynamic(all.to_owned()), &[])?;
            for (table, column) in columns {
                let text = format!("SELECT {column} FROM {table} WHERE typeof({column}) = 'text'");
                let values: Vec<(String,)> = tx.all(Statement::dynamic(text), &[])?;
                stored.extend(values.into_iter().map(|(value,)| (format!("{table}.{column}"), value)));
            }
            Ok(stored)
        })
        .unwrap();
    assert!(stored.len() > 500, "only {} texts are stored", stored.len());
    for (place, value) in stored {
        let control = |c: char| c.is_control() && c != '\n' && c != '\t';
        let turns = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if value.chars().any(|c| control(c) || turns(c)) {
            found.push(format!("{path} stored {value:?} in {place}"));
        }
    }
}

#[test]
fn no_form_breaks_on_sqlite() {
    attack_all(Engine::Sqlite);
}

#[test]
fn no_form_breaks_on_postgres() {
    attack_all(Engine::Postgres);
}

/// Addresses with values in every parameter that any page reads, and in every part of the path.
fn addresses(engine: Engine) {
    const NAMES: [&str; 16] = [
        "q", "after", "before", "page", "size", "district", "when", "kind", "free", "status", "year", "c",
        "t", "next", "code", "lang",
    ];
    let values: Vec<String> = UNWANTED
        .iter()
        .chain(&ODD)
        .map(|value| (*value).to_owned())
        .chain(["99999999999999999999".into(), "长".repeat(300), "\u{fffd}".into(), "..".into()])
        .collect();
    let site = Site::new(engine);
    for route in table().iter().filter(|route| route.method == Method::GET) {
        let who = if route.path.starts_with("/teach") { "teacher" } else { "city" };
        let mut client = site.browser(who);
        let address = site.address(&route.path, who);
        for value in &values {
            let value = web::fuzzing::encode(value);
            let query: Vec<String> = NAMES.iter().map(|name| format!("{name}={value}")).collect();
            let mut tried = vec![format!("{address}?{}", query.join("&"))];
            if route.path.contains('{') {
                tried.push(
                    route
                        .path
                        .split('/')
                        .map(|part| if part.starts_with('{') { &value } else { part })
                        .collect::<Vec<_>>()
                        .join("/"),
                );
            }
            for address in tried {
                let answer = client.get(&address);
                assert!(answer.status.as_u16() < 500, "{address}: {} {}", answer.status, answer.text);
                // Programs get JSON, which says what it is and which no browser takes for a page.
                let page = answer
                    .headers
                    .get("content-type")
                    .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
                assert!(!page || !answer.text.contains("<script>alert"), "{address} is not escaped");
            }
        }
        for query in NAMES.iter().map(|name| format!("{name}=%ff%00%zz")) {
            let answer = client.get(&format!("{address}?{query}"));
            assert!(answer.status.as_u16() < 500, "{address}?{query}: {} {}", answer.status, answer.text);
        }
    }
}

#[test]
fn no_address_breaks_on_sqlite() {
    addresses(Engine::Sqlite);
}

#[test]
fn no_address_breaks_on_postgres() {
    addresses(Engine::Postgres);
}
