# Places and organisations
network-kind-guidance-centre = City guidance centre
network-kind-college = Community college
network-kind-school = Community school
network-kind-centre = Learning centre
network-kind-senior-university = University for older people
network-kind-remote-school = Remote school for older people
network-kind-remote-point = Remote teaching point
network-kind-base = Experience base
network-kind-library = Library
network-kind-museum = Museum
network-kind-culture-centre = Culture centre
network-kind-sports-venue = Sports venue

# List of organisations
network-list-name = Name
network-list-region = Area
network-list-level = Level
network-list-kind = Kind
network-list-status = Status
network-list-offers = Published offers
network-list-phone = Telephone
network-list-address = Address
network-list-hours = Opening hours
network-list-founded = Founded
network-list-closed = Closed on
network-list-links = See
network-level-city = City
network-level-county = District or county
network-level-township = Street, town or township
network-level-village = Neighbourhood or village
network-status-open = Open
network-status-closed = Closed

# Opening hours
network-day-1 = Mon
network-day-2 = Tue
network-day-3 = Wed
network-day-4 = Thu
network-day-5 = Fri
network-day-6 = Sat
network-day-7 = Sun
network-days-all = Every day
network-days = { $from } to { $to }
network-hours-comma = {", "}
network-hours-semicolon = {"; "}
network-holidays = Public holidays
network-holidays-closed = Closed on public holidays
network-open-until = Open now, closes at { $time }
network-opens-today = Closed now, opens today at { $time }
network-opens-tomorrow = Closed for today, opens tomorrow at { $time }
network-opens-next = Closed now, opens { $day } at { $time }
network-closed-long = Closed for the next two weeks
network-special-closed = { $days }: closed
network-special-open = { $days }: open { $hours }
network-special-why = { $line } ({ $why })

# What people must know of a place
network-place = Address and hours
network-place-lead = The address, telephone and hours that residents see on the place’s page, in search and in calendars. Changes show at once.
network-place-address = Address
network-place-phone = Telephone
network-place-phone-hint = The number that residents call
network-place-week = Weekly hours
network-place-week-hint = From and to, with a comma between parts of a day, such as 8:30-12:00, 14:00-17:30. Leave days empty on which the place is closed.
network-place-holidays = Public holidays
network-place-holidays-hint = Which days are holidays or worked weekends stands in the city’s table of holidays.
network-place-holidays-usual = Open as usual
network-place-holidays-closed = Closed
network-place-holidays-other = Other hours
network-place-holiday-hours = Hours on public holidays
network-place-holiday-hours-hint = Only with “Other hours”
network-place-specials = Days that differ
network-place-specials-hint = One entry a line: the date or dates, then “closed” or the hours, then the reason if you like. Example: 2027-02-10 to 2027-02-24 closed renovation. Entries that are over go by themselves.
network-place-closed-word = closed
network-place-remark = Remark
network-place-remark-hint = What does not fit above, such as “groups please book a day ahead”
network-place-save = Save
network-place-saved = The address and hours were saved.
network-place-see = See the place’s page
network-place-holidays-known = See the table of holidays

# Managing an organisation
network-manage = Manage
network-rename = Change the name
network-rename-lead = The new name holds at once; certificates and documents of before keep the name of their time.
network-rename-name = Name
network-renamed = The name was changed.
network-found = Found an organisation below
network-found-lead = It will stand below { $name }; people and offers can be added right away.
network-found-kind = Kind
network-found-region = Area that it serves
network-found-region-hint = The 12-digit code of the division or its full name, such as 500106004000 or 磁器口街道
network-found-day = Founded on
network-founded = { $name } was founded.
network-found-go = Found it
network-choose = Please choose
network-close = Close the organisation
network-close-lead = It will no longer be found or listed. Its records and certificates stay, and the organisation above answers for them.
network-close-open-below = Organisations below it are still open, so it cannot be closed.
network-close-confirm = Yes, close { $name }
network-close-go = Close it
network-closed-done = { $name } was closed.

# Table of holidays
network-holiday-table = Table of holidays
network-holiday-lead = Places of the city are open or closed on “public holidays” by this table. Enter the next year’s arrangement here when the State Council has announced it.
network-holiday-year = Year
network-holiday-days = Holidays and worked weekends
network-holiday-days-hint = One day a line: the date, 休 (off) or 班 (worked weekend), then the holiday’s name if you like. Example: 2026-10-01 休 国庆节
network-holiday-known = Years entered
network-holiday-edit = Change this year
network-holiday-none = No year was entered yet.
network-holiday-count = { $year }: { $off } days off, { $worked } worked weekend days
network-holiday-saved = The holidays of { $year } were entered: { $n } days.
network-holiday-missing = The holidays of { $year } were not entered yet: until then places show their usual hours.

# Errors
error-network-no-region = There is no division with this code.
error-network-no-parent = There is no such organisation to stand above.
error-network-parent-closed = The organisation above is closed; nothing can be founded below it.
error-network-bad-place = A longitude lies between -180 and 180, a latitude between -90 and 90.
error-network-has-children = { $n } { $n ->
    [one] organisation below is
   *[other] organisations below are
} still open. Deal with them first.
error-network-already-closed = This organisation is closed already.
error-network-bad-file = The file is not a table as prescribed: separated by commas, names of columns in the first line, all needed columns present.
error-network-bad-parent = The division above does not exist, or the code does not lie inside it.
error-network-bad-population = A population is a whole number from 0.
error-network-twice = The same code stands in the file twice.
error-network-bad-opening = “{ $part }” cannot be read. Write times like 8:30-12:00, the earlier first, at most four parts a day, and dates like 2027-02-10.
error-network-bad-holiday = Line { $line }, “{ $text }”, cannot be read: write the date and 休 or 班.
error-network-holiday-twice = Line { $line }, “{ $text }”, is no day of this year or stands there twice.
error-network-region-unclear = There is no area named “{ $text }”, or more than one. Please give the 12-digit code.
error-network-confirm-close = Please tick to confirm.
