//! What nobody inside can see, witnesses see: another history under the right key.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use base64::Engine as _;
use seal::TreeHead;
use store::{Engine, Statement, Store, params, sql, testing::TestStore};

use super::scene::{Scene, problems, sealer, verified, whole};
use crate::{
    config,
    data_dir::DataDir,
    witness::{Post, Verdict, judge},
};

/// The newest head as a witness gets it.
fn newest(store: &Store) -> String {
    store
        .read_blocking(|tx| {
            let head = journal::heads(tx, 1)?.remove(0);
            sealer().note(&head)
        })
        .unwrap()
}

fn said(store: &Store, note: &str) -> Verdict {
    let note = note.to_owned();
    store.read_blocking(move |tx| judge(tx, &sealer(), &note)).unwrap()
}

/// Somebody with the database and the key tells another story of who did the first thing, and signs it. Within the installation all is
/// consistent: `verify` is green. The head that a witness kept is not continued.
fn a_rewritten_history_is_seen(store: &TestStore) {
    let scene = Scene::new(store);
    assert_eq!(verified(store), []);
    let kept = newest(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    assert!(matches!(said(store, &kept), Verdict::Continued(_)));
    let honest = newest(store);

    let run = |text: &'static str| {
        store.write_blocking("forge", move |tx| tx.exec(Statement::dynamic(text.to_owned()), &[])).unwrap()
    };
    assert!(run("UPDATE fact SET actor = 'system:forger' WHERE kind = 'people.registered.v1'") > 0);
    store
        .write_blocking("forge", |tx| {
            for fact in journal::facts_after(tx, 0, 10_000)? {
                tx.exec(
                    sql!("UPDATE fact_pos SET leaf = $2 WHERE pos = $1"),
                    params![fact.pos, fact.leaf()?],
                )?;
            }
            Ok(())
        })
        .unwrap();
    run("DELETE FROM seal_head");
    run("DELETE FROM seal_node");
    sealer().seal(store).unwrap();
    assert_eq!(problems(store), [], "nobody inside can tell");
    for note in [&kept, &honest] {
        let verdict = said(store, note);
        assert!(matches!(verdict, Verdict::Rewritten(..)), "{verdict:?}");
    }
    assert!(matches!(said(store, &newest(store)), Verdict::Continued(_)));
}

/// Two heads of one size, both signed by the right key: one of them is not this log's.
fn a_split_view_is_seen(store: &TestStore) {
    Scene::new(store);
    assert_eq!(verified(store), []);
    let honest = newest(store);
    let key = seal::SigningKey::from_seed(&[17; 32]);
    let head = TreeHead::from_note(&honest, &key.verifying_key()).unwrap();
    let other = TreeHead { root: [9; 32], ..head.clone() }.to_note(&key).unwrap();
    assert_eq!(said(store, &honest), Verdict::Continued(head.clone()));
    assert!(matches!(said(store, &other), Verdict::Rewritten(..)));
    // A head of more records than there are: some were taken away after they were signed.
    let longer = TreeHead { size: head.size + 1, ..head.clone() }.to_note(&key).unwrap();
    assert!(matches!(said(store, &longer), Verdict::Rewritten(..)));
    // Not signed by us, or of another log, or no note at all: no word about us.
    let stranger = head.to_note(&seal::SigningKey::from_seed(&[1; 32])).unwrap();
    let elsewhere = TreeHead { origin: "elsewhere".to_owned(), ..head }.to_note(&key).unwrap();
    for note in [stranger.as_str(), elsewhere.as_str(), "", "nonsense"] {
        assert!(matches!(said(store, note), Verdict::Foreign(_)), "{note}");
    }
}

mod on_sqlite {
    use super::*;
    #[test]
    fn a_rewritten_history_is_seen() {
        super::a_rewritten_history_is_seen(&whole(Engine::Sqlite));
    }
    #[test]
    fn a_split_view_is_seen() {
        super::a_split_view_is_seen(&whole(Engine::Sqlite));
    }
}

mod on_postgres {
    use super::*;
    #[test]
    fn a_rewritten_history_is_seen() {
        super::a_rewritten_history_is_seen(&whole(Engine::Postgres));
    }
    #[test]
    fn a_split_view_is_seen() {
        super::a_split_view_is_seen(&whole(Engine::Postgres));
    }
}

fn witnessed(witness: config::Witness) -> config::Config {
    config::Config { witness, ..config::Config::default() }
}

/// Answers each connection in turn with one of these statuses, and hands on what the request said.
fn http_witness(statuses: &'static [u16]) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/heads", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for status in statuses {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(&stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                lines.read_line(&mut line).unwrap();
                if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            lines.read_exact(&mut body).unwrap();
            let kept = String::from_utf8(body).unwrap();
            let answer = format!(
                "HTTP/1.1 {status} x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            (&stream).write_all(answer.as_bytes()).unwrap();
            send.send(format!("{head}\r\n{kept}")).unwrap();
        }
    });
    (url, receive)
}

/// A mail server that takes one mail, or refuses its recipient.
fn mail_server(takes: bool) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes()).unwrap();
        say("220 test");
        let mut mail = String::new();
        let mut in_mail = false;
        for line in BufReader::new(&stream).lines().map_while(Result::ok) {
            mail.push_str(&line);
            mail.push('\n');
            match line.split(' ').next().unwrap_or_default() {
                "." if in_mail => {
                    in_mail = false;
                    say("250 kept");
                }
                _ if in_mail => {}
                "DATA" => {
                    in_mail = true;
                    say("354 go on");
                }
                "RCPT" if !takes => say("550 nobody of that name"),
                "QUIT" => {
                    say("221 bye");
                    break;
                }
                _ => say("250 test"),
            }
        }
        send.send(mail).unwrap();
    });
    (url, receive)
}

#[test]
fn heads_are_posted_and_mailed() {
    let folder: PathBuf = std::env::temp_dir().join(format!("xuecheng-posted-{}", std::process::id()));
    let store = whole(Engine::Sqlite);
    Scene::new(&store);
    assert_eq!(verified(&store), []);
    let note = newest(&store);
    // The first answer is a failure, the second one sends elsewhere, the third one has kept the head.
    let (url, posted) = http_witness(&[500, 307, 201]);
    let to = config::Witness {
        urls: vec![url],
        mail: vec!["archive@example.cn".to_owned()],
        ..config::Witness::default()
    };
    let mailing = |takes: bool| {
        let (server, mailed) = mail_server(takes);
        let mail = config::Mail { server, from: "xuecheng@example.cn".to_owned() };
        let config = config::Config { mail, ..witnessed(to.clone()) };
        config.validate().unwrap();
        let dir = DataDir::open(&folder).unwrap();
        (Post::new(&config, dir, (*store).clone(), Arc::new(sealer())), mailed)
    };
    let (post, refused) = mailing(false);
    assert_eq!(post.still_due(), 2);
    let first = post.all();
    assert!(first.iter().all(Result::is_err), "{first:?}");
    assert!(refused.recv().unwrap().contains("RCPT TO:<archive@example.cn>"));
    assert_eq!(post.still_due(), 2);
    assert!(post.all()[0].is_err(), "a head follows no redirect");
    let (post, mailed) = mailing(true);
    let last = post.all();
    assert!(last.iter().all(Result::is_ok), "{last:?}");
    assert_eq!(post.still_due(), 0);
    for request in posted.iter().take(3) {
        let (head, kept) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /heads HTTP/1.1") && head.contains("text/plain"), "{head}");
        assert_eq!(kept, note);
    }
    // Whoever saves the attached file can compare it.
    let mail = mailed.recv().unwrap();
    let (_, attached) = mail.split_once("Content-Disposition: attachment").expect("an attachment");
    let (_, body) = attached.split_once("\n\n").unwrap();
    let coded: String = body.split("--").next().unwrap().split_whitespace().collect();
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(coded).unwrap(), note.as_bytes(), "{mail}");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn heads_reach_their_witnesses() {
    let folder: PathBuf = std::env::temp_dir().join(format!("xuecheng-witness-{}", std::process::id()));
    let store = whole(Engine::Sqlite);
    Scene::new(&store);
    assert_eq!(verified(&store), []);
    let dir = DataDir::open(&folder).unwrap();
    let [good, bad] = ["drop", "file"].map(|name| folder.join(name));
    // A place that cannot take it yet: a file stands where the folder should be.
    fs::write(&bad, "").unwrap();
    let folders = [&good, &bad].map(|path| path.to_string_lossy().into_owned()).to_vec();
    let config = witnessed(config::Witness { folders, ..config::Witness::default() });
    let post = Post::new(&config, dir, (*store).clone(), Arc::new(sealer()));
    assert_eq!(post.still_due(), 2);
    let first = post.all();
    assert!(first[0].is_ok() && first[1].is_err(), "{first:?}");
    assert_eq!(post.still_due(), 1);
    fs::remove_file(&bad).unwrap();
    assert!(post.all().iter().all(Result::is_ok));
    assert_eq!(post.still_due(), 0);
    for witness in [good, bad] {
        let dropped = fs::read_dir(witness).unwrap().next().unwrap().unwrap();
        assert_eq!(fs::read_to_string(dropped.path()).unwrap(), newest(&store));
    }
    // Tomorrow there is one due again.
    store.clock.set(store.clock().now().plus_minutes(24 * 60));
    assert_eq!(post.still_due(), 2);
    fs::remove_dir_all(&folder).unwrap();
}
