//! Sessions as calendar files (RFC 5545), for one class or for all that a place or a search has: one text that telephones subscribe to.
//!
//! A session has the same UID in every calendar, so that who subscribes to two of them sees it once.

use kernel::Timestamp;
use network::Organisation;

use crate::model::{Class, Session};

/// How often who subscribes should ask again.
const REFRESH: &str = "PT6H";

/// A calendar in the making.
pub struct Calendar {
    text: String,
    now: Timestamp,
}

impl Calendar {
    /// Begins a calendar under a name; `now` is the moment at which it is made.
    pub fn new(name: &str, now: Timestamp) -> Self {
        let mut calendar = Self { text: String::new(), now };
        for line in
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Xuecheng//Xuecheng//ZH", "CALSCALE:GREGORIAN"]
        {
            calendar.line(line);
        }
        calendar.line("METHOD:PUBLISH");
        // NAME and REFRESH-INTERVAL are RFC 7986; the older names are what most telephones read.
        calendar.line(&format!("NAME:{}", escaped(name)));
        calendar.line(&format!("X-WR-CALNAME:{}", escaped(name)));
        calendar.line(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
        calendar.line(&format!("X-PUBLISHED-TTL:{REFRESH}"));
        calendar
    }

    /// Adds a session; `url` is where a reader goes on. One that was cancelled says so, instead of vanishing from who subscribed.
    pub fn add(&mut self, class: &Class, session: &Session, org: &Organisation, url: &str) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}@xuecheng", session.session_id));
        self.line(&format!("DTSTAMP:{}", utc(self.now)));
        self.line(&format!("DTSTART:{}", utc(session.starts_at)));
        self.line(&format!("DTEND:{}", utc(session.ends_at)));
        self.line(&format!("SEQUENCE:{}", class.rev));
        self.line(&format!("SUMMARY:{} ({}/{})", escaped(&class.title), session.number, class.sessions));
        let place = format!("{} {} {}", org.address, class.venue, class.room);
        self.line(&format!("LOCATION:{}", escaped(place.trim())));
        // A position that was not measured would lead people to a wrong door.
        if let (Some(lon), Some(lat), true) = (org.lon, org.lat, org.place_note.is_empty()) {
            self.line(&format!("GEO:{lat};{lon}"));
        }
        self.line(&format!("URL:{url}"));
        self.line(if class.status == "cancelled" { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        self.line("END:VEVENT");
    }

    /// Ends it.
    pub fn finish(mut self) -> String {
        self.line("END:VCALENDAR");
        self.text
    }

    fn line(&mut self, text: &str) {
        fold(text, &mut self.text);
    }
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
