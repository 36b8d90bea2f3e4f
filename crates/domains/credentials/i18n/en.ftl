# The certificate's page
credentials-title = Learning certificate
credentials-status-valid = A valid certificate.
credentials-status-valid-what = What follows comes from the issuer's own record and was not changed.
credentials-status-revoked = This certificate was revoked on { $date } and no longer counts.
credentials-revoked-reason = Reason:{" "}
credentials-no-name = The holder's data was erased at her or his request
credentials-holder = Holder
credentials-course = Course
credentials-org = Held by
credentials-issuer = Issued through
credentials-time = Time learned
credentials-sessions = Attended
credentials-issued = Date of issue
credentials-serial = Number
credentials-status = Status
credentials-valid = valid
credentials-revoked = revoked
credentials-qr = Scan the code or visit this address to check the certificate
credentials-get-pdf = For print (PDF)
credentials-get-jwt = Digital (JWT)
credentials-get-json = Digital (JSON)
credentials-check = Check this certificate
credentials-offline = How to check it offline
credentials-offline-1 = Ask the holder for the digital certificate (JWT or JSON). It follows Open Badges 3.0 and the W3C standard for verifiable credentials.
credentials-offline-2 = Download our public keys beforehand and keep them:
credentials-offline-3 = Check the signature against this key with any tool that knows Ed25519 (EdDSA). Never use a key that comes inside the file.
credentials-offline-4 = Offline you learn whether we issued the certificate and whether it was altered. Whether it was revoked is known online only.
credentials-log = Proof in the public log
credentials-verify-log = The platform itself can be checked too: public log
credentials-privacy = This page is listed nowhere and not indexed by search engines. Who has its address may see it, as with paper: give it only to those who should check it.
credentials-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
credentials-minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
credentials-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
credentials-hours-minutes = { $hours } h { $minutes } min

# For print
credentials-pdf-title = Certificate of Completion
credentials-pdf-serial = No. { $serial }
credentials-pdf-lead = This is to certify that
credentials-pdf-body = attended { $attended } of { $planned } sessions and has successfully completed the course
credentials-pdf-course = { $title }
credentials-pdf-sessions = { $attended } of { $planned } sessions
credentials-pdf-seal = Digitally signed; anyone can check it
credentials-pdf-verify = Scan the code or visit this address to check
credentials-pdf-note = Issued from records of learning. Anyone may check it free of charge; what the address shows is what counts.
credentials-pdf-demo = [Demonstration data, no real learning]

# Inside the digital certificate (the record's language is Chinese; these are for other uses)
credentials-vc-description = Completed the course “{ $title }” held by { $org }.
credentials-vc-criteria = Of { $planned } sessions at least two thirds have to be attended.
credentials-vc-evidence = Record of attendance
credentials-vc-attended = Attended { $attended } of { $planned } sessions.
credentials-vc-minutes = Time learned (minutes)

# Checking
credentials-verify = Check a certificate
credentials-verify-lead = Anybody may check, free of charge and without signing in.
credentials-verify-text = Address, number or digital certificate
credentials-verify-text-hint = Such as XC-2026-7K3-M9Q-D25, the address on the certificate, or the whole text of a digital one.
credentials-verify-file = Or upload the file
credentials-verify-file-hint = A .jwt, .json or one of our .pdf files, at most 2 MB.
credentials-verify-button = Check
credentials-verify-another = Check another
credentials-verify-privacy = What you send is used for this check only and not kept.
credentials-checked = What was checked
credentials-record = Our record
credentials-record-what = This is what counts. Compare it with the certificate in your hands, line by line.
credentials-masked = (by number alone, the name is not shown in full)
credentials-open = Open the certificate's page
credentials-claimed-issuer = Issuer that it claims:
credentials-differs = What differs from the record:
credentials-differs-holder = name of the holder
credentials-differs-title = title of the course
credentials-differs-issued = date of issue
credentials-differs-minutes = time learned
credentials-differs-org = who held the course
credentials-differs-serial = number
credentials-differs-criteria = what was required
credentials-differs-attended = sessions attended
credentials-differs-subject = identifier of the holder
credentials-differs-issuer = name of the issuer
credentials-differs-other = other content
credentials-differs-file = the file is not exactly the one that we print now (another program may have saved it, or it may have been altered)
credentials-verdict-true = True and valid
credentials-verdict-true-what = { $issuer } issued this certificate. It agrees with the record and was not revoked.
credentials-verdict-outdated = On record, but not quite the same
credentials-verdict-outdated-what = The certificate is on record and was not revoked, but your copy differs from the record of today. What counts is the record below.
credentials-verdict-altered = Altered or forged
credentials-verdict-altered-what = It claims to come from { $issuer }, but it is not what we signed. Do not rely on it.
credentials-verdict-revoked = Revoked
credentials-verdict-revoked-what = { $issuer } issued this certificate and revoked it later. It no longer counts.
credentials-verdict-expired = Expired
credentials-verdict-expired-what = The signature is right, but the certificate's time is over.
credentials-verdict-too-early = Not valid yet
credentials-verdict-too-early-what = The signature is right, but the certificate's time has not come.
credentials-verdict-foreign = Not issued here
credentials-verdict-foreign-what = We cannot tell whether certificates of others are true. Please ask its issuer.
credentials-verdict-unknown = No such certificate
credentials-verdict-unknown-what = { $issuer } has no record of it. See whether the address or number is complete; if it is, do not rely on the certificate.
credentials-verdict-unreadable = We cannot read this
credentials-verdict-unreadable-what = It is no address or number of a certificate, no digital certificate and no file of ours, or it was copied wrongly. The last character of a number is a check character, so any slip is found. Please compare once more.
credentials-found-good = right
credentials-found-bad = wrong
credentials-found-nothing = not checked
credentials-step-signature-good = Signature: made with our key, not a letter was changed.
credentials-step-signature-bad = Signature: not that of our key over this content.
credentials-step-signature-nothing = Signature: addresses, numbers and unsigned files have none; our record decides.
credentials-step-issuer-good = Issuer: it is us.
credentials-step-issuer-bad = Issuer: it is not us.
credentials-step-record-good = Record: the original record was found.
credentials-step-record-bad = Record: none was found.
credentials-step-equal-good = Content: agrees with the record in every point.
credentials-step-equal-bad = Content: differs from the record.
credentials-step-status-good = Status: not revoked.
credentials-step-status-bad = Status: revoked.
credentials-step-dates-bad = Dates: it is not valid now.
credentials-step-file-good = File: byte by byte the one that we print.
credentials-step-file-nothing = File: not the same as we print now. That alone proves nothing; compare what it says.

# Revoking
credentials-revoke = Revoke the certificate
credentials-revoke-warning = This cannot be undone. Whoever checks this certificate will read “revoked” and your reason.
credentials-revoke-reason = Reason
credentials-revoke-reason-hint = It is public: no personal details, please. Such as: attendance was recorded wrongly.
credentials-revoke-now = Revoke
credentials-revoke-not = Keep it and go back
credentials-revoke-done = The certificate was revoked.

# Errors
error-credentials-bad-serial = This is no number of a certificate; please compare every character.
error-credentials-already-revoked = This certificate was revoked before.
error-credentials-is-revoked = This certificate was revoked, so its files are no longer handed out. Its page tells why.
error-credentials-missing-characters = The certificate cannot be printed: our font lacks { $characters }. It is valid all the same: use its page or the digital certificate, and tell us, so that we can complete the font.
error-credentials-too-long-to-print = The name or the title is too long for one page. The certificate is valid all the same: use its page or the digital certificate.
error-credentials-no-holder = The holder's data was erased at her or his request; the certificate can no longer be printed.
