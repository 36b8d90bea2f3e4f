//! The desk of those who write offers. The only part of the crate that knows HTTP.

mod api;
mod edit;
mod list;
mod status;

use kernel::{Right, plain_digit};
use web::{Access, Routes};

pub use list::{NextClass, OfferList};
use web::list::view::yuan;

/// Staff of any organisation come in; each handler and command asks for the concrete one.
const STAFF: Access = Access::Right(Right::ManageOffers);

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/desk/offers", STAFF, list::page)
        .get("/desk/orgs/{org}/offers", STAFF, list::of_org)
        .get("/desk/orgs/{org}/offers/new", STAFF, edit::new_form)
        .post("/desk/orgs/{org}/offers/new", STAFF, edit::draft)
        .get("/desk/offers/{id}/edit", STAFF, edit::edit_form)
        .post("/desk/offers/{id}/edit", STAFF, edit::save)
        .get("/desk/offers/{id}/publish", STAFF, status::ask_publish)
        .post("/desk/offers/{id}/publish", STAFF, status::publish)
        .get("/desk/offers/{id}/withdraw", STAFF, status::ask_withdraw)
        .post("/desk/offers/{id}/withdraw", STAFF, status::withdraw)
        .merge(api::routes())
}

/// Reads a price in yuan with at most two decimals. An empty text is free.
pub fn fen(text: &str) -> Option<i64> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | ' ' | '元' | '¥' | '￥'))
        .map(|c| match c {
            '．' | '。' => '.',
            other => plain_digit(other),
        })
        .collect();
    if plain.is_empty() {
        return Some(0);
    }
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::{fen, yuan};

    #[test]
    fn prices_are_read_as_they_are_written() {
        for amount in [0, 5, 50, 100, 1_250, 1_205, 1_000_000] {
            assert_eq!(fen(&yuan(amount)), Some(amount));
        }
        assert_eq!(
            ["", "１２．５", "￥1,200", "25元"].map(fen),
            [Some(0), Some(1_250), Some(120_000), Some(2_500)]
        );
        assert_eq!(["-1", "1.234", "abc", ".5", "1.2.3", "99999999999"].map(fen), [None; 6]);
    }
}
