activities-demo = Demo data
activities-audience-everyone = For everyone
activities-audience-older = For older people
activities-audience-adults = For adults
activities-audience-family = For families
activities-audience-children = For children
activities-audience-farmers = For farmers
activities-audience-jobseekers = For job seekers
activities-audience-staff = For staff
activities-free = Free
activities-cost = { $yuan } yuan
activities-bring = What to bring
activities-classes = When it takes place
activities-open-class = Open a class
activities-no-classes = No class of this offer is coming up.
activities-ask = Ask about the next one by phone:
activities-similar = Find something similar
activities-begins-with = ({ $n ->
    [one] one session
   *[other] first of { $n } sessions
})
activities-more-sessions = { $n ->
    [one] and one more session
   *[other] and { $n } more sessions
}
activities-free-seats = { $n ->
    [one] 1 seat free
   *[other] { $n } seats free
}
activities-of-seats = (of { $n })
activities-my-seat = My seat
activities-sign-up = Sign up
activities-sign-in-and-up = Sign in to sign up
activities-full-here = All seats are taken.
activities-open = When it is open
activities-open-unknown = The opening hours are not recorded yet. Please call before you go.
activities-open-just-go = No need to sign up: just go while it is open.
activities-where = Where
activities-when = When
activities-seat-taken = You have a seat.
activities-seat-already = You already had a seat; it is still yours.
activities-seat-cancelled = You gave your seat back.
activities-seat-yours = Your seat is kept for you.
activities-seat-given-back = You gave your seat in this class back.
activities-check-in = Check in
activities-next = What comes next
activities-next-come = Come to the room, ten minutes early if you can.
activities-next-code = The teacher shows a check-in code: enter it on your phone. A learning card does just as well.
activities-next-credit = After class, minutes and credit go into your learning passport by themselves.
activities-calendar = Add to my calendar
activities-about-offer = About this offer
activities-cannot-come = Cannot come?
activities-cancel-hint = Your seat goes to somebody else. You can cancel until the class begins.
activities-cancel = Give my seat back
activities-full-title = All seats are taken
activities-full-lead = The last seat in “{ $title }” has just gone; you were not signed up.
activities-full-none = No other class of this offer has free seats at the moment.
activities-full-others = Other classes of the same offer
activities-taken-of = { $taken } of { $capacity } seats taken
activities-status-open = open
activities-status-closed = closed
activities-status-cancelled = cancelled
activities-sessions = Sessions
activities-session-n = Session { $n }
activities-roster = Roster
activities-roster-empty = Nobody has signed up yet.
activities-name = Name
activities-enrolled-at = Signed up
activities-close = Close the class
activities-class-opened = The class is open; residents can sign up now.
activities-f-title = Title of the class
activities-f-title-hint = As it will stand on the certificate
activities-f-first = Start of the first session
activities-f-minutes = Minutes per session
activities-f-sessions = Number of sessions
activities-f-sessions-hint = 1 for a single event
activities-f-every = Days between sessions (7 for weekly)
activities-f-capacity = Seats
activities-f-venue = Venue
activities-f-room = Room
activities-f-teacher = Teacher's phone number
activities-f-teacher-hint = The teacher must be registered with it; leave empty to decide later
error-activities-full = All seats are taken. Please choose another class.
error-activities-not-open = “{ $title }” is over, closed or cancelled; nobody can join it any more.
error-activities-not-seated = There is no seat of yours in this class to give back.
error-activities-already-begun = The class has begun; a seat can no longer be given back.
error-activities-open-venue = An open venue has no classes: residents come during the opening hours. To hold a class, write a course or a lecture.
error-activities-offer-not-published = The offer is not published, so residents cannot see it. Publish it first, then open a class.
error-activities-bad-sessions = A class has 1 to 200 sessions.
error-activities-bad-session-time = A session must end after it starts and last at most 12 hours.
error-activities-sessions-overlap = Two sessions overlap. Please change the interval.
error-activities-bad-capacity = A class has 1 to 100,000 seats.
error-activities-teacher-busy = The teacher already has a session at { $time }. Choose another time or teacher.
error-activities-no-teacher = Nobody is registered with this phone number. Check it, or leave the field empty.
