-- Who may act for whom, since both agreed, until one of them ends it or its time is over. Vouched for by facts.
CREATE TABLE helper (
    person_id text NOT NULL,
    helper_id text NOT NULL,
    may text NOT NULL CHECK (may IN ('look', 'act')),
    relation text NOT NULL CHECK (relation IN ('family', 'volunteer', 'guardian', 'counter')),
    org_id text,
    since bigint NOT NULL,
    ends_at bigint,
    ended_at bigint,
    begun_at bigint,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, helper_id)
);
-- shard: person_id with person

CREATE INDEX helper_helps ON helper (helper_id);

-- Codes by which somebody lets another one become her helper; of each only a keyed digest.
CREATE TABLE helper_code (
    digest text NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    may text NOT NULL,
    relation text NOT NULL,
    expires_at bigint NOT NULL
);
-- shard: digest

CREATE INDEX helper_code_person ON helper_code (person_id);

-- What helpers did for somebody, in the order of the journal.
CREATE TABLE helper_deed (
    person_id text NOT NULL,
    pos bigint NOT NULL,
    helper_id text NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (person_id, pos)
);
-- shard: person_id with person

-- For whom a session acts, and until when; empty: for its own person.
ALTER TABLE web_session ADD COLUMN helped_id text;
ALTER TABLE web_session ADD COLUMN helped_until bigint;
