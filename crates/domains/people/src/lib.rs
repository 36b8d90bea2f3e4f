#![doc = include_str!("../README.md")]

mod card;
mod change_phone;
mod code;
mod consent;
mod correct;
mod enrol_factor;
mod erase;
mod factor;
pub mod facts;
mod helper;
mod invite;
mod leave;
mod link;
mod mend_factor;
mod model;
mod own;
mod pin;
mod prove_factor;
mod read;
mod reading;
mod register;
mod roles;
mod session;
mod tell;
mod token;
mod vault;
mod web;

pub use card::{CARD_TAKEN, card_of, issue_card, person_by_card};
pub use change_phone::{
    AtCounter, CARD_FIRST, NAME_MISMATCH, PHONE_HELD, PHONE_OF_STAFF, PhoneAttempt, PhoneCodes, SAME_PHONE,
    change_counter_phone, change_own_phone, counter_new_phone, counter_phone_ticket, drop_counter_phone,
    own_new_phone, own_phone_ticket, request_counter_phone, request_own_phone, typed_phone,
};
pub use code::{
    Attempt, CODE_DIGITS, CODE_MINUTES, CODE_SPENT, CODE_TRIES, CODE_WRONG, TICKET_SPENT, asked_phone,
    proved_phone, redeem_code, request_code, typed_code,
};
pub use consent::{PRIVACY_NOTICE, consent};
pub use correct::{Correction, NAME_AT_COUNTER, OWN_NAME_DAYS, correct, correct_at_counter, own_name};
pub use enrol_factor::{EnrolFactor, OfferedFactor, enrol_factor, offer_again, offer_factor, renew_recovery};
pub use erase::erase;
pub use factor::{
    AskedOf, CONFIRMED_FORM_MINUTES, CONFIRMED_MINUTES, FACTOR_KNOWN, FACTOR_LOCK_MINUTES,
    FACTOR_LOCK_MINUTES_MAX, FACTOR_LOCKED, FACTOR_MISSING, FACTOR_TRIES, FACTOR_USED, FACTOR_WRONG,
    FactorPolicy, FactorState, OWN_FACTOR, RECOVERY_CODES, factor, locked_factors,
};
pub use helper::{
    AGE_OF_MAJORITY, CHILDREN_MAX, COUNTER_MINUTES, Deed, GUARDIAN_STAYS, HELP_CODE_HOURS, HELP_CODE_WRONG,
    HELPED_MAX, HELPERS_MAX, HELPING_MINUTES, Helper, OWN_HELPER, Relation, TOO_MANY_CHILDREN,
    TOO_MANY_HELPED, TOO_MANY_HELPERS, become_helper_by_card, become_helper_by_code, begin_helping,
    deeds_for, end_helper, help_at_counter, help_code, helped_by, helpers_of, register_child, stop_helping,
};
pub use invite::{
    DRAFT_MINUTES, Draft, DraftId, DraftMark, INVITATION_DAYS, INVITATION_GONE, INVITATION_VOID,
    INVITATIONS_MAX, Invitation, InvitationId, InvitationMark, Invite, Invited, OpenInvitation, REMIND_HOURS,
    REMINDED_ALREADY, TELLS_MAX, TOO_MANY_INVITATIONS, accept_invitation, decline_invitation, draft_of,
    drop_draft, invitations_for, invitations_of, invite, invited_name, keep_draft, remind_invitation,
    take_draft, withdraw_invitation,
};
pub use leave::{
    LEAVE_DAYS, LEAVES_ALREADY, LEAVES_WITH_ROLE, Leaving, erase_due, leaving, order_leaving,
    withdraw_leaving,
};
pub use link::{LINK_SPENT, issue_link, redeem_link};
pub use mend_factor::{MendFactor, reset_factor, unlock_factor};
pub use model::{BAD_CARD, BAD_NAME, BAD_PHONE, CardNumber, NAME_CHARS_MAX, Phone, clean_name, mask_phone};
pub use own::{Parting, PersonKey, person_keys};
pub use pin::{
    CARD_OR_PIN_WRONG, Gives, PIN_DIGITS, PIN_TRIES, SLIP_GONE, SLIP_MINUTES, STAFF_BY_PHONE, Slip, give_out,
    pin_refused, redeem_pin, register_at_counter, slip,
};
pub use prove_factor::{FACTOR_MISMATCH, FactorAttempt, prove_factor};
pub use read::{
    Held, Profile, consents_of, grants, grants_at, held_at_org, home_region, name, names, person_by_phone,
    phone_of, profile, roles_of, staff_of,
};
pub use reading::{ReadAs, ReadingMark, note_reading};
pub use register::{PHONE_TAKEN, Register, register};
pub use roles::{
    BAD_END, OWN_ROLE, Require, RoleAt, SEPARATE_DUTIES, giving, grant_role, grant_role_within, revoke_role,
    revoke_role_within,
};
pub use session::{
    Opened, SessionLine, SessionMark, WebSessions, close_session, note_proof, open_session,
    revoke_other_sessions, revoke_session, sessions_of, sweep,
};
pub use tell::tell_words;
pub use token::{
    IssuedToken, NewToken, TOKEN_DAYS_MAX, TokenLine, TokenMark, issue_token, revoke_token, tokens,
};
pub use vault::Vault;

pub use self::web::routes;

use store::{Migration, migrations};

/// The tables of people.
pub const MIGRATIONS: &[Migration] = migrations!("people"; 1 "0001_people", 2 "0002_api_token", 3 "0003_reading", 4 "0004_second_factor", 5 "0005_token_record", 6 "0006_card_pin", 7 "0007_helper", 8 "0008_leaving", 9 "0009_invitation");

/// What follows the journal.
pub fn consumers() -> Vec<std::sync::Arc<dyn journal::Consumer>> {
    vec![std::sync::Arc::new(helper::Deeds)]
}

::web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
