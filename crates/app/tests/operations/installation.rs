//! `init`, `serve`, `config`.

use crate::kit::{Ground, On, last_code, said, set_up_factor};

fn init_makes_an_installation_that_serves(on: On) {
    let ground = Ground::empty(on);
    let made = ground.init(&["--base-url", "http://learn.example.cn", "--phone", "13912345678"]);
    assert!(made.status.success(), "{}", said(&made));
    let link = said(&made);
    let link = link.split("http://learn.example.cn").nth(1).unwrap().trim().to_owned();
    let serving = ground.serve(&[]);
    let mut administrator = serving.browser();
    // The link works once and leads to the second door: who runs the city has no desk before she has passed it.
    let page = administrator.get(&link);
    assert_eq!(page.status, 303, "{}", page.text);
    assert!(administrator.cookies.contains_key("session"));
    let desk = administrator.get("/desk");
    assert_eq!((desk.status, desk.header("location")), (303, Some("/second-factor?next=%2Fdesk")));
    let factor = set_up_factor(&mut administrator);
    assert_eq!(administrator.get("/desk").status, 200);
    assert!(administrator.get("/me").text.contains("张敏"));
    assert_eq!(serving.browser().get(&link).status, 410);
    let home = serving.browser().get("/");
    assert!(home.text.contains("重庆") && !home.text.contains("演示"), "{}", home.text);
    drop(serving);
    // Another link can be made; it opens the first door only, and a recovery code the second one. The operator can take a lost
    // factor away, and everything is true.
    let again = ground.run(&["link"]);
    assert!(said(&again).contains("http://learn.example.cn/sign-in/link/"), "{}", said(&again));
    let link = said(&again).split("http://learn.example.cn").nth(1).unwrap().trim().to_owned();
    let serving = ground.serve(&[]);
    let mut administrator = serving.browser();
    assert_eq!(administrator.get(&link).status, 303);
    assert_eq!(administrator.get("/desk").status, 303);
    let fields = [("code", factor.recovery[3].as_str()), ("next", "/desk")];
    assert_eq!(administrator.fill("/second-factor", "/second-factor", &fields).status, 303);
    assert_eq!(administrator.get("/desk").status, 200);
    let reset = ground.run(&["factor", "reset", "13912345678"]);
    assert!(said(&reset).contains("the second factor is gone"), "{}", said(&reset));
    assert_eq!(administrator.get("/desk").status, 303, "her sessions ended");
    drop(serving);
    let verified = ground.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}

#[test]
fn init_makes_an_installation_that_serves_on_sqlite() {
    init_makes_an_installation_that_serves(On::Sqlite);
}

#[test]
fn init_makes_an_installation_that_serves_on_postgres() {
    init_makes_an_installation_that_serves(On::Postgres);
}

/// All three administrators can be appointed at the founding or later, nobody is two of them, and no step needs one who is not there yet.
#[test]
fn the_three_administrators_are_appointed_apart() {
    let ground = Ground::empty(On::Sqlite);
    let made = ground.init(&["--security-administrator", "安保", "--phone", "13912345678"]);
    let told = said(&made);
    assert!(told.contains("the security-administrator signs in once"), "{told}");
    assert!(
        told.contains("there is no system-administrator yet: xuecheng appoint system-administrator"),
        "{told}"
    );
    assert!(told.contains("there is no auditor yet"), "{told}");
    let system = ground.run(&["appoint", "system-administrator", "--name", "系统"]);
    assert!(system.status.success() && said(&system).contains("/sign-in/link/"), "{}", said(&system));
    let head = ground.run(&["appoint", "auditor", "--actor", "13912345678"]);
    assert!(!head.status.success(), "{}", said(&head));
    assert!(said(&head).contains("is head already and cannot become auditor"), "{}", said(&head));
    let auditor = ground.run(&["appoint", "auditor", "--name", "审计"]);
    assert!(auditor.status.success(), "{}", said(&auditor));
    for wrong in [&["appoint", "head", "--name", "甲"][..], &["appoint", "owner", "--name", "甲"]] {
        assert!(!ground.run(wrong).status.success());
    }
    let verified = ground.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    let roles: Vec<(String, String)> = ground
        .store()
        .read_blocking(|tx| {
            let text = "SELECT role, granted_by FROM role_grant ORDER BY role".to_owned();
            tx.all(store::Statement::dynamic(text), &[])
        })
        .unwrap();
    let expected = [
        ("auditor", "system:operator"),
        ("head", "system:init"),
        ("security-administrator", "system:init"),
        ("system-administrator", "system:operator"),
    ];
    assert_eq!(roles, expected.map(|(role, by)| (role.to_owned(), by.to_owned())));
}

/// An account is closed in two steps; who holds a role is not erased, nor is anybody under another's name.
#[test]
fn an_account_is_closed_for_whom_it_is_meant() {
    let ground = Ground::empty(On::Sqlite);
    let made = ground.init(&["--phone", "13912345678"]);
    assert!(made.status.success(), "{}", said(&made));
    let head = ground.run(&["erase", "13912345678", "--confirm", "张敏"]);
    assert!(!head.status.success() && said(&head).contains("take her roles away first"), "{}", said(&head));
    let serving = ground.serve(&[]);
    let (phone, name) = ("19900001234", "欧阳秀英");
    let mut resident = serving.browser();
    let asked = resident.fill("/sign-in", "/sign-in", &[("phone", phone)]);
    let page = asked.header("location").unwrap().to_owned();
    let ticket = page.split("t=").nth(1).unwrap().to_owned();
    let code = last_code(&ground.data(), phone);
    let proved = resident.fill(&page, "/sign-in/code", &[("t", &ticket), ("code", &code)]);
    let page = proved.header("location").unwrap().to_owned();
    let ticket = page.split("t=").nth(1).unwrap().to_owned();
    let opened = resident.fill(&page, "/sign-in/new", &[("t", &ticket), ("name", name), ("consent", "on")]);
    assert_eq!(opened.status, 303, "{}", opened.text);
    assert!(resident.get("/me").text.contains(name));
    let first = ground.run(&["erase", phone]);
    assert!(first.status.success() && said(&first).contains("which nobody can undo"), "{}", said(&first));
    let wrong = ground.run(&["erase", phone, "--confirm", "欧阳修英"]);
    assert!(!wrong.status.success() && said(&wrong).contains("nothing was done"), "{}", said(&wrong));
    assert!(resident.get("/me").text.contains(name));
    let done = ground.run(&["erase", phone, "--confirm", name]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(resident.get("/me").status, 303, "her session ended");
    assert!(said(&ground.run(&["erase", phone])).contains("nobody here has"));
    drop(serving);
    let verified = ground.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}

fn init_touches_no_installation(on: On) {
    let ground = Ground::founded(on);
    let keys = std::fs::read(ground.data().join("keys/signing.key")).unwrap();
    let again = ground.init(&[]);
    assert!(
        !again.status.success() && said(&again).contains("is an installation already"),
        "{}",
        said(&again)
    );
    assert_eq!(std::fs::read(ground.data().join("keys/signing.key")).unwrap(), keys);
    if on == On::Postgres {
        // Another folder with the same database is no new place either, and nothing is left in it.
        let other = ground.root.join("other");
        let mut command =
            ground.command(&["init", "--city-zh", "甲", "--city-en", "A", "--region", "500000000000"]);
        command.args([
            "--organisation",
            "乙",
            "--administrator",
            "丙",
            "--database",
            ground.database().unwrap(),
        ]);
        let made = command.env("XUECHENG_DATA", &other).output().unwrap();
        assert!(
            !made.status.success() && said(&made).contains("is an installation already"),
            "{}",
            said(&made)
        );
        assert!(!other.exists());
    }
}

#[test]
fn init_touches_no_installation_on_sqlite() {
    init_touches_no_installation(On::Sqlite);
}

#[test]
fn init_touches_no_installation_on_postgres() {
    init_touches_no_installation(On::Postgres);
}

#[test]
fn init_checks_before_it_makes_anything() {
    let ground = Ground::empty(On::Sqlite);
    let missing = ground.run(&["init", "--city-zh", "重庆"]);
    assert!(!missing.status.success() && said(&missing).contains("--city-en"), "{}", said(&missing));
    let wrong = ground.init(&["--listen", "nowhere"]);
    assert!(said(&wrong).contains("listen is \"nowhere\""), "{}", said(&wrong));
    assert!(!ground.data().exists());
    // What was broken off after the keys were made is taken up again, with the same keys.
    let bad = ground.init(&["--phone", "12"]);
    assert!(!bad.status.success() && said(&bad).contains("phone"), "{}", said(&bad));
    let key = std::fs::read(ground.data().join("keys/master.key")).unwrap();
    let made = ground.init(&[]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(std::fs::read(ground.data().join("keys/master.key")).unwrap(), key);
}

#[test]
fn serve_wants_an_installation() {
    let ground = Ground::empty(On::Sqlite);
    let refused = ground.run(&["serve"]);
    assert!(!refused.status.success());
    // The configuration is looked at first: without a city's name there is nothing to serve.
    assert!(said(&refused).contains("city.name_zh"), "{}", said(&refused));
    let mut command = ground.command(&["serve"]);
    let refused = command.envs([("XUECHENG_CITY_NAME_ZH", "渝"), ("XUECHENG_CITY_NAME_EN", "Yu")]).output();
    assert!(said(&refused.unwrap()).contains("it has no keys; make one with `xuecheng init`"));
}

#[test]
fn a_sqlite_file_is_served_by_one_process() {
    let ground = Ground::founded(On::Sqlite);
    let mut first = ground.serve(&[]);
    let second = ground.command(&["serve"]).env("XUECHENG_LISTEN", "127.0.0.1:0").output().unwrap();
    assert!(
        !second.status.success() && said(&second).contains("another process serves"),
        "{}",
        said(&second)
    );
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    // A killed process leaves no lock behind.
    assert_eq!(ground.serve(&[]).browser().get("/readyz").status, 200);
}

#[test]
fn processes_over_one_server_have_an_index_each() {
    let ground = Ground::founded(On::Postgres);
    let first = ground.serve(&[]);
    let second = ground.serve(&[]);
    for serving in [&first, &second] {
        assert_eq!(serving.browser().get("/readyz").status, 200);
        assert_eq!(serving.browser().get("/search?q=a").status, 200);
    }
    assert!(ground.data().join("index").is_dir() && ground.data().join("index-2").is_dir());
}

#[test]
fn every_key_can_be_set_in_file_environment_and_flag() {
    let ground = Ground::founded(On::Sqlite);
    let file = ground.data().join("xuecheng.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\nname_zh = \"重庆\""), "{text}");
    std::fs::write(&file, text.replace("#phone = \"\"", "phone = \"023-1\"")).unwrap();
    let serving = ground.serve(&[]);
    assert!(serving.browser().get("/no-such-page").text.contains("023-1"));
    drop(serving);
    let serving = ground.serve(&[("XUECHENG_CITY_PHONE", "023-2")]);
    assert!(serving.browser().get("/no-such-page").text.contains("023-2"));
    drop(serving);
    // What is wrong is named, all at once, before anything is opened.
    std::fs::write(
        &file,
        "lisetn = \"a\"\nbase_url = \"ftp://x\"\n[log]\nday = 3\n[web]\nheavy_at_once = \"9\"\n",
    )
    .unwrap();
    let refused = said(&ground.run(&["serve"]));
    for words in [
        "no key lisetn; did you mean listen?",
        "log.day; did you mean log.days?",
        "web.heavy_at_once is \"9\"",
    ] {
        assert!(refused.contains(words), "{refused}");
    }
    std::fs::write(&file, "base_url = \"ftp://x\"\n[log]\ndays = 30\nto = \"tape\"\n").unwrap();
    let refused = said(&ground.run(&["config"]));
    for words in
        ["base_url is \"ftp://x\"", "log.days is 30; give 183 or more", "choose \"files\" or \"stderr\""]
    {
        assert!(refused.contains(words), "{refused}");
    }
    let refused = ground.command(&["config"]).env("XUECHENG_WEB_HEAVY", "3").output().unwrap();
    assert!(said(&refused).contains("did you mean XUECHENG_WEB_HEAVY_AT_ONCE?"), "{}", said(&refused));
}
