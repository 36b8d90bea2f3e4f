//! Pages: what came to my places, what my organisation sent, and what came back.

mod api;
mod inbox;
mod overview;
mod place;
mod results;
mod write;

use askama::Template;
use kernel::{Actor, Result};
use serde::{Serialize, de::DeserializeOwned};
use store::Tx;
use web::{Access, Cx, Form, Rank, Routes};

use crate::{FILE_BYTES_MAX, RIGHT, fields::Field};

/// Longest form with an answer, in bytes: as long as an answer may be, in the spelling of forms.
const ANSWER_FORM_MAX: usize = 1024 * 1024;

/// This domain's routes. Whose notice it is, and for which place somebody acts, the commands ask.
pub fn routes() -> Routes {
    let desk = Access::Right(RIGHT);
    let files = Routes::new()
        .get("/desk/notices/sent/{notice}/answers", desk, results::sheet)
        .get("/desk/notices/sent/{notice}/file", desk, results::file)
        .upload("/desk/notices/for/{org}/{notice}/file", desk, FILE_BYTES_MAX + 64 * 1024, place::hand_over)
        .ranked(Rank::Heavy);
    Routes::new()
        .get("/desk/notices", desk, inbox::came)
        .get("/desk/notices/sent", desk, inbox::sent)
        .get("/desk/notices/new", desk, write::new_form)
        .upload("/desk/notices/new", desk, ANSWER_FORM_MAX, write::draft)
        .get("/desk/notices/sent/{notice}", desk, overview::show)
        .get("/desk/notices/sent/{notice}/edit", desk, write::edit_form)
        .upload("/desk/notices/sent/{notice}/edit", desk, ANSWER_FORM_MAX, write::save)
        .get("/desk/notices/sent/{notice}/places", desk, inbox::places)
        .post("/desk/notices/sent/{notice}/send", desk, overview::send)
        .post("/desk/notices/sent/{notice}/remind", desk, overview::remind)
        .post("/desk/notices/sent/{notice}/extend", desk, overview::extend)
        .post("/desk/notices/sent/{notice}/close", desk, overview::close)
        .post("/desk/notices/sent/{notice}/withdraw", desk, overview::withdraw)
        .get("/desk/notices/sent/{notice}/of/{org}", desk, results::one)
        .post("/desk/notices/sent/{notice}/of/{org}/return", desk, results::give_back)
        .get("/desk/notices/for/{org}/{notice}", desk, place::show)
        .upload("/desk/notices/for/{org}/{notice}", desk, ANSWER_FORM_MAX, place::answer)
        .get("/desk/notices/for/{org}/{notice}/table", desk, place::blank)
        .merge(files)
        .merge(api::routes())
}

/// Does a command once, however often its form is sent. What it is about, with its kind, is what the key stands for.
async fn once<B, A>(
    cx: &Cx,
    form: &Form,
    name: &'static str,
    about: B,
    work: impl Fn(&mut Tx, &Actor, &B) -> Result<A> + Send + 'static,
) -> Result<A>
where
    B: Serialize + Send + 'static,
    A: Serialize + DeserializeOwned + Send + 'static,
{
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx.store.write(name, move |tx| {
        journal::once(tx, &actor, &key, &(name, &about), |tx| work(tx, &actor, &about))
    });
    write.await
}

/// A value of a column as a page writes it.
fn shown(cx: &Cx, field: &Field, value: &str) -> String {
    use crate::FieldKind;
    match (field.kind, value) {
        (_, "") => "–".to_owned(),
        (FieldKind::YesNo, "yes") => cx.t("notices-yes"),
        (FieldKind::YesNo, _) => cx.t("notices-no"),
        (FieldKind::Whole, number) => {
            number.parse::<i64>().map_or_else(|_| number.to_owned(), |n| cx.number(n))
        }
        (_, value) => value.to_owned(),
    }
}

/// The text of a notice in its lines; empty ones part paragraphs.
fn paragraphs(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Answers with a page, or under 422 if its form was refused.
fn answer(cx: &Cx, refused: bool, page: &impl Template) -> web::Result {
    if refused { cx.invalid(page) } else { cx.page(page) }
}
