//! Reads what `strace -f -y -xx` saw, and judges whether each acknowledgement followed the flush of its own bytes.
//!
//! Lines are in the order in which the tracer stopped the threads: at the entry of a call before the system runs it, and at its
//! exit after it is done. So a flush whose exit stands above the entry of an answer was over before the answer began.

/// What a call did that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Receive,
    Send,
    Write,
    Flush,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: Kind,
    /// Path of the file or name of the socket.
    pub file: String,
    pub bytes: Vec<u8>,
    /// Where in the file, of writes that say so.
    pub offset: u64,
    /// Line at which it was entered.
    pub begun: usize,
    /// Line at which it was done.
    pub ended: usize,
    /// Whether the system did it.
    pub done: bool,
}

/// A command that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Bytes of the request that no other request has.
    pub request: String,
    /// Bytes that its transaction and no earlier one puts into the database.
    pub kept: String,
}

fn kind(call: &str) -> Option<Kind> {
    Some(match call {
        "read" | "readv" | "recvfrom" | "recvmsg" => Kind::Receive,
        "sendto" | "sendmsg" => Kind::Send,
        // On a socket these are answers; `events` sorts them by what they write to.
        "write" | "writev" | "pwrite64" => Kind::Write,
        "fsync" | "fdatasync" => Kind::Flush,
        _ => return None,
    })
}

fn unescaped(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len() / 4), text.as_bytes());
    while let [first, more @ ..] = rest {
        if let ([b'x', high, low, ..], b'\\') = (more, *first) {
            let digit = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
            out.push(digit(*high) << 4 | digit(*low));
            rest = &more[3..];
        } else {
            out.push(*first);
            rest = more;
        }
    }
    out
}

/// All calls that matter, in the order of their ends.
pub fn events(trace: &str) -> Vec<Event> {
    let mut open: std::collections::HashMap<&str, (usize, String)> = std::collections::HashMap::new();
    let mut events = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(begun) = text.strip_suffix("<unfinished ...>") {
            open.insert(thread, (number, begun.to_owned()));
        } else if let Some(rest) = text.strip_prefix("<... ") {
            if let (Some((begun, head)), Some((_, tail))) =
                (open.remove(thread), rest.split_once(" resumed>"))
            {
                events.extend(event(&format!("{}{tail}", head.trim_end()), begun, number));
            }
        } else {
            events.extend(event(text, number, number));
        }
    }
    // A call that was entered and never left (the process died) was not done, so it is no flush and no answer.
    events
}

fn event(text: &str, begun: usize, ended: usize) -> Option<Event> {
    let (call, rest) = text.split_once('(')?;
    let mut kind = kind(call)?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let file = arguments.split_once('<')?.1.split_once('>')?.0;
    let file = String::from_utf8_lossy(&unescaped(file)).into_owned();
    if kind == Kind::Write && (file.starts_with("socket:") || file.starts_with("TCP")) {
        kind = Kind::Send;
    }
    // Strings are the odd pieces between quotation marks: `-xx` leaves none inside of them.
    let bytes: Vec<u8> = arguments.split('"').skip(1).step_by(2).flat_map(unescaped).collect();
    let offset = match call {
        "pwrite64" => arguments.trim_end().trim_end_matches(')').rsplit_once(", ")?.1.parse().ok()?,
        _ => 0,
    };
    let done = !result.starts_with('-') && !result.contains("INJECTED");
    Some(Event { kind, file, bytes, offset, begun, ended, done })
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// What is wrong: one line for each command whose success was told before a flush of the log held its transaction.
pub fn judge(events: &[Event], sent: &[Sent]) -> Vec<String> {
    sent.iter().filter_map(|command| judged(events, command).err()).collect()
}

/// The request of a command and its answer of success.
fn exchange<'e>(events: &'e [Event], sent: &Sent) -> Result<(&'e Event, &'e Event), &'static str> {
    let asked = |e: &&Event| e.kind == Kind::Receive && e.done && holds(&e.bytes, &sent.request);
    let request = events.iter().find(asked).ok_or("the request was not seen")?;
    let answer = events
        .iter()
        .filter(|e| e.kind == Kind::Send && e.file == request.file && e.begun > request.ended)
        .min_by_key(|e| e.begun)
        .ok_or("there was no answer")?;
    if !answer.bytes.starts_with(b"HTTP/1.1 303 ") {
        return Err("the answer was no success");
    }
    Ok((request, answer))
}

/// As [`judge`], of a trace of program and PostgreSQL together. Sockets between them carry the protocol in clear; the session that was given
/// the command's bytes is asked for a `COMMIT`, the commit is written to the log and flushed, by whichever process, and only then comes the
/// session's answer, and after it that of the program.
pub fn judge_postgres(events: &[Event], sent: &[Sent]) -> Vec<String> {
    sent.iter().filter_map(|command| judged_postgres(events, command).err()).collect()
}

fn judged_postgres(events: &[Event], sent: &Sent) -> Result<(), String> {
    let failed = |what: &str| Err(format!("{}: {what}", sent.request));
    let (request, answer) = exchange(events, sent).map_err(|what| format!("{}: {what}", sent.request))?;
    let within = |e: &&Event| e.begun > request.ended && e.ended < answer.begun && e.done;
    // Both ends of the connection are traced; the server's is the one that hears.
    let told = events
        .iter()
        .filter(within)
        .find(|e| e.kind == Kind::Receive && holds(&e.bytes, &sent.kept) && e.file != request.file);
    let Some(told) = told else { return failed("no session of the server was told of it") };
    let session = |e: &&Event| e.file == told.file && e.ended >= told.ended;
    let commit = events
        .iter()
        .filter(within)
        .filter(session)
        .find(|e| e.kind == Kind::Receive && holds(&e.bytes, "COMMIT\0"));
    let Some(commit) = commit else { return failed("the server was not asked to commit it") };
    let confirmed = events
        .iter()
        .filter(within)
        .filter(session)
        .find(|e| e.kind == Kind::Send && e.begun > commit.ended && holds(&e.bytes, "COMMIT\0"));
    let Some(confirmed) = confirmed else {
        return failed("it was acknowledged before the server confirmed it");
    };
    let in_log = |e: &&Event| e.file.contains("/pg_wal/") && e.done && e.begun > request.ended;
    let written = events
        .iter()
        .filter(in_log)
        .find(|e| e.kind == Kind::Write && holds(&without_page_heads(e), &sent.kept));
    let Some(written) = written else { return failed("its bytes were not written to the log") };
    // The record of the commit is made after it was asked for, so it is in a write that begins later.
    let flushed = events.iter().filter(in_log).any(|flush| {
        flush.kind == Kind::Flush
            && flush.ended < confirmed.begun
            && flush.begun > written.ended
            && events.iter().filter(in_log).any(|e| {
                e.kind == Kind::Write
                    && e.file == flush.file
                    && e.begun > commit.ended
                    && e.ended < flush.begun
            })
    });
    if flushed { Ok(()) } else { failed("it was acknowledged before its bytes were flushed") }
}

/// Bytes of a page of PostgreSQL's log, and of what stands before the records in each page, and in the first one of a file.
const LOG_PAGE: u64 = 8_192;
const LOG_HEADS: (usize, usize) = (24, 40);

/// A record may be cut by the end of a page; here it is whole.
fn without_page_heads(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(event.bytes.len());
    for (n, page) in event.bytes.chunks(LOG_PAGE as usize).enumerate() {
        let first_of_file = n == 0 && event.offset == 0;
        let head = if first_of_file { LOG_HEADS.1 } else { LOG_HEADS.0 };
        bytes.extend_from_slice(page.get(head..).unwrap_or_default());
    }
    bytes
}

fn judged(events: &[Event], sent: &Sent) -> Result<(), String> {
    let failed = |what: &str| Err(format!("{}: {what}", sent.request));
    let (request, answer) = exchange(events, sent).map_err(|what| format!("{}: {what}", sent.request))?;
    let log: Vec<&Event> = events
        .iter()
        .filter(|e| e.kind == Kind::Write && e.file.ends_with("-wal") && e.begun > request.begun)
        .collect();
    let Some(first) = log.iter().position(|e| holds(&e.bytes, &sent.kept)) else {
        return failed("its bytes were not written to the log");
    };
    let Some(commit) = committed(&log, first) else {
        return failed("its transaction has no commit in the log");
    };
    let flushed = events.iter().any(|e| {
        e.kind == Kind::Flush
            && e.done
            && e.file == commit.file
            && e.begun > commit.ended
            && e.ended < answer.begun
    });
    if flushed { Ok(()) } else { failed("it was acknowledged before its bytes were flushed") }
}

/// Length of what stands before each page in the log (SQLite file format, section 4.1, "WAL file format").
const FRAME_HEADER: usize = 24;

/// The write of the page that ends the transaction of this write: the first from here on whose header tells a size of the database.
fn committed<'e>(log: &[&'e Event], first: usize) -> Option<&'e Event> {
    let header_of_first = log[..first].iter().rposition(|e| {
        e.bytes.len() == FRAME_HEADER && e.offset + FRAME_HEADER as u64 == log[first].offset
    })?;
    let (n, header) = log
        .iter()
        .enumerate()
        .skip(header_of_first)
        .find(|(_, e)| e.bytes.len() == FRAME_HEADER && e.bytes[4..8] != [0; 4])?;
    log[n..].iter().find(|e| e.offset == header.offset + FRAME_HEADER as u64).copied()
}

/// Recorded from the program and shortened: pages are cut to a few bytes, of two transactions one after the other.
const RECORDED: &str = r#"
701 recvfrom(9<socket:[5]>, "POST /classes/1/sign-up HTTP/1.1\x0d\x0a_key=aa01", 8192, 0, NULL, NULL) = 40
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "\x00\x00\x00\x07\x00\x00\x00\x00\x11\x11\x11\x11\x22\x22\x22\x22\x00\x00\x00\x01\x00\x00\x00\x02", 24, 32) = 24
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "page aa01", 9, 56) = 9
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "\x00\x00\x00\x08\x00\x00\x00\x2a\x11\x11\x11\x11\x22\x22\x22\x22\x00\x00\x00\x01\x00\x00\x00\x02", 24, 4152) = 24
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "page of the seat", 16, 4176) = 16
702 fdatasync(12<\x2fd\x2fxuecheng.db-wal> <unfinished ...>
703 recvfrom(10<socket:[6]>,  <unfinished ...>
702 <... fdatasync resumed>) = 0
703 <... recvfrom resumed>"POST /classes/2/sign-up HTTP/1.1\x0d\x0a_key=bb02", 8192, 0, NULL, NULL) = 40
701 sendto(9<socket:[5]>, "HTTP/1.1 303 See Other", 22, MSG_NOSIGNAL, NULL, 0) = 22
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "\x00\x00\x00\x08\x00\x00\x00\x2a\x11\x11\x11\x11\x22\x22\x22\x22\x00\x00\x00\x01\x00\x00\x00\x02", 24, 8272) = 24
702 pwrite64(12<\x2fd\x2fxuecheng.db-wal>, "page aa01 bb02", 14, 8296) = 14
702 fdatasync(12<\x2fd\x2fxuecheng.db-wal>) = 0
703 writev(10<socket:[6]>, [{iov_base="HTTP/1.1 303", iov_len=12}, {iov_base=" See Other", iov_len=10}], 2) = 22
"#;

fn recorded(change: impl Fn(&str) -> String) -> Vec<String> {
    let sent = ["aa01", "bb02"].map(|word| Sent { request: format!("_key={word}"), kept: word.to_owned() });
    judge(&events(&change(RECORDED.trim())), &sent)
}

#[test]
fn a_trace_as_it_should_be_is_good() {
    assert_eq!(recorded(str::to_owned), Vec::<String>::new());
}

#[test]
fn every_way_of_answering_too_early_is_found() {
    let lines: Vec<&str> = RECORDED.trim().lines().collect();
    let without = |unwanted: &[usize]| {
        let kept = lines.iter().enumerate().filter(|(n, _)| !unwanted.contains(n)).map(|(_, line)| *line);
        kept.collect::<Vec<_>>().join("\n")
    };
    let moved = |from: usize, to: usize| {
        let mut all = lines.clone();
        let line = all.remove(from);
        all.insert(to, line);
        all.join("\n")
    };
    let [early, later] = ["aa01", "bb02"].map(|word| format!("_key={word}: "));
    let unflushed = "it was acknowledged before its bytes were flushed";
    let found = |trace: String| recorded(|_| trace.clone());
    // No flush at all, as with `synchronous` turned off.
    assert_eq!(found(without(&[5, 7, 12])), [format!("{early}{unflushed}"), format!("{later}{unflushed}")]);
    // The flush of the one is none of the other.
    assert_eq!(found(without(&[12])), [format!("{later}{unflushed}")]);
    // Answered while the flush runs.
    assert_eq!(found(moved(9, 6)), [format!("{early}{unflushed}")]);
    assert_eq!(found(moved(13, 12)), [format!("{later}{unflushed}")]);
    // Flushed after the page, before the commit.
    assert_eq!(found(moved(12, 11)), [format!("{later}{unflushed}")]);
    let halfway = without(&[5, 7]).replacen("702 pwrite64(12<\\x2fd\\x2fxuecheng.db-wal>, \"\\x00\\x00\\x00\\x08", "702 fdatasync(12<\\x2fd\\x2fxuecheng.db-wal>) = 0\n702 pwrite64(12<\\x2fd\\x2fxuecheng.db-wal>, \"\\x00\\x00\\x00\\x08", 1);
    assert_eq!(found(halfway), [format!("{early}{unflushed}")]);
    // Another file, a failed flush, a flush that the tracer only pretended.
    let last = "702 fdatasync(12<\\x2fd\\x2fxuecheng.db-wal>) = 0";
    for instead in [
        "702 fdatasync(11<\\x2fd\\x2fxuecheng.db>) = 0",
        "702 fdatasync(12<\\x2fd\\x2fxuecheng.db-wal>) = -1 EIO (Input/output error)",
        "702 fdatasync(12<\\x2fd\\x2fxuecheng.db-wal>) = 0 (INJECTED)",
    ] {
        assert_eq!(recorded(|text| text.replace(last, instead)), [format!("{later}{unflushed}")]);
    }
    // What was not seen proves nothing.
    assert_eq!(found(without(&[8])), [format!("{later}the request was not seen")]);
    assert_eq!(found(without(&[13])), [format!("{later}there was no answer")]);
    assert_eq!(found(without(&[9, 13])).len(), 2);
    assert_eq!(found(without(&[10])), [format!("{later}its transaction has no commit in the log")]);
    assert_eq!(
        recorded(|text| text.replace("HTTP/1.1 303 See", "HTTP/1.1 503 See")),
        [format!("{early}the answer was no success")]
    );
    assert_eq!(
        recorded(|text| text.replace("page aa01 bb02", "page aa01")),
        [format!("{later}its bytes were not written to the log")]
    );
}
