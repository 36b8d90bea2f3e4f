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

# Privacy notice
people-privacy = Privacy notice
people-privacy-lead = We collect only what is needed, and say why it is needed, who sees it and how long it is kept.
people-privacy-what = What is collected
people-privacy-what-text = Your name and mobile number; records of your sign-ups, check-ins, credits and certificates; name and time of the devices on which you sign in. No ID numbers, no face recognition. District and year of birth only if you like to give them.
people-privacy-why = What for
people-privacy-why-text = The number lets you sign in and be told about your classes; the name is for rosters and certificates; the records of learning make credits, certificates and the city’s figures. Figures hold no names, and small ones are not published.
people-privacy-where = How it is kept
people-privacy-where-text = Name, number and card are encrypted with a key of your own; the master key that opens it is kept apart from the data. Ledgers and logs hold random identifiers only, no names and no numbers.
people-privacy-who = Who sees it
people-privacy-who-text = You; the teachers of your classes; staff of the organisation, and of those above it, who may see names. It is never sold and never given to advertisers. Whom you show a certificate is up to you.
people-privacy-long = How long
people-privacy-long-text = As long as you have the account. Codes end after 5 minutes, sessions after 30 days at the latest. When an account is closed your key is destroyed: nobody can read name, number or card any more.
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
error-people-separate-duties = An auditor holds no other role, and nobody with another role becomes an auditor. Take the other role away first, or choose somebody else.
error-people-own-role = Nobody gives a role to herself or takes her own. Another head has to do it.
error-people-link-spent = This sign-in link was used already or has run out. A link works once: sign in by phone, or ask for a new one.
error-people-code-wrong = The code is wrong. { $left ->
    [one] One try is left.
   *[other] { $left } tries are left.
}
error-people-code-spent = This code is no longer valid: it ran out, was used, or was tried too often. Please send a new one.
error-people-ticket-spent = The sign-in page was open too long. Please begin again with your number.
error-people-consent-needed = An account needs your consent to the privacy notice.
