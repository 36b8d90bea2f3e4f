//! Acting for somebody else: who agreed, what a session then is, and how it ends.

use std::sync::Arc;

use kernel::{Actor, Error, Grant, Help, Id, Org, Person, Result, Role};
use people::{FactorPolicy, Register, Relation, Vault, WebSessions};
use store::{Tx, both_engines, testing::TestStore};
use web::{SessionInfo, Sessions as _};

both_engines! {
    &[journal::MIGRATIONS, notify::MIGRATIONS, web::MIGRATIONS, people::MIGRATIONS];
    a_daughter_acts_until_it_is_taken_back,
    a_child_is_its_guardians_until_it_is_of_age,
    a_clerk_acts_for_half_an_hour,
    who_was_erased_neither_helps_nor_is_helped,
}

struct Town<'s> {
    store: &'s TestStore,
    vault: Arc<Vault>,
}

impl<'s> Town<'s> {
    fn new(store: &'s TestStore) -> Self {
        Self { store, vault: Arc::new(Vault::new([3; 32])) }
    }

    /// Writes with the vault.
    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx, &Vault) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let vault = self.vault.clone();
        self.store.write_blocking("test", move |tx| work(tx, &vault))
    }

    fn person(&self, name: &'static str) -> Id<Person> {
        let cmd = Register { name: name.to_owned(), ..Register::default() };
        self.write(move |tx, vault| people::register(tx, vault, &Actor::System("test"), &cmd)).unwrap()
    }

    fn session(&self, person: Id<Person>) -> String {
        self.write(move |tx, _| people::open_session(tx, person, "test")).unwrap().token
    }

    fn load(&self, token: &str) -> SessionInfo {
        let (hash, vault) = (seal::token_hash(token), self.vault.clone());
        let sessions = WebSessions::new(vault, FactorPolicy::off());
        self.store.read_blocking(move |tx| sessions.load(tx, &hash)).unwrap().unwrap()
    }

    fn code(&self, person: Id<Person>, may: Help) -> Result<String> {
        self.write(move |tx, vault| people::help_code(tx, vault, &own(person), may, Relation::Family))
    }

    fn take(&self, helper: Id<Person>, code: &str) -> Result<Id<Person>> {
        let code = code.to_owned();
        self.write(move |tx, vault| people::become_helper_by_code(tx, vault, &own(helper), &code))
    }

    fn begin(&self, helper: Id<Person>, token: &str, person: Id<Person>) -> Result<()> {
        let token = token.to_owned();
        self.write(move |tx, _| people::begin_helping(tx, &own(helper), &token, person))
    }

    fn end(&self, actor: Id<Person>, person: Id<Person>, helper: Id<Person>) -> Result<()> {
        self.write(move |tx, _| people::end_helper(tx, &own(actor), person, helper))
    }

    fn verified(&self) {
        journal::drain(self.store, &people::consumers()).unwrap();
        let key = seal::SigningKey::from_seed(&[1; 32]).verifying_key();
        let verify = move |tx: &mut Tx| journal::verify(tx, &key, "city", &|_| ());
        assert_eq!(self.store.read_blocking(verify).unwrap().problems, vec![]);
    }
}

fn own(id: Id<Person>) -> Actor {
    Actor::Person { id, grants: Vec::new() }
}

fn acting(info: &SessionInfo) -> Option<(Id<Person>, Id<Person>, Help)> {
    info.helping.map(|helping| (helping.helper, info.person, helping.may))
}

fn refused<T>(done: Result<T>) -> Error {
    done.err().expect("it is refused")
}

fn a_daughter_acts_until_it_is_taken_back(store: &TestStore) {
    let town = Town::new(store);
    let (mother, daughter, stranger) = (town.person("刘桂兰"), town.person("田小红"), town.person("别人"));
    let first = town.code(mother, Help::Look).unwrap();
    let second = town.code(mother, Help::Act).unwrap();
    assert_eq!((first.len(), second.len()), (8, 8));
    assert!(!refused(town.take(daughter, &first)).field_errors().is_empty(), "a new code ends the old one");
    assert!(refused(town.take(mother, &second)).is(&people::OWN_HELPER));
    assert_eq!(town.take(daughter, &second).unwrap(), mother);
    assert!(!refused(town.take(stranger, &second)).field_errors().is_empty(), "a code is spent");

    let token = town.session(daughter);
    assert!(refused(town.begin(stranger, &town.session(stranger), mother)).is(&kernel::MISSING));
    assert!(refused(town.begin(daughter, &town.session(stranger), mother)).is(&kernel::MISSING));
    assert_eq!(acting(&town.load(&token)), None);
    town.begin(daughter, &token, mother).unwrap();
    let info = town.load(&token);
    assert_eq!(acting(&info), Some((daughter, mother, Help::Act)));
    assert_eq!((info.display_name.as_str(), info.grants.len()), ("刘桂兰", 0));
    // An hour later she is herself again.
    let now = store.clock().now();
    store.clock.set(now.plus_minutes(people::HELPING_MINUTES));
    assert_eq!(acting(&town.load(&token)), None);
    town.begin(daughter, &token, mother).unwrap();
    // What a helper wants for herself under the other name is refused.
    let helper = Actor::Helper { id: mother, helper: daughter, may: Help::Act };
    let by = helper.clone();
    assert!(
        refused(town.write(move |tx, vault| people::help_code(tx, vault, &by, Help::Act, Relation::Family)))
            .is(&kernel::DENIED)
    );
    let by = helper.clone();
    assert!(refused(town.write(move |tx, vault| people::erase(tx, vault, &by, mother))).is(&kernel::DENIED));
    // One tap ends it, also where it is under way.
    assert!(refused(town.end(stranger, mother, daughter)).is(&kernel::MISSING));
    town.end(mother, mother, daughter).unwrap();
    assert_eq!(acting(&town.load(&token)), None);
    assert!(refused(town.begin(daughter, &token, mother)).is(&kernel::MISSING));
    // And she may come back.
    let again = town.code(mother, Help::Look).unwrap();
    town.take(daughter, &again).unwrap();
    town.begin(daughter, &token, mother).unwrap();
    assert_eq!(acting(&town.load(&token)).map(|(.., may)| may), Some(Help::Look));
    town.verified();
}

fn a_child_is_its_guardians_until_it_is_of_age(store: &TestStore) {
    let town = Town::new(store);
    let mother = town.person("田小红");
    let this_year = store.clock().now().day().month().year();
    let open = |year: i32| {
        town.write(move |tx, vault| people::register_child(tx, vault, &own(mother), "小明", year, false))
    };
    for wrong in [this_year + 1, this_year - people::AGE_OF_MAJORITY] {
        assert_eq!(refused(open(wrong)).field_errors()[0].field, "birth_year");
    }
    let child = open(this_year - 10).unwrap();
    let token = town.session(mother);
    town.begin(mother, &token, child).unwrap();
    assert_eq!(acting(&town.load(&token)), Some((mother, child, Help::Act)));
    assert!(refused(town.end(child, child, mother)).is(&people::GUARDIAN_STAYS));
    // A number of the child's makes no less of its guardian.
    let code = town.code(child, Help::Look).unwrap();
    town.take(mother, &code).unwrap();
    assert!(refused(town.end(child, child, mother)).is(&people::GUARDIAN_STAYS));
    assert_eq!(acting(&town.load(&token)), Some((mother, child, Help::Act)));
    for _ in 1..people::CHILDREN_MAX {
        open(this_year).unwrap();
    }
    assert!(refused(open(this_year)).is(&people::TOO_MANY_CHILDREN));
    // In the ninth year the child is of age, and its own.
    store.clock.set(store.clock().now().plus_minutes(9 * 366 * 24 * 60));
    let token = town.session(mother);
    assert!(refused(town.begin(mother, &token, child)).is(&kernel::MISSING));
    town.verified();
}

fn a_clerk_acts_for_half_an_hour(store: &TestStore) {
    let town = Town::new(store);
    let org: Id<Org> = Id::derived(&[7; 16]);
    let id = town.person("李干事");
    let clerk = Actor::Person { id, grants: vec![Grant { role: Role::Staff, org }] };
    let by = clerk.clone();
    let (person, card) = town
        .write(move |tx, vault| {
            let cmd = Register { name: "刘桂兰".to_owned(), ..Register::default() };
            let person = people::register_at_counter(tx, vault, &by, org, &cmd)?;
            Ok((person, people::slip(tx, vault, &by, person)?.card))
        })
        .unwrap();
    let by = clerk.clone();
    let wrong = town.write(move |tx, vault| people::help_at_counter(tx, vault, &by, org, "1000000008"));
    assert_eq!(refused(wrong).field_errors()[0].field, "card");
    let by = clerk.clone();
    let helped = town.write(move |tx, vault| people::help_at_counter(tx, vault, &by, org, &card)).unwrap();
    assert_eq!(helped, person);
    let token = town.session(id);
    town.begin(id, &token, person).unwrap();
    assert_eq!(acting(&town.load(&token)), Some((id, person, Help::Act)));
    store.clock.set(store.clock().now().plus_minutes(people::COUNTER_MINUTES));
    assert_eq!(acting(&town.load(&token)), None);
    town.verified();
}

fn who_was_erased_neither_helps_nor_is_helped(store: &TestStore) {
    let town = Town::new(store);
    let (ann, bob, eve) = (town.person("甲"), town.person("乙"), town.person("丙"));
    for (person, helper) in [(ann, bob), (bob, eve)] {
        let code = town.code(person, Help::Act).unwrap();
        town.take(helper, &code).unwrap();
    }
    let token = town.session(eve);
    town.begin(eve, &token, bob).unwrap();
    town.write(move |tx, vault| people::erase(tx, vault, &own(bob), bob)).unwrap();
    assert_eq!(acting(&town.load(&token)), None);
    let left = store
        .read_blocking(move |tx| Ok((people::helpers_of(tx, ann)?.len(), people::helped_by(tx, eve)?.len())))
        .unwrap();
    assert_eq!(left, (0, 0));
    town.verified();
}
