//! `docs/limits.md` says what the code says; and what the limits promise holds on a real socket.

use std::{
    fmt::Write as _,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
};

use store::Engine;

use super::routes::{Site, renewing};

/// Everything that bounds what comes from outside.
fn table() -> String {
    let mut rows: Vec<(&str, u64, &str)> = web::limits().to_vec();
    rows.extend([
        ("File given to `/verify`", credentials::UPLOAD_BYTES_MAX as u64, "bytes"),
        ("Items of a part of a list in the API", 100, "items"),
        ("Words in the search box that are read", search::MAX_QUERY_CHARS as u64, "characters"),
        ("Terms of a search", search::MAX_TERMS as u64, "terms"),
        ("Hits of a search in one answer", search::MAX_LIMIT as u64, "hits"),
        ("Hits that a search passes over", search::MAX_OFFSET as u64, "hits"),
        ("Saved searches of a person", portal::SAVED_SEARCHES_MAX as u64, "searches"),
        ("Offers of a batch", portal::BATCH_OFFERS_MAX as u64, "offers"),
        ("Days for which a batch can be undone", portal::BATCH_UNDO_DAYS.unsigned_abs().into(), "days"),
        ("Name of a person", people::NAME_CHARS_MAX as u64, "characters"),
        ("Life of a token", people::TOKEN_DAYS_MAX.unsigned_abs(), "days"),
        ("Tries of a code that was sent", people::CODE_TRIES.unsigned_abs(), "tries"),
        ("Wrong codes of a second factor before it is locked", people::FACTOR_TRIES.unsigned_abs(), "tries"),
        ("First lock of a second factor", people::FACTOR_LOCK_MINUTES.unsigned_abs(), "min"),
        ("Longest lock of a second factor", people::FACTOR_LOCK_MINUTES_MAX.unsigned_abs(), "min"),
        ("Recovery codes of a list", people::RECOVERY_CODES as u64, "codes"),
        ("Title of an offer", catalog::TITLE_MAX as u64, "characters"),
        ("Summary of an offer", catalog::SUMMARY_MAX as u64, "characters"),
        ("Text of an offer", catalog::BODY_MAX as u64, "characters"),
        ("What to bring", catalog::BRING_MAX as u64, "characters"),
        ("Price of an offer", catalog::COST_FEN_MAX.unsigned_abs(), "fen"),
        ("Seats of a class", activities::CAPACITY_MAX.unsigned_abs(), "seats"),
        ("Sessions of a class", activities::SESSIONS_MAX as u64, "sessions"),
        ("Visitors in one count", learning::VISITORS_MAX.unsigned_abs(), "visitors"),
        ("Reasons and evidence in words", learning::WORDS_MAX as u64, "characters"),
        (
            "Exported lists that one person has at a time",
            portal::exports::EXPORTS_MAX.unsigned_abs(),
            "files",
        ),
        ("Life of an exported list", portal::exports::KEPT_DAYS.unsigned_abs(), "days"),
        ("Title of a notice", notices::TITLE_MAX as u64, "characters"),
        ("Text of a notice", notices::BODY_MAX as u64, "characters"),
        ("Reason of a withdrawal or return", notices::REASON_MAX as u64, "characters"),
        ("Places that a notice reaches", notices::RECIPIENTS_MAX as u64, "places"),
        ("Columns of its table", notices::FIELDS_MAX as u64, "columns"),
        ("Rows of an answer to a notice", notices::ROWS_MAX as u64, "rows"),
        ("Text of a cell", notices::CELL_MAX as u64, "characters"),
        ("An answer in all", notices::ANSWER_BYTES_MAX as u64, "bytes"),
        ("File with an answer", notices::FILE_BYTES_MAX as u64, "bytes"),
        ("Rows of a downloaded sheet of answers", notices::FILE_ROWS_MAX as u64, "rows"),
        ("Hours between two reminders of a notice", notices::REMIND_HOURS.unsigned_abs(), "h"),
        ("Lines of a reorganisation", network::LINES_MAX as u64, "lines"),
        ("All lines of a reorganisation", network::LINES_BYTES_MAX as u64, "bytes"),
        ("File with organisations", network::IMPORT_BYTES_MAX as u64, "bytes"),
        ("The same when it is unpacked, and all its cells together", network::IMPORT_UNPACKED_MAX, "bytes"),
        ("Rows of a file with organisations", network::IMPORT_ROWS_MAX as u64, "rows"),
        ("Columns of it that are looked at", network::IMPORT_COLUMNS_MAX as u64, "columns"),
        ("Wrong cells of it that are named", network::IMPORT_FAULTS_MAX as u64, "cells"),
        ("Levels on which it founds organisations", network::IMPORT_DEPTH_MAX as u64, "levels"),
        ("Hours for which it is kept to be looked through", network::IMPORT_HOURS.unsigned_abs(), "h"),
        ("Such files kept for one organisation", network::IMPORTS_KEPT.unsigned_abs(), "files"),
        (
            "Such files that one person hands in within an hour",
            web::limit::ORG_IMPORT_PERSON.max.unsigned_abs(),
            "files",
        ),
        ("File with people to be invited", governance::STAFF_BYTES_MAX as u64, "bytes"),
        ("People in it", governance::STAFF_ROWS_MAX as u64, "rows"),
        ("Minutes for which its list waits for the button", people::DRAFT_MINUTES.unsigned_abs(), "min"),
        ("Days in which an invitation may be taken", people::INVITATION_DAYS.unsigned_abs(), "days"),
        ("Open invitations of one organisation", people::INVITATIONS_MAX.unsigned_abs(), "invitations"),
        ("Messages about one invitation", people::TELLS_MAX.unsigned_abs(), "messages"),
        (
            "Such files that one person hands in within an hour",
            web::limit::STAFF_FILE_PERSON.max.unsigned_abs(),
            "files",
        ),
        ("Wrong PINs before a card is locked", people::PIN_TRIES.unsigned_abs(), "tries"),
        ("Time in which the slip with a PIN can be printed", people::SLIP_MINUTES.unsigned_abs(), "min"),
        ("Reason of a revocation", credentials::REASON_MAX as u64, "characters"),
    ]);
    let mut text = String::from("| what | at most | unit |\n| --- | ---: | --- |\n");
    for (what, most, unit) in rows {
        let _ = writeln!(text, "| {what} | {most} | {unit} |");
    }
    text
}

#[test]
fn the_list_of_limits_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/limits.md");
    let written = fs::read_to_string(path).unwrap_or_default();
    let (begin, end) = ("<!-- limits:begin -->\n", "<!-- limits:end -->");
    let (before, rest) = written.split_once(begin).expect("the list begins");
    let (listed, after) = rest.split_once(end).expect("the list ends");
    if renewing() {
        fs::write(path, format!("{before}{begin}{}{end}{after}", table())).unwrap();
    } else {
        assert_eq!(listed, table(), "renew {path} with XUECHENG_RENEW=1");
    }
}

/// The service on a socket of its own, as long as the test process lives.
fn serve(site: &Site) -> SocketAddr {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.service().into_make_service_with_connect_info::<SocketAddr>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), service).await.unwrap();
        });
    });
    address
}

/// Sends a head and a body, and gives the first line of the answer; nothing if the connection was cut.
fn raw(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{head}Host: {address}\r\nConnection: close\r\n\r\n");
    // Whoever is refused in the middle of his body may find the connection closed.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_socket_survives_what_is_too_large_compressed_or_no_http() {
    let site = Site::new(Engine::Sqlite);
    let address = serve(&site);
    let json = "POST /api/v1/credentials/verify HTTP/1.1\r\nContent-Type: application/json\r\n";
    let small = br#"{"credential":"XC-2026"}"#;
    let length = |n: usize| format!("Content-Length: {n}\r\n");
    assert!(raw(address, &format!("{json}{}", length(small.len())), small).contains(" 200 "));
    let large = vec![b'1'; 10 * 1024 * 1024];
    let answer = raw(address, &format!("{json}{}", length(large.len())), &large);
    assert!(answer.is_empty() || answer.contains(" 413 "), "{answer}");
    // Nothing unpacks what was sent packed: a bomb stays as small as it came.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 20 * 1024 * 1024]).unwrap();
    let bomb = bomb.finish().unwrap();
    let answer = raw(address, &format!("{json}Content-Encoding: gzip\r\n{}", length(bomb.len())), &bomb);
    assert!(answer.contains(" 400 "), "{answer}");
    let header = format!("GET /api/v1/offers HTTP/1.1\r\nX-Long: {}\r\n", "x".repeat(1024 * 1024));
    let answer = raw(address, &header, b"");
    assert!(answer.is_empty() || answer.contains(" 431 "), "{answer}");
    let many: String = (0..5_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    let answer = raw(address, &format!("GET /api/v1/offers HTTP/1.1\r\n{many}"), b"");
    assert!(answer.is_empty() || answer.contains(" 431 "), "{answer}");
    for head in [
        "\0\0\0\r\n",
        "GET / HTTP/9.9\r\n",
        "GET /\u{0} HTTP/1.1\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n",
    ] {
        let answer = raw(address, head, b"");
        assert!(answer.is_empty() || answer.contains(" 400 "), "{head:?}: {answer}");
    }
    // And it still serves.
    assert!(raw(address, "GET /healthz HTTP/1.1\r\n", b"").contains(" 200 "));
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn two_hundred_largest_files_at_once_need_bounded_memory() {
    let site = Site::new(Engine::Sqlite);
    let address = serve(&site);
    let mut form = site.browser("nobody");
    let token = form.get("/verify").expect(200).field("_csrf").unwrap();
    let visitor = form.cookies().to_owned();
    let mut body = format!("--x\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n").into_bytes();
    body.resize(credentials::UPLOAD_BYTES_MAX - 100, 0xff);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let head = format!(
        "POST /verify HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nCookie: {visitor}\r\nContent-Length: {}\r\n",
        body.len()
    );
    let before = resident_kib();
    let most = thread::scope(|scope| {
        let clients: Vec<_> = (0..200).map(|_| scope.spawn(|| raw(address, &head, &body))).collect();
        let mut most = 0;
        while clients.iter().any(|client| !client.is_finished()) {
            most = most.max(resident_kib());
            thread::yield_now();
        }
        for client in clients {
            let answer = client.join().unwrap();
            // Who is turned away while still sending may find the connection closed.
            assert!(answer.is_empty() || answer.contains(" 200 ") || answer.contains(" 503 "), "{answer}");
        }
        most
    });
    let grown = most.saturating_sub(before) / 1024;
    println!("200 clients with {} bytes each: {grown} MiB more", body.len());
    assert!(grown < 600, "{grown} MiB");
}
