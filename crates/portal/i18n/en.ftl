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
portal-all-teaching = All my teaching
portal-role-teacher = Teacher
portal-role-staff = Staff
portal-role-head = Head
portal-role-auditor = Auditor
portal-below = { $n } organisations below
portal-offers = Offers and classes
portal-org-figures = Figures of this organisation
portal-this-week = Sessions within seven days
portal-this-week-empty = No sessions within seven days.
portal-taken = { $taken } of { $capacity } seats taken
