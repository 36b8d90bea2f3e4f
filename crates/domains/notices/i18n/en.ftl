notices-inbox = Notices received
notices-inbox-lead = Notices from above to your organisation: open ones first, those past their last day are marked.
notices-inbox-none = No notice has come yet.
notices-sent = Notices sent
notices-sent-lead = Notices that your organisation and those below it have sent, and drafts.
notices-sent-none = No notice has been sent yet.
notices-new = Write a notice
notices-edit = Change the notice
notices-search = Find a title
notices-search-place = Find an organisation
notices-count = { $n ->
    [one] { $n } notice
   *[other] { $n } notices
}
notices-count-more = more than { $n } notices
notices-places = Organisations that this notice reached
notices-places-none = No organisation here.
notices-places-count = { $n ->
    [one] { $n } organisation
   *[other] { $n } organisations
}
notices-places-count-more = more than { $n } organisations
notices-pages = Pages
notices-previous = Previous page
notices-choose = Please choose
notices-colon = :{" "}
notices-comma = ,{" "}
notices-yes = Yes
notices-no = No
notices-leave = Back

notices-list-title = Title
notices-list-state = Progress
notices-list-due = Last day
notices-list-place = Organisation
notices-list-sender = Sender
notices-list-wants = Asks for
notices-list-sent = Sent
notices-list-made = Begun
notices-list-reminded = Reminded
notices-list-status = Status
notices-list-places = Organisations
notices-list-opened = Opened
notices-list-done = Answered
notices-list-silent = Silent
notices-list-whose = Which
notices-list-phone = Telephone
notices-list-opened-at = Opened at
notices-list-answered-at = Handed over at
notices-list-reminders = Reminders
notices-list-kind = Kind
notices-list-region = Code of region
notices-list-actions = Actions
notices-whose-above = From above to those below mine

notices-wants-receipt = A receipt only
notices-wants-table = A table to fill in
notices-state-new = New
notices-state-waiting = To be answered
notices-state-unopened = Not opened
notices-state-overdue = Overdue
notices-state-returned = Returned
notices-state-done = Answered
notices-state-read = Read
notices-status-draft = Draft
notices-status-sent = Open
notices-status-overdue = Past its last day
notices-status-closed = Closed
notices-status-withdrawn = Withdrawn
notices-filter-open = To be done
notices-filter-overdue = Overdue
notices-filter-done = Done
notices-filter-ended = Closed or withdrawn
notices-filter-silent = Silent
notices-filter-returned = Returned
notices-filter-opened = Opened
notices-filter-unopened = Not opened
notices-see-answer = See
notices-answer-for = Answer for it

notices-form-lead = It is kept as a draft first; see whom it reaches, then send it. Once sent, text and table stand as they are.
notices-form-whom = To whom
notices-form-what = What it asks for
notices-form-choose = Choose organisations one by one
notices-form-children = Organisations directly below
notices-form-next = The next page lists everybody whom it reaches. Nothing is sent before you confirm.
notices-form-save = Keep the draft and look
notices-field-org = Sender
notices-field-title = Title
notices-field-title-hint = At most 80 characters
notices-field-body = Text
notices-field-due = Last day
notices-field-due-hint = Answers on that day are in time; leave it empty for none
notices-field-prompting = Remind by itself
notices-field-prompting-hint = Two days before the last day, and on its morning, whoever is silent is reminded
notices-field-wants = It asks for
notices-field-many = Each organisation may fill in several rows
notices-field-many-hint = Otherwise each fills in one row
notices-field-aim = To whom
notices-field-kinds = Kinds of organisations
notices-field-others = Other organisations below
notices-field-others-hint = One full name on each line
notices-if-kinds = (when sending by kind)
notices-if-chosen = (when choosing one by one)
notices-aim-children = All organisations directly below
notices-aim-kinds = All organisations of some kinds below
notices-aim-chosen = Organisations chosen one by one
notices-aim-of-kinds = Below, all of these kinds: { $kinds }
notices-aim-of-chosen = { $n ->
    [one] { $n } chosen organisation
   *[other] { $n } chosen organisations
}
notices-columns = Columns of the table
notices-columns-lead = Not needed where only a receipt is asked for. Columns left empty do not count.
notices-columns-more = Three more columns
notices-column = Column { $n }
notices-column-name = Name
notices-column-kind = What stands in it
notices-column-required = Must be filled in
notices-column-hint = Hint
notices-column-more = Hint, choices and bounds
notices-column-choices = Choices
notices-column-choices-hint = For “one of some choices” only, parted by commas
notices-column-min = Least
notices-column-max = Greatest
notices-column-bounds-hint = For numbers only; may stay empty
notices-kind-whole = A whole number
notices-kind-decimal = A number (at most four decimals)
notices-kind-text = Text
notices-kind-day = A day
notices-kind-yesno = Yes or no
notices-kind-choice = One of some choices
notices-drafted = The draft is kept. Nothing was sent yet.
notices-saved = The draft was changed. Nothing was sent yet.

notices-preview = { $n ->
    [one] It will reach { $n } organisation, listed below. Nothing was sent yet.
   *[other] It will reach { $n } organisations, listed below. Nothing was sent yet.
}
notices-preview-none = As it stands it reaches nobody. Please change to whom it goes.
notices-preview-many = It would reach more than { $max } organisations. Please send it to fewer at a time.
notices-preview-list = Whom it reaches
notices-send = { $n ->
    [one] Send it to this { $n } organisation
   *[other] Send it to these { $n } organisations
}
notices-sent-done = { $n ->
    [one] Sent to { $n } organisation.
   *[other] Sent to { $n } organisations.
}
notices-drop = Do not send, discard the draft
notices-part-only = Only those below yours
notices-text = The notice
notices-no-due = No last day
notices-prompting = Reminds by itself
notices-many = Each organisation may fill in several rows.
notices-one = Each organisation fills in one row.
notices-receipt-what = A receipt only: whoever opens the notice for an organisation leaves it.
notices-figure-places = organisations
notices-figure-opened = have opened it
notices-figure-done = have answered
notices-figure-silent = are silent
notices-figure-unread = have not read it
notices-figure-returned = were returned
notices-progress = How many have answered
notices-answers = All answers
notices-xlsx = Download for Excel
notices-csv = Download CSV
notices-see-silent = Who is silent
notices-doing = What you can do
notices-remind = { $n ->
    [one] Remind the { $n } organisation that is silent
   *[other] Remind the { $n } organisations that are silent
}
notices-reminded-at = Reminded last at { $at }. Twelve hours lie between two reminders.
notices-reminded-done = { $n ->
    [one] { $n } organisation is being reminded; messages are on their way.
   *[other] { $n } organisations are being reminded; messages are on their way.
}
notices-extend = Make the last day later
notices-extended-done = The last day is later now.
notices-field-due-new = New last day
notices-field-due-new-hint = It is { $due } now and can only become later
notices-close = Close this notice
notices-close-what = Then nobody can answer or correct any more. What was answered stays.
notices-closed-done = The notice is closed.
notices-withdraw = Withdraw this notice
notices-withdrawn-done = The notice was withdrawn.
notices-withdrawn-because = This notice was withdrawn: { $reason }
notices-field-reason = Reason
notices-field-reason-hint = Those whom it reached will see it

notices-ended = This notice is closed and takes no answers any more.
notices-returned-because = Returned; please mend it and hand it over again: { $reason }
notices-late = The last day has passed. You can still answer; it will be shown as late.
notices-was-reminded = You were reminded on { $at }. Please answer soon.
notices-receipt = Receipt
notices-version = {" "}(handed over { $n ->
    [one] once
   *[other] { $n } times
})
notices-see-below = See those below yours
notices-receipt-left = The receipt of your organisation was left. There is nothing else to do.
notices-fill-in = Fill in
notices-correct-lead = You have answered before; below stands what you handed over last. You can correct it until the last day, and every version is kept.
notices-many-lead = Fill in as many rows as you have, at most { $max }. Rows left empty do not count.
notices-one-lead = Your organisation fills in one row.
notices-row = Row { $n }
notices-rows-more = Five more rows
notices-nothing = We have nothing to report
notices-nothing-hint = Tick this if there is not one row
notices-nothing-to-report = Nothing to report
notices-submit = Hand over
notices-correct = Hand over the correction
notices-keep = Keep for later
notices-kept = Kept. It was not handed over yet.
notices-answered = Handed over.
notices-corrected = The correction was handed over; it is version { $n }.
notices-own-answer = What your organisation handed over
notices-least = Not less than { $min }.
notices-most = Not more than { $max }.
notices-between = From { $min } to { $max }.
notices-file = Fill in by file
notices-file-lead = Download the empty table, fill it in and bring it here. The whole file is checked first: only if all is right it is read into the form above, for you to look at and hand over. Else every mistake is listed, and nothing that you have filled in is lost.
notices-blank-xlsx = Empty table (Excel)
notices-blank-csv = Empty table (CSV)
notices-field-file = The file
notices-field-file-hint = Excel (.xlsx) or CSV (UTF-8), at most { $kib } KiB
notices-file-check = Check and read
notices-file-read = { $n ->
    [one] The file is right; { $n } row was read. Look at it, then hand it over.
   *[other] The file is right; { $n } rows were read. Look at them, then hand them over.
}
notices-file-wrong = { $n ->
    [one] There is { $n } thing to mend in the file
   *[other] There are { $n } things to mend in the file
}
notices-file-wrong-lead = It was not read, and nothing has changed. Please mend it in the file and bring it again.
notices-file-faults = What to mend in the file
notices-fault-line = Line
notices-fault-column = Column
notices-fault-value = It says
notices-fault-mend = How to mend it

notices-answers-count = { $done } of { $places } organisations have answered, with { $rows ->
    [one] { $rows } row.
   *[other] { $rows } rows.
}
notices-answers-silent = { $n ->
    [one] { $n } is silent
   *[other] { $n } are silent
}
notices-answers-none = Nobody has answered yet
notices-answers-none-text = Answers will stand here, and numbers are added up.
notices-sum = Total
notices-who = By
notices-when = At
notices-program = the program
notices-somebody = somebody who has left
notices-names-noted = Opening this page and downloading the sheet are both written down as readings.
notices-answer-none = Nothing was handed over yet
notices-version-of = Version { $n }
notices-by-at = { $who }, { $at }
notices-return = Return it
notices-field-return = Why it is returned
notices-field-return-hint = They will see it; say what has to be mended
notices-returned-done = It was returned; they will mend it and hand it over again.

notices-sms-due = [Xuecheng] { $sender } reminds you: { $place } has not answered “{ $title }”, due { $due }. Please sign in: { $page }
notices-sms = [Xuecheng] { $sender } reminds you: { $place } has not answered “{ $title }”. Please sign in: { $page }

error-notices-no-fields = A table has at least one column and at most { $max }
error-notices-same-name = Two columns have the same name; change one
error-notices-bad-choices = Give { $min } to { $max } choices, each once and no longer than 40 characters; leave them out where nothing is chosen
error-notices-bad-bounds = Give numbers of the column’s kind, the least not above the greatest; leave them out where no number stands
error-notices-not-draft = This notice was sent and cannot be changed any more
error-notices-due-behind = The last day has passed; choose today or a later day
error-notices-sender-closed = This organisation is closed and cannot send notices
error-notices-nobody = It would reach nobody; change to whom it goes first
error-notices-too-many-places = One notice reaches at most { $max } organisations; send it to fewer
error-notices-unknown-place = There is no “{ $name }” below, or there are several. Give the full name, or its identifier
error-notices-not-open = This notice was not sent yet, or it was closed or withdrawn
error-notices-not-later = The new last day has to be later than the present one
error-notices-reminded-lately = They were reminded at { $at }; { $hours } hours lie between two reminders, so the next can go out after { $again }
error-notices-nobody-silent = Everybody has answered; there is nobody to remind
error-notices-too-late = The last day has passed and what was handed over stands. Ask the sender to return it if it has to be changed
error-notices-no-table = This notice asks for a receipt only
error-notices-not-answered = This organisation has not answered, so there is nothing to return
error-notices-cell-empty = Row { $row }, “{ $column }”: fill it in
error-notices-cell-whole = Row { $row }, “{ $column }” says “{ $value }”: give a whole number such as 120
error-notices-cell-decimal = Row { $row }, “{ $column }” says “{ $value }”: give a number with at most four decimals, such as 12.5
error-notices-cell-day = Row { $row }, “{ $column }” says “{ $value }”: give a day such as 2026-11-23
error-notices-cell-yesno = Row { $row }, “{ $column }” says “{ $value }”: give yes or no
error-notices-cell-choice = Row { $row }, “{ $column }” says “{ $value }”: choose one of { $choices }
error-notices-cell-bounds = Row { $row }, “{ $column }” says { $value }, which is out of bounds (least { $min }, greatest { $max })
error-notices-cell-long = Row { $row }, “{ $column }” has { $length } characters, at most { $max }: shorten it
error-notices-cell-characters = Row { $row }, “{ $column }” holds invisible control characters: type it again
error-notices-no-rows = There is no row. If you have nothing to report, tick so
error-notices-too-many-rows = There are { $rows } rows, at most { $max }: part or join them
error-notices-answer-long = It is too long: at most { $kib } KiB in all and { $cell } characters in a cell
error-notices-file-kind = This file cannot be read. Save it as an Excel workbook (.xlsx), or as CSV in UTF-8
error-notices-file-empty = There is no heading in the file. Use the empty table: its first line names the columns
error-notices-file-column = The file has no column “{ $column }”: add it
error-notices-file-unknown = The table has no column “{ $column }”, or it stands there twice: take it out
error-notices-one-row = There are { $rows } rows; in this table each organisation fills in { $max }
error-notices-sheet-long = The sheet has more than { $max } rows, too many for one file. Look at it on the page, or let each district download its own
