//! A finished page with blanks: everything in it is the same for everybody but the tokens of its forms, which are written in for each who asks.
//!
//! A compressed page is put together from pieces that were compressed apart, with each token between them as a stored block (RFC 1951
//! section 3.2.4), and a checksum that is combined from those of the pieces (RFC 1952 section 2.3.1): so nothing is compressed anew.

use std::io::Read as _;

use axum::body::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status, read::GzDecoder};

/// What is written into a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blank {
    /// The token of the visit ([`Cx::csrf`](crate::Cx::csrf)).
    Token,
    /// A fresh key ([`Cx::fresh_key`](crate::Cx::fresh_key)).
    Key,
}

/// Most blanks of a page that is kept.
const BLANKS_MAX: usize = 16;
/// Longest text of a blank: a stored block holds no more.
const BLANK_BYTES_MAX: usize = u16::MAX as usize;
/// Head of a gzip file: deflate, no name, no time, unknown system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

struct Piece {
    /// As it is sent: compressed, if the page is.
    bytes: Bytes,
    /// Of the text, with its length.
    sum: Crc,
}

/// The pieces of a page and what belongs between them; there is one piece more than blanks.
pub(crate) struct Blanked {
    pieces: Vec<Piece>,
    blanks: Vec<Blank>,
    gzip: bool,
}

impl Blanked {
    /// Cuts a body at the texts that stand in its blanks now. `None` unless each stands there exactly once.
    pub(crate) fn cut(body: &Bytes, gzip: bool, blanks: &[(Blank, String)], level: u32) -> Option<Self> {
        if blanks.len() > BLANKS_MAX {
            return None;
        }
        let text = if gzip { unpacked(body)? } else { body.clone() };
        let words = std::str::from_utf8(&text).ok()?;
        let mut places = Vec::new();
        for (blank, value) in blanks {
            let mut found = words.match_indices(value.as_str());
            let (at, _) = found.next()?;
            if found.next().is_some() {
                return None;
            }
            places.push((at, at + value.len(), *blank));
        }
        places.sort_unstable_by_key(|place| place.0);
        let mut pieces = Vec::new();
        let mut from = 0;
        let ends = places.iter().map(|place| (place.0, place.1)).chain([(text.len(), text.len())]);
        for (end, next) in ends {
            // Values that overlap are no values of blanks.
            let part = text.get(from..end)?;
            let mut sum = Crc::new();
            sum.update(part);
            let last = pieces.len() == places.len();
            let bytes =
                if gzip { Bytes::from(deflated(part, level, last)?) } else { Bytes::copy_from_slice(part) };
            pieces.push(Piece { bytes, sum });
            from = next;
        }
        Some(Self { pieces, blanks: places.into_iter().map(|place| place.2).collect(), gzip })
    }

    /// Bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        self.pieces.iter().map(|piece| piece.bytes.len() + size_of::<Piece>()).sum()
    }

    /// The body with its blanks filled in. Texts are of ASCII letters and digits and stand in the page as they are.
    pub(crate) fn filled(&self, mut fill: impl FnMut(Blank) -> String) -> Bytes {
        let mut body = Vec::with_capacity(self.size() + 128 * self.blanks.len());
        let mut sum = Crc::new();
        if self.gzip {
            body.extend_from_slice(&GZIP_HEAD);
        }
        for (number, piece) in self.pieces.iter().enumerate() {
            body.extend_from_slice(&piece.bytes);
            if self.gzip {
                sum.combine(&piece.sum);
            }
            let Some(blank) = self.blanks.get(number) else { continue };
            let mut text = fill(*blank);
            text.truncate(BLANK_BYTES_MAX);
            if self.gzip {
                let length = text.len() as u16;
                body.push(0);
                body.extend_from_slice(&length.to_le_bytes());
                body.extend_from_slice(&(!length).to_le_bytes());
                let mut own = Crc::new();
                own.update(text.as_bytes());
                sum.combine(&own);
            }
            body.extend_from_slice(text.as_bytes());
        }
        if self.gzip {
            body.extend_from_slice(&sum.sum().to_le_bytes());
            body.extend_from_slice(&sum.amount().to_le_bytes());
        }
        Bytes::from(body)
    }
}

fn unpacked(body: &Bytes) -> Option<Bytes> {
    let mut text = Vec::new();
    GzDecoder::new(body.as_ref()).read_to_end(&mut text).ok()?;
    Some(Bytes::from(text))
}

/// Blocks that end at the border of a byte, so that a stored block can follow; the last piece ends the stream.
fn deflated(part: &[u8], level: u32, last: bool) -> Option<Vec<u8>> {
    let mut compress = Compress::new(Compression::new(level), false);
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Full };
    let mut out = Vec::with_capacity(part.len() / 2 + 64);
    loop {
        let taken = usize::try_from(compress.total_in()).ok()?;
        let room = out.capacity() - out.len();
        let status = compress.compress_vec(part.get(taken..)?, &mut out, flush).ok()?;
        let whole = usize::try_from(compress.total_in()).ok()? == part.len();
        // A flush is over when it leaves room.
        if status == Status::StreamEnd || (!last && whole && out.len() < out.capacity()) {
            return Some(out);
        }
        if room > 0 && status == Status::BufError {
            return None;
        }
        out.reserve(part.len() / 2 + 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "QmFzZTY0dXJsLXRva2Vu";
    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn page(token: &str, key: &str) -> String {
        let rest = "<p>学习 learning</p>".repeat(400);
        format!("<form><input value=\"{token}\">{rest}<input value=\"{key}\"></form>")
    }

    fn blanks() -> Vec<(Blank, String)> {
        vec![(Blank::Key, KEY.to_owned()), (Blank::Token, TOKEN.to_owned())]
    }

    fn packed(text: &str) -> Bytes {
        let mut out = Vec::new();
        flate2::read::GzEncoder::new(text.as_bytes(), Compression::new(4)).read_to_end(&mut out).unwrap();
        Bytes::from(out)
    }

    fn fill(token: &str, key: &str) -> impl FnMut(Blank) -> String {
        move |blank| if blank == Blank::Token { token.to_owned() } else { key.to_owned() }
    }

    #[test]
    fn each_gets_the_page_with_her_own_texts() {
        let body = page(TOKEN, KEY);
        let plain = Blanked::cut(&Bytes::from(body.clone()), false, &blanks(), 4).unwrap();
        let zipped = Blanked::cut(&packed(&body), true, &blanks(), 4).unwrap();
        for (token, key) in [(TOKEN, KEY), ("another", "k"), ("", ""), (&"x".repeat(70_000)[..60_000], "键")]
        {
            let wanted = page(token, key);
            assert_eq!(plain.filled(fill(token, key)), wanted.as_bytes());
            let filled = zipped.filled(fill(token, key));
            let mut decoder = GzDecoder::new(filled.as_ref());
            let mut text = String::new();
            decoder.read_to_string(&mut text).expect("the checksum is right");
            assert_eq!(text, wanted);
        }
        assert!(zipped.size() < plain.size() / 4);
    }

    #[test]
    fn a_page_whose_blanks_are_not_plain_is_not_cut() {
        let twice = Bytes::from(format!("{TOKEN} {TOKEN} {KEY}"));
        assert!(Blanked::cut(&twice, false, &blanks(), 4).is_none());
        assert!(Blanked::cut(&Bytes::from_static(b"nothing"), false, &blanks(), 4).is_none());
        let overlapping = vec![(Blank::Key, "abc".to_owned()), (Blank::Token, "bcd".to_owned())];
        assert!(Blanked::cut(&Bytes::from_static(b"-abcd-"), false, &overlapping, 4).is_none());
        assert!(Blanked::cut(&Bytes::from_static(b"no gzip"), true, &[], 4).is_none());
        let many = vec![(Blank::Key, "k".to_owned()); BLANKS_MAX + 1];
        assert!(Blanked::cut(&Bytes::from_static(b"k"), false, &many, 4).is_none());
    }
}
