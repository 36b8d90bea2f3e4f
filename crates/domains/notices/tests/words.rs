//! The words of the pages.

#[test]
fn no_words_are_missing_or_idle() {
    // Linked, so that the words of the crates below are registered.
    let routes = notices::routes();
    assert!(routes.table().iter().any(|route| route.path == "/desk/notices"));
    web::testing::check_words(env!("CARGO_MANIFEST_DIR"), &["notices-aim-", "notices-kind-"]);
}
