//! The privacy notice to which people agree. A change of its words is a new [`PRIVACY_NOTICE`].

use ::web::{Access, Cx, Routes};
use askama::Template;

use crate::PRIVACY_NOTICE;

pub(super) fn routes() -> Routes {
    Routes::new().get("/about/privacy", Access::Public, privacy)
}

/// Sections of the notice, by their keys `people-privacy-…` and `people-privacy-…-text`.
const SECTIONS: [&str; 8] = ["what", "why", "where", "browser", "who", "long", "rights", "contact"];

#[derive(Template)]
#[template(path = "people_privacy.html")]
struct Privacy<'a> {
    cx: &'a Cx,
    sections: Vec<(String, String)>,
    version: &'static str,
}

async fn privacy(cx: Cx) -> ::web::Result {
    let phone = if cx.site.phone.is_empty() { "—".to_owned() } else { cx.site.phone.clone() };
    let section = |name: &&str| {
        let key = format!("people-privacy-{name}");
        (cx.t(&key), cx.t1(&format!("{key}-text"), "phone", &phone))
    };
    let sections = SECTIONS.iter().map(section).collect();
    cx.page(&Privacy { cx: &cx, sections, version: PRIVACY_NOTICE })
}
