-- When a place is open, in the notation of `opening_hours`; the older `hours` are words beside it.
ALTER TABLE org ADD COLUMN opening text NOT NULL DEFAULT '';

-- Public holidays and worked weekends of a year, a line for each day, as the State Council announces them.
CREATE TABLE holiday_year (
    year bigint NOT NULL PRIMARY KEY CHECK (year BETWEEN 1949 AND 2999),
    days text NOT NULL,
    rev bigint NOT NULL
);
-- copy: everywhere
