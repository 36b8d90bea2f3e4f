governance-audit = Audit
governance-lead = Who did what, when and where, and who looked at other people's personal data. The lines come from the journal, which cannot be changed; the newest come first.
governance-f-kind = Kind
governance-f-person = Person (phone, card number or id)
governance-f-org = Organisation (name or id)
governance-f-from = From
governance-f-to = To
governance-all = All
governance-show-all = Clear the filters
governance-none = Nothing fits these filters.
governance-none-yet = Nothing in this stretch fits. You can look further back.
governance-newest = Back to the newest
governance-older = Older lines
governance-position = No. { $n }
governance-export = Export as a table (CSV)
governance-read-too = Opening this page and exporting it are written down as well. The exported table holds ids only, no names.
governance-erased = A closed account
governance-system = The program ({ $name })
governance-nobody = A visitor who was not signed in
governance-people = { $n } people
governance-group-readings = Personal data read
governance-group-roles = Roles
governance-group-accounts = Accounts
governance-group-security = Second factors and tokens
governance-group-network = Organisations and divisions
governance-group-offers = Offers
governance-group-classes = Classes and seats
governance-group-learning = Learning records
governance-group-credit = Credit
governance-group-credentials = Certificates
governance-group-notices = Notices and answers
governance-group-operation = Operation
governance-group-figures = Reported figures
governance-head-position = No.
governance-head-recorded = Recorded
governance-head-occurred = Occurred
governance-head-who = Who
governance-head-what = What
governance-head-kind = Code
governance-head-place = Organisation
governance-head-record = Record
governance-head-fact = Fact id
governance-read-class-list = class list
governance-read-roster = roster
governance-read-standings = who completes
governance-read-drill-down = records behind a figure
governance-read-drill-down-file = records behind a figure (file)
governance-read-holder = holder of a certificate
governance-read-staff = people and roles
governance-read-attendances = list of attendances
governance-read-attendance-file = list of attendances (file)
governance-read-answers = answers to a notice
governance-read-answer-file = answers to a notice, exported
governance-read-trail = audit trail
governance-read-trail-file = audit trail (file)
governance-role-teacher = teacher
governance-role-staff = staff
governance-role-head = head
governance-role-auditor = auditor
governance-role-system-administrator = system administrator
governance-role-security-administrator = security administrator

governance-kind-activities-class-closed-v1 = Class closed
governance-kind-activities-class-opened-v1 = Class opened
governance-kind-activities-enrolled-v1 = Seat taken
governance-kind-activities-enrolment-cancelled-v1 = Seat given back
governance-kind-bank-credited-v1 = Credit posted
governance-kind-bank-reversed-v1 = Credit reversed
governance-kind-catalog-offer-changed-v1 = Offer changed
governance-kind-catalog-offer-drafted-v1 = Offer drafted
governance-kind-catalog-offer-published-v1 = Offer published
governance-kind-catalog-offer-withdrawn-v1 = Offer withdrawn
governance-kind-catalog-subjects-imported-v1 = Subjects imported
governance-kind-credentials-issued-v1 = Certificate issued
governance-kind-credentials-revoked-v1 = Certificate revoked
governance-kind-learning-attendance-reversed-v1 = Attendance taken back
governance-kind-learning-attended-v1 = Attended
governance-kind-learning-completed-v1 = Class completed
governance-kind-learning-headcount-noted-v1 = Visitors counted
governance-kind-learning-headcount-reversed-v1 = Visitor count taken back
governance-kind-learning-minutes-corrected-v1 = Minutes corrected
governance-kind-network-holidays-set-v1 = Public holidays set
governance-kind-network-org-changed-v1 = Organisation changed
governance-kind-network-reorganisation-changed-v1 = Reorganisation prepared, carried out or taken back
governance-kind-network-org-closed-v1 = Organisation closed
governance-kind-network-org-founded-v1 = Organisation founded
governance-kind-network-regions-imported-v1 = Divisions imported
governance-kind-notices-addressed-v1 = Notice reached places
governance-kind-notices-answered-v1 = Answer handed over
governance-kind-notices-changed-v1 = Draft of a notice changed
governance-kind-notices-closed-v1 = Notice closed
governance-kind-notices-draft-kept-v1 = Answer kept for later
governance-kind-notices-drafted-v1 = Notice drafted
governance-kind-notices-extended-v1 = Last day of a notice made later
governance-kind-notices-opened-v1 = Notice opened (receipt)
governance-kind-notices-reminded-v1 = Silent places reminded
governance-kind-notices-reminding-v1 = Reminder ordered
governance-kind-notices-returned-v1 = Answer returned
governance-kind-notices-sent-v1 = Notice sent
governance-kind-notices-withdrawn-v1 = Notice withdrawn
governance-kind-people-consented-v1 = Privacy notice accepted
governance-kind-people-factor-enrolled-v1 = Second factor set up
governance-kind-people-factor-locked-v1 = Second factor locked after wrong codes
governance-kind-people-factor-reset-v1 = Second factor reset
governance-kind-people-factor-unlocked-v1 = Second factor unlocked
governance-kind-people-recovery-renewed-v1 = Recovery codes renewed
governance-kind-people-recovery-used-v1 = Recovery code used
governance-kind-people-erased-v1 = Account closed
governance-kind-people-names-read-v1 = Personal data read
governance-kind-people-registered-v1 = Account opened
governance-kind-people-role-granted-v1 = Role given
governance-kind-people-role-revoked-v1 = Role taken
governance-kind-people-token-ended-v1 = Token ended
governance-kind-people-token-issued-v1 = Token made
governance-kind-portal-batch-ordered-v1 = Batch ordered
governance-kind-portal-batch-undone-v1 = Batch undone
governance-kind-portal-job-decided-v1 = Job decided
governance-kind-statistics-figures-reported-v1 = Figures reported

# People and roles
governance-people-title = People and roles
governance-people-lead = Who holds a role at “{ $org }” now.
governance-people-name = Name
governance-people-none = Nobody holds a role at this organisation yet.
governance-people-not-found = Nobody’s name contains this.
governance-find = Find by phone number
governance-below = Organisations below
governance-names-noted = Opening this page is written down.
governance-since = since { $day }
governance-until = until { $day }
governance-no-end = no end
governance-given-by = given by { $name }
governance-give = Give a role
governance-give-lead = The role holds at “{ $org }” and all organisations below it, from today on. Giving and taking away are written down.
governance-give-person = To whom
governance-give-person-hint = Phone number or card number; she must have signed in once
governance-give-role = Role
governance-give-until = Last day
governance-give-until-hint = Leave empty for no end
governance-give-submit = Give
governance-given = { $name } now holds: { $role }.
governance-gives-teacher = Teacher: teaches her own classes
governance-gives-staff = Staff: runs classes, sign-ups and attendance, and sees names
governance-gives-head = Head: also changes organisations, and gives roles here and below
governance-gives-auditor = Auditor: sees what everybody did, changes nothing
governance-gives-system-administrator = System administrator: keeps the program running, sees no personal data, gives no roles
governance-gives-security-administrator = Security administrator: gives roles, unlocks and resets second factors, sees no audit trail
governance-end = Take away
governance-end-of = Take away: { $role }, { $name }
governance-ended = Taken away: { $role }.
governance-roles = Roles
governance-roles-none = No roles.
governance-held = held
governance-over = over
governance-factor = Second factor
governance-factor-on = On
governance-factor-off = Not set up.
governance-codes-left = { $n ->
    [one] One recovery code is left.
   *[other] { $n } recovery codes are left.
}
governance-locked-until = Locked until { $until }
governance-unlock = Unlock
governance-unlock-of = Unlock { $name }
governance-unlocked = Unlocked.
governance-not-locked = It was not locked.
governance-factor-lost = Phone and recovery codes are lost
governance-reset-what = Make sure first, face to face or by telephone, that it is her. A reset ends the authenticator, the recovery codes and all sessions; she sets up a new one when she signs in next, and is told by a message.
governance-reset-do = Reset the second factor
governance-reset = It was reset, and the person was told.
governance-security = Account security
governance-security-lead = Unlock and reset second factors, appoint administrators, end the tokens of programs. Each step is written down for the auditor.
governance-locked = Locked accounts
governance-locked-none = No account is locked now.
governance-tokens = Tokens of programs
governance-tokens-lead = A token lets a program use the API on behalf of a person. End those that you do not know.
governance-tokens-none = There is no living token.
governance-token-times = Made { $from }, valid until { $until }
governance-token-end = End
governance-token-end-of = End the token of { $name } that is valid until { $until }
governance-token-ended = The token was ended.

error-governance-no-such-person = Nobody was found. Check the phone number, card number or id.
error-governance-no-such-org = No such organisation was found. Try another name or id.

# Counter
governance-counter = Counter
governance-counter-lead = With the person in front of you: open an account, give out a card, replace a card or a PIN.
governance-counter-new = New account
governance-counter-name = Name
governance-counter-birth = Year of birth
governance-counter-birth-hint = For example 1950
governance-counter-phone = Mobile number
governance-counter-phone-hint = An account needs no telephone
governance-counter-consent = She has read the privacy notice, or it was read to her, and she agrees
governance-counter-notice = Privacy notice
governance-counter-go = Open the account and print the slip
governance-counter-lost = Lost card, forgotten PIN
governance-counter-lost-lead = The former one ends at once. Who has a telephone gets a message.
governance-counter-who = Card, mobile number or identifier
governance-counter-who-hint = Forgot the PIN: the card. Lost the card: the mobile number.
governance-counter-what = What she gets
governance-counter-gives-pin = A new PIN for the same card
governance-counter-gives-card = A new card; the old one ends
governance-counter-renew = Give it out and print the slip
governance-counter-next = Next, please
governance-slip = Learning card
governance-slip-card = Number of the card
governance-slip-pin = PIN
governance-slip-shows = Show this card at classes and activities: you are checked in and get your credit.
governance-slip-signs-in = To see your classes and credits yourself, open { $address } and enter card and PIN.
governance-slip-secret = Tell nobody your PIN.
governance-slip-lost = If you lose the card or forget the PIN, any learning centre replaces it at its counter.
governance-slip-print = Print it now: the slip can be opened for half an hour, and the PIN cannot be seen afterwards.
governance-kind-people-card-issued-v1 = Card or PIN given out at a counter
governance-read-counter-slip = slip with card and PIN
error-governance-counter-consent = An account needs the person's consent.

governance-helper = { $name } (acting for somebody)
governance-kind-people-helper-ended-v1 = Leave to act for somebody ended
governance-kind-people-helper-named-v1 = Leave to act for somebody given
governance-kind-people-helping-begun-v1 = Began to act for somebody
governance-counter-help = Act for who stands here
governance-counter-help-lead = She or he has the learning card with her or him and asks you to sign up, cancel or look things up. It is valid for 30 minutes; who has a telephone gets a message.
governance-counter-help-card = Number of the learning card
governance-counter-help-asked = The person stands here and asked for it
governance-counter-help-go = Begin to act
error-governance-counter-asked = Only when the person asks for it: tick the box.
governance-counter-help-done = Done. Press “Act for her or him” below.
governance-kind-people-corrected-v1 = Details corrected
governance-kind-people-leaving-ordered-v1 = Asked to close an account
governance-kind-people-leaving-withdrawn-v1 = Keeps the account after all
governance-counter-correct = Correct a name
governance-counter-correct-lead = The person shows her learning card and an identity document. Look at the document and write the name as it stands there; who has a telephone gets a message.
governance-counter-correct-hint = Four digits; leave it empty to keep it
governance-counter-seen = I have seen the identity document, and this is the name on it
governance-counter-correct-go = Correct
governance-counter-corrected = It is right now.
error-governance-counter-seen = This is done only after you have seen the document. Please tick this.

governance-kind-people-phone-changed-v1 = Mobile number changed
governance-counter-phone-title = Change the mobile number
governance-counter-phone-lead = For somebody who cannot use the old number, or gives up the telephone. Look at the identity document; a code is sent to the new number, and the person reads it out to you.
governance-counter-phone-staff = Make sure that it is the person who asks. A code is sent to the new number, and the person reads it out to you.
governance-counter-phone-who = Number of the card, or the former mobile number
governance-counter-phone-name = Name in the document
governance-counter-phone-name-hint = It must be the name in the account
governance-counter-phone-new = New mobile number
governance-counter-phone-hint-new = Leave empty if the person gives up the telephone and will use card and PIN
governance-counter-phone-seen = I know that it is this person, and I have seen the identity document
governance-counter-phone-go = Next
governance-counter-phone-sent = A code was sent to { $phone }. It is valid for { $minutes } minutes. Have it read out to you.
governance-counter-phone-code = Code
governance-counter-phone-take = Move this number from the account that has it
governance-counter-phone-take-hint = This number belongs to another account. If the person has just got it from the operator, you may move it; that account keeps its records but can no longer sign in with the number.
governance-counter-phone-put = Change the number
governance-counter-phone-again = Nothing came, start again
governance-counter-phone-changed = Changed to { $phone }. All sign-ins have ended, and the old number is told.
governance-counter-phone-dropped = The number was taken out. From now on the person signs in with card and PIN.
governance-phone-lost = Mobile number
governance-phone-lost-lead = When a member of staff has lost the telephone or has a new number, you change it after making sure who asks.

governance-kind-people-invited-v1 = Invited to a role
governance-kind-people-invitation-ended-v1 = Invitation answered or taken back
governance-sms-invited = { $org } invites you to be { $role }. Within { $days } days, open { $address } and sign in with this number to accept or decline.
governance-invite = Invite to a role
governance-invite-lead = Enter name and mobile number; a text message invites the person to { $org }. The role begins when the person signs in with that number and accepts, within { $days } days.
governance-invite-name = Name
governance-invite-phone = Mobile number
governance-invite-phone-hint = With or without an account: one is opened on the way
governance-invite-go = Send the invitation
governance-invite-open = Invitations without an answer
governance-invite-none = No invitation is waiting for an answer.
governance-invite-told = { $n ->
    [one] told once
   *[other] told { $n } times
}, last { $at }
governance-invite-until = open until { $day }
governance-invite-remind = Send again
governance-invite-withdraw = Take back
governance-invite-reminded = The message was sent again.
governance-invite-withdrawn = The invitation was taken back.
governance-invite-not-open = This invitation was answered or has run out; there is nothing to take back.
governance-invited = { $sent ->
    [one] One person was invited.
   *[other] { $sent } people were invited.
}{ $holding ->
    [0] {""}
    [one] {" "}One holds the role already and was not disturbed.
   *[other] {" "}{ $holding } hold the role already and were not disturbed.
}{ $waiting ->
    [0] {""}
    [one] {" "}One was invited before and got no second message.
   *[other] {" "}{ $waiting } were invited before and got no second message.
}
governance-import = Invite from a file
governance-import-lead = Invite teachers and staff to { $org } with one spreadsheet. The whole file is checked first; nobody is invited unless everything is right.
governance-import-step-table = First, download the empty spreadsheet and fill it in
governance-import-step-fill = One line for each person. Name and mobile number are needed; without a role it is a teacher, without an organisation this one, without a last day there is no end.
governance-import-step-check = Then upload it, look at the list, and send
governance-import-xlsx = Empty spreadsheet (Excel)
governance-import-csv = Empty spreadsheet (CSV)
governance-import-file = The spreadsheet
governance-import-file-hint = .xlsx, or CSV in UTF-8; at most { $max } people and { $kib } KB
governance-import-check = Check the file
governance-import-wrong = { $n ->
    [one] One place in the file is wrong
   *[other] { $n } places in the file are wrong
}
governance-import-wrong-lead = Nobody was invited yet. Mend the file and upload it again.
governance-import-first = The first { $n } are shown.
governance-import-faults = What is wrong
governance-import-column-name = Name
governance-import-column-phone = Mobile number
governance-import-column-role = Role
governance-import-column-org = Organisation
governance-import-column-until = Last day
governance-import-look = Look at the list
governance-import-look-lead = { $n ->
    [one] The file is right; there is one person in it.
   *[other] The file is right; there are { $n } people in it.
} The button sends the invitations. The list is kept for { $minutes } minutes.
governance-import-list = The list
governance-import-go = { $n ->
    [one] Invite this person
   *[other] Invite these { $n } people
}
governance-import-shown = The first { $n } are shown here; the button invites all.
governance-import-drop = Do not send, upload anew
governance-import-dropped = The list was thrown away; nobody was invited.
governance-import-done-already = This list was sent already or has run out; nobody was invited twice.
governance-fault-line = Line
governance-fault-column = Column
governance-fault-value = What stands there
governance-fault-mend = How to mend it
governance-invitations = Invitations to a role
governance-invitations-none = There is no invitation for you.
governance-invitations-lead = When you accept, you find the desk after signing in. Decline what comes from an organisation that you do not know.
governance-invited-by = { $name } invited you
governance-accept = Accept
governance-decline = Decline
governance-accepted = You are now { $role } at { $org }. If you are asked to sign in again, please do so once.
governance-declined = Declined.
error-governance-staff-file-kind = This file cannot be read. Save it as an Excel workbook (.xlsx, without a password) or as CSV in UTF-8.
error-governance-staff-file-large = The file is too large. One file may hold at most { $max } people; please split it.
error-governance-staff-file-heading = The heading was not found, lacks a column, or has one twice. It needs “Name” and “Mobile number”, each once.
error-governance-staff-file-column = There is no such column. Delete it, or use the heading of the empty spreadsheet.
error-governance-staff-file-empty = There is nobody in the file. Write one line for each person.
error-governance-staff-file-twice = The same as line { $line }: the same number, role and organisation. Delete one of them.
error-governance-staff-file-role = There is no such role, or you may not give it. Write Teacher, Staff or Head.
error-governance-staff-file-org = No such organisation was found, or several have this name, or it stands elsewhere and not below this one. Write its full name or its identifier.
error-governance-staff-file-day = This is not a day. Write it as 2027-08-31.
error-governance-staff-list-gone = This list was used, thrown away, or waited too long. Please upload the file again.
