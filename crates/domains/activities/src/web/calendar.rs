//! `/calendar/{class}.ics`: the sessions of a class for the calendar of a telephone (RFC 5545).

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Error, Timestamp};
use network::Organisation;
use web::{Cx, Path};

use crate::{
    model::{Class, ClassId, Session},
    read,
};

/// Answers with the calendar of a class.
pub async fn class(cx: Cx, Path(file): Path<String>) -> web::Result<Response> {
    let id = file.strip_suffix(".ics").ok_or_else(Error::missing)?;
    let class_id: ClassId = id.parse()?;
    let (class, org, sessions) = cx
        .store
        .read(move |tx| {
            let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
            let org = network::org(tx, class.org_id)?.ok_or_else(Error::missing)?;
            let sessions = read::sessions_of_class(tx, class.org_id, class_id)?;
            Ok((class, org, sessions))
        })
        .await?;
    let url = cx.absolute(&format!("/offers/{}", class.offer_id));
    let text = calendar(&class, &org, &sessions, &url, cx.now);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"class.ics\""),
    ];
    Ok((headers, text).into_response())
}

fn calendar(class: &Class, org: &Organisation, sessions: &[Session], url: &str, now: Timestamp) -> String {
    let mut out = String::new();
    let mut line = |text: String| fold(&text, &mut out);
    line("BEGIN:VCALENDAR".into());
    line("VERSION:2.0".into());
    line("PRODID:-//Xuecheng//Xuecheng//ZH".into());
    let place = format!("{} {} {}", org.address, class.venue, class.room);
    for session in sessions {
        line("BEGIN:VEVENT".into());
        line(format!("UID:{}@xuecheng", session.session_id));
        line(format!("DTSTAMP:{}", utc(now)));
        line(format!("DTSTART:{}", utc(session.starts_at)));
        line(format!("DTEND:{}", utc(session.ends_at)));
        line(format!("SUMMARY:{} ({}/{})", escaped(&class.title), session.number, class.sessions));
        line(format!("LOCATION:{}", escaped(place.trim())));
        line(format!("URL:{url}"));
        if class.status == "cancelled" {
            line("STATUS:CANCELLED".into());
        }
        line("END:VEVENT".into());
    }
    line("END:VCALENDAR".into());
    out
}

fn utc(at: Timestamp) -> String {
    at.rfc3339().replace(['-', ':'], "")
}

/// Section 3.3.11: backslash, semicolon, comma and line ends are escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// Section 3.1: lines end in CR LF and are folded at 75 octets, never inside a character.
fn fold(text: &str, out: &mut String) {
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > 74 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::{escaped, fold};

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut out = String::new();
        fold(&"书".repeat(60), &mut out);
        assert!(out.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(out.replace("\r\n ", "").trim_end(), "书".repeat(60));
        assert_eq!(escaped("a;b,c\\\n"), "a\\;b\\,c\\\\\\n");
    }
}
