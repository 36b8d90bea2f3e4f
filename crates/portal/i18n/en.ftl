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
portal-any-kind = Any kind
portal-free-only = Free of charge only
portal-kind = Kind
portal-free = Free
portal-paid = With a fee
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
portal-nothing-places = See which places of learning are near you
portal-suggestions = Suggested words
portal-term-wish = condition
portal-take-out = take this out
portal-guess = “{ $typed }” was not found; words that sound or look alike were searched for. Did you mean:
portal-narrow = Narrow down
portal-choice-seats = Seats
portal-with-seats = Only with free seats
portal-choice-kind = Form
portal-choice-slot = Time of day
portal-choice-audience = For
portal-choice-cost = Cost
portal-choice-subject = Field
portal-slot-weekend = weekend
portal-slot-am = morning
portal-slot-pm = afternoon
portal-slot-eve = evening
portal-without-district = The whole city
portal-without-when = At any time
portal-without-kind = In any form
portal-without-free = At any cost
portal-without-cost = At any cost
portal-without-seats = Also without free seats
portal-without-slot = At any time of day
portal-without-audience = For everybody
portal-without-subject = In all fields
portal-order = Order:
portal-order-fit = Best fit first
portal-order-time = Soonest first
portal-order-near = Nearest first
portal-near-choose = Choose a place to measure from
portal-near-go = Measure from here
portal-near-street = Choose a street or town
portal-why = Why is it here
portal-why-title = “{ $text }” or a word of the same meaning is in the title
portal-why-text = “{ $text }” or a word of the same meaning is in the description
portal-why-place = It is in { $text }
portal-why-time = The next session is at that time: { $text }
portal-why-wish = It has what you asked for: { $text }
portal-why-missing = “{ $text }” is not mentioned, so it comes later
portal-why-near = { $far } away as the crow flies
portal-why-open = There is a class to join, so it comes earlier
portal-why-closed = There is no class at the moment, so it comes later
portal-as-calendar = As a calendar
portal-why-venue = The venue is open; there is no class to wait for
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
portal-open-hours = Open: { $hours }
portal-open-just-go = No sign-up, just go
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
portal-counter = Counter
portal-security = Account security
portal-all-teaching = All my teaching
portal-role-teacher = Teacher
portal-role-staff = Staff
portal-role-head = Head
portal-role-auditor = Auditor
portal-role-system-administrator = System administrator
portal-role-security-administrator = Security administrator
portal-below = { $n } organisations below
portal-attendances = Attendances
portal-orgs = Organisations
portal-orgs-lead = The organisations whose work you see, and those below them.
portal-orgs-under = At or below
portal-orgs-count = { $n ->
    [one] { $n } organisation
   *[other] { $n } organisations
}
portal-orgs-count-more = More than { $n } organisations
portal-orgs-nothing = There is no organisation to see
portal-exports = My exported files
portal-exports-lead = Files of lists. Only you can see them; they are deleted after { $days } days.
portal-exports-empty = No exported files
portal-exports-empty-text = Open a list of the desk and choose an export below it.
portal-exports-one = Export: { $list }
portal-exports-made = asked for { $at }
portal-exports-list = See the list
portal-exports-list-orgs = Organisations
portal-exports-list-offers = Offers
portal-exports-list-attendances = Attendances
portal-exports-format-csv = CSV
portal-exports-format-xlsx = Excel table
portal-exports-state-waiting = Waiting
portal-exports-state-writing = Being written
portal-exports-state-done = Ready
portal-exports-state-failed = Failed
portal-exports-get = Download
portal-exports-delete = Delete
portal-exports-deleted = The exported file was deleted.
portal-exports-done = The file is ready: { $n } rows, about { $kib } KB.
portal-exports-until = Kept until { $at }.
portal-exports-failed = The file could not be written, though it was tried several times. Go back to the list and export it again; if that fails too, tell the system administrator.
portal-exports-waiting = Waiting; it begins in a moment.
portal-exports-writing = { $n } rows written of about { $all }.
portal-exports-progress = Progress
portal-exports-wait = The page renews itself. You may leave and come back for the file.
portal-exports-again = Renew now
portal-offers = Offers and classes
portal-org-figures = Figures of this organisation
portal-this-week = Sessions within seven days
portal-this-week-empty = No sessions within seven days.
portal-taken = { $taken } of { $capacity } seats taken

# Places and organisations
place-places = Learning map
place-places-lead = The districts, streets, towns and villages of { $name }, and the places to learn near you.
place-find = Find an organisation
place-search-name = Name of the organisation
place-search-kind = Kind
place-search-any = All kinds
place-search-go = Find
place-pages = Pages
place-demo = Demo
place-demo-long = Demo organisation, stands for no real body
place-districts = Districts
place-district = District
place-population = Residents
place-population-note = Residents by the Seventh National Census (1 November 2020); where no figure was published, we say “unknown”.
place-population-of = { $day }, source: { $source }
place-unknown = Unknown
place-unknown-why = We found no published figure. It does not mean that nobody lives here.
place-orgs = Organisations
place-group = Part of the city
place-level = Level
place-level-1 = province
place-level-2 = prefecture
place-level-3 = county
place-level-4 = township
place-level-5 = village
place-code = Division code
place-inside = Divisions inside
place-orgs-here = Organisations here
place-none-here = No organisation is registered here yet
place-none-found = No organisation fits
place-none-found-text = Try a shorter name, or look through the districts on the learning map.
place-show-all = Clear and show all
place-go-up = Look one level up
place-no-city = No divisions have been imported yet
place-no-city-text = Once they are, this page shows the districts and the places to learn.
place-address = Address
place-hours = Opening hours
place-phone = Telephone
place-serves = Serves
place-above = Stands below
place-opened = Founded
place-closed = This organisation closed on { $day }. What follows is how it was.
place-below = Organisations below
place-below-direct = Directly below
place-learn-here = See what can be learned here
place-map-title = Sketch map: organisations for learning by district
place-map-notice = Sketch map, not an authority on borders
place-map-area = { $name }: { $n } { $n ->
    [one] organisation
   *[other] organisations
}
place-map-from = { $n } or more
place-map-caption = The darker, the more organisations. Choose a district; the table below says the same.
place-map-place = Sketch map: organisations in { $name }
place-map-caption-place = Dots are places of learning; one with a number stands for several close together and opens them by distance. The list further down has the same. Positions are schematic.
place-map-org = Sketch map: where { $name } is
place-map-caption-org = The dot is where the organisation is.
place-map-caption-note = Position of the dot: { $note }. The address decides.
place-city-calendar = Calendar of the city
place-near = Learning nearby
place-near-lead = Places and classes by distance, from a place that you choose or from where you are.
place-near-locate = Use where I am now
place-near-locate-note = The position is rounded to about 100 metres, used for distances only and not kept.
place-near-locate-failed = Your position could not be found. Please choose a place below.
place-near-choose-district = First the district
place-near-choose-street = Then the street or town
place-near-choose-go = Next
place-near-whole = Just { $name }
place-near-from = From { $name }
place-near-from-here = From where you are now
place-near-closer = Choose more closely
place-near-other = Another place
place-near-forget = Forget this place
place-near-remembered = Your browser alone remembers this place; no account is needed.
place-near-tabs = What to see
place-near-places = Places
place-near-classes = Classes with free seats
place-near-straight = Distances are as the crow flies.
place-near-sketch = Positions marked “sketch” were not measured: their distance is a rough guide, the address counts.
place-near-sketched = sketch
place-near-no-places = No place of learning with a position within 100 kilometres
place-near-no-classes = No class with free seats nearby within two weeks
place-near-no-classes-text = Have a look at the places nearby, or at the classes of the whole city.
place-near-link = See what else is nearby
place-near-here = Places of learning nearest to here
place-metres = { $n } m
place-kilometres = { $n } km
place-coming = What is on next
place-coming-below = Next at the organisations below
place-coming-none = No new class soon
place-coming-none-org = Give them a call, or see the classes nearby.
place-coming-none-region = See the classes nearby, or those of the whole city.
place-coming-all = Open the calendar
place-open = Open to everyone
place-open-note = No need to sign up: just go while it is open.
place-venues = Libraries, museums, culture centres and sports venues nearby
place-venues-all = Everything open in { $name }
place-undated = Also free here
place-undated-note = No dates yet. Ask at the place or by telephone when they are.
place-way = Show the way on a map
place-call = Call { $phone }
place-contact = Contact and way
place-who = Whom to ask
place-who-head = { $n ->
    [one] 1 head
   *[other] { $n } heads
}
place-who-staff = { $n ->
    [one] 1 member of staff
   *[other] { $n } members of staff
}
place-who-teacher = { $n ->
    [one] 1 teacher
   *[other] { $n } teachers
}
place-who-note = Ask at the place or by telephone; names of staff are not published here.
place-figures = Last 12 months
place-figures-year = This year
place-figures-of = Computed from the records of { $name } and all organisations below it; each figure leads down to its records.
place-figures-attendances = attendances
place-figures-learners = people (each counted once)
place-figures-hours = hours of learning
place-figures-few = Fewer than { $n }
place-map-approved = Map review number: { $number }
place-map-group = { $n } places: { $names }
place-map-group-more = { $n } places: { $names } and more
place-list-comma = {", "}
place-region-summary = { $name }: { $n ->
    [one] one place of learning
   *[other] { $n } places of learning
}, the next classes and figures.
place-count = { $n ->
    [one] 1 place
   *[other] { $n } places
}
place-calendar = Calendar
place-calendar-of = Calendar of { $name }
place-calendar-view = View
place-calendar-view-month = Month
place-calendar-view-week = Week
place-calendar-view-day = Day
place-calendar-month-of = { $year }-{ $month }
place-calendar-before = Earlier
place-calendar-after = Later
place-calendar-today = Today
place-calendar-weekday-1 = Mon
place-calendar-weekday-2 = Tue
place-calendar-weekday-3 = Wed
place-calendar-weekday-4 = Thu
place-calendar-weekday-5 = Fri
place-calendar-weekday-6 = Sat
place-calendar-weekday-7 = Sun
place-session-of = session { $n } of { $of }
place-calendar-sessions = { $n ->
    [one] 1 session
   *[other] { $n } sessions
}
place-calendar-none = No sessions
place-calendar-none-text = Try another time, or fewer filters.
place-calendar-total = { $n ->
    [one] 1 session
   *[other] { $n } sessions
}
place-calendar-filter = Filter
place-calendar-found = Calendar of the search
place-calendar-as-list = See these results as a list
place-calendar-cut = There are many results; the calendar shows the { $n } that fit best. Be more specific or choose a district to see all.
place-calendar-subscribe = Subscribe with your telephone’s calendar
place-calendar-subscribe-note = The calendar keeps itself up to date; cancelled classes are marked. You can also copy this address:
place-calendar-file = Download the calendar file
place-calendar-next = Later sessions
place-reach = Learning within fifteen minutes
place-reach-lead = Can one learn something within a fifteen minutes’ walk? Which streets, towns and villages have no place of learning yet, which have no class, and how many people live there.
place-reach-what = By district: how many streets, towns and villages have no place of learning or no class, and how many people live there.
place-reach-definition = How it is counted
place-reach-definition-place = “Has a place”: at least one open organisation of learning lies in the street or town (or village), or in a village inside it.
place-reach-definition-offer = “Has a class”: at least one of them has a class that is on or begins within { $n } days.
place-reach-definition-walk = Divisions stand for distances: a village or neighbourhood is about what one walks across in fifteen minutes. Neither the middle of a village nor the position of an organisation was measured, so kilometres would only look exact and are not used.
place-reach-definition-people = People are counted only where a population is published for the very street or town; nothing is shared out by a guess. Where none is published it says “unknown”, not zero.
place-reach-definition-source = Divisions: statistical codes of the National Bureau of Statistics. Population: census of 1 November 2020, published by district; once populations of towns are imported, this page computes with them.
place-reach-table = By district
place-reach-city = Whole city
place-reach-towns = Streets and towns
place-reach-villages = Villages
place-reach-without-place = No place
place-reach-without-offer = No class
place-reach-people = People in these towns
place-reach-partly = { $n } ({ $unknown } more towns unknown)
place-reach-csv = Download the table (CSV)
place-reach-towns-without-place = streets and towns have no place of learning
place-reach-towns-without-offer = streets and towns have no class soon
place-reach-villages-without-place = villages have no place of learning
place-reach-of = of { $n }
place-reach-gap-place-towns = { $name }: streets and towns without a place of learning
place-reach-gap-place-villages = { $name }: villages without a place of learning
place-reach-gap-offer-towns = { $name }: streets and towns without a class soon
place-reach-gap-offer-villages = { $name }: villages without a class soon
place-reach-gap-order = Most people first; where the population is unknown, most villages first: read from the top, these are the next best places to open.
place-reach-gap-none = None: all are covered.
place-reach-head-code = Code
place-reach-head-name = Name
place-reach-head-kind = Kind
place-reach-head-population = Population
place-reach-head-towns = Towns
place-reach-head-towns-place = Towns without place
place-reach-head-towns-offer = Towns without class
place-reach-head-villages = Villages
place-reach-head-villages-place = Villages without place
place-reach-head-villages-offer = Villages without class
place-reach-head-people-place = People in towns without place (as stated)
place-reach-head-people-place-unknown = Of these, towns of unknown population
place-reach-head-people-offer = People in towns without class (as stated)
place-reach-head-people-offer-unknown = Towns without class and of unknown population

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
error-portal-too-many-exports = You have { $max } exported files. Delete some of them under “My exported files” first.
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
portal-bell = Tell me of new ones
portal-bell-saved = You will be told of new ones
portal-saved = Saved searches
portal-saved-lead = When new courses or classes match, you get one text message a day at most, and they are listed here.
portal-saved-empty = Nothing is saved yet.
portal-saved-empty-how = Search for what you want to learn, then choose “Tell me of new ones”.
portal-saved-full = You can save { $max } searches. Remove some before you add more.
portal-saved-new = { $n ->
    [one] { $n } new
   *[other] { $n } new
}
portal-saved-since = Saved on { $day }.
portal-saved-none = Nothing new since you last looked.
portal-saved-more = { $n } more, have a look
portal-saved-remove = Remove
portal-saved-removed = Removed.
portal-saved-done = Saved. You will be told of new ones.
portal-saved-known = You have saved this search already.
portal-saved-back = Back to the search
portal-saved-messages = Text messages
portal-saved-messages-are-on = New ones are told by text message between nine in the morning and nine in the evening, once a day at most.
portal-saved-messages-are-off = No text messages are sent; new ones are only listed on this page.
portal-saved-messages-on = You will be told of new ones by text message.
portal-saved-messages-off = No more text messages; new ones are still listed on this page.
portal-saved-stop = No more text messages
portal-saved-start = Send text messages again
portal-saved-stop-lead = One tap, and no more text messages about new courses are sent. Your saved searches stay; sign in at any time to see what is new or to get messages again.
portal-saved-stopped = Done. No more text messages about new courses are sent.
portal-sms-title = “{ $title }”
portal-sms-comma = {", "}
portal-sms-news = { $n ->
    [one] New course that you asked for: { $titles }
    [2] New courses that you asked for: { $titles }
    [3] New courses that you asked for: { $titles }
   *[other] { $n } new courses that you asked for, among them { $titles }
}. See: { $page } . No more messages: { $stop }
error-portal-searches-full = You can save { $max } searches. Remove some under “Saved searches”, then add this one.
error-portal-nothing-asked = Write what you want to learn, or choose at least one filter, then save the search.
portal-notices = Notices
portal-notices-waiting = { $n } to be done
portal-notices-overdue = { $n } overdue
portal-batches = Batches
portal-batches-lead = What was done to many offers at once: who did it, what changed and what did not. For seven days it can be undone.
portal-batches-empty = There are no batches yet.
portal-batch-new = Change many offers
portal-batch-chosen = { $n ->
    [one] { $n } offer chosen.
   *[other] { $n } offers chosen.
}
portal-batch-what = What is to be done
portal-batch-do-publish = Publish
portal-batch-do-withdraw = Withdraw
portal-batch-do-audience = Change whom they are for
portal-batch-do-cost = Change the price
portal-batch-do-subject = Change the subject
portal-batch-audience = Whom they are for (if that is changed)
portal-batch-cost = Price in yuan (if that is changed; 0 is free)
portal-batch-subject = Subject (if that is changed)
portal-batch-set-audience = Made for: { $to }
portal-batch-set-cost = Price: { $to }
portal-batch-set-subject = Subject: { $to }
portal-batch-preview-first = Next you see the list. Nothing is changed before you confirm.
portal-batch-look = See what would change
portal-batch-would = { $n ->
    [one] { $n } offer would be changed. Look through the list, then confirm.
   *[other] { $n } offers would be changed. Look through the list, then confirm.
}
portal-batch-would-none = None of them would be changed; the reasons are below.
portal-batch-nothing-yet = Nothing has been changed yet. A list that is not confirmed is deleted after a day.
portal-batch-order = { $n ->
    [one] Confirm, change { $n } offer
   *[other] Confirm, change { $n } offers
}
portal-batch-leave = Change nothing
portal-batch-ordered = { $n ->
    [one] Confirmed: { $n } offer is changed.
   *[other] Confirmed: { $n } offers are changed.
}
portal-batch-by = { $who }, { $at }
portal-batch-undone-by = undone by { $who }
portal-batch-somebody = somebody whose account is closed
portal-batch-progress = At work: { $done } of { $all }
portal-batch-progress-label = Progress
portal-batch-refresh = Refresh
portal-batch-all = chosen
portal-batch-why = Why some are not changed
portal-batch-n = { $n ->
    [one] { $n } offer
   *[other] { $n } offers
}
portal-batch-offers = Offers
portal-batch-none-here = There are no offers here.
portal-batch-tab-all = All
portal-batch-tab-planned = would change
portal-batch-tab-unfit = would not change
portal-batch-tab-changed = changed
portal-batch-tab-refused = not changed
portal-batch-tab-undone = put back
portal-batch-tab-kept = not put back
portal-batch-item-unfit = not changed
portal-batch-item-planned = to be changed
portal-batch-item-done = changed
portal-batch-item-refused = not changed
portal-batch-item-undone = put back
portal-batch-item-kept = not put back
portal-batch-state-preview = to be confirmed
portal-batch-state-running = at work
portal-batch-state-done = done
portal-batch-state-undoing = being undone
portal-batch-state-undone = undone
portal-batch-undo = Undo this batch
portal-batch-undo-means = Until { $until } it can be undone: the offers that it changed are put back; what somebody changed since stays as it is and is listed.
portal-batch-undoing = { $n ->
    [one] { $n } offer is being put back.
   *[other] { $n } offers are being put back.
}
portal-batch-no-summary = The summary is missing.
portal-batch-no-body = The description is missing.
portal-batch-incomplete = Something is missing in it.
portal-batch-no-right = You do not manage the offers of this organisation.
portal-batch-not-there = There is no such offer, or you may not see it.
portal-batch-changed-since = Somebody changed it since; it was left alone.
error-portal-nothing-chosen = No offer is chosen. Go back to the list and tick some, or choose all.
error-portal-batch-too-large = One batch takes { $max } offers at most. Narrow the list first.
error-portal-batch-idle = None of the offers would be changed.
error-portal-batch-stage = This cannot be done with the batch now. Refresh the page to see where it stands.
error-portal-batch-old = Seven days are over, so it cannot be undone any more. Choose the offers anew and change them back.
error-portal-same-already = It is so already.
error-portal-has-classes = Classes were opened, so it cannot become a draft again. Withdraw it if nobody is to find it.

# My data
portal-data = My data
portal-data-lead = Everything that Xuecheng keeps about you is here. You may see it, correct it, download it, or have it erased at any time.
portal-data-file = Download my data
portal-data-file-what = A zip file with a page to read and print, and a data file for other systems. Your name, mobile number and learning records are in it, so keep it safe.
portal-data-empty = Nothing on record.
portal-data-count = { $n ->
    [one] { $n } record.
   *[other] { $n } records.
}
portal-data-see = See
portal-data-correct = Correct my details
portal-data-privacy = How personal data is protected
portal-data-leave = Close my account
portal-data-none = Not on record
portal-data-made = Made by { $site } on { $time }.
portal-data-proof = Each fact in the data file says its position in the public log, where you can check it: { $address }
portal-data-name = Name
portal-data-phone = Mobile number
portal-data-birth = Year of birth
portal-data-region = Home
portal-data-card = Number of the learning card
portal-data-since = Account opened
portal-data-id = Internal number (random, says nothing about you)
portal-data-consent = Agreed to version { $version } of the privacy notice
portal-data-seated = Seat taken
portal-data-given-back = Seat given back
portal-data-account = On record
portal-data-seats = Seats
portal-data-attendances = Attendances
portal-data-credits = Credit
portal-data-certificates = Certificates
portal-data-helpers = Who may act for me
portal-data-searches = Saved searches
portal-data-sessions = Devices signed in
portal-data-roles = Roles
portal-data-col-what = What
portal-data-col-value = Value
portal-data-col-class = Class
portal-data-col-org = Organisation
portal-data-col-when = Time
portal-data-col-status = Status
portal-data-col-minutes = Minutes
portal-data-col-grade = Evidence
portal-data-col-day = Day
portal-data-col-credit = Credit
portal-data-col-posted = Posted
portal-data-col-serial = Number
portal-data-col-address = Where to verify
portal-data-col-name = Name
portal-data-col-relation = Relation
portal-data-col-may = May do
portal-data-col-since = Since
portal-data-col-until = Until
portal-data-col-words = Words and filters
portal-data-col-device = Device
portal-data-col-role = Role
