//! Commands as the program knows them: the model's numbers become identifiers, and the real functions are called.

use kernel::{Actor, Error, Result};
use people::{Register, RoleAt, Vault};
use store::Tx;

use super::model::{Cmd, Ix, Model};

type OrgId = kernel::Id<kernel::Org>;
type PersonId = kernel::Id<kernel::Person>;

/// A command with the identifiers of the real thing.
pub enum Named {
    Register { card: String, phone: String },
    Role { cmd: RoleAt, give: bool },
    FoundOrg { parent: OrgId, name: String },
    Draft { org: OrgId },
    Publish(catalog::OfferId),
    Withdraw(catalog::OfferId),
    Open(activities::OpenClass),
    SignUp(activities::SignUp),
    Cancel(activities::SignUp),
    ShowCode(activities::SessionId),
    Code(activities::SessionId, String),
    Card(activities::SessionId, String),
    Roll(activities::SessionId, PersonId),
    Visitors(activities::SessionId, i64),
    UnVisitors(activities::SessionId, learning::HeadcountId),
    Minutes(activities::SessionId, PersonId, i64),
    Reverse(activities::SessionId, PersonId),
    Close(activities::ClassId),
    RevokeCertificate(credentials::CredentialId),
    Erase(PersonId),
    AskCode(String),
}

/// A number that is well formed and that nobody has.
const NO_CARD: &str = "9999999995";

impl Named {
    pub fn of(model: &Model, cmd: &Cmd) -> Self {
        let person = |ix: &Ix| model.people[*ix].id;
        let session = |ix: &Ix| model.sessions[*ix].id;
        let seat = |class: &Ix, who: &Ix| activities::SignUp {
            class_id: model.classes[*class].id,
            person_id: model.people[*who].id,
        };
        match cmd {
            Cmd::Register { card, phone } => Named::Register { card: card.clone(), phone: phone.clone() },
            Cmd::Grant { person: who, role, org } | Cmd::Revoke { person: who, role, org } => Named::Role {
                cmd: RoleAt { person: person(who), role: *role, org: model.orgs[*org].id },
                give: matches!(cmd, Cmd::Grant { .. }),
            },
            Cmd::FoundOrg { parent, name } => {
                Named::FoundOrg { parent: model.orgs[*parent].id, name: name.clone() }
            }
            Cmd::Draft { org } => Named::Draft { org: model.orgs[*org].id },
            Cmd::Publish { offer } => Named::Publish(model.offers[*offer].id),
            Cmd::Withdraw { offer } => Named::Withdraw(model.offers[*offer].id),
            Cmd::OpenClass { offer, teacher, capacity, sessions } => Named::Open(activities::OpenClass {
                org_id: model.orgs[model.offers[*offer].org].id,
                offer_id: model.offers[*offer].id,
                title: "书法入门".to_owned(),
                teacher_id: Some(person(teacher)),
                capacity: *capacity,
                venue: "社区学习中心".to_owned(),
                room: String::new(),
                sessions: sessions.clone(),
                demo: true,
            }),
            Cmd::SignUp { class, person } => Named::SignUp(seat(class, person)),
            Cmd::Cancel { class, person } => Named::Cancel(seat(class, person)),
            Cmd::ShowCode { session: s } => Named::ShowCode(session(s)),
            Cmd::Code { session: s, code } => Named::Code(session(s), code.clone()),
            Cmd::Card { session: s, person } => {
                let card = person.map_or(NO_CARD, |who| &model.people[who].card);
                Named::Card(session(s), card.to_owned())
            }
            Cmd::Roll { session: s, person: who } => Named::Roll(session(s), person(who)),
            Cmd::Visitors { session: s, count } => Named::Visitors(session(s), *count),
            Cmd::UnVisitors { headcount } => {
                let known = &model.visitors[*headcount];
                Named::UnVisitors(session(&known.session), known.id)
            }
            Cmd::Minutes { session: s, person: who, minutes } => {
                Named::Minutes(session(s), person(who), *minutes)
            }
            Cmd::Reverse { session: s, person: who } => Named::Reverse(session(s), person(who)),
            Cmd::Close { class } => Named::Close(model.classes[*class].id),
            Cmd::RevokeCertificate { class, person } => {
                Named::RevokeCertificate(model.issued[&(*class, *person)].id)
            }
            Cmd::Erase { person: who } => Named::Erase(person(who)),
            Cmd::AskCode { phone } => Named::AskCode(phone.clone()),
        }
    }

    pub fn run(&self, tx: &mut Tx, actor: &Actor, vault: &Vault) -> Result<String> {
        let done = |()| String::new();
        match self {
            Named::Register { card, phone } => {
                let cmd = Register {
                    name: "王秀英".to_owned(),
                    phone: Some(phone.clone()),
                    birth_year: Some(1958),
                    demo: true,
                    ..Register::default()
                };
                let person = people::register(tx, vault, actor, &cmd)?;
                people::issue_card(tx, vault, actor, person, card)?;
                Ok(person.to_string())
            }
            Named::Role { cmd, give: true } => {
                people::grant_role_within(tx, actor, cmd, None, &network::access::require).map(done)
            }
            Named::Role { cmd, give: false } => {
                people::revoke_role_within(tx, actor, cmd, &network::access::require).map(done)
            }
            Named::FoundOrg { parent, name } => {
                let above = network::org(tx, *parent)?.ok_or_else(Error::missing)?;
                let today = tx.now().day();
                let cmd = network::FoundOrg {
                    opened_on: today,
                    ..network::testing::found(
                        network::OrgKind::Centre,
                        name,
                        &above.region_code,
                        Some(*parent),
                    )
                };
                network::found_org(tx, actor, &cmd).map(|id| id.to_string())
            }
            Named::Draft { org } => {
                let words = catalog::testing::words("书法入门");
                let cmd = catalog::DraftOffer { org_id: *org, words, demo: true };
                catalog::draft_offer(tx, actor, &cmd).map(|id| id.to_string())
            }
            Named::Publish(offer) => catalog::publish_offer(tx, actor, *offer).map(done),
            Named::Withdraw(offer) => catalog::withdraw_offer(tx, actor, *offer).map(done),
            Named::Open(cmd) => {
                let opened = activities::open_class(tx, actor, cmd)?;
                let ids: Vec<String> = opened.sessions.iter().map(ToString::to_string).collect();
                Ok(format!("{} {}", opened.class_id, ids.join(" ")))
            }
            Named::SignUp(cmd) => {
                activities::sign_up(tx, actor, cmd).map(|seat| seat.enrolment_id.to_string())
            }
            Named::Cancel(cmd) => activities::cancel_sign_up(tx, actor, cmd).map(done),
            Named::ShowCode(session) => learning::show_code(tx, actor, *session).map(|shown| shown.code),
            Named::Code(session, code) => {
                learning::check_in_by_code(tx, actor, *session, code).map(|id| id.to_string())
            }
            Named::Card(session, card) => {
                learning::check_in_by_card(tx, vault, actor, *session, card).map(|id| id.to_string())
            }
            Named::Roll(session, person) => {
                learning::roll_call(tx, actor, *session, *person).map(|id| id.to_string())
            }
            Named::Visitors(session, count) => {
                learning::note_headcount(tx, actor, *session, *count, "签到纸一张").map(|id| id.to_string())
            }
            Named::UnVisitors(session, id) => {
                learning::reverse_headcount(tx, actor, *session, *id, "重复登记").map(done)
            }
            Named::Minutes(session, person, minutes) => {
                let minutes = kernel::Minutes(*minutes);
                learning::correct_minutes(tx, actor, *session, *person, minutes, "提前离开").map(done)
            }
            Named::Reverse(session, person) => {
                learning::reverse_attendance(tx, actor, *session, *person, "未到场").map(done)
            }
            Named::Close(class) => learning::close_class(tx, actor, *class).map(|n| n.to_string()),
            Named::RevokeCertificate(id) => credentials::revoke(tx, actor, *id, "误发").map(done),
            Named::Erase(person) => people::erase(tx, vault, actor, *person).map(done),
            Named::AskCode(phone) => {
                people::request_code(tx, vault, &phone.parse()?, kernel::Lang::Zh).map(|_| String::new())
            }
        }
    }
}
