statistics-title = The city in { $year }
statistics-lead = Every figure is computed from the records themselves; follow it down to the sessions and records that it is made of.
statistics-derived = Derived figures
statistics-f-attendances = Attendances
statistics-f-learners = Learners
statistics-f-minutes = Minutes of learning
statistics-f-hours = hours of learning
statistics-f-certificates = valid certificates (all years)
statistics-f-places = places of learning
statistics-parts = { $checkins } check-ins and { $visitors } counted visits
statistics-what = What does this count?
statistics-what-attendances = One person at one session is one attendance. Visitors without an account who were counted add to it and are shown apart. Records taken back do not count.
statistics-what-learners = Distinct people who checked in at least once in the year. Who learns at several places or in several months is one learner, so these numbers cannot be added up. Visitors without an account are not among them.
statistics-what-hours = The recorded minutes of all check-ins, in hours of 60 minutes.
statistics-what-minutes = The recorded minutes of all check-ins, as corrected; records taken back do not count.
statistics-what-certificates = Certificates that were issued and not revoked.
statistics-by-district = By district
statistics-by-month = Attendances by month
statistics-month = { $n ->
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
   *[other] December
}
statistics-month-head = Month
statistics-place = Organisation or class
statistics-attendances = Check-ins
statistics-visitors = Counted visits
statistics-learners = Learners
statistics-minutes = Minutes
statistics-empty = There are no records for this time.
statistics-not-added = Attendances add up; learners do not, because one person may learn at several places and in several months.
statistics-reported = Reported figures
statistics-reported-lead = These numbers come from published documents and not from records; they are shown apart from those above.
statistics-reported-empty = Nothing has been reported yet.
statistics-subject = What
statistics-value = Value
statistics-as-of = When
statistics-where = Where
statistics-status = Status
statistics-disputed = Disputed
statistics-disputed-lead = The same document gives another number for the same thing; nobody can tell which is right, so it enters no sum:
statistics-stated = As documented
statistics-words = Words
statistics-document = Document
statistics-made-of = Made of
statistics-session = Session
statistics-record = Record
statistics-evidence = Evidence
statistics-a-checkin = A check-in
statistics-visitors-n = { $n ->
    [one] 1 counted visit
   *[other] { $n } counted visits
}
statistics-no-names = Names are seen only by staff of this organisation and of those above it.
statistics-fewer = fewer than { $n }
statistics-csv = Download the table (CSV)
