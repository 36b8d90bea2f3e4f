//! `/desk/attendances`: the attendances of all organisations whose work somebody sees.

use std::sync::Arc;

use kernel::Right;
use network::place_choices;
use people::Vault;
use store::Tx;
use web::{
    Choice, Cx,
    list::{
        Query,
        view::{Filter, View, load},
    },
};

use crate::{ATTENDANCES, AttendanceList};

/// `/desk/attendances?from=…&org=…&class=…&method=…&cols=…&after=…`
pub(super) async fn page(cx: Cx) -> web::Result {
    let query = Query::read(&ATTENDANCES, cx.params());
    let list = Arc::new(AttendanceList { vault: cx.get::<Vault>()? });
    let (actor, asked) = (cx.actor.clone(), query.clone());
    let more = move |tx: &mut Tx| {
        let class = match asked.filter_as("class") {
            Some(id) => activities::class(tx, id)?.map(|class| class.title),
            None => None,
        };
        Ok((place_choices(tx, &actor, Right::SeeDesk, &asked)?, class))
    };
    let (slice, count, (places, class)) = load(&cx, list, &query, more).await?;
    let method = ["code", "card", "roll"].map(|word| Choice::new(word, cx.tk("learning-method", word)));
    let status = ["valid", "reversed"].map(|word| Choice::new(word, cx.tk("learning-status", word)));
    let mut filters = vec![
        Filter::day("from", cx.t("learning-list-from")),
        Filter::day("to", cx.t("learning-list-to")),
        Filter::choice("method", cx.t("learning-list-method"), method.to_vec()),
        Filter::choice("status", cx.t("learning-list-status"), status.to_vec()),
        Filter::choice("region", cx.t("learning-list-region"), places.regions),
        Filter::choice("org", cx.t("learning-list-org"), places.orgs),
        Filter::fixed("class", cx.t("learning-list-class"), class.unwrap_or_default()),
    ];
    if places.org.is_some() {
        let own = vec![Choice::new(1, cx.t("learning-list-own"))];
        filters.push(Filter::choice("own", cx.t("learning-list-reach"), own));
    }
    let view = View {
        cx: &cx,
        query: &query,
        path: "/desk/attendances".to_owned(),
        title: cx.t("learning-list-title"),
        lead: cx.t("learning-list-lead"),
        crumbs: Vec::new(),
        actions: Vec::new(),
        filters,
        search: String::new(),
        slice,
        count,
        counted: ["learning-list-count", "learning-list-count-more"],
        nothing: cx.t("learning-list-nothing"),
        beginning: &["org", "own"],
        pick: None,
        export: Some("/desk/attendances/export".to_owned()),
    };
    view.page()
}
