//! Inviting people to roles by pages: one by one, and a whole staff from a file.

use kernel::{Id, Person, Role};
use people::Register;
use store::testing::TestStore;
use web::testing::Client;

use super::{
    notices::upload,
    scene::{OPERATOR, Scene, verified},
};

struct School<'s> {
    scene: Scene,
    store: &'s TestStore,
    router: axum::Router,
}

impl<'s> School<'s> {
    fn new(store: &'s TestStore) -> Self {
        let scene = Scene::new(store);
        let router = scene.serve_obliging(store, people::FactorPolicy::off());
        Self { scene, store, router }
    }

    fn browser(&self, person: Id<Person>) -> Client {
        let mut client = Client::new(self.router.clone());
        let open = move |tx: &mut store::Tx| people::open_session(tx, person, "test");
        client.cookie("session", &self.store.write_blocking("test.session", open).unwrap().token);
        client.get("/about/design").expect(200);
        client
    }

    fn newcomer(&self, name: &'static str, phone: &'static str) -> Id<Person> {
        let vault = self.scene.vault.clone();
        let cmd = Register { name: name.to_owned(), phone: Some(phone.to_owned()), ..Register::default() };
        self.store
            .write_blocking("test.newcomer", move |tx| people::register(tx, &vault, &OPERATOR, &cmd))
            .unwrap()
    }

    fn roles(&self, person: Id<Person>) -> Vec<(Role, bool)> {
        let (today, centre) = (self.store.clock().now().day(), self.scene.city.centre);
        let held = self.store.read_blocking(move |tx| people::grants(tx, person, today)).unwrap();
        held.into_iter().map(|grant| (grant.role, grant.org == centre)).collect()
    }
}

fn one_is_invited_by_her_number(store: &TestStore) {
    let school = School::new(store);
    let page = format!("/desk/orgs/{}/people", school.scene.city.centre);
    let invite = format!("{page}/invite");
    let mut head = school.browser(school.scene.person("school").unwrap());
    head.get(&page).expect(200).has(&invite);
    head.get(&invite).expect(200).has("没有等待答复的邀请");
    let wrong = [("name", ""), ("phone", "123"), ("role", "teacher"), ("until", "2026-11-22")];
    head.post(&invite, &wrong).expect(422).has("id=\"f-name-error\"").has("value=\"123\"");
    let past = [("name", "陈新"), ("phone", "19911223344"), ("role", "teacher"), ("until", "2026-11-22")];
    head.post(&invite, &past).expect(422).has("id=\"f-until-error\"");
    head.post(&invite, &[("name", "陈新"), ("phone", "19900000005"), ("role", "teacher")])
        .expect(422)
        .has("id=\"f-phone-error\"");
    head.post(&invite, &[("name", "陈新"), ("phone", "19911223344"), ("role", "auditor")]).expect(403);
    let right = [("name", "陈新"), ("phone", "199 1122 3344"), ("role", "teacher"), ("until", "2027-08-31")];
    let told = head.post(&invite, &right).expect(303);
    let shown =
        head.follow(told).expect(200).has("已邀请1人").has("陈新").has("199****3344").has("2027年8月31日");
    assert!(!shown.text.contains("再发一次"), "she was told a moment ago");
    let told = head.post(&invite, &right).expect(303);
    head.follow(told).expect(200).has("1人没有重发");
    // She opens her account, finds it, and takes it.
    let person = school.newcomer("陈新", "19911223344");
    let mut hers = school.browser(person);
    hers.get("/me").expect(200).has("/invitations");
    let found = hers.get("/invitations").expect(200).has("磁器口社区学习中心").has("王秀英邀请");
    let at = found.text.find("/invitations/").map(|at| &found.text[at..]).unwrap();
    let accept = at.split('"').next().unwrap().to_owned();
    school
        .browser(school.scene.person("resident").unwrap())
        .post(&accept, &[])
        .expect(404)
        .has("已经答复、收回或过期");
    let told = hers.post(&accept, &[]).expect(303);
    hers.follow(told).expect(200).has("教师");
    assert_eq!(school.roles(person), [(Role::Teacher, true)]);
    hers.get("/invitations").expect(200).has("现在没有给您的任职邀请");
    head.get(&page).expect(200).has("陈新").has("由 王秀英 授予");
    // Who takes one with an old session signs in again, and is told what she is now.
    let late = school.newcomer("吴新", "19911223366");
    head.post(&invite, &[("name", "吴新"), ("phone", "19911223366"), ("role", "staff")]).expect(303);
    let mut hers = school.browser(late);
    let now = store.clock().now();
    store.clock.set(now.plus_minutes(13 * 60));
    let found = hers.get("/invitations").expect(200).text;
    let accept = found.split('"').find(|part| part.ends_with("/accept")).unwrap().to_owned();
    let told = hers.post(&accept, &[]).expect(303);
    let door = hers.follow(told).expect(303);
    assert!(door.location().starts_with("/sign-in?next="), "{}", door.location());
    hers.follow(door).expect(200).has("您现在是").has("再登录一次");
    store.clock.set(now);
    // Another one declines, a third is taken back before she answers.
    let second = school.newcomer("周新", "19911223355");
    head.post(&invite, &[("name", "周新"), ("phone", "19911223355"), ("role", "staff")]).expect(303);
    let mut hers = school.browser(second);
    let found = hers.get("/invitations").expect(200).text;
    let decline = found.split('"').find(|part| part.ends_with("/decline")).unwrap().to_owned();
    let told = hers.post(&decline, &[]).expect(303);
    hers.follow(told).expect(200).has("已谢绝");
    assert_eq!(school.roles(second), []);
    head.post(&invite, &[("name", "周新"), ("phone", "19911223355"), ("role", "staff")]).expect(303);
    let listed = head.get(&invite).expect(200).text;
    let withdraw = listed.split('"').find(|part| part.ends_with("/withdraw")).unwrap().to_owned();
    let told = head.post(&withdraw, &[]).expect(303);
    head.follow(told).expect(200).has("邀请已收回");
    hers.get("/invitations").expect(200).has("现在没有给您的任职邀请");
    assert_eq!(verified(store), []);
}

fn a_whole_staff_is_invited_from_a_file(store: &TestStore) {
    let school = School::new(store);
    let (centre, college) = (school.scene.city.centre, school.scene.city.college);
    let page = format!("/desk/orgs/{centre}/people/import");
    let mut head = school.browser(school.scene.person("school").unwrap());
    head.get(&page).expect(200).has("空白表格（Excel）");
    let blank = head.get(&format!("{page}/table?format=csv")).expect(200);
    assert_eq!(blank.text.trim_start_matches('\u{feff}').trim(), "姓名,手机号,职务,机构,任职到");
    assert!(head.get(&format!("{page}/table?format=xlsx")).expect(200).bytes.starts_with(b"PK"));
    // Everything that is wrong is told at once, by line, and nobody is invited.
    let wrong = format!(
        "姓名,手机号,职务,机构,任职到\n,19911220001,教师,,\n陈一,12345,教师,,\n陈二,19911220002,厨师,,\n陈三,19911220003,教师,没有这家,\n\
         陈四,19911220004,教师,,2026-02-30\n陈五,19911220005,教师,,2026-11-01\n陈六,19911220006,安全审计员,,\n陈七,19911220007,教师,{college},\n\
         陈八,19911220008,教师,,\n陈八,19911220008,,,\n"
    );
    let told = upload(&mut head, &page, &page, &wrong).expect(422);
    for words in ["有9处要改", "12345", "厨师", "没有这家", "2026-02-30", "2026-11-01", "与第10行重复"]
    {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    upload(&mut head, &page, &page, "").expect(422);
    // What nobody sees stands in no page and asks no database.
    let odd = upload(&mut head, &page, &page, "姓名,手机号,机构\n陈一,19911220001,甲\u{0}乙\u{202e}丙\n")
        .expect(422);
    assert!(odd.text.contains("甲\u{fffd}乙\u{fffd}丙"), "{}", odd.text);
    // The table of the other language is read as well.
    let english = head.get(&format!("{page}/table?format=csv&lang=en")).expect(200).text;
    head.get(&format!("{page}?lang=zh-CN")).expect(200);
    let file = format!("{}\r\n陈一,19911220001,teacher,,2027-08-31\r\n", english.trim());
    let kept = upload(&mut head, &page, &page, &file).expect(303).location().to_owned();
    head.post(&format!("{kept}/drop"), &[]).expect(303);
    upload(&mut head, &page, &page, "姓名,手机号\n").expect(422).has("没有人");
    upload(&mut head, &page, &page, "姓名,职务\n陈一,教师\n").expect(422).has("没有找到表头");
    upload(&mut head, &page, &page, "姓名,手机号,身高\n陈一,19911220001,170\n").expect(422).has("身高");
    head.get(&format!("/desk/orgs/{centre}/people/invite")).expect(200).has("没有等待答复的邀请");
    // Headings as people write them, a title above, full-width digits, the organisation by name, English words.
    let right = "磁器口社区学习中心2026年教师名单\n姓名,手机,岗位,单位,到期日\n陈一,１９９１１２２０００１,,,\n陈二,199-1122-0002,Teacher,磁器口社区学习中心,2027/8/31\n\
                 陈三,19911220003,工作人员,,2027年8月31日\n";
    let kept = upload(&mut head, &page, &page, right).expect(303).location().to_owned();
    head.get(&kept).expect(200).has("共3人").has("199****0002").has("2027年8月31日").has("长期");
    // The list is for who made it.
    let staff = school.scene.person("city").unwrap();
    school.browser(staff).get(&kept).expect(404);
    let told = head.post(&kept, &[]).expect(303);
    head.follow(told).expect(200).has("已邀请3人").has("陈一").has("陈三");
    let told = head.post(&kept, &[]).expect(303);
    head.follow(told).expect(200).has("没有重复邀请");
    head.get(&kept).expect(404).has("请重新上传表格");
    // The same file again disturbs nobody.
    let kept = upload(&mut head, &page, &page, right).expect(303).location().to_owned();
    let told = head.post(&kept, &[]).expect(303);
    head.follow(told).expect(200).has("已邀请0人").has("3人没有重发");
    // One that is thrown away invites nobody.
    let kept =
        upload(&mut head, &page, &page, "姓名,手机号\n陈九,19911220009\n").expect(303).location().to_owned();
    let told = head.post(&format!("{kept}/drop"), &[]).expect(303);
    head.follow(told).expect(200).has("没有邀请任何人");
    head.get(&kept).expect(404);
    let person = school.newcomer("陈二", "19911220002");
    let mut hers = school.browser(person);
    let found = hers.get("/invitations").expect(200).text;
    let accept = found.split('"').find(|part| part.ends_with("/accept")).unwrap().to_owned();
    hers.post(&accept, &[]).expect(303);
    assert_eq!(school.roles(person), [(Role::Teacher, true)]);
    assert_eq!(verified(store), []);
}

on_both! {
    one_is_invited_by_her_number inviting_on_sqlite inviting_on_postgres,
    a_whole_staff_is_invited_from_a_file importing_staff_on_sqlite importing_staff_on_postgres,
}
