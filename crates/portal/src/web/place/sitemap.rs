//! `/robots.txt` and the sitemap (sitemaps.org): an index, and parts of ten thousand addresses that are written while they are read.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use kernel::{Error, Result as Outcome};
use store::{Statement, Store, Tx, params};
use web::{Cx, Path};

/// Addresses in a part.
const PART: usize = 10_000;
/// Addresses read at once.
const BATCH: usize = 1_000;
/// Pages that stand alone.
const PAGES: [&str; 7] = ["/", "/search", "/places", "/places/reach", "/near", "/figures", "/calendar"];

/// What a part lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pages,
    Regions,
    Orgs,
    Offers,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Pages, Kind::Regions, Kind::Orgs, Kind::Offers];

    const fn as_str(self) -> &'static str {
        match self {
            Kind::Pages => "pages",
            Kind::Regions => "regions",
            Kind::Orgs => "orgs",
            Kind::Offers => "offers",
        }
    }

    /// Key, table and condition, and where the page of a key is.
    const fn source(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Kind::Pages => None,
            Kind::Regions => Some(("code", "region WHERE valid_to IS NULL AND level > 1", "/places/")),
            Kind::Orgs => Some(("org_id", "org WHERE closed_on IS NULL", "/orgs/")),
            Kind::Offers => Some(("offer_id", "offer WHERE status = 'published'", "/offers/")),
        }
    }

    /// So many keys after one.
    fn keys(self, tx: &mut Tx, after: &str, limit: usize, skip: usize) -> Outcome<Vec<String>> {
        let Some((key, rows, _)) = self.source() else { return Ok(Vec::new()) };
        let text =
            format!("SELECT {key} FROM {rows} AND {key} > $1 ORDER BY {key} LIMIT {limit} OFFSET {skip}");
        let keys: Vec<(String,)> = tx.all(Statement::dynamic(text), params![after])?;
        Ok(keys.into_iter().map(|(key,)| key).collect())
    }
}

/// Which parts there are. A part is named by the last key before it, so that it stays the same while others are added behind it.
pub(super) async fn index(cx: Cx) -> web::Result<Response> {
    let parts = cx
        .store
        .read(|tx| {
            let mut parts = vec!["pages.xml".to_owned()];
            for kind in Kind::ALL.into_iter().filter(|kind| kind.source().is_some()) {
                if kind.keys(tx, "", 1, 0)?.is_empty() {
                    continue;
                }
                parts.push(format!("{}.xml", kind.as_str()));
                let mut after = String::new();
                while let Some(last) = kind.keys(tx, &after, 1, PART - 1)?.pop() {
                    if kind.keys(tx, &last, 1, 0)?.is_empty() {
                        break;
                    }
                    parts.push(format!("{}-{last}.xml", kind.as_str()));
                    after = last;
                }
            }
            Ok(parts)
        })
        .await?;
    let mut xml = String::from(HEAD);
    xml.push_str("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for part in parts {
        let _ = writeln!(
            xml,
            "<sitemap><loc>{}</loc></sitemap>",
            escaped(&cx.absolute(&format!("/sitemap/{part}")))
        );
    }
    xml.push_str("</sitemapindex>\n");
    Ok((XML, xml).into_response())
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const XML: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];

/// A part: `/sitemap/offers.xml`, `/sitemap/offers-KEY.xml`.
pub(super) async fn part(cx: Cx, Path(file): Path<String>) -> web::Result<Response> {
    let name = file.strip_suffix(".xml").ok_or_else(Error::missing)?;
    let (word, after) = name.split_once('-').unwrap_or((name, ""));
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(Error::missing)?;
    let mut begin = String::from(HEAD);
    begin.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    if kind == Kind::Pages {
        PAGES.iter().for_each(|path| begin.push_str(&line(&cx, path)));
    }
    let state = Some((begin, after.to_owned(), PART));
    let store = cx.store.clone();
    let lines = stream::unfold(state, move |state| {
        let (cx, store) = (cx.clone(), store.clone());
        async move {
            let (begin, after, left) = state?;
            match batch(&cx, &store, kind, begin, after, left).await {
                Ok((text, state)) => Some((Ok(text), state)),
                // A file that ends in the middle must not look whole: the connection breaks.
                Err(error) => Some((Err(std::io::Error::other(format!("{error:?}"))), None)),
            }
        }
    });
    // Fused, because what compresses the answer asks again after its end.
    Ok((XML, Body::from_stream(lines.fuse())).into_response())
}

type State = Option<(String, String, usize)>;

async fn batch(
    cx: &Cx,
    store: &Store,
    kind: Kind,
    mut text: String,
    after: String,
    left: usize,
) -> Outcome<(String, State)> {
    let size = left.min(BATCH);
    let keys = store.read(move |tx| kind.keys(tx, &after, size, 0)).await?;
    let address = kind.source().map_or("", |(_, _, address)| address);
    for key in &keys {
        text.push_str(&line(cx, &format!("{address}{key}")));
    }
    let left = left - keys.len();
    match keys.last() {
        Some(last) if keys.len() == size && left > 0 => Ok((text, Some((String::new(), last.clone(), left)))),
        _ => {
            text.push_str("</urlset>\n");
            Ok((text, None))
        }
    }
}

fn line(cx: &Cx, path: &str) -> String {
    format!("<url><loc>{}</loc></url>\n", escaped(&cx.absolute(path)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What programs may look through: what everybody finds by links. A demonstration is made up and belongs into no search engine.
pub(super) async fn robots(cx: Cx) -> Response {
    let text = if cx.site.demo {
        "User-agent: *\nDisallow: /\n".to_owned()
    } else {
        let closed = ["/api/", "/desk", "/log/", "/me", "/passport", "/sign-in", "/second-factor", "/teach"];
        let closed: String = closed.iter().map(|path| format!("Disallow: {path}\n")).collect();
        format!(
            "User-agent: *\n{closed}Disallow: /*?*lang=\nDisallow: /*?*scale=\nSitemap: {}\n",
            cx.absolute("/sitemap.xml")
        )
    };
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
