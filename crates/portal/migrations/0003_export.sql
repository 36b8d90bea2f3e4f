-- A list that somebody has written to a file: what was asked for, how far it is, until when the file is kept. No record: it goes with its
-- file.
CREATE TABLE export (
    export_id text NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    list text NOT NULL,
    query text NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
    lang text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'writing', 'done', 'failed')),
    rows_done bigint NOT NULL,
    rows_about bigint,
    length bigint,
    run bigint NOT NULL,
    job_id text NOT NULL,
    made_at bigint NOT NULL,
    finished_at bigint,
    expires_at bigint NOT NULL
);
-- local
CREATE INDEX export_by_person ON export (person_id, export_id);
CREATE INDEX export_by_expiry ON export (expires_at);

-- The file in pieces, sealed with a key that is not in the database. Those of a run that was broken off are never given.
CREATE TABLE export_piece (
    export_id text NOT NULL,
    run bigint NOT NULL,
    number bigint NOT NULL,
    sealed bytes NOT NULL,
    PRIMARY KEY (export_id, run, number)
);
-- local
