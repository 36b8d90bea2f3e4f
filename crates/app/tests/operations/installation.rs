//! `init`, `serve`, `config`.

use crate::kit::{Ground, On, said};

fn init_makes_an_installation_that_serves(on: On) {
    let ground = Ground::empty(on);
    let made = ground.init(&["--base-url", "http://learn.example.cn", "--phone", "13912345678"]);
    assert!(made.status.success(), "{}", said(&made));
    let link = said(&made);
    let link = link.split("http://learn.example.cn").nth(1).unwrap().trim().to_owned();
    let serving = ground.serve(&[]);
    let mut administrator = serving.browser();
    // The link works once, asks for consent as it does of everybody, and leads to the desk of the head.
    let page = administrator.get(&link);
    assert_eq!(page.status, 303, "{}", page.text);
    assert!(administrator.cookies.contains_key("session"));
    assert_eq!(administrator.get("/desk").status, 200);
    assert!(administrator.get("/me").text.contains("张敏"));
    assert_eq!(serving.browser().get(&link).status, 410);
    let home = serving.browser().get("/");
    assert!(home.text.contains("重庆") && !home.text.contains("演示"), "{}", home.text);
    drop(serving);
    // Another link can be made, and everything is true.
    let again = ground.run(&["link"]);
    assert!(said(&again).contains("http://learn.example.cn/sign-in/link/"), "{}", said(&again));
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
