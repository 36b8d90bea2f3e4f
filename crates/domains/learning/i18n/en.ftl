learning-teach = My teaching
learning-teach-empty = You teach no sessions around this time. The staff of your organisation can open a class for you.
learning-today = Today
learning-coming = The next two weeks
learning-past = The past two weeks
learning-n-of = Session { $n } of { $all }
learning-open-roster = Open the roster
learning-show-code = Show the check-in code
learning-present-of = present (of { $n } on the roster)
learning-visitors-counted = visits without account
learning-not-yet = Check-in opens 30 minutes before the session.
learning-over = The session is over and its code is closed. Whoever was missed can be ticked off until the class is closed.
learning-roster = Roster
learning-roster-empty = Nobody has signed up yet.
learning-method-code = by code
learning-method-card = by card
learning-method-roll = by roll call
learning-minutes-n = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
learning-correct = Correct
learning-f-minutes = Minutes really attended
learning-f-reason = Reason
learning-correct-minutes = Correct the minutes
learning-reverse = Take the record back
learning-list-title = Attendances
learning-list-lead = Attendances at the organisations whose work you see and at those below them. Names are left out unless you choose their column; that is written into the audit trail.
learning-list-day = Session
learning-list-class = Class
learning-list-org = Organisation
learning-list-person = Name
learning-list-method = Way of check-in
learning-list-grade = Evidence
learning-list-minutes = Minutes
learning-list-status = Status
learning-list-id = Identifier
learning-list-hidden = (not shown)
learning-list-from = From
learning-list-to = To
learning-list-region = Area
learning-list-reach = Reach
learning-list-own = This organisation alone
learning-list-count = { $n ->
    [one] { $n } attendance
   *[other] { $n } attendances
}
learning-list-count-more = More than { $n } attendances
learning-list-nothing = No attendances yet
learning-status-valid = Valid
learning-status-reversed = taken back
learning-tick = Tick off
learning-absent = not here
learning-card-title = Somebody without a phone
learning-card-hint = Read or type the learning card; it counts as much as the code. Who has no seat yet takes a free one.
learning-f-card = Card number
learning-card-send = Check in
learning-headcount-title = Visitors without an account
learning-headcount-hint = Counted as attendances, never as people. Say what proves it: a sign-in sheet, a photograph, two witnesses.
learning-visitors-n = { $n ->
    [one] 1 visit
   *[other] { $n } visits
}
learning-f-visitors = How many came
learning-f-evidence = Evidence
learning-f-evidence-hint = For example: paper sign-in sheet, kept at the desk
learning-headcount-send = Note it
learning-close = Close the class
learning-ticked = Ticked off.
learning-card-done = Checked in.
learning-headcount-done = The visits are noted.
learning-minutes-done = The minutes are corrected.
learning-reversed-done = The record is taken back; it stays readable.
learning-code-title = Check-in code
learning-qr = QR code for checking in
learning-code-hint = Scan the picture, or enter these six digits on your phone.
learning-code-left = Changes in { $n ->
    [one] 1 second
   *[other] { $n } seconds
}; this page renews itself.
learning-code-renew = Renew now
learning-code-back = Back to the roster ({ $n } of { $all } present)
learning-check-in = Check in
learning-you-are-in = You are checked in.
learning-grade-declared = self-stated
learning-grade-roll_call = roll call
learning-grade-presence = presence proved
learning-grade-cross_checked = cross-checked
learning-grade-assessed = assessed
learning-no-seat-yet = You have no seat in this class yet. Take one, then check in.
learning-get-seat = Get a seat
learning-check-in-opens = You cannot check in now. Check-in opens at { $time } and ends with the session.
learning-f-code = Check-in code
learning-f-code-hint = The six digits shown in the room; they change every 30 seconds
learning-no-phone = No phone? Hand your learning card to the teacher; it counts just the same.
learning-checked-in = You are checked in.
learning-close-rule = Who attended at least two thirds of the sessions completes the class and receives a certificate.
learning-name = Name
learning-attended = Sessions attended
learning-minutes = Minutes
learning-result = Result
learning-completes = completes
learning-completes-not = not enough
learning-is-closed = The class is closed; { $n ->
    [one] one person
   *[other] { $n } people
} completed it.
learning-close-early = A class can be closed once its last session has begun.
learning-close-ask = Close the class? { $n ->
    [one] One person
   *[other] { $n } people
} will receive a certificate. After that nobody can check in and the roster is fixed.
learning-close-send = Close it
learning-closed = Closed. { $n ->
    [one] One person
   *[other] { $n } people
} completed; certificates are being made.
error-learning-wrong-code = The code is wrong or has just changed. Look at the digits in the room and enter them again.
error-learning-not-now = You cannot check in now. Check-in is open from { $opens } to { $ends }.
error-learning-no-seat = There is no seat in “{ $title }”. Sign up first, then check in.
error-learning-unknown-card = No card has this number. Check the ten digits, or ask for a new card.
error-learning-not-begun = The session has not begun; come back 30 minutes before it starts.
error-learning-bad-minutes = Minutes lie between 0 and { $max }.
error-learning-bad-visitors = Between 1 and 10,000 visits.
error-learning-reversed = This record was taken back already.
error-learning-too-early = The last session of “{ $title }” has not begun; the class cannot be closed yet.
