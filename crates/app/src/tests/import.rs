//! A network by one file as people bring it in: downloaded, handed in, mended, looked through, taken over.

use axum::http::Method;
use kernel::Id;
use store::Engine;
use web::testing::{Answer, Client};

use super::routes::Site;

fn upload(client: &mut Client, address: &str, file: &str) -> Answer {
    let page = client.get(address).expect(200);
    let part = |name: &str, more: &str, text: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
    };
    let body = [
        part("_csrf", "", &page.field("_csrf").unwrap()),
        part("_key", "", &page.field("_key").unwrap()),
        part("file", "; filename=\"机构.csv\"\r\nContent-Type: text/csv", file),
        "--x--\r\n".to_owned(),
    ]
    .concat();
    client.send(Method::POST, address, Some("multipart/form-data; boundary=x"), body)
}

fn a_network_comes_in_by_a_file(engine: Engine) {
    let site = Site::new(engine);
    let mut head = site.browser("college");
    let city = &site.scene.city;
    let place = format!("/desk/orgs/{}/place", city.college);
    let address = format!("/desk/orgs/{}/import", city.college);
    head.get(&place).expect(200).has(&address);
    let page = head.get(&address).expect(200).has("第一步").has("法定节假日 闭馆");
    assert!(page.text.contains("what=present&amp;format=csv"), "{}", page.text);

    // What was downloaded and is handed in again changes nothing.
    let csv =
        head.get(&format!("{address}/table?what=present&format=csv")).expect(200).has("磁器口社区学习中心");
    let kept = upload(&mut head, &address, &csv.text).expect(303);
    head.get(kept.location()).expect(200).has("没有要改的").has("没有变化的行");
    let empty =
        head.get(&format!("{address}/table?what=empty&format=csv")).expect(200).has("机构编号,名称,类别");
    assert_eq!(empty.text.trim().lines().count(), 1);
    let book = head.get(&format!("{address}/table?what=present&format=xlsx")).expect(200);
    assert!(book.bytes.starts_with(b"PK"), "a workbook");

    // What is no table is refused at once, with what to do about it.
    upload(&mut head, &address, "a,b\n1,2\n").expect(422).has("没有找到列名").has("id=\"f-file-error\"");
    // What is wrong in its cells is named by row and column, on the page and as a file.
    let wrong = "名称,类别,服务的地区,备注\n<b>甲</b>,学堂,500106004001,x\n乙,体验基地,,\n";
    let kept = upload(&mut head, &address, wrong).expect(303);
    let shown = head.get(kept.location()).expect(200).has("有2处需要修改").has("学堂").has("没有这个类别");
    assert!(shown.text.contains("备注") && !shown.text.contains("确认：新设"), "{}", shown.text);
    let faults = head.get(&format!("{}/faults", kept.location())).expect(200).has("学堂").has("类别");
    assert_eq!(faults.text.trim().lines().count(), 3);

    let right = format!(
        "名称,类别,服务的地区,上级机构,机构编号,电话\n<b>甲</b>,体验基地,500106004001,,,\n磁器口社区学习中心,,,,{},023-777\n",
        city.centre
    );
    let kept = upload(&mut head, &address, &right).expect(303);
    let address = kept.location().to_owned();
    let shown = head
        .get(&address)
        .expect(200)
        .has("确认：新设1家，修改1家")
        .has("&#60;b&#62;甲&#60;/b&#62;")
        .has("→ 023-777");
    let seen = shown.field("seen").unwrap();
    // Who saw something else is shown it again.
    head.post(&address, &[("seen", "else")]).expect(422).has("请重新核对").has("确认：新设1家");
    let done = head.post(&address, &[("seen", &seen)]).expect(303);
    assert_eq!(done.location(), address);
    head.get(&address).expect(200).has("导入完成：新设1家，修改1家");
    head.post(&address, &[("seen", &seen)]).expect(303);
    let centre = city.centre;
    let phone = site.store.read_blocking(move |tx| Ok(network::org(tx, centre)?.unwrap().phone)).unwrap();
    assert_eq!(phone, "023-777");
    // In English too, and for nobody who does not manage the network there.
    head.get(&format!("{address}?lang=en")).expect(200);
    for other in ["staff", "school", "teacher", "resident"] {
        let mut client = site.browser(other);
        client.get(&address).expect(403);
        client.get(&format!("{address}/faults")).expect(403);
    }
    let unknown =
        address.replace(address.rsplit('/').next().unwrap(), &Id::<()>::derived(b"none").to_string());
    head.get(&unknown).expect(404);
    // What a day passed over is gone.
    site.store.clock.set(site.store.clock().now().plus_minutes(25 * 60));
    let swept = crate::serve::housekeeping::round(&site.store).unwrap();
    assert!(swept.imports >= 3, "{swept:?}");
}

#[test]
fn a_network_comes_in_by_a_file_on_sqlite() {
    a_network_comes_in_by_a_file(Engine::Sqlite);
}

#[test]
fn a_network_comes_in_by_a_file_on_postgres() {
    a_network_comes_in_by_a_file(Engine::Postgres);
}
