portal-home = Home
portal-hero = Learning at your doorstep
portal-hero-lead = Find classes, talks and activities near you this week; one tap and you are in.
portal-search = Find courses and activities
portal-q = What, where, when
portal-q-hint = e.g. 书法 天星桥
portal-district = District
portal-everywhere = Whole city
portal-when = When
portal-any-time = Any time
portal-when-week = This week
portal-when-next_week = Next week
portal-when-month = Within 30 days
portal-kind = Kind
portal-any-kind = Any kind
portal-kind-course = Course
portal-kind-lecture = Lecture
portal-kind-class = Class
portal-kind-micro_course = Micro-course
portal-kind-tour = Study tour
portal-kind-training = Training
portal-free = Free
portal-paid = With a fee
portal-free-only = Free of charge only
portal-clear = Clear all
portal-total = { $n ->
    [one] 1 offer found
   *[other] { $n } offers found
}
portal-understood = Looked for:
portal-term-place = place
portal-term-time = time
portal-term-word = subject
portal-relaxed = Nothing fits completely; these come closest.
portal-nothing = Nothing found.
portal-nothing-shorter = Try other or fewer words, such as just “书法”.
portal-nothing-filters = Try without district, time or other filters.
portal-nothing-places = See which places of learning are near you
portal-pages = Pages
portal-previous = Previous
portal-next = Next
portal-page = Page { $n }
portal-sessions = { $n ->
    [one] (one session)
   *[other] (first of { $n } sessions)
}
portal-free-seats = { $n ->
    [one] 1 seat free
   *[other] { $n } seats free
}
portal-full = All seats taken
portal-no-class = No class is coming up
portal-week = You can join this week
portal-week-empty = No class with free seats this week; have a look at the next.
portal-week-near = See this week
portal-places = Browse by place
portal-figures = The city this year
portal-figure-attendances = attendances
portal-figure-learners = people learned
portal-figure-hours = hours of learning
portal-figures-more = See where each figure comes from
portal-how = How it works
portal-how-find = Search, choose a class near home, press “Sign up”.
portal-how-come = Come to the room and enter the code that the teacher shows; without a phone, bring your learning card.
portal-how-keep = Minutes, credit and certificates go into your learning passport; anyone can check that they are genuine.
portal-passport-of = Learning passport of { $name }
portal-my-sessions = sessions attended
portal-my-minutes = minutes
portal-my-credit = credits
portal-coming = My classes
portal-coming-empty = You have not signed up for any coming class.
portal-certificates = My certificates
portal-certificates-empty = No certificates yet. Complete a class and one appears here by itself.
portal-attended = What I learned
portal-attended-empty = Nothing recorded yet.
portal-what = What
portal-where = Where
portal-minutes = Minutes
portal-proof = Evidence
portal-newest = Back to the newest
portal-older = Earlier
portal-me = My account
portal-teaching = My sessions this week
portal-audit = Audit trail
portal-people = People and roles
portal-security = Account security
portal-all-teaching = All my teaching
portal-role-teacher = Teacher
portal-role-staff = Staff
portal-role-head = Head
portal-role-auditor = Auditor
portal-role-system-administrator = System administrator
portal-role-security-administrator = Security administrator
portal-below = { $n } organisations below
portal-offers = Offers and classes
portal-org-figures = Figures of this organisation
portal-this-week = Sessions within seven days
portal-this-week-empty = No sessions within seven days.
portal-taken = { $taken } of { $capacity } seats taken

# Jobs
portal-jobs = Jobs
portal-jobs-lead = What works behind the pages: sending messages, keeping figures up to date, sealing records. A job that fails is tried ten times and then waits for a person.
portal-jobs-failed = Jobs that wait for a person
portal-jobs-open = Jobs that wait or run
portal-jobs-messages = Messages on their way
portal-jobs-messages-failed =
    { $n ->
        [one] { $n } failed in the last seven days
       *[other] { $n } failed in the last seven days
    }
portal-jobs-unsealed = Records not sealed yet
portal-jobs-sealed-at = Last sealed: { $at }
portal-jobs-list = Jobs
portal-jobs-tab-failed = For a person
portal-jobs-tab-open = Waiting or running
portal-jobs-tab-done = Ended
portal-jobs-empty-failed = No job needs you.
portal-jobs-empty-open = No job waits or runs now.
portal-jobs-empty-done = No job has ended yet.
portal-job-ready = waiting
portal-job-running = running
portal-job-done = ended
portal-job-failed = failed
portal-jobs-attempts =
    { $n ->
        [one] { $n } attempt
       *[other] { $n } attempts
    }
portal-jobs-next = runs next: { $at }
portal-jobs-last = last tried: { $at }
portal-jobs-ended = ended: { $at }
portal-jobs-reason = Reason:
portal-jobs-retry = Try again
portal-jobs-retry-of = Try the job { $kind } again
portal-jobs-give-up = Give up
portal-jobs-give-up-of = Give up the job { $kind }
portal-jobs-retried = The job waits again and will be tried at once.
portal-jobs-given-up = The job was given up; that is on record.
portal-jobs-consumers = Keeping up to date
portal-jobs-consumers-note = Each of these keeps its own data up to date from all { $head } facts; { $waiting } more wait for their number.
portal-jobs-consumers-empty = None has begun yet.
portal-jobs-consumer = Name
portal-jobs-lag = Facts behind
portal-jobs-behind = catching up
error-portal-job-changed = The job has changed meanwhile: it may run, have ended, or somebody else was faster. Reload the page and look again.
portal-log = Public log
portal-log-lead = Everything that the city records, such as an attendance or a certificate, goes into a log to which pages can be added and in which no earlier page can be changed. Anybody can check that nobody did.
portal-log-what-1 = Each record leaves a fingerprint. All fingerprints are combined, layer by layer, into a single one: the tree head.
portal-log-what-2 = About once a second the newest tree head is signed. If one character of any earlier page were changed, the fingerprint would no longer fit.
portal-log-what-3 = The log shows fingerprints only: no names, no telephone numbers, nothing of what was learned.
portal-log-newest = Newest tree head
portal-log-size = Records
portal-log-made = Signed
portal-log-root = Fingerprint
portal-log-note = The signed text
portal-log-get-head = Download the signed text
portal-log-get-heads = Earlier tree heads
portal-log-none = There is no tree head yet. It comes about a second after the first record.
portal-log-check = How to check
portal-log-check-1 = Keep the signed text of today; best let somebody you trust keep a copy too.
portal-log-check-2 = Later fetch the newest tree head, and the consistency proof between the two. If it holds, records were only added and not one earlier record was touched.
portal-log-check-3 = Who holds a certificate opens “Proof in the public log” on its page and checks that this certificate is in the log.
portal-log-check-4 = The methods are public standards (RFC 9162 and signed notes). This project comes with an independent checker in Python: e2e/log/verify.py.
portal-log-key = Public key for the signatures (keep it, do not fetch it from here every time):
portal-log-programs = Addresses for programs
portal-log-address = Address
portal-log-gives = What it gives
portal-log-gives-head = The newest tree head, as a signed note
portal-log-gives-heads = Tree heads, newest first, page by page
portal-log-gives-size = The tree head of this size
portal-log-gives-key = The public key
portal-log-gives-inclusion = Proof that a record is in the tree of a size; without size the newest head’s
portal-log-gives-consistency = Proof between two sizes; without “to” up to the newest head
portal-log-gives-credential = Everything needed to check one certificate, for who has its address
portal-log-private = Random numbers go into the fingerprints, so nothing can be guessed back from them. Random numbers and records are never shown; the proof of a certificate contains only what was entered for this certificate, with a random id in place of its holder.
