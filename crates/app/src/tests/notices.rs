//! Notices as people use them: written, sent, read, filled in on the page and by a file, returned, reminded of, and read as one sheet.

use axum::http::Method;
use store::Engine;
use web::testing::{Answer, Client};

use super::routes::Site;

const WORDS: [(&str, &str); 17] = [
    ("title", "关于报送活动计划的通知"),
    ("body", "各单位：\n请填报。"),
    ("due", "2028-12-31"),
    ("wants", "table"),
    ("many", "1"),
    ("columns", "4"),
    ("c0-name", "活动名称"),
    ("c0-kind", "text"),
    ("c0-required", "1"),
    ("c1-name", "参加人数"),
    ("c1-kind", "whole"),
    ("c1-required", "1"),
    ("c1-max", "1000"),
    ("c3-name", "免费"),
    ("c3-kind", "yesno"),
    ("aim", "kinds"),
    ("kind-centre", "1"),
];

/// Writes and sends a notice of the college to all centres; gives its address.
fn sent(college: &mut Client) -> String {
    college.get("/desk/notices/new").expect(200).has("沙坪坝区社区教育学院");
    let answer = college.post("/desk/notices/new", &WORDS).expect(303);
    let address = answer.location().to_owned();
    let draft = college.get(&address).expect(200).has("会发给 1 个单位").has("磁器口社区学习中心");
    assert!(!draft.text.contains("催报："), "nothing was sent yet");
    college.post(&format!("{address}/send"), &[]).expect(303);
    college.get(&address).expect(200).has("已发给 1 个单位").has("未报");
    address
}

/// The address at which the centre reads a notice.
fn at_centre(site: &Site, address: &str) -> String {
    let id = address.rsplit('/').next().unwrap();
    format!("/desk/notices/for/{}/{id}", site.scene.city.centre)
}

pub(super) fn upload(client: &mut Client, address: &str, page: &str, file: &str) -> Answer {
    let token = client.get(page).expect(200).field("_csrf").unwrap();
    let part = |name: &str, more: &str, text: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
    };
    let body = [
        part("_csrf", "", &token),
        part("file", "; filename=\"计划.csv\"\r\nContent-Type: text/csv", file),
        "--x--\r\n".to_owned(),
    ]
    .concat();
    client.send(Method::POST, address, Some("multipart/form-data; boundary=x"), body)
}

fn the_whole_way(engine: Engine) {
    let site = Site::new(engine);
    let (mut college, mut staff) = (site.browser("college"), site.browser("staff"));
    let address = sent(&mut college);
    let place = at_centre(&site, &address);

    // The desk says that something waits (the scene left two notices of its own), and the list leads to it.
    staff.get("/desk").expect(200).has("3 条待办");
    staff.get("/desk/notices").expect(200).has("关于报送活动计划的通知").has("新通知").has(&place);
    college.get(&format!("{address}/places?state=unopened")).expect(200).has("023-00000001");
    staff.get(&place).expect(200).has("第 3 行").has("不大于 1000");
    college.get(&format!("{address}/places?state=unopened")).expect(200).has("没有符合条件的");

    // More rows keep what was typed; a draft is kept with its mistakes; the answer names them all.
    let typed = [("rows", "3"), ("r0c0", "读书会"), ("r0c1", "很多"), ("r2c0", "书法展")];
    let more = [&typed[..], &[("do", "more")]].concat();
    staff.post(&place, &more).expect(200).has("第 8 行").has("value=\"很多\"");
    staff.post(&place, &[&typed[..], &[("do", "draft")]].concat()).expect(303);
    staff.get(&place).expect(200).has("已暂存").has("value=\"很多\"");
    let wrong = staff.post(&place, &[&typed[..], &[("do", "submit")]].concat()).expect(422);
    let wrong =
        wrong.has("第 1 行“参加人数”填的是“很多”").has("第 3 行“参加人数”没有填").has("id=\"f-r2c1-error\"");
    assert!(wrong.text.contains("value=\"书法展\""), "nothing is lost");
    staff.post(&place, &[("rows", "1"), ("do", "submit")]).expect(422).has("零报告");
    let right = [
        ("rows", "2"),
        ("r0c0", "读书会"),
        ("r0c1", "30"),
        ("r0c2", "是"),
        ("r1c0", "书法展"),
        ("r1c1", "７０"),
    ];
    staff.post(&place, &right).expect(303);
    staff.get(&place).expect(200).has("已报送");
    staff.get("/desk").expect(200).has("2 条待办");

    // The officer sees the sheet with its sum, and returns it.
    let sheet = college.get(&format!("{address}/answers")).expect(200);
    sheet
        .has("读书会")
        .has("书法展")
        .has(">100<")
        .has("磁器口社区学习中心")
        .has("王秀英")
        .has("500106004001");
    let one = format!("{address}/of/{}", site.scene.city.centre);
    college.post(&format!("{one}/return"), &[("reason", "")]).expect(422).has("id=\"f-reason-error\"");
    college.post(&format!("{one}/return"), &[("reason", "人数要核实")]).expect(303);
    staff.get(&place).expect(200).has("人数要核实");
    college.get(&format!("{address}/answers")).expect(200).has("还没有单位报送");

    // Reminded once; a second time is refused in words, on the page.
    college.get(&address).expect(200);
    college.post(&format!("{address}/remind"), &[]).expect(303);
    college.get(&address).expect(200).has("已催报 1 个单位");
    college
        .post(&format!("{address}/remind"), &[("_key", &"a".repeat(32))])
        .expect(422)
        .has("至少隔 12 小时");

    // By a file: everything wrong is listed and nothing changes; what is right is read in and handed over.
    let bad = "活动名称,参加人数,免费\r\n读书会,三十,是\r\n,2000,也许\r\n";
    let listed = upload(&mut staff, &format!("{place}/file"), &place, bad).expect(422);
    let listed = listed.has("文件里有 4 处要改").has("三十").has("请填整数").has("超出了范围").has("也许");
    assert!(listed.text.contains("value=\"书法展\""), "what was filled in is still there");
    let good = "免费,活动名称,参加人数\r\n否,读书会,31\r\n,书法展,70\r\n,戏曲,9\r\n";
    upload(&mut staff, &format!("{place}/file"), &place, good).expect(303);
    let read = staff.get(&place).expect(200).has("已读入 3 行").has("value=\"戏曲\"");
    assert_eq!(read.field("rows").as_deref(), Some("4"));
    let rows = [
        ("rows", "4"),
        ("r0c0", "读书会"),
        ("r0c1", "31"),
        ("r0c2", "no"),
        ("r1c0", "书法展"),
        ("r1c1", "70"),
        ("r2c0", "戏曲"),
        ("r2c1", "9"),
    ];
    staff.post(&place, &rows).expect(303);
    college.get(&one).expect(200).has("第 2 次报送").has("第 1 次报送").has("戏曲");
    let csv = college.get(&format!("{address}/file?format=csv")).expect(200);
    assert!(csv.headers["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    let lines: Vec<&str> = csv.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "单位,区划代码,报送人,报送时间,活动名称,参加人数,免费");
    assert_eq!(lines.len(), 4);
    assert!(
        lines[1].starts_with("磁器口社区学习中心,500106004001,王秀英,")
            && lines[1].ends_with(",读书会,31,否")
    );
    let book = college.get(&format!("{address}/file?format=xlsx")).expect(200);
    assert!(book.text.starts_with("PK"));
    staff.get(&format!("{place}/table?format=csv")).expect(200).has("活动名称,参加人数,免费");

    // Closed: nobody answers any more, and the place reads what it handed over.
    college.get(&address).expect(200);
    college.post(&format!("{address}/close"), &[]).expect(303);
    let again = [&rows[..], &[("_key", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]].concat();
    staff.post(&place, &again).expect(422).has("已经结束");
    staff.get(&place).expect(200).has("本单位报送的内容").has("戏曲");

    // A program reads the same.
    let mut program = site.program("college");
    let id = address.rsplit('/').next().unwrap();
    program
        .get(&format!("/api/v1/notices/{id}/answers"))
        .expect(200)
        .has("\"rows\":[[\"读书会\",\"31\",\"no\"]");
    site.program("staff").get("/api/v1/notices").expect(200).has(id).has("\"state\":\"done\"");
    site.program("staff").get(&format!("/api/v1/notices/{id}/answers")).expect(404);
}

#[test]
fn a_notice_goes_the_whole_way_on_sqlite() {
    the_whole_way(Engine::Sqlite);
}

#[test]
fn a_notice_goes_the_whole_way_on_postgres() {
    the_whole_way(Engine::Postgres);
}

#[test]
fn a_form_keeps_what_was_typed_and_names_every_mistake() {
    let site = Site::new(Engine::Sqlite);
    let mut college = site.browser("college");
    college.get("/desk/notices/new").expect(200);
    let typed = [
        ("title", ""),
        ("wants", "table"),
        ("columns", "4"),
        ("c1-name", "人数"),
        ("c1-kind", "whole"),
        ("c1-min", "9"),
        ("c1-max", "1"),
        ("c3-name", "人数"),
        ("c3-kind", "choice"),
        ("c3-choices", "甲、甲"),
        ("aim", "chosen"),
        ("others", "没有的学校"),
    ];
    let wrong = college.post("/desk/notices/new", &typed).expect(422);
    for field in ["title", "c1-max", "c3-name", "c3-choices", "others"] {
        assert!(wrong.text.contains(&format!("id=\"f-{field}-error\"")), "{field}: {}", wrong.text);
    }
    wrong.has("没有的学校").has("value=\"甲、甲\"");
    let more = college.post("/desk/notices/new", &[&typed[..], &[("do", "more")]].concat()).expect(200);
    more.has("id=\"f-c6-name\"").has("value=\"甲、甲\"");
    // Chosen by a box and by name.
    let school = site.scene.city.school.to_string();
    let pick = format!("pick-{school}");
    let right = [
        ("title", "通知"),
        ("wants", "receipt"),
        ("aim", "chosen"),
        (pick.as_str(), "1"),
        ("others", "磁器口社区学习中心"),
    ];
    let address = college.post("/desk/notices/new", &right).expect(303).location().to_owned();
    college.get(&address).expect(200).has("会发给 2 个单位");
    let form = college.get(&format!("{address}/edit")).expect(200);
    let centre = site.scene.city.centre.to_string();
    assert!(form.text.contains(&format!("name=\"{pick}\" value=\"1\" checked")), "{}", form.text);
    assert!(form.text.contains(&centre) && !form.text.contains(&format!("{school}\n")), "{}", form.text);
    // In English too, and for older readers.
    college.get(&format!("{address}?lang=en")).expect(200).has("It will reach 2 organisations");
    college.get("/desk/notices?scale=elder").expect(200);
}

#[test]
fn those_between_see_their_own_part() {
    let site = Site::new(Engine::Sqlite);
    let mut college = site.browser("college");
    let address = sent(&mut college);
    // The school lies between the college and the centre.
    let mut school = site.browser("school");
    let page = school.get(&address).expect(200).has("本单位下级的情况");
    assert!(!page.text.contains("结束这条通知"));
    school.get("/desk/notices/sent?whose=above").expect(200).has("关于报送活动计划的通知");
    school.get(&format!("{address}/places")).expect(200).has("代为填报");
    school.post(&format!("{address}/close"), &[]).expect(404);
    let place = at_centre(&site, &address);
    school.get(&place).expect(200);
    let rows = [("rows", "1"), ("r0c0", "读书会"), ("r0c1", "30")];
    school.post(&place, &rows).expect(303);
    school.get(&format!("{address}/answers")).expect(200).has("读书会");
    for (who, status) in
        [("stranger", 404), ("staff", 404), ("auditor", 403), ("resident", 403), ("nobody", 303)]
    {
        for path in ["", "/answers", "/places", "/file"] {
            site.browser(who).get(&format!("{address}{path}")).expect(status);
        }
    }
    site.browser("stranger").get(&place).expect(404);
    site.browser("staff").get(&place).expect(200);
}
