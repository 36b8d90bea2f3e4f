# Text messages
people-sms-code = [Xuecheng] Your code is { $code }. It is valid for { $minutes } minutes. Do not tell it to anybody; our staff never ask for it.

# Signing in
people-sign-in = Sign in or join
people-sign-in-lead = Enter your mobile number and sign in with a code sent by text message. No password needed. The first time, your account is opened on the way.
people-sign-in-by-phone = Sign in by phone
people-phone = Mobile number
people-phone-hint = 11 digits, mainland China
people-phone-none = No mobile number on record
people-send-code = Send a code
people-no-phone = No phone? The staff of a learning centre near you can give you a learner’s card, or call our help line.
people-code-title = Enter the code
people-code-lead = A code was sent to { $phone }. It is valid for { $minutes } minutes.
people-code = Code
people-code-hint = The 6 digits in the text message
people-code-submit = Sign in
people-code-again = Nothing came, send again
people-code-sent-again = A new code was sent; the one before is no longer valid.
people-other-phone = Use another number
people-new-title = Open your account
people-new-lead = The number { $phone } is confirmed, and it is your first time here. Please tell us your name.
people-name = Name
people-name-hint = It is printed on your certificates; at most 40 characters
people-read-notice = Read the privacy notice (opens in a new window)
people-consent = I have read the privacy notice and agree to it
people-new-submit = Agree and open my account
people-welcome = Your account is open. Welcome!
people-signed-out = You are signed out.
people-link-title = This sign-in link cannot be used
people-link-still = You are still signed in as { $name }.

# My account
people-me = My account
people-searches = Saved searches
people-card = Learner’s card
people-card-none = No card yet; with one you can check in without a phone. Any learning centre gives them out
people-since = Joined
people-sessions = Where you are signed in
people-sessions-lead = If you do not know a device, end its session.
people-sessions-none = You are not signed in on any device.
people-session-times = Signed in { $from }, valid until { $until }
people-session-current = This device
people-session-end = End this session
people-session-ended = That session was ended.
people-sessions-end-others = End all other sessions
people-sessions-ended = { $n ->
    [one] One other session was ended.
   *[other] { $n } other sessions were ended.
}
people-device-unknown = Unknown device

# Second factor
people-factor = Second factor
people-factor-lead = Open the authenticator on your phone and enter the 6 digits that it shows now.
people-factor-code = Code
people-factor-code-hint = The 6 digits of the authenticator; without your phone, one of your recovery codes
people-factor-submit = Confirm
people-factor-lost = Phone lost or replaced?
people-factor-lost-text = Use a printed recovery code. If you have none left, ask the security administrator of the city to reset your second factor; then sign in and set up a new one.
people-factor-locked-until = Too many wrong codes: locked until { $until }. If it is urgent, the security administrator of the city can unlock it.
people-factor-set-up = Set up a second factor
people-factor-why = Your role sees other people’s data or manages access, so signing in takes the digits of an authenticator on your phone besides the code sent to it. It takes about two minutes.
people-factor-step-1 = Step 1: get an authenticator
people-factor-step-1-text = Install an app for time-based codes (TOTP) on your phone, such as Microsoft or Google Authenticator or Aegis. One that you have already will do; it needs no network.
people-factor-step-2 = Step 2: scan the QR code
people-factor-step-2-text = Add an account in the authenticator and scan this code. Take no picture of it and send it to nobody.
people-factor-qr = QR code of the second factor, for the authenticator to scan
people-factor-typed = If you cannot scan, type this key:
people-factor-step-3 = Step 3: enter the first code
people-factor-first-hint = The 6 digits that the authenticator shows now; they change every 30 seconds
people-factor-confirm = Finish
people-factor-anew = The page was open too long; please set up with the new QR code.
people-factor-on = On
people-factor-off = Not set up. With it, signing in also takes the digits of an authenticator on your phone, so that nobody gets in with your text messages alone.
people-factor-left = { $n ->
    [one] One recovery code is left.
   *[other] { $n } recovery codes are left.
}
people-factor-renew = Make new recovery codes
people-codes = Recovery codes
people-codes-lead = Without your phone, use a recovery code instead of the digits. Each works once.
people-codes-once = These codes are shown only here and only now. Print them or write them down, and keep them where your phone is not.
people-codes-of = Recovery codes for Xuecheng, made on { $date }; earlier ones are no longer valid.
people-codes-done = I have put them away, continue
people-recovery-used = The recovery code was used; { $n ->
    [one] one is left
   *[other] { $n } are left
}. Make new ones under “My account” before they are gone.
people-sms-factor-on = [Xuecheng] A second factor was set up for your account. If that was not you, tell the security administrator of your city at once.
people-sms-factor-reset = [Xuecheng] Your second factor was reset by the security administrator; set up a new one when you sign in next. If you did not ask for it, tell your organisation at once.

# Privacy notice
people-privacy = Privacy notice
people-privacy-lead = We collect only what is needed, and say why it is needed, who sees it and how long it is kept.
people-privacy-what = What is collected
people-privacy-what-text = Your name and mobile number; records of your sign-ups, check-ins, credits and certificates; the searches that you save to be told of new courses; name and time of the devices on which you sign in. To prevent abuse, requests are counted by network address for a short time; what is stored is a keyed digest, not the address. No ID numbers, no face recognition. District and year of birth only if you like to give them.
people-privacy-why = What for
people-privacy-why-text = The number lets you sign in and be told about your classes, and about new ones if you asked for that; the name is for rosters and certificates; the records of learning make credits, certificates and the city’s figures. Figures hold no names, and small ones are not published.
people-privacy-where = How it is kept
people-privacy-where-text = Name, number, card and saved searches are encrypted with a key of your own; the master key that opens it is kept apart from the data. The secrets of second factors of staff are encrypted in the same way, and of recovery codes only keyed digests are kept. Ledgers and logs hold random identifiers only, no names and no numbers.
people-privacy-browser = What your browser keeps
people-privacy-browser-text = Only the cookies that the site needs itself: proof that you are signed in (gone when you sign out), a random token that keeps others from sending forms in your name (gone when the browser closes), and the language and letter size that you chose (a year). If you choose a place under “nearby”, the browser remembers that street, town or village (a year) until you press “Forget this place”. If you let it use where you are, the position is first rounded to about 100 metres, stands in the address of that page alone, serves for distances and is not kept by us. There are no cookies for advertising or tracking.
people-privacy-who = Who sees it
people-privacy-who-text = You; the teachers of your classes; staff of the organisation, and of those above it, who may see names. It is never sold and never given to advertisers. Whom you show a certificate is up to you. Who looked at a list with your name, and when, is written down for the auditor.
people-privacy-long = How long
people-privacy-long-text = As long as you have the account. Codes end after 5 minutes, sessions after 30 days at the latest. A saved search is deleted when you give it up. Logs of requests are kept for six months, as the Cybersecurity Law asks; they hold no names, numbers or codes. The record of who looked at which list stays with all other records and holds random identifiers only. When an account is closed your key is destroyed: nobody can read name, number or card any more.
people-privacy-rights = Your rights
people-privacy-rights-text = You may see your data and records at any time, have them corrected, exported or deleted, and withdraw your consent. What was done before stays lawful.
people-privacy-contact = Contact
people-privacy-contact-text = Call { $phone } with questions and requests, or come to any learning centre.
people-privacy-version = Version { $version }. Under the Personal Information Protection Law of the People’s Republic of China, articles 13, 14 and 17.

# Errors
error-people-bad-phone = This is no mobile number: it has 11 digits and begins with 13 to 19. Please check it.
error-people-bad-card = This is no card number: it has 10 digits. Please compare it with the card.
error-people-bad-name = The name holds line breaks or invisible marks. Please type it by hand.
error-people-phone-taken = This number has an account already. Please sign in with it.
error-people-card-taken = This card was given to somebody else. Please take another one.
error-people-separate-duties = System administrator, security administrator and auditor are different people and hold no other role. This person is { $held ->
    [staff] member of staff
    [head] head
    [auditor] auditor
    [system-administrator] system administrator
    [security-administrator] security administrator
   *[teacher] teacher
} already and cannot become { $asked ->
    [staff] member of staff
    [head] head
    [auditor] auditor
    [system-administrator] system administrator
    [security-administrator] security administrator
   *[teacher] teacher
} as well. Take that role away first, or choose somebody else.
error-people-own-role = Nobody gives a role to herself or takes her own. Another head has to do it.
error-people-link-spent = This sign-in link was used already or has run out. A link works once: sign in by phone, or ask for a new one.
error-people-code-wrong = The code is wrong. { $left ->
    [one] One try is left.
   *[other] { $left } tries are left.
}
error-people-code-spent = This code is no longer valid: it ran out, was used, or was tried too often. Please send a new one.
error-people-ticket-spent = The sign-in page was open too long. Please begin again with your number.
error-people-consent-needed = An account needs your consent to the privacy notice.
error-people-bad-end = The last day must lie after today.
error-people-factor-wrong = The code is wrong. { $left ->
    [one] One try is left.
   *[other] { $left } tries are left.
}
error-people-factor-used = This code was used already. Wait for the next one, at most 30 seconds.
error-people-factor-locked = Too many wrong codes: locked for { $minutes } minutes (until { $until }). If it is urgent, the security administrator of the city can unlock it.
error-people-factor-known = There is a second factor already. If the phone is lost, use a recovery code or ask the security administrator for a reset.
error-people-factor-missing = There is no second factor, or it cannot be used any more. Sign in again to set one up; if that fails, ask the security administrator for a reset.
error-people-factor-mismatch = The code does not belong to this QR code. Check that the clock of the phone is right, and enter the 6 digits that the authenticator shows now.
error-people-own-factor = Nobody unlocks or resets her own second factor. Another security administrator has to do it.

# Signing in with a card
people-by-card = Sign in with a learning card
people-card-title = Sign in with a card
people-card-lead = No telephone needed: the ten digits on your learning card, and the six digits that you got with it.
people-card-number = Number of the card
people-card-hint = Ten digits, printed on the card
people-pin = PIN
people-pin-hint = Six digits, printed on the slip
people-card-go = Sign in
people-card-by-phone = Sign in by telephone instead
people-card-forgot = Lost the card, or forgot the PIN? Any learning centre gives you a new one at its counter.
people-sms-card = Your learning card or PIN was renewed at the counter of a learning centre. If that was not you, please call the centre at once.
error-people-card-or-pin-wrong = Card or PIN is wrong. After { $tries } wrong tries the card is locked for a while; a counter can unlock it.
error-people-staff-by-phone = Staff sign in by telephone; the security administrator helps.
error-people-slip-gone = The slip can be printed for half an hour, by who gave it out. Give a new PIN if it is needed.

# Acting for somebody
people-helpers = Who may act for me
people-helpers-lead = You can let family, friends or volunteers look things up and sign you up. Everything they do stands here, and you can take it back at any time.
people-helpers-none = Nobody may act for you now.
people-help-relation = Relation
people-help-relation-family = Family or friend
people-help-relation-volunteer = Volunteer
people-help-relation-guardian = Guardian
people-help-relation-counter = Clerk at a counter
people-help-may = What she or he may do
people-help-may-look = Look only: classes, records, credit and certificates
people-help-may-act = Look, sign me up for classes and cancel them
people-help-since = Since { $date }
people-help-until = until { $time }
people-help-last = last used { $time }
people-help-end = Take back
people-help-ended = Taken back. This person can no longer act for you.
people-help-new = Let somebody help
people-help-new-lead = Make a number first and tell it to somebody you trust. She or he enters it in an account of her or his own. It is valid for { $hours } hours, once.
people-help-full = { $max } people may act for you already. Take one back before you add another.
people-help-make = Make a number
people-help-code = Number for a helper
people-help-code-lead = Tell these 8 digits to somebody you trust, or let her or him scan them. Valid for { $hours } hours, once.
people-help-code-where = The helper opens { $address }, signs in, and enters it there.
people-help-code-once = It is shown this once. You can make another one, which ends this one.
people-help-code-back = Back
people-help-code-hint = 8 digits, made by the other person under “Who may act for me”
people-deeds = What others did for me
people-deeds-none = Nobody has done anything for you yet.
people-deeds-older = Older
people-deed-enrolled = Signed you up for a class
people-deed-cancelled = Cancelled a class for you
people-deed-other = Did something for you
people-erased = Closed account
people-helping = For whom I may act
people-helping-lead = After “Act for her or him” the pages show that person’s classes and records, and say so on each page. It ends by itself after { $minutes } minutes.
people-helping-none = You act for nobody now.
people-help-begin = Act for her or him
people-help-give-up = Act no longer
people-help-given-up = You can no longer act for this person.
people-help-stopped = You act for yourself again.
people-help-by-code = With a number
people-help-by-code-lead = Ask the other person to sign in, make 8 digits under “Who may act for me”, and tell them to you.
people-help-take = Be allowed to act
people-help-agreed = Done. You may act for this person now.
people-help-by-card = With the other person’s card
people-help-by-card-lead = When she or he is with you, has no telephone and agrees: use her or his learning card and PIN.
people-child = Open an account for a child
people-child-lead = A guardian opens the account of a child under 18, signs it up and sees its records until the end of the year in which it comes of age. A card is given out at the counter of a learning centre.
people-child-name = Name of the child
people-child-birth = Year of birth of the child
people-child-birth-hint = Four digits, { $year } or later
people-child-consent = I am this child’s guardian, have read the privacy notice and agree to an account for the child
people-child-go = Open the child’s account
people-child-done = The child has an account. You can sign it up now.
people-sms-helper = { $name } may now act for you in Xuecheng. If you did not agree, sign in and take it back under “Who may act for me”, or call a learning centre.
people-sms-counter = { $name } of a learning centre is acting for you at the counter for 30 minutes. If you are not there, call the learning centre at once.
error-people-help-code-wrong = This number is wrong, used up or too old. Ask for a new one.
error-people-own-helper = You need not act for yourself. Use your own pages.
error-people-too-many-helpers = One person may have { $max } helpers at most. Take one back first.
error-people-too-many-helped = One person may act for { $max } people at most. Give one up first.
error-people-guardian-stays = A child cannot take this back from its guardian. Ask at a learning centre.
error-people-too-many-children = One person may open accounts for { $max } children at most.
error-people-guardian-consent = A child’s account needs its guardian’s consent to the privacy notice.

# My data
people-data = My data
people-birth-year = Year of birth
people-correct = Correct my details
people-correct-lead = If something was taken down wrongly, put it right here.
people-correct-name-hint = As in your identity document; you may change it yourself for { $days } days after you opened the account
people-correct-name-late = You opened your account more than { $days } days ago. Certificates and rolls go by this name, so please bring your identity document and learning card to the counter of any learning centre.
people-correct-birth-hint = Four digits; you may leave it empty
people-correct-go = Save
people-corrected = It is right now.
people-leave = Close my account
people-leave-soon = You asked to close your account. It will be erased after { $time }.
people-leave-waits = You asked on { $from } to close your account. It will be erased after { $time }. Until then you can change your mind.
people-leave-withdraw = Keep my account
people-leave-withdrawn = Your account stays as it was.
people-leave-ordered = Your account will be erased after { $time }. Sign in before then if you change your mind.
people-leave-goes = What will be erased
people-leave-goes-name = Your name, mobile number, year of birth and learning card become unreadable for ever.
people-leave-goes-door = All sign-ins, numbers for helpers and tokens of programs. You cannot sign in to this account any more.
people-leave-goes-wishes = Your saved searches, and who may act for you.
people-leave-goes-certificates = Your name on certificates. Whoever verifies one sees the certificate, not whose it is.
people-leave-stays = What stays, and why
people-leave-stays-records = Attendances, credit entries and numbers of certificates, without a name: the city’s figures count them and the books must balance, but nobody can tell whose they are.
people-leave-stays-log = One line in the public log that an account was erased, as proof that we did it.
people-leave-stays-backups = Older backups until their time is over. Restored with newer keys they do not bring your name back.
people-leave-archive = Download my data first
people-leave-days = You have { $days } days to change your mind. After that it is done and cannot be undone.
people-leave-understood = I understand what is erased, and that it cannot be undone
people-leave-go = Close my account
people-sms-leaving = You asked to close your Xuecheng account. It will be erased in { $days } days. If it was not you, or you changed your mind, sign in and keep it under “My account”.
people-sms-corrected = Your details at Xuecheng were just corrected at the counter of a learning centre. If it was not you, please call the learning centre at once.
error-people-leave-understood = Please tick this to say that you understand it cannot be undone.
error-people-leaves-with-role = You hold a role. Have it taken back by the head first, then close your account.
error-people-leaves-already = You have asked for it already.
error-people-name-at-counter = Your account is older than { $days } days. Please bring your identity document to the counter of a learning centre to change your name.

people-phone-change = Change
people-phone-add = Add a mobile number
people-phone-change-title = Change your mobile number
people-phone-change-lead = You sign in with { $phone } now. Enter the new number; we send one code to the new and one to the old number.
people-phone-add-lead = With a mobile number you can sign in by a code and are reminded of your classes. Your card goes on working.
people-phone-new = New mobile number
people-phone-lost-title = Is the old number out of use?
people-phone-lost = Go to the counter of any learning centre with your identity document; the old number is not needed there.
people-phone-codes-title = Enter both codes
people-phone-codes-lead = A code was sent to each number. They are valid for { $minutes } minutes.
people-phone-code-new = Code for the new number
people-phone-code-old = Code for the old number
people-phone-code-at = The 6 digits sent to { $phone }
people-phone-take = Move this number from that account to mine
people-phone-take-hint = This number belongs to another account. If you have just got it from your operator, you may move it; that account keeps its records but can no longer sign in with the number. If that account is yours as well, ask at a counter first.
people-phone-go = Change the number
people-phone-again = Nothing came, start again
people-phone-others-end = After the change you are signed out on all other devices.
people-phone-changed = Changed. From now on sign in with { $phone }.
people-sms-new-phone = [Xuecheng] Code { $code }: it makes this number the one that signs in to a Xuecheng account. If this was not you, ignore it and tell the code to nobody.
people-sms-old-phone = [Xuecheng] Somebody wants to change the number of your account to { $phone }. The code that confirms it is { $code }. If this was not you, tell it to nobody and nothing will change.
people-sms-phone-moved = The number of your Xuecheng account was just changed to { $phone }; this number no longer signs in. If it was not you, please call the learning centre at once.
people-sms-phone-dropped = This number was just taken out of your Xuecheng account at a counter and no longer signs in. If it was not you, please call the learning centre at once.
people-sms-phone-yours = At the counter of a learning centre this number was just made the one that signs in to your Xuecheng account.
error-people-same-phone = This is the number that the account has already.
error-people-name-mismatch = This is not the name in the account. Compare document and account; if the name was taken down wrongly, correct the name first.
error-people-card-first = There is no learning card yet, so without the number nobody could sign in. Give out a card first.
error-people-phone-held = This number belongs to another account already.
error-people-phone-of-staff = This number belongs to the account of a member of staff and cannot be moved. Please ask the security administrator.
error-people-invitation-gone = This invitation was answered, taken back, or has run out.
error-people-invitation-void = This invitation no longer holds: who invited may not give the role any more, or its last day is over. Please ask the organisation to invite you anew.
error-people-too-many-invitations = Too many invitations have no answer; the most is { $max }. Take some back, or wait for answers.
error-people-reminded-already = A message was sent a short while ago, or often enough: one in { $hours } hours, { $max } in all.
people-invited-note = An organisation invites you to a role.
people-invited-see = See the invitation
