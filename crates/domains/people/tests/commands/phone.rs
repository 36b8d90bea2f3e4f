//! Changing the telephone: by oneself with both codes, at a counter by the document, and numbers that operators give out again.

use kernel::{Actor, Grant, Id, Lang, Org, Person, Result, Role};
use people::{
    AtCounter, Attempt, Phone, PhoneAttempt, PhoneCodes, RoleAt, Vault, change_counter_phone,
    change_own_phone, drop_counter_phone, request_counter_phone, request_own_phone,
};
use store::{Tx, both_engines, testing::TestStore};

use super::common::{field, own, person, texts, vault, verified, wait, write};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    both_codes_change_the_telephone_and_end_other_sessions,
    wrong_codes_are_counted_and_a_code_opens_nothing_else,
    a_card_holder_adds_a_telephone,
    a_number_given_out_again_moves_to_who_proves_it,
    a_clerk_changes_it_by_the_document,
    staff_are_changed_by_the_security_administrator_only,
    who_gives_the_telephone_up_needs_a_card,
    two_who_want_one_number_do_not_share_it,
}

const OLD: &str = "19900000001";
const NEW: &str = "19900000002";

fn clerk(store: &TestStore, org: Id<Org>) -> Actor {
    Actor::Person { id: person(store, "李干事", None), grants: vec![Grant { role: Role::Staff, org }] }
}

fn number(digits: &str) -> Phone {
    digits.parse().unwrap()
}

/// The six digits in the first text that has these words.
fn code_in(texts: &[String], words: &str) -> String {
    let text = texts.iter().find(|text| text.contains(words)).unwrap();
    let at = text.find("码 ").unwrap() + "码 ".len();
    text[at..].chars().take(6).collect()
}

fn asked(store: &TestStore, who: Id<Person>, new: &'static str) -> Result<String> {
    write(store, move |tx, vault| {
        request_own_phone(tx, vault, &own(who), &number(new), Lang::Zh)?;
        people::own_phone_ticket(tx, vault, &own(who), &number(new))
    })
}

fn changed(store: &TestStore, who: Id<Person>, new: &'static str, codes: PhoneCodes) -> Result<PhoneAttempt> {
    write(store, move |tx, vault| {
        change_own_phone(tx, vault, &own(who), &number(new), &codes, &"s".repeat(43))
    })
}

fn codes(new: &str, old: &str, take: bool) -> PhoneCodes {
    PhoneCodes { new: new.to_owned(), old: old.to_owned(), take }
}

fn holder(store: &TestStore, phone: &'static str) -> Option<Id<Person>> {
    store.read_blocking(move |tx| people::person_by_phone(tx, &vault(), &number(phone))).unwrap()
}

fn phone_of(store: &TestStore, who: Id<Person>) -> Option<String> {
    store.read_blocking(move |tx| people::phone_of(tx, &vault(), who)).unwrap()
}

fn fields(attempt: PhoneAttempt) -> Vec<String> {
    match attempt {
        PhoneAttempt::Changed => vec!["changed".to_owned()],
        PhoneAttempt::Wrong(fields) => {
            fields.into_iter().map(|wrong| format!("{} {}", wrong.field, wrong.code.name)).collect()
        }
    }
}

fn both_codes_change_the_telephone_and_end_other_sessions(store: &TestStore) {
    let her = person(store, "刘桂兰", Some(OLD));
    let session = write(store, move |tx, _| people::open_session(tx, her, "here")).unwrap().token;
    write(store, move |tx, _| people::open_session(tx, her, "elsewhere")).unwrap();
    assert_eq!(field(&asked(store, her, OLD).unwrap_err()), "phone people.same_phone");
    let ticket = asked(store, her, NEW).unwrap();
    let now = store.clock().now();
    assert_eq!(people::own_new_phone(&vault(), now, her, &ticket).unwrap().digits(), NEW);
    let other = person(store, "别人", None);
    assert!(people::own_new_phone(&vault(), now, other, &ticket).is_err(), "the ticket is hers alone");
    let sent = texts(store);
    assert_eq!(sent.len(), 2);
    let right = codes(&code_in(&sent, "用于把这个号码"), &code_in(&sent, "有人申请"), false);
    let token = session.clone();
    let (again, sent_twice) = (right.clone(), right.clone());
    let change = move |tx: &mut Tx, vault: &Vault| {
        change_own_phone(tx, vault, &own(her), &number(NEW), &right, &token)
    };
    assert_eq!(write(store, change).unwrap(), PhoneAttempt::Changed);
    assert_eq!(changed(store, her, NEW, sent_twice).unwrap(), PhoneAttempt::Changed, "sent twice");
    assert_eq!((holder(store, OLD), holder(store, NEW)), (None, Some(her)));
    assert_eq!(phone_of(store, her).as_deref(), Some(NEW));
    let left = store.read_blocking(move |tx| people::sessions_of(tx, her, &session)).unwrap();
    assert_eq!(left.iter().map(|line| line.device.as_str()).collect::<Vec<_>>(), ["here"]);
    let told = texts(store);
    assert!(told.len() == 1 && told[0].contains("199****0002"), "{told:?}");
    // The codes are used up.
    assert_ne!(changed(store, her, OLD, again).unwrap(), PhoneAttempt::Changed);
    verified(store);
}

fn wrong_codes_are_counted_and_a_code_opens_nothing_else(store: &TestStore) {
    let her = person(store, "刘桂兰", Some(OLD));
    asked(store, her, NEW).unwrap();
    let sent = texts(store);
    let (new, old) = (code_in(&sent, "用于把这个号码"), code_in(&sent, "有人申请"));
    let wrong = changed(store, her, NEW, codes("x", "x", false)).unwrap();
    assert_eq!(fields(wrong), ["code people.code_wrong", "old_code people.code_wrong"]);
    // The other number's code is none, and neither signs anybody in.
    let swapped = changed(store, her, NEW, codes(&old, &new, false)).unwrap();
    assert_eq!(fields(swapped).len(), 2);
    for (phone, code) in [(OLD, old.clone()), (NEW, new.clone())] {
        let enter = move |tx: &mut Tx, vault: &Vault| people::redeem_code(tx, vault, &number(phone), &code);
        assert!(matches!(write(store, enter).unwrap(), Attempt::Wrong { .. }));
    }
    // Nor does anybody else use them for herself.
    let other = person(store, "别人", None);
    assert_eq!(
        fields(changed(store, other, NEW, codes(&new, "", false)).unwrap()),
        ["code people.code_wrong"]
    );
    assert_eq!(fields(changed(store, her, NEW, codes(&new, "x", false)).unwrap()).len(), 1);
    // Five tries were counted for the new number.
    let spent = changed(store, her, NEW, codes(&new, &old, false)).unwrap();
    assert_eq!(fields(spent), ["code people.code_spent"]);
    assert_eq!((holder(store, OLD), holder(store, NEW)), (Some(her), None));
    // A code for signing in changes nothing either.
    wait(store, 10);
    write(store, |tx, vault| people::request_code(tx, vault, &number(NEW), Lang::Zh)).unwrap();
    let sent = texts(store);
    let login = code_in(&sent, "验证码");
    assert_eq!(fields(changed(store, her, NEW, codes(&login, "", false)).unwrap()).len(), 2);
    verified(store);
}

fn a_card_holder_adds_a_telephone(store: &TestStore) {
    let her = person(store, "赵玉珍", None);
    asked(store, her, NEW).unwrap();
    let sent = texts(store);
    assert_eq!(sent.len(), 1);
    let right = codes(&code_in(&sent, "用于把这个号码"), "", false);
    assert_eq!(changed(store, her, NEW, right).unwrap(), PhoneAttempt::Changed);
    assert_eq!(holder(store, NEW), Some(her));
    assert_eq!(texts(store), Vec::<String>::new());
    let helped = Actor::Helper { id: her, helper: person(store, "女儿", None), may: kernel::Help::Act };
    let by_helper = move |tx: &mut Tx, vault: &Vault| {
        request_own_phone(tx, vault, &helped, &number("19900000003"), Lang::Zh)
    };
    assert!(write(store, by_helper).unwrap_err().is(&kernel::DENIED));
    verified(store);
}

fn a_number_given_out_again_moves_to_who_proves_it(store: &TestStore) {
    let (former, her) = (person(store, "周旧主", Some(NEW)), person(store, "刘桂兰", Some(OLD)));
    write(store, move |tx, _| people::open_session(tx, former, "phone")).unwrap();
    asked(store, her, NEW).unwrap();
    let sent = texts(store);
    let (new, old) = (code_in(&sent, "用于把这个号码"), code_in(&sent, "有人申请"));
    let refused = changed(store, her, NEW, codes(&new, &old, false)).unwrap_err();
    assert!(refused.is(&people::PHONE_HELD));
    assert_eq!(holder(store, NEW), Some(former));
    // The refusal has used nothing up.
    assert_eq!(changed(store, her, NEW, codes(&new, &old, true)).unwrap(), PhoneAttempt::Changed);
    assert_eq!((holder(store, NEW), holder(store, OLD)), (Some(her), None));
    assert_eq!(phone_of(store, former), None);
    let sessions = store.read_blocking(move |tx| people::sessions_of(tx, former, "")).unwrap();
    assert!(sessions.is_empty(), "whoever has the number now does not stay in the former account");
    // Who holds a role keeps the number.
    let org: Id<Org> = Id::derived(&[7; 16]);
    let teacher = person(store, "陈老师", Some("19900000003"));
    let cmd = RoleAt { person: teacher, role: Role::Teacher, org };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    wait(store, 10);
    asked(store, her, "19900000003").unwrap();
    let sent = texts(store);
    let right = codes(&code_in(&sent, "用于把这个号码"), &code_in(&sent, "有人申请"), true);
    let refused = changed(store, her, "19900000003", right).unwrap_err();
    assert!(refused.is(&people::PHONE_OF_STAFF));
    assert_eq!(holder(store, "19900000003"), Some(teacher));
    verified(store);
}

fn a_clerk_changes_it_by_the_document(store: &TestStore) {
    let org: Id<Org> = Id::derived(&[7; 16]);
    let (clerk, her) = (clerk(store, org), person(store, "阿依古丽 买买提", Some(OLD)));
    write(store, move |tx, _| people::open_session(tx, her, "lost")).unwrap();
    let at = AtCounter { person: her, org, staff: false };
    let ask = |by: Actor, name: &'static str| {
        write(store, move |tx, vault| {
            request_counter_phone(tx, vault, &by, at, Some(name), &number(NEW))?;
            people::counter_phone_ticket(tx, vault, &by, at, &number(NEW))
        })
    };
    assert_eq!(field(&ask(clerk.clone(), "阿依古丽").unwrap_err()), "name people.name_mismatch");
    assert!(ask(own(her), "阿依古丽 买买提").unwrap_err().is(&kernel::DENIED), "not her own");
    let ticket = ask(clerk.clone(), "阿依古丽买买提").unwrap();
    let now = store.clock().now();
    assert!(people::counter_new_phone(&vault(), now, &clerk, at, &ticket).is_ok());
    let elsewhere = AtCounter { org: Id::derived(&[8; 16]), ..at };
    assert!(people::counter_new_phone(&vault(), now, &clerk, elsewhere, &ticket).is_err());
    assert!(people::counter_new_phone(&vault(), now, &own(her), at, &ticket).is_err());
    let sent = texts(store);
    assert_eq!(sent.len(), 1, "the old number is not asked");
    let right = codes(&code_in(&sent, "用于把这个号码"), "", false);
    let put = |codes: PhoneCodes| {
        let by = clerk.clone();
        write(store, move |tx, vault| change_counter_phone(tx, vault, &by, at, &number(NEW), &codes))
    };
    assert_eq!(fields(put(codes("000000x", "", false)).unwrap()), ["code people.code_wrong"]);
    assert_eq!(put(right.clone()).unwrap(), PhoneAttempt::Changed);
    assert_eq!(put(right).unwrap(), PhoneAttempt::Changed, "sent twice");
    assert_eq!((holder(store, OLD), holder(store, NEW)), (None, Some(her)));
    assert_eq!(texts(store).len(), 2, "both numbers are told");
    assert!(store.read_blocking(move |tx| people::sessions_of(tx, her, "")).unwrap().is_empty());
    verified(store);
}

fn staff_are_changed_by_the_security_administrator_only(store: &TestStore) {
    let org: Id<Org> = Id::derived(&[7; 16]);
    let (clerk, teacher) = (clerk(store, org), person(store, "陈老师", Some(OLD)));
    let cmd = RoleAt { person: teacher, role: Role::Teacher, org };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    let ask = |staff: bool| {
        let (by, at) = (clerk.clone(), AtCounter { person: teacher, org, staff });
        write(store, move |tx, vault| request_counter_phone(tx, vault, &by, at, None, &number(NEW)))
    };
    assert!(ask(false).unwrap_err().is(&people::STAFF_BY_PHONE));
    ask(true).unwrap();
    let right = codes(&code_in(&texts(store), "用于把这个号码"), "", false);
    let put = |staff: bool| {
        let (by, at, right) = (clerk.clone(), AtCounter { person: teacher, org, staff }, right.clone());
        write(store, move |tx, vault| change_counter_phone(tx, vault, &by, at, &number(NEW), &right))
    };
    assert!(put(false).unwrap_err().is(&people::STAFF_BY_PHONE));
    assert_eq!(put(true).unwrap(), PhoneAttempt::Changed);
    assert_eq!(holder(store, NEW), Some(teacher));
    verified(store);
}

fn who_gives_the_telephone_up_needs_a_card(store: &TestStore) {
    let org: Id<Org> = Id::derived(&[7; 16]);
    let (clerk, her) = (clerk(store, org), person(store, "刘桂兰", Some(OLD)));
    let at = AtCounter { person: her, org, staff: false };
    let drop = || {
        let by = clerk.clone();
        write(store, move |tx, vault| drop_counter_phone(tx, vault, &by, at, Some("刘桂兰")))
    };
    assert_eq!(field(&drop().unwrap_err()), "phone people.card_first");
    let by = clerk.clone();
    write(store, move |tx, vault| people::give_out(tx, vault, &by, org, her, people::Gives::Card)).unwrap();
    texts(store);
    drop().unwrap();
    drop().unwrap();
    assert_eq!((holder(store, OLD), phone_of(store, her)), (None, None));
    assert_eq!(texts(store).len(), 1);
    verified(store);
}

fn two_who_want_one_number_do_not_share_it(store: &TestStore) {
    let (one, two) = (person(store, "甲", None), person(store, "乙", None));
    asked(store, one, NEW).unwrap();
    let first = code_in(&texts(store), "用于把这个号码");
    wait(store, 2);
    asked(store, two, NEW).unwrap();
    let second = code_in(&texts(store), "用于把这个号码");
    // The later code ends the former.
    assert_ne!(changed(store, one, NEW, codes(&first, "", false)).unwrap(), PhoneAttempt::Changed);
    assert_eq!(changed(store, two, NEW, codes(&second, "", false)).unwrap(), PhoneAttempt::Changed);
    assert_eq!(holder(store, NEW), Some(two));
    assert_eq!(phone_of(store, one), None);
    verified(store);
}
