//! The keeper of personal fields: seals, opens, and finds without reading.
//!
//! Names, phones and card numbers are sealed with a key of the person's own, which is wrapped by the master key: destroying one row of
//! `person_key` makes them unreadable wherever they were copied to. Blind indexes find a phone or a card without storing it. Nothing here is
//! slow on purpose: there are no passwords, and what is indexed is protected by the key, not by the cost of guessing.

use kernel::{Chance, Error, Id, Org, Person, Result, Timestamp};
use notify::Outbox;
use seal::{
    TotpSecret, base64url, blind_index, derive, from_base64url, keyed_digest, open_box, random_key, seal_box,
    unwrap_key, wrap_key,
};

use crate::model::{CardNumber, Phone};
use crate::pin::PIN_DIGITS;

/// Which sealed field it is; part of what a box is bound to, so that no box can be moved to another place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field {
    Name,
    Phone,
    Card,
    /// The secret of the second factor, in hexadecimal digits.
    Factor,
}

impl Field {
    fn context(self, person: Id<Person>) -> Vec<u8> {
        let column: &[u8] = match self {
            Field::Name => b"person.name:",
            Field::Phone => b"person.phone:",
            Field::Card => b"card.number:",
            Field::Factor => b"factor_secret.secret:",
        };
        [column, person.as_bytes()].concat()
    }
}

/// What a ticket lets its holder do next in the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A code was sent to the phone; it may be entered.
    EnterCode,
    /// The phone was proved; an account may be opened with it.
    OpenAccount,
    /// A code was sent to the phone; this person may enter it, to make the phone hers.
    OwnPhone(Id<Person>),
    /// A code was sent to the phone of this person; this clerk may enter it for her at this organisation.
    CounterPhone(Id<Person>, Id<Org>, Id<Person>),
}

impl Step {
    fn context(self) -> Vec<u8> {
        match self {
            Step::EnterCode => b"people.ticket:enter-code".to_vec(),
            Step::OpenAccount => b"people.ticket:open-account".to_vec(),
            Step::OwnPhone(person) => [b"people.ticket:own-phone:".as_slice(), person.as_bytes()].concat(),
            Step::CounterPhone(person, org, clerk) => [
                b"people.ticket:counter-phone:".as_slice(),
                person.as_bytes(),
                org.as_bytes(),
                clerk.as_bytes(),
            ]
            .concat(),
        }
    }
}

/// Seals and opens personal fields and computes blind indexes. One for the whole program, given to the shell as a service.
pub struct Vault {
    master: [u8; 32],
    index_key: [u8; 32],
    code_key: [u8; 32],
    ticket_key: [u8; 32],
    pin_key: [u8; 32],
    file_key: [u8; 32],
    outbox: Outbox,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// With the installation's master key. It lies in a file outside of database and backup and is the same for all processes.
    pub fn new(master: [u8; 32]) -> Self {
        Self {
            index_key: derive(&master, "people.index"),
            code_key: derive(&master, "people.code"),
            ticket_key: derive(&master, "people.ticket"),
            pin_key: derive(&master, "people.pin"),
            file_key: derive(&master, "people.file"),
            outbox: Outbox::new(&master),
            master,
        }
    }

    /// Where messages to people are left; the program's `notify::Worker` needs the same one.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Seals a piece of a file that may hold names and is kept for some days. `context` names what it is a piece of.
    pub fn seal_file(&self, chance: &mut Chance, context: &[u8], plain: &[u8]) -> Vec<u8> {
        seal_box(&self.file_key, chance.rng(), context, plain)
    }

    /// Opens what [`Vault::seal_file`] sealed.
    ///
    /// # Errors
    /// `kernel.bug` if it was altered, or sealed for another context or under another master key.
    pub fn open_file(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        open_box(&self.file_key, context, sealed)
            .map_err(|e| Error::bug("a piece of a file does not open").caused_by(e))
    }

    /// A new person's key, and the same in its wrapping.
    pub(crate) fn new_key(&self, chance: &mut Chance, person: Id<Person>) -> ([u8; 32], Vec<u8>) {
        let key = random_key(chance.rng());
        let wrapped = wrap_key(&self.master, chance.rng(), person.as_bytes(), &key);
        (key, wrapped)
    }

    pub(crate) fn unwrap(&self, person: Id<Person>, wrapped: &[u8]) -> Result<[u8; 32]> {
        unwrap_key(&self.master, person.as_bytes(), wrapped).map_err(|e| {
            Error::bug(format!("the key of {person} does not open; is this the right master key?"))
                .caused_by(e)
        })
    }

    pub(crate) fn open(
        &self,
        key: &[u8; 32],
        field: Field,
        person: Id<Person>,
        sealed: &[u8],
    ) -> Result<String> {
        let plain = open_box(key, &field.context(person), sealed)
            .map_err(|e| Error::bug(format!("{field:?} of {person} does not open")).caused_by(e))?;
        String::from_utf8(plain).map_err(|e| Error::bug("a sealed text is no text").caused_by(e))
    }

    /// By which a phone number is found.
    pub(crate) fn phone_index(&self, phone: &Phone) -> [u8; 16] {
        blind_index(&self.index_key, "phone", phone.digits().as_bytes())
    }

    /// By which a card is found.
    pub(crate) fn card_index(&self, card: &CardNumber) -> [u8; 16] {
        blind_index(&self.index_key, "card", card.digits().as_bytes())
    }

    /// What is stored of a code that was sent. It is keyed: six digits alone would be guessed back from any plain hash.
    /// `what` is what the code is good for.
    pub(crate) fn code_digest(&self, phone_index: &[u8; 16], what: &[u8], code: &str) -> [u8; 32] {
        keyed_digest(&self.code_key, &[phone_index, what, code.as_bytes()].concat())
    }

    /// Carries a phone number from one page of the sign-in to the next without showing or storing it.
    pub(crate) fn ticket(
        &self,
        chance: &mut Chance,
        step: Step,
        phone: &Phone,
        expires_at: Timestamp,
    ) -> String {
        self.seal_ticket(chance, &step.context(), phone.digits().as_bytes(), expires_at)
    }

    /// The PIN that a person got when she got one for the `seq`-th time.
    pub(crate) fn pin(&self, person: Id<Person>, seq: i64) -> String {
        let text = [b"pin:".as_slice(), person.as_bytes(), &seq.to_be_bytes()].concat();
        let digest = keyed_digest(&self.pin_key, &text);
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:0width$}", number % 10_u64.pow(PIN_DIGITS as u32), width = PIN_DIGITS)
    }

    /// What of a typed PIN is compared.
    pub(crate) fn pin_digest(&self, person: Id<Person>, pin: &str) -> [u8; 32] {
        keyed_digest(&self.pin_key, &[b"typed:".as_slice(), person.as_bytes(), pin.as_bytes()].concat())
    }

    /// A keyed digest of texts that are personal, by which the same form is recognised and nothing is told.
    pub fn secret_digest(&self, texts: &[&str]) -> String {
        let mut joined = b"form:".to_vec();
        for text in texts {
            joined.extend_from_slice(&(text.len() as u64).to_be_bytes());
            joined.extend_from_slice(text.as_bytes());
        }
        seal::hex(&keyed_digest(&self.code_key, &joined))
    }

    /// What is stored of a recovery code. It is keyed and bound to the person.
    pub(crate) fn recovery_digest(&self, person: Id<Person>, code: &str) -> [u8; 32] {
        keyed_digest(&self.code_key, &[b"recovery:".as_slice(), person.as_bytes(), code.as_bytes()].concat())
    }

    /// Carries the secret of a second factor from the page that shows it to the form that confirms it, for this person only.
    pub(crate) fn factor_ticket(
        &self,
        chance: &mut Chance,
        person: Id<Person>,
        secret: &TotpSecret,
        expires_at: Timestamp,
    ) -> String {
        self.seal_ticket(chance, &factor_context(person), secret, expires_at)
    }

    /// Reads what [`Vault::factor_ticket`] wrote; `None` if it is not this person's or has run out.
    pub(crate) fn read_factor_ticket(
        &self,
        now: Timestamp,
        person: Id<Person>,
        ticket: &str,
    ) -> Option<TotpSecret> {
        self.open_ticket(now, &factor_context(person), ticket)?.as_slice().try_into().ok()
    }

    /// Reads a ticket for this step; `None` if it is not ours, is for another step, or has run out.
    pub(crate) fn read_ticket(&self, now: Timestamp, step: Step, ticket: &str) -> Option<Phone> {
        let phone = self.open_ticket(now, &step.context(), ticket)?;
        std::str::from_utf8(&phone).ok()?.parse().ok()
    }

    fn seal_ticket(
        &self,
        chance: &mut Chance,
        context: &[u8],
        carried: &[u8],
        expires_at: Timestamp,
    ) -> String {
        let plain = [&expires_at.millis().to_be_bytes()[..], carried].concat();
        base64url(&seal_box(&self.ticket_key, chance.rng(), context, &plain))
    }

    fn open_ticket(&self, now: Timestamp, context: &[u8], ticket: &str) -> Option<Vec<u8>> {
        let plain = open_box(&self.ticket_key, context, &from_base64url(ticket)?).ok()?;
        let (expires_at, carried) = plain.split_first_chunk::<8>()?;
        (i64::from_be_bytes(*expires_at) > now.millis()).then(|| carried.to_vec())
    }
}

fn factor_context(person: Id<Person>) -> Vec<u8> {
    [b"people.ticket:factor:".as_slice(), person.as_bytes()].concat()
}

/// Seals a field of a person.
pub(crate) fn seal(
    chance: &mut Chance,
    key: &[u8; 32],
    field: Field,
    person: Id<Person>,
    text: &str,
) -> Vec<u8> {
    seal_box(key, chance.rng(), &field.context(person), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_opens_only_in_its_own_place() {
        let (vault, mut chance) = (Vault::new([1; 32]), Chance::seeded(1));
        let (ann, bob): (Id<Person>, Id<Person>) = (Id::random(&mut chance), Id::random(&mut chance));
        let (key, wrapped) = vault.new_key(&mut chance, ann);
        let sealed = seal(&mut chance, &key, Field::Name, ann, "王秀英");
        assert_eq!(vault.unwrap(ann, &wrapped).unwrap(), key);
        assert_eq!(vault.open(&key, Field::Name, ann, &sealed).unwrap(), "王秀英");
        assert!(vault.open(&key, Field::Phone, ann, &sealed).is_err());
        assert!(vault.open(&key, Field::Name, bob, &sealed).is_err());
        assert!(vault.unwrap(bob, &wrapped).is_err());
        assert!(Vault::new([2; 32]).unwrap(ann, &wrapped).is_err());
    }

    #[test]
    fn a_ticket_holds_for_its_step_and_time_only() {
        let (vault, mut chance) = (Vault::new([1; 32]), Chance::seeded(1));
        let phone: Phone = "19912341234".parse().unwrap();
        let now = Timestamp::from_millis(1_000_000);
        let ticket = vault.ticket(&mut chance, Step::EnterCode, &phone, now.plus_minutes(10));
        assert_eq!(vault.read_ticket(now, Step::EnterCode, &ticket), Some(phone));
        assert_eq!(vault.read_ticket(now, Step::OpenAccount, &ticket), None);
        assert_eq!(vault.read_ticket(now.plus_minutes(10), Step::EnterCode, &ticket), None);
        assert_eq!(vault.read_ticket(now, Step::EnterCode, "AAAA"), None);
        assert_eq!(Vault::new([2; 32]).read_ticket(now, Step::EnterCode, &ticket), None);
    }

    #[test]
    fn indexes_of_phones_and_cards_cannot_be_compared() {
        let vault = Vault::new([1; 32]);
        let (phone, card): (Phone, CardNumber) = ("19912341234".parse().unwrap(), CardNumber::of_serial(1));
        assert_ne!(vault.phone_index(&phone), vault.card_index(&card));
        assert_ne!(vault.phone_index(&phone), Vault::new([2; 32]).phone_index(&phone));
    }
}
