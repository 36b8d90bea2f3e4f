//! Inviting people to roles by their telephone numbers: one teacher, or a whole staff from a file.
//!
//! An invitation is no key. Whoever signs in with the number to which it was sent finds it, and takes the role or does not. So nobody gets a role that
//! she does not want, who invites does not learn which numbers have accounts, and a message in wrong hands opens nothing. When she takes it, the role
//! is given by who invited her, whose right is asked anew.

mod answer;
mod draft;
mod open;
mod send;

pub use answer::{INVITATION_GONE, INVITATION_VOID, accept_invitation, decline_invitation};
pub use draft::{DRAFT_MINUTES, Draft, DraftId, DraftMark, draft_of, drop_draft, keep_draft, take_draft};
pub use open::{
    Invitation, InvitationId, InvitationMark, OpenInvitation, invitations_for, invitations_of, invited_name,
};
pub use send::{
    INVITATION_DAYS, INVITATIONS_MAX, Invite, Invited, REMIND_HOURS, REMINDED_ALREADY, TELLS_MAX,
    TOO_MANY_INVITATIONS, invite, remind_invitation, withdraw_invitation,
};
