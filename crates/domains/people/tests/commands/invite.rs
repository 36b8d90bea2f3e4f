//! Invitations to roles: who may send them, who finds them, and that nobody gets a role that she did not take.

use kernel::{Actor, Day, Error, Grant, Id, Org, Person, Result, Right, Role};
use people::{
    Draft, INVITATION_DAYS, Invite, Invited, RoleAt, Vault, accept_invitation, decline_invitation, draft_of,
    invitations_for, invitations_of, invite, invited_name, keep_draft, remind_invitation, take_draft,
    withdraw_invitation,
};
use store::{Tx, both_engines, params, sql, testing::TestStore};

use super::common::{own, person, texts, vault, verified, wait, write};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    who_is_invited_takes_the_role_or_does_not,
    nobody_is_invited_twice_or_for_what_she_has,
    the_right_is_asked_again_when_the_role_is_taken,
    an_invitation_runs_out_and_leaves_nobodys_number,
    reminders_are_few,
    a_list_is_used_once,
    two_thousand_are_invited_at_once,
}

const PHONE: &str = "19900000001";

fn org() -> Id<Org> {
    Id::derived(&[7; 16])
}

/// A head whose role stands in the database, as the taking of a role looks there.
fn head(store: &TestStore) -> (Id<Person>, Actor) {
    let id = person(store, "李校长", Some("19900000009"));
    let cmd = RoleAt { person: id, role: Role::Head, org: org() };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    (id, Actor::Person { id, grants: vec![Grant { role: Role::Head, org: org() }] })
}

/// Powers at the very organisation only.
fn require(_: &mut Tx, actor: &Actor, right: Right, org: Id<Org>) -> Result<()> {
    let held = actor.grants().iter().any(|grant| grant.org == org && grant.role.rights().contains(&right));
    if held { Ok(()) } else { Err(Error::denied()) }
}

fn wanted(phone: &str, role: Role, to_day: Option<Day>) -> Invite {
    let message = "请到 /invitations 接受".to_owned();
    Invite { name: "陈老师".to_owned(), phone: phone.parse().unwrap(), role, org: org(), to_day, message }
}

fn send(store: &TestStore, by: &Actor, people: Vec<Invite>) -> Result<Invited> {
    let by = by.clone();
    write(store, move |tx, vault| invite(tx, vault, &by, &people, &require))
}

fn open_for(store: &TestStore, who: Id<Person>) -> Vec<people::Invitation> {
    store.read_blocking(move |tx| invitations_for(tx, &vault(), who)).unwrap()
}

fn accept(store: &TestStore, who: Id<Person>, id: people::InvitationId) -> Result<RoleAt> {
    write(store, move |tx, vault| accept_invitation(tx, vault, &own(who), id, &require))
}

fn roles(store: &TestStore, who: Id<Person>) -> Vec<Role> {
    let today = store.clock().now().day();
    let held = store.read_blocking(move |tx| people::grants(tx, who, today)).unwrap();
    held.into_iter().map(|grant| grant.role).collect()
}

fn sent(store: &TestStore) -> usize {
    texts(store).len()
}

fn contacts(store: &TestStore) -> i64 {
    let count = |tx: &mut Tx| tx.one::<(i64,)>(sql!("SELECT count(*) FROM invitation_contact"), params![]);
    store.read_blocking(count).unwrap().0
}

fn who_is_invited_takes_the_role_or_does_not(store: &TestStore) {
    let (by_id, by) = head(store);
    let teacher = person(store, "陈老师", Some(PHONE));
    let until = store.clock().now().day().plus(100);
    let both = vec![wanted(PHONE, Role::Teacher, Some(until)), wanted("19900000002", Role::Staff, None)];
    assert_eq!(send(store, &by, both).unwrap(), Invited { sent: 2, holding: 0, waiting: 0 });
    assert_eq!(sent(store), 2);
    assert_eq!(roles(store, teacher), [], "nobody asked her yet");
    // A stranger, and who has no telephone, find nothing.
    let other = person(store, "别人", Some("19900000003"));
    assert_eq!((open_for(store, other).len(), open_for(store, person(store, "无机", None)).len()), (0, 0));
    let found = open_for(store, teacher);
    assert_eq!((found.len(), found[0].role.as_str(), found[0].to_day), (1, "teacher", Some(until)));
    assert!(accept(store, other, found[0].id).unwrap_err().is(&people::INVITATION_GONE));
    accept(store, teacher, found[0].id).unwrap();
    assert_eq!(roles(store, teacher), [Role::Teacher]);
    assert!(accept(store, teacher, found[0].id).unwrap_err().is(&people::INVITATION_GONE), "once");
    let given = store.read_blocking(move |tx| people::roles_of(tx, teacher)).unwrap();
    assert_eq!(
        (given[0].granted_by.as_str(), given[0].to_day),
        (format!("person:{by_id}").as_str(), Some(until))
    );
    // The other opens her account and finds her name and the invitation; she does not want it.
    let number = "19900000002".parse().unwrap();
    let name = store.read_blocking(move |tx| invited_name(tx, &vault(), &number)).unwrap();
    assert_eq!(name.as_deref(), Some("陈老师"));
    let second = person(store, "陈老师", Some("19900000002"));
    let id = open_for(store, second)[0].id;
    write(store, move |tx, vault| decline_invitation(tx, vault, &own(second), id)).unwrap();
    assert_eq!((roles(store, second), open_for(store, second).len(), contacts(store)), (vec![], 0, 0));
    let helper = Actor::Helper { id: teacher, helper: other, may: kernel::Help::Act };
    let by_helper = move |tx: &mut Tx, vault: &Vault| accept_invitation(tx, vault, &helper, id, &require);
    assert!(write(store, by_helper).unwrap_err().is(&kernel::DENIED));
    verified(store);
}

fn nobody_is_invited_twice_or_for_what_she_has(store: &TestStore) {
    let (_, by) = head(store);
    let teacher = person(store, "陈老师", Some(PHONE));
    let cmd = RoleAt { person: teacher, role: Role::Teacher, org: org() };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    let list = || vec![wanted(PHONE, Role::Teacher, None), wanted("19900000002", Role::Teacher, None)];
    assert_eq!(send(store, &by, list()).unwrap(), Invited { sent: 1, holding: 1, waiting: 0 });
    assert_eq!(send(store, &by, list()).unwrap(), Invited { sent: 0, holding: 1, waiting: 1 });
    assert_eq!(sent(store), 1);
    // Another end is another matter, and so is another role.
    let until = Some(store.clock().now().day().plus(30));
    let more = vec![wanted(PHONE, Role::Teacher, until), wanted("19900000002", Role::Staff, None)];
    assert_eq!(send(store, &by, more).unwrap().sent, 2);
    // Nobody invites herself, to the past, without a name, or where she has no say: then nobody at all is invited.
    let before = contacts(store);
    let own = send(
        store,
        &by,
        vec![wanted("19900000004", Role::Teacher, None), wanted("19900000009", Role::Staff, None)],
    );
    assert_eq!(own.unwrap_err().field_errors()[0].code.name, "people.own_role");
    let today = Some(store.clock().now().day());
    let past = send(store, &by, vec![wanted("19900000004", Role::Teacher, today)]);
    assert_eq!(past.unwrap_err().field_errors()[0].field, "until");
    let nameless = Invite { name: " ".to_owned(), ..wanted("19900000004", Role::Teacher, None) };
    assert_eq!(send(store, &by, vec![nameless]).unwrap_err().field_errors()[0].field, "name");
    let elsewhere = Invite { org: Id::derived(&[8; 16]), ..wanted("19900000004", Role::Teacher, None) };
    assert!(send(store, &by, vec![elsewhere]).unwrap_err().is(&kernel::DENIED));
    let above = wanted("19900000004", Role::Auditor, None);
    assert!(send(store, &by, vec![above]).unwrap_err().is(&kernel::DENIED), "a head appoints no auditor");
    assert_eq!(contacts(store), before);
    verified(store);
}

fn the_right_is_asked_again_when_the_role_is_taken(store: &TestStore) {
    let (by_id, by) = head(store);
    let teacher = person(store, "陈老师", Some(PHONE));
    let tomorrow = store.clock().now().day().plus(1);
    send(store, &by, vec![wanted(PHONE, Role::Teacher, Some(tomorrow)), wanted(PHONE, Role::Staff, None)])
        .unwrap();
    let found = open_for(store, teacher);
    let (first, second) = (found[0].id, found[1].id);
    wait(store, 24 * 60);
    assert!(accept(store, teacher, first).unwrap_err().is(&people::INVITATION_VOID), "its last day is over");
    let cmd = RoleAt { person: by_id, role: Role::Head, org: org() };
    write(store, move |tx, _| people::revoke_role(tx, &Actor::System("test"), &cmd)).unwrap();
    assert!(accept(store, teacher, second).unwrap_err().is(&people::INVITATION_VOID), "she is head no more");
    // One of the three administrators takes no other role, whoever invites her.
    let cmd = RoleAt { person: by_id, role: Role::Head, org: org() };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    let cmd = RoleAt { person: teacher, role: Role::Auditor, org: org() };
    write(store, move |tx, _| people::grant_role(tx, &Actor::System("test"), &cmd)).unwrap();
    assert!(accept(store, teacher, second).unwrap_err().is(&people::SEPARATE_DUTIES));
    assert_eq!(roles(store, teacher), [Role::Auditor]);
    // Whoever has the number finds the invitation: a number that moved took it along.
    write(store, move |tx, vault| people::erase(tx, vault, &Actor::System("test"), teacher)).unwrap();
    assert_eq!(contacts(store), 0, "erasing her takes the number away");
    verified(store);
}

fn an_invitation_runs_out_and_leaves_nobodys_number(store: &TestStore) {
    let (_, by) = head(store);
    send(store, &by, vec![wanted(PHONE, Role::Teacher, None)]).unwrap();
    let teacher = person(store, "陈老师", Some(PHONE));
    let id = open_for(store, teacher)[0].id;
    wait(store, INVITATION_DAYS * 24 * 60);
    assert_eq!(open_for(store, teacher).len(), 0);
    assert!(accept(store, teacher, id).unwrap_err().is(&people::INVITATION_GONE));
    let again = send(store, &by, vec![wanted(PHONE, Role::Teacher, None)]).unwrap();
    assert_eq!(again.sent, 1, "one that ran out is in nobody's way");
    wait(store, INVITATION_DAYS * 24 * 60);
    write(store, |tx, _| people::sweep(tx)).unwrap();
    assert_eq!(contacts(store), 0);
    // Taking one back that is open, that is not, and one that never was.
    send(store, &by, vec![wanted(PHONE, Role::Staff, None)]).unwrap();
    let id = open_for(store, teacher)[0].id;
    let back = |by: &Actor, id| {
        let by = by.clone();
        write(store, move |tx, _| withdraw_invitation(tx, &by, (org(), id), &require))
    };
    assert!(back(&own(teacher), id).unwrap_err().is(&kernel::DENIED));
    assert!(back(&by, id).unwrap());
    assert!(!back(&by, id).unwrap());
    assert!(back(&by, Id::derived(&[1; 16])).unwrap_err().is(&kernel::MISSING));
    assert_eq!(open_for(store, teacher).len(), 0);
    verified(store);
}

fn reminders_are_few(store: &TestStore) {
    let (_, by) = head(store);
    send(store, &by, vec![wanted(PHONE, Role::Teacher, None)]).unwrap();
    let id = store.read_blocking(|tx| invitations_of(tx, &vault(), org(), None, 10)).unwrap()[0].id;
    let remind = || {
        let by = by.clone();
        let words = |_: Role| "请接受".to_owned();
        write(store, move |tx, vault| remind_invitation(tx, vault, &by, (org(), id), &words, &require))
    };
    assert!(remind().unwrap_err().is(&people::REMINDED_ALREADY));
    for _ in 1..people::TELLS_MAX {
        wait(store, 24 * 60);
        remind().unwrap();
        assert!(remind().unwrap_err().is(&people::REMINDED_ALREADY));
    }
    wait(store, 24 * 60);
    assert!(remind().unwrap_err().is(&people::REMINDED_ALREADY), "three in all");
    let line = store.read_blocking(|tx| invitations_of(tx, &vault(), org(), None, 10)).unwrap();
    assert_eq!(
        (line[0].told, line[0].name.as_str(), line[0].phone_masked.as_str()),
        (3, "陈老师", "199****0001")
    );
}

fn a_list_is_used_once(store: &TestStore) {
    let (_, by) = head(store);
    let other = own(person(store, "别人", None));
    let row = Draft {
        name: "陈老师".to_owned(),
        phone: PHONE.to_owned(),
        role: "teacher".to_owned(),
        org: org(),
        to_day: None,
    };
    let (maker, rows) = (by.clone(), vec![row.clone()]);
    let id = write(store, move |tx, vault| keep_draft(tx, vault, &maker, org(), &rows)).unwrap();
    let seen = |who: &Actor| {
        let who = who.clone();
        store.read_blocking(move |tx| draft_of(tx, &vault(), &who, org(), id)).unwrap()
    };
    assert_eq!(seen(&by), Some(vec![row.clone()]));
    assert_eq!(seen(&other), None, "it is for who made it");
    let take = |who: &Actor| {
        let who = who.clone();
        write(store, move |tx, vault| take_draft(tx, vault, &who, org(), id)).unwrap()
    };
    assert_eq!(take(&other), None);
    assert_eq!(take(&by), Some(vec![row]));
    assert_eq!((take(&by), seen(&by)), (None, None));
    let stored = store.read_blocking(|tx| {
        tx.all::<(Vec<u8>,)>(sql!("SELECT contact_sealed FROM invitation_contact"), params![])
    });
    assert!(stored.unwrap().is_empty(), "nobody was invited by looking");
}

fn two_thousand_are_invited_at_once(store: &TestStore) {
    let (_, by) = head(store);
    let list: Vec<Invite> =
        (0..2_000).map(|n| wanted(&format!("1991000{n:04}"), Role::Teacher, None)).collect();
    let begun = std::time::Instant::now();
    assert_eq!(send(store, &by, list.clone()).unwrap().sent, 2_000);
    let again = begun.elapsed();
    assert_eq!(send(store, &by, list).unwrap().waiting, 2_000);
    println!("2000 invitations in {again:?}, again in {:?}", begun.elapsed() - again);
    verified(store);
}
