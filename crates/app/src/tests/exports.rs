//! Lists as files: they say what the list says, belong to who asked, survive a killed job, and are thrown away.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use catalog::{DraftOffer, OFFERS, draft_offer, testing::words};
use kernel::Lang;
use portal::exports::{
    EXPORTS_MAX, ExportId, Exports, Format, JOB, KEPT_DAYS, State, ask_export, export, piece, write_next,
};
use store::{Engine, Statement, jobs, testing::TestStore};
use web::{
    list::{Query, Reader},
    testing::Client,
};

use super::scene::{OPERATOR, Scene, verified, whole};

fn exports(scene: &Scene, folder: &tempfile::TempDir) -> Exports {
    Exports::new(portal::lists(&scene.vault), scene.vault.clone(), folder.path().join("exports"))
}

fn ask(store: &TestStore, scene: &Scene, visitor: &str, list: &str, query: &str, format: Format) -> ExportId {
    let person = scene.person(visitor).unwrap();
    let lists = portal::lists(&scene.vault);
    let spec = lists.iter().map(|known| known.spec()).find(|spec| spec.name == list).unwrap();
    let query = Query::parse(spec, query);
    store.write_blocking("test.ask", move |tx| ask_export(tx, person, &query, format, Lang::Zh)).unwrap()
}

fn work(store: &TestStore, exports: &Exports) {
    while write_next(store, exports, "test", &|| false).unwrap() {}
}

fn state(store: &TestStore, scene: &Scene, visitor: &str, id: ExportId) -> (State, i64) {
    let person = scene.person(visitor).unwrap();
    let found = store.read_blocking(move |tx| export(tx, person, id)).unwrap();
    (found.state, found.rows_done)
}

fn bytes(store: &TestStore, scene: &Scene, visitor: &str, id: ExportId) -> Vec<u8> {
    let (person, vault) = (scene.person(visitor).unwrap(), scene.vault.clone());
    let mut all = Vec::new();
    for number in 0.. {
        let vault = vault.clone();
        match store.read_blocking(move |tx| piece(tx, &vault, person, id, number)).unwrap() {
            Some(bytes) => all.extend(bytes),
            None => break,
        }
    }
    all
}

/// Offers of the school, some with titles that a spreadsheet would take for formulas.
fn some_offers(store: &TestStore, scene: &Scene, count: usize) {
    let org_id = scene.city.school;
    for from in (0..count).step_by(500) {
        store
            .write_blocking("test.offers", move |tx| {
                for number in from..(from + 500).min(count) {
                    let start =
                        ["=HYPERLINK(\"x\")", "+86", "-2", "@SUM", "书法，\"初级\"", "＝1"][number % 6];
                    let words = words(&format!("{start} {number:05}"));
                    draft_offer(tx, &OPERATOR, &DraftOffer { org_id, words, demo: true })?;
                }
                Ok(())
            })
            .unwrap();
    }
}

/// The whole list, as its pages show it.
fn titles(store: &TestStore, scene: &Scene, visitor: &str, text: &str) -> Vec<String> {
    let (actor, list) = (scene.actor(visitor), catalog::OfferList::default());
    let mut query = Query::parse(&OFFERS, text);
    query.size = 100_000;
    let slice = store
        .read_blocking(move |tx| {
            use web::list::List as _;
            list.read(tx, &Reader { actor: &actor, lang: Lang::Zh, file: false }, &query)
        })
        .unwrap();
    slice
        .rows
        .into_iter()
        .map(|row| match row.cells.into_iter().next() {
            Some(web::list::Cell::Link { text, .. }) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn a_file_says_what_the_list_says(store: &TestStore) {
    let scene = Scene::new(store);
    let folder = tempfile::tempdir().unwrap();
    some_offers(store, &scene, 5_100);
    let query = "q=0&sort=title&cols=title,cost,changed,actions";
    let id = ask(store, &scene, "college", "offers", query, Format::Csv);
    work(store, &exports(&scene, &folder));
    let wanted = titles(store, &scene, "college", query);
    assert!(wanted.len() > 5_000);
    assert_eq!(state(store, &scene, "college", id), (State::Done, wanted.len() as i64));
    let file = String::from_utf8(bytes(store, &scene, "college", id)).unwrap();
    let lines: Vec<&str> = file.strip_prefix("\u{feff}名称,费用,最后修改\r\n").unwrap().lines().collect();
    assert_eq!(lines.len(), wanted.len());
    for (line, title) in lines.iter().zip(&wanted) {
        let quoted = format!("\"{}\"", title.replace('"', "\"\""));
        let guarded =
            if title.starts_with(['=', '+', '-', '@', '＝']) { format!("'{title}") } else { title.clone() };
        let cell = if title.contains(['"', ',']) {
            if guarded == *title { quoted } else { format!("\"{}\"", guarded.replace('"', "\"\"")) }
        } else {
            guarded
        };
        assert!(line.starts_with(&format!("{cell},0,")), "{line} is not {title}");
    }
    // A workbook says the same, over several sheets where one is too short.
    let id = ask(store, &scene, "college", "offers", query, Format::Xlsx);
    let short = Exports { sheet_rows_max: 2_000, ..exports(&scene, &folder) };
    work(store, &short);
    // Another program reads it.
    let file = bytes(store, &scene, "college", id);
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(&file)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), wanted.len().div_ceil(2_000));
    let mut found = Vec::new();
    for name in &names {
        let sheet = book.worksheet_range(name).unwrap();
        let mut rows = sheet.rows();
        assert_eq!(
            rows.next().unwrap().iter().map(Data::to_string).collect::<Vec<_>>(),
            ["名称", "费用", "最后修改"]
        );
        for row in rows {
            let [Data::String(title), Data::Float(cost), Data::DateTime(changed)] = row else {
                panic!("{row:?}")
            };
            assert_eq!(*cost, 0.0);
            assert!(changed.as_f64() > 40_000.0 && changed.is_datetime(), "{changed:?}");
            found.push(title.clone());
        }
        let formulas = book.worksheet_formula(name).unwrap();
        assert!(formulas.used_cells().next().is_none(), "no cell is a formula");
    }
    assert_eq!(found, wanted);
    for number in 1..=names.len() {
        let sheet = part(&file, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter ref=\"A1:C"));
    }
    assert_eq!(
        std::fs::read_dir(folder.path().join("exports")).unwrap().count(),
        0,
        "nothing stays in clear"
    );
}

/// A part of a workbook, which is a ZIP file.
fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn a_killed_job_begins_anew_and_no_half_file_is_given(store: &TestStore) {
    let scene = Scene::new(store);
    let folder = tempfile::tempdir().unwrap();
    some_offers(store, &scene, 2_500);
    let id = ask(store, &scene, "college", "offers", "", Format::Csv);
    let person = scene.person("college").unwrap();
    // A process takes the job, writes a piece, and is gone.
    store
        .write_blocking("test.kill", move |tx| {
            let job = jobs::claim(tx, JOB, "killed")?.unwrap();
            assert_eq!(job.payload, id.to_string());
            tx.exec(
                Statement::dynamic(
                    "UPDATE export SET state = 'writing', run = 1 WHERE export_id = $1".to_owned(),
                ),
                &[id.into()],
            )?;
            tx.exec(
                Statement::dynamic(
                    "INSERT INTO export_piece (export_id, run, number, sealed) VALUES ($1, 1, 0, $2)"
                        .to_owned(),
                ),
                &[id.into(), vec![1_u8, 2, 3].into()],
            )
        })
        .unwrap();
    let (vault, client) = (scene.vault.clone(), person);
    let half = store.read_blocking(move |tx| piece(tx, &vault, client, id, 0));
    assert_eq!(half.unwrap_err().code().name, "kernel.missing");
    let exports = exports(&scene, &folder);
    work(store, &exports);
    assert_eq!(state(store, &scene, "college", id).0, State::Writing, "its hold on the job lasts");
    store.clock.set(kernel::Clock::now(store.clock.as_ref()).plus_seconds(121));
    // Another one takes it up and is told to stop in the middle: it gives the job back.
    assert!(write_next(store, &exports, "stopped", &|| true).unwrap());
    assert_ne!(state(store, &scene, "college", id).0, State::Done);
    work(store, &exports);
    // The class of the scene has an offer too.
    assert_eq!(state(store, &scene, "college", id), (State::Done, 2_501));
    let file = String::from_utf8(bytes(store, &scene, "college", id)).unwrap();
    assert_eq!(file.lines().count(), 2_502);
    let left = "SELECT count(*) FROM export_piece WHERE run = 1".to_owned();
    let (left,): (i64,) =
        store.read_blocking(move |tx| tx.one(Statement::dynamic(left.clone()), &[])).unwrap();
    assert_eq!(left, 0);
}

fn files_belong_to_who_asked_and_names_are_noted(store: &TestStore) {
    let scene = Scene::new(store);
    let folder = tempfile::tempdir().unwrap();
    scene.learn(store);
    let exports = exports(&scene, &folder);
    let router = scene.serve(store);
    let browser = |visitor: &str| {
        let mut client = Client::new(router.clone());
        if let Some(person) = scene.person(visitor) {
            let open = move |tx: &mut store::Tx| people::open_session(tx, person, "test");
            client.cookie("session", &store.write_blocking("test.session", open).unwrap().token);
        }
        client
    };
    let mut head = browser("college");
    head.get("/desk/attendances?cols=day,person,class").expect(200).has("王秀英");
    let sent = head
        .post(
            "/desk/attendances/export",
            &[("list", "cols=day,person,method&method=card"), ("format", "csv")],
        )
        .expect(303);
    let address = sent.location().to_owned();
    let page = head.follow(sent).expect(200).has("已排队");
    assert_eq!(page.headers["refresh"], "2");
    head.get(&format!("{address}/file")).expect(404);
    work(store, &exports);
    let done = head.get(&address).expect(200).has("文件已生成：1行").has("/file");
    assert!(!done.headers.contains_key("refresh") && !done.text.contains('⟦'));
    let file = head.get(&format!("{address}/file")).expect(200).has("王秀英").has("刷卡").has("姓名");
    assert!(
        file.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"attendances-")
    );
    head.get("/desk/exports").expect(200).has("可以下载").has("/desk/attendances?method=card");
    let read = "SELECT count(*) FROM reading WHERE what = 'attendance-file' AND people = 1".to_owned();
    let (read,): (i64,) =
        store.read_blocking(move |tx| tx.one(Statement::dynamic(read.clone()), &[])).unwrap();
    assert_eq!(read, 1);
    // What lies in the database says no name.
    let stored = "SELECT sealed FROM export_piece".to_owned();
    let pieces: Vec<(Vec<u8>,)> =
        store.read_blocking(move |tx| tx.all(Statement::dynamic(stored.clone()), &[])).unwrap();
    let name = "王秀英".as_bytes();
    assert!(
        !pieces.is_empty()
            && pieces.iter().all(|(bytes,)| !bytes.windows(name.len()).any(|part| part == name))
    );
    for other in ["city", "school", "auditor", "system"] {
        let mut client = browser(other);
        client.get(&address).expect(404);
        client.get(&format!("{address}/file")).expect(404);
        client.get("/desk/exports").expect(200).has("没有导出文件");
        client.post(&format!("{address}/delete"), &[]).expect(404);
    }
    browser("resident").get(&address).expect(403);
    browser("nobody").get(&format!("{address}/file")).expect(303);
    head.get(&address).expect(200);
    let gone = head.post(&format!("{address}/delete"), &[]).expect(303);
    head.follow(gone).expect(200).has("导出文件已删除").has("没有导出文件");
    assert_eq!(verified(store), []);
}

fn files_are_thrown_away_and_bounded(store: &TestStore) {
    let scene = Scene::new(store);
    let folder = tempfile::tempdir().unwrap();
    some_offers(store, &scene, 3);
    let person = scene.person("college").unwrap();
    let first = ask(store, &scene, "college", "offers", "", Format::Csv);
    for _ in 1..EXPORTS_MAX {
        ask(store, &scene, "college", "orgs", "", Format::Xlsx);
    }
    let refused = store.write_blocking("test.ask", move |tx| {
        ask_export(tx, person, &Query::parse(&OFFERS, ""), Format::Csv, Lang::Zh)
    });
    assert_eq!(refused.unwrap_err().code().name, "portal.too_many_exports");
    work(store, &exports(&scene, &folder));
    assert_eq!(state(store, &scene, "college", first), (State::Done, 4));
    store.clock.set(kernel::Clock::now(store.clock.as_ref()).plus_minutes(KEPT_DAYS * 24 * 60 + 1));
    let over = store.read_blocking(move |tx| export(tx, person, first));
    assert_eq!(over.unwrap_err().code().name, "kernel.missing");
    assert_eq!(crate::serve::housekeeping::round(store).unwrap().exports, EXPORTS_MAX as u64);
    let left = "SELECT count(*) FROM export_piece".to_owned();
    let (left,): (i64,) =
        store.read_blocking(move |tx| tx.one(Statement::dynamic(left.clone()), &[])).unwrap();
    assert_eq!(left, 0);
}

fn rights_that_were_taken_leave_nothing(store: &TestStore) {
    let scene = Scene::new(store);
    let folder = tempfile::tempdir().unwrap();
    some_offers(store, &scene, 5);
    let id = ask(store, &scene, "school", "offers", "", Format::Csv);
    let (person, org) = (scene.person("school").unwrap(), scene.city.school);
    store
        .write_blocking("test.revoke", move |tx| {
            let text =
                "UPDATE role_grant SET to_day = from_day WHERE person_id = $1 AND org_id = $2".to_owned();
            tx.exec(Statement::dynamic(text), &[person.into(), org.into()])
        })
        .unwrap();
    work(store, &exports(&scene, &folder));
    assert_eq!(state(store, &scene, "school", id), (State::Done, 0));
}

#[test]
fn a_file_says_what_the_list_says_on_both_engines() {
    [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .for_each(|engine| a_file_says_what_the_list_says(&whole(engine)));
}

#[test]
fn a_killed_job_begins_anew_on_both_engines() {
    [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .for_each(|engine| a_killed_job_begins_anew_and_no_half_file_is_given(&whole(engine)));
}

#[test]
fn files_belong_to_who_asked_on_both_engines() {
    [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .for_each(|engine| files_belong_to_who_asked_and_names_are_noted(&whole(engine)));
}

#[test]
fn files_are_thrown_away_on_both_engines() {
    [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .for_each(|engine| files_are_thrown_away_and_bounded(&whole(engine)));
}

#[test]
fn rights_that_were_taken_leave_nothing_on_both_engines() {
    [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .for_each(|engine| rights_that_were_taken_leave_nothing(&whole(engine)));
}
