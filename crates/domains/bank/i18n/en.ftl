bank-title = My credits
bank-lead = Every entry says by which rule, from what evidence and how it was worked out.
bank-balance = Credit balance
bank-balance-counts = Culture and leisure credits, { $entries ->
    [0] nothing recorded yet
   *[other] made of the entries below
}
bank-entries = Entries
bank-empty-title = No credits yet
bank-empty = After you have been to a class and checked in, your credits appear here within seconds.
bank-empty-find = Find a class
bank-col-minutes = Minutes
bank-col-grade = Evidence
bank-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
bank-older = Older entries
bank-newest = Back to the newest
bank-declared = self-declared
bank-declared-note = Self-declared learning is marked as such and gives no credit.
bank-kind-deposit = deposit
bank-kind-reversal = reversal
bank-held = held for review
bank-was-reversed = reversed
bank-refused = { $credit } not counted
bank-entry-title = Where this credit comes from
bank-entry-amount = Credits of this entry
bank-entry-class = Class of credit
bank-class-culture-leisure = culture and leisure
bank-class-vocational = vocational
bank-class-degree = degree
bank-entry-place = Recorded by
bank-entry-course = Class
bank-entry-day = Time of learning
bank-entry-posted = Posted
bank-entry-evidence = Evidence
bank-entry-approver = Who recorded it
bank-approver-you = you checked in yourself, in the room
bank-approver-staff = a teacher or member of staff
bank-approver-system = the system
bank-entry-rule = Rule
bank-entry-rule-value = { $id }, version { $version }
bank-entry-transfer = Transfer number
bank-entry-fact = Evidence number
bank-entry-steps = How it was worked out
bank-entry-reversed-link = This entry was reversed: see the reversal
bank-entry-original-link = See the entry that is reversed
bank-entry-wrong = Not right? Ask the place that recorded it to correct the attendance or the minutes. The credit then corrects itself, and the old entry stays on record.
bank-entry-back = Back to my credits
bank-grade-declared = self-declared
bank-grade-roll-call = roll call
bank-grade-presence = present (rotating code or card)
bank-grade-cross-checked = cross-checked
bank-grade-assessed = assessed
bank-explain-evidence = { $minutes ->
    [one] { $minutes } minute of learning was recorded
   *[other] { $minutes } minutes of learning were recorded
}; the evidence is “{ $grade }”.
bank-explain-share-full = With this evidence all minutes count.
bank-explain-share-part = With this evidence { $share } of the minutes counts.
bank-explain-share-none = This evidence gives no credit, but the learning stays on record.
bank-explain-hours = { $hour } minutes are one contact hour, { $hours } contact hours are one credit.
bank-explain-sum = { $sum }; to a thousandth, that is { $credit } credits.
bank-explain-posted = Posted: { $credit } credits.
bank-explain-rule = By “{ $name }”, version { $version }.
bank-explain-source = Source of the rule: { $source }
bank-explain-issuer = This is the issuer's side of the entry.
bank-refused-day = A day gives { $cap } credits at most, and that day had { $used } already, so { $refused } credits were not counted.
bank-refused-year = A year gives { $cap } credits at most, and that year had { $used } already, so { $refused } credits were not counted.
bank-refused-overlap = You were also checked in elsewhere at the same time. The credits of both (here { $refused }) are held until the place that recorded it has corrected one of the two; then they are posted by themselves.
bank-refused-no-rule = No rule was in force on the day of learning, so no credit was counted.
bank-reversal-minutes-corrected = The minutes were corrected: the { $credit } credits of before are reversed, and a new entry counts the new minutes.
bank-reversal-attendance-reversed = The attendance was taken back, so its { $credit } credits are reversed.
bank-reversal-held = You were also checked in elsewhere at the same time: the { $credit } credits of before are reversed and held for review.
bank-reversal-released = The two check-ins have been cleared up: the held entry is reversed, and a new entry counts by the rule.
